//! The one printed form of a post, shared by all sessions that show it.
//! Does not know what is printed; a face does.

use std::sync::{Arc, PoisonError, RwLock};

/// Made by the first session that shows the post, and forgotten once: when the post leaves the newest of its room. A session so far
/// behind prints it again, and then it is there as long as the post is remembered; it is counted as if it always were.
#[derive(Debug, Default)]
pub struct Printed(RwLock<Option<Arc<[u8]>>>);

impl Printed {
    /// The printed form; whoever comes while it is being printed waits for it.
    pub fn or_print(&self, print: impl FnOnce() -> Arc<[u8]>) -> Arc<[u8]> {
        let there = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        there.unwrap_or_else(|| {
            let mut printed = self.0.write().unwrap_or_else(PoisonError::into_inner);
            printed.get_or_insert_with(print).clone()
        })
    }

    /// Nearly everybody has been shown the post.
    pub(crate) fn forget(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
