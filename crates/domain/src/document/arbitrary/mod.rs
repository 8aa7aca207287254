//! Generators of valid documents, for property tests.
//!
//! Every test made here passes validation without a bank and without uploaded assets: no bank
//! references, no bank pools. Keys count up in document order and uuids are derived as for an
//! authored document, so shrinking keeps a document valid.

mod input;
mod naming;
mod question;
mod text;

use super::key::ElementKey;
use super::model::{
    DeclaredName, Enforcement, Lang, Level, MandatoryRules, NamePath, Navigation, Page, PageEntry,
    PassMark, Pool, PoolSource, QuestionEntry, Section, Test, TestKind,
};
use crate::decimal::Decimal;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use uuid::Uuid;

/// Valid tests of one to three sections with every kind of question, pools, levels, dimensions and
/// effects.
pub fn any_test() -> impl Strategy<Value = Test> {
    (declared("D"), declared("E")).prop_flat_map(|(dimensions, effects)| {
        let names = DeclaredPaths { dimensions: paths(&dimensions), effects: paths(&effects) };
        let trees = (Just(dimensions), Just(effects));
        (frame(), trees, vec(section(&names), 1..4)).prop_map(|(frame, trees, sections)| {
            let mut test = Test { dimensions: trees.0, effects: trees.1, sections, ..frame };
            naming::number_keys(&mut test);
            test
        })
    })
}

/// The declared paths questions may name.
#[derive(Clone, Debug, Default)]
struct DeclaredPaths {
    dimensions: Vec<NamePath>,
    effects: Vec<NamePath>,
}

fn paths(declared: &[DeclaredName]) -> Vec<NamePath> {
    let below = |name: &DeclaredName| {
        let subs = name
            .sub
            .iter()
            .map(|sub| NamePath(vec![name.name.clone(), sub.clone()]))
            .collect::<Vec<_>>();
        std::iter::once(NamePath(vec![name.name.clone()])).chain(subs)
    };
    declared.iter().flat_map(below).collect()
}

fn declared(letter: &'static str) -> impl Strategy<Value = Vec<DeclaredName>> {
    vec((text::name(), vec(text::name(), 0..3)), 0..4).prop_map(move |entries| {
        let numbered = |(index, (name, subs)): (usize, (String, Vec<String>))| DeclaredName {
            name: format!("{letter}{index} {name}"),
            sub: subs
                .into_iter()
                .enumerate()
                .map(|(sub, name)| format!("{letter}{sub} {name}"))
                .collect(),
        };
        entries.into_iter().enumerate().map(numbered).collect()
    })
}

/// Everything of a test but its trees and sections.
fn frame() -> impl Strategy<Value = Test> {
    let words = (
        prop_oneof![
            Just(TestKind::Performance),
            Just(TestKind::Inventory),
            Just(TestKind::Interview)
        ],
        prop_oneof![Just(Lang::En), Just(Lang::Tr), Just(Lang::Pt)],
        navigation(),
        mandatory(),
    );
    let texts = (text::title(), text::markdown(), text::markdown(), text::markdown());
    let rest = (any::<u128>(), time_limit(), any::<bool>(), option::of(pass_mark()), levels());
    (words, texts, rest).prop_map(
        |(words, texts, (uuid, time_limit, shuffle_sections, pass_mark, levels))| Test {
            assay: 1,
            uuid: uuid::Builder::from_random_bytes(uuid.to_be_bytes()).into_uuid(),
            key: placeholder(),
            title: texts.0,
            kind: words.0,
            lang: words.1,
            description: texts.1,
            instructions: texts.2,
            closing: texts.3,
            time_limit,
            navigation: words.2,
            shuffle_sections,
            mandatory: words.3,
            pass_mark,
            levels,
            dimensions: Vec::new(),
            effects: Vec::new(),
            sections: Vec::new(),
        },
    )
}

fn navigation() -> impl Strategy<Value = Navigation> {
    prop_oneof![Just(Navigation::Free), Just(Navigation::Back), Just(Navigation::Linear)]
}

fn mandatory() -> impl Strategy<Value = MandatoryRules> {
    let enforcement =
        || prop_oneof![Just(Enforcement::Off), Just(Enforcement::Warn), Just(Enforcement::Prevent)];
    (enforcement(), enforcement(), enforcement()).prop_map(|(page, section, test)| MandatoryRules {
        page,
        section,
        test,
    })
}

fn pass_mark() -> impl Strategy<Value = PassMark> {
    prop_oneof![
        scaled(-1_000_000..=1_000_000, 6).prop_map(PassMark::Ratio),
        scaled(0..=100_000_000, 6).prop_map(PassMark::Points),
    ]
}

fn levels() -> impl Strategy<Value = Vec<Level>> {
    vec((text::name(), 1i64..400_000), 0..4).prop_map(|steps| {
        let mut from = -500_000;
        let rising = |(index, (name, step)): (usize, (String, i64))| {
            from += step;
            Level { name: format!("L{index} {name}"), from: (index > 0).then(|| decimal(from, 6)) }
        };
        steps.into_iter().enumerate().map(rising).collect()
    })
}

fn time_limit() -> impl Strategy<Value = u32> {
    prop_oneof![3 => Just(0u32), 1 => 1u32..=604_800]
}

fn section(names: &DeclaredPaths) -> impl Strategy<Value = Section> + use<> {
    let words = (text::title(), text::markdown(), navigation());
    let rest = (time_limit(), any::<bool>(), any::<bool>(), any::<prop::sample::Index>());
    let pages = (answerable_page(names), vec(page_entry(names), 0..3));
    (words, rest, pages).prop_map(
        |(words, (time_limit, shuffle_pages, pinned, blanks), (first, others))| {
            let pages: Vec<_> = std::iter::once(PageEntry::Page(first)).chain(others).collect();
            Section {
                key: placeholder(),
                title: words.0,
                uuid: Uuid::nil(),
                intro: words.1,
                time_limit,
                navigation: words.2,
                shuffle_pages,
                pinned,
                // The first page always holds one question, whatever is drawn elsewhere.
                ignorable_blanks: u32::try_from(blanks.index(2)).expect("an index below 2 fits"),
                pages,
            }
        },
    )
}

fn page_entry(names: &DeclaredPaths) -> impl Strategy<Value = PageEntry> + use<> {
    let draws = || any::<prop::sample::Index>();
    prop_oneof![
        4 => page(names, 0..3).prop_map(PageEntry::Page),
        1 => (vec(page(names, 0..3), 1..4), draws()).prop_map(|(pages, draw)| PageEntry::Pool {
            pool: Pool { draw: chosen(draw, pages.len()), ..pool(PoolSource::Pages(pages)) },
        }),
        1 => spread_pool(names).prop_map(|pool| PageEntry::Pool { pool }),
    ]
}

fn spread_pool(names: &DeclaredPaths) -> impl Strategy<Value = Pool> + use<> {
    let figures = (any::<prop::sample::Index>(), any::<bool>(), time_limit());
    (question_pool(names), figures).prop_map(|(pool, (spread, shuffle, seconds_per_question))| {
        Pool {
            spread: Some(chosen(spread, pool.draw as usize)),
            shuffle,
            seconds_per_question,
            ..pool
        }
    })
}

fn question_pool(names: &DeclaredPaths) -> impl Strategy<Value = Pool> + use<> {
    let questions = vec(question::question(names).prop_map(QuestionEntry::Question), 1..4);
    let overrides = (option::of(any::<bool>()), option::of(any::<bool>()));
    (questions, any::<prop::sample::Index>(), overrides).prop_map(
        |(questions, draw, (required, effective))| Pool {
            draw: chosen(draw, questions.len()),
            required,
            effective,
            ..pool(PoolSource::Questions(questions))
        },
    )
}

fn pool(source: PoolSource) -> Pool {
    Pool {
        key: placeholder(),
        uuid: Uuid::nil(),
        draw: 1,
        source,
        required: None,
        effective: None,
        spread: None,
        shuffle: false,
        seconds_per_question: 0,
    }
}

fn answerable_page(names: &DeclaredPaths) -> impl Strategy<Value = Page> + use<> {
    (question::question(names), page(names, 0..3)).prop_map(|(question, mut page)| {
        page.questions.push(QuestionEntry::Question(question));
        page
    })
}

fn page(
    names: &DeclaredPaths,
    size: std::ops::Range<usize>,
) -> impl Strategy<Value = Page> + use<> {
    let entry = prop_oneof![
        5 => question::question(names).prop_map(QuestionEntry::Question),
        1 => question_pool(names).prop_map(|pool| QuestionEntry::Pool { pool }),
    ];
    let words = (option::of(text::title()), text::visible());
    let rest = (time_limit(), any::<bool>(), any::<bool>());
    (words, rest, vec(entry, size)).prop_map(
        |(words, (time_limit, shuffle_questions, pinned), questions)| Page {
            key: placeholder(),
            title: words.0,
            uuid: Uuid::nil(),
            text: words.1,
            time_limit,
            shuffle_questions,
            pinned,
            questions,
        },
    )
}

/// 1 to `most`.
fn chosen(index: prop::sample::Index, most: usize) -> u32 {
    u32::try_from(index.index(most) + 1).expect("generated lists are short")
}

/// Decimals of `decimals` decimals, given as whole multiples of the smallest step.
fn scaled(steps: std::ops::RangeInclusive<i64>, decimals: u32) -> impl Strategy<Value = Decimal> {
    steps.prop_map(move |steps| decimal(steps, decimals))
}

fn decimal(steps: i64, decimals: u32) -> Decimal {
    let unit = 10u64.pow(decimals);
    let sign = if steps < 0 { "-" } else { "" };
    let magnitude = steps.unsigned_abs();
    let width = decimals as usize;
    let literal = format!("{sign}{}.{:0width$}", magnitude / unit, magnitude % unit);
    Decimal::parse(&literal).expect("a plain literal")
}

fn percentage() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        prop::sample::select(vec![0i64, 25, 50, 100, -25, -100]).prop_map(Decimal::from),
        scaled(-1_000_000..=1_000_000, 4),
    ]
}

fn points() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        Just(Decimal::ONE),
        (0i64..6).prop_map(Decimal::from),
        scaled(0..=100_000_000_000, 6)
    ]
}

/// Stands until `naming` has gone over the document.
fn placeholder() -> ElementKey {
    ElementKey::parse("x").expect("a key")
}
