//! What can go wrong with keeping: faults of the store and refusals of administrative changes.
//! Holds no refusal of the rules of chat; those are `chat::Refusal`.

use chat::Subject;

/// Why the store could not do what it was asked. Nothing was written, but for [`StoreFault::Unknown`].
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StoreFault {
    /// The disk, or the size the store may have, is full. Reads go on; writes work again once there is room.
    #[error("the store is full: free space on its disk")]
    Full,
    /// The disk or the database does not answer as it should. Reads may go on; the next write tries again.
    #[error("the store does not answer: {reason}")]
    Unavailable {
        /// What the database said.
        reason: String,
    },
    /// Something was read that no writer writes: the file is damaged.
    #[error("the store is damaged: {what}")]
    Damaged {
        /// What was found, and where.
        what: String,
    },
    /// The store was written by a newer program that this one must not follow.
    #[error("the store has schema {found}, this program knows {known}: start a newer program")]
    Newer {
        /// The version found.
        found: u32,
        /// The newest version this program knows.
        known: u32,
    },
    /// The store was left for another place, or has not wholly arrived where it is.
    #[error("nothing is served from this store: {reason}")]
    NotServed {
        /// Which of the two, and what to do.
        reason: String,
    },
    /// The database refused this one request for a reason nobody foresaw; a defect worth reporting.
    #[error("the database refused: {reason}")]
    Rejected {
        /// What the database said.
        reason: String,
    },
    /// The queue of the writer is full; try again later.
    #[error("the store has too much to do")]
    Busy,
    /// Another server has taken this server's place: this one must stop.
    #[error("another server has taken over this store")]
    Superseded,
    /// Another installation runs the server of this name.
    #[error("{holder} runs the server {name}: stop it there, or wait {seconds} s until its lease is over")]
    Held {
        /// The server.
        name: String,
        /// Who holds its lease.
        holder: String,
        /// Seconds until the lease is over.
        seconds: u64,
    },
    /// The pool has as many servers as it may have.
    #[error("the pool has {limit} servers, and no more may be: remove one by 'causerie pool remove'")]
    PoolFull {
        /// How many there may be.
        limit: usize,
    },
    /// The database was lost in the middle of the commit, and this store has to end before it hears whether that was kept: nobody
    /// here knows, and whoever asked is not to be told either.
    #[error("nobody knows whether this was kept: look whether it is there before it is done again")]
    Unknown,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// A value is beyond its limit.
    #[error("{what}: at most {limit} octets are kept")]
    TooLarge {
        /// Which value.
        what: &'static str,
        /// The limit, in octets.
        limit: usize,
    },
}

/// Why a store was not carried to another place. It is served from where it was, unless said otherwise.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MoveFault {
    /// Somebody has the store, or the place where it is to go, open.
    #[error("a server has it open: stop every server of the pool first")]
    Running,
    /// There is a store already where it is to go.
    #[error("there is a store already where this one is to go: name an empty database")]
    Occupied,
    /// It was carried to another place before; it is served from there.
    #[error("it was moved to {place} before: use that one")]
    Left {
        /// Where it is.
        place: String,
    },
    /// It is itself a copy that is not finished.
    #[error("it is a copy that was not finished: say `causerie store move` once more where it comes from")]
    Arriving,
    /// What came to be at the other end is not what is here: a defect worth reporting.
    #[error("the copy is not the same and was taken back: {what}")]
    Differs {
        /// Where it differs.
        what: String,
    },
    /// One of both ends could not do it.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

/// Why an administrative operation was not carried out. Nothing of it was written.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AdminFault {
    /// A room or category already has this name, case aside.
    #[error("a room or category of this name exists already")]
    DuplicateName,
    /// A person who was not removed has this address, or clients find the pool under it.
    #[error("a person with this address exists already, or it is an address of the pool")]
    DuplicateAddress,
    /// A row the operation names does not exist or was removed.
    #[error("there is no such {}", subject_word(.0))]
    NoSuch(Subject),
    /// A local group has this name, or an object of the directory this GUID or distinguished name.
    #[error("a group of this name or identity exists already")]
    DuplicateGroup,
    /// A policy, collection of settings, add-in, endpoint or token of this name exists already.
    #[error("there is one of this name already")]
    DuplicateEntry,
    /// The category still has rooms.
    #[error("the category still has rooms")]
    NotEmpty,
    /// The row was changed since the caller read it.
    #[error("it was changed by somebody else meanwhile: read it again")]
    Stale,
    /// The standing of who asked has changed since it was decided that it may, or the token was revoked.
    #[error("what you may do has changed meanwhile: ask again")]
    Moved,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

fn subject_word(subject: &Subject) -> &'static str {
    match subject {
        Subject::Person(_) => "person",
        Subject::Category(_) => "category",
        Subject::Room(_) => "room",
        Subject::Settings => "setting",
        Subject::Group(_) => "group",
        Subject::Policy(_) => "policy",
        Subject::Configuration(_) => "collection of settings",
        Subject::AddIn(_) => "add-in",
        Subject::Endpoint(_) => "address of the pool",
        Subject::Token(_) => "token",
        Subject::Server(_) => "server of the pool",
        Subject::Topology(_) => "version of the topology",
    }
}
