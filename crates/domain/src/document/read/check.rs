//! What is compared across a whole document: keys, uuids, bank references, and how much an instance
//! may hold.

use super::reader::DocumentReader;
use crate::document::fault::DocumentFaultCode;
use crate::document::key::ElementKey;
use crate::document::model::NamePath;
use crate::id::{OrganizationId, QuestionId};
use crate::json::NodeLocation;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Pages that a document may have.
pub const MOST_PAGES: usize = 1000;
/// Questions that a document may have, those in pools among them.
pub const MOST_QUESTIONS: usize = 5000;
/// Slots that an instance may have, after pools are drawn.
pub const MOST_SLOTS: u64 = 1000;

/// Elements that have keys of their own and derived uuids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Element {
    Section,
    Page,
    Pool,
    Question,
}

impl Element {
    /// The word by which faults name the element.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Section => "section",
            Self::Page => "page",
            Self::Pool => "pool",
            Self::Question => "question",
        }
    }
}

/// A question of a bank: whose, and which.
pub type BankQuestionKey = (OrganizationId, QuestionId);

/// What was met while reading, to be compared at the end.
#[derive(Default)]
pub struct KeyIndex<'n> {
    keys: Vec<(Element, String, NodeLocation<'n>)>,
    /// Uuids, whether each was derived, and where.
    uuids: Vec<(Uuid, bool, NodeLocation<'n>)>,
    pages: RunningCount,
    questions: RunningCount,
    slots: RunningCount,
    /// Bank references in document order: where they stand decides what they exclude.
    references: Vec<(ReferenceSite, BankQuestionKey, NodeLocation<'n>)>,
    draws: Vec<PoolDraw<'n>>,
    pub dimensions: HashSet<NamePath>,
    pub effects: HashSet<NamePath>,
    /// Entries of question lists that could not be read; they may have been questions.
    pub lost_slots: u64,
    /// Pools met so far.
    pub pools: usize,
}

#[derive(Default)]
struct RunningCount {
    total: u64,
    reported: bool,
}

/// Where a bank reference stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceSite {
    /// In a page that is always shown.
    Fixed,
    /// In one of the pages (its number) a pool of pages (its number) draws one of.
    OneOf { pool: usize, page: usize },
    /// Directly in a pool of questions of this number.
    Pool(usize),
}

/// A pool of listed elements whose draw is compared with its size at the end.
struct PoolDraw<'n> {
    number: usize,
    size: u64,
    draw: Option<i128>,
    place: NodeLocation<'n>,
}

impl<'n> KeyIndex<'n> {
    /// Notes a key; those of one kind of element must differ.
    pub fn key(&mut self, element: Element, key: impl Into<String>, place: &NodeLocation<'n>) {
        self.keys.push((element, key.into(), place.clone()));
    }

    /// Notes a uuid; two elements never share one.
    pub fn uuid(&mut self, uuid: Uuid, is_derived: bool, place: &NodeLocation<'n>) {
        self.uuids.push((uuid, is_derived, place.clone()));
    }

    /// Notes that a bank question is referred to, and where.
    pub fn reference(
        &mut self,
        whereabouts: ReferenceSite,
        id: BankQuestionKey,
        place: &NodeLocation<'n>,
    ) {
        self.references.push((whereabouts, id, place.clone()));
    }

    /// Registers a pool of listed elements under its number.
    pub fn draw(
        &mut self,
        number: usize,
        size: usize,
        draw: Option<i128>,
        place: &NodeLocation<'n>,
    ) {
        self.draws.push(PoolDraw { number, size: size as u64, draw, place: place.clone() });
    }

    fn running(&mut self, counted: CountedKind) -> (&mut RunningCount, u64) {
        match counted {
            CountedKind::Pages => (&mut self.pages, MOST_PAGES as u64),
            CountedKind::Questions => (&mut self.questions, MOST_QUESTIONS as u64),
            CountedKind::Slots => (&mut self.slots, MOST_SLOTS),
        }
    }
}

/// What is limited over the whole document.
#[derive(Clone, Copy)]
pub enum CountedKind {
    Pages,
    Questions,
    Slots,
}

impl<'n> DocumentReader<'n, '_> {
    /// Counts things of a list; the list that passes the limit of the document is a fault, once.
    pub fn count(&mut self, counted: CountedKind, more: u64, list: &NodeLocation<'n>) {
        let (running, most) = self.register.running(counted);
        running.total = running.total.saturating_add(more);
        if running.total > most && !running.reported {
            running.reported = true;
            self.fault_about(
                DocumentFaultCode::LimitExceeded,
                list,
                format!("at most {most} in all"),
            );
        }
    }

    /// Registers an element's key and uuid; the uuid is derived when it has none.
    pub fn register_identity(
        &mut self,
        element: Element,
        key: Option<(ElementKey, NodeLocation<'n>)>,
        uuid: Option<(Uuid, NodeLocation<'n>)>,
        object: &NodeLocation<'n>,
    ) -> (ElementKey, Uuid) {
        let stand_in = || ElementKey::parse("x").expect("a key");
        let existing = key.is_some();
        let (key, place) = key.unwrap_or_else(|| (stand_in(), object.clone()));
        if existing {
            self.register.key(element, key.as_str(), &place);
        }
        let derived =
            || Uuid::new_v5(&self.namespace, format!("{}/{key}", element.as_str()).as_bytes());
        let is_derived = uuid.is_none();
        let (uuid, place) = uuid.unwrap_or_else(|| (derived(), object.clone()));
        if existing || !is_derived {
            self.register.uuid(uuid, is_derived, &place);
        }
        (key, uuid)
    }

    /// The comparisons across the whole document, after all of it has been read.
    pub fn check_whole(&mut self) {
        if self.is_trusted() {
            return;
        }
        self.check_keys();
        self.check_uuids();
        self.check_references();
        self.check_draws();
    }

    fn check_keys(&mut self) {
        let mut keys = std::mem::take(&mut self.register.keys);
        keys.sort_by_cached_key(|(_, _, place)| place.order());
        let mut seen = HashSet::new();
        for (element, key, place) in keys {
            if !seen.insert((element, key.clone())) {
                self.fault_about(DocumentFaultCode::DuplicateKey, &place, key);
            }
        }
    }

    fn check_uuids(&mut self) {
        let mut uuids = std::mem::take(&mut self.register.uuids);
        uuids.sort_by_cached_key(|(_, _, place)| place.order());
        let mut seen = HashMap::new();
        for (uuid, is_derived, place) in uuids {
            // Two derived ones are the same for the same key only, which is reported as such.
            if seen.insert(uuid, is_derived).is_some_and(|before| !(before && is_derived)) {
                self.fault(DocumentFaultCode::DuplicateUuid, &place);
            }
        }
    }

    /// Two references that could stand in one instance beside each other must not name one
    /// question.
    fn check_references(&mut self) {
        let mut references = std::mem::take(&mut self.register.references);
        references.sort_by_cached_key(|(_, _, place)| place.order());
        let mut seen: HashMap<&BankQuestionKey, Vec<ReferenceSite>> = HashMap::new();
        let mut second = Vec::new();
        let fixed = references.iter().filter(|(whereabouts, _, _)| match whereabouts {
            ReferenceSite::Fixed | ReferenceSite::OneOf { .. } => true,
            ReferenceSite::Pool(_) => false,
        });
        for (whereabouts, id, place) in fixed {
            let before = seen.entry(id).or_default();
            if before.iter().any(|other| !other.excludes(*whereabouts)) {
                second.push(place.clone());
            }
            if before.len() < 2 {
                before.push(*whereabouts);
            }
        }
        for place in second {
            self.fault(DocumentFaultCode::BankQuestionDuplicate, &place);
        }
        self.register.references = references;
    }

    /// A draw is 1 to what a listed source still holds when fixed references and earlier pools have
    /// taken theirs.
    fn check_draws(&mut self) {
        let references = std::mem::take(&mut self.register.references);
        let mut takers = BankQuestionUse::new(&references);
        for pool in std::mem::take(&mut self.register.draws) {
            let usable = takers.usable(&pool);
            let Some(draw) = pool.draw else { continue };
            if draw < 1 || draw > i128::from(usable) {
                self.fault_about(
                    DocumentFaultCode::PoolDrawRange,
                    &pool.place,
                    format!("1 to {usable}"),
                );
            }
        }
    }
}

impl ReferenceSite {
    /// Whether two references can never be drawn together.
    fn excludes(self, other: Self) -> bool {
        match (self, other) {
            (Self::OneOf { pool, page }, Self::OneOf { pool: other_pool, page: other_page }) => {
                pool == other_pool && page != other_page
            }
            (Self::Fixed | Self::Pool(_), Self::Fixed | Self::Pool(_) | Self::OneOf { .. })
            | (Self::OneOf { .. }, Self::Fixed | Self::Pool(_)) => false,
        }
    }
}

/// Which bank questions may be taken before a pool draws.
struct BankQuestionUse<'r> {
    fixed: HashSet<&'r BankQuestionKey>,
    listed: HashMap<usize, Vec<&'r BankQuestionKey>>,
    /// For each earlier pool that lists bank questions: what it lists and how many it may take.
    earlier: Vec<(HashSet<&'r BankQuestionKey>, u64)>,
}

impl<'r> BankQuestionUse<'r> {
    fn new(references: &'r [(ReferenceSite, BankQuestionKey, NodeLocation<'_>)]) -> Self {
        let mut takers =
            Self { fixed: HashSet::new(), listed: HashMap::new(), earlier: Vec::new() };
        for (whereabouts, id, _) in references {
            match whereabouts {
                ReferenceSite::Pool(number) => takers.listed.entry(*number).or_default().push(id),
                ReferenceSite::Fixed | ReferenceSite::OneOf { .. } => _ = takers.fixed.insert(id),
            }
        }
        takers
    }

    /// How many elements a pool is sure to find. Pools must be asked in document order.
    fn usable(&mut self, pool: &PoolDraw<'_>) -> u64 {
        let Some(listed) = self.listed.get(&pool.number) else { return pool.size };
        let free: HashSet<_> =
            listed.iter().copied().filter(|id| !self.fixed.contains(id)).collect();
        let unusable = (listed.len() - free.len()) as u64;
        let mut contested = HashSet::new();
        let mut taken = 0;
        for (ids, draw) in &self.earlier {
            let shared: Vec<_> = free.intersection(ids).copied().collect();
            taken += (shared.len() as u64).min(*draw);
            contested.extend(shared);
        }
        let taken = taken.min(contested.len() as u64);
        let draw = pool.draw.and_then(|draw| u64::try_from(draw).ok()).unwrap_or(0);
        self.earlier.push((free, draw));
        pool.size - unusable - taken
    }
}
