//! A story of everything that is asked seldom, and of rows that are changed seldom: each once, so that each is looked at as the rest is.
//! What the answers mean in detail is told elsewhere.

use chat::{
    AddInName, Configuration, Description, DisplayName, GroupKind, Principal, Privacy, RoomKind, ScopeName,
    Url,
};
use store::{
    AddInDraft, DirectoryEntry, GroupDraft, GroupPage, Member, OperationFilter, PolicyDraft, RoomFilter,
    RowChange, RowDone, Seek, TokenDraft,
};
use uuid::Uuid;

use crate::stage::{Cast, Stage, administer, everybody, person_draft, room_draft};

pub async fn what_is_asked_seldom_is_answered_too(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let store = &cast.store;
    let (alice, engineering) = (cast.alice, cast.engineering);
    let room = store.room(engineering).await.unwrap().unwrap();
    assert_eq!(store.node_of(room.guid).await.unwrap(), store.node_named(&room.name.folded()).await.unwrap());
    assert_eq!(store.rooms_in(cast.general).await.unwrap().len(), 2);
    assert_eq!(store.rooms_after(cast.general, engineering, 9).await.unwrap().len(), 1);
    assert_eq!(store.room_count(cast.general).await.unwrap(), 2);
    assert_eq!(store.room_counts().await.unwrap(), [(cast.general, 2)]);
    assert_eq!(store.category_names().await.unwrap().len(), 1);
    assert_eq!(store.category_grants(cast.general).await.unwrap().len(), 1);
    assert!(store.room_grants(engineering).await.unwrap().is_empty());
    assert_eq!(store.holdings(vec![everybody(), Principal::Person(alice)]).await.unwrap().len(), 1);
    assert_eq!(store.pulses(chat::RoomId(0), 9).await.unwrap().len(), 2);
    assert_eq!(store.rooms_of(vec![engineering, cast.kitchen]).await.unwrap().len(), 2);
    assert_eq!(store.nodes_named(vec![room.name.folded()]).await.unwrap().len(), 1);
    cast.say(alice, engineering, "good morning").await;
    store.post_state(engineering, 1).await.unwrap();
    assert_eq!(store.one_post(engineering, 1).await.unwrap().unwrap().author, alice);
    assert_eq!(store.headcount().await.unwrap().people, 3);
    assert_eq!(store.addresses(vec![alice]).await.unwrap().len(), 1);
    assert_eq!(store.addresses_or_guids(vec![alice]).await.unwrap().len(), 1);
    let address = person_draft("alice").address;
    assert_eq!(store.people_ever_at(&address).await.unwrap(), [alice]);
    assert_eq!(store.person_at(&address).await.unwrap().unwrap().id, alice);
    assert_eq!(store.all_person_facts().await.unwrap().len(), 3);
    assert_eq!(store.accounts(vec![alice]).await.unwrap().len(), 1);
    let all = store.operations(OperationFilter::default(), None, 99).await.unwrap();
    assert_eq!(store.granted(vec![all[0].operation]).await.unwrap().len(), 1);
    administer(store, RowChange::RemoveRoom(cast.kitchen)).await;
    assert_eq!(store.nodes_removed("kitchen", None).await.unwrap().len(), 1);
}

pub async fn every_filter_of_rooms_finds_them(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let all = |text: Option<&str>, descriptions, principals: Option<Vec<Principal>>| RoomFilter {
        category: Some(cast.general),
        text: text.map(str::to_owned),
        descriptions,
        member: principals.clone(),
        manager: principals,
        disabled: Some(false),
        privacy: Some(Privacy::Open),
        kind: Some(RoomKind::Normal),
        ..RoomFilter::default()
    };
    let everyone = Some(vec![everybody(), Principal::Person(cast.alice)]);
    for (filter, count) in [
        (RoomFilter::default(), 2),
        (all(None, false, None), 2),
        (all(Some("kit"), false, None), 1),
        (all(Some("kit"), true, None), 1),
        (all(None, false, everyone), 0),
        (RoomFilter { octets_over: Some(1_000), ..RoomFilter::default() }, 0),
        (RoomFilter { only: Some(cast.kitchen), ..RoomFilter::default() }, 1),
    ] {
        assert_eq!(
            cast.store.rooms_page(filter.clone(), String::new(), 9).await.unwrap().len(),
            count,
            "{filter:?}"
        );
    }
}

pub async fn what_is_changed_seldom_is_changed(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let store = &cast.store;
    let settings = Configuration { default_chat_history: 7, ..Configuration::default() };
    let pilots = ScopeName::parse("tag:Pilots").unwrap();
    let done = administer(
        store,
        RowChange::NewConfiguration(ScopeName::parse("site:Default").unwrap(), settings.clone()),
    )
    .await;
    let RowDone::Configuration(made) = done else { panic!("{done:?}") };
    administer(store, RowChange::SetConfiguration { id: made.id, expected_version: None, settings }).await;
    administer(store, RowChange::RemoveConfiguration(made.id)).await;
    let draft = PolicyDraft { scope: pilots, enabled: true, description: Description::default() };
    let done = administer(store, RowChange::NewPolicy(draft.clone())).await;
    let RowDone::Policy(policy) = done else { panic!("{done:?}") };
    administer(store, RowChange::GrantPolicy(cast.alice, Some(policy.id))).await;
    let shut = PolicyDraft { enabled: false, ..draft };
    administer(store, RowChange::SetPolicy { id: policy.id, expected_version: None, draft: shut }).await;
    assert!(!store.person(cast.alice).await.unwrap().unwrap().chat, "the policy shuts her out");
    administer(store, RowChange::RemovePolicy(policy.id)).await;
    assert!(store.person(cast.alice).await.unwrap().unwrap().chat, "and is gone");
    let draft = AddInDraft {
        name: AddInName::parse("Wiki").unwrap(),
        url: Url::parse("https://wiki.example.com/").unwrap(),
    };
    let done = administer(store, RowChange::NewAddIn(draft.clone())).await;
    let RowDone::AddIn(wiki) = done else { panic!("{done:?}") };
    let shown = store::RoomDraft { add_in: Some(wiki.id), ..room_draft(cast.general, "Wiki") };
    administer(store, RowChange::NewRoom(shown)).await;
    assert_eq!(store.rooms_showing(wiki.id).await.unwrap().len(), 1);
    administer(store, RowChange::SetAddIn { id: wiki.id, expected_version: None, draft }).await;
    administer(store, RowChange::RemoveAddIn(wiki.id)).await;
    let draft = TokenDraft {
        hash: [7; 32],
        name: DisplayName::parse("nightly").unwrap(),
        scope: "read".into(),
        person: Some(cast.alice),
        expires: None,
    };
    let done = administer(store, RowChange::NewToken(draft)).await;
    let RowDone::Token(token) = done else { panic!("{done:?}") };
    administer(store, RowChange::RevokeToken(token.id)).await;
    let draft = TokenDraft {
        hash: [8; 32],
        name: DisplayName::parse("pool").unwrap(),
        scope: "read".into(),
        person: None,
        expires: None,
    };
    administer(store, RowChange::NewToken(draft)).await;
    assert_eq!(store.tokens().await.unwrap().len(), 2);
    assert_eq!(store.tokens_of(Some(cast.alice)).await.unwrap()[0].id, token.id);
    let of_nobody = store.tokens_of(None).await.unwrap();
    assert_eq!(of_nobody.iter().map(|token| token.name.as_str()).collect::<Vec<_>>(), ["pool"]);
    administer(store, RowChange::HoldPerson(cast.bob, true)).await;
}

pub async fn a_directory_is_found_by_every_name_it_has(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let store = &cast.store;
    let entry = |name: &str, number| DirectoryEntry {
        source: "ldif".into(),
        guid: Uuid::from_u128(number),
        name: format!("CN={name}"),
        name_folded: format!("cn={name}"),
        parent: None,
        mail: None,
        gone: false,
    };
    let name = DisplayName::parse("Traders").unwrap();
    let draft = GroupDraft { name, kind: GroupKind::Group, domain: None, entry: Some(entry("traders", 1)) };
    let done = administer(store, RowChange::NewGroup(draft.clone())).await;
    let RowDone::Group(traders) = done else { panic!("{done:?}") };
    administer(store, RowChange::SetGroup { id: traders.id, expected_version: None, draft }).await;
    let draft = store::PersonDraft { entry: Some(entry("alice", 2)), ..person_draft("alice") };
    administer(store, RowChange::SetPerson { id: cast.alice, expected_standing: None, draft }).await;
    administer(
        store,
        RowChange::SetMembers { group: traders.id, add: vec![Member::Person(cast.alice)], remove: vec![] },
    )
    .await;
    assert_eq!(store.entry_named("cn=traders").await.unwrap(), Some(Member::Group(traders.id)));
    assert_eq!(store.entry_named("cn=alice").await.unwrap(), Some(Member::Person(cast.alice)));
    assert_eq!(store.group_of(traders.guid).await.unwrap().unwrap().id, traders.id);
    assert_eq!(store.group_sources().await.unwrap().len(), 1);
    assert_eq!(store.group_source(traders.id).await.unwrap().as_deref(), Some("ldif"));
    assert_eq!(store.groups_named("traders").await.unwrap().len(), 1);
    assert_eq!(store.groups().await.unwrap().len(), 1);
    assert_eq!(store.people_under(vec![traders.id], 9).await.unwrap(), [cast.alice]);
    let page = |named: Option<&str>, local| GroupPage {
        after: (String::new(), 0),
        named: named.map(str::to_owned),
        local,
        limit: 9,
    };
    assert_eq!(store.group_page(page(None, None)).await.unwrap().len(), 1);
    assert_eq!(store.group_page(page(Some("tra"), Some(true))).await.unwrap().len(), 0);
    let seek = Seek { after: None, named: Some("tra*".to_owned()), address: None, limit: 9 };
    assert_eq!(store.seek_groups(seek).await.unwrap().len(), 1);
    administer(store, RowChange::RemoveGroup(traders.id)).await;
}
