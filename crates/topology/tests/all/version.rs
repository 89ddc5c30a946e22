//! Histories: made, kept, read back, and what is found when somebody touched one.
//! Who may publish is not decided here.

use topology::version::{Hash, VersionFault};
use topology::{Version, check_history, derived_from};

use crate::world::{contoso, litware};

#[test]
fn versions_follow_each_other_and_hold_what_was_published() {
    let history = history();
    let numbers: Vec<u64> = history.iter().map(Version::number).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(history[0].previous(), Hash::default());
    assert_eq!(history[1].previous(), history[0].hash());
    assert_eq!((history[0].topology(), history[1].topology()), (litware(), contoso()));
    assert_eq!(check_history(None, &history), Ok(()));
    assert_eq!(check_history(Some(&history[0]), &history[1..]), Ok(()));
    assert_eq!(check_history(None, &[]), Ok(()));
    // The same topology again is another version: it says when it was published, by its place.
    assert_ne!(history[0].hash(), history[2].hash());
}

#[test]
fn a_version_is_kept_and_read_back() {
    for version in history() {
        let hash = version.hash().to_string().parse().expect("it was printed");
        let kept = Version::kept(version.number(), version.previous(), version.document().to_owned(), hash);
        assert_eq!(kept.as_ref(), Ok(&version));
    }
}

#[test]
fn a_version_somebody_touched_is_found() {
    let version = history().remove(1);
    let other = version.document().replace("Rue de Rivoli", "Rue de Seine");
    let kept = |number, previous, document: &str| {
        Version::kept(number, previous, document.to_owned(), version.hash())
    };
    for touched in [
        kept(2, version.previous(), &other),
        kept(3, version.previous(), version.document()),
        kept(2, Hash::default(), version.document()),
    ] {
        let fault = touched.expect_err("it was touched");
        assert!(matches!(fault, VersionFault::Altered { .. }));
        assert!(fault.to_string().contains("was altered: its hash is "), "{fault}");
    }
}

#[test]
fn a_history_with_a_gap_or_of_two_is_found() {
    let history = history();
    let gap = check_history(None, &[history[0].clone(), history[2].clone()]);
    assert_eq!(gap, Err(VersionFault::Gap { expected: 2, found: 3 }));
    assert_eq!(check_history(None, &history[1..]), Err(VersionFault::Gap { expected: 1, found: 2 }));
    let elsewhere = Version::next(Some(&Version::next(None, &contoso()).expect("it is small")), &litware());
    let torn = check_history(None, &[history[0].clone(), elsewhere.expect("it is small")]);
    assert_eq!(torn, Err(VersionFault::Torn { number: 2 }));
}

#[test]
fn a_document_of_a_later_form_is_said_to_be_one() {
    let first = history().remove(0);
    let later = first.document().replace("format = 1", "format = 9");
    // Whoever wrote it hashed it rightly; only its document is beyond this program.
    let fault = Version::kept(1, Hash::default(), later, Hash([7; 32])).expect_err("the hash is another");
    let VersionFault::Altered { found, .. } = fault else { panic!("{fault}") };
    let later = first.document().replace("format = 1", "format = 9");
    let fault = Version::kept(1, Hash::default(), later, found).expect_err("the form is another");
    assert!(fault.to_string().starts_with("the document of version 1 cannot be read: line "), "{fault}");
    assert!(fault.to_string().contains("format 9 is not known"), "{fault}");
}

#[test]
fn a_hash_is_sixty_four_digits() {
    let hash = history()[0].hash();
    assert_eq!(hash.to_string().len(), 64);
    assert_eq!(hash.to_string().to_uppercase().parse(), Ok(hash));
    for bad in ["", "00", &"g".repeat(64), &"é".repeat(32), &"0".repeat(65)] {
        assert!(bad.parse::<Hash>().is_err(), "{bad}");
    }
}

/// Litware grows into Contoso, and back.
fn history() -> Vec<Version> {
    let mut history: Vec<Version> = Vec::new();
    for topology in [litware(), contoso(), litware()] {
        let next = Version::next(history.last(), &topology).expect("it is small");
        history.push(next);
    }
    history
}

#[test]
fn what_is_given_out_says_which_version_it_is_and_is_proved_by_it() {
    let first = Version::next(None, &litware()).expect("it fits");
    let second = Version::next(Some(&first), &contoso()).expect("it fits");
    let given = second.stamped();
    assert_eq!(Version::of_stamped(&given), Ok(second.clone()));
    assert_eq!(topology::parse(given.as_bytes()), Ok(contoso()), "it is a document all the same");
    assert_eq!(derived_from(&given), Some(2));
    assert_eq!(derived_from(&format!("# ours\n{}", given.replace("paris", "rome"))), Some(2));
    assert_eq!(derived_from(second.document()), None);
    let altered = Version::of_stamped(&given.replace("paris", "rome")).expect_err("it was changed");
    assert!(matches!(altered, VersionFault::Altered { number: 2, .. }), "{altered}");
    for unstamped in [
        second.document(),
        "",
        "# Published topology: version 2",
        "# Published topology: version x, after y, is z\n",
    ] {
        assert_eq!(Version::of_stamped(unstamped), Err(VersionFault::Unstamped), "{unstamped}");
    }
}
