//! `/rooms/{room}/messages` and `/search`: posts in pages by position, posting, and looking for texts.
//! Whoever goes on from the last position it saw can prove that it missed nothing.

use axum::http::{Method, StatusCode};
use chat::limits::{CLIENT_ID_BYTES_MAX, DISPLAY_NAME_CHARS_MAX, FILTER_BYTES_MAX};
use chat::{Address, ClientId, Draft, MatchClause, Rtf, Text};
use rooms::{Page, Start, TextQuery};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{InRoom, visitor};
use crate::caller::Need;
use crate::problem::{Code, Problem};
use crate::route::{Call, Nothing, Reply, Route};
use crate::value::{MessageValue, Moment, PersonValue, Place};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/rooms/{room}/messages", "readMessages", Need::Person, read)
            .about("Posts of a room, oldest first: the newest ones, those before a position, those around a post or a time, or what happened after a position.")
            .refuses(&[Code::NodeDisabled]),
        Route::new(Method::POST, "/rooms/{room}/messages", "postMessage", Need::Person, post)
            .about("Posts. Answered when the post is kept; one that comes again with the same clientId is answered as the first, another one refused.")
            .done_with(StatusCode::CREATED)
            .refuses(&[Code::NodeDisabled, Code::RuleBroken, Code::ClientIdTaken]),
        Route::new(Method::GET, "/rooms/{room}/mentionable", "listMentionable", Need::Person, mentionable)
            .about("Whom the caller may mention in a room, of those whose name begins with a text: eight at most, by name.")
            .refuses(&[Code::NodeDisabled]),
        Route::new(Method::GET, "/search", "searchMessages", Need::Person, search)
            .about("The newest posts with these words, in every room whose history the caller may read, or in those named."),
    ]
}

/// Which page.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wanted {
    /// What happened after this position: posts, and again each that was replaced or taken away.
    after: Option<Place>,
    /// Posts before this position.
    before: Option<Place>,
    /// The post of this number with some before it; when it is no more, the first after it.
    post: Option<u32>,
    /// The first post that was said at this time or later, with some before it.
    time: Option<Moment>,
    /// At most so many posts, 30 when nothing is said.
    #[schemars(range(min = 1, max = 500))]
    limit: Option<u32>,
}

/// A page of posts.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Messages {
    /// The posts. There may be fewer than were asked for, even none, and still more to come: `next` tells.
    messages: Vec<MessageValue>,
    /// What to ask `before` for what is before this page; null when nothing is.
    prev: Option<Place>,
    /// What to ask `after` for what is after this page. When it is `at`, nothing was.
    next: Place,
    /// The end of the room's journal at that moment.
    at: Place,
    /// When it is there, what the caller saw after this position was lost with a failure of the store and is to be forgotten.
    reset: Option<Place>,
}

/// What is to be posted.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewMessage {
    /// The plain text: of a message 8,000 octets at most, of a story 64,000.
    #[schemars(length(min = 1, max = 64_000))]
    text: String,
    /// A rich rendering of it, 128,000 octets of seven bits at most.
    #[schemars(length(max = 128_000))]
    rtf: Option<String>,
    /// High importance.
    #[serde(default)]
    alert: bool,
    /// The caller's own name for this post, unique among its posts in the room: who did not hear the answer can say it again.
    #[schemars(length(min = 1, max = 256))]
    client_id: Option<String>,
}

/// What was posted.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Posted {
    /// Its number in the room, from 1.
    post: u32,
    /// Where it was said.
    position: Place,
    /// When it was kept.
    time: Moment,
}

/// Whom to mention.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Begun {
    /// How the local part of the address or the display name begins, case aside.
    #[schemars(length(min = 1, max = 256))]
    q: String,
}

/// Who can be mentioned.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Mentionable {
    /// People who may read the room, the caller left out, by name.
    people: Vec<PersonValue>,
}

/// How several words combine.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Clause {
    /// Every word must occur.
    #[default]
    And,
    /// One word is enough.
    Or,
    /// The words must occur as they are written, one after another.
    Exact,
}

/// What is looked for.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Sought {
    /// Words separated by blanks.
    #[schemars(length(min = 1, max = 1024))]
    q: String,
    /// How several words combine: and, or, exact.
    #[serde(default)]
    clause: Clause,
    /// Whether capitals count.
    #[serde(default)]
    case_sensitive: bool,
    /// Only in this room; may come several times.
    room: Option<Vec<Uuid>>,
    /// Only what somebody with this address said; may come several times.
    author: Option<Vec<String>>,
    /// Only what was said then or later.
    from: Option<Moment>,
    /// Only what was said then or before.
    to: Option<Moment>,
    /// At most so many posts.
    #[schemars(range(min = 1, max = 999))]
    limit: Option<u32>,
}

/// What was found.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Found {
    /// The posts, newest first.
    messages: Vec<MessageValue>,
    /// Whether there are, or may be, more.
    exceeded: bool,
}

async fn read(call: Call, at: InRoom, wanted: Wanted, _: Nothing) -> Result<Reply<Messages>, Problem> {
    let starts = [
        wanted.after.map(|place| Start::After(place.0)),
        wanted.before.map(|place| Start::Before(place.0)),
        wanted.post.map(Start::Post),
        wanted.time.map(|moment| Start::Time(moment.0)),
    ];
    let mut given = starts.into_iter().flatten();
    let from = given.next().unwrap_or(Start::Newest);
    if given.next().is_some() {
        return Err(Problem::field("before", "give one of 'after', 'before', 'post' and 'time'"));
    }
    let page = Page { from, limit: limit(wanted.limit)? };
    let page = visitor(&call)?.messages(at.room, page).await?;
    Ok(Reply::of(Messages {
        messages: page.messages.iter().map(MessageValue::of).collect(),
        prev: page.prev.map(Place),
        next: Place(page.next),
        at: Place(page.at),
        reset: page.reset.map(Place),
    }))
}

async fn post(call: Call, at: InRoom, _: Nothing, new: NewMessage) -> Result<Reply<Posted>, Problem> {
    let broken = |field| move |bad: chat::BadText| Problem::broken(field, bad.to_string());
    let draft = Draft {
        text: Text::parse(&new.text).map_err(broken("text"))?,
        rtf: new.rtf.as_deref().map(Rtf::parse).transpose().map_err(broken("rtf"))?,
        alert: new.alert,
    };
    let unread = |bad: chat::BadText| {
        Problem::field(
            "clientId",
            format!("{bad}: 1 to {CLIENT_ID_BYTES_MAX} octets without control characters, or none"),
        )
    };
    let client_id = new.client_id.as_deref().map(ClientId::parse).transpose().map_err(unread)?;
    let said = visitor(&call)?.post(at.room, draft, client_id).await?;
    let (position, time) = (Place(said.position), Moment(said.time));
    Ok(Reply::of(Posted { post: said.post, position, time }))
}

async fn mentionable(
    call: Call,
    at: InRoom,
    begun: Begun,
    _: Nothing,
) -> Result<Reply<Mentionable>, Problem> {
    if !(1..=DISPLAY_NAME_CHARS_MAX).contains(&begun.q.chars().count()) {
        return Err(Problem::field("q", format!("'q' has 1 to {DISPLAY_NAME_CHARS_MAX} characters")));
    }
    let people = visitor(&call)?.mentionable(at.room, &begun.q)?;
    Ok(Reply::of(Mentionable { people: people.iter().map(|person| PersonValue::of(person)).collect() }))
}

async fn search(call: Call, _: Nothing, sought: Sought, _: Nothing) -> Result<Reply<Found>, Problem> {
    if sought.q.len() > FILTER_BYTES_MAX {
        return Err(Problem::field("q", format!("'q' has {FILTER_BYTES_MAX} octets at most")));
    }
    let address =
        |text: &String| Address::parse(text).map_err(|bad| Problem::field("author", bad.to_string()));
    let query = TextQuery {
        words: sought.q,
        clause: match sought.clause {
            Clause::And => MatchClause::And,
            Clause::Or => MatchClause::Or,
            Clause::Exact => MatchClause::Exact,
        },
        case_sensitive: sought.case_sensitive,
        rooms: sought.room,
        authors: sought.author.map(|all| all.iter().map(address).collect()).transpose()?,
        from: sought.from.map(|moment| moment.0),
        to: sought.to.map(|moment| moment.0),
        limit: limit(sought.limit)?,
    };
    let found = visitor(&call)?.search(&query).await?;
    let messages = found.hits.iter().map(MessageValue::of).collect();
    Ok(Reply::of(Found { messages, exceeded: found.exceeded }))
}

/// How many are wanted.
fn limit(wanted: Option<u32>) -> Result<Option<usize>, Problem> {
    if wanted == Some(0) {
        return Err(Problem::field("limit", "at least one post must be wanted"));
    }
    Ok(wanted.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX)))
}
