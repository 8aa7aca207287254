//! One smallest document per code: what is changed in a valid document, and which faults that makes
//! where.

use super::{KNOWN_ASSET, brief};
use crate::document::bank::{BankQuestion, QuestionBank, ValidationContext};
use crate::document::model::{BankFilter, QuestionEntry};
use crate::document::{DocumentFaultCode as Code, DocumentFormat, read};
use crate::id::{OrganizationId, QuestionId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};
use uuid::Uuid;

/// A bank with the question `b1` and nothing else.
struct OneQuestion;

static QUESTION: LazyLock<BankQuestion> = LazyLock::new(|| {
    let checked = super::read_alone(&on_page(&choice("b1", "")), DocumentFormat::Json).unwrap();
    let crate::document::model::PageEntry::Page(page) = &checked.test.sections[0].pages[0] else {
        panic!("a page")
    };
    let QuestionEntry::Question(question) = &page.questions[0] else { panic!("a question") };
    BankQuestion {
        organization_id: OrganizationId::from("Og1"),
        question_id: QuestionId::from("b1"),
        folder: String::new(),
        labels: Vec::new(),
        tags: BTreeMap::new(),
        question: Arc::clone(question),
    }
});

impl QuestionBank for OneQuestion {
    fn question(&self, organization: &OrganizationId, id: &QuestionId) -> Option<BankQuestion> {
        (organization.as_str() == "Og1" && id.as_str() == "b1").then(|| QUESTION.clone())
    }

    fn matching(&self, filter: &BankFilter) -> Vec<BankQuestion> {
        [QUESTION.clone()].into_iter().filter(|question| question.fits(filter)).collect()
    }
}

/// A test with these members beside key, title and version; what stands twice is the caller's
/// mistake.
fn test(members: &str) -> String {
    format!(r#"{{"assay":1,"key":"t","title":"T",{members}}}"#)
}

fn sections(list: &str) -> String {
    test(&format!(r#""sections":[{list}]"#))
}

/// A test with one section of these members.
fn section(members: &str) -> String {
    sections(&format!(r#"{{"key":"s","title":"S",{members}}}"#))
}

fn pages(list: &str) -> String {
    section(&format!(r#""pages":[{list}]"#))
}

/// A test with one page that holds these entries.
fn on_page(entries: &str) -> String {
    pages(&page("p", entries))
}

fn page(key: &str, entries: &str) -> String {
    format!(r#"{{"key":"{key}","questions":[{entries}]}}"#)
}

const TWO: &str = r#"[{"key":"a","text":"A","percentage":100},{"key":"b","text":"B"}]"#;

/// A multiple-choice question with further members.
fn choice(key: &str, more: &str) -> String {
    format!(r#"{{"key":"{key}","kind":"multiplechoice","text":"?","choices":{TWO}{more}}}"#)
}

fn choices(list: &str, more: &str) -> String {
    on_page(&format!(r#"{{"key":"q","kind":"multiplechoice","text":"?","choices":{list}{more}}}"#))
}

fn of_kind(members: &str) -> String {
    on_page(&format!(r#"{{"key":"q","text":"?",{members}}}"#))
}

fn input(members: &str) -> String {
    of_kind(&format!(r#""kind":"input",{members}"#))
}

/// A match question of one item with these members and a common pool of one option.
fn matching(item: &str, more: &str) -> String {
    let options = r#""options":[{"key":"o","text":"O"}]"#;
    of_kind(&format!(r#""kind":"match",{options},"items":[{{"key":"i","text":"I",{item}}}]{more}"#))
}

fn rule(family: &str, rule: &str) -> String {
    input(&format!(r#""type":"{family}","rules":[{rule}]"#))
}

fn pool(site: &str, members: &str) -> String {
    let entry = format!(r#"{{"pool":{{"key":"pool",{members}}}}}"#);
    if site == "section" {
        pages(&format!("{entry},{}", page("p", &choice("q", ""))))
    } else {
        on_page(&entry)
    }
}

fn tabular(members: &str) -> String {
    input(&format!(r#""type":"tabular",{members}"#))
}

fn grid(cells: &str) -> String {
    let columns =
        r#""columns":[{"key":"c","title":"C","type":"field"}],"rows":[{"key":"r","title":"R"}]"#;
    tabular(&format!(r#"{columns},"cells":[{cells}]"#))
}

fn good() -> String {
    choice("q", "")
}

/// A valid section after further members of the test.
fn beside(members: &str) -> String {
    let section = format!(r#"{{"key":"s","title":"S","pages":[{}]}}"#, page("p", &good()));
    test(&format!(r#"{members},"sections":[{section}]"#))
}

const Q: &str = "/sections/0/pages/0/questions/0";

/// A case: the document, and the one fault it has. `~` stands for the first question.
fn cases() -> Vec<(Code, String, &'static str)> {
    let mut cases = of_form();
    cases.extend(of_values());
    cases.extend(of_limits());
    cases.extend(of_names());
    cases.extend(of_choices());
    cases.extend(of_matches());
    cases.extend(of_rules());
    cases.extend(of_inputs());
    cases.extend(of_pools());
    cases.extend(of_sections());
    cases.extend(of_whole());
    cases.extend(of_warnings_of_points());
    cases.extend(of_warnings_of_names_and_sums());
    cases
}

fn of_form() -> Vec<(Code, String, &'static str)> {
    let long = "x".repeat(201);
    vec![
        (Code::Syntax, "{".to_owned(), ""),
        (Code::Syntax, beside(r#""lang":"en","lang":"en""#), ""),
        (Code::TooLarge, " ".repeat(super::super::LARGEST_DOCUMENT + 1), ""),
        (Code::VersionUnsupported, on_page(&good()).replace(r#""assay":1,"#, ""), "/assay"),
        (
            Code::VersionUnsupported,
            on_page(&good()).replace(r#""assay":1,"#, r#""assay":2,"#),
            "/assay",
        ),
        (Code::UnknownField, beside(r#""colour":"red""#), "/colour"),
        (Code::UnknownField, on_page(&choice("q", r#","rules":[]"#)), "~/rules"),
        (Code::UnknownField, input(r#""type":"rich","rules":[]"#), "~/rules"),
        (Code::UnknownField, input(r#""type":"numeric","caseSensitive":true"#), "~/caseSensitive"),
        (Code::UnknownField, input(r#""type":"rich","origin":{}"#), "~/origin"),
        (Code::MissingField, on_page(r#"{"key":"q","kind":"input","text":"?"}"#), "~"),
        (Code::MissingField, sections(r#"{"key":"s","title":"S"}"#), "/sections/0"),
        (Code::WrongType, "[]".to_owned(), ""),
        (Code::WrongType, beside(r#""title2":1"#).replace("title2", "closing"), "/closing"),
        (Code::WrongType, beside(r#""timeLimit":2.0"#), "/timeLimit"),
        (Code::WrongType, beside(r#""timeLimit":"2""#), "/timeLimit"),
        (Code::WrongType, beside(r#""passMark":null"#), "/passMark"),
        (Code::WrongType, on_page("1"), "~"),
        (Code::BadEnum, beside(r#""lang":"xx""#), "/lang"),
        (Code::BadEnum, of_kind(r#""kind":"essay""#), "~/kind"),
        (
            Code::EmptyText,
            on_page(&good()).replace(r#""title":"S""#, r#""title":" \u200b""#),
            "/sections/0/title",
        ),
        (
            Code::TextTooLong,
            on_page(&good()).replace(r#""title":"S""#, &format!(r#""title":"{long}""#)),
            "/sections/0/title",
        ),
    ]
}

/// Values that are too much, too little, or no value of their place.
fn of_values() -> Vec<(Code, String, &'static str)> {
    vec![
        (Code::TextTooLong, beside(&format!(r#""closing":"{}""#, "x".repeat(65_537))), "/closing"),
        // Finding security A2: what could only be shown as plain text, or stopped the server, is
        // not stored.
        (
            Code::TextTooLong,
            beside(&format!(r#""closing":"${}{}$""#, "{".repeat(1500), "}".repeat(1500))),
            "/closing",
        ),
        (
            Code::TextTooLong,
            beside(&format!(r#""instructions":"${}x$""#, r"\\sqrt".repeat(51))),
            "/instructions",
        ),
        (
            Code::TextTooLong,
            beside(&format!(r#""closing":"$${}$$""#, "x".repeat(4001))),
            "/closing",
        ),
        (
            Code::TextTooLong,
            beside(&format!(r#""closing":"{}a""#, "> ".repeat(30_000))),
            "/closing",
        ),
        (
            Code::TextTooLong,
            beside(&format!(r#""closing":"{}a{}""#, "*a **b ".repeat(60), " b** a*".repeat(60))),
            "/closing",
        ),
        (
            Code::TextTooLong,
            beside(&format!(r#""closing":"{}|\n{}|\n""#, "|a".repeat(51), "|-".repeat(51))),
            "/closing",
        ),
        (
            Code::BadKey,
            on_page(&good()).replace(r#""key":"s""#, r#""key":"s s""#),
            "/sections/0/key",
        ),
        (
            Code::DuplicateKey,
            on_page(&format!("{},{}", good(), good())),
            "/sections/0/pages/0/questions/1/key",
        ),
        (Code::DuplicateKey, choices(&TWO.replace(r#""b""#, r#""a""#), ""), "~/choices/1/key"),
        (Code::BadUuid, beside(r#""uuid":"5F0C2A8E-6F0B-4C3E-9A51-0D6F3C1B7E20""#), "/uuid"),
        (Code::BadDecimal, on_page(&choice("q", r#","points":1e3"#)), "~/points"),
        (Code::BadDecimal, on_page(&choice("q", r#","points":"1.0000001""#)), "~/points"),
        (Code::PointsRange, on_page(&choice("q", r#","points":-1"#)), "~/points"),
        (
            Code::PointsRange,
            on_page(&choice("q", r#","negativePoints":"100000.000001""#)),
            "~/negativePoints",
        ),
        (
            Code::PercentageRange,
            choices(&TWO.replace("100", "100.1"), ""),
            "~/choices/0/percentage",
        ),
        (Code::TimeLimitRange, beside(r#""timeLimit":604801"#), "/timeLimit"),
        (Code::TimeLimitRange, beside(r#""timeLimit":-1"#), "/timeLimit"),
        (Code::AssetUnknown, beside(r#""closing":"![](asset:0)""#), "/closing"),
        (
            Code::DuplicateUuid,
            {
                let uuid = r#""uuid":"5f0c2a8e-6f0b-4c3e-9a51-0d6f3c1b7e20","#;
                let section =
                    format!(r#"{{{uuid}"key":"s","title":"S","pages":[{}]}}"#, page("p", &good()));
                test(&format!(r#"{uuid}"sections":[{section}]"#))
            },
            "/sections/0/uuid",
        ),
    ]
}

fn of_limits() -> Vec<(Code, String, &'static str)> {
    let many = |count: usize, entry: &dyn Fn(usize) -> String| {
        (0..count).map(entry).collect::<Vec<_>>().join(",")
    };
    let part = |index: usize| format!(r#"{{"key":"k{index}","text":"?","percentage":1}}"#);
    let question =
        |index: usize| format!(r#"{{"key":"q{index}","kind":"input","type":"rich","text":"?"}}"#);
    let over = |index: usize| format!(r#"{{"key":"p{index}","text":"x"}}"#);
    let listed = format!(r#""draw":1,"questions":[{}]"#, many(5000, &question));
    let of_section = |index: usize| {
        let page = format!(r#"{{"key":"p{index}","questions":[{}]}}"#, question(index));
        format!(r#"{{"key":"s{index}","title":"S","pages":[{page}]}}"#)
    };
    vec![
        (Code::NoSections, sections(""), "/sections"),
        (Code::NoPages, sections(r#"{"key":"s","title":"S","pages":[]}"#), "/sections/0/pages"),
        (
            Code::NoQuestions,
            pages(
                r#"{"key":"p","text":" ","questions":[]},{"key":"r","questions":[{"key":"q","kind":"input","type":"rich","text":"?"}]}"#,
            ),
            "/sections/0/pages/0/questions",
        ),
        (Code::NoQuestions, pages(r#"{"key":"p","text":"Read."}"#), "/sections"),
        (Code::LimitExceeded, sections(&many(101, &of_section)), "/sections"),
        (
            Code::LimitExceeded,
            pages(&format!("{},{}", page("first", &good()), many(1000, &over))),
            "/sections/0/pages",
        ),
        (Code::LimitExceeded, on_page(&many(1001, &question)), "/sections/0/pages/0/questions"),
        (
            Code::LimitExceeded,
            pool("section", &format!(r#"{listed},"spread":1"#)),
            "/sections/0/pages/1/questions",
        ),
        (
            Code::LimitExceeded,
            pool("section", r#""draw":1001,"bank":{},"spread":1"#),
            "/sections/0/pages",
        ),
        (Code::LimitExceeded, choices(&format!("[{}]", many(101, &part)), ""), "~/choices"),
        (
            Code::LimitExceeded,
            beside(&format!(
                r#""effects":[{}]"#,
                many(201, &|index| format!(r#"{{"name":"n{index}"}}"#))
            )),
            "/effects",
        ),
    ]
}

fn of_names() -> Vec<(Code, String, &'static str)> {
    let trees = r#""dimensions":[{"name":"D","sub":["S"]}],"effects":[{"name":"E"}]"#;
    let assigned = |path: &str| {
        let question =
            choice("q", &format!(r#","dimensions":[{{"path":["D","S"]}},{{"path":{path}}}]"#));
        on_page(&question).replace(r#""sections""#, &format!(r#"{trees},"sections""#))
    };
    let scored = |more: &str| {
        let list = TWO.replace(
            r#""text":"B""#,
            &format!(r#""text":"B","effects":[{{"path":["E"],"score":1}},{more}]"#),
        );
        let question = choice("q", r#","dimensions":[{"path":["D","S"]}]"#).replace(TWO, &list);
        on_page(&question).replace(r#""sections""#, &format!(r#"{trees},"sections""#))
    };
    let declared = |names: &str| beside(&format!(r#""dimensions":{names}"#));
    vec![
        (Code::DimensionDepth, assigned(r#"["D","S","T"]"#), "~/dimensions/1/path"),
        (Code::DimensionDepth, assigned("[]"), "~/dimensions/1/path"),
        (Code::DimensionUndeclared, assigned(r#"["S"]"#), "~/dimensions/1/path"),
        (Code::DimensionDuplicate, assigned(r#"["D","S"]"#), "~/dimensions/1/path"),
        (
            Code::DimensionDuplicate,
            declared(r#"[{"name":"D"},{"name":"D"}]"#),
            "/dimensions/1/name",
        ),
        (Code::EffectDepth, scored(r#"{"path":[],"score":1}"#), "~/choices/1/effects/1/path"),
        (
            Code::EffectUndeclared,
            scored(r#"{"path":["D"],"score":1}"#),
            "~/choices/1/effects/1/path",
        ),
        (
            Code::EffectDuplicate,
            scored(r#"{"path":["E"],"score":1}"#),
            "~/choices/1/effects/1/path",
        ),
        (
            Code::EffectDuplicate,
            beside(r#""effects":[{"name":"E","sub":["a","a"]}]"#),
            "/effects/0/sub/1",
        ),
        (
            Code::ScoreRange,
            scored(r#"{"path":["E"],"score":100001}"#).replace(r#"{"path":["E"],"score":1},"#, ""),
            "~/choices/1/effects/0/score",
        ),
        (Code::NameCharacters, declared(r#"[{"name":"D "}]"#), "/dimensions/0/name"),
        (Code::NameCharacters, beside(r#""levels":[{"name":"a\u0007"}]"#), "/levels/0/name"),
        (Code::PassMark, beside(r#""passMark":{}"#), "/passMark"),
        (Code::PassMark, beside(r#""passMark":{"ratio":1.1}"#), "/passMark"),
        (Code::LevelsFirst, beside(r#""levels":[{"name":"a","from":0}]"#), "/levels/0"),
        (Code::LevelsFirst, beside(r#""levels":[{"name":"a"},{"name":"b"}]"#), "/levels/1"),
        (
            Code::LevelsOrder,
            beside(r#""levels":[{"name":"a"},{"name":"b","from":0.5},{"name":"c","from":"0.50"}]"#),
            "/levels/2",
        ),
        (
            Code::LevelsOrder,
            beside(r#""levels":[{"name":"a"},{"name":"a","from":0.5}]"#),
            "/levels/1",
        ),
    ]
}

fn of_choices() -> Vec<(Code, String, &'static str)> {
    vec![
        (
            Code::ChoicesTooFew,
            choices(r#"[{"key":"a","text":"A","percentage":100}]"#, ""),
            "~/choices",
        ),
        (Code::SelectionBounds, choices(TWO, r#","maxSelections":3"#), "~/maxSelections"),
        (
            Code::SelectionBounds,
            choices(TWO, r#","minSelections":0,"maxSelections":1"#),
            "~/maxSelections",
        ),
        (Code::SelectionBounds, choices(TWO, r#","minSelections":2"#), "~"),
        (Code::ThresholdRange, choices(TWO, r#","threshold":0"#), "~/threshold"),
        (Code::ThresholdRange, choices(TWO, r#","threshold":101"#), "~/threshold"),
        (
            Code::ThresholdWithoutPartial,
            choices(TWO, r#","partial":false,"threshold":10"#),
            "~/threshold",
        ),
        (
            Code::NoRightChoice,
            choices(&TWO.replace("100", "0"), r#","partial":false"#),
            "~/choices",
        ),
        (Code::EvaluationImpossible, choices(TWO, r#","evaluation":"manual""#), "~/evaluation"),
    ]
}

fn of_matches() -> Vec<(Code, String, &'static str)> {
    let alone = r#""kind":"match","items":[{"key":"i","text":"I"}]"#;
    let twice = r#""matches":[{"option":"o","percentage":50},{"option":"o","percentage":50}]"#;
    let own =
        r#""options":[{"key":"mine","text":"M"}],"matches":[{"option":"o","percentage":100}]"#;
    let right = r#""matches":[{"option":"o","percentage":100}]"#;
    let uses = |uses: &str| {
        matching(right, "").replace(r#""text":"O""#, &format!(r#""text":"O","maxUses":{uses}"#))
    };
    vec![
        (Code::MatchNoOptions, of_kind(alone), "~/items/0"),
        (
            Code::MatchOptionUnknown,
            matching(r#""matches":[{"option":"x","percentage":100}]"#, ""),
            "~/items/0/matches/0/option",
        ),
        (Code::MatchOptionUnknown, matching(own, ""), "~/items/0/matches/0/option"),
        (Code::MatchOptionDuplicate, matching(twice, ""), "~/items/0/matches/1/option"),
        (Code::MatchMinRange, matching(right, r#","minMatches":2"#), "~/minMatches"),
        (Code::MatchMinRange, of_kind(r#""kind":"match","items":[]"#), "~/items"),
        (Code::MatchUsesRange, uses("1001"), "~/options/0/maxUses"),
        (Code::MatchUsesRange, uses("-1"), "~/options/0/maxUses"),
    ]
}

fn of_rules() -> Vec<(Code, String, &'static str)> {
    vec![
        (
            Code::RuleNotAllowed,
            rule("field", r#"{"rule":"between","percentage":100}"#),
            "~/rules/0",
        ),
        (
            Code::RuleNotAllowed,
            rule("numeric", r#"{"rule":"matches","percentage":100}"#),
            "~/rules/0",
        ),
        (Code::RuleNotAllowed, rule("rich", r#"{"rule":"equal","percentage":100}"#), "~/rules/0"),
        (
            Code::RuleBounds,
            rule("numeric", r#"{"rule":"between","min":2,"max":1,"percentage":100}"#),
            "~/rules/0",
        ),
        (
            Code::RuleBounds,
            rule(
                "numeric",
                r#"{"rule":"between","min":1,"max":"1,0","inclusive":false,"percentage":100}"#,
            ),
            "~/rules/0",
        ),
        (
            Code::RulePattern,
            rule("field", r#"{"rule":"matches","pattern":"(","percentage":100}"#),
            "~/rules/0/pattern",
        ),
        (
            Code::RulePattern,
            rule("field", r#"{"rule":"matches","pattern":"(?=a)","percentage":100}"#),
            "~/rules/0/pattern",
        ),
        (
            Code::RulePattern,
            rule("field", r#"{"rule":"matches","pattern":"(\\w{100}){100}","percentage":100}"#),
            "~/rules/0/pattern",
        ),
        (
            Code::RulePattern,
            rule("field", r#"{"rule":"matches","pattern":"a[ab]{5000}c","percentage":100}"#),
            "~/rules/0/pattern",
        ),
        (Code::PatternBudget, costly_rules(), "~/rules"),
        (
            Code::InputLimitRange,
            on_page(
                r#"{"key":"q","kind":"input","type":"area","text":"T","maxLength":20001,"rules":[{"rule":"matches","pattern":"a","percentage":100}]}"#,
            ),
            "~/maxLength",
        ),
        (
            Code::RuleValuesEmpty,
            rule("field", r#"{"rule":"one-of","values":[],"percentage":100}"#),
            "~/rules/0/values",
        ),
        (
            Code::RuleNumber,
            rule("numeric", r#"{"rule":"equal","value":1e3,"percentage":100}"#),
            "~/rules/0/value",
        ),
        (
            Code::RuleNumber,
            rule("numeric", r#"{"rule":"equal","value":1,"tolerance":-1,"percentage":100}"#),
            "~/rules/0/tolerance",
        ),
        (
            Code::RuleNumber,
            rule("numeric", r#"{"rule":"one-of","values":[1,"x"],"percentage":100}"#),
            "~/rules/0/values/1",
        ),
        (Code::BadEnum, rule("field", r#"{"rule":"is","percentage":100}"#), "~/rules/0/rule"),
    ]
}

/// Many rules of a usable size each, in a long text.
fn costly_rules() -> String {
    let rule = |n| format!(r#"{{"rule":"matches","pattern":"a[ab]{{1000}}{n}","percentage":100}}"#);
    let rules: Vec<_> = (0..40).map(rule).collect();
    let question = r#"{"key":"q","kind":"input","type":"area","text":"T","rules":["#;
    on_page(&format!("{question}{}]}}", rules.join(",")))
}

fn of_inputs() -> Vec<(Code, String, &'static str)> {
    let ruled = r#""type":"field","rules":[{"rule":"equal","value":"a","percentage":100}]"#;
    let cell =
        r#"{"row":"r","column":"c","rules":[{"rule":"equal","value":"a","percentage":100}]}"#;
    vec![
        (
            Code::EvaluationImpossible,
            input(r#""type":"field","evaluation":"auto""#),
            "~/evaluation",
        ),
        (
            Code::EvaluationRulesUnused,
            input(&format!(r#"{ruled},"evaluation":"manual""#)),
            "~/rules",
        ),
        (
            Code::EvaluationRulesUnused,
            grid(cell).replace(r#""key":"q","#, r#""key":"q","evaluation":"manual","#),
            "~/cells/0/rules",
        ),
        (
            Code::EvaluationNoneEffective,
            input(r#""type":"field","evaluation":"none","effective":true"#),
            "~/effective",
        ),
        (Code::EvaluationNoneEffective, input(r#""type":"field","evaluation":"none""#), "~"),
        (
            Code::SeparatorConflict,
            input(r#""type":"numeric","groupSeparator":",""#),
            "~/groupSeparator",
        ),
        (
            Code::SeparatorConflict,
            input(r#""type":"numeric","decimalSeparator":".","groupSeparator":".""#),
            "~/groupSeparator",
        ),
        (
            Code::TabularEmpty,
            tabular(r#""columns":[],"rows":[{"key":"r","title":"R"}],"cells":[]"#),
            "~",
        ),
        (Code::TabularCellUnknown, grid(r#"{"row":"x","column":"c"}"#), "~/cells/0"),
        (Code::TabularCellDuplicate, grid(&format!("{cell},{cell}")), "~/cells/1"),
        (Code::InputLimitRange, input(r#""type":"field","maxLength":0"#), "~/maxLength"),
        (Code::InputLimitRange, input(r#""type":"audio","maxSeconds":3601"#), "~/maxSeconds"),
        (Code::InputLimitRange, input(r#""type":"file","maxFiles":21"#), "~/maxFiles"),
        (Code::InputLimitRange, input(r#""type":"photo","maxBytes":2147483649"#), "~/maxBytes"),
    ]
}

fn of_pools() -> Vec<(Code, String, &'static str)> {
    let listed = format!(r#""questions":[{}]"#, choice("x", ""));
    let paged = format!(r#""pages":[{}]"#, page("x", &choice("x", "")));
    let bank = r#"{"ref":{"questionId":"b1"},"key":"other"}"#;
    vec![
        (Code::PoolSource, pool("page", r#""draw":1"#), "~/pool"),
        (Code::PoolSource, pool("page", &format!(r#""draw":1,"bank":{{}},{listed}"#)), "~/pool"),
        (Code::PoolSource, pool("page", &format!(r#""draw":1,{paged}"#)), "~/pool"),
        (
            Code::PoolSource,
            pool("page", &format!(r#""draw":1,"questions":[{},{{"pool":{{}}}}]"#, choice("x", ""))),
            "~/pool/questions/1/pool",
        ),
        (Code::PoolDrawRange, pool("page", &format!(r#""draw":2,{listed}"#)), "~/pool/draw"),
        (
            Code::PoolDrawRange,
            pool("section", &format!(r#""draw":0,{paged}"#)),
            "/sections/0/pages/0/pool/draw",
        ),
        (Code::PoolDrawRange, pool("page", r#""draw":0,"bank":{}"#), "~/pool/draw"),
        (
            Code::PoolDrawRange,
            on_page(&format!(
                r#"{bank},{{"pool":{{"key":"pool","draw":2,"questions":[{},{{"ref":{{"questionId":"b1"}}}}]}}}}"#,
                choice("x", "")
            )),
            "/sections/0/pages/0/questions/1/pool/draw",
        ),
        (
            Code::PoolSpreadRange,
            pool("section", &format!(r#""draw":1,{listed}"#)),
            "/sections/0/pages/0/pool",
        ),
    ]
}

/// Sections and what they draw.
fn of_sections() -> Vec<(Code, String, &'static str)> {
    let listed = format!(r#""questions":[{}]"#, choice("x", ""));
    let paged = format!(r#""pages":[{}]"#, page("x", &choice("x", "")));
    let bank = r#"{"ref":{"questionId":"b1"},"key":"other"}"#;
    vec![
        (
            Code::PoolSpreadRange,
            pool("section", &format!(r#""draw":1,"spread":2,{listed}"#)),
            "/sections/0/pages/0/pool/spread",
        ),
        (
            Code::PoolSpreadRange,
            pool("page", &format!(r#""draw":1,"spread":1,{listed}"#)),
            "~/pool/spread",
        ),
        (
            Code::UnknownField,
            pool("page", &format!(r#""draw":1,"shuffle":true,{listed}"#)),
            "~/pool/shuffle",
        ),
        (
            Code::UnknownField,
            pool("section", &format!(r#""draw":1,"required":true,{paged}"#)),
            "/sections/0/pages/0/pool/required",
        ),
        (
            Code::DuplicateKey,
            pool("section", &format!(r#""draw":1,"spread":1,{listed}"#))
                .replace(r#""key":"p""#, r#""key":"pool-1""#),
            "/sections/0/pages/1/key",
        ),
        (
            Code::BadKey,
            pool("section", &format!(r#""draw":1,"spread":1,{listed}"#))
                .replace(r#""key":"pool""#, &format!(r#""key":"{}""#, "k".repeat(64))),
            "/sections/0/pages/0/pool/key",
        ),
        (Code::BankQuestionUnknown, on_page(r#"{"ref":{"questionId":"b2"}}"#), "~/ref"),
        (
            Code::BankQuestionUnknown,
            on_page(r#"{"ref":{"questionId":"b1","organizationId":"Og2"}}"#),
            "~/ref",
        ),
        (
            Code::BankQuestionDuplicate,
            on_page(&format!(r#"{{"ref":{{"questionId":"b1"}}}},{bank}"#)),
            "/sections/0/pages/0/questions/1/ref",
        ),
        (
            Code::DuplicateKey,
            on_page(&format!(r#"{},{{"ref":{{"questionId":"b1"}}}}"#, choice("b1", ""))),
            "/sections/0/pages/0/questions/1/ref",
        ),
    ]
}

fn of_whole() -> Vec<(Code, String, &'static str)> {
    let ignoring = |blanks: &str, pages: &str| {
        section(&format!(r#""ignorableBlanks":{blanks},"pages":[{pages}]"#))
    };
    let pool = format!(
        r#"{{"pool":{{"key":"pool","draw":2,"spread":1,"questions":[{},{},{}]}}}}"#,
        choice("x", ""),
        choice("y", ""),
        choice("z", "")
    );
    vec![
        (Code::IgnorableRange, ignoring("-1", &page("p", &good())), "/sections/0/ignorableBlanks"),
        (Code::IgnorableRange, ignoring("2", &page("p", &good())), "/sections/0/ignorableBlanks"),
        (
            Code::IgnorableRange,
            ignoring("4", &format!("{},{pool}", page("p", &good()))),
            "/sections/0/ignorableBlanks",
        ),
    ]
}

/// A criterion with two levels and further members.
fn criterion(key: &str, more: &str) -> String {
    let levels =
        r#"[{"key":"a","title":"A","percentage":100},{"key":"b","title":"B","percentage":0}]"#;
    format!(r#"{{"key":"{key}","title":"C","levels":{levels}{more}}}"#)
}

/// A text that a person evaluates by these criteria.
fn essay(criteria: &str) -> String {
    input(&format!(r#""type":"area","guidance":"*Look* for it.","rubric":[{criteria}]"#))
}

fn of_warnings_of_points() -> Vec<(Code, String, &'static str)> {
    let half = |more: &str| choices(&TWO.replace("100", "50"), more);
    vec![
        (Code::WarnNoPositive, choices(&TWO.replace("100", "0"), ""), "~"),
        (Code::WarnNoPositive, on_page(&choice("q", r#","points":0"#)), "~"),
        (Code::WarnNoPositive, half(r#","threshold":60"#), "~"),
        (Code::WarnUnreachableFull, half(""), "~"),
        (
            Code::WarnUnreachableFull,
            rule(
                "numeric",
                r#"{"rule":"equal","value":1,"percentage":60},{"rule":"equal","value":2,"percentage":60}"#,
            ),
            "~",
        ),
        (
            Code::WarnUnreachableFull,
            rule(
                "field",
                r#"{"rule":"equal","value":"A","percentage":60},{"rule":"not-equal","value":"a","percentage":60}"#,
            ),
            "~",
        ),
        (
            Code::WarnTimeNested,
            section(&format!(
                r#""timeLimit":10,"pages":[{{"key":"p","timeLimit":11,"questions":[{}]}}]"#,
                good()
            )),
            "/sections/0/pages/0/timeLimit",
        ),
        (
            Code::RubricNotManual,
            on_page(&choice("q", &format!(r#","rubric":[{}]"#, criterion("c", "")))),
            "~/rubric",
        ),
        (
            Code::RubricLevels,
            essay(&criterion("c", "").replace(r#",{"key":"b","title":"B","percentage":0}"#, "")),
            "~/rubric/0/levels",
        ),
        (Code::RubricWeight, essay(&criterion("c", r#","weight":0"#)), "~/rubric/0/weight"),
        (
            Code::DuplicateKey,
            essay(&format!("{},{}", criterion("c", ""), criterion("c", ""))),
            "~/rubric/1/key",
        ),
        (
            Code::LimitExceeded,
            essay(&(0..21).map(|n| criterion(&format!("c{n}"), "")).collect::<Vec<_>>().join(",")),
            "~/rubric",
        ),
        (
            Code::LevelRange,
            beside(r#""levels":[{"name":"A"},{"name":"B","from":1.5}]"#),
            "/levels/1/from",
        ),
    ]
}

fn of_warnings_of_names_and_sums() -> Vec<(Code, String, &'static str)> {
    vec![
        (Code::WarnUnusedName, beside(r#""effects":[{"name":"E"}]"#), "/effects/0/name"),
        (
            Code::WarnTextInvisible,
            on_page(&good().replace(r#""text":"?""#, r#""text":"&nbsp;""#)),
            "~/text",
        ),
        (
            Code::WarnTextInvisible,
            choices(&TWO.replace(r#""B""#, r#""&nbsp;""#), ""),
            "~/choices/1/text",
        ),
        (
            Code::WarnTextInvisible,
            on_page(&good()).replace(r#""title":"S""#, r#""title":"[](x)""#),
            "/sections/0/title",
        ),
        (
            Code::WarnTextsAlike,
            choices(&TWO.replace(r#""B""#, r#""**A**""#), ""),
            "~/choices/1/text",
        ),
        (
            Code::WarnTextsAlike,
            of_kind(
                r#""kind":"match","options":[{"key":"o","text":"$x^2$"},{"key":"u","text":"x²"}],"items":[{"key":"i","text":"I","matches":[{"option":"o","percentage":100}]}]"#,
            ),
            "~/options/1/text",
        ),
        (
            Code::WarnEverythingEarnsAll,
            choices(
                r#"[{"key":"a","text":"A","percentage":50},{"key":"b","text":"B","percentage":50},{"key":"c","text":"C"}]"#,
                r#","maxSelections":3"#,
            ),
            "~",
        ),
        (
            Code::WarnNegativeFree,
            choices(&TWO.replace(r#""text":"B""#, r#""text":"B","percentage":-100"#), ""),
            "~",
        ),
        (
            Code::WarnSharesNotFull,
            of_kind(
                r#""kind":"match","options":[{"key":"o","text":"O","maxUses":0}],"items":[{"key":"i","text":"I","matches":[{"option":"o","percentage":100}]},{"key":"j","text":"J","matches":[{"option":"o","percentage":100}]}]"#,
            ),
            "~",
        ),
        (
            Code::WarnAmbiguousNumber,
            input(
                r#""type":"numeric","decimalSeparator":"either","rules":[{"rule":"equal","value":1000,"percentage":100}]"#,
            ),
            "~/rules/0",
        ),
        (Code::WarnBankSmall, pool("page", r#""draw":2,"bank":{}"#), "~/pool"),
        (
            Code::WarnMediaDescription,
            beside(&format!(r#""closing":"![ ](asset:{KNOWN_ASSET}?plays=2)""#)),
            "/closing",
        ),
        (
            Code::WarnExternalMedia,
            beside(r#""closing":"![A plan](https://example.org/plan.png)""#),
            "/closing",
        ),
    ]
}

#[test]
fn every_code_is_reported_alone_and_at_its_place() {
    let has_asset = |digest: &str| digest == KNOWN_ASSET;
    let organization = OrganizationId::from("Og1");
    let surroundings =
        ValidationContext { bank: &OneQuestion, has_asset: &has_asset, organization };
    let mut wrong = Vec::new();
    for (code, document, pointer) in cases() {
        let found = match read(
            document.as_bytes(),
            DocumentFormat::Guess,
            Uuid::from_u128(7),
            &surroundings,
        ) {
            Ok(checked) => checked.warnings,
            Err(faults) => faults,
        };
        let pointer = pointer.replace('~', Q);
        if brief(&found) != [(code, pointer.as_str())] {
            let start = document.chars().take(300).collect::<String>();
            wrong.push(format!("{code} at {pointer}: {:?}\n  {start}", brief(&found)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_covers_every_code() {
    let covered: BTreeSet<_> = cases().into_iter().map(|(code, _, _)| code).collect();
    let missing: Vec<_> = Code::ALL.iter().filter(|code| !covered.contains(code)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
