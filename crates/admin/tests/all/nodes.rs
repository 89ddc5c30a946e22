//! Stories of categories and rooms: who is admitted, who loses what, and what is refused.

use admin::{
    AdminError, Asker, CategoryFields, CategoryGet, CategoryRemove, CategorySet, ListChange, Operation,
    Outcome, Request, RoomFields, RoomImport, RoomInvitations, RoomNew, RoomPrivacy, RoomRemove, RoomSet,
    RoomType,
};

use chat::Actor;

use crate::house::{
    House, add, allowed, category, conflict, denied, invalid, members, new_category, new_room, not_found,
    remove, replace, room, set_user,
};

#[tokio::test]
async fn an_unknown_principal_is_not_found_and_the_command_that_makes_one_is_named() {
    let house = House::furnished().await;
    let message = not_found(house.set_room("Engineering", members(&["sip:ghost@example.com"])).await);
    assert!(message.contains("causerie user new sip:ghost@example.com"), "{message}");
}

#[tokio::test]
async fn what_is_neither_a_person_nor_a_domain_is_invalid() {
    let house = House::furnished().await;
    for word in ["alice", "mailto:alice@example.com", "domain:", "sip:@example.com"] {
        invalid(house.set_room("Engineering", members(&[word])).await);
    }
}

#[tokio::test]
async fn only_whom_the_category_admits_gets_a_role_in_its_rooms() {
    let house = House::furnished().await;
    let outsiders = ["sip:mallory@other.example", "domain:other.example"];
    for outsider in outsiders {
        for fields in [
            RoomFields { members: add(&[outsider]), ..RoomFields::default() },
            RoomFields { managers: add(&[outsider]), ..RoomFields::default() },
        ] {
            let message = invalid(house.set_room("Engineering", fields).await);
            assert!(message.contains(outsider) && message.contains("--add-allowed-member"), "{message}");
        }
    }
    house.set_room("Engineering", members(&["sip:alice@example.com"])).await.expect("Alice is in scope");
    house.set_room("Engineering", members(&["domain:example.com"])).await.expect("her domain is in scope");
}

#[tokio::test]
async fn the_denied_list_wins_over_the_allowed_one() {
    let house = House::furnished().await;
    let deny = CategoryFields { denied_members: add(&["sip:bob@example.com"]), ..CategoryFields::default() };
    house.set_category("General", deny).await.expect("Bob can be denied");
    invalid(house.set_room("Engineering", members(&["sip:bob@example.com"])).await);
    house.set_room("Engineering", members(&["sip:alice@example.com"])).await.expect("Alice is not denied");
}

#[tokio::test]
async fn creators_are_inside_the_scope() {
    let house = House::furnished().await;
    let creators = |who: &[&str]| CategoryFields { creators: add(who), ..CategoryFields::default() };
    invalid(house.set_category("General", creators(&["sip:mallory@other.example"])).await);
    let set =
        house.set_category("General", creators(&["sip:alice@example.com"])).await.expect("Alice is in scope");
    assert_eq!(category(set).creators, ["sip:alice@example.com"]);
}

#[tokio::test]
async fn lists_are_replaced_added_to_removed_from_and_cleared() {
    let house = House::furnished().await;
    let with = |change: ListChange| RoomFields { members: change, ..RoomFields::default() };
    let both = ["sip:alice@example.com", "sip:bob@example.com"];
    let now = |outcome: Result<Outcome, AdminError>| {
        let mut list = room(outcome.expect("the list can be changed")).members;
        list.sort();
        list
    };
    assert_eq!(now(house.set_room("Engineering", with(add(&both))).await), both);
    assert_eq!(now(house.set_room("Engineering", with(add(&both))).await), both, "nobody is there twice");
    assert_eq!(now(house.set_room("Engineering", with(remove(&both[..1]))).await), both[1..]);
    assert_eq!(now(house.set_room("Engineering", with(replace(&both[..1]))).await), both[..1]);
    assert!(now(house.set_room("Engineering", with(replace(&[]))).await).is_empty());
}

// Categories

#[tokio::test]
async fn a_category_without_allowed_members_says_so_and_how_to_change_it() {
    let house = House::found();
    let outcome = house.category("General", CategoryFields::default()).await;
    let warning = outcome.warnings.join("\n");
    assert!(warning.contains("nobody can be a member"), "{warning}");
    assert!(warning.contains("category set General --add-allowed-member domain:example.com"), "{warning}");
    let set =
        house.set_category("General", allowed(&["domain:example.com"])).await.expect("it can be changed");
    assert_eq!(set.warnings, Vec::<String>::new());
}

#[tokio::test]
async fn a_category_begins_with_history_and_without_invitations_and_files() {
    let house = House::found();
    let general = category(house.category("General", CategoryFields::default()).await);
    assert!(general.chat_history && !general.invitations && !general.file_upload);
    assert_eq!(general.rooms, 0);
}

#[tokio::test]
async fn a_narrower_category_takes_roles_away_and_says_whose() {
    let house = House::furnished().await;
    let both = ["sip:alice@example.com", "sip:bob@example.com"];
    let fields =
        RoomFields { members: add(&both), managers: add(&["sip:bob@example.com"]), ..RoomFields::default() };
    house.set_room("Engineering", fields).await.expect("both are in scope");
    let narrow =
        CategoryFields { denied_members: add(&["sip:bob@example.com"]), ..CategoryFields::default() };
    let outcome = house.set_category("General", narrow).await.expect("it can be narrowed");
    let said = outcome.warnings.join("\n");
    assert!(said.contains("Engineering") && said.contains("sip:bob@example.com"), "{said}");
    assert!(!said.contains("sip:alice@example.com"), "{said}");
    let now = house.room_now("Engineering").await;
    assert_eq!(now.members, ["sip:alice@example.com"]);
    assert!(now.managers.is_empty());
}

#[tokio::test]
async fn a_category_with_rooms_stays_and_one_without_goes() {
    let house = House::furnished().await;
    let general = || Operation::CategoryRemove(CategoryRemove { category: "general".into() });
    conflict(house.run(general()).await);
    house.must(Operation::RoomRemove(RoomRemove { room: "Engineering".into() })).await;
    house.must(general()).await;
    not_found(house.run(Operation::CategoryGet(CategoryGet { category: "General".into() })).await);
}

// Rooms

#[tokio::test]
async fn a_room_begins_closed_and_normal_and_says_that_nobody_can_join_it() {
    let house = House::furnished().await;
    let outcome = house.room("Plans", RoomFields::default()).await;
    let warning = outcome.warnings.join("\n");
    assert!(warning.contains("causerie room set Plans --add-member"), "{warning}");
    let plans = room(outcome);
    assert_eq!(
        (plans.privacy, plans.kind, plans.invitations),
        (RoomPrivacy::Closed, RoomType::Normal, RoomInvitations::Inherit)
    );
    let open = RoomFields { privacy: Some(RoomPrivacy::Open), ..RoomFields::default() };
    assert_eq!(house.room("Lobby", open).await.warnings, Vec::<String>::new());
}

#[tokio::test]
async fn rooms_and_categories_share_their_names() {
    let house = House::furnished().await;
    let in_general = |name: &str| new_room(name, RoomFields::default());
    conflict(house.run(in_general("ENGINEERING")).await);
    conflict(house.run(in_general("general")).await);
    let again = new_category("engineering", CategoryFields::default());
    conflict(house.run(again).await);
    house.must(Operation::RoomRemove(RoomRemove { room: "Engineering".into() })).await;
    house.must(in_general("Engineering")).await;
}

#[tokio::test]
async fn a_room_needs_a_category_that_exists() {
    let house = House::furnished().await;
    let lost =
        Operation::RoomNew(RoomNew { name: "Lost".into(), category: "Nowhere".into(), ..RoomNew::default() });
    let message = not_found(house.run(lost).await);
    assert!(message.contains("causerie category new"), "{message}");
}

#[tokio::test]
async fn presenters_belong_to_auditoriums() {
    let house = House::furnished().await;
    let presenters = |kind: Option<RoomType>| RoomFields {
        kind,
        members: add(&["sip:alice@example.com"]),
        presenters: add(&["sip:alice@example.com"]),
        ..RoomFields::default()
    };
    let message = invalid(house.set_room("Engineering", presenters(None)).await);
    assert!(message.contains("--type auditorium"), "{message}");
    house
        .set_room("Engineering", presenters(Some(RoomType::Auditorium)))
        .await
        .expect("an auditorium has presenters");
}

#[tokio::test]
async fn a_presenter_of_a_closed_auditorium_is_a_member_and_of_an_open_one_need_not_be() {
    let house = House::furnished().await;
    let stage = |privacy: RoomPrivacy, members: &[&str]| RoomFields {
        privacy: Some(privacy),
        kind: Some(RoomType::Auditorium),
        members: add(members),
        presenters: add(&["sip:bob@example.com"]),
        ..RoomFields::default()
    };
    for privacy in [RoomPrivacy::Closed, RoomPrivacy::Secret] {
        let message = invalid(house.set_room("Engineering", stage(privacy, &[])).await);
        assert!(message.contains("--add-member sip:bob@example.com"), "{message}");
    }
    house
        .set_room("Engineering", stage(RoomPrivacy::Open, &[]))
        .await
        .expect("an open room has no members to be among");
    house
        .set_room("Engineering", stage(RoomPrivacy::Closed, &["domain:example.com"]))
        .await
        .expect("Bob is one by his domain");
}

#[tokio::test]
async fn a_moved_room_loses_whom_its_new_category_does_not_admit() {
    let house = House::furnished().await;
    let both = ["sip:alice@example.com", "sip:bob@example.com"];
    house.set_room("Engineering", members(&both)).await.expect("both are in scope");
    house.category("Core", allowed(&["sip:alice@example.com"])).await;
    let before = house.room_now("Engineering").await;
    let moved = Operation::RoomSet(RoomSet {
        room: "Engineering".into(),
        category: Some("Core".into()),
        ..RoomSet::default()
    });
    let outcome = house.must(moved).await;
    assert!(outcome.warnings.join("\n").contains("sip:bob@example.com"), "{:?}", outcome.warnings);
    let after = room(outcome);
    assert_eq!((after.guid, after.category.as_str()), (before.guid, "Core"), "it is the same room elsewhere");
    assert_eq!(after.members, ["sip:alice@example.com"]);
}

#[tokio::test]
async fn whoever_loses_the_seat_loses_the_stage_by_a_move_and_by_a_narrower_category() {
    let house = House::furnished().await;
    let people = ["sip:alice@example.com", "sip:bob@example.com"];
    // Bob is a member by his domain alone, and stays admitted; the domain does not.
    let stage = |kind| RoomFields {
        kind: Some(kind),
        members: add(&["domain:example.com", "sip:alice@example.com"]),
        presenters: add(&people),
        ..RoomFields::default()
    };
    house.room("Hall", stage(RoomType::Auditorium)).await;
    house.room("Stage", stage(RoomType::Auditorium)).await;
    house.category("Core", allowed(&people)).await;
    let moved = Operation::RoomSet(RoomSet {
        room: "Hall".into(),
        category: Some("Core".into()),
        ..RoomSet::default()
    });
    let narrower = CategoryFields { allowed_members: replace(&people), ..CategoryFields::default() };
    for (outcome, name) in [
        (house.must(moved).await, "Hall"),
        (house.set_category("General", narrower).await.expect("it can be narrowed"), "Stage"),
    ] {
        let said = outcome.warnings.join("\n");
        assert!(said.contains("sip:bob@example.com (presenter)"), "{said}");
        let now = house.room_now(name).await;
        assert_eq!(now.members, ["sip:alice@example.com"], "{name}");
        assert_eq!(now.presenters, ["sip:alice@example.com"], "{name}");
    }
}

#[tokio::test]
async fn a_disabled_room_keeps_its_members() {
    let house = House::furnished().await;
    house.set_room("Engineering", members(&["sip:alice@example.com"])).await.expect("Alice is in scope");
    let disabled = RoomFields { disabled: Some(true), ..RoomFields::default() };
    let off = room(house.set_room("Engineering", disabled).await.expect("it can be disabled"));
    assert!(off.disabled);
    let enabled = RoomFields { disabled: Some(false), ..RoomFields::default() };
    let on = room(house.set_room("Engineering", enabled).await.expect("it can be enabled"));
    assert!(!on.disabled);
    assert_eq!(on.members, ["sip:alice@example.com"]);
}

#[tokio::test]
async fn a_manager_who_sends_back_what_is_there_needs_no_right_for_it() {
    let house = House::furnished().await;
    let bob = "sip:bob@example.com";
    let managed = RoomFields { managers: add(&[bob]), ..RoomFields::default() };
    house.set_room("Engineering", managed).await.expect("Bob is in scope");
    let whole = |disabled, description: &str| {
        let fields = RoomFields {
            disabled: Some(disabled),
            description: Some(description.into()),
            ..RoomFields::default()
        };
        let (category, name) = (Some("General".into()), Some("Engineering".into()));
        Operation::RoomSet(RoomSet { room: "Engineering".into(), category, name, fields })
    };
    let set = house.by(bob, whole(false, "Pumps")).await.expect("it is enabled, and where it was");
    assert_eq!(room(set).description, "Pumps");
    house.by(bob, whole(true, "Pumps")).await.expect("a manager may disable it");
    house.by(bob, whole(true, "Valves")).await.expect("it stays disabled");
    let said = denied(house.by(bob, whole(false, "Valves")).await);
    assert!(said.contains("enabled again by a persistent-chat-administrator"), "{said}");
    house.category("Core", allowed(&[bob])).await;
    for target in ["Core", "Nowhere"] {
        let moved =
            RoomSet { room: "Engineering".into(), category: Some(target.into()), ..RoomSet::default() };
        let said = not_found(house.by(bob, Operation::RoomSet(moved)).await);
        assert!(said.contains("in which you may create rooms"), "{said}");
    }
}

#[tokio::test]
async fn a_dry_run_tells_nobody_that_a_name_is_taken_by_what_he_may_not_know_of() {
    let house = House::furnished().await;
    let bob = "sip:bob@example.com";
    let creator = CategoryFields { creators: add(&[bob]), ..CategoryFields::default() };
    house.set_category("General", creator).await.expect("Bob is in scope");
    house.category("Elsewhere", allowed(&["domain:other.example"])).await;
    let secret = RoomFields { privacy: Some(RoomPrivacy::Secret), ..RoomFields::default() };
    house.room("Takeover", secret).await;
    house.by(bob, new_room("Kitchen", RoomFields::default())).await.expect("Bob is a creator");
    let rename = |name: &str| {
        let name = Some(name.into());
        Operation::RoomSet(RoomSet { room: "Kitchen".into(), name, ..RoomSet::default() })
    };
    let tried = async |operation| {
        let asker = Asker::new(Actor::Person(house.id(bob).await), "127.0.0.1");
        house.desk.run(asker, Request { dry_run: true, ..Request::of(operation) }).await
    };
    for name in ["Attic", "Takeover", "Elsewhere"] {
        let made = tried(new_room(name, RoomFields::default())).await.expect("nothing is said of it");
        assert_eq!((made.dry_run, room(made).name.as_str()), (true, name));
        let renamed = tried(rename(name)).await.expect("nothing is said of it");
        assert_eq!(room(renamed).name, name);
    }
    for name in ["Engineering", "general", "Kitchen"] {
        conflict(tried(new_room(name, RoomFields::default())).await);
    }
    // Names are one for the whole pool: who really makes a room hears that it cannot be, and no more.
    let refused = async |name| conflict(house.by(bob, new_room(name, RoomFields::default())).await);
    let said = refused("Engineering").await;
    for name in ["Takeover", "Elsewhere", "General"] {
        assert_eq!(refused(name).await, said);
    }
}

#[tokio::test]
async fn words_and_names_beyond_their_limits_are_invalid() {
    let house = House::furnished().await;
    let long = "x".repeat(257);
    let fields = RoomFields { description: Some(long.clone()), ..RoomFields::default() };
    invalid(house.set_room("Engineering", fields).await);
    for name in ["", "   ", "two\nlines", &long] {
        let new = new_category(name, CategoryFields::default());
        invalid(house.run(new).await);
    }
}

#[tokio::test]
async fn a_change_that_changes_nothing_is_refused() {
    let house = House::furnished().await;
    let before = house.told().await;
    invalid(house.set_room("Engineering", RoomFields::default()).await);
    invalid(house.set_category("General", CategoryFields::default()).await);
    invalid(house.run(set_user("sip:alice@example.com", None, None)).await);
    assert_eq!(house.told().await, before);
}

#[test]
fn a_command_in_a_message_quotes_what_a_shell_would_take_apart() {
    for (word, expected) in [
        ("Engineering", "Engineering"),
        ("sip:alice@example.com", "sip:alice@example.com"),
        ("/var/lib/causerie", "/var/lib/causerie"),
        ("Town hall", "'Town hall'"),
        ("$(rm -rf ~)", "'$(rm -rf ~)'"),
        ("it's", "'it'\\''s'"),
        ("", "''"),
        ("--yes", "'--yes'"),
    ] {
        assert_eq!(admin::quoted(word), expected);
    }
}

#[tokio::test]
async fn a_refused_operation_leaves_everything_as_it_was() {
    let house = House::furnished().await;
    let before = (house.room_now("Engineering").await, house.told().await);
    let fields = RoomFields {
        description: Some("new".into()),
        members: add(&["sip:alice@example.com", "sip:mallory@other.example"]),
        ..RoomFields::default()
    };
    invalid(house.set_room("Engineering", fields).await);
    assert_eq!((house.room_now("Engineering").await, house.told().await), before);
}

#[tokio::test]
async fn no_room_or_category_is_called_by_what_means_another_one_of_the_pool() {
    let house = House::furnished().await;
    let guid = house.room_now("Engineering").await.guid;
    let table = |name: &str| {
        let rows = format!("name,category\n{name},General\n");
        Operation::RoomImport(RoomImport { rows, skip_bad: false })
    };
    for rest in ["Engineering", &guid.to_string(), "Whatever"] {
        for pool in ["pool.example.com", "POOL.example.com", "po\u{200D}ol.example.com"] {
            let name = format!("{pool}\\{rest}");
            let renamed =
                RoomSet { room: "Engineering".into(), name: Some(name.clone()), ..RoomSet::default() };
            let set = CategorySet {
                category: "General".into(),
                name: Some(name.clone()),
                fields: CategoryFields::default(),
            };
            for operation in [
                new_room(&name, RoomFields::default()),
                new_category(&name, CategoryFields::default()),
                Operation::RoomSet(renamed),
                Operation::CategorySet(set),
            ] {
                let message = invalid(house.run(operation).await);
                assert!(message.contains("leave out the pool"), "{message}");
            }
            let message = invalid(house.run(table(&name)).await);
            assert!(message.contains("leave out the pool"), "{message}");
        }
    }
    assert_eq!(house.room_now("pool.example.com\\Engineering").await.guid, guid);
    house.must(new_room("other\\Engineering", RoomFields::default())).await;
    assert_eq!(house.room_now("other\\Engineering").await.name, "other\\Engineering", "no pool stands there");
}

#[tokio::test]
async fn a_change_of_a_list_says_one_thing() {
    let house = House::furnished().await;
    let alice = || vec!["sip:alice@example.com".to_owned()];
    let bob = || vec!["sip:bob@example.com".to_owned()];
    house.set_room("Engineering", members(&["sip:alice@example.com"])).await.expect("Alice is in scope");
    let mut mixed = vec![
        (ListChange { replace: Some(vec![]), add: bob(), ..ListChange::default() }, "replace"),
        (ListChange { replace: Some(bob()), remove: alice(), ..ListChange::default() }, "replace"),
        (ListChange { add: bob(), remove: bob(), ..ListChange::default() }, "sip:bob@example.com"),
    ];
    let capitals = vec!["SIP:BOB@EXAMPLE.COM".to_owned()];
    mixed.push((ListChange { add: capitals, remove: bob(), ..ListChange::default() }, "sip:bob@example.com"));
    for (change, told) in mixed {
        let fields = RoomFields { members: change, ..RoomFields::default() };
        let message = invalid(house.set_room("Engineering", fields).await);
        assert!(message.contains(told), "{message}");
    }
    assert_eq!(house.room_now("Engineering").await.members, alice());
}

#[tokio::test]
async fn principals_may_be_written_with_capitals() {
    let house = House::furnished().await;
    let written = add(&["SIP:ALICE@Example.COM", "Domain:EXAMPLE.com"]);
    let set = house.set_room("Engineering", RoomFields { members: written, ..RoomFields::default() }).await;
    let mut now = room(set.expect("they are the same principals")).members;
    now.sort();
    assert_eq!(now, ["domain:example.com", "sip:alice@example.com"]);
}
