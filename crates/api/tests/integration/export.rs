//! The export (10.2) and invariant 17: the rows of the list at one moment, in three forms.

use crate::case_fixture::CaseFixture;
use crate::generated_task::{PropertyServer, plan};
use calamine::{Data, Reader as _, Xlsx, open_workbook_from_rs};
use http_body_util::BodyExt as _;
use proptest::prelude::*;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::io::Cursor;
use storage::{StorageError, Transaction};
use testkit::{TestRequest, TestResponse, TestServer, V1};
use tower::ServiceExt as _;

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExportedListBody {
    test_instances: Vec<Box<RawValue>>,
}

/// The rows of a list as printed.
async fn listed(server: &TestServer, task: &str, query: &str) -> Vec<String> {
    let answer = server.get(&format!("/tasks/{task}/test-instances?limit=1000{query}")).await;
    let list: ExportedListBody = serde_json::from_slice(&answer.body).unwrap();
    list.test_instances.iter().map(|row| row.get().to_owned()).collect()
}

async fn exported(server: &TestServer, task: &str, query: &str) -> TestResponse {
    let answer = server.get(&format!("/tasks/{task}/test-instances/export?{query}")).await;
    assert_eq!(
        (answer.status, answer.header("content-disposition")),
        (200, "attachment"),
        "{query}"
    );
    answer
}

/// The lines before the trailer, which is checked.
fn lines(answer: &TestResponse) -> Vec<String> {
    let text = answer.text();
    let trailer = text.trim_end().lines().last().unwrap();
    let before = &text[..text.len() - trailer.len() - 1];
    let lines: Vec<_> = before.lines().map(str::to_owned).collect();
    let digest =
        Sha256::digest(before).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(trailer, format!(r#"{{"end":true,"count":{},"sha256":"{digest}"}}"#, lines.len()));
    lines
}

fn sheet(answer: &TestResponse, name: &str) -> Vec<Vec<Data>> {
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(answer.body.clone())).unwrap();
    let range = book.worksheet_range(name).unwrap();
    range.rows().map(<[Data]>::to_vec).collect()
}

#[tokio::test]
async fn an_export_has_the_parameters_of_the_list_but_no_pages() {
    let class = CaseFixture::new().await;
    let faults = async |query: &str| {
        class
            .server
            .get(&class.fill(&format!("/tasks/{{T1}}/test-instances/export?{query}")))
            .await
            .faults()
    };
    let expected = [
        "format invalid_enum",
        "limit unknown_parameter",
        "page unknown_parameter",
        "mode invalid_enum",
    ];
    assert_eq!(faults("format=json&limit=5&page=1&mode=full").await, expected);
    assert_eq!(
        faults("ticketId={C1}&externalId=x").await,
        ["ticketId conflicting_filters", "externalId conflicting_filters"]
    );
    assert_eq!(
        faults("format=&externalId=").await,
        ["format empty_value", "externalId empty_value"]
    );
    let missing = class.server.get("/tasks/nosuch/test-instances/export").await;
    let foreign =
        class.server.get(&class.fill("/tasks/{T9}/test-instances/export?format=xlsx")).await;
    assert_eq!((missing.status, &missing.body), (404, &foreign.body));
}

#[tokio::test]
async fn an_export_of_nothing_is_whole_too() {
    let class = CaseFixture::new().await;
    let of_nobody = exported(&class.server, class.value("T1"), &class.fill("ticketId={C3}")).await;
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(of_nobody.text(), format!("{{\"end\":true,\"count\":0,\"sha256\":\"{empty}\"}}\n"));
    assert_eq!(of_nobody.header("content-type"), "application/x-ndjson");
    let csv = exported(&class.server, class.value("T0"), "format=csv").await;
    let header = "testInstanceId,taskId,stepId,ticketId,status,ignored,completedAt,pointsAchieved,maxAchievablePoints,achievementRatio\r\n";
    assert_eq!((csv.text(), csv.header("content-type")), (header, "text/csv; charset=utf-8"));
    let detailed = exported(&class.server, class.value("T0"), "format=csv&mode=detailed").await;
    let more = "noOfQuestions,organizationId,candidate.id,candidate.kind,folder,group,labels,tags,sections,dimensions,effects";
    assert_eq!(detailed.text(), header.replace("\r\n", &format!(",{more}\r\n")));
    let xlsx = exported(&class.server, class.value("T0"), "format=xlsx").await;
    assert_eq!(sheet(&xlsx, "test-instances").len(), 1);
}

#[tokio::test]
async fn lines_are_the_rows_of_the_list_for_every_filter_and_mode() {
    let class = CaseFixture::new().await;
    let t1 = class.value("T1");
    for query in [
        "",
        "&mode=detailed",
        "&ticketId={C1}",
        "&candidateId={U2}&mode=detailed",
        "&externalId=EMP-2",
    ] {
        let query = class.fill(query);
        let answer = exported(&class.server, t1, query.trim_start_matches('&')).await;
        assert_eq!(lines(&answer), listed(&class.server, t1, &query).await, "{query}");
    }
}

#[tokio::test]
async fn a_known_tag_gives_304_until_something_changes_and_head_has_no_body() {
    let class = CaseFixture::new().await;
    let target = class.fill(&format!("{V1}/tasks/{{T1}}/test-instances/export?format=csv"));
    let ask = |method: &str, tag: &str| {
        let sent = TestRequest::new(method, target.as_str()).bearer(&class.server.key);
        class.server.send(if tag.is_empty() { sent } else { sent.header("if-none-match", tag) })
    };
    let first = ask("GET", "").await;
    assert_eq!(ask("GET", "").await.body, first.body);
    let existing = ask("GET", first.tag()).await;
    assert_eq!((existing.status, existing.body.len(), existing.tag()), (304, 0, first.tag()));
    let head = ask("HEAD", "").await;
    assert_eq!((head.status, head.body.len(), head.tag()), (200, 0, first.tag()));
    class.server.ignore(&class.t1.id, &class.instances[0]).await;
    assert_ne!(ask("GET", first.tag()).await.tag(), first.tag());
    let packed = class.server.send_decoding(
        TestRequest::get(target.as_str())
            .bearer(&class.server.key)
            .header("accept-encoding", "gzip"),
    );
    assert_eq!(packed.await.body, ask("GET", "").await.body);
}

#[test]
fn an_export_is_the_list_walked_at_one_moment() {
    let hall = PropertyServer::new();
    proptest!(ProptestConfig::with_cases(16), |(plan in plan(12))| {
        let roll = hall.write(&plan);
        hall.runtime.block_on(async {
            for query in ["", "&mode=detailed"] {
                let answer = exported(&hall.server, &roll.task, query.trim_start_matches('&')).await;
                assert_eq!(lines(&answer), listed(&hall.server, &roll.task, query).await);
            }
            check_table(&hall.server, &roll.task).await;
        });
    });
}

/// Compares the CSV with the list, cell by cell.
async fn check_table(server: &TestServer, task: &str) {
    let printed = listed(server, task, "&mode=detailed").await;
    let rows: Vec<Value> = printed.iter().map(|row| serde_json::from_str(row).unwrap()).collect();
    let answer = exported(server, task, "format=csv&mode=detailed").await;
    let mut reader =
        csv::ReaderBuilder::new().terminator(csv::Terminator::CRLF).from_reader(&answer.body[..]);
    let header = reader.headers().unwrap().clone();
    let records: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), rows.len());
    for ((record, row), printed) in records.iter().zip(&rows).zip(&printed) {
        let cell = |name: &str| &record[header.iter().position(|entry| entry == name).unwrap()];
        for name in [
            "testInstanceId",
            "taskId",
            "stepId",
            "ticketId",
            "status",
            "folder",
            "group",
            "organizationId",
        ] {
            let text = row[name].as_str().unwrap();
            let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
            assert_eq!(
                cell(name),
                if is_formula { format!("'{text}") } else { text.to_owned() },
                "{name}"
            );
        }
        assert_eq!(cell("ignored"), row["ignored"].to_string());
        assert_eq!(
            (cell("candidate.id"), cell("candidate.kind")),
            (text(&row["candidate"]["id"]), text(&row["candidate"]["kind"]))
        );
        let scoreboard = &row["result"]["scoreboard"];
        for name in ["pointsAchieved", "maxAchievablePoints", "achievementRatio", "noOfQuestions"] {
            assert_eq!(cell(name).is_empty(), scoreboard[name].is_null(), "{name}");
            // Literal by literal: a float would lose digits.
            assert!(
                cell(name).is_empty() || printed.contains(&format!("\"{name}\":{}", cell(name))),
                "{name}"
            );
        }
        for name in ["labels", "tags"] {
            assert_eq!(serde_json::from_str::<Value>(cell(name)).unwrap(), row[name], "{name}");
        }
        for name in ["sections", "dimensions", "effects"] {
            let list = if cell(name).is_empty() {
                Value::Null
            } else {
                serde_json::from_str(cell(name)).unwrap()
            };
            assert_eq!(list, row["result"].get(name).cloned().unwrap_or_default(), "{name}");
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[tokio::test]
async fn a_workbook_has_a_row_for_every_entry_and_equal_content_gives_equal_bytes() {
    let class = CaseFixture::new().await;
    let t1 = class.value("T1");
    let answer = exported(&class.server, t1, "format=xlsx&mode=detailed").await;
    assert_eq!(exported(&class.server, t1, "format=xlsx&mode=detailed").await.body, answer.body);
    let instances = sheet(&answer, "test-instances");
    assert_eq!((instances.len(), instances[0].len()), (24, 18));
    assert_eq!(instances[1][0], Data::String(class.instances[0].to_string()));
    assert_eq!((&instances[1][5], &instances[3][6]), (&Data::Bool(false), &Data::Empty));
    let rows = listed(&class.server, t1, "&mode=detailed").await;
    let first: Value = serde_json::from_str(&rows[0]).unwrap();
    let points = first["result"]["scoreboard"]["pointsAchieved"].as_f64().unwrap();
    assert_eq!(instances[1][7], Data::Float(points));
    // Three completed instances: two sections, two dimensions with three subs, two effects with two
    // subs each.
    assert_eq!(sheet(&answer, "sections").len(), 1 + 3 * 2);
    assert_eq!(sheet(&answer, "dimensions").len(), 1 + 3 * 5);
    let effects = sheet(&answer, "effects");
    assert_eq!(effects.len(), 1 + 3 * 4);
    let names = json!([effects[2][1].to_string(), effects[2][2].to_string()]);
    assert_eq!(names, json!(["Style", "Careful"]));
    let basic = exported(&class.server, t1, "format=xlsx").await;
    assert_eq!(sheet(&basic, "test-instances")[0].len(), 10);
}

#[tokio::test]
async fn no_text_becomes_a_formula() {
    let class = CaseFixture::new().await;
    let formula = "=HYPERLINK(\"http://example.org\",\"x\")";
    let set = move |tx: &mut dyn Transaction| -> Result<u64, StorageError> {
        tx.execute("UPDATE instance SET group_name = $1", storage::values![formula])
    };
    class.server.test_app.storage.write(set).await.unwrap();
    let csv = exported(&class.server, class.value("T1"), "format=csv&mode=detailed").await;
    assert!(
        csv.text().contains(",\"'=HYPERLINK(\"\"http://example.org\"\",\"\"x\"\")\","),
        "{}",
        csv.text()
    );
    let xlsx = exported(&class.server, class.value("T1"), "format=xlsx&mode=detailed").await;
    assert_eq!(sheet(&xlsx, "test-instances")[1][15], Data::String(formula.to_owned()));
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(xlsx.body.clone())).unwrap();
    assert!(book.worksheet_formula("test-instances").unwrap().used_cells().next().is_none());
}

#[tokio::test]
async fn a_failure_midway_breaks_the_stream() {
    let class = CaseFixture::new().await;
    let spoil = class.instances[1].clone();
    let set = move |tx: &mut dyn Transaction| -> Result<u64, StorageError> {
        tx.execute(
            "UPDATE instance SET result_basic = 'broken' WHERE id = $1",
            storage::values![spoil],
        )
    };
    class.server.test_app.storage.write(set).await.unwrap();
    for format in ["csv", "xlsx"] {
        let target =
            class.fill(&format!("{V1}/tasks/{{T1}}/test-instances/export?format={format}"));
        let request = axum::http::Request::get(target)
            .header("authorization", format!("Bearer {}", class.server.key));
        let request = request.body(axum::body::Body::empty()).unwrap();
        let response = class.server.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(response.into_body().collect().await.is_err(), "{format}");
    }
}

#[tokio::test]
async fn an_export_that_came_to_its_end_is_recorded() {
    let class = CaseFixture::new().await;
    exported(&class.server, class.value("T1"), &class.fill("ticketId={C1}")).await;
    let organization = class.server.test_app.organization.clone();
    let chain = storage::event::EventChain::Organization(organization.clone());
    let read =
        move |tx: &mut dyn Transaction| storage::event::list(tx, &organization, &chain, 0, 1000);
    // It is recorded behind the last byte.
    let mut events = Vec::new();
    for _ in 0..20_000 {
        events = class.server.test_app.storage.read(read.clone()).await.unwrap();
        if events.last().unwrap().event.kind == "results.exported" {
            break;
        }
        tokio::task::yield_now().await;
    }
    let last = &events.last().unwrap().event;
    assert_eq!(
        (last.kind.as_str(), last.detail.as_str()),
        ("results.exported", r#"{"filter":"ticketId","count":3}"#)
    );
}
