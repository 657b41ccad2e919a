//! Recognises the children of a gopls that load packages.

use goplswatch_core::types::LoadKind;

use crate::class::{Classified, classify};
use crate::go_command::{command, go_arguments};
use crate::image::Image;
use crate::names;

/// Whether a child of a gopls loads packages, and the name to show for it.
///
/// `server_driver` is the server's `GOPACKAGESDRIVER`: a path or a name; empty and "off" mean none
/// (golang/tools go/packages/external.go). It is given for direct children only. A driver that was
/// set in gopls' own settings instead is recognised only if it is called `gopackagesdriver…`, the
/// name that external.go looks for in PATH.
#[must_use]
pub fn load(image: &Image, server_driver: Option<&[u8]>) -> Option<(LoadKind, String)> {
    if go_arguments(image).is_some_and(|args| command(args) == Some(b"list")) {
        return Some((LoadKind::GoList, "go list".into()));
    }
    let wanted = server_driver.filter(|d| !matches!(*d, b"" | b"off")).map(names::base);
    // For a script, the script's name counts and not its interpreter: `GOPACKAGESDRIVER=/x/bash`
    // does not make every shell a driver.
    let file = match image.script() {
        Some((script, _)) => names::base(script),
        None => image.exe_name().or_else(|| image.argv0_name())?,
    };
    let called = image.argv0_name().filter(|_| image.interpreter().is_none());
    let named = [Some(file), called].into_iter().flatten().find(|name| name.starts_with(b"gopackagesdriver"));
    // A driver is usually a script that execs something else (`exec bazel run -- …`). Whatever
    // gopls itself starts besides go and gopls is therefore the driver, if it has one, and is shown
    // under the name that the user gave it.
    let started = wanted.filter(|w| !w.is_empty() && go_arguments(image).is_none() && !is_gopls(image));
    named.or(started).map(|name| (LoadKind::Driver, names::shown(name)))
}

fn is_gopls(image: &Image) -> bool {
    classify(image) != Classified::Not
}

/// Whether a `go list` was started by gopls, for use when its parent is gone.
///
/// go/packages (golang/tools go/packages/golist.go, `golistargs`) writes `list -e -json=…
/// -compiled=true -test=true -export=false -deps=true … --`, each switch with its value, which
/// nobody types by hand. These four values are those of gopls 0.16 to 0.24, which type-checks tests
/// too and works from source. Linters that load export data use other values; an analysis tool that
/// loads everything from source writes the same.
#[must_use]
pub fn is_gopls_go_list(image: &Image) -> bool {
    let Some(args) = go_arguments(image).filter(|args| command(args) == Some(b"list")) else { return false };
    let has = |wanted: &[u8]| args.iter().any(|arg| arg == wanted);
    has(b"-e")
        && args.iter().any(|arg| arg == b"-json" || arg.starts_with(b"-json="))
        && has(b"-compiled=true")
        && has(b"-test=true")
        && has(b"-export=false")
        && has(b"-deps=true")
        && has(b"--")
}
