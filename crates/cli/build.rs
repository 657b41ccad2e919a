//! Links every library of macOS except libSystem weakly, so that the program starts where one is
//! absent.
//!
//! The crates that draw the menu name their frameworks in `#[link]`, which links them strongly: on
//! a system without one of them, or with one that lacks a symbol, no command would start at all.
//! One weak reference to a library anywhere makes all of it weak, for Apple's linker and for lld
//! alike (ld64, `InputFiles::addDylib`; lld, `MachO/Driver.cpp`, `addDylib` and `addFramework`).
//! Functions of an absent library are null; `crates/tray/src/macos/desktop.rs` checks before the
//! first call. The arguments are those that both clang, as Apple's linker driver, and lld itself
//! understand.
//!
//! `cargo xtask darwin` checks the linked program: `EXPECTED` in
//! `crates/xtask/src/darwin/macho.rs`.

/// Every framework that a crate of the macOS program names, whether the program calls it or not: an
/// unused one is loaded all the same unless the linker was told to drop it. CoreServices contains
/// FSEvents, which notify uses to watch folders. It is also re-exported by ApplicationServices, and
/// with the SDK of macOS 26 the linker finds a symbol of Foundation in it that older systems have
/// only in Foundation (`NSUserActivityTypeBrowsingWeb`, SwiftOldDriver/iOS-Weekly#5062): linked
/// strongly, the program would not start on them.
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
