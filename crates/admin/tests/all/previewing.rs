//! Stories of dry runs: who would gain and who would lose which rights where, and that it comes so when it is done.

use admin::{
    AccessView, CategoryFields, DirectoryImport, GroupSet, ListChange, Operation, Outcome, PolicyGrant,
    PolicyNew, PolicySet, Request, RightName, RoomFields, RoomImport, RoomPrivacy, RoomRemove, UserDisable,
    UserEnable, UserRemove,
};
use chat::{DisplayName, Right};
use store::{Order, PersonDraft, RowChange};

use crate::explaining::{ALICE, BOB, CAROL, DAVE, ERIN, FRANK, GRETA, office};
use crate::groups::{may, new_group, remove_group, set_group};
use crate::house::{House, ROOT, add, allowed, members, new_room, new_user, remove, set_category, set_room};
use crate::office::{self, ANA, BEN, CLEO, OFFICE, entry, import, of};

/// What a dry run says of access, in short.
fn access(outcome: &Outcome) -> Vec<String> {
    let one = |view: &AccessView| {
        format!("{} {} +[{}] -[{}]", view.about, view.address, view.gains.join(" "), view.loses.join(" "))
    };
    outcome.access.iter().map(one).collect()
}

async fn rehearse(house: &House, operation: Operation) -> Outcome {
    let request = Request { dry_run: true, ..Request::of(operation) };
    house.ask(request).await.expect("it can be done")
}

#[tokio::test]
async fn a_dry_run_names_exactly_who_gains_and_who_loses() {
    let house = office().await;
    let swap = RoomFields {
        members: ListChange { remove: vec!["group:Staff".into()], ..add(&[DAVE]) },
        ..RoomFields::default()
    };
    let would = rehearse(&house, set_room("FX", swap.clone())).await;
    assert_eq!(
        access(&would),
        [format!("room FX {BOB} +[] -[read join post]"), format!("room FX {DAVE} +[read join post] -[]"),],
        "Erin is disabled and loses nothing"
    );
    let done = house.must(set_room("FX", swap)).await;
    assert_eq!(done.access, [], "only a dry run looks at everybody");
    let secret = RoomFields { privacy: Some(RoomPrivacy::Secret), ..RoomFields::default() };
    let would = rehearse(&house, set_room("FX", secret)).await;
    assert_eq!(access(&would), [format!("room FX {BOB} +[] -[see]"), format!("room FX {GRETA} +[] -[see]")]);
    let nothing = RoomFields { description: Some("Currencies".into()), ..RoomFields::default() };
    assert_eq!(access(&rehearse(&house, set_room("FX", nothing)).await), Vec::<String>::new());
    let would = rehearse(&house, Operation::RoomRemove(RoomRemove { room: "Plans".into() })).await;
    assert_eq!(access(&would), [format!("room Plans {ALICE} +[] -[see read join post]")]);

    house.must(set_room("FX", members(&["group:Staff"]))).await;
    let narrow = CategoryFields {
        allowed_members: ListChange {
            replace: Some([ALICE, BOB, CAROL].map(str::to_owned).to_vec()),
            ..ListChange::default()
        },
        denied_members: remove(&["group:Trainees"]),
        ..CategoryFields::default()
    };
    let would = rehearse(&house, set_category("Trading", narrow.clone())).await;
    assert_eq!(
        access(&would),
        [
            format!("room FX {BOB} +[] -[read join post]"),
            format!("category Trading {DAVE} +[] -[scope]"),
            format!("category Trading {GRETA} +[] -[scope create]"),
        ],
        "Bob is still allowed, but the group he was in FX by is not"
    );
    house.must(set_category("Trading", narrow)).await;
    let back = CategoryFields { creators: add(&[CAROL]), ..allowed(&[DAVE]) };
    let would = rehearse(&house, set_category("Trading", back)).await;
    assert_eq!(
        access(&would),
        [format!("category Trading {CAROL} +[create] -[]"), format!("category Trading {DAVE} +[scope] -[]")]
    );
}

#[tokio::test]
async fn a_group_that_would_change_or_go_tells_who_gains_and_loses_which_rooms() {
    let house = office().await;
    let would =
        rehearse(&house, set_group("Desk", ListChange { remove: vec![BOB.into()], ..add(&[DAVE]) })).await;
    assert_eq!(
        access(&would),
        [format!("room FX {BOB} +[] -[read join post]"), format!("room FX {DAVE} +[read join post] -[]")],
        "Desk is in Staff, which is in FX"
    );
    let would = rehearse(&house, remove_group("Staff")).await;
    assert_eq!(access(&would), [format!("room FX {BOB} +[] -[read join post]")], "Erin is disabled");
    house.must(set_group("Trainees", add(&[GRETA]))).await;
    let would = rehearse(&house, remove_group("Trainees")).await;
    assert_eq!(
        access(&would),
        [
            format!("category Trading {FRANK} +[scope] -[]"),
            format!("category Trading {GRETA} +[scope create] -[]"),
        ],
        "it denied them the category"
    );
    assert_eq!(access(&rehearse(&house, new_group("Night crew", &[DAVE])).await), Vec::<String>::new());
    let renamed = GroupSet { group: "Desk".into(), name: Some("Dealers".into()), ..GroupSet::default() };
    assert_eq!(access(&rehearse(&house, Operation::GroupSet(renamed)).await), Vec::<String>::new());
    assert_eq!(house.must(remove_group("Trainees")).await.access, [], "only a dry run tells");
}

#[tokio::test]
async fn a_person_who_would_come_go_or_be_shut_out_has_a_line_for_each_room() {
    let house = office().await;
    let lost = [
        format!("room FX {ALICE} +[] -[see read join post]"),
        format!("category General {ALICE} +[] -[scope]"),
        format!("room Plans {ALICE} +[] -[see read join post]"),
        format!("category Trading {ALICE} +[] -[scope]"),
    ];
    let disable = Operation::UserDisable(UserDisable { user: ALICE.into() });
    assert_eq!(access(&rehearse(&house, disable).await), lost);
    let gone = Operation::UserRemove(UserRemove { user: ALICE.into() });
    assert_eq!(access(&rehearse(&house, gone).await), lost);
    let back = Operation::UserEnable(UserEnable { user: ERIN.into() });
    assert_eq!(
        access(&rehearse(&house, back).await),
        [
            format!("room FX {ERIN} +[see read join post] -[]"),
            format!("category General {ERIN} +[scope] -[]"),
            format!("category Trading {ERIN} +[scope] -[]"),
        ]
    );
    let nina = "sip:nina@example.com";
    assert_eq!(
        access(&rehearse(&house, new_user(nina, None, false)).await),
        [format!("category General {nina} +[scope] -[]"), format!("category Trading {nina} +[scope] -[]")]
    );
}

#[tokio::test]
async fn a_policy_that_would_be_granted_or_changed_tells_the_rooms_of_whom_it_shuts_out() {
    let house = office().await;
    let off = PolicyNew { identity: "Temps".into(), enable_persistent_chat: false, description: None };
    house.must(Operation::PolicyNew(off)).await;
    let grant =
        Operation::PolicyGrant(PolicyGrant { policy: "Temps".into(), users: vec![BOB.into(), ERIN.into()] });
    let lost = [
        format!("room FX {BOB} +[] -[see read join post]"),
        format!("category General {BOB} +[] -[scope]"),
        format!("category Trading {BOB} +[] -[scope]"),
    ];
    assert_eq!(access(&rehearse(&house, grant.clone()).await), lost);
    house.must(grant).await;
    let set = |policy: &str, on: bool| {
        let enable_persistent_chat = Some(on);
        Operation::PolicySet(PolicySet { policy: policy.into(), enable_persistent_chat, description: None })
    };
    let back = lost.map(|line| line.replace("+[] -[", "+[").replace(']', "] -[]"));
    assert_eq!(access(&rehearse(&house, set("Temps", true)).await), back);
    let all = access(&rehearse(&house, set("global", false)).await);
    assert!(all.iter().any(|line| line.contains(CAROL) && line.contains("manage")), "{all:?}");
    assert!(all.iter().all(|line| !line.contains(BOB)), "he is under another policy");
}

#[tokio::test]
async fn of_many_the_first_thousand_lines_are_listed_and_the_rest_counted() {
    let house = office().await;
    let crowd = (0..1_200).map(|number| {
        let address = format!("sip:crowd{number:04}@example.com").parse().expect("an address");
        RowChange::NewPerson(PersonDraft::local(address, DisplayName::parse("Crowd").expect("a name")))
    });
    house.store.administer(Order::of(ROOT, "{}".into()), crowd.collect()).await.expect("they are made");
    let open = RoomFields { privacy: Some(RoomPrivacy::Open), ..RoomFields::default() };
    let would = rehearse(&house, set_room("FX", open)).await;
    // Alice and Bob are members, Frank is denied, Erin disabled: Carol, Dave and Greta come in with the crowd.
    assert_eq!((would.access.len(), would.more_access), (1_000, 203));
    let who = Operation::WhoCan(crate::explaining::who_can(RightName::See, admin::About::Room, "FX"));
    assert_eq!(house.must(who).await.rows.values().len(), 1_000, "a page");
}

#[tokio::test]
async fn an_import_that_is_rehearsed_tells_who_would_come_into_rooms_and_who_would_go() {
    let house = House::found();
    house.must(of(import(OFFICE))).await;
    house.category("General", allowed(&["domain:example.com"])).await;
    let room = |name: &str, who: &str| new_room(name, members(&[who]));
    house.must(room("Floor", "CN=Staff,DC=example,DC=com")).await;
    house.must(room("Counter", "OU=Sales,DC=example,DC=com")).await;
    // Cleo joins the traders, who are staff; Ben moves to Legal; Ana is gone; Dora comes, with a group of her own.
    let export = OFFICE
        .replace("member: CN=Ben", "member: CN=Cleo,OU=Legal,DC=example,DC=com\nmember: CN=Ben")
        .replace("CN=Ben,OU=Sales", "CN=Ben,OU=Legal")
        .replace("member: CN=Ana,OU=Sales,DC=example,DC=com\n", "member: CN=Night,DC=example,DC=com\n");
    let ana = export.find("dn: CN=Ana").expect("she is there");
    let ben = export.find("dn: CN=Ben").expect("he is there");
    let export = format!(
        "{}{}\ndn: CN=Night,DC=example,DC=com\nobjectClass: group\nentryUUID: 00000000-0000-4000-8000-000000000013\n\
         member: CN=Dora,OU=Sales,DC=example,DC=com\n\ndn: CN=Dora,OU=Sales,DC=example,DC=com\nobjectClass: user\n\
         entryUUID: 00000000-0000-4000-8000-000000000024\nmsRTCSIP-PrimaryUserAddress: sip:dora@example.com\n",
        &export[..ana],
        &export[ben..]
    );
    let asked = || of(DirectoryImport { yes: true, ..import(&export) });
    let would = rehearse(&house, asked()).await;
    let dora = "sip:dora@example.com";
    assert_eq!(
        access(&would),
        [
            format!("room Counter {ANA} +[] -[see read join post]"),
            format!("room Floor {ANA} +[] -[see read join post]"),
            format!("category General {ANA} +[] -[scope]"),
            format!("room Counter {BEN} +[] -[read join post]"),
            format!("room Floor {CLEO} +[read join post] -[]"),
            format!("room Counter {dora} +[see read join post] -[]"),
            format!("room Floor {dora} +[see read join post] -[]"),
            format!("category General {dora} +[scope] -[]"),
        ]
    );
    house.must(asked()).await;
    for (who, room, reads) in [
        (BEN, "Counter", false),
        (BEN, "Floor", true),
        (CLEO, "Floor", true),
        (dora, "Counter", true),
        (dora, "Floor", true),
    ] {
        assert_eq!(may(&house, who, room, Right::Read).await, reads, "{who} in {room}");
    }
}

#[tokio::test]
async fn a_group_that_comes_back_gives_in_a_rehearsal_what_it_gives_then() {
    let house = House::found();
    house.must(of(import(OFFICE))).await;
    house.category("General", allowed(&["domain:example.com"])).await;
    house.must(new_room("Floor", members(&["CN=Traders,DC=example,DC=com"]))).await;
    house.must(of(import(&office::office(&[(entry("CN=Traders"), "")])))).await;
    assert!(!may(&house, BEN, "Floor", Right::Read).await, "nobody is in a group that is gone");
    let would = rehearse(&house, of(import(OFFICE))).await;
    assert_eq!(access(&would), [format!("room Floor {BEN} +[read join post] -[]")]);
    house.must(of(import(OFFICE))).await;
    assert!(may(&house, BEN, "Floor", Right::Read).await);
}

#[tokio::test]
async fn a_category_that_takes_many_rooms_from_many_people_is_looked_at_in_part() {
    let house = House::found();
    let address = |number: usize| format!("sip:person{number}@example.com");
    let people = (0..230).map(|number| {
        let name = DisplayName::parse(&format!("Person {number}")).expect("a name");
        RowChange::NewPerson(PersonDraft::local(address(number).parse().expect("an address"), name))
    });
    house.store.administer(Order::of(ROOT, "{}".into()), people.collect()).await.expect("they are made");
    let everybody: Vec<String> = (0..230).map(address).collect();
    let everybody: Vec<&str> = everybody.iter().map(String::as_str).collect();
    house.must(new_group("Staff", &everybody)).await;
    house.must(new_group("All", &everybody)).await;
    house.category("General", allowed(&["group:Staff", "group:All"])).await;
    let lines: String = (0..230).map(|number| format!("Room {number},General,group:Staff\n")).collect();
    let rows = format!("name,category,members\n{lines}");
    house.must(Operation::RoomImport(RoomImport { rows, skip_bad: false })).await;
    let narrow = CategoryFields { allowed_members: remove(&["group:Staff"]), ..CategoryFields::default() };
    let would = rehearse(&house, set_category("General", narrow)).await;
    assert!(would.warnings.iter().any(|said| said.contains("told in part")), "{:?}", would.warnings);
    let lines = would.access.len() + would.more_access;
    assert!((49_000..50_300).contains(&lines), "{lines} of 52,900 lines");
}
