//! Storms of sign-ons and joins, the memory of idle people, and what a kill must leave: each against a small house.
//! How much a server takes is not asked, only that what was to be done was done.

use load::crash::check;
use load::ledger::Findings;

use super::stage::{generator, house};

#[tokio::test(flavor = "multi_thread")]
async fn everybody_signs_on_in_a_storm() {
    let (_house, address) = house(5).await;
    let said = generator("signon", address, &["--links", "10", "--endpoints", "2"]).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    let lines: Vec<&str> = said.lines.lines().collect();
    assert!(
        lines[0].contains("\"count\":10,\"unit\":\"connections\""),
        "the raw server comes first: {said:?}"
    );
    assert!(lines[1].contains("\"count\":10,\"unit\":\"sign-ons\""), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_is_not_there_is_no_figure() {
    let (_house, address) = house(2).await;
    let said = generator("signon", address, &["--links", "3", "--no-raw"]).await;
    assert_eq!((said.code, said.lines.as_str()), (Some(3), ""), "{said:?}");
    assert!(said.errors.contains("sip:load2@example.com: REGISTER was answered"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_memory_of_people_is_read_when_they_are_signed_on_and_in_their_rooms() {
    let (house, address) = house(4).await;
    for number in 0..3 {
        house.admin(&format!("room new Load-{number} --category General --privacy open")).await;
    }
    let pid = std::process::id().to_string();
    let said = generator("memory", address, &["--links", "4", "--rooms", "3", "--pid", &pid]).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    for unit in ["connections", "signed on", "in their rooms"] {
        assert!(said.says("unit", &format!("\"{unit}\"")), "{said:?}");
    }
    assert_eq!(said.lines.matches("\"kibPerEndpoint\":").count(), 3, "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_joins_finds_the_last_posts_of_each_room() {
    let (house, address) = house(4).await;
    for number in 0..3 {
        house.admin(&format!("room new Load-{number} --category General --privacy open")).await;
    }
    let said = generator("join", address, &["--links", "4", "--rooms", "3"]).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.says("count", "12") && said.says("missing", "0"), "{said:?}");
}

#[test]
fn after_a_kill_what_was_acknowledged_must_be_there_once_in_order() {
    let clean = Findings::default();
    for (kept, acknowledged, findings, what) in [
        (&[7, 8, 9, 10, 11][..], 2, clean, "posts on their way may have been kept"),
        (&[10, 11], 2, clean, "or not"),
        (&[], 0, clean, "nothing was acknowledged"),
        (&[10], 2, Findings { missing: 1, ..clean }, "the last one is lost"),
        (&[11], 2, Findings { missing: 1, ..clean }, "the first one is lost"),
        (&[10, 12], 1, Findings { missing: 1, ..clean }, "one on its way is kept, and one before it not"),
        (&[10, 11, 11], 2, Findings { doubled: 1, ..clean }, "one is there twice"),
        (&[11, 10], 2, Findings { reordered: 1, ..clean }, "two changed places"),
    ] {
        assert_eq!(check(kept, 10, acknowledged), findings, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_none_is_named() {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_causerie-load"));
    let output =
        command.args(["crash", "--server", "/nowhere/causerie"]).output().await.expect("the generator runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("/nowhere/causerie serve"), "{said}");
}
