//! Stories of people and programs that speak HTTPS, over real connections against a house in this process.

#[path = "all/answering.rs"]
mod answering;
#[path = "all/document.rs"]
mod document;
#[path = "all/ending.rs"]
mod ending;
#[path = "all/reading.rs"]
mod reading;
#[path = "all/scene.rs"]
mod scene;
#[path = "all/signing.rs"]
mod signing;
#[path = "all/strangers.rs"]
mod strangers;
#[path = "all/watching.rs"]
mod watching;
