//! Checks the macOS program without a Mac: that it lints, links, and is a valid program for macOS
//! 11. It is never run here.
//!
//! Theory of operation. Rust compiles for Apple's systems on any host; only linking needs something
//! from Apple, and of that only the lists of what the system libraries export. So on Linux the
//! linker is the `rust-lld` of the Rust toolchain (rustc itself passes `-flavor darwin` when the
//! linker flavour is `ld64.lld`), and the SDK is a folder of export lists, made by [`stubs`]. The
//! list of libSystem is that of macOS 11, the oldest supported system: a misspelt call fails, and
//! so does a call that only newer systems have. On a Mac the same task uses Apple's own linker and
//! SDK. Either way the file is evidence, not a product. Code that the linker drops because nothing
//! calls it is not checked.
//!
//! Nothing here affects other builds: everything special is an argument or a variable of one
//! command, so that neither `cargo build` on a Mac nor a build for this host is changed.
//!
//! A check that cannot fail is worthless. Before it links goplswatch the task links three tiny
//! programs: one with a correct name, which must pass every check, one with a misspelt name and (on
//! Linux) one with a name from macOS 14.4, which must fail *because of that name*.

mod macho;
mod stubs;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, bail};

use crate::lints;
use crate::run;
use crate::steps::Steps;
use macho::{Image, OLDEST_MACOS, Processor};

/// One of the two targets.
#[derive(Clone, Copy)]
struct Target {
    triple: &'static str,
    processor: Processor,
}

/// Apple silicon, for which the lints run.
const LINTED: Target = Target { triple: "aarch64-apple-darwin", processor: Processor::Arm64 };

const TARGETS: [Target; 2] = [LINTED, Target { triple: "x86_64-apple-darwin", processor: Processor::X86_64 }];

/// The packages that make up the macOS program, the executable's own last.
const PACKAGES: [&str; 9] = [
    "goplswatch-core",
    "goplswatch-gopls",
    "goplswatch-probe",
    "goplswatch-disk",
    "goplswatch-remedy",
    "goplswatch-view",
    "goplswatch-tray",
    "goplswatch-agent",
    "goplswatch",
];

/// The SDK version recorded in the file. Systems choose old or new behaviour by it, so it is a
/// recent one.
const SDK: &str = "15.0";

/// Crates by which build scripts compile C or look for C libraries. `C` for an Apple target needs
/// Apple's headers.
const C_BUILDERS: [&str; 8] = ["autotools", "bindgen", "cc", "cmake", "cxx-build", "nasm-rs", "pkg-config", "swift-rs"];

/// Runs the whole task; see the module.
pub(crate) fn run(steps: &Steps) -> Result<()> {
    for target in TARGETS {
        steps.step(&format!("{}: installed", target.triple), || install(target))?;
    }
    let linker = steps.step("linker and stubs at hand", Linker::find)?;
    // Apart from layouts, which are asserted at compile time, no line of our code depends on the
    // processor: the lints of one target would find the same in the other.
    steps.step(&format!("{}: lint", LINTED.triple), || lint(LINTED, lints::strictness(steps)?))?;
    for target in TARGETS {
        let triple = target.triple;
        steps.step(&format!("{triple}: compiles no C"), || compiles_no_c(target))?;
        steps.step(&format!("{triple}: the link can fail"), || check_the_gate(target, &linker))?;
        let file = steps.step(&format!("{triple}: link"), || link(target, &linker))?;
        let summary =
            steps.step(&format!("{triple}: examine"), || examine(&file, target.processor, Image::complaints))?;
        println!("{:18}{summary}", "");
    }
    Ok(())
}

/// Installs the standard library of the target if it is absent.
fn install(target: Target) -> Result<()> {
    if sysroot()?.join("lib/rustlib").join(target.triple).join("lib").is_dir() {
        return Ok(());
    }
    let advice = format!(
        "Rust's standard library for {0} is absent and could not be added. Run `rustup target add {0}`",
        target.triple
    );
    let output = run::attempt(Command::new("rustup").args(["target", "add", target.triple])).context(advice.clone())?;
    if !output.status.success() {
        bail!("{advice}. It said:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

fn sysroot() -> Result<PathBuf> {
    Ok(run::stdout_of(rustc().args(["--print", "sysroot"]))?.into())
}

fn rustc() -> Command {
    Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
}

/// The linker and its SDK.
enum Linker {
    /// The toolchain's own lld, with a folder of stubs in place of the SDK.
    Lld { program: PathBuf, sdk: PathBuf },
    /// Apple's own, on a Mac.
    System,
}

impl Linker {
    fn find() -> Result<Self> {
        if cfg!(target_os = "macos") {
            run::stdout_of(Command::new("xcrun").args(["--sdk", "macosx", "--show-sdk-path"]))
                .context("Apple's linker and SDK are absent. Run `xcode-select --install`")?;
            return Ok(Self::System);
        }
        let host = run::stdout_of(rustc().arg("-vV"))?;
        let host = host.lines().find_map(|line| line.strip_prefix("host: ")).context("`rustc -vV` names no host")?;
        let program = sysroot()?.join("lib/rustlib").join(host).join("bin/rust-lld");
        if !program.is_file() {
            bail!("{} is absent: this Rust carries no lld. Use a toolchain that rustup installed", program.display());
        }
        Ok(Self::Lld { program, sdk: stubs::assemble()? })
    }

    /// Arguments of rustc for the linked crate. Cargo sees them, so a change of the stubs causes a
    /// new link, and nothing else.
    fn arguments(&self) -> Vec<String> {
        match self {
            Self::Lld { program, sdk } => {
                let oldest = oldest_macos();
                let mut arguments =
                    vec![format!("-Clinker={}", program.display()), "-Clinker-flavor=ld64.lld".to_owned()];
                // rustc passes `-dead_strip` itself, and passes the oldest system also as the SDK
                // version; the last of two options wins. lld searches this folder anyway; naming it
                // here shows cargo which stubs were used.
                let search = format!("-L{}", sdk.join("usr/lib").display());
                for word in ["-dead_strip_dylibs", "-platform_version", "macos", &oldest, SDK, &search] {
                    arguments.push(format!("-Clink-arg={word}"));
                }
                arguments
            }
            Self::System => vec!["-Clink-arg=-Wl,-dead_strip_dylibs".to_owned()],
        }
    }

    /// Sets the environment that the linking command needs.
    fn equip(&self, command: &mut Command) {
        command.env("MACOSX_DEPLOYMENT_TARGET", oldest_macos());
        if let Self::Lld { sdk, .. } = self {
            command.env("SDKROOT", sdk);
        }
    }
}

fn oldest_macos() -> String {
    format!("{}.{}", OLDEST_MACOS.0, OLDEST_MACOS.1)
}

/// A cargo command for the target, without a C compiler. It shares the target folder with the host:
/// build scripts and macros, which run on the host and are many, are the same for both.
fn cargo(target: Target, verb: &str) -> Result<Command> {
    let underscored = target.triple.replace('-', "_");
    let mut cargo = run::cargo()?;
    for compiler in ["CC", "CXX"] {
        cargo.env(format!("{compiler}_{underscored}"), "nothing-here-may-compile-C");
    }
    cargo.args([verb, "--quiet", "--locked", "--target", target.triple]);
    Ok(cargo)
}

fn products() -> Result<PathBuf> {
    Ok(run::target_dir()?.join("darwin"))
}

/// Lints what ships, and the tests of the one crate whose tests differ on macOS.
fn lint(target: Target, strictness: &[&str]) -> Result<()> {
    let mut shipped = cargo(target, "clippy")?;
    for package in PACKAGES {
        shipped.args(["--package", package]);
    }
    run::run(shipped.args(["--lib", "--bins", "--"]).args(strictness))?;
    run::run(cargo(target, "clippy")?.args(["--package", "goplswatch-probe", "--tests", "--"]).args(strictness))
}

/// Fails if a dependency would compile C, detected by the crates that build scripts use for that.
fn compiles_no_c(target: Target) -> Result<()> {
    let mut tree = run::cargo()?;
    tree.args(["tree", "--package", "goplswatch", "--target", target.triple, "--edges", "normal,build"]);
    let tree = run::stdout_of(tree.args(["--prefix", "none", "--format", "{p}"]))?;
    let found = c_builders(&tree);
    if let Some(first) = found.first() {
        bail!(
            "the macOS program would compile C, or look for C libraries, through {}. `cargo tree --package goplswatch --target {} \
             --edges normal,build --invert {first}` shows who asks for it: turn that feature off or take another crate",
            found.join(", "),
            target.triple
        );
    }
    Ok(())
}

/// The C builders among the lines of a dependency tree, each a name and a version.
fn c_builders(tree: &str) -> Vec<&'static str> {
    let names = tree.lines().filter_map(|line| line.split_whitespace().next()).collect::<Vec<_>>();
    C_BUILDERS.into_iter().filter(|builder| names.contains(builder)).collect()
}

/// Links the program and returns its path.
///
/// The required symbols and libraries do not depend on optimisation, but the time does: the shipped
/// profile takes minutes.
fn link(target: Target, linker: &Linker) -> Result<PathBuf> {
    let mut link = cargo(target, "rustc")?;
    linker.equip(&mut link);
    // The cheapest possible link. With debug assertions objc2 calls functions that the product
    // never does.
    link.env("CARGO_PROFILE_DEV_DEBUG", "false").env("CARGO_PROFILE_DEV_DEBUG_ASSERTIONS", "false");
    link.args(["--package", "goplswatch", "--bin", "goplswatch", "--"]).args(linker.arguments());
    run::run(&mut link).context(
        "the macOS program does not link. \"library not found\" or \"framework not found\" is a library without a stub: \
         packaging/darwin-stubs/README.md says how to add one. \"undefined symbol\" with no library missing is a name \
         that macOS 11 does not have: correct it, or look it up at run time",
    )?;
    Ok(run::target_dir()?.join(target.triple).join("debug/goplswatch"))
}

/// Reads the program and fails with everything that is wrong with it.
fn examine(file: &Path, processor: Processor, complain: fn(&Image, Processor) -> Vec<String>) -> Result<String> {
    let bytes = fs::read(file).with_context(|| format!("could not read {}", file.display()))?;
    let image = macho::read(&bytes).with_context(|| format!("{} is not what was linked for", file.display()))?;
    let complaints = complain(&image, processor);
    if !complaints.is_empty() {
        bail!("{} would not do on a Mac: {}", file.display(), complaints.join("; "));
    }
    Ok(image.summary())
}

/// A tiny program that calls one C function, and whether it must link.
struct Trial {
    function: &'static str,
    links: bool,
}

/// A function of libproc that macOS has had since 10.5.
const RIGHT: Trial = Trial { function: "proc_listallpids", links: true };
/// The same, misspelt.
const MISSPELT: Trial = Trial { function: "proc_listallpidz", links: false };
/// A function of libSystem that came with macOS 14.4 (`os/os_sync_wait_on_address.h`).
const TOO_NEW: Trial = Trial { function: "os_sync_wait_on_address", links: false };

/// Links the trial programs, to prove that the link accepts what is right and rejects what is
/// wrong.
fn check_the_gate(target: Target, linker: &Linker) -> Result<()> {
    let trials: &[Trial] = match linker {
        Linker::Lld { .. } => &[RIGHT, MISSPELT, TOO_NEW],
        // A Mac's SDK has the newest functions too and leaves their absence to run time.
        Linker::System => &[RIGHT, MISSPELT],
    };
    let folder = products()?.join("trials").join(target.triple);
    fs::create_dir_all(&folder).with_context(|| format!("could not create {}", folder.display()))?;
    for trial in trials {
        let source = folder.join(trial.function).with_extension("rs");
        let file = folder.join(trial.function);
        fs::write(&source, trial.source()).with_context(|| format!("could not write {}", source.display()))?;
        let mut link = rustc();
        linker.equip(&mut link);
        link.args(["--edition", "2024", "--target", target.triple]).args(linker.arguments());
        trial.judge(&run::attempt(link.arg("-o").arg(&file).arg(&source))?)?;
        if trial.links {
            examine(&file, target.processor, Image::complaints_of_any)?;
        }
    }
    Ok(())
}

impl Trial {
    fn source(&self) -> String {
        let function = self.function;
        format!(
            "#![no_main]\nunsafe extern \"C\" {{ fn {function}() -> i32; }}\n\
             #[unsafe(no_mangle)]\nextern \"C\" fn main() -> i32 {{ unsafe {{ {function}() }} }}\n"
        )
    }

    /// Whether the link ended as expected. A failure counts only if it is caused by this function.
    fn judge(&self, output: &Output) -> Result<()> {
        let said = String::from_utf8_lossy(&output.stderr);
        let function = self.function;
        match (self.links, output.status.success()) {
            (true, true) => Ok(()),
            (true, false) => bail!(
                "a program that calls `{function}` does not link, though macOS has it: the stubs or the linker are wrong.\n{said}"
            ),
            (false, true) => bail!(
                "a program that calls `{function}` links, though macOS 11 has no such function: the link proves nothing"
            ),
            (false, false) => {
                let blamed = said.to_lowercase().contains("undefined symbol") && said.contains(&format!("_{function}"));
                if !blamed {
                    bail!(
                        "a program that calls `{function}` fails to link, as it must, but not because of that name.\n{said}"
                    );
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_that_cannot_be_added_fails_with_the_command() {
        let absent = Target { triple: "no-such-target", processor: Processor::Arm64 };
        let error = install(absent).unwrap_err().to_string();
        assert!(error.contains("Run `rustup target add no-such-target`"), "{error}");
    }

    fn ended(script: &str) -> Output {
        Command::new("sh").args(["-c", script]).output().unwrap()
    }

    #[test]
    fn a_misspelt_name_must_fail_the_link_and_be_blamed_for_it() {
        let undefined = ended("echo 'rust-lld: error: undefined symbol: _proc_listallpidz' >&2; exit 1");
        assert!(MISSPELT.judge(&undefined).is_ok());
        let apple = ended(
            "echo 'Undefined symbols for architecture arm64: \"_proc_listallpidz\", referenced from' >&2; exit 1",
        );
        assert!(MISSPELT.judge(&apple).is_ok());

        let links = MISSPELT.judge(&ended("exit 0")).unwrap_err().to_string();
        assert!(links.contains("proves nothing"), "{links}");
        let other = MISSPELT.judge(&ended("echo 'library not found for -lc' >&2; exit 1")).unwrap_err().to_string();
        assert!(other.contains("not because of that name") && other.contains("-lc"), "{other}");
        let another = ended("echo 'undefined symbol: _strlen' >&2; exit 1");
        assert!(MISSPELT.judge(&another).is_err());
    }

    #[test]
    fn a_right_name_must_link() {
        assert!(RIGHT.judge(&ended("exit 0")).is_ok());
        let failed = RIGHT.judge(&ended("echo 'undefined symbol: _proc_listallpids' >&2; exit 1"));
        assert!(failed.unwrap_err().to_string().contains("undefined symbol"));
    }

    #[test]
    fn c_builders_are_found_by_their_whole_name() {
        assert_eq!(c_builders("goplswatch v0.1.0 (/x)\ncc v1.2.0\nlibc v0.2.1\ncmake v0.1.0 (*)\n"), ["cc", "cmake"]);
        assert_eq!(c_builders("ccc v1.0.0\nlibc v0.2.1\ndirs-sys v0.5.0\n\n"), Vec::<&str>::new());
    }

    #[test]
    fn lld_is_told_systems_and_stubs() {
        let linker = Linker::Lld { program: "/rust-lld".into(), sdk: "/stubs".into() };
        let arguments = linker.arguments().join(" ");
        for wanted in [
            "-Clinker=/rust-lld",
            "-Clink-arg=-dead_strip_dylibs",
            "-Clink-arg=11.0 -Clink-arg=15.0",
            "-L/stubs/usr/lib",
        ] {
            assert!(arguments.contains(wanted), "{wanted} is not in {arguments}");
        }
        let mut command = Command::new("true");
        linker.equip(&mut command);
        assert!(command.get_envs().any(|(name, value)| name == "SDKROOT" && value == Some("/stubs".as_ref())));
        assert!(
            command
                .get_envs()
                .any(|(name, value)| name == "MACOSX_DEPLOYMENT_TARGET" && value == Some("11.0".as_ref()))
        );
    }
}
