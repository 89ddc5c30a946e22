//! `cargo xtask counts`: how many instructions the codecs of the hot path take for a message, and how many allocations, against what
//! is written down. What they are given is in the crate `counts`; the counting is callgrind's.

mod baseline;
mod callgrind;
mod figures;

pub use figures::TOLERANCE;

use std::process::{Command, Stdio};

use clap::Args;

use crate::counts::baseline::{Baseline, Build};
use crate::counts::figures::{Figures, Verdict};
use crate::place::Place;
use crate::trouble::Trouble;
use crate::{setup, step};

/// The program that does what is counted, a package of the workspace.
const PROGRAM: &str = "counts";
/// Its function inside which is counted.
const MEASURED: &str = "counts::measured";

/// Options of `cargo xtask counts`.
#[derive(Args)]
pub struct CountsOptions {
    /// Write down what is counted, as what is expected from now on of this compiler, target and processor
    #[arg(long)]
    write: bool,
}

/// Counts, prints the table, and compares or writes.
///
/// # Errors
/// What is missing on this machine; a figure is off the baseline.
pub fn run(place: &Place, options: &CountsOptions) -> Result<(), Trouble> {
    step::timed("set-up", setup::packages)?;
    let (build, figures) = counted(place)?;
    let mut baseline = Baseline::read(place)?;
    let verdict = Verdict::of(&figures, baseline.of(&build));
    print!("{build}\n\n{verdict}");
    if options.write {
        baseline.replace(build, figures);
        return baseline.write(place);
    }
    passed(&verdict)
}

/// Counts and compares; the table is news, not a result.
///
/// # Errors
/// As [`run`].
pub fn checked(place: &Place) -> Result<(), Trouble> {
    let (build, figures) = counted(place)?;
    let baseline = Baseline::read(place)?;
    let verdict = Verdict::of(&figures, baseline.of(&build));
    eprint!("{build}\n\n{verdict}");
    passed(&verdict)
}

fn passed(verdict: &Verdict) -> Result<(), Trouble> {
    if !verdict.is_known() {
        eprintln!(
            "\nnothing is written down of this build, and nothing compared: `cargo xtask counts --write` writes"
        );
    }
    match verdict.faults() {
        [] => Ok(()),
        faults => Err(Trouble::OffBaseline(faults.to_vec())),
    }
}

/// Builds the program, optimised as the server is, and counts.
fn counted(place: &Place) -> Result<(Build, Figures), Trouble> {
    let mut build = place.cargo();
    build.args(["build", "--release", "--locked", "--package", PROGRAM]);
    step::run("building the codecs", build.stdout(Stdio::from(std::io::stderr())))?;
    step::timed("counts", || {
        let target = place.target()?;
        let program = target.join("release").join(PROGRAM);
        let out = target.join("counts.callgrind");
        let mut valgrind = Command::new("valgrind");
        // Where a stack begins depends on the environment, and a few instructions on where the stack begins.
        valgrind.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        valgrind.args(["--quiet", "--tool=callgrind", "--combine-dumps=yes"]);
        valgrind.args(["--compress-strings=no", "--compress-pos=no"]);
        for option in ["--dump-before", "--dump-after"] {
            valgrind.arg(format!("{option}={MEASURED}"));
        }
        valgrind.arg(format!("--callgrind-out-file={}", out.display())).arg(&program);
        let said = answer(&mut valgrind)?;
        let counted = std::fs::read_to_string(&out).map_err(Trouble::file(&out))?;
        let parts = callgrind::read(&counted, &program.display().to_string(), MEASURED)?;
        let (processor, figures) = figures::read(&said, &parts)?;
        let compiler = answer(place.rustc().arg("-vV"))?;
        Ok((Build::read(&compiler, processor)?, figures))
    })
}

/// What a program says on standard output.
fn answer(command: &mut Command) -> Result<String, Trouble> {
    let program = command.get_program().to_string_lossy().into_owned();
    let answer = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| Trouble::NotStarted { program: program.clone(), error })?;
    if !answer.status.success() {
        return Err(Trouble::Failed { step: program, status: answer.status });
    }
    String::from_utf8(answer.stdout)
        .map_err(|_| Trouble::Unreadable { what: program, why: "says something that is no text".to_owned() })
}
