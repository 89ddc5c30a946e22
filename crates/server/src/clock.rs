//! The machine's time and randomness: the one place that reads them.

use chat::{Clock, Time};
use ring::rand::{SecureRandom, SystemRandom};

/// The machine's clock and its source of randomness.
#[derive(Debug, Default)]
pub struct SystemClock {
    random: SystemRandomness,
}

/// A source that can be shown without showing anything.
#[derive(Default)]
struct SystemRandomness(std::sync::OnceLock<SystemRandom>);

impl std::fmt::Debug for SystemRandomness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SystemRandomness")
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Time {
        #[expect(clippy::disallowed_methods, reason = "this is where the program takes its time from")]
        let now = std::time::SystemTime::now();
        let since = now.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Time::from_unix_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }

    fn fill_random(&self, out: &mut [u8]) {
        let source = self.random.0.get_or_init(SystemRandom::new);
        source.fill(out).expect("the operating system gives randomness once it has started");
    }
}
