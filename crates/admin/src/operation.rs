//! What can be asked of the desk, as values that travel as JSON: one struct for each verb of each noun.
//! Carries nothing out; names follow the commands of the product.

mod add_in;
mod bulk;
mod category;
mod configuration;
mod endpoint;
mod explain;
mod group;
mod message;
mod policy;
mod pool;
mod principal;
mod record;
mod report;
mod role;
mod room;
mod token;
mod topology;
mod user;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

pub use add_in::{AddInGet, AddInList, AddInNew, AddInRemove, AddInSet};
pub use bulk::RoomImport;
pub use category::{CategoryFields, CategoryGet, CategoryList, CategoryNew, CategoryRemove, CategorySet};
pub use configuration::{
    ConfigurationEffective, ConfigurationFields, ConfigurationGet, ConfigurationList, ConfigurationNew,
    ConfigurationRemove, ConfigurationSet,
};
pub use endpoint::{EndpointList, EndpointNew, EndpointRemove};
pub use explain::{About, Explain, RightName, WhoCan};
pub use group::{DirectoryImport, GroupGet, GroupList, GroupNew, GroupRemove, GroupSet, PrincipalRefresh};
pub use message::{MatchWord, MessageRemove, RoomClear};
pub use policy::{
    PolicyAssign, PolicyEffective, PolicyGet, PolicyGrant, PolicyList, PolicyNew, PolicyRemove, PolicyRevoke,
    PolicySet,
};
pub use pool::{
    PoolActiveServersList, PoolActiveServersSet, PoolActiveServersSwap, PoolDrain, PoolJoinCode, PoolRemove,
    PoolServers, PoolState, PoolUndrain,
};
pub use principal::{EligiblePrincipalList, PrincipalKind, PrincipalList};
pub use record::{AuditGet, AuditList};
pub use report::{Period, ReportActivity, ReportMembership, ReportUsage};
pub use role::{RoleGrant, RoleList, RoleName, RoleRevoke};
pub use room::{
    RoomFields, RoomGet, RoomInvitations, RoomList, RoomNew, RoomPrivacy, RoomRemove, RoomSet, RoomType,
};
pub use token::{TokenList, TokenNew, TokenRevoke, TokenScopeName};
pub use topology::{TopologyDownload, TopologyHistory, TopologyPublish};
pub use user::{UserDisable, UserEnable, UserGet, UserList, UserNew, UserRemove, UserSet};

use crate::spec::Spec;

/// The member of an operation's JSON that says which one it is: noun and verb with a hyphen between.
const VERB: &str = "verb";

/// Longest value that the record keeps as it was asked, in octets (ours: far more than a text people type).
const RECORDED_BYTES_MAX: usize = 16_384;
/// The fields that hold a whole file.
pub(crate) const FILES: [&str; 3] = ["ldif", "rows", "document"];

/// One administrative operation. As JSON it is its struct with `"verb": "room-new"` before the other fields.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "verb", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each variant carries the struct of its name, which says what it is")]
pub enum Operation {
    UserNew(UserNew),
    UserList(UserList),
    UserGet(UserGet),
    UserSet(UserSet),
    UserDisable(UserDisable),
    UserEnable(UserEnable),
    UserRemove(UserRemove),
    CategoryNew(CategoryNew),
    CategoryList(CategoryList),
    CategoryGet(CategoryGet),
    CategorySet(CategorySet),
    CategoryRemove(CategoryRemove),
    RoomNew(RoomNew),
    RoomList(RoomList),
    RoomGet(RoomGet),
    RoomSet(RoomSet),
    RoomRemove(RoomRemove),
    // Groups and directories
    GroupNew(GroupNew),
    GroupList(GroupList),
    GroupGet(GroupGet),
    GroupSet(GroupSet),
    GroupRemove(GroupRemove),
    DirectoryImport(DirectoryImport),
    PrincipalRefresh(PrincipalRefresh),
    // Policies, settings, add-ins, addresses
    PolicyList(PolicyList),
    PolicyGet(PolicyGet),
    PolicyNew(PolicyNew),
    PolicySet(PolicySet),
    PolicyRemove(PolicyRemove),
    PolicyGrant(PolicyGrant),
    PolicyRevoke(PolicyRevoke),
    PolicyAssign(PolicyAssign),
    PolicyEffective(PolicyEffective),
    ConfigurationList(ConfigurationList),
    ConfigurationGet(ConfigurationGet),
    ConfigurationNew(ConfigurationNew),
    ConfigurationSet(ConfigurationSet),
    ConfigurationRemove(ConfigurationRemove),
    ConfigurationEffective(ConfigurationEffective),
    AddInList(AddInList),
    AddInGet(AddInGet),
    AddInNew(AddInNew),
    AddInSet(AddInSet),
    AddInRemove(AddInRemove),
    EndpointList(EndpointList),
    EndpointNew(EndpointNew),
    EndpointRemove(EndpointRemove),
    PoolState(PoolState),
    PoolServers(PoolServers),
    PoolActiveServersList(PoolActiveServersList),
    PoolActiveServersSet(PoolActiveServersSet),
    PoolActiveServersSwap(PoolActiveServersSwap),
    PoolDrain(PoolDrain),
    PoolUndrain(PoolUndrain),
    PoolRemove(PoolRemove),
    EligiblePrincipalList(EligiblePrincipalList),
    PrincipalList(PrincipalList),
    // Roles and tokens
    RoleGrant(RoleGrant),
    RoleRevoke(RoleRevoke),
    RoleList(RoleList),
    TokenNew(TokenNew),
    TokenList(TokenList),
    TokenRevoke(TokenRevoke),
    /// See [`PoolJoinCode`].
    PoolJoinCode(PoolJoinCode),
    // Messages, bulk work and the record
    MessageRemove(MessageRemove),
    RoomClear(RoomClear),
    RoomImport(RoomImport),
    AuditList(AuditList),
    AuditGet(AuditGet),
    // The topology
    TopologyPublish(TopologyPublish),
    TopologyHistory(TopologyHistory),
    TopologyDownload(TopologyDownload),
    // Reports and explanations
    ReportUsage(ReportUsage),
    ReportActivity(ReportActivity),
    ReportMembership(ReportMembership),
    Explain(Explain),
    WhoCan(WhoCan),
}

impl Operation {
    /// Its noun and its verb.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "one line for each operation of the table")]
    pub fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::UserNew(_) => ("user", "new"),
            Self::UserList(_) => ("user", "list"),
            Self::UserGet(_) => ("user", "get"),
            Self::UserSet(_) => ("user", "set"),
            Self::UserDisable(_) => ("user", "disable"),
            Self::UserEnable(_) => ("user", "enable"),
            Self::UserRemove(_) => ("user", "remove"),
            Self::CategoryNew(_) => ("category", "new"),
            Self::CategoryList(_) => ("category", "list"),
            Self::CategoryGet(_) => ("category", "get"),
            Self::CategorySet(_) => ("category", "set"),
            Self::CategoryRemove(_) => ("category", "remove"),
            Self::RoomNew(_) => ("room", "new"),
            Self::RoomList(_) => ("room", "list"),
            Self::RoomGet(_) => ("room", "get"),
            Self::RoomSet(_) => ("room", "set"),
            Self::RoomRemove(_) => ("room", "remove"),
            // Groups and directories
            Self::GroupNew(_) => ("group", "new"),
            Self::GroupList(_) => ("group", "list"),
            Self::GroupGet(_) => ("group", "get"),
            Self::GroupSet(_) => ("group", "set"),
            Self::GroupRemove(_) => ("group", "remove"),
            Self::DirectoryImport(_) => ("directory", "import"),
            Self::PrincipalRefresh(_) => ("principal", "refresh"),
            // Policies, settings, add-ins, addresses
            Self::PolicyList(_) => ("policy", "list"),
            Self::PolicyGet(_) => ("policy", "get"),
            Self::PolicyNew(_) => ("policy", "new"),
            Self::PolicySet(_) => ("policy", "set"),
            Self::PolicyRemove(_) => ("policy", "remove"),
            Self::PolicyGrant(_) => ("policy", "grant"),
            Self::PolicyRevoke(_) => ("policy", "revoke"),
            Self::PolicyAssign(_) => ("policy", "assign"),
            Self::PolicyEffective(_) => ("policy", "effective"),
            Self::ConfigurationList(_) => ("configuration", "list"),
            Self::ConfigurationGet(_) => ("configuration", "get"),
            Self::ConfigurationNew(_) => ("configuration", "new"),
            Self::ConfigurationSet(_) => ("configuration", "set"),
            Self::ConfigurationRemove(_) => ("configuration", "remove"),
            Self::ConfigurationEffective(_) => ("configuration", "effective"),
            Self::AddInList(_) => ("add-in", "list"),
            Self::AddInGet(_) => ("add-in", "get"),
            Self::AddInNew(_) => ("add-in", "new"),
            Self::AddInSet(_) => ("add-in", "set"),
            Self::AddInRemove(_) => ("add-in", "remove"),
            Self::EndpointList(_) => ("endpoint", "list"),
            Self::EndpointNew(_) => ("endpoint", "new"),
            Self::EndpointRemove(_) => ("endpoint", "remove"),
            Self::PoolState(_) => ("pool", "state"),
            Self::PoolServers(_) => ("pool", "servers"),
            Self::PoolActiveServersList(_) => ("pool", "active-servers list"),
            Self::PoolActiveServersSet(_) => ("pool", "active-servers set"),
            Self::PoolActiveServersSwap(_) => ("pool", "active-servers swap"),
            Self::PoolDrain(_) => ("pool", "drain"),
            Self::PoolUndrain(_) => ("pool", "undrain"),
            Self::PoolRemove(_) => ("pool", "remove"),
            Self::EligiblePrincipalList(_) => ("eligible-principal", "list"),
            Self::PrincipalList(_) => ("principal", "list"),
            // Roles and tokens
            Self::RoleGrant(_) => ("role", "grant"),
            Self::RoleRevoke(_) => ("role", "revoke"),
            Self::RoleList(_) => ("role", "list"),
            Self::TokenNew(_) => ("token", "new"),
            Self::TokenList(_) => ("token", "list"),
            Self::TokenRevoke(_) => ("token", "revoke"),
            Self::PoolJoinCode(_) => ("pool", "join-code"),
            // Messages, bulk work and the record
            Self::MessageRemove(_) => ("message", "remove"),
            Self::RoomClear(_) => ("room", "clear"),
            Self::RoomImport(_) => ("room", "import"),
            Self::AuditList(_) => ("audit", "list"),
            Self::AuditGet(_) => ("audit", "get"),
            // The topology
            Self::TopologyPublish(_) => ("topology", "publish"),
            Self::TopologyHistory(_) => ("topology", "history"),
            Self::TopologyDownload(_) => ("topology", "download"),
            // Reports and explanations
            Self::ReportUsage(_) => ("report", "usage"),
            Self::ReportActivity(_) => ("report", "activity"),
            Self::ReportMembership(_) => ("report", "membership"),
            Self::Explain(_) => ("explain", ""),
            Self::WhoCan(_) => ("who-can", ""),
        }
    }

    /// Its fields as a JSON object, secrets included.
    ///
    /// # Panics
    /// Never: an operation is plain values.
    #[must_use]
    pub fn fields(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(mut fields)) => {
                fields.shift_remove(VERB);
                fields
            }
            other => unreachable!("an operation is an object of plain values, not {other:?}"),
        }
    }

    /// The operation as the journal keeps it: without secrets.
    #[must_use]
    pub fn recorded(&self) -> Value {
        let mut kept = serde_json::to_value(self).expect("an operation is plain values");
        for field in Spec::of(self).fields().iter().filter(|field| field.is_secret()) {
            if let Some(secret) = kept.get_mut(&field.name) {
                *secret = "(set)".into();
            }
        }
        // A file may hold anything, secrets too: it is told by its length, and what it changes change by change.
        for name in FILES {
            kept.get_mut(name).into_iter().for_each(|file| shorten(file, 0));
        }
        // What is as long as a file is told by its length: what it changes is told change by change.
        for value in kept.as_object_mut().into_iter().flat_map(Map::values_mut) {
            shorten(value, RECORDED_BYTES_MAX);
        }
        kept
    }
}

/// Puts the length of a text in its place, when it is longer than this.
fn shorten(value: &mut Value, most: usize) {
    if let Some(length) = value.as_str().map(str::len).filter(|length| *length > most) {
        *value = format!("({length} octets)").into();
    }
}

impl<'de> Deserialize<'de> for Operation {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut fields = Map::deserialize(from)?;
        let words = fields.shift_remove(VERB);
        let words = words.as_ref().and_then(Value::as_str).ok_or_else(|| D::Error::missing_field(VERB))?;
        let spec = Spec::named(words).ok_or_else(|| D::Error::custom(format!("there is no verb {words}")))?;
        spec.read(fields).map_err(D::Error::custom)
    }
}
