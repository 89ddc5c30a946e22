//! The database a store is to be in: made with its role by whoever administers the database server, looked at, brought to the present
//! schema. Keeps nothing of a pool.

use chat::Clock;

use crate::engine::{Conn, Location, params};
use crate::fault::StoreFault;
use crate::migrate;
use crate::record::Options;

/// How often a database is asked nothing to see how fast it answers (ours).
const ASKED: usize = 21;
/// Longest name of a role or database, in octets (PostgreSQL).
const NAME_BYTES_MAX: usize = 63;

/// A database with the role of the servers that use it.
#[derive(Clone, PartialEq, Eq)]
pub struct Premises {
    database: String,
    role: String,
    verifier: String,
}

/// What was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Made {
    /// Whether the role was.
    pub role: bool,
    /// Whether the database was.
    pub database: bool,
}

/// What a database answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Survey {
    /// The main number of the version of PostgreSQL.
    pub version: u32,
    /// The database.
    pub database: String,
    /// As whom it was asked.
    pub role: String,
    /// The schema of the store in it; 0 when it is empty.
    pub schema: u32,
    /// What a server needs there and does not have.
    pub lacking: Vec<String>,
    /// What the role may and no server needs.
    pub excess: Vec<String>,
    /// Settings of the database server with which a power failure loses what was kept.
    pub unsafe_settings: Vec<String>,
    /// How far its clock is ahead, in microseconds.
    pub skew_micros: i64,
    /// How long it takes to answer nothing, half of the times, in microseconds.
    pub latency_micros: i64,
}

/// A name that no role or database may have here.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadName {
    /// It cannot be written.
    #[error(
        "'{0}' is no name for a role or database: write it as causerie (lower-case letters, digits and underscores, the first a \
         letter, 63 at most)"
    )]
    Form(String),
    /// It is one of the database server itself.
    #[error("'{0}' belongs to the database server itself: take another name, such as causerie")]
    Reserved(String),
}

/// Databases and roles that every server of PostgreSQL has for itself.
const RESERVED: [&str; 3] = ["postgres", "template0", "template1"];

/// How many tables and the like are in a database that is not a store of ours; what extensions brought is not counted.
const OCCUPIED: &str = "SELECT count(*) FROM pg_class AS thing JOIN pg_namespace AS place ON place.oid = thing.relnamespace
    WHERE thing.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
      AND left(place.nspname, 3) <> 'pg_' AND place.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = thing.oid AND deptype = 'e')
      AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('public.schema') AND attname = 'min_writer')";

impl Premises {
    /// A database and a role with a password, of which only the verifier is kept and sent.
    ///
    /// # Errors
    /// [`BadName`].
    pub fn new(database: &str, role: &str, password: &str) -> Result<Self, BadName> {
        for name in [database, role] {
            let fits = name.len() <= NAME_BYTES_MAX
                && name.starts_with(|c: char| c.is_ascii_lowercase())
                && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            if !fits || name.starts_with("pg_") {
                return Err(BadName::Form(name.chars().take(NAME_BYTES_MAX).collect()));
            }
            if RESERVED.contains(&name) {
                return Err(BadName::Reserved(name.to_owned()));
            }
        }
        let verifier = postgres_protocol::password::scram_sha_256(password.as_bytes());
        Ok(Self { database: database.to_owned(), role: role.to_owned(), verifier })
    }

    /// What an administrator of the database server runs in `psql`, as often as they like.
    #[must_use]
    pub fn script(&self) -> String {
        let Self { database, role, .. } = self;
        format!(
            "-- For an administrator of the PostgreSQL server, in psql. It may be run again.\n\
             \\set ON_ERROR_STOP on\n\
             {}\n\
             SELECT 'CREATE ROLE {role}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') \\gexec\n\
             {};\n\
             SELECT $${}$$\n  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{database}') \\gexec\n\
             \\connect {database}\n\
             {}\n\
             {}\n\
             {}\n",
            unless(
                &format!("EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}' AND rolsuper)"),
                &self.mighty()
            ),
            self.admission(),
            self.creation(),
            unless(&format!("({OCCUPIED}) > 0"), &self.occupied()),
            self.closing(),
            self.rights()
        )
    }

    /// Makes what is missing, as an administrator of the database server, and sets the password and the rights.
    ///
    /// # Errors
    /// [`StoreFault::Rejected`] when the administrator may not, the role is a superuser, or something else is in the database: nothing
    /// was made then; [`StoreFault::Unavailable`].
    pub fn make(&self, administrator: &Location) -> Result<Made, StoreFault> {
        let options = Options::default();
        administrator.apart(|| {
            let conn = administrator.open_administrator(&options)?;
            let count = |sql: &str, name: &str| conn.one(sql, params![name], |row| row.get::<i64>(0));
            if count("SELECT count(*) FROM pg_roles WHERE rolname = ?1 AND rolsuper", &self.role)? > 0 {
                return Err(StoreFault::Rejected { reason: self.mighty() });
            }
            let database = count("SELECT count(*) FROM pg_database WHERE datname = ?1", &self.database)? == 0;
            let inside = || administrator.in_database(&self.database).open_administrator(&options);
            if !database && inside()?.one(OCCUPIED, params![], |row| row.get::<i64>(0))? > 0 {
                return Err(StoreFault::Rejected { reason: self.occupied() });
            }
            let role = count("SELECT count(*) FROM pg_roles WHERE rolname = ?1", &self.role)? == 0;
            if role {
                conn.run(&format!("CREATE ROLE {}", self.role))?;
            }
            conn.run(&self.admission())?;
            if database {
                conn.run(&self.creation())?;
            }
            conn.run(&self.closing())?;
            inside()?.run(&self.rights())?;
            Ok(Made { role, database })
        })
    }

    fn mighty(&self) -> String {
        format!("the role {} may do everything on that server: take another name", self.role)
    }

    fn occupied(&self) -> String {
        format!(
            "something else is in the database {}: name another, which is made then, or empty that one",
            self.database
        )
    }

    fn admission(&self) -> String {
        format!("ALTER ROLE {} LOGIN PASSWORD '{}'", self.role, self.verifier)
    }

    /// Texts are ordered by their octets, as the embedded store orders them.
    fn creation(&self) -> String {
        let Self { database, .. } = self;
        format!("CREATE DATABASE {database} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
    }

    fn closing(&self) -> String {
        let Self { database, role, .. } = self;
        format!(
            "REVOKE ALL ON DATABASE {database} FROM PUBLIC; GRANT CONNECT ON DATABASE {database} TO {role};"
        )
    }

    fn rights(&self) -> String {
        format!(
            "REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE, CREATE ON SCHEMA public TO {};",
            self.role
        )
    }
}

/// A statement that ends a script with this reason where the condition holds.
fn unless(condition: &str, reason: &str) -> String {
    format!("DO $do$ BEGIN IF {condition} THEN RAISE EXCEPTION '{reason}'; END IF; END $do$;")
}

impl std::fmt::Debug for Premises {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the database {} with the role {}", self.database, self.role)
    }
}

/// Asks a database, as the role of a server, what it is.
///
/// # Errors
/// [`StoreFault::Unavailable`] when it does not answer or lets nobody in; [`StoreFault::Damaged`] when something else is in it;
/// [`StoreFault::Newer`] when a newer program made the store in it.
pub fn survey(location: &Location, clock: &dyn Clock) -> Result<Survey, StoreFault> {
    location.apart(|| {
        let conn = location.open_administrator(&Options::default())?;
        let (version, database, role) = conn.one(
            "SELECT CAST(current_setting('server_version_num') AS BIGINT) / 10000, CAST(current_database() AS TEXT),
                    CAST(current_user AS TEXT)",
            params![],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        Ok(Survey {
            version,
            database,
            role,
            lacking: lacking(&conn)?,
            excess: excess(&conn)?,
            unsafe_settings: unsafe_settings(&conn)?,
            schema: migrate::present(&conn)?,
            skew_micros: skew(&conn, clock)?,
            latency_micros: latency(&conn, clock)?,
        })
    })
}

/// The schemas through which a store would go to become what this program wants, and the one it has.
///
/// # Errors
/// As [`survey`].
pub fn pending(location: &Location) -> Result<(u32, Vec<u32>), StoreFault> {
    location.apart(|| {
        let present = migrate::present(&location.open_administrator(&Options::default())?)?;
        Ok((present, migrate::after(present)))
    })
}

/// Brings a store to the schema this program wants; an empty database gets it, and is no pool by that. Servers may run meanwhile.
///
/// # Errors
/// As [`survey`].
pub fn update(location: &Location) -> Result<(), StoreFault> {
    location.apart(|| migrate::migrate(&location.open_administrator(&Options::default())?))
}

/// What a server needs and the role does not have.
fn lacking(conn: &Conn) -> Result<Vec<String>, StoreFault> {
    let (encoding, schema, may_make, foreign) = conn.one(
        "SELECT CAST(current_setting('server_encoding') AS TEXT), CAST(COALESCE(current_schema(), '') AS TEXT),
                COALESCE(has_schema_privilege(current_schema(), 'CREATE'), FALSE),
                (SELECT count(*) FROM pg_tables
                 WHERE schemaname = current_schema() AND NOT pg_has_role(tableowner, 'USAGE'))",
        params![],
        |row| {
            let (encoding, schema): (String, String) = (row.get(0)?, row.get(1)?);
            Ok((encoding, schema, row.get::<i64>(2)? != 0, row.get::<i64>(3)?))
        },
    )?;
    let mut lacking = Vec::new();
    if encoding != "UTF8" {
        lacking.push(format!("the encoding UTF8 (it is {encoding}, for ever: make another database)"));
    }
    match schema.as_str() {
        "" => lacking.push("a schema it may use".to_owned()),
        schema if !may_make => lacking.push(format!("the right to make tables in the schema {schema}")),
        _ => {}
    }
    if foreign > 0 {
        lacking.push(format!("{foreign} tables, which belong to another role"));
    }
    Ok(lacking)
}

/// What the role may and no server needs.
fn excess(conn: &Conn) -> Result<Vec<String>, StoreFault> {
    let rights = conn.one(
        "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles WHERE rolname = current_user",
        params![],
        |row| Ok([row.get::<i64>(0)?, row.get(1)?, row.get(2)?, row.get(3)?]),
    )?;
    let names = ["everything (superuser)", "make roles", "make databases", "replicate"];
    Ok(names.into_iter().zip(rights).filter(|(_, may)| *may != 0).map(|(name, _)| name.to_owned()).collect())
}

/// Settings with which a power failure loses what was kept.
fn unsafe_settings(conn: &Conn) -> Result<Vec<String>, StoreFault> {
    conn.all(
        "SELECT CAST(name AS TEXT) FROM pg_settings
         WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off' ORDER BY name",
        params![],
        |row| Ok(format!("{} is off", row.get::<String>(0)?)),
    )
}

/// How far the clock of the database is ahead.
fn skew(conn: &Conn, clock: &dyn Clock) -> Result<i64, StoreFault> {
    let before = clock.now().unix_micros();
    let there = conn.one(
        "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)",
        params![],
        |row| row.get::<i64>(0),
    )?;
    let after = clock.now().unix_micros();
    Ok(there - (before + (after - before) / 2))
}

/// How long it takes to answer nothing, half of the times.
fn latency(conn: &Conn, clock: &dyn Clock) -> Result<i64, StoreFault> {
    let mut taken = Vec::with_capacity(ASKED);
    for _ in 0..ASKED {
        let before = clock.now().unix_micros();
        conn.one("SELECT 1", params![], |row| row.get::<i64>(0))?;
        taken.push(clock.now().unix_micros() - before);
    }
    taken.sort_unstable();
    Ok(taken[ASKED / 2])
}
