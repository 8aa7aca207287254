//! `docs/scoring.md`: its questions, answers and tables.

use crate::page::{self, Block, Piece, Table, code};
use domain::compile::model::CompiledTest;
use domain::compile::{Seed, compile};
use domain::decimal::Decimal;
use domain::document::model::Test;
use domain::document::{DocumentFormat, EmptyBank, ValidationContext, read};
use domain::id::OrganizationId;
use domain::instance::EvaluationMethod;
use domain::json::JsonNode;
use domain::response::NoUploads;
use domain::scoring::evaluation::EvaluationScore;
use domain::scoring::scoreboard::Scoreboard;
use domain::scoring::{
    Answer, Correction, Evaluation, ScoringInputs, ScoringResult, SlotFigure, score,
};
use domain::time_factor::TimeFactor;
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

const DEEPEST: usize = 8;

fn test_of(document: &str) -> Arc<Test> {
    let surroundings = ValidationContext {
        bank: &EmptyBank,
        has_asset: &|_| false,
        organization: OrganizationId::from("Og1"),
    };
    let checked = read(document.as_bytes(), DocumentFormat::Guess, Uuid::nil(), &surroundings);
    Arc::new(checked.unwrap_or_else(|faults| panic!("{faults:#?}\n{document}")).test)
}

/// A test of this one question.
fn alone(question: &Block) -> CompiledTest {
    let indented: String =
        question.text.lines().map(|line| format!("\n            {line}")).collect();
    let head = "assay: 1\nkey: t\ntitle: T\nsections:\n  - key: s\n    title: S\n    pages:\n      - key: p\n";
    let item = indented.replacen("            ", "          - ", 1);
    compiled(&test_of(&format!("{head}        questions:{item}\n")))
}

fn compiled(test: &Arc<Test>) -> CompiledTest {
    compile(test, &Seed([7; 32]), TimeFactor::ONE).unwrap()
}

fn node(json: &str) -> JsonNode {
    JsonNode::parse(json.as_bytes(), DEEPEST).unwrap_or_else(|error| panic!("{error}: {json}"))
}

/// The slot of a question.
fn slot(compiled: &CompiledTest, question: &str) -> u32 {
    let index =
        compiled.slots.iter().position(|slot| slot.question.key.as_str() == question).unwrap();
    u32::try_from(index + 1).unwrap()
}

fn answer(compiled: &CompiledTest, inputs: &mut ScoringInputs, slot: u32, response: &JsonNode) {
    let question = &compiled.slots[slot as usize - 1].question;
    if let Some(response) = domain::response::read(question, response, &NoUploads).unwrap() {
        inputs.answers.insert(slot, Answer { seq: 1, response });
    }
}

fn members(node: &JsonNode) -> &[(String, JsonNode)] {
    let JsonNode::Object(members) = node else { panic!("no object: {node:?}") };
    members
}

fn member<'n>(node: &'n JsonNode, name: &str) -> Option<&'n JsonNode> {
    members(node).iter().find(|(entry, _)| entry == name).map(|(_, node)| node)
}

/// `{"percentage": 62.5}` or `{"points": 1}`.
fn evaluate(
    compiled: &CompiledTest,
    inputs: &mut ScoringInputs,
    slot: u32,
    evaluation_json: &JsonNode,
) {
    let [(kind, JsonNode::Number(literal))] = members(evaluation_json) else {
        panic!("no evaluation: {evaluation_json:?}")
    };
    let number = Decimal::parse(literal).unwrap();
    let evaluation_json = if kind == "points" {
        EvaluationScore::Points(number)
    } else {
        EvaluationScore::Percentage(number)
    };
    let question = &compiled.slots[slot as usize - 1].question;
    let evaluation = Evaluation::new(
        question,
        inputs.answers.get(&slot),
        evaluation_json,
        EvaluationMethod::Manual,
        1,
    )
    .unwrap();
    inputs.evaluations.insert(slot, evaluation);
}

/// Percentage and points of an answer to the one question there is.
fn of_answer(compiled: &CompiledTest, cell: &str) -> [String; 2] {
    let mut inputs = ScoringInputs::default();
    if cell != "blank" {
        answer(compiled, &mut inputs, 1, &node(code(cell).unwrap()));
    }
    let figure = &score(compiled, &inputs).slots[0];
    let percentage =
        figure.rate.map_or_else(|| "-".to_owned(), |rate| (rate * Decimal::HUNDRED).to_string());
    [percentage, figure.points.to_string()]
}

/// Rate and points of an answer that was evaluated.
fn of_evaluation(compiled: &CompiledTest, cell: &str) -> [String; 2] {
    let mut inputs = ScoringInputs::default();
    answer(compiled, &mut inputs, 1, &JsonNode::Text("Because.".to_owned()));
    if cell != "none" {
        evaluate(compiled, &mut inputs, 1, &node(code(cell).unwrap()));
    }
    let figure = &score(compiled, &inputs).slots[0];
    let rate = figure.rate.map_or_else(|| "waits".to_owned(), |rate| rate.to_string());
    [rate, figure.points.to_string()]
}

#[test]
fn every_answer_of_the_page_earns_what_the_table_behind_its_question_says() {
    let pieces = page::pieces(&page::read("scoring.md"));
    let (mut question, mut rows) = (None, 0);
    for piece in &pieces {
        match piece {
            Piece::Block(block) if block.is("yaml", &["question"]) => question = Some(block),
            Piece::Table(table) if ["answer", "evaluation"].contains(&table.head[0].as_str()) => {
                let compiled = alone(question.take().unwrap());
                for row in &table.rows {
                    let of = if table.head[0] == "answer" { of_answer } else { of_evaluation };
                    assert_eq!(
                        row[1..3],
                        of(&compiled, &row[0]),
                        "line {}: {}",
                        table.line,
                        row[0]
                    );
                    rows += 1;
                }
            }
            _ => assert_eq!(
                question.map(|block| block.line),
                None,
                "the line of a question without its table"
            ),
        }
    }
    assert!(rows >= 32, "{rows}");
}

/// The columns of the whole example, each as what it is computed from.
fn columns(compiled: &CompiledTest, block: &Block) -> BTreeMap<String, ScoringInputs> {
    let mut columns = BTreeMap::new();
    for (name, column) in members(&node(&block.text)) {
        let mut inputs = match member(column, "after") {
            Some(JsonNode::Text(before)) => ScoringInputs::clone(&columns[before]),
            _ => ScoringInputs::default(),
        };
        for (question, response) in member(column, "answers").map(members).into_iter().flatten() {
            answer(compiled, &mut inputs, slot(compiled, question), response);
        }
        for (question, evaluation_json) in
            member(column, "evaluations").map(members).into_iter().flatten()
        {
            evaluate(compiled, &mut inputs, slot(compiled, question), evaluation_json);
        }
        if let Some(JsonNode::List(corrections)) = member(column, "corrections") {
            inputs.corrections.extend(corrections.iter().map(|one| Correction::read(one).unwrap()));
        }
        columns.insert(name.clone(), inputs);
    }
    columns
}

fn of_slot(figure: &SlotFigure) -> String {
    match figure.rate {
        _ if figure.ignored => "ignored".to_owned(),
        _ if figure.blank && !figure.effective => "left out".to_owned(),
        _ if figure.waiting => "waits".to_owned(),
        None => "blank".to_owned(),
        Some(rate) => format!("{rate}; {}", figure.points),
    }
}

fn board(board: &Scoreboard) -> String {
    format!("{} / {} / {} / {}", board.points, board.maximum, board.ratio, board.questions)
}

/// What stands in a row of a table, by what its first cell names.
fn cell(compiled: &CompiledTest, outcome: &ScoringResult, row: &str) -> String {
    let names = |rest: &str| rest.split(" > ").map(str::to_owned).collect::<Vec<_>>();
    match row.split_once(' ') {
        Some(("section", key)) => {
            let index = (0..compiled.sections.len())
                .find(|index| compiled.section(*index).key.as_str() == key);
            board(&outcome.sections[index.unwrap()].scoreboard)
        }
        Some(("dimension", rest)) => {
            let names = names(rest);
            let dimension =
                outcome.dimensions.iter().find(|dimension| dimension.name == names[0]).unwrap();
            let sub = names
                .get(1)
                .map(|name| dimension.subs.iter().find(|sub| sub.name == *name).unwrap());
            board(sub.map_or(&dimension.scoreboard, |sub| &sub.scoreboard))
        }
        Some(("effect", rest)) => {
            let names = names(rest);
            let effect = outcome.effects.iter().find(|effect| effect.name == names[0]).unwrap();
            let sub =
                names.get(1).map(|name| effect.subs.iter().find(|sub| sub.name == *name).unwrap());
            sub.map_or(effect.score, |sub| sub.score).to_string()
        }
        _ => match row {
            "the test" => board(&outcome.scoreboard),
            "waiting" => outcome.waiting.to_string(),
            "passed" => {
                outcome.passed.map_or("-", |passed| if passed { "yes" } else { "no" }).to_owned()
            }
            "level" => outcome.level.clone().unwrap_or_default(),
            question => of_slot(&outcome.slots[slot(compiled, question) as usize - 1]),
        },
    }
}

#[test]
fn the_whole_example_of_the_page_comes_out_as_its_tables_say() {
    let pieces = page::pieces(&page::read("scoring.md"));
    let block = |language: &str, word: &str| {
        let blocks = pieces.iter().filter_map(|piece| match piece {
            Piece::Block(block) if block.is(language, &[word]) => Some(block),
            _ => None,
        });
        let found: Vec<_> = blocks.collect();
        assert_eq!(found.len(), 1, "{word}");
        found[0]
    };
    let test = test_of(&block("yaml", "document").text);
    assert_eq!(
        test,
        test_of(include_str!("../documents/desk-screening.json")),
        "the one example of all pages"
    );
    let compiled = compiled(&test);
    let columns = columns(&compiled, block("json", "answers"));
    let is_of_example =
        |table: &&Table| table.head.len() > 1 && columns.contains_key(&table.head[1]);
    let tables = pieces.iter().filter_map(|piece| match piece {
        Piece::Table(table) => Some(table),
        Piece::Block(_) => None,
    });
    let mut compared = 0;
    for table in tables.filter(is_of_example) {
        for row in &table.rows {
            for (column, expected) in table.head.iter().zip(row).skip(1) {
                let outcome = score(&compiled, &columns[column]);
                assert_eq!(cell(&compiled, &outcome, &row[0]), *expected, "{}, {column}", row[0]);
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 5 * (5 + 8 + 7));
}
