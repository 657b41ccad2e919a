//! Remedies that use the go command: rebuild gopls for this machine's own processor, and give the
//! module cache a name that Spotlight ignores.
//!
//! The go command is looked for at fixed paths and queried for its settings. That needs no network,
//! and switches no toolchain (GOTOOLCHAIN=local).

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

use goplswatch_core::message::{Message, SharedMessage};
use serde::Deserialize;

use super::case::Case;
use super::site::{Draft, Site};
use crate::change::{Action, DesktopTarget, Refusal};
use crate::command;
use crate::said::{joined, verbatim};

/// The project's variables for a go command that is only queried.
const ASKED: &[(&str, &str)] = &[("GOTOOLCHAIN", "local"), ("GOFLAGS", "-mod=readonly"), ("GOPROXY", "off")];
/// Go's name for the processor of a Mac that translates programs for another one.
const NATIVE: &str = "arm64";
const GOPLS: &str = "golang.org/x/tools/gopls@latest";
/// Path components of programs that a package manager keeps track of: Homebrew, Nix, MacPorts;
/// mason.nvim (its `install_root_dir`) and LSP-gopls of Sublime Text (its plugin.py, `basedir`,
/// below LSP's storage), which would take a new program for the version that they installed.
const PACKAGE_MANAGER_PATHS: &[&str] = &["/Cellar/", "/nix/", "/opt/local/", "/mason/packages/", "/Package Storage/"];
/// The deadline for an install with a fresh module cache and over a slow connection.
const INSTALL: Duration = Duration::from_secs(600);
/// The deadline for go env -w, which writes one small file.
const WRITE: Duration = Duration::from_secs(20);

/// The settings of a go command (`go help environment`).
#[derive(Deserialize)]
struct GoEnv {
    #[serde(rename = "GOHOSTARCH")]
    host: String,
    #[serde(rename = "GOMODCACHE")]
    cache: String,
    #[serde(rename = "GOENV")]
    file: String,
}

/// The go commands that exist and answer.
fn commands(site: &Site) -> Vec<(String, GoEnv)> {
    let ask = |go: &str| -> Option<GoEnv> {
        let argv = [go, "env", "-json", "GOHOSTARCH", "GOMODCACHE", "GOENV"].map(Into::into);
        serde_json::from_slice(&command::capture(&argv, ASKED, site.timeouts.answer).ok()?).ok()
    };
    let places = site.surroundings.go.iter().filter(|go| go.is_absolute() && go.is_file());
    places.filter_map(|go| Some((go.to_str()?.to_owned(), ask(go.to_str()?)?))).collect()
}

/// Rebuilds gopls in its place.
///
/// GOTMPDIR is the folder of the program, so that the new program is renamed into place. One that
/// is copied over the old one keeps its file, and macOS kills a program whose file changed under
/// its signature (golang/go#63997). GOARCH is set explicitly, since a `go env -w GOARCH=amd64` may
/// be the reason for an Intel program; with GOBIN, go installs only for its own processor (`go help
/// install`).
pub(super) fn reinstall(case: &Case<'_>) -> Result<Draft, Refusal> {
    let site = case.site;
    let by_hand = |why| Draft::by_hand(std::iter::once(why).chain(ORDER).collect());
    let exe = case.program().map_err(|why| Refusal::new(why, Message::DoStatusWhere))?;
    let program = || verbatim(exe);
    let (Some(folder), Some("gopls")) =
        (Path::new(exe).parent().and_then(Path::to_str), Path::new(exe).file_name().and_then(|name| name.to_str()))
    else {
        return Ok(by_hand(Message::HandOfItsProgram { program: program() }));
    };
    if PACKAGE_MANAGER_PATHS.iter().any(|part| exe.contains(part)) {
        return Ok(by_hand(Message::HandOfPackages { program: program() }));
    }
    let own = rustix::process::geteuid().as_raw();
    if !std::fs::metadata(folder).is_ok_and(|metadata| metadata.uid() == own) {
        return Ok(by_hand(Message::HandOfAnother { folder: verbatim(folder), program: program() }));
    }
    let found = commands(site);
    let Some((go, _)) = found.iter().find(|(_, env)| env.host == NATIVE) else {
        let built =
            |(go, env): &(String, GoEnv)| Message::GoBuiltFor { program: verbatim(go), processor: verbatim(&env.host) };
        let all = joined(found.iter().map(built), |first, then| Message::Listed { first, then });
        return Ok(by_hand(
            all.map_or(Message::HandNoGo, |built| Message::HandForeignGo { built: SharedMessage::new(built) }),
        ));
    };
    let argv = vec![
        word(&site.surroundings.env),
        "GOTOOLCHAIN=local".into(),
        format!("GOARCH={NATIVE}"),
        format!("GOBIN={folder}"),
        format!("GOTMPDIR={folder}"),
        go.clone(),
        "install".into(),
        GOPLS.into(),
    ];
    let mut made = Draft::of(Action::Run { argv, deadline: INSTALL, undo: None });
    made.cost = Some(Message::CostNewestRelease);
    made.undo = Some(Message::UndoNoOldGopls);
    Ok(made)
}

/// Instructions for the user, in order.
const ORDER: [Message; 5] = [
    Message::HandSeeGo,
    Message::HandInstallGo,
    Message::HandRemoveIntel,
    Message::HandBuildGopls,
    Message::HandRestartEditor,
];

/// Opens the settings that exclude folders from Spotlight.
pub(super) fn spotlight_settings(site: &Site) -> Result<Draft, Refusal> {
    macos_only(site)?;
    // macos.md 3.5: the address changed with System Settings in macOS 13. The part after the ? is
    // an anchor that an unknown pane ignores.
    let pane = if site.surroundings.new_settings.exists() {
        "com.apple.Spotlight-Settings.extension?privacy"
    } else {
        "com.apple.preference.spotlight?privacy"
    };
    Ok(Draft::of(Action::Open { shown: DesktopTarget::Url(format!("x-apple.systempreferences:{pane}")) }))
}

fn macos_only(site: &Site) -> Result<(), Refusal> {
    use goplswatch_gopls::HostSystem;
    match site.surroundings.host_system {
        HostSystem::Macos => Ok(()),
        HostSystem::Linux => Err(Refusal::new(Message::NoMac, Message::DoNothingHere)),
    }
}

/// Renames the module cache so that Spotlight ignores it, and sets GOMODCACHE accordingly.
pub(super) fn move_module_cache(site: &Site) -> Result<Draft, Refusal> {
    macos_only(site)?;
    let refused = |why| Refusal::new(why, Message::DoSpotlightSettings);
    if site.surroundings.modcache_is_set {
        return Err(refused(Message::CacheSetElsewhere));
    }
    let (go, env) = commands(site).into_iter().next().ok_or_else(|| refused(Message::CacheNoGo))?;
    let from = env.cache.trim_end_matches('/').to_owned();
    let path = Path::new(&from);
    if !path.is_absolute() || !path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err(refused(Message::CacheNoFolder { folder: verbatim(&format!("{from:?}")) }));
    }
    if let Some(part) = from.split('/').find(|part| part.ends_with(".noindex") || part.starts_with('.')) {
        return Err(refused(Message::CacheKept { folder: verbatim(&from), part: verbatim(part) }));
    }
    let to = format!("{from}.noindex");
    if Path::new(&to).symlink_metadata().is_ok() {
        return Err(refused(Message::ThereAlready { path: verbatim(&to) }));
    }
    let before =
        go_env_value(&env.file).map_err(|why| refused(Message::CacheToldUnknown { why: SharedMessage::new(why) }))?;
    let argv = |rest: [String; 2]| -> Vec<String> {
        let start = [word(&site.surroundings.env), "GOTOOLCHAIN=local".into(), go.clone(), "env".into()];
        start.into_iter().chain(rest).collect()
    };
    let undo = match before {
        Some(before) => argv(["-w".into(), format!("GOMODCACHE={before}")]),
        None => argv(["-u".into(), "GOMODCACHE".into()]),
    };
    let tell = argv(["-w".into(), format!("GOMODCACHE={to}")]);
    Ok(Draft {
        steps: vec![
            Action::Rename { from, to, seal: None }.into(),
            Action::Run { argv: tell, deadline: WRITE, undo: Some(undo) }.into(),
        ],
        cost: Some(Message::CostCacheMoves),
        undo: None,
        is_manual: false,
    })
}

/// The value of GOMODCACHE in the file of `go env -w`; `None` if it is not set or there is no file.
/// Lines are parsed as go does (src/cmd/go/internal/cfg/cfg.go, readEnvFile): a name, `=`, and the
/// rest of the line.
fn go_env_value(file: &str) -> Result<Option<String>, Message> {
    if !file.starts_with('/') {
        return Err(Message::GoEnvIs { file: verbatim(&format!("{file:?}")) });
    }
    match std::fs::read_to_string(file) {
        Ok(text) => {
            let mut values = text.lines().filter_map(|line| line.strip_prefix("GOMODCACHE="));
            Ok(values.next_back().map(str::to_owned).filter(|value| !value.is_empty()))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let why = SharedMessage::new(Message::FileNotRead { why: verbatim(&error) });
            Err(Message::OfPath { path: verbatim(file), why })
        }
    }
}

fn word(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
