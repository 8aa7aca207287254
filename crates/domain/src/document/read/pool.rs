//! Reads pools and bank references.

use super::check::{CountedKind, Element, MOST_PAGES, MOST_QUESTIONS, ReferenceSite};
use super::reader::{DocumentReader, DocumentSource, FigureKind};
use crate::document::fault::DocumentFaultCode;
use crate::document::key::ElementKey;
use crate::document::model::{
    BankFilter, BankOverrides, BankReference, Page, Pool, PoolSource, QuestionEntry,
};
use crate::id::{OrganizationId, QuestionId};
use crate::json::{LocatedNode, LocatedObject};
use std::collections::BTreeMap;

const ANY_POOL: &[&str] = &["key", "uuid", "draw", "pages", "questions", "bank"];
const OF_QUESTIONS: &[&str] = &["required", "effective", "spread"];
const WITH_SPREAD: &[&str] = &["shuffle", "secondsPerQuestion"];
const REFERENCE: &[&str] =
    &["ref", "key", "points", "negativePoints", "effective", "required", "pinned"];
const MOST_MARKS: usize = 200;
/// More than any pool can usefully hold; what is above is reported as out of range.
const LARGEST_DRAW: i128 = 1_000_000;

/// In whose list a pool stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolSite {
    Section,
    Page,
}

impl<'n> DocumentReader<'n, '_> {
    /// Reads a pool and checks that it holds as many as are drawn; none when it is no object.
    pub fn pool(&mut self, spot: &LocatedNode<'n>, site: PoolSite) -> Option<Pool> {
        let object = self.object_unchecked(spot)?;
        self.only_of_pool(&object);
        let (key, uuid) = self.element(Element::Pool, &object);
        let number = self.next_pool();
        let draw = self.required(&object, "draw").and_then(|draw| self.integer_at(&draw));
        let source = self.pool_source(&object, site, number, draw);
        let size = source.as_ref().and_then(listed_size);
        self.compare_draw(&object, number, size, draw);
        let plausible = draw
            .filter(|draw| (1..=LARGEST_DRAW).contains(draw))
            .and_then(|draw| u32::try_from(draw).ok());
        let draw =
            plausible.or_else(|| size.and_then(|size| u32::try_from(size).ok())).unwrap_or(1);
        let spread = self.spread(&object, site, plausible);
        self.generated_keys(&object, &key, spread);
        Some(Pool {
            key,
            uuid,
            draw,
            source: source?,
            required: self.optional_flag(&object, "required"),
            effective: self.optional_flag(&object, "effective"),
            spread,
            shuffle: self.flag(&object, "shuffle", false),
            seconds_per_question: self.time_limit(&object, "secondsPerQuestion"),
        })
    }

    /// Fields that only some pools have are not defined for the others.
    fn only_of_pool(&mut self, object: &LocatedObject<'n>) {
        let mut defined = vec![ANY_POOL];
        if !object.has("pages") {
            defined.push(OF_QUESTIONS);
        } else {
            defined.push(&["spread"]);
        }
        if object.has("spread") {
            defined.push(WITH_SPREAD);
        }
        self.reject_other_members(object, &defined);
    }

    fn pool_source(
        &mut self,
        object: &LocatedObject<'n>,
        site: PoolSite,
        number: usize,
        draw: Option<i128>,
    ) -> Option<PoolSource> {
        let supplied: Vec<_> =
            ["pages", "questions", "bank"].into_iter().filter(|name| object.has(name)).collect();
        let source = match supplied.as_slice() {
            ["pages"] if site == PoolSite::Section => "pages",
            ["questions"] => "questions",
            ["bank"] => "bank",
            _ => {
                self.fault(DocumentFaultCode::PoolSource, &object.place);
                return None;
            }
        };
        match source {
            "pages" => Some(PoolSource::Pages(self.pool_pages(object, number, draw))),
            "questions" => {
                let (list, items) = self.required_list(object, "questions", MOST_QUESTIONS)?;
                let entries =
                    self.question_entries(&list.place, &items, None, ReferenceSite::Pool(number));
                Some(PoolSource::Questions(entries))
            }
            _ => Some(PoolSource::Bank(self.filter(object))),
        }
    }

    fn pool_pages(
        &mut self,
        object: &LocatedObject<'n>,
        number: usize,
        draw: Option<i128>,
    ) -> Vec<Page> {
        let Some((list, items)) = self.required_list(object, "pages", MOST_PAGES) else {
            return Vec::new();
        };
        if items.len() <= MOST_PAGES {
            self.count(CountedKind::Pages, items.len() as u64, &list.place);
        }
        let mut pages = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let whereabouts = if draw == Some(1) {
                ReferenceSite::OneOf { pool: number, page: index }
            } else {
                ReferenceSite::Fixed
            };
            pages.extend(self.page_of_pool(item, whereabouts));
        }
        pages
    }

    fn page_of_pool(&mut self, spot: &LocatedNode<'n>, whereabouts: ReferenceSite) -> Option<Page> {
        if let Some(nested) = self.object_unchecked(spot)?.get("pool") {
            self.fault(DocumentFaultCode::PoolSource, &nested.place);
            return None;
        }
        self.page(spot, whereabouts)
    }

    /// Registers the draw of a listed source, or checks that of a bank source at once.
    fn compare_draw(
        &mut self,
        object: &LocatedObject<'n>,
        number: usize,
        size: Option<usize>,
        draw: Option<i128>,
    ) {
        let place = object.location_of("draw");
        let listed = ["pages", "questions"].iter().find_map(|name| object.get(name));
        match (size, listed) {
            (Some(size), Some(listed)) => {
                let authored = match listed.node {
                    crate::json::JsonNode::List(items) => items.len(),
                    _ => size,
                };
                self.register.draw(number, authored, draw, &place);
            }
            _ if draw.is_some_and(|draw| !(1..=LARGEST_DRAW).contains(&draw)) => {
                self.fault(DocumentFaultCode::PoolDrawRange, &place);
            }
            _ => {}
        }
    }

    /// The pages to generate: required of pools of questions in a section, defined nowhere else.
    fn spread(
        &mut self,
        object: &LocatedObject<'n>,
        site: PoolSite,
        draw: Option<u32>,
    ) -> Option<u32> {
        let wanted = site == PoolSite::Section && !object.has("pages");
        let Some(spot) = object.get("spread") else {
            if wanted {
                self.fault(DocumentFaultCode::PoolSpreadRange, &object.place);
            }
            return None;
        };
        let spread = self.integer_at(&spot)?;
        let most = draw.map_or(LARGEST_DRAW, i128::from);
        if !wanted || !(1..=most).contains(&spread) {
            self.fault(DocumentFaultCode::PoolSpreadRange, &spot.place);
            return None;
        }
        u32::try_from(spread).ok()
    }

    /// Generated pages have keys too, which must be keys and differ from all others.
    fn generated_keys(
        &mut self,
        object: &LocatedObject<'n>,
        key: &ElementKey,
        spread: Option<u32>,
    ) {
        let (Some(spread), false) = (spread, self.is_trusted()) else { return };
        let Some(spot) = object.get("key") else { return };
        if ElementKey::parse(&format!("{key}-{spread}")).is_none() {
            self.fault_about(DocumentFaultCode::BadKey, &spot.place, format!("{key}-{spread}"));
            return;
        }
        let most = u32::try_from(super::check::MOST_SLOTS).expect("a thousand fits");
        for page in 1..=spread.min(most) {
            self.register.key(Element::Page, format!("{key}-{page}"), &spot.place);
        }
    }

    fn filter(&mut self, object: &LocatedObject<'n>) -> BankFilter {
        let Some(spot) = object.get("bank") else { return BankFilter::default() };
        let Some(entry) = self.object(&spot, &[&["folder", "labels", "tags"]]) else {
            return BankFilter::default();
        };
        let labels = self.list(&entry, "labels", MOST_MARKS);
        BankFilter {
            folder: entry.get("folder").map(|folder| self.text_at(&folder)),
            labels: labels.iter().map(|label| self.text_at(label)).collect(),
            tags: self.tags(&entry),
        }
    }

    /// Names with values.
    pub fn tags(&mut self, object: &LocatedObject<'n>) -> BTreeMap<String, String> {
        let Some(spot) = object.get("tags") else { return BTreeMap::new() };
        let Some(tags) = self.object_unchecked(&spot) else { return BTreeMap::new() };
        let mut read = BTreeMap::new();
        for (position, (name, node)) in tags.members.iter().enumerate() {
            let value = LocatedNode { node, place: tags.place.member(name, position) };
            if name.chars().count() > 200 {
                self.fault(DocumentFaultCode::TextTooLong, &value.place);
            }
            read.insert(name.clone(), self.text_at(&value));
        }
        read
    }

    /// A reference to a bank question with what it overrides.
    pub fn reference(
        &mut self,
        object: &LocatedObject<'n>,
        whereabouts: ReferenceSite,
    ) -> Option<QuestionEntry> {
        self.reject_other_members(object, &[REFERENCE]);
        let spot = object.get("ref")?;
        let entry = self.object(&spot, &[&["questionId", "organizationId"]])?;
        let question = self.required(&entry, "questionId").and_then(|id| self.string(&id))?;
        let organization = entry.get("organizationId").map(|id| self.string(&id));
        let reference = BankReference {
            question_id: QuestionId::from(question),
            organization_id: organization.flatten().map(OrganizationId::from),
        };
        self.look_up(&spot, &reference, whereabouts);
        let overrides = self.overrides(object, question, &spot)?;
        Some(QuestionEntry::Ref { reference, overrides })
    }

    fn look_up(
        &mut self,
        spot: &LocatedNode<'n>,
        reference: &BankReference,
        whereabouts: ReferenceSite,
    ) {
        let DocumentSource::Author(surroundings) = self.source else { return };
        let organization =
            reference.organization_id.clone().unwrap_or_else(|| surroundings.organization.clone());
        if surroundings.bank.question(&organization, &reference.question_id).is_none() {
            self.fault_about(
                DocumentFaultCode::BankQuestionUnknown,
                &spot.place,
                reference.question_id.to_string(),
            );
            return;
        }
        self.register.reference(
            whereabouts,
            (organization, reference.question_id.clone()),
            &spot.place,
        );
    }

    fn overrides(
        &mut self,
        object: &LocatedObject<'n>,
        question: &str,
        reference: &LocatedNode<'n>,
    ) -> Option<BankOverrides> {
        let (key, place) = match object.get("key") {
            Some(spot) => (self.key_at(&spot), spot.place),
            // An id that is no key names no question either, which has been reported.
            None => (ElementKey::parse(question), reference.place.clone()),
        };
        if let Some(key) = &key {
            self.register.key(Element::Question, key.as_str(), &place);
        }
        Some(BankOverrides {
            points: self.figure(object, "points", FigureKind::Points),
            negative_points: self.figure(object, "negativePoints", FigureKind::Points),
            effective: self.optional_flag(object, "effective"),
            required: self.optional_flag(object, "required"),
            pinned: self.optional_flag(object, "pinned"),
            key: key?,
        })
    }

    fn next_pool(&mut self) -> usize {
        self.register.pools += 1;
        self.register.pools
    }
}

/// The size of a source that is listed in the document.
fn listed_size(source: &PoolSource) -> Option<usize> {
    match source {
        PoolSource::Pages(pages) => Some(pages.len()),
        PoolSource::Questions(entries) => Some(entries.len()),
        PoolSource::Bank(_) => None,
    }
}
