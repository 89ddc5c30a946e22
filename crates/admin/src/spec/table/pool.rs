//! The entries of the pool and its servers.
//! What an entry means is in `spec.rs`.

use chat::Role::{Administrator, ChatAdministrator};
use serde_json::from_value;

use super::super::{RowKind, Spec, schema};
use crate::operation::{
    Operation, PoolActiveServersList, PoolActiveServersSet, PoolActiveServersSwap, PoolDrain, PoolJoinCode,
    PoolRemove, PoolServers, PoolState, PoolUndrain,
};
use crate::view::{JoinCodeView, PoolView, ServerView};

const JOIN_CODES: RowKind = RowKind { name: "join-codes", schema: schema::<JoinCodeView> };
const POOL: RowKind = RowKind { name: "pool", schema: schema::<PoolView> };
const SERVERS: RowKind = RowKind { name: "servers", schema: schema::<ServerView> };

pub(super) const HERE: &[Spec] = &[
    Spec::new("pool", "state", schema::<PoolState>, |v| from_value(v).map(Operation::PoolState), POOL)
        .get("/pool")
        .cmdlet("Get-CsPersistentChatState"),
    Spec::new(
        "pool",
        "servers",
        schema::<PoolServers>,
        |v| from_value(v).map(Operation::PoolServers),
        SERVERS,
    )
    .get("/pool/servers"),
    Spec::new(
        "pool",
        "active-servers list",
        schema::<PoolActiveServersList>,
        |v| from_value(v).map(Operation::PoolActiveServersList),
        SERVERS,
    )
    .get("/pool/active-servers"),
    Spec::new(
        "pool",
        "active-servers set",
        schema::<PoolActiveServersSet>,
        |v| from_value(v).map(Operation::PoolActiveServersSet),
        SERVERS,
    )
    .patch("/pool/active-servers", ChatAdministrator)
    .of_no_state()
    .cmdlet("Set-CsPersistentChatActiveServer"),
    Spec::new(
        "pool",
        "active-servers swap",
        schema::<PoolActiveServersSwap>,
        |v| from_value(v).map(Operation::PoolActiveServersSwap),
        SERVERS,
    )
    .act("/pool/active-servers/swap", ChatAdministrator)
    .asks("Make all active servers stand by, and the others active? People can only sign on to those then."),
    Spec::new("pool", "drain", schema::<PoolDrain>, |v| from_value(v).map(Operation::PoolDrain), SERVERS)
        .act("/pool/servers/{server}/drain", ChatAdministrator)
        .words(&["server"]),
    Spec::new(
        "pool",
        "undrain",
        schema::<PoolUndrain>,
        |v| from_value(v).map(Operation::PoolUndrain),
        SERVERS,
    )
    .act("/pool/servers/{server}/undrain", ChatAdministrator)
    .words(&["server"]),
    Spec::new("pool", "remove", schema::<PoolRemove>, |v| from_value(v).map(Operation::PoolRemove), SERVERS)
        .delete("/pool/servers/{server}", ChatAdministrator, "Remove the server '{server}' from the pool?")
        .of_no_state()
        .words(&["server"]),
    Spec::new(
        "pool",
        "join-code",
        schema::<PoolJoinCode>,
        |v| from_value(v).map(Operation::PoolJoinCode),
        JOIN_CODES,
    )
    .post("/pool/join-codes", Administrator)
    .words(&["machine"]),
];
