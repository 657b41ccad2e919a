//! Test that the checked-in JSON schemas match their types: those of all output in
//! `crates/cli/schema`, and those that the agent itself reads or serves in `crates/agent/schema`.
//! `cargo xtask generate` writes them.

use goplswatch_agent::api::Status;
use goplswatch_core::recording::Header;
use goplswatch_core::{Input, Line};
use goplswatch_testing::checked_in;
use schemars::JsonSchema;

fn check<T: JsonSchema>(file: &str) {
    hold(file, &schemars::schema_for!(T));
}

fn hold(file: &str, document: &impl serde::Serialize) {
    let made = serde_json::to_string_pretty(document).unwrap() + "\n";
    let path = format!("crates/{file}.json");
    assert!(
        checked_in(&path, made.as_bytes()) == made.as_bytes(),
        "{path} does not fit its type: `cargo xtask generate`"
    );
}

#[test]
fn schemas_are_those_of_the_types() {
    check::<Line>("cli/schema/line");
    check::<Status>("cli/schema/status");
    check::<goplswatch_view::Scene>("cli/schema/menu");
    check::<crate::why::Why>("cli/schema/why");
    check::<crate::explain::ExplainPage>("cli/schema/explain");
    check::<crate::doctor::Checked>("cli/schema/doctor");
    check::<crate::fix::Offers>("cli/schema/fix");
    check::<crate::fix::Planned>("cli/schema/fix-plan");
    check::<crate::fix::History>("cli/schema/receipt");
    check::<crate::service::Report>("cli/schema/service-status");
    check::<Header>("cli/schema/recording-header");
    check::<Input>("cli/schema/recording-input");
    check::<crate::config::ConfigReport>("cli/schema/config-show");
    check::<crate::config::Checked>("cli/schema/config-check");
    check::<goplswatch_agent::config::Settings>("agent/schema/config");
    hold("agent/schema/openapi", &goplswatch_agent::openapi::document());
}
