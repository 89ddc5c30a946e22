//! Why a person may or may not: the rules asked with their reasons kept, and each reason traced to who put it there.
//! Holds no rule: what `chat` answers here is what it answers when somebody joins, reads or posts.

mod crowd;
mod facts;
mod preview;
mod words;

use chat::{Actor, Category, Person, PersonState, Principal, Reason, Refusal, Right, Role, Room, RoomId};

use crate::errand::Errand;
use crate::error::{AdminError, of_field};
use crate::operation::{About, Explain, RightName, WhoCan};
use crate::outcome::{Outcome, Rows};
use crate::page;
use crate::view::HolderView;

use facts::Facts;

pub(crate) use crowd::read as read_people;
pub(crate) use facts::actor;
pub(crate) use preview::{
    Access, PREVIEWED_MAX, after_memberships, after_policies, category_preview, people_preview, room_preview,
};

/// Most people who are read one by one to tell who has a right (ours: some ten milliseconds).
const FEW_MAX: usize = 2_000;
/// People looked at for one page of who has a right (ours: some twenty milliseconds).
const LOOKED_AT_MAX: usize = 5_000;

/// What an explanation is about.
enum Thing {
    Room(Room, Category),
    Category(Category),
    Post(Room, Category, u32),
}

/// How much of the facts the asker is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Depth {
    /// Everything.
    Full,
    /// No groups, no grantors: the asker asks about himself.
    Own,
}

pub(crate) async fn explain(errand: &Errand<'_>, asked: &Explain) -> Result<Outcome, AdminError> {
    let address = chat::Address::typed(&asked.person).map_err(of_field("person"))?;
    // All of this is read whatever is there: what is absent, hidden or out of scope is answered by the same work.
    let asker = errand.asking().await?;
    let person = errand.store.person_at(&address).await?;
    let thing = find(errand, asked.about, &asked.name).await?;
    let own = |person: &Person| errand.asker.by == Actor::Person(person.id);
    let (Some(person), Some(thing)) = (person, thing) else {
        return Err(absent(errand, asked.about, &asked.name));
    };
    let depth = match told(errand, asker.as_ref(), &thing) {
        true => Depth::Full,
        false if own(&person) && sees(&thing, &person) => Depth::Own,
        false => return Err(absent(errand, asked.about, &asked.name)),
    };
    let mut rights = Vec::new();
    let mut facts = Facts::of(errand, &person, thing.room(), thing.category(), depth).await?;
    for (right, allowed, reasons) in weighed(&thing, &person) {
        if asked.right.is_some_and(|only| word(only) != right) {
            continue;
        }
        rights.push(facts.right(right, allowed, &reasons).await?);
    }
    // What became of a post is a matter of the history: only who may read it is told.
    if let Thing::Post(room, category, number) = &thing
        && (depth == Depth::Full || room.allows(category, &person, Right::Read).is_ok())
    {
        facts.post(errand, room.id, *number, &mut rights).await?;
    }
    Ok(Outcome::of(Rows::Rights(rights)))
}

pub(crate) async fn who_can(errand: &Errand<'_>, asked: &WhoCan) -> Result<Outcome, AdminError> {
    let asker = errand.asking().await?;
    let thing = find(errand, asked.about, &asked.name).await?;
    let thing = thing.ok_or_else(|| absent(errand, asked.about, &asked.name))?;
    if !told(errand, asker.as_ref(), &thing) {
        return Err(absent(errand, asked.about, &asked.name));
    }
    let ways = ways(&thing, asked.right)?;
    let holds = |person: &Person| person.state == PersonState::Enabled && holds(&thing, person, asked.right);
    let (holders, next) = match crowd::few(errand, &ways, FEW_MAX).await? {
        Some(mut people) => {
            people.retain(holds);
            let key = |person: &Person| person.address.to_string();
            page::cut(people, asked.limit, asked.cursor.as_deref(), key)?
        }
        None => gone_through(errand, asked, holds).await?,
    };
    let views = holders.iter().map(|person| HolderView {
        address: person.address.to_string(),
        display_name: person.display_name.to_string(),
    });
    Ok(Outcome { next, ..Outcome::of(Rows::Holders(views.collect())) })
}

/// Those of everybody who have a right, by address, and where to go on: a page ends when it is full, or when enough people were
/// looked at for it.
async fn gone_through(
    errand: &Errand<'_>,
    asked: &WhoCan,
    holds: impl Fn(&Person) -> bool,
) -> Result<(Vec<Person>, Option<String>), AdminError> {
    let (limit, mut last) = page::begin(asked.limit, asked.cursor.as_deref())?;
    let mut holders = Vec::new();
    // Nothing was asked for.
    if limit == 0 {
        return Ok((holders, None));
    }
    for _ in 0..LOOKED_AT_MAX / crowd::CHUNK {
        let found = crowd::next(errand, Some(last.clone())).await?;
        let ends = found.len() < crowd::CHUNK;
        for person in found {
            if holders.len() == limit {
                return Ok((holders, Some(page::closed(&last))));
            }
            last = person.address.to_string();
            holders.extend(Some(person).filter(&holds));
        }
        if ends {
            return Ok((holders, None));
        }
    }
    Ok((holders, Some(page::closed(&last))))
}

/// Whether a person has a right, as the rules say.
fn holds(thing: &Thing, person: &Person, right: RightName) -> bool {
    match (thing, right) {
        (Thing::Category(category), RightName::Create) => category.may_create(person),
        (Thing::Category(category), RightName::Scope) => category.explain_scope(person).0,
        (Thing::Room(room, category) | Thing::Post(room, category, _), right) => {
            right.of_room().is_some_and(|right| room.allows(category, person, right).is_ok())
        }
        (Thing::Category(_), _) => false,
    }
}

/// The principals by which somebody may have a right, administrative roles aside.
fn ways(thing: &Thing, right: RightName) -> Result<Vec<Principal>, AdminError> {
    match (thing, right) {
        // Whoever creates is allowed as well, and a list of creators is the shorter one.
        (Thing::Category(category), RightName::Create) => Ok(category.creators.clone()),
        (Thing::Category(category), RightName::Scope) => Ok(category.scope.allowed.clone()),
        (Thing::Room(room, category) | Thing::Post(room, category, _), right) => match right.of_room() {
            Some(right) => Ok(room.ways(category, right)),
            None => Err(AdminError::invalid(
                "right",
                "a room gives no such right: create and scope are of categories",
            )),
        },
        (Thing::Category(_), _) => {
            Err(AdminError::invalid("right", "a category gives two rights: create (rooms in it) and scope"))
        }
    }
}

/// Every right over a thing, whether the person has it, and why.
fn weighed(thing: &Thing, person: &Person) -> Vec<(&'static str, bool, Vec<Reason>)> {
    match thing {
        Thing::Category(category) => {
            let (scope, why_scope) = category.explain_scope(person);
            let (create, why_create) = category.explain_creating(person);
            vec![("scope", scope, why_scope), ("create", create, why_create)]
        }
        Thing::Room(room, category) => over_room(room, category, person, &Right::ALL),
        Thing::Post(room, category, _) => over_room(room, category, person, &[Right::Read, Right::Purge]),
    }
}

fn over_room(
    room: &Room,
    category: &Category,
    person: &Person,
    rights: &[Right],
) -> Vec<(&'static str, bool, Vec<Reason>)> {
    let one = |right: &Right| {
        let (verdict, reasons) = room.explain(category, person, *right);
        (right.word(), verdict.is_ok(), reasons)
    };
    rights.iter().map(one).collect()
}

/// Whether the person sees the thing at all by the front door.
fn sees(thing: &Thing, person: &Person) -> bool {
    match thing {
        Thing::Category(category) => category.explain_scope(person).0,
        Thing::Room(room, category) | Thing::Post(room, category, _) => {
            !matches!(room.allows(category, person, Right::See), Err(Refusal::NotFound))
        }
    }
}

/// Whether the asker is told everything: an administrator, or a manager of the room.
fn told(errand: &Errand<'_>, asker: Option<&Person>, thing: &Thing) -> bool {
    if errand.has(Role::Reader) {
        return true;
    }
    match (asker, thing) {
        (Some(asker), Thing::Room(room, category) | Thing::Post(room, category, _)) => {
            room.allows(category, asker, Right::Inspect).is_ok()
        }
        _ => false,
    }
}

/// The thing of this name. The same is read whether there is one or not.
async fn find(errand: &Errand<'_>, about: About, name: &str) -> Result<Option<Thing>, AdminError> {
    Ok(match about {
        About::Category => errand.category(name).await?.map(Thing::Category),
        About::Room => errand.room_and_home(name).await?.map(|(room, home)| Thing::Room(room, home)),
        About::Message => {
            let (room, number) = name.rsplit_once('#').unwrap_or((name, ""));
            let number = number.parse().map_err(|_| {
                AdminError::invalid(
                    "name",
                    "a post is named ROOM#NUMBER, the number its room gave it: 'Operations#42'",
                )
            })?;
            let found = errand.room_and_home(room).await?;
            found.map(|(room, home)| Thing::Post(room, home, number))
        }
    })
}

/// One answer for what is not there and for what the asker may not know of.
fn absent(errand: &Errand<'_>, about: About, name: &str) -> AdminError {
    let what = match about {
        About::Room => "room",
        About::Category => "category",
        About::Message => "post",
    };
    let message = if errand.has(Role::Reader) {
        format!(
            "there is no {what} '{name}', or no such person: `causerie {what} list`, `causerie user list`"
        )
    } else {
        format!("there is no {what} '{name}', or no such person, that you may be told about")
    };
    AdminError::NotFound(message)
}

fn word(right: RightName) -> &'static str {
    match right {
        RightName::Create => "create",
        RightName::Scope => "scope",
        other => other.of_room().map_or("", Right::word),
    }
}

impl Thing {
    fn room(&self) -> Option<RoomId> {
        match self {
            Self::Room(room, _) | Self::Post(room, _, _) => Some(room.id),
            Self::Category(_) => None,
        }
    }

    fn category(&self) -> chat::CategoryId {
        match self {
            Self::Room(_, category) | Self::Category(category) | Self::Post(_, category, _) => category.id,
        }
    }
}
