//! End-to-end tests with a real gopls and real editors (`cargo xtask test-deps` installs them), on
//! a session bus, and with operations that only root may do.
//!
//! `test_deps` finds what was installed, `scratch` makes an isolated environment, `editors` and
//! `session` start a gopls in it, `watch` runs the goplswatch under test. `harness` tests these
//! modules without goplswatch. Other gopls may run on the machine: every assertion is about pids
//! and folders of its own test.

mod agent;
mod calm;
mod causes;
#[cfg(target_os = "linux")]
mod desktop;
mod editors;
mod harness;
mod loads;
#[cfg(target_os = "linux")]
mod measured;
#[cfg(target_os = "linux")]
mod pressure;
#[cfg(target_os = "linux")]
mod pretended_desktop;
mod procs;
mod records;
mod root;
mod scratch;
mod session;
mod settings;
#[cfg(target_os = "linux")]
mod silent_mount;
mod stopped;
mod test_deps;
mod waiting;
mod watch;
