//! Reads sections, pages and what stands in their lists.

use super::check::{CountedKind, Element, MOST_PAGES, MOST_QUESTIONS, ReferenceSite};
use super::pool::PoolSite;
use super::reader::{DocumentReader, has_visible};
use super::slot_range;
use crate::document::fault::DocumentFaultCode;
use crate::document::key::ElementKey;
use crate::document::model::{Page, PageEntry, QuestionEntry, Section};
use crate::json::{LocatedNode, LocatedObject, NodeLocation};
use uuid::Uuid;

const SECTION: &[&str] = &[
    "key",
    "title",
    "uuid",
    "intro",
    "timeLimit",
    "navigation",
    "shufflePages",
    "pinned",
    "ignorableBlanks",
    "pages",
];
const PAGE: &[&str] =
    &["key", "title", "uuid", "text", "timeLimit", "shuffleQuestions", "pinned", "questions"];

impl<'n> DocumentReader<'n, '_> {
    /// Reads a section with its pages and pools; none when it is no object.
    pub fn section(&mut self, spot: &LocatedNode<'n>) -> Option<Section> {
        let object = self.object(spot, &[SECTION])?;
        let (key, uuid) = self.element(Element::Section, &object);
        let lost_before = self.register.lost_slots;
        let section = Section {
            key,
            title: self.title(&object, "title"),
            uuid,
            intro: self.markdown(&object, "intro"),
            time_limit: self.time_limit(&object, "timeLimit"),
            navigation: self.word(&object, "navigation"),
            shuffle_pages: self.flag(&object, "shufflePages", false),
            pinned: self.flag(&object, "pinned", false),
            ignorable_blanks: 0,
            pages: self.pages(&object),
        };
        let lost = self.register.lost_slots - lost_before;
        let most = slot_range::of_section(&section).most.saturating_add(lost);
        let blanks = self.integer(
            &object,
            "ignorableBlanks",
            0..=i128::from(most),
            DocumentFaultCode::IgnorableRange,
        );
        Some(Section { ignorable_blanks: blanks.unwrap_or(0), ..section })
    }

    /// The key and uuid of an element, registered.
    pub fn element(&mut self, element: Element, object: &LocatedObject<'n>) -> (ElementKey, Uuid) {
        let key = self.key(object);
        let uuid = self.uuid(object).map(|uuid| (uuid, object.location_of("uuid")));
        self.register_identity(element, key, uuid, &object.place)
    }

    fn pages(&mut self, object: &LocatedObject<'n>) -> Vec<PageEntry> {
        let Some((list, items)) = self.required_list(object, "pages", MOST_PAGES) else {
            return Vec::new();
        };
        if items.is_empty() {
            self.fault(DocumentFaultCode::NoPages, &list.place);
        }
        if items.len() <= MOST_PAGES {
            self.count(CountedKind::Pages, items.len() as u64, &list.place);
        }
        let mut pages = Vec::new();
        for item in &items {
            let entry = self.page_entry(item);
            if let Some(PageEntry::Pool { pool }) = &entry {
                let most = slot_range::of_page_entry(&PageEntry::Pool { pool: pool.clone() }).most;
                self.count(CountedKind::Slots, most, &list.place);
            }
            self.register.lost_slots += u64::from(entry.is_none());
            pages.extend(entry);
        }
        pages
    }

    fn page_entry(&mut self, spot: &LocatedNode<'n>) -> Option<PageEntry> {
        let entry = self.object_unchecked(spot)?;
        if let Some(pool) = entry.get("pool") {
            self.reject_other_members(&entry, &[&["pool"]]);
            return Some(PageEntry::Pool { pool: self.pool(&pool, PoolSite::Section)? });
        }
        let page = self.page(spot, ReferenceSite::Fixed)?;
        let list = entry.location_of("questions");
        self.count(CountedKind::Slots, slot_range::of_page(&page).most, &list);
        Some(PageEntry::Page(page))
    }

    /// A page; `whereabouts` says whether its bank references are always in an instance.
    pub fn page(&mut self, spot: &LocatedNode<'n>, whereabouts: ReferenceSite) -> Option<Page> {
        let object = self.object(spot, &[PAGE])?;
        let (key, uuid) = self.element(Element::Page, &object);
        let text = self.markdown(&object, "text");
        let questions = self.page_questions(&object, has_visible(&text), whereabouts);
        Some(Page {
            key,
            title: object.get("title").map(|title| self.short_text_at(&title)),
            uuid,
            text,
            time_limit: self.time_limit(&object, "timeLimit"),
            shuffle_questions: self.flag(&object, "shuffleQuestions", false),
            pinned: self.flag(&object, "pinned", false),
            questions,
        })
    }

    /// The questions of a page; one with a text needs none.
    fn page_questions(
        &mut self,
        object: &LocatedObject<'n>,
        has_text: bool,
        whereabouts: ReferenceSite,
    ) -> Vec<QuestionEntry> {
        if has_text && !object.has("questions") {
            return Vec::new();
        }
        let Some((list, items)) = self.required_list(object, "questions", MOST_QUESTIONS) else {
            self.register.lost_slots += 1;
            return Vec::new();
        };
        if items.is_empty() && !has_text {
            self.fault(DocumentFaultCode::NoQuestions, &list.place);
        }
        self.question_entries(&list.place, &items, Some(PoolSite::Page), whereabouts)
    }

    /// Entries of a list of questions. Pools are allowed where a site for them is given.
    pub fn question_entries(
        &mut self,
        list: &NodeLocation<'n>,
        items: &[LocatedNode<'n>],
        pools: Option<PoolSite>,
        whereabouts: ReferenceSite,
    ) -> Vec<QuestionEntry> {
        if items.len() <= MOST_QUESTIONS {
            self.count(CountedKind::Questions, items.len() as u64, list);
        }
        let mut entries = Vec::new();
        for item in items {
            let entry = self.question_entry(item, pools, whereabouts);
            self.register.lost_slots += u64::from(entry.is_none());
            entries.extend(entry);
        }
        entries
    }

    fn question_entry(
        &mut self,
        spot: &LocatedNode<'n>,
        pools: Option<PoolSite>,
        whereabouts: ReferenceSite,
    ) -> Option<QuestionEntry> {
        let entry = self.object_unchecked(spot)?;
        if let Some(pool) = entry.get("pool") {
            self.reject_other_members(&entry, &[&["pool"]]);
            let Some(site) = pools else {
                self.fault(DocumentFaultCode::PoolSource, &pool.place);
                return None;
            };
            return Some(QuestionEntry::Pool { pool: self.pool(&pool, site)? });
        }
        if entry.has("ref") {
            return self.reference(&entry, whereabouts);
        }
        self.question(spot).map(|question| QuestionEntry::Question(question.into()))
    }
}
