//! What an agent is started with: the paths of its files, its version and its system.

use std::path::PathBuf;

use goplswatch_view::Catalogue;

/// The paths that the agent uses, resolved once by the executable.
#[derive(Clone, Debug)]
pub struct Paths {
    /// The user's home folder, which is never a workspace.
    pub home: Option<Vec<u8>>,
    /// The folder of the lock.
    pub state: PathBuf,
    /// The folder of the history.
    pub history: PathBuf,
    /// The folder of the receipts of fixes.
    pub receipts: PathBuf,
    /// The folder of the log.
    pub log: PathBuf,
    /// The config file.
    pub config: PathBuf,
    /// Folders for the socket, the best first.
    pub sockets: Vec<PathBuf>,
}

/// What an agent is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The paths that it uses.
    pub paths: Paths,
    /// The program's version.
    pub version: String,
    /// The operating system, as recordings name it.
    pub os: String,
    /// Whether the log's lines also go to stderr.
    pub echo: bool,
    /// The language of the log, and of what is shown of the agent on this desktop.
    pub words: &'static Catalogue,
}
