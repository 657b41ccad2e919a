//! The schemas of all JSON output, made from the types and held equal to the files in `crates/cli/schema`.
//!
//! After a wanted change: `GOPLSWATCH_BLESS=1 cargo test -p goplswatch schema`.

use std::path::Path;

use goplswatch_agent::api::Status;
use goplswatch_core::recording::Header;
use goplswatch_core::{Input, Line};
use schemars::JsonSchema;

fn check<T: JsonSchema>(name: &str) {
    hold(name, &schemars::schema_for!(T));
}

fn hold(name: &str, document: &impl serde::Serialize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(format!("{name}.json"));
    let made = serde_json::to_string_pretty(document).unwrap() + "\n";
    if std::env::var_os("GOPLSWATCH_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == made, "{} does not fit its type; see {}", path.display(), file!());
}

#[test]
fn schemas_are_those_of_the_types() {
    check::<Line>("line");
    check::<Status>("status");
    check::<goplswatch_view::Scene>("menu");
    check::<crate::why::Why>("why");
    check::<crate::explain::Page>("explain");
    check::<crate::fix::Offers>("fix");
    check::<crate::fix::Planned>("fix-plan");
    check::<crate::fix::History>("receipt");
    hold("openapi", &goplswatch_agent::openapi::document());
    check::<crate::service::Report>("service-status");
    check::<Header>("recording-header");
    check::<Input>("recording-input");
    check::<goplswatch_agent::config::Settings>("config");
    check::<crate::config::Shown>("config-show");
    check::<crate::config::Checked>("config-check");
}
