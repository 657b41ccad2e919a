//! Functions that tasks are built from: run a program and echo it, find the repository, download a
//! pinned file.
//!
//! Commands are echoed to stderr before they run. A failure is one error whose text says what was
//! run, what happened and what to do; the program's own output is already on the screen or part of
//! the error.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};

/// The root of the repository: two folders above this crate's manifest.
///
/// Cargo sets the manifest's folder at run time, so a program built in one checkout and run in
/// another one works on the latter.
pub(crate) fn repo_root() -> Result<PathBuf> {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let root = Path::new(&manifest).ancestors().nth(2).map(Path::to_owned);
    root.filter(|root| root.join("Cargo.lock").is_file()).with_context(|| {
        format!("no workspace two folders above {}; run this as `cargo xtask`", Path::new(&manifest).display())
    })
}

/// The folder of build products: `CARGO_TARGET_DIR` if set, else `target` in the repository.
pub(crate) fn target_dir() -> Result<PathBuf> {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) if !dir.is_empty() => Ok(std::path::absolute(dir)?),
        _ => Ok(repo_root()?.join("target")),
    }
}

/// The cargo that started this program, with the repository as working directory.
pub(crate) fn cargo() -> Result<Command> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(repo_root()?);
    Ok(cargo)
}

/// Runs a command whose output goes to the screen; anything but success is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    echo(command);
    let status = command.status().map_err(|error| absent(command, &error))?;
    if !status.success() {
        bail!("`{}` ended with {status}; what it said is above", short(command));
    }
    Ok(())
}

/// Runs a command and returns its stdout without trailing whitespace. Its stderr goes to the
/// screen, and anything but success is an error.
pub(crate) fn stdout_of(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output().map_err(|error| absent(command, &error))?;
    if !output.status.success() {
        bail!("`{}` ended with {}; what it said is above", short(command), output.status);
    }
    let text = String::from_utf8(output.stdout).with_context(|| format!("`{}` did not write UTF-8", short(command)))?;
    Ok(text.trim_end().to_owned())
}

/// Runs a command that may fail as intended: nothing is shown, all output is returned.
pub(crate) fn attempt(command: &mut Command) -> Result<Output> {
    command.stdin(Stdio::null()).output().map_err(|error| absent(command, &error))
}

fn echo(command: &Command) {
    eprintln!("        $ {}", line(command));
}

/// The command as a person would type it: added variables, then the program by its file name. For
/// reading, not for a shell.
fn line(command: &Command) -> String {
    let variables = command
        .get_envs()
        .filter_map(|(name, value)| Some(format!("{}={}", name.to_string_lossy(), value?.to_string_lossy())));
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or(program.as_os_str());
    let words = std::iter::once(program).chain(command.get_args()).map(|word| word.to_string_lossy().into_owned());
    variables.chain(words).collect::<Vec<_>>().join(" ")
}

/// The program and its first argument: enough to find the echoed line.
fn short(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let words = program.file_name().into_iter().chain(command.get_args().take(1));
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

fn absent(command: &Command, error: &std::io::Error) -> anyhow::Error {
    let program = command.get_program().to_string_lossy();
    anyhow::anyhow!("could not start `{program}`: {error}. Install it, or put it on PATH, and run this again")
}

/// A wheel of the Python Package Index, pinned by its hash.
pub(crate) struct Wheel {
    /// Name of the package.
    pub(crate) package: &'static str,
    /// Its exact version.
    pub(crate) version: &'static str,
    /// The platform tag to request, so that every host gets the same file.
    pub(crate) platform: &'static str,
    /// SHA-256 of the file, in hexadecimal. pip refuses a file that differs.
    pub(crate) sha256: &'static str,
}

/// Extracts the file `member` from a wheel; downloads the wheel only if `dest` does not exist. The
/// wheel itself is not kept.
///
/// `dest` is created atomically, so its existence is sufficient proof the next time.
pub(crate) fn from_wheel(wheel: &Wheel, member: &str, dest: &Path) -> Result<()> {
    if dest.is_file() {
        return Ok(());
    }
    let download = dest.with_extension("download");
    let _ = fs::remove_dir_all(&download);
    fs::create_dir_all(&download).with_context(|| format!("could not create {}", download.display()))?;
    let wanted = download.join("requirements.txt");
    fs::write(&wanted, format!("{}=={} --hash=sha256:{}\n", wheel.package, wheel.version, wheel.sha256))?;
    run(Command::new("python3")
        .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-cache-dir", "--no-deps"])
        .args(["--only-binary=:all:", "--platform", wheel.platform, "--require-hashes", "--requirement"])
        .args([wanted.as_os_str(), OsStr::new("--dest"), download.as_os_str()]))
    .with_context(|| {
        format!(
            "the wheel {} {} could not be fetched. Its index must be reachable and python3 needs pip \
             (on Debian: apt-get install python3-pip). \
             If pip speaks of hashes, the file there is not the one that was pinned: do not use it",
            wheel.package, wheel.version
        )
    })?;
    let file = fs::read_dir(&download)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension() == Some(OsStr::new("whl")))
        .with_context(|| format!("pip reported success but left no wheel in {}", download.display()))?;
    let part = download.join("member");
    let unpack = "import sys, zipfile; open(sys.argv[3], 'wb').write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))";
    run(Command::new("python3").args(["-c", unpack]).arg(&file).arg(member).arg(&part))
        .with_context(|| format!("{member} could not be taken out of {}", file.display()))?;
    fs::rename(&part, dest).with_context(|| format!("could not write {}", dest.display()))?;
    fs::remove_dir_all(&download).with_context(|| format!("could not remove {}", download.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_command_is_an_error_that_names_it() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err().to_string();
        assert!(error.contains("`sh -c` ended with exit status: 3"), "{error}");
    }

    #[test]
    fn an_absent_program_is_an_error_that_says_what_to_do() {
        let error = run(&mut Command::new("no-such-program-here")).unwrap_err().to_string();
        assert!(error.contains("could not start `no-such-program-here`") && error.contains("Install it"), "{error}");
    }

    #[test]
    fn an_attempt_returns_the_failure_as_data() {
        let output = attempt(Command::new("sh").args(["-c", "echo why >&2; exit 1"])).unwrap();
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(1), b"why\n".as_slice()));
    }

    #[test]
    fn stdout_comes_without_its_line_break() {
        assert_eq!(stdout_of(Command::new("sh").args(["-c", "echo word"])).unwrap(), "word");
        assert!(stdout_of(Command::new("sh").args(["-c", "echo word; exit 1"])).is_err());
    }

    #[test]
    fn the_root_is_the_workspace_and_not_this_crate() {
        let manifest = fs::read_to_string(repo_root().unwrap().join("Cargo.toml")).unwrap();
        assert!(manifest.contains("[workspace]"));
    }

    #[test]
    fn a_file_that_is_there_is_not_fetched_again() {
        let dir = tempfile::tempdir().unwrap();
        let dest = dir.path().join("stub");
        let wheel = Wheel { package: "no-such-package", version: "0", platform: "any", sha256: "" };
        fs::write(&dest, "kept").unwrap();
        from_wheel(&wheel, "member", &dest).unwrap();
        assert_eq!(fs::read_to_string(&dest).unwrap(), "kept");
    }
}
