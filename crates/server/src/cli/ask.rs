//! Who carries an operation out: a running server, asked through its socket; without one the store is opened here and
//! the same desk does it. Decides nothing about the operation.

use std::path::Path;
use std::sync::Arc;

use admin::{AdminError, Asker, Operation, Outcome, Request};
use chat::{Actor, Address, BadAddress, Clock, Domain};

use crate::clock::SystemClock;
use crate::data::{Data, Hold};
use crate::house::House;
use crate::membership::Opened;
use crate::seat::{Seat, StoreAt};
use crate::socket;
use crate::trouble::Trouble;

/// Asks the running server, or opens the store when none runs.
///
/// # Errors
/// [`Trouble`]: the operation's own, or that neither way is open.
pub async fn carry_out(place: &Path, store: &StoreAt, request: Request) -> Result<Outcome, Trouble> {
    // Whether it is needed is known under the hold: a pool that is there now may be a founding that is taken back.
    let founder = domain_of(&request.operation)?;
    // A server that runs knows where its store is.
    if let Some(data) = Data::open(place)?
        && let Some(answer) = socket::ask(&data, &request).await?
    {
        return Ok(answer?);
    }
    let seat = Seat::find(place, store, founder.as_ref())?;
    let data = seat.data();
    if let Some(hold) = socket::wait_for_hold(data).await? {
        return carry_out_here(&seat, hold, founder, request).await;
    }
    // A server that was just starting may take it now.
    if let Some(answer) = socket::ask(data, &request).await? {
        return Ok(answer?);
    }
    Err(Trouble::Unavailable(format!(
        "somebody else has {} and takes no commands just now: try again",
        data.path().display()
    )))
}

async fn carry_out_here(
    seat: &Seat,
    hold: Hold,
    founder: Option<Domain>,
    request: Request,
) -> Result<Outcome, Trouble> {
    let founder = if seat.is_founded()? { None } else { founder };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let house = House::open(seat, hold, founder.as_ref(), Opened::Command, clock).await?;
    let by = Actor::Shell(rustix::process::getuid().as_raw());
    let dry_run = request.dry_run;
    let mut outcome = house.desk.run(Asker::new(by, "command line"), request).await;
    if let (Ok(outcome), Some(domain), true) = (&mut outcome, &founder, house.is_new()) {
        let founded = if dry_run { "would be founded" } else { "was founded" };
        let said = format!(
            "a pool for {domain} {founded} in {}; its domain stays for ever",
            seat.data().path().display()
        );
        outcome.warnings.insert(0, said);
    }
    if (outcome.is_err() || dry_run) && house.is_new() {
        house.unfound().await;
    } else {
        house.close().await;
    }
    Ok(outcome?)
}

/// The domain a first operation speaks of: that of its address, or of a domain it names.
fn domain_of(operation: &Operation) -> Result<Option<Domain>, AdminError> {
    let wrong = |field| move |bad: BadAddress| AdminError::invalid(field, bad);
    match operation {
        Operation::UserNew(new) => {
            let address = Address::typed(&new.address).map_err(wrong("address"))?;
            Ok(Some(Domain::parse(address.domain()).map_err(wrong("address"))?))
        }
        Operation::CategoryNew(new) => {
            let mut allowed = new.fields.allowed_members.given();
            let named = allowed.find_map(|principal| principal.strip_prefix("domain:"));
            named.map(Domain::parse).transpose().map_err(wrong("allowedMembers"))
        }
        _ => Ok(None),
    }
}
