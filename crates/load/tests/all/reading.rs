//! Clients that page and search by browser, against a small house: what they get is what was posted, and what a faulty door leaves
//! out, doubles, moves or invents is found out.

use load::archive::{Archive, word};
use load::concordance::{Concordance, Expected};
use testkit::House;

use super::forger::{Forgery, before};
use super::stage::{Said, generator, house};

/// Three pages, the last of them short.
const PAGING: [&str; 6] = ["--posts", "230", "--clients", "1", "--patience", "20"];
const SEARCHING: [&str; 8] = ["--posts", "230", "--rooms", "3", "--searches", "40", "--patience", "20"];

/// A house with its door open, three rooms and their readers.
async fn library(forgery: Forgery) -> (House, [String; 2]) {
    let (mut house, sip) = house(16).await;
    for number in 0..3 {
        house.admin(&format!("room new Load-{number} --category General --privacy open")).await;
    }
    house.open_web(Default::default()).await;
    let door = before(house.plain_browser().address, forgery).await;
    (house, [sip.to_string(), door.to_string()])
}

async fn run(measure: &str, forgery: Forgery, words: &[&str]) -> Said {
    let (_house, [sip, door]) = library(forgery).await;
    let sip = sip.parse().expect("an address");
    generator(measure, sip, &[words, &["--http", &door]].concat()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_pages_through_a_whole_room() {
    let said = run("history", Forgery::Nothing, &PAGING).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(
        said.says("count", "230") && said.says("pages", "3") && said.says("unit", "\"posts\""),
        "{said:?}"
    );
    assert!(said.says("missing", "0") && said.says("doubled", "0") && said.says("foreign", "0"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_clients_page_at_once_and_each_gets_all_of_it() {
    let said = run("history", Forgery::Nothing, &["--posts", "120", "--clients", "1,3"]).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    let lines: Vec<&str> = said.lines.lines().collect();
    assert!(lines[0].contains("\"endpoints\":1,\"count\":120"), "{said:?}");
    assert!(
        lines[1].contains("\"endpoints\":3,\"count\":360") && lines[1].contains("\"pages\":6"),
        "{said:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_a_page_leaves_out_is_reported() {
    let said = run("history", Forgery::LeftOut, &PAGING).await;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.says("missing", "1") && said.says("doubled", "0"), "{said:?}");
    assert!(said.lines.contains("post 105 was not in its place"), "it says which: {said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_a_page_shows_twice_is_reported() {
    let said = run("history", Forgery::Doubled, &PAGING).await;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.says("missing", "0") && said.says("doubled", "1"), "{said:?}");
    assert!(said.says("foreign", "1"), "a page of 101 posts is longer than was asked for: {said:?}");
    assert!(said.lines.contains("post 105 came twice"), "it says which: {said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_of_a_page_in_the_wrong_order_are_reported() {
    let said = run("history", Forgery::Swapped, &PAGING).await;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.says("missing", "0") && said.says("reordered", "1"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_says_something_else_than_was_posted_is_reported() {
    let said = run("history", Forgery::Reworded, &PAGING).await;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.says("missing", "1") && said.says("foreign", "1"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_find_what_was_posted_and_no_more_than_was_asked_for() {
    let said = run("search", Forgery::Nothing, &SEARCHING).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    for unit in
        ["one word in one room", "two words in one room", "one word in all rooms", "two words in all rooms"]
    {
        assert!(said.says("unit", &format!("\"searches for {unit}\"")), "{said:?}");
    }
    assert_eq!(said.lines.matches("\"count\":40").count(), 4, "{said:?}");
    assert!(said.lines.contains("\"p95Ms\""), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_leaves_out_doubles_or_invents_is_reported() {
    for (forgery, wrong) in [
        (Forgery::LeftOut, "was not in its place"),
        (Forgery::Doubled, "was found twice"),
        (Forgery::Reworded, "was not in its place"),
        (Forgery::Concealed, "it was not said that there are more"),
    ] {
        let said = run("search", forgery, &SEARCHING).await;
        assert_eq!(said.code, Some(1), "{forgery:?}: {said:?}");
        assert!(said.lines.contains(wrong), "{forgery:?}: {said:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_posted_is_taken_as_it_is_and_only_the_rest_is_posted() {
    let (_house, [sip, door]) = library(Forgery::Nothing).await;
    let sip = sip.parse().expect("an address");
    let first = generator("history", sip, &["--posts", "50", "--clients", "1", "--http", &door]).await;
    let second = generator("search", sip, &[&SEARCHING[..], &["--http", &door]].concat()).await;
    assert_eq!((first.code, second.code), (Some(0), Some(0)), "{second:?}");
    let third = generator("history", sip, &[&PAGING[..], &["--http", &door]].concat()).await;
    assert_eq!(third.code, Some(0), "{third:?}");
    assert!(third.says("count", "230"), "none of the first fifty was posted again: {third:?}");
    let other = generator("history", sip, &["--posts", "50", "--seed", "2", "--http", &door]).await;
    assert_eq!((other.code, other.lines.as_str()), (Some(2), ""), "{other:?}");
    assert!(other.errors.contains("posts that this run does not make; give the --seed"), "{other:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_door_that_speaks_no_http_is_named() {
    let (_house, [sip, _]) = library(Forgery::Nothing).await;
    let address = sip.parse().expect("an address");
    let said = generator("history", address, &["--http", &sip, "--patience", "20"]).await;
    assert_eq!((said.code, said.lines.as_str()), (Some(3), ""), "{said:?}");
    assert!(said.errors.contains("over HTTP"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_without_a_door_says_what_to_give() {
    let nowhere = ([127, 0, 0, 1], 9).into();
    for measure in ["history", "search"] {
        let said = generator(measure, nowhere, &[]).await;
        assert_eq!((said.code, said.lines.as_str()), (Some(2), ""), "{said:?}");
        assert!(said.errors.contains("--tcp needs --http"), "{said:?}");
    }
}

#[test]
fn words_are_as_frequent_as_their_ranks_say() {
    let archive = Archive { seed: 7, octets: 200, posts: vec![2_000] };
    let with = |rank: u32| (0..2_000).filter(|number| archive.ranks(0, *number).contains(&rank)).count();
    for (rank, least, most) in [(1, 1_600, 1_850), (2, 1_100, 1_400), (16, 160, 320), (256, 5, 40)] {
        assert!((least..=most).contains(&with(rank)), "rank {rank} is in {} of 2,000 posts", with(rank));
    }
    let text = archive.text(0, 42);
    assert_eq!((text.len(), archive.number(0, &text)), (200, Some(42)));
    assert!(text.contains(&format!(" {}", word(archive.ranks(0, 42)[0]))), "{text}");
    assert_eq!(archive.number(0, &archive.text(1, 42)), None, "another room says something else");
}

#[test]
fn each_rank_has_a_word_of_its_own() {
    let all: std::collections::HashSet<String> = (1..1 << 16).map(word).collect();
    assert_eq!(all.len(), (1 << 16) - 1);
    assert_eq!((word(1).as_str(), word(16).as_str(), word(65_535).as_str()), ("ce", "ceba", "vavavava"));
}

#[test]
fn a_search_is_expected_to_find_the_newest_posts_with_all_words() {
    let archive = Archive { seed: 7, octets: 200, posts: vec![300, 50] };
    let concordance = Concordance::of(&archive);
    let (one, two) = (1, 2);
    let by_hand: Vec<u32> = (0..350)
        .rev()
        .filter(|post| {
            let (room, number) = concordance.place(*post);
            let ranks = archive.ranks(room, number);
            ranks.contains(&one) && ranks.contains(&two)
        })
        .collect();
    let everywhere = concordance.everywhere();
    let all = concordance.expected(&[one, two], &everywhere, 1_000);
    assert_eq!(all, Expected { posts: by_hand.clone(), more: false });
    let few = concordance.expected(&[two, one], &everywhere, 10);
    assert_eq!(few, Expected { posts: by_hand[..10].to_vec(), more: true });
    let room = concordance.room(1);
    assert_eq!((room.clone(), concordance.place(300), concordance.place(299)), (300..350, (1, 0), (0, 299)));
    let within = by_hand.iter().copied().filter(|post| room.contains(post)).collect();
    assert_eq!(concordance.expected(&[one, two], &room, 1_000), Expected { posts: within, more: false });
}
