//! The part of the handle that is about one person: documents, credentials, invitations, read marks.
//! How they are kept is in `personal.rs`.

use std::collections::BTreeSet;

use chat::{PersonId, RoomId};

use crate::change::Credentials;
use crate::fault::StoreFault;
use crate::limits::{MARK_BYTES, MARKS_CHUNK};
use crate::personal::{self, Put};
use crate::queue::Lane;
use crate::shelf::{Document, Invitation, PutOutcome, ReadMark, Reading, Shelf};
use crate::store::Store;

impl Store {
    /// One document.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn document(
        &self,
        person: PersonId,
        shelf: Shelf,
        name: &str,
    ) -> Result<Option<Document>, StoreFault> {
        let name = name.to_owned();
        let read = move |conn: &_| Ok(personal::documents(conn, person, shelf, Some(&name))?.pop());
        self.readers().read(read).await
    }

    /// All documents of a shelf, by name.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn documents(&self, person: PersonId, shelf: Shelf) -> Result<Vec<Document>, StoreFault> {
        self.readers().read(move |conn| personal::documents(conn, person, shelf, None)).await
    }

    /// Puts a document, or takes it away when `content` is `None`. With `expected` only if it has this version now
    /// (0: only if there is none).
    ///
    /// # Errors
    /// As [`Store::join`].
    pub async fn put_document(
        &self,
        person: PersonId,
        shelf: Shelf,
        name: &str,
        expected: Option<u64>,
        content: Option<Vec<u8>>,
    ) -> Result<PutOutcome, StoreFault> {
        let bytes = content.as_ref().map_or(0, Vec::len);
        let put = Put { person, shelf, name: name.to_owned(), expected, content };
        self.write(Lane::Marks, None, bytes, move |batch| personal::put_document(batch, &put)).await
    }

    /// What a person signs on with, if anything.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn credentials(&self, person: PersonId) -> Result<Option<Credentials>, StoreFault> {
        self.readers().read(move |conn| personal::credentials(conn, person)).await
    }

    /// The invitations to the granted rooms, in the order of their numbers. Rooms never asked about before get the next
    /// numbers, in the order given; a number once given stays.
    ///
    /// # Errors
    /// As [`Store::join`] and [`Store::categories`].
    pub async fn invitations(
        &self,
        person: PersonId,
        granted: &[RoomId],
    ) -> Result<Vec<Invitation>, StoreFault> {
        let mut known = self.readers().read(move |conn| personal::invitations(conn, person)).await?;
        let seen: BTreeSet<RoomId> = known.iter().map(|invitation| invitation.room).collect();
        let unknown: Vec<RoomId> = granted.iter().filter(|room| !seen.contains(room)).copied().collect();
        for chunk in unknown.chunks(MARKS_CHUNK) {
            let (chunk, bytes) = (chunk.to_vec(), chunk.len() * MARK_BYTES);
            self.write(Lane::Marks, None, bytes, move |batch| personal::invite(batch, person, &chunk))
                .await?;
        }
        if !unknown.is_empty() {
            known = self.readers().read(move |conn| personal::invitations(conn, person)).await?;
        }
        let granted: BTreeSet<RoomId> = granted.iter().copied().collect();
        known.retain(|invitation| granted.contains(&invitation.room));
        Ok(known)
    }

    /// Moves read marks forward; a mark that stands further already stays. Marks of removed people or rooms are dropped.
    ///
    /// # Errors
    /// As [`Store::join`].
    pub async fn mark_read(&self, marks: Vec<ReadMark>) -> Result<(), StoreFault> {
        for chunk in marks.chunks(MARKS_CHUNK) {
            let (chunk, bytes) = (chunk.to_vec(), chunk.len() * MARK_BYTES);
            self.write(Lane::Marks, None, bytes, move |batch| personal::mark_read(batch, &chunk)).await?;
        }
        Ok(())
    }

    /// How far a person has read, by room; nothing of rooms never read. Marks that are not kept yet may be given along.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn reading(
        &self,
        person: PersonId,
        pending: &[(RoomId, u32)],
    ) -> Result<Vec<Reading>, StoreFault> {
        let pending = pending.to_vec();
        self.readers().read(move |conn| personal::reading(conn, person, &pending)).await
    }
}
