//! What a test takes from the question bank, as it is written: named questions and pools that draw
//! there.

use super::model::{BankFilter, BankReference, Page, PageEntry, PoolSource, QuestionEntry, Test};

/// One place of a test that the bank fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BankSlot<'test> {
    Reference(&'test BankReference),
    Pool(&'test BankFilter),
}

/// Every such place in document order.
#[must_use]
pub fn bank_slots(test: &Test) -> Vec<BankSlot<'_>> {
    let mut found = Vec::new();
    for entry in test.sections.iter().flat_map(|section| &section.pages) {
        match entry {
            PageEntry::Page(page) => of_page(page, &mut found),
            PageEntry::Pool { pool } => of_source(&pool.source, &mut found),
        }
    }
    found
}

fn of_page<'test>(page: &'test Page, found: &mut Vec<BankSlot<'test>>) {
    of_entries(&page.questions, found);
}

fn of_entries<'test>(entries: &'test [QuestionEntry], found: &mut Vec<BankSlot<'test>>) {
    for entry in entries {
        match entry {
            QuestionEntry::Question(_) => {}
            QuestionEntry::Ref { reference, .. } => found.push(BankSlot::Reference(reference)),
            QuestionEntry::Pool { pool } => of_source(&pool.source, found),
        }
    }
}

fn of_source<'test>(source: &'test PoolSource, found: &mut Vec<BankSlot<'test>>) {
    match source {
        PoolSource::Pages(pages) => pages.iter().for_each(|page| of_page(page, found)),
        PoolSource::Questions(entries) => of_entries(entries, found),
        PoolSource::Bank(filter) => found.push(BankSlot::Pool(filter)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::parse_stored;

    const TEXT: &str = r#"{"assay":1,"uuid":"5f0c2a8e-6f0b-4c3e-9a51-0d6f3c1b7e20","key":"t","title":"T","sections":[
        {"key":"s","title":"S","pages":[
            {"key":"p","questions":[
                {"ref":{"questionId":"Qu1"}},
                {"pool":{"key":"a","draw":1,"questions":[{"ref":{"questionId":"Qu2"}}]}},
                {"key":"q","kind":"input","type":"area","text":"Why?"}]},
            {"pool":{"key":"b","draw":1,"spread":1,"bank":{"folder":"Maths"}}},
            {"pool":{"key":"c","draw":1,"pages":[{"key":"p2","questions":[{"ref":{"questionId":"Qu3"}}]}]}}]}]}"#;

    #[test]
    fn references_and_pools_are_found_wherever_they_stand() {
        let test = parse_stored(TEXT).unwrap();
        let reported: Vec<String> = bank_slots(&test)
            .iter()
            .map(|taken| match taken {
                BankSlot::Reference(reference) => reference.question_id.to_string(),
                BankSlot::Pool(filter) => filter.folder.clone().unwrap_or_default(),
            })
            .collect();
        assert_eq!(reported, ["Qu1", "Qu2", "Maths", "Qu3"]);
    }
}
