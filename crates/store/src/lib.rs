//! Journals and tables, kept and read back: every word is written here first, in order, and only then shown.
//! Decides no right and knows no wire.
//!
//! | file | what |
//! | --- | --- |
//! | `store.rs` | [`Store`]: every request there is, but those in the next two |
//! | `texts.rs`, `own.rs` | those about texts; those about what is kept for one person |
//! | `record.rs`, `change.rs`, `shelf.rs` | the values that go in and come out |
//! | `fault.rs`, `limits.rs` | what can go wrong; every limit, with its source |
//! | `queue.rs`, `writer.rs` | what waits, and the thread that commits it together |
//! | `readers.rs`, `statements.rs`, `pace.rs` | the connections that read; what is begun on them, for tests; a store without threads, for simulations |
//! | `journal.rs`, `hash.rs`, `verify.rs` | appending with dense numbers, the chain, and its proof |
//! | `words.rs`, `amend.rs` | posts, joins, parts, views; texts taken away or replaced |
//! | `administer.rs`, `administer/` | what administration changes, with the entries that tell of it |
//! | `rows.rs`, `principals.rs`, `scopes.rs` | reading it: people, nodes; groups, roles, tokens; policies, settings, add-ins |
//! | `facts.rs`, `registry.rs`, `path.rs` | what only administration reads, as values and as requests; ways to a group |
//! | `pages.rs` | people and groups in pages |
//! | `members.rs`, `around.rs` | direct members of groups; who is under a group, and what these belong to |
//! | `listing.rs`, `figures.rs`, `operations.rs`, `reports.rs` | lists in pages, figures, the record of operations; the requests for them |
//! | `sessions.rs` | who is signed on with a browser |
//! | `mentions.rs` | whom texts mention |
//! | `personal.rs` | credentials, documents, invitations, read marks |
//! | `follow.rs` | what whoever follows the servers reads |
//! | `history.rs`, `search.rs` | posts as they are shown; the index |
//! | `ahead.rs`, `passed.rs` | what a batch of posts needs, asked for at once; what waits for the next, and what must not overtake it |
//! | `servers.rs`, `lease.rs`, `places.rs`, `aside.rs` | the servers of the pool and their leases; the requests for them; their connection |
//! | `carry.rs` | a whole store to another place |
//! | `notices.rs` | what programs that have the same database open tell each other in passing |
//! | `central.rs` | the published versions of the topology |
//! | `found.rs`, `migrate.rs` | beginning, schema (`migrations/`) |
//! | `premises.rs` | a database made for it by an administrator, looked at, brought to the present schema |
//! | `engine.rs`, `engine/` | the seam to the database: SQLite and PostgreSQL |
//!
//! Starts one thread per open store, `store-writer`, which owns the connection that writes; [`Store::close`] joins it.
//! Reads run on tokio's threads for blocking work, at most four at a time. A connection to PostgreSQL runs on whichever
//! thread asks it.

mod administer;
mod ahead;
mod amend;
mod around;
mod aside;
mod carry;
mod central;
mod change;
mod engine;
mod facts;
mod fault;
mod figures;
mod follow;
mod found;
mod hash;
mod history;
mod journal;
mod lease;
pub mod limits;
mod listing;
mod members;
mod mentions;
mod migrate;
mod notices;
mod operations;
mod own;
mod pace;
mod pages;
mod passed;
mod path;
mod personal;
mod places;
mod premises;
mod principals;
mod queue;
mod readers;
mod record;
mod registry;
mod reports;
mod rows;
mod scopes;
mod search;
mod servers;
mod sessions;
mod shelf;
mod statements;
mod store;
mod texts;
mod verify;
mod words;
mod writer;

pub use around::{Around, Placed};
pub use carry::Standing;
pub use central::TopologyRow;
pub use change::{
    AddInDraft, Administered, CategoryDraft, Credentials, DirectoryEntry, GroupDraft, Member, Order,
    PersonDraft, PolicyDraft, Premise, RoomDraft, RowChange, RowDone, TokenDraft, TopologyDraft, Who,
};
pub use engine::Location;
pub use facts::{
    Account, ConfigurationRow, Endpoint, Granted, List, ListGrant, Membership, OperationFilter,
    OperationPart, OperationRow, PersonFacts, PolicyHolders, PostState, RoleGrant, TokenRow,
};
pub use fault::{AdminFault, MoveFault, StoreFault};
pub use figures::{Headcount, Holding, Pulse, Tally};
pub use follow::Followed;
pub use lease::{Renewed, TakeOver};
pub use listing::RoomFilter;
pub use notices::Notices;
pub use pace::{Fate, Hardship, Pace, Stage};
pub use pages::{GroupPage, Seek};
pub use premises::{BadName, Made, Premises, Survey, pending, survey, update};
pub use record::{
    Act, Amend, AmendOutcome, Amendment, Body, Carried, Carrying, Committed, Found, Founding, Happened, Head,
    History, Identity, Mark, NewPost, Options, Passage, PostOutcome, PostRecord, Presence, Recorded, Resume,
    Said, Search, Sweep, Swept, SweptPost, Timeline, Verified, Window,
};
pub use registry::Graph;
pub use rows::Node;
pub use servers::{Lease, Place, Roster, Server, ServerState, Servers};
pub use sessions::{Clearance, SessionHash, SessionRow};
pub use shelf::{Document, Invitation, PutOutcome, ReadMark, Reading, Shelf};
pub use statements::Statements;
pub use store::Store;
