//! Reads match questions.

use super::reader::{DocumentReader, FigureKind};
use crate::document::fault::DocumentFaultCode;
use crate::document::key::ElementKey;
use crate::document::model::{CountingMatch, Item, MatchQuestion, PrivateOption, SharedOption};
use crate::json::{LocatedNode, LocatedObject};
use std::collections::HashSet;

/// The fields that only this kind of question has.
pub const DEFINED: &[&str] = &["items", "options", "minMatches", "shuffleItems", "shuffleOptions"];
const ITEM: &[&str] =
    &["key", "text", "options", "matches", "wrongPercentage", "blankPercentage", "pinned"];
const MOST_ITEMS: usize = 100;
const MOST_OPTIONS: usize = 200;

impl<'n> DocumentReader<'n, '_> {
    /// Reads items and options and which of them belong together; faults are noted.
    pub fn matching(&mut self, object: &LocatedObject<'n>) -> MatchQuestion {
        let mut seen = HashSet::new();
        let spots = self.list(object, "options", MOST_OPTIONS);
        let options: Vec<_> =
            spots.iter().filter_map(|option| self.shared_option(option, &mut seen)).collect();
        let pool = (!spots.is_empty()).then_some(&seen);
        let items = self.required_list(object, "items", MOST_ITEMS);
        let (list, spots) =
            items.map_or_else(|| (None, Vec::new()), |(list, spots)| (Some(list), spots));
        let mut keys = HashSet::new();
        let items: Vec<_> =
            spots.iter().filter_map(|item| self.item(item, &mut keys, pool)).collect();
        let mut min_matches = 1;
        if let Some(list) = list {
            let most = i128::try_from(spots.len()).expect("a length fits into 127 bits");
            if spots.is_empty() && !object.has("minMatches") {
                self.fault(DocumentFaultCode::MatchMinRange, &list.place);
            }
            min_matches = self
                .integer(object, "minMatches", 1..=most, DocumentFaultCode::MatchMinRange)
                .unwrap_or(1);
        }
        MatchQuestion {
            items,
            options,
            min_matches,
            shuffle_items: self.flag(object, "shuffleItems", false),
            shuffle_options: self.flag(object, "shuffleOptions", false),
        }
    }

    fn shared_option(
        &mut self,
        spot: &LocatedNode<'n>,
        seen: &mut HashSet<ElementKey>,
    ) -> Option<SharedOption> {
        let object = self.object(spot, &[&["key", "text", "maxUses", "pinned"]])?;
        let key = self.part_key(&object, seen);
        let text = self.required_markdown(&object, "text");
        let max_uses = self
            .integer(&object, "maxUses", 0..=1000, DocumentFaultCode::MatchUsesRange)
            .unwrap_or(1);
        let pinned = self.flag(&object, "pinned", false);
        Some(SharedOption { key: key?, text, max_uses, pinned })
    }

    fn private_option(
        &mut self,
        spot: &LocatedNode<'n>,
        seen: &mut HashSet<ElementKey>,
    ) -> Option<PrivateOption> {
        let object = self.object(spot, &[&["key", "text"]])?;
        let key = self.part_key(&object, seen);
        let text = self.required_markdown(&object, "text");
        Some(PrivateOption { key: key?, text })
    }

    fn item(
        &mut self,
        spot: &LocatedNode<'n>,
        keys: &mut HashSet<ElementKey>,
        pool: Option<&HashSet<ElementKey>>,
    ) -> Option<Item> {
        let object = self.object(spot, &[ITEM])?;
        let key = self.part_key(&object, keys);
        let spots = self.list(&object, "options", MOST_OPTIONS);
        let mut own = HashSet::new();
        let options: Vec<_> =
            spots.iter().filter_map(|option| self.private_option(option, &mut own)).collect();
        let usable = if spots.is_empty() { pool } else { Some(&own) };
        if usable.is_none() {
            self.fault(DocumentFaultCode::MatchNoOptions, &spot.place);
        }
        let item = Item {
            key: key.unwrap_or_else(|| ElementKey::parse("x").expect("a key")),
            text: self.required_markdown(&object, "text"),
            options,
            matches: self.matches(&object, usable),
            wrong_percentage: self
                .figure(&object, "wrongPercentage", FigureKind::Percentage)
                .unwrap_or_default(),
            blank_percentage: self
                .figure(&object, "blankPercentage", FigureKind::Percentage)
                .unwrap_or_default(),
            pinned: self.flag(&object, "pinned", false),
        };
        Some(item)
    }

    /// The options that count; when the item can use none at all, that has been reported already.
    fn matches(
        &mut self,
        object: &LocatedObject<'n>,
        usable: Option<&HashSet<ElementKey>>,
    ) -> Vec<CountingMatch> {
        let mut seen = HashSet::new();
        let mut matches = Vec::new();
        for spot in self.list(object, "matches", MOST_OPTIONS) {
            let Some(entry) = self.object(&spot, &[&["option", "percentage", "effects"]]) else {
                continue;
            };
            let option = self.matched_option(&entry, usable, &mut seen);
            let percentage = self.required_figure(&entry, "percentage", FigureKind::Percentage);
            let effects = self.effect_scores(&entry);
            matches.extend(option.map(|option| CountingMatch { option, percentage, effects }));
        }
        matches
    }

    fn matched_option(
        &mut self,
        entry: &LocatedObject<'n>,
        usable: Option<&HashSet<ElementKey>>,
        seen: &mut HashSet<ElementKey>,
    ) -> Option<ElementKey> {
        let spot = self.required(entry, "option")?;
        let text = self.string(&spot)?;
        let existing =
            ElementKey::parse(text).filter(|key| usable.is_none_or(|usable| usable.contains(key)));
        let Some(key) = existing else {
            self.fault(DocumentFaultCode::MatchOptionUnknown, &spot.place);
            return None;
        };
        if !seen.insert(key.clone()) {
            self.fault(DocumentFaultCode::MatchOptionDuplicate, &spot.place);
        }
        Some(key)
    }
}
