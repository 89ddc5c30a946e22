//! Stories of what administration looks back at: operations and their parts, the weight and the pulse of rooms, counts of posts.

use chat::{Actor, PersonId, RoomId, Subject, Time};
use store::{Amendment, OperationFilter, OperationRow, Order, RoomFilter, RowChange, Store};

use crate::stage::{Cast, ROOT, Stage, administer, amend, person_draft, recorded, replacement, room_draft};

async fn operations(store: &Store, filter: OperationFilter) -> Vec<OperationRow> {
    store.operations(filter, None, 100).await.unwrap()
}

pub async fn operations_are_found_by_who_about_what_and_when(stage: Stage) {
    let cast = Cast::on(&stage).await;
    stage.clock.advance_micros(1_000_000);
    let by_carol = Order::of(Actor::Person(cast.carol), "{\"verb\":\"two\"}".into());
    let changes = vec![RowChange::NewPerson(person_draft("dave")), RowChange::RemoveRoom(cast.kitchen)];
    let done = cast.store.administer(by_carol, changes).await.unwrap();
    let all = operations(&cast.store, OperationFilter::default()).await;
    assert_eq!(all.len(), 7, "three people, a category, two rooms, and that");
    assert!(all.is_sorted_by(|a, b| a.operation > b.operation), "the newest first");
    let newest = &all[0];
    assert_eq!((newest.operation, newest.by), (done.operation, Actor::Person(cast.carol)));
    assert_eq!((newest.parts, newest.entries), (1, 2));
    assert_eq!(newest.body.as_deref(), Some("{\"verb\":\"two\"}"));

    let by = |by: Vec<Actor>| OperationFilter { by: Some(by), ..OperationFilter::default() };
    let about = |about: Vec<Subject>| OperationFilter { about: Some(about), ..OperationFilter::default() };
    let numbers = |all: Vec<OperationRow>| all.into_iter().map(|one| one.operation).collect::<Vec<_>>();
    assert_eq!(operations(&cast.store, by(vec![ROOT])).await, all[1..]);
    assert_eq!(operations(&cast.store, by(vec![ROOT, Actor::Person(cast.carol)])).await, all);
    assert!(operations(&cast.store, by(vec![])).await.is_empty(), "nobody did anything");
    let kitchen = about(vec![Subject::Room(cast.kitchen)]);
    assert_eq!(numbers(operations(&cast.store, kitchen.clone()).await), [newest.operation, all[1].operation]);
    let carols = OperationFilter { by: Some(vec![Actor::Person(cast.carol)]), ..kitchen };
    assert_eq!(numbers(operations(&cast.store, carols).await), [newest.operation]);
    let late = OperationFilter { from: Some(newest.time), ..OperationFilter::default() };
    assert_eq!(numbers(operations(&cast.store, late).await), [newest.operation]);
    let early = OperationFilter { to: Some(newest.time.plus_micros(-1)), ..OperationFilter::default() };
    assert_eq!(operations(&cast.store, early).await, all[1..]);
    let page = cast.store.operations(OperationFilter::default(), Some(all[2].operation), 2).await.unwrap();
    assert_eq!(page, all[3..5], "a page goes on before a number");
}

pub async fn the_parts_of_an_operation_are_told_apart(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let part = |operation: Option<u64>, body: &str, names: &[&str]| {
        let changes = names.iter().map(|name| RowChange::NewRoom(room_draft(cast.general, name))).collect();
        let order = Order { operation, ..Order::of(ROOT, body.into()) };
        cast.store.administer(order, changes)
    };
    let operation = part(None, "{}", &["A", "B"]).await.unwrap().operation;
    // Somebody else is served in between.
    administer(&cast.store, RowChange::NewPerson(person_draft("dave"))).await;
    assert_eq!(part(Some(operation), "", &["C"]).await.unwrap().operation, operation);
    part(Some(operation), "{\"changes\":[]}", &["D", "E", "F"]).await.unwrap();
    let parts = cast.store.operation_parts(operation, 0, 10).await.unwrap();
    let told: Vec<_> = parts.iter().map(|part| (part.entries, part.body.as_deref())).collect();
    assert_eq!(told, [(2, Some("{}")), (1, None), (3, Some("{\"changes\":[]}"))]);
    assert_eq!(parts[0].number, operation);
    let rest = cast.store.operation_parts(operation, parts[0].number, 10).await.unwrap();
    assert_eq!(rest, parts[1..]);
    let all = operations(&cast.store, OperationFilter::default()).await;
    let whole = all.iter().find(|one| one.operation == operation).unwrap();
    assert_eq!((whole.parts, whole.entries), (3, 6));
    assert_eq!(all.len(), 8, "further parts are no operations of their own");
}

pub async fn a_rehearsal_and_a_refusal_leave_no_trace_in_the_record(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let before = operations(&cast.store, OperationFilter::default()).await;
    let new = || vec![RowChange::NewPerson(person_draft("dave"))];
    let rehearsed = Order { rehearse: true, ..Order::of(ROOT, "{}".into()) };
    cast.store.administer(rehearsed, new()).await.unwrap();
    let refused = vec![RowChange::RemoveRoom(cast.kitchen), RowChange::NewPerson(person_draft("alice"))];
    cast.store.administer(Order::of(ROOT, "{}".into()), refused).await.unwrap_err();
    assert_eq!(operations(&cast.store, OperationFilter::default()).await, before);
}

pub async fn a_room_weighs_what_is_kept_of_its_posts(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let weight = async || {
        let pulses = cast.store.pulses(RoomId(i64::MIN), 10).await.unwrap();
        pulses.iter().find(|pulse| pulse.room == cast.engineering).unwrap().octets
    };
    assert_eq!(weight().await, 0);
    cast.say(cast.alice, cast.engineering, "twelve bytes").await;
    cast.say(cast.bob, cast.engineering, "ünïcode").await;
    let mut passing = cast.draft(cast.bob, cast.engineering, "history is off").await;
    passing.kept = false;
    recorded(cast.store.post(passing).await.unwrap());
    assert_eq!(weight().await, 12 + 9, "octets, of what is kept");
    amend(&cast.store, cast.engineering, &[1], replacement("short")).await;
    assert_eq!(weight().await, 5 + 9);
    amend(&cast.store, cast.engineering, &[2, 3], Amendment::Remove).await;
    assert_eq!(weight().await, 5);
    let heavy = |octets| RoomFilter { octets_over: Some(octets), ..RoomFilter::default() };
    let found = cast.store.rooms_page(heavy(4), String::new(), 10).await.unwrap();
    assert_eq!(found.iter().map(|room| room.id).collect::<Vec<_>>(), [cast.engineering]);
    assert!(cast.store.rooms_page(heavy(5), String::new(), 10).await.unwrap().is_empty());
    cast.store.close().await;
    let pulses = stage.open().pulses(RoomId(i64::MIN), 10).await.unwrap();
    assert_eq!(pulses[0].octets, 5, "it is kept with the head");
}

pub async fn posts_are_counted_by_room_person_and_day(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let mut times: Vec<Time> = Vec::new();
    for (author, room) in [
        (cast.alice, cast.engineering),
        (cast.bob, cast.engineering),
        (cast.alice, cast.kitchen),
        (cast.alice, cast.engineering),
    ] {
        times.push(cast.say(author, room, "words").await.header.time);
        stage.clock.advance_micros(86_400_000_000);
    }
    let count = async |from, to| cast.store.tally(from, to, None).await.unwrap();
    let all = count(None, None).await;
    assert_eq!(all.rooms.into_iter().collect::<Vec<_>>(), [(cast.engineering, 3), (cast.kitchen, 1)]);
    assert_eq!(all.people.into_iter().collect::<Vec<(PersonId, u64)>>(), [(cast.alice, 3), (cast.bob, 1)]);
    assert_eq!(all.days.values().copied().collect::<Vec<_>>(), [1, 1, 1, 1]);
    assert_eq!(all.next, None);
    let middle = count(Some(times[1]), Some(times[2])).await;
    assert_eq!(middle.rooms.values().sum::<u64>(), 2, "both ends count");
    let rest = cast.store.tally(None, None, Some((cast.engineering, 2))).await.unwrap();
    assert_eq!(
        rest.rooms.into_iter().collect::<Vec<_>>(),
        [(cast.engineering, 1), (cast.kitchen, 1)],
        "it goes on"
    );

    amend(&cast.store, cast.engineering, &[1], Amendment::Remove).await;
    assert_eq!(count(None, None).await.rooms[&cast.engineering], 3, "what was taken away was said");
    let pulses = cast.store.pulses(RoomId(i64::MIN), 10).await.unwrap();
    assert_eq!(
        pulses.iter().map(|one| (one.posts, one.last)).collect::<Vec<_>>(),
        [(3, Some(times[3])), (1, Some(times[2]))]
    );
    administer(&cast.store, RowChange::RemoveRoom(cast.engineering)).await;
    assert_eq!(count(None, None).await.rooms.len(), 1, "rooms that are gone are not counted");
}
