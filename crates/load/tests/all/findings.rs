//! The checks of the generator can fail: what one receiver lost, got twice or got too late is reported, and the run ends with 1.
//! Against a house without fault the same run ends with 0.

use super::spoiler::{Fault, before};
use super::stage::{Said, generator, house};

const RUN: [&str; 10] =
    ["--receivers", "3", "--posts", "20", "--window", "4", "--room", "Lobby", "--patience", "20"];

async fn run(fault: Fault) -> Said {
    let (_house, address) = house(4).await;
    let address = before(address, fault).await;
    generator("fanout", address, &[&RUN[..], &["--no-raw"]].concat()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_in_which_everybody_gets_everything_is_clean() {
    let said = run(Fault::Nothing).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.says("count", "80") && said.says("missing", "0") && said.says("doubled", "0"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_without_a_window_comes_to_its_end() {
    let (_house, address) = house(4).await;
    let said =
        generator("fanout", address, &[&RUN[..4], &["--window", "0", "--room", "Lobby"]].concat()).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.says("window", "0") && said.says("count", "80"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_doors_share_the_endpoints_and_what_comes_by_each_is_looked_at() {
    let (_house, address) = house(4).await;
    let (good, bad) = (before(address, Fault::Nothing).await, before(address, Fault::Doubled).await);
    let words = [&RUN[..], &["--no-raw"]].concat();
    let at = async |first, second: std::net::SocketAddr| {
        generator("fanout", first, &[&words[..], &["--tcp", &second.to_string()]].concat()).await
    };
    let said = at(good, address).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.says("count", "80"), "{said:?}");
    // Whoever looks up the room, and every second of the others.
    let said = at(good, bad).await;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.says("missing", "0") && said.says("doubled", "1"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_post_that_one_receiver_lost_is_reported() {
    let said = run(Fault::Lost).await;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.says("missing", "1") && said.says("doubled", "0"), "{said:?}");
    assert!(said.lines.contains("did not get post 5 in its turn"), "it says who and what: {said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_post_that_one_receiver_got_twice_is_reported() {
    let said = run(Fault::Doubled).await;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.says("missing", "0") && said.says("doubled", "1"), "{said:?}");
    assert!(said.lines.contains("got post 5 twice"), "it says who and what: {said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_posts_in_the_wrong_order_are_reported() {
    let said = run(Fault::Swapped).await;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.says("missing", "0") && said.says("reordered", "1"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_raw_server_is_measured_in_the_same_call() {
    let (_house, address) = house(4).await;
    let said = generator("fanout", address, &RUN).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    let servers: Vec<&str> =
        said.lines.lines().filter_map(|line| line.split("\"server\":\"").nth(1)).collect();
    assert!(servers[0].starts_with("raw batched\"") && servers[1].starts_with("causerie\""), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_is_not_there_is_no_figure_and_says_what_to_look_at() {
    let (_house, address) = house(2).await;
    let said = generator("fanout", address, &["--receivers", "1", "--room", "Attic"]).await;
    assert_eq!((said.code, said.lines.as_str()), (Some(3), ""), "{said:?}");
    assert!(said.errors.contains("no room Attic") && said.errors.contains("look whether"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_beyond_the_limits_are_refused_with_the_limits() {
    let nowhere = ([127, 0, 0, 1], 9).into();
    for (option, value, limits) in [
        ("--receivers", "19000", "1 to 18999"),
        ("--window", "33", "0 to 32"),
        ("--octets", "15", "16 to 8000"),
    ] {
        let said = generator("fanout", nowhere, &[option, value]).await;
        assert_eq!(said.code, Some(2), "{said:?}");
        assert!(said.errors.contains(option) && said.errors.contains(limits), "{said:?}");
    }
}
