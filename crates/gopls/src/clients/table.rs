//! The ids of the clients, in search order, and the row of each.

use super::{ClientRow, agents, editors, vscode};

macro_rules! clients {
    ($($(#[doc = $doc:literal])* $name:ident = $word:literal),+ $(,)?) => {
        /// A program that runs gopls.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ClientId { $($(#[doc = $doc])* $name),+ }

        impl ClientId {
            /// Every client, in the order in which the table is searched. A fork comes before the
            /// program that it was forked from, since forks are distinguished by paths alone.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The kebab-case name that recordings and snapshots use. It never changes.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }
        }
    };
}

clients! {
    /// VS Code Insiders.
    VsCodeInsiders = "vs-code-insiders",
    /// VSCodium.
    VsCodium = "vscodium",
    /// Cursor.
    Cursor = "cursor",
    /// Windsurf.
    Windsurf = "windsurf",
    /// code-server.
    CodeServer = "code-server",
    /// OpenVSCode Server.
    OpenVsCodeServer = "openvscode-server",
    /// VS Code.
    VsCode = "vs-code",
    /// Another program with the extension host of VS Code.
    VsCodeRelative = "vs-code-relative",
    /// coc.nvim, in Vim or Neovim.
    CocNvim = "coc-nvim",
    /// Any other program with the client library of VS Code's extensions.
    VsCodeLanguageClient = "vscode-languageclient",
    /// Claude Code.
    ClaudeCode = "claude-code",
    /// Neovim with its built-in client.
    Neovim = "neovim",
    /// Helix.
    Helix = "helix",
    /// Zed.
    Zed = "zed",
    /// Emacs with lsp-mode.
    EmacsLspMode = "emacs-lsp-mode",
    /// Emacs; with eglot, as far as can be determined.
    Emacs = "emacs",
    /// Sublime Text with LSP.
    SublimeText = "sublime-text",
    /// Vim with any plugin.
    Vim = "vim",
    /// Kate.
    Kate = "kate",
    /// Kakoune with kakoune-lsp.
    Kakoune = "kakoune",
    /// GNOME Builder.
    GnomeBuilder = "gnome-builder",
    /// micro.
    Micro = "micro",
    /// Codex.
    Codex = "codex",
    /// Gemini CLI.
    GeminiCli = "gemini-cli",
    /// Crush.
    Crush = "crush",
    /// opencode.
    OpenCode = "opencode",
    /// Serena.
    Serena = "serena",
}

impl ClientId {
    /// Its row in the table.
    #[must_use]
    pub const fn row(self) -> &'static ClientRow {
        match self {
            Self::VsCodeInsiders => &vscode::VS_CODE_INSIDERS,
            Self::VsCodium => &vscode::VSCODIUM,
            Self::Cursor => &vscode::CURSOR,
            Self::Windsurf => &vscode::WINDSURF,
            Self::CodeServer => &vscode::CODE_SERVER,
            Self::OpenVsCodeServer => &vscode::OPENVSCODE_SERVER,
            Self::VsCode => &vscode::VS_CODE,
            Self::VsCodeRelative => &vscode::VS_CODE_RELATIVE,
            Self::CocNvim => &vscode::COC_NVIM,
            Self::VsCodeLanguageClient => &vscode::VSCODE_LANGUAGECLIENT,
            Self::ClaudeCode => &agents::CLAUDE_CODE,
            Self::Neovim => &editors::NEOVIM,
            Self::Helix => &editors::HELIX,
            Self::Zed => &editors::ZED,
            Self::EmacsLspMode => &editors::EMACS_LSP_MODE,
            Self::Emacs => &editors::EMACS,
            Self::SublimeText => &editors::SUBLIME_TEXT,
            Self::Vim => &editors::VIM,
            Self::Kate => &editors::KATE,
            Self::Kakoune => &editors::KAKOUNE,
            Self::GnomeBuilder => &editors::GNOME_BUILDER,
            Self::Micro => &editors::MICRO,
            Self::Codex => &agents::CODEX,
            Self::GeminiCli => &agents::GEMINI_CLI,
            Self::Crush => &agents::CRUSH,
            Self::OpenCode => &agents::OPENCODE,
            Self::Serena => &agents::SERENA,
        }
    }
}
