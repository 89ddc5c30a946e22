//! The one door of administration: every operation, whoever asks it and through whichever face, passes here.
//! Knows who may ask at all; holds no rule of rooms.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chat::{Actor, Person, PersonState, Role, Roles};
use directory::Directory;
use serde::{Deserialize, Serialize};
use store::Store;
use uuid::Uuid;

use crate::distinct::Distinct;
use crate::errand::{Errand, Grounds, Turns};
use crate::error::AdminError;
use crate::operation::{CategorySet, DirectoryImport, Operation, PoolJoinCode};
use crate::outcome::Outcome;
use crate::running::Running;
use crate::spec::{Need, Spec, UNKEEPABLE, is_keepable};
use crate::topology::Survey;
use crate::unfinished::Unfinished;
use crate::{add_in, configuration, eligible, endpoint, join, policy, pool, role, seek, token, topology};
use crate::{category, explain, followed, group, import, message, page, record, report, room, user};

/// How often an operation is begun anew when what it changes was changed meanwhile (ours: more askers are not served at once).
pub(crate) const TRIES: usize = 16;

/// Carries out operations on one store. Cheap to clone.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

/// By whose certificate a machine recognises this deployment (SHA-256), or why there is none yet.
pub type Vouching = Box<dyn Fn() -> Result<[u8; 32], String> + Send + Sync>;

struct Inner {
    vouching: OnceLock<Vouching>,
    store: Store,
    directory: Directory,
    turns: Turns,
    running: Running,
    survey: Option<Survey>,
}

/// Who asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asker {
    /// As the journal names it.
    pub by: Actor,
    /// From where, in words for the record: `socket`, or an address of the network.
    pub from: String,
    /// What the asker may at most, when it asks with a token: never more than whose token it is.
    pub within: Option<Roles>,
    /// The token that was shown, if it is one: it may be revoked before what is asked is done.
    pub token: Option<Uuid>,
    /// The admission of the person under which it signed on, if it did: a new password may end that before what is asked is done.
    pub admission: Option<u64>,
}

/// What is asked; as JSON it travels to a running server.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// The operation.
    pub operation: Operation,
    /// Whether it is only to be said what would change.
    #[serde(default)]
    pub dry_run: bool,
    /// The etag of what is changed, as the asker saw it; something else is not changed then. For operations that take one:
    /// [`Spec::takes_state`].
    pub if_match: Option<String>,
}

impl Desk {
    /// The desk over a store and its directory. It publishes no topology, as it cannot look at the world.
    #[must_use]
    pub fn new(store: Store, directory: Directory) -> Self {
        Self::begun(store, directory, None)
    }

    /// The same with somebody who looks at the world for a topology that is to be published.
    #[must_use]
    pub fn surveying(store: Store, directory: Directory, survey: Survey) -> Self {
        Self::begun(store, directory, Some(survey))
    }

    fn begun(store: Store, directory: Directory, survey: Option<Survey>) -> Self {
        let (turns, running) = (Turns::default(), Running::default());
        Self(Arc::new(Inner { vouching: OnceLock::new(), store, directory, turns, running, survey }))
    }

    /// Says, once, who vouches for this deployment to machines that join it.
    pub fn vouch(&self, vouching: Vouching) {
        // Whoever opened the house says it; nobody opens it twice.
        let _ = self.0.vouching.set(vouching);
    }

    /// The number of the join code with this secret, if it is good, and for this machine.
    ///
    /// # Errors
    /// [`AdminError::Unavailable`] when the store cannot be read.
    pub async fn join_code(&self, secret: &str, machine: &str) -> Result<Option<i64>, AdminError> {
        join::good(&self.0.directory, secret, machine).await
    }

    /// Uses up a join code, of which [`Desk::join_code`] gave the number.
    ///
    /// # Errors
    /// [`AdminError::NotFound`] when somebody else was faster, or its time is over.
    pub async fn redeem(&self, code: i64, machine: &str, from: String) -> Result<(), AdminError> {
        let asker = Asker::new(Actor::Server, from);
        let request = Request::of(Operation::PoolJoinCode(PoolJoinCode { machine: machine.to_owned() }));
        let Inner { store, directory, turns, .. } = &*self.0;
        let grounds = self.grounds(&asker).await?;
        let errand = Errand::new(store, directory, turns, &asker, &request, grounds);
        join::redeem(&errand, code, machine).await
    }

    /// Carries out one operation: all of it or nothing, in one transaction with its journal entry. Imports of directories and rooms,
    /// a category that admits fewer, and the removal of many messages are parts under one number, each a transaction. When somebody
    /// else was faster, what it changes and what the asker may are looked at again, a few times; when the asker named the state it
    /// saw, once.
    ///
    /// What changes something goes on to its end also when this is dropped. It is answered when every server of the pool has followed
    /// it, or its lease is over; a warning says which have not.
    ///
    /// # Errors
    /// [`AdminError`], when nothing was written; of what is done in parts, it says how far that came.
    pub async fn run(&self, asker: Asker, request: Request) -> Result<Outcome, AdminError> {
        takes_state(&request)?;
        let request = Request { operation: page::received(request.operation)?, ..request };
        if request.dry_run || Spec::of(&request.operation).only_reads {
            return self.attempt(&asker, &request).await;
        }
        let desk = self.clone();
        let mut outcome =
            self.0.running.carry_out(async move { desk.attempt(&asker, &request).await }).await?;
        outcome.warnings.extend(self.0.running.unless_stopped(followed::everywhere(&self.0.store)).await);
        Ok(outcome)
    }

    /// Changes nothing more: waits for the operations under way, and breaks off what takes longer than this. The next start goes on
    /// with that ([`Desk::resume`]).
    pub async fn stop(&self, patience: Duration) {
        self.0.running.stop(patience).await;
    }

    async fn attempt(&self, asker: &Asker, request: &Request) -> Result<Outcome, AdminError> {
        // The second look tells whether it was the named state that has gone.
        let tries = if request.state().is_some() { 2 } else { TRIES };
        for _ in 1..tries {
            match self.try_once(asker, request).await {
                Err(AdminError::Stale(_)) => (),
                done => return done,
            }
        }
        self.try_once(asker, request).await
    }

    /// Goes on with what a stop of the server left half done: whom a narrowed category does not admit goes from its rooms, and what
    /// people belong to after an import is worked out. The record names the server as who did it.
    ///
    /// # Errors
    /// The first [`AdminError`], when some of it could not be done either; that is left to the next start.
    pub async fn resume(&self) -> Result<(), AdminError> {
        let mut done = Ok(());
        for left in Unfinished::all(&self.0.store).await? {
            done = done.and(self.go_on(left).await);
        }
        done
    }

    async fn go_on(&self, left: Unfinished) -> Result<(), AdminError> {
        let Inner { store, directory, turns, .. } = &*self.0;
        let category = match left {
            Unfinished::Narrowing(id, _) => store.category(id).await?,
            Unfinished::Belonging => None,
        };
        let operation = match &category {
            Some(category) => Operation::CategorySet(CategorySet {
                category: category.guid.to_string(),
                ..CategorySet::default()
            }),
            None => Operation::DirectoryImport(DirectoryImport::default()),
        };
        let (asker, request) = (Asker::new(Actor::Server, "start"), Request::of(operation));
        let grounds = self.grounds(&asker).await?;
        let errand = Errand::new(store, directory, turns, &asker, &request, grounds);
        match (left, &category) {
            (Unfinished::Narrowing(..), Some(category)) => category::go_on(&errand, category).await,
            // Its rooms are gone with it.
            (Unfinished::Narrowing(..), None) => Unfinished::end(&errand, |note| *note == left).await,
            (Unfinished::Belonging, _) => {
                // An import under way takes its note away itself.
                let _turn = turns.imports.lock().await;
                import::settle(&errand, None).await
            }
        }
    }

    /// What whoever asks is now. Whoever has a shell on the machine, and the server itself, may everything.
    async fn grounds(&self, asker: &Asker) -> Result<Grounds, AdminError> {
        asker.shows_itself(&self.0.store).await?;
        let mut standing = None;
        let own = match asker.by {
            Actor::Shell(_) | Actor::Server => Roles::of(&[Role::Administrator]),
            Actor::Person(id) => {
                let person = self.0.store.person(id).await?;
                asker.is_admitted(person.as_ref())?;
                standing = person.as_ref().map(|person| person.standing);
                let enabled = person.filter(|person| person.state == PersonState::Enabled);
                enabled.map(|person| person.roles).unwrap_or_default()
            }
            Actor::Token(_) => asker.within.unwrap_or_default(),
        };
        Ok(Grounds { roles: asker.within.map_or(own, |within| own.within(within)), standing })
    }

    async fn try_once(&self, asker: &Asker, request: &Request) -> Result<Outcome, AdminError> {
        let grounds = self.grounds(asker).await?;
        permitted(Spec::of(&request.operation), grounds.roles)?;
        let Inner { store, directory, turns, survey, vouching, .. } = &*self.0;
        let errand = Errand::new(store, directory, turns, asker, request, grounds);
        let errand = errand.vouched(vouching.get()).surveying(survey.as_ref());
        let outcome = carried_out(&errand, &request.operation).await?;
        let next = outcome.next.map(|next| page::given(&request.operation, &next));
        Ok(Outcome { dry_run: request.dry_run, next, ..outcome })
    }
}

/// Each operation to its noun.
#[expect(clippy::too_many_lines, reason = "one line for each operation of the table")]
async fn carried_out(errand: &Errand<'_>, operation: &Operation) -> Result<Outcome, AdminError> {
    match operation {
        Operation::UserNew(asked) => user::new(errand, asked).await,
        Operation::UserList(asked) => user::list(errand, asked).await,
        Operation::UserGet(asked) => user::get(errand, asked).await,
        Operation::UserSet(asked) => user::set(errand, asked).await,
        Operation::UserDisable(asked) => user::enable(errand, &asked.user, false).await,
        Operation::UserEnable(asked) => user::enable(errand, &asked.user, true).await,
        Operation::UserRemove(asked) => user::remove(errand, asked).await,
        Operation::CategoryNew(asked) => category::new(errand, asked).await,
        Operation::CategoryList(asked) => category::list(errand, asked).await,
        Operation::CategoryGet(asked) => category::get(errand, asked).await,
        Operation::CategorySet(asked) => category::set(errand, asked).await,
        Operation::CategoryRemove(asked) => category::remove(errand, asked).await,
        Operation::RoomNew(asked) => room::new(errand, asked).await,
        Operation::RoomList(asked) => room::list(errand, asked).await,
        Operation::RoomGet(asked) => room::get(errand, asked).await,
        Operation::RoomSet(asked) => room::set(errand, asked).await,
        Operation::RoomRemove(asked) => room::remove(errand, asked).await,
        // Groups and directories
        Operation::GroupNew(asked) => group::new(errand, asked).await,
        Operation::GroupList(asked) => group::list(errand, asked).await,
        Operation::GroupGet(asked) => group::get(errand, asked).await,
        Operation::GroupSet(asked) => group::set(errand, asked).await,
        Operation::GroupRemove(asked) => group::remove(errand, asked).await,
        Operation::DirectoryImport(asked) => import::import(errand, asked).await,
        Operation::PrincipalRefresh(asked) => group::refresh(errand, asked).await,
        // Policies, settings, add-ins, addresses
        Operation::PolicyList(asked) => policy::list(errand, asked).await,
        Operation::PolicyGet(asked) => policy::get(errand, asked).await,
        Operation::PolicyNew(asked) => policy::new(errand, asked).await,
        Operation::PolicySet(asked) => policy::set(errand, asked).await,
        Operation::PolicyRemove(asked) => policy::remove(errand, asked).await,
        Operation::PolicyGrant(asked) => policy::grant(errand, asked).await,
        Operation::PolicyRevoke(asked) => policy::revoke(errand, asked).await,
        Operation::PolicyAssign(asked) => policy::assign(errand, asked).await,
        Operation::PolicyEffective(asked) => policy::effective(errand, asked).await,
        Operation::ConfigurationList(asked) => configuration::list(errand, asked).await,
        Operation::ConfigurationGet(asked) => configuration::get(errand, asked).await,
        Operation::ConfigurationNew(asked) => configuration::new(errand, asked).await,
        Operation::ConfigurationSet(asked) => configuration::set(errand, asked).await,
        Operation::ConfigurationRemove(asked) => configuration::remove(errand, asked).await,
        Operation::ConfigurationEffective(_) => configuration::effective(errand).await,
        Operation::AddInList(asked) => add_in::list(errand, asked).await,
        Operation::AddInGet(asked) => add_in::get(errand, asked).await,
        Operation::AddInNew(asked) => add_in::new(errand, asked).await,
        Operation::AddInSet(asked) => add_in::set(errand, asked).await,
        Operation::AddInRemove(asked) => add_in::remove(errand, asked).await,
        Operation::EndpointList(asked) => endpoint::list(errand, asked).await,
        Operation::EndpointNew(asked) => endpoint::new(errand, asked).await,
        Operation::EndpointRemove(asked) => endpoint::remove(errand, asked).await,
        Operation::PoolState(_) => pool::state(errand).await,
        Operation::PoolServers(_) => pool::list(errand, false).await,
        Operation::PoolActiveServersList(_) => pool::list(errand, true).await,
        Operation::PoolActiveServersSet(asked) => pool::set_active(errand, asked).await,
        Operation::PoolActiveServersSwap(_) => pool::swap(errand).await,
        Operation::PoolDrain(asked) => pool::drain(errand, asked).await,
        Operation::PoolUndrain(asked) => pool::undrain(errand, asked).await,
        Operation::PoolRemove(asked) => pool::remove(errand, asked).await,
        Operation::EligiblePrincipalList(asked) => eligible::list(errand, asked).await,
        Operation::PrincipalList(asked) => seek::list(errand, asked).await,
        // Roles and tokens
        Operation::RoleGrant(asked) => role::grant(errand, asked).await,
        Operation::RoleRevoke(asked) => role::revoke(errand, asked).await,
        Operation::RoleList(asked) => role::list(errand, asked).await,
        Operation::TokenNew(asked) => token::new(errand, asked).await,
        Operation::TokenList(asked) => token::list(errand, asked).await,
        Operation::TokenRevoke(asked) => token::revoke(errand, asked).await,
        Operation::PoolJoinCode(asked) => join::new(errand, asked).await,
        // Messages, bulk work and the record
        Operation::MessageRemove(asked) => message::remove(errand, asked).await,
        Operation::RoomClear(asked) => message::clear(errand, asked).await,
        Operation::RoomImport(asked) => room::import(errand, asked).await,
        Operation::AuditList(asked) => record::list(errand, asked).await,
        Operation::AuditGet(asked) => record::get(errand, asked).await,
        // The topology
        Operation::TopologyPublish(asked) => topology::publish(errand, asked).await,
        Operation::TopologyHistory(asked) => topology::history(errand, asked).await,
        Operation::TopologyDownload(asked) => topology::download(errand, asked).await,
        // Reports and explanations
        Operation::ReportUsage(asked) => report::usage(errand, asked).await,
        Operation::ReportActivity(asked) => report::activity(errand, asked).await,
        Operation::ReportMembership(asked) => report::membership(errand, asked).await,
        Operation::Explain(asked) => explain::explain(errand, asked).await,
        Operation::WhoCan(asked) => explain::who_can(errand, asked).await,
    }
}

impl Asker {
    /// Who asks, and from where.
    #[must_use]
    pub fn new(by: Actor, from: impl Into<String>) -> Self {
        Self { by, from: from.into(), within: None, token: None, admission: None }
    }

    /// Refuses whoever shows a token that was revoked.
    pub(crate) async fn shows_itself(&self, store: &Store) -> Result<(), AdminError> {
        let Some(guid) = self.token else { return Ok(()) };
        match store.token_of(guid).await? {
            Some(token) if token.revoked.is_none() => Ok(()),
            _ => Err(AdminError::Denied(
                "the token you show was revoked: show another (`causerie token new` makes one)".into(),
            )),
        }
    }

    /// Refuses whoever signed on before what ended that. To be asked of the same reading of the person as its standing.
    pub(crate) fn is_admitted(&self, person: Option<&Person>) -> Result<(), AdminError> {
        match (self.admission, person) {
            (Some(admission), Some(person)) if person.admission > admission => {
                Err(AdminError::Denied("your session has been ended: sign on again".into()))
            }
            _ => Ok(()),
        }
    }
}

impl Request {
    /// An operation to be carried out on whatever is there.
    #[must_use]
    pub fn of(operation: Operation) -> Self {
        Self { operation, dry_run: false, if_match: None }
    }

    /// What was asked, out of its JSON.
    ///
    /// # Errors
    /// What cannot be read, or stands there twice.
    pub fn read(json: &[u8]) -> Result<Self, serde_json::Error> {
        let Distinct(value) = serde_json::from_slice(json)?;
        if !is_keepable(&value) {
            return Err(serde::de::Error::custom(format!("the request {UNKEEPABLE}")));
        }
        serde_json::from_value(value)
    }

    /// The one state of what it changes on which it is to be done, if the asker named one.
    pub(crate) fn state(&self) -> Option<&str> {
        let named = self.if_match.as_deref()?.trim().trim_start_matches("W/").trim_matches('"');
        (named != "*").then_some(named)
    }
}

/// Refuses a named state where it would be passed over.
fn takes_state(request: &Request) -> Result<(), AdminError> {
    let spec = Spec::of(&request.operation);
    if request.if_match.is_none() || spec.takes_state {
        return Ok(());
    }
    let message = format!(
        "`{}` does not look at the state of what is there: leave the etag out (--if-match, the header If-Match)",
        spec.said()
    );
    Err(AdminError::invalid("ifMatch", message))
}

fn permitted(spec: &Spec, roles: Roles) -> Result<(), AdminError> {
    if spec.need.is_met(roles) {
        return Ok(());
    }
    let (Need::Role(one) | Need::Either(one, _)) = spec.need else { return Ok(()) };
    Err(AdminError::Denied(format!(
        "`{}` needs {}: an administrator can grant it (`causerie role grant {one} ADDRESS`)",
        spec.said(),
        spec.need
    )))
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").finish_non_exhaustive()
    }
}
