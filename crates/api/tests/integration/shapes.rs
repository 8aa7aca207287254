//! Invariants 6, 8, 9, 11, 13 and 24 and the first of 25, and the shapes of 2.2: what is printed,
//! to the letter.

use crate::generated_task::{GeneratedInstance, GeneratedTask, PropertyServer, plan};
use api::integration::test_instances::schema::{
    BasicResult, BasicTestInstance, DetailedResult, DetailedTestInstance, TestInstanceStatus,
};
use domain::instance::InstanceState;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use testkit::{TestRequest, TestServer};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawListBody {
    test_instances: Vec<Box<RawValue>>,
}

/// The rows of the whole list, byte for byte.
async fn rows(server: &TestServer, roll: &GeneratedTask, mode: &str) -> Vec<String> {
    let target = format!("{}?limit=1000&mode={mode}", roll.list());
    let answer = server.send(TestRequest::get(target).bearer(&server.key)).await;
    let page: RawListBody = serde_json::from_slice(&answer.body).unwrap();
    page.test_instances.iter().map(|row| row.get().to_owned()).collect()
}

/// The basic shape with its values as they were printed.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct BasicProjection {
    test_instance_id: Box<RawValue>,
    task_id: Box<RawValue>,
    step_id: Box<RawValue>,
    ticket_id: Box<RawValue>,
    status: Box<RawValue>,
    ignored: Box<RawValue>,
    result: Box<RawValue>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct RawResult {
    completed_at: Box<RawValue>,
    scoreboard: RawScoreboard,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct RawScoreboard {
    points_achieved: Box<RawValue>,
    max_achievable_points: Box<RawValue>,
    achievement_ratio: Box<RawValue>,
}

/// A detailed row without what only detailed rows have.
fn projected(detailed: &str) -> String {
    let mut row: BasicProjection = serde_json::from_str(detailed).unwrap();
    if row.result.get() != "false" {
        let result: RawResult = serde_json::from_str(row.result.get()).unwrap();
        row.result = serde_json::value::to_raw_value(&result).unwrap();
    }
    serde_json::to_string(&row).unwrap()
}

/// The number tokens of a JSON text, outside its strings.
fn numbers(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(|sign: char| sign == '"' || sign == '-' || sign.is_ascii_digit())
    {
        rest = &rest[at..];
        let length = if rest.starts_with('"') { string_length(rest) } else { number_length(rest) };
        if !rest.starts_with('"') {
            found.push(&rest[..length]);
        }
        rest = &rest[length..];
    }
    found
}

fn string_length(text: &str) -> usize {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|(_, sign)| {
        let ends = *sign == '"' && !escaped;
        escaped = *sign == '\\' && !escaped;
        ends
    });
    end.unwrap().0 + 1
}

fn number_length(text: &str) -> usize {
    text.find(|sign: char| !(sign.is_ascii_digit() || "-+.eE".contains(sign))).unwrap_or(text.len())
}

fn check_number(number: &str) {
    let digits = number.strip_prefix('-').unwrap_or(number);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "1"));
    assert!(digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'), "{number}");
    assert!(whole == "0" || !whole.starts_with('0') && !whole.is_empty(), "{number}");
    assert!(!fraction.is_empty() && fraction.len() <= 12 && !fraction.ends_with('0'), "{number}");
    assert_ne!(number, "-0");
}

/// A printed number in units of 10^-12.
fn units(number: &str) -> i128 {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    format!("{whole}{fraction:0<12}").parse().unwrap()
}

/// The rule of 2.4 in whole numbers: ties away from zero, 0 for no maximum. Units of 10^-12.
fn expected_ratio(points: i128, maximum: i128) -> i128 {
    if maximum == 0 {
        return 0;
    }
    let (millionths, rest) =
        (points.abs() * 1_000_000 / maximum, points.abs() * 1_000_000 % maximum);
    let rounded = millionths + i128::from(rest * 2 >= maximum);
    rounded * 1_000_000 * points.signum()
}

/// All scoreboards of a value, wherever they are.
fn boards(text: &str) -> Vec<RawScoreboard> {
    text.match_indices("{\"pointsAchieved\":")
        .map(|(at, _)| {
            let end = at + text[at..].find('}').unwrap() + 1;
            serde_json::from_str(&text[at..end]).unwrap()
        })
        .collect()
}

fn check_ratios(row: &str) {
    for board in boards(row) {
        let ratio = board.achievement_ratio.get();
        let expected = expected_ratio(
            units(board.points_achieved.get()),
            units(board.max_achievable_points.get()),
        );
        assert_eq!(units(ratio), expected, "{row}");
        assert!(ratio.split_once('.').is_none_or(|(_, fraction)| fraction.len() <= 6), "{ratio}");
    }
}

fn check_states(row: &GeneratedInstance, basic: &str, detailed: &str) {
    let basic: BasicTestInstance = serde_json::from_str(basic).unwrap();
    let detailed: DetailedTestInstance = serde_json::from_str(detailed).unwrap();
    let is_complete = row.state == InstanceState::Complete;
    assert_eq!(matches!(basic.result, BasicResult::Some(_)), is_complete);
    assert_eq!(matches!(detailed.result, DetailedResult::Some(_)), is_complete);
    assert!(is_complete || basic.result == BasicResult::None(false));
    assert_eq!(
        (basic.status == TestInstanceStatus::Complete, basic.ignored),
        (is_complete, row.ignored)
    );
    assert!(!basic.ignored || is_complete);
    assert_eq!((&basic.ticket_id, &detailed.candidate.id), (&row.ticket, &row.owner));
}

/// Sections add up to the whole, exactly.
fn check_sums(detailed: &str) {
    let row: Value = serde_json::from_str(detailed).unwrap();
    let Some(sections) = row["result"]["sections"].as_array() else { return };
    let found = boards(detailed);
    let (total, parts) = (&found[0], &found[1..=sections.len()]);
    let sum = |field: fn(&RawScoreboard) -> &RawValue| {
        parts.iter().map(|part| units(field(part).get())).sum::<i128>()
    };
    assert_eq!(units(total.points_achieved.get()), sum(|board| &board.points_achieved));
    assert_eq!(units(total.max_achievable_points.get()), sum(|board| &board.max_achievable_points));
    let questions = sections
        .iter()
        .map(|section| section["scoreboard"]["noOfQuestions"].as_u64().unwrap())
        .sum::<u64>();
    assert_eq!(row["result"]["scoreboard"]["noOfQuestions"], questions);
}

#[test]
fn every_printed_instance_keeps_to_its_shape() {
    let hall = PropertyServer::new();
    proptest!(ProptestConfig::with_cases(48), |(plan in plan(40))| {
        let roll = hall.write(&plan);
        hall.runtime.block_on(async {
            let basic = rows(&hall.server, &roll, "basic").await;
            let detailed = rows(&hall.server, &roll, "detailed").await;
            assert_eq!((basic.len(), detailed.len()), (roll.rows.len(), roll.rows.len()));
            for ((row, basic), detailed) in roll.rows.iter().zip(&basic).zip(&detailed) {
                check_states(row, basic, detailed);
                assert_eq!(&projected(detailed), basic);
                // Read and printed again: the order of the keys is that of the shapes, at every
                // level.
                let again = serde_json::from_str::<DetailedTestInstance>(detailed).unwrap();
                assert_eq!(keys(&serde_json::to_string(&again).unwrap()), keys(detailed));
                numbers(detailed).into_iter().for_each(check_number);
                check_ratios(detailed);
                check_sums(detailed);
            }
        });
    });
}

/// The paths of all keys in the order they are printed.
fn keys(text: &str) -> Vec<String> {
    fn collect(value: &Value, path: &str, into: &mut Vec<String>) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, value)| {
                let path = format!("{path}/{name}");
                into.push(path.clone());
                collect(value, &path, into);
            }),
            Value::Array(items) => items
                .iter()
                .enumerate()
                .for_each(|(at, item)| collect(item, &format!("{path}/{at}"), into)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    collect(&serde_json::from_str(text).unwrap(), "", &mut found);
    found
}

#[test]
fn a_single_fetch_has_the_bytes_of_the_list() {
    let hall = PropertyServer::new();
    proptest!(ProptestConfig::with_cases(16), |(plan in plan(20))| {
        let roll = hall.write(&plan);
        hall.runtime.block_on(async {
            for mode in ["basic", "detailed"] {
                for (row, listed) in roll.rows.iter().zip(rows(&hall.server, &roll, mode).await) {
                    let target = format!("{}/{}?mode={mode}", roll.list(), row.id);
                    let fetched = hall.server.send(TestRequest::get(target).bearer(&hall.server.key)).await;
                    assert_eq!((fetched.status, fetched.text()), (200, listed.as_str()));
                }
            }
        });
    });
}

/// The order of 2.2, written out once more beside the types that claim it.
#[tokio::test]
async fn a_completed_instance_is_printed_like_the_example() {
    let class = crate::case_fixture::CaseFixture::new().await;
    let server = &class.server;
    let id = &class.instances[1];
    server.evaluate(&class.t1.id, id, 85, "evaluate").await;
    let basic = server.get(&class.fill(&format!("/tasks/{{T1}}/test-instances/{id}"))).await;
    let ids = class.fill(&format!(
        r#"{{"testInstanceId":"{id}","taskId":"{{T1}}","stepId":"{}","ticketId":"{{C2}}","status":"COMPLETE","ignored":false,"#,
        class.t1.steps[0]
    ));
    // 85 % of the 4 points of the essay; the best blank question is not counted.
    let scoreboard =
        r#"{"pointsAchieved":3.4,"maxAchievablePoints":7.5,"achievementRatio":0.453333"#;
    let completed_at = basic.json()["result"]["completedAt"].as_i64().unwrap();
    let expected =
        format!(r#"{ids}"result":{{"completedAt":{completed_at},"scoreboard":{scoreboard}}}}}}}"#);
    assert_eq!(basic.text(), expected);

    let detailed =
        server.get(&class.fill(&format!("/tasks/{{T1}}/test-instances/{id}?mode=detailed"))).await;
    insta::assert_snapshot!("detailed", masked(&class, detailed.text()));
    let open = server.get(&class.fill("/tasks/{T1}/test-instances/{I04}?mode=detailed")).await;
    insta::assert_snapshot!("detailed_open", masked(&class, open.text()));
}

/// Ids that differ from run to run, by their short names.
fn masked(class: &crate::case_fixture::CaseFixture, text: &str) -> String {
    let mut masked = text.replace(class.t1.steps[0].as_str(), "S1");
    for name in ["T1", "C2", "U2", "O1", "I02", "I04"] {
        masked = masked.replace(class.value(name), name);
    }
    masked
}
