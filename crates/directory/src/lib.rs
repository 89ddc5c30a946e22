//! Who people are: what they sign on with and what is kept for one person: contacts and presence publications.
//! Decides no right in a room and knows no wire; names and bytes come in, people and secrets go out.
//!
//! | file | what |
//! | --- | --- |
//! | `directory.rs` | the handle: sealing and checking credentials, legacy secrets, documents |
//! | `password.rs` | what a password must be, and argon2id |
//! | `seal.rs` | the key file and the sealing of legacy secrets under it |
//! | `turn.rs` | turns of sign-ons, per person and address: guessing is slow, nobody is locked out |
//! | `publication.rs` | presence publications: names, and the date around a document |
//! | `followed.rs`, `room_setting.rs` | the rooms a person follows; the document of one |
//!
//! Starts no task; argon2id runs on the blocking pool, two computations at most.

mod directory;
mod fault;
mod followed;
mod password;
mod publication;
mod room_setting;
mod seal;
mod turn;

pub use directory::{Directory, LegacySecret};
pub use fault::{DirectoryFault, SignOnRefused};
pub use followed::{FOLLOWED_MAX, FollowOutcome, Followed};
pub use password::{Password, PasswordRefused};
pub use publication::{BadPublication, Publication, PublicationName};
pub use room_setting::{ROOM_SETTING, RoomSetting};
pub use seal::SealingKey;
pub use store::PutOutcome;
pub use turn::{TooManyTries, origin};
