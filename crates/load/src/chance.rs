//! Choices that look drawn and follow from a seed (splitmix64, as Steele, Lea and Flood describe it).
//! For loads, never for secrets.

/// A row of choices.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The row of this seed.
    #[must_use]
    pub fn new(seed: u32) -> Self {
        Self(u64::from(seed))
    }

    /// The next number from `least` to `most`.
    pub fn between(&mut self, least: u32, most: u32) -> u32 {
        let width = u64::from(most.saturating_sub(least)) + 1;
        least + u32::try_from(self.next() % width).unwrap_or(0)
    }

    /// The next number below `end`, which is at least 1.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap_or(0)
    }

    /// The time until the next of things that come at random, `rate` of them in a second on average; in seconds.
    pub fn wait(&mut self, rate: f64) -> f64 {
        let share = ((self.next() >> 11) as f64 + 1.0) / (1_u64 << 53) as f64;
        -share.ln() / rate
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
