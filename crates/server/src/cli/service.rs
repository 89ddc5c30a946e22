//! Verbs of the service: whether the server runs here, starting and stopping it.
//! How that is done is said in `service.rs`.

use std::path::Path;

use clap::Subcommand;
use serde::Serialize;

use super::print;
use crate::data::{self, Data};
use crate::seat::no_pool;
use crate::service;
use crate::trouble::Trouble;

/// Verbs of the service.
#[derive(Subcommand, Debug)]
pub enum ServiceVerb {
    /// Say whether the server runs, and as which process
    Status,
    /// Start the server, by systemd where its unit is installed; returns when people are accepted
    Start,
    /// Stop the server; returns when it has ended
    Stop,
}

/// How the service is.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    running: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    process: Option<i32>,
    by_systemd: bool,
}

/// Carries a verb out.
///
/// # Errors
/// [`Trouble::Unavailable`] when the server does not start or end.
pub async fn run(place: &Path, verb: &ServiceVerb, json: bool) -> Result<(), Trouble> {
    let by_systemd = service::is_installed(place);
    if by_systemd && rustix::process::geteuid().is_root() {
        match verb {
            ServiceVerb::Start => service::systemctl(&["start", service::UNIT])?,
            ServiceVerb::Stop => service::systemctl(&["stop", service::UNIT])?,
            ServiceVerb::Status => {}
        }
    }
    // Root has done what only root can; what is left finds it done.
    data::go_on_as_owner(place)?;
    let data = Data::open(place)?.ok_or_else(|| no_pool(place))?;
    let running = service::process(&data).await;
    match (verb, running) {
        (ServiceVerb::Start, None) if by_systemd => service::systemctl(&["start", service::UNIT])?,
        (ServiceVerb::Start, None) => drop(service::start(&data).await?),
        (ServiceVerb::Stop, Some(_)) if by_systemd => service::systemctl(&["stop", service::UNIT])?,
        (ServiceVerb::Stop, Some(process)) => service::stop(&data, process).await?,
        _ => {}
    }
    let process = service::process(&data).await;
    let said = match process {
        Some(process) => format!("the server runs as process {process}"),
        None => "the server does not run".to_owned(),
    };
    print::fact(&Row { running: process.is_some(), process, by_systemd }, &said, json)
}
