//! What the tests need from the machine: packages of the distribution and parts of the Rust toolchain.
//! Installs what is missing when it may; never changes what is there.

use std::process::{Command, Stdio};

use crate::step;
use crate::trouble::Trouble;

/// One package, and what shows that its job is done by other means.
struct Need {
    package: &'static str,
    sign: Sign,
    why: &'static str,
}

/// What shows that a package is not needed.
enum Sign {
    /// The package itself.
    Itself,
    /// A program on the path.
    Program(&'static str),
    /// A module that Python can load.
    Module(&'static str),
}

/// What Debian always has (its Essential packages: `script`, `setpriv`, `stty`, `env`, a shell) is not listed.
const NEEDS: &[Need] = &[
    Need { package: "gcc", sign: Sign::Program("gcc"), why: "compiles the driver of the real client" },
    Need { package: "make", sign: Sign::Program("make"), why: "builds the driver" },
    Need { package: "pkg-config", sign: Sign::Program("pkg-config"), why: "finds the driver's libraries" },
    Need { package: "python3", sign: Sign::Program("python3"), why: "runs the acceptance walk" },
    Need {
        package: "python3-venv",
        sign: Sign::Module("ensurepip"),
        why: "keeps schemathesis apart from everything else",
    },
    Need {
        package: "curl",
        sign: Sign::Program("curl"),
        why: "runs the commands of the guide of administration",
    },
    Need {
        package: "strace",
        sign: Sign::Program("strace"),
        why: "sees that a post is on the disk before its answer",
    },
    Need {
        package: "valgrind",
        sign: Sign::Program("valgrind"),
        why: "counts the instructions of the codecs",
    },
    Need {
        package: "postgresql",
        sign: Sign::Itself,
        why: "keeps what the stories of the store keep, beside SQLite",
    },
    Need {
        package: "chromium",
        sign: Sign::Program("chromium"),
        why: "shows the pages of the browser client",
    },
    Need {
        package: "nats-server",
        sign: Sign::Program("nats-server"),
        why: "carries hints between the servers of the stories of the pool",
    },
    Need { package: "libpurple-dev", sign: Sign::Itself, why: "the client's library" },
    Need { package: "libglib2.0-dev", sign: Sign::Itself, why: "the client's event loop" },
    Need { package: "libxml2-dev", sign: Sign::Itself, why: "the work-around for blind clients" },
    Need { package: "pidgin-sipe", sign: Sign::Itself, why: "the real client itself" },
];

/// Makes sure that every package is there.
///
/// # Errors
/// [`Trouble::PackagesMissing`] when some are missing and this is not root on a Debian-like system;
/// [`Trouble::Failed`] when apt-get fails.
pub fn packages() -> Result<(), Trouble> {
    let missing = missing();
    if missing.is_empty() {
        return Ok(());
    }
    for need in &missing {
        eprintln!("missing: {:<16} {}", need.package, need.why);
    }
    let packages: Vec<&'static str> = missing.iter().map(|need| need.package).collect();
    if !step::succeeds(Command::new("apt-get").arg("--version")) {
        let why = "packages are missing (these are their Debian names) and there is no apt-get here";
        return Err(Trouble::PackagesMissing { packages, why });
    }
    if !is_root() {
        return Err(Trouble::PackagesMissing {
            packages,
            why: "packages are missing and only root can install them",
        });
    }
    step::run("apt-get update", apt_get().arg("update"))?;
    let mut install = apt_get();
    install.args(["install", "-y", "--no-install-recommends"]).args(&packages);
    step::run("apt-get install", &mut install)?;
    let left: Vec<&'static str> = self::missing().iter().map(|need| need.package).collect();
    if left.is_empty() {
        Ok(())
    } else {
        Err(Trouble::PackagesMissing {
            packages: left,
            why: "apt-get succeeded, yet packages are still missing",
        })
    }
}

/// Makes sure that formatting and lints can run.
///
/// # Errors
/// [`Trouble::ComponentMissing`] when one is missing and rustup cannot add it.
pub fn toolchain() -> Result<(), Trouble> {
    for (component, subcommand) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if has_subcommand(subcommand) {
            continue;
        }
        eprintln!("missing: {component}, a part of the Rust toolchain");
        let mut add = Command::new("rustup");
        add.args(["component", "add", component]).stdout(Stdio::from(std::io::stderr()));
        let added = step::run(&format!("rustup component add {component}"), &mut add);
        if added.is_err() || !has_subcommand(subcommand) {
            return Err(Trouble::ComponentMissing(component));
        }
    }
    Ok(())
}

fn missing() -> Vec<&'static Need> {
    NEEDS.iter().filter(|need| !need.sign.is_there() && !is_installed(need.package)).collect()
}

impl Sign {
    fn is_there(&self) -> bool {
        match self {
            Self::Itself => false,
            Self::Program(name) => is_program(name),
            Self::Module(name) => {
                step::succeeds(Command::new("python3").args(["-c", &format!("import {name}")]))
            }
        }
    }
}

fn is_installed(package: &str) -> bool {
    let answer = Command::new("dpkg-query").args(["-W", "-f=${db:Status-Status}", package]).output();
    answer.is_ok_and(|answer| answer.status.success() && answer.stdout == b"installed")
}

fn is_program(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}

fn has_subcommand(name: &str) -> bool {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    step::succeeds(Command::new(cargo).args([name, "--version"]))
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|answer| answer.stdout.trim_ascii() == b"0")
}

/// apt-get that asks nothing and keeps standard output free for the tests' own summary.
fn apt_get() -> Command {
    let mut apt_get = Command::new("apt-get");
    apt_get
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .stdout(Stdio::from(std::io::stderr()));
    apt_get
}
