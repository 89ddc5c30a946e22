//! SERVICE: what a person changes of his own: publications (followed rooms among them), containers, contacts ([MS-PRES]
//! 3.4, 3.5; [MS-SIP] for contacts). Bodies are read in `document/`; who is told of a change is `subscribe.rs`.
//! All or nothing of one request is carried out, but for a race between two endpoints of one person.

use std::collections::BTreeSet;

use chat::{Person, Time};
use directory::{DirectoryFault, Publication, PutOutcome};
use sip::{Request, TransactionKey};

use crate::answer::Answer;
use crate::codes::Refused;
use crate::document::category::{Entry, Expire, STATE};
use crate::document::publish::{self, Change};
use crate::document::roaming::{self, Categories, Told};
use crate::document::soap::{self, Operation};
use crate::document::stale::Stale;
use crate::document::{contacts, containers};
use crate::house::House;
use crate::limits::KEPT_PUBLICATIONS_OCTETS_MAX;
use crate::link::{Finished, Link};
use crate::own::{self, Own};
use crate::registrar::{Live, NotPublished};

/// The types of bodies a SERVICE may have.
const ACCEPTED: &str = "application/msrtc-category-publish+xml, application/msrtc-setcontainermembers+xml, \
                        application/SOAP+xml";
/// How often containers or contacts are changed anew when another endpoint was faster.
const TRIES: usize = 3;

/// What a SERVICE asks for.
#[derive(Debug)]
enum Wish {
    Publish(Vec<Change>),
    Containers(Vec<containers::Change>),
    Contacts { name: &'static str, change: contacts::Change },
}

impl Link {
    /// A SERVICE.
    pub(crate) fn service(&mut self, request: Request, key: TransactionKey) {
        let wish = match self.wish(&request) {
            Ok(wish) => wish,
            Err(refused) => return self.refuse(&request, &key, &refused),
        };
        let Some(endpoint) = &self.endpoint else {
            return self.refuse(&request, &key, &Refused::NotSignedOn);
        };
        let (house, person, link) = (self.house.clone(), endpoint.person.clone(), self.id);
        self.begin(async move {
            let carried_out = match wish {
                Wish::Publish(changes) => publish(&house, &person, link, changes).await,
                Wish::Containers(changes) => change_containers(&house, &person, &changes).await,
                Wish::Contacts { name, change } => change_contacts(&house, &person, name, change).await,
            };
            let answer = carried_out.unwrap_or_else(|refused| {
                tracing::debug!(method = "SERVICE", reason = %refused, "request.refused");
                refused.answer(&house.names.host)
            });
            Finished::Answered { request, key, answer }
        });
    }

    fn wish(&self, request: &Request) -> Result<Wish, Refused> {
        if request.to().tag().is_some() {
            return Err(Refused::NoDialog);
        }
        let content_type = request.content_type().map_err(Refused::Malformed)?;
        let is = |media_type| content_type.is_some_and(|content_type| content_type.is(media_type));
        let body = request.body();
        if is(soap::MEDIA_TYPE) {
            // Operations on the domain have another To; which operation it is decides first.
            return match soap::read(body)? {
                Operation::Other => Err(Refused::UnknownOperation),
                Operation::Contacts { name, change } => {
                    self.own_address(request)?;
                    Ok(Wish::Contacts { name, change })
                }
            };
        }
        let own = self.own_address(request)?;
        if is(publish::MEDIA_TYPE) {
            Ok(Wish::Publish(publish::read(body, &own)?))
        } else if is(containers::MEDIA_TYPE) {
            Ok(Wish::Containers(containers::read(body)?))
        } else {
            Err(Refused::MediaType(ACCEPTED))
        }
    }
}

/// Keeps, replaces and ends publications; the answer tells all of the categories that were named.
async fn publish(house: &House, person: &Person, link: u64, changes: Vec<Change>) -> Result<Answer, Refused> {
    let before = own::gather(house, person.id).await?;
    let stale = out_of_date(&before, &changes);
    if !stale.is_empty() {
        return Err(Refused::OutOfDate(stale));
    }
    check_room(&before, &changes)?;
    let time = house.clock.now();
    // Everything that needs no waiting goes first, so that others are told of it at once.
    for (change, index) in changes.iter().zip(1..).filter(|(change, _)| change.expire != Expire::Static) {
        let live = change.content.as_ref().map(|content| Live {
            link: (change.expire == Expire::Endpoint).then_some(link),
            version: 0,
            time,
            expire_type: change.expire.as_str(),
            content: content.clone(),
        });
        let done = house.registrar.publish(person.id, change.name.clone(), change.version, live);
        done.map_err(|fault| match fault {
            NotPublished::Full => Refused::Limit("publications of one person"),
            NotPublished::Conflict(current) => {
                Refused::OutOfDate(vec![Stale { index, version: change.version, current }])
            }
        })?;
    }
    let kept = keep_statics(house, person, &changes, time).await;
    let after = own::gather(house, person.id).await?;
    note_state(house, person, link, &changes, &after);
    house.registrar.note_change(person.id);
    kept?;
    let names: BTreeSet<&str> = changes.iter().map(|change| change.name.category()).collect();
    let entries = || after.entries().filter(|entry| names.contains(entry.name.category()));
    let there: BTreeSet<&str> = entries().map(|entry| entry.name.category()).collect();
    let gone = names.difference(&there).copied().collect();
    let told =
        Told { categories: Some(Categories { entries: entries().collect(), gone }), ..Told::default() };
    Ok(Answer::ok().body(roaming::MEDIA_TYPE, roaming::print(&person.address, &told)))
}

/// The changes that name another version than the present one.
fn out_of_date(own: &Own, changes: &[Change]) -> Vec<Stale> {
    let stale = changes.iter().zip(1..).map(|(change, index)| Stale {
        index,
        version: change.version,
        current: own.version(&change.name, change.expire == Expire::Static),
    });
    stale.filter(|stale| stale.version != stale.current).collect()
}

/// Whether everything kept still fits when the changes are made.
fn check_room(own: &Own, changes: &[Change]) -> Result<(), Refused> {
    let statics = || changes.iter().filter(|change| change.expire == Expire::Static);
    let stays = |entry: &&Entry| !statics().any(|change| change.name == entry.name);
    let kept: usize = own.kept.iter().filter(stays).map(|entry| entry.content.len()).sum();
    let new: usize =
        statics().filter_map(|change| change.content.as_ref()).map(|content| content.len()).sum();
    if new > 0 && kept + new > KEPT_PUBLICATIONS_OCTETS_MAX {
        return Err(Refused::Limit("publications of one person"));
    }
    Ok(())
}

/// Keeps those that end with nothing, up to the first that is refused.
async fn keep_statics(house: &House, person: &Person, changes: &[Change], time: Time) -> Result<(), Refused> {
    for (change, index) in changes.iter().zip(1..).filter(|(change, _)| change.expire == Expire::Static) {
        let content = change.content.as_ref().map(|content| Publication::dated(time, content));
        let put = house.directory.publish(person.id, &change.name, Some(change.version), content).await;
        if let Some(current) = conflict(put, "publications of one person")? {
            return Err(Refused::OutOfDate(vec![Stale { index, version: change.version, current }]));
        }
    }
    Ok(())
}

/// What came of keeping a document: nothing to say, or the version that another endpoint was faster with.
fn conflict(put: Result<PutOutcome, DirectoryFault>, what: &'static str) -> Result<Option<u64>, Refused> {
    match put.map_err(own::refused)? {
        PutOutcome::Stored(_) | PutOutcome::Removed => Ok(None),
        PutOutcome::Conflict(current) => Ok(Some(current)),
        PutOutcome::TooMany { .. } | PutOutcome::TooLarge { .. } => Err(Refused::Limit(what)),
        PutOutcome::NoSuchPerson => Err(Refused::NotSignedOn),
    }
}

/// The registrar is told how available the person is, when that was among the changes.
fn note_state(house: &House, person: &Person, link: u64, changes: &[Change], after: &Own) {
    if changes.iter().any(|change| change.name.category() == STATE) {
        house.registrar.set_machine_state(person.id, link, after.machine_state(link));
        house.registrar.set_user_state(person.id, after.user_state());
    }
}

async fn change_containers(
    house: &House,
    person: &Person,
    changes: &[containers::Change],
) -> Result<Answer, Refused> {
    for _ in 0..TRIES {
        let mut own = own::gather(house, person.id).await?;
        own.containers.change(changes).map_err(|unchanged| match unchanged {
            containers::Unchanged::Stale(stale) => Refused::OutOfDate(stale),
            containers::Unchanged::Full => Refused::Limit("members of containers"),
        })?;
        if own.containers.is_empty() {
            return Ok(Answer::ok());
        }
        let (content, expected) = (own.containers.to_bytes(), Some(own.containers_version));
        let name = own::containers_name();
        let put = house.directory.publish(person.id, &name, expected, Some(content)).await;
        if conflict(put, "members of containers")?.is_none() {
            house.registrar.note_change(person.id);
            return Ok(Answer::ok());
        }
    }
    Err(Refused::Directory)
}

async fn change_contacts(
    house: &House,
    person: &Person,
    name: &str,
    change: contacts::Change,
) -> Result<Answer, Refused> {
    for _ in 0..TRIES {
        let (version, mut list) = own::contacts(house, person).await?;
        let changed = list.change(change.clone()).map_err(|unchanged| match unchanged {
            contacts::Unchanged::Full => Refused::Limit("contacts of one person"),
            contacts::Unchanged::NoSuchGroup => Refused::BadRequest("there is no such group of contacts"),
            contacts::Unchanged::Fixed => {
                Refused::BadRequest("the first group of contacts cannot be changed")
            }
        })?;
        let put = house.directory.set_contacts(person.id, version, list.print().into_bytes()).await;
        if conflict(put, "contacts of one person")?.is_none() {
            house.registrar.note_change(person.id);
            return Ok(Answer::ok().body(soap::MEDIA_TYPE, soap::print(name, changed)));
        }
    }
    Err(Refused::Directory)
}
