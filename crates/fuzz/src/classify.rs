//! Names, arguments and folders of other processes may be any bytes: every function of the crate
//! `gopls` must return.

use std::hint::black_box;

use arbitrary::{Arbitrary, Unstructured};
use goplswatch_core::Reading;
use goplswatch_core::types::ServerClass;
use goplswatch_gopls::{
    ENV_ALLOWED, Image, classify, client, client_of, hint, is_gopls_go_list, is_intermediary, load, redact,
    unknown_client_name, workspace,
};

/// A piece of a name or of an argument: arbitrary bytes, or one that the rules know.
#[derive(Arbitrary, Debug)]
enum Piece {
    Bytes(Vec<u8>),
    Known(u8),
}

const KNOWN: &[&[u8]] = &[
    b"gopls",
    b"/usr/bin/gopls",
    b"gopls_0.20.0_go_1.24.5",
    b"gopls.old",
    b"serve",
    b"mcp",
    b"-listen",
    b"-remote=auto",
    b"-rpc.trace",
    b"-mode=stdio",
    b"-instructions",
    b"** telemetry **",
    b"version",
    b"check",
    b"--",
    b"-",
    b"",
    b"/bin/sh",
    b"/usr/bin/env",
    b"/usr/bin/node",
    b"/usr/bin/python3.12",
    b"-c",
    b"-e",
    b"run",
    b"A=b",
    b"/usr/bin/go",
    b"go1.26.1",
    b"list",
    b"-C",
    b"-C=/w",
    b"-e",
    b"-json=ImportPath",
    b"-compiled=true",
    b"-test=true",
    b"-export=false",
    b"-deps=true",
    b"/usr/bin/nvim",
    b"/usr/bin/emacs-29.4",
    b"/opt/zed/zed-editor",
    b"/usr/share/code/code",
    b"--type=utility",
    b"--utility-sub-type=node.mojom.NodeService",
    b"extensionHost",
    b"/home/u/.vscode-server/cli/servers/x/server/node",
    b"/opt/openvscode-server-v1.109.5-linux-x64/node",
    b"/Applications/Cursor.app/Contents/MacOS/Cursor",
    b"/usr/bin/claude",
    b"gopackagesdriver",
    b"1",
    b"off",
    b"https://u:p@host/p?token=x",
    b"/",
    b"/home/u",
    b"/w/api",
];

impl Piece {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes.clone(),
            Self::Known(i) => KNOWN[usize::from(*i) % KNOWN.len()].to_vec(),
        }
    }
}

#[derive(Arbitrary, Debug)]
struct Process {
    comm: Piece,
    exe: Option<Piece>,
    argv: Option<Vec<Piece>>,
    env: Vec<(u8, Piece)>,
    folder: Option<Piece>,
    driver: Option<Piece>,
    home: Option<Piece>,
    text: String,
}

fn reading<T>(value: Option<T>) -> Reading<T> {
    value.map_or_else(
        || Reading::unknown(goplswatch_core::message::Message::reported("it would not say")),
        Reading::Known,
    )
}

/// Tests what these bytes encode. Panics if they reveal a fault.
pub fn run(bytes: &[u8]) {
    let Ok(process) = <Process>::arbitrary_take_rest(Unstructured::new(bytes)) else { return };
    let image = Image {
        comm: process.comm.bytes(),
        exe: reading(process.exe.map(|p| p.bytes())),
        argv: reading(process.argv.map(|argv| argv.iter().map(Piece::bytes).collect())),
        env: Reading::Known(
            process
                .env
                .iter()
                .map(|(i, value)| (ENV_ALLOWED[usize::from(*i) % ENV_ALLOWED.len()].to_owned(), value.bytes()))
                .collect(),
        ),
        folder: reading(process.folder.map(|p| p.bytes())),
    };
    let driver = process.driver.map(|p| p.bytes());
    let home = process.home.map(|p| p.bytes());
    black_box((hint(&image.comm), classify(&image), client(&image)));
    black_box((is_intermediary(&image), is_gopls_go_list(&image)));
    for class in [
        ServerClass::Lsp,
        ServerClass::Daemon,
        ServerClass::Forwarder,
        ServerClass::Mcp,
        ServerClass::OneShot,
        ServerClass::Sidecar,
    ] {
        if let Some(id) = client_of(&image, class) {
            black_box(id.row().restart.to_restart_commands());
        }
    }
    let harmless = |text: &str| assert!(!text.chars().any(char::is_control), "{text:?} would reach a terminal");
    harmless(&unknown_client_name(&image));
    if let Some((_, label)) = load(&image, driver.as_deref()) {
        harmless(&label);
    }
    if let Reading::Known(folder) = workspace(&image.folder, home.as_deref()) {
        harmless(&folder);
    }
    assert!(redact(&process.text).len() <= process.text.len());
    assert_eq!(redact(&redact(&process.text)), redact(&process.text), "cutting twice cuts no more");
}
