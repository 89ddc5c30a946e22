//! Versions of the topology: each follows the one it was derived from, stays as it was, and is read by whoever comes later.
//! What may be published is decided elsewhere.

use chat::{Actor, Change, Entry, JournalKey, PoolEntry, Subject};
use store::limits::TOPOLOGY_BYTES_MAX;
use store::{AdminFault, Order, RowChange, RowDone, Store, StoreFault, TopologyDraft};

use crate::stage::Stage;

/// A version of which only what the store looks at is true.
fn draft(number: u64, previous: u8, document: &str) -> RowChange {
    let hash = [u8::try_from(number).unwrap(); 32];
    RowChange::PublishTopology(TopologyDraft {
        number,
        previous: [previous; 32],
        hash,
        document: document.to_owned(),
        remark: format!("the {number}. of them"),
    })
}

async fn publish(store: &Store, change: RowChange) -> Result<RowDone, AdminFault> {
    let order = Order::of(Actor::Shell(7), "{}".to_owned());
    Ok(store.administer(order, vec![change]).await?.done.remove(0))
}

pub async fn a_topology_follows_the_newest_or_is_stale(stage: Stage) {
    let store = stage.open();
    assert_eq!(store.topology(None).await.unwrap(), None);
    assert_eq!(publish(&store, draft(2, 0, "early")).await, Err(AdminFault::Stale));
    assert_eq!(publish(&store, draft(1, 0, "first")).await, Ok(RowDone::Topology(1)));
    assert_eq!(publish(&store, draft(1, 0, "first again")).await, Err(AdminFault::Stale));
    assert_eq!(publish(&store, draft(2, 9, "after another")).await, Err(AdminFault::Stale));
    assert_eq!(publish(&store, draft(2, 1, "second")).await, Ok(RowDone::Topology(2)));
    store.close().await;
    let store = stage.open();
    let newest = store.topology(None).await.unwrap().unwrap();
    assert_eq!((newest.number, newest.document.as_deref()), (2, Some("second")));
    assert_eq!((newest.previous, newest.hash), ([1; 32], [2; 32]));
    assert_eq!((newest.by, newest.remark.as_str()), (Actor::Shell(7), "the 2. of them"));
    let first = store.topology(Some(1)).await.unwrap().unwrap();
    assert_eq!(first.document.as_deref(), Some("first"));
    assert_eq!(store.topology(Some(3)).await.unwrap(), None);
    assert_eq!(store.topology(Some(u64::MAX)).await.unwrap(), None);
    let numbers = |rows: Vec<store::TopologyRow>| rows.iter().map(|row| row.number).collect::<Vec<_>>();
    assert_eq!(numbers(store.topologies(None, 10).await.unwrap()), [2, 1]);
    assert_eq!(numbers(store.topologies(None, 1).await.unwrap()), [2]);
    assert_eq!(numbers(store.topologies(Some(2), 10).await.unwrap()), [1]);
    store.close().await;
}

pub async fn a_published_topology_is_told_to_the_pool_and_a_rehearsed_one_is_not_there(stage: Stage) {
    let store = stage.open();
    let order = Order { rehearse: true, ..Order::of(Actor::Shell(7), "{}".to_owned()) };
    store.administer(order, vec![draft(1, 0, "only tried")]).await.unwrap();
    assert_eq!(store.topology(None).await.unwrap(), None);
    publish(&store, draft(1, 0, "meant")).await.unwrap();
    let entries = store.entries(JournalKey::Pool, 0, 100).await.unwrap();
    let told = entries.iter().any(|recorded| {
        let is_it = |subject, change| (subject, change) == (Subject::Topology(1), Change::Created);
        matches!(recorded.header.entry, Entry::Pool(PoolEntry::Administered { subject, change, .. }) if is_it(subject, change))
    });
    assert!(told, "{entries:?}");
    store.close().await;
}

pub async fn a_topology_of_any_length_that_may_be_is_kept_whole(stage: Stage) {
    let store = stage.open();
    let remark = "the 1. of them".len();
    let longest = "x".repeat(TOPOLOGY_BYTES_MAX - remark);
    let refused = publish(&store, draft(1, 0, &format!("{longest}x"))).await.unwrap_err();
    assert!(matches!(refused, AdminFault::Store(StoreFault::TooLarge { .. })), "{refused}");
    publish(&store, draft(1, 0, &longest)).await.unwrap();
    assert_eq!(store.topology(None).await.unwrap().unwrap().document, Some(longest));
    store.close().await;
}
