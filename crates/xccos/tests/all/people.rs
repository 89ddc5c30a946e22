//! The people, rooms and headings the stories share.
//! Asserts nothing.

use chat::{Domain, Mask, Privacy, RoomKind, Time};
use uuid::{Uuid, uuid};
use xccos::{CommandId, Compat, Heading, Participant, PersonBlock, RoomBlock};

pub const ENGINEERING: Uuid = uuid!("094f5a4a-c492-4f6b-91c2-385eba134fd3");
pub const SALES: Uuid = uuid!("41b7084d-1484-5193-9e24-d190f2f7768c");
pub const GENERAL: Uuid = uuid!("396ac1bf-a36a-4633-a0c7-dbf74991ec7a");

pub const MEMBER: Mask = Mask(3456);
pub const MANAGER: Mask = Mask(11652);

pub fn home() -> Domain {
    Domain::parse("contoso.com").expect("a domain")
}

pub fn heading(domain: &Domain) -> Heading<'_> {
    Heading { envid: 7_962_449_779_256_945_056, domain, compat: Compat::default() }
}

pub fn asked() -> CommandId {
    CommandId { envid: "139132350".into(), seqid: "1".into() }
}

pub fn noon() -> Time {
    Time::parse_iso("2013-08-03T10:15:00.447Z").expect("a time")
}

pub fn room(guid: Uuid, name: &'static str) -> RoomBlock<'static> {
    RoomBlock {
        guid,
        name: name.into(),
        description: "EMEA desk".into(),
        category: Some(GENERAL),
        privacy: Privacy::Closed,
        kind: RoomKind::Normal,
        disabled: false,
        participants: Some(2),
        logged: true,
        invites: false,
        file_upload: true,
        add_in: None,
    }
}

pub fn person(user: &str, display_name: &str) -> PersonBlock<'static> {
    PersonBlock {
        address: format!("sip:{user}@contoso.com").into(),
        guid: Some(Uuid::from_u128(u128::from(user.as_bytes()[0]))),
        name: Some(user.to_owned().into()),
        display_name: Some(display_name.to_owned().into()),
    }
}

pub fn alice(mask: Mask) -> Participant<'static> {
    Participant { person: person("alice", "Alice Adams"), mask }
}

pub fn bob(mask: Mask) -> Participant<'static> {
    Participant { person: person("bob", "Bob Brown"), mask }
}

pub fn carol(mask: Mask) -> Participant<'static> {
    Participant { person: person("carol", "Carol Cole"), mask }
}
