//! Stories of the way through the journal of the pool.

use super::Course;

#[test]
fn what_comes_out_of_order_is_confirmed_when_nothing_is_left_out() {
    let mut course = Course::begin(10);
    let confirmed = course.confirmed();
    let mut after = |number| {
        course.followed(number, number);
        *confirmed.borrow()
    };
    assert_eq!(after(12), 10);
    assert_eq!(after(14), 10);
    assert_eq!(after(11), 12);
    assert_eq!(after(9), 12, "it was known at the start");
    assert_eq!(after(13), 14);
}

#[test]
fn numbers_that_were_skipped_are_not_waited_for() {
    let mut course = Course::begin(10);
    course.followed(12, 1_000_011);
    assert_eq!(*course.confirmed().borrow(), 10);
    course.followed(11, 11);
    assert_eq!(*course.confirmed().borrow(), 1_000_011);
}
