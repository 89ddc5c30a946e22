//! What `cargo xtask counts` reads, prints, compares and writes down.
//! Compiler and callgrind are played by scripts: nothing is counted here.

use std::process::{Command, Output};

use crate::bench::Bench;

const BASELINE: &str = "crates/counts/baseline.toml";

/// A workshop where the codecs cost what a story says.
struct Workshop {
    bench: Bench,
}

/// A codec as a story has it: its name, its messages, its instructions, its allocations.
type Codec<'a> = (&'a str, u64, u64, u64);

const PARSER: Codec<'static> = ("info-parsed", 7, 70_000, 21);
const PRINTER: Codec<'static> = ("post-printed", 10, 90_000, 30);

impl Workshop {
    fn new() -> Workshop {
        let workshop = Workshop { bench: Bench::tidy() };
        workshop.bench.manifest("counts", "");
        workshop.bench.write("crates/counts/src/main.rs", "");
        workshop.program("dpkg-query", "printf installed");
        workshop.program("cargo", "test \"$1\" != metadata || exec \"$REAL_CARGO\" \"$@\"");
        workshop.compiler("1.95.0");
        workshop
    }

    /// A script on the path.
    fn program(&self, name: &str, script: &str) {
        self.bench.write(&format!("bin/{name}.sh"), &format!("{script}\n"));
        // Written by another process: were the file open for writing in this one, the system could call it busy.
        let make = "printf '#!/bin/sh\\n. \"$0.sh\"\\n' > \"$0\" && chmod 755 \"$0\"";
        let path = self.bench.folder().join("bin").join(name);
        let status = Command::new("sh").args(["-c", make]).arg(path).status().expect("there is a shell");
        assert!(status.success(), "a script can be written");
    }

    fn compiler(&self, version: &str) {
        let says = format!("rustc {version} (0123456 2026-01-01)\\nbinary: rustc\\nhost: x86_64-test\\n");
        self.program("rustc", &format!("test \"$1\" = -vV && printf '{says}'"));
    }

    /// Callgrind that counts this on a processor with these vectors.
    fn callgrind(&self, processor: &str, codecs: &[Codec<'_>]) {
        let program = self.bench.folder().join("target/release/counts");
        let program = program.display().to_string();
        let mut out = String::from("# callgrind format\nversion: 1\n");
        let mut said = format!("processor {processor}\n");
        for (name, messages, instructions, allocations) in codecs {
            out.push_str(&part("--dump-before=counts::measured", &program, 5_000_000, 999));
            out.push_str(&part("--dump-after=counts::measured", &program, *instructions, *allocations));
            said.push_str(&format!("codec {name} {messages}\n"));
        }
        out.push_str(&part("Program termination", &program, 8_000, 3));
        self.bench.write("callgrind.txt", &out);
        self.bench.write("said.txt", &said);
        let here = self.bench.folder().display();
        let script = format!(
            "for word in \"$@\"; do case \"$word\" in --callgrind-out-file=*) out=${{word#*=}} ;; esac; done\n\
             mkdir -p \"${{out%/*}}\" && cp {here}/callgrind.txt \"$out\" && cat {here}/said.txt"
        );
        self.program("valgrind", &script);
    }

    fn counts(&self, options: &[&str]) -> Output {
        let path = std::env::var("PATH").expect("there is a path");
        let played = self.bench.folder().join("bin");
        Command::new(env!("CARGO_BIN_EXE_xtask"))
            .arg("counts")
            .args(options)
            .current_dir(self.bench.folder())
            .env("PATH", format!("{}:{path}", played.display()))
            .env("CARGO", played.join("cargo"))
            .env("REAL_CARGO", env!("CARGO"))
            .env_remove("RUSTC")
            .env_remove("CARGO_TARGET_DIR")
            .output()
            .expect("xtask was built for this test")
    }

    /// Counts `codecs` and writes them down.
    fn write_down(&self, codecs: &[Codec<'_>]) {
        self.callgrind("avx2", codecs);
        let output = self.counts(&["--write"]);
        assert!(output.status.success(), "{}", said(&output));
    }

    /// What is said when these are counted.
    fn count(&self, codecs: &[Codec<'_>]) -> Output {
        self.callgrind("avx2", codecs);
        self.counts(&[])
    }

    fn baseline(&self) -> String {
        std::fs::read_to_string(self.bench.folder().join(BASELINE)).unwrap_or_default()
    }
}

/// A part of callgrind's output: the program's own code in two functions, what it calls of the C library, and that library's cost.
fn part(trigger: &str, program: &str, instructions: u64, allocations: u64) -> String {
    let first = instructions / 3;
    let rest = instructions - first;
    format!(
        "part: 1\n\n\ndesc: I1 cache: \ndesc: Trigger: {trigger}\n\npositions: line\nevents: Ir\nsummary: 1\n\n\n\
         ob={program}\nfl=???\nfn=sip::message::Message::parse\n0 {first}\n\
         cob=/usr/lib/libc.so.6\ncfi=malloc.c\ncfn=malloc\ncalls={allocations} 3281 \n0 777777\n\
         cfn=sip::fields::Fields::read\ncalls=12 0 \n0 {rest}\n\n\
         fn=sip::fields::Fields::read\n0 {rest}\n\
         cob=/usr/lib/libc.so.6\ncfi=memcpy.S\ncfn=memcpy\ncalls=4 0 \n0 31\n\n\
         ob=/usr/lib/libc.so.6\nfl=malloc.c\nfn=malloc\n3281 500000\nfe=other.c\n12 9\n\
         cfn=_int_malloc\ncalls=8 40 \n3290 277777\ncfn=malloc\ncalls=8 40 \n3290 7\n\ntotals: 1\n\n"
    )
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn what_is_as_it_was_passes_and_stands_in_a_table() {
    let workshop = Workshop::new();
    workshop.write_down(&[PARSER, PRINTER]);
    let output = workshop.count(&[("info-parsed", 7, 70_700, 21), PRINTER]);
    assert!(output.status.success(), "{}", said(&output));
    let table = printed(&output);
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(table.lines().next(), Some("rustc 1.95.0 (0123456 2026-01-01), x86_64-test, avx2"));
    assert_eq!(rows[3], ["info-parsed", "10100", "10000", "1.010", "3.0", "3.0"]);
    assert_eq!(rows[4], ["post-printed", "9000", "9000", "1.000", "3.0", "3.0"]);
}

#[test]
fn only_the_programs_own_code_inside_the_measured_function_counts() {
    let workshop = Workshop::new();
    workshop.write_down(&[PARSER]);
    let line = "info-parsed = { messages = 7, instructions = 70000, allocations = 21 }";
    assert!(workshop.baseline().contains(line), "{}", workshop.baseline());
}

#[test]
fn a_codec_that_takes_more_fails_and_says_what_to_do() {
    let workshop = Workshop::new();
    workshop.write_down(&[PARSER, PRINTER]);
    let output = workshop.count(&[("info-parsed", 7, 72_800, 21), PRINTER]);
    assert_eq!(output.status.code(), Some(1));
    let said = said(&output);
    let sentence = "info-parsed takes 10400.0 instructions a message, 4.0 % more than 10000.0";
    assert!(said.contains(sentence), "{said}");
    assert!(!said.contains("post-printed"), "{said}");
    assert!(said.contains("`cargo xtask counts --write`, with the reason in the commit"), "{said}");
}

#[test]
fn a_codec_that_takes_fewer_is_to_be_written_down_too() {
    let workshop = Workshop::new();
    workshop.write_down(&[PARSER]);
    let output = workshop.count(&[("info-parsed", 7, 60_000, 21)]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("14.3 % fewer than 10000.0"), "{}", said(&output));
}

#[test]
fn three_in_a_hundred_are_let_pass() {
    let workshop = Workshop::new();
    workshop.write_down(&[PARSER]);
    for (instructions, passes) in [(72_100, true), (72_101, false), (67_900, true), (67_899, false)] {
        let output = workshop.count(&[("info-parsed", 7, instructions, 21)]);
        assert_eq!(output.status.success(), passes, "{instructions}: {}", said(&output));
    }
}

#[test]
fn an_allocation_more_is_seen_though_it_costs_little_of_our_own() {
    let workshop = Workshop::new();
    workshop.write_down(&[PARSER, ("info-written", 7, 18_000, 0)]);
    let output = workshop.count(&[("info-parsed", 7, 70_000, 28), ("info-written", 7, 18_000, 7)]);
    assert_eq!(output.status.code(), Some(1));
    let said = said(&output);
    assert!(said.contains("info-parsed takes 4.0 allocations a message, 33.3 % more than 3.0"), "{said}");
    assert!(said.contains("info-written takes 1.0 allocations a message, none before"), "{said}");
}

#[test]
fn one_allocation_among_many_is_seen() {
    let workshop = Workshop::new();
    workshop.write_down(&[("post-parsed", 7, 140_000, 312)]);
    let output = workshop.count(&[("post-parsed", 7, 140_000, 313)]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("post-parsed takes 44.7 allocations a message"), "{}", said(&output));
}

#[test]
fn a_codec_that_is_new_or_gone_is_named() {
    let workshop = Workshop::new();
    workshop.write_down(&[PARSER]);
    let output = workshop.count(&[PRINTER]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("post-printed is counted and not written down"), "{}", said(&output));
    assert!(said(&output).contains("info-parsed is written down and not counted"), "{}", said(&output));
}

#[test]
fn other_messages_are_not_compared() {
    let workshop = Workshop::new();
    workshop.write_down(&[PARSER]);
    let output = workshop.count(&[("info-parsed", 8, 70_000, 21)]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("info-parsed is given 8 messages, 7 before"), "{}", said(&output));
}

#[test]
fn an_unknown_compiler_or_processor_prints_and_passes() {
    let workshop = Workshop::new();
    workshop.write_down(&[PARSER]);
    let twice = [("info-parsed", 7, 140_000, 42)];
    workshop.compiler("1.96.0");
    let output = workshop.count(&twice);
    assert!(output.status.success(), "{}", said(&output));
    assert!(printed(&output).contains("info-parsed"), "{}", printed(&output));
    assert!(said(&output).contains("nothing is written down of this build"), "{}", said(&output));
    workshop.compiler("1.95.0");
    workshop.callgrind("plain", &twice);
    let output = workshop.counts(&[]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(!workshop.count(&twice).status.success(), "the known build is still compared");
}

#[test]
fn writing_replaces_the_build_and_keeps_the_others() {
    let workshop = Workshop::new();
    workshop.write_down(&[PARSER]);
    workshop.compiler("1.96.0");
    workshop.write_down(&[("info-parsed", 7, 50_000, 21)]);
    workshop.write_down(&[("info-parsed", 7, 49_000, 21)]);
    let baseline = workshop.baseline();
    assert_eq!(baseline.matches("[[counted]]").count(), 2, "{baseline}");
    assert!(!baseline.contains("50000"), "{baseline}");
    for (version, instructions) in [("1.95.0", 70_000), ("1.96.0", 49_000)] {
        workshop.compiler(version);
        let output = workshop.count(&[("info-parsed", 7, instructions, 21)]);
        assert!(output.status.success(), "{}", said(&output));
        assert!(printed(&output).contains(" 1.000 "), "{}", printed(&output));
    }
}

#[test]
fn a_program_that_was_not_counted_is_no_success() {
    let workshop = Workshop::new();
    workshop.callgrind("avx2", &[PARSER]);
    let out = std::fs::read_to_string(workshop.bench.folder().join("callgrind.txt")).expect("it was written");
    workshop.bench.write("callgrind.txt", &out.replace("--dump-after=counts::measured", "never"));
    let output = workshop.counts(&["--write"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("did 1 codecs, of which 0 were counted"), "{}", said(&output));
    assert_eq!(workshop.baseline(), "");
}

#[test]
fn output_of_another_form_is_named_by_its_line() {
    let workshop = Workshop::new();
    workshop.callgrind("avx2", &[PARSER]);
    let out = std::fs::read_to_string(workshop.bench.folder().join("callgrind.txt")).expect("it was written");
    workshop.bench.write("callgrind.txt", &out.replace("events: Ir", "events: Dr"));
    let output = workshop.counts(&[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).contains("line 10 is not as callgrind 3 writes it: events: Dr"),
        "{}",
        said(&output)
    );
}

#[test]
fn a_baseline_that_cannot_be_read_is_named() {
    let workshop = Workshop::new();
    workshop.write_down(&[PARSER]);
    workshop.bench.append(BASELINE, "info-cut = 7");
    let output = workshop.count(&[PARSER]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains(BASELINE), "{}", said(&output));
}
