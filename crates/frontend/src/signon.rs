//! How somebody signs on: the three steps of NTLM inside REGISTER ([MS-SIPAE] 3.2, [MS-NLMP] 3.2.5 for datagram mode).
//! Decides only whether a password was proven; what a registration is worth stands in `register.rs`.

use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chat::{Domain, Person};
use ntlm::{Authenticate, Challenge, FileTime, SignVersion};
use sip::header::auth::{Auth, AuthValue};
use sip::{Fields, Name, Status};

use crate::answer::Answer;
use crate::codes::Refused;
use crate::house::House;
use crate::security::{NTLM, REALM, Security};

/// Where the sign-on of a link stands.
#[derive(Debug, Default)]
pub(crate) struct SignOn {
    challenged: Option<Challenged>,
    /// Whether a step was taken since the last message that was signed.
    under_way: bool,
}

/// A challenge that waits for its one answer.
#[derive(Debug)]
struct Challenged {
    challenge: Challenge,
    opaque: String,
    version: SignVersion,
}

/// What a REGISTER is in a sign-on.
#[derive(Debug)]
pub(crate) enum Step {
    /// To be answered so: a challenge or a refusal.
    Answer(Answer),
    /// It claims to prove a password: to be examined by [`Proof::examine`].
    Proof(Box<Proof>),
    /// It carries a signature and no step of a sign-on.
    Signed,
}

/// The answer to a challenge.
#[derive(Debug)]
pub(crate) struct Proof {
    challenged: Challenged,
    answer: Authenticate,
}

/// What came of examining a proof.
#[derive(Debug)]
pub(crate) enum Examined {
    /// The password of this person was proven.
    Proven(Box<Person>, Box<Security>),
    /// To be told so: a fresh challenge, or that it cannot be decided now.
    Refused(Answer),
}

impl SignOn {
    /// Takes the step a REGISTER asks for.
    pub(crate) fn step(&mut self, house: &House, request: &Fields) -> Step {
        self.under_way = true;
        let host = &house.names.host;
        let auth = match request.auth(Name::Authorization, NTLM) {
            Ok(Some(auth)) => auth,
            Ok(None) => return Step::Answer(invitation(host)),
            Err(fault) => return Step::Answer(Refused::Malformed(fault).answer(host)),
        };
        match auth.get("gssapi-data") {
            None if auth.get("response").is_some() => Step::Signed,
            None => Step::Answer(invitation(host)),
            Some(data) if data.is_empty() => Step::Answer(self.challenge(house, auth)),
            Some(data) => self.proof(host, &auth, &data),
        }
    }

    /// The answer to a challenge, which can be answered once, whatever comes of it.
    fn proof(&mut self, host: &str, auth: &Auth<'_>, data: &str) -> Step {
        let challenged = self.challenged.take();
        let meant = |known: &Challenged| auth.get("opaque").as_deref() == Some(known.opaque.as_str());
        let Some(challenged) = challenged.filter(meant) else { return Step::Answer(invitation(host)) };
        let Ok(octets) = STANDARD.decode(data) else {
            return Step::Answer(Refused::BadRequest("gssapi-data is not base64").answer(host));
        };
        match Authenticate::parse(&octets) {
            Ok(answer) => Step::Proof(Box::new(Proof { challenged, answer })),
            Err(refused) => {
                tracing::info!(reason = %refused, "signon.unreadable");
                Step::Answer(invitation(host))
            }
        }
    }

    /// Whether the client may be between two keys.
    pub(crate) fn is_under_way(&self) -> bool {
        self.under_way
    }

    /// The client has signed a message: it has the key.
    pub(crate) fn settled(&mut self) {
        self.under_way = false;
    }

    fn challenge(&mut self, house: &House, auth: Auth<'_>) -> Answer {
        let asked = auth.get("version").and_then(|version| SignVersion::from_parameter(&version));
        let version = asked.unwrap_or(SignVersion::Four);
        let mut random = [0; 12];
        house.clock.fill_random(&mut random);
        let (server_challenge, opaque) = random.split_first_chunk::<8>().expect("twelve octets hold eight");
        let opaque: String = opaque.iter().map(|octet| format!("{octet:02X}")).collect();
        let time = FileTime::from_unix_micros(house.clock.now().unix_micros());
        let challenge = Challenge::new(*server_challenge, &house.names.target, time);
        let value = AuthValue::new(NTLM)
            .quoted("opaque", &opaque)
            .quoted("gssapi-data", &STANDARD.encode(challenge.octets()))
            .quoted("targetname", &house.names.host)
            .quoted("realm", REALM)
            .bare("version", version.parameter());
        self.challenged = Some(Challenged { challenge, opaque, version });
        Answer::new(Status::UNAUTHORIZED).line(Name::WwwAuthenticate, value.into_string())
    }
}

impl Proof {
    /// Finds out whether it proves the password of the person it names, when it is its turn. Dropping the future gives up
    /// the turn, and then nothing is found out. An unknown name, one that may not sign on and a wrong password mean the same
    /// work and the same answer.
    pub(crate) async fn examine(self, house: Arc<House>, from: IpAddr) -> Examined {
        let host = &house.names.host;
        let name = tried_name(&house.names.domain, self.answer.user(), self.answer.domain());
        if let Err(many) = house.directory.turn(&name, from).await {
            tracing::warn!(%from, wait_s = many.wait.as_secs(), "signon.too_many_tries");
            return house.refused(Refused::TooManyTries(many.wait).answer(host));
        }
        let Ok(_permit) = house.proofs.try_acquire() else {
            return house.refused(Refused::SignOnsFull.answer(host));
        };
        let secret = match house.directory.legacy(self.answer.user(), self.answer.domain()).await {
            Ok(secret) => secret,
            Err(fault) => {
                tracing::error!(fault = %fault, "signon.directory");
                return house.refused(Refused::Directory.answer(host));
            }
        };
        let Challenged { challenge, opaque, version } = self.challenged;
        match (challenge.accept(&self.answer, &secret.hash), secret.person) {
            (Ok(association), Some(person)) => {
                house.directory.succeeded(&name, from);
                let seed = house.clock.random_u64();
                let security = Security::new(association, opaque, host, version, seed);
                Examined::Proven(Box::new(person), Box::new(security))
            }
            (Err(reason), _) => {
                tracing::info!(%from, %reason, "signon.refused");
                house.refused(invitation(host))
            }
            (Ok(_), None) => house.refused(invitation(host)),
        }
    }
}

impl House {
    /// A sign-on ends with this answer, and is counted.
    fn refused(&self, answer: Answer) -> Examined {
        self.count_refused();
        Examined::Refused(answer)
    }
}

/// The 401 that invites to sign on, and tells that a sign-on failed.
pub(crate) fn invitation(host: &str) -> Answer {
    let value = AuthValue::new(NTLM)
        .quoted("realm", REALM)
        .quoted("targetname", host)
        .bare("version", SignVersion::Four.parameter());
    Answer::new(Status::UNAUTHORIZED).line(Name::WwwAuthenticate, value.into_string())
}

/// One spelling for all the ways a client can write the same name, so that a guesser has one turn.
fn tried_name(home: &Domain, user: &str, domain: &str) -> String {
    if user.contains('@') {
        return user.to_lowercase();
    }
    let domain = if domain.contains('.') { domain } else { home.as_str() };
    format!("{user}@{domain}").to_lowercase()
}
