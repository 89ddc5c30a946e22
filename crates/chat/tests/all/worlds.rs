//! Random worlds: people, groups within groups, categories and rooms, and what holds in every one of them.
//! Who may do what is worked out a second time here, from the memberships down, with sets of people instead of lists.

use std::collections::BTreeSet;

use chat::{
    Ancestors, Ask, Bounds, Category, CategoryId, DisplayName, Domain, Event, Group, GroupId, GroupKind,
    Invitations, Known, Mask, Person, PersonId, PersonState, Principal, Privacy, Reason, Refusal, Right,
    Role, Roles, Room, RoomId, RoomKind, Scope, outsiders,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::people::{category, domain, draft, person, room};

const PEOPLE: i64 = 7;
const GROUPS: u32 = 6;
const DOMAINS: [&str; 2] = ["example.com", "other.example"];

#[derive(Debug)]
struct World {
    people: Vec<Person>,
    groups: Vec<Group>,
    /// What each person, then each group, directly belongs to. A group belongs to later ones only.
    inside: Vec<Vec<GroupId>>,
    categories: Vec<Category>,
    rooms: Vec<Room>,
}

type People = BTreeSet<PersonId>;

fn principals() -> impl Strategy<Value = Vec<Principal>> {
    let people = (0..PEOPLE).map(|n| Principal::Person(PersonId(n)));
    let groups = (0..GROUPS).map(|n| Principal::Group(GroupId(n)));
    let all: Vec<_> = people.chain(groups).chain(DOMAINS.map(domain)).collect();
    // Mostly short, so that scopes often admit somebody and deny somebody else.
    vec(select(all), 0..4)
}

fn somebody(number: i64) -> impl Strategy<Value = Person> {
    let state = prop_oneof![
        8 => Just(PersonState::Enabled),
        1 => Just(PersonState::Disabled),
        1 => Just(PersonState::Removed),
    ];
    let roles = prop_oneof![3 => Just(Vec::new()), 1 => subsequence(Role::ALL.to_vec(), 1..3)];
    (state, prop::bool::weighted(0.9), roles, select(DOMAINS.to_vec())).prop_map(
        move |(state, chat, roles, domain)| Person {
            state,
            chat,
            roles: Roles::of(&roles),
            ..person(number, &format!("sip:p{number}@{domain}"))
        },
    )
}

fn some_category(number: i64) -> impl Strategy<Value = Category> {
    let scope = (principals(), prop_oneof![2 => Just(Vec::new()), 1 => principals()]);
    (scope, principals(), any::<[bool; 3]>()).prop_map(move |((allowed, denied), creators, switches)| {
        Category {
            id: CategoryId(number),
            scope: Scope { allowed, denied },
            creators,
            invitations: switches[0],
            file_upload: switches[1],
            history: switches[2],
            ..category()
        }
    })
}

fn some_room(number: i64) -> impl Strategy<Value = Room> {
    let privacy = select(vec![Privacy::Open, Privacy::Closed, Privacy::Secret]);
    let kind = select(vec![RoomKind::Normal, RoomKind::Auditorium]);
    let lists = (principals(), principals(), principals());
    (privacy, kind, lists, 0..2_i64, any::<bool>(), prop::bool::weighted(0.2)).prop_map(
        move |(privacy, kind, (members, managers, presenters), home, invites, disabled)| Room {
            id: RoomId(number),
            category: CategoryId(home),
            invitations: if invites { Invitations::Inherit } else { Invitations::Off },
            disabled,
            members,
            managers,
            presenters,
            ..room(privacy, kind)
        },
    )
}

/// What the group numbered `at` may directly belong to: later groups, so that none contains itself.
fn inside(at: u32) -> BoxedStrategy<Vec<GroupId>> {
    let later: Vec<_> = (at..GROUPS).map(GroupId).collect();
    let most = later.len().min(2);
    subsequence(later, 0..=most).boxed()
}

prop_compose! {
    fn worlds()(
        people in (0..PEOPLE).map(somebody).collect::<Vec<_>>(),
        inside in (0..PEOPLE).map(|_| inside(0)).chain((0..GROUPS).map(|n| inside(n + 1))).collect::<Vec<_>>(),
        domains in vec(select(DOMAINS.to_vec()), GROUPS as usize),
        categories in [some_category(0), some_category(1)],
        rooms in [some_room(0), some_room(1), some_room(2)],
    ) -> World {
        let mut world =
            World { people, groups: Vec::new(), inside, categories: categories.to_vec(), rooms: rooms.to_vec() };
        world.groups = (0..GROUPS).zip(domains).map(|(n, domain)| world.group(n, domain)).collect();
        for n in 0..world.people.len() {
            world.people[n].ancestors = world.ancestors(n);
        }
        world
    }
}

impl World {
    /// All that somebody or a group belongs to, directly or through others.
    fn ancestors(&self, of: usize) -> Ancestors {
        let mut all: Vec<GroupId> = self.inside[of].clone();
        let mut at = 0;
        while let Some(group) = all.get(at).copied() {
            all.extend(&self.inside[self.people.len() + group.0 as usize]);
            at += 1;
        }
        Ancestors::of(all)
    }

    fn group(&self, number: u32, domain: &str) -> Group {
        Group {
            id: GroupId(number),
            guid: uuid::Uuid::from_u128(number.into()),
            kind: GroupKind::Group,
            name: DisplayName::parse("A group").unwrap(),
            distinguished_name: None,
            domain: Some(Domain::parse(domain).unwrap()),
            ancestors: self.ancestors(self.people.len() + number as usize),
            gone: false,
            version: 1,
        }
    }

    fn known(&self, principal: &Principal) -> Option<Known<'_>> {
        match principal {
            Principal::Person(id) => self.people.iter().find(|p| p.id == *id).map(Known::Person),
            Principal::Group(id) => self.groups.iter().find(|g| g.id == *id).map(Known::Group),
            Principal::Domain(_) => panic!("nobody is asked about a domain"),
        }
    }

    fn home(&self, room: &Room) -> &Category {
        self.categories.iter().find(|category| category.id == room.category).expect("rooms lie in categories")
    }

    /// Every person in every room.
    fn cases(&self) -> impl Iterator<Item = (&Room, &Category, &Person)> {
        self.rooms
            .iter()
            .flat_map(move |room| self.people.iter().map(move |person| (room, self.home(room), person)))
    }

    fn those(&self, test: impl Fn(&Person) -> bool) -> People {
        self.people.iter().filter(|person| test(person)).map(|person| person.id).collect()
    }

    /// Everybody inside a group, looking down from it.
    fn inside_group(&self, group: GroupId) -> People {
        let mut people = People::new();
        for (n, direct) in self.inside.iter().enumerate().filter(|(_, direct)| direct.contains(&group)) {
            assert!(!direct.is_empty());
            match self.people.get(n) {
                Some(person) => _ = people.insert(person.id),
                None => people.extend(self.inside_group(self.groups[n - self.people.len()].id)),
            }
        }
        people
    }

    fn named(&self, list: &[Principal]) -> People {
        let one = |principal: &Principal| match principal {
            Principal::Person(id) => People::from([*id]),
            Principal::Group(id) => self.inside_group(*id),
            Principal::Domain(domain) => self.those(|p| p.address.domain() == domain.as_str()),
        };
        list.iter().flat_map(one).collect()
    }

    fn holding(&self, role: Role) -> People {
        self.those(|p| p.state == PersonState::Enabled && p.roles.iter().any(|held| held.includes(role)))
    }

    /// Everybody a category admits.
    fn admitted(&self, home: &Category) -> People {
        let using = self.those(|p| p.state == PersonState::Enabled && p.chat);
        let allowed = &self.named(&home.scope.allowed) - &self.named(&home.scope.denied);
        &using & &allowed
    }

    /// Who may do it, in sets: the rules once more, without lists, order or reasons.
    fn who_can(&self, room: &Room, right: Right) -> People {
        let home = self.home(room);
        let inside = self.admitted(home);
        let managers = &inside & &self.named(&room.managers);
        let seated = match room.privacy {
            Privacy::Open => inside.clone(),
            Privacy::Closed | Privacy::Secret => &inside & &self.named(&room.members),
        };
        let seeing = if room.privacy == Privacy::Secret { &seated | &managers } else { inside };
        let speaking = match room.kind {
            RoomKind::Normal => seated.clone(),
            RoomKind::Auditorium => &seated & &self.named(&room.presenters),
        };
        let when = |condition: bool, people: People| if condition { people } else { People::new() };
        let enabled = |people| when(!room.disabled, people);
        match right {
            Right::See if room.disabled => managers,
            Right::See | Right::Participants => enabled(seeing),
            Right::Join | Right::Read => enabled(seated),
            Right::Post => enabled(speaking),
            Right::Files => enabled(when(home.file_upload, seated)),
            Right::Invitation => {
                let inviting = home.invitations && room.invitations == Invitations::Inherit;
                enabled(when(inviting && room.privacy != Privacy::Open, seated))
            }
            Right::Inspect => &managers | &self.holding(Role::Reader),
            Right::Manage | Right::Move | Right::Disable => {
                &managers | &self.holding(Role::ChatAdministrator)
            }
            Right::Enable | Right::Remove | Right::Purge => self.holding(Role::ChatAdministrator),
        }
    }

    fn may(&self, room: &Room, home: &Category, who: &Person) -> BTreeSet<Right> {
        Right::ALL.into_iter().filter(|right| room.allows(home, who, *right).is_ok()).collect()
    }
}

/// The principal a reason names, if any.
fn principal(reason: &Reason) -> Option<&Principal> {
    match reason {
        Reason::InScope(by)
        | Reason::Denied(by)
        | Reason::Member(by)
        | Reason::Manager(by)
        | Reason::Presenter(by)
        | Reason::Creator(by) => Some(by),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn who_can_is_everybody_who_may(world in worlds()) {
        for room in &world.rooms {
            for right in Right::ALL {
                let may = world.those(|person| room.allows(world.home(room), person, right).is_ok());
                prop_assert_eq!(may, world.who_can(room, right), "{:?} in {:?}", right, room);
            }
        }
    }

    #[test]
    fn whoever_may_is_named_on_the_way_or_has_a_role(world in worlds()) {
        for (room, home, who) in world.cases() {
            for right in world.may(room, home, who) {
                let named = who.is_any(&room.ways(home, right));
                prop_assert!(named || who.roles != Roles::default(), "{right:?} of {who:?} in {room:?}");
            }
        }
    }

    #[test]
    fn explaining_deciding_and_allowing_are_one(world in worlds()) {
        let draft = draft("hello");
        let asks = [Ask::See, Ask::Join, Ask::Read, Ask::Post(&draft), Ask::Manage];
        for (room, home, who) in world.cases() {
            for right in Right::ALL {
                let allowed = room.allows(home, who, right);
                let (verdict, reasons) = room.explain(home, who, right);
                prop_assert_eq!(&verdict, &allowed);
                prop_assert!(!reasons.is_empty(), "{:?} without a reason", right);
                for by in reasons.iter().filter_map(principal) {
                    prop_assert!(who.is(by), "{:?} does not stand for {}", by, who.address);
                    prop_assert!(world.named(std::slice::from_ref(by)).contains(&who.id));
                }
            }
            for ask in asks {
                let decided = room.decide(home, who, ask);
                prop_assert_eq!(decided.clone().map(|_| ()), room.allows(home, who, ask.right()));
                if let Ok(Event::Joined(mask)) = decided {
                    prop_assert_eq!(mask, room.mask(home, who));
                }
            }
        }
    }

    #[test]
    fn the_mask_says_what_is_allowed(world in worlds()) {
        for (room, home, who) in world.cases() {
            let (mask, may) = (room.mask(home, who), world.may(room, home, who));
            let speaking = if room.kind == RoomKind::Normal { Mask::CHAT } else { Mask::PRESENT };
            let bits = [
                (Mask::SEE, Right::See),
                (Mask::JOIN, Right::Join),
                (Mask::READ, Right::Read),
                (speaking, Right::Post),
            ];
            for (bit, right) in bits {
                prop_assert_eq!(mask.has(bit), may.contains(&right), "{:?} and {}", right, mask);
            }
            let by_role = who.role_for(Role::ChatAdministrator).is_some();
            prop_assert_eq!(mask.has(Mask::MANAGE) || by_role, may.contains(&Right::Manage));
            prop_assert_eq!(mask.has(Mask::BYPASS), mask.has(Mask::MANAGE));
        }
    }

    #[test]
    fn outside_there_is_nothing_but_what_a_role_gives(world in worlds()) {
        for (room, home, who) in world.cases() {
            let known = who.role_for(Role::Reader).is_some();
            if world.admitted(home).contains(&who.id) {
                continue;
            }
            for right in Right::ALL {
                let expected = match right.role() {
                    Some(role) if who.role_for(role).is_some() => Ok(()),
                    Some(_) if known => Err(Refusal::NotAllowed),
                    _ => Err(Refusal::NotFound),
                };
                prop_assert_eq!(room.allows(home, who, right), expected, "{:?}", right);
            }
            prop_assert_eq!(room.mask(home, who), Mask::default());
        }
    }

    #[test]
    fn a_room_is_secret_to_all_alike(world in worlds()) {
        for (room, home, who) in world.cases() {
            let chatting = Right::ALL.into_iter().filter(|right| right.role().is_none());
            let answers: Vec<_> = chatting.map(|right| room.allows(home, who, right)).collect();
            let absent = answers.iter().filter(|answer| **answer == Err(Refusal::NotFound)).count();
            prop_assert!(absent == 0 || absent == answers.len(), "{:?}", answers);
        }
    }

    #[test]
    fn denying_never_gives(world in worlds(), more in principals()) {
        for (room, home, who) in world.cases() {
            let mut stricter = home.clone();
            stricter.scope.denied.extend(more.iter().cloned());
            prop_assert!(world.may(room, &stricter, who).is_subset(&world.may(room, home, who)));
            prop_assert!(!stricter.may_create(who) || home.may_create(who));
        }
    }

    #[test]
    fn adding_somebody_to_a_list_never_takes(world in worlds(), more in principals(), list in 0..5_usize) {
        for (room, home, who) in world.cases() {
            let (mut room_then, mut home_then) = (room.clone(), home.clone());
            let lists = [
                &mut room_then.members,
                &mut room_then.managers,
                &mut room_then.presenters,
                &mut home_then.scope.allowed,
                &mut home_then.creators,
            ];
            lists.into_iter().nth(list).expect("one of five").extend(more.iter().cloned());
            prop_assert!(world.may(room, home, who).is_subset(&world.may(&room_then, &home_then, who)));
            prop_assert!(!home.may_create(who) || home_then.may_create(who));
        }
    }

    #[test]
    fn bounds_are_the_scope(world in worlds()) {
        for home in &world.categories {
            let bounds = Bounds::of(&home.scope);
            for person in world.people.iter().filter(|p| p.state != PersonState::Removed) {
                let principal = Principal::Person(person.id);
                prop_assert_eq!(bounds.admit(&principal, |p| world.known(p)), home.scope.admits(person));
            }
            for group in &world.groups {
                let principal = Principal::Group(group.id);
                prop_assert_eq!(bounds.admit(&principal, |p| world.known(p)), home.scope.admits_group(group));
            }
        }
    }

    #[test]
    fn what_a_scope_leaves_of_a_room_it_leaves_for_good(world in worlds()) {
        for room in &world.rooms {
            for home in &world.categories {
                let moved = Room { category: home.id, ..room.clone() };
                let bounds = Bounds::of(&home.scope);
                let values = moved.values();
                let lost = outsiders(&values, &bounds, |p| world.known(p));
                let mut kept = values.clone();
                kept.roles = values.roles.without(&lost);
                prop_assert!(outsiders(&kept, &bounds, |p| world.known(p)).is_empty());
                // Whoever is gone keeps the place; nobody else is outside.
                let gone = |by: &Principal| !matches!(by, Principal::Domain(_)) && world.known(by).is_some_and(|by| by.is_gone());
                let mut outside = kept.breaches(home, |p| world.known(p));
                outside.retain(|breach| breach.rule == chat::Rule::OutOfScope);
                prop_assert!(outside.iter().all(|breach| breach.principal.as_ref().is_some_and(gone)));
                // Nobody gains by it, and whoever is named and inside in person loses nothing.
                for who in &world.people {
                    let (before, after) = (world.may(&moved, home, who), world.may(&moved.with(kept.clone()), home, who));
                    prop_assert!(after.is_subset(&before));
                    let lists = [&values.roles.members, &values.roles.managers, &values.roles.presenters];
                    let by_name = lists.iter().flat_map(|list| list.iter()).all(|by| matches!(by, Principal::Person(_)));
                    prop_assert!(!by_name || after == before);
                }
            }
        }
    }

    #[test]
    fn moving_takes_both_ends(world in worlds()) {
        for (room, home, who) in world.cases() {
            for target in &world.categories {
                let (here, there) = (room.allows(home, who, Right::Move), target.decide_create(who));
                prop_assert_eq!(room.decide_move(home, target, who), here.and(there));
                let creators = &world.admitted(target) & &world.named(&target.creators);
                let may = creators.contains(&who.id) || world.holding(Role::ChatAdministrator).contains(&who.id);
                prop_assert_eq!(target.may_create(who), may);
                let (told, reasons) = target.explain_creating(who);
                prop_assert!(told == may && reasons.iter().filter_map(principal).all(|by| who.is(by)));
            }
        }
    }
}
