//! Every privacy, kind and role with its answers and its mask, and what bounds them all.

use chat::{Ask, Event, Mask, Privacy, Refusal, Room, RoomKind, Scope};

use crate::people::{alice, category, domain, draft, is, person, room};

const EVERY_PRIVACY: [Privacy; 3] = [Privacy::Open, Privacy::Closed, Privacy::Secret];

/// Alice's roles: letters of "member", "manager", "presenter" by their first two.
fn with_roles(mut room: Room, roles: &str) -> Room {
    let alice = is(&alice());
    for role in roles.split_whitespace() {
        match role {
            "member" => room.members.push(alice.clone()),
            "manager" => room.managers.push(alice.clone()),
            "presenter" => room.presenters.push(alice.clone()),
            other => panic!("{other} is no role"),
        }
    }
    room
}

/// What Alice may: a letter for each ask granted, in this order: See, Join, Read, Post, Manage. `-` is not allowed, `!`
/// disabled, `?` not found.
fn answers(room: &Room) -> String {
    let hello = draft("hello");
    let asks =
        [('S', Ask::See), ('J', Ask::Join), ('R', Ask::Read), ('P', Ask::Post(&hello)), ('M', Ask::Manage)];
    let letter = |(letter, ask)| match room.decide(&category(), &alice(), ask) {
        Ok(_) => letter,
        Err(Refusal::NotAllowed) => '-',
        Err(Refusal::Disabled) => '!',
        Err(Refusal::NotFound) => '?',
        Err(other) => panic!("{other:?}"),
    };
    asks.into_iter().map(letter).collect()
}

#[test]
fn roles_privacy_and_kind() {
    use Privacy::{Closed, Open, Secret};
    use RoomKind::{Auditorium, Normal};
    let table = [
        (Open, Normal, "", "SJRP-", 3456),
        (Open, Normal, "manager", "SJRPM", 11_652),
        (Open, Auditorium, "", "SJR--", 3456),
        (Open, Auditorium, "presenter", "SJRP-", 7552),
        (Closed, Normal, "", "S----", 2048),
        (Closed, Normal, "member", "SJRP-", 3456),
        (Closed, Normal, "member manager", "SJRPM", 11_652),
        (Closed, Normal, "manager", "S---M", 10_244),
        (Closed, Normal, "presenter", "S----", 2048),
        (Closed, Auditorium, "member", "SJR--", 3456),
        (Closed, Auditorium, "presenter", "S----", 2048),
        (Closed, Auditorium, "member presenter", "SJRP-", 7552),
        (Closed, Auditorium, "member manager", "SJR-M", 11_652),
        (Closed, Auditorium, "member manager presenter", "SJRPM", 15_748),
        (Secret, Normal, "", "?????", 0),
        (Secret, Normal, "member", "SJRP-", 3456),
        (Secret, Normal, "manager", "S---M", 10_244),
        (Secret, Auditorium, "presenter", "?????", 0),
    ];
    for (privacy, kind, roles, expected, mask) in table {
        let room = with_roles(room(privacy, kind), roles);
        assert_eq!(answers(&room), expected, "{privacy:?} {kind:?} {roles}");
        assert_eq!(room.mask(&category(), &alice()), Mask(mask), "{privacy:?} {kind:?} {roles}");
    }
}

#[test]
fn a_disabled_room_is_its_managers_alone() {
    let kept = Mask::MANAGE.with(Mask::SEE).with(Mask::BYPASS);
    for privacy in EVERY_PRIVACY {
        let table = [
            ("", if privacy == Privacy::Secret { "?????" } else { "!!!!!" }, Mask::default()),
            ("member", "!!!!!", Mask::default()),
            ("member presenter", "!!!!!", Mask::default()),
            ("manager", "S!!!M", kept),
            ("member manager", "S!!!M", kept),
        ];
        for (roles, expected, mask) in table {
            let room = Room { disabled: true, ..with_roles(room(privacy, RoomKind::Auditorium), roles) };
            assert_eq!(answers(&room), expected, "{privacy:?} {roles}");
            assert_eq!(room.mask(&category(), &alice()), mask, "{privacy:?} {roles}");
        }
    }
}

#[test]
fn a_category_bounds_every_role() {
    let (alice, mallory) = (is(&alice()), is(&person(9, "sip:mallory@other.example")));
    let table = [
        ("nobody", vec![], vec![], false),
        ("herself", vec![alice.clone()], vec![], true),
        ("her domain", vec![domain("example.com")], vec![], true),
        ("somebody else", vec![mallory.clone()], vec![], false),
        ("a domain above hers", vec![domain("com")], vec![], false),
        ("a domain below hers", vec![domain("sub.example.com")], vec![], false),
        ("her domain without her", vec![domain("example.com")], vec![alice.clone()], false),
        ("herself without her domain", vec![alice.clone()], vec![domain("example.com")], false),
        ("her domain without another", vec![domain("example.com")], vec![mallory], true),
    ];
    for (who, allowed, denied, inside) in table {
        let mut category = category();
        category.scope = Scope { allowed, denied };
        category.creators = vec![alice.clone()];
        assert_eq!(category.may_create(&crate::people::alice()), inside, "{who}");
        for privacy in EVERY_PRIVACY {
            let room = with_roles(room(privacy, RoomKind::Normal), "member manager");
            let seen = room.decide(&category, &crate::people::alice(), Ask::See);
            assert_eq!(seen, if inside { Ok(Event::Seen) } else { Err(Refusal::NotFound) }, "{who}");
        }
    }
}

#[test]
fn whoever_gets_the_address_later_is_somebody_else() {
    let room = with_roles(room(Privacy::Secret, RoomKind::Normal), "member manager");
    let second = person(2, "sip:alice@example.com");
    assert_eq!(room.decide(&category(), &second, Ask::See), Err(Refusal::NotFound));
}

#[test]
fn a_domain_is_a_member_like_any_other() {
    let mut room = room(Privacy::Closed, RoomKind::Normal);
    room.members.push(domain("example.com"));
    assert_eq!(answers(&room), "SJRP-");
    room.members = vec![domain("other.example")];
    assert_eq!(answers(&room), "S----");
}
