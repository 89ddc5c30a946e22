//! File, function and nesting limits, and the waivers from them.
//! Each limit is tried at its edge.

use crate::bench::Bench;

const FILE: &str = "crates/store/src/long.rs";

fn file_of(lines: usize) -> String {
    format!("//! Long. Not short.\n{}", "const A: u8 = 0;\n".repeat(lines - 1))
}

/// A method of so many lines, from `fn` to its closing brace.
fn method_of(lines: usize) -> String {
    let body = "        call();\n".repeat(lines - 2);
    format!("//! Long. Not short.\nimpl Thing {{\n    fn run(&self) {{\n{body}    }}\n}}\n")
}

/// A function whose innermost block is on this level, its body being the first.
fn function_of_depth(levels: usize) -> String {
    let open: String = (1..levels).map(|level| format!("{}if call() {{\n", "    ".repeat(level))).collect();
    let close: String = (1..levels).rev().map(|level| format!("{}}}\n", "    ".repeat(level))).collect();
    format!("//! Deep. Not flat.\nfn run() {{\n{open}{close}    call(Point {{ x: 1, y: 2 }});\n}}\n")
}

#[test]
fn a_file_of_500_lines_fits_and_one_of_501_does_not() {
    let bench = Bench::tidy();
    bench.write(FILE, &file_of(500));
    assert_eq!(bench.complaints(), Vec::<String>::new());
    bench.write(FILE, &file_of(501));
    bench.complains("crates/store/src/long.rs:501: limits:", "501 lines, 500 at most");
}

#[test]
fn a_function_of_70_lines_fits_and_one_of_71_does_not() {
    let bench = Bench::tidy();
    bench.write(FILE, &method_of(70));
    assert_eq!(bench.complaints(), Vec::<String>::new());
    bench.write(FILE, &method_of(71));
    bench.complains("crates/store/src/long.rs:3: limits:", "run has 71 lines, 70 at most");
}

#[test]
fn four_levels_fit_and_five_do_not() {
    let bench = Bench::tidy();
    bench.write(FILE, &function_of_depth(4));
    assert_eq!(bench.complaints(), Vec::<String>::new());
    bench.write(FILE, &function_of_depth(5));
    bench.complains("crates/store/src/long.rs:6: limits:", "run is 5 levels deep, 4 at most");
}

#[test]
fn tests_may_be_long() {
    let bench = Bench::tidy();
    bench.write("crates/store/tests/all.rs", &file_of(600));
    bench.write("crates/store/src/journal/tests.rs", &method_of(100));
    assert_eq!(bench.complaints(), Vec::<String>::new());
}

#[test]
fn braces_in_texts_and_comments_do_not_open_levels() {
    let bench = Bench::tidy();
    let body = "    let _ = \"{{{{{\n\"; // {\n    let _ = '{';\n    let _ = b'{';\n    let _: fn(u8) -> u8 = call;\n";
    bench.write(
        FILE,
        &format!(
            "//! Odd. Not even.\nfn run<'a>(x: [u8; 3]) -> &'a str {{\n{body}}}\n{}",
            "// x\n".repeat(80)
        ),
    );
    assert_eq!(bench.complaints(), Vec::<String>::new());
}

#[test]
fn a_waiver_with_a_reason_covers_what_it_names_and_nothing_else() {
    let bench = Bench::tidy();
    bench.write(FILE, &method_of(90));
    bench.write(
        "tidy-waivers.txt",
        "# remarks are free\ncrates/store/src/long.rs run: a table of ninety rows\n",
    );
    assert_eq!(bench.complaints(), Vec::<String>::new());
    bench.write("tidy-waivers.txt", "crates/store/src/long.rs: the file is not what is too long\n");
    let complaints = bench.complaints();
    assert_eq!(complaints.len(), 2, "the function is not covered, the waiver not needed: {complaints:#?}");
}

#[test]
fn a_waiver_nobody_needs_any_more_is_refused() {
    let bench = Bench::tidy();
    bench.write(FILE, &file_of(10));
    bench.write("tidy-waivers.txt", "\ncrates/store/src/long.rs: was long once\n");
    bench.complains("tidy-waivers.txt:2: waiver:", "take this line out");
}

#[test]
fn a_waiver_without_a_reason_is_refused() {
    let bench = Bench::tidy();
    bench.write(FILE, &file_of(501));
    bench.write("tidy-waivers.txt", "crates/store/src/long.rs\n");
    bench.complains("tidy-waivers.txt:1: waiver:", "no reason given");
}
