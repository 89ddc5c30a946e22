//! Looking for texts: first which rooms the person may read, then what is in them, and only of that is anything counted.
//! Finds nothing that `chat::Room::decide` does not let the person read.

use chat::limits::{FILTER_BYTES_MAX, FILTER_WORDS_MAX, SEARCH_RESULTS_MAX};
use chat::{Address, Ask, BadFilter, Event, PersonId, Refusal, RoomId, TextFilter};
use store::Search;

use crate::catalog::Catalog;
use crate::limits::{SEARCH_AUTHORS_MAX, SEARCH_HITS_DEFAULT};
use crate::pages::message;
use crate::trouble::Trouble;
use crate::values::{TextQuery, TextsFound};
use crate::visitor::Visitor;

impl Visitor {
    /// The newest posts with these words, in rooms whose history the person may read. A room that is named and may not be read
    /// is searched as one that does not exist: nothing is found there.
    ///
    /// # Errors
    /// [`Trouble::Refused`] with `BadArgument` without words, `TooMany` for too many words, rooms or authors;
    /// [`Trouble::Store`]; [`Trouble::Stopping`].
    pub async fn search(&self, query: &TextQuery) -> Result<TextsFound, Trouble> {
        self.shared.running()?;
        self.shared.informed()?;
        let filter = TextFilter::parse(&query.words, query.clause, query.case_sensitive).map_err(refused)?;
        within("rooms", query.rooms.as_ref().map_or(0, Vec::len), SEARCH_RESULTS_MAX)?;
        within("authors", query.authors.as_ref().map_or(0, Vec::len), SEARCH_AUTHORS_MAX)?;
        let search = Search {
            rooms: self.readable(query),
            filter,
            authors: query.authors.as_ref().map(|authors| self.numbers(authors)),
            from: query.from,
            to: query.to,
            limit: query.limit.unwrap_or(SEARCH_HITS_DEFAULT).min(SEARCH_RESULTS_MAX),
        };
        let found = self.shared.store.search(search).await.map_err(|fault| self.shared.fault(fault))?;
        self.shared.know(found.posts.iter().flat_map(crate::history::named)).await?;
        // The rights are asked again: they may have been withdrawn while the store was read.
        let catalog = self.shared.catalog();
        let posts = found.posts.into_iter().filter(|post| reads(&catalog, post.room, self.id));
        let hits = posts.filter_map(|post| message(&catalog, post)).collect();
        Ok(TextsFound { hits, exceeded: found.exceeded })
    }

    /// The rooms that are looked into.
    fn readable(&self, query: &TextQuery) -> Vec<RoomId> {
        let catalog = self.shared.catalog();
        let asked: Vec<RoomId> = match &query.rooms {
            Some(rooms) => rooms.iter().filter_map(|room| catalog.room_id(*room)).collect(),
            None => catalog.rooms_by_name().map(|(_, room)| room.id).collect(),
        };
        let mut rooms: Vec<RoomId> =
            asked.into_iter().filter(|room| reads(&catalog, *room, self.id)).collect();
        rooms.sort_unstable();
        rooms.dedup();
        rooms
    }

    /// Everybody who has or had one of the addresses.
    fn numbers(&self, addresses: &[Address]) -> Vec<PersonId> {
        let catalog = self.shared.catalog();
        let people = catalog.people().filter(|person| addresses.contains(&person.address));
        people.map(|person| person.id).collect()
    }
}

/// Whether there is history the person may read in a room.
fn reads(catalog: &Catalog, room: RoomId, person: PersonId) -> bool {
    let case = catalog.case(room, person);
    case.and_then(|case| case.decide(Ask::Read)) == Ok(Event::Read { kept: true })
}

fn refused(bad: BadFilter) -> Refusal {
    match bad {
        BadFilter::Empty => Refusal::BadArgument("a search without words"),
        BadFilter::Character => Refusal::BadArgument("a search with a control character"),
        BadFilter::TooManyWords { .. } => {
            Refusal::TooMany { what: "words of a search", limit: FILTER_WORDS_MAX }
        }
        BadFilter::TooLong { .. } => Refusal::TooMany { what: "octets of a search", limit: FILTER_BYTES_MAX },
    }
}

fn within(what: &'static str, count: usize, limit: usize) -> Result<(), Refusal> {
    if count > limit { Err(Refusal::TooMany { what, limit }) } else { Ok(()) }
}
