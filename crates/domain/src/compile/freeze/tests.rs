use super::*;
use crate::compile::compile;
use crate::document::EmptyBank;
use crate::document::arbitrary;
use crate::document::model::{BankFilter, QuestionBody};
use crate::fixture::{field, key, number, page, pool, question, section, test};
use crate::time_factor::TimeFactor;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A bank of `size` questions b0, b1 ...
struct NumberedBank(usize);

fn bank_question(id: &str) -> BankQuestion {
    BankQuestion {
        organization_id: own(),
        question_id: QuestionId::from(id),
        folder: String::new(),
        labels: Vec::new(),
        tags: BTreeMap::new(),
        question: Arc::new(question("in-bank", QuestionBody::Input(field(Vec::new())))),
    }
}

impl QuestionBank for NumberedBank {
    fn question(&self, organization: &OrganizationId, id: &QuestionId) -> Option<BankQuestion> {
        let number: usize = id.as_str().strip_prefix('b')?.parse().ok()?;
        (number < self.0 && *organization == own()).then(|| bank_question(id.as_str()))
    }

    fn matching(&self, _: &BankFilter) -> Vec<BankQuestion> {
        (0..self.0).map(|number| bank_question(&format!("b{number}"))).collect()
    }
}

fn own() -> OrganizationId {
    OrganizationId::from("Og1")
}

fn referring(id: &str) -> QuestionEntry {
    QuestionEntry::Ref {
        reference: BankReference { question_id: QuestionId::from(id), organization_id: None },
        overrides: BankOverrides {
            key: key(&format!("own-{id}")),
            points: Some(number("5")),
            negative_points: None,
            effective: Some(false),
            required: None,
            pinned: None,
        },
    }
}

fn holding(entries: Vec<QuestionEntry>) -> Arc<Test> {
    let mut only = page("p", Vec::new());
    only.questions = entries;
    Arc::new(test(vec![section("s", vec![only])]))
}

fn from_bank(name: &str, draw: u32) -> QuestionEntry {
    QuestionEntry::Pool { pool: pool(name, draw, PoolSource::Bank(BankFilter::default())) }
}

fn frozen(test: &Arc<Test>, bank: &dyn QuestionBank) -> Result<Arc<Test>, CompileError> {
    freeze(test, bank, &own(), &Seed([5; 32]))
}

fn drawn(frozen: &Arc<Test>, seed: u8) -> Vec<String> {
    let compiled = compile(frozen, &Seed([seed; 32]), TimeFactor::ONE).unwrap();
    compiled
        .slots
        .iter()
        .map(|slot| slot.question.origin.as_ref().unwrap().question_id.to_string())
        .collect()
}

#[test]
fn a_reference_that_cannot_be_read_is_refused() {
    let refusal = CompileError::BankQuestionUnknown { question: QuestionId::from("b9") };
    assert_eq!(frozen(&holding(vec![referring("b9")]), &NumberedBank(3)), Err(refusal));
}

#[test]
fn a_bank_question_cannot_stand_twice() {
    let refusal = CompileError::BankQuestionRepeated { question: QuestionId::from("b1") };
    assert_eq!(
        frozen(&holding(vec![referring("b1"), referring("b1")]), &NumberedBank(3)),
        Err(refusal)
    );
}

#[test]
fn a_bank_pool_draws_only_from_what_is_left() {
    let refusal = CompileError::PoolTooSmall { pool: key("y"), draw: 2, left: 1 };
    let test = holding(vec![from_bank("x", 1), from_bank("y", 2), referring("b0")]);
    assert_eq!(frozen(&test, &NumberedBank(3)), Err(refusal));
}

#[test]
fn a_reference_becomes_a_question_with_its_overrides_and_origin() {
    let frozen = frozen(&holding(vec![referring("b1")]), &NumberedBank(3)).unwrap();
    let compiled = compile(&frozen, &Seed([0; 32]), TimeFactor::ONE).unwrap();
    let question = &compiled.slots[0].question;
    assert_eq!(
        (question.key.as_str(), question.points, question.effective),
        ("own-b1", number("5"), false)
    );
    assert_eq!(question.uuid, Uuid::new_v5(&frozen.uuid, b"question/own-b1"));
    let origin = BankOrigin { organization_id: own(), question_id: QuestionId::from("b1") };
    assert_eq!(question.origin, Some(origin));
}

#[test]
fn a_listed_pool_leaves_out_what_a_fixed_reference_took() {
    let listed = PoolSource::Questions(vec![referring("b0"), referring("b1"), referring("b2")]);
    let test = holding(vec![QuestionEntry::Pool { pool: pool("x", 2, listed) }, referring("b1")]);
    let frozen = frozen(&test, &NumberedBank(3)).unwrap();
    assert_eq!(drawn(&frozen, 1), ["b0", "b2", "b1"]);
}

#[test]
fn a_page_pool_with_references_never_repeats_a_question() {
    let with =
        |name: &str, id: &str| Page { questions: vec![referring(id)], ..page(name, Vec::new()) };
    let pages = PoolSource::Pages(vec![
        with("p0", "b0"),
        with("p1", "b1"),
        with("p2", "b0"),
        with("p3", "b2"),
    ]);
    let mut only = section("s", Vec::new());
    only.pages = vec![
        PageEntry::Pool { pool: pool("x", 2, pages) },
        PageEntry::Page(Page { questions: vec![referring("b1")], ..page("p", Vec::new()) }),
    ];
    let frozen = frozen(&Arc::new(test(vec![only])), &NumberedBank(3)).unwrap();
    assert_eq!(drawn(&frozen, 1), ["b0", "b2", "b1"]);
}

#[test]
fn freezing_a_frozen_document_changes_nothing() {
    let once =
        frozen(&holding(vec![from_bank("x", 2), referring("b0")]), &NumberedBank(9)).unwrap();
    assert!(Arc::ptr_eq(&once, &frozen(&once, &EmptyBank).unwrap()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn without_bank_use_the_document_is_its_own_frozen_form(test in arbitrary::any_test(), seed: [u8; 32]) {
        let test = Arc::new(test);
        prop_assert!(Arc::ptr_eq(&test, &freeze(&test, &EmptyBank, &own(), &Seed(seed)).unwrap()));
    }

    #[test]
    fn drawn_bank_questions_are_distinct_and_stay_drawn(size in 6usize..40, seed: [u8; 32], other: u8) {
        let test = holding(vec![from_bank("x", 3), from_bank("y", 2), referring("b4")]);
        let frozen = freeze(&test, &NumberedBank(size), &own(), &Seed(seed)).unwrap();
        let drawn_once = drawn(&frozen, other);
        let distinct: HashSet<_> = drawn_once.iter().collect();
        prop_assert_eq!(distinct.len(), 6);
        prop_assert_eq!(&drawn_once, &drawn(&frozen, other.wrapping_add(1)));
    }
}
