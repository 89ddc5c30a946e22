//! The link of a pool that has but one server.
//! Nobody is told and nothing is heard.

use crate::link::{Heard, Hint, PeerLink};

/// Nobody else.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alone;

impl PeerLink for Alone {
    async fn tell(&self, _: Hint) {}

    async fn hear(&self) -> Heard {
        std::future::pending().await
    }
}
