//! Whom a server admits: everybody, whoever is here already, or nobody any more.
//! Only says so; those who hold people lead them out.

/// Whom a server admits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Welcome {
    /// Everybody who may sign on.
    #[default]
    Everybody,
    /// Whoever is here stays, and nobody comes: the server stands by, or is not sure of its place.
    WhoIsHere,
    /// The server is emptied: nobody comes, and whoever is here is led out.
    Nobody {
        /// Whether another server of the pool takes people.
        elsewhere: bool,
    },
}

impl Welcome {
    /// Whether the server is emptied.
    #[must_use]
    pub fn is_emptied(self) -> bool {
        matches!(self, Self::Nobody { .. })
    }

    /// Whether the server is emptied, and people are to go to another one.
    #[must_use]
    pub fn is_elsewhere(self) -> bool {
        self == Self::Nobody { elsewhere: true }
    }
}
