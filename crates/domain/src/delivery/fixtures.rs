//! Compiled tests for the tests of this module, made by hand: only what delivery asks about is
//! filled in.

use crate::compile::model::{CompiledPage, CompiledSection, CompiledTest, PartOrder, Slot};
use crate::decimal::Decimal;
use crate::document::key::ElementKey;
use crate::document::model::{
    ChoiceLayout, EvaluationMode, Lang, MandatoryRules, MultipleChoice, Navigation, Question,
    QuestionBody, Section, Test, TestKind,
};
use crate::time_factor::TimeFactor;
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// A section: its mode, its limit, and the limits of its pages. Every page holds one required slot.
#[derive(Clone, Debug)]
pub struct SectionPlan {
    pub navigation: Navigation,
    pub seconds: u32,
    pub pages: Vec<u32>,
}

#[derive(Clone, Debug)]
pub struct TestPlan {
    pub navigation: Navigation,
    pub seconds: u32,
    pub mandatory: MandatoryRules,
    pub parts: Vec<SectionPlan>,
}

pub fn part(navigation: Navigation, seconds: u32, pages: &[u32]) -> SectionPlan {
    SectionPlan { navigation, seconds, pages: pages.to_vec() }
}

pub fn plan(navigation: Navigation, seconds: u32, parts: &[SectionPlan]) -> TestPlan {
    TestPlan { navigation, seconds, mandatory: MandatoryRules::default(), parts: parts.to_vec() }
}

fn key(name: &str, index: usize) -> ElementKey {
    ElementKey::parse(&format!("{name}{index}")).unwrap()
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
        evaluation: EvaluationMode::Auto,
        guidance: String::new(),
        rubric: Vec::new(),
        origin: None,
        kind: QuestionBody::MultipleChoice(MultipleChoice {
            choices: Vec::new(),
            min_selections: 1,
            max_selections: 1,
            partial: true,
            threshold: None,
            shuffle: false,
            layout: ChoiceLayout::Vertical,
        }),
    })
}

fn section(index: usize, part: &SectionPlan) -> Section {
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

fn test(plan: &TestPlan) -> Test {
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

impl TestPlan {
    pub fn compile(&self) -> CompiledTest {
        self.compile_with(TimeFactor::ONE)
    }

    pub fn compile_with(&self, factor: TimeFactor) -> CompiledTest {
        let mut pages = Vec::new();
        let mut sections = Vec::new();
        for (source, part) in self.parts.iter().enumerate() {
            let first = pages.len();
            for seconds in &part.pages {
                pages.push(page(pages.len(), source, factor.scale(*seconds)));
            }
            let range = first..pages.len();
            let time_limit = factor.scale(part.seconds);
            sections.push(CompiledSection {
                source,
                time_limit,
                pages: range.clone(),
                slots: range,
            });
        }
        let slot = |page: &CompiledPage| Slot {
            question: question(page.slots.start),
            section: page.section,
            page: page.slots.start,
            required: true,
            effective: true,
            order: PartOrder::None,
        };
        let slots = pages.iter().map(slot).collect();
        let time_limit = factor.scale(self.seconds);
        CompiledTest { test: Arc::new(test(self)), time_limit, sections, pages, slots }
    }
}
