//! `cargo xtask test-deps`: installs the real gopls, Go and editors that the end-to-end tests use.
//!
//! Everything is put into `target/test-deps/`, one folder per dependency, and `test-deps.json`
//! there has the path and the environment of each. Nothing is installed into the machine except
//! small tools that are absent (tmux, node, pip), and those by the machine's own package manager.
//!
//! There are two kinds of dependencies. gopls and Go are *hermetic*: a version and a SHA-256 are
//! pinned. The editors are *real*: if the distribution has moved past the pinned version, its
//! version is used, and the output says so. In both cases a dependency that cannot be obtained is
//! an error.
//!
//! Each folder has a stamp with the recipe that made it, so that only what changed is made again; a
//! stamp over all of them makes a second run instant.

mod debian;
mod homebrew;
mod shell;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use shell::{find, output, run, say};

/// Incremented when a change here makes dependencies of an earlier run unusable.
const RECIPE: u32 = 1;

/// The generic LSP client of VS Code extensions; its lock file pins it with all its dependencies.
const LANGUAGE_CLIENT: &str = "9.0.1";

/// The locations of the sources and of the test dependencies.
struct Layout {
    /// Root of the repository.
    root: PathBuf,
    /// `target/test-deps`.
    folder: PathBuf,
}

impl Layout {
    fn find() -> Result<Layout> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(dir) => std::path::absolute(dir)?,
            None => root.join("target"),
        };
        Ok(Layout { root, folder: target.join("test-deps") })
    }

    /// The folder with the lock file and the stand-in for the `vscode` module.
    fn language_client(&self) -> PathBuf {
        self.root.join("crates/cli/tests/it/real/vscode-languageclient")
    }

    /// What a run would make: a text that changes with the sources of this task, the lock file and
    /// the folder itself (editors contain absolute paths).
    fn recipe(&self) -> Result<String> {
        let lock = fs::read(self.language_client().join("package-lock.json"))?;
        let sources = [
            include_bytes!("test_deps.rs").as_slice(),
            include_bytes!("test_deps/debian.rs"),
            include_bytes!("test_deps/debian/apt.rs"),
            include_bytes!("test_deps/homebrew.rs"),
            &lock,
        ];
        Ok(format!("{RECIPE} {:016x} {}", fingerprint(&sources), self.folder.display()))
    }
}

/// FNV-1a over all pieces; only for detecting that a recipe changed.
fn fingerprint(pieces: &[&[u8]]) -> u64 {
    let bytes = pieces.iter().flat_map(|piece| piece.iter().copied().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Installs what is missing or out of date and writes `test-deps.json`.
pub(crate) fn install() -> Result<()> {
    let place = Layout::find()?;
    fs::create_dir_all(&place.folder)?;
    let lock = fs::File::create(place.folder.join("lock"))?;
    lock.lock().context("another `cargo xtask test-deps` holds the lock")?;

    let recipe = place.recipe()?;
    let stamp = place.folder.join("stamp");
    let listing = place.folder.join("test-deps.json");
    if fs::read_to_string(&stamp).is_ok_and(|made| made == recipe) && all_there(&listing) {
        say(format_args!("test-deps: up to date, see {}", listing.display()));
        return Ok(());
    }
    // A run that stops half-way must not leave the stamp of an earlier one.
    if stamp.exists() {
        fs::remove_file(&stamp)?;
    }
    let found = match env::consts::OS {
        "linux" => debian::install(&place)?,
        "macos" => homebrew::install(&place)?,
        other => bail!("no recipe for {other}: only Debian and macOS are known"),
    };
    fs::write(&listing, serde_json::to_string_pretty(&found)? + "\n")?;
    fs::write(&stamp, recipe)?;
    say(format_args!("test-deps: wrote {}", listing.display()));
    Ok(())
}

/// Whether every executable in the listing still exists.
fn all_there(listing: &Path) -> bool {
    fn walk(value: &Value) -> bool {
        match value {
            Value::Object(fields) => fields.iter().all(|(key, value)| match (key.as_str(), value) {
                ("exe" | "bin" | "node_modules", Value::String(path)) => Path::new(path).exists(),
                _ => walk(value),
            }),
            _ => true,
        }
    }
    fs::read(listing)
        .ok()
        .and_then(|text| serde_json::from_slice::<Value>(&text).ok())
        .is_some_and(|value| walk(&value))
}

/// Makes the folder of one dependency by `make`, unless its stamp says that the same recipe made it
/// before. `make` gets the empty folder and returns the description of the dependency, which is
/// kept next to the stamp.
fn dependency(place: &Layout, name: &str, recipe: &str, make: impl FnOnce(&Path) -> Result<Value>) -> Result<Value> {
    let dir = place.folder.join(name);
    let stamp = dir.join("stamp.json");
    let recipe = format!("{RECIPE} {recipe} in {}", dir.display());
    let kept = fs::read(&stamp).ok().and_then(|text| serde_json::from_slice::<Value>(&text).ok());
    if let Some(kept) = kept.filter(|kept| kept["recipe"] == recipe.as_str()) {
        say(format_args!("{name}: kept"));
        return Ok(kept["made"].clone());
    }
    if dir.exists() {
        fs::remove_dir_all(&dir)?;
    }
    fs::create_dir_all(&dir)?;
    let made = make(&dir).with_context(|| format!("{name} cannot be had"))?;
    fs::write(&stamp, serde_json::to_string(&json!({ "recipe": recipe, "made": made }))?)?;
    Ok(made)
}

/// The language client and its dependencies from npm, exactly as in the lock file.
fn language_client(place: &Layout) -> Result<Value> {
    let source = place.language_client();
    let lock = fs::read(source.join("package-lock.json"))?;
    let manifest = fs::read(source.join("package.json"))?;
    let recipe = format!("npm ci {:016x}", fingerprint(&[&lock, &manifest]));
    dependency(place, "languageclient", &recipe, |dir| {
        say(format_args!("languageclient: vscode-languageclient {LANGUAGE_CLIENT} from npm, as locked"));
        fs::write(dir.join("package.json"), &manifest)?;
        fs::write(dir.join("package-lock.json"), &lock)?;
        let npm = find("npm").context("npm is not on PATH")?;
        run(Command::new(npm).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(dir))?;
        let modules = dir.join("node_modules");
        let installed = fs::read(modules.join("vscode-languageclient/package.json"))?;
        let version = serde_json::from_slice::<Value>(&installed)?["version"].clone();
        if version != LANGUAGE_CLIENT {
            bail!("the lock file gave vscode-languageclient {version}, wanted {LANGUAGE_CLIENT}");
        }
        Ok(json!({ "version": version, "node_modules": modules }))
    })
}

/// An executable with its version output, which also proves that it runs here.
fn proven(exe: &Path, ask: &[&str], environment: &Value) -> Result<Value> {
    let mut command = Command::new(exe);
    command.args(ask);
    for (name, value) in environment.as_object().into_iter().flatten() {
        command.env(name, value.as_str().unwrap_or_default());
    }
    let answer = output(&mut command)?;
    let version = answer.lines().next().unwrap_or_default().trim();
    Ok(json!({ "exe": exe, "env": environment, "version": version }))
}
