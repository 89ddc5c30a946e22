//! Stories of when a server goes to NATS.

use super::*;

#[test]
fn a_server_that_starts_goes_there_at_once_and_waits_only_when_it_goes_again() {
    let pauses = pauses();
    let waited: Vec<Duration> = (1..=3).map(&pauses).collect();
    assert_eq!(waited, [Duration::ZERO, LINK_AGAIN, LINK_AGAIN]);
}
