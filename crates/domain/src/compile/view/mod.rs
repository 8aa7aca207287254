//! What a candidate is sent: the outline of the test and its pages, in compiled order.
//!
//! Never percentages, rules, thresholds, effects, dimensions and their points, negative points, who
//! evaluates, pass mark, levels, staff's description or feedback (feedback travels when its step
//! says so, not here). A question's own `points` are shown: people plan their time by them. Texts
//! are Markdown as authored.

mod input;
mod question;

pub use input::InputView;
pub use question::{ChoiceView, ItemView, KindView, OptionView, QuestionView};

use super::model::{CompiledPage, CompiledTest};
use crate::document::model::{Lang, MandatoryRules, Navigation, TestKind};
use serde::Serialize;
use uuid::Uuid;

/// The test without its questions: what the candidate may know before entering a page.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TestOutline<'test> {
    pub title: &'test str,
    #[serde(rename = "type")]
    pub kind: TestKind,
    pub lang: Lang,
    pub instructions: &'test str,
    /// Empty: it is due once the test is handed in, and no outline is sent then.
    pub closing: &'test str,
    /// Seconds; 0 is none.
    pub time_limit: u32,
    pub navigation: Navigation,
    pub mandatory: MandatoryRules,
    pub sections: Vec<SectionOutline<'test>>,
}

/// A section as the candidate's overview shows it; numbers from 1.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SectionOutline<'test> {
    pub section_no: usize,
    pub uuid: Uuid,
    pub title: &'test str,
    /// Empty until the section may be entered.
    pub intro: &'test str,
    pub time_limit: u32,
    pub navigation: Navigation,
    pub pages: Vec<PageOutline<'test>>,
}

/// A page as the candidate's overview shows it; numbers from 1.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PageOutline<'test> {
    pub page_no: usize,
    pub page_no_in_section: usize,
    pub uuid: Uuid,
    pub title: Option<&'test str>,
    pub time_limit: u32,
    /// Numbers of the slots on the page.
    pub slots: Vec<usize>,
}

/// One page with its questions.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PageView<'test> {
    pub page_no: usize,
    pub page_no_in_section: usize,
    pub section_no: usize,
    pub uuid: Uuid,
    pub title: Option<&'test str>,
    pub text: &'test str,
    pub time_limit: u32,
    pub questions: Vec<QuestionView<'test>>,
}

/// The outline of a compiled test. Texts that are read at a certain moment are sent when it has
/// come: `is_due` says of a section, by its index from 0, whether the candidate has been in it or
/// may enter it now.
#[must_use]
pub fn outline(compiled: &CompiledTest, is_due: impl Fn(usize) -> bool) -> TestOutline<'_> {
    let test = &compiled.test;
    TestOutline {
        title: &test.title,
        kind: test.kind,
        lang: test.lang,
        instructions: &test.instructions,
        closing: "",
        time_limit: compiled.time_limit,
        navigation: test.navigation,
        mandatory: test.mandatory,
        sections: (0..compiled.sections.len())
            .map(|index| section_outline(compiled, index, is_due(index)))
            .collect(),
    }
}

fn section_outline(compiled: &CompiledTest, index: usize, is_due: bool) -> SectionOutline<'_> {
    let authored = compiled.section(index);
    let section = &compiled.sections[index];
    let pages = section.pages.clone().enumerate();
    SectionOutline {
        section_no: index + 1,
        uuid: authored.uuid,
        title: &authored.title,
        intro: if is_due { &authored.intro } else { "" },
        time_limit: section.time_limit,
        navigation: authored.navigation,
        pages: pages
            .map(|(place, page)| page_outline(&compiled.pages[page], page, place))
            .collect(),
    }
}

fn page_outline(page: &CompiledPage, index: usize, place: usize) -> PageOutline<'_> {
    PageOutline {
        page_no: index + 1,
        page_no_in_section: place + 1,
        uuid: page.uuid,
        title: page.title.as_deref(),
        time_limit: page.time_limit,
        slots: page.slots.clone().map(|slot| slot + 1).collect(),
    }
}

/// A page by its index from 0; `None` when there is none.
#[must_use]
pub fn page(compiled: &CompiledTest, index: usize) -> Option<PageView<'_>> {
    let page = compiled.pages.get(index)?;
    let section = &compiled.sections[page.section];
    Some(PageView {
        page_no: index + 1,
        page_no_in_section: index - section.pages.start + 1,
        section_no: page.section + 1,
        uuid: page.uuid,
        title: page.title.as_deref(),
        text: &page.text,
        time_limit: page.time_limit,
        questions: page
            .slots
            .clone()
            .map(|slot| question::view(slot + 1, &compiled.slots[slot], compiled.test.lang))
            .collect(),
    })
}

#[cfg(test)]
mod tests;
