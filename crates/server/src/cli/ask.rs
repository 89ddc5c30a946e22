//! Who carries an operation out: a running server, asked through its socket; without one the store is opened here and
//! the same desk does it. Decides nothing about the operation.

use std::path::Path;
use std::sync::Arc;

use admin::{AdminError, Operation, Outcome};
use chat::{Actor, Address, Clock, Domain};

use crate::clock::SystemClock;
use crate::data::{Data, Hold};
use crate::house::{self, House};
use crate::socket;
use crate::trouble::Trouble;

/// Asks the running server, or opens the store when none runs.
///
/// # Errors
/// [`Trouble`]: the operation's own, or that neither way is open.
pub async fn carry_out(place: &Path, operation: Operation) -> Result<Outcome, Trouble> {
    // Whether it is needed is known under the hold: a pool that is there now may be a founding that is taken back.
    let founder = domain_of(&operation)?;
    let data = house::place(place, founder.as_ref())?;
    if let Some(answer) = socket::ask(&data, &operation).await? {
        return Ok(answer?);
    }
    if let Some(hold) = socket::wait_for_hold(&data).await? {
        return carry_out_here(&data, hold, founder, operation).await;
    }
    // A server that was just starting may take it now.
    if let Some(answer) = socket::ask(&data, &operation).await? {
        return Ok(answer?);
    }
    Err(Trouble::Unavailable(format!(
        "somebody else has {} and takes no commands just now: try again",
        data.path().display()
    )))
}

async fn carry_out_here(
    data: &Data,
    hold: Hold,
    founder: Option<Domain>,
    operation: Operation,
) -> Result<Outcome, Trouble> {
    let founder = founder.filter(|_| !house::is_founded(data));
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let house = House::open(data, hold, founder.as_ref(), clock).await?;
    let by = Actor::Shell(rustix::process::getuid().as_raw());
    let mut outcome = house.desk.run(by, operation).await;
    if let (Ok(outcome), Some(domain), true) = (&mut outcome, &founder, house.is_new()) {
        let said = format!(
            "a pool for {domain} was founded in {}; its domain stays for ever",
            data.path().display()
        );
        outcome.warnings.insert(0, said);
    }
    if outcome.is_err() && house.is_new() {
        house.unfound().await;
    } else {
        house.close().await;
    }
    Ok(outcome?)
}

/// The domain a first operation speaks of: that of its address, or of a domain it names.
fn domain_of(operation: &Operation) -> Result<Option<Domain>, AdminError> {
    match operation {
        Operation::UserNew { address, .. } => Ok(Some(Domain::parse(Address::parse(address)?.domain())?)),
        Operation::CategoryNew { fields, .. } => {
            let allowed = &fields.allowed_members;
            let all = allowed.replace.iter().flatten().chain(&allowed.add);
            let named = all.filter_map(|principal| principal.strip_prefix("domain:")).next();
            Ok(named.map(Domain::parse).transpose()?)
        }
        _ => Ok(None),
    }
}
