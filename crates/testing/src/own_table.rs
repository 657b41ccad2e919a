//! A process table in which nobody else's processes are.

use std::process::{Command, ExitCode};

use crate::not_shown;

/// Set for a program that stands in such a table already.
const INSIDE: &str = "GOPLSWATCH_OWN_PROCESS_TABLE";

/// Runs this program once more, in a process table of its own (a pid namespace, made by util-linux's `unshare`), and
/// returns what it ended with. What others start and end meanwhile is then no work of ours, and a gopls of theirs is not
/// watched. `None` if this is that other run, which then does the work; also if this machine gives no such table, which
/// is said.
///
/// # Panics
/// If the program cannot be started once more.
pub fn own_process_table() -> Option<ExitCode> {
    if std::env::var_os(INSIDE).is_some() {
        return None;
    }
    let table = ["--pid", "--fork", "--kill-child", "--mount-proc"];
    // Root needs no more; others need to be root in a user namespace, where the system lets them.
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
    // A shell is the first process of the table, since whatever the first one starts would count as an orphan.
    let mut command = unshare(way);
    command.args(["sh", "-c", "\"$0\" \"$@\"; exit $?"]).arg(std::env::current_exe().unwrap());
    let ended = command.args(std::env::args_os().skip(1)).env(INSIDE, "1").status().unwrap();
    Some(if ended.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
