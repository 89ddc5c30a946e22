//! `causerie preflight`: looks at this machine, prints every check, and ends with 1 when one failed.
//! What is good enough is said in `preflight.rs`.

use std::path::Path;

use clap::Args;

use super::{Serving, database, print};
use crate::clock::SystemClock;
use crate::data::Data;
use crate::machine::MachineOptions;
use crate::preflight::{Check, Looked, Verdict, judge, look};
use crate::seat::StoreAt;
use crate::serve;
use crate::trouble::Trouble;

/// Options of `preflight`.
#[derive(Args, Debug, Clone)]
pub struct PreflightOptions {
    #[command(flatten)]
    machine: MachineOptions,
    #[command(flatten)]
    pub(super) serving: Serving,
}

/// Looks, judges and prints.
///
/// # Errors
/// [`Trouble::Unready`] when a check failed.
pub async fn run(
    place: &Path,
    store: StoreAt,
    options: &PreflightOptions,
    json: bool,
) -> Result<(), Trouble> {
    let (_, listening, store, membership) =
        serve::settle(&options.serving, options.machine.machine.as_deref(), store)?;
    let copy = Data::open(place)?;
    let machine = options.machine.find(&membership.machine, copy.as_ref())?;
    let topology = options.machine.topology(copy.as_ref())?;
    let store = database::known(place, store)?;
    let looked = Looked {
        data: place,
        machine: &machine,
        topology: topology.as_ref(),
        listening: &listening,
        store: store.as_ref(),
    };
    drop(copy);
    let checks = judge(&look(&looked, &SystemClock::default()).await?);
    for check in &checks {
        print::fact(check, &line(check), json)?;
    }
    let failed = checks.iter().filter(|check| check.result == Verdict::Fail).count();
    if failed == 0 { Ok(()) } else { Err(Trouble::Unready { failed, all: checks.len() }) }
}

/// One check for people: how it went, what it was, what was found, and below it what to do.
pub fn line(check: &Check) -> String {
    let word = match check.result {
        Verdict::Pass => "pass",
        Verdict::Warn => "WARN",
        Verdict::Fail => "FAIL",
    };
    let about = if check.about.is_empty() { String::new() } else { format!(" {}", check.about) };
    let fix = check.fix.as_ref().map(|fix| format!("\n      {fix}")).unwrap_or_default();
    format!("{word}  {}{about}: {}{fix}", check.check, check.found)
}
