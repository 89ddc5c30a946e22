//! How sessions of PostgreSQL are opened, and how those of a server whose place was taken are ended.
//! Sends nothing of people.

use std::net::IpAddr;
use std::str::FromStr;

use chat::ServerId;
use tokio_postgres::NoTls;
use tokio_postgres::config::{Config, Host};

use super::Session;
use crate::engine::{Conn, int, params};
use crate::fault::StoreFault;
use crate::record::Options;

/// Where a database of PostgreSQL is, and how one gets in. Shows no password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address(Config);

impl Address {
    /// Reads `postgres://name:password@host:port/database`.
    ///
    /// # Errors
    /// Says what is wrong with it, but not what it is.
    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        let config = Config::from_str(url).map_err(|error| format!("it cannot be read: {error}"))?;
        if config.get_hosts().is_empty() {
            return Err("it names no host".into());
        }
        if !config.get_hosts().iter().all(is_here) {
            return Err("it names another machine, and this version speaks to a database without TLS only on its own: \
                        name a unix socket or a loopback address"
                .into());
        }
        Ok(Self(config))
    }
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PostgreSQL at {:?}, database {:?}", self.0.get_hosts(), self.0.get_dbname())
    }
}

fn is_here(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
    }
}

/// A session that may write, of nobody yet.
pub(crate) fn open_entering(address: &Address, options: &Options) -> Result<Conn, StoreFault> {
    // A process that is stopped in the middle must not hold what the others wait for.
    let limits = "-c idle_in_transaction_session_timeout=1000";
    Ok(Conn::Postgres(Box::new(open(address, options, "causerie", limits)?)))
}

/// The session that writes, of a server that lost the one it had: that one has ended when this returns.
pub(crate) fn open_writer(
    address: &Address,
    options: &Options,
    server: ServerId,
    epoch: u64,
) -> Result<Conn, StoreFault> {
    let conn = open_entering(address, options)?;
    let now: Option<i64> =
        conn.row("SELECT epoch FROM server WHERE id = ?1", params![server.0], |row| row.get(0))?;
    if now != Some(int(epoch)) {
        return Err(StoreFault::Superseded);
    }
    end_writer(&conn, server)?;
    begin_writing(&conn, server)?;
    Ok(conn)
}

/// Ends the sessions with which a server writes, and waits until their last commit is over.
pub(crate) fn end_writer(conn: &Conn, server: ServerId) -> Result<(), StoreFault> {
    conn.all(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = ?1 AND datname = current_database() AND pid <> pg_backend_pid()",
        params![writer_name(server)],
        |_| Ok(()),
    )?;
    conn.run(&format!(
        "SELECT pg_advisory_lock({WRITER_LOCK}, {0}); SELECT pg_advisory_unlock({WRITER_LOCK}, {0})",
        server.0
    ))
}

/// Makes this the session with which a server writes.
pub(crate) fn begin_writing(conn: &Conn, server: ServerId) -> Result<(), StoreFault> {
    // Held by a session until it is over for sure.
    conn.run(&format!(
        "SELECT pg_advisory_lock({WRITER_LOCK}, {}); SET application_name = '{}'",
        server.0,
        writer_name(server)
    ))
}

/// Waits for whoever else changes the schema.
pub(crate) fn lock_schema(conn: &Conn) -> Result<(), StoreFault> {
    conn.run(&format!("SELECT pg_advisory_xact_lock({WRITER_LOCK}, 0)"))
}

fn writer_name(server: ServerId) -> String {
    format!("causerie writer {}", server.0)
}

/// The first half of the lock that a writer holds; the second is the number of its server; 0 is that of the schema.
const WRITER_LOCK: i32 = 0x43_41_55_53;

/// A session that only reads.
pub(crate) fn open_reader(address: &Address, options: &Options) -> Result<Conn, StoreFault> {
    let read_only = "-c idle_in_transaction_session_timeout=60000 -c default_transaction_read_only=on";
    Ok(Conn::Postgres(Box::new(open(address, options, "causerie reader", read_only)?)))
}

fn open(address: &Address, options: &Options, name: &str, more: &str) -> Result<Session, StoreFault> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| StoreFault::Unavailable { reason: error.to_string() })?;
    let wait = options.busy_wait.as_millis();
    let mut config = address.0.clone();
    config.application_name(name).connect_timeout(options.busy_wait).options(format!(
        "-c synchronous_commit=on -c statement_timeout=30000 -c lock_timeout={wait} -c jit=off \
         -c client_connection_check_interval=1000 -c client_min_messages=warning {more}"
    ));
    let (client, connection) = runtime.block_on(config.connect(NoTls))?;
    runtime.spawn(async move {
        // Whoever waits for an answer is told the same.
        if let Err(error) = connection.await {
            tracing::debug!(%error, "store.session_ended");
        }
    });
    Ok(Session {
        runtime: Some(runtime),
        client,
        prepared: Default::default(),
        words: Default::default(),
        over: Default::default(),
        begun: options.statements.clone(),
        waiting: Default::default(),
        numbers: Default::default(),
    })
}
