//! Stories of groups: direct members, what a change of them touches, ways to a group, and sets that go with the last who had them.

use chat::{Ancestors, DisplayName, GroupId, GroupKind};
use store::{
    AdminFault, DirectoryEntry, GroupDraft, GroupPage, Member, Membership, Order, PersonDraft, Premise,
    RowChange, RowDone, Store,
};
use uuid::Uuid;

use super::stage::{Cast, ROOT, Stage, administer, person_draft};

async fn group(store: &Store, name: &str) -> GroupId {
    made(store, name, GroupKind::Group, None).await
}

async fn made(store: &Store, name: &str, kind: GroupKind, entry: Option<DirectoryEntry>) -> GroupId {
    let draft = GroupDraft { name: DisplayName::parse(name).unwrap(), kind, domain: None, entry };
    match administer(store, RowChange::NewGroup(draft)).await {
        RowDone::Group(group) => group.id,
        other => panic!("{other:?}"),
    }
}

fn entry(number: u128, parent: Option<GroupId>) -> DirectoryEntry {
    DirectoryEntry {
        source: "ldif".into(),
        guid: Uuid::from_u128(number),
        name: format!("CN={number}"),
        name_folded: format!("cn={number}"),
        parent,
        mail: None,
        gone: false,
    }
}

async fn put(store: &Store, group: GroupId, add: &[Member], remove: &[Member]) {
    let (add, remove) = (add.to_vec(), remove.to_vec());
    administer(store, RowChange::SetMembers { group, add, remove }).await;
}

async fn graph_number(store: &Store) -> u64 {
    store.graph_number().await.unwrap()
}

pub async fn members_come_and_go_and_raise_what_they_should(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let store = &cast.store;
    let (traders, staff) = (group(store, "Traders").await, group(store, "Staff").await);
    let (alice, bob, inner) = (Member::Person(cast.alice), Member::Person(cast.bob), Member::Group(traders));
    put(store, traders, &[bob, alice, bob], &[]).await;
    put(store, staff, &[inner], &[]).await;
    assert_eq!(store.members(traders).await.unwrap(), [alice, bob]);
    let before = (graph_number(store).await, store.group(traders).await.unwrap().unwrap().version);
    put(store, traders, &[alice], &[Member::Person(cast.carol)]).await;
    let after = (graph_number(store).await, store.group(traders).await.unwrap().unwrap().version);
    assert_eq!(after, before, "nothing has changed");
    put(store, traders, &[], &[bob]).await;
    assert_eq!(store.members(traders).await.unwrap(), [alice]);
    assert!(graph_number(store).await > before.0);
    let all = store.graph().await.unwrap();
    let held = |group, member| Membership { group, member };
    assert_eq!(all.memberships, [held(traders, alice), held(staff, inner)]);
    for stranger in [Member::Person(chat::PersonId(99)), Member::Group(GroupId(99))] {
        let change = RowChange::SetMembers { group: staff, add: vec![stranger], remove: Vec::new() };
        let refused = store.administer(Order::of(ROOT, "{}".into()), vec![change]).await;
        assert!(matches!(refused, Err(AdminFault::NoSuch(_))), "{refused:?}");
    }
    let number = graph_number(store).await;
    administer(store, RowChange::RemovePerson(cast.alice)).await;
    assert_eq!(store.members(traders).await.unwrap(), []);
    assert!(graph_number(store).await > number);
    administer(store, RowChange::RemoveGroup(traders)).await;
    assert_eq!(store.members(staff).await.unwrap(), []);
    let refused =
        store.administer(Order::of(ROOT, "{}".into()), vec![RowChange::Assert(Premise::Graph(number))]).await;
    assert_eq!(refused, Err(AdminFault::Stale));
}

pub async fn what_a_change_touches_is_read_and_nothing_else(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let store = &cast.store;
    let domain = made(store, "Domain", GroupKind::Domain, Some(entry(1, None))).await;
    let sales = made(store, "Sales", GroupKind::Container, Some(entry(2, Some(domain)))).await;
    let kept_there = made(store, "Kept there", GroupKind::Group, Some(entry(3, Some(sales)))).await;
    let [inner, outer, other] =
        [group(store, "Inner").await, group(store, "Outer").await, group(store, "Other").await];
    let dora = PersonDraft { entry: Some(entry(4, Some(sales))), ..person_draft("dora") };
    let RowDone::Person(dora) = administer(store, RowChange::NewPerson(dora)).await else {
        panic!("a person")
    };
    let (alice, bob, dora) = (Member::Person(cast.alice), Member::Person(cast.bob), Member::Person(dora.id));
    put(store, inner, &[Member::Group(sales), alice], &[]).await;
    put(store, outer, &[Member::Group(inner)], &[]).await;
    put(store, kept_there, &[bob], &[]).await;
    put(store, other, &[bob], &[]).await;
    let around = store.around(vec![Member::Group(inner)], Vec::new()).await.unwrap();
    let mut under: Vec<Member> = around.under.iter().map(|placed| placed.member).collect();
    under.sort();
    let mut expected =
        vec![alice, dora, Member::Group(sales), Member::Group(kept_there), Member::Group(inner)];
    expected.sort();
    assert_eq!(under, expected, "who is in a group that is kept in Sales is not in Sales");
    let held = |group, member| Membership { group, member };
    let mut ways = around.memberships.clone();
    ways.sort_by_key(|one| (one.group, one.member));
    let mut expected =
        [held(inner, Member::Group(sales)), held(inner, alice), held(outer, Member::Group(inner))];
    expected.sort_by_key(|one| (one.group, one.member));
    assert_eq!(ways, expected);
    let mut parents = around.parents.clone();
    parents.sort();
    let mut expected = [(dora, sales), (Member::Group(kept_there), sales), (Member::Group(sales), domain)];
    expected.sort();
    assert_eq!(parents, expected);
    assert_eq!((around.gone, around.number), (Vec::new(), graph_number(store).await));
    let alone = store.around(Vec::new(), vec![bob]).await.unwrap();
    assert_eq!(alone.under.len(), 1);
    for group in [other, kept_there] {
        assert!(alone.memberships.contains(&held(group, bob)), "Bob is in two groups");
    }
}

pub async fn the_shortest_way_to_a_group_is_found(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let store = &cast.store;
    let [one, two, three, four] = [
        group(store, "One").await,
        group(store, "Two").await,
        group(store, "Three").await,
        group(store, "Four").await,
    ];
    put(store, one, &[Member::Person(cast.alice)], &[]).await;
    put(store, two, &[Member::Group(one)], &[]).await;
    put(store, three, &[Member::Group(two), Member::Group(four)], &[]).await;
    put(store, four, &[Member::Group(one), Member::Group(three)], &[]).await;
    let people = vec![(cast.alice, Ancestors::of(vec![one, two, three, four]))];
    administer(store, RowChange::Affiliate { people, groups: Vec::new() }).await;
    let way = async |to| {
        let way = store.path(Member::Person(cast.alice), to).await.unwrap();
        way.into_iter().map(|group| group.id).collect::<Vec<_>>()
    };
    assert_eq!(way(one).await, [one]);
    assert_eq!(way(three).await, [one, two, three]);
    assert_eq!(way(four).await, [one, four]);
    assert_eq!(store.path(Member::Person(cast.bob), one).await.unwrap(), []);
}

pub async fn groups_come_in_pages_by_name(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let store = &cast.store;
    for name in ["north desk", "South desk", "West desk", "Cooks"] {
        group(store, name).await;
    }
    made(store, "East desk", GroupKind::Group, Some(entry(1, None))).await;
    let page = async |after: (&str, u32), named: Option<&str>, local, limit| {
        let after = (after.0.to_owned(), after.1);
        let page = GroupPage { after, named: named.map(str::to_owned), local, limit };
        let found = store.group_page(page).await.unwrap();
        found.into_iter().map(|(group, source)| (group.name.to_string(), source)).collect::<Vec<_>>()
    };
    let local = |name: &str| (name.to_owned(), None);
    let east = ("East desk".to_owned(), Some("ldif".to_owned()));
    assert_eq!(page(("", 0), Some("desk"), None, 2).await, [east.clone(), local("north desk")]);
    let north = store.groups_named("north desk").await.unwrap()[0].id.0;
    let rest = page(("north desk", north), Some("desk"), None, 9).await;
    assert_eq!(rest, [local("South desk"), local("West desk")]);
    assert_eq!(page(("", 0), None, Some(false), 9).await, [east]);
    assert_eq!(page(("", 0), Some("%"), None, 9).await, [], "no character stands for others");
    assert_eq!(page(("", 0), None, Some(true), 1).await, [local("Cooks")]);
}

#[tokio::test]
async fn a_set_goes_with_the_last_who_had_it() {
    let stage = Stage::sqlite();
    let cast = Cast::on(&stage).await;
    let store = &cast.store;
    let (one, two) = (group(store, "One").await, group(store, "Two").await);
    let kept = || stage.count("affiliation");
    let belong = async |who: &[chat::PersonId], to: Vec<GroupId>| {
        let people = who.iter().map(|person| (*person, Ancestors::of(to.clone()))).collect();
        administer(store, RowChange::Affiliate { people, groups: Vec::new() }).await
    };
    assert_eq!(belong(&[cast.alice, cast.bob], vec![one]).await, RowDone::Affiliated(2));
    assert_eq!(belong(&[cast.carol], vec![one, two]).await, RowDone::Affiliated(1));
    assert_eq!(kept(), 2, "Alice and Bob share one");
    assert_eq!(belong(&[cast.alice], vec![one]).await, RowDone::Affiliated(0));
    belong(&[cast.alice], vec![one, two]).await;
    assert_eq!(kept(), 2);
    administer(store, RowChange::RemovePerson(cast.bob)).await;
    assert_eq!(kept(), 1);
    belong(&[cast.alice, cast.carol], Vec::new()).await;
    assert_eq!(kept(), 0);
}
