//! Links every library of macOS but libSystem weakly, so that the program starts where one is absent.
//!
//! The crates that draw the menu name their frameworks in `#[link]`, which links them strongly: a system without one,
//! or with one that lacks a name, would then start no command at all. Naming a library weakly anywhere makes all of it
//! weak, for Apple's linker and for lld alike (ld64, `InputFiles::addDylib`; lld, `MachO/Driver.cpp`, `addDylib` and
//! `addFramework`). Functions of a library that is absent are null; `crates/tray/src/macos/desktop.rs` looks before the
//! first one is called. The arguments are those that both clang, as Apple's linker driver, and lld itself understand.
//!
//! `cargo xtask darwin` holds the linked program to it: `EXPECTED` in `crates/xtask/src/darwin/macho.rs`.

/// Every framework that a crate of the macOS program names, whether the program calls it or not: one that nobody calls
/// is loaded all the same where the linker was not told to drop it. CoreServices has FSEvents, by which notify watches
/// folders. It also is what ApplicationServices re-exports, and with the SDK of macOS 26 the linker finds a name of
/// Foundation there that older systems have in Foundation only (`NSUserActivityTypeBrowsingWeb`,
/// SwiftOldDriver/iOS-Weekly#5062): strongly linked, the program would not start on them.
const FRAMEWORKS: [&str; 10] = [
    "AppKit",
    "ApplicationServices",
    "Carbon",
    "CoreFoundation",
    "CoreGraphics",
    "CoreServices",
    "CoreVideo",
    "Foundation",
    "IOKit",
    "UserNotifications",
];

/// The same for libraries: the Objective-C runtime, and iconv, which the `libc` crate names.
const LIBRARIES: [&str; 2] = ["objc", "iconv"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("macos") {
        return;
    }
    for framework in FRAMEWORKS {
        println!("cargo::rustc-link-arg-bins=-weak_framework");
        println!("cargo::rustc-link-arg-bins={framework}");
    }
    for library in LIBRARIES {
        println!("cargo::rustc-link-arg-bins=-weak-l{library}");
    }
}
