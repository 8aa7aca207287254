//! Compiled tests for the tests of this room, made by hand: only what delivery asks about is filled in.

use crate::compile::model::{Compiled, CompiledPage, CompiledSection, Order, Slot};
use crate::decimal::Decimal;
use crate::document::key::Key;
use crate::document::model::{
    Evaluation, Kind, Lang, Layout, Mandatory, MultipleChoice, Navigation, Question, Section, Test, TestKind,
};
use crate::time_factor::TimeFactor;
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// A section: its mode, its limit, and the limits of its pages. Every page holds one required slot.
#[derive(Clone, Debug)]
pub struct Part {
    pub navigation: Navigation,
    pub seconds: u32,
    pub pages: Vec<u32>,
}

#[derive(Clone, Debug)]
pub struct Plan {
    pub navigation: Navigation,
    pub seconds: u32,
    pub mandatory: Mandatory,
    pub parts: Vec<Part>,
}

pub fn part(navigation: Navigation, seconds: u32, pages: &[u32]) -> Part {
    Part { navigation, seconds, pages: pages.to_vec() }
}

pub fn plan(navigation: Navigation, seconds: u32, parts: &[Part]) -> Plan {
    Plan { navigation, seconds, mandatory: Mandatory::default(), parts: parts.to_vec() }
}

fn key(name: &str, index: usize) -> Key {
    Key::parse(&format!("{name}{index}")).unwrap()
}

fn question(index: usize) -> Arc<Question> {
    Arc::new(Question {
        key: key("q", index),
        uuid: Uuid::nil(),
        text: "?".into(),
        hint: String::new(),
        feedback: String::new(),
        tags: BTreeMap::new(),
        points: Decimal::ONE,
        negative_points: Decimal::ZERO,
        effective: true,
        required: true,
        pinned: false,
        dimensions: Vec::new(),
        evaluation: Evaluation::Auto,
        origin: None,
        kind: Kind::MultipleChoice(MultipleChoice {
            choices: Vec::new(),
            min_selections: 1,
            max_selections: 1,
            partial: true,
            threshold: None,
            shuffle: false,
            layout: Layout::Vertical,
        }),
    })
}

fn section(index: usize, part: &Part) -> Section {
    Section {
        key: key("s", index),
        title: "Section".into(),
        uuid: Uuid::nil(),
        intro: String::new(),
        time_limit: part.seconds,
        navigation: part.navigation,
        shuffle_pages: false,
        pinned: false,
        ignorable_blanks: 0,
        pages: Vec::new(),
    }
}

fn page(index: usize, section: usize, seconds: u32) -> CompiledPage {
    let key = key("p", index);
    CompiledPage {
        key,
        uuid: Uuid::nil(),
        title: None,
        text: "".into(),
        section,
        time_limit: seconds,
        slots: index..index + 1,
    }
}

fn test(plan: &Plan) -> Test {
    Test {
        assay: 1,
        uuid: Uuid::nil(),
        key: key("t", 0),
        title: "Test".into(),
        kind: TestKind::Performance,
        lang: Lang::En,
        description: String::new(),
        instructions: String::new(),
        closing: String::new(),
        time_limit: plan.seconds,
        navigation: plan.navigation,
        shuffle_sections: false,
        mandatory: plan.mandatory,
        pass_mark: None,
        levels: Vec::new(),
        dimensions: Vec::new(),
        effects: Vec::new(),
        sections: plan.parts.iter().enumerate().map(|(index, part)| section(index, part)).collect(),
    }
}

impl Plan {
    pub fn compile(&self) -> Compiled {
        self.compile_with(TimeFactor::ONE)
    }

    pub fn compile_with(&self, factor: TimeFactor) -> Compiled {
        let mut pages = Vec::new();
        let mut sections = Vec::new();
        for (source, part) in self.parts.iter().enumerate() {
            let first = pages.len();
            for seconds in &part.pages {
                pages.push(page(pages.len(), source, factor.scale(*seconds)));
            }
            let range = first..pages.len();
            let time_limit = factor.scale(part.seconds);
            sections.push(CompiledSection { source, time_limit, pages: range.clone(), slots: range });
        }
        let slot = |page: &CompiledPage| Slot {
            question: question(page.slots.start),
            section: page.section,
            page: page.slots.start,
            required: true,
            effective: true,
            order: Order::None,
        };
        let slots = pages.iter().map(slot).collect();
        let time_limit = factor.scale(self.seconds);
        Compiled { test: Arc::new(test(self)), time_limit, sections, pages, slots }
    }
}
