//! Reads a whole test.

use super::declared::Tree;
use super::place::{Object, Spot};
use super::reader::Reader;
use crate::document::fault::Code;
use crate::document::key::Key;
use crate::document::model::{Enforcement, Mandatory, Section, Test};
use crate::json::Node;

const DEFINED: &[&str] = &[
    "assay",
    "uuid",
    "key",
    "title",
    "type",
    "lang",
    "description",
    "instructions",
    "closing",
    "timeLimit",
    "navigation",
    "shuffleSections",
    "mandatory",
    "passMark",
    "levels",
    "dimensions",
    "effects",
    "sections",
];
const MOST_SECTIONS: usize = 100;

impl<'n> Reader<'n, '_> {
    /// The test at a place. The reader's namespace is used when it has no uuid.
    pub fn test(&mut self, spot: &Spot<'n>) -> Option<Test> {
        let object = self.object(spot, &[DEFINED])?;
        self.version(&object);
        let authored = self.uuid(&object);
        let uuid = authored.unwrap_or(self.namespace);
        self.namespace = uuid;
        self.register.uuid(uuid, false, &object.place_of("uuid"));
        let dimensions = self.tree(&object, Tree::Dimensions);
        let effects = self.tree(&object, Tree::Effects);
        let test = Test {
            assay: 1,
            uuid,
            key: self.key(&object).map_or_else(|| Key::parse("x").expect("a key"), |(key, _)| key),
            title: self.title(&object, "title"),
            kind: self.word(&object, "type"),
            lang: self.word(&object, "lang"),
            description: self.markdown(&object, "description"),
            instructions: self.markdown(&object, "instructions"),
            closing: self.markdown(&object, "closing"),
            time_limit: self.time_limit(&object, "timeLimit"),
            navigation: self.word(&object, "navigation"),
            shuffle_sections: self.flag(&object, "shuffleSections", false),
            mandatory: self.mandatory(&object),
            pass_mark: self.pass_mark(&object),
            levels: self.levels(&object),
            dimensions,
            effects,
            sections: self.sections(&object),
        };
        self.check_whole();
        Some(test)
    }

    fn version(&mut self, object: &Object<'n>) {
        match object.get("assay") {
            None => self.fault_of_absent(Code::VersionUnsupported, object, "assay"),
            Some(spot) if *spot.node != Node::Number("1".to_owned()) => {
                self.fault(Code::VersionUnsupported, &spot.place);
            }
            Some(_) => {}
        }
    }

    fn mandatory(&mut self, object: &Object<'n>) -> Mandatory {
        let default = Mandatory::default();
        let Some(spot) = object.get("mandatory") else { return default };
        let Some(entry) = self.object(&spot, &[&["page", "section", "test"]]) else { return default };
        let mut word = |name, default: Enforcement| self.optional_word(&entry, name).unwrap_or(default);
        Mandatory {
            page: word("page", default.page),
            section: word("section", default.section),
            test: word("test", default.test),
        }
    }

    fn sections(&mut self, object: &Object<'n>) -> Vec<Section> {
        let Some((list, items)) = self.required_list(object, "sections", MOST_SECTIONS) else { return Vec::new() };
        if items.is_empty() {
            self.fault(Code::NoSections, &list.place);
        }
        let sections: Vec<_> = items.iter().filter_map(|item| self.section(item)).collect();
        let certain: u64 = sections.iter().map(|section| super::slots::of_section(section).fewest).sum();
        let empty = sections.iter().any(|section| section.pages.is_empty());
        let complete = sections.len() == items.len() && !items.is_empty() && !empty;
        if complete && certain == 0 && self.register.lost_slots == 0 && !self.is_trusted() {
            self.fault(Code::NoQuestions, &list.place);
        }
        sections
    }
}
