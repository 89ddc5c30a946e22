//! Who people are: what they sign on with and what is kept for one person: contacts and presence publications.
//! Decides no right in a room and knows no wire; names and bytes come in, people and secrets go out.
//!
//! | file | what |
//! | --- | --- |
//! | `directory.rs` | the handle: sealing and checking credentials, legacy secrets, documents |
//! | `password.rs` | what a password must be, and argon2id |
//! | `seal.rs` | the key file and the sealing of legacy secrets under it |
//! | `token.rs` | tokens: their secrets, their scopes, who is behind one |
//! | `session.rs` | sessions of people with browsers, as they are kept |
//! | `turn.rs` | turns of sign-ons, per person and address: guessing is slow, nobody is locked out |
//! | `source.rs` | what any source of people says: objects, one after the other |
//! | `distinguished_name.rs` | names of directory objects |
//! | `ldif.rs`, `ldif/` | exports of directories as a source |
//! | `census.rs` | all a source says, put together: containers and memberships |
//! | `compare.rs`, `plan.rs` | a census beside what is known, and what would change |
//! | `affiliation.rs` | all groups and containers somebody belongs to, whatever lies between |
//! | `publication.rs` | presence publications: names, and the date around a document |
//! | `followed.rs`, `room_setting.rs` | the rooms a person follows; the document of one |
//!
//! Starts no task; argon2id runs on the blocking pool, two computations at most.

mod affiliation;
mod census;
mod compare;
mod directory;
mod distinguished_name;
mod fault;
mod followed;
pub mod ldif;
mod password;
mod plan;
mod publication;
mod room_setting;
mod seal;
mod session;
mod source;
mod token;
mod turn;

pub use affiliation::{ANCESTORS_MAX, Affiliations, Graph, TooManyAncestors};
pub use census::{Census, CensusFault, Listed, MEMBERSHIPS_MAX, OBJECTS_MAX, Outside};
pub use compare::{Conflict, Conflicts, Holder, Known, Present, compare};
pub use directory::{Directory, LegacySecret};
pub use distinguished_name::{BadName, DistinguishedName, NAME_OCTETS_MAX};
pub use fault::{DirectoryFault, SignOnRefused};
pub use followed::{FOLLOWED_MAX, FollowOutcome, Followed};
pub use password::{Password, PasswordRefused};
pub use plan::{Added, Alteration, Altered, Gone, LeftOut, Member, MembershipChange, Plan, Step};
pub use publication::{BadPublication, Publication, PublicationName};
pub use room_setting::{ROOM_SETTING, RoomSetting};
pub use seal::SealingKey;
pub use source::{DirectorySource, GroupKey, Object, ObjectKind, PassedOver, SourceFault};
pub use store::{Clearance, PutOutcome, SessionRow, TokenRow};
pub use token::{Bearer, JOIN_CODE, Minted, TokenScope};
pub use turn::{TooManyTries, origin};
