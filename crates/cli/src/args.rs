//! The command line.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};
use jiff::SignedDuration;

/// Watches every gopls on this machine, says when one fails in silence, and why.
#[derive(Debug, Parser)]
#[command(name = "goplswatch", version, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Watch live: every gopls that starts or ends, and every problem, as it happens
    Watch(WatchArgs),
    /// Show again what a recording says, judged by the same code
    Replay(ReplayArgs),
    /// Show the readings behind an incident
    Why(WhyArgs),
    /// Show what the agent has seen
    History(HistoryArgs),
    /// Write what the agent has seen to a file that replays alone
    Export(ExportArgs),
    /// Explain a kind of incident: what it is, what helps, what is said to help and does not
    Explain(ExplainArgs),
    /// List what can be done about it, show what it would do, and do it on a yes
    Fix(crate::fix::FixArgs),
    /// What runs and what is wrong, from the agent, or from one look if none is running
    Status(StatusArgs),
    /// What the icon, its menu and the notifications say, as text
    Menu(MenuArgs),
    /// Watch in the background and answer the other commands: what is started at login
    Agent(AgentArgs),
    /// What the agent sees, as it happens
    Events(crate::ask::EventsArgs),
    /// Let an incident be for a while
    Snooze(crate::ask::SnoozeArgs),
    /// Tell nothing about a folder any more
    Mute(crate::ask::MuteArgs),
    /// Tell about a folder again
    Unmute(crate::ask::MuteArgs),
    /// Tell nothing at all for a while, or until `resume`
    Pause(crate::ask::PauseArgs),
    /// Tell again
    Resume,
    /// What the agent knows in numbers, as OpenMetrics text
    Metrics,
    /// What the agent says about itself
    Logs(crate::logs::LogsArgs),
    /// A pretended editor and gopls that loop, hang and are given up: everything to see in half a minute
    Demo(DemoArgs),
    /// The config file: what applies, what is wrong with it, what it may say, where it is
    Config(crate::config::ConfigArgs),
    /// Print the completions of a shell
    Completions(crate::pages::CompletionsArgs),
    /// Print the manual page, or write all pages
    Man(crate::pages::ManArgs),
    /// Start the agent now and at every login (shows what it does as it does it)
    Install(ChangeArgs),
    /// End the agent and start it no more; history and config stay
    Uninstall(ChangeArgs),
    /// End the agent and start it again, as after an upgrade
    Restart,
    /// The login service: is it installed, does it run
    Service(ServiceArgs),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct WatchArgs {
    /// One JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
    /// Stop after this long, such as 90s, 10m, 1h30m
    #[arg(long = "for", value_name = "DUR", value_parser = duration)]
    pub(crate) duration: Option<SignedDuration>,
    /// Write every input to this file (which must not exist), for `replay` and `why`
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// Also show one-shot commands, telemetry processes, and what works
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ReplayArgs {
    /// A recording made by `watch --record` or `export`, or a segment of the agent's history
    pub(crate) file: PathBuf,
    /// One JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
    /// Stop at this time: 2026-11-22T10:15:00Z, or a duration from the first input, such as 2m30s
    #[arg(long, value_name = "T", value_parser = until)]
    pub(crate) until: Option<Until>,
    /// Also show one-shot commands, telemetry processes, and what works
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct WhyArgs {
    /// An incident's id, such as restart-loop-37
    pub(crate) incident: String,
    /// The recording to read [default: the agent's history and the newest ones of `watch`]
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// One JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct HistoryArgs {
    /// Begin here: a duration ago such as 2h or 3d, a date, or a time such as 2026-11-22T10:15:00Z
    #[arg(long, value_name = "T", value_parser = moment, default_value = "24h")]
    pub(crate) since: i64,
    /// Stop here, in the same forms
    #[arg(long, value_name = "T", value_parser = moment)]
    pub(crate) until: Option<i64>,
    /// One JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
    /// Also show one-shot commands, telemetry processes, and what works
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ExportArgs {
    /// Begin here: a duration ago such as 2h or 3d, a date, or a time such as 2026-11-22T10:15:00Z
    #[arg(long, value_name = "T", value_parser = moment)]
    pub(crate) since: i64,
    /// The file to write, which must not exist
    pub(crate) file: PathBuf,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ExplainArgs {
    /// A code, such as restart-loop; or what you call it, such as rosetta, "too many open files" or mdutil
    #[arg(required_unless_present = "list")]
    pub(crate) code: Option<String>,
    /// List every code
    #[arg(long, conflicts_with = "code")]
    pub(crate) list: bool,
    /// One JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct StatusArgs {
    /// One JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// Also show what works, and what the agent costs
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// Ask the agent only; without one, exit with 3
    #[arg(long)]
    pub(crate) agent: bool,
    /// Have the agent look once more first
    #[arg(long)]
    pub(crate) now: bool,
    /// Show it again whenever it changes (needs the agent)
    #[arg(long)]
    pub(crate) watch: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct MenuArgs {
    /// One JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct AgentArgs {
    /// Show no icon and no notifications, also where there is a desktop
    #[arg(long)]
    pub(crate) no_tray: bool,
    /// If another agent runs, wait for its end instead of giving up: what the login service does
    #[arg(long)]
    pub(crate) wait: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DemoArgs {
    /// One JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ChangeArgs {
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ServiceArgs {
    #[command(subcommand)]
    pub(crate) command: ServiceCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ServiceCommand {
    /// Whether it is installed and running; exit code 1 if it is not
    Status {
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
}

/// Where a replay stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// At this moment of the wall clock, milliseconds since 1970.
    WallMs(i64),
    /// So many nanoseconds after the first input.
    AfterNs(u64),
}

pub(crate) fn duration(text: &str) -> Result<SignedDuration, String> {
    let parsed = match text.parse::<u32>() {
        Ok(seconds) => SignedDuration::from_secs(i64::from(seconds)),
        Err(_) => text.parse::<SignedDuration>().map_err(|_| "a duration looks like 90s, 10m or 1h30m".to_owned())?,
    };
    if parsed.is_negative() {
        return Err("a duration must not be negative".into());
    }
    Ok(parsed)
}

/// A moment of the wall clock, milliseconds since 1970.
fn moment(text: &str) -> Result<i64, String> {
    moment_at(text, &jiff::Zoned::now())
}

fn moment_at(text: &str, now: &jiff::Zoned) -> Result<i64, String> {
    let refused = || "a time looks like 2h or 3d (ago), 2026-11-22, or 2026-11-22T10:15:00Z".to_owned();
    if let Ok(stamp) = text.parse::<jiff::Timestamp>() {
        return Ok(stamp.as_millisecond());
    }
    if let Ok(date) = text.parse::<jiff::civil::Date>() {
        let begin = date.to_zoned(now.time_zone().clone()).map_err(|_| refused())?;
        return Ok(begin.timestamp().as_millisecond());
    }
    let ago: jiff::Span = text.parse().map_err(|_| refused())?;
    let then = now.checked_sub(ago).map_err(|_| refused())?;
    if then > *now {
        return Err(refused());
    }
    Ok(then.timestamp().as_millisecond())
}

fn until(text: &str) -> Result<Until, String> {
    if let Ok(stamp) = text.parse::<jiff::Timestamp>() {
        return Ok(Until::WallMs(stamp.as_millisecond()));
    }
    let after = duration(text)
        .map_err(|_| "a time looks like 2026-11-22T10:15:00Z, or 2m30s after the first input".to_owned())?;
    Ok(Until::AfterNs(u64::try_from(after.as_nanos()).unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        <Args as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn times_are_read_or_refused() {
        assert_eq!(duration("90"), Ok(SignedDuration::from_secs(90)));
        assert_eq!(duration("1h30m"), Ok(SignedDuration::from_secs(5_400)));
        assert!(duration("-5s").is_err() && duration("soon").is_err() && duration("").is_err());
        assert_eq!(until("1970-01-01T00:00:01Z"), Ok(Until::WallMs(1_000)));
        assert_eq!(until("2m30s"), Ok(Until::AfterNs(150_000_000_000)));
        assert!(until("yesterday").is_err());
        let now = "2026-11-22T10:15:00+01:00[+01:00]".parse().unwrap();
        let ms = |text| moment_at(text, &now).map(|ms| jiff::Timestamp::from_millisecond(ms).unwrap().to_string());
        for (text, said) in [
            ("2h", "2026-11-22T07:15:00Z"),
            ("3d", "2026-11-19T09:15:00Z"),
            ("1h30m", "2026-11-22T07:45:00Z"),
            ("2026-11-22", "2026-11-21T23:00:00Z"),
            ("2026-11-22T10:15:00Z", "2026-11-22T10:15:00Z"),
        ] {
            assert_eq!(ms(text), Ok(said.into()), "{text}");
        }
        for text in ["-2h", "yesterday", "", "2026-13-01", "99999999y"] {
            assert!(ms(text).is_err(), "{text}");
        }
    }
}
