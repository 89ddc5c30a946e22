//! What went out is not kept.

use super::*;

#[test]
fn somebody_who_is_always_behind_costs_no_more_than_what_waits() {
    let mut out = Outbound::default();
    let message = [b'x'; 1_000];
    for _ in 0..64 {
        out.pen().extend_from_slice(&message);
    }
    for _ in 0..10_000 {
        out.pen().extend_from_slice(&message);
        out.went(Some(message.len()));
        assert_eq!(out.waiting().len(), 64_000);
    }
    assert!(out.octets.capacity() < 4 * 64_000, "{}", out.octets.capacity());
    out.went(Some(64_000));
    assert_eq!((out.waiting().len(), out.octets.capacity()), (0, 0));
}

#[test]
fn what_waits_goes_out_in_order() {
    let mut out = Outbound::default();
    let all: Vec<u8> = (0..200_000_u32).flat_map(u32::to_be_bytes).collect();
    let (mut begun, mut seen) = (0, Vec::new());
    for step in [1, 5_000, 7, 70_000, 3].into_iter().cycle() {
        let end = all.len().min(begun + step);
        out.pen().extend_from_slice(&all[begun..end]);
        begun = end;
        let takes = out.waiting().len().min(6_007);
        if takes == 0 {
            break;
        }
        seen.extend_from_slice(&out.waiting()[..takes]);
        out.went(Some(takes));
    }
    assert_eq!(seen, all);
}
