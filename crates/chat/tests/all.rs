//! The words and rules of chat: tables and round trips.

#[path = "all/entries.rs"]
mod entries;
#[path = "all/filters.rs"]
mod filters;
#[path = "all/octets.rs"]
mod octets;
#[path = "all/people.rs"]
mod people;
#[path = "all/rights.rs"]
mod rights;
#[path = "all/roles.rs"]
mod roles;
#[path = "all/texts.rs"]
mod texts;
