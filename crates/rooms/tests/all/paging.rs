//! Stories of posts in pages: by position, so that whoever knows the last one it saw can prove that it missed nothing.

use chat::{Draft, Position, Refusal, ServerEntry, Text};
use rooms::{Limits, Message, MessagePage, Page, Rooms, Start, Trouble, Visitor};
use store::{Amendment, Store};
use testkit::admin::{CategoryFields, Operation, RoomFields, UserRemove};
use uuid::Uuid;

use crate::house::{House, draft, remove, within};

async fn page(visitor: &Visitor, room: Uuid, from: Start, limit: usize) -> MessagePage {
    let page = Page { from, limit: Some(limit) };
    within(visitor.messages(room, page)).await.expect("the person may read")
}

/// A post as a page shows it: `2: two`, `2 is now zwei`, `2 is gone`.
fn line(message: &Message) -> String {
    match &message.text {
        Some(text) if message.changed.is_none() => format!("{}: {text}", message.post),
        Some(text) => format!("{} is now {text}", message.post),
        None => format!("{} is gone", message.post),
    }
}

fn lines(page: &MessagePage) -> Vec<String> {
    page.messages.iter().map(line).collect()
}

#[tokio::test]
async fn pages_go_back_to_the_beginning_and_forward_to_the_end() {
    let house = House::open().await;
    for n in 1..=7 {
        house.post("alice", "Lobby", &format!("line {n}")).await;
    }
    let (bob, lobby) = (house.visitor("bob").await, house.guid("Lobby"));
    let newest = page(&bob, lobby, Start::Newest, 3).await;
    assert_eq!(lines(&newest), ["5: line 5", "6: line 6", "7: line 7"]);
    assert_eq!((newest.next, newest.reset), (newest.at, None), "nothing comes after it");

    let middle = page(&bob, lobby, Start::Before(newest.prev.expect("there is more")), 3).await;
    assert_eq!(lines(&middle), ["2: line 2", "3: line 3", "4: line 4"]);
    let oldest = page(&bob, lobby, Start::Before(middle.prev.expect("there is more")), 3).await;
    assert_eq!((lines(&oldest), oldest.prev), (vec!["1: line 1".to_owned()], None));

    let mut forward = page(&bob, lobby, Start::After(oldest.next), 2).await;
    let mut all = lines(&forward);
    while forward.next != forward.at {
        forward = page(&bob, lobby, Start::After(forward.next), 2).await;
        all.extend(lines(&forward));
    }
    assert_eq!(all, (2..=7).map(|n| format!("{n}: line {n}")).collect::<Vec<_>>());
    let back = page(&bob, lobby, Start::Before(forward.prev.expect("there is more")), 9).await;
    assert_eq!(back.messages.len() + forward.messages.len(), 7, "from any page one goes either way");

    let all = page(&bob, lobby, Start::Newest, 500).await;
    assert_eq!((all.messages.len(), all.prev), (7, None));
    let default = within(bob.messages(lobby, Page { from: Start::Newest, limit: None })).await;
    assert_eq!(default.expect("he may read").messages.len(), 7);
    let nothing = within(bob.messages(lobby, Page { from: Start::Newest, limit: Some(0) })).await;
    let refused = Refusal::BadArgument("the number of messages");
    assert_eq!(nothing.err(), Some(Trouble::Refused(refused)));
}

#[tokio::test]
async fn a_page_lies_around_a_post_and_goes_on_either_way() {
    let house = House::open().await;
    for n in 1..=30 {
        house.post("alice", "Lobby", &format!("line {n}")).await;
    }
    let (bob, lobby) = (house.visitor("bob").await, house.guid("Lobby"));
    let numbers = |page: &MessagePage| page.messages.iter().map(|message| message.post).collect::<Vec<_>>();
    let views = || async {
        let told = house.told().await;
        told.iter().filter(|entry| matches!(entry, ServerEntry::Viewed { .. })).count()
    };
    let before = views().await;
    let page_at = page(&bob, lobby, Start::Post(15), 9).await;
    assert_eq!(numbers(&page_at), (12..=20).collect::<Vec<_>>(), "a third lies before it");
    assert_eq!(views().await, before + 1, "nothing else was looked at to find it");
    let older = page(&bob, lobby, Start::Before(page_at.prev.expect("there is more")), 9).await;
    assert_eq!(numbers(&older), (3..=11).collect::<Vec<_>>());
    let newer = page(&bob, lobby, Start::After(page_at.next), 99).await;
    assert_eq!((numbers(&newer), newer.next), ((21..=30).collect(), newer.at));

    let same = page(&bob, lobby, Start::Time(page_at.messages[3].time), 9).await;
    assert_eq!(numbers(&same), (1..=6).collect::<Vec<_>>(), "all were said in one moment: the first of them");
    let last = page(&bob, lobby, Start::Post(30), 9).await;
    assert_eq!((numbers(&last), last.next), ((27..=30).collect(), last.at), "nothing comes after it");
    let first = page(&bob, lobby, Start::Post(1), 9).await;
    assert_eq!((numbers(&first), first.prev), ((1..=6).collect(), None), "nor anything before this");
    let none = page(&bob, lobby, Start::Post(31), 9).await;
    assert_eq!((numbers(&none), none.next), ((22..=30).collect(), none.at), "else the newest are shown");

    house.amend("Lobby", &[15, 16], Amendment::Remove).await;
    let gone = page(&bob, lobby, Start::Post(15), 9).await;
    assert_eq!(numbers(&gone), [12, 13, 14, 17, 18, 19, 20, 21, 22]);
    let away = page(&bob, lobby, Start::After(page_at.next), 99).await;
    assert_eq!(away.messages.iter().filter(|message| message.text.is_none()).count(), 2, "that is told, too");
}

#[tokio::test]
async fn whoever_comes_back_hears_what_was_taken_away_and_replaced() {
    for memory_bytes in [0, Limits::default().memory_bytes] {
        let house = House::with(Limits { memory_bytes, ..Limits::default() }).await;
        let guest = house.guest_in("alice", "Lobby").await;
        for text in ["one", "two", "three"] {
            guest.say("Lobby", text).await;
        }
        let (bob, lobby) = (house.visitor("bob").await, house.guid("Lobby"));
        let seen = page(&bob, lobby, Start::Newest, 9).await;
        assert_eq!(lines(&seen), ["1: one", "2: two", "3: three"]);
        house.amend("Lobby", &[1, 2], Amendment::Remove).await;
        house.amend("Lobby", &[3], Amendment::Replace(draft("drei"))).await;
        guest.say("Lobby", "four").await;

        let news = page(&bob, lobby, Start::After(seen.next), 9).await;
        assert_eq!(lines(&news), ["1 is gone", "2 is gone", "3 is now drei", "4: four"]);
        assert_eq!((news.next, news.reset), (news.at, None));
        let changed = news.messages[2].changed.expect("it says where");
        assert!(changed > seen.next && changed < news.at);
        assert_eq!(news.messages[2].position, seen.messages[2].position, "it stays where it was said");
        for shown in [
            lines(&page(&bob, lobby, Start::Newest, 9).await),
            lines(&page(&house.visitor("dave").await, lobby, Start::Before(news.at), 9).await),
        ] {
            assert!(shown.iter().all(|line| !line.contains("one") && !line.contains("gone")), "{shown:?}");
            assert_eq!(shown[0], "3 is now drei");
        }
        let dave = house.guest_in("dave", "Lobby").await;
        let history = dave.history("Lobby", None).await.expect("he may read");
        assert_eq!(history, ["Lobby 3 alice: drei", "Lobby 4 alice: four"], "nor does memory show it");
        let none = page(&bob, lobby, Start::After(news.next), 9).await;
        assert_eq!((lines(&none), none.next, none.at), (vec![], news.at, news.at));
    }
}

#[tokio::test]
async fn a_message_carries_everything_of_its_post() {
    let house = House::open().await;
    let (alice, lobby) = (house.visitor("alice").await, house.guid("Lobby"));
    let rtf = chat::Rtf::parse("{\\rtf1 walrus}").expect("rich text");
    let text = Text::parse("[STORY]The walrus\nonce upon a time").expect("a text");
    let story = Draft { text, rtf: Some(rtf.clone()), alert: true };
    let said = within(alice.post(lobby, story, None)).await.expect("it is kept");
    house.post("bob", "Lobby", "nice").await;
    house.must(Operation::UserRemove(UserRemove { user: "sip:alice@example.com".into() })).await;

    let shown = page(&house.visitor("bob").await, lobby, Start::Newest, 9).await;
    let first = &shown.messages[0];
    assert_eq!((first.position, first.post, first.time), (said.position, said.post, said.time));
    assert_eq!((first.author.address.user(), first.author.display_name.as_str()), ("alice", "alice"));
    assert_eq!((first.story, first.title.as_deref(), first.alert), (true, Some("The walrus"), true));
    assert_eq!((first.rtf.as_deref(), first.room, first.kept), (Some(rtf.as_str()), lobby, true));
    let second = &shown.messages[1];
    assert_eq!(
        (second.story, second.title.as_deref(), second.alert, second.rtf.as_deref()),
        (false, None, false, None)
    );
}

#[tokio::test]
async fn who_saw_what_was_lost_with_the_store_is_told_where_to_begin_again() {
    let house = House::open().await;
    let kept = house.post("alice", "Lobby", "kept").await.position;
    house.stop().await;
    house.store.close().await;
    Store::raise_era(&house.file()).expect("nobody has it open");
    let store = Store::open_founded(&house.file(), house.gate.clone()).expect("it was founded");
    let rooms = Rooms::start(store.clone()).await.expect("the store can be read");
    let id =
        store.people().await.expect("a read").iter().find(|p| p.address.user() == "bob").expect("Bob").id;
    let (bob, lobby) = (rooms.of(id).expect("he may ask"), house.guid("Lobby"));
    let said = within(bob.post(lobby, draft("a new era"), None)).await.expect("it is kept");

    let lost = Position { number: kept.number + 5, ..kept };
    let news = page(&bob, lobby, Start::After(lost), 9).await;
    assert_eq!((news.reset, news.next, news.at), (Some(kept), said.position, said.position));
    assert_eq!(news.messages.iter().map(|message| message.position).collect::<Vec<_>>(), [said.position]);
    let news = page(&bob, lobby, Start::After(kept), 9).await;
    assert_eq!((news.reset, news.messages.len()), (None, 1), "who saw nothing of it just goes on");
    let before = page(&bob, lobby, Start::Before(said.position), 9).await;
    assert_eq!(before.messages.iter().map(|message| message.position).collect::<Vec<_>>(), [kept]);
    rooms.stop().await;
    store.close().await;
}

#[tokio::test]
async fn where_no_history_is_kept_there_are_positions_but_no_posts() {
    let house = House::open().await;
    let history = |on| CategoryFields { chat_history: Some(on), ..CategoryFields::default() };
    house.post("alice", "Lobby", "for ever").await;
    house.set_category(history(false)).await;
    let said = house.post("alice", "Lobby", "for now").await;
    let (bob, lobby) = (house.visitor("bob").await, house.guid("Lobby"));
    let begin = Position { era: 1, number: 0 };
    for from in [Start::Newest, Start::After(begin), Start::Before(said.position)] {
        let shown = page(&bob, lobby, from, 9).await;
        assert_eq!((lines(&shown), shown.next, shown.at), (vec![], said.position, said.position), "{from:?}");
        assert_eq!(shown.prev, None);
    }
    house.set_category(history(true)).await;
    let shown = page(&bob, lobby, Start::After(begin), 9).await;
    assert_eq!(lines(&shown), ["1: for ever"], "what was said meanwhile never becomes history");
    assert_eq!(shown.next, shown.at);
}

#[tokio::test]
async fn that_posts_were_shown_is_kept_and_polling_for_nothing_is_not() {
    let house = House::open().await;
    for text in ["one", "two", "three"] {
        house.post("alice", "Lobby", text).await;
    }
    let (bob, lobby) = (house.visitor("bob").await, house.guid("Lobby"));
    let newest = page(&bob, lobby, Start::Newest, 2).await;
    for _ in 0..3 {
        page(&bob, lobby, Start::After(newest.next), 9).await;
    }
    house.amend("Lobby", &[1], Amendment::Remove).await;
    let news = page(&bob, lobby, Start::After(newest.next), 9).await;
    assert_eq!(lines(&news), ["1 is gone"], "no text was shown by that");
    page(&bob, lobby, Start::After(Position { era: 1, number: 0 }), 9).await;
    let views = house.told().await.into_iter().filter_map(|told| match told {
        ServerEntry::Viewed { room, from, to, head, .. } => Some((room, from, to, head)),
        _ => None,
    });
    let room = house.room("Lobby");
    let expected = [(room, 2, 3, newest.at), (room, 2, 3, news.at)];
    assert_eq!(views.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn long_stories_come_in_shorter_pages_and_none_is_missed() {
    let house = House::open().await;
    let story = format!("[STORY]{}", "x".repeat(chat::limits::STORY_BYTES_MAX - 7));
    let fit = store::limits::HISTORY_BYTES_MAX / story.len();
    let count = fit + 3;
    for _ in 0..count {
        house.post("alice", "Lobby", &story).await;
    }
    let (bob, lobby) = (house.visitor("bob").await, house.guid("Lobby"));
    let newest = page(&bob, lobby, Start::Newest, 500).await;
    assert_eq!(newest.messages.len(), fit);
    let older = page(&bob, lobby, Start::Before(newest.prev.expect("it was cut")), 500).await;
    assert_eq!((older.messages.len(), older.prev), (3, None));
    let first = page(&bob, lobby, Start::After(Position { era: 1, number: 0 }), 500).await;
    assert_eq!(first.messages.len(), fit);
    let second = page(&bob, lobby, Start::After(first.next), 500).await;
    assert_eq!((second.messages.len(), second.next), (3, second.at));

    let guest = house.guest_in("bob", "Lobby").await;
    let visitor = guest.session.visitor();
    let from_store = within(visitor.history(lobby, Some(500))).await.expect("he may read");
    let again = within(visitor.history(lobby, Some(500))).await.expect("he may read");
    let numbers =
        |posts: &[std::sync::Arc<rooms::Post>]| posts.iter().map(|post| post.post).collect::<Vec<_>>();
    assert_eq!(numbers(&from_store).len(), fit, "a short answer is not taken for all there is");
    assert_eq!(numbers(&again), numbers(&from_store), "memory shows what the store shows");
}

#[tokio::test]
async fn a_page_is_not_shown_to_somebody_who_lost_the_right_to_it() {
    let house = House::open().await;
    house.post("alice", "Engineering", "only for members").await;
    let bob = house.visitor("bob").await;
    let members = RoomFields { members: remove(&["bob"]), ..RoomFields::default() };
    house.set_room("Engineering", members).await;
    let asked = Page { from: Start::Newest, limit: None };
    let refused = within(bob.messages(house.guid("Engineering"), asked)).await;
    assert_eq!(refused.err(), Some(Trouble::Refused(Refusal::NotAllowed)));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_catches_up_while_people_talk_ends_with_what_there_is() {
    let house = House::open().await;
    let (bob, lobby) = (house.visitor("bob").await, house.guid("Lobby"));
    let talk = async {
        for n in 1..=40_u32 {
            house.post("alice", "Lobby", &format!("line {n}")).await;
            match n % 5 {
                0 => house.amend("Lobby", &[n - 2], Amendment::Remove).await,
                3 => house.amend("Lobby", &[n - 1], Amendment::Replace(draft(&format!("better {n}")))).await,
                _ => (),
            }
        }
    };
    // What a client keeps: the last it was told of each post, in the order of their numbers.
    let follow = async {
        let (mut seen, mut known) = (Position { era: 1, number: 0 }, std::collections::BTreeMap::new());
        while known.len() < 40 {
            let news = page(&bob, lobby, Start::After(seen), 3).await;
            assert!(news.reset.is_none() && news.next >= seen);
            known.extend(news.messages.iter().map(|message| (message.post, line(message))));
            seen = news.next;
        }
        (seen, known)
    };
    let ((), (mut seen, mut known)) = tokio::join!(talk, follow);
    loop {
        let news = page(&bob, lobby, Start::After(seen), 3).await;
        known.extend(news.messages.iter().map(|message| (message.post, line(message))));
        seen = news.next;
        if seen == news.at {
            break;
        }
    }
    let there: Vec<String> = known.into_values().filter(|line| !line.ends_with("is gone")).collect();
    assert_eq!(there.len(), 32);
    assert_eq!(there, lines(&page(&bob, lobby, Start::Newest, 500).await));
}
