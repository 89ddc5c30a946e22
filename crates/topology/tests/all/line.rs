//! Where things stand in a document: in the line of the field, else of the object, and nowhere when neither was written.
//! What is wrong there is said by the rules.

use topology::finding::{Object, ObjectKind};
use topology::line_of;

use crate::world::{CONTOSO, LITWARE};

/// The text of a line, from 1.
fn line(document: &str, number: Option<usize>) -> Option<&str> {
    document.lines().nth(number?.checked_sub(1)?)
}

#[test]
fn a_field_stands_where_it_was_written_and_an_object_where_it_begins() {
    let pool = || Object::new(ObjectKind::PersistentChatPool, &"chat.contoso.example");
    let content = || Object::new(ObjectKind::Store, &"content");
    for (place, expected) in [
        (pool().field("kind"), "kind = \"multiple\""),
        (pool().field("backup-compliance-store"), "backup-compliance-store = \"record-backup\""),
        (content().field("mirror"), "mirror = { server = \"db2.contoso.example\" }"),
        (content().field("mirror.server"), "mirror = { server = \"db2.contoso.example\" }"),
        (Object::new(ObjectKind::Site, &"paris").field("location"), "location = \"Rue de Rivoli\""),
        (
            Object::machine(&"chat.contoso.example", &"chat3.contoso.example").field("state"),
            "state = \"inactive\"",
        ),
        (pool().field("content-database"), "[[persistent-chat-pool]]"),
        (Object::new(ObjectKind::FrontEndPool, &"fe.contoso.example").whole(), "[[front-end-pool]]"),
    ] {
        assert_eq!(line(CONTOSO, line_of(CONTOSO, &place)), Some(expected), "{place}");
    }
}

#[test]
fn what_was_not_written_stands_nowhere() {
    for place in [
        Object::topology().whole(),
        Object::new(ObjectKind::Site, &"paris").whole(),
        Object::machine(&"se.litware.example", &"chat1.litware.example").whole(),
        Object::new(ObjectKind::Machine, &"se.litware.example").whole(),
    ] {
        assert_eq!(line_of(LITWARE, &place), None, "{place}");
    }
    assert_eq!(line_of("site = 1", &Object::new(ObjectKind::Site, &"paris").whole()), None);
    assert_eq!(line_of("[[site", &Object::new(ObjectKind::Site, &"paris").whole()), None);
}
