//! Chance that can be had again: a split-mix generator from a seed. Must never be used for a
//! secret.

/// Numbers of one seed.
pub struct LoadRng(u64);

impl LoadRng {
    /// The stream of one participant of a run; two participants of one seed share nothing.
    pub fn of(seed: u64, participant: u64) -> Self {
        let mut chance = Self(seed ^ participant.wrapping_mul(0xD1B5_4A32_D192_ED03));
        chance.next();
        chance
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A whole number below `bound`; 0 when the bound is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = u128::try_from(bound).unwrap_or(u128::MAX);
        usize::try_from((u128::from(self.next()) * bound) >> 64).unwrap_or(0)
    }

    /// 0 inclusive to 1 exclusive.
    #[allow(clippy::cast_precision_loss, reason = "53 bits are exact")]
    pub fn unit_fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Exponentially distributed with mean 1.
    pub fn exponential(&mut self) -> f64 {
        -(1.0 - self.unit_fraction()).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_stream_and_participants_differ() {
        let stream = |participant| {
            let mut chance = LoadRng::of(1, participant);
            [chance.below(1_000_000), chance.below(1_000_000), chance.below(1_000_000)]
        };
        assert_eq!(stream(1), stream(1));
        assert_ne!(stream(1), stream(2));
    }

    #[test]
    fn numbers_stay_below_their_bound_and_means_are_what_they_should_be() {
        let mut chance = LoadRng::of(7, 7);
        assert!((0..1000).all(|_| chance.below(3) < 3));
        let mut mean = |draw: fn(&mut LoadRng) -> f64| {
            (0..100_000).map(|_| draw(&mut chance)).sum::<f64>() / 1e5
        };
        assert!((mean(LoadRng::unit_fraction) - 0.5).abs() < 0.01);
        assert!((mean(LoadRng::exponential) - 1.0).abs() < 0.02);
    }
}
