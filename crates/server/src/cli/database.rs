//! Verbs of the database of a pool: making it on a server of PostgreSQL, looking at it, bringing it to the present schema.
//! What is run there is said in `store`.

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chat::Clock;
use clap::{Args, Subcommand};
use serde::Serialize;
use store::{Location, Premises, Survey};

use super::{password, print};
use crate::clock::SystemClock;
use crate::data::Data;
use crate::preflight::{self, Verdict};
use crate::seat::{INSTALLED, StoreAt, installed, note_installed};
use crate::trouble::Trouble;

/// Octets of a password that is made here (ours: nobody guesses half of them).
const PASSWORD_OCTETS: usize = 24;

/// Verbs of the database.
#[derive(Subcommand, Debug)]
pub enum DatabaseVerb {
    /// Make database, role and tables on a PostgreSQL server, and note the address here
    Install(InstallOptions),
    /// Look whether the database answers, has what is needed, and how fast it is
    Test,
    /// Bring the tables to the form this version wants; servers may run meanwhile
    Update {
        /// Change nothing, and say what would be done
        #[arg(long)]
        dry_run: bool,
    },
}

/// Options of `install`.
#[derive(Args, Debug)]
pub struct InstallOptions {
    /// The PostgreSQL server, as its administrator: postgres://NAME@HOST:PORT/postgres; its password is looked for in ~/.pgpass
    #[arg(long, value_name = "URL")]
    admin: String,
    /// The database
    #[arg(long, value_name = "NAME", default_value = "causerie")]
    database: String,
    /// The role of the servers, which may use that database and nothing else
    #[arg(long, value_name = "NAME", default_value = "causerie")]
    role: String,
    /// The role's password: read from standard input; at a terminal it is asked for [default: a random one]
    #[arg(long)]
    password_stdin: bool,
    /// Print what an administrator of the database is to run in psql, and run nothing; of --admin only the host counts
    #[arg(long)]
    script: bool,
}

/// What was made.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Installed<'a> {
    database: &'a str,
    role: &'a str,
    database_made: bool,
    role_made: bool,
}

/// What `test` found beside the checks.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tested {
    database: String,
    role: String,
    version: u32,
    schema: u32,
    latency_micros: i64,
}

/// What `update` does.
#[derive(Serialize)]
struct Updated {
    from: u32,
    to: u32,
}

/// Carries a verb out.
///
/// # Errors
/// [`Trouble`]: the database is not there, not ours, or lets nobody in; a check failed.
pub fn run(place: &Path, store: StoreAt, verb: &DatabaseVerb, json: bool) -> Result<(), Trouble> {
    match verb {
        DatabaseVerb::Install(options) => install(place, options, json),
        DatabaseVerb::Test => test(&location(place, store)?, json),
        DatabaseVerb::Update { dry_run } => update(&location(place, store)?, *dry_run, json),
    }
}

fn install(place: &Path, options: &InstallOptions, json: bool) -> Result<(), Trouble> {
    let administrator = StoreAt::told(Some(&options.admin), None)?.database()?;
    let administrator = administrator.expect("an address was given");
    let password = if options.password_stdin { password::password("password-stdin")?.0 } else { random() };
    let premises = Premises::new(&options.database, &options.role, &password)
        .map_err(|bad| Trouble::Invalid(bad.to_string()))?;
    let address = administrator.written_for(&options.role, &options.database).map_err(invalid)?;
    let data = Data::make(place)?;
    if options.script {
        // Noted first: a script whose password nobody has would be of no use.
        note_installed(&data, &address, &password)?;
        return print::say(&premises.script());
    }
    let made = premises.make(&administrator).map_err(refused)?;
    note_installed(&data, &address, &password)?;
    let location = Location::postgres(&address).map_err(invalid)?.with_password(&password);
    store::update(&location).map_err(refused)?;
    let InstallOptions { database, role, .. } = options;
    let installed = Installed { database, role, database_made: made.database, role_made: made.role };
    let word = |made: bool| if made { "made" } else { "there already, its rights set" };
    let said = format!(
        "database {database}: {}; role {role}: {}; its address is noted in {}",
        word(made.database),
        word(made.role),
        data.file("secret").join(INSTALLED).display()
    );
    print::fact(&installed, &said, json)
}

/// The database that was named, or the one that was noted in a data directory.
///
/// # Errors
/// [`Trouble`] when the directory or a file cannot be used.
pub fn known(place: &Path, store: StoreAt) -> Result<Option<Location>, Trouble> {
    if let Some(location) = store.database()? {
        return Ok(Some(location));
    }
    let Some(data) = Data::open(place)? else { return Ok(None) };
    match installed(&data)? {
        Some((address, password)) => StoreAt::told(Some(&address), Some(&password))?.database(),
        None => Ok(None),
    }
}

fn location(place: &Path, store: StoreAt) -> Result<Location, Trouble> {
    known(place, store)?.ok_or_else(|| {
        let fix = "give its address with --store, or make it with `causerie database install`";
        Trouble::Usage(format!("no database is known here: {fix}"))
    })
}

fn random() -> String {
    let mut octets = [0; PASSWORD_OCTETS];
    SystemClock::default().fill_random(&mut octets);
    BASE64_URL_SAFE_NO_PAD.encode(octets)
}

fn test(location: &Location, json: bool) -> Result<(), Trouble> {
    let survey = store::survey(location, &SystemClock::default()).map_err(refused)?;
    let checks = preflight::of_database("", &Ok(preflight::answered(&survey)));
    for check in &checks {
        print::fact(check, &super::preflight::line(check), json)?;
    }
    let Survey { database, role, version, schema, latency_micros, .. } = survey;
    let form = if schema == 0 { "no tables yet".to_owned() } else { format!("tables of schema {schema}") };
    let said = format!(
        "database {database} as {role}: {form}; it answers in {latency_micros} us, half of the times"
    );
    print::fact(&Tested { database, role, version, schema, latency_micros }, &said, json)?;
    match checks.iter().filter(|check| check.result == Verdict::Fail).count() {
        0 => Ok(()),
        failed => Err(Trouble::Unready { failed, all: checks.len() }),
    }
}

fn update(location: &Location, dry_run: bool, json: bool) -> Result<(), Trouble> {
    let (from, steps) = store::pending(location).map_err(refused)?;
    let to = steps.last().copied().unwrap_or(from);
    if !dry_run {
        store::update(location).map_err(refused)?;
    }
    let steps: Vec<String> = steps.iter().map(u32::to_string).collect();
    let would = if dry_run { "would be brought" } else { "were brought" };
    let said = match &steps[..] {
        [] => format!("the tables have schema {from}, the newest: nothing is to be done"),
        steps => format!("the tables {would} from schema {from} to {to}, by the steps {}", steps.join(", ")),
    };
    print::fact(&Updated { from, to }, &said, json)
}

fn invalid(fault: store::StoreFault) -> Trouble {
    Trouble::Invalid(fault.to_string())
}

fn refused(fault: store::StoreFault) -> Trouble {
    Trouble::Unavailable(fault.to_string())
}
