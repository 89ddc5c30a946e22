//! What is shown of a person to others: availability, name, and what the person publishes for them ([MS-PRES] 2.2.2.3,
//! RFC 3863 for pidf, RFC 4662 for several people at once).
//! Does not decide what is shown. Whoever does not exist is printed exactly like whoever is offline.

use chat::{Address, Time};

use crate::document::category::{Entry, STATE};
use crate::document::xml::{begin, empty, end, leaf};
use crate::registrar::OFFLINE;

/// What clients of the Lync protocol read.
pub(crate) const CATEGORIES: &str = "application/msrtc-event-categories+xml";
/// What every client reads.
pub(crate) const PIDF: &str = "application/pidf+xml";
/// Several people at once. The boundary cannot stand in a part: parts have no line breaks, and it is looked for after one.
pub(crate) const SEVERAL: &str =
    "multipart/related;type=\"application/rlmi+xml\";start=resourceList;boundary=causerie-presence";
const BOUNDARY: &str = "causerie-presence";

/// In which form presence is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Format {
    Categories,
    Pidf,
}

/// What is shown of one person.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Presence {
    pub(crate) address: Address,
    pub(crate) availability: u32,
    /// The display name; `None` of whoever is offline or does not exist.
    pub(crate) name: Option<String>,
    pub(crate) entries: Vec<Entry>,
}

impl Presence {
    /// What is shown of whoever is not there, whether he exists or not.
    pub(crate) fn offline(address: Address) -> Self {
        Self { address, availability: OFFLINE, name: None, entries: Vec::new() }
    }

    /// The body in this form; `now` is when it is shown.
    pub(crate) fn print(&self, format: Format, now: Time) -> (&'static str, String) {
        match format {
            Format::Categories => (CATEGORIES, self.categories(now)),
            Format::Pidf => (PIDF, self.pidf()),
        }
    }

    fn categories(&self, now: Time) -> String {
        let mut out = String::new();
        let xmlns = "http://schemas.microsoft.com/2006/09/sip/categories";
        let time = now.iso7();
        begin(&mut out, "categories", &[("xmlns", xmlns), ("uri", self.address.as_str())]);
        begin(&mut out, "category", &[("name", STATE), ("instance", "1"), ("publishTime", &time)]);
        begin(
            &mut out,
            "state",
            &[
                ("xmlns", "http://schemas.microsoft.com/2006/09/sip/state"),
                ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
                ("xsi:type", "aggregateState"),
            ],
        );
        leaf(&mut out, "availability", &[], &self.availability.to_string());
        end(&mut out, "state");
        end(&mut out, "category");
        if let Some(name) = &self.name {
            let xmlns = "http://schemas.microsoft.com/2006/09/sip/contactcard";
            begin(
                &mut out,
                "category",
                &[("name", "contactCard"), ("instance", "0"), ("publishTime", &time)],
            );
            begin(&mut out, "contactCard", &[("xmlns", xmlns)]);
            begin(&mut out, "identity", &[]);
            begin(&mut out, "name", &[]);
            leaf(&mut out, "displayName", &[], name);
            ["name", "identity", "contactCard", "category"].iter().for_each(|name| end(&mut out, name));
        }
        self.entries.iter().for_each(|entry| entry.print_for_others(&mut out));
        end(&mut out, "categories");
        out
    }

    fn pidf(&self) -> String {
        let mut out = String::new();
        let xmlns = "urn:ietf:params:xml:ns:pidf";
        begin(&mut out, "presence", &[("xmlns", xmlns), ("entity", self.address.as_str())]);
        begin(&mut out, "tuple", &[("id", "t0")]);
        begin(&mut out, "status", &[]);
        leaf(&mut out, "basic", &[], if self.availability < OFFLINE { "open" } else { "closed" });
        ["status", "tuple", "presence"].iter().for_each(|name| end(&mut out, name));
        out
    }
}

/// Several people at once, of the type [`SEVERAL`], for this subscriber.
pub(crate) fn print_several(subscriber: &Address, people: &[Presence], now: Time) -> String {
    let mut out = String::new();
    part(&mut out, "resourceList", "application/rlmi+xml");
    begin(
        &mut out,
        "list",
        &[
            ("xmlns", "urn:ietf:params:xml:ns:rlmi"),
            ("uri", subscriber.as_str()),
            ("version", "0"),
            ("fullState", "true"),
        ],
    );
    for person in people {
        begin(&mut out, "resource", &[("uri", person.address.as_str())]);
        empty(&mut out, "instance", &[("id", "0"), ("state", "active"), ("cid", cid(&person.address))]);
        end(&mut out, "resource");
    }
    end(&mut out, "list");
    for person in people {
        part(&mut out, cid(&person.address), CATEGORIES);
        out.push_str(&person.categories(now));
    }
    out.push_str("\r\n--");
    out.push_str(BOUNDARY);
    out.push_str("--\r\n");
    out
}

fn part(out: &mut String, id: &str, content_type: &str) {
    for piece in [
        "\r\n--",
        BOUNDARY,
        "\r\nContent-Transfer-Encoding: binary\r\nContent-ID: ",
        id,
        "\r\nContent-Type: ",
        content_type,
        "\r\n\r\n",
    ] {
        out.push_str(piece);
    }
}

fn cid(address: &Address) -> &str {
    address.as_str().strip_prefix("sip:").unwrap_or(address.as_str())
}
