//! Stories of work that is looked at only when it was woken.
//! No link takes part.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use tokio::sync::{Notify, oneshot};

use super::Seldom;

/// Work that says how often it was looked at, and how to let it go on.
fn work() -> (Seldom<&'static str>, oneshot::Sender<()>, Arc<AtomicUsize>) {
    let (go, mut gone) = oneshot::channel();
    let looks = Arc::new(AtomicUsize::new(0));
    let counted = looks.clone();
    let work = Seldom::new(async move {
        poll_fn(|context| {
            counted.fetch_add(1, Ordering::Relaxed);
            Pin::new(&mut gone).poll(context)
        })
        .await
        .map_or("given up", |()| "done")
    });
    (work, go, looks)
}

#[tokio::test]
async fn it_is_looked_at_once_however_often_its_task_wakes() {
    let (mut work, go, looks) = work();
    let busy = Notify::new();
    for _ in 0..10 {
        busy.notify_one();
        busy.notified().await;
        let nothing = poll_fn(|context| Poll::Ready(work.poll(context).is_pending())).await;
        assert!(nothing);
    }
    assert_eq!(looks.load(Ordering::Relaxed), 1);
    drop(go);
    assert_eq!(poll_fn(|context| work.poll(context)).await, "given up");
}

#[tokio::test]
async fn it_wakes_its_task_when_it_can_go_on() {
    let (mut work, go, looks) = work();
    let waiting = tokio::spawn(async move { poll_fn(|context| work.poll(context)).await });
    while looks.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    go.send(()).expect("it is waited for");
    assert_eq!(waiting.await.expect("nothing fails"), "done");
    assert_eq!(looks.load(Ordering::Relaxed), 2);
}
