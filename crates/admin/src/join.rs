//! The verb of join codes, and using them up. A code is kept as tokens are, as a hash that ends, but lets nobody sign on.
//! Gives out no secret of the deployment: whoever has those does.

use ::topology::{Fqdn, roles};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chat::DisplayName;
use directory::{Directory, JOIN_CODE};
use store::{RowChange, TokenDraft};

use crate::changes::Work;
use crate::errand::Errand;
use crate::error::AdminError;
use crate::operation::PoolJoinCode;
use crate::outcome::{Outcome, Rows};
use crate::topology;
use crate::value::Secret;
use crate::view::JoinCodeView;

/// How long a code is good (ours: time to walk to the next machine).
const GOOD_MICROS: i64 = 3_600_000_000;
/// Longest name of a machine, in octets (RFC 1035, 2.3.4).
const NAME_OCTETS_MAX: usize = 253;

pub(crate) async fn new(errand: &Errand<'_>, asked: &PoolJoinCode) -> Result<Outcome, AdminError> {
    let machine = machine(&asked.machine)?;
    has_a_part(errand, &machine).await?;
    let none = || Err("nobody vouches for this deployment yet: start the server once".to_owned());
    let anchor = errand.vouching.map_or_else(none, |vouching| vouching()).map_err(AdminError::Conflict)?;
    let expires = errand.directory.in_future(GOOD_MICROS);
    let planned = JoinCodeView { machine: machine.to_string(), expires: expires.iso7(), secret: None };
    let mut work = Work::default();
    work.compare(&object(&machine), None, Some(&planned));
    // Whoever makes another code has lost the former or shown it to the wrong people.
    let former = errand
        .store
        .tokens_of(None)
        .await?
        .into_iter()
        .filter(|token| token.scope == JOIN_CODE && token.revoked.is_none() && token.name == machine);
    work.rows.extend(former.map(|token| RowChange::RevokeToken(token.id)));
    let minted = errand.directory.mint();
    work.rows.push(RowChange::NewToken(TokenDraft {
        hash: minted.hash,
        name: machine,
        scope: JOIN_CODE.to_owned(),
        person: None,
        expires: Some(expires),
    }));
    errand.write(&work).await?;
    // The machine knows by the second part whom it may believe before it shows the first.
    let code = format!("{}.{}", minted.secret, BASE64_URL_SAFE_NO_PAD.encode(anchor));
    let secret = (!errand.dry_run).then_some(Secret(code));
    Ok(work.outcome(Rows::JoinCodes(vec![JoinCodeView { secret, ..planned }])))
}

/// The number of the code with this secret, if it is good, and for this machine.
pub(crate) async fn good(
    directory: &Directory,
    secret: &str,
    machine: &str,
) -> Result<Option<i64>, AdminError> {
    let code = directory.join_code(secret).await?;
    Ok(code.filter(|code| code.name.as_str().eq_ignore_ascii_case(machine)).map(|code| code.id))
}

/// Uses a code up.
pub(crate) async fn redeem(errand: &Errand<'_>, code: i64, machine: &str) -> Result<(), AdminError> {
    let mut work = Work::default();
    let view = JoinCodeView { machine: machine.to_owned(), expires: String::new(), secret: None };
    work.compare(&format!("join code for {machine}"), Some(&view), None);
    work.rows.push(RowChange::RedeemToken(code));
    errand.write(&work).await.map(drop)
}

fn object(machine: &DisplayName) -> String {
    format!("join code for {machine}")
}

/// Refuses a name that is no machine of the topology in force, where there is one: the name of a pool of front ends would be believed
/// as theirs.
async fn has_a_part(errand: &Errand<'_>, machine: &DisplayName) -> Result<(), AdminError> {
    let Some(topology) = topology::in_force(errand).await? else { return Ok(()) };
    let fqdn = Fqdn::parse(machine.as_str()).map_err(crate::error::of_field("machine"))?;
    roles(&topology, &fqdn).map(drop).map_err(|_| {
        let fix = "name one that `causerie topology download` shows, or add it there and publish first";
        AdminError::rule("machine", format!("{machine} is no machine of the published topology: {fix}"))
    })
}

/// A full name, folded.
fn machine(text: &str) -> Result<DisplayName, AdminError> {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
    };
    let name = text.trim().to_ascii_lowercase();
    if name.len() > NAME_OCTETS_MAX || !name.contains('.') || !name.split('.').all(label) {
        let message = format!("'{text}' is no full name of a machine: write it as cs1.example.com");
        return Err(AdminError::invalid("machine", message));
    }
    DisplayName::parse(&name).map_err(crate::error::of_field("machine"))
}
