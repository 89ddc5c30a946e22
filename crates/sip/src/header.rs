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
        if let &[letter] = text.as_bytes() {
            return Self::compact(letter.to_ascii_lowercase());
        }
        Self::ALL.iter().find(|(_, long)| long.eq_ignore_ascii_case(text)).map(|(name, _)| *name)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
