//! Messages taken away or replaced, and rooms cleared: which are meant, and the way through them in portions.
//! Never shows a text of one.

use std::collections::HashMap;

use chat::{Address, Draft, MatchClause, PersonId, Role, Roles, Room, Text, TextFilter, Time};
use serde_json::json;
use store::limits::AMEND_POSTS_MAX;
use store::{Act, Amend, AmendOutcome, Amendment, Sweep, SweptPost};

use crate::errand::Errand;
use crate::error::{AdminError, of_field};
use crate::operation::{MatchWord, MessageRemove, RoomClear};
use crate::outcome::{Changed, Outcome, Rows};
use crate::principal::nobody;
use crate::room;
use crate::view::MessageView;

/// What stands in the place of a message when nothing else is asked (documented).
const STAND_IN: &str = "This message was replaced by the Persistent Chat administrator.";
/// Messages that are listed one by one (ours: a list that can be looked through); all of them are counted.
const LISTED_MAX: usize = 1_000;
/// Messages one operation takes away (ours: 4 MB of numbers while it runs).
const MESSAGES_MAX: usize = 1_000_000;

pub(crate) async fn remove(errand: &Errand<'_>, asked: &MessageRemove) -> Result<Outcome, AdminError> {
    let to = amendment(asked)?;
    let filter = filter(asked)?;
    let from = asked.start_date.as_ref().map(|moment| moment.first("startDate")).transpose()?;
    let until = asked.end_date.as_ref().map(|moment| moment.last("endDate")).transpose()?;
    if from.zip(until).is_some_and(|(from, until)| from > until) {
        let message = "the start date lies after the end date, so no message could be meant: exchange them";
        return Err(AdminError::rule("startDate", message));
    }
    let (room, _) = room::find(errand, &asked.room).await?;
    let authors = match &asked.user_uri {
        Some(uri) => Some(authors(errand, uri).await?),
        None => None,
    };
    // Asked again, what was replaced already is left as it is.
    let unlike = match &to {
        Amendment::Replace(draft) => Some(draft.text.as_str().to_owned()),
        Amendment::Remove => None,
    };
    let sweep = Sweep { room: room.id, authors, from, to: until, filter, unlike };
    purge(errand, &room, sweep, to).await
}

pub(crate) async fn clear(errand: &Errand<'_>, asked: &RoomClear) -> Result<Outcome, AdminError> {
    let until: Time = asked.end_date.last("endDate")?;
    let (room, _) = room::find(errand, &asked.room).await?;
    let sweep =
        Sweep { room: room.id, authors: None, from: None, to: Some(until), filter: None, unlike: None };
    purge(errand, &room, sweep, Amendment::Remove).await
}

fn amendment(asked: &MessageRemove) -> Result<Amendment, AdminError> {
    match (asked.remove, &asked.replace_message) {
        (true, Some(_)) => {
            let message =
                "remove puts nothing in the place of a message, replaceMessage a text: give one of them";
            Err(AdminError::rule("replaceMessage", message))
        }
        (true, None) => Ok(Amendment::Remove),
        (false, text) => {
            let text = text.as_deref().unwrap_or(STAND_IN);
            let text = Text::parse(text).map_err(of_field("replaceMessage"))?;
            Ok(Amendment::Replace(Draft { text, rtf: None, alert: false }))
        }
    }
}

fn filter(asked: &MessageRemove) -> Result<Option<TextFilter>, AdminError> {
    let clause = match asked.match_clause {
        None | Some(MatchWord::And | MatchWord::All) => MatchClause::And,
        Some(MatchWord::Or) => MatchClause::Or,
        Some(MatchWord::Exact) => MatchClause::Exact,
    };
    match &asked.filter {
        Some(words) => {
            TextFilter::parse(words, clause, asked.case_sensitive).map(Some).map_err(of_field("filter"))
        }
        None if asked.match_clause.is_some() || asked.case_sensitive => {
            let message =
                "matchClause and caseSensitive say how words are compared: give the words as filter";
            Err(AdminError::rule("filter", message))
        }
        None => Ok(None),
    }
}

/// Everybody who ever posted under this address; who had it first may have been removed since.
async fn authors(errand: &Errand<'_>, uri: &str) -> Result<Vec<PersonId>, AdminError> {
    let address = Address::typed(uri).map_err(of_field("userUri"))?;
    let found = errand.store.people_ever_at(&address).await?;
    if found.is_empty() {
        return Err(AdminError::NoPrincipal { field: "userUri".into(), message: nobody(&address) });
    }
    Ok(found)
}

/// Counts and lists what is meant, and unless it is a dry run goes through it.
async fn purge(errand: &Errand<'_>, room: &Room, sweep: Sweep, to: Amendment) -> Result<Outcome, AdminError> {
    let object = format!("room {}", room.name);
    errand.matches(&object, &room.rules.to_string())?;
    let (meant, listed) = meant(errand, &sweep).await?;
    let rows = Rows::Messages(shown(errand, &listed).await?);
    let mut outcome = Outcome::of(rows);
    if meant.is_empty() {
        return Ok(outcome);
    }
    let after = match &to {
        Amendment::Remove => json!("removed"),
        Amendment::Replace(draft) => json!(format!("replaced: {}", draft.text.as_str())),
    };
    outcome.changes.push(Changed { object, field: "messages".into(), before: json!(meant.len()), after });
    if meant.len() > listed.len() {
        outcome.warnings.push(format!("the first {} of {} messages are listed", listed.len(), meant.len()));
    }
    if !errand.dry_run {
        let done = amend(errand, room, &meant, to, &outcome.changes).await?;
        if done < meant.len() {
            let others = meant.len() - done;
            outcome.warnings.push(format!("{others} of them were taken away by somebody else meanwhile"));
        }
    }
    Ok(outcome)
}

/// The numbers of all posts that are meant, and the first of them with author and time.
async fn meant(errand: &Errand<'_>, sweep: &Sweep) -> Result<(Vec<u32>, Vec<SweptPost>), AdminError> {
    let (mut meant, mut listed) = (Vec::new(), Vec::new());
    let mut next = Some(0);
    while let Some(after) = next {
        let page = errand.store.sweep(sweep, after, AMEND_POSTS_MAX).await?;
        meant.extend(page.posts.iter().map(|post| post.said.post));
        listed.extend(page.posts.into_iter().take(LISTED_MAX - listed.len()));
        if meant.len() > MESSAGES_MAX {
            return Err(AdminError::Limit(format!(
                "more than {MESSAGES_MAX} messages are meant: narrow it by dates, and do the rest afterwards"
            )));
        }
        next = page.next;
    }
    Ok((meant, listed))
}

/// Takes the texts away or replaces them in portions, each a transaction of its own under the number of the operation. What
/// interrupts it leaves the first of them done; the same asked again goes on with the rest. Returns how many it did.
async fn amend(
    errand: &Errand<'_>,
    room: &Room,
    posts: &[u32],
    to: Amendment,
    changes: &[Changed],
) -> Result<usize, AdminError> {
    let interrupted = |error: AdminError, done: usize| {
        let all = posts.len();
        error.told(|why| {
            format!("{why} ({done} of {all} messages were done; ask again to go on with the rest)")
        })
    };
    let (mut operation, mut done) = (None, 0);
    let needed = Roles::of(&[Role::ChatAdministrator]);
    let mut standing = errand.standing(needed).await?;
    for portion in posts.chunks(to.posts_max()) {
        let outcome = loop {
            // What was asked is written once.
            let asked = if operation.is_none() { errand.asked(changes) } else { String::new() };
            // What others change once the first of them are gone is nothing to what was asked.
            let rules = if operation.is_none() { errand.named(room.rules) } else { None };
            let (by, token) = (errand.asker.by, errand.asker.token);
            let act = Act { by, standing, token, rules, operation, asked };
            let amend = Amend { room: room.id, posts: portion.to_vec(), to: to.clone(), act };
            let outcome = errand.store.amend(amend).await.map_err(|fault| interrupted(fault.into(), done))?;
            if !matches!(outcome, AmendOutcome::Moved) {
                break outcome;
            }
            // The asker's standing has moved: perhaps the role is gone.
            let now = errand.standing(needed).await;
            standing = now.map_err(|error| interrupted(error, done))?;
        };
        match outcome {
            AmendOutcome::Amended { operation: number, entries } => {
                operation = Some(number).filter(|number| *number > 0);
                done += entries.len();
            }
            AmendOutcome::NoSuchRoom => {
                let gone = AdminError::NotFound(format!("the room '{}' was removed meanwhile", room.name));
                return Err(interrupted(gone, done));
            }
            AmendOutcome::Stale => {
                let message =
                    format!("the room '{}' has been changed meanwhile: look, and ask again", room.name);
                return Err(interrupted(AdminError::Stale(message), done));
            }
            AmendOutcome::TooMany { limit } => unreachable!("portions have at most {limit} posts"),
            AmendOutcome::Moved => unreachable!("it was decided anew above"),
        }
    }
    Ok(done)
}

async fn shown(errand: &Errand<'_>, listed: &[SweptPost]) -> Result<Vec<MessageView>, AdminError> {
    let mut authors: Vec<PersonId> = listed.iter().map(|post| post.author).collect();
    authors.sort_unstable();
    authors.dedup();
    let addresses: HashMap<_, _> = errand.store.addresses(authors).await?.into_iter().collect();
    let author = |id| addresses.get(&id).map_or_else(|| "(unknown)".to_owned(), Address::to_string);
    let view = |post: &SweptPost| MessageView {
        message: post.said.post,
        author: author(post.author),
        time: post.said.time.iso7(),
    };
    Ok(listed.iter().map(view).collect())
}
