use super::*;
use crate::document::arbitrary;
use crate::document::model::{PageEntry, Pool, PoolSource, Question, QuestionBody, QuestionEntry};
use crate::fixture::{
    choice, choices, field, key, of_questions, page, pool, question, section, test,
};
use model::PartOrder;
use proptest::prelude::*;
use std::collections::HashSet;
use uuid::Uuid;

fn text(name: &str) -> Question {
    question(name, QuestionBody::Input(field(Vec::new())))
}

fn texts(count: usize) -> Vec<QuestionEntry> {
    (0..count).map(|index| QuestionEntry::Question(Arc::new(text(&format!("q{index}"))))).collect()
}

fn compiled(test: &Arc<Test>) -> Result<CompiledTest, CompileError> {
    compile(test, &Seed([1; 32]), TimeFactor::ONE)
}

/// A section of one pool that is spread over pages.
fn spreading(pool: Pool) -> Arc<Test> {
    let mut spread = section("s", Vec::new());
    spread.pages = vec![PageEntry::Pool { pool }];
    Arc::new(test(vec![spread]))
}

fn keys(compiled: &CompiledTest) -> Vec<&str> {
    compiled.slots.iter().map(|slot| slot.question.key.as_str()).collect()
}

#[test]
fn a_test_without_a_question_or_with_too_many_is_not_compilable() {
    assert_eq!(compiled(&of_questions(Vec::new())), Err(CompileError::NoSlots));
    let many = (0..1001).map(|index| text(&format!("q{index}"))).collect();
    assert_eq!(compiled(&of_questions(many)), Err(CompileError::TooManySlots(1001)));
}

#[test]
fn a_pool_that_holds_less_than_it_draws_is_not_compilable() {
    let pool = Pool { spread: Some(1), ..pool("p", 3, PoolSource::Questions(texts(2))) };
    let refusal = CompileError::PoolTooSmall { pool: key("p"), draw: 3, left: 2 };
    assert_eq!(compiled(&spreading(pool)), Err(refusal));
}

#[test]
fn a_document_that_still_refers_to_the_bank_is_not_compilable() {
    let pool = Pool { spread: Some(1), ..pool("p", 1, PoolSource::Bank(Default::default())) };
    assert_eq!(compiled(&spreading(pool)), Err(CompileError::NotFrozen { key: key("p") }));
}

#[test]
fn drawn_questions_are_spread_and_the_first_pages_take_the_remainder() {
    let source = PoolSource::Questions(texts(9));
    let spread = Pool {
        spread: Some(3),
        seconds_per_question: 7,
        required: Some(true),
        ..pool("p", 8, source)
    };
    let factor = TimeFactor::from_hundredths(150).unwrap();
    let compiled = compile(&spreading(spread.clone()), &Seed([1; 32]), factor).unwrap();
    let sizes: Vec<_> = compiled.pages.iter().map(|page| page.slots.len()).collect();
    assert_eq!(sizes, [3, 3, 2]);
    assert_eq!(compiled.pages[1].key, key("p-2"));
    assert_eq!(compiled.pages[1].uuid, Uuid::new_v5(&spread.uuid, b"page/2"));
    let limits: Vec<_> = compiled.pages.iter().map(|page| page.time_limit).collect();
    assert_eq!(limits, [32, 32, 21], "21 and 14 seconds, times 1.5, rounded up");
    assert!(compiled.slots.iter().all(|slot| slot.required && slot.effective));
}

#[test]
fn a_pool_overrides_what_its_questions_say_about_counting() {
    let mut first = page("p", vec![text("a")]);
    let source = PoolSource::Questions(texts(2));
    first.questions.push(QuestionEntry::Pool {
        pool: Pool { effective: Some(false), ..pool("x", 2, source) },
    });
    let compiled = compiled(&Arc::new(test(vec![section("s", vec![first])]))).unwrap();
    assert_eq!(keys(&compiled), ["a", "q0", "q1"]);
    assert_eq!(
        compiled.slots.iter().map(|slot| slot.effective).collect::<Vec<_>>(),
        [true, false, false]
    );
}

#[test]
fn the_time_factor_stretches_every_limit() {
    let mut limited = page("p", vec![text("a")]);
    limited.time_limit = 3;
    let mut timed = section("s", vec![limited, page("p2", vec![text("b")])]);
    timed.time_limit = 10;
    let frozen = Arc::new(Test { time_limit: 1800, ..test(vec![timed]) });
    let compiled =
        compile(&frozen, &Seed([0; 32]), TimeFactor::from_hundredths(125).unwrap()).unwrap();
    assert_eq!((compiled.time_limit, compiled.sections[0].time_limit), (2250, 13));
    assert_eq!((compiled.pages[0].time_limit, compiled.pages[1].time_limit), (4, 0));
}

#[test]
fn choices_are_shuffled_by_their_question_alone() {
    let shuffled = |name: &str| {
        let body = choices(["a", "b", "c", "d"].map(|name| choice(name, "0")).to_vec());
        question(
            name,
            QuestionBody::MultipleChoice(crate::document::model::MultipleChoice {
                shuffle: true,
                ..body
            }),
        )
    };
    let seed = Seed(std::array::from_fn(|index| u8::try_from(index).unwrap()));
    let order = |questions| {
        compile(&of_questions(questions), &seed, TimeFactor::ONE)
            .unwrap()
            .slots
            .pop()
            .unwrap()
            .order
    };
    assert_eq!(
        order(vec![shuffled("q1")]),
        PartOrder::Choices(vec![0, 1, 3, 2]),
        "the published vector a b d c"
    );
    assert_eq!(order(vec![text("new"), shuffled("q1")]), PartOrder::Choices(vec![0, 1, 3, 2]));
}

fn is_permutation(order: &[u16], size: usize) -> bool {
    let mut sorted = order.to_vec();
    sorted.sort_unstable();
    sorted.iter().map(|index| usize::from(*index)).eq(0..size)
}

/// Every question of a document by key, wherever it stands.
fn questions(test: &Test) -> HashSet<String> {
    fn collect(entries: &[QuestionEntry], into: &mut HashSet<String>) {
        for entry in entries {
            match entry {
                QuestionEntry::Question(question) => {
                    into.insert(question.key.to_string());
                }
                QuestionEntry::Pool { pool } => collect_pool(pool, into),
                QuestionEntry::Ref { .. } => {}
            }
        }
    }
    fn collect_pool(pool: &Pool, into: &mut HashSet<String>) {
        match &pool.source {
            PoolSource::Pages(pages) => {
                pages.iter().for_each(|page| collect(&page.questions, into))
            }
            PoolSource::Questions(entries) => collect(entries, into),
            PoolSource::Bank(_) => {}
        }
    }
    let mut found = HashSet::new();
    for entry in test.sections.iter().flat_map(|section| &section.pages) {
        match entry {
            PageEntry::Page(page) => collect(&page.questions, &mut found),
            PageEntry::Pool { pool } => collect_pool(pool, &mut found),
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn compiling_twice_gives_equal_tests_whose_ranges_cover_everything(test in arbitrary::any_test(), seed: [u8; 32]) {
        let frozen = Arc::new(test);
        let compiled = compile(&frozen, &Seed(seed), TimeFactor::ONE).unwrap();
        prop_assert_eq!(&compiled, &compile(&frozen, &Seed(seed), TimeFactor::ONE).unwrap());
        let slots: Vec<_> = compiled.pages.iter().flat_map(|page| page.slots.clone()).collect();
        prop_assert!(slots.into_iter().eq(0..compiled.slots.len()));
        let pages: Vec<_> = compiled.sections.iter().flat_map(|section| section.pages.clone()).collect();
        prop_assert!(pages.into_iter().eq(0..compiled.pages.len()));
        for slot in &compiled.slots {
            prop_assert_eq!(compiled.pages[slot.page].section, slot.section);
            prop_assert!(compiled.sections[slot.section].pages.contains(&slot.page));
        }
    }

    #[test]
    fn nothing_is_invented_or_shown_twice(test in arbitrary::any_test(), seed: [u8; 32]) {
        let existing = questions(&test);
        let compiled = compile(&Arc::new(test), &Seed(seed), TimeFactor::ONE).unwrap();
        let mut met = HashSet::new();
        for slot in &compiled.slots {
            prop_assert!(existing.contains(slot.question.key.as_str()) && met.insert(slot.question.key.clone()));
            let fits = match (&slot.question.kind, &slot.order) {
                (QuestionBody::MultipleChoice(body), PartOrder::Choices(order)) => is_permutation(order, body.choices.len()),
                (QuestionBody::Match(body), PartOrder::Match { items, options, private }) => {
                    is_permutation(items, body.items.len())
                        && is_permutation(options, body.options.len())
                        && body.items.iter().zip(private).all(|(item, order)| is_permutation(order, item.options.len()))
                }
                (QuestionBody::Input(_), PartOrder::None) => true,
                _ => false,
            };
            prop_assert!(fits);
        }
    }

    #[test]
    fn an_edit_in_one_section_changes_no_other(test in arbitrary::any_test(), seed: [u8; 32]) {
        let mut edited = test.clone();
        let last = edited.sections.len() - 1;
        edited.sections[last].pages.push(PageEntry::Page(page("new-page", vec![text("new-question")])));
        edited.sections[last].title.push('!');
        let before = compile(&Arc::new(test), &Seed(seed), TimeFactor::ONE).unwrap();
        let after = compile(&Arc::new(edited), &Seed(seed), TimeFactor::ONE).unwrap();
        let sources = |compiled: &CompiledTest| compiled.sections.iter().map(|section| section.source).collect::<Vec<_>>();
        prop_assert_eq!(sources(&before), sources(&after));
        for (old, new) in before.sections.iter().zip(&after.sections).filter(|(old, _)| old.source != last) {
            let shown = |compiled: &CompiledTest, section: &CompiledSection| {
                let slots = &compiled.slots[section.slots.clone()];
                slots.iter().map(|slot| (slot.question.clone(), slot.order.clone())).collect::<Vec<_>>()
            };
            prop_assert_eq!(shown(&before, old), shown(&after, new));
        }
    }

    #[test]
    fn a_larger_time_factor_never_shortens_a_limit(test in arbitrary::any_test(), less in 100u16..=1000, more in 100u16..=1000) {
        let (less, more) = (less.min(more), less.max(more));
        let frozen = Arc::new(test);
        let limits = |factor| {
            let compiled = compile(&frozen, &Seed([3; 32]), TimeFactor::from_hundredths(factor).unwrap()).unwrap();
            let sections = compiled.sections.iter().map(|section| section.time_limit);
            let pages = compiled.pages.iter().map(|page| page.time_limit);
            std::iter::once(compiled.time_limit).chain(sections).chain(pages).collect::<Vec<_>>()
        };
        prop_assert!(limits(less).iter().zip(limits(more)).all(|(short, long)| *short <= long));
    }
}
