//! The table of operations: one entry for each.
//! What an entry means is in `spec.rs`; fields and descriptions are those of the structs.

mod bearers;
mod bulk;
mod pool;
mod scopes;
mod topologies;

use serde_json::from_value;

use super::{RowKind, Spec, schema};
use chat::Role::{ChatAdministrator, UserAdministrator};

use crate::operation::{
    CategoryGet, CategoryList, CategoryNew, CategoryRemove, CategorySet, DirectoryImport, Explain, GroupGet,
    GroupList, GroupNew, GroupRemove, GroupSet, Operation, PrincipalRefresh, RoomGet, RoomList, RoomNew,
    RoomRemove, RoomSet, UserDisable, UserEnable, UserGet, UserList, UserNew, UserRemove, UserSet, WhoCan,
};

use crate::view::{CategoryView, GroupView, HolderView, ImportView, RightView, RoomView, UserView};

const USERS: RowKind = RowKind { name: "users", schema: schema::<UserView> };
const CATEGORIES: RowKind = RowKind { name: "categories", schema: schema::<CategoryView> };
const GROUPS: RowKind = RowKind { name: "groups", schema: schema::<GroupView> };
const IMPORT: RowKind = RowKind { name: "import", schema: schema::<ImportView> };
const RIGHTS: RowKind = RowKind { name: "rights", schema: schema::<RightView> };
const HOLDERS: RowKind = RowKind { name: "holders", schema: schema::<HolderView> };
const ROOMS: RowKind = RowKind { name: "rooms", schema: schema::<RoomView> };

/// What each noun is about.
pub(super) const TITLES: [(&str, &str); 20] = [
    ("user", "People"),
    ("category", "Categories"),
    ("room", "Rooms"),
    ("group", "Groups, containers and directory domains"),
    ("directory", "Directories"),
    ("principal", "Principals"),
    ("eligible-principal", "Principals that may be given a role"),
    ("policy", "Policies"),
    ("configuration", "Settings of the service"),
    ("add-in", "Add-ins"),
    ("endpoint", "Further addresses of the pool"),
    ("pool", "The pool and its servers"),
    ("role", "Administrative roles"),
    ("token", "Tokens"),
    ("message", "Messages"),
    ("audit", "The record"),
    ("topology", "The topology"),
    ("report", "Reports"),
    ("explain", "Rights explained"),
    ("who-can", "Who has a right"),
];

/// Every operation, in the order in which they are shown.
pub static SPECS: &[Spec] =
    &joined::<
        {
            HERE.len()
                + scopes::HERE.len()
                + pool::HERE.len()
                + bearers::HERE.len()
                + topologies::HERE.len()
                + bulk::HERE.len()
        },
    >(&[HERE, scopes::HERE, pool::HERE, bearers::HERE, topologies::HERE, bulk::HERE]);

/// The parts of the table as one.
const fn joined<const LEN: usize>(parts: &[&[Spec]]) -> [Spec; LEN] {
    let mut all = [parts[0][0]; LEN];
    let (mut part, mut filled) = (0, 0);
    while part < parts.len() {
        let mut entry = 0;
        while entry < parts[part].len() {
            all[filled] = parts[part][entry];
            filled += 1;
            entry += 1;
        }
        part += 1;
    }
    assert!(filled == LEN, "the parts are as long as the whole");
    all
}

const HERE: &[Spec] = &[
    // People
    Spec::new("user", "new", schema::<UserNew>, |v| from_value(v).map(Operation::UserNew), USERS)
        .post("/users", UserAdministrator)
        .cmdlet("Enable-CsUser")
        .words(&["address"]),
    Spec::new("user", "list", schema::<UserList>, |v| from_value(v).map(Operation::UserList), USERS)
        .get("/users")
        .cmdlet("Get-CsUser"),
    Spec::new("user", "get", schema::<UserGet>, |v| from_value(v).map(Operation::UserGet), USERS)
        .get("/users/{user}")
        .cmdlet("Get-CsUser")
        .words(&["user"]),
    Spec::new("user", "set", schema::<UserSet>, |v| from_value(v).map(Operation::UserSet), USERS)
        .patch("/users/{user}", UserAdministrator)
        .cmdlet("Set-CsUser")
        .words(&["user"]),
    Spec::new("user", "disable", schema::<UserDisable>, |v| from_value(v).map(Operation::UserDisable), USERS)
        .act("/users/{user}/disable", UserAdministrator)
        .of_state()
        .cmdlet("Set-CsUser")
        .words(&["user"]),
    Spec::new("user", "enable", schema::<UserEnable>, |v| from_value(v).map(Operation::UserEnable), USERS)
        .act("/users/{user}/enable", UserAdministrator)
        .of_state()
        .cmdlet("Set-CsUser")
        .words(&["user"]),
    Spec::new("user", "remove", schema::<UserRemove>, |v| from_value(v).map(Operation::UserRemove), USERS)
        .delete("/users/{user}", UserAdministrator, "Remove {user} with all rights? Posts stay.")
        .words(&["user"]),
    // Categories
    Spec::new(
        "category",
        "new",
        schema::<CategoryNew>,
        |v| from_value(v).map(Operation::CategoryNew),
        CATEGORIES,
    )
    .post("/categories", ChatAdministrator)
    .cmdlet("New-CsPersistentChatCategory")
    .words(&["name"]),
    Spec::new(
        "category",
        "list",
        schema::<CategoryList>,
        |v| from_value(v).map(Operation::CategoryList),
        CATEGORIES,
    )
    .get("/categories")
    .cmdlet("Get-CsPersistentChatCategory"),
    Spec::new(
        "category",
        "get",
        schema::<CategoryGet>,
        |v| from_value(v).map(Operation::CategoryGet),
        CATEGORIES,
    )
    .get("/categories/{category}")
    .cmdlet("Get-CsPersistentChatCategory")
    .words(&["category"]),
    Spec::new(
        "category",
        "set",
        schema::<CategorySet>,
        |v| from_value(v).map(Operation::CategorySet),
        CATEGORIES,
    )
    .patch("/categories/{category}", ChatAdministrator)
    .cmdlet("Set-CsPersistentChatCategory")
    .words(&["category"]),
    Spec::new(
        "category",
        "remove",
        schema::<CategoryRemove>,
        |v| from_value(v).map(Operation::CategoryRemove),
        CATEGORIES,
    )
    .delete("/categories/{category}", ChatAdministrator, "Remove the category '{category}'?")
    .cmdlet("Remove-CsPersistentChatCategory")
    .words(&["category"]),
    // Rooms
    Spec::new("room", "new", schema::<RoomNew>, |v| from_value(v).map(Operation::RoomNew), ROOMS)
        .post("/rooms", ChatAdministrator)
        .own()
        .cmdlet("New-CsPersistentChatRoom")
        .words(&["name"]),
    Spec::new("room", "list", schema::<RoomList>, |v| from_value(v).map(Operation::RoomList), ROOMS)
        .get("/rooms")
        .cmdlet("Get-CsPersistentChatRoom"),
    Spec::new("room", "get", schema::<RoomGet>, |v| from_value(v).map(Operation::RoomGet), ROOMS)
        .get("/rooms/{room}")
        .own()
        .cmdlet("Get-CsPersistentChatRoom")
        .words(&["room"]),
    Spec::new("room", "set", schema::<RoomSet>, |v| from_value(v).map(Operation::RoomSet), ROOMS)
        .patch("/rooms/{room}", ChatAdministrator)
        .own()
        .cmdlet("Set-CsPersistentChatRoom")
        .words(&["room"]),
    Spec::new("room", "remove", schema::<RoomRemove>, |v| from_value(v).map(Operation::RoomRemove), ROOMS)
        .delete("/rooms/{room}", ChatAdministrator, "Remove the room '{room}' and its history from sight?")
        .cmdlet("Remove-CsPersistentChatRoom")
        .words(&["room"]),
    // Groups and directories
    Spec::new("group", "new", schema::<GroupNew>, |v| from_value(v).map(Operation::GroupNew), GROUPS)
        .post("/groups", UserAdministrator)
        .words(&["name"]),
    Spec::new("group", "list", schema::<GroupList>, |v| from_value(v).map(Operation::GroupList), GROUPS)
        .get("/groups"),
    Spec::new("group", "get", schema::<GroupGet>, |v| from_value(v).map(Operation::GroupGet), GROUPS)
        .get("/groups/{group}")
        .words(&["group"]),
    Spec::new("group", "set", schema::<GroupSet>, |v| from_value(v).map(Operation::GroupSet), GROUPS)
        .patch("/groups/{group}", UserAdministrator)
        .words(&["group"]),
    Spec::new(
        "group",
        "remove",
        schema::<GroupRemove>,
        |v| from_value(v).map(Operation::GroupRemove),
        GROUPS,
    )
    .delete(
        "/groups/{group}",
        UserAdministrator,
        "Remove the group '{group}', and with it every right somebody has through it?",
    )
    .words(&["group"]),
    Spec::new(
        "directory",
        "import",
        schema::<DirectoryImport>,
        |v| from_value(v).map(Operation::DirectoryImport),
        IMPORT,
    )
    .act("/directory/imports", UserAdministrator)
    .words(&["file"]),
    Spec::new(
        "principal",
        "refresh",
        schema::<PrincipalRefresh>,
        |v| from_value(v).map(Operation::PrincipalRefresh),
        GROUPS,
    )
    .act("/principals/refresh", UserAdministrator)
    .words(&["principal"]),
    // Policies, settings, add-ins, addresses: `table/scopes.rs`
    // Roles and tokens: `table/bearers.rs`
    // Messages, bulk work, the record and reports: `table/bulk.rs`
    Spec::new("explain", "", schema::<Explain>, |v| from_value(v).map(Operation::Explain), RIGHTS)
        .get("/explain")
        .own()
        .words(&["person", "about", "name"]),
    Spec::new("who-can", "", schema::<WhoCan>, |v| from_value(v).map(Operation::WhoCan), HOLDERS)
        .get("/who-can")
        .own()
        .words(&["right", "about", "name"]),
];
