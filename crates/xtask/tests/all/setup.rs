//! What is installed, by whom, and what is said when it cannot be.
//! The machine is played by scripts: nothing is installed here.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// A machine on which only `xtask` is real.
struct Machine {
    folder: TempDir,
}

impl Machine {
    /// A machine with apt on which nothing is installed; `user` is who asks, 0 for root.
    fn bare(user: u32) -> Machine {
        let machine = Machine { folder: TempDir::new().expect("a temporary folder can be made") };
        std::fs::create_dir(machine.folder.path().join("crates")).expect("a folder can be made");
        std::fs::write(machine.folder.path().join("Cargo.toml"), "").expect("a file can be written");
        machine.program("id", &format!("echo {user}"));
        machine.program("cargo", "exit 0");
        machine.program("dpkg-query", "test -e \"$HERE/installed\" && printf installed");
        machine.program(
            "apt-get",
            "echo \"$@\" >> \"$HERE/calls\"; test \"$1\" != install || : > \"$HERE/installed\"",
        );
        machine
    }

    fn program(&self, name: &str, script: &str) {
        // Written by another process: were the file open for writing in this one, a test that starts a program at the
        // same moment would hand it on, and the system would call the script busy.
        let write = "printf '#!/bin/sh\\n%s\\n' \"$1\" > \"$0\" && chmod 755 \"$0\"";
        let path = self.folder.path().join(name);
        let status =
            Command::new("sh").args(["-c", write]).arg(path).arg(script).status().expect("there is a shell");
        assert!(status.success(), "a script can be written");
    }

    fn without(self, name: &str) -> Machine {
        std::fs::remove_file(self.folder.path().join(name)).expect("the script is there");
        self
    }

    fn setup(&self) -> Output {
        let here = self.folder.path();
        Command::new(env!("CARGO_BIN_EXE_xtask"))
            .arg("setup")
            .current_dir(here)
            .env("PATH", here)
            .env("HERE", here)
            .env("CARGO", here.join("cargo"))
            .output()
            .expect("xtask was built for this test")
    }

    /// What apt-get was asked to do, a call a line.
    fn calls(&self) -> Vec<String> {
        let calls = std::fs::read_to_string(Path::new(self.folder.path()).join("calls")).unwrap_or_default();
        calls.lines().filter(|call| *call != "--version").map(str::to_owned).collect()
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn root_gets_what_is_missing_installed() {
    let machine = Machine::bare(0);
    let output = machine.setup();
    assert!(output.status.success(), "{}", said(&output));
    let calls = machine.calls();
    assert_eq!(calls.len(), 2, "{calls:?}");
    assert_eq!(calls[0], "update");
    assert!(calls[1].starts_with("install -y --no-install-recommends gcc make pkg-config"), "{}", calls[1]);
    assert!(calls[1].ends_with("pidgin-sipe"), "{}", calls[1]);
    assert!(output.stdout.is_empty(), "standard output is for the tests");
}

#[test]
fn what_is_there_is_not_installed_again() {
    let machine = Machine::bare(0);
    assert!(machine.setup().status.success());
    assert!(machine.setup().status.success());
    assert_eq!(machine.calls().len(), 2, "the second set-up finds everything");
}

#[test]
fn anybody_else_gets_the_list_and_the_command() {
    let machine = Machine::bare(1000);
    let output = machine.setup();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(machine.calls(), Vec::<String>::new());
    let said = said(&output);
    assert!(said.contains("apt-get update && apt-get install -y --no-install-recommends gcc make"), "{said}");
    assert!(said.contains("missing: pidgin-sipe"), "{said}");
}

#[test]
fn a_program_that_is_there_by_other_means_is_not_asked_for() {
    let machine = Machine::bare(1000);
    machine.program("gcc", "exit 0");
    let said = said(&machine.setup());
    assert!(said.contains("--no-install-recommends make pkg-config"), "{said}");
}

#[test]
fn a_system_without_apt_gets_the_list_too() {
    let machine = Machine::bare(0).without("apt-get");
    let output = machine.setup();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("there is no apt-get here"), "{}", said(&output));
}

#[test]
fn apt_that_fails_is_not_passed_over() {
    let machine = Machine::bare(0);
    machine.program("apt-get", "test \"$1\" = --version");
    let output = machine.setup();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("apt-get update failed"), "{}", said(&output));
}

#[test]
fn a_toolchain_without_rustfmt_is_completed_or_named() {
    let machine = Machine::bare(0);
    machine.program("cargo", "test \"$1\" != fmt || test -e \"$HERE/rustfmt\"");
    let output = machine.setup();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("rustup component add rustfmt"), "{}", said(&output));
    machine.program("rustup", ": > \"$HERE/$3\"");
    assert!(machine.setup().status.success());
}
