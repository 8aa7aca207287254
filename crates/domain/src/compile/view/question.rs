//! A question as it is shown.

use super::input::{self, InputView};
use crate::compile::model::{PartOrder, Slot};
use crate::document::key::ElementKey;
use crate::document::model::{
    ChoiceLayout, Item, Lang, MatchQuestion, MultipleChoice, PrivateOption, QuestionBody,
};
use serde::Serialize;

/// A question as the candidate gets it: nothing of its scoring but the points.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QuestionView<'test> {
    /// The slot number, from 1.
    pub slot: usize,
    pub text: &'test str,
    pub hint: &'test str,
    /// What a right answer earns.
    pub points: crate::decimal::Decimal,
    pub required: bool,
    #[serde(flatten)]
    pub kind: KindView<'test>,
}

/// What is to be done with a question, by its kind.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum KindView<'test> {
    #[serde(rename_all = "camelCase")]
    MultipleChoice {
        min_selections: u32,
        max_selections: u32,
        layout: ChoiceLayout,
        choices: Vec<ChoiceView<'test>>,
    },
    #[serde(rename_all = "camelCase")]
    Match {
        min_matches: u32,
        items: Vec<ItemView<'test>>,
        options: Vec<OptionView<'test>>,
    },
    Input(InputView<'test>),
}

/// A choice, in the order of this instance.
#[derive(Debug, Serialize)]
pub struct ChoiceView<'test> {
    pub key: &'test ElementKey,
    pub text: &'test str,
}

/// An item; `options` are its private ones and absent when it uses the common pool.
#[derive(Debug, Serialize)]
pub struct ItemView<'test> {
    pub key: &'test ElementKey,
    pub text: &'test str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<ChoiceView<'test>>,
}

/// An option that items are matched with.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OptionView<'test> {
    pub key: &'test ElementKey,
    pub text: &'test str,
    /// 0 is unlimited.
    pub max_uses: u32,
}

impl QuestionView<'_> {
    /// Hands over all its texts in Markdown.
    pub fn each_text(&self, each: &mut dyn FnMut(&str)) {
        each(self.text);
        each(self.hint);
        match &self.kind {
            KindView::MultipleChoice { choices, .. } => {
                choices.iter().for_each(|choice| each(choice.text));
            }
            KindView::Match { items, options, .. } => {
                for item in items {
                    each(item.text);
                    item.options.iter().for_each(|option| each(option.text));
                }
                options.iter().for_each(|option| each(option.text));
            }
            KindView::Input(_) => {}
        }
    }

    /// Bytes of all its texts: what showing it costs.
    #[must_use]
    pub fn text_bytes(&self) -> usize {
        let choices = |choices: &[ChoiceView<'_>]| {
            choices.iter().map(|choice| choice.text.len()).sum::<usize>()
        };
        let kind = match &self.kind {
            KindView::MultipleChoice { choices: shown, .. } => choices(shown),
            KindView::Match { items, options, .. } => {
                let pool: usize = options.iter().map(|option| option.text.len()).sum();
                // Every item of the common pool lists all of it.
                items
                    .iter()
                    .map(|item| item.text.len() + choices(&item.options).max(pool))
                    .sum::<usize>()
                    + pool
            }
            KindView::Input(_) => 0,
        };
        self.text.len() + self.hint.len() + kind
    }
}

pub(super) fn view(number: usize, slot: &Slot, lang: Lang) -> QuestionView<'_> {
    let question = &slot.question;
    QuestionView {
        slot: number,
        text: &question.text,
        hint: &question.hint,
        points: question.points,
        required: slot.required,
        kind: match (&question.kind, &slot.order) {
            (QuestionBody::MultipleChoice(definition), PartOrder::Choices(order)) => {
                choices(definition, order)
            }
            (QuestionBody::Match(definition), PartOrder::Match { items, options, private }) => {
                matching(definition, items, options, private)
            }
            (
                QuestionBody::MultipleChoice(definition),
                PartOrder::None | PartOrder::Match { .. },
            ) => choices(definition, &[]),
            (QuestionBody::Match(definition), PartOrder::None | PartOrder::Choices(_)) => {
                matching(definition, &[], &[], &[])
            }
            (
                QuestionBody::Input(definition),
                PartOrder::None | PartOrder::Choices(_) | PartOrder::Match { .. },
            ) => KindView::Input(input::view(definition, lang)),
        },
    }
}

fn choices<'test>(definition: &'test MultipleChoice, order: &[u16]) -> KindView<'test> {
    let shown = order.iter().map(|index| &definition.choices[usize::from(*index)]);
    KindView::MultipleChoice {
        min_selections: definition.min_selections,
        max_selections: definition.max_selections,
        layout: definition.layout,
        choices: shown.map(|choice| ChoiceView { key: &choice.key, text: &choice.text }).collect(),
    }
}

fn matching<'test>(
    definition: &'test MatchQuestion,
    items: &[u16],
    options: &[u16],
    private: &[Vec<u16>],
) -> KindView<'test> {
    let shown_items = items.iter().map(|index| usize::from(*index));
    let shown_options = options.iter().map(|index| &definition.options[usize::from(*index)]);
    KindView::Match {
        min_matches: definition.min_matches,
        items: shown_items.map(|index| item(&definition.items[index], &private[index])).collect(),
        options: shown_options
            .map(|option| OptionView {
                key: &option.key,
                text: &option.text,
                max_uses: option.max_uses,
            })
            .collect(),
    }
}

fn item<'test>(item: &'test Item, order: &[u16]) -> ItemView<'test> {
    let shown = order.iter().map(|index| &item.options[usize::from(*index)]);
    let option = |option: &'test PrivateOption| ChoiceView { key: &option.key, text: &option.text };
    ItemView { key: &item.key, text: &item.text, options: shown.map(option).collect() }
}
