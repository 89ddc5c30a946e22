//! What is counted, and its text for Prometheus (exposition format 0.0.4).
//! No name of a person, a room or anything else that people choose becomes a label.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::{Method, StatusCode};

/// What kind of number it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Sample {
    /// Only rises while the server runs.
    Counter(u64),
    /// Rises and falls.
    Gauge(u64),
    /// How many durations fell into each class.
    Durations {
        /// Upper ends of the classes, in microseconds.
        ends_micros: &'static [u64],
        /// For each class, and for what is above all of them.
        counts: Vec<u64>,
        /// The sum of all, in microseconds.
        sum_micros: u64,
    },
}

/// One number of the server, with its fixed name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Measure {
    /// Its name, as Prometheus wants it: `causerie_links`.
    pub name: &'static str,
    /// What it says, in a sentence without the full stop.
    pub help: &'static str,
    /// The number.
    pub sample: Sample,
}

/// Something another part wants done soon, if it does: a sentence that says what, in one line.
pub type Remark = Box<dyn Fn() -> Option<String> + Send + Sync>;

/// Where numbers of other parts come from; asked when somebody looks.
pub type Source = Box<dyn Fn() -> Vec<Measure> + Send + Sync>;

/// Requests, counted by method, route and status.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<BTreeMap<(&'static str, String, u16), Requests>>);

#[derive(Debug, Default, Clone, Copy)]
struct Requests {
    count: u64,
    micros: u64,
}

impl Tally {
    /// One more request was answered. `route` is the pattern of the route, never a path.
    pub(crate) fn answered(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        let key = (known(method), route.to_owned(), status.as_u16());
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let requests = all.entry(key).or_default();
        requests.count += 1;
        requests.micros = requests.micros.saturating_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }

    /// The requests as text.
    pub(crate) fn print(&self, out: &mut String) {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        head(out, "causerie_http_requests_total", "Requests answered", "counter");
        for ((method, route, status), requests) in &all {
            let labels = format!("{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}");
            line(out, &format!("causerie_http_requests_total{labels}"), requests.count);
        }
        head(out, "causerie_http_request_seconds_total", "Time spent on requests", "counter");
        for ((method, route, status), requests) in &all {
            let labels = format!("{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}");
            line(out, &format!("causerie_http_request_seconds_total{labels}"), seconds(requests.micros));
        }
    }
}

impl Measure {
    /// The number as text.
    pub(crate) fn print(&self, out: &mut String) {
        match &self.sample {
            Sample::Counter(count) => {
                head(out, self.name, self.help, "counter");
                line(out, self.name, count);
            }
            Sample::Gauge(now) => {
                head(out, self.name, self.help, "gauge");
                line(out, self.name, now);
            }
            Sample::Durations { ends_micros, counts, sum_micros } => {
                head(out, self.name, self.help, "histogram");
                let mut all = 0;
                for (index, count) in counts.iter().enumerate() {
                    all += count;
                    let end = ends_micros.get(index).map_or("+Inf".to_owned(), |end| seconds(*end));
                    line(out, &format!("{}_bucket{{le=\"{end}\"}}", self.name), all);
                }
                line(out, &format!("{}_sum", self.name), seconds(*sum_micros));
                line(out, &format!("{}_count", self.name), all);
            }
        }
    }
}

fn head(out: &mut String, name: &str, help: &str, kind: &str) {
    write!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n").expect("a text can be written to");
}

fn line(out: &mut String, name: &str, value: impl std::fmt::Display) {
    writeln!(out, "{name} {value}").expect("a text can be written to");
}

fn seconds(micros: u64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

/// A method as a label: clients may send any word.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}
