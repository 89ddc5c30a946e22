//! What becomes of futures that end, wait, and panic: before they wait, and after.

use super::{Caught, Panicked};

#[tokio::test]
async fn what_ends_is_what_it_is() {
    assert_eq!(Caught::new(async { 7 }).await, Ok(7));
    let waits = async {
        tokio::task::yield_now().await;
        8
    };
    assert_eq!(Caught::new(waits).await, Ok(8));
}

#[tokio::test]
async fn what_panics_is_an_outcome() {
    assert_eq!(Caught::new(broken(false)).await, Err(Panicked));
    assert_eq!(Caught::new(broken(true)).await, Err(Panicked));
}

/// Breaks, before or after it has waited.
async fn broken(late: bool) -> u8 {
    if late {
        tokio::task::yield_now().await;
    }
    std::hint::black_box(Vec::<u8>::new())[0]
}
