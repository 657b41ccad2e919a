//! Files that are generated from their sources and checked in.

use std::path::{Path, PathBuf};

/// Set by `cargo xtask generate`: such files are written instead of compared.
const GENERATE: &str = "GOPLSWATCH_GENERATE";

/// Returns a checked-in file, by its path from the root of the repository, after
/// `cargo xtask generate` had its chance to write it. The calling test has to compare it with
/// `made`, and has to be in a module named `generated`, by which `cargo xtask` finds it.
///
/// # Panics
/// If it cannot be read or written.
#[must_use]
pub fn checked_in(path: &str, made: &[u8]) -> Vec<u8> {
    let file = root().join(path);
    if std::env::var_os(GENERATE).is_some() && std::fs::read(&file).ok().as_deref() != Some(made) {
        std::fs::write(&file, made).unwrap_or_else(|error| panic!("{path} cannot be written: {error}"));
        println!("wrote {path}");
    }
    std::fs::read(&file).unwrap_or_else(|error| panic!("{path}: {error}. Run `cargo xtask generate`"))
}

/// The root of the repository: two folders above this crate's manifest.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).map(Path::to_owned).unwrap_or_default()
}
