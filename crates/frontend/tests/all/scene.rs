//! Where the stories happen: a house with people and an open room, and what is asked of an answer again and again.
//! Tells no story itself.

use frontend::limits::Limits;
use testkit::House;
use testkit::wire::{Closed, Message, Person};

/// When every story begins.
pub const BEGIN: &str = "2026-11-24T10:00:00Z";
/// The type of what passes through a chat dialog, as a header line.
pub const XCCOS: &str = "Content-Type: text/plain\r\n";
/// The chat server's own address.
pub const POOL: &str = "sip:GC-1-PersistentChatService-1@example.com";

/// A house with these people in it, and the address of its open room, the Lobby.
pub async fn house(people: &[&str]) -> (House, String) {
    furnished(House::found(BEGIN).await, people).await
}

/// The same with other limits of links.
pub async fn house_with(people: &[&str], limits: Limits) -> (House, String) {
    furnished(House::found_with(BEGIN, limits, rooms::Limits::default()).await, people).await
}

/// People, a category and the Lobby come into a new house.
pub async fn furnished(house: House, people: &[&str]) -> (House, String) {
    for who in people {
        house.person(who).await;
    }
    house.admin("category new General --add-allowed-member domain:example.com").await;
    let guid = house.admin("room new Lobby --category General --privacy open").await;
    (house, format!("ma-chan://example.com/{guid}"))
}

/// Somebody signs on, opens the chat dialog and joins a room; what that showed is looked at.
pub async fn joined(house: &House, who: &str, room: &str) -> Person {
    let mut person = house.arrive(who).await;
    let reply = person.join(room).await.expect("the link stays open");
    assert!(reply.contains("resp code=\"200\""), "{who} joins: {reply}");
    person
}

/// The status of an answer.
pub fn status(answer: Result<Message, Closed>) -> u16 {
    answer.expect("the link stays open").status().expect("a final answer has a status")
}

/// Whether the link works: something is asked that is always answered.
pub async fn works(person: &mut Person) -> bool {
    let answer = person.outside("OPTIONS", "sip:example.com", "", "").await;
    answer.is_ok_and(|answer| answer.status() == Some(200))
}

/// The text of the next post a person is shown; everything else stays in the inbox.
pub async fn hears(person: &mut Person) -> String {
    let body = person.next_where(|body| body.contains("<grpchat ")).await.expect("the link stays open");
    let (_, _, text) = testkit::wire::said(&body).expect("a post has number, author and text");
    text
}

/// Leaves a room by `cmd:part`; returns the reply.
pub async fn part(person: &mut Person, room: &str) -> String {
    let element = format!("<cmd id=\"cmd:part\" seqid=\"1\"><data><chanib uri=\"{room}\"/></data></cmd>");
    person.command(&element).await.expect("the link stays open")
}
