//! The words and rules of chat: tables and round trips.

#[path = "all/entries.rs"]
mod entries;
#[path = "all/filters.rs"]
mod filters;
#[path = "all/matrix.rs"]
mod matrix;
#[path = "all/mentions.rs"]
mod mentions;
#[path = "all/octets.rs"]
mod octets;
#[path = "all/people.rs"]
mod people;
#[path = "all/rights.rs"]
mod rights;
#[path = "all/settings.rs"]
mod settings;
#[path = "all/table.rs"]
mod table;
#[path = "all/texts.rs"]
mod texts;
#[path = "all/values.rs"]
mod values;
#[path = "all/worlds.rs"]
mod worlds;
