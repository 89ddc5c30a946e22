//! What the generator promises: its figures are of a run in which everybody got every post once, in order, or it says who did not.
//! How fast a server is, no test asks.

#[path = "all/figures.rs"]
mod figures;
#[path = "all/findings.rs"]
mod findings;
#[path = "all/forger.rs"]
mod forger;
#[path = "all/places.rs"]
mod places;
#[path = "all/reading.rs"]
mod reading;
#[path = "all/spoiler.rs"]
mod spoiler;
#[path = "all/stage.rs"]
mod stage;
#[path = "all/storms.rs"]
mod storms;
#[path = "all/usermodel.rs"]
mod usermodel;
