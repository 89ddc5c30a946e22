//! The rooms a person follows: one publication each, the same ones that chat clients keep and read.
//! Does not know whether a room exists or may be seen; who asks for the list has to ask the rooms as well.

use chat::limits::JOIN_ROOMS_MAX;
use chat::{NodeName, PersonId, Time};
use store::{PutOutcome, StoreFault};
use uuid::Uuid;

use crate::directory::Directory;
use crate::fault::DirectoryFault;
use crate::publication::{Publication, PublicationName};
use crate::room_setting::{ROOM_SETTING, RoomSetting};

/// Most rooms one person follows: clients join all of them by one command when they sign on.
pub const FOLLOWED_MAX: usize = JOIN_ROOMS_MAX;
/// The audience clients publish followed rooms for: nobody but their owner.
const CONTAINER: u32 = 1;
/// How often something is tried again that another endpoint of the person was faster with.
const TRIES: usize = 8;

/// A room that somebody follows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Followed {
    /// Its GUID.
    pub room: Uuid,
    /// The name it had when it was followed.
    pub name: Option<String>,
    /// Since when, or when the document was last changed.
    pub time: Time,
}

/// What became of following a room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FollowOutcome {
    /// It is followed from now on, or under another name than before.
    Followed,
    /// It was followed already.
    Already,
    /// As many rooms as may be are followed.
    TooMany {
        /// How many that is.
        limit: usize,
    },
    /// There is no such person, or no longer.
    NoSuchPerson,
}

/// A document and the publication it is.
struct Kept {
    name: PublicationName,
    version: u64,
    time: Time,
    setting: RoomSetting,
}

impl Directory {
    /// The rooms a person follows, each once, by name without regard to case.
    ///
    /// # Errors
    /// [`DirectoryFault::Store`].
    pub async fn followed(&self, person: PersonId) -> Result<Vec<Followed>, DirectoryFault> {
        let mut all: Vec<Followed> = Vec::new();
        for kept in self.settings(person).await? {
            let room = kept.setting.room();
            if all.iter().all(|other| other.room != room) {
                let name = kept.setting.name().map(str::to_owned);
                all.push(Followed { room, name, time: kept.time });
            }
        }
        all.sort_by_cached_key(|followed| (followed.name.as_deref().map(chat::folded), followed.room));
        Ok(all)
    }

    /// Follows a room. One that is followed already gets the name it has now; what else its document says stays.
    ///
    /// # Errors
    /// [`DirectoryFault::Store`]; with [`StoreFault::Busy`] when other endpoints of the person were faster again and again.
    pub async fn follow(
        &self,
        person: PersonId,
        room: Uuid,
        name: &NodeName,
    ) -> Result<FollowOutcome, DirectoryFault> {
        for _ in 0..TRIES {
            let all = self.settings(person).await?;
            let (publication, version, setting) = match all.iter().find(|kept| kept.setting.room() == room) {
                Some(kept) if kept.setting.name().is_none_or(|known| known == name.as_str()) => {
                    return Ok(FollowOutcome::Already);
                }
                Some(kept) => (kept.name.clone(), kept.version, kept.setting.renamed(name)),
                None if all.len() >= FOLLOWED_MAX => {
                    return Ok(FollowOutcome::TooMany { limit: FOLLOWED_MAX });
                }
                None => (
                    free(self.publications(person).await?, room),
                    0,
                    RoomSetting::new(self.home(), room, name),
                ),
            };
            let content = Publication::dated(self.now(), setting.as_str());
            match self.publish(person, &publication, Some(version), Some(content)).await? {
                PutOutcome::Stored(_) | PutOutcome::Removed => {
                    self.tell_change(person);
                    return Ok(FollowOutcome::Followed);
                }
                PutOutcome::Conflict(_) => (),
                PutOutcome::TooMany { limit } | PutOutcome::TooLarge { limit } => {
                    return Ok(FollowOutcome::TooMany { limit });
                }
                PutOutcome::NoSuchPerson => return Ok(FollowOutcome::NoSuchPerson),
            }
        }
        Err(StoreFault::Busy.into())
    }

    /// Follows a room no more; `false` when it was not followed.
    ///
    /// # Errors
    /// As [`Directory::follow`].
    pub async fn unfollow(&self, person: PersonId, room: Uuid) -> Result<bool, DirectoryFault> {
        let mut was_followed = false;
        for _ in 0..TRIES {
            let mut all = self.settings(person).await?;
            all.retain(|kept| kept.setting.room() == room);
            if all.is_empty() {
                return Ok(was_followed);
            }
            for kept in all {
                let put = self.publish(person, &kept.name, Some(kept.version), None).await?;
                was_followed |= put == PutOutcome::Removed;
            }
            self.tell_change(person);
        }
        Err(StoreFault::Busy.into())
    }

    /// All documents of followed rooms of ours, by the names of their publications.
    async fn settings(&self, person: PersonId) -> Result<Vec<Kept>, DirectoryFault> {
        let publications = self.publications(person).await?.into_iter();
        let kept = publications.filter(|one| one.name.category() == ROOM_SETTING).filter_map(|one| {
            let (time, document) = one.document()?;
            let setting = RoomSetting::read(document, self.home())?;
            Some(Kept { name: one.name.clone(), version: one.version, time, setting })
        });
        Ok(kept.collect())
    }
}

/// A name for one more document: a number made of the room's GUID, positive in 32 bits with a sign as clients keep it, or the next
/// free one.
fn free(publications: Vec<Publication>, room: Uuid) -> PublicationName {
    let first = room.as_fields().0;
    let taken = |instance: u32| {
        let same = |name: &PublicationName| name.category() == ROOM_SETTING && name.instance == instance;
        publications.iter().any(|publication| same(&publication.name))
    };
    let instance = (0..=u32::MAX)
        .map(|step| first.wrapping_add(step) & (u32::MAX >> 1))
        .find(|instance| !taken(*instance))
        .expect("nobody has as many publications as there are numbers");
    PublicationName::new(ROOM_SETTING, CONTAINER, instance).expect("the category is a good one")
}
