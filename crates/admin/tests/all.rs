//! Stories of administrators, over a real store: who may be what, who loses what, and what is never kept.

#[path = "all/house.rs"]
mod house;
#[path = "all/nodes.rs"]
mod nodes;
#[path = "all/people.rs"]
mod people;
