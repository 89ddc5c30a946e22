//! The people whom something may concern: whoever stands behind some principals, and whoever has an administrative role.
//! Decides nothing: who is here is asked about, and nobody else needs to be.

use std::collections::HashSet;

use chat::{Person, PersonId, Principal, Roles};
use store::Seek;

use crate::errand::Errand;
use crate::error::AdminError;

/// How many are read at a time (ours: a read that holds nobody up).
pub(super) const CHUNK: usize = 500;

/// Everybody behind these principals, read one by one; `None` when they are more than `most`, or a whole domain, of which nobody
/// knows how many it has.
pub(super) async fn few(
    errand: &Errand<'_>,
    principals: &[Principal],
    most: usize,
) -> Result<Option<Vec<Person>>, AdminError> {
    let (mut ids, mut groups) = (HashSet::<PersonId>::new(), HashSet::new());
    for principal in principals {
        match principal {
            Principal::Person(id) => drop(ids.insert(*id)),
            Principal::Group(id) => drop(groups.insert(*id)),
            Principal::Domain(_) => return Ok(None),
        }
    }
    ids.extend(errand.store.role_grants().await?.into_iter().map(|grant| grant.person));
    if !groups.is_empty() {
        ids.extend(errand.store.people_under(groups.into_iter().collect(), most).await?);
    }
    if ids.len() > most {
        return Ok(None);
    }
    let mut ids: Vec<PersonId> = ids.into_iter().collect();
    ids.sort_unstable();
    let mut people = read(errand, &ids).await?;
    people.sort_by(|a, b| a.address.cmp(&b.address));
    Ok(Some(people))
}

/// The people of these numbers.
pub(crate) async fn read(errand: &Errand<'_>, ids: &[PersonId]) -> Result<Vec<Person>, AdminError> {
    let mut people = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let named = chunk.iter().map(|id| Principal::Person(*id)).collect();
        people.extend(errand.store.principals(named, Vec::new()).await?.0);
    }
    Ok(people)
}

/// Everybody behind these principals, by address, and whether that is all: of many no more than `most` are looked at.
pub(super) async fn behind(
    errand: &Errand<'_>,
    principals: &[Principal],
    most: usize,
) -> Result<(Vec<Person>, bool), AdminError> {
    if let Some(people) = few(errand, principals, most).await? {
        return Ok((people, true));
    }
    let (mut people, mut after, mut looked_at) = (Vec::new(), None, 0);
    while looked_at < most {
        let found = next(errand, after).await?;
        after = found.last().map(|person| person.address.to_string());
        looked_at += CHUNK;
        let ends = found.len() < CHUNK;
        let of_them = |person: &Person| person.roles != Roles::default() || person.is_any(principals);
        people.extend(found.into_iter().filter(of_them));
        if ends {
            return Ok((people, true));
        }
    }
    Ok((people, false))
}

/// The next people behind an address, by address.
pub(super) async fn next(errand: &Errand<'_>, after: Option<String>) -> Result<Vec<Person>, AdminError> {
    let seek = Seek { after, named: None, address: None, limit: CHUNK };
    Ok(errand.store.seek_people(seek).await?)
}
