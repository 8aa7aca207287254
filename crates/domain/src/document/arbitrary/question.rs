//! Generated questions: what all have, multiple choice and match.

use super::naming::key;
use super::{DeclaredPaths, percentage, placeholder, points, scaled, text};
use crate::decimal::Decimal;
use crate::document::model::{
    Choice, ChoiceLayout, CountingMatch, CriterionLevel, DimensionAssignment, EffectScore,
    EvaluationMode, Item, MatchQuestion, MultipleChoice, NamePath, PrivateOption, Question,
    QuestionBody, QuestionCriterion, SharedOption,
};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;
use std::sync::Arc;
use uuid::Uuid;

/// A question of any kind.
pub(super) fn question(names: &DeclaredPaths) -> BoxedStrategy<Arc<Question>> {
    let kinds = prop_oneof![
        3 => multiple_choice(&names.effects).prop_map(|kind| (QuestionBody::MultipleChoice(kind), EvaluationMode::Auto)),
        2 => matching(&names.effects).prop_map(|kind| (QuestionBody::Match(kind), EvaluationMode::Auto)),
        4 => super::input::input().prop_map(|(input, evaluation)| (QuestionBody::Input(input), evaluation)),
    ];
    let texts = (
        text::visible(),
        text::markdown(),
        text::markdown(),
        btree_map("[a-z]{1,4}", text::markdown(), 0..2),
    );
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    let judged = (text::markdown(), vec(criterion(), 0..3));
    (kinds, texts, flags, (points(), points()), assignments(&names.dimensions), judged)
        .prop_map(|((kind, evaluation), texts, flags, figures, dimensions, judged)| {
            let ((points, negative_points), (guidance, criteria)) = (figures, judged);
            let rubric: Vec<_> = criteria.into_iter().enumerate().map(numbered_criterion).collect();
            Arc::new(Question {
                key: placeholder(),
                uuid: Uuid::nil(),
                text: texts.0,
                hint: texts.1,
                feedback: texts.2,
                tags: texts.3,
                points,
                negative_points,
                effective: flags.0 && evaluation != EvaluationMode::None,
                required: flags.1,
                pinned: flags.2,
                dimensions,
                evaluation,
                guidance,
                rubric: if evaluation == EvaluationMode::Manual { rubric } else { Vec::new() },
                origin: None,
                kind,
            })
        })
        .boxed()
}

type CriterionParts = (String, Decimal, Vec<(String, Decimal)>);

fn criterion() -> impl Strategy<Value = CriterionParts> {
    let weight = scaled(1..=100_000_000_000, 6);
    (text::title(), weight, vec((text::title(), percentage()), 2..4))
}

fn numbered_criterion(
    (index, (title, weight, levels)): (usize, CriterionParts),
) -> QuestionCriterion {
    let level = |(index, (title, percentage))| CriterionLevel {
        key: key("l", index),
        title,
        description: String::new(),
        percentage,
    };
    let levels = levels.into_iter().enumerate().map(level).collect();
    let description = "What it *means*.".to_owned();
    QuestionCriterion { key: key("c", index), title, description, weight, levels }
}

/// Some of the paths, each at most once.
fn some_paths(paths: &[NamePath]) -> impl Strategy<Value = Vec<NamePath>> + use<> {
    let most = paths.len().min(3);
    prop::sample::subsequence(paths.to_vec(), 0..=most)
}

fn assignments(paths: &[NamePath]) -> impl Strategy<Value = Vec<DimensionAssignment>> + use<> {
    (some_paths(paths), vec((points(), points()), 3)).prop_map(|(paths, figures)| {
        let assign = |(path, (points, negative_points))| DimensionAssignment {
            path,
            points,
            negative_points,
        };
        paths.into_iter().zip(figures).map(assign).collect()
    })
}

fn effects(paths: &[NamePath]) -> impl Strategy<Value = Vec<EffectScore>> + use<> {
    (some_paths(paths), vec(scaled(-100_000_000_000..=100_000_000_000, 6), 3)).prop_map(
        |(paths, scores)| {
            paths.into_iter().zip(scores).map(|(path, score)| EffectScore { path, score }).collect()
        },
    )
}

fn multiple_choice(paths: &[NamePath]) -> impl Strategy<Value = MultipleChoice> + use<> {
    let choice = (text::visible(), percentage(), effects(paths), any::<bool>(), text::markdown());
    let figures = (
        any::<Index>(),
        any::<Index>(),
        any::<bool>(),
        option::of(scaled(1..=1_000_000, 4)),
        any::<bool>(),
    );
    let layout = prop_oneof![
        Just(ChoiceLayout::Vertical),
        Just(ChoiceLayout::Horizontal),
        Just(ChoiceLayout::Grid),
        Just(ChoiceLayout::Dropdown)
    ];
    (vec(choice, 2..6), figures, layout).prop_map(
        |(choices, (max, min, partial, threshold, shuffle), layout)| {
            let max_selections = super::chosen(max, choices.len());
            let mut choices: Vec<_> =
                choices.into_iter().enumerate().map(numbered_choice).collect();
            if !partial && choices.iter().all(|choice| choice.percentage <= Decimal::ZERO) {
                choices[0].percentage = Decimal::HUNDRED;
            }
            MultipleChoice {
                choices,
                min_selections: super::chosen(min, max_selections as usize),
                max_selections,
                partial,
                threshold: threshold.filter(|_| partial),
                shuffle,
                layout,
            }
        },
    )
}

type ChoiceParts = (String, Decimal, Vec<EffectScore>, bool, String);

fn numbered_choice(
    (index, (text, percentage, effects, pinned, feedback)): (usize, ChoiceParts),
) -> Choice {
    Choice { key: key("c", index), text, percentage, effects, pinned, feedback }
}

fn matching(paths: &[NamePath]) -> impl Strategy<Value = MatchQuestion> + use<> {
    let shared = vec((text::visible(), 0u32..4, any::<bool>()), 0..5);
    let counting = (any::<Index>(), percentage(), effects(paths));
    let figures = (percentage(), percentage(), any::<bool>());
    let item = (text::visible(), vec(text::visible(), 0..4), vec(counting, 0..4), figures);
    (shared, vec(item, 1..5), any::<Index>(), any::<bool>(), any::<bool>()).prop_map(
        |(shared, items, min, shuffle_items, shuffle_options)| {
            let options: Vec<_> = shared.into_iter().enumerate().map(shared_option).collect();
            let items: Vec<_> =
                items.into_iter().enumerate().map(|item| numbered_item(item, &options)).collect();
            let min_matches = super::chosen(min, items.len());
            MatchQuestion { items, options, min_matches, shuffle_items, shuffle_options }
        },
    )
}

fn shared_option((index, (text, max_uses, pinned)): (usize, (String, u32, bool))) -> SharedOption {
    SharedOption { key: key("o", index), text, max_uses, pinned }
}

type CountingParts = (Index, Decimal, Vec<EffectScore>);
type ItemParts = (String, Vec<String>, Vec<CountingParts>, (Decimal, Decimal, bool));

fn numbered_item((index, parts): (usize, ItemParts), shared: &[SharedOption]) -> Item {
    let (text, mut own, counting, (wrong_percentage, blank_percentage, pinned)) = parts;
    if own.is_empty() && shared.is_empty() {
        own.push("only".to_owned());
    }
    let private = |(index, text)| PrivateOption { key: key("own", index), text };
    let options: Vec<_> = own.into_iter().enumerate().map(private).collect();
    let mut usable: Vec<_> = if options.is_empty() {
        shared.iter().map(|option| option.key.clone()).collect()
    } else {
        options.iter().map(|option| option.key.clone()).collect()
    };
    let mut matches = Vec::new();
    for (chosen, percentage, effects) in counting {
        if !usable.is_empty() {
            let option = usable.swap_remove(chosen.index(usable.len()));
            matches.push(CountingMatch { option, percentage, effects });
        }
    }
    Item {
        key: key("i", index),
        text,
        options,
        matches,
        wrong_percentage,
        blank_percentage,
        pinned,
    }
}
