//! The permission matrix, row by row: privacy and standing against what may be done.

use chat::{
    Address, Ancestors, Ask, Category, CategoryId, Description, DisplayName, Domain, Draft, Event,
    Invitations, Mask, NodeName, Person, PersonId, PersonState, Principal, Privacy, Reason, Refusal, Right,
    Roles, Room, RoomId, RoomKind, Scope, Text,
};
use uuid::Uuid;

/// Alice is a member, Bob is in scope and no member, Mallory is out of scope, Grace manages, Peter presents.
struct House {
    category: Category,
    room: Room,
}

fn person(id: i64, address: &str) -> Person {
    Person {
        id: PersonId(id),
        guid: Uuid::from_u128(id.unsigned_abs().into()),
        address: Address::parse(address).expect("an address"),
        display_name: DisplayName::parse("Somebody").expect("a name"),
        state: PersonState::Enabled,
        standing: 1,
        chat: true,
        bot: false,
        roles: Roles::default(),
        ancestors: Ancestors::default(),
    }
}

fn alice() -> Person {
    person(1, "sip:alice@example.com")
}

fn bob() -> Person {
    person(2, "sip:bob@example.com")
}

fn mallory() -> Person {
    person(3, "sip:mallory@other.org")
}

fn grace() -> Person {
    person(4, "sip:grace@example.com")
}

fn peter() -> Person {
    person(5, "sip:peter@example.com")
}

impl House {
    fn of(privacy: Privacy, kind: RoomKind) -> Self {
        let everybody = Principal::Domain(Domain::parse("example.com").expect("a domain"));
        let category = Category {
            id: CategoryId(1),
            guid: Uuid::from_u128(100),
            name: NodeName::parse("General").expect("a name"),
            description: Description::default(),
            scope: Scope { allowed: vec![everybody], denied: Vec::new() },
            creators: vec![Principal::Person(grace().id)],
            invitations: true,
            file_upload: false,
            history: true,
            rules: 1,
        };
        let room = Room {
            id: RoomId(1),
            guid: Uuid::from_u128(200),
            category: category.id,
            name: NodeName::parse("Engineering").expect("a name"),
            description: Description::default(),
            privacy,
            kind,
            invitations: Invitations::Inherit,
            disabled: false,
            add_in: None,
            members: vec![Principal::Person(alice().id), Principal::Person(peter().id)],
            managers: vec![Principal::Person(grace().id)],
            presenters: vec![Principal::Person(peter().id)],
            rules: 1,
        };
        Self { category, room }
    }

    /// `y` granted, `n` not allowed, `-` as if the room did not exist, `x` disabled; for see, join, read, post.
    fn row(&self, who: &Person) -> String {
        let draft = draft();
        let asks = [Ask::See, Ask::Join, Ask::Read, Ask::Post(&draft)];
        let letter = |ask| match self.room.decide(&self.category, who, ask) {
            Ok(_) => 'y',
            Err(Refusal::NotAllowed) => 'n',
            Err(Refusal::NotFound) => '-',
            Err(Refusal::Disabled) => 'x',
            Err(other) => panic!("a refusal nobody expects: {other:?}"),
        };
        asks.into_iter().map(letter).collect()
    }
}

fn draft() -> Draft {
    Draft { text: Text::parse("hello").expect("a text"), rtf: None, alert: false }
}

#[test]
fn each_privacy_shows_and_opens_a_room_to_whom_it_should() {
    // See, join, read, post.
    let table = [
        (Privacy::Open, alice(), "yyyy"),
        (Privacy::Open, bob(), "yyyy"),
        (Privacy::Open, mallory(), "----"),
        (Privacy::Closed, alice(), "yyyy"),
        (Privacy::Closed, bob(), "ynnn"),
        (Privacy::Closed, mallory(), "----"),
        (Privacy::Closed, grace(), "ynnn"),
        (Privacy::Secret, alice(), "yyyy"),
        (Privacy::Secret, bob(), "----"),
        (Privacy::Secret, mallory(), "----"),
        (Privacy::Secret, grace(), "ynnn"),
    ];
    for (privacy, who, expected) in table {
        let house = House::of(privacy, RoomKind::Normal);
        assert_eq!(house.row(&who), expected, "{privacy:?}, {}", who.address);
    }
}

#[test]
fn in_an_auditorium_only_presenters_post() {
    for (privacy, who, expected) in [
        (Privacy::Open, bob(), "yyyn"),
        (Privacy::Open, peter(), "yyyy"),
        (Privacy::Closed, alice(), "yyyn"),
        (Privacy::Closed, peter(), "yyyy"),
        (Privacy::Secret, alice(), "yyyn"),
        (Privacy::Secret, grace(), "ynnn"),
    ] {
        let house = House::of(privacy, RoomKind::Auditorium);
        assert_eq!(house.row(&who), expected, "{privacy:?}, {}", who.address);
    }
}

#[test]
fn a_presenter_who_is_no_member_of_a_closed_auditorium_presents_nothing() {
    let mut house = House::of(Privacy::Closed, RoomKind::Auditorium);
    house.room.presenters = vec![Principal::Person(bob().id)];
    assert_eq!(house.row(&bob()), "ynnn");
}

#[test]
fn a_denied_person_is_outside_whatever_else_is_said() {
    let mut house = House::of(Privacy::Open, RoomKind::Normal);
    house.category.scope.denied = vec![Principal::Person(alice().id), Principal::Person(grace().id)];
    assert_eq!(house.row(&alice()), "----");
    assert_eq!(house.row(&grace()), "----");
    assert_eq!(house.row(&bob()), "yyyy");
}

#[test]
fn a_category_without_allowed_members_admits_nobody() {
    let mut house = House::of(Privacy::Open, RoomKind::Normal);
    house.category.scope.allowed.clear();
    for who in [alice(), bob(), grace()] {
        assert_eq!(house.row(&who), "----", "{}", who.address);
    }
}

#[test]
fn a_disabled_room_is_seen_by_its_managers_alone() {
    let mut house = House::of(Privacy::Closed, RoomKind::Normal);
    house.room.disabled = true;
    assert_eq!(house.row(&alice()), "xxxx");
    assert_eq!(house.row(&mallory()), "----");
    assert_eq!(house.row(&grace()), "yxxx");
    assert_eq!(house.room.decide(&house.category, &grace(), Ask::Manage), Ok(Event::Managed));
    assert_eq!(house.room.decide(&house.category, &alice(), Ask::Manage), Err(Refusal::Disabled));
}

#[test]
fn who_was_disabled_or_removed_has_no_right_left() {
    let house = House::of(Privacy::Open, RoomKind::Normal);
    for state in [PersonState::Disabled, PersonState::Removed] {
        let who = Person { state, ..grace() };
        assert_eq!(house.row(&who), "----");
        assert_eq!(house.room.mask(&house.category, &who), Mask::default());
    }
}

#[test]
fn masks_are_those_the_wire_documents() {
    let house = House::of(Privacy::Closed, RoomKind::Auditorium);
    let mask = |who: Person| house.room.mask(&house.category, &who).0;
    assert_eq!(mask(alice()), 3456, "member");
    assert_eq!(mask(peter()), 7552, "member and presenter");
    assert_eq!(mask(grace()), 10244, "manager");
    let mut both = House::of(Privacy::Closed, RoomKind::Normal);
    both.room.members.push(Principal::Person(grace().id));
    assert_eq!(both.room.mask(&both.category, &grace()).0, 11652, "member and manager");
}

#[test]
fn what_is_not_kept_is_said_by_the_decision() {
    let mut house = House::of(Privacy::Open, RoomKind::Normal);
    let draft = draft();
    let ask = Ask::Post(&draft);
    assert_eq!(
        house.room.decide(&house.category, &bob(), ask),
        Ok(Event::Posted { kept: true, story: false })
    );
    house.category.history = false;
    assert_eq!(
        house.room.decide(&house.category, &bob(), ask),
        Ok(Event::Posted { kept: false, story: false })
    );
    assert_eq!(house.room.decide(&house.category, &bob(), Ask::Read), Ok(Event::Read { kept: false }));
}

#[test]
fn explaining_gives_the_same_verdict_with_its_reasons() {
    let house = House::of(Privacy::Secret, RoomKind::Normal);
    for who in [alice(), bob(), mallory(), grace()] {
        let (verdict, reasons) = house.room.explain(&house.category, &who, Right::Join);
        assert_eq!(verdict, house.room.allows(&house.category, &who, Right::Join));
        assert!(!reasons.is_empty(), "{}", who.address);
    }
    let (_, reasons) = house.room.explain(&house.category, &bob(), Right::Join);
    let everybody = house.category.scope.allowed[0].clone();
    assert_eq!(reasons, [Reason::InScope(everybody), Reason::NotMember, Reason::Hidden]);
}

#[test]
fn creators_create_only_inside_the_scope() {
    let mut house = House::of(Privacy::Open, RoomKind::Normal);
    assert!(house.category.may_create(&grace()));
    assert!(!house.category.may_create(&alice()));
    house.category.scope.denied = vec![Principal::Person(grace().id)];
    assert!(!house.category.may_create(&grace()));
}

#[test]
fn a_room_invites_only_if_its_category_does() {
    let mut house = House::of(Privacy::Open, RoomKind::Normal);
    assert!(house.room.invites(&house.category));
    house.room.invitations = Invitations::Off;
    assert!(!house.room.invites(&house.category));
    house.room.invitations = Invitations::Inherit;
    house.category.invitations = false;
    assert!(!house.room.invites(&house.category));
}
