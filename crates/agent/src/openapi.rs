//! The OpenAPI document of the socket, generated from the types that cross it. It is checked in
//! beside the schemas, and a test requests each of its routes.

use goplswatch_core::event::IncidentView;
use goplswatch_core::{Line, UserCommand};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};

use crate::api::{DaySeries, Done, HistoryPage, Incidents, Refusal, Status};

/// The document, OpenAPI 3.1 (whose schemas are JSON Schema 2020-12, as schemars makes them).
#[must_use]
pub fn document() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|s| s.definitions_path = "/components/schemas".into());
    let mut schemas = settings.into_generator();
    let mut paths = serde_json::Map::new();
    paths.insert(
        "/v1/status".into(),
        json!({ "get": get::<Status>(&mut schemas, "What runs, what is wrong, and what the agent costs", &[]) }),
    );
    paths.insert("/v1/incidents".into(), json!({ "get": get::<Incidents>(&mut schemas, "The open incidents", &[]) }));
    let id = json!({ "name": "id", "in": "path", "required": true, "description": "An incident's id, such as restart-loop-37", "schema": { "type": "string" } });
    paths.insert(
        "/v1/incidents/{id}".into(),
        json!({ "get": get::<IncidentView>(&mut schemas, "One open incident", &[id]) }),
    );
    let query = |name: &str, what: &str, schema: Value| json!({ "name": name, "in": "query", "description": what, "schema": schema });
    let stretch = [
        query("since", "Events from this moment on", json!({ "type": "string", "format": "date-time" })),
        query("until", "Events up to this moment", json!({ "type": "string", "format": "date-time" })),
        query(
            "after",
            "Events behind this number: `more_after` of the page before",
            json!({ "type": "integer", "minimum": 0 }),
        ),
        query(
            "limit",
            "At most so many events, which are never cut within one input",
            json!({ "type": "integer", "minimum": 1, "maximum": crate::page::MAX_PAGE_EVENTS }),
        ),
    ];
    paths.insert(
        "/v1/series".into(),
        json!({ "get": get::<DaySeries>(&mut schemas, "What was measured over the last day", &[]) }),
    );
    paths.insert("/v1/history".into(), json!({ "get": get::<HistoryPage>(&mut schemas, "What happened", &stretch) }));
    paths.insert("/v1/events".into(), json!({ "get": events(&mut schemas) }));
    paths.insert("/v1/metrics".into(), json!({ "get": {
        "summary": "The same in numbers",
        "responses": { "200": { "description": "OpenMetrics text", "content": { "application/openmetrics-text": { "schema": { "type": "string" } } } } },
    } }));
    paths.insert("/v1/intents".into(), json!({ "post": user_commands(&mut schemas) }));
    paths.insert("/v1/openapi.json".into(), json!({ "get": {
        "summary": "This document",
        "responses": { "200": { "description": "OpenAPI 3.1", "content": { "application/json": { "schema": { "type": "object" } } } } },
    } }));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "goplswatch",
            "version": "1",
            "description": "What the agent of goplswatch knows, over HTTP/1.1 on a Unix socket that only its own user can reach. One request for each connection.",
        },
        "paths": paths,
        "components": { "schemas": schemas.take_definitions(true) },
    })
}

fn content<T: JsonSchema>(schemas: &mut SchemaGenerator, description: &str) -> Value {
    json!({ "description": description, "content": { "application/json": { "schema": schemas.subschema_for::<T>() } } })
}

fn get<T: JsonSchema>(schemas: &mut SchemaGenerator, summary: &str, parameters: &[Value]) -> Value {
    json!({
        "summary": summary,
        "parameters": parameters,
        "responses": { "200": content::<T>(schemas, "What was asked for"), "default": content::<Refusal>(schemas, "Why not") },
    })
}

fn events(schemas: &mut SchemaGenerator) -> Value {
    json!({
        "summary": "What happens, as it happens",
        "description": "Server-sent events. `event` is the kind, `data` a Line as JSON, `id` where to go on from with Last-Event-ID, also after a restart of the agent. A listener that falls 1024 events behind, or takes nothing for ten seconds, loses its connection.",
        "parameters": [{ "name": "Last-Event-ID", "in": "header", "description": "The last event that was received", "schema": { "type": "string" } }],
        "responses": {
            "200": { "description": "A stream without end", "content": { "text/event-stream": { "schema": schemas.subschema_for::<Line>() } } },
            "default": content::<Refusal>(schemas, "Why not"),
        },
    })
}

fn user_commands(schemas: &mut SchemaGenerator) -> Value {
    json!({
        "summary": "What the user wants",
        "requestBody": { "required": true, "content": { "application/json": { "schema": schemas.subschema_for::<UserCommand>() } } },
        "responses": { "200": content::<Done>(schemas, "It is recorded and followed"), "default": content::<Refusal>(schemas, "Why not, and what to do") },
    })
}
