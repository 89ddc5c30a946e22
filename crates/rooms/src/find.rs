//! What a person can find without joining: rooms by words, own rooms, where to create rooms, invitations; and preferences.
//! Every room passes `chat::Room::decide` before it is counted.

use std::sync::Arc;

use chat::limits::{PREFERENCE_BYTES_MAX, PREFERENCE_LABEL_CHARS_MAX, PREFERENCES_MAX, SEARCH_RESULTS_MAX};
use chat::{Ask, Category, Mask, Person, Refusal, Right, RoomId};
use store::{PutOutcome, Shelf};
use uuid::Uuid;

use crate::catalog::Case;
use crate::trouble::Trouble;
use crate::values::{Association, Invited, Preference, RoomCard, RoomPage, RoomQuery};
use crate::visitor::Visitor;

/// Words of one search that are looked at (ours).
const WORDS_MAX: usize = 32;

impl Case {
    pub(crate) fn card(&self, participants: usize) -> RoomCard {
        RoomCard {
            guid: self.room.guid,
            name: self.room.name.clone(),
            description: self.room.description.clone(),
            category_guid: self.category.guid,
            privacy: self.room.privacy,
            kind: self.room.kind,
            disabled: self.room.disabled,
            participants,
            logged: self.category.history,
            invites: self.room.invites(&self.category),
            file_upload: self.category.file_upload,
            add_in: self.add_in.clone(),
            mask: self.mask(),
        }
    }
}

impl Visitor {
    /// The rooms the person may see that match, by name without regard to case; disabled ones are left out.
    #[must_use]
    pub fn find(&self, query: &RoomQuery) -> RoomPage {
        let limit = query.limit.unwrap_or(SEARCH_RESULTS_MAX).min(SEARCH_RESULTS_MAX);
        let sought = Sought::of(query);
        let after = query.after.as_deref().map(chat::folded);
        let mut cases: Vec<Case> = {
            let catalog = self.shared.catalog();
            let rooms = catalog.rooms_by_name().filter(|(name, room)| {
                let right = query.guid.is_none_or(|guid| guid == room.guid);
                let later = after.as_deref().is_none_or(|after| *name > after);
                right && later && !room.disabled && sought.matches(name, room.description.as_str())
            });
            let cases = rooms.filter_map(|(_, room)| catalog.case(room.id, self.id).ok());
            cases.filter(|case| case.decide(Ask::See).is_ok()).take(limit + 1).collect()
        };
        let more = cases.len() > limit;
        cases.truncate(limit);
        let next = cases.last().filter(|_| more).map(|case| case.room.name.folded());
        RoomPage { rooms: self.cards(&cases), next }
    }

    /// The rooms that name the person, or its domain, as member or manager; by name.
    #[must_use]
    pub fn associated(&self, role: Association, limit: Option<usize>) -> Vec<RoomCard> {
        let limit = limit.unwrap_or(SEARCH_RESULTS_MAX).min(SEARCH_RESULTS_MAX);
        let mut cases: Vec<Case> = self.naming().into_iter().filter(|case| belongs(case, role)).collect();
        cases.sort_by_key(|case| case.room.name.folded());
        cases.truncate(limit);
        self.cards(&cases)
    }

    /// Whom the person may mention in a room, of those whose name begins so; the first by name.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a room the person may not know of, [`Refusal::NotAllowed`] for one it may not read;
    /// [`Refusal::Disabled`].
    pub fn mentionable(&self, room: Uuid, beginning: &str) -> Result<Vec<Arc<Person>>, Refusal> {
        let (id, case) = self.case_at(room)?;
        case.decide(Ask::Read)?;
        Ok(self.shared.catalog().mentionable(id, self.id, beginning))
    }

    /// The categories the person may create rooms in, by name.
    #[must_use]
    pub fn creatable(&self) -> Vec<Arc<Category>> {
        let catalog = self.shared.catalog();
        let Some(person) = catalog.person(self.id) else { return Vec::new() };
        let mut found: Vec<_> =
            catalog.categories().filter(|category| category.may_create(person)).cloned().collect();
        found.sort_by_key(|category| category.name.folded());
        found
    }

    /// The person's invitations with numbers greater than `after`, by number.
    ///
    /// # Errors
    /// [`Trouble::Store`], [`Trouble::Busy`], [`Trouble::Stopping`].
    pub async fn invitations(&self, after: u64) -> Result<Vec<Invited>, Trouble> {
        let cases: Vec<Case> = self
            .naming()
            .into_iter()
            .filter(|case| case.room.allows(&case.category, &case.person, Right::Invitation).is_ok())
            .collect();
        let granted: Vec<RoomId> = cases.iter().map(|case| case.room.id).collect();
        let kept = self.shared.store.invitations(self.id, &granted).await;
        let mut kept = kept.map_err(|fault| self.shared.fault(fault))?;
        kept.retain(|invitation| invitation.id > after);
        kept.sort_by_key(|invitation| invitation.id);
        kept.truncate(SEARCH_RESULTS_MAX);
        let found = kept.into_iter().filter_map(|invitation| {
            let case = cases.iter().find(|case| case.room.id == invitation.room)?;
            let card = self.cards(std::slice::from_ref(case)).pop()?;
            Some(Invited { id: invitation.id, time: invitation.time, card })
        });
        Ok(found.collect())
    }

    /// A stored preference; its content is left out when the caller has seen this version.
    ///
    /// # Errors
    /// [`Trouble::Refused`] with `BadArgument` for an empty or too long label; [`Trouble::Store`].
    pub async fn preference(&self, label: &str, seen: Option<u64>) -> Result<Preference, Trouble> {
        check_label(label)?;
        let read = self.shared.store.document(self.id, Shelf::Preference, label).await;
        Ok(match read.map_err(|fault| self.shared.fault(fault))? {
            None => Preference { version: 0, content: None },
            Some(kept) if seen == Some(kept.version) => Preference { version: kept.version, content: None },
            Some(kept) => Preference { version: kept.version, content: Some(kept.content) },
        })
    }

    /// Stores a preference; returns its new version.
    ///
    /// # Errors
    /// [`Trouble::Refused`] with `BadArgument` for a bad label and `TooMany` beyond a limit; [`Trouble::Store`].
    pub async fn set_preference(&self, label: &str, content: Vec<u8>) -> Result<u64, Trouble> {
        check_label(label)?;
        self.shared.running()?;
        if content.len() > PREFERENCE_BYTES_MAX {
            return Err(
                Refusal::TooMany { what: "octets of a preference", limit: PREFERENCE_BYTES_MAX }.into()
            );
        }
        let put =
            self.shared.store.put_document(self.id, Shelf::Preference, label, None, Some(content)).await;
        match put.map_err(|fault| self.shared.fault(fault))? {
            PutOutcome::Stored(version) => Ok(version),
            PutOutcome::Conflict(_) | PutOutcome::Removed => {
                unreachable!("content was given, and no version was expected")
            }
            PutOutcome::TooMany { .. } => {
                Err(Refusal::TooMany { what: "preferences", limit: PREFERENCES_MAX }.into())
            }
            PutOutcome::TooLarge { limit } => {
                Err(Refusal::TooMany { what: "octets of a preference", limit }.into())
            }
            PutOutcome::NoSuchPerson => Err(Refusal::NotAllowed.into()),
        }
    }

    fn naming(&self) -> Vec<Case> {
        let catalog = self.shared.catalog();
        let Some(person) = catalog.person(self.id) else { return Vec::new() };
        catalog.rooms_naming(person).into_iter().filter_map(|room| catalog.case(room, self.id).ok()).collect()
    }

    pub(crate) fn cards(&self, cases: &[Case]) -> Vec<RoomCard> {
        let live = self.shared.live();
        cases.iter().map(|case| case.card(live.headcount(case.room.id))).collect()
    }
}

/// A member may join because a list names him; a manager may manage, also a disabled room.
fn belongs(case: &Case, role: Association) -> bool {
    match role {
        Association::Member => {
            case.person.is_any(&case.room.members) && !case.room.disabled && case.mask().has(Mask::JOIN)
        }
        Association::Manager => case.mask().has(Mask::MANAGE),
    }
}

fn check_label(label: &str) -> Result<(), Refusal> {
    let length = label.chars().count();
    if length == 0 || length > PREFERENCE_LABEL_CHARS_MAX || label.chars().any(char::is_control) {
        return Err(Refusal::BadArgument("the label of a preference"));
    }
    Ok(())
}

/// The words of a query, without regard to case.
struct Sought {
    words: Vec<String>,
    extended: bool,
    all: bool,
}

impl Sought {
    fn of(query: &RoomQuery) -> Self {
        let folded = chat::folded(&query.words);
        let words = if query.exact {
            Some(folded.trim().to_owned()).filter(|phrase| !phrase.is_empty()).into_iter().collect()
        } else {
            folded.split_whitespace().take(WORDS_MAX).map(str::to_owned).collect()
        };
        Self { words, extended: query.extended, all: query.all_words }
    }

    fn matches(&self, folded_name: &str, description: &str) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let description = if self.extended { chat::folded(description) } else { String::new() };
        let found =
            |word: &String| folded_name.contains(word.as_str()) || description.contains(word.as_str());
        if self.all { self.words.iter().all(found) } else { self.words.iter().any(found) }
    }
}
