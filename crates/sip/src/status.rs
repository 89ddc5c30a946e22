//! Status codes of responses and the phrase we write beside each (RFC 3261 21).
//! Does not decide which one is due.

use std::fmt;

/// A status code, 100 to 699.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Status(u16);

macro_rules! statuses {
    ($($name:ident = $code:literal $phrase:literal;)*) => {
        impl Status {
            $(#[doc = $phrase] pub const $name: Self = Self($code);)*

            /// The phrase of the code; an empty one for a code we never send.
            #[must_use]
            pub const fn phrase(self) -> &'static str {
                match self.0 {
                    $($code => $phrase,)*
                    _ => "",
                }
            }
        }
    };
}

statuses! {
    TRYING = 100 "Trying";
    RINGING = 180 "Ringing";
    OK = 200 "OK";
    ACCEPTED = 202 "Accepted";
    BAD_REQUEST = 400 "Bad Request";
    UNAUTHORIZED = 401 "Unauthorized";
    FORBIDDEN = 403 "Forbidden";
    NOT_FOUND = 404 "Not Found";
    METHOD_NOT_ALLOWED = 405 "Method Not Allowed";
    REQUEST_TIMEOUT = 408 "Request Timeout";
    CONFLICT = 409 "Conflict";
    ENTITY_TOO_LARGE = 413 "Request Entity Too Large";
    URI_TOO_LONG = 414 "Request-URI Too Long";
    UNSUPPORTED_MEDIA_TYPE = 415 "Unsupported Media Type";
    UNSUPPORTED_URI_SCHEME = 416 "Unsupported URI Scheme";
    BAD_EXTENSION = 420 "Bad Extension";
    INTERVAL_TOO_SMALL = 422 "Session Interval Too Small";
    INTERVAL_TOO_BRIEF = 423 "Interval Too Brief";
    UNAVAILABLE_NOW = 480 "Temporarily Unavailable";
    NO_DIALOG = 481 "Call/Transaction Does Not Exist";
    TOO_MANY_HOPS = 483 "Too Many Hops";
    BUSY_HERE = 486 "Busy Here";
    TERMINATED = 487 "Request Terminated";
    NOT_ACCEPTABLE_HERE = 488 "Not Acceptable Here";
    BAD_EVENT = 489 "Bad Event";
    REQUEST_PENDING = 491 "Request Pending";
    INTERNAL_ERROR = 500 "Server Internal Error";
    NOT_IMPLEMENTED = 501 "Not Implemented";
    UNAVAILABLE = 503 "Service Unavailable";
    TIMEOUT = 504 "Server Time-out";
    WRONG_VERSION = 505 "Version Not Supported";
    MESSAGE_TOO_LARGE = 513 "Message Too Large";
    DECLINED = 603 "Decline";
}

impl Status {
    /// The status of this code; `None` outside 100 to 699.
    #[must_use]
    pub const fn from_code(code: u16) -> Option<Self> {
        if code >= 100 && code <= 699 { Some(Self(code)) } else { None }
    }

    /// The code, 100 to 699.
    #[must_use]
    pub const fn code(self) -> u16 {
        self.0
    }

    /// Whether more answers follow: 1xx.
    #[must_use]
    pub const fn is_provisional(self) -> bool {
        self.0 < 200
    }

    /// Whether it is a yes: 2xx.
    #[must_use]
    pub const fn is_success(self) -> bool {
        self.0 / 100 == 2
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
