//! Changing a room or a category: which rights it takes, which values are right, and who is lost when a category admits less.
//! Ana trades; Ben trades, through FX; Carl is an intern; Dora is from elsewhere.

use chat::limits::PRINCIPALS_MAX;
use chat::{
    AddInId, Ancestors, Bounds, Breach, Category, CategoryId, CategoryValues, Description, DisplayName,
    Domain, Group, GroupId, GroupKind, Invitations, Known, NodeName, Person, PersonId, PersonState,
    Principal, Privacy, Refusal, Right, Role, Roles, Room, RoomKind, RoomRoles, RoomValues, Rule, Scope,
    outsiders, rights_needed,
};

use crate::people::{category, domain, is, person, room};

const TRADERS: GroupId = GroupId(1);
const FX: GroupId = GroupId(2);
const INTERNS: GroupId = GroupId(3);

/// Everybody and every group there is.
struct Office {
    people: Vec<Person>,
    groups: Vec<Group>,
}

fn in_groups(groups: &[GroupId], person: Person) -> Person {
    Person { ancestors: Ancestors::of(groups.to_vec()), ..person }
}

fn ana() -> Person {
    in_groups(&[TRADERS], person(1, "sip:ana@example.com"))
}

fn ben() -> Person {
    in_groups(&[TRADERS, FX], person(2, "sip:ben@example.com"))
}

fn carl() -> Person {
    in_groups(&[INTERNS], person(3, "sip:carl@example.com"))
}

fn dora() -> Person {
    person(4, "sip:dora@other.example")
}

fn group(id: GroupId, inside: &[GroupId]) -> Group {
    Group {
        id,
        guid: uuid::Uuid::from_u128(id.0.into()),
        kind: GroupKind::Group,
        name: DisplayName::parse("A group").unwrap(),
        distinguished_name: None,
        domain: Some(Domain::parse("example.com").unwrap()),
        ancestors: Ancestors::of(inside.to_vec()),
        gone: false,
        version: 1,
    }
}

fn office() -> Office {
    let groups = vec![group(TRADERS, &[]), group(FX, &[TRADERS]), group(INTERNS, &[])];
    Office { people: vec![ana(), ben(), carl(), dora()], groups }
}

impl Office {
    fn known(&self, principal: &Principal) -> Option<Known<'_>> {
        match principal {
            Principal::Person(id) => self.people.iter().find(|p| p.id == *id).map(Known::Person),
            Principal::Group(id) => self.groups.iter().find(|g| g.id == *id).map(Known::Group),
            Principal::Domain(_) => panic!("nobody is asked about a domain"),
        }
    }
}

fn name(text: &str) -> NodeName {
    NodeName::parse(text).unwrap()
}

/// Traders, and nobody else.
fn trading() -> Category {
    let scope = Scope { allowed: vec![Principal::Group(TRADERS)], denied: vec![] };
    Category { scope, creators: vec![is(&ana())], ..category() }
}

fn roles(members: &[&Principal], managers: &[&Principal], presenters: &[&Principal]) -> RoomRoles {
    let list = |of: &[&Principal]| of.iter().copied().cloned().collect();
    RoomRoles { members: list(members), managers: list(managers), presenters: list(presenters) }
}

/// Ana's closed room.
fn desk() -> Room {
    Room { managers: vec![is(&ana())], ..room(Privacy::Closed, RoomKind::Normal) }
}

fn values(kind: RoomKind, privacy: Privacy, roles: RoomRoles) -> RoomValues {
    RoomValues { kind, privacy, roles, ..desk().values() }
}

#[test]
fn a_change_takes_the_rights_it_takes() {
    type Edit = fn(&mut RoomValues);
    let table: [(&str, bool, Edit, &[Right]); 13] = [
        ("nothing", false, |_| (), &[]),
        ("name", false, |v| v.name = name("Desk 2"), &[Right::Manage]),
        ("description", false, |v| v.description = Description::parse("new").unwrap(), &[Right::Manage]),
        ("privacy", false, |v| v.privacy = Privacy::Open, &[Right::Manage]),
        ("kind", false, |v| v.kind = RoomKind::Auditorium, &[Right::Manage]),
        ("invitations", false, |v| v.invitations = Invitations::Off, &[Right::Manage]),
        ("add-in", false, |v| v.add_in = Some(AddInId(1)), &[Right::Manage]),
        ("members", false, |v| v.roles.members.push(is(&ben())), &[Right::Manage]),
        ("managers", false, |v| v.roles.managers.clear(), &[Right::Manage]),
        ("category", false, |v| v.category = CategoryId(2), &[Right::Move]),
        ("disabling", false, |v| v.disabled = true, &[Right::Disable]),
        ("enabling", true, |v| v.disabled = false, &[Right::Enable]),
        (
            "all at once",
            true,
            |v| {
                v.name = name("Desk 2");
                v.category = CategoryId(2);
                v.disabled = false;
            },
            &[Right::Manage, Right::Move, Right::Enable],
        ),
    ];
    for (what, disabled, edit, needed) in table {
        let old = Room { disabled, ..desk() };
        let mut new = old.values();
        edit(&mut new);
        assert_eq!(rights_needed(&old, &new), needed, "{what}");
        assert_eq!(old.with(new.clone()).values(), new, "{what}");
    }
}

#[test]
fn managers_change_all_but_what_is_the_administrators() {
    let administrator = Person { roles: Roles::of(&[Role::ChatAdministrator]), ..dora() };
    let (home, target) = (trading(), Category { id: CategoryId(2), creators: vec![], ..trading() });
    let (open, closed) = (desk(), Room { disabled: true, ..desk() });
    let renamed = RoomValues { name: name("Desk 2"), ..open.values() };
    let moved = RoomValues { category: target.id, ..open.values() };
    let (yes, no, nothing) = (Ok(()), Err(Refusal::NotAllowed), Err(Refusal::NotFound));
    let table = [
        ("renaming", &open, &renamed, [&yes, &no, &nothing, &yes]),
        ("changing nothing", &open, &open.values(), [&yes, &no, &nothing, &yes]),
        ("disabling", &open, &closed.values(), [&yes, &no, &nothing, &yes]),
        ("enabling", &closed, &open.values(), [&no, &no, &nothing, &yes]),
        ("enabling and renaming", &closed, &renamed, [&no, &no, &nothing, &yes]),
        ("moving", &open, &moved, [&no, &no, &nothing, &yes]),
    ];
    for (what, old, new, answers) in table {
        let to = if new.category == target.id { &target } else { &home };
        for (who, answer) in [ana(), ben(), carl(), administrator.clone()].iter().zip(answers) {
            assert_eq!(old.decide_change(&home, to, who, new), *answer, "{what} by {}", who.address);
        }
    }
    let hers = Category { creators: vec![is(&ana())], ..target };
    assert_eq!(desk().decide_change(&home, &hers, &ana(), &moved), yes, "she creates there, too");
}

#[test]
fn a_new_room_is_closed_and_its_creators() {
    let new = RoomValues::new(&trading(), name("Desk"), Some(&ana()));
    assert_eq!((new.privacy, new.kind, new.disabled), (Privacy::Closed, RoomKind::Normal, false));
    assert_eq!(new.roles, roles(&[], &[&is(&ana())], &[]), "she manages it and is no member");
    let office = office();
    assert_eq!(new.breaches(&trading(), |p| office.known(p)), []);
    for outside in [Some(&dora()), None] {
        let new = RoomValues::new(&trading(), name("Desk"), outside);
        assert!(
            new.roles.is_empty(),
            "an administrator from outside, or a shell, manages nothing by creating"
        );
    }
}

#[test]
fn who_has_a_role_is_inside_the_scope() {
    use RoomKind::{Auditorium, Normal};
    let office = office();
    let (a, b, c) = (is(&ana()), is(&ben()), is(&carl()));
    let (fx, interns) = (Principal::Group(FX), Principal::Group(INTERNS));
    let nobody = is(&person(99, "sip:nobody@example.com"));
    let outside = |field, principal: &Principal| Breach {
        field,
        rule: Rule::OutOfScope,
        principal: Some(principal.clone()),
    };
    let stranger =
        |who: &Principal| Breach { field: "presenters", rule: Rule::NotMember, principal: Some(who.clone()) };
    let no_auditorium = Breach { field: "presenters", rule: Rule::NotAuditorium, principal: None };
    let table = [
        (Normal, Privacy::Closed, roles(&[], &[], &[]), vec![]),
        (Normal, Privacy::Closed, roles(&[&a, &fx], &[&b], &[]), vec![]),
        (Normal, Privacy::Closed, roles(&[&c], &[], &[]), vec![outside("members", &c)]),
        (Normal, Privacy::Open, roles(&[], &[&interns], &[]), vec![outside("managers", &interns)]),
        (
            Normal,
            Privacy::Open,
            roles(&[&domain("example.com")], &[], &[]),
            vec![outside("members", &domain("example.com"))],
        ),
        (Normal, Privacy::Open, roles(&[&nobody], &[], &[]), vec![outside("members", &nobody)]),
        (Normal, Privacy::Closed, roles(&[&a], &[], &[&a]), vec![no_auditorium]),
        (Auditorium, Privacy::Closed, roles(&[&a], &[], &[&a]), vec![]),
        (Auditorium, Privacy::Closed, roles(&[&fx], &[], &[&b]), vec![]),
        (Auditorium, Privacy::Closed, roles(&[&a], &[], &[&b]), vec![stranger(&b)]),
        (Auditorium, Privacy::Open, roles(&[], &[], &[&b]), vec![]),
        (Auditorium, Privacy::Open, roles(&[], &[], &[&c]), vec![outside("presenters", &c)]),
        (Auditorium, Privacy::Secret, roles(&[], &[], &[&c]), vec![outside("presenters", &c), stranger(&c)]),
    ];
    for (kind, privacy, roles, breaches) in table {
        let values = values(kind, privacy, roles);
        assert_eq!(values.breaches(&trading(), |p| office.known(p)), breaches, "{:?}", values.roles);
    }
}

#[test]
fn a_breach_says_where_what_and_what_to_do() {
    let breach = Breach { field: "presenters", rule: Rule::NotMember, principal: Some(is(&ben())) };
    let told =
        "presenters: a presenter of a room that is not open must be a member: name it among the members, too";
    assert_eq!(breach.to_string(), told);
}

#[test]
fn lists_have_an_end() {
    let office = office();
    let many = |from: usize| {
        let people = (from..=from + PRINCIPALS_MAX).map(|n| PersonId(i64::try_from(n).unwrap()));
        people.map(Principal::Person).collect::<Vec<_>>()
    };
    let too_many = |field| Breach { field, rule: Rule::TooMany, principal: None };
    let room =
        values(RoomKind::Normal, Privacy::Closed, RoomRoles { managers: many(0), ..RoomRoles::default() });
    assert!(room.breaches(&trading(), |p| office.known(p)).contains(&too_many("managers")));
    let category = CategoryValues {
        scope: Scope { allowed: vec![], denied: many(0) },
        ..CategoryValues::new(name("Everybody"))
    };
    assert_eq!(category.breaches(|p| office.known(p)), [too_many("deniedMembers")]);
}

#[test]
fn a_narrower_scope_takes_from_a_room_whom_it_does_not_admit() {
    let office = office();
    let before = roles(
        &[&is(&ana()), &Principal::Group(FX), &is(&carl()), &domain("example.com")],
        &[&is(&ana()), &is(&carl())],
        &[&is(&ana()), &is(&ben())],
    );
    let auditorium = values(RoomKind::Auditorium, Privacy::Closed, before.clone());
    let everybody = Scope { allowed: vec![domain("example.com")], denied: vec![] };
    let lost = |room: &RoomValues, scope: &Scope| outsiders(room, &Bounds::of(scope), |p| office.known(p));
    assert!(lost(&auditorium, &everybody).is_empty());

    let gone = lost(&auditorium, &trading().scope);
    assert_eq!(gone, roles(&[&is(&carl()), &domain("example.com")], &[&is(&carl())], &[]));
    let after = before.without(&gone);
    assert_eq!(
        after,
        roles(&[&is(&ana()), &Principal::Group(FX)], &[&is(&ana())], &[&is(&ana()), &is(&ben())])
    );

    let without_fx = Scope { denied: vec![Principal::Group(FX)], ..trading().scope };
    let rest = values(RoomKind::Auditorium, Privacy::Closed, after);
    assert_eq!(lost(&rest, &without_fx), roles(&[&Principal::Group(FX)], &[], &[&is(&ben())]));
}

#[test]
fn who_loses_the_seat_loses_the_stage() {
    // Ben is inside in person; the group he is a member by is not.
    let office = office();
    let scope = Scope { allowed: vec![is(&ana()), is(&ben())], denied: vec![] };
    let room = |privacy| {
        values(
            RoomKind::Auditorium,
            privacy,
            roles(&[&Principal::Group(FX), &is(&ana())], &[], &[&is(&ben()), &is(&ana())]),
        )
    };
    let lost = |room: &RoomValues| outsiders(room, &Bounds::of(&scope), |p| office.known(p));
    assert_eq!(lost(&room(Privacy::Closed)), roles(&[&Principal::Group(FX)], &[], &[&is(&ben())]));
    assert_eq!(
        lost(&room(Privacy::Open)),
        roles(&[&Principal::Group(FX)], &[], &[]),
        "nobody needs a seat here"
    );
}

#[test]
fn what_a_directory_changed_is_no_fault_of_who_edits_the_description() {
    let office = office();
    let stale = values(RoomKind::Normal, Privacy::Closed, roles(&[&is(&carl())], &[&is(&ana())], &[]));
    let described = RoomValues { description: Description::parse("Rates").unwrap(), ..stale.clone() };
    let since = |new: &RoomValues| new.breaches_since(&stale, &trading(), |p| office.known(p)).len();
    assert_eq!(since(&described), 0);
    let mut more = described.clone();
    more.roles.managers.push(is(&carl()));
    assert_eq!(since(&more), 1, "he is given a role now");
    let mut other = described;
    other.roles.members.push(is(&dora()));
    assert_eq!(since(&other), 1, "she is new");
}

#[test]
fn creators_are_inside_the_scope_of_their_category() {
    let office = office();
    let values = trading().values();
    assert_eq!(values.breaches(|p| office.known(p)), []);
    let narrowed = CategoryValues {
        scope: Scope { allowed: vec![Principal::Group(FX)], denied: vec![] },
        creators: vec![is(&ana()), is(&ben()), Principal::Group(FX)],
        ..values
    };
    let breach = Breach { field: "creators", rule: Rule::OutOfScope, principal: Some(is(&ana())) };
    assert_eq!(narrowed.breaches(|p| office.known(p)), [breach]);
    assert_eq!(narrowed.outsiders(|p| office.known(p)), [is(&ana())]);
    assert_eq!(trading().with(narrowed.clone()).values(), narrowed);
}

#[test]
fn who_was_removed_is_admitted_nowhere() {
    let mut office = office();
    office.people[0].state = PersonState::Removed;
    let bounds = Scope { allowed: vec![is(&ana()), domain("example.com")], denied: vec![] };
    let bounds = Bounds::of(&bounds);
    assert!(!bounds.admit(&is(&ana()), |p| office.known(p)));
    office.people[0].state = PersonState::Disabled;
    assert!(bounds.admit(&is(&ana()), |p| office.known(p)), "whoever is disabled keeps the place");
}

#[test]
fn whoever_is_gone_keeps_the_place_and_is_given_none() {
    let mut office = office();
    office.people[0].state = PersonState::Removed;
    office.groups[1].gone = true;
    let fx = Principal::Group(FX);
    let nobody = Scope::default();
    let all = [&is(&ana()), &fx, &is(&dora())];
    let stage = values(RoomKind::Auditorium, Privacy::Closed, roles(&all, &all, &all));
    let left = [&is(&dora())];
    let lost = outsiders(&stage, &Bounds::of(&nobody), |p| office.known(p));
    assert_eq!(lost, roles(&left, &left, &left), "Dora is there and not admitted");
    let creators =
        CategoryValues { creators: vec![is(&ana()), fx.clone(), is(&ben())], ..trading().values() };
    assert_eq!(creators.outsiders(|p| office.known(p)), []);

    // Ana and FX presented in an open room. It is closed now, and they are no members.
    let before = values(RoomKind::Auditorium, Privacy::Open, roles(&[], &[], &[&is(&ana()), &fx]));
    let closed = RoomValues { privacy: Privacy::Closed, ..before.clone() };
    assert_eq!(closed.breaches_since(&before, &trading(), |p| office.known(p)), []);
    let mut more = closed;
    more.roles.managers.push(fx.clone());
    let given = Breach { field: "managers", rule: Rule::OutOfScope, principal: Some(fx) };
    assert_eq!(
        more.breaches_since(&before, &trading(), |p| office.known(p)),
        [given],
        "it did not manage before"
    );
}

#[test]
fn a_room_that_becomes_normal_has_no_presenters_any_more() {
    let stage = values(RoomKind::Auditorium, Privacy::Open, roles(&[], &[], &[&is(&ana())]));
    assert_eq!(stage.clone().of_kind(RoomKind::Auditorium), stage);
    assert!(stage.of_kind(RoomKind::Normal).roles.is_empty());
}
