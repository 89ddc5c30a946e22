//! Stories of people at clients of the Lync protocol, over real links with real signatures, against a house in this process.

#[path = "all/addresses.rs"]
mod addresses;
#[path = "all/apart.rs"]
mod apart;
#[path = "all/backlog.rs"]
mod backlog;
#[path = "all/crowd.rs"]
mod crowd;
#[path = "all/dialogs.rs"]
mod dialogs;
#[path = "all/doors.rs"]
mod doors;
#[path = "all/ending.rs"]
mod ending;
#[path = "all/framing.rs"]
mod framing;
#[path = "all/hoard.rs"]
mod hoard;
#[path = "all/identity.rs"]
mod identity;
#[path = "all/leaving.rs"]
mod leaving;
#[path = "all/mutations.rs"]
mod mutations;
#[path = "all/policy.rs"]
mod policy;
#[path = "all/real_client.rs"]
mod real_client;
#[path = "all/refusals.rs"]
mod refusals;
#[path = "all/scene.rs"]
mod scene;
#[path = "all/signatures.rs"]
mod signatures;
#[path = "all/signon.rs"]
mod signon;
#[path = "all/talk.rs"]
mod talk;
#[path = "all/time.rs"]
mod time;
#[path = "all/transcripts.rs"]
mod transcripts;
