//! `/join`: a machine joins the deployment with a code. Whether the code is good the desk says; what is given, whoever holds the
//! secrets.

use std::fmt;
use std::panic::resume_unwind;

use axum::http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use crate::caller::Need;
use crate::limits::{CREDENTIAL_OCTETS_MAX, REQUEST_OCTETS_MAX, RETRY_AFTER};
use crate::problem::{Code, Problem};
use crate::route::{Call, Nothing, Reply, Route};

/// One answer for every code that is not good, so that nothing is learnt by trying.
const NOT_GOOD: &str = "this join code is not good here: it was used (perhaps by a try of this machine whose answer was lost), its \
                        hour is over, a newer one was made, or it is for another machine; make one with \
                        `causerie pool join-code MACHINE`";

/// Gives a machine of this name, with this request for a certificate, what it needs; or says why not.
pub type Joining = Box<dyn Fn(&str, &str) -> Result<Admission, String> + Send + Sync>;

/// What a machine needs to be a server of the deployment.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Admission {
    /// Its certificate, in PEM; null where an authority elsewhere issues them.
    pub certificate: Option<String>,
    /// Who vouches for the servers of the deployment, in PEM.
    pub authority: String,
    /// The key under which passwords of legacy clients are sealed, in base64.
    pub sealing_key: String,
    /// The topology, as TOML; null where there is none.
    pub topology: Option<String>,
}

impl fmt::Debug for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Admission(..)")
    }
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::POST, "/join", "join", Need::Nobody, join)
            .about(
                "A machine joins the deployment with a code that was made for it: `causerie setup` does so. The answer has \
                 secrets of the deployment, and the code is used up.",
            )
            .refuses(&[Code::ErrorPermission, Code::RuleBroken]),
    ]
}

/// A machine asks to join.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Join {
    /// The code, without the part by which the server was recognised.
    #[schemars(length(max = 256))]
    code: String,
    /// The full name of the machine.
    #[schemars(length(max = 256))]
    machine: String,
    /// Its request for a certificate (PKCS #10), in PEM. Which names the certificate bears is decided here.
    #[schemars(length(max = 8192))]
    request: String,
}

async fn join(call: Call, _: Nothing, _: Nothing, given: Join) -> Result<Reply<Admission>, Problem> {
    let house = &call.house;
    let no_room = |_| Problem::later("too many sign-ons wait already", RETRY_AFTER);
    let _place = house.sign_ons.try_acquire().map_err(no_room)?;
    let lengths = [
        ("code", &given.code, CREDENTIAL_OCTETS_MAX),
        ("machine", &given.machine, CREDENTIAL_OCTETS_MAX),
        ("request", &given.request, REQUEST_OCTETS_MAX),
    ];
    for (field, text, most) in lengths {
        if text.len() > most {
            return Err(Problem::field(field, format!("'{field}' has more than {most} octets")));
        }
    }
    let refused = || {
        house.count_refused();
        Problem::new(Code::ErrorPermission, NOT_GOOD)
    };
    let code = house.desk.join_code(&given.code, &given.machine).await?.ok_or_else(refused)?;
    // Made before the code is used up: who is refused here may try again with it.
    let (at, machine, request) = (house.clone(), given.machine.clone(), given.request);
    // It reads files and signs.
    let admission = spawn_blocking(move || (at.joining)(&machine, &request)).await;
    let admission = admission
        .unwrap_or_else(|lost| resume_unwind(lost.into_panic()))
        .map_err(|why| Problem::new(Code::RuleBroken, why))?;
    house.desk.redeem(code, &given.machine, call.ends.peer.to_string()).await.map_err(|_| refused())?;
    tracing::info!(machine = given.machine, from = %call.ends.peer, "join.admitted");
    Ok(Reply::of(admission))
}
