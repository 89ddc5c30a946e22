//! Stories of people in live rooms, over a real store: what they see, in which order, and what they never see.

#[path = "all/gate.rs"]
mod gate;
#[path = "all/house.rs"]
mod house;

#[path = "all/belongings.rs"]
mod belongings;
#[path = "all/coming.rs"]
mod coming;
#[path = "all/crowds.rs"]
mod crowds;
#[path = "all/directories.rs"]
mod directories;
#[path = "all/failing.rs"]
mod failing;
#[path = "all/groups.rs"]
mod groups;
#[path = "all/lagging.rs"]
mod lagging;
#[path = "all/limits.rs"]
mod limits;
#[path = "all/losing.rs"]
mod losing;
#[path = "all/marking.rs"]
mod marking;
#[path = "all/naming.rs"]
mod naming;
#[path = "all/paging.rs"]
mod paging;
#[path = "all/remembering.rs"]
mod remembering;
#[path = "all/seeing.rs"]
mod seeing;
#[path = "all/seeking.rs"]
mod seeking;
#[path = "all/settings.rs"]
mod settings;
#[path = "all/stopping.rs"]
mod stopping;
#[path = "all/talking.rs"]
mod talking;
#[path = "all/visiting.rs"]
mod visiting;
