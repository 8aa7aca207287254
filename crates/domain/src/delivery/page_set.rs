//! A set of pages, compact in memory and in storage.

use serde::{Deserialize, Serialize};

/// More than a compiled test can hold; a larger index in stored text is a fault.
const LIMIT: usize = 100_000;

/// Indexes of pages, from 0. Written as ranges: `"0-3,7"`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PageSet {
    /// Never ends in a zero word, so that equal sets are equal values.
    words: Vec<u64>,
}

/// A text that names no set of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a set of pages")]
pub struct InvalidPageSet;

impl PageSet {
    /// Whether a page, by its index from 0, is in the set.
    #[must_use]
    pub fn contains(&self, page: usize) -> bool {
        self.words.get(page / 64).is_some_and(|word| word >> (page % 64) & 1 == 1)
    }

    /// Adds a page; pages beyond the largest possible test are not kept.
    pub fn insert(&mut self, page: usize) {
        if page >= LIMIT {
            return;
        }
        if self.words.len() <= page / 64 {
            self.words.resize(page / 64 + 1, 0);
        }
        self.words[page / 64] |= 1 << (page % 64);
    }

    /// Whether no page is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The pages, rising.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.words.len() * 64).filter(|page| self.contains(*page))
    }

    fn ranges(&self) -> Vec<(usize, usize)> {
        let mut ranges: Vec<(usize, usize)> = Vec::new();
        for page in self.iter() {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == page => *last = page,
                _ => ranges.push((page, page)),
            }
        }
        ranges
    }
}

impl FromIterator<usize> for PageSet {
    fn from_iter<I: IntoIterator<Item = usize>>(pages: I) -> Self {
        let mut set = Self::default();
        pages.into_iter().for_each(|page| set.insert(page));
        set
    }
}

impl From<PageSet> for String {
    fn from(set: PageSet) -> Self {
        let write = |(first, last): (usize, usize)| match first == last {
            true => first.to_string(),
            false => format!("{first}-{last}"),
        };
        set.ranges().into_iter().map(write).collect::<Vec<_>>().join(",")
    }
}

impl TryFrom<String> for PageSet {
    type Error = InvalidPageSet;

    fn try_from(text: String) -> Result<Self, InvalidPageSet> {
        let mut set = Self::default();
        for range in text.split(',').filter(|range| !range.is_empty()) {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let number = |digits: &str| {
                digits.parse().ok().filter(|page| *page < LIMIT).ok_or(InvalidPageSet)
            };
            (number(first)?..=number(last)?).for_each(|page| set.insert(page));
        }
        Ok(set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn text_that_names_no_set_is_refused() {
        for text in ["x", "1-", "-1", "1-2-3", "100000", "0-99999999999"] {
            assert_eq!(PageSet::try_from(text.to_owned()), Err(InvalidPageSet), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_set_of_pages_reads_back_from_its_text(pages in proptest::collection::btree_set(0usize..300, 0..40)) {
            let set: PageSet = pages.iter().copied().collect();
            prop_assert_eq!(set.iter().collect::<BTreeSet<_>>(), pages);
            let text = serde_json::to_string(&set).unwrap();
            prop_assert_eq!(serde_json::from_str::<PageSet>(&text).unwrap(), set);
        }
    }
}
