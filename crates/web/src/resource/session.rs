//! `/session`: signing on by password, who one is, signing off. What a session is kept as is `sessions.rs`.

use admin::RoleName;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderValue, Method, StatusCode};
use chat::{Person, Roles};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::caller::{Credential, Need, Scope, cookie_field};
use crate::limits::{CREDENTIAL_OCTETS_MAX, RETRY_AFTER};
use crate::problem::{Code, Problem};
use crate::route::{Call, Nothing, Reply, Route};
use crate::value::PersonValue;

/// Whoever shows a token has nothing to sign off from.
const NO_SESSION: &str = "a token is no session: forget it, or have it revoked with `causerie token revoke`";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::POST, "/session", "signOn", Need::Nobody, sign_on)
            .about("Signs on by password. The session is in the cookie; it ends after 30 minutes without use, or 12 hours.")
            .done_with(StatusCode::CREATED)
            .refuses(&[Code::NotSignedOn]),
        Route::new(Method::GET, "/session", "whoAmI", Need::Somebody, who_am_i)
            .about("Who is signed on, and what this session or token allows."),
        Route::new(Method::DELETE, "/session", "signOff", Need::Somebody, sign_off)
            .about("Ends this session. A token stays: it is revoked by an administrative operation."),
    ]
}

/// Somebody signs on.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SignOn {
    /// The person's address, `sip:ana@example.com`; `sip:` may be left out, and the domain where it is the organisation's own.
    #[schemars(length(max = 256))]
    address: String,
    /// The password.
    #[schemars(length(max = 256))]
    password: String,
}

/// Who is signed on.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SignedOn {
    /// The person; null for a token that belongs to nobody.
    person: Option<PersonValue>,
    /// What the session or token allows: `everything` the person may, or less.
    scope: Scope,
    /// The administrative roles it gives.
    roles: Vec<RoleName>,
}

async fn sign_on(call: Call, _: Nothing, _: Nothing, given: SignOn) -> Result<Reply<SignedOn>, Problem> {
    let house = &call.house;
    let no_room = |_| Problem::later("too many sign-ons wait already", RETRY_AFTER);
    let _place = house.sign_ons.try_acquire().map_err(no_room)?;
    for (field, text) in [("address", &given.address), ("password", &given.password)] {
        if text.len() > CREDENTIAL_OCTETS_MAX {
            return Err(Problem::field(
                field,
                format!("'{field}' has more than {CREDENTIAL_OCTETS_MAX} octets"),
            ));
        }
    }
    let unclear =
        |_| Problem::field("address", "this is no address: type it as in ana@example.com, without blanks");
    let address = house.directory.address_typed(&given.address).map_err(unclear)?;
    let checked = house.directory.check(&address, &given.password, call.ends.peer).await;
    let person = checked.inspect_err(|_| house.count_refused())?;
    let secret = house.sessions.open(&house.directory, &person, &*house.clock).await?;
    // The new cookie takes the place of the one that was shown: nobody could sign off from that session any more.
    if let Some(former) = call.session {
        house.sessions.end(&house.directory, former).await;
    }
    let cookie = cookie_field(call.ends, Some(&secret));
    let cookie = HeaderValue::from_str(&cookie).expect("base64 is a value of a cookie");
    tracing::info!(person = person.id.0, from = %call.ends.peer, "session.signed_on");
    Ok(Reply::of(signed_on(Some(&person), Scope::Everything, person.roles)).with(SET_COOKIE, cookie))
}

async fn who_am_i(call: Call, _: Nothing, _: Nothing, _: Nothing) -> Result<Reply<SignedOn>, Problem> {
    let caller = call.caller()?;
    Ok(Reply::of(signed_on(caller.person.as_deref(), caller.scope, caller.roles())))
}

async fn sign_off(call: Call, _: Nothing, _: Nothing, _: Nothing) -> Result<Reply<Nothing>, Problem> {
    match call.caller()?.credential {
        Credential::Session { key, .. } => call.house.sessions.end(&call.house.directory, key).await,
        Credential::Token(_) => return Err(Problem::new(Code::ErrorPermission, NO_SESSION)),
    }
    let gone = cookie_field(call.ends, None);
    let gone = HeaderValue::from_str(&gone).expect("a cookie without a value is a value of a header field");
    Ok(Reply::of(Nothing {}).with(SET_COOKIE, gone))
}

fn signed_on(person: Option<&Person>, scope: Scope, roles: Roles) -> SignedOn {
    let person = person.map(PersonValue::of);
    SignedOn { person, scope, roles: roles.iter().map(RoleName::from).collect() }
}
