//! A process as it was started: the raw material of every classification.

use goplswatch_core::Reading;

/// What the system tells of one process of our own user. Bytes, because argv and paths need not be UTF-8.
///
/// It lives only between a look and a classification: nothing of it but the exe path and the folder is recorded,
/// since argv and environment hold secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The kernel's short name: the basename of the file at exec (scripts keep their own name), cut to 15 bytes, and
    /// changeable by the process itself. A hint only.
    pub comm: Vec<u8>,
    /// The executable file; for a script its interpreter. Without Linux's " (deleted)".
    pub exe: Reading<Vec<u8>>,
    /// The argument vector. Empty for a zombie.
    pub argv: Reading<Vec<Vec<u8>>>,
    /// The variables of the allow-list, names and values.
    pub env: Reading<Vec<(String, Vec<u8>)>>,
    /// The working folder.
    pub folder: Reading<Vec<u8>>,
}
