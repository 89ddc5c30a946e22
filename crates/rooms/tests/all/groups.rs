//! Stories of people who are in rooms by a group: what it gives them, and that all of it is gone when they are out of the group.

use chat::{Change, Entry, PartReason, Refusal, RoomEntry, ServerEntry};
use rooms::{Association, Trouble};
use testkit::operation;
use tokio::task::yield_now;

use crate::house::{Guest, House, all};

/// What is asked to take Dave out of the Juniors.
const DISMISSAL: &str = "group set Juniors --remove-member sip:dave@example.com";

/// The Traders are members of Engineering (closed) and Board (secret); Dave is one of the Juniors, who are Traders.
async fn house() -> House {
    let house = House::open().await;
    for words in [
        "group new Juniors --add-member sip:dave@example.com",
        "group new Traders --add-member group:Juniors",
        "room set Engineering --add-member group:Traders",
        "room set Board --add-member group:Traders",
    ] {
        house.must(operation(words)).await;
    }
    house
}

fn associated(guest: &Guest) -> Vec<String> {
    let cards = guest.session.visitor().associated(Association::Member, None);
    cards.iter().map(|card| card.name.to_string()).collect()
}

#[tokio::test]
async fn a_member_by_a_group_joins_reads_and_posts() {
    let house = house().await;
    let (alice, dave) = (house.guest_in("alice", "Engineering").await, house.guest("dave").await);
    alice.say("Engineering", "good morning").await;
    assert_eq!(associated(&dave), ["Board", "Engineering"]);
    assert_eq!(
        dave.history("Engineering", None).await.expect("he may read"),
        ["Engineering 1 alice: good morning"]
    );
    dave.join("Engineering").await;
    dave.say("Engineering", "good morning, Alice").await;
    assert_eq!(
        alice.heard().await,
        [
            "Engineering 1 alice: good morning",
            "dave comes to Engineering",
            "Engineering 2 dave: good morning, Alice"
        ]
    );
    dave.join("Board").await;
}

#[tokio::test]
async fn who_is_taken_out_of_a_group_loses_everything_at_once() {
    let house = house().await;
    let alice = house.guest("alice").await;
    alice.join_all(&["Engineering", "Board"]).await;
    let dave = house.guest("dave").await;
    dave.join_all(&["Engineering", "Board", "Lobby"]).await;
    alice.say("Engineering", "before").await;
    assert_eq!(dave.heard().await, ["Engineering 1 alice: before"]);

    house.must(operation(DISMISSAL)).await;
    alice.say("Engineering", "after").await;
    let mut out = dave.heard().await;
    out.sort();
    assert_eq!(out, ["put out of Board", "put out of Engineering"], "and he hears nothing more");
    assert_eq!(dave.try_say("Engineering", "hello?").await, Err(Refusal::NotAllowed.into()));
    assert_eq!(
        dave.try_say("Board", "hello?").await,
        Err(Refusal::NotFound.into()),
        "he knows of it no more"
    );
    assert_eq!(dave.history("Engineering", None).await, Err(Refusal::NotAllowed.into()));
    assert_eq!(dave.try_join("Engineering").await.unwrap_err(), Refusal::NotAllowed);
    assert!(associated(&dave).is_empty());
    dave.say("Lobby", "what everybody may is left").await;
    let told = alice.heard().await;
    assert_eq!(told.iter().filter(|line| line.starts_with("dave leaves")).count(), 2, "{told:?}");

    house.stop().await;
    let dave = house.id("dave").await;
    let removed = |told: &ServerEntry| matches!(told, ServerEntry::Parted { person, reason: PartReason::Removed, .. } if *person == dave);
    assert_eq!(house.told().await.iter().filter(|told| removed(told)).count(), 2, "that is kept");
}

#[tokio::test]
async fn a_group_taken_out_of_a_group_takes_its_people_along() {
    let house = house().await;
    let dave = house.guest_in("dave", "Engineering").await;
    house.must(operation("group set Traders --remove-member group:Juniors")).await;
    assert_eq!(dave.heard().await, ["put out of Engineering"]);
    house.must(operation("group set Traders --add-member group:Juniors")).await;
    dave.join("Engineering").await;
}

#[tokio::test]
async fn who_is_named_himself_stays_when_the_group_goes() {
    let house = house().await;
    house.must(operation("group set Juniors --add-member sip:bob@example.com")).await;
    let bob = house.guest_in("bob", "Engineering").await;
    house.must(operation("group set Juniors --remove-member sip:bob@example.com")).await;
    bob.say("Engineering", "I am a member myself").await;
    assert_eq!(bob.heard().await, ["Engineering 1 bob: I am a member myself"]);
}

#[tokio::test]
async fn a_group_taken_off_the_members_puts_its_people_out() {
    let house = house().await;
    let dave = house.guest_in("dave", "Engineering").await;
    house.must(operation("room set Engineering --remove-member group:Traders")).await;
    assert_eq!(dave.heard().await, ["put out of Engineering"]);
}

#[tokio::test]
async fn a_category_that_denies_a_group_puts_its_people_out() {
    let house = house().await;
    let dave = house.guest("dave").await;
    dave.join_all(&["Engineering", "Lobby"]).await;
    house.must(operation("category set General --add-denied-member group:Traders")).await;
    let mut out = dave.heard().await;
    out.sort();
    assert_eq!(out, ["put out of Engineering", "put out of Lobby"]);
    assert_eq!(dave.try_join("Lobby").await.unwrap_err(), Refusal::NotFound, "he is out of scope");
}

#[tokio::test]
async fn creators_by_a_group_create_as_long_as_they_are_in_it() {
    let house = house().await;
    house.must(operation("category set General --add-creator group:Juniors")).await;
    let (alice, dave) = (house.guest("alice").await, house.guest("dave").await);
    let names = |guest: &Guest| -> Vec<String> {
        guest.session.visitor().creatable().iter().map(|category| category.name.to_string()).collect()
    };
    assert_eq!((names(&alice), names(&dave)), (vec![], vec!["General".to_owned()]));
    house.must(operation(DISMISSAL)).await;
    assert!(names(&dave).is_empty());
}

#[tokio::test]
async fn a_manager_by_a_group_manages_and_a_presenter_by_a_group_presents() {
    let house = house().await;
    house.must(operation("room set Hall --add-presenter group:Traders")).await;
    house.must(operation("room set Lobby --add-manager group:Traders")).await;
    let dave = house.guest_in("dave", "Hall").await;
    dave.say("Hall", "welcome").await;
    let managed = || dave.session.visitor().associated(Association::Manager, None);
    assert_eq!(Guest::names(&managed()), ["Lobby"]);
    house.must(operation(DISMISSAL)).await;
    assert_eq!(dave.try_say("Hall", "and goodbye").await, Err(Refusal::NotAllowed.into()));
    assert!(managed().is_empty());
    assert_eq!(dave.heard().await, ["Hall 1 dave: welcome"], "he is still in: the hall is open");
}

#[tokio::test]
async fn a_word_decided_before_the_dismissal_and_written_after_it_is_refused() {
    let house = house().await;
    let (alice, dave) =
        (house.guest_in("alice", "Engineering").await, house.guest_in("dave", "Engineering").await);
    let dismissal = house.kept(operation(DISMISSAL));
    tokio::pin!(dismissal);
    let shut = house.gate.shut();
    tokio::select! {
        biased;
        () = &mut dismissal => panic!("it was kept behind a shut gate"),
        () = shut.reached() => (),
    }
    // The dismissal is being written. Dave's post is decided now, under what was true until then, and waits behind it.
    let daves = dave.try_say("Engineering", "one last word");
    let alices = alice.try_say("Engineering", "I may");
    let open = async {
        yield_now().await;
        drop(shut);
    };
    let (refused, granted, (), ()) = tokio::join!(daves, alices, open, dismissal);
    assert_eq!(refused, Err(Trouble::Refused(Refusal::NotAllowed)));
    granted.expect("it is decided again, and allowed still");
    assert_eq!(house.said("Engineering").await, ["1 alice: I may"]);
    assert_eq!(dave.heard().await.last().expect("it is told"), "put out of Engineering");
}

#[tokio::test(flavor = "multi_thread")]
async fn however_the_dismissal_falls_between_his_posts_no_word_of_dave_follows_it() {
    let house = house().await;
    for round in 0..10 {
        let dave = house.guest_in("dave", "Engineering").await;
        let texts: Vec<String> = (0..12).map(|n| format!("round {round} word {n}")).collect();
        let posts = all(texts.iter().map(|text| dave.try_say("Engineering", text)));
        let (answers, ()) = tokio::join!(posts, house.kept(operation(DISMISSAL)));
        let told = house.said("Engineering").await;
        for (text, answer) in texts.iter().zip(answers) {
            assert_eq!(told.iter().any(|line| line.ends_with(text)), answer.is_ok(), "{text}: {answer:?}");
        }
        assert!(dave.try_say("Engineering", "too late").await.is_err());
        assert_eq!(house.said("Engineering").await, told, "no word follows");
        house.must(operation("group set Juniors --add-member sip:dave@example.com")).await;
    }
}

#[tokio::test]
async fn a_removed_group_is_taken_off_every_list() {
    let house = house().await;
    let dave = house.guest_in("dave", "Engineering").await;
    house.must(operation("group remove Traders")).await;
    assert_eq!(dave.heard().await, ["put out of Engineering"]);
    let journal = house.journal("Engineering").await;
    let last = &journal.last().expect("something happened").header.entry;
    assert!(matches!(last, Entry::Room(RoomEntry::Changed { change: Change::Changed, .. })), "{last:?}");
}
