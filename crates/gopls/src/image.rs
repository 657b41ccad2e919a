//! A process as it was started: the input of every classification.

use goplswatch_core::Reading;

use crate::names;

/// Environment variables that may be read from another process. Nothing else is ever kept.
///
/// Each of them is needed by a classification, and none of them contains a secret: a digit, the
/// name of a program, and the name of a script inside VS Code.
pub const ENV_ALLOWED: &[&str] =
    &["GO_TELEMETRY_CHILD", "GOPACKAGESDRIVER", "VSCODE_ESM_ENTRYPOINT", "VSCODE_AMD_ENTRYPOINT"];

/// What the system reports about one process of our own user. Bytes, because argv and paths need
/// not be UTF-8.
///
/// It exists only between a scan and a classification. Only the executable's path and the working
/// folder are recorded, since argv and the environment may hold secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The kernel's short name: the basename of the file at exec (scripts keep their own name), cut
    /// to 15 bytes. The process itself can change it, so it is only a hint.
    pub comm: Vec<u8>,
    /// The path of the executable file; for a script that of its interpreter. Linux's suffix
    /// `" (deleted)"` is removed.
    pub exe: Reading<Vec<u8>>,
    /// The argument vector. Empty for a zombie.
    pub argv: Reading<Vec<Vec<u8>>>,
    /// The allowed environment variables, names and values.
    pub env: Reading<Vec<(String, Vec<u8>)>>,
    /// The working folder.
    pub folder: Reading<Vec<u8>>,
}

impl Image {
    /// The file name of the executable.
    #[must_use]
    pub fn exe_name(&self) -> Option<&[u8]> {
        self.exe.known().map(|path| names::base(path)).filter(|name| !name.is_empty())
    }

    /// The `i`-th argument, counted from the program's own name at 0.
    #[must_use]
    pub fn arg(&self, i: usize) -> Option<&[u8]> {
        self.argv.known()?.get(i).map(Vec::as_slice)
    }

    /// The value of a variable of [`ENV_ALLOWED`], if it is set and could be read.
    #[must_use]
    pub fn env(&self, name: &str) -> Option<&[u8]> {
        self.env.known()?.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_slice())
    }

    /// The arguments after the program's name.
    pub(crate) fn args(&self) -> &[Vec<u8>] {
        self.argv.known().and_then(|argv| argv.get(1..)).unwrap_or_default()
    }

    /// The file name in `argv[0]`. Chromium writes a whole command line into it, so it is cut
    /// before the first " --".
    pub(crate) fn argv0_name(&self) -> Option<&[u8]> {
        let first = self.arg(0)?;
        let program = first.windows(3).position(|w| w == b" --").and_then(|end| first.get(..end)).unwrap_or(first);
        Some(names::base(program)).filter(|name| !name.is_empty())
    }

    /// The interpreter that runs it, if its executable (or `argv[0]`, if the executable is unknown)
    /// is one.
    pub(crate) fn interpreter(&self) -> Option<names::Interpreter> {
        names::interpreter(self.exe_name().or_else(|| self.argv0_name())?)
    }

    /// The script that an interpreter runs, and the arguments after it.
    pub(crate) fn script(&self) -> Option<(&[u8], &[Vec<u8>])> {
        let args = self.args();
        let at = names::script_at(self.interpreter()?, args)?;
        Some((args.get(at)?.as_slice(), args.get(at + 1..)?))
    }

    /// Whether an argument is exactly this. Chromium on Linux writes the whole command line of its
    /// children into one string (`base::SetProcessTitleFromCommandLine`), so the words of a lone
    /// `argv[0]` count as arguments too.
    pub(crate) fn has_arg(&self, wanted: &[u8]) -> bool {
        let joined = self.args().iter().all(Vec::is_empty).then(|| self.arg(0)).flatten().unwrap_or_default();
        self.args().iter().any(|arg| arg == wanted) || joined.split(|&b| b == b' ').skip(1).any(|word| word == wanted)
    }
}
