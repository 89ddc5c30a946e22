//! Numbered migrations: what makes an empty file or database a store and an old store a present one.
//! Migrations add only; a store of a newer program is left alone.

use crate::engine::{Conn, Hold, params};
use crate::fault::StoreFault;

/// One step: the schema it leads to and the oldest programs that may then read and write.
struct Migration {
    version: u32,
    min_reader: u32,
    min_writer: u32,
    sqlite: &'static str,
    postgres: &'static str,
}

const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 2,
        min_reader: 2,
        min_writer: 2,
        sqlite: include_str!("../migrations/0001_journals.sql"),
        postgres: include_str!("../migrations/postgres/0001_journals.sql"),
    },
    Migration {
        version: 3,
        min_reader: 2,
        min_writer: 3,
        sqlite: include_str!("../migrations/0002_standings.sql"),
        postgres: include_str!("../migrations/postgres/0002_standings.sql"),
    },
    Migration {
        version: 4,
        min_reader: 2,
        min_writer: 4,
        sqlite: include_str!("../migrations/0003_pool.sql"),
        postgres: include_str!("../migrations/postgres/0003_pool.sql"),
    },
    Migration {
        version: 5,
        min_reader: 2,
        min_writer: 5,
        sqlite: include_str!("../migrations/0004_central.sql"),
        postgres: include_str!("../migrations/postgres/0004_central.sql"),
    },
    Migration {
        version: 6,
        min_reader: 2,
        min_writer: 5,
        sqlite: include_str!("../migrations/0005_endpoints.sql"),
        postgres: include_str!("../migrations/postgres/0005_endpoints.sql"),
    },
    Migration {
        version: 7,
        min_reader: 2,
        min_writer: 7,
        sqlite: include_str!("../migrations/0006_mentions.sql"),
        postgres: include_str!("../migrations/postgres/0006_mentions.sql"),
    },
    Migration {
        version: 8,
        min_reader: 2,
        min_writer: 8,
        sqlite: include_str!("../migrations/0007_sessions.sql"),
        postgres: include_str!("../migrations/postgres/0007_sessions.sql"),
    },
    Migration {
        version: 9,
        min_reader: 2,
        min_writer: 8,
        sqlite: include_str!("../migrations/0008_confirmed.sql"),
        postgres: include_str!("../migrations/postgres/0008_confirmed.sql"),
    },
    Migration {
        version: 10,
        min_reader: 2,
        min_writer: 8,
        sqlite: include_str!("../migrations/0009_gone.sql"),
        postgres: include_str!("../migrations/postgres/0009_gone.sql"),
    },
];

/// The schema of development builds before the first release. Nobody was given one to keep.
const DEVELOPMENT: u32 = 1;

/// The newest schema this program knows.
const KNOWN: u32 = MIGRATIONS[MIGRATIONS.len() - 1].version;

/// Brings the database to the newest schema known, each step in its own transaction.
///
/// # Errors
/// [`StoreFault::Newer`] when the database wants newer writers; [`StoreFault::Damaged`] when it is another program's.
pub(crate) fn migrate(conn: &Conn) -> Result<(), StoreFault> {
    let present = present(conn)?;
    if present == DEVELOPMENT {
        let what = "the store was made by a development build before the first release: make it anew";
        return Err(StoreFault::Damaged { what: what.into() });
    }
    for step in MIGRATIONS.iter().filter(|m| m.version > present) {
        conn.begin()?;
        let done = conn.hold(Hold::Schema).and_then(|()| apply(conn, step));
        let taken = done.inspect_err(|_| {
            conn.roll_back();
        })?;
        // Of a store that is only made nothing was there to be brought further.
        if taken && present > 0 {
            tracing::info!(version = step.version, "store.migrated");
        }
    }
    Ok(())
}

/// The schema the database has, 0 if it is empty.
pub(crate) fn present(conn: &Conn) -> Result<u32, StoreFault> {
    let (version, min_writer) = match conn.schema()? {
        None => return Ok(0),
        Some(Some(row)) => row,
        Some(None) => {
            return Err(StoreFault::Damaged { what: "what is there is no store of this program".into() });
        }
    };
    if min_writer > KNOWN {
        return Err(StoreFault::Newer { found: version, known: KNOWN });
    }
    Ok(version)
}

/// The schemas that come after this one.
pub(crate) fn after(present: u32) -> Vec<u32> {
    MIGRATIONS.iter().map(|step| step.version).filter(|version| *version > present).collect()
}

/// Takes a step, unless somebody else took it since; says whether it did.
fn apply(conn: &Conn, step: &Migration) -> Result<bool, StoreFault> {
    if crate::migrate::present(conn)? >= step.version {
        conn.roll_back();
        return Ok(false);
    }
    conn.run(match conn {
        Conn::Sqlite(_) => step.sqlite,
        Conn::Postgres(_) => step.postgres,
    })?;
    conn.execute(
        "INSERT INTO schema (one, version, min_reader, min_writer) VALUES (1, ?1, ?2, ?3)
         ON CONFLICT (one) DO UPDATE SET version = ?1, min_reader = ?2, min_writer = ?3",
        params![step.version, step.min_reader, step.min_writer],
    )?;
    conn.commit()?;
    Ok(true)
}
