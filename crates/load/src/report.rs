//! What is said of a measure: one line each, for people or as JSON.
//! Measures nothing and judges only whether there were findings.

use std::fmt;

use serde::Serialize;

use crate::ledger::Findings;
use crate::process::Spent;
use crate::times::Spread;

/// One measure of one server.
#[derive(Clone, PartialEq, Default, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// The measure, by the name of its command.
    pub measure: &'static str,
    /// Who was measured: `causerie`, or `raw` with its manner.
    pub server: String,
    /// `tcp` or `tls`.
    pub way: &'static str,
    /// What makes its messages and choices.
    pub seed: u32,
    /// Endpoints that took part.
    pub endpoints: usize,
    /// Posts that may be unacknowledged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<usize>,
    /// How many things were done: deliveries, sign-ons, joins ...
    pub count: u64,
    /// What they are.
    pub unit: &'static str,
    /// How long all of them took.
    pub seconds: f64,
    /// How many of them in a second.
    pub per_second: f64,
    /// Pages they came in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pages: Option<u64>,
    /// How long each took, or each page where there are pages.
    #[serde(flatten)]
    pub spread: Spread,
    /// How long it took until everybody had a post, where posts are followed one by one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub whole: Option<Spread>,
    /// Time the server computed for a million of them, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_s_per_million: Option<f64>,
    /// Time the database computed for a million of them, in seconds, where the store is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_cpu_s_per_million: Option<f64>,
    /// Memory of the server for each endpoint, in KiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kib_per_endpoint: Option<f64>,
    /// System calls that read and wrote, for each of them, where they can be counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls_each: Option<[f64; 2]>,
    /// Time computed, as a multiple of the raw server's in this call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_ratio: Option<f64>,
    /// What was wrong.
    #[serde(flatten)]
    pub findings: Findings,
    /// The first thing that was wrong, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_finding: Option<String>,
}

impl Line {
    /// With how many were done in how many seconds.
    #[must_use]
    pub fn done(mut self, count: u64, unit: &'static str, seconds: f64) -> Self {
        (self.count, self.unit, self.seconds) = (count, unit, three(seconds));
        self.per_second = if seconds > 0.0 { (count as f64 / seconds).round() } else { 0.0 };
        self
    }

    /// With what was computed for all of it.
    #[must_use]
    pub fn computed(mut self, spent: Spent) -> Self {
        let each = |seconds: f64| three(seconds * 1e6 / self.count.max(1) as f64);
        self.cpu_s_per_million = spent.server.map(each);
        self.store_cpu_s_per_million = spent.store.map(each);
        self
    }

    /// The line as JSON.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string(self).expect("numbers and texts can be written as JSON")
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { measure, server, way, endpoints, count, unit, seconds, per_second, spread, .. } = self;
        write!(f, "{measure:<9} {server:<14} {way} N={endpoints}")?;
        if let Some(window) = self.window {
            write!(f, " w={window}")?;
        }
        write!(f, ": {count} {unit} in {seconds:.2} s, {per_second:.0}/s")?;
        if let Some(pages) = self.pages {
            write!(f, " in {pages} pages")?;
        }
        let Spread { p50_ms, p95_ms, p99_ms, max_ms, .. } = spread;
        write!(f, ", p50 {p50_ms:.2} p95 {p95_ms:.2} p99 {p99_ms:.2} max {max_ms:.1} ms")?;
        if let Some(Spread { p50_ms, p99_ms, max_ms, .. }) = self.whole {
            write!(f, ", until everybody had it p50 {p50_ms:.2} p99 {p99_ms:.2} max {max_ms:.1} ms")?;
        }
        if let Some(cpu) = self.cpu_s_per_million {
            write!(f, ", {cpu:.1} CPU s per million")?;
        }
        if let Some(cpu) = self.store_cpu_s_per_million {
            write!(f, " and {cpu:.1} of the database")?;
        }
        if let Some(ratio) = self.cpu_ratio {
            write!(f, " = {ratio:.2} x raw")?;
        }
        if let Some(kib) = self.kib_per_endpoint {
            write!(f, ", {kib:.1} KiB each")?;
        }
        if let Some([reads, writes]) = self.calls_each {
            write!(f, ", {reads:.2} reads {writes:.2} writes each")?;
        }
        if let Some(first) = &self.first_finding {
            let Findings { missing, doubled, reordered, foreign } = self.findings;
            write!(
                f,
                "; WRONG: {missing} missing, {doubled} doubled, {reordered} reordered, {foreign} foreign, first: {first}"
            )?;
        }
        Ok(())
    }
}

/// Three digits after the point.
#[must_use]
pub fn three(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}
