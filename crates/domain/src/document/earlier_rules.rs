//! Documents that were kept before they said how loosely typed answers are compared: they are
//! judged by the rules of engine version 1 until they are kept anew (domain rules, 2.7).

use super::model::{
    Input, Page, PageEntry, PoolSource, Question, QuestionBody, QuestionEntry, Test,
};

/// Whether a question of the document itself, not of the bank, judges what is typed by the rules of
/// before.
#[must_use]
pub fn has_earlier_rules(test: &Test) -> bool {
    test.sections.iter().flat_map(|section| &section.pages).any(of_page_entry)
}

/// Whether a question judges what is typed by the rules of before.
#[must_use]
pub fn is_judged_by_earlier_rules(question: &Question) -> bool {
    match &question.kind {
        QuestionBody::Input(Input::Field(text) | Input::Area(text)) => {
            text.normalisation.typography.is_none() && !text.rules.is_empty()
        }
        QuestionBody::Input(Input::Numeric(numeric)) => numeric.typography.is_none(),
        QuestionBody::Input(Input::Tabular(table)) => table.normalisation.typography.is_none(),
        QuestionBody::Input(
            Input::Rich(_)
            | Input::Code(_)
            | Input::Audio(_)
            | Input::Video(_)
            | Input::File(_)
            | Input::Photo(_),
        )
        | QuestionBody::MultipleChoice(_)
        | QuestionBody::Match(_) => false,
    }
}

fn of_page_entry(entry: &PageEntry) -> bool {
    match entry {
        PageEntry::Page(page) => of_page(page),
        PageEntry::Pool { pool } => of_source(&pool.source),
    }
}

fn of_page(page: &Page) -> bool {
    page.questions.iter().any(of_entry)
}

fn of_entry(entry: &QuestionEntry) -> bool {
    match entry {
        QuestionEntry::Question(question) => {
            question.origin.is_none() && is_judged_by_earlier_rules(question)
        }
        QuestionEntry::Ref { .. } => false,
        QuestionEntry::Pool { pool } => of_source(&pool.source),
    }
}

fn of_source(source: &PoolSource) -> bool {
    match source {
        PoolSource::Pages(pages) => pages.iter().any(of_page),
        PoolSource::Questions(entries) => entries.iter().any(of_entry),
        PoolSource::Bank(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::compile;
    use crate::compile::random::Seed;
    use crate::document::{
        DocumentFormat, EmptyBank, ValidationContext, parse_stored, read, stored_digest, to_stored,
    };
    use crate::fixture::{STORED_BY_VERSION_1, desk_screening};
    use crate::id::OrganizationId;
    use crate::json::JsonNode;
    use crate::response::{self, NoUploads, is_valid};
    use crate::scoring::{Answer, ScoringInputs, inputs_digest, score};
    use crate::time_factor::TimeFactor;
    use uuid::Uuid;

    fn authored(text: &str) -> Test {
        let surroundings = ValidationContext {
            bank: &EmptyBank,
            has_asset: &|_| false,
            organization: OrganizationId::from("Og1"),
        };
        read(text.as_bytes(), DocumentFormat::Json, Uuid::from_u128(7), &surroundings).unwrap().test
    }

    /// What version 1 would have kept of a document that says nothing of typography.
    fn stored_by_version_1(text: &str) -> String {
        to_stored(&authored(text))
            .replace(",\"typography\":\"loose\"", "")
            .replace("\"decimalSeparator\":\"auto\"", "\"decimalSeparator\":\"either\"")
    }

    const TYPED: &str = include_str!("../../tests/documents/typed-answers.json");
    const TURKISH: &str = include_str!("../../tests/documents/turkish-answers.json");

    /// The rate of an answer to a question, by its key; nothing where it is not valid.
    fn rate(test: Test, key: &str, typed: &str) -> Option<String> {
        let compiled = compile(&test.into(), &Seed([7; 32]), TimeFactor::ONE).unwrap();
        let slots = &compiled.slots;
        let index = slots.iter().position(|slot| slot.question.key.as_str() == key).unwrap();
        let node = JsonNode::Text(typed.to_owned());
        let response = response::read(&slots[index].question, &node, &NoUploads).unwrap()?;
        let mut inputs = ScoringInputs::default();
        inputs.answers.insert(index as u32 + 1, Answer { seq: 1, response: response.clone() });
        let figure = &score(&compiled, &inputs).slots[index];
        assert_eq!(figure.valid, is_valid(&slots[index].question, &response, compiled.test.lang));
        figure.rate.filter(|_| figure.valid).map(|rate| rate.to_string())
    }

    #[test]
    fn a_document_of_before_is_kept_byte_for_byte_with_its_digest() {
        let stored = parse_stored(STORED_BY_VERSION_1).unwrap();
        assert_eq!(to_stored(&stored), STORED_BY_VERSION_1);
        assert_eq!(hex::encode(stored_digest(STORED_BY_VERSION_1)), DIGEST_OF_VERSION_1,);
        assert!(has_earlier_rules(&stored));
    }

    const DIGEST_OF_VERSION_1: &str =
        "e170dcc502e0d60813a8d10087c12c25591e5e607ead027e327766c32b3e2b54";

    #[test]
    fn the_digest_of_the_inputs_of_a_result_of_before_stays() {
        let digest = inputs_digest(
            &stored_digest(STORED_BY_VERSION_1),
            &Seed([7; 32]),
            TimeFactor::ONE,
            &ScoringInputs::default(),
        );
        assert_eq!(hex::encode(digest), INPUTS_OF_VERSION_1);
    }

    const INPUTS_OF_VERSION_1: &str =
        "c6787c3beb76e5a9a27d0df5ff8c9e96da7e7dc3898e902f003a34449ab3a3ab";

    #[test]
    fn kept_anew_it_says_what_holds_and_reads_back_alike() {
        let anew = authored(STORED_BY_VERSION_1);
        assert!(!has_earlier_rules(&anew) && !has_earlier_rules(&desk_screening()));
        let stored = to_stored(&anew);
        assert!(stored.contains("\"typography\":\"loose\""));
        assert_eq!(parse_stored(&stored), Ok(anew.clone()));
        assert_eq!(to_stored(&authored(&stored)), stored, "keeping it again changes nothing");
    }

    #[test]
    fn frozen_copies_keep_the_rules_they_were_started_with() {
        for text in [TYPED, TURKISH] {
            let before = stored_by_version_1(text);
            let stored = parse_stored(&before).unwrap();
            assert!(has_earlier_rules(&stored));
            assert_eq!(to_stored(&stored), before);
        }
    }

    #[test]
    fn what_is_typed_earns_what_people_expect_and_before_what_it_earned() {
        let full = || Some("1".to_owned());
        let none = || Some("0".to_owned());
        for (key, typed, now, before) in [
            ("t1", "don\u{2019}t", full(), none()),
            ("t1", "don't", full(), full()),
            ("t1", "DON\u{2bc}T", full(), none()),
            ("t2", "New\u{a0}York", full(), full()),
            ("t2", "New York\u{200e}", full(), none()),
            ("t2", "\u{202a}New York\u{202c}", full(), none()),
            ("t2", "New\u{200b} York", full(), none()),
            ("t3", "\u{201c}quoted\u{201d}", full(), none()),
            ("t4", "e\u{2011}mail", full(), none()),
            ("t5", "H\u{2082}O", full(), none()),
            ("t6", "don\u{2019}t", none(), none()),
            ("t7", "it\u{2019}s so", full(), none()),
            ("n1", "10,000", full(), none()),
            ("n1", "10.000", none(), none()),
            ("n1", "10000", full(), full()),
            ("n1", "10 000", None, None),
            ("n2", "\u{2212}5", full(), full()),
            ("n2", "\u{2013}5", full(), None),
            ("n2", "- 5", full(), None),
            ("n2", "\u{200e}-5", full(), None),
            ("n2", "\u{ff0d}\u{ff15}", full(), None),
            ("n2", "-\u{665}", full(), None),
            ("n3", "100 cm", full(), None),
            ("n3", "100", full(), full()),
            ("n3", "1 m", None, None),
            ("n4", "10,000", None, none()),
            ("n4", "10000", full(), full()),
        ] {
            let said = format!("{key}: {typed:?}");
            assert_eq!(rate(authored(TYPED), key, typed), now, "now, {said}");
            let stored = parse_stored(&stored_by_version_1(TYPED)).unwrap();
            assert_eq!(rate(stored, key, typed), before, "before, {said}");
        }
    }

    #[test]
    fn a_turkish_document_compares_as_its_people_read() {
        for (key, typed) in [
            ("q1", "istanbul"),
            ("q1", "\u{130}STANBUL"),
            ("q2", "\u{131}sparta"),
            ("q2", "ISPARTA"),
            ("q3", "D\u{130}YARBAKIR"),
            ("q3", "diyarbak\u{131}r"),
            ("q4", "ILIK"),
            ("q5", "1.234,5"),
            ("q5", "1234,5"),
            ("q5", "1 234,5"),
        ] {
            let now = rate(authored(TURKISH), key, typed);
            assert_eq!(now.as_deref(), Some("1"), "{key}: {typed:?}");
        }
        let stored = || parse_stored(&stored_by_version_1(TURKISH)).unwrap();
        for (key, typed) in [
            ("q1", "istanbul"),
            ("q2", "\u{131}sparta"),
            ("q3", "D\u{130}YARBAKIR"),
            ("q4", "ILIK"),
        ] {
            assert_eq!(rate(stored(), key, typed).as_deref(), Some("0"), "before: {typed:?}");
        }
        assert_eq!(rate(stored(), "q5", "1.234,5"), None);
    }
}
