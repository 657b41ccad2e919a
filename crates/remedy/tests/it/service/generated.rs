//! The generated examples of the files for launchd, systemd and Finder.

use goplswatch_remedy::service::{self, BundleSite, CODESIGN};
use goplswatch_testing::checked_in;

use super::{LAUNCHD, SYSTEMD, Stage};

fn example(name: &str, made: &str) {
    let kept = checked_in(name, made.as_bytes());
    assert_eq!(String::from_utf8_lossy(&kept), made, "{name} is not what the program writes: `cargo xtask generate`");
}

#[test]
fn the_examples_are_what_the_program_writes() {
    let mut site = Stage::new(LAUNCHD).site.clone();
    site.logs = "/Users/you/Library/Logs/goplswatch".into();
    let folder = "/Users/you/Applications".into();
    site.bundle = Some(BundleSite { folder, codesign: CODESIGN.into(), without: None });
    example("launchd/dev.goplswatch.agent.plist", &site.text().unwrap());
    example("packaging/macos/Info.plist", &service::info(&"0123456789abcdef".repeat(4)).unwrap());
    let mut site = Stage::new(SYSTEMD).site.clone();
    site.executable = "/home/you/.cargo/bin/goplswatch".into();
    example("packaging/systemd/goplswatch.service", &site.text().unwrap());
}
