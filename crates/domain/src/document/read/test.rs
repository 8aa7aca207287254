//! Reads a whole test.

use super::dimensions_effects::NameTree;
use super::reader::DocumentReader;
use crate::document::fault::DocumentFaultCode;
use crate::document::key::ElementKey;
use crate::document::model::{Enforcement, MandatoryRules, Section, Test};
use crate::json::JsonNode;
use crate::json::{LocatedNode, LocatedObject};

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

impl<'n> DocumentReader<'n, '_> {
    /// The test at a place. The reader's namespace is used when it has no uuid.
    pub fn test(&mut self, spot: &LocatedNode<'n>) -> Option<Test> {
        let object = self.object(spot, &[DEFINED])?;
        self.version(&object);
        let authored = self.uuid(&object);
        let uuid = authored.unwrap_or(self.namespace);
        self.namespace = uuid;
        self.register.uuid(uuid, false, &object.location_of("uuid"));
        let dimensions = self.declared_names(&object, NameTree::Dimensions);
        let effects = self.declared_names(&object, NameTree::Effects);
        let test = Test {
            assay: 1,
            uuid,
            key: self
                .key(&object)
                .map_or_else(|| ElementKey::parse("x").expect("a key"), |(key, _)| key),
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

    fn version(&mut self, object: &LocatedObject<'n>) {
        match object.get("assay") {
            None => self.fault_of_missing(DocumentFaultCode::VersionUnsupported, object, "assay"),
            Some(spot) if *spot.node != JsonNode::Number("1".to_owned()) => {
                self.fault(DocumentFaultCode::VersionUnsupported, &spot.place);
            }
            Some(_) => {}
        }
    }

    fn mandatory(&mut self, object: &LocatedObject<'n>) -> MandatoryRules {
        let default = MandatoryRules::default();
        let Some(spot) = object.get("mandatory") else { return default };
        let Some(entry) = self.object(&spot, &[&["page", "section", "test"]]) else {
            return default;
        };
        let mut word =
            |name, default: Enforcement| self.optional_word(&entry, name).unwrap_or(default);
        MandatoryRules {
            page: word("page", default.page),
            section: word("section", default.section),
            test: word("test", default.test),
        }
    }

    fn sections(&mut self, object: &LocatedObject<'n>) -> Vec<Section> {
        let Some((list, items)) = self.required_list(object, "sections", MOST_SECTIONS) else {
            return Vec::new();
        };
        if items.is_empty() {
            self.fault(DocumentFaultCode::NoSections, &list.place);
        }
        let sections: Vec<_> = items.iter().filter_map(|item| self.section(item)).collect();
        let certain: u64 =
            sections.iter().map(|section| super::slot_range::of_section(section).fewest).sum();
        let empty = sections.iter().any(|section| section.pages.is_empty());
        let complete = sections.len() == items.len() && !items.is_empty() && !empty;
        if complete && certain == 0 && self.register.lost_slots == 0 && !self.is_trusted() {
            self.fault(DocumentFaultCode::NoQuestions, &list.place);
        }
        sections
    }
}
