//! Where the chat server is, as recorded.

use super::{CHAT_GROUP, Chat, groups, print};
use crate::document::xml::Unreadable;

/// As the client asked in the recorded sessions.
const ASKED: &str = concat!(
    r#"<provisioningGroupList xmlns="http://schemas.microsoft.com/2006/09/sip/provisioninggrouplist">"#,
    r#" <provisioningGroup name="ServerConfiguration"/> <provisioningGroup name="meetingPolicy"/>"#,
    r#" <provisioningGroup name="persistentChatConfiguration"/> <provisioningGroup name="ucPolicy"/>"#,
    "</provisioningGroupList>"
);
/// As it was answered there.
const TOLD: &str = concat!(
    r#"<provisionGroupList xmlns="http://schemas.microsoft.com/2006/09/sip/provisiongrouplist-notification">"#,
    r#"<provisionGroup name="persistentChatConfiguration"><propertyEntryList>"#,
    r#"<property name="EnablePersistentChat">true</property>"#,
    r#"<property name="DefaultPersistentChatPoolUri">sip:pchat@example.com</property>"#,
    "</propertyEntryList></provisionGroup></provisionGroupList>"
);

const CHAT: Chat<'static> = Chat { pool: "sip:pchat@example.com", pages: None };

#[test]
fn the_recorded_question_gets_the_recorded_answer() {
    let asked = groups(ASKED.as_bytes()).unwrap();
    assert_eq!(asked, ["ServerConfiguration", "meetingPolicy", "persistentChatConfiguration", "ucPolicy"]);
    assert_eq!(print(&asked, Some(&CHAT)), TOLD);
}

#[test]
fn pages_of_its_own_are_told_for_inside_and_outside() {
    let told = print(&[CHAT_GROUP.to_owned()], Some(&Chat { pages: Some("https://rooms/?a=1&b=2"), ..CHAT }));
    for name in ["PersistentChatWebManagerUriInt", "PersistentChatWebManagerUriExt"] {
        let property = format!(r#"<property name="{name}">https://rooms/?a=1&amp;b=2</property>"#);
        assert!(told.contains(&property), "{told}");
    }
}

#[test]
fn somebody_who_may_not_chat_is_told_so_and_nothing_else() {
    let told = print(&[CHAT_GROUP.to_owned()], None);
    assert!(
        told.contains(r#"<property name="EnablePersistentChat">false</property></propertyEntryList>"#),
        "{told}"
    );
}

#[test]
fn a_group_that_was_not_asked_for_is_not_told() {
    assert!(!print(&["ucPolicy".to_owned()], Some(&CHAT)).contains("property"));
}

#[test]
fn another_document_is_refused() {
    assert!(matches!(groups(b"<other/>"), Err(Unreadable::Wrong(_))));
}
