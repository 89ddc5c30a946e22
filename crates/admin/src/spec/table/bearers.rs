//! The entries of principals, administrative roles and tokens.
//! Joined with the others in `table.rs`.

use chat::Role::Administrator;
use serde_json::from_value;

use super::super::{RowKind, Spec, schema};
use crate::operation::{
    EligiblePrincipalList, Operation, PrincipalList, RoleGrant, RoleList, RoleRevoke, TokenList, TokenNew,
    TokenRevoke,
};
use crate::view::{PrincipalView, RoleView, TokenView};

const PRINCIPALS: RowKind = RowKind { name: "principals", schema: schema::<PrincipalView> };
const ROLES: RowKind = RowKind { name: "roles", schema: schema::<RoleView> };
const TOKENS: RowKind = RowKind { name: "tokens", schema: schema::<TokenView> };

pub(super) const HERE: &[Spec] = &[
    // Principals
    Spec::new(
        "eligible-principal",
        "list",
        schema::<EligiblePrincipalList>,
        |v| from_value(v).map(Operation::EligiblePrincipalList),
        PRINCIPALS,
    )
    .get("/eligible-principals")
    .cmdlet("Get-CsPersistentChatEligiblePrincipal"),
    Spec::new(
        "principal",
        "list",
        schema::<PrincipalList>,
        |v| from_value(v).map(Operation::PrincipalList),
        PRINCIPALS,
    )
    .get("/principals")
    .cmdlet("Get-CsAdPrincipal"),
    // Roles
    Spec::new("role", "grant", schema::<RoleGrant>, |v| from_value(v).map(Operation::RoleGrant), ROLES)
        .put("/users/{user}/roles/{role}", Administrator)
        .words(&["role", "user"]),
    Spec::new("role", "revoke", schema::<RoleRevoke>, |v| from_value(v).map(Operation::RoleRevoke), ROLES)
        .delete("/users/{user}/roles/{role}", Administrator, "Take the role {role} from {user}?")
        .words(&["role", "user"]),
    Spec::new("role", "list", schema::<RoleList>, |v| from_value(v).map(Operation::RoleList), ROLES)
        .get("/roles")
        .role(Administrator),
    // Tokens
    Spec::new("token", "new", schema::<TokenNew>, |v| from_value(v).map(Operation::TokenNew), TOKENS)
        .post("/tokens", Administrator)
        .own(),
    Spec::new("token", "list", schema::<TokenList>, |v| from_value(v).map(Operation::TokenList), TOKENS)
        .get("/tokens")
        .own(),
    Spec::new(
        "token",
        "revoke",
        schema::<TokenRevoke>,
        |v| from_value(v).map(Operation::TokenRevoke),
        TOKENS,
    )
    .delete(
        "/tokens/{token}",
        Administrator,
        "Revoke the token {token}? Programs that show it are refused from then on.",
    )
    .own()
    .of_no_state()
    .words(&["token"]),
];
