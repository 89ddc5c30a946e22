//! Time as NTLM writes it ([MS-DTYP] 2.3.3).
//! Reads no clock.

/// Ticks of 100 ns since 1601-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct FileTime(u64);

/// Microseconds from 1601-01-01 to 1970-01-01: 369 years with 89 leap days.
const UNIX_EPOCH_MICROS: i64 = 11_644_473_600_000_000;

impl FileTime {
    /// From ticks of 100 ns since 1601.
    #[must_use]
    pub const fn from_ticks(ticks: u64) -> Self {
        Self(ticks)
    }

    /// From microseconds since the Unix epoch. What lies before 1601 becomes its beginning.
    #[must_use]
    pub fn from_unix_micros(micros: i64) -> Self {
        let since_1601 = u64::try_from(micros.saturating_add(UNIX_EPOCH_MICROS)).unwrap_or(0);
        Self(since_1601.saturating_mul(10))
    }

    /// Ticks of 100 ns since 1601.
    #[must_use]
    pub const fn ticks(self) -> u64 {
        self.0
    }
}
