//! The JSON schema of a message.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::text::MessageText;
use crate::code::WORD;

/// The name of a message. As with codes, the set of names is not part of a schema: readers use
/// the text, not the name.
struct MessageName;

impl JsonSchema for MessageName {
    fn schema_name() -> Cow<'static, str> {
        "MessageName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": WORD })
    }
}

impl JsonSchema for MessageText {
    fn schema_name() -> Cow<'static, str> {
        "MessageText".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let name = generator.subschema_for::<MessageName>();
        json_schema!({
            "type": "object",
            "description": "A message with its arguments, and its text.",
            "properties": {
                "message": name,
                "args": { "type": "object" },
                "text": { "type": "string" },
            },
            "required": ["message", "args"],
        })
    }
}
