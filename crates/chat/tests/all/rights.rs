//! What a decision yields besides yes and no: masks as the wire shows them, events, and the chain of reasons.
//! Who may do what is in `matrix.rs`.

use chat::{
    Ancestors, Ask, Category, Event, GroupId, Invitations, Mask, Person, Principal, Privacy, Reason, Refusal,
    Right, Role, Roles, Room, RoomKind, Scope,
};

use crate::people::{alice, category, domain, draft, is, person, room};

/// A room with Alice's roles in it: M member, G manager, P presenter.
fn with_roles(privacy: Privacy, kind: RoomKind, roles: &str) -> Room {
    let list = |role| if roles.contains(role) { vec![is(&alice())] } else { vec![] };
    Room { members: list('M'), managers: list('G'), presenters: list('P'), ..room(privacy, kind) }
}

#[test]
fn masks_are_those_the_wire_documents() {
    use Privacy::{Closed, Open, Secret};
    use RoomKind::{Auditorium, Normal};
    let table = [
        (Open, Normal, "", 3456),
        (Open, Normal, "G", 11_652),
        (Open, Auditorium, "", 3456),
        (Open, Auditorium, "P", 7552),
        (Closed, Normal, "", 2048),
        (Closed, Normal, "M", 3456),
        (Closed, Normal, "P", 2048),
        (Closed, Normal, "G", 10_244),
        (Closed, Normal, "MG", 11_652),
        (Closed, Auditorium, "P", 2048),
        (Closed, Auditorium, "MP", 7552),
        (Closed, Auditorium, "MGP", 15_748),
        (Secret, Normal, "", 0),
        (Secret, Normal, "M", 3456),
        (Secret, Normal, "G", 10_244),
        (Secret, Auditorium, "P", 0),
    ];
    for (privacy, kind, roles, mask) in table {
        let mut room = with_roles(privacy, kind, roles);
        assert_eq!(room.mask(&category(), &alice()), Mask(mask), "{privacy:?} {kind:?} {roles}");
        room.disabled = true;
        let kept = if roles.contains('G') { Mask(10_244) } else { Mask(0) };
        assert_eq!(room.mask(&category(), &alice()), kept, "{privacy:?} {kind:?} {roles}, disabled");
    }
}

#[test]
fn a_category_admits_whom_it_names() {
    let (alice, mallory) = (is(&alice()), is(&person(9, "sip:mallory@other.example")));
    let table = [
        ("nobody", vec![], vec![], false),
        ("herself", vec![alice.clone()], vec![], true),
        ("her domain", vec![domain("example.com")], vec![], true),
        ("somebody else", vec![mallory.clone()], vec![], false),
        ("a domain above hers", vec![domain("com")], vec![], false),
        ("a domain below hers", vec![domain("sub.example.com")], vec![], false),
        ("a domain that ends like hers", vec![domain("ample.com")], vec![], false),
        ("her domain without her", vec![domain("example.com")], vec![alice.clone()], false),
        ("herself without her domain", vec![alice.clone()], vec![domain("example.com")], false),
        ("her domain without another", vec![domain("example.com")], vec![mallory], true),
    ];
    for (who, allowed, denied, inside) in table {
        let category = Category { scope: Scope { allowed, denied }, ..category() };
        let seen =
            with_roles(Privacy::Open, RoomKind::Normal, "").decide(&category, &self::alice(), Ask::See);
        assert_eq!(seen, if inside { Ok(Event::Seen) } else { Err(Refusal::NotFound) }, "{who}");
    }
}

#[test]
fn whoever_gets_the_address_later_is_somebody_else() {
    let room = with_roles(Privacy::Secret, RoomKind::Normal, "MG");
    let second = person(2, "sip:alice@example.com");
    assert_eq!(room.decide(&category(), &second, Ask::See), Err(Refusal::NotFound));
}

#[test]
fn what_is_not_kept_is_said_by_the_decision() {
    let room = with_roles(Privacy::Open, RoomKind::Normal, "");
    let (message, story) = (draft("hello"), draft("[STORY]The day\nIt was long."));
    for history in [true, false] {
        let home = Category { history, ..category() };
        let decide = |ask| room.decide(&home, &alice(), ask);
        assert_eq!(decide(Ask::Post(&message)), Ok(Event::Posted { kept: history, story: false }));
        assert_eq!(decide(Ask::Post(&story)), Ok(Event::Posted { kept: history, story: true }));
        assert_eq!(decide(Ask::Read), Ok(Event::Read { kept: history }));
    }
}

#[test]
fn the_chain_of_reasons_ends_where_the_decision_fell() {
    use Reason::{
        Denied, FilesOff, Hidden, InScope, InvitationsOff, Manager, Member, NeedsRole, NotManager, NotMember,
        NotPresenter, OpenRoom, OutOfScope, PersonNotEnabled, PolicyOff, Presenter, RoomDisabled,
    };
    let (traders, staff) = (Principal::Group(GroupId(1)), domain("example.com"));
    let alice = Person { ancestors: Ancestors::of(vec![GroupId(1)]), ..alice() };
    let reader = Person { roles: Roles::of(&[Role::Reader]), ..alice.clone() };
    let inside = || InScope(staff.clone());
    let (home, denying) = (
        category(),
        Category {
            scope: Scope { allowed: vec![staff.clone()], denied: vec![traders.clone()] },
            ..category()
        },
    );
    let by_group = Room { members: vec![traders.clone()], ..room(Privacy::Closed, RoomKind::Auditorium) };
    let stage = Room { presenters: vec![traders.clone()], ..by_group.clone() };
    let quiet = Room { invitations: Invitations::Off, ..by_group.clone() };
    let (secret, open) = (room(Privacy::Secret, RoomKind::Normal), room(Privacy::Open, RoomKind::Normal));
    let managed = Room { managers: vec![traders.clone()], disabled: true, ..secret.clone() };
    let (off, gone) = (
        Person { chat: false, ..alice.clone() },
        Person { state: chat::PersonState::Disabled, ..alice.clone() },
    );
    let table = [
        (&open, &home, &alice, Right::Join, vec![inside(), OpenRoom]),
        (&open, &home, &alice, Right::Files, vec![inside(), OpenRoom, FilesOff]),
        (&open, &home, &off, Right::Join, vec![PolicyOff]),
        (&open, &home, &gone, Right::Join, vec![PersonNotEnabled]),
        (&open, &denying, &alice, Right::Join, vec![Denied(traders.clone())]),
        (&open, &denying, &person(9, "sip:mallory@other.example"), Right::Join, vec![OutOfScope]),
        (&by_group, &home, &alice, Right::Post, vec![inside(), Member(traders.clone()), NotPresenter]),
        (
            &stage,
            &home,
            &alice,
            Right::Post,
            vec![inside(), Member(traders.clone()), Presenter(traders.clone())],
        ),
        (&quiet, &home, &alice, Right::Invitation, vec![inside(), Member(traders.clone()), InvitationsOff]),
        (&by_group, &home, &alice, Right::Manage, vec![inside(), Member(traders.clone()), NotManager]),
        (&secret, &home, &alice, Right::See, vec![inside(), NotMember, Hidden]),
        (&secret, &home, &reader, Right::Inspect, vec![Reason::Role(Role::Reader)]),
        (
            &secret,
            &home,
            &reader,
            Right::Manage,
            vec![inside(), NotMember, Hidden, NeedsRole(Role::ChatAdministrator)],
        ),
        (
            &managed,
            &home,
            &alice,
            Right::Read,
            vec![inside(), NotMember, Manager(traders.clone()), RoomDisabled],
        ),
        (
            &managed,
            &home,
            &alice,
            Right::Enable,
            vec![
                NeedsRole(Role::ChatAdministrator),
                inside(),
                NotMember,
                Manager(traders.clone()),
                RoomDisabled,
            ],
        ),
    ];
    for (room, home, who, right, reasons) in table {
        assert_eq!(room.explain(home, who, right).1, reasons, "{right:?} of {}", who.address);
    }
}

#[test]
fn a_room_invites_only_if_its_category_does() {
    for (category_invites, invitations, invites) in [
        (true, Invitations::Inherit, true),
        (true, Invitations::Off, false),
        (false, Invitations::Inherit, false),
        (false, Invitations::Off, false),
    ] {
        let home = Category { invitations: category_invites, ..category() };
        let room = Room { invitations, ..room(Privacy::Closed, RoomKind::Normal) };
        assert_eq!(room.invites(&home), invites, "{category_invites} {invitations:?}");
    }
}

#[test]
fn words_of_rights_and_roles_are_read_back() {
    for right in Right::ALL {
        assert_eq!(Right::of_word(right.word()), Some(right));
    }
    for role in Role::ALL {
        assert_eq!(Role::of_word(role.word()), Some(role));
        assert!(role.includes(Role::Reader), "whoever administers anything reads");
    }
    assert_eq!((Right::of_word("fly"), Role::of_word("king")), (None, None));
}
