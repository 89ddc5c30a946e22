//! Who gains and who loses by a change that is not made yet: whoever it may concern asked before and after, by the same rules.
//! For dry runs; looks at so many people, rooms and rows at most, and says when there are more.

mod people;

use std::collections::{BTreeSet, HashMap, HashSet};

use chat::{Category, Person, Principal, Right, Room};

use super::crowd;
use crate::errand::Errand;
use crate::error::AdminError;
use crate::outcome::Outcome;
use crate::view::AccessView;

use people::standing_for;

pub(crate) use people::{after_memberships, after_policies, people_preview};

/// The rights that tell who gets in and who is shut out.
const TOLD: [Right; 5] = [Right::See, Right::Read, Right::Join, Right::Post, Right::Manage];
/// Lines listed at most (ours: a preview is read, not processed; the first of a change that touches everybody say enough).
const LINES_MAX: usize = 1_000;
/// People looked at for one preview (ours: about a tenth of a second).
pub(crate) const PREVIEWED_MAX: usize = 20_000;

/// How often somebody is asked about something for one preview (ours: about a tenth of a second).
const QUESTIONS_MAX: usize = 50_000;

/// A room with its category, before or after.
pub(crate) type Before<'a> = Option<(&'a Room, &'a Category)>;

/// Whose rights would change.
#[derive(Default, Debug)]
pub(crate) struct Access {
    listed: Vec<AccessView>,
    /// Lines that are not listed.
    more: usize,
    /// Not everybody and everything was looked at.
    cut: bool,
}

impl Access {
    /// Not everybody was looked at.
    pub(crate) fn cut(&mut self) {
        self.cut = true;
    }

    fn note(&mut self, line: Option<AccessView>) {
        match line {
            Some(line) if self.listed.len() < LINES_MAX => self.listed.push(line),
            Some(_) => self.more += 1,
            None => {}
        }
    }
}

impl Outcome {
    /// With whose rights would change.
    pub(crate) fn with_access(mut self, access: Access) -> Self {
        if access.cut {
            self.warnings.push(
                "the change concerns more people or rooms than a preview looks at: whose rights would change is told in part"
                    .into(),
            );
        }
        Self { access: access.listed, more_access: access.more, ..self }
    }
}

/// Whose rights in a room would change; nothing unless it is a dry run.
pub(crate) async fn room_preview(
    errand: &Errand<'_>,
    before: Before<'_>,
    after: Before<'_>,
) -> Result<Access, AdminError> {
    let mut access = Access::default();
    if !errand.dry_run {
        return Ok(access);
    }
    let room = before.or(after).map(|(room, _)| about(room)).unwrap_or_default();
    let (people, all) = crowd::behind(errand, &concerned(before, after), PREVIEWED_MAX).await?;
    access.cut = !all;
    for person in people {
        access.note(compared(&room, &person, &in_room(before, &person), &in_room(after, &person)));
    }
    Ok(access)
}

/// Whose place in a category would change, and who would lose rooms because these, as they are and as they would be, lose a
/// principal by which it had them; nothing unless it is a dry run.
pub(crate) async fn category_preview(
    errand: &Errand<'_>,
    before: &Category,
    after: &Category,
    rooms: &[(Room, Room)],
) -> Result<Access, AdminError> {
    let mut access = Access::default();
    if !errand.dry_run {
        return Ok(access);
    }
    let category = format!("category {}", before.name);
    // Which rooms lose whom, by their places.
    let mut lost: HashMap<Principal, Vec<usize>> = HashMap::new();
    for (place, (room, left)) in rooms.iter().enumerate() {
        moved(room, left).into_iter().for_each(|principal| lost.entry(principal).or_default().push(place));
    }
    let lists = [
        (&before.scope.allowed, &after.scope.allowed),
        (&before.scope.denied, &after.scope.denied),
        (&before.creators, &after.creators),
    ];
    let lists = lists.into_iter().flat_map(|(before, after)| differing(before, after));
    let principals: Vec<Principal> = lists.chain(lost.keys().cloned()).collect();
    let (people, all) = crowd::behind(errand, &principals, PREVIEWED_MAX).await?;
    access.cut = !all;
    let mut questions = 0;
    for person in people {
        if questions >= QUESTIONS_MAX {
            access.cut();
            break;
        }
        questions += 1;
        let (held, holds) = (in_category(before, &person), in_category(after, &person));
        access.note(compared(&category, &person, &held, &holds));
        // Who is out of the scope has lost every room by that.
        if !after.explain_scope(&person).0 {
            continue;
        }
        let of_them = standing_for(&person);
        let places: BTreeSet<usize> =
            of_them.iter().filter_map(|principal| lost.get(principal)).flatten().copied().collect();
        questions += places.len();
        for (room, left) in places.into_iter().map(|place| &rooms[place]) {
            let (held, holds) =
                (in_room(Some((room, before)), &person), in_room(Some((left, after)), &person));
            access.note(compared(&about(room), &person, &held, &holds));
        }
    }
    Ok(access)
}

/// Whom a change of a room may concern: whom its lists name anew or no more, or, when it becomes another room, everybody who has
/// a right in either.
fn concerned(before: Before<'_>, after: Before<'_>) -> Vec<Principal> {
    if let (Some((before, _)), Some((after, _))) = (before, after) {
        let kind = |room: &Room| (room.category, room.privacy, room.kind, room.disabled);
        if kind(before) == kind(after) {
            return moved(before, after);
        }
    }
    let both = before.into_iter().chain(after);
    let ways = both.flat_map(|(room, category)| TOLD.map(|right| room.ways(category, right)));
    let ways: HashSet<Principal> = ways.flatten().collect();
    ways.into_iter().collect()
}

fn in_room(at: Before<'_>, person: &Person) -> Vec<&'static str> {
    let Some((room, category)) = at else { return Vec::new() };
    let held = TOLD.into_iter().filter(|right| room.allows(category, person, *right).is_ok());
    held.map(Right::word).collect()
}

fn in_category(category: &Category, person: &Person) -> Vec<&'static str> {
    let scope = category.explain_scope(person).0.then_some("scope");
    let create = category.may_create(person).then_some("create");
    scope.into_iter().chain(create).collect()
}

fn compared(about: &str, person: &Person, before: &[&str], after: &[&str]) -> Option<AccessView> {
    let only = |ours: &[&str], theirs: &[&str]| {
        ours.iter().filter(|word| !theirs.contains(word)).map(|word| (*word).to_owned()).collect()
    };
    let (gains, loses): (Vec<String>, Vec<String>) = (only(after, before), only(before, after));
    let changes = !gains.is_empty() || !loses.is_empty();
    changes.then(|| AccessView { about: about.to_owned(), address: person.address.to_string(), gains, loses })
}

/// Whom one state of a room names and the other does not, on any of its lists.
fn moved(before: &Room, after: &Room) -> Vec<Principal> {
    let lists = [
        (&before.members, &after.members),
        (&before.managers, &after.managers),
        (&before.presenters, &after.presenters),
    ];
    lists.into_iter().flat_map(|(before, after)| differing(before, after)).collect()
}

/// Those who are on one of two lists.
fn differing(before: &[Principal], after: &[Principal]) -> Vec<Principal> {
    let (was, is): (HashSet<&Principal>, HashSet<&Principal>) =
        (before.iter().collect(), after.iter().collect());
    was.symmetric_difference(&is).map(|principal| (*principal).clone()).collect()
}

fn about(room: &Room) -> String {
    format!("room {}", room.name)
}
