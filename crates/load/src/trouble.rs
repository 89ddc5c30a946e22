//! Everything that ends a measure without a figure: each error names what is wrong and what to do.
//! That posts were lost or doubled is no trouble here but a finding, which a report carries.

use std::io;

/// Why a measure could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The words of the command do not go together.
    #[error("{0}")]
    Words(String),
    /// A file could not be read or written.
    #[error("{what}: {fault}; look at the path and at its rights")]
    File {
        /// The path.
        what: String,
        /// What the system says.
        fault: io::Error,
    },
    /// No connection came about.
    #[error(
        "no connection to {to}: {fault}; look whether the server runs, and at the limit of open files (ulimit -n)"
    )]
    Unreached {
        /// Where to.
        to: String,
        /// What the system says.
        fault: io::Error,
    },
    /// A link ended although nobody wanted it to.
    #[error("the link of {who} ended while {during}; the log of the server says why")]
    Closed {
        /// Whose link.
        who: String,
        /// What was under way.
        during: &'static str,
    },
    /// The server answered something else than was expected.
    #[error(
        "{who}: {request} was answered '{answer}'; look whether the people and rooms of this run are those of the server"
    )]
    Refused {
        /// Who asked.
        who: String,
        /// What.
        request: &'static str,
        /// The first line of the answer, or what was missing in it.
        answer: String,
    },
    /// What came is no SIP.
    #[error("{who}: what came is no SIP message of at most {limit} octets: '{begin}'")]
    NotSip {
        /// Whose link.
        who: String,
        /// The most that is read.
        limit: usize,
        /// How it begins.
        begin: String,
    },
    /// What came is no answer over HTTP.
    #[error(
        "{who}: what came is no answer over HTTP that tells its length, of at most {limit} octets: '{begin}'; look whether the address is that of the server's --http or --https"
    )]
    NotHttp {
        /// Who asked.
        who: String,
        /// The most that is read.
        limit: usize,
        /// How it begins.
        begin: String,
    },
    /// A program could not be run, or did not do what it should.
    #[error("{program} {words}: {said}")]
    Program {
        /// Its path.
        program: String,
        /// What it was told.
        words: String,
        /// What it said.
        said: String,
    },
    /// Nothing came for a long time.
    #[error(
        "{who} waited {seconds} s in vain while {during}; look at the log of the server, or give more --patience"
    )]
    Silence {
        /// Who waited.
        who: String,
        /// How long.
        seconds: u64,
        /// For what.
        during: &'static str,
    },
    /// TLS could not be set up.
    #[error("TLS: {0}; give the server's own ca.pem with --ca")]
    Tls(String),
}
