//! Links and references of documents.
//! Addresses on the network are left alone.

use crate::bench::Bench;

#[test]
fn links_that_lead_somewhere_are_followed_silently() {
    let bench = Bench::tidy();
    bench.write(
        "README.md",
        "# Read me\n\n[a](docs/guide.md) [b](docs/guide.md#the-first-step) [c](#read-me) [d](docs/)\n",
    );
    bench.write(
        "docs/guide.md",
        "# Guide\n\n## The first step\n\n[back](../README.md), [web](https://example.com/nothing)\n",
    );
    assert_eq!(bench.complaints(), Vec::<String>::new());
}

#[test]
fn a_link_to_nothing_is_named_with_its_line() {
    let bench = Bench::tidy();
    bench.write("README.md", "# Read me\n\nSee [the guide](docs/guide.md).\n");
    bench.complains("README.md:3: link:", "docs/guide.md: there is no such file");
}

#[test]
fn a_link_to_a_heading_that_is_not_there_is_named() {
    let bench = Bench::tidy();
    bench.write("README.md", "# Read me\n\n[further down](#nowhere)\n");
    bench.complains("README.md:3: link:", "no such heading");
}

#[test]
fn a_link_that_leaves_the_project_is_refused() {
    let bench = Bench::tidy();
    bench.write("README.md", "# Read me\n\n[beside](../other/README.md)\n");
    bench.complains("README.md:3: link:", "leaves the project");
}

#[test]
fn a_link_shown_as_code_is_none() {
    let bench = Bench::tidy();
    bench.write("README.md", "# Read me\n\nWrite `[a](b.md)`.\n\n```\n[a](c.md)\n```\n");
    assert_eq!(bench.complaints(), Vec::<String>::new());
}

#[test]
fn the_protocol_names_files_that_exist() {
    let bench = Bench::tidy();
    bench.append("docs/protocol.md", "| 2 | `crates/chat/src/gone.rs` |");
    bench.complains("docs/protocol.md:6: protocol:", "crates/chat/src/gone.rs does not exist");
}

#[test]
fn every_transcript_has_its_clause() {
    let bench = Bench::tidy();
    bench.write("transcripts/join.txt", "alice arrives\n");
    bench.complains("transcripts/join.txt:1: protocol:", "no clause");
    bench.append("docs/protocol.md", "| 2 | `transcripts/join.txt` |");
    assert_eq!(bench.complaints(), Vec::<String>::new());
}
