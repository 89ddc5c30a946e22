//! Worlds by chance: whatever exports follow each other, the last is what counts; whatever the lists say, what is explained
//! is what is enforced.

use std::collections::BTreeSet;
use std::fmt::Write;

use admin::{
    About, AdminError, Asker, CategoryFields, DirectoryImport, Explain, Operation, Request, RightName,
    RoomFields, RoomPrivacy, RoomType, UserDisable, WhoCan,
};
use chat::{Actor, Description, Person, PersonState, Refusal, Right, Role, Room, ScopeName};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::{Value, json};
use store::{Order, PolicyDraft, RowChange, RowDone};
use tokio::runtime::Runtime;

use crate::groups::{grant, new_group, set_group};
use crate::house::{House, ROOT, add, new_room};
use crate::office::{import, of, principals};

/// Worlds tried in one run (ours: some seconds; each is a store of its own).
const WORLDS: u32 = 20;

fn config() -> ProptestConfig {
    ProptestConfig { cases: WORLDS, failure_persistence: None, ..ProptestConfig::default() }
}

/// What an export may say of one object.
#[derive(Clone, Debug)]
struct Said {
    there: bool,
    /// In which of the containers, the domain being the last.
    place: usize,
    name: usize,
    enabled: bool,
    members: BTreeSet<usize>,
}

/// An export: three containers, four groups, six people with addresses.
#[derive(Clone, Debug)]
struct Export {
    units: Vec<Said>,
    groups: Vec<Said>,
    people: Vec<Said>,
    addresses: Vec<usize>,
}

const UNITS: usize = 3;
const GROUPS: usize = 4;
const PEOPLE: usize = 6;

fn said() -> impl Strategy<Value = Said> {
    let members = subsequence((0..GROUPS + PEOPLE).collect::<Vec<_>>(), 0..GROUPS + PEOPLE);
    (prop::bool::weighted(0.8), 0..=UNITS, 0..3_usize, prop::bool::weighted(0.8), members).prop_map(
        |(there, place, name, enabled, members)| Said {
            there,
            place,
            name,
            enabled,
            members: members.into_iter().collect(),
        },
    )
}

fn export() -> impl Strategy<Value = Export> {
    let addresses = Just((0..PEOPLE + 2).collect::<Vec<_>>()).prop_shuffle();
    (vec(said(), UNITS), vec(said(), GROUPS), vec(said(), PEOPLE), addresses)
        .prop_map(|(units, groups, people, addresses)| Export { units, groups, people, addresses })
}

impl Export {
    /// The distinguished name of a container; each lies in one before it, or in the domain.
    fn unit(&self, number: usize) -> String {
        let said = &self.units[number];
        let above = if said.place < number { self.unit(said.place) } else { "DC=example,DC=com".into() };
        format!("OU=Unit {number}{},{above}", said.name)
    }

    fn place(&self, said: &Said) -> String {
        if said.place < UNITS { self.unit(said.place) } else { "DC=example,DC=com".into() }
    }

    fn principal(&self, number: usize) -> String {
        if number < GROUPS {
            let said = &self.groups[number];
            return format!("CN=Group {number}{},{}", said.name, self.place(said));
        }
        let said = &self.people[number - GROUPS];
        format!("CN=Person {}{},{}", number - GROUPS, said.name, self.place(said))
    }

    fn ldif(&self) -> String {
        let guid =
            |kind: usize, number: usize| format!("entryUUID: 00000000-000{kind}-4000-8000-{number:012}\n");
        let mut text = format!("dn: DC=example,DC=com\nobjectClass: domainDNS\n{}", guid(0, 0));
        for (number, _) in self.units.iter().enumerate().filter(|(_, said)| said.there) {
            let (dn, guid) = (self.unit(number), guid(1, number));
            write!(text, "\ndn: {dn}\nobjectClass: organizationalUnit\n{guid}").expect("a string takes all");
        }
        for (number, said) in self.groups.iter().enumerate().filter(|(_, said)| said.there) {
            let (dn, guid) = (self.principal(number), guid(2, number));
            write!(text, "\ndn: {dn}\nobjectClass: group\n{guid}").expect("a string takes all");
            for member in &said.members {
                writeln!(text, "member: {}", self.principal(*member)).expect("a string takes all");
            }
        }
        for (number, said) in self.people.iter().enumerate().filter(|(_, said)| said.there) {
            let (dn, guid) = (self.principal(GROUPS + number), guid(3, number));
            let (control, address) = (if said.enabled { 512 } else { 514 }, self.addresses[number]);
            write!(
                text,
                "\ndn: {dn}\nobjectClass: user\n{guid}userAccountControl: {control}\nmail: {address}@example.com\n\
                 msRTCSIP-PrimaryUserAddress: sip:{address}@example.com\n"
            )
            .expect("a string takes all");
        }
        text
    }
}

fn whole(export: &Export) -> Operation {
    of(DirectoryImport { yes: true, ..import(&export.ldif()) })
}

#[test]
fn whatever_exports_follow_each_other_the_last_is_what_counts() {
    let runtime = Runtime::new().expect("a runtime");
    proptest!(config(), |(exports in vec(export(), 2..5))| {
        let (found, expected) = runtime.block_on(async {
            let (house, fresh) = (House::found(), House::found());
            for export in &exports {
                house.must(whole(export)).await;
            }
            let last = exports.last().expect("two at least");
            fresh.must(whole(last)).await;
            let again = house.must(whole(last)).await;
            assert_eq!(again.changes, [], "it is settled");
            (principals(&house).await, principals(&fresh).await)
        });
        prop_assert_eq!(found, expected);
    });
}

/// A world of lists. Principals are numbers: people, then groups, then two domains.
#[derive(Clone, Debug)]
struct World {
    /// Of each group the people and groups before it.
    groups: Vec<Vec<usize>>,
    categories: Vec<CategoryOf>,
    rooms: Vec<RoomOf>,
    /// Of each person: a role, whether it is disabled, whether its policy lets it chat.
    people: Vec<(Option<Role>, bool, bool)>,
}

#[derive(Clone, Debug)]
struct CategoryOf {
    allowed: Vec<usize>,
    denied: Vec<usize>,
    creators: Vec<usize>,
    invitations: bool,
    files: bool,
}

#[derive(Clone, Debug)]
struct RoomOf {
    category: usize,
    privacy: RoomPrivacy,
    kind: RoomType,
    disabled: bool,
    members: Vec<usize>,
    managers: Vec<usize>,
    presenters: Vec<usize>,
}

const NAMES: [&str; PEOPLE] = ["ana", "ben", "cleo", "dan", "eve", "finn"];
const TEAMS: usize = 3;
const PRINCIPALS: usize = PEOPLE + TEAMS + 2;

fn address(person: usize) -> String {
    format!("sip:{}@{}", NAMES[person], if person < 4 { "example.com" } else { "other.example" })
}

fn shown(principal: usize) -> String {
    match principal {
        person if person < PEOPLE => address(person),
        team if team < PEOPLE + TEAMS => format!("group:Team {}", team - PEOPLE),
        domain if domain == PEOPLE + TEAMS => "domain:example.com".into(),
        _ => "domain:other.example".into(),
    }
}

fn list(most: usize) -> impl Strategy<Value = Vec<usize>> {
    subsequence((0..PRINCIPALS).collect::<Vec<_>>(), 0..=most)
}

fn world() -> impl Strategy<Value = World> {
    let groups = vec(subsequence((0..PEOPLE + TEAMS).collect::<Vec<_>>(), 0..4), TEAMS);
    let category = (list(6), list(2), list(3), any::<bool>(), any::<bool>());
    let category = category.prop_map(|(allowed, denied, creators, invitations, files)| CategoryOf {
        allowed,
        denied,
        creators,
        invitations,
        files,
    });
    let categories = vec(category, 2);
    let privacy = prop::sample::select(vec![RoomPrivacy::Open, RoomPrivacy::Closed, RoomPrivacy::Secret]);
    let kind = prop::sample::select(vec![RoomType::Normal, RoomType::Auditorium]);
    let room = (0..2_usize, privacy, kind, prop::bool::weighted(0.2), list(4), list(3), list(3));
    let room = room.prop_map(|(category, privacy, kind, disabled, members, managers, presenters)| RoomOf {
        category,
        privacy,
        kind,
        disabled,
        members,
        managers,
        presenters,
    });
    let role = prop::option::weighted(0.2, prop::sample::select(Role::ALL.to_vec()));
    let people = vec((role, prop::bool::weighted(0.1), prop::bool::weighted(0.9)), PEOPLE);
    (groups, categories, vec(room, 4), people).prop_map(|(groups, categories, rooms, people)| World {
        groups,
        categories,
        rooms,
        people,
    })
}

/// Whatever the rules of lists let be written: rooms lose whom their category does not admit, as they would here.
async fn furnish(house: &House, world: &World) {
    for person in 0..PEOPLE {
        house.person(&address(person)).await;
    }
    let texts = |list: &[usize]| list.iter().map(|one| shown(*one)).collect::<Vec<_>>();
    let listed = |list: &[usize]| {
        let texts = texts(list);
        add(&texts.iter().map(String::as_str).collect::<Vec<_>>())
    };
    for team in 0..TEAMS {
        house.must(new_group(&format!("Team {team}"), &[])).await;
    }
    for (team, members) in world.groups.iter().enumerate().filter(|(_, members)| !members.is_empty()) {
        house.must(set_group(&format!("Team {team}"), listed(members))).await;
    }
    for (number, category) in world.categories.iter().enumerate() {
        let CategoryOf { allowed, denied, creators, invitations, files } = category;
        // Everybody first, so that the lists of rooms can be filled; then as it is to be, which takes whom it does not admit.
        let wide = CategoryFields {
            allowed_members: listed(&(0..PRINCIPALS).collect::<Vec<_>>()),
            creators: listed(creators),
            invitations: Some(*invitations),
            file_upload: Some(*files),
            ..CategoryFields::default()
        };
        let name = format!("Category {number}");
        house.category(&name, wide).await;
        for (at, room) in world.rooms.iter().enumerate().filter(|(_, room)| room.category == number) {
            let presenters = if room.kind == RoomType::Auditorium { &room.presenters[..] } else { &[] };
            let members: Vec<usize> = room.members.iter().chain(presenters).copied().collect();
            let fields = RoomFields {
                privacy: Some(room.privacy),
                kind: Some(room.kind),
                disabled: Some(room.disabled),
                members: listed(&members),
                managers: listed(&room.managers),
                presenters: listed(presenters),
                ..RoomFields::default()
            };
            let Operation::RoomNew(mut new) = new_room(&format!("Room {at}"), fields) else { unreachable!() };
            new.category = name.clone();
            house.must(Operation::RoomNew(new)).await;
        }
        let mut narrow = CategoryFields { denied_members: listed(denied), ..CategoryFields::default() };
        narrow.allowed_members.replace = Some(texts(allowed));
        house.set_category(&name, narrow).await.expect("it can be narrowed");
    }
    let scope = ScopeName::Tag("Off".into());
    let off = PolicyDraft { scope, enabled: false, description: Description::default() };
    let order = || Order::of(ROOT, "{}".into());
    let made = house.store.administer(order(), vec![RowChange::NewPolicy(off)]).await.expect("a policy");
    let [RowDone::Policy(off)] = made.done.as_slice() else { panic!("a policy") };
    for (person, (role, disabled, chat)) in world.people.iter().enumerate() {
        let id = house.id(&address(person)).await;
        if let Some(role) = role {
            grant(house, id, *role).await;
        }
        if !chat {
            let granted = vec![RowChange::GrantPolicy(id, Some(off.id))];
            house.store.administer(order(), granted).await.expect("it is granted");
        }
        if *disabled {
            house.must(Operation::UserDisable(UserDisable { user: address(person) })).await;
        }
    }
}

/// What an explanation says of each right; `None` when nothing is said.
async fn explained(
    house: &House,
    asker: Asker,
    person: &Person,
    room: &Room,
) -> Option<(Vec<(String, bool)>, String)> {
    let asked = Explain {
        person: person.address.to_string(),
        about: About::Room,
        name: room.name.to_string(),
        right: None,
    };
    let told = match house.desk.run(asker, Request::of(Operation::Explain(asked))).await {
        Ok(told) => told,
        Err(AdminError::NotFound(_)) => return None,
        Err(error) => panic!("{error}"),
    };
    let verdict = |row: &Value| {
        (row["right"].as_str().expect("a word").to_owned(), row["allowed"].as_bool().expect("a verdict"))
    };
    let text = serde_json::to_string(&told).expect("JSON");
    Some((told.rows.values().iter().map(verdict).collect(), text))
}

#[test]
fn in_any_world_what_is_explained_is_what_is_enforced() {
    let runtime = Runtime::new().expect("a runtime");
    proptest!(config(), |(world in world())| {
        runtime.block_on(async {
            let house = House::found();
            furnish(&house, &world).await;
            let people = house.store.people().await.expect("a read");
            for room in house.store.rooms().await.expect("a read") {
                agrees(&house, &people, &room).await;
            }
        });
    });
}

async fn agrees(house: &House, people: &[Person], room: &Room) {
    let home = house.store.category(room.category).await.expect("a read").expect("a category");
    for person in people {
        let enforced: Vec<(String, bool)> = Right::ALL
            .into_iter()
            .map(|right| (right.word().to_owned(), room.allows(&home, person, right).is_ok()))
            .collect();
        let (told, _) =
            explained(house, crate::house::root(), person, room).await.expect("an administrator is told");
        assert_eq!(told, enforced, "{} in {room:?} of {home:?}", person.address);
        let own = explained(house, Asker::new(Actor::Person(person.id), "192.0.2.7"), person, room).await;
        let inspects = room.allows(&home, person, Right::Inspect).is_ok()
            || person.state == PersonState::Enabled && person.roles.granting(Role::Reader).is_some();
        let sees = !matches!(room.allows(&home, person, Right::See), Err(Refusal::NotFound));
        assert_eq!(own.is_some(), sees || inspects, "{} and {room:?}", person.address);
        if let Some((told, text)) = own {
            assert_eq!(told, enforced, "{} is told the same", person.address);
            assert!(
                inspects || ["group:", "domain:", "uid 0", "Team"].iter().all(|one| !text.contains(one)),
                "{text}"
            );
        }
        for other in people.iter().filter(|other| other.id != person.id).take(1) {
            let told = explained(house, Asker::new(Actor::Person(other.id), "192.0.2.7"), person, room).await;
            let may = room.allows(&home, other, Right::Inspect).is_ok()
                || other.state == PersonState::Enabled && other.roles.granting(Role::Reader).is_some();
            assert_eq!(told.is_some(), may, "{} asks about {}", other.address, person.address);
        }
    }
    for right in Right::ALL {
        let word: RightName = serde_json::from_value(json!(right.word())).expect("it is the same word");
        let asked = WhoCan { right: word, name: room.name.to_string(), ..WhoCan::default() };
        let told = house.must(Operation::WhoCan(asked)).await.rows.values();
        let mut holders: Vec<String> = people
            .iter()
            .filter(|person| {
                person.state == PersonState::Enabled && room.allows(&home, person, right).is_ok()
            })
            .map(|person| person.address.to_string())
            .collect();
        holders.sort();
        let told: Vec<&str> = told.iter().map(|row| row["address"].as_str().expect("an address")).collect();
        assert_eq!(told, holders, "{right:?} of {room:?}");
    }
}
