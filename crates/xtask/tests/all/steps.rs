//! The steps of `cargo xtask test`: their order, what they print where, and that the first failure ends them.
//! Cargo, node and npm are played by scripts, except where cargo is asked about the project.

use std::process::{Command, Output};

use crate::bench::Bench;

/// Runs `cargo xtask test --fast` on the bench; `failing` is a step of cargo that fails.
fn test_fast(bench: &Bench, failing: &str) -> (Output, Vec<String>) {
    let script = format!(
        "case \"$1\" in\n\
         metadata) exec \"$REAL_CARGO\" \"$@\" ;;\n\
         {failing}) test \"$2\" = --version || exit 101 ;;\n\
         test) echo 'test result: ok. 3 passed' ;;\n\
         *) echo noise ;;\n\
         esac\n\
         test \"$2\" = --version || echo \"$@\" >> \"$CALLS\"\n"
    );
    bench.write("bin/play.sh", &script);
    let path = std::env::var("PATH").expect("there is a path");
    let played = bench.folder().join("bin");
    // The script is started through a shell, so that no file is run that was open for writing a moment ago.
    let shell = "exec \"$XTASK\" test --fast";
    let output = Command::new("sh")
        .args(["-c", shell])
        .current_dir(bench.folder())
        .env("XTASK", env!("CARGO_BIN_EXE_xtask"))
        .env("PATH", format!("{}:{path}", played.display()))
        .env("CARGO", played.join("play"))
        .env("REAL_CARGO", env!("CARGO"))
        .env("CALLS", bench.folder().join("target/calls"))
        .output()
        .expect("there is a shell");
    let calls = std::fs::read_to_string(bench.folder().join("target/calls")).unwrap_or_default();
    (output, calls.lines().map(str::to_owned).collect())
}

/// A tidy project with a browser client; cargo, node and npm are played.
fn bench() -> Bench {
    let bench = Bench::tidy();
    bench.write("target/CACHEDIR.TAG", "");
    bench.write("web/package-lock.json", "{}");
    bench.write("bin/node.sh", "echo v22.12.0\n");
    let npm = "test \"$1\" = --version && exit\ntest \"$1\" = ci && mkdir -p node_modules\necho npm \"$@\" >> \"$CALLS\"\n";
    bench.write("bin/npm.sh", npm);
    let make = "for name in play node npm; do printf '#!/bin/sh\\n. \"$0.sh\"\\n' > \"$0/$name\" && chmod 755 \"$0/$name\"; done";
    let bin = bench.folder().join("bin");
    let status = Command::new("sh").args(["-c", make]).arg(bin).status().expect("there is a shell");
    assert!(status.success(), "a script can be written");
    bench
}

#[test]
fn the_steps_run_in_order_and_only_the_tests_speak_on_standard_output() {
    let (output, calls) = test_fast(&bench(), "none");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let words: Vec<&str> = calls.iter().filter_map(|call| call.split(' ').next()).collect();
    assert_eq!(words, ["fmt", "fmt", "npm", "npm", "npm", "npm", "clippy", "build", "test"]);
    let pages = ["npm ci --no-audit --no-fund", "npm run build", "npm run check", "npm run test"];
    assert_eq!(calls[2..6], pages);
    assert_eq!(calls[6], "clippy --workspace --all-targets --locked -- -D warnings");
    assert!(calls[8].starts_with("test --workspace --locked"), "{}", calls[8]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "test result: ok. 3 passed\n");
}

#[test]
fn a_lint_ends_the_run_before_the_tests() {
    let (output, calls) = test_fast(&bench(), "clippy");
    assert_eq!(output.status.code(), Some(1));
    assert!(calls.iter().all(|call| !call.starts_with("test")), "{calls:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("lints failed"));
}

#[test]
fn an_untidy_project_fails_before_anything_is_compiled() {
    let bench = bench();
    bench.write("crates/chat/src/lib.rs", "// no head\n");
    let (output, calls) = test_fast(&bench, "none");
    assert_eq!(output.status.code(), Some(1));
    assert!(calls.iter().all(|call| call.starts_with("fmt")), "{calls:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("crates/chat/src/lib.rs:1: head"));
}

#[test]
fn tests_that_fail_fail_the_run() {
    let (output, _) = test_fast(&bench(), "test");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("tests failed"));
}
