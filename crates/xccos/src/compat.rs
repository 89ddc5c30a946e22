//! Every uncertain spelling, and what is printed differently for some clients (docs/protocol.md, uncertain spellings).
//! The certain spellings stand where they are printed; response codes have their own table in `code.rs`.

use chat::Mask;

/// What is printed differently for one client, chosen by its User-Agent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Compat {
    /// Print 12276 for everybody who may manage the room, whatever the mask.
    pub operator_mask: bool,
    /// Answer `cmd:getserverinfo` by `rpl:getservinfo`.
    pub short_server_info: bool,
}

/// The mask that stands for "operator" in older pools: every bit of that time but the presenter's.
const OPERATOR: Mask = Mask(12_276);

/// Spelling of the privacy of a room that pidgin-sipe compares with; the second `i` is missing.
pub(crate) const VISIBILTY: &str = "urn:parlano:ma:info:visibilty";
/// Spelling of the privacy of a room as a reader expects it.
pub(crate) const VISIBILITY: &str = "urn:parlano:ma:info:visibility";
/// Name of the notice to somebody who was put out of a room.
pub(crate) const KICK: &str = "ntc:kick";
/// The one reason a batch join gives for a room that was not joined.
pub(crate) const NOT_JOINED: &str = "OPERATION_FAILED";
/// Attribute of the pool's friendly name.
pub(crate) const DISPLAY_NAME: &str = "displayName";
/// Attribute of the address of the room management pages.
pub(crate) const ROOM_MANAGEMENT: &str = "roomManagementUrl";
/// Attributes of the page shown beside a room, an add-in ("siop" in the words of the product's database): its GUID.
pub(crate) const ADD_IN: &str = "siopid";
/// What it is called.
pub(crate) const ADD_IN_NAME: &str = "siopname";
/// Where it is.
pub(crate) const ADD_IN_URL: &str = "siopurl";
/// The type number of a person among the principals.
pub(crate) const PERSON_TYPE: &str = "5";

impl Compat {
    /// What the client with this User-Agent needs; for an unknown one, nothing special.
    #[must_use]
    pub fn of(user_agent: &str) -> Self {
        // COMPAT(pidgin-sipe, it compares the mask with the text 12276 and shows an operator only then)
        Self { operator_mask: user_agent.contains("Sipe"), ..Self::default() }
    }

    /// The mask as this client is to see it.
    #[must_use]
    pub fn mask(self, mask: Mask) -> Mask {
        if self.operator_mask && mask.has(Mask::MANAGE) { OPERATOR } else { mask }
    }

    /// The name of the reply to the command of this name.
    #[must_use]
    pub(crate) fn reply_name(self, command: &str) -> &str {
        if self.short_server_info && command == "getserverinfo" { "getservinfo" } else { command }
    }
}
