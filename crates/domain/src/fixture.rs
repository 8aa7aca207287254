//! Documents for tests of this crate, put together from the model's types: small builders with the
//! defaults of authored documents, and the worked example of the domain rules (2.9).

use crate::decimal::Decimal;
use crate::document::key::ElementKey;
use crate::document::model::*;
use crate::document::{DocumentFormat, EmptyBank, ValidationContext, read};
use crate::id::OrganizationId;
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

pub fn key(text: &str) -> ElementKey {
    ElementKey::parse(text).unwrap()
}

pub fn number(literal: &str) -> Decimal {
    Decimal::parse(literal).unwrap()
}

pub fn path(names: &[&str]) -> NamePath {
    NamePath(names.iter().map(|name| (*name).to_owned()).collect())
}

pub fn effect(names: &[&str], score: &str) -> EffectScore {
    EffectScore { path: path(names), score: number(score) }
}

pub fn assigned(names: &[&str], points: &str, negative_points: &str) -> DimensionAssignment {
    DimensionAssignment {
        path: path(names),
        points: number(points),
        negative_points: number(negative_points),
    }
}

pub fn choice(name: &str, percentage: &str) -> Choice {
    Choice {
        key: key(name),
        text: format!("choice {name}"),
        percentage: number(percentage),
        effects: Vec::new(),
        pinned: false,
        feedback: "why".to_owned(),
    }
}

pub fn choices(choices: Vec<Choice>) -> MultipleChoice {
    MultipleChoice {
        max_selections: u32::try_from(choices.len()).unwrap(),
        choices,
        min_selections: 1,
        partial: true,
        threshold: None,
        shuffle: false,
        layout: ChoiceLayout::Vertical,
    }
}

pub fn item(name: &str, matches: &[(&str, &str)]) -> Item {
    let matching = |(option, percentage): &(&str, &str)| CountingMatch {
        option: key(option),
        percentage: number(percentage),
        effects: Vec::new(),
    };
    Item {
        key: key(name),
        text: format!("item {name}"),
        options: Vec::new(),
        matches: matches.iter().map(matching).collect(),
        wrong_percentage: Decimal::ZERO,
        blank_percentage: Decimal::ZERO,
        pinned: false,
    }
}

pub fn matching(items: Vec<Item>, options: &[&str]) -> MatchQuestion {
    let shared = |name: &&str| SharedOption {
        key: key(name),
        text: format!("option {name}"),
        max_uses: 1,
        pinned: false,
    };
    MatchQuestion {
        items,
        options: options.iter().map(shared).collect(),
        min_matches: 1,
        shuffle_items: false,
        shuffle_options: false,
    }
}

/// What was the default in documents of before: with no typography numbers are read by those rules.
pub const EITHER: NumberSeparators = NumberSeparators {
    decimal_separator: DecimalSeparator::Either,
    group_separator: GroupSeparator::None,
};

pub fn field(rules: Vec<TextRule>) -> Input {
    Input::Field(TextInput {
        max_length: 1000,
        rules,
        otherwise: Decimal::ZERO,
        normalisation: Normalisation::default(),
    })
}

pub fn numeric(rules: Vec<NumericRule>, otherwise: &str) -> Input {
    Input::Numeric(NumericInput {
        unit: String::new(),
        separators: EITHER,
        typography: None,
        rules,
        otherwise: number(otherwise),
    })
}

pub fn question(name: &str, kind: QuestionBody) -> Question {
    let evaluation = match &kind {
        QuestionBody::Input(Input::Numeric(input)) if !input.rules.is_empty() => {
            EvaluationMode::Auto
        }
        QuestionBody::Input(Input::Field(input) | Input::Area(input))
            if !input.rules.is_empty() =>
        {
            EvaluationMode::Auto
        }
        QuestionBody::Input(Input::Tabular(input)) if !input.cells.is_empty() => {
            EvaluationMode::Auto
        }
        QuestionBody::Input(_) => EvaluationMode::Manual,
        QuestionBody::MultipleChoice(_) | QuestionBody::Match(_) => EvaluationMode::Auto,
    };
    Question {
        key: key(name),
        uuid: Uuid::new_v5(&Uuid::nil(), format!("question/{name}").as_bytes()),
        text: format!("question {name}"),
        hint: String::new(),
        feedback: String::new(),
        tags: BTreeMap::new(),
        points: Decimal::ONE,
        negative_points: Decimal::ZERO,
        effective: true,
        required: false,
        pinned: false,
        dimensions: Vec::new(),
        evaluation,
        guidance: String::new(),
        rubric: Vec::new(),
        origin: None,
        kind,
    }
}

pub fn page(name: &str, questions: Vec<Question>) -> Page {
    Page {
        key: key(name),
        title: None,
        uuid: Uuid::new_v5(&Uuid::nil(), format!("page/{name}").as_bytes()),
        text: String::new(),
        time_limit: 0,
        shuffle_questions: false,
        pinned: false,
        questions: questions
            .into_iter()
            .map(|question| QuestionEntry::Question(Arc::new(question)))
            .collect(),
    }
}

pub fn section(name: &str, pages: Vec<Page>) -> Section {
    Section {
        key: key(name),
        title: format!("section {name}"),
        uuid: Uuid::new_v5(&Uuid::nil(), format!("section/{name}").as_bytes()),
        intro: String::new(),
        time_limit: 0,
        navigation: Navigation::Free,
        shuffle_pages: false,
        pinned: false,
        ignorable_blanks: 0,
        pages: pages.into_iter().map(PageEntry::Page).collect(),
    }
}

pub fn test(sections: Vec<Section>) -> Test {
    Test {
        assay: 1,
        uuid: Uuid::nil(),
        key: key("test"),
        title: "Test".to_owned(),
        kind: TestKind::Performance,
        lang: Lang::En,
        description: "for staff".to_owned(),
        instructions: String::new(),
        closing: String::new(),
        time_limit: 0,
        navigation: Navigation::Free,
        shuffle_sections: false,
        mandatory: MandatoryRules::default(),
        pass_mark: None,
        levels: Vec::new(),
        dimensions: Vec::new(),
        effects: Vec::new(),
        sections,
    }
}

pub fn pool(name: &str, draw: u32, source: PoolSource) -> Pool {
    Pool {
        key: key(name),
        uuid: Uuid::new_v5(&Uuid::nil(), format!("pool/{name}").as_bytes()),
        draw,
        source,
        required: None,
        effective: None,
        spread: None,
        shuffle: false,
        seconds_per_question: 0,
    }
}

/// A test of one section and one page.
pub fn of_questions(questions: Vec<Question>) -> Arc<Test> {
    Arc::new(test(vec![section("s", vec![page("p", questions)])]))
}

pub fn declared(name: &str, sub: &[&str]) -> DeclaredName {
    DeclaredName { name: name.to_owned(), sub: sub.iter().map(|name| (*name).to_owned()).collect() }
}

/// The stored form of the worked example as engine version 1 kept it, before documents said how
/// loosely answers are compared.
pub const STORED_BY_VERSION_1: &str =
    include_str!("../tests/documents/desk-screening-version-1.json").trim_ascii_end();

/// The document of the worked example, read as its author wrote it.
pub fn desk_screening() -> Arc<Test> {
    let surroundings = ValidationContext {
        bank: &EmptyBank,
        has_asset: &|_| false,
        organization: OrganizationId::from("Og1"),
    };
    let authored = include_bytes!("../tests/documents/desk-screening.json");
    Arc::new(read(authored, DocumentFormat::Json, Uuid::nil(), &surroundings).unwrap().test)
}
