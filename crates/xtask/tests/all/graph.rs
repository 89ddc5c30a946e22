//! Who may use whom, and the purity of the words shelf.
//! The table is the bench's own.

use crate::bench::Bench;

#[test]
fn a_project_that_keeps_to_its_table_is_tidy() {
    assert_eq!(Bench::tidy().complaints(), Vec::<String>::new());
}

#[test]
fn a_face_that_reaches_for_the_store_is_named_with_its_line() {
    let bench = Bench::tidy();
    bench.manifest("frontend", "[dependencies]\nstore = { path = \"../store\" }\n");
    bench.complains("crates/frontend/Cargo.toml:7: graph:", "frontend (faces) must not use store");
}

#[test]
fn testkit_is_welcome_in_tests_and_refused_in_what_ships() {
    let bench = Bench::tidy();
    bench.manifest("store", "[dev-dependencies]\ntestkit = { path = \"../testkit\" }\n");
    assert_eq!(bench.complaints(), Vec::<String>::new());
    bench.manifest("store", "[dependencies]\ntestkit = { path = \"../testkit\" }\n");
    bench.complains("crates/store/Cargo.toml:7: graph:", "store ships testkit");
}

#[test]
fn a_crate_does_not_reach_up_for_its_tests_either() {
    let bench = Bench::tidy();
    bench.manifest("chat", "[dev-dependencies]\nstore = { path = \"../store\" }\n");
    bench.manifest("store", "");
    bench.complains("crates/chat/Cargo.toml:7: graph:", "chat (words) must not use store");
}

#[test]
fn a_pure_crate_uses_known_pure_libraries_only() {
    let bench = Bench::tidy();
    bench.manifest("chat", "[dependencies]\nbytes = \"1\"\n\n[dev-dependencies]\nproptest = \"1\"\n");
    assert_eq!(bench.complaints(), Vec::<String>::new());
    bench.manifest("chat", "[dependencies]\nbytes = \"1\"\ntokio = \"1\"\n");
    bench.complains("crates/chat/Cargo.toml:8: graph:", "tokio is not known to be");
}

#[test]
fn a_crate_without_a_row_and_a_row_without_a_crate_are_both_named() {
    let bench = Bench::tidy();
    bench.manifest("files", "");
    bench.write("crates/files/src/lib.rs", "//! Files. No folders.\n");
    bench.complains("crates/files/Cargo.toml:1: graph:", "files has no row");
    bench.append(
        "ARCHITECTURE.md",
        "\n| Crate | Shelf | May use |\n| --- | --- | --- |\n| `files` | keeping | `chat` |",
    );
    assert_eq!(bench.complaints(), Vec::<String>::new());
    bench.append("ARCHITECTURE.md", "| `pool` | work | `chat` |");
    bench.complains("ARCHITECTURE.md:16: graph:", "there is no crate pool");
}

#[test]
fn a_table_that_lets_a_lower_shelf_use_a_higher_one_is_refused() {
    let bench = Bench::tidy();
    let table = "| Crate | Shelf | May use |\n| --- | --- | --- |\n| `chat` | words | `store` |\n";
    bench.append("ARCHITECTURE.md", &format!("\n{table}"));
    bench.complains("ARCHITECTURE.md:15: table:", "chat (words) may not use store (keeping)");
}

#[test]
fn a_pure_crate_that_names_the_ambient_world_is_told_what_to_do_instead() {
    for (line, instead) in [
        ("use std::net::TcpStream;", "core::net"),
        ("use std::time::SystemTime;", "time is an argument"),
        ("fn start() -> std::time::Instant;", "time is an argument"),
        ("pub async fn wait() {}", "nothing waits here"),
        ("use std::fs;", "no files here"),
    ] {
        let bench = Bench::tidy();
        bench.append("crates/chat/src/lib.rs", line);
        bench.complains("crates/chat/src/lib.rs:2: purity:", instead);
    }
}

#[test]
fn words_in_comments_texts_and_longer_names_do_not_count_against_purity() {
    let bench = Bench::tidy();
    bench.append(
        "crates/chat/src/lib.rs",
        "// tokio and std::fs are not used here\n/* nor /* async */ SystemTime */",
    );
    bench.append(
        "crates/chat/src/lib.rs",
        "pub const WORD: &str = r#\"std::net \" tokio\"#;\npub struct Instantly<'a>(&'a str);",
    );
    bench.append(
        "crates/chat/src/lib.rs",
        "pub const QUOTE: char = '\"'; // \"\npub const AFTER: &str = \"\\\" Instant\";",
    );
    assert_eq!(bench.complaints(), Vec::<String>::new());
}

#[test]
fn the_ambient_world_is_allowed_above_the_words() {
    let bench = Bench::tidy();
    bench.append("crates/store/src/lib.rs", "use std::fs;");
    assert_eq!(bench.complaints(), Vec::<String>::new());
}
