//! Slices: who is told when, and how often.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use chat::RoomId;

use super::Waking;
use crate::outbox::Outbox;

/// A session that counts how often it is told.
struct Listener {
    outbox: Arc<Outbox>,
    told: Arc<Told>,
}

#[derive(Default)]
struct Told(AtomicUsize);

impl Wake for Told {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Listener {
    /// Somebody who waits for something to be there.
    fn waiting() -> Self {
        let listener = Self { outbox: Arc::new(Outbox::new(10)), told: Arc::default() };
        assert_eq!(listener.look(), Poll::Pending);
        listener
    }

    fn look(&self) -> Poll<()> {
        self.outbox.poll_ready(&Context::from_waker(&Waker::from(self.told.clone())))
    }

    fn told(&self) -> usize {
        self.told.0.load(Ordering::Relaxed)
    }
}

const HALL: RoomId = RoomId(1);

fn post(listeners: &[Listener], waking: &Waking, number: u64) {
    listeners.iter().for_each(|one| one.outbox.push_post(HALL, number));
    waking.add(listeners.iter().map(|one| &one.outbox));
}

#[test]
fn a_large_room_is_told_slice_by_slice_in_its_order() {
    let (waking, crowd) = (Waking::default(), [(); 5].map(|()| Listener::waiting()));
    post(&crowd, &waking, 1);
    assert_eq!(crowd.each_ref().map(Listener::told), [0; 5], "nobody before the first slice");
    assert!(waking.tell(2));
    assert_eq!(crowd.each_ref().map(Listener::told), [1, 1, 0, 0, 0]);
    assert!(waking.tell(2));
    assert!(!waking.tell(2), "the last slice is not full");
    assert_eq!(crowd.each_ref().map(Listener::told), [1; 5]);
}

#[test]
fn somebody_who_waits_to_be_told_waits_once_however_much_comes() {
    let (waking, crowd) = (Waking::default(), [(); 3].map(|()| Listener::waiting()));
    post(&crowd, &waking, 1);
    post(&crowd, &waking, 2);
    assert!(!waking.tell(3), "three are three");
    assert_eq!(crowd.each_ref().map(Listener::told), [1; 3]);
    assert_eq!(crowd[0].look(), Poll::Ready(()), "both are there");
}

#[test]
fn whoever_was_told_is_told_of_the_next_post_too() {
    let (waking, crowd) = (Waking::default(), [(); 2].map(|()| Listener::waiting()));
    post(&crowd, &waking, 1);
    waking.tell(2);
    crowd.iter().for_each(|one| while one.outbox.queue().pop().is_some() {});
    assert_eq!(crowd.each_ref().map(Listener::look), [Poll::Pending; 2], "all was taken");
    post(&crowd, &waking, 2);
    waking.tell(2);
    assert_eq!(crowd.each_ref().map(Listener::told), [2; 2]);
}

#[test]
fn whoever_is_told_of_something_else_meanwhile_does_not_wait_for_his_slice() {
    let (waking, crowd) = (Waking::default(), [(); 5].map(|()| Listener::waiting()));
    post(&crowd, &waking, 1);
    let last = &crowd[4];
    last.outbox.push_post(RoomId(2), 1);
    last.outbox.tell();
    assert_eq!(crowd.each_ref().map(Listener::told), [0, 0, 0, 0, 1]);
    assert_eq!(
        last.look(),
        Poll::Ready(()),
        "what waits of the large room is there as well, before the other"
    );
    post(&crowd, &waking, 2);
    assert!(!waking.tell(5), "it waits for its turn still, and not for two");
}
