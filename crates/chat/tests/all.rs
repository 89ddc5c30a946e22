//! The words and rules of chat: tables and round trips.

#[path = "all/entries.rs"]
mod entries;
#[path = "all/rights.rs"]
mod rights;
#[path = "all/texts.rs"]
mod texts;
