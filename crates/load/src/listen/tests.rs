//! When the next post may be made.

use super::Run;

#[test]
fn without_a_window_a_post_counts_when_everybody_has_it() {
    let run = Run::new(3, 200, 0, 2);
    assert_eq!(run.acknowledged(1), 0, "its author has it, and nobody counted");
    run.received(0, 10);
    assert_eq!(run.acknowledged(1), 0, "one of two has it");
    run.received(0, 12);
    assert_eq!(run.acknowledged(1), 1);
    assert_eq!(run.acknowledged(0), 0, "not before its author saw it");
}

#[test]
fn with_a_window_it_counts_when_its_author_saw_it() {
    assert_eq!(Run::new(3, 200, 1, 2).acknowledged(1), 1);
}
