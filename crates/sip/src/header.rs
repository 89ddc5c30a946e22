//! Header fields: their names here, their values one file each (RFC 3261 20).
//! A value is read in place and only when asked for.

pub mod auth;
pub mod content_type;
pub mod cseq;
pub mod event;
pub mod name_addr;
pub mod params;
pub mod session_expires;
pub mod via;

use std::fmt;

macro_rules! names {
    ($($name:ident $long:literal $($compact:literal)?;)*) => {
        /// The header fields this crate or its callers ask for by name.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Name {
            $(#[doc = concat!("`", $long, "`")] $name,)*
        }

        impl Name {
            /// How many there are.
            pub(crate) const COUNT: usize = Self::ALL.len();
            const ALL: &'static [(Self, &'static str)] = &[$((Self::$name, $long),)*];

            /// The long name, as it is written on output.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $long,)*
                }
            }

            const fn compact(letter: u8) -> Option<Self> {
                match letter {
                    $($($compact => Some(Self::$name),)?)*
                    _ => None,
                }
            }
        }
    };
}

names! {
    Accept "Accept";
    Allow "Allow";
    AllowEvents "Allow-Events" b'u';
    AuthenticationInfo "Authentication-Info";
    Authorization "Authorization";
    CallId "Call-ID" b'i';
    Contact "Contact" b'm';
    ContentEncoding "Content-Encoding" b'e';
    ContentLength "Content-Length" b'l';
    ContentType "Content-Type" b'c';
    CSeq "CSeq";
    Date "Date";
    Event "Event" b'o';
    Expires "Expires";
    From "From" b'f';
    MaxForwards "Max-Forwards";
    MinExpires "Min-Expires";
    MinSe "Min-SE";
    MsDiagnostics "ms-diagnostics";
    MsKeepAlive "ms-keep-alive";
    MsPiggybackCseq "ms-piggyback-cseq";
    PAssertedIdentity "P-Asserted-Identity";
    ProxyAuthenticate "Proxy-Authenticate";
    ProxyAuthorization "Proxy-Authorization";
    ProxyRequire "Proxy-Require";
    Reason "Reason";
    RecordRoute "Record-Route";
    Require "Require";
    RetryAfter "Retry-After";
    Route "Route";
    Server "Server";
    SessionExpires "Session-Expires" b'x';
    SubscriptionState "subscription-state";
    Supported "Supported" b'k';
    To "To" b't';
    Unsupported "Unsupported";
    UserAgent "User-Agent";
    Via "Via" b'v';
    Warning "Warning";
    WwwAuthenticate "WWW-Authenticate";
}

impl Name {
    /// The header field of this name, long or compact, in any case; `None` for one we have no use for.
    #[must_use]
    pub fn recognise(text: &str) -> Option<Self> {
        Self::of_octets(text.as_bytes())
    }

    /// As [`Name::recognise`] what may be no text.
    pub(crate) fn of_octets(octets: &[u8]) -> Option<Self> {
        if let &[letter] = octets {
            return Self::compact(letter.to_ascii_lowercase());
        }
        let at = usize::from(SLOTS[slot(octets)?]);
        let (name, long) = Self::ALL.get(at)?;
        let long = long.as_bytes();
        (long == octets || long.eq_ignore_ascii_case(octets)).then_some(*name)
    }
}

/// For each slot the place of its name in [`Name::ALL`]; no two names share one, or this does not compile. Every line of every
/// message is looked up here.
const SLOTS: [u8; 128] = {
    let mut slots = [u8::MAX; 128];
    let mut at = 0;
    while at < Name::ALL.len() {
        let place = slot(Name::ALL[at].1.as_bytes()).expect("no name is empty");
        assert!(slots[place] == u8::MAX, "two names share a slot: choose other factors");
        slots[place] = at as u8;
        at += 1;
    }
    slots
};

/// The slot of a name: of its length, first, middle and last letter, which is all that tells our names apart.
const fn slot(name: &[u8]) -> Option<usize> {
    let [first, .., last] = name else { return None };
    let middle = small(name[name.len() / 2]);
    Some((name.len() * 12 + small(*first) * 56 + small(*last) + middle * 3) % 128)
}

/// Of a letter its small form; of others what they may be.
const fn small(octet: u8) -> usize {
    (octet | 0x20) as usize
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
