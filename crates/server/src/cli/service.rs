//! Verbs of the service: whether the server runs here and what it does in its pool, starting, emptying and stopping it.
//! How a process is started and stopped is said in `service.rs`, what emptying is in `admin`.

use std::path::Path;
use std::time::Duration;

use admin::{Operation, Outcome, PoolDrain, PoolServers, Request, ServerView};
use chat::Clock;
use clap::Subcommand;
use serde::Serialize;
use tokio::time::{Instant, sleep};

use super::print;
use crate::certificate::Certificates;
use crate::clock::SystemClock;
use crate::data::{self, Data};
use crate::restart;
use crate::seat::no_pool;
use crate::service;
use crate::socket;
use crate::trouble::Trouble;
use crate::watched::ends_soon;

/// How often it is looked how many are left (ours: a server tells of its endpoints every two seconds).
const LOOK: Duration = Duration::from_millis(500);
/// Renewals of the lease after which what was told before the server was emptied is told no more: one may have been under way.
const RENEWALS: usize = 2;

/// Verbs of the service.
#[derive(Subcommand, Debug)]
pub enum ServiceVerb {
    /// Say whether the server runs, as which process, what it does in its pool, and what is to be done soon
    Status,
    /// Start the server, by systemd where its unit is installed; returns when people are accepted
    Start,
    /// Lead everybody on this server to the others of the pool; returns when nobody is left. `pool undrain` takes it back, and so does
    /// the next start
    Drain {
        /// How long to wait until nobody is left; 0 asks for it and returns
        #[arg(long, value_name = "SECONDS", default_value_t = 180, value_parser = clap::value_parser!(u64).range(0..=86_400))]
        wait: u64,
    },
    /// Stop the server; returns when it has ended
    Stop,
}

/// How the service is.
#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
struct Row {
    running: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    process: Option<i32>,
    by_systemd: bool,
    /// Whether starting or stopping it did anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoints: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_days_left: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restart_pending: Option<String>,
}

/// Carries a verb out.
///
/// # Errors
/// [`Trouble::Unavailable`] when the server does not start, empty or end.
pub async fn run(place: &Path, verb: &ServiceVerb, json: bool) -> Result<(), Trouble> {
    let by_systemd = service::is_installed(place);
    if by_systemd && rustix::process::geteuid().is_root() {
        match verb {
            ServiceVerb::Start => service::systemctl(&["start", service::UNIT])?,
            ServiceVerb::Stop => service::systemctl(&["stop", service::UNIT])?,
            ServiceVerb::Status | ServiceVerb::Drain { .. } => {}
        }
    }
    // Root has done what only root can; what is left finds it done.
    data::go_on_as_owner(place)?;
    let data = Data::open(place)?.ok_or_else(|| no_pool(place))?;
    let running = service::process(&data).await;
    let changed = changed(verb, by_systemd, running.is_some());
    match (verb, running) {
        (ServiceVerb::Start, None) if by_systemd => service::systemctl(&["start", service::UNIT])?,
        (ServiceVerb::Start, None) => drop(service::start(&data).await?),
        (ServiceVerb::Stop, Some(_)) if by_systemd => service::systemctl(&["stop", service::UNIT])?,
        (ServiceVerb::Stop, Some(process)) => service::stop(&data, process).await?,
        (ServiceVerb::Drain { wait }, Some(_)) => drain(&data, Duration::from_secs(*wait)).await?,
        (ServiceVerb::Drain { .. }, None) => {
            return Err(Trouble::Conflict("the server does not run here, so nobody is to be led out".into()));
        }
        _ => {}
    }
    show(&data, Row { by_systemd, changed, ..Row::default() }, json).await
}

/// Whether a verb does anything to a server that ran before, or not. Of what systemd did nobody knows here: it may have been root who
/// told it to, before going on as the owner.
fn changed(verb: &ServiceVerb, by_systemd: bool, ran: bool) -> Option<bool> {
    match verb {
        ServiceVerb::Start if !by_systemd => Some(!ran),
        ServiceVerb::Stop if !by_systemd => Some(ran),
        _ => None,
    }
}

/// Has the server emptied, and waits until nobody is left.
async fn drain(data: &Data, wait: Duration) -> Result<(), Trouble> {
    let here = here(data).await?.ok_or_else(gone)?;
    let asked = asked(data, Operation::PoolDrain(PoolDrain { server: here.server.clone() })).await?;
    let asked = asked.ok_or_else(gone)?;
    asked.warnings.iter().for_each(|warning| print::aside(&format!("warning: {warning}")));
    if wait.is_zero() {
        return Ok(());
    }
    let until = Instant::now() + wait;
    let (mut lease, mut renewals, mut said) = (here.lease_until, 0, None);
    loop {
        let now = self::here(data).await?.ok_or_else(gone)?;
        if now.state != "draining" {
            return Err(Trouble::Conflict(format!(
                "{} takes people again: somebody took it back",
                now.server
            )));
        }
        if now.lease_until != lease {
            (lease, renewals) = (now.lease_until, renewals + 1);
        }
        if renewals >= RENEWALS {
            if now.endpoints == 0 {
                return Ok(());
            }
            if said != Some(now.endpoints) {
                print::aside(&format!("{} left", now.endpoints));
                said = Some(now.endpoints);
            }
        }
        if Instant::now() >= until {
            return Err(Trouble::Unavailable(format!(
                "{} are left on {} after {} s: it goes on leading them out, and `causerie pool state` shows how many are left",
                now.endpoints,
                now.server,
                wait.as_secs()
            )));
        }
        sleep(LOOK).await;
    }
}

fn gone() -> Trouble {
    Trouble::Unavailable("the server ended meanwhile: its log says why".into())
}

/// Prints how the service is.
async fn show(data: &Data, mut row: Row, json: bool) -> Result<(), Trouble> {
    row.process = service::process(data).await;
    row.running = row.process.is_some();
    if let Some(here) = here(data).await? {
        (row.server, row.state, row.endpoints) = (Some(here.server), Some(here.state), Some(here.endpoints));
        row.restart_pending = restart::pending(data)?;
    }
    let shown = Certificates::of(data)?.assigned()?;
    row.certificate_days_left = shown.map(|chain| chain.leaf.days_left(SystemClock::default().now()));
    print::fact(&row, &said(&row), json)
}

fn said(row: &Row) -> String {
    let mut lines = vec![match (row.process, row.changed) {
        (Some(process), Some(true)) => format!("the server was started: it runs as process {process}"),
        (Some(process), Some(false)) => format!("the server runs already, as process {process}"),
        (Some(process), None) => format!("the server runs as process {process}"),
        (None, Some(true)) => "the server was stopped".to_owned(),
        (None, Some(false)) => "the server did not run: nothing was stopped".to_owned(),
        (None, None) => "the server does not run".to_owned(),
    }];
    if let (Some(server), Some(state), Some(endpoints)) = (&row.server, &row.state, row.endpoints) {
        lines.push(format!("it is {server} ({state}) and has {endpoints} endpoints of people"));
    }
    let soon = row.certificate_days_left.and_then(ends_soon);
    lines.extend([soon, row.restart_pending.clone()].into_iter().flatten().map(|why| format!("note: {why}")));
    lines.join("\n")
}

/// The server that runs here, as its pool knows it; `None` when none does.
async fn here(data: &Data) -> Result<Option<ServerView>, Trouble> {
    let Some(outcome) = asked(data, Operation::PoolServers(PoolServers {})).await? else { return Ok(None) };
    match outcome.rows {
        admin::Rows::Servers(all) => Ok(all.into_iter().find(|server| server.here)),
        _ => Ok(None),
    }
}

/// What the server that runs here answers.
async fn asked(data: &Data, operation: Operation) -> Result<Option<Outcome>, Trouble> {
    Ok(socket::ask(data, &Request::of(operation)).await?.transpose()?)
}
