//! The body of a 409: which changes named a version that is no longer the present one ([MS-PRES] 2.2.2.10).
//! Finds none itself.

use crate::document::xml::{begin, empty, end, leaf};

/// The type of the body.
pub(crate) const MEDIA_TYPE: &str = "application/msrtc-fault+xml";

/// A change that named the wrong version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Stale {
    /// Which of the changes of the request, counted from 1.
    pub(crate) index: usize,
    /// The version it named.
    pub(crate) version: u64,
    /// The present one; 0 when there is nothing.
    pub(crate) current: u64,
}

/// The body. Clients take the present versions from it and ask again.
pub(crate) fn print(stale: &[Stale]) -> String {
    let mut out = String::new();
    begin(&mut out, "Fault", &[]);
    leaf(&mut out, "Faultcode", &[], "Client.BadCall.WrongDelta");
    begin(&mut out, "details", &[]);
    for Stale { index, version, current } in stale {
        let numbers = [index.to_string(), version.to_string(), current.to_string()];
        let [index, version, current] = numbers.each_ref().map(String::as_str);
        empty(&mut out, "operation", &[("index", index), ("version", version), ("curVersion", current)]);
    }
    end(&mut out, "details");
    end(&mut out, "Fault");
    out
}
