//! Coding agents. They pass to gopls the settings that their authors chose.

use goplswatch_core::message::Message;
use goplswatch_core::policy::RestartPolicy;

use super::rules::Rule;
use super::{ClientRow, NOT_READ, Restart, Shutdown, by_hand, unread};
use crate::sourced::Sourced::{Known, Unknown};

pub(super) static CLAUDE_CODE: ClientRow = ClientRow {
    name: "Claude Code",
    only: None,
    rules: &[Rule::Program("claude"), Rule::Path("/claude/versions/"), Rule::Script("@anthropic-ai/claude-code/")],
    policy: Known(
        RestartPolicy::SessionCount { exits: 4 },
        "three recoveries, then \"exceeded max crash recovery attempts (3)\": anthropics/claude-code#16888, #63849",
    ),
    ends: Shutdown::NOT_READ,
    restart: Restart::NOT_READ,
    settings: by_hand(NOT_READ, || Message::HandPutElsewhere),
    logs: Unknown("where its debug log lies was not read"),
};

pub(super) static CODEX: ClientRow = unread("Codex", &[Rule::Program("codex"), Rule::Script("@openai/codex/")]);
pub(super) static GEMINI_CLI: ClientRow =
    unread("Gemini CLI", &[Rule::Program("gemini"), Rule::Script("@google/gemini-cli/")]);
pub(super) static CRUSH: ClientRow = unread("Crush", &[Rule::Program("crush")]);
pub(super) static OPENCODE: ClientRow = unread("opencode", &[Rule::Program("opencode"), Rule::Program(".opencode")]);
pub(super) static SERENA: ClientRow = unread("Serena", &[Rule::Program("serena"), Rule::Program("serena-mcp-server")]);
