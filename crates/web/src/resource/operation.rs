//! Operations of administration as routes: all of them from the table of `admin`, none said again here.
//! Who may and what happens is decided at the desk.

use admin::{AdminError, BadOperation, Operation, Outcome, Request, SPECS, Spec};
use axum::http::header::ETAG;
use axum::http::{HeaderValue, Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::caller::Need;
use crate::fields::{self, Fields};
use crate::limits::{BODY_OCTETS_MAX, FILE_OCTETS_MAX, OPERATION_OCTETS_MAX, OPERATION_TIME};
use crate::problem::{Code, Problem};
use crate::route::{Call, Plan, Raw, Reply, Route, later};
use crate::shape::{Shape, capital};

/// The field of a query that asks what would change.
const DRY_RUN: &str = "dryRun";

pub(super) fn routes() -> Vec<Route> {
    SPECS.iter().filter(|spec| !is_for_people(spec)).map(route).collect()
}

/// Whether people may use the route, too; those are in `room.rs`.
fn is_for_people(spec: &Spec) -> bool {
    spec.noun == "room" && matches!(spec.verb, "list" | "get")
}

/// The route of an operation.
fn route(spec: &'static Spec) -> Route {
    let route = Route::planned(plan(spec));
    let octets = || match spec.need {
        admin::Need::Own => BODY_OCTETS_MAX,
        _ if spec.takes_file() => FILE_OCTETS_MAX,
        _ => OPERATION_OCTETS_MAX,
    };
    let done = StatusCode::from_u16(spec.status).expect("a table names statuses that are");
    let route = route.done_with(done).within(octets, OPERATION_TIME);
    let route = route.refuses(&[Code::RuleBroken, Code::NoSuchPrincipal, Code::NoSuchNode]);
    if spec.only_reads {
        return route;
    }
    let conflicts = [Code::DuplicateRoomName, Code::NodeHierarchyViolation, Code::NodeDisabled];
    // Also what names no state is begun anew when what it was decided from changes, and gives up in the end.
    let route = route.refuses(&conflicts).refuses(&[Code::DataCollision]);
    if spec.takes_state { route.matching() } else { route }
}

/// What an operation says of its route.
pub(super) fn plan(spec: &'static Spec) -> Plan {
    let path = || part(spec, |name| spec.path_fields().contains(&name));
    let rest = || part(spec, |name| !spec.path_fields().contains(&name));
    let query = move || if spec.has_body() { part(spec, |_| false) } else { rest() };
    let body = move || Shape::Fields { name: Some(title(spec)), schema: Box::new(rest) };
    Plan {
        method: Method::from_bytes(spec.method.name().as_bytes()).expect("a table names usual methods"),
        path: spec.path,
        name: name(spec),
        summary: later(|| spec.summary()),
        need: Need::Operation(spec.need),
        path_fields: later(move || Fields::in_schema(&path())),
        path_shape: Shape::Fields { name: None, schema: Box::new(path) },
        query_shape: Shape::Fields { name: None, schema: Box::new(move || with_dry_run(spec, query())) },
        query_fields: Box::new(move |pairs| query_of(spec, pairs)),
        body_shape: spec.has_body().then(body),
        answer_shape: Some(Shape::Outcome(spec.rows)),
        serve: Box::new(move |call, raw| {
            Box::pin(async move { Ok(carry_out(&call, spec, raw).await?.answer()) })
        }),
    }
}

/// Has an operation carried out.
pub(super) async fn carry_out(call: &Call, spec: &'static Spec, raw: Raw) -> Result<Reply<Outcome>, Problem> {
    let Raw { path, mut query, body } = raw;
    let dry_run = !spec.only_reads && query.shift_remove(DRY_RUN) == Some(Value::Bool(true));
    let mut given = query;
    if spec.has_body() {
        given = fields::body(&body)?;
    }
    for (name, value) in path {
        if given.insert(name.clone(), value).is_some() {
            return Err(Problem::field(
                name.clone(),
                format!("'{name}' stands in the path: leave it out of the body"),
            ));
        }
    }
    let operation = spec.read(given)?;
    let only_one = spec.path.contains('{') || !spec.only_reads;
    run(call, operation, dry_run, only_one).await
}

/// Asks the desk, as whoever calls.
async fn run(
    call: &Call,
    operation: Operation,
    dry_run: bool,
    only_one: bool,
) -> Result<Reply<Outcome>, Problem> {
    let asker = call.caller()?.asker(call.ends.peer);
    let request = Request { dry_run, if_match: call.if_match.clone(), ..Request::of(operation) };
    let outcome = call.house.desk.run(asker, request).await.map_err(|error| match error {
        // Whoever sees everything may be told what is not there.
        AdminError::NotFound(said) if call.sees_all() => Problem::new(Code::NoSuchNode, said),
        other => other.into(),
    })?;
    let etag = if only_one { etag(&outcome) } else { None };
    let reply = Reply::of(outcome);
    Ok(match etag {
        Some(etag) => reply.with(ETAG, etag),
        None => reply,
    })
}

/// The etag of the one thing an outcome is about.
fn etag(outcome: &Outcome) -> Option<HeaderValue> {
    let rows = outcome.rows.values();
    let [row] = rows.as_slice() else { return None };
    HeaderValue::from_str(&format!("\"{}\"", row.get("etag")?.as_str()?)).ok()
}

/// The fields of the query: those of the operation if it has no body, and whether it is a dry run.
fn query_of(spec: &Spec, pairs: Vec<(String, String)>) -> Result<Map<String, Value>, Problem> {
    let (dry_run, rest): (Vec<_>, Vec<_>) =
        pairs.into_iter().partition(|(name, _)| !spec.only_reads && name == DRY_RUN);
    let mut values = Fields::in_schema(&with_dry_run(spec, json!({}))).read(dry_run)?;
    if let Some((name, _)) = rest.first().filter(|_| spec.has_body()) {
        let said = format!("'{name}' does not stand in the query here: put fields into the body");
        return Err(Problem::field(name.clone(), said));
    }
    let in_path = spec.path_fields();
    if let Some((name, _)) = rest.iter().find(|(name, _)| in_path.contains(&name.as_str())) {
        return Err(Problem::field(
            name.clone(),
            format!("'{name}' stands in the path: leave it out of the query"),
        ));
    }
    values.extend(spec.read_texts(rest.iter().map(|(name, text)| (name.as_str(), text.as_str())))?);
    Ok(values)
}

/// The schema of an operation with only some of its fields.
fn part(spec: &Spec, stands: impl Fn(&str) -> bool) -> Value {
    let mut schema = spec.schema().to_value();
    if let Some(fields) = schema["properties"].as_object_mut() {
        fields.retain(|name, _| stands(name));
    }
    if let Some(names) = schema.get_mut("required").and_then(Value::as_array_mut) {
        names.retain(|name| name.as_str().is_some_and(&stands));
    }
    schema
}

fn with_dry_run(spec: &Spec, mut query: Value) -> Value {
    if !spec.only_reads {
        let about = "Only say what would change, and write nothing.";
        query["properties"][DRY_RUN] = json!({ "type": "boolean", "default": false, "description": about });
    }
    query
}

/// The name of the operation: `roomNew`.
fn name(spec: &Spec) -> String {
    let words = spec.noun.split('-').chain(spec.verb.split(['-', ' '])).filter(|word| !word.is_empty());
    let name: String = words.map(capital).collect();
    name[..1].to_ascii_lowercase() + &name[1..]
}

/// The name of the struct behind it: `RoomNew`.
fn title(spec: &Spec) -> String {
    capital(&name(spec))
}

impl From<BadOperation> for Problem {
    fn from(bad: BadOperation) -> Self {
        if bad.field.is_empty() {
            Self::new(Code::InvalidArgument, bad.message)
        } else {
            Self::field(bad.field, bad.message)
        }
    }
}
