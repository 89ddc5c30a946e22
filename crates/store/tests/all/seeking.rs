//! Stories of people and groups in pages, and of what administration shows beside them.

use chat::{
    AddInName, Ancestors, Description, DisplayName, Domain, GroupKind, PersonId, Policy, Role, ScopeName, Url,
};
use store::{
    AddInDraft, AdminFault, Credentials, GroupDraft, Order, PolicyDraft, RowChange, RowDone, Seek, Store,
    TokenDraft, Who,
};

use crate::stage::{Cast, ROOT, Stage, person_draft, room_draft};

async fn change(store: &Store, change: RowChange) -> Result<RowDone, AdminFault> {
    let done = store.administer(Order::of(ROOT, "{}".into()), vec![change]).await?;
    Ok(done.done.into_iter().next().expect("one change yields one thing"))
}

async fn must(store: &Store, asked: RowChange) -> RowDone {
    change(store, asked).await.unwrap()
}

async fn policy(store: &Store, scope: &str, enabled: bool) -> Policy {
    let scope = ScopeName::parse(scope).unwrap();
    let draft = PolicyDraft { scope, enabled, description: Description::default() };
    match must(store, RowChange::NewPolicy(draft)).await {
        RowDone::Policy(policy) => policy,
        other => panic!("not a policy: {other:?}"),
    }
}

fn seek<K>(named: Option<&str>, after: Option<K>, limit: usize) -> Seek<K> {
    Seek { after, named: named.map(str::to_owned), address: None, limit }
}

pub async fn people_come_in_pages_by_address_and_by_pattern(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let names = |people: Vec<chat::Person>| -> Vec<String> {
        people.iter().map(|person| person.address.user().to_owned()).collect()
    };
    let found = |asked| async { names(cast.store.seek_people(asked).await.unwrap()) };
    assert_eq!(found(seek(None, None, 10)).await, ["alice", "bob", "carol"]);
    assert_eq!(found(seek(None, None, 2)).await, ["alice", "bob"]);
    let after = "sip:bob@example.com".to_owned();
    assert_eq!(found(seek(None, Some(after), 2)).await, ["carol"]);
    assert_eq!(found(seek(Some("*o*"), None, 10)).await, ["alice", "bob", "carol"], "all are of a .com");
    assert_eq!(found(seek(Some("?o?"), None, 10)).await, ["bob"], "by the name");
    assert_eq!(found(seek(Some("*[ab]*"), None, 10)).await, Vec::<String>::new(), "brackets are brackets");
    let address = Some("sip:c*".to_owned());
    assert_eq!(found(Seek { address, ..seek(None, None, 10) }).await, ["carol"]);
    let renamed =
        store::PersonDraft { display_name: DisplayName::parse("ÉLISE").unwrap(), ..person_draft("bob") };
    must(&cast.store, RowChange::SetPerson { id: cast.bob, expected_standing: None, draft: renamed }).await;
    assert_eq!(
        found(seek(Some("élise"), None, 10)).await,
        ["bob"],
        "case aside, also of letters with accents"
    );
    must(&cast.store, RowChange::RemovePerson(cast.alice)).await;
    assert_eq!(found(seek(None, None, 10)).await, ["bob", "carol"]);
}

pub async fn who_is_found_is_whole(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let draft = GroupDraft {
        name: DisplayName::parse("Pumps").unwrap(),
        kind: GroupKind::Group,
        domain: Some(Domain::parse("example.com").unwrap()),
        entry: None,
    };
    let RowDone::Group(group) = must(&cast.store, RowChange::NewGroup(draft)).await else {
        panic!("a group")
    };
    let people = vec![(cast.alice, Ancestors::of(vec![group.id])), (cast.bob, Ancestors::of(vec![group.id]))];
    must(&cast.store, RowChange::Affiliate { people, groups: Vec::new() }).await;
    must(&cast.store, RowChange::GrantRole(cast.bob, Role::Reader)).await;
    let found = cast.store.seek_people(seek(None, None, 10)).await.unwrap();
    let all: Vec<_> = cast.store.people().await.unwrap();
    assert_eq!(found, all, "the same as when everybody is read");
    let groups = cast.store.seek_groups(seek(Some("pum*"), None, 10)).await.unwrap();
    assert_eq!(groups, cast.store.groups().await.unwrap());
    assert!(cast.store.seek_groups(seek(None, Some(group.id), 10)).await.unwrap().is_empty());
}

pub async fn policies_are_counted_by_who_has_them(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let off = policy(&cast.store, "Off", false).await;
    must(&cast.store, RowChange::GrantPolicy(cast.bob, Some(off.id))).await;
    must(&cast.store, RowChange::RemovePerson(cast.carol)).await;
    let holders = cast.store.policy_holders().await.unwrap();
    let counts: Vec<_> = holders.iter().map(|held| (held.policy, held.people, held.with_chat)).collect();
    assert_eq!(counts, [(None, 1, 1), (Some(off.id), 1, 0)]);
    let credentials = Credentials { argon2: Some("$argon2id$".into()), nt: None };
    must(&cast.store, RowChange::PutCredentials { person: Who::Known(cast.bob), credentials }).await;
    let accounts = cast.store.accounts(vec![cast.bob, cast.alice, PersonId(0)]).await.unwrap();
    let shown: Vec<_> =
        accounts.iter().map(|a| (a.person, a.policy, a.has_password, a.legacy_sign_on)).collect();
    assert_eq!(shown, [(cast.bob, Some(off.id), true, false), (cast.alice, None, false, false)]);
}

pub async fn an_address_is_the_pools_or_somebodys(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let name = || DisplayName::parse("Chat").unwrap();
    let endpoint = |who: &str| RowChange::NewEndpoint(person_draft(who).address, name());
    assert_eq!(change(&cast.store, endpoint("alice")).await, Err(AdminFault::DuplicateAddress));
    let RowDone::Endpoint(made) = must(&cast.store, endpoint("chat")).await else { panic!("an endpoint") };
    assert_eq!(change(&cast.store, endpoint("chat")).await, Err(AdminFault::DuplicateEntry));
    let taken = change(&cast.store, RowChange::NewPerson(person_draft("chat"))).await;
    assert_eq!(taken, Err(AdminFault::DuplicateAddress));
    let moved = RowChange::SetPerson { id: cast.bob, expected_standing: None, draft: person_draft("chat") };
    assert_eq!(change(&cast.store, moved).await, Err(AdminFault::DuplicateAddress));
    must(&cast.store, RowChange::RemoveEndpoint(made.id)).await;
    must(&cast.store, RowChange::NewPerson(person_draft("chat"))).await;
}

pub async fn what_shows_an_add_in_and_who_owns_a_token_is_found(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let draft = AddInDraft {
        name: AddInName::parse("Board").unwrap(),
        url: Url::parse("https://example.com/").unwrap(),
    };
    let RowDone::AddIn(board) = must(&cast.store, RowChange::NewAddIn(draft)).await else {
        panic!("an add-in")
    };
    let room = store::RoomDraft { add_in: Some(board.id), ..room_draft(cast.general, "Plans") };
    let RowDone::Room(plans) = must(&cast.store, RowChange::NewRoom(room)).await else { panic!("a room") };
    let showing = cast.store.rooms_showing(board.id).await.unwrap();
    assert_eq!(showing, [(plans.id, plans.name.clone())]);
    must(&cast.store, RowChange::RemoveRoom(plans.id)).await;
    assert!(cast.store.rooms_showing(board.id).await.unwrap().is_empty());
    let token = |octet: u8, person| {
        let name = DisplayName::parse("printer").unwrap();
        RowChange::NewToken(TokenDraft {
            hash: [octet; 32],
            name,
            scope: "reader".into(),
            person,
            expires: None,
        })
    };
    let RowDone::Token(hers) = must(&cast.store, token(1, Some(cast.alice))).await else { panic!("a token") };
    let RowDone::Token(nobodys) = must(&cast.store, token(2, None)).await else { panic!("a token") };
    assert_eq!(cast.store.tokens_of(Some(cast.alice)).await.unwrap(), std::slice::from_ref(&hers));
    assert_eq!(cast.store.tokens_of(None).await.unwrap(), [nobodys]);
    assert_eq!(cast.store.token_of(hers.guid).await.unwrap(), Some(hers));
}

pub async fn who_granted_it_when_is_in_the_journal(stage: Stage) {
    let cast = Cast::on(&stage).await;
    stage.clock.advance_micros(7_000_000);
    must(&cast.store, RowChange::GrantRole(cast.alice, Role::Reader)).await;
    let grants = cast.store.role_grants().await.unwrap();
    let found = cast.store.granted(vec![grants[0].granted, 9_999]).await.unwrap();
    let said: Vec<_> = found.iter().map(|done| (done.operation, done.by, done.at.iso7())).collect();
    assert_eq!(said, [(grants[0].granted, ROOT, "2026-03-02T08:00:07.0000000Z".to_owned())]);
}
