//! `docs/authoring.md`: its documents and questions are read, its tables of fields are made from
//! the schema.

use crate::page::{self, Block, Piece, Table, code};
use crate::tables::Tables;
use domain::compile::{Seed, compile};
use domain::document::model::{BankFilter, Question, QuestionBody};
use domain::document::{
    BankQuestion, CheckedDocument, DocumentFault, DocumentFormat, EmptyBank, QuestionBank,
    ValidationContext, read, read_question, to_stored, to_yaml,
};
use domain::id::{OrganizationId, QuestionId};
use domain::time_factor::TimeFactor;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

const NAME: &str = "authoring.md";

fn with<T>(bank: &dyn QuestionBank, act: impl FnOnce(&ValidationContext<'_>) -> T) -> T {
    act(&ValidationContext {
        bank,
        has_asset: &|_| false,
        organization: OrganizationId::from("Og1"),
    })
}

fn checked(block: &Block, bank: &dyn QuestionBank) -> Result<CheckedDocument, Vec<DocumentFault>> {
    let format = if block.language == "json" { DocumentFormat::Json } else { DocumentFormat::Yaml };
    with(bank, |surroundings| read(block.text.as_bytes(), format, Uuid::nil(), surroundings))
}

fn question(block: &Block) -> Question {
    let read = |surroundings: &ValidationContext<'_>| {
        read_question(block.text.as_bytes(), DocumentFormat::Yaml, Uuid::nil(), surroundings)
    };
    with(&EmptyBank, read).unwrap_or_else(|faults| panic!("line {}: {faults:#?}", block.line))
}

/// A bank that holds as many questions as the page draws, and the one it names.
struct Shelf(Arc<Question>);

impl Shelf {
    fn question(&self, id: &str) -> BankQuestion {
        BankQuestion {
            organization_id: OrganizationId::from("Og1"),
            question_id: QuestionId::from(id),
            folder: String::new(),
            labels: vec!["vocabulary".to_owned()],
            tags: BTreeMap::from([("level".to_owned(), "B1".to_owned())]),
            question: Arc::clone(&self.0),
        }
    }
}

impl QuestionBank for Shelf {
    fn question(&self, _: &OrganizationId, id: &QuestionId) -> Option<BankQuestion> {
        Some(self.question(id.as_str())).filter(|_| id.as_str() == "Qu1")
    }

    fn matching(&self, filter: &BankFilter) -> Vec<BankQuestion> {
        let all = ["Qu1", "Qu2", "Qu3", "Qu4"].map(|id| self.question(id));
        all.into_iter().filter(|question| question.fits(filter)).collect()
    }
}

fn blocks() -> Vec<Block> {
    let pieces = page::pieces(&page::read(NAME));
    pieces
        .into_iter()
        .filter_map(|piece| if let Piece::Block(block) = piece { Some(block) } else { None })
        .collect()
}

/// Places and codes, as the table behind a document shows them.
fn reported(faults: &[DocumentFault]) -> Vec<(String, String)> {
    faults
        .iter()
        .map(|fault| (fault.pointer.as_str().to_owned(), fault.code.as_str().to_owned()))
        .collect()
}

fn expected(table: &Table) -> Vec<(String, String)> {
    let cell = |text: &String| code(text).unwrap().to_owned();
    table.rows.iter().map(|row| (cell(&row[0]), cell(&row[1]))).collect()
}

#[test]
fn every_document_of_the_page_is_kept_without_a_warning_and_can_be_taken() {
    let mut documents = 0;
    for block in blocks().iter().filter(|block| block.is("yaml", &[]) || block.is("json", &[])) {
        let checked = checked(block, &EmptyBank)
            .unwrap_or_else(|faults| panic!("line {}: {faults:#?}", block.line));
        assert_eq!(checked.warnings, [], "line {}", block.line);
        let test = Arc::new(checked.test);
        compile(&test, &Seed([7; 32]), TimeFactor::ONE).unwrap();
        documents += 1;
    }
    assert!(documents >= 11, "{documents}");
}

#[test]
fn documents_with_a_bank_are_kept_where_the_bank_has_what_they_name() {
    let blocks = blocks();
    let example = blocks.iter().find(|block| block.is("yaml", &["question"])).unwrap();
    let shelf = Shelf(Arc::new(question(example)));
    let with_bank: Vec<_> = blocks.iter().filter(|block| block.is("yaml", &["bank"])).collect();
    assert_eq!(with_bank.len(), 2);
    for block in with_bank {
        let checked = checked(block, &shelf)
            .unwrap_or_else(|faults| panic!("line {}: {faults:#?}", block.line));
        assert_eq!(checked.warnings, [], "line {}", block.line);
    }
}

#[test]
fn both_forms_of_the_smallest_test_are_the_same_test() {
    let blocks = blocks();
    let first = |language: &str| blocks.iter().find(|block| block.is(language, &[])).unwrap();
    let [written, twin] =
        [first("yaml"), first("json")].map(|block| checked(block, &EmptyBank).unwrap().test);
    assert_eq!(to_stored(&written), to_stored(&twin));
    assert!(to_yaml(&written).contains("What is the capital of Turkey?"));
}

#[test]
fn every_question_of_the_page_reads_and_each_kind_has_one() {
    let mut kinds = BTreeSet::new();
    for block in blocks().iter().filter(|block| block.is("yaml", &["question"])) {
        let read = question(block);
        kinds.insert(match &read.kind {
            QuestionBody::MultipleChoice(_) => "multiplechoice".to_owned(),
            QuestionBody::Match(_) => "match".to_owned(),
            QuestionBody::Input(input) => {
                serde_json::to_value(input).unwrap()["type"].as_str().unwrap().to_owned()
            }
        });
    }
    let all = "area audio code field file match multiplechoice numeric photo rich tabular video";
    assert_eq!(kinds.into_iter().collect::<Vec<_>>().join(" "), all);
}

#[test]
fn what_the_page_calls_refused_or_advised_against_is_so_at_the_places_it_says() {
    let pieces = page::pieces(&page::read(NAME));
    let mut compared = 0;
    for pair in pieces.windows(2) {
        let [Piece::Block(block), Piece::Table(table)] = pair else { continue };
        if block.is("yaml", &["refused"]) {
            assert_eq!(reported(&checked(block, &EmptyBank).unwrap_err()), expected(table));
        } else if block.is("yaml", &["advised"]) {
            assert_eq!(reported(&checked(block, &EmptyBank).unwrap().warnings), expected(table));
        } else {
            continue;
        }
        compared += 1;
    }
    assert_eq!(compared, 2);
}

#[test]
fn no_block_of_the_page_is_left_unread() {
    let existing: [&[&str]; 5] = [&[], &["question"], &["bank"], &["refused"], &["advised"]];
    for block in blocks() {
        let is_read = existing.iter().any(|words| block.words == *words)
            && ["yaml", "json"].contains(&&*block.language);
        assert!(is_read, "line {}", block.line);
    }
}

const OPENING: &str = "<!-- fields: ";
const CLOSING: &str = "<!-- end -->\n";

/// The page with its tables made anew, and the types they are of.
fn with_tables(text: &str) -> (String, BTreeSet<String>) {
    let tables = Tables::new();
    let (mut made, mut types) = (String::new(), BTreeSet::new());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPENING) {
        let (name, after) = after.split_once(" -->\n").unwrap();
        let (_, after) = after.split_once(CLOSING).unwrap();
        made += &format!("{before}{OPENING}{name} -->\n\n{}\n{CLOSING}", tables.of(name));
        types.insert(name.to_owned());
        rest = after;
    }
    (made + rest, types)
}

#[test]
fn the_tables_of_the_page_are_those_of_the_schema_and_no_part_is_left_out() {
    let text = page::read(NAME);
    let (made, types) = with_tables(&text);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(page::path(NAME), &made).unwrap();
    } else {
        assert!(
            made == text,
            "docs/{NAME} is not up to date; run: UPDATE_DOCS=1 cargo test -p assay-domain --test documentation"
        );
    }
    let schema = domain::document::json_schema();
    let objects = schema["$defs"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, one)| one.get("properties").is_some());
    let missing: Vec<_> =
        objects.map(|(name, _)| name).filter(|name| !types.contains(*name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
