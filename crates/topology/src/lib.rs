//! The topology of a deployment: define, import, print, validate, compare and number it.
//! Octets and facts in, values and findings out: nothing is read, looked up or published here.
//!
//! | file | what |
//! | --- | --- |
//! | `document.rs`, `word.rs` | [`Topology`] and everything in it; the words it is made of, checked once |
//! | `text.rs`, `schema.rs` | [`parse`], [`print`]: the document as TOML; its JSON Schema |
//! | `rule.rs`, `rule/` | [`RULES`] and [`validate`]; what each rule asks, by what it is about |
//! | `finding.rs`, `facts.rs` | what a rule has to say; what it needs to know beside the document |
//! | `role.rs` | [`roles`]: what a machine is, whom it routes to, whom it believes |
//! | `line.rs` | [`line_of`]: in which line of a document something stands |
//! | `role.rs` | [`roles`]: what a machine is, whom it routes to, whom it believes |
//! | `builder.rs` | [`Builder`]: a topology step by step |
//! | `diff.rs` | [`diff`]: what two documents differ in |
//! | `import.rs`, `import/` | [`import`]: our own form, or the XML of the original |
//! | `version.rs` | [`Version`]: what was published, provable |
//! | `limits.rs` | how much is too much |

pub mod builder;
pub mod diff;
pub mod document;
pub mod facts;
pub mod finding;
pub mod import;
pub mod limits;
mod line;
pub mod role;
pub mod rule;
mod schema;
mod text;
pub mod version;
pub mod word;

pub use builder::Builder;
pub use diff::{Change, Effect, diff};
pub use document::Topology;
pub use facts::{Facts, Seen};
pub use finding::{Finding, Severity};
pub use import::{ImportFault, Imported, Unknown, import};
pub use line::line_of;
pub use role::{ChatServer, Edition, FrontEnd, NotInTopology, Roles, Route, front_end_names, roles};
pub use rule::{RULES, Rule, is_publishable, validate};
pub use schema::schema;
pub use text::{TextFault, parse, print};
pub use version::{Version, VersionFault, check_history, derived_from};
pub use word::{BadWord, Fqdn, Identity, Text};
