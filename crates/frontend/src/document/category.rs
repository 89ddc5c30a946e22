//! Publications as they are kept and as they are shown ([MS-PRES] 2.2.2.3 and 2.2.2.7).
//! Does not know where they are kept; content is opaque, but for the availability in a state.

use std::sync::Arc;

use chat::Time;
use directory::{Publication, PublicationName};

use crate::document::xml::{Bounds, begin, empty, end, read as read_xml};

/// The category under which the members of containers are kept; no client can publish it.
pub(crate) const CARRIERS: &str = ".containers";
/// The category of availabilities.
pub(crate) const STATE: &str = "state";
/// The container in which a person says how available he is; others see the aggregate.
pub(crate) const STATE_CONTAINER: u32 = 2;

/// With what a publication ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Expire {
    /// Not by itself.
    Static,
    /// With the endpoint that published it.
    Endpoint,
    /// With the last endpoint of the person.
    User,
    /// With time, and with the last endpoint.
    Time,
}

/// One publication as it is shown.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Entry {
    pub(crate) name: PublicationName,
    pub(crate) version: u64,
    pub(crate) time: Time,
    pub(crate) expire_type: &'static str,
    pub(crate) content: Arc<str>,
}

/// What a state says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Availability {
    /// What the person says.
    User(u32),
    /// What an endpoint notices.
    Machine(u32),
}

impl Expire {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Static, Self::Endpoint, Self::User, Self::Time]
            .into_iter()
            .find(|known| known.as_str() == text)
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Static => "static",
            Self::Endpoint => "endpoint",
            Self::User => "user",
            Self::Time => "time",
        }
    }
}

impl Entry {
    /// The publication that was kept so; `None` for what is not one of a client.
    pub(crate) fn kept(publication: Publication) -> Option<Self> {
        if publication.name.category() == CARRIERS {
            return None;
        }
        let (time, content) = publication.document()?;
        Some(Self {
            time,
            content: content.into(),
            name: publication.name,
            version: publication.version,
            expire_type: Expire::Static.as_str(),
        })
    }

    /// What it says of how available the person is; `None` for everything that says nothing of it.
    pub(crate) fn availability(&self) -> Option<Availability> {
        if self.name.category() != STATE || self.name.container != STATE_CONTAINER {
            return None;
        }
        let state = read_xml(self.content.as_bytes(), Bounds::KEPT).ok()?;
        let number = state.child("availability")?.text().parse().ok()?;
        match state.prefixed("type")? {
            "userState" => Some(Availability::User(number)),
            "machineState" => Some(Availability::Machine(number)),
            _ => None,
        }
    }

    /// Appends it, with everything its owner needs to publish it anew.
    pub(crate) fn print(&self, out: &mut String) {
        let numbers = [self.name.instance.into(), self.name.container.into(), self.version];
        let [instance, container, version] = numbers.map(|number: u64| number.to_string());
        let time = self.time.iso7();
        self.print_with(
            out,
            &[
                ("name", self.name.category()),
                ("instance", &instance),
                ("publishTime", &time),
                ("container", &container),
                ("version", &version),
                ("expireType", self.expire_type),
            ],
        );
    }

    /// Appends it as others see it.
    pub(crate) fn print_for_others(&self, out: &mut String) {
        let (instance, time) = (self.name.instance.to_string(), self.time.iso7());
        self.print_with(
            out,
            &[("name", self.name.category()), ("instance", &instance), ("publishTime", &time)],
        );
    }

    fn print_with(&self, out: &mut String, attributes: &[(&str, &str)]) {
        if self.content.is_empty() {
            return empty(out, "category", attributes);
        }
        begin(out, "category", attributes);
        out.push_str(&self.content);
        end(out, "category");
    }
}
