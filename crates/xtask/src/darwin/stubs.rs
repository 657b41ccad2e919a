//! Assembles the folder that replaces Apple's SDK: export lists in the places where a linker looks
//! for them.
//!
//! The list of libSystem is long and must be exact, so it is downloaded: Zig contains it, and
//! release 0.11.0 is the last with the one of macOS 11 (later releases have only newer systems,
//! whose newer functions would then pass the link). It is a list of names and versions, not code.
//! The lists of other libraries are our own; they are in `packaging/darwin-stubs` and are added to
//! it.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::run::{self, Wheel};

const ZIG: Wheel = Wheel {
    package: "ziglang",
    version: "0.11.0",
    platform: "manylinux_2_12_x86_64",
    sha256: "45e8116428267e20529b9ee43a7e7364791c1a092845d2143b248a1dbf6760b0",
};
const LIBSYSTEM_IN_ZIG: &str = "ziglang/lib/libc/darwin/libSystem.11.tbd";

/// The names by which an SDK provides libSystem and Rust's standard library requests it.
const NAMES_OF_LIBSYSTEM: [&str; 3] = ["usr/lib/libSystem.tbd", "usr/lib/libc.tbd", "usr/lib/libm.tbd"];

/// A stub: its path relative to the root of the SDK, and its text.
type Stub = (PathBuf, String);

/// Returns the root of the stub SDK, creating it if necessary.
///
/// The folder is named after a hash of its content, so its name changes when a stub does.
pub(crate) fn assemble() -> Result<PathBuf> {
    let products = run::target_dir()?.join("darwin");
    fs::create_dir_all(&products).with_context(|| format!("could not create {}", products.display()))?;
    let libsystem = products.join(format!("libSystem-zig-{}.tbd", ZIG.version));
    run::from_wheel(&ZIG, LIBSYSTEM_IN_ZIG, &libsystem)?;
    let text = fs::read_to_string(&libsystem).with_context(|| format!("could not read {}", libsystem.display()))?;
    let mut stubs: Vec<Stub> = NAMES_OF_LIBSYSTEM.iter().map(|name| (name.into(), text.clone())).collect();
    stubs.extend(ours()?);
    write(&stubs, &products)
}

/// The stubs from the repository.
fn ours() -> Result<Vec<Stub>> {
    let root = run::repo_root()?.join("packaging/darwin-stubs");
    let mut stubs = Vec::new();
    collect(&root, &root, &mut stubs).with_context(|| format!("could not read the stubs in {}", root.display()))?;
    stubs.sort();
    Ok(stubs)
}

fn collect(root: &Path, folder: &Path, stubs: &mut Vec<Stub>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, stubs)?;
        } else if path.extension().is_some_and(|extension| extension == "tbd") {
            stubs.push((path.strip_prefix(root)?.to_owned(), fs::read_to_string(&path)?));
        }
    }
    Ok(())
}

/// Writes the stubs below `parent`, in a folder named after a hash of them. The folder appears
/// atomically.
fn write(stubs: &[Stub], parent: &Path) -> Result<PathBuf> {
    let mut hasher = DefaultHasher::new();
    stubs.hash(&mut hasher);
    let root = parent.join(format!("sdk-{:016x}", hasher.finish()));
    if root.is_dir() {
        return Ok(root);
    }
    let part = parent.join(format!("sdk-part-{}", std::process::id()));
    for (place, text) in stubs {
        let file = part.join(place);
        let folder = file.parent().unwrap_or(&part);
        fs::create_dir_all(folder).with_context(|| format!("could not create {}", folder.display()))?;
        fs::write(&file, text).with_context(|| format!("could not write {}", file.display()))?;
    }
    match fs::rename(&part, &root) {
        // Another run of this task may have been faster; the equal name means that its stubs are
        // the same.
        Err(_) if root.is_dir() => fs::remove_dir_all(&part)?,
        moved => moved.with_context(|| format!("could not write {}", root.display()))?,
    }
    Ok(root)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stub(place: &str, text: &str) -> Stub {
        (place.into(), text.to_owned())
    }

    #[test]
    fn a_changed_stub_changes_the_name_of_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let first = write(&[stub("usr/lib/liba.tbd", "one")], dir.path()).unwrap();
        let again = write(&[stub("usr/lib/liba.tbd", "one")], dir.path()).unwrap();
        let changed = write(&[stub("usr/lib/liba.tbd", "two")], dir.path()).unwrap();
        assert_eq!(first, again);
        assert_ne!(first, changed);
        assert_eq!(fs::read_to_string(changed.join("usr/lib/liba.tbd")).unwrap(), "two");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "no half-made folder stays behind");
    }

    #[test]
    fn every_stub_of_ours_serves_both_processors_and_is_explained() {
        let readme = fs::read_to_string(run::repo_root().unwrap().join("packaging/darwin-stubs/README.md")).unwrap();
        let stubs = ours().unwrap();
        assert!(!stubs.is_empty());
        for (place, text) in stubs {
            assert!(text.contains("x86_64-macos, arm64-macos"), "{}", place.display());
            assert!(text.contains("install-name:"), "{}", place.display());
            assert!(
                readme.contains(&format!("`{}`", place.display())),
                "the README does not say who needs {}",
                place.display()
            );
        }
    }

    /// The name that a linker uses for a library: `X` of `X.framework/X.tbd` and of `libX.tbd`.
    fn link_name(place: &Path) -> String {
        let stem = place.file_stem().unwrap().to_string_lossy().into_owned();
        stem.strip_prefix("lib").map(str::to_owned).unwrap_or(stem)
    }

    #[test]
    fn what_has_a_stub_is_linked_weakly() {
        let script = fs::read_to_string(run::repo_root().unwrap().join("crates/cli/build.rs")).unwrap();
        for (place, _) in ours().unwrap() {
            let name = format!("\"{}\"", link_name(&place));
            assert!(script.contains(&name), "crates/cli/build.rs does not link {} weakly", place.display());
        }
    }
}
