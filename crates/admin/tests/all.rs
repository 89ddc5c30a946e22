//! Stories of administrators, over a real store: who may be what, who loses what, and what is never kept.

#[path = "all/addins.rs"]
mod addins;
#[path = "all/asking.rs"]
mod asking;
#[path = "all/bulk.rs"]
mod bulk;
#[path = "all/changing.rs"]
mod changing;
#[path = "all/clearing.rs"]
mod clearing;
#[path = "all/eligible.rs"]
mod eligible;
#[path = "all/explaining.rs"]
mod explaining;
#[path = "all/exports.rs"]
mod exports;
#[path = "all/groups.rs"]
mod groups;
#[path = "all/hiding.rs"]
mod hiding;
#[path = "all/house.rs"]
mod house;
#[path = "all/imports.rs"]
mod imports;
#[path = "all/kept.rs"]
mod kept;
#[path = "all/leavers.rs"]
mod leavers;
#[path = "all/listing.rs"]
mod listing;
#[path = "all/lists.rs"]
mod lists;
#[path = "all/meeting.rs"]
mod meeting;
#[path = "all/messages.rs"]
mod messages;
#[path = "all/narrowing.rs"]
mod narrowing;
#[path = "all/nodes.rs"]
mod nodes;
#[path = "all/office.rs"]
mod office;
#[path = "all/people.rs"]
mod people;
#[path = "all/policies.rs"]
mod policies;
#[path = "all/portions.rs"]
mod portions;
#[path = "all/previewing.rs"]
mod previewing;
#[path = "all/publishing.rs"]
mod publishing;
#[path = "all/record.rs"]
mod record;
#[path = "all/reports.rs"]
mod reports;
#[path = "all/roles.rs"]
mod roles;
#[path = "all/servers.rs"]
mod servers;
#[path = "all/settings.rs"]
mod settings;
#[path = "all/stock.rs"]
mod stock;
#[path = "all/table.rs"]
mod table;
#[path = "all/talk.rs"]
mod talk;
#[path = "all/tokens.rs"]
mod tokens;
#[path = "all/worlds.rs"]
mod worlds;
