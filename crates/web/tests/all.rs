//! Stories of people and programs that speak HTTPS, over real connections against a house in this process.

#[path = "all/administering.rs"]
mod administering;
#[path = "all/admission.rs"]
mod admission;
#[path = "all/agreement.rs"]
mod agreement;
#[path = "all/answering.rs"]
mod answering;
#[path = "all/document.rs"]
mod document;
#[path = "all/ending.rs"]
mod ending;
#[path = "all/following.rs"]
mod following;
#[path = "all/keeping.rs"]
mod keeping;
#[path = "all/live.rs"]
mod live;
#[path = "all/naming.rs"]
mod naming;
#[path = "all/races.rs"]
mod races;
#[path = "all/reading.rs"]
mod reading;
#[path = "all/revocation.rs"]
mod revocation;
#[path = "all/scene.rs"]
mod scene;
#[path = "all/side_doors.rs"]
mod side_doors;
#[path = "all/signing.rs"]
mod signing;
#[path = "all/strangers.rs"]
mod strangers;
#[path = "all/talking.rs"]
mod talking;
#[path = "all/tokens.rs"]
mod tokens;
#[path = "all/unseen.rs"]
mod unseen;
#[path = "all/watching.rs"]
mod watching;
#[path = "all/worlds.rs"]
mod worlds;
