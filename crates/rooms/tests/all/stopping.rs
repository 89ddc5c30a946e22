//! Stories of a server that stops: what was answered is kept and delivered, everything else is refused.

use chat::{JournalKey, PartReason, Refusal};
use rooms::{Rooms, Trouble};
use tokio::task::JoinSet;

use crate::house::{House, all, within};

#[tokio::test(flavor = "multi_thread")]
async fn each_post_at_the_time_of_the_stop_is_kept_or_refused_and_never_both() {
    let house = House::open().await;
    let bob = house.guest_in("bob", "Lobby").await;
    let mut talkers = JoinSet::new();
    for name in ["alice", "carol", "dave"] {
        let talker = house.guest_in(name, "Lobby").await;
        talkers.spawn(async move {
            let mut kept = Vec::new();
            loop {
                let text = format!("{name} {}", kept.len());
                match talker.try_say("Lobby", &text).await {
                    Ok(_) => kept.push(text),
                    Err(Trouble::Stopping) => return (talker, kept, text),
                    Err(other) => panic!("{other}"),
                }
            }
        });
    }
    while !bob.next_line().await.starts_with("Lobby 30 ") {}
    house.stop().await;

    let said = house.said("Lobby").await;
    let mut answered = 0;
    for (talker, kept, refused) in talkers.join_all().await {
        for text in &kept {
            let times = said.iter().filter(|line| line.ends_with(&format!(": {text}"))).count();
            assert_eq!(times, 1, "{text} was answered");
        }
        assert!(!said.iter().any(|line| line.ends_with(&format!(": {refused}"))), "{refused} was refused");
        answered += kept.len();
        talker.session.close(PartReason::Gone).await;
    }
    assert_eq!(said.len(), answered, "nothing else was said");
    let mut heard = bob.waiting().await;
    heard.retain(|line| line.starts_with("Lobby"));
    assert_eq!(heard.len(), answered - 30, "what was kept was delivered before the stop was over");
}

#[tokio::test]
async fn what_waits_in_the_mailbox_at_the_stop_is_refused() {
    let house = House::open().await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
    let texts: Vec<String> = (1..=10).map(|n| format!("line {n}")).collect();
    let (answers, ()) =
        tokio::join!(all(texts.iter().map(|text| alice.try_say("Lobby", text))), house.stop());
    assert!(answers.iter().all(|answer| *answer == Err(Trouble::Stopping)), "{answers:?}");
    assert!(house.said("Lobby").await.is_empty());
    assert_eq!(bob.waiting().await, [""; 0]);
}

#[tokio::test]
async fn what_is_being_written_at_the_stop_is_kept_and_delivered() {
    let house = House::open().await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
    let shut = house.gate.shut();
    let saying = alice.try_say("Lobby", "in the last moment");
    tokio::pin!(saying);
    tokio::select! {
        biased;
        _ = &mut saying => panic!("it was answered before it was kept"),
        () = shut.reached() => (),
    }
    let open = async {
        tokio::task::yield_now().await;
        drop(shut);
    };
    let (said, (), ()) = tokio::join!(saying, house.stop(), open);
    said.expect("it is kept");
    assert_eq!(bob.waiting().await, ["Lobby 1 alice: in the last moment"]);
}

#[tokio::test]
async fn after_the_stop_everything_is_refused_and_what_was_delivered_can_be_taken() {
    let house = House::open().await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
    alice.say("Lobby", "last words").await;
    house.stop().await;
    let lobby = [house.guid("Lobby")];
    assert_eq!(alice.try_say("Lobby", "too late").await, Err(Trouble::Stopping));
    assert_eq!(alice.session.join(&lobby, false).await.err(), Some(Trouble::Stopping));
    assert_eq!(alice.session.part(&lobby).await.err(), Some(Trouble::Stopping));
    assert_eq!(alice.history("Lobby", None).await, Err(Trouble::Stopping));
    assert_eq!(alice.session.visitor().set_preference("groups", vec![1]).await, Err(Trouble::Stopping));
    assert_eq!(house.try_guest("carol").await.err(), Some(Refusal::NotAllowed));
    assert_eq!(bob.waiting().await, ["Lobby 1 alice: last words"]);
    house.stop().await; // a second stop is none
}

#[tokio::test]
async fn a_store_closed_under_the_rooms_ends_them_and_every_session() {
    let house = House::open().await;
    let alice = house.guest_in("alice", "Lobby").await;
    alice.say("Lobby", "last words").await;
    house.settle().await;
    house.store.close().await;
    assert_eq!(alice.try_say("Lobby", "too late").await, Err(Trouble::Stopping));
    assert_eq!(alice.session.part(&[house.guid("Lobby")]).await.err(), Some(Trouble::Stopping));
    assert_eq!(alice.waiting().await, ["Lobby 1 alice: last words", "ended: Broken"]);
    house.rooms.ended().await;
    house.stop().await;
}

#[tokio::test]
async fn a_new_start_over_the_same_store_goes_on_where_the_old_one_stopped() {
    let house = House::open().await;
    let alice = house.guest_in("alice", "Lobby").await;
    alice.say("Lobby", "before").await;
    house.stop().await;
    alice.session.close(PartReason::Gone).await;

    let rooms = Rooms::start(house.store.clone()).await.expect("the store can be read");
    let bob = rooms.open(house.id("bob").await).expect("Bob may come in");
    let lobby = house.guid("Lobby");
    let joined = within(bob.join(&[lobby], false)).await.expect("it is kept").remove(0).expect("it is open");
    assert_eq!((joined.card.participants, joined.at.number), (1, 2));
    within(bob.post(lobby, crate::house::draft("after"), None)).await.expect("it is kept");
    let shown = within(bob.visitor().history(lobby, None)).await.expect("he may read");
    assert_eq!(
        shown.iter().map(|post| (post.post, &*post.text)).collect::<Vec<_>>(),
        [(1, "before"), (2, "after")]
    );
    within(rooms.stop()).await;
    let server = JournalKey::Server(house.store.identity().server);
    house.store.verify(server).await.expect("the journal is sound");
    house.store.verify(JournalKey::Room(house.room("Lobby"))).await.expect("the journal is sound");
}
