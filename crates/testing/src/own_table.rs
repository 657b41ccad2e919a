//! A process table without unrelated processes.

use std::process::{Command, ExitCode};

use crate::not_shown;

/// Set for a program that already runs in such a table.
const INSIDE: &str = "GOPLSWATCH_OWN_PROCESS_TABLE";

/// Runs this program again, in a process table of its own (a pid namespace, created by util-linux's
/// `unshare`), and returns its result. Processes that others start and end meanwhile then cause
/// no work, and a gopls of others is not watched. Returns `None` in that second run, which then
/// does the work; also if this machine provides no such table, which is reported.
///
/// # Panics
/// If the program cannot be started again.
pub fn own_process_table() -> Option<ExitCode> {
    if std::env::var_os(INSIDE).is_some() {
        return None;
    }
    let table = ["--pid", "--fork", "--kill-child", "--mount-proc"];
    // Root needs no more; others need to be root in a user namespace, if the system allows that.
    let ways = [&[][..], &["--user", "--map-root-user"]];
    let unshare = |way: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(way).args(table);
        command
    };
    let Some(way) = ways.into_iter().find(|way| {
        let tried = unshare(way).arg("true").output();
        tried.is_ok_and(|output| output.status.success())
    }) else {
        not_shown("figures without the processes of others: `unshare` gives no process table here");
        return None;
    };
    // A shell is the first process of the table, since whatever the first one starts would count as
    // an orphan.
    let mut command = unshare(way);
    command.args(["sh", "-c", "\"$0\" \"$@\"; exit $?"]).arg(std::env::current_exe().unwrap());
    let ended = command.args(std::env::args_os().skip(1)).env(INSIDE, "1").status().unwrap();
    Some(if ended.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
