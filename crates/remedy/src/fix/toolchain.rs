//! What go itself is told and asked: gopls built anew for this machine's own processor, the module cache under a name
//! that Spotlight leaves alone.
//!
//! A go command is looked for at fixed places, and asked what it is: nothing of the network is needed for that, and
//! nothing is switched (GOTOOLCHAIN=local).

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use super::case::Case;
use super::site::{Made, Site};
use crate::change::site::ms;
use crate::change::{Action, Refusal, Shown};
use crate::command;

/// The house's variables for a go command that is only asked.
const ASKED: &[(&str, &str)] = &[("GOTOOLCHAIN", "local"), ("GOFLAGS", "-mod=readonly"), ("GOPROXY", "off")];
/// What Go calls the processor of a Mac that translates programs.
const NATIVE: &str = "arm64";
const GOPLS: &str = "golang.org/x/tools/gopls@latest";
/// What stands in the paths of programs of which a package manager keeps account: Homebrew, Nix, MacPorts; mason.nvim
/// (its `install_root_dir`) and LSP-gopls of Sublime Text (its plugin.py, `basedir`, below LSP's storage), which would
/// take the new one for the version that they put there.
const OF_OTHERS: &[&str] = &["/Cellar/", "/nix/", "/opt/local/", "/mason/packages/", "/Package Storage/"];
/// From a fresh module cache and over a slow line.
const INSTALL: Duration = Duration::from_secs(600);
/// go env -w writes one small file.
const WRITE: Duration = Duration::from_secs(20);

/// What a go command says of itself (`go help environment`).
#[derive(Deserialize)]
struct GoEnv {
    #[serde(rename = "GOHOSTARCH")]
    host: String,
    #[serde(rename = "GOMODCACHE")]
    cache: String,
    #[serde(rename = "GOENV")]
    file: String,
}

/// The go commands that are there and answer.
fn commands(site: &Site) -> Vec<(String, GoEnv)> {
    let ask = |go: &str| -> Option<GoEnv> {
        let argv = [go, "env", "-json", "GOHOSTARCH", "GOMODCACHE", "GOENV"].map(Into::into);
        serde_json::from_slice(&command::ask(&argv, ASKED, site.patience.answer).ok()?).ok()
    };
    let places = site.surroundings.go.iter().filter(|go| go.is_absolute() && go.is_file());
    places.filter_map(|go| Some((go.to_str()?.to_owned(), ask(go.to_str()?)?))).collect()
}

/// Builds gopls anew in its own place.
///
/// GOTMPDIR is the folder that it is put in, so that the new program is renamed into place: one that is copied over the
/// old one keeps its file, and a Mac ends a program whose file changed under its signature (golang/go#63997). GOARCH is
/// named, since a `go env -w GOARCH=amd64` may be what brought an Intel program about; with GOBIN go installs for its own
/// processor only (`go help install`).
pub(super) fn reinstall(case: &Case<'_>) -> Result<Made, Refusal> {
    let site = case.site;
    let by_hand = |why: &str| Made::by_hand(format!("{why}\n{ORDER}"));
    let exe = case
        .program()
        .map_err(|why| Refusal::new(why, "goplswatch status -v shows which gopls run and where they come from"))?;
    let (Some(folder), Some("gopls")) =
        (Path::new(exe).parent().and_then(Path::to_str), Path::new(exe).file_name().and_then(|name| name.to_str()))
    else {
        return Ok(by_hand(&format!("{exe} was put there by the program that runs it, which has to renew it itself.")));
    };
    if OF_OTHERS.iter().any(|part| exe.contains(part)) {
        return Ok(by_hand(&format!("{exe} belongs to a package manager, which has to renew it itself.")));
    }
    let own = rustix::process::geteuid().as_raw();
    if !std::fs::metadata(folder).is_ok_and(|metadata| metadata.uid() == own) {
        return Ok(by_hand(&format!("{folder} is another user's, so {exe} is not yours to replace.")));
    }
    let found = commands(site);
    let Some((go, _)) = found.iter().find(|(_, env)| env.host == NATIVE) else {
        let said: Vec<String> = found.iter().map(|(go, env)| format!("{go} is built for {}", env.host)).collect();
        let said = if said.is_empty() { "No go command was found in its usual places".into() } else { said.join(", ") };
        return Ok(by_hand(&format!("{said}: there is none here that builds for this Mac's own processor.")));
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
    let mut made = Made::of(Action::Run { argv, deadline_ms: ms(INSTALL), undo: None });
    made.cost = "The newest release is installed, which may be newer than the one that runs.".into();
    made.undo = Some("It cannot be undone: the gopls that is there now is replaced.".into());
    Ok(made)
}

/// The order in which a person sets a machine right.
const ORDER: &str = "\
1. See which go runs in a terminal: go env GOHOSTARCH GOARCH GOBIN; command -v go
2. Install Go for Apple silicon: go.dev/dl (darwin-arm64), or /opt/homebrew/bin/brew install go
3. Remove the Intel one, so that it is not found first: /usr/local/go, or /usr/local/bin/brew uninstall go
4. Build gopls with the new one: go install golang.org/x/tools/gopls@latest
5. Restart gopls in the editor";

/// Opens the settings in which folders are kept from Spotlight.
pub(super) fn spotlight_settings(site: &Site) -> Result<Made, Refusal> {
    macos_only(site)?;
    // macos.md 3.5: the address changed with System Settings in macOS 13; what follows the ? is an anchor that an
    // unknown pane ignores.
    let pane = if site.surroundings.new_settings.exists() {
        "com.apple.Spotlight-Settings.extension?privacy"
    } else {
        "com.apple.preference.spotlight?privacy"
    };
    Ok(Made::of(Action::Open { shown: Shown::Url(format!("x-apple.systempreferences:{pane}")) }))
}

fn macos_only(site: &Site) -> Result<(), Refusal> {
    use goplswatch_gopls::Places;
    match site.surroundings.places {
        Places::Macos => Ok(()),
        Places::Linux => {
            Err(Refusal::new("Spotlight is a part of macOS, and this is none", "nothing has to be done here"))
        }
    }
}

/// Gives the module cache a name that Spotlight leaves alone, and tells go so.
pub(super) fn move_module_cache(site: &Site) -> Result<Made, Refusal> {
    macos_only(site)?;
    let settings = "keep the folder from Spotlight in its settings: goplswatch fix open-spotlight-settings";
    let refused = |why: String| Refusal::new(why, settings);
    if site.surroundings.modcache_is_set {
        return Err(refused("GOMODCACHE is set in the environment, which comes before what go is told".into()));
    }
    let (go, env) = commands(site)
        .into_iter()
        .next()
        .ok_or_else(|| refused("no go command was found in its usual places, so nobody can be asked or told".into()))?;
    let from = env.cache.trim_end_matches('/').to_owned();
    let path = Path::new(&from);
    if !path.is_absolute() || !path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err(refused(format!("the module cache {from:?} is no folder that could be renamed")));
    }
    if let Some(part) = from.split('/').find(|part| part.ends_with(".noindex") || part.starts_with('.')) {
        return Err(refused(format!("{from} is kept from Spotlight already, since it lies in {part}")));
    }
    let to = format!("{from}.noindex");
    if Path::new(&to).symlink_metadata().is_ok() {
        return Err(refused(format!("{to} is there already")));
    }
    let before = told(&env.file).map_err(|why| refused(format!("what go is told now is not known: {why}")))?;
    let argv = |rest: [String; 2]| -> Vec<String> {
        let start = [word(&site.surroundings.env), "GOTOOLCHAIN=local".into(), go.clone(), "env".into()];
        start.into_iter().chain(rest).collect()
    };
    let undo = match before {
        Some(before) => argv(["-w".into(), format!("GOMODCACHE={before}")]),
        None => argv(["-u".into(), "GOMODCACHE".into()]),
    };
    let tell = argv(["-w".into(), format!("GOMODCACHE={to}")]);
    Ok(Made {
        steps: vec![
            Action::Rename { from, to, seal: None }.into(),
            Action::Run { argv: tell, deadline_ms: ms(WRITE), undo: Some(undo) }.into(),
        ],
        cost: "A gopls or go that runs meanwhile may fail to find modules until it is restarted. Where GOMODCACHE is set in \
               the environment of a shell or an editor, that one keeps the old place and fills it again."
            .into(),
        undo: None,
        is_manual: false,
    })
}

/// What the file of `go env -w` says of GOMODCACHE; `None`: nothing, or there is no file. Lines as go reads them
/// (src/cmd/go/internal/cfg/cfg.go, readEnvFile): a name, `=`, and the rest of the line.
fn told(file: &str) -> Result<Option<String>, String> {
    if !file.starts_with('/') {
        return Err(format!("GOENV is {file:?}"));
    }
    match std::fs::read_to_string(file) {
        Ok(text) => {
            let mut values = text.lines().filter_map(|line| line.strip_prefix("GOMODCACHE="));
            Ok(values.next_back().map(str::to_owned).filter(|value| !value.is_empty()))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{file} cannot be read: {error}")),
    }
}

fn word(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
