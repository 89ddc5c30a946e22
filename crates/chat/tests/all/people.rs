//! Who plays: a few people, a category for everybody of a domain, and a room in it.

use chat::{
    Address, Ancestors, Category, CategoryId, Description, DisplayName, Domain, Draft, Invitations, NodeName,
    Person, PersonId, PersonState, Principal, Privacy, Roles, Room, RoomId, RoomKind, Scope, Text,
};
use uuid::Uuid;

pub fn person(number: i64, address: &str) -> Person {
    Person {
        id: PersonId(number),
        guid: Uuid::from_u128(1),
        address: Address::parse(address).unwrap(),
        display_name: DisplayName::parse(address).unwrap(),
        state: PersonState::Enabled,
        standing: 1,
        admission: 1,
        chat: true,
        bot: false,
        roles: Roles::default(),
        ancestors: Ancestors::default(),
    }
}

pub fn alice() -> Person {
    person(1, "sip:alice@example.com")
}

pub fn is(person: &Person) -> Principal {
    Principal::Person(person.id)
}

pub fn domain(name: &str) -> Principal {
    Principal::Domain(Domain::parse(name).unwrap())
}

pub fn category() -> Category {
    Category {
        id: CategoryId(1),
        guid: Uuid::from_u128(2),
        name: NodeName::parse("General").unwrap(),
        description: Description::default(),
        scope: Scope { allowed: vec![domain("example.com")], denied: vec![] },
        creators: vec![],
        invitations: true,
        file_upload: false,
        history: true,
        rules: 1,
    }
}

pub fn room(privacy: Privacy, kind: RoomKind) -> Room {
    Room {
        id: RoomId(1),
        guid: Uuid::from_u128(3),
        category: CategoryId(1),
        name: NodeName::parse("Engineering").unwrap(),
        description: Description::default(),
        privacy,
        kind,
        invitations: Invitations::Inherit,
        disabled: false,
        add_in: None,
        members: vec![],
        managers: vec![],
        presenters: vec![],
        rules: 1,
    }
}

pub fn draft(text: &str) -> Draft {
    Draft { text: Text::parse(text).unwrap(), rtf: None, alert: false }
}
