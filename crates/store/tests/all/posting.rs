//! Stories of posts: kept once, in one order, under the numbers they were decided under.

use chat::{Entry, JournalKey, RoomEntry};
use store::{PostOutcome, RowChange, StoreFault};
use tokio::task::JoinSet;

use crate::stage::{
    Cast, Stage, administer, amend, category_draft, client_id, new_post, person_draft, recorded, replacement,
    room_draft, said, say, texts,
};

pub async fn numbers_are_dense_and_one_order_holds_for_all(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let mut posters = JoinSet::new();
    for (author, room) in [
        (cast.alice, cast.engineering),
        (cast.bob, cast.engineering),
        (cast.bob, cast.kitchen),
        (cast.carol, cast.kitchen),
    ] {
        let store = cast.store.clone();
        posters.spawn(async move {
            let mut mine = Vec::new();
            for n in 0..50 {
                let kept = say(&store, author, room, &format!("{author:?} says {n}")).await;
                mine.push((room, kept.header.position.number));
            }
            mine
        });
    }
    let mut answered: Vec<_> = posters.join_all().await.into_iter().flatten().collect();
    answered.sort_unstable();

    let mut kept = Vec::new();
    for room in [cast.engineering, cast.kitchen] {
        let entries = cast.store.entries(JournalKey::Room(room), 0, 1_000).await.unwrap();
        for (nth, entry) in entries.iter().enumerate() {
            assert_eq!(entry.header.position.number, nth as u64 + 1, "numbers are dense");
        }
        let posts: Vec<u32> = entries
            .iter()
            .filter_map(|entry| match entry.header.entry {
                Entry::Room(RoomEntry::Posted { post, .. }) => Some(post),
                _ => None,
            })
            .collect();
        assert_eq!(posts, (1..=100).collect::<Vec<u32>>(), "so are posts");
        kept.extend(entries[1..].iter().map(|entry| (room, entry.header.position.number)));
        assert_eq!(cast.store.head(JournalKey::Room(room)).await.unwrap().posts, 100);
    }
    assert_eq!(answered, kept, "each answer names its own entry");
}

pub async fn a_post_is_moved_when_the_room_changed_meanwhile(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let decided = cast.draft(cast.alice, cast.engineering, "hello").await;
    let draft = room_draft(cast.general, "Engineering");
    administer(&cast.store, RowChange::SetRoom { id: cast.engineering, expected_rules: None, draft }).await;

    assert_eq!(cast.store.post(decided).await.unwrap(), PostOutcome::Moved);
    assert!(texts(&cast.store, cast.engineering).await.is_empty());

    cast.say(cast.alice, cast.engineering, "decided again").await;
    assert_eq!(texts(&cast.store, cast.engineering).await, ["decided again"]);
}

pub async fn a_post_is_moved_when_the_category_changed_meanwhile(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let decided = cast.draft(cast.alice, cast.engineering, "hello").await;
    let draft = category_draft("General");
    administer(&cast.store, RowChange::SetCategory { id: cast.general, expected_rules: None, draft }).await;

    assert_eq!(cast.store.post(decided).await.unwrap(), PostOutcome::Moved);
    cast.say(cast.alice, cast.engineering, "decided again").await;
}

pub async fn a_post_is_moved_when_its_author_was_disabled_meanwhile(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let decided = cast.draft(cast.alice, cast.engineering, "hello").await;
    let bobs = cast.draft(cast.bob, cast.engineering, "hello too").await;
    let mut draft = person_draft("alice");
    draft.enabled = false;
    administer(&cast.store, RowChange::SetPerson { id: cast.alice, expected_standing: None, draft }).await;

    assert_eq!(cast.store.post(decided).await.unwrap(), PostOutcome::Moved);
    recorded(cast.store.post(bobs).await.unwrap());
}

pub async fn a_post_is_moved_when_its_room_or_author_is_gone(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let in_kitchen = cast.draft(cast.alice, cast.kitchen, "coffee?").await;
    let of_bob = cast.draft(cast.bob, cast.engineering, "bye").await;
    administer(&cast.store, RowChange::RemoveRoom(cast.kitchen)).await;
    administer(&cast.store, RowChange::RemovePerson(cast.bob)).await;

    assert_eq!(cast.store.post(in_kitchen).await.unwrap(), PostOutcome::Moved);
    assert_eq!(cast.store.post(of_bob).await.unwrap(), PostOutcome::Moved);
}

pub async fn a_repeated_client_id_is_kept_once(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let mut post = cast.draft(cast.alice, cast.engineering, "once").await;
    post.client_id = Some(client_id("urn:1"));
    let first = recorded(cast.store.post(post.clone()).await.unwrap());
    let mut again = post.clone();
    again.under.room_rules += 1;

    assert_eq!(cast.store.post(post).await.unwrap(), PostOutcome::Repeated(said(&first)));
    assert_eq!(
        cast.store.post(again).await.unwrap(),
        PostOutcome::Repeated(said(&first)),
        "what is kept is kept, whatever was decided since"
    );
    assert_eq!(texts(&cast.store, cast.engineering).await, ["once"]);
}

pub async fn a_client_id_that_comes_again_with_something_else_is_taken(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let mut post = cast.draft(cast.alice, cast.engineering, "once").await;
    post.client_id = Some(client_id("urn:1"));
    let first = recorded(cast.store.post(post.clone()).await.unwrap());
    let mut other = cast.draft(cast.alice, cast.engineering, "twice").await;
    other.client_id = Some(client_id("urn:1"));
    let mut louder = post.clone();
    louder.draft.alert = true;

    for taken in [other, louder] {
        assert_eq!(cast.store.post(taken).await.unwrap(), PostOutcome::ClientIdTaken);
    }
    assert_eq!(cast.store.post(post).await.unwrap(), PostOutcome::Repeated(said(&first)));
}

pub async fn nobody_is_told_what_a_text_was_that_is_taken_away_or_replaced(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let mut post = cast.draft(cast.alice, cast.engineering, "my number is 1234").await;
    post.client_id = Some(client_id("urn:1"));
    let first = recorded(cast.store.post(post.clone()).await.unwrap());
    let mut guess = cast.draft(cast.alice, cast.engineering, "my number is 4321").await;
    guess.client_id = Some(client_id("urn:1"));

    for to in [replacement("my number was here"), store::Amendment::Remove] {
        amend(&cast.store, cast.engineering, &[1], to).await;
        for sent in [&post, &guess] {
            let told = cast.store.post(sent.clone()).await.unwrap();
            assert_eq!(told, PostOutcome::Repeated(said(&first)), "only its place is known");
        }
    }
}

pub async fn the_same_client_id_of_somebody_else_is_another_post(stage: Stage) {
    let cast = Cast::on(&stage).await;
    for author in [cast.alice, cast.bob] {
        let mut post = cast.draft(author, cast.engineering, "mine").await;
        post.client_id = Some(client_id("urn:1"));
        recorded(cast.store.post(post).await.unwrap());
    }
    assert_eq!(texts(&cast.store, cast.engineering).await.len(), 2);
}

pub async fn the_same_client_id_in_another_room_is_another_post(stage: Stage) {
    let cast = Cast::on(&stage).await;
    for room in [cast.engineering, cast.kitchen] {
        let mut post = cast.draft(cast.alice, room, "here as well").await;
        post.client_id = Some(client_id("urn:1"));
        let kept = recorded(cast.store.post(post.clone()).await.unwrap());
        assert_eq!(cast.store.post(post).await.unwrap(), PostOutcome::Repeated(said(&kept)));
        assert_eq!(texts(&cast.store, room).await, ["here as well"]);
    }
}

pub async fn a_client_id_may_be_as_long_as_one_is(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let mut post = cast.draft(cast.alice, cast.engineering, "hello").await;
    post.client_id = Some(client_id(&"é".repeat(chat::limits::CLIENT_ID_BYTES_MAX / 2)));
    let kept = recorded(cast.store.post(post.clone()).await.unwrap());
    assert_eq!(cast.store.post(post).await.unwrap(), PostOutcome::Repeated(said(&kept)));
}

pub async fn a_second_open_supersedes_the_first(stage: Stage) {
    let cast = Cast::on(&stage).await;
    cast.say(cast.alice, cast.engineering, "from the first").await;
    let late = cast.draft(cast.alice, cast.engineering, "too late").await;
    let second = stage.open();

    assert_eq!(second.identity().epoch, cast.store.identity().epoch + 1);
    assert_eq!(cast.store.post(late).await.unwrap(), PostOutcome::Superseded);
    assert_eq!(cast.store.join(cast.alice, 1, vec![]).await.unwrap_err(), StoreFault::Superseded);
    say(&second, cast.alice, cast.engineering, "from the second").await;
    assert_eq!(texts(&second, cast.engineering).await, ["from the first", "from the second"]);
}

pub async fn waiting_posts_share_a_commit(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let mut feed = cast.store.feed();
    let mut posters = JoinSet::new();
    for n in 0..200 {
        let post = cast.draft(cast.alice, cast.engineering, &format!("post {n}")).await;
        let store = cast.store.clone();
        posters.spawn(async move { recorded(store.post(post).await.unwrap()) });
    }
    posters.join_all().await;
    let mut commits = 0;
    while let Ok(committed) = feed.try_recv() {
        commits += 1;
        assert!(committed.entries.len() >= 2, "a post and what it moved");
    }
    assert!(commits < 200, "200 posts that waited together took {commits} commits");
}

pub async fn a_closed_store_refuses(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let post = cast.draft(cast.alice, cast.engineering, "hello").await;
    let mut running = JoinSet::new();
    for _ in 0..20 {
        let (store, post) = (cast.store.clone(), post.clone());
        running.spawn(async move { store.post(post).await });
    }
    tokio::task::yield_now().await;
    cast.store.close().await;
    cast.store.close().await;

    assert_eq!(cast.store.post(post).await.unwrap_err(), StoreFault::Closed);
    assert_eq!(cast.store.rooms().await.unwrap_err(), StoreFault::Closed);
    for outcome in running.join_all().await {
        recorded(outcome.expect("what was queued before is finished"));
    }
    let again = stage.open();
    assert_eq!(texts(&again, cast.engineering).await.len(), 20);
}

pub async fn a_store_that_was_never_closed_keeps_everything(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let room = cast.engineering;
    let kept = cast.say(cast.alice, room, "before the crash").await;
    let alice = cast.alice;
    drop(cast);

    let again = stage.open();
    let entries = again.entries(JournalKey::Room(room), 0, 10).await.unwrap();
    assert_eq!(entries.last(), Some(&kept));
    let next = say(&again, alice, room, "after the crash").await;
    assert_eq!(next.header.position.number, kept.header.position.number + 1);
    again.verify(JournalKey::Room(room)).await.unwrap();
}

pub async fn time_never_goes_back(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let first = cast.say(cast.alice, cast.engineering, "at eight").await;
    stage.clock.advance_micros(-3_600_000_000);
    let second = cast.say(cast.bob, cast.engineering, "after the clock was set back").await;
    let elsewhere = new_post(&cast.store, cast.bob, cast.kitchen, "also in another room").await;
    let third = recorded(cast.store.post(elsewhere).await.unwrap());

    assert_eq!(second.header.time, first.header.time);
    assert_eq!(third.header.time, first.header.time, "its room was made at eight");
}
