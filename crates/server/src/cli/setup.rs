//! `causerie setup`: makes this machine what the topology says it is: secrets from a running server, settings, the unit of systemd.
//! Starts nothing; may be said again.

use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chat::{Clock, Domain};
use clap::Args;
use serde::Serialize;
use topology::document::MachineState;
use topology::{Facts, Fqdn, Severity, Topology, Version, VersionFault};
use web::Admission;

use super::{password, print};
use crate::certificate::{self, Certificates, Chain, hand_out, keep_secret};
use crate::clock::SystemClock;
use crate::data::{self, Data};
use crate::house;
use crate::join::{Door, JoinCode, SEALING_KEY};
use crate::machine::{self, Machine, MachineOptions};
use crate::replica::{self, Replica};
use crate::seat::{self, Seat, StoreAt};
use crate::service;
use crate::settings;
use crate::trouble::{Trouble, at};

/// Options of `setup`.
#[derive(Args, Debug, Clone)]
pub struct SetupOptions {
    #[command(flatten)]
    machine: MachineOptions,
    /// A running server of the deployment, https://HOST:5443, to get certificate, secrets and topology from
    #[arg(long, value_name = "URL", requires = "join_code_stdin")]
    from: Option<String>,
    /// The code `causerie pool join-code` made there for this machine: read from standard input
    #[arg(long, requires = "from")]
    join_code_stdin: bool,
    /// The SIP domain, for the first server of a pool
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<String>,
    /// The user the service runs as
    #[arg(long, value_name = "NAME", default_value = "causerie")]
    user: String,
    /// Write the unit below this folder instead of /, and tell systemd nothing: for images and containers
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// Install no unit
    #[arg(long, conflicts_with = "root")]
    no_systemd: bool,
}

/// What this machine is now.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    machine: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    front_end: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chat: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    joined: bool,
    settings: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    /// What has to be done before it serves.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<String>,
}

/// Sets this machine up.
///
/// # Errors
/// [`Trouble`], naming the step; those before it are done and are not done again.
pub async fn run(place: &Path, store: StoreAt, options: &SetupOptions, json: bool) -> Result<(), Trouble> {
    let domain = options.domain.as_deref().map(Domain::parse).transpose();
    let domain = domain.map_err(|bad| Trouble::Invalid(bad.to_string()))?;
    domain.as_ref().map(house::whole).transpose()?;
    let unit = install_unit(place, options)?;
    // Root has done what only root can; the rest belongs to the owner of the data.
    data::go_on_as_owner(place)?;
    let data = Data::make(place)?;
    let name = options.machine.name_in(place)?;
    // What cannot be is refused before anything is written.
    Seat::of(Data::make(place)?, &store)?;
    let joined = match &options.from {
        Some(from) => Some(join(&data, from, &name).await?),
        None => None,
    };
    take_topology(&data, options, joined.as_ref())?;
    let copy = MachineOptions { topology: None, ..options.machine.clone() };
    let machine = copy.find(&name, Some(&data))?;
    let settings = write_settings(&data, &machine, domain.as_ref(), &store)?;
    let missing = missing(data, &machine, &settings)?;
    let row = Row { missing, ..row(&machine, joined.is_some(), &settings, unit.as_deref()) };
    print::fact(&row, &said(&row), json)
}

/// What is fetched with a code is kept only when all of it is good.
async fn join(data: &Data, from: &str, machine: &str) -> Result<Admission, Trouble> {
    let certificates = Certificates::of(data)?;
    let files = certificates.files();
    let door = Door::parse(from)?;
    let code = JoinCode::parse(&password::password("join-code-stdin")?.0)?;
    if seat::is_taken(data) && !files.joined().exists() {
        return Err(Trouble::Conflict(format!(
            "{} has a pool with secrets of its own, which joining would make unreadable: use another data directory",
            data.path().display()
        )));
    }
    let (request, key) = certificate::request(&[machine.to_owned()])?;
    let admission = door.join(&code, machine, &request).await?;
    let invalid = |what: &str| Trouble::Invalid(format!("{from} sent {what}: nothing of it was kept"));
    let sealing_key =
        BASE64_STANDARD.decode(&admission.sealing_key).map_err(|_| invalid("no sealing key"))?;
    let authority = admission.authority.as_bytes();
    certificate::certificates(authority).map_err(|flaw| invalid(&flaw.to_string()))?;
    if let Some(issued) = &admission.certificate {
        let chain = Chain::read([issued.as_bytes(), key.as_bytes()].concat().as_slice());
        let chain = chain.map_err(|flaw| invalid(&flaw.to_string()))?;
        let authorities = certificate::certificates(authority).map_err(|flaw| invalid(&flaw.to_string()))?;
        let flaws = chain.flaws(&authorities, &[machine.to_owned()], SystemClock::default().now());
        if let Some(flaw) = flaws.first() {
            return Err(invalid(&flaw.to_string()));
        }
    }
    keep_secret(&data.file("secret").join(SEALING_KEY), &sealing_key)?;
    hand_out(&files.authority(), authority)?;
    if let Some(issued) = &admission.certificate {
        keep_secret(&files.issued_key(), key.as_bytes())?;
        keep_secret(&files.issued(), issued.as_bytes())?;
    }
    keep_secret(&files.joined(), format!("{from}\n").as_bytes())?;
    if !seat::is_taken(data) {
        keep_secret(&files.prepared(), b"")?;
    }
    Ok(admission)
}

/// The topology that was named here, or came with the secrets, becomes the copy of this machine.
fn take_topology(data: &Data, options: &SetupOptions, joined: Option<&Admission>) -> Result<(), Trouble> {
    let fetched = joined.and_then(|admission| admission.topology.as_deref());
    let (text, from) = match (&options.machine.topology, fetched) {
        (Some(file), _) => (std::fs::read_to_string(file), file.as_path()),
        (None, Some(text)) => (Ok(text.to_owned()), Path::new("the topology that was sent")),
        (None, None) => return Ok(()),
    };
    let invalid = |why: &dyn std::fmt::Display| Trouble::Invalid(format!("{}: {why}", from.display()));
    let text = text.map_err(|error| invalid(&error))?;
    let topology = machine::document(from, text.as_bytes())?;
    holds(&topology)?;
    match Version::of_stamped(&text) {
        // It stays the version that was published, and is followed from there.
        Ok(version) => Replica::of(data).keep(&version).map(drop),
        Err(VersionFault::Unstamped) => {
            keep_secret(&data.file(replica::NAME), topology::print(&topology).as_bytes())
        }
        Err(fault) => Err(invalid(&fault)),
    }
}

/// Refuses a topology with errors, all of them named.
fn holds(topology: &Topology) -> Result<(), Trouble> {
    let findings = topology::validate(topology, &Facts::defining(None));
    let errors: Vec<String> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(ToString::to_string)
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(Trouble::Invalid(errors.join("\n"))) }
}

/// Writes the settings file, if there is none: what somebody wrote stays.
fn write_settings(
    data: &Data,
    machine: &Machine,
    domain: Option<&Domain>,
    told: &StoreAt,
) -> Result<PathBuf, Trouble> {
    let place = data.file(service::SETTINGS);
    if place.exists() {
        let written = settings::read(&place)?;
        let conflict = |what: String| Err(Trouble::Conflict(format!("{} {what}", place.display())));
        if let Some(other) = written.machine.filter(|written| !written.eq_ignore_ascii_case(&machine.name)) {
            let name = &machine.name;
            return conflict(format!(
                "says that this machine is {other}, not {name}: change it there, or leave --machine out"
            ));
        }
        if let Some(address) = told.address().filter(|told| written.store.as_ref() != Some(told)) {
            return conflict(format!("says another store, or none: write store = \"{address}\" there"));
        }
        return Ok(place);
    }
    let names = machine.roles.as_ref().map(|roles| roles.certificate_names()).unwrap_or_default();
    let names: Vec<String> = names.iter().map(Fqdn::to_string).collect();
    let names = if names.is_empty() { vec![machine.name.clone()] } else { names };
    let mut text = "# Settings of this machine; docs/reference/settings.md has all of them.\n".to_owned();
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    if let Some(domain) = domain {
        text.push_str(&format!("domain = {}\n", quoted(&domain.to_string())));
    }
    if machine.roles.is_some() {
        text.push_str(&format!("machine = {}\n", quoted(&machine.name)));
    }
    // Rooms are kept in the database that was named or installed from here; front ends have none of them.
    if let Some(address) = told.address() {
        text.push_str(&format!("store = {}\n", quoted(&address)));
    } else if let Some((address, password)) = seat::installed(data)? {
        let password = quoted(&password.to_string_lossy());
        text.push_str(&format!("store = {}\nstore-password-file = {password}\n", quoted(&address)));
    }
    let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    text.push_str(&format!("host-names = [{}]\n", names.join(", ")));
    keep_secret(&place, text.as_bytes())?;
    Ok(place)
}

/// Installs and enables the unit, where systemd runs and whoever asks may; returns where it lies.
fn install_unit(place: &Path, options: &SetupOptions) -> Result<Option<PathBuf>, Trouble> {
    let root = options.root.clone().unwrap_or_else(|| PathBuf::from("/"));
    let lies = root.join(service::UNIT_FOLDER).join(service::UNIT);
    let live = options.root.is_none();
    if options.no_systemd || (live && !rustix::process::geteuid().is_root()) {
        return Ok(None);
    }
    if live && !service::systemd_runs() {
        return Err(Trouble::Unavailable(
            "systemd does not run on this machine: say --no-systemd, and start it with `causerie service start`".into(),
        ));
    }
    let place = std::path::absolute(place).map_err(at(place))?;
    let unit = service::unit(&place, &options.user)?;
    if live {
        give(&place, &options.user)?;
    }
    let folder = lies.parent().expect("a unit lies in a folder");
    std::fs::create_dir_all(folder).map_err(at(folder))?;
    hand_out(&lies, unit.as_bytes())?;
    if live {
        service::systemctl(&["daemon-reload"])?;
        service::systemctl(&["enable", service::UNIT])?;
    }
    Ok(Some(lies))
}

/// Makes the data directory for the user of the service, if there is none.
fn give(place: &Path, user: &str) -> Result<(), Trouble> {
    if place.exists() {
        return Ok(());
    }
    let of = |what: &str| -> Option<u32> {
        let said = Command::new("id").args([what, user]).output().ok()?;
        String::from_utf8(said.stdout).ok()?.trim().parse().ok()
    };
    let (Some(owner), Some(group)) = (of("-u"), of("-g")) else {
        let make = format!("useradd --system --no-create-home --shell /usr/sbin/nologin {user}");
        return Err(Trouble::Invalid(format!(
            "there is no user {user} on this machine: make it with `{make}`"
        )));
    };
    std::fs::DirBuilder::new().mode(0o700).recursive(true).create(place).map_err(at(place))?;
    chown(place, Some(owner), Some(group)).map_err(at(place))?;
    let facts = std::fs::metadata(place).map_err(at(place))?;
    assert_eq!(facts.uid(), owner, "the system gave it away");
    Ok(())
}

fn row(machine: &Machine, joined: bool, settings: &Path, unit: Option<&Path>) -> Row {
    let roles = machine.roles.as_ref();
    let chat = roles.and_then(|roles| roles.chat.as_ref());
    Row {
        machine: machine.name.clone(),
        front_end: roles.and_then(|roles| roles.front_end.as_ref()).map(|part| part.pool.to_string()),
        chat: chat.map(|part| part.pool.to_string()),
        state: chat.map(|part| if part.state == MachineState::Active { "active" } else { "standby" }),
        joined,
        settings: settings.display().to_string(),
        unit: unit.map(|unit| unit.display().to_string()),
        missing: None,
    }
}

/// What is missing yet of where the topology keeps the store of this machine; without it the machine does not serve.
fn missing(data: Data, machine: &Machine, settings: &Path) -> Result<Option<String>, Trouble> {
    let written = settings::read(settings)?;
    let password = written.store_password_file.as_deref();
    let store = StoreAt::default().or_settings(written.store.as_deref(), password, Some(settings))?;
    match machine.must_keep_in(&Seat::of(data, &store)?) {
        Ok(()) => Ok(None),
        Err(Trouble::Invalid(missing)) => Ok(Some(missing)),
        Err(other) => Err(other),
    }
}

fn said(row: &Row) -> String {
    let mut said = match (&row.front_end, &row.chat) {
        (None, None) => format!("{} is a server by itself: no topology is known here", row.machine),
        (Some(pool), None) => format!("{} is a front end of {pool}", row.machine),
        (None, Some(pool)) => format!("{} is a persistent chat server of {pool}", row.machine),
        (Some(front), Some(pool)) => {
            format!("{} is a front end of {front} and a persistent chat server of {pool}", row.machine)
        }
    };
    if let Some(state) = row.state {
        said.push_str(&format!(" ({state})"));
    }
    if row.joined {
        said.push_str("\nit joined: certificate, authority and sealing key of the deployment are here");
    }
    said.push_str(&format!("\nits settings are in {}", row.settings));
    if let Some(unit) = &row.unit {
        said.push_str(&format!("\nits unit is {unit}"));
    }
    if let Some(missing) = &row.missing {
        said.push_str(&format!("\nit does not serve yet: {missing}"));
    }
    said
}
