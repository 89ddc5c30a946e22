//! Nothing refers to files outside the project.
//! The places of machines are put together here, or this file would be untidy itself.

use crate::bench::Bench;

#[test]
fn a_path_of_a_machine_is_refused_in_any_text() {
    for place in
        [concat!("/ho", "me/alice/causerie"), concat!("/wo", "rk/main"), concat!("../sha", "red/spec")]
    {
        let bench = Bench::tidy();
        bench.write("docs/notes.txt", &format!("First line.\nSee {place} for more.\n"));
        bench.complains("docs/notes.txt:2: outside:", "not in the project");
    }
}

#[test]
fn the_same_letters_inside_an_address_are_no_path_of_a_machine() {
    let bench = Bench::tidy();
    bench.write("docs/notes.txt", concat!("See https://example.com/ho", "me/alice.\n"));
    assert_eq!(bench.complaints(), Vec::<String>::new());
}

#[test]
fn a_relative_path_may_climb_to_the_root_and_no_further() {
    let bench = Bench::tidy();
    bench.append("crates/store/src/lib.rs", "pub const A: &str = include_str!(\"../../../Cargo.toml\");");
    assert_eq!(bench.complaints(), Vec::<String>::new());
    bench.append("crates/store/src/lib.rs", "pub const B: &str = include_str!(\"../../../../Cargo.toml\");");
    bench.complains("crates/store/src/lib.rs:3: outside:", "../../../../Cargo.toml");
}

#[test]
fn a_manifest_that_takes_a_crate_from_beside_the_project_is_refused() {
    let bench = Bench::tidy();
    bench.manifest("store", "[dependencies]\n# ours = { path = \"../../../ours\" }\n");
    bench.complains("crates/store/Cargo.toml:7: outside:", "../../../ours");
}

#[test]
fn a_lock_file_names_crates_io_only() {
    let bench = Bench::tidy();
    bench.write("Cargo.lock", "source = \"registry+https://github.com/rust-lang/crates.io-index\"\n");
    assert_eq!(bench.complaints(), Vec::<String>::new());
    bench.append("Cargo.lock", "source = \"registry+https://crates.example.com/index\"");
    bench.complains("Cargo.lock:2: outside:", "somewhere else than crates.io");
}

#[test]
fn build_products_are_not_the_project() {
    let bench = Bench::tidy();
    bench.write("target/debug/notes.txt", concat!("/ho", "me/alice\n"));
    bench.write(".git/config", concat!("/ho", "me/alice\n"));
    assert_eq!(bench.complaints(), Vec::<String>::new());
}
