//! The database of a pool: made by an administrator of the database server, looked at, brought to the present schema.

use std::process::{Command, Stdio};

use store::{Location, Premises, Store, StoreFault, pending, survey, update};

use crate::stage::Stage;
use cluster::{Cluster, answer, programs};

/// The address of a database as somebody else finds it.
fn address_of(administrator: &str, role: &str, password: &str, database: &str) -> String {
    let there = Location::postgres(administrator).unwrap();
    let address = there.written_for(role, database).unwrap();
    if password.is_empty() {
        address
    } else {
        address.replacen('@', &format!(":{}@", password.replace(' ', "%20")), 1)
    }
}

/// Runs a script in psql as it is; returns whether it came to its end, and what was said of errors.
fn in_psql(administrator: &str, script: &str) -> (bool, String) {
    let mut psql = Command::new(programs().join("psql"));
    let psql = psql.args(["-Xq", administrator]).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut running = psql.stderr(Stdio::piped()).spawn().unwrap();
    // A script that is refused closes its input early; that is its right.
    let _ = std::io::Write::write_all(&mut running.stdin.take().unwrap(), script.as_bytes());
    let output = running.wait_with_output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_database_is_made_once_with_a_role_that_may_use_it_and_nothing_else() {
    let stage = Stage::sqlite();
    let administrator = Cluster::running().database();
    let there = Location::postgres(&administrator).unwrap();
    let premises = Premises::new("trading", "trading_servers", "it's a secret").unwrap();
    let made = premises.make(&there).unwrap();
    assert!(made.role && made.database);
    let url = address_of(&administrator, "trading_servers", "it's a secret", "trading");
    let location = Location::postgres(&url).unwrap();
    assert_eq!(pending(&location).unwrap().0, 0, "it is empty");
    update(&location).unwrap();
    let (present, steps) = pending(&location).unwrap();
    assert!(present > 0 && steps.is_empty());
    let found = survey(&location, &*stage.clock).unwrap();
    assert_eq!((found.database.as_str(), found.role.as_str()), ("trading", "trading_servers"));
    assert!(found.version >= 13 && found.schema == present);
    assert!(
        found.lacking.is_empty() && found.excess.is_empty() && found.unsafe_settings.is_empty(),
        "{found:?}"
    );
    // A pool is founded in it; making the database again keeps it.
    let store = Store::open(location.clone(), &stage.founding(), stage.clock.clone()).unwrap();
    drop(store);
    let again = premises.make(&there).unwrap();
    assert!(!again.role && !again.database);
    assert!(Store::open_founded(location, stage.clock.clone()).is_ok());
    let verifier =
        answer(&administrator, "SELECT rolpassword FROM pg_authid WHERE rolname = 'trading_servers'");
    assert!(verifier.starts_with("SCRAM-SHA-256$"), "{verifier}");
    let others = "SELECT has_database_privilege('public', 'trading', 'CONNECT')";
    assert_eq!(answer(&administrator, others), "f", "nobody else gets in");
}

#[test]
fn the_script_does_the_same_in_psql_and_may_be_run_again() {
    let administrator = Cluster::running().database();
    let premises = Premises::new("scripted", "scripted_servers", "secret").unwrap();
    let script = premises.script();
    assert!(!script.contains("'secret'"), "{script}");
    for _ in 0..2 {
        let (ended, said) = in_psql(&administrator, &script);
        assert!(ended, "{said}");
    }
    let url = address_of(&administrator, "scripted_servers", "secret", "scripted");
    update(&Location::postgres(&url).unwrap()).unwrap();
}

#[test]
fn what_a_role_lacks_and_has_too_much_is_said() {
    let stage = Stage::sqlite();
    let administrator = Cluster::running().database();
    let there = Location::postgres(&administrator).unwrap();
    let found = survey(&there, &*stage.clock).unwrap();
    assert!(found.excess[0].starts_with("everything"), "{found:?}");
    Premises::new("poor", "poor_servers", "secret").unwrap().make(&there).unwrap();
    let within = address_of(&administrator, "causerie", "", "poor");
    answer(&within, "REVOKE CREATE ON SCHEMA public FROM poor_servers");
    let location = Location::postgres(&address_of(&administrator, "poor_servers", "secret", "poor")).unwrap();
    let found = survey(&location, &*stage.clock).unwrap();
    assert_eq!(found.lacking, ["the right to make tables in the schema public"]);
    let refused = update(&location).expect_err("it makes no table there").to_string();
    assert!(refused.contains("permission denied"), "{refused}");
    answer(&within, "CREATE TABLE theirs (x INT)");
    let found = survey(&location, &*stage.clock);
    assert!(matches!(found, Err(StoreFault::Damaged { .. })), "something else is in it: {found:?}");
}

#[test]
fn a_role_that_may_everything_is_not_made_the_servers_and_odd_names_are_refused() {
    let administrator = Cluster::running().database();
    let there = Location::postgres(&administrator).unwrap();
    let refused = Premises::new("another", "causerie", "secret").unwrap().make(&there);
    assert!(matches!(refused, Err(StoreFault::Rejected { .. })), "{refused:?}");
    assert_eq!(answer(&administrator, "SELECT count(*) FROM pg_database WHERE datname = 'another'"), "0");
    let long = "x".repeat(64);
    for odd in ["", "Trading", "9to5", "a b", "a;DROP TABLE person", "\"", "pg_chat", "é", &long] {
        assert!(Premises::new(odd, "servers", "secret").is_err(), "{odd}");
        assert!(Premises::new("trading", odd, "secret").is_err(), "{odd}");
    }
}

#[test]
fn what_belongs_to_the_database_server_or_to_others_is_not_written_into() {
    for reserved in ["postgres", "template0", "template1"] {
        let refused = Premises::new(reserved, "servers", "secret").expect_err("it is the server's own");
        assert!(refused.to_string().contains("take another name"), "{refused}");
        assert!(Premises::new("trading", reserved, "secret").is_err(), "{reserved}");
    }
    let administrator = Cluster::running().database();
    let there = Location::postgres(&administrator).unwrap();
    answer(&administrator, "CREATE DATABASE accounts");
    let within = address_of(&administrator, "causerie", "", "accounts");
    answer(&within, "CREATE SCHEMA books; CREATE TABLE books.ledger (x INT)");
    let premises = Premises::new("accounts", "accounts_servers", "secret").unwrap();
    let refused = premises.make(&there).expect_err("somebody has their books there").to_string();
    assert!(refused.contains("something else is in the database accounts"), "{refused}");
    let roles = "SELECT count(*) FROM pg_roles WHERE rolname = 'accounts_servers'";
    assert_eq!(answer(&administrator, roles), "0", "nothing was made");
    let (ended, said) = in_psql(&administrator, &premises.script());
    assert!(!ended && said.contains("something else is in the database accounts"), "{said}");
    let others = "SELECT has_database_privilege('public', 'accounts', 'CONNECT')";
    assert_eq!(answer(&administrator, others), "t", "whoever used it still may");
    let mighty = Premises::new("mighty", "causerie", "secret").unwrap();
    let (ended, said) = in_psql(&administrator, &mighty.script());
    assert!(!ended && said.contains("may do everything"), "{said}");
    // An empty database that somebody made before is taken.
    answer(&within, "DROP SCHEMA books CASCADE");
    assert!(!premises.make(&there).unwrap().database);
    let location = address_of(&administrator, "accounts_servers", "secret", "accounts");
    update(&Location::postgres(&location).unwrap()).unwrap();
}

#[test]
fn an_embedded_store_is_no_database_server() {
    let stage = Stage::sqlite();
    let refused = survey(&stage.location(), &*stage.clock);
    assert!(matches!(refused, Err(StoreFault::Rejected { .. })), "{refused:?}");
}
