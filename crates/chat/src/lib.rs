//! Words and rules of persistent chat as plain values: who may see, join, read and post where, and what is written down.
//! No I/O, no async, no clock of its own and none of our other crates: values come in, an event or a refusal goes out.
//!
//! | file | what |
//! | --- | --- |
//! | `address.rs` | domains, people's addresses, numbers of people, rooms, categories, servers |
//! | `time.rs` | points in time and the [`Clock`] seam that hands out time and randomness |
//! | `text.rs` | names, descriptions, the text of a post and its client's name for it, parsed once |
//! | `mention.rs` | whom a text mentions |
//! | `filter.rs` | which texts a few words mean |
//! | `access.rs` | principals, people, scopes and permission masks |
//! | `group.rs` | groups, containers, directory domains, and the sets of them people belong to |
//! | `role.rs` | administrative roles |
//! | `category.rs`, `room.rs` | the two nodes; [`Room::decide`] is the one place where a right is decided |
//! | `values.rs` | what can be set of a room or category, and which rights it takes |
//! | `rule.rs` | the rules such values obey, and what a narrower scope takes away |
//! | `event.rs`, `refusal.rs`, `reason.rs` | the rights there are, what a decision yields, and why |
//! | `setting.rs` | policies, settings and add-ins, and which of them is in force |
//! | `journal.rs`, `codec.rs` | positions and entries of the journals and their canonical bytes |
//! | `limits.rs` | every limit of the words, with its source |
//!
//! Starts no task.

mod access;
mod address;
mod category;
mod codec;
mod event;
mod filter;
mod group;
mod journal;
pub mod limits;
mod mention;
mod reason;
mod refusal;
mod role;
mod room;
mod rule;
mod setting;
mod text;
mod time;
mod values;

pub use access::{Mask, Person, PersonState, Principal, Scope};
pub use address::{
    AddInId, Address, BadAddress, CategoryId, Domain, GroupId, PersonId, RoomId, SERVER_USERS, ServerId,
};
pub use category::Category;
pub use codec::BadEntry;
pub use event::{Ask, Event, Right};
pub use filter::{BadFilter, MatchClause, TextFilter};
pub use group::{Ancestors, Group, GroupKind};
pub use journal::{
    Actor, Change, Entry, Header, JournalKey, PartReason, PoolEntry, Position, Range, RoomEntry, ServerEntry,
    Stand, Subject, Under,
};
pub use mention::{Mention, Names, may_mention};
pub use reason::Reason;
pub use refusal::Refusal;
pub use role::{Role, Roles};
pub use room::{Invitations, Privacy, Room, RoomKind};
pub use rule::{Bounds, Breach, Known, Rule, outsiders};
pub use setting::{AddIn, AddInName, BadSetting, Configuration, Policy, ScopeName, Url, in_force};
pub use text::{
    BadText, ClientId, Description, DisplayName, Draft, NodeName, Rtf, Text, folded, is_keepable, story_title,
};
pub use time::{BadTime, Clock, Time};
pub use values::{CategoryValues, RoomRoles, RoomValues, rights_needed};
