//! The user model: its plan has the published proportions and follows from its seed; carried out, everybody gets every post of his
//! rooms, and somebody who does not is found out.

use load::model::{Plan, Scale};

use super::spoiler::{Fault, before};
use super::stage::{Said, generator, house};

const SCALE: Scale =
    Scale { people: 600, rooms_each: 24, rate: 1.0, changes: 6.0, seconds: 600, octets: 200, seed: 7 };

#[test]
fn the_plan_has_the_proportions_of_the_published_model() {
    let plan = Plan::of(&SCALE);
    assert_eq!((plan.rooms, plan.links), (240 + 8 + 1, 900));
    assert!(
        plan.rooms_of.iter().all(|own| own.len() == 20 + 2 + 1),
        "each joins so many, and one of the only large"
    );
    let near = |count: usize, right: f64| (count as f64 - right).abs() < 4.0 * right.sqrt();
    assert!(near(plan.posts.len(), 24.04 * 600.0), "{} posts", plan.posts.len());
    assert!(near(plan.changes.len(), 600.0), "{} changes of presence", plan.changes.len());
    let large = plan.posts.iter().filter(|post| post.room == 248).count();
    assert!(near(large, 0.15 * 600.0), "{large} posts in the large room");
    assert!(plan.posts.is_sorted_by_key(|post| post.at));
    assert!(plan.posts.iter().all(|post| plan.rooms_of[post.author].contains(&post.room)), "members post");
}

#[test]
fn the_same_seed_makes_the_same_plan_and_another_another() {
    let posts = |seed| Plan::of(&Scale { seed, ..SCALE }).posts;
    assert_eq!(posts(7), posts(7));
    assert_ne!(posts(7), posts(8));
}

async fn run(fault: Fault, processes: &str) -> Said {
    let (house, address) = house(4).await;
    for number in 0..3 {
        house.admin(&format!("room new Load-{number} --category General --privacy open")).await;
    }
    let address = before(address, fault).await;
    let words = ["--people", "4", "--seconds", "1", "--rate", "2", "--changes", "36000", "--patience", "20"];
    let words = [&words[..], &["--processes", processes]].concat();
    generator("usermodel", address, &words).await
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_gets_every_post_of_his_rooms() {
    let said = run(Fault::Nothing, "1").await;
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.says("unit", "\"deliveries\"") && said.says("endpoints", "6"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_came_twice_is_found_out() {
    let said = run(Fault::Doubled, "1").await;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.says("missing", "0") && said.says("doubled", "1") && said.lines.contains(" twice in Load-"),
        "{said:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn several_processes_carry_it_as_one() {
    let alone = run(Fault::Nothing, "1").await;
    let shared = run(Fault::Nothing, "3").await;
    assert_eq!((alone.code, shared.code), (Some(0), Some(0)), "{shared:?}");
    let count = |said: &Said| {
        said.lines.split("\"count\":").nth(1).and_then(|rest| rest.split(',').next().map(str::to_owned))
    };
    assert_eq!(count(&alone), count(&shared), "the same seed makes the same run: {shared:?}");
    assert!(shared.says("endpoints", "6"), "{shared:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_of_several_processes_finds_is_found() {
    let said = run(Fault::Doubled, "2").await;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.says("missing", "0") && said.says("doubled", "1"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_endpoints_than_a_process_holds_need_several() {
    let (_house, address) = house(1).await;
    let crowd = async |more: &[&str]| {
        generator("usermodel", address, &[&["--people", "20000", "--seconds", "1"], more].concat()).await
    };
    let too_few = crowd(&[]).await;
    assert_eq!(too_few.code, Some(2), "{too_few:?}");
    assert!(too_few.errors.contains("30000 is not from 1 to 19000"), "{too_few:?}");
    let part = crowd(&["--share", "0/2"]).await;
    assert_eq!(part.code, Some(3), "it begins, and finds no room: {part:?}");
}
