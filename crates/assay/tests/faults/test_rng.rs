//! Chance that can be repeated: the seed is printed, and `ASSAY_FAULTS_SEED` sets it.

use std::time::{SystemTime, UNIX_EPOCH};

/// Random numbers from a seed (SplitMix64).
#[derive(Clone, Debug)]
pub struct TestRng(u64);

impl TestRng {
    /// Seeded by the environment or the clock; the seed is printed with the name of the test.
    pub fn of_test(name: &str) -> Self {
        let wanted_seed = std::env::var("ASSAY_FAULTS_SEED").ok();
        let seed = wanted_seed.map_or_else(
            || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64,
            |text| text.parse().expect("ASSAY_FAULTS_SEED is a number"),
        );
        println!("{name}: ASSAY_FAULTS_SEED={seed}");
        Self(seed)
    }

    /// Other dice that do not disturb these.
    pub fn another(&mut self) -> Self {
        Self(self.next())
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// True once in `times` throws.
    pub fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
