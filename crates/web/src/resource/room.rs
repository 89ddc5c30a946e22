//! `/rooms`: administrators and readers see every room in full, managers their own, everybody else the rooms it may know of.
//! Which is decided by who asks; what is not for the caller is answered as what is not there.

use admin::{RoomGet, Spec};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chat::Refusal;
use rooms::{RoomQuery, Visitor};
use schemars::{JsonSchema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::operation;
use super::visitor;
use crate::caller::Need;
use crate::fields;
use crate::problem::{Code, Problem};
use crate::route::{Answer, Call, Plan, Raw, Reply, Route};
use crate::shape::Shape;
use crate::value::Card;

/// Rooms as a person sees them.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Cards {
    /// What the rows are.
    kind: CardsKind,
    /// The rooms, by name.
    rows: Vec<Card>,
    /// Where the rest of a list begins, if there is more: its `cursor`.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Rooms as a person sees them.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum CardsKind {
    Cards,
}

/// What people may ask of the list.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Wanted {
    identity: Option<String>,
    q: Option<String>,
    search_description: bool,
    limit: Option<u32>,
    cursor: Option<String>,
}

pub(super) fn routes() -> Vec<Route> {
    let list = plan("list", |call, spec, raw| Box::pin(answer_list(call, spec, raw)));
    let card = plan("get", |call, spec, raw| Box::pin(answer_card(call, spec, raw)));
    let about_list = "Shows rooms: to readers every room in full, to everybody else the rooms the caller may know of, which may \
                      be asked for by identity, q, searchDescription, limit and cursor alone.";
    let about_card = "Shows one room, by name or GUID: to readers and its managers in full, to everybody else as its card.";
    vec![
        list.about(about_list).refuses(&[Code::NoSuchPrincipal, Code::NoSuchNode]),
        card.about(about_card).refuses(&[Code::NodeDisabled]),
    ]
}

/// The route of a verb of rooms that people may use as well.
fn plan(verb: &str, serve: fn(Call, &'static Spec, Raw) -> Answer) -> Route {
    let spec = Spec::find("room", verb).expect("rooms have this verb");
    let plan = operation::plan(spec);
    let people = Shape::Type(|generator: &mut SchemaGenerator| generator.subschema_for::<Cards>());
    Route::planned(Plan {
        need: Need::Somebody,
        answer_shape: Some(Shape::Either(vec![Shape::Outcome(spec.rows), people])),
        serve: Box::new(move |call, raw| serve(call, spec, raw)),
        ..plan
    })
}

async fn answer_list(call: Call, spec: &'static Spec, raw: Raw) -> Result<Response, Problem> {
    if call.sees_all() {
        return Ok(operation::carry_out(&call, spec, raw).await?.answer());
    }
    Ok(Reply::of(list(&call, raw.query)?).answer())
}

async fn answer_card(call: Call, spec: &'static Spec, raw: Raw) -> Result<Response, Problem> {
    let named: RoomGet = fields::typed(raw.path.clone()).map_err(|_| Problem::absent())?;
    match operation::carry_out(&call, spec, raw).await {
        Err(problem) if problem.code() == Code::NoSuchNode && !call.sees_all() => {
            Ok(Reply::of(card(&call, &named.room)?).answer())
        }
        done => Ok(done?.answer()),
    }
}

/// The rooms the caller may know of.
fn list(call: &Call, query: Map<String, Value>) -> Result<Cards, Problem> {
    let asked: Vec<String> = query.keys().cloned().collect();
    let wanted: Wanted = fields::typed(query).map_err(|_| {
        let known = "identity, q, searchDescription, limit and cursor";
        let said = format!("of {}, only {known} can be asked without the role reader", asked.join(", "));
        Problem::new(Code::ErrorPermission, said)
    })?;
    let visitor = visitor(call)?;
    if let Some(name) = wanted.identity {
        return Ok(cards(named(&visitor, &name).ok().as_slice(), None));
    }
    let after = wanted.cursor.map(|cursor| {
        let name = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|octets| String::from_utf8(octets).ok());
        name.ok_or_else(|| {
            Problem::field(
                "cursor",
                "this is no cursor of this list: give the `next` of the list before, as it was",
            )
        })
    });
    let limit = wanted.limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
    if limit == Some(0) {
        return Err(Problem::field("limit", "at least one room must be wanted"));
    }
    let page = visitor.find(&RoomQuery {
        words: wanted.q.unwrap_or_default(),
        extended: wanted.search_description,
        exact: true,
        limit,
        after: after.transpose()?,
        ..RoomQuery::default()
    });
    Ok(cards(&page.rooms, page.next.map(|name| URL_SAFE_NO_PAD.encode(name))))
}

/// One room, if the caller may know of it.
fn card(call: &Call, name: &str) -> Result<Cards, Problem> {
    let visitor = visitor(call).map_err(|_| Problem::absent())?;
    Ok(cards(&[named(&visitor, name)?], None))
}

/// The room of this GUID or name, case aside; what reads as a GUID is nobody's name.
fn named(visitor: &Visitor, text: &str) -> Result<rooms::RoomCard, Refusal> {
    let text = text.trim();
    Uuid::try_parse(text).map_or_else(|_| visitor.card_named(text), |guid| visitor.card(guid))
}

fn cards(found: &[rooms::RoomCard], next: Option<String>) -> Cards {
    Cards { kind: CardsKind::Cards, rows: found.iter().map(Card::of).collect(), next }
}
