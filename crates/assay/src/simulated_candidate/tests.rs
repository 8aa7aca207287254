use super::*;
use domain::document::arbitrary;
use domain::document::model::{PageEntry, PoolSource, QuestionEntry, Test};
use domain::json::JsonNode;
use domain::response::{NoUploads, read};
use proptest::prelude::*;
use std::sync::Arc;

/// Every question a document holds by itself.
fn questions(test: &Test) -> Vec<Arc<Question>> {
    test.sections.iter().flat_map(|section| &section.pages).flat_map(of_page).collect()
}

fn of_page(entry: &PageEntry) -> Vec<Arc<Question>> {
    match entry {
        PageEntry::Page(page) => page.questions.iter().flat_map(of_entry).collect(),
        PageEntry::Pool { pool } => of_pool(&pool.source),
    }
}

fn of_entry(entry: &QuestionEntry) -> Vec<Arc<Question>> {
    match entry {
        QuestionEntry::Question(question) => vec![Arc::clone(question)],
        QuestionEntry::Pool { pool } => of_pool(&pool.source),
        QuestionEntry::Ref { .. } => Vec::new(),
    }
}

fn of_pool(source: &PoolSource) -> Vec<Arc<Question>> {
    match source {
        PoolSource::Pages(pages) => {
            pages.iter().flat_map(|page| &page.questions).flat_map(of_entry).collect()
        }
        PoolSource::Questions(entries) => entries.iter().flat_map(of_entry).collect(),
        PoolSource::Bank(_) => Vec::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_answer_of_an_imitated_candidate_is_refused(test in arbitrary::any_test(), seed: u64) {
        let (mut one, mut same) = (SimulatedCandidate::new(seed), SimulatedCandidate::new(seed));
        for question in questions(&test) {
            let answer = one.answer(&question, test.lang);
            prop_assert_eq!(&answer, &same.answer(&question, test.lang), "the same person answers alike");
            if let Some(answer) = answer {
                let sent = JsonNode::parse(answer.canonical().as_bytes(), 32).unwrap();
                prop_assert_eq!(read(&question, &sent, &NoUploads), Ok(Some(answer)));
            }
        }
    }
}
