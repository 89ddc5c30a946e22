//! Any octets may come in: no input makes a reader panic, and none signs on by chance.
//! Generated and mutated input; the named cases are in `refusals.rs`.

use ntlm::{Authenticate, ReceivedChallenge};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::people::{alices_answer, alices_hash, challenge, start};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn any_octets_are_read_or_refused(octets in vec(any::<u8>(), 0..300), kind in 1_u8..4) {
        let _ = Authenticate::parse(&octets);
        let _ = ReceivedChallenge::parse(&octets);
        let message = [b"NTLMSSP\0", &[kind, 0, 0, 0][..], &octets].concat();
        let _ = Authenticate::parse(&message);
        let _ = ReceivedChallenge::parse(&message);
    }

    #[test]
    fn a_changed_answer_never_panics_and_never_proves_another_response(
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        length in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let right = alices_answer();
        let mut octets = right.clone();
        for (place, value) in changes {
            let place = place.index(octets.len());
            octets[place] = value;
        }
        if cut {
            octets.truncate(length.index(right.len()));
        }
        if let Ok(answer) = Authenticate::parse(&octets) {
            let proven = challenge().accept(&answer, &alices_hash()).is_ok();
            // Only what neither the proof nor the name covers may differ: then the response is still there in full.
            let nt = start(&right, crate::people::at::NT);
            let length = usize::from(right[crate::people::at::NT]);
            prop_assert!(!proven || octets.windows(length).any(|part| part == &right[nt..nt + length]));
        }
    }

    #[test]
    fn a_changed_challenge_never_panics(
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        length in any::<prop::sample::Index>(),
    ) {
        let mut octets = challenge().octets().to_vec();
        for (place, value) in changes {
            let place = place.index(octets.len());
            octets[place] = value;
        }
        let _ = ReceivedChallenge::parse(&octets);
        octets.truncate(length.index(octets.len()));
        let _ = ReceivedChallenge::parse(&octets);
    }
}

#[test]
fn every_prefix_of_an_answer_is_refused() {
    let right = alices_answer();
    for length in 0..right.len() {
        assert!(Authenticate::parse(&right[..length]).is_err(), "the first {length} octets");
    }
}
