//! What whoever watches the server is told by its parts: numbers of links and of the certificate, and remarks on what is to be done soon.
//! Counts nothing itself; the numbers of the pool are those of `membership.rs`.

use std::sync::{Arc, OnceLock};

use chat::{Clock, Time};
use frontend::Counts;
use pool::Pool;
use web::{Measure, Remark, Sample, Source};

use crate::certificate::{DAY_MICROS, SOON_DAYS, Shown};
use crate::data::Data;
use crate::membership;
use crate::restart;

/// Counts the links.
pub type Counter = Box<dyn Fn() -> Counts + Send + Sync>;

/// All numbers. What counts the links comes when there are any.
pub fn sources(
    counter: Arc<OnceLock<Counter>>,
    pool: &Pool,
    shown: &Arc<Shown>,
    clock: &Arc<dyn Clock>,
) -> Vec<Source> {
    vec![links(counter), certificate(shown, clock), membership::numbers(pool)]
}

/// All remarks.
pub fn remarks(data: Data, shown: &Arc<Shown>, clock: &Arc<dyn Clock>) -> Vec<Remark> {
    vec![certificate_remark(shown, clock), restart_remark(data)]
}

/// The numbers of the links; none before there are any.
fn links(counter: Arc<OnceLock<Counter>>) -> Source {
    Box::new(move || {
        let Some(now) = counter.get().map(|count| count()) else { return Vec::new() };
        let gauge = |name, help, count: usize| Measure { name, help, sample: Sample::Gauge(count as u64) };
        vec![
            gauge("causerie_connections", "Connections of clients of the Lync protocol", now.connections),
            gauge("causerie_links", "Links on which somebody is signed on", now.links),
            gauge("causerie_people", "People who are signed on through links", now.people),
            Measure {
                name: "causerie_sign_on_refusals_total",
                help: "Sign-ons through links that were refused",
                sample: Sample::Counter(now.refused_sign_ons),
            },
        ]
    })
}

/// How long the certificate is good.
fn certificate(shown: &Arc<Shown>, clock: &Arc<dyn Clock>) -> Source {
    let (shown, clock) = (shown.clone(), clock.clone());
    Box::new(move || {
        let left = u64::try_from(days_left(shown.ends(), clock.now())).unwrap_or(0);
        vec![Measure {
            name: "causerie_certificate_days_left",
            help: "Whole days until the certificate that is shown ends; 0 when it has",
            sample: Sample::Gauge(left),
        }]
    })
}

/// That the certificate ends soon.
fn certificate_remark(shown: &Arc<Shown>, clock: &Arc<dyn Clock>) -> Remark {
    let (shown, clock) = (shown.clone(), clock.clone());
    Box::new(move || ends_soon(days_left(shown.ends(), clock.now())))
}

/// What is said of a certificate with so many days left, if anything is.
#[must_use]
pub fn ends_soon(days: i64) -> Option<String> {
    let fix = "ask for another with `causerie certificate request`, or `causerie certificate trial`";
    match days {
        SOON_DAYS.. => None,
        0.. => Some(format!("the certificate ends in {days} days: {fix}")),
        _ => Some(format!("the certificate has ended: {fix}")),
    }
}

/// That the server is to be restarted.
fn restart_remark(data: Data) -> Remark {
    // What cannot be read is said by whoever writes it.
    Box::new(move || restart::pending(&data).unwrap_or_default())
}

fn days_left(ends: Time, now: Time) -> i64 {
    (ends.unix_micros() - now.unix_micros()).div_euclid(DAY_MICROS)
}

#[cfg(test)]
mod tests;
