//! Heads, unfinished code, tests apart.
//! The words that must not stand in a file are put together here, or this file would be untidy itself.

use crate::bench::Bench;

#[test]
fn a_file_that_does_not_say_what_it_is_for_is_refused_wherever_it_stands() {
    for path in ["crates/chat/src/room.rs", "crates/chat/tests/all.rs", "fuzz/fuzz_targets/sip.rs"] {
        let bench = Bench::tidy();
        bench.write(path, "// A comment is no head.\n");
        bench.complains(&format!("{path}:1: head:"), "does not begin with `//!`");
    }
}

#[test]
fn unfinished_code_is_refused_in_tests_too() {
    for line in [
        "fn f() { todo!() }",
        "fn f() { unimplemented!() }",
        "fn f() { dbg!(1); }",
        "#[ignore]",
        "#[ignore = \"slow\"]",
    ] {
        let bench = Bench::tidy();
        bench.write("crates/store/tests/all.rs", &format!("//! Tests. Nothing else.\n{line}\n"));
        bench.complains("crates/store/tests/all.rs:2: unfinished:", ";");
    }
}

#[test]
fn to_speak_of_unfinished_code_is_allowed() {
    let bench = Bench::tidy();
    bench.append("crates/store/src/lib.rs", "// no todo!() here\npub const WORD: &str = \"dbg!\";");
    assert_eq!(bench.complaints(), Vec::<String>::new());
}

#[test]
fn tests_among_the_code_are_refused_and_a_file_of_tests_is_not() {
    let bench = Bench::tidy();
    bench.append("crates/store/src/lib.rs", "#[cfg(test)]\nmod tests;");
    bench.write("crates/store/src/tests.rs", "//! Tests. Nothing else.\nfn f() { x().unwrap(); }\n");
    assert_eq!(bench.complaints(), Vec::<String>::new());
    bench.write("crates/store/src/lib.rs", "//! Store. No shop.\n#[cfg(test)]\nmod tests {\n}\n");
    bench.complains("crates/store/src/lib.rs:3: apart:", "tests stand among the code");
}

#[test]
fn unwrap_is_refused_in_what_ships_and_allowed_in_what_serves_tests() {
    let bench = Bench::tidy();
    bench.append("crates/testkit/src/lib.rs", "pub fn f() { x().unwrap(); }");
    assert_eq!(bench.complaints(), Vec::<String>::new());
    bench.append("crates/store/src/lib.rs", "pub fn f() { x().unwrap(); }");
    bench.complains("crates/store/src/lib.rs:2: unwrap:", "expect");
}
