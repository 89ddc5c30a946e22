//! Stories of the curious: what is absent, secret or out of scope gets one answer, by the same work. The same through REST is told
//! by the tests of `web`.

use admin::{
    About, Asker, EligiblePrincipalList, Operation, Request, RightName, RoomFields, RoomGet, RoomPrivacy,
    RoomSet, UserDisable,
};
use store::{Options, Statements};

use crate::explaining::{ALICE, DAVE, as_person, explain, office_of, room_in, who_can};
use crate::house::{House, allowed, members, new_room, set_room};

/// What is answered, and by which statements, when something of this name is asked for.
async fn answer(
    house: &House,
    statements: &Statements,
    asker: &Asker,
    operation: Operation,
) -> (String, Vec<String>) {
    let _ = statements.take();
    let refused = house.desk.run(asker.clone(), Request::of(operation)).await.expect_err("it is refused");
    (format!("{} {refused:?}", refused.code()), statements.take())
}

fn eligible_in(room: &str) -> Operation {
    let room = Some(room.to_owned());
    Operation::EligiblePrincipalList(EligiblePrincipalList { room, ..EligiblePrincipalList::default() })
}

#[tokio::test]
async fn absent_secret_and_out_of_scope_get_the_same_answer_by_the_same_work() {
    let statements = Statements::default();
    let options = Options { statements: Some(statements.clone()), ..Options::default() };
    let house = office_of(House::with(&options)).await;
    // In Elsewhere is nobody of the domain; Kept, Other and Plans have names of one length.
    house.category("Elsewhere", allowed(&["domain:other.example"])).await;
    let other = RoomFields { privacy: Some(RoomPrivacy::Open), ..RoomFields::default() };
    room_in(&house, "Elsewhere", "Other", other).await;
    let dave = as_person(&house, DAVE).await;
    let guid = |name: &str| {
        let name = name.to_owned();
        let store = house.store.clone();
        async move {
            let rooms = store.rooms().await.expect("a read");
            rooms.iter().find(|room| room.name.as_str() == name).expect("a room").guid.to_string()
        }
    };
    let absent = uuid::Uuid::from_u128(7).to_string();
    let by_guid = [absent, guid("Plans").await, guid("Other").await];
    let by_name = ["Ghost", "Plans", "Other"].map(str::to_owned);
    type Ask = fn(&str) -> Operation;
    let asks: [Ask; 10] = [
        |name| explain(DAVE, About::Room, name),
        |name| explain(ALICE, About::Room, name),
        |name| explain("sip:nobody@example.com", About::Room, name),
        |name| explain(DAVE, About::Message, &format!("{name}#1")),
        |name| Operation::WhoCan(who_can(RightName::Read, About::Room, name)),
        eligible_in,
        |name| Operation::RoomGet(RoomGet { room: name.into() }),
        |name| set_room(name, members(&[DAVE])),
        |name| {
            Operation::RoomSet(RoomSet { room: name.into(), name: Some("Mine".into()), ..RoomSet::default() })
        },
        |name| {
            let category = Some("Trading".into());
            Operation::RoomSet(RoomSet { room: name.into(), category, ..RoomSet::default() })
        },
    ];
    for names in [by_name, by_guid] {
        for ask in asks {
            let (said, done) = answer(&house, &statements, &dave, ask(&names[0])).await;
            assert!(said.starts_with("NoSuchNode"), "{said}");
            assert!(done.iter().any(|sql| sql.contains("FROM room")), "the room is looked for: {done:#?}");
            for hidden in &names[1..] {
                let (also, work) = answer(&house, &statements, &dave, ask(hidden)).await;
                assert_eq!(also.replace(hidden.as_str(), &names[0]), said);
                assert_eq!(work, done, "{said}");
            }
        }
    }
    // So do categories, and rooms that are seen when others are asked about.
    for ask in [explain(ALICE, About::Room, "FX"), explain(ALICE, About::Room, "Hall")] {
        let (said, done) = answer(&house, &statements, &dave, ask).await;
        let (ghost, work) = answer(&house, &statements, &dave, explain(ALICE, About::Room, "Ghost")).await;
        assert_eq!(said.replace("'FX'", "'Ghost'").replace("'Hall'", "'Ghost'"), ghost);
        assert_eq!(done, work);
    }
    let (said, done) = answer(&house, &statements, &dave, explain(DAVE, About::Category, "Elsewhere")).await;
    let (ghost, work) = answer(&house, &statements, &dave, explain(DAVE, About::Category, "Nowhere!!")).await;
    assert_eq!((said.replace("Elsewhere", "Nowhere!!"), done), (ghost, work));
    let create = |category: &str| {
        let Operation::RoomNew(mut room) = new_room("Mine", RoomFields::default()) else { unreachable!() };
        room.category = category.into();
        Operation::RoomNew(room)
    };
    let (said, done) = answer(&house, &statements, &dave, create("Elsewhere")).await;
    let (ghost, work) = answer(&house, &statements, &dave, create("Nowhere!!")).await;
    assert_eq!((said.replace("Elsewhere", "Nowhere!!"), done), (ghost, work));
}

#[tokio::test]
async fn to_tell_who_may_read_a_closed_room_people_are_not_gone_through() {
    let statements = Statements::default();
    let options = Options { statements: Some(statements.clone()), ..Options::default() };
    let house = office_of(House::with(&options)).await;
    let goes_through = |sql: &String| sql.contains("INDEXED BY person_named");
    let add = set_room("FX", members(&[DAVE]));
    let disable = Operation::UserDisable(UserDisable { user: DAVE.into() });
    let _ = statements.take();
    house.must(Operation::WhoCan(who_can(RightName::Read, About::Room, "FX"))).await;
    house.rehearse(add).await;
    house.rehearse(disable).await;
    let done = statements.take();
    assert!(!done.iter().any(goes_through), "people are read by number: {done:#?}");
    // Whoever is in the domain sees a room that is not secret: they are gone through, a page at a time.
    house.must(Operation::WhoCan(who_can(RightName::See, About::Room, "FX"))).await;
    assert!(statements.take().iter().any(goes_through));
}
