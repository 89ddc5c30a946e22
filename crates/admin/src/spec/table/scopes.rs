//! The entries of policies, settings, add-ins and addresses of the pool.
//! Joined with the others in `table.rs`.

use chat::Role::{ChatAdministrator, UserAdministrator};
use serde_json::from_value;

use super::super::{RowKind, Spec, schema};
use super::USERS;
use crate::operation::{
    AddInGet, AddInList, AddInNew, AddInRemove, AddInSet, ConfigurationEffective, ConfigurationGet,
    ConfigurationList, ConfigurationNew, ConfigurationRemove, ConfigurationSet, EndpointList, EndpointNew,
    EndpointRemove, Operation, PolicyAssign, PolicyEffective, PolicyGet, PolicyGrant, PolicyList, PolicyNew,
    PolicyRemove, PolicyRevoke, PolicySet,
};
use crate::view::{
    AddInView, ConfigurationView, EffectiveConfigurationView, EffectivePolicyView, EndpointView, PolicyView,
};

const POLICIES: RowKind = RowKind { name: "policies", schema: schema::<PolicyView> };
const EFFECTIVE_POLICIES: RowKind =
    RowKind { name: "effective-policies", schema: schema::<EffectivePolicyView> };
const CONFIGURATIONS: RowKind = RowKind { name: "configurations", schema: schema::<ConfigurationView> };
const EFFECTIVE_CONFIGURATIONS: RowKind =
    RowKind { name: "effective-configurations", schema: schema::<EffectiveConfigurationView> };
const ADD_INS: RowKind = RowKind { name: "add-ins", schema: schema::<AddInView> };
const ENDPOINTS: RowKind = RowKind { name: "endpoints", schema: schema::<EndpointView> };

pub(super) const HERE: &[Spec] = &[
    // Policies
    Spec::new("policy", "list", schema::<PolicyList>, |v| from_value(v).map(Operation::PolicyList), POLICIES)
        .get("/policies")
        .cmdlet("Get-CsPersistentChatPolicy"),
    Spec::new("policy", "get", schema::<PolicyGet>, |v| from_value(v).map(Operation::PolicyGet), POLICIES)
        .get("/policies/{policy}")
        .cmdlet("Get-CsPersistentChatPolicy")
        .words(&["policy"]),
    Spec::new("policy", "new", schema::<PolicyNew>, |v| from_value(v).map(Operation::PolicyNew), POLICIES)
        .post("/policies", ChatAdministrator)
        .cmdlet("New-CsPersistentChatPolicy")
        .words(&["identity"]),
    Spec::new("policy", "set", schema::<PolicySet>, |v| from_value(v).map(Operation::PolicySet), POLICIES)
        .patch("/policies/{policy}", ChatAdministrator)
        .cmdlet("Set-CsPersistentChatPolicy")
        .words(&["policy"]),
    Spec::new(
        "policy",
        "remove",
        schema::<PolicyRemove>,
        |v| from_value(v).map(Operation::PolicyRemove),
        POLICIES,
    )
    .delete(
        "/policies/{policy}",
        ChatAdministrator,
        "Remove the policy '{policy}'? The next in line applies to whoever is under it.",
    )
    .cmdlet("Remove-CsPersistentChatPolicy")
    .words(&["policy"]),
    Spec::new("policy", "grant", schema::<PolicyGrant>, |v| from_value(v).map(Operation::PolicyGrant), USERS)
        .act("/policies/{policy}/grants", UserAdministrator)
        .cmdlet("Grant-CsPersistentChatPolicy")
        .words(&["policy"]),
    Spec::new(
        "policy",
        "revoke",
        schema::<PolicyRevoke>,
        |v| from_value(v).map(Operation::PolicyRevoke),
        USERS,
    )
    .act("/policies/{policy}/revoke", UserAdministrator)
    .cmdlet("Grant-CsPersistentChatPolicy")
    .words(&["policy"]),
    Spec::new(
        "policy",
        "assign",
        schema::<PolicyAssign>,
        |v| from_value(v).map(Operation::PolicyAssign),
        USERS,
    )
    .put("/users/{user}/policy", UserAdministrator)
    .cmdlet("Grant-CsPersistentChatPolicy")
    .words(&["user"]),
    Spec::new(
        "policy",
        "effective",
        schema::<PolicyEffective>,
        |v| from_value(v).map(Operation::PolicyEffective),
        EFFECTIVE_POLICIES,
    )
    .get("/users/{user}/policy/effective")
    .words(&["user"]),
    // Settings
    Spec::new(
        "configuration",
        "list",
        schema::<ConfigurationList>,
        |v| from_value(v).map(Operation::ConfigurationList),
        CONFIGURATIONS,
    )
    .get("/configurations")
    .cmdlet("Get-CsPersistentChatConfiguration"),
    Spec::new(
        "configuration",
        "get",
        schema::<ConfigurationGet>,
        |v| from_value(v).map(Operation::ConfigurationGet),
        CONFIGURATIONS,
    )
    .get("/configurations/{configuration}")
    .cmdlet("Get-CsPersistentChatConfiguration")
    .words(&["configuration"]),
    Spec::new(
        "configuration",
        "new",
        schema::<ConfigurationNew>,
        |v| from_value(v).map(Operation::ConfigurationNew),
        CONFIGURATIONS,
    )
    .post("/configurations", ChatAdministrator)
    .cmdlet("New-CsPersistentChatConfiguration")
    .words(&["identity"]),
    Spec::new(
        "configuration",
        "set",
        schema::<ConfigurationSet>,
        |v| from_value(v).map(Operation::ConfigurationSet),
        CONFIGURATIONS,
    )
    .patch("/configurations/{configuration}", ChatAdministrator)
    .cmdlet("Set-CsPersistentChatConfiguration")
    .words(&["configuration"]),
    Spec::new(
        "configuration",
        "remove",
        schema::<ConfigurationRemove>,
        |v| from_value(v).map(Operation::ConfigurationRemove),
        CONFIGURATIONS,
    )
    .delete(
        "/configurations/{configuration}",
        ChatAdministrator,
        "Remove the settings '{configuration}'? The next in line apply to whatever is under them.",
    )
    .cmdlet("Remove-CsPersistentChatConfiguration")
    .words(&["configuration"]),
    Spec::new(
        "configuration",
        "effective",
        schema::<ConfigurationEffective>,
        |v| from_value(v).map(Operation::ConfigurationEffective),
        EFFECTIVE_CONFIGURATIONS,
    )
    .get("/configuration/effective"),
    // Add-ins
    Spec::new("add-in", "list", schema::<AddInList>, |v| from_value(v).map(Operation::AddInList), ADD_INS)
        .get("/add-ins")
        .own()
        .cmdlet("Get-CsPersistentChatAddin"),
    Spec::new("add-in", "get", schema::<AddInGet>, |v| from_value(v).map(Operation::AddInGet), ADD_INS)
        .get("/add-ins/{addIn}")
        .own()
        .cmdlet("Get-CsPersistentChatAddin")
        .words(&["addIn"]),
    Spec::new("add-in", "new", schema::<AddInNew>, |v| from_value(v).map(Operation::AddInNew), ADD_INS)
        .post("/add-ins", ChatAdministrator)
        .cmdlet("New-CsPersistentChatAddin")
        .words(&["name"]),
    Spec::new("add-in", "set", schema::<AddInSet>, |v| from_value(v).map(Operation::AddInSet), ADD_INS)
        .patch("/add-ins/{addIn}", ChatAdministrator)
        .cmdlet("Set-CsPersistentChatAddin")
        .words(&["addIn"]),
    Spec::new(
        "add-in",
        "remove",
        schema::<AddInRemove>,
        |v| from_value(v).map(Operation::AddInRemove),
        ADD_INS,
    )
    .delete("/add-ins/{addIn}", ChatAdministrator, "Remove the add-in '{addIn}'?")
    .cmdlet("Remove-CsPersistentChatAddin")
    .words(&["addIn"]),
    // Addresses of the pool
    Spec::new(
        "endpoint",
        "list",
        schema::<EndpointList>,
        |v| from_value(v).map(Operation::EndpointList),
        ENDPOINTS,
    )
    .get("/endpoints")
    .cmdlet("Get-CsPersistentChatEndpoint"),
    Spec::new(
        "endpoint",
        "new",
        schema::<EndpointNew>,
        |v| from_value(v).map(Operation::EndpointNew),
        ENDPOINTS,
    )
    .post("/endpoints", ChatAdministrator)
    .cmdlet("New-CsPersistentChatEndpoint")
    .words(&["address"]),
    Spec::new(
        "endpoint",
        "remove",
        schema::<EndpointRemove>,
        |v| from_value(v).map(Operation::EndpointRemove),
        ENDPOINTS,
    )
    .delete(
        "/endpoints/{endpoint}",
        ChatAdministrator,
        "Remove the address '{endpoint}' of the pool? Clients that use it find nothing then.",
    )
    .of_no_state()
    .cmdlet("Remove-CsPersistentChatEndpoint")
    .words(&["endpoint"]),
];
