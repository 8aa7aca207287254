//! The order in which things are shown.

use super::model::PartOrder;
use super::random::{Seed, shuffled};
use crate::document::model::{Item, MatchQuestion, MultipleChoice, Question, QuestionBody};

/// The indexes 0 to `size` - 1, shuffled if asked for; a pinned one keeps its place.
pub(super) fn arrange(
    seed: &Seed,
    shuffle: bool,
    label: impl Fn() -> String,
    size: usize,
    pinned: impl Fn(usize) -> bool,
) -> Vec<usize> {
    if shuffle { shuffled(seed, &label(), size, pinned) } else { (0..size).collect() }
}

/// The order of a question's choices, or of its items and options.
pub(super) fn of_question(seed: &Seed, question: &Question) -> PartOrder {
    match &question.kind {
        QuestionBody::MultipleChoice(definition) => {
            PartOrder::Choices(of_choices(seed, question, definition))
        }
        QuestionBody::Match(definition) => of_match(seed, question, definition),
        QuestionBody::Input(_) => PartOrder::None,
    }
}

fn of_choices(seed: &Seed, question: &Question, definition: &MultipleChoice) -> Vec<u16> {
    let label = || format!("question/{}/choices", question.key);
    small(arrange(seed, definition.shuffle, label, definition.choices.len(), |index| {
        definition.choices[index].pinned
    }))
}

fn of_match(seed: &Seed, question: &Question, definition: &MatchQuestion) -> PartOrder {
    let items = || format!("question/{}/items", question.key);
    let options = || format!("question/{}/options", question.key);
    let private = |item: &Item| {
        let label = || format!("question/{}/item/{}/options", question.key, item.key);
        small(arrange(seed, definition.shuffle_options, label, item.options.len(), |_| false))
    };
    PartOrder::Match {
        items: small(arrange(
            seed,
            definition.shuffle_items,
            items,
            definition.items.len(),
            |index| definition.items[index].pinned,
        )),
        options: small(arrange(
            seed,
            definition.shuffle_options,
            options,
            definition.options.len(),
            |index| definition.options[index].pinned,
        )),
        private: definition.items.iter().map(private).collect(),
    }
}

fn small(order: Vec<usize>) -> Vec<u16> {
    order
        .into_iter()
        .map(|index| u16::try_from(index).expect("a question has at most 200 of anything"))
        .collect()
}
