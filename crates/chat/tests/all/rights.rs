//! What a decision yields besides yes and no: masks as the wire shows them, events, and the chain of reasons.
//! Who may do what is in `matrix.rs`.

use chat::{
    Ancestors, Ask, Category, Event, GroupId, Invitations, Mask, Person, PersonState, Principal, Privacy,
    Reason, Refusal, Right, Role, Roles, Room, RoomKind, Scope,
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

/// Alice with her group of traders, in what the tables of reasons need.
fn trader() -> Person {
    Person { ancestors: Ancestors::of(vec![GroupId(1)]), ..alice() }
}

fn traders() -> Principal {
    Principal::Group(GroupId(1))
}

#[test]
fn the_chain_of_reasons_ends_where_the_decision_fell() {
    use Reason::{
        Denied, FilesOff, Hidden, InScope, InvitationsOff, Member, NotMember, NotPresenter, OpenRoom,
        OutOfScope, PersonNotEnabled, PolicyOff, Presenter,
    };
    let (alice, inside, member) = (trader(), InScope(domain("example.com")), Member(traders()));
    let (off, gone) =
        (Person { chat: false, ..alice.clone() }, Person { state: PersonState::Disabled, ..alice.clone() });
    let (denied, presenter) = (Denied(traders()), Presenter(traders()));
    let home = category();
    let scope = Scope { denied: vec![traders()], ..home.scope.clone() };
    let denying = Category { scope, ..category() };
    let (secret, open) = (room(Privacy::Secret, RoomKind::Normal), room(Privacy::Open, RoomKind::Normal));
    let hers = Room { members: vec![traders()], ..room(Privacy::Closed, RoomKind::Auditorium) };
    let stage = Room { presenters: vec![traders()], ..hers.clone() };
    let quiet = Room { invitations: Invitations::Off, ..hers.clone() };
    let mallory = person(9, "sip:mallory@other.example");
    let table = [
        (&open, &home, &alice, Right::Join, vec![&inside, &OpenRoom]),
        (&open, &home, &alice, Right::Files, vec![&inside, &OpenRoom, &FilesOff]),
        (&open, &home, &off, Right::Join, vec![&PolicyOff]),
        (&open, &home, &gone, Right::Join, vec![&PersonNotEnabled]),
        (&open, &denying, &alice, Right::Join, vec![&denied]),
        (&open, &denying, &mallory, Right::Join, vec![&OutOfScope]),
        (&hers, &home, &alice, Right::Post, vec![&inside, &member, &NotPresenter]),
        (&stage, &home, &alice, Right::Post, vec![&inside, &member, &presenter]),
        (&quiet, &home, &alice, Right::Invitation, vec![&inside, &member, &InvitationsOff]),
        (&secret, &home, &alice, Right::See, vec![&inside, &NotMember, &Hidden]),
    ];
    for (room, home, who, right, reasons) in table {
        let told = room.explain(home, who, right).1;
        assert_eq!(told.iter().collect::<Vec<_>>(), reasons, "{right:?} of {}", who.address);
    }
}

#[test]
fn administering_has_its_own_reasons() {
    use Reason::{Hidden, InScope, Manager, NeedsRole, NotManager, NotMember, OpenRoom, RoomDisabled};
    let (alice, home, inside) = (trader(), category(), InScope(domain("example.com")));
    let reader = Person { roles: Roles::of(&[Role::Reader]), ..alice.clone() };
    let (by_role, needed, manager) =
        (Reason::Role(Role::Reader), NeedsRole(Role::ChatAdministrator), Manager(traders()));
    let (secret, open) = (room(Privacy::Secret, RoomKind::Normal), room(Privacy::Open, RoomKind::Normal));
    let hers = Room { managers: vec![traders()], disabled: true, ..secret.clone() };
    let table = [
        (&open, &alice, Right::Manage, vec![&inside, &OpenRoom, &NotManager]),
        (&secret, &reader, Right::Inspect, vec![&by_role]),
        (&secret, &reader, Right::Manage, vec![&inside, &NotMember, &Hidden, &needed]),
        (&hers, &alice, Right::Read, vec![&inside, &NotMember, &manager, &RoomDisabled]),
        (&hers, &alice, Right::Enable, vec![&needed, &inside, &NotMember, &manager, &RoomDisabled]),
    ];
    for (room, who, right, reasons) in table {
        let told = room.explain(&home, who, right).1;
        assert_eq!(told.iter().collect::<Vec<_>>(), reasons, "{right:?}");
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
