//! The OpenAPI 3.1 document: made from the routes and the types of their functions, so that it says what the server does.
//! Its readable form is `page.rs`.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::caller::{COOKIE_NAME, Need};
use crate::problem::{Code, ProblemDetails};
use crate::route::Route;
use crate::shape::DEFINITIONS;

/// Where everything is.
pub(crate) const ROOT: &str = "/api/v1";

const ABOUT: &str = "Rooms whose content never goes away, over HTTP. Sign on by POST /api/v1/session and keep the cookie, or \
                     send a token as `Authorization: Bearer`. A request that changes something and shows no token must come \
                     with `Origin` of this server. Errors are problem details (RFC 9457) with a `code`.";

/// The document of these routes.
pub(crate) fn document(routes: &[Route]) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = DEFINITIONS.into();
        settings.meta_schema = None;
    });
    let mut asked = settings.clone().for_deserialize().into_generator();
    let mut answered = settings.for_serialize().into_generator();
    let problem = answered.subschema_for::<ProblemDetails>().to_value();
    let mut paths: Map<String, Value> = Map::new();
    for route in routes {
        let operation = operation(route, &mut asked, &mut answered, &problem);
        let path = paths.entry(format!("{ROOT}{}", route.path)).or_insert_with(|| json!({}));
        path[route.method.as_str().to_ascii_lowercase()] = operation;
    }
    json!({
        "openapi": "3.1.0",
        "info": info(),
        "security": [{ "session": [] }, { "token": [] }],
        "paths": paths,
        "components": { "securitySchemes": security(), "schemas": schemas(asked, answered) },
    })
}

fn info() -> Value {
    let license = "MIT OR Apache-2.0";
    json!({
        "title": "Causerie",
        "version": env!("CARGO_PKG_VERSION"),
        "description": ABOUT,
        "license": { "name": license, "identifier": license },
    })
}

/// How somebody shows who he is.
fn security() -> Value {
    json!({
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": COOKIE_NAME,
            "description": "The cookie that POST /api/v1/session gives.",
        },
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "A token of a person or a bot, as an administrative operation made it.",
        },
    })
}

/// One operation.
fn operation(
    route: &Route,
    asked: &mut SchemaGenerator,
    answered: &mut SchemaGenerator,
    problem: &Value,
) -> Value {
    let noun = route.path.split('/').nth(1).unwrap_or_default();
    let mut operation = json!({ "operationId": route.name, "summary": *route.summary, "tags": [noun] });
    if route.need == Need::Nobody {
        operation["security"] = json!([]);
    }
    let mut parameters = parameters("path", route.path_shape.schema(asked));
    parameters.extend(self::parameters("query", route.query_shape.schema(asked)));
    if route.matches {
        parameters.push(if_match());
    }
    if !parameters.is_empty() {
        operation["parameters"] = Value::Array(parameters);
    }
    if let Some(body) = &route.body_shape {
        let schema = body.schema(asked);
        operation["requestBody"] =
            json!({ "required": true, "content": { "application/json": { "schema": schema } } });
    }
    if let Some((said, heard)) = &route.lasting {
        operation["x-live"] = json!({ "commands": said.schema(asked), "events": heard.schema(answered) });
    }
    let mut done = json!({ "description": said(route.done) });
    if let Some(answer) = &route.answer_shape {
        done["content"] = json!({ "application/json": { "schema": answer.schema(answered) } });
    }
    let mut responses = Map::from_iter([(route.done.as_str().to_owned(), done)]);
    for (status, codes) in refusals(route) {
        let titles: Vec<String> =
            codes.iter().map(|code| format!("{}: {}", code.name(), code.row().title)).collect();
        let content = json!({ "application/problem+json": { "schema": problem } });
        let response = json!({ "description": titles.join("; or "), "content": content });
        responses.insert(status.to_string(), response);
    }
    operation["responses"] = Value::Object(responses);
    operation
}

/// The state of what is changed, as the caller saw it.
fn if_match() -> Value {
    json!({
        "name": "If-Match",
        "in": "header",
        "required": false,
        "schema": { "type": "string" },
        "description": "The ETag of what is changed: if it has another one since, nothing is changed.",
    })
}

/// The fields of an object's schema as parameters.
fn parameters(place: &str, shape: Value) -> Vec<Value> {
    let required = |name: &str| {
        let names = shape["required"].as_array();
        names.is_some_and(|names| names.iter().any(|required| required == name))
    };
    let fields = shape["properties"].as_object().into_iter().flatten();
    let parameters = fields.map(|(name, schema)| {
        let mut schema = schema.clone();
        let about = schema.as_object_mut().and_then(|schema| schema.shift_remove("description"));
        let mut parameter =
            json!({ "name": name, "in": place, "required": required(name), "schema": schema });
        if let Some(about) = about {
            parameter["description"] = about;
        }
        parameter
    });
    parameters.collect()
}

/// What a route may refuse, by status.
pub(crate) fn refusals(route: &Route) -> BTreeMap<u16, Vec<Code>> {
    let mut codes = vec![
        Code::InvalidArgument,
        Code::MisdirectedRequest,
        Code::LimitExceeded,
        Code::InternalError,
        Code::DatabaseConnection,
        Code::Unavailable,
        Code::OutcomeUnknown,
    ];
    if route.need != Need::Nobody {
        codes.extend([Code::NotSignedOn, Code::ErrorPermission]);
    }
    if !route.method.is_safe() || route.lasting.is_some() {
        codes.push(Code::ForeignOrigin);
    }
    if route.path.contains('{') {
        codes.push(Code::NoSuchNode);
    }
    if route.body_shape.is_some() {
        codes.extend([Code::RequestTimeout, Code::TooLarge, Code::UnsupportedMediaType]);
    }
    codes.extend(&route.refuses);
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in codes {
        let same = by_status.entry(code.row().status.as_u16()).or_default();
        if !same.contains(&code) {
            same.push(code);
        }
    }
    by_status
}

/// The named schemas of what is asked and answered; one name is one schema.
fn schemas(mut asked: SchemaGenerator, mut answered: SchemaGenerator) -> Value {
    let mut all: BTreeMap<String, Value> = asked.take_definitions(true).into_iter().collect();
    for (name, schema) in answered.take_definitions(true) {
        let other = all.insert(name.clone(), schema.clone());
        assert!(other.is_none_or(|other| other == schema), "the name {name} has two schemas");
    }
    Value::Object(all.into_iter().collect())
}

fn said(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or("Done")
}
