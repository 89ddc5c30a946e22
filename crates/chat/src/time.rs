//! Points in time, their ISO 8601 form on the wire, and the seam through which time and randomness reach the program.
//! Reads no clock itself.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Time(i64);

/// A text that is no ISO 8601 time.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a time: write it as 2026-11-24T10:15:00Z")]
pub struct BadTime;

/// Where wall time and random bytes come from: the machine in production, a seed and a set time in tests.
///
/// No order is ever decided by this time; it only dates what the journals order.
pub trait Clock: Send + Sync + 'static {
    /// The present wall time.
    fn now(&self) -> Time;
    /// Fills the buffer with bytes nobody can foresee (in tests: from the seed).
    fn fill_random(&self, out: &mut [u8]);

    /// A random number, for tags, branches and identifiers.
    fn random_u64(&self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_random(&mut bytes);
        u64::from_be_bytes(bytes)
    }

    /// A random GUID of version 4 (RFC 9562, 5.4).
    fn guid(&self) -> uuid::Uuid {
        let mut bytes = [0; 16];
        self.fill_random(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}

impl Time {
    /// From microseconds since the Unix epoch; what lies outside the years 1 to 9999 is moved to the nearest end.
    #[must_use]
    pub fn from_unix_micros(micros: i64) -> Self {
        let clamp = Timestamp::MIN.as_microsecond()..=Timestamp::MAX.as_microsecond();
        Self(micros.clamp(*clamp.start(), *clamp.end()))
    }

    /// Microseconds since the Unix epoch.
    #[must_use]
    pub fn unix_micros(self) -> i64 {
        self.0
    }

    /// This time moved by so many microseconds.
    #[must_use]
    pub fn plus_micros(self, micros: i64) -> Self {
        Self::from_unix_micros(self.0.saturating_add(micros))
    }

    /// The form of the wire: UTC, seven fractional digits, `Z` (docs/protocol.md, times).
    #[must_use]
    pub fn iso7(self) -> String {
        match Timestamp::from_microsecond(self.0) {
            Ok(stamp) => format!("{stamp:.7}"),
            Err(_) => format!("{:.7}", Timestamp::UNIX_EPOCH),
        }
    }

    /// Reads ISO 8601 with up to seven (or more) fractional digits; without a zone it is UTC.
    pub fn parse_iso(text: &str) -> Result<Self, BadTime> {
        if text.len() > 64 {
            return Err(BadTime);
        }
        if let Ok(stamp) = text.parse::<Timestamp>() {
            return Ok(Self(stamp.as_microsecond()));
        }
        let civil: DateTime = text.parse().map_err(|_| BadTime)?;
        let stamp = civil.to_zoned(TimeZone::UTC).map_err(|_| BadTime)?.timestamp();
        Ok(Self(stamp.as_microsecond()))
    }
}
