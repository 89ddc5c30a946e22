//! The document as octets: what is written is read back, comments stand where they help, and bad documents say where they are bad.
//! What the words in it may be is in `words.rs`.

use topology::document::{DefaultFor, MachineState};
use topology::limits::DOCUMENT_BYTES_MAX;
use topology::{TextFault, Topology, parse, print};

use crate::world::{CONTOSO, LITWARE, contoso, litware, read};

#[test]
fn what_is_printed_is_read_back_and_printed_the_same() {
    for topology in [litware(), contoso(), Topology::default()] {
        let printed = print(&topology);
        assert_eq!(read(&printed), topology, "{printed}");
        assert_eq!(print(&read(&printed)), printed);
    }
}

#[test]
fn the_order_of_writing_means_nothing() {
    let mut turned = contoso();
    turned.pools.reverse();
    turned.pools.iter_mut().for_each(|pool| pool.machines.reverse());
    turned.sites.reverse();
    turned.stores.reverse();
    turned.front_end_pools[0].machines.reverse();
    assert_eq!(print(&turned), print(&contoso()));
}

#[test]
fn every_kind_of_table_and_field_is_explained_once() {
    let printed = print(&contoso());
    for line in [
        "# The store of rooms and what was said in them. Required.\ncontent-store = \"content\"\n",
        "# Its mirror: the synchronous standby that takes over.\n[store.mirror]\n",
        "# A machine of the pool.\n[[persistent-chat-pool.machine]]\n",
        "# `active` serves; `inactive` stands by.\nstate = \"active\"\n",
        "# Where it is.\nlocation = \"Rue de Rivoli\"\n",
    ] {
        assert_eq!(printed.matches(line).count(), 1, "{line} in {printed}");
    }
    assert_eq!(printed.matches("# The port on which front ends reach it").count(), 1);
    assert!(printed.starts_with("# The topology of a Causerie deployment"));
}

#[test]
fn what_is_not_written_has_its_documented_value() {
    let topology = litware();
    let pool = &topology.pools[0];
    assert_eq!((pool.port, pool.compliance, pool.disaster_recovery), (5041, false, false));
    assert_eq!((pool.default_for, pool.machines[0].state), (DefaultFor::Site, MachineState::Active));
    assert_eq!(pool.content_database.as_str(), "causerie_content");
    assert_eq!(contoso().stores[0].port(), 5432);
}

#[test]
fn names_are_read_in_any_case_and_kept_in_one() {
    let loud =
        LITWARE.replace("se.litware.example", "SE.Litware.Example").replace("\"office\"", "\"Office\"");
    assert_eq!(read(&loud), litware());
}

#[test]
fn a_bad_document_says_where_and_what() {
    let rows: &[(&str, &str, &str)] = &[
        (
            "format = 1",
            "format = 2",
            "line 2, column 10: format 2 is not known: this version reads format 1; take the version that wrote the document",
        ),
        ("format = 1", "", "line 1, column 1: missing field `format`"),
        (
            "site = \"office\"",
            "place = \"office\"",
            "line 10, column 1: unknown field `place`, expected one of `fqdn`, `site`, `store`",
        ),
        (
            "\"embedded\"",
            "\"oracle\"",
            "line 15, column 10: unknown variant `oracle`, expected `postgresql` or `embedded`",
        ),
        (
            "\"se.litware.example\"",
            "\"se\"",
            "line 9, column 8: 'se' is not a fully qualified domain name: write it as chat.example.com (two labels at least, of letters, digits and hyphens, 63 octets each and 253 in all)",
        ),
        ("kind = \"single\"", "kind = \"single", "line 26, column 15: invalid basic string, expected `\"`"),
        (
            "kind = \"single\"",
            "port = 70000\nkind = \"single\"",
            "line 26, column 8: invalid value: integer `70000`, expected u16",
        ),
    ];
    for (good, bad, says) in rows {
        let text = LITWARE.replacen(good, bad, 1);
        let fault = parse(text.as_bytes()).expect_err(bad);
        assert_eq!(fault.to_string(), *says);
    }
}

#[test]
fn what_is_no_text_or_too_long_is_refused() {
    assert_eq!(parse(b"format = 1 # \xFF"), Err(TextFault::NotUtf8 { at: 13 }));
    let long = vec![b'#'; DOCUMENT_BYTES_MAX + 1];
    assert_eq!(parse(&long), Err(TextFault::TooLarge { size: long.len() }));
    assert_eq!(
        parse(&long[1..]).expect_err("it has no format").to_string(),
        "line 1, column 1: missing field `format`"
    );
    let deep = format!("format = 1\nsite = {}", "[".repeat(DOCUMENT_BYTES_MAX / 2));
    assert!(matches!(parse(deep.as_bytes()), Err(TextFault::Malformed { .. })));
}

#[test]
fn a_mark_at_the_beginning_is_passed_over() {
    assert_eq!(parse(format!("\u{FEFF}{CONTOSO}").as_bytes()), Ok(contoso()));
}

#[test]
fn a_complaint_repeats_no_novel() {
    let text = format!("format = 1\n[[site]]\nid = \"{}\"", "novel ".repeat(10_000));
    let fault = parse(text.as_bytes()).expect_err("an identity is short").to_string();
    assert!(fault.chars().count() < 700, "{fault}");
}
