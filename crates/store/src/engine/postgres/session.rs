//! How sessions of PostgreSQL are opened, and how those of a server whose place was taken are ended.
//! Sends nothing of people.

use std::time::Duration;

use chat::ServerId;
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::NoTlsStream;
use tokio_postgres::{AsyncMessage, Client, Connection, NoTls, Socket};

use super::tls::Secured;
use super::{Address, Session};
use crate::engine::{Conn, int, params};
use crate::fault::StoreFault;
use crate::record::Options;

/// A session that may write, of nobody yet.
pub(crate) fn open_entering(address: &Address, options: &Options) -> Result<Conn, StoreFault> {
    // A process that is stopped in the middle must not hold what the others wait for.
    // Everything that is written is found by its key: a plan made while a table was small must not read all of it when it has grown.
    let limits = "-c idle_in_transaction_session_timeout=1000 -c enable_seqscan=off -c enable_hashjoin=off \
                  -c enable_mergejoin=off";
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
    end_sessions(&conn, &writer_name(server, &epoch.to_string()))?;
    begin_writing(&conn, server, epoch)?;
    Ok(conn)
}

/// Ends the sessions with which a server writes, under whatever epoch, and waits until their last commit is over.
pub(crate) fn end_writer(conn: &Conn, server: ServerId) -> Result<(), StoreFault> {
    end_sessions(conn, &writer_name(server, "%"))
}

/// Ends the sessions of a name and waits until they are gone.
fn end_sessions(conn: &Conn, named: &str) -> Result<(), StoreFault> {
    let ended: Vec<i64> = conn.all(
        "SELECT CAST(pid AS BIGINT), pg_terminate_backend(pid, CAST(?2 AS BIGINT)) FROM pg_stat_activity
         WHERE application_name LIKE ?1 AND datname = current_database() AND pid <> pg_backend_pid()",
        params![named, END_WAIT],
        |row| row.get(0),
    )?;
    // Not by their name: whoever does not know yet that its time is over opens another, and finds that it may not write.
    let mut is_there = conn.prepare("SELECT pid FROM pg_stat_activity WHERE pid = CAST(?1 AS BIGINT)")?;
    for pid in ended {
        if is_there.row(params![pid], |_| Ok(()))?.is_some() {
            let reason =
                format!("session {pid} of the server that wrote before does not end: end it in the database");
            return Err(StoreFault::Unavailable { reason });
        }
    }
    Ok(())
}

/// Makes this the session with which a server writes under an epoch.
pub(crate) fn begin_writing(conn: &Conn, server: ServerId, epoch: u64) -> Result<(), StoreFault> {
    conn.run(&format!("SET application_name = '{}'", writer_name(server, &epoch.to_string())))
}

fn writer_name(server: ServerId, epoch: &str) -> String {
    format!("causerie writer {} epoch {epoch}", server.0)
}

/// For how many milliseconds a session that was ended is waited for (ours: a commit that goes to the disk just then).
const END_WAIT: i64 = 5_000;

/// A session over which a whole store is carried: a copy of a large table is one statement, and while it is proven nothing is said.
pub(crate) fn open_to_carry(address: &Address, options: &Options) -> Result<Conn, StoreFault> {
    let patient = "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0";
    Ok(Conn::Postgres(Box::new(open(address, options, "causerie move", patient)?)))
}

/// Begins a transaction while no server writes, and nobody else carries a store; false when somebody does. Waits a little: the session
/// of whoever was killed just now ends by itself.
pub(crate) fn keep_others_out(conn: &Conn) -> Result<bool, StoreFault> {
    match conn.run(&format!("SELECT pg_advisory_lock({CARRIER_LOCK})")) {
        Err(StoreFault::Unavailable { .. }) if !conn.is_over() => return Ok(false),
        taken => taken?,
    }
    for wait in [0_i64, 100, 400, 1_500] {
        conn.one("SELECT 1 FROM pg_sleep(CAST(?1 AS BIGINT) / 1000.0)", params![wait], |_| Ok(()))?;
        let writers = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE ?1 AND datname = current_database()";
        if conn.one(writers, params![WRITERS], |row| row.get::<i64>(0))? == 0 {
            conn.run("BEGIN ISOLATION LEVEL REPEATABLE READ")?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// What whoever carries a store holds in a database.
const CARRIER_LOCK: i64 = 0x63_61_72_72_79;
/// The names of all sessions that write.
const WRITERS: &str = "causerie writer %";

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
    let (client, mut line) = runtime.block_on(connect(address, options, name, more))?;
    runtime.spawn(async move { while line.next().await.is_some() {} });
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

/// Opens a session of this name, with further settings. Nothing is sent or heard but while somebody waits for its line.
pub(crate) async fn connect(
    address: &Address,
    options: &Options,
    name: &str,
    more: &str,
) -> Result<(Client, Line), StoreFault> {
    let wait = options.busy_wait.as_millis();
    let mut config = address.config.clone();
    config
        .application_name(name)
        .connect_timeout(options.busy_wait)
        // A machine that is cut off is noticed before everything waits for it.
        .tcp_user_timeout(options.busy_wait)
        .keepalives_idle(options.busy_wait)
        .keepalives_interval(KEEPALIVE_INTERVAL)
        .keepalives_retries(KEEPALIVE_RETRIES)
        .options(format!(
            "-c synchronous_commit=on -c statement_timeout=30000 -c lock_timeout={wait} -c jit=off \
             -c client_connection_check_interval=1000 -c client_min_messages=warning {more}"
        ));
    let connected = match &address.trust {
        Some(trust) => {
            let connected = config.connect(trust.connector()?).await;
            connected.map(|(client, connection)| (client, Line::Secured(Box::new(connection))))
        }
        None => {
            let connected = config.connect(NoTls).await;
            connected.map(|(client, connection)| (client, Line::Plain(Box::new(connection))))
        }
    };
    connected.map_err(|error| not_let_in(error, address))
}

/// How often a silent connection is asked whether it is still there, once it was silent for long (ours).
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(2);
/// How often it may not answer (ours).
const KEEPALIVE_RETRIES: u32 = 2;

/// The line of a session: whoever waits for it carries what is said.
pub(crate) enum Line {
    /// Through this machine alone.
    Plain(Box<Connection<Socket, NoTlsStream>>),
    /// Through TLS.
    Secured(Box<Connection<Socket, Secured<Socket>>>),
}

impl Line {
    /// The next notice; `None` when the session is over. Whoever waits for an answer is told the same.
    pub(crate) async fn next(&mut self) -> Option<AsyncMessage> {
        let message = std::future::poll_fn(|context| match self {
            Self::Plain(connection) => connection.poll_message(context),
            Self::Secured(connection) => connection.poll_message(context),
        });
        message.await?.inspect_err(|error| tracing::debug!(%error, "store.session_ended")).ok()
    }
}

/// Says what to do when the database lets nobody in like this; whatever it is may be mended outside.
fn not_let_in(error: tokio_postgres::Error, address: &Address) -> StoreFault {
    let wrong = error.code() == Some(&SqlState::INVALID_PASSWORD);
    // Whoever answered needs no name.
    let whom = if error.as_db_error().is_none() { format!("{}: ", address.servers()) } else { String::new() };
    let fault = StoreFault::from(error);
    // The client refuses to go on without a password that is asked for, and says so only in words.
    let missing = !address.has_password() && matches!(fault, StoreFault::Rejected { .. });
    match fault {
        StoreFault::Unavailable { reason } | StoreFault::Rejected { reason } if wrong || missing => {
            StoreFault::Unavailable { reason: format!("{whom}{reason}: {GIVE_PASSWORD}") }
        }
        StoreFault::Unavailable { reason } | StoreFault::Rejected { reason } => {
            StoreFault::Unavailable { reason: format!("{whom}{reason}") }
        }
        other => other,
    }
}

/// Where a password is looked for.
const GIVE_PASSWORD: &str =
    "give the right password in ~/.pgpass, the file PGPASSFILE names, or the one of store-password-file";

/// A session of whoever administers the database server, or brings a database to the present schema.
pub(crate) fn open_administrator(address: &Address, options: &Options) -> Result<Conn, StoreFault> {
    Ok(Conn::Postgres(Box::new(open(address, options, "causerie administrator", "")?)))
}
