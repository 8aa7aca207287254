//! Chance that can be repeated: a stream of numbers for each labelled place of a test (domain
//! rules, 4).
//!
//! Defined to the bit, so every implementation draws alike, and named per place, so an edit in one
//! place never changes another. Nothing here may ask the system for randomness.

use sha2::{Digest, Sha256};

/// What an instance's draws and orders come from: 32 bytes, kept with the instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(pub [u8; 32]);

/// The numbers of one label, in turn.
pub struct RandomStream<'label> {
    seed: Seed,
    label: &'label str,
    next_block: u32,
    block: [u64; 4],
    taken: usize,
}

impl<'label> RandomStream<'label> {
    /// The numbers of a seed under a label; other labels give independent ones.
    #[must_use]
    pub const fn new(seed: &Seed, label: &'label str) -> Self {
        Self { seed: *seed, label, next_block: 0, block: [0; 4], taken: 4 }
    }

    /// The next 64-bit number.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> u64 {
        if self.taken == self.block.len() {
            self.refill();
        }
        let number = self.block[self.taken];
        self.taken += 1;
        number
    }

    fn refill(&mut self) {
        let mut hasher = Sha256::new();
        hasher.update(self.seed.0);
        hasher.update([0]);
        hasher.update(self.label.as_bytes());
        hasher.update([0]);
        hasher.update(self.next_block.to_be_bytes());
        let bytes: [u8; 32] = hasher.finalize().into();
        for (number, eight) in self.block.iter_mut().zip(bytes.chunks_exact(8)) {
            *number = eight.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte));
        }
        self.next_block = self.next_block.wrapping_add(1);
        self.taken = 0;
    }

    /// A number from 0 to `bound` - 1, each equally likely; 0 when the bound is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        let excess = bound.wrapping_neg() % bound;
        loop {
            let number = self.next();
            if excess == 0 || number < excess.wrapping_neg() {
                return number % bound;
            }
        }
    }

    /// Shuffles in place.
    pub fn shuffle<T>(&mut self, things: &mut [T]) {
        for index in (1..things.len()).rev() {
            let other = usize::try_from(self.below(index as u64 + 1)).expect("below an index");
            things.swap(index, other);
        }
    }
}

/// Draws `count` of the indexes 0 to `size` - 1, in rising order; all of them when there are no
/// more.
#[must_use]
pub fn draw(seed: &Seed, label: &str, count: usize, size: usize) -> Vec<usize> {
    let mut indexes: Vec<usize> = (0..size).collect();
    if count < size {
        RandomStream::new(seed, label).shuffle(&mut indexes);
        indexes.truncate(count);
        indexes.sort_unstable();
    }
    indexes
}

/// The indexes 0 to `size` - 1 in shuffled order; a pinned one keeps its place.
#[must_use]
pub fn shuffled(
    seed: &Seed,
    label: &str,
    size: usize,
    pinned: impl Fn(usize) -> bool,
) -> Vec<usize> {
    let places: Vec<usize> = (0..size).filter(|index| !pinned(*index)).collect();
    let mut moved = places.clone();
    RandomStream::new(seed, label).shuffle(&mut moved);
    let mut order: Vec<usize> = (0..size).collect();
    for (place, index) in places.into_iter().zip(moved) {
        order[place] = index;
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counting_seed() -> Seed {
        Seed(std::array::from_fn(|index| u8::try_from(index).unwrap()))
    }

    fn letters(order: &[usize]) -> String {
        order.iter().map(|index| char::from(b'a' + u8::try_from(*index).unwrap())).collect()
    }

    #[test]
    fn the_published_vectors_hold() {
        let seed = counting_seed();
        assert_eq!(RandomStream::new(&seed, "page/n1/questions").next(), 0xecb4_96f9_304e_6ec8);
        assert_eq!(shuffled(&seed, "page/n1/questions", 8, |_| false), [1, 6, 4, 5, 3, 2, 7, 0]);
        assert_eq!(letters(&shuffled(&seed, "question/q1/choices", 4, |_| false)), "abdc");
        assert_eq!(draw(&seed, "pool/p1", 4, 10), [0, 2, 3, 8]);
        assert_eq!(letters(&shuffled(&seed, "page/p2/questions", 6, |index| index == 1)), "ebdafc");
    }

    #[test]
    fn an_empty_source_and_a_bound_of_zero_are_harmless() {
        let seed = counting_seed();
        assert!(draw(&seed, "pool/p", 0, 0).is_empty());
        assert!(shuffled(&seed, "x", 0, |_| true).is_empty());
        assert_eq!(RandomStream::new(&seed, "x").below(0), 0);
    }

    proptest! {
        #[test]
        fn a_draw_gives_distinct_elements_of_its_source(bytes: [u8; 32], size in 0usize..60, count in 0usize..60) {
            let drawn = draw(&Seed(bytes), "pool/p", count, size);
            prop_assert_eq!(drawn.len(), count.min(size));
            prop_assert!(drawn.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(drawn.iter().all(|index| *index < size));
        }

        #[test]
        fn shuffling_loses_and_invents_nothing_and_pins_hold(bytes: [u8; 32], pins in proptest::collection::vec(any::<bool>(), 0..40)) {
            let order = shuffled(&Seed(bytes), "page/p/questions", pins.len(), |index| pins[index]);
            for (index, pinned) in pins.iter().enumerate() {
                prop_assert!(!pinned || order[index] == index);
            }
            let mut sorted = order;
            sorted.sort_unstable();
            prop_assert!(sorted.into_iter().eq(0..pins.len()));
        }
    }
}
