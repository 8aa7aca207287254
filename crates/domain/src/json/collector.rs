//! Collects the faults of a JSON document while it is read, to report all of them at once in the
//! order of the text.

use super::{DocumentOrder, NodeLocation};
use std::cell::RefCell;

/// How many faults are listed at most; the rest is counted.
pub const MOST_LISTED: usize = 100;
/// How many faults are held before those behind the first [`MOST_LISTED`] are dropped: a hostile
/// document costs bounded memory and time.
const MOST_HELD: usize = 2_000;

/// The faults found so far, each with its place.
#[derive(Debug)]
pub struct FaultCollector<F>(RefCell<Collected<F>>);

#[derive(Debug)]
struct Collected<F> {
    found: Vec<(DocumentOrder, F)>,
    dropped: u64,
}

impl<F> Default for FaultCollector<F> {
    fn default() -> Self {
        Self(RefCell::new(Collected { found: Vec::new(), dropped: 0 }))
    }
}

impl<F> FaultCollector<F> {
    /// Notes a fault; reading goes on.
    pub fn push(&self, place: &NodeLocation<'_>, fault: F) {
        self.push_in_order(place.order(), fault);
    }

    /// Notes a fault whose place is known by its order alone.
    pub fn push_in_order(&self, order: DocumentOrder, fault: F) {
        let mut collected = self.0.borrow_mut();
        collected.found.push((order, fault));
        if collected.found.len() >= MOST_HELD {
            collected.keep_first();
        }
    }

    /// Takes over all faults of another collector.
    pub fn append(&self, other: Self) {
        let Collected { found, dropped } = other.0.into_inner();
        found.into_iter().for_each(|(order, fault)| self.push_in_order(order, fault));
        self.0.borrow_mut().dropped += dropped;
    }

    /// Whether none was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.borrow().found.is_empty()
    }

    /// The first [`MOST_LISTED`] faults in document order, and how many more there are.
    #[must_use]
    pub fn into_faults(self) -> (Vec<F>, u64) {
        let mut collected = self.0.into_inner();
        collected.keep_first();
        (collected.found.into_iter().map(|(_, fault)| fault).collect(), collected.dropped)
    }
}

impl<F> Collected<F> {
    fn keep_first(&mut self) {
        // A stable sort: faults of one place stay in the order in which they were found.
        self.found.sort_by(|(left, _), (right, _)| left.cmp(right));
        let beyond = self.found.len().saturating_sub(MOST_LISTED);
        self.dropped += u64::try_from(beyond).unwrap_or(u64::MAX);
        self.found.truncate(MOST_LISTED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_first_faults_of_the_text_are_listed_and_the_others_counted(
            places in proptest::collection::vec(0_usize..10_000, 0..5_000)
        ) {
            let collector = FaultCollector::default();
            for place in &places {
                collector.push(&NodeLocation::root().item(*place), *place);
            }
            let (listed, more) = collector.into_faults();
            let mut sorted = places.clone();
            sorted.sort_unstable();
            sorted.truncate(MOST_LISTED);
            prop_assert_eq!(&listed, &sorted);
            prop_assert_eq!(listed.len() as u64 + more, places.len() as u64);
        }
    }

    #[test]
    fn what_is_missing_stands_behind_all_that_is_there() {
        let collector = FaultCollector::default();
        collector.push(&NodeLocation::root().missing("a"), "missing");
        collector.push(&NodeLocation::root().member("z", 9), "there");
        assert_eq!(collector.into_faults(), (vec!["there", "missing"], 0));
    }
}
