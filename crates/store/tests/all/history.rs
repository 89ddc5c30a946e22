//! Stories of history: what is shown of a room, and what never is.

use chat::{Draft, Entry, JournalKey, PersonId, RoomEntry, RoomId, Rtf, Text};
use store::{Amend, AmendOutcome, Amendment, RowChange, Window};

use crate::stage::{Cast, ROOT, Stage, administer, recorded, texts};

async fn shown(cast: &Cast, window: Window) -> Vec<String> {
    let posts = cast.store.history(cast.engineering, window).await.unwrap();
    posts.into_iter().map(|post| post.body.text).collect()
}

fn remove(room: RoomId, post: u32) -> Amend {
    Amend { room, post, by: ROOT, to: Amendment::Remove }
}

fn replace(room: RoomId, post: u32, text: &str, by: PersonId) -> Amend {
    let draft = Draft { text: Text::parse(text).unwrap(), rtf: None, alert: false };
    Amend { room, post, by: chat::Actor::Person(by), to: Amendment::Replace(draft) }
}

pub async fn windows_are_oldest_first(stage: Stage) {
    let cast = Cast::on(&stage).await;
    for n in 1..=5 {
        cast.say(cast.alice, cast.engineering, &format!("{n}")).await;
    }
    cast.say(cast.alice, cast.kitchen, "elsewhere").await;

    assert_eq!(shown(&cast, Window::Last(2)).await, ["4", "5"]);
    assert_eq!(shown(&cast, Window::Last(usize::MAX)).await, ["1", "2", "3", "4", "5"]);
    assert_eq!(shown(&cast, Window::Before { post: 4, count: 2 }).await, ["2", "3"]);
    assert_eq!(shown(&cast, Window::After { post: 2, count: 2 }).await, ["3", "4"]);
    assert!(shown(&cast, Window::Last(0)).await.is_empty());
}

pub async fn a_removed_text_is_gone_everywhere(stage: Stage) {
    let cast = Cast::on(&stage).await;
    cast.say(cast.alice, cast.engineering, "harmless").await;
    let said = cast.say(cast.alice, cast.engineering, "regrettable xylophone").await;
    let outcome = cast.store.amend(remove(cast.engineering, 2)).await.unwrap();

    let AmendOutcome::Recorded(entry) = outcome else { panic!("{outcome:?}") };
    assert_eq!(entry.header.entry, Entry::Room(RoomEntry::Removed { post: 2, by: ROOT }));
    assert_eq!(shown(&cast, Window::Last(9)).await, ["harmless"]);
    let found = cast.store.search(&[cast.engineering], "xylophone", 9).await.unwrap();
    assert!(found.posts.is_empty());
    let journal = JournalKey::Room(cast.engineering);
    let number = said.header.position.number;
    let kept = &cast.store.entries(journal, number - 1, 1).await.unwrap()[0];
    assert_eq!((&kept.header, &kept.body), (&said.header, &None), "the header stays, the text is gone");
    cast.store.verify(journal).await.unwrap();
    assert_eq!(cast.store.amend(remove(cast.engineering, 2)).await.unwrap(), AmendOutcome::NoSuchPost);
    assert_eq!(cast.store.amend(remove(cast.engineering, 9)).await.unwrap(), AmendOutcome::NoSuchPost);
}

pub async fn a_replaced_text_is_shown_instead(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let mut post = cast.draft(cast.alice, cast.engineering, "teh walrus").await;
    post.draft.rtf = Some(Rtf::parse("{\\rtf1 teh walrus}").unwrap());
    post.draft.alert = true;
    let said = recorded(cast.store.post(post).await.unwrap());
    cast.say(cast.bob, cast.engineering, "later").await;
    cast.store.amend(replace(cast.engineering, 1, "the penguin", cast.alice)).await.unwrap();
    cast.store.amend(replace(cast.engineering, 1, "the puffin", cast.alice)).await.unwrap();

    let posts = cast.store.history(cast.engineering, Window::Last(9)).await.unwrap();
    assert_eq!(posts.len(), 2);
    assert_eq!((posts[0].body.text.as_str(), &posts[0].body.rtf), ("the puffin", &None));
    assert_eq!((posts[0].position, posts[0].alert), (said.header.position, true), "it stays where it was");
    for (word, hits) in [("walrus", 0), ("penguin", 0), ("puffin", 1)] {
        let found = cast.store.search(&[cast.engineering], word, 9).await.unwrap();
        assert_eq!(found.posts.len(), hits, "{word}");
    }
    cast.store.verify(JournalKey::Room(cast.engineering)).await.unwrap();
}

pub async fn what_is_not_kept_is_never_shown(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let mut post = cast.draft(cast.alice, cast.engineering, "ephemeral").await;
    post.kept = false;
    recorded(cast.store.post(post).await.unwrap());
    cast.say(cast.alice, cast.engineering, "lasting").await;
    assert_eq!(shown(&cast, Window::Last(9)).await, ["lasting"]);

    cast.store.amend(replace(cast.engineering, 1, "still ephemeral", cast.alice)).await.unwrap();
    assert_eq!(shown(&cast, Window::Last(9)).await, ["lasting"]);
    let found = cast.store.search(&[cast.engineering], "ephemeral", 9).await.unwrap();
    assert!(found.posts.is_empty());
}

pub async fn a_removed_room_has_no_history(stage: Stage) {
    let cast = Cast::on(&stage).await;
    cast.say(cast.alice, cast.engineering, "hello").await;
    administer(&cast.store, RowChange::RemoveRoom(cast.engineering)).await;

    assert!(shown(&cast, Window::Last(9)).await.is_empty());
    assert!(cast.store.search(&[cast.engineering], "hello", 9).await.unwrap().posts.is_empty());
    let journal = JournalKey::Room(cast.engineering);
    assert_eq!(cast.store.verify(journal).await.unwrap().bodies, 1, "its journal stays");
}

pub async fn what_is_not_kept_loses_its_text(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let journal = JournalKey::Room(cast.engineering);
    let mut passing = cast.draft(cast.alice, cast.engineering, "passing").await;
    passing.kept = false;
    let posts = store::limits::PASSING_MAX + 5;
    let mut told = 0;
    for _ in 0..posts {
        told += recorded(cast.store.post(passing.clone()).await.unwrap()).body.iter().count() as u32;
    }
    cast.say(cast.alice, cast.engineering, "lasting").await;
    assert_eq!(told, posts, "everybody who is there sees it");
    let bodies = cast.store.verify(journal).await.unwrap().bodies;
    assert_eq!(bodies, u64::from(store::limits::PASSING_MAX) + 1, "the older ones are gone already");
    cast.store.close().await;

    let store = stage.open();
    let proof = store.verify(journal).await.unwrap();
    assert_eq!((proof.entries, proof.bodies), (u64::from(posts) + 2, 1), "the entries stay");
    assert_eq!(texts(&store, cast.engineering).await, Vec::<String>::new(), "the first page has no texts");
    let shown = store.history(cast.engineering, Window::Last(9)).await.unwrap();
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0].body.text, "lasting");
    let amended = store.amend(remove(cast.engineering, 1)).await.unwrap();
    assert_eq!(amended, AmendOutcome::NoSuchPost);
}
