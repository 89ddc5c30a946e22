//! What a machine gets that joins the deployment: a certificate by our authority, whom to believe, the sealing key, the topology.
//! Whether it may join is decided before.

mod ask;

use std::path::Path;
use std::sync::Arc;

use admin::Vouching;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chat::Clock;
use topology::{Fqdn, roles};
use web::{Admission, Joining};

use crate::certificate::{self, Authority, Certificates};
use crate::data::Data;
use crate::machine;
use crate::replica;
use crate::trouble::{Trouble, at};

pub use ask::{Door, JoinCode};

/// The key under which passwords of legacy clients are sealed, in the folder of secrets.
pub const SEALING_KEY: &str = "sealing.key";

/// By whose certificate a machine recognises this deployment: the last one of the chain that is shown.
pub fn vouching(data: &Data) -> Result<Vouching, Trouble> {
    let certificates = Certificates::of(data)?;
    Ok(Box::new(move || {
        let missing =
            "there is no certificate here yet: start the server once, or say `causerie certificate trial`";
        let chain = certificates.assigned().map_err(|trouble| trouble.to_string())?.ok_or(missing)?;
        if certificates.files().joined().exists() && !certificates.files().assigned().exists() {
            return Err(
                "the authority of this deployment is on another machine: make the code there".to_owned()
            );
        }
        Ok(certificate::fingerprint(chain.anchor()))
    }))
}

/// What is given to whoever shows a good code.
pub fn joining(data: &Data, clock: Arc<dyn Clock>) -> Result<Joining, Trouble> {
    let certificates = Certificates::of(data)?;
    let (sealing_key, copy) = (data.file("secret").join(SEALING_KEY), data.file(replica::NAME));
    Ok(Box::new(move |machine, request| {
        admission(&certificates, &sealing_key, &copy, Asked { machine, request }, &*clock)
            .map_err(|trouble| trouble.to_string())
    }))
}

/// Who asks, and with which request.
struct Asked<'a> {
    machine: &'a str,
    request: &'a str,
}

fn admission(
    certificates: &Certificates,
    sealing_key: &Path,
    copy: &Path,
    asked: Asked<'_>,
    clock: &dyn Clock,
) -> Result<Admission, Trouble> {
    let topology = if copy.exists() { Some(std::fs::read_to_string(copy).map_err(at(copy))?) } else { None };
    let names = match &topology {
        None => vec![asked.machine.to_owned()],
        Some(document) => {
            let topology = machine::document(copy, document.as_bytes())?;
            let fqdn = Fqdn::parse(asked.machine).map_err(|bad| Trouble::Invalid(bad.to_string()))?;
            let roles = roles(&topology, &fqdn).map_err(|unknown| Trouble::Invalid(unknown.to_string()))?;
            roles.certificate_names().iter().map(Fqdn::to_string).collect()
        }
    };
    let certificate = match Authority::load(certificates.files())? {
        Some(authority) => Some(authority.answer(asked.request, &names, clock)?),
        None => None,
    };
    let key = std::fs::read(sealing_key).map_err(at(sealing_key))?;
    Ok(Admission {
        certificate,
        authority: certificates.authorities_as_pem()?,
        sealing_key: BASE64_STANDARD.encode(key),
        topology,
    })
}
