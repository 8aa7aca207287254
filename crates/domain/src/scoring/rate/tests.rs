use super::*;
use crate::document::model::{
    ColumnKind, Lang, Normalisation, NumericCondition, NumericRule, TableCell, TableColumn,
    TableRow, TextCondition, TextRule,
};
use crate::fixture::{
    EITHER, choice, choices, effect, item, key, matching, number, numeric, question,
};

fn keys(names: &[&str]) -> Response {
    Response::Choices(names.iter().map(|name| key(name)).collect())
}

fn made(pairs: &[(&str, &str)]) -> Response {
    Response::Matches(pairs.iter().map(|(item, option)| (key(item), key(option))).collect())
}

fn earned(kind: QuestionBody, response: &Response) -> String {
    percentage(&question("q", kind), response, Lang::En).to_string()
}

#[test]
fn selected_percentages_are_summed_and_capped() {
    let body = choices(vec![
        choice("a", "80"),
        choice("b", "80"),
        choice("c", "-100"),
        choice("d", "-50"),
    ]);
    let earned = |names: &[&str]| earned(QuestionBody::MultipleChoice(body.clone()), &keys(names));
    assert_eq!(earned(&["a"]), "80");
    assert_eq!(earned(&["a", "b"]), "100");
    assert_eq!(earned(&["c", "d"]), "-100");
    assert_eq!(earned(&["a", "b", "c", "d"]), "10");
}

#[test]
fn a_sum_below_the_threshold_earns_nothing_also_when_negative() {
    let all = vec![choice("a", "60"), choice("b", "30"), choice("c", "-100")];
    let body = MultipleChoice { threshold: Some(number("60")), ..choices(all) };
    let earned = |names: &[&str]| earned(QuestionBody::MultipleChoice(body.clone()), &keys(names));
    assert_eq!(earned(&["b"]), "0");
    assert_eq!(earned(&["c"]), "0");
    assert_eq!(earned(&["a"]), "60");
}

#[test]
fn all_or_nothing_wants_exactly_the_right_choices_and_still_penalises_wrong_ones() {
    let all = vec![choice("a", "50"), choice("b", "10"), choice("c", "0"), choice("d", "-1")];
    let body = MultipleChoice { partial: false, ..choices(all) };
    let earned = |names: &[&str]| earned(QuestionBody::MultipleChoice(body.clone()), &keys(names));
    assert_eq!(earned(&["a"]), "0");
    assert_eq!(earned(&["a", "b", "c"]), "0");
    assert_eq!(earned(&["a", "b", "d"]), "-100");
    assert_eq!(earned(&["a", "b"]), "100");
}

#[test]
fn items_earn_their_match_their_wrong_or_their_blank_percentage() {
    let mut first = item("i1", &[("o1", "60"), ("o2", "20")]);
    first.wrong_percentage = number("-30");
    let mut second = item("i2", &[("o2", "60")]);
    second.blank_percentage = number("-10");
    let body = matching(vec![first, second], &["o1", "o2", "o3"]);
    let earned = |pairs: &[(&str, &str)]| earned(QuestionBody::Match(body.clone()), &made(pairs));
    assert_eq!(earned(&[("i1", "o1")]), "50");
    assert_eq!(earned(&[("i1", "o2"), ("i2", "o2")]), "80");
    assert_eq!(earned(&[("i1", "o3"), ("i2", "o1")]), "-30");
    assert_eq!(earned(&[("i1", "o1"), ("i2", "o2")]), "100");
    let blank = blank_percentage(&question("q", QuestionBody::Match(body.clone())));
    assert_eq!(blank, Some(number("-10")));
    assert_eq!(
        blank_percentage(&question(
            "q",
            QuestionBody::Match(matching(vec![item("i", &[])], &["o1"]))
        )),
        None
    );
}

#[test]
fn no_number_earns_nothing_but_a_wrong_one_earns_otherwise() {
    let rule = NumericRule {
        condition: NumericCondition::Equal { value: number("5"), tolerance: number("0") },
        percentage: number("100"),
    };
    let question = QuestionBody::Input(numeric(vec![rule], "-20"));
    assert_eq!(earned(question.clone(), &Response::Text("five".to_owned())), "0");
    assert_eq!(earned(question.clone(), &Response::Text("6".to_owned())), "-20");
    assert_eq!(earned(question, &Response::Text("5.0".to_owned())), "100");
}

fn table() -> QuestionBody {
    let column = |name: &str, kind| TableColumn { key: key(name), title: String::new(), kind };
    let row = |name: &str| TableRow { key: key(name), title: String::new() };
    let text = TextRule {
        condition: TextCondition::Equal { value: "yes".to_owned() },
        percentage: number("70"),
    };
    let five = NumericCondition::Equal { value: number("5"), tolerance: number("0") };
    let five = NumericRule { condition: five, percentage: number("40") };
    QuestionBody::Input(Input::Tabular(TabularInput {
        columns: vec![column("w", ColumnKind::Field), column("n", ColumnKind::Numeric)],
        rows: vec![row("r1"), row("r2")],
        cells: vec![
            TableCell {
                row: key("r1"),
                column: key("w"),
                rules: CellRules::Field(vec![text]),
                otherwise: number("-15"),
            },
            TableCell {
                row: key("r2"),
                column: key("n"),
                rules: CellRules::Numeric(vec![five]),
                otherwise: number("-25"),
            },
        ],
        normalisation: Normalisation::default(),
        separators: EITHER,
    }))
}

#[test]
fn cells_are_scored_each_by_its_own_rules() {
    let typed = |cells: &[(&str, &str, &str)]| {
        let mut rows: BTreeMap<ElementKey, BTreeMap<ElementKey, String>> = BTreeMap::new();
        for (row, column, text) in cells {
            rows.entry(key(row)).or_default().insert(key(column), (*text).to_owned());
        }
        earned(table(), &Response::Cells(rows))
    };
    assert_eq!(typed(&[("r2", "n", "abc")]), "0", "no number");
    assert_eq!(typed(&[("r1", "w", " "), ("r2", "n", "6")]), "-25", "a blank cell earns nothing");
    assert_eq!(typed(&[("r1", "w", "No"), ("r2", "n", "5")]), "25");
    assert_eq!(
        typed(&[("r1", "w", "YES"), ("r2", "n", "5,0"), ("r1", "n", "5")]),
        "100",
        "no rules in r1, n; capped"
    );
}

#[test]
fn a_response_of_another_shape_earns_nothing() {
    let body = QuestionBody::MultipleChoice(choices(vec![choice("a", "100"), choice("b", "0")]));
    assert_eq!(earned(body, &Response::Text("a".to_owned())), "0");
}

#[test]
fn a_negative_rate_meets_the_negative_points() {
    assert_eq!(points(number("-0.5"), number("2"), number("0.5")), number("-0.25"));
    assert_eq!(points(number("0.5"), number("2"), number("0.5")), number("1"));
    assert_eq!(points(number("-1"), number("2"), number("0")).to_string(), "0");
}

#[test]
fn selecting_and_matching_trigger_their_effects() {
    let mut loud = choice("a", "0");
    loud.effects = vec![effect(&["Style"], "1"), effect(&["Drive"], "-2")];
    let body = question("q", QuestionBody::MultipleChoice(choices(vec![loud, choice("b", "0")])));
    assert_eq!(effects(&body, &keys(&["b"])).len(), 0);
    assert_eq!(effects(&body, &keys(&["a", "b"])).len(), 2);
    let mut right = item("i", &[("o1", "0")]);
    right.matches[0].effects = vec![effect(&["Style"], "3")];
    let body = question("q", QuestionBody::Match(matching(vec![right], &["o1", "o2"])));
    assert_eq!(effects(&body, &made(&[("i", "o2")])).len(), 0);
    assert_eq!(effects(&body, &made(&[("i", "o1")])), [&effect(&["Style"], "3")]);
}
