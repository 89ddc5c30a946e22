//! Stories of reports: what is counted, which rooms are quiet, and by which way a person has a role.

use admin::{
    ActivityView, CategoryFields, FigureView, HeldRole, MembershipView, Moment, Operation, Outcome, Period,
    ReportActivity, ReportMembership, ReportUsage, RoomFields, RoomPrivacy, RoomRemove, Rows, Section, Spec,
};
use serde_json::json;

use crate::house::{House, add, allowed, members, not_found};
use crate::talk::DAY;

fn figures(outcome: &Outcome) -> &[FigureView] {
    match &outcome.rows {
        Rows::Figures(figures) => figures,
        other => panic!("not figures: {other:?}"),
    }
}

/// The figures of a section: `what: count`.
fn section(outcome: &Outcome, of: Section) -> Vec<String> {
    let all = figures(outcome).iter().filter(|figure| figure.section == of);
    all.map(|figure| format!("{}: {}", figure.what, figure.count)).collect()
}

fn usage(asked: ReportUsage) -> Operation {
    Operation::ReportUsage(asked)
}

async fn active(house: &House, asked: ReportActivity) -> Vec<ActivityView> {
    match house.must(Operation::ReportActivity(asked)).await.rows {
        Rows::Activity(rooms) => rooms,
        other => panic!("not rooms: {other:?}"),
    }
}

async fn held(house: &House, user: &str) -> Vec<MembershipView> {
    let asked = ReportMembership { user: user.into(), ..ReportMembership::default() };
    match house.must(Operation::ReportMembership(asked)).await.rows {
        Rows::Memberships(held) => held,
        other => panic!("not memberships: {other:?}"),
    }
}

/// A house with the rooms Engineering, Lobby, Attic (disabled) and Void; what is said on three days, from Tuesday the 24th on.
async fn used() -> House {
    let house = House::furnished().await;
    let open = || RoomFields { privacy: Some(RoomPrivacy::Open), ..RoomFields::default() };
    house.room("Lobby", open()).await;
    house.room("Attic", open()).await;
    house.room("Void", open()).await;
    house.say("alice", "Attic", "long ago").await;
    house
        .set_room("Attic", RoomFields { disabled: Some(true), ..RoomFields::default() })
        .await
        .expect("it closes");
    for text in ["one", "two", "three"] {
        house.say("alice", "Lobby", text).await;
    }
    house.clock.advance_micros(DAY);
    house.say("bob", "Engineering", "four").await;
    house.clock.advance_micros(6 * DAY);
    house.say("alice", "Engineering", "five").await;
    house
}

#[tokio::test]
async fn use_is_counted_by_room_person_and_day() {
    let house = used().await;
    let report = house.must(usage(ReportUsage::default())).await;
    assert_eq!(
        section(&report, Section::Totals),
        [
            "posts: 6",
            "rooms: 4",
            "rooms enabled: 3",
            "rooms disabled: 1",
            "rooms posted in: 3",
            "people: 3",
            "people enabled: 3",
            "people who posted: 2",
            "categories: 1"
        ]
    );
    assert_eq!(section(&report, Section::MostActiveRooms), ["Lobby: 3", "Engineering: 2", "Attic: 1"]);
    assert_eq!(
        section(&report, Section::MostActivePeople),
        ["sip:alice@example.com: 5", "sip:bob@example.com: 1"]
    );
    assert_eq!(section(&report, Section::LeastActiveRooms), ["Void: 0", "Engineering: 2", "Lobby: 3"]);
    assert_eq!(section(&report, Section::Trend), ["2026-11-24: 4", "2026-11-25: 1", "2026-12-01: 1"]);
    let told = serde_json::to_string(&report).expect("JSON");
    assert!(!told.contains("long ago"), "no text is told");
}

#[tokio::test]
async fn it_is_counted_between_dates_by_week_and_month_and_as_many_as_asked() {
    let house = used().await;
    let moment = |text: &str| Some(Moment(text.into()));
    let per = |per| usage(ReportUsage { per: Some(per), ..ReportUsage::default() });
    let weeks = house.must(per(Period::Week)).await;
    assert_eq!(section(&weeks, Section::Trend), ["2026-11-23: 5", "2026-11-30: 1"], "weeks from Monday");
    let months = house.must(per(Period::Month)).await;
    assert_eq!(section(&months, Section::Trend), ["2026-11: 5", "2026-12: 1"]);

    let late = ReportUsage { start_date: moment("2026-11-25"), top: Some(1), ..ReportUsage::default() };
    let late = house.must(usage(late)).await;
    assert_eq!(section(&late, Section::MostActiveRooms), ["Engineering: 2"]);
    assert_eq!(section(&late, Section::Trend), ["2026-11-25: 1", "2026-12-01: 1"]);
    assert_eq!(section(&late, Section::LeastActiveRooms), ["Void: 0"]);
    let early = ReportUsage { end_date: moment("2026-11-25"), ..ReportUsage::default() };
    assert_eq!(section(&house.must(usage(early)).await, Section::Totals)[0], "posts: 5");
    let between = ReportUsage {
        start_date: moment("2026-11-25"),
        end_date: moment("2026-11-30"),
        ..ReportUsage::default()
    };
    assert_eq!(section(&house.must(usage(between)).await, Section::Totals)[0], "posts: 1");
}

#[tokio::test]
async fn quiet_rooms_are_found_the_quietest_first() {
    let house = used().await;
    let moment = |text: &str| Some(Moment(text.into()));
    let names = |rooms: Vec<ActivityView>| rooms.into_iter().map(|room| room.room).collect::<Vec<_>>();
    let all = active(&house, ReportActivity::default()).await;
    assert_eq!((all[0].last_post.as_ref(), all[0].posts, all[0].octets), (None, 0, 0));
    let lobby = all.iter().find(|room| room.room == "Lobby").expect("it is there");
    assert_eq!((lobby.posts, lobby.octets, lobby.category.as_str()), (3, 11, "General"), "one, two, three");
    assert_eq!(names(all), ["Void", "Attic", "Lobby", "Engineering"]);
    let since = ReportActivity { inactive_since: moment("2026-11-25"), ..ReportActivity::default() };
    assert_eq!(names(active(&house, since.clone()).await), ["Void", "Attic", "Lobby"]);
    let enabled = ReportActivity { disabled: Some(false), ..since };
    assert_eq!(names(active(&house, enabled).await), ["Void", "Lobby"]);

    let (mut paged, mut cursor) = (Vec::new(), None);
    loop {
        let asked = ReportActivity { limit: Some(1), cursor, ..ReportActivity::default() };
        let page = house.must(Operation::ReportActivity(asked)).await;
        paged.extend(page.rows.values());
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let paged: Vec<_> = paged.iter().map(|row| row["room"].as_str().unwrap_or_default()).collect();
    assert_eq!(paged, ["Void", "Attic", "Lobby", "Engineering"]);
    house.must(Operation::RoomRemove(RoomRemove { room: "Lobby".into() })).await;
    assert_eq!(active(&house, ReportActivity::default()).await.len(), 3, "what is gone is not counted");
}

#[tokio::test]
async fn every_role_of_a_person_is_told_with_the_groups_by_which_it_comes() {
    let house = House::furnished().await;
    let group = |verb: &str, fields: serde_json::Value| {
        let fields = fields.as_object().cloned().expect("an object");
        Spec::find("group", verb).expect("there is one").read(fields).expect("it is complete")
    };
    house.must(group("new", json!({ "name": "Everybody" }))).await;
    house.must(group("new", json!({ "name": "Ops" }))).await;
    house.must(group("set", json!({ "group": "Everybody", "members": { "add": ["group:Ops"] } }))).await;
    house.must(group("set", json!({ "group": "Ops", "members": { "add": ["sip:bob@example.com"] } }))).await;
    house.category("Everything", allowed(&["domain:example.com", "group:Everybody"])).await;
    let creators = CategoryFields { creators: add(&["sip:bob@example.com"]), ..CategoryFields::default() };
    house.set_category("Everything", creators).await.expect("he is in scope");
    house.set_category("General", allowed(&["group:Everybody"])).await.expect("it grows");
    house
        .set_room("Engineering", members(&["group:Everybody", "sip:alice@example.com"]))
        .await
        .expect("in scope");
    let managed = RoomFields { managers: add(&["sip:bob@example.com"]), ..RoomFields::default() };
    house.set_room("Engineering", managed).await.expect("he is in scope");
    house.room("Hall", members(&["domain:example.com"])).await;

    let bobs = held(&house, "sip:bob@example.com").await;
    let told: Vec<_> = bobs
        .iter()
        .map(|one| (one.kind.as_str(), one.name.as_str(), one.role, one.by.as_str(), one.path.join(" > ")))
        .collect();
    assert_eq!(
        told,
        [
            ("room", "Engineering", HeldRole::Manager, "sip:bob@example.com", String::new()),
            (
                "room",
                "Engineering",
                HeldRole::Member,
                "group:Everybody",
                "group:Ops > group:Everybody".into()
            ),
            ("category", "Everything", HeldRole::Creator, "sip:bob@example.com", String::new()),
            ("room", "Hall", HeldRole::Member, "domain:example.com", String::new()),
        ]
    );
    assert!(bobs.iter().all(|one| one.admitted), "and every one of them counts");
    let alices = held(&house, "sip:alice@example.com").await;
    assert_eq!(alices.len(), 2, "Engineering by name, Hall by domain");
    assert!(held(&house, "sip:mallory@other.example").await.is_empty());
    let ghost = ReportMembership { user: "sip:ghost@example.com".into(), ..ReportMembership::default() };
    not_found(house.run(Operation::ReportMembership(ghost)).await);

    let first = ReportMembership { user: "sip:bob@example.com".into(), limit: Some(3), cursor: None };
    let page = house.must(Operation::ReportMembership(first.clone())).await;
    assert_eq!(page.rows.values().len(), 3);
    let rest = house.must(Operation::ReportMembership(ReportMembership { cursor: page.next, ..first })).await;
    assert_eq!((rest.rows.values()[0]["name"].as_str(), rest.next), (Some("Hall"), None));
}

#[tokio::test]
async fn a_role_that_gives_nothing_is_told_as_such() {
    let house = House::furnished().await;
    house.set_room("Engineering", members(&["domain:example.com"])).await.expect("in scope");
    let deny = CategoryFields { denied_members: add(&["sip:bob@example.com"]), ..CategoryFields::default() };
    house.set_category("General", deny).await.expect("it is narrowed");
    let bobs = held(&house, "sip:bob@example.com").await;
    assert_eq!(bobs.len(), 1, "the room still names his domain");
    assert!(!bobs[0].admitted);
}
