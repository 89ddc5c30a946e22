//! Where the chat server is, as recorded.

use super::{groups, print};
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

#[test]
fn the_recorded_question_gets_the_recorded_answer() {
    let asked = groups(ASKED.as_bytes()).unwrap();
    assert_eq!(asked, ["ServerConfiguration", "meetingPolicy", "persistentChatConfiguration", "ucPolicy"]);
    assert_eq!(print(&asked, "sip:pchat@example.com"), TOLD);
}

#[test]
fn a_group_that_was_not_asked_for_is_not_told() {
    assert!(!print(&["ucPolicy".to_owned()], "sip:pchat@example.com").contains("property"));
}

#[test]
fn another_document_is_refused() {
    assert!(matches!(groups(b"<other/>"), Err(Unreadable::Wrong(_))));
}
