//! Stories of what changed between a decision and its write: who asks, and what it was decided from.
//! What may be done by whom is not decided here.

use chat::{Actor, AddInName, Configuration, Description, PersonId, Policy, Role, ScopeName, Url};
use store::{
    Act, AddInDraft, AdminFault, Administered, Amend, AmendOutcome, Amendment, ConfigurationRow, Order,
    PersonDraft, PolicyDraft, Premise, RoomDraft, RowChange, RowDone, Store, TokenDraft,
};

use crate::stage::{Cast, Stage, administer, person_draft, room_draft};

fn hired(name: &str) -> RowChange {
    RowChange::NewPerson(person_draft(name))
}

/// What somebody asks for who had this standing when it was decided that it may.
async fn ask(
    store: &Store,
    who: PersonId,
    standing: u64,
    change: RowChange,
) -> Result<Administered, AdminFault> {
    let order = Order { standing: Some(standing), ..Order::of(Actor::Person(who), "{}".into()) };
    store.administer(order, vec![change]).await
}

async fn standing(store: &Store, who: PersonId) -> u64 {
    store.person(who).await.unwrap().expect("the person exists").standing
}

async fn asserted(store: &Store, premise: Premise) -> Result<RowDone, AdminFault> {
    let order = Order::of(Actor::Shell(0), "{}".into());
    let done = store.administer(order, vec![RowChange::Assert(premise)]).await?;
    Ok(done.done.into_iter().next().expect("one change yields one thing"))
}

async fn policy(store: &Store, scope: &str) -> Policy {
    let scope = ScopeName::parse(scope).unwrap();
    let draft = PolicyDraft { scope, enabled: false, description: Description::default() };
    match administer(store, RowChange::NewPolicy(draft)).await {
        RowDone::Policy(policy) => policy,
        other => panic!("not a policy: {other:?}"),
    }
}

pub async fn who_lost_a_role_meanwhile_changes_nothing(stage: Stage) {
    let cast = Cast::on(&stage).await;
    administer(&cast.store, RowChange::GrantRole(cast.alice, Role::Administrator)).await;
    let read = standing(&cast.store, cast.alice).await;
    ask(&cast.store, cast.alice, read, hired("dave")).await.expect("she has the role");
    administer(&cast.store, RowChange::RevokeRole(cast.alice, Role::Administrator)).await;
    let refused = ask(&cast.store, cast.alice, read, hired("erin")).await;
    assert_eq!(refused, Err(AdminFault::Moved));
    let rehearsal =
        Order { standing: Some(read), rehearse: true, ..Order::of(Actor::Person(cast.alice), "{}".into()) };
    let refused = cast.store.administer(rehearsal, vec![hired("erin")]).await;
    assert_eq!(refused, Err(AdminFault::Moved), "nor does it go well when it is only tried");
    let erin = "sip:erin@example.com".parse().unwrap();
    assert_eq!(cast.store.person_at(&erin).await.unwrap(), None);
}

pub async fn what_was_asked_by_a_token_revoked_meanwhile_is_refused(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let name = chat::DisplayName::parse("the printer").unwrap();
    let draft = TokenDraft { hash: [7; 32], name, scope: "admin".into(), person: None, expires: None };
    let RowDone::Token(token) = administer(&cast.store, RowChange::NewToken(draft)).await else {
        panic!("a token")
    };
    let by = Actor::Token(token.id);
    let shown = |rehearse| Order { token: Some(token.guid), rehearse, ..Order::of(by, "{}".into()) };
    cast.store.administer(shown(false), vec![hired("dave")]).await.expect("it is good");
    administer(&cast.store, RowChange::RevokeToken(token.id)).await;
    for rehearse in [true, false] {
        let refused = cast.store.administer(shown(rehearse), vec![hired("erin")]).await;
        assert_eq!(refused, Err(AdminFault::Moved));
    }
    let erin = "sip:erin@example.com".parse().unwrap();
    assert_eq!(cast.store.person_at(&erin).await.unwrap(), None);

    cast.say(cast.alice, cast.engineering, "hello").await;
    let act = Act { token: Some(token.guid), ..Act::of(by, "{}".into()) };
    let away = Amend { room: cast.engineering, posts: vec![1], to: Amendment::Remove, act };
    assert_eq!(cast.store.amend(away).await.unwrap(), AmendOutcome::Moved);
}

pub async fn who_was_disabled_or_removed_meanwhile_changes_nothing(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let read = standing(&cast.store, cast.bob).await;
    let draft = PersonDraft { enabled: false, ..person_draft("bob") };
    administer(&cast.store, RowChange::SetPerson { id: cast.bob, expected_standing: None, draft }).await;
    assert_eq!(ask(&cast.store, cast.bob, read, hired("erin")).await, Err(AdminFault::Moved));
    let read = standing(&cast.store, cast.bob).await;
    administer(&cast.store, RowChange::RemovePerson(cast.bob)).await;
    for read in [read, read + 1] {
        let refused = ask(&cast.store, cast.bob, read, hired("erin")).await;
        assert_eq!(refused, Err(AdminFault::Moved), "who was removed has no standing at all");
    }
}

pub async fn what_was_decided_from_something_else_is_refused(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let store = &cast.store;
    administer(
        store,
        RowChange::NewConfiguration(ScopeName::Site("Default".into()), Configuration::default()),
    )
    .await;
    let made = store.configurations().await.unwrap();
    let row = made.iter().find(|row| row.scope != ScopeName::Global).expect("it was made");
    let ConfigurationRow { id, version, .. } = row.clone();
    let granted = policy(store, "Off").await.id;
    let number = store.graph_number().await.unwrap();
    let rules = |rows: u64| [Premise::Category(cast.general, rows), Premise::Room(cast.kitchen, rows)];
    let premises = |more: u64| {
        let mut all = vec![
            Premise::Person(cast.alice, 1 + more),
            Premise::Policy { id: granted, version: 1 + more, holders: 0 },
            Premise::Configuration(id, version + more),
            Premise::Graph(number + more),
        ];
        all.extend(rules(1 + more));
        all
    };
    for (now, other) in premises(0).into_iter().zip(premises(1)) {
        assert_eq!(asserted(store, now).await, Ok(RowDone::Asserted));
        assert_eq!(asserted(store, other.clone()).await, Err(AdminFault::Stale), "{other:?}");
    }
}

pub async fn a_policy_granted_meanwhile_and_an_add_in_shown_meanwhile_are_not_removed(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let store = &cast.store;
    let Policy { id, version, .. } = policy(store, "Off").await;
    let unheld = || Premise::Policy { id, version, holders: 0 };
    assert_eq!(asserted(store, unheld()).await, Ok(RowDone::Asserted));
    administer(store, RowChange::GrantPolicy(cast.bob, Some(id))).await;
    assert_eq!(asserted(store, unheld()).await, Err(AdminFault::Stale));
    let name = AddInName::parse("Board").unwrap();
    let draft = AddInDraft { name, url: Url::parse("https://pages.example.com/board").unwrap() };
    let RowDone::AddIn(board) = administer(store, RowChange::NewAddIn(draft)).await else {
        panic!("not an add-in");
    };
    let shown_by =
        |rooms: &[_]| Premise::AddIn { id: board.id, version: board.version, rooms: rooms.to_vec() };
    assert_eq!(asserted(store, shown_by(&[])).await, Ok(RowDone::Asserted));
    let draft = RoomDraft { add_in: Some(board.id), ..room_draft(cast.general, "Kitchen") };
    administer(store, RowChange::SetRoom { id: cast.kitchen, expected_rules: None, draft }).await;
    assert_eq!(asserted(store, shown_by(&[])).await, Err(AdminFault::Stale));
    assert_eq!(asserted(store, shown_by(&[cast.engineering])).await, Err(AdminFault::Stale));
    assert_eq!(asserted(store, shown_by(&[cast.kitchen])).await, Ok(RowDone::Asserted));
}
