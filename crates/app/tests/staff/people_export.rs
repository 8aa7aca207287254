//! Files for people: what stands in their cells, read back by another program.

use app::Failure;
use app::export::people::{CsvStyle, ExportZone, PeopleExportQuery, PeopleFormat};
use app::results::result_table::{ResultFilter, ResultOrder, ResultTableQuery};
use calamine::{Data, Reader as _, Xlsx, open_workbook_from_rs};
use domain::instance::Scope;
use domain::person_search::PersonSearch;
use std::io::Cursor;
use testkit::failures::is_not_found;
use testkit::fixtures::SMALL;
use testkit::{TestApp, write};

fn query(format: PeopleFormat) -> PeopleExportQuery {
    PeopleExportQuery {
        filter: ResultFilter::default(),
        format,
        zone: ExportZone::named("Europe/Istanbul"),
        has_points: false,
        has_answers: false,
    }
}

async fn exported(
    test_app: &TestApp,
    caller: &app::caller::Caller,
    query: PeopleExportQuery,
) -> Result<Vec<u8>, Failure> {
    let results = test_app.app.results();
    let mut streamed = results.stream_people_export(caller, &test_app.task, query).await?;
    let mut bytes = Vec::new();
    while let Some(piece) = streamed.next().await {
        bytes.extend(piece.map_err(|error| Failure::Internal(error.to_string()))?);
    }
    results.wait_for_exports().await?;
    Ok(bytes)
}

async fn sheet(test_app: &TestApp, query: PeopleExportQuery) -> Vec<Vec<Data>> {
    let bytes = exported(test_app, &test_app.operator(), query).await.unwrap();
    let mut workbook: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    assert_eq!(workbook.sheet_names(), ["Results"]);
    let range = workbook.worksheet_range("Results").unwrap();
    range.rows().map(<[Data]>::to_vec).collect()
}

async fn table(test_app: &TestApp, style: CsvStyle) -> Vec<Vec<String>> {
    let bytes =
        exported(test_app, &test_app.operator(), query(PeopleFormat::Csv(style))).await.unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let text = text.strip_prefix('\u{feff}').expect("Excel needs the byte order mark");
    let delimiter = if style == CsvStyle::Comma { b',' } else { b';' };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// The cell of a row under a head.
fn cell<'row, T>(rows: &'row [Vec<T>], head: &str, row: usize) -> &'row T
where
    T: ToString,
{
    let column = rows[0].iter().position(|cell| cell.to_string() == head);
    &rows[row][column.unwrap_or_else(|| panic!("no column {head}"))]
}

async fn call(test_app: &TestApp, name: &str) {
    let name = name.to_owned();
    let (organization, task) = (test_app.organization.clone(), test_app.task.clone());
    let renamed = test_app
        .write(move |tx| {
            let mut found = None;
            for id in tx.list("SELECT id FROM candidate", &[], |row| row.get::<String>(0))? {
                found = storage::candidate::find(tx, &organization, &task, &id.as_str().into())?;
            }
            let mut candidate = found.unwrap();
            candidate.fullname = Some(name.clone());
            candidate.email = Some("person@example.org".into());
            candidate.external_id = Some("0042".into());
            storage::candidate::update(tx, &candidate)
        })
        .await;
    assert!(renamed);
}

#[tokio::test]
async fn who_may_not_read_gets_no_file_and_who_may_not_see_names_gets_none() {
    let test_app = TestApp::new().await;
    test_app.submit_candidate_a().await;
    call(&test_app, "Ada Lovelace").await;
    let csv = || query(PeopleFormat::Csv(CsvStyle::Comma));
    let other = test_app.app.organizations().create_organization("Other").await.unwrap().id;
    let stranger = app::caller::Caller::operator(other, "Rq2".into());
    assert!(is_not_found(&exported(&test_app, &stranger, csv()).await.map(|_| ())));
    let reader = test_app.key(&[Scope::ResultsRead]);
    let with_answers = PeopleExportQuery { has_answers: true, ..csv() };
    let searched = PeopleExportQuery {
        filter: ResultFilter { text: PersonSearch::new("ada"), ..ResultFilter::default() },
        ..csv()
    };
    for (caller, query) in [
        (test_app.key(&[Scope::AnswersRead]), csv()),
        (reader.clone(), with_answers),
        (reader.clone(), searched),
    ] {
        let refused = exported(&test_app, &caller, query).await;
        assert!(matches!(refused, Err(Failure::InsufficientScope(_))));
    }
    let text = String::from_utf8(exported(&test_app, &reader, csv()).await.unwrap()).unwrap();
    assert!(text.starts_with("\u{feff}Candidate ID,Group,"), "{text}");
    assert!(!text.contains("Ada") && !text.contains("person@") && !text.contains("0042"));
    let by_name = ResultTableQuery { order: ResultOrder::Name, limit: 5, ..Default::default() };
    let refused = test_app.app.results().result_table_page(&reader, &test_app.task, by_name).await;
    assert!(matches!(refused, Err(Failure::InsufficientScope(_))));
}

#[tokio::test]
async fn a_workbook_has_names_real_dates_exact_figures_and_parts_by_their_titles() {
    let test_app = TestApp::new().await;
    let instance = test_app.submit_candidate_a().await;
    call(&test_app, "Şükrü Güneş").await;
    let rows = sheet(&test_app, query(PeopleFormat::Xlsx)).await;
    assert_eq!(rows.len(), 2);
    let text = |head: &str| cell(&rows, head, 1).to_string();
    assert_eq!(text("Name"), "Şükrü Güneş");
    assert_eq!(text("E-mail"), "person@example.org");
    assert_eq!(*cell(&rows, "External ID", 1), Data::String("0042".into()));
    assert_eq!(text("Attempt"), "1");
    let row = test_app.row(&instance).await;
    let published: serde_json::Value =
        serde_json::from_str(row.result_detailed.as_deref().unwrap()).unwrap();
    let board = &published["scoreboard"];
    let number = |head: &str| match cell(&rows, head, 1) {
        Data::Float(number) => *number,
        other => panic!("{head} is {other:?}"),
    };
    assert_eq!(number("Points"), board["pointsAchieved"].as_f64().unwrap());
    assert_eq!(number("Maximum points"), board["maxAchievablePoints"].as_f64().unwrap());
    let ratio = board["achievementRatio"].as_f64().unwrap();
    assert!((number("Score %") - ratio * 100.0).abs() < 1e-9);
    for (head, at) in [
        ("Started (Europe/Istanbul)", row.started_at),
        ("Completed (Europe/Istanbul)", row.completed_at.unwrap()),
    ] {
        let Data::DateTime(moment) = cell(&rows, head, 1) else { panic!("{head} is no date") };
        #[allow(clippy::cast_precision_loss, reason = "seconds of this century")]
        let serial = (at.seconds() + 3 * 3600) as f64 / 86_400.0 + 25_569.0;
        assert!((moment.as_f64() - serial).abs() < 1e-6, "{head}");
    }
    let dimension = &published["dimensions"][0];
    let name = dimension["name"].as_str().unwrap();
    assert_eq!(
        number(&format!("{name}, points")),
        dimension["scoreboard"]["pointsAchieved"].as_f64().unwrap()
    );
    let sub = dimension["subDimensions"][0]["name"].as_str().unwrap();
    number(&format!("{name}: {sub}, %"));
    let effect = &published["effects"][0];
    assert_eq!(
        number(&format!("{}, score", effect["name"].as_str().unwrap())),
        effect["score"].as_f64().unwrap()
    );
    let heads: Vec<_> = rows[0].iter().map(ToString::to_string).collect();
    let sections = published["sections"].as_array().unwrap().len();
    assert!(heads.iter().filter(|head| head.ends_with(", points")).count() >= sections);
    assert!(!heads.iter().any(|head| head.contains("uuid") || head.len() > 120), "{heads:?}");
}

#[tokio::test]
async fn a_file_keeps_hostile_names_as_texts_and_its_form_whole() {
    let test_app = TestApp::with(SMALL).await;
    let visitor = test_app.enter().await;
    test_app.start(&visitor, "open").await.unwrap();
    let long = "x".repeat(40_000);
    let smileys = "😀".repeat(20_000);
    for name in [
        "=HYPERLINK(\"http://evil.example\",\"x\")",
        "+1+1",
        "-2",
        "@SUM(A1)",
        " =1",
        "＝cmd",
        "a\r\nb;c,d\"e",
        "\t=1",
        "\u{202e}gpj.exe",
        "a\u{1}b\u{1b}[31m\u{b}\u{ffff}",
        "_x0041_",
        "]]><v>&amp;</v>",
        long.as_str(),
        smileys.as_str(),
    ] {
        call(&test_app, name).await;
        let rows = sheet(&test_app, query(PeopleFormat::Xlsx)).await;
        let Data::String(read) = cell(&rows, "Name", 1) else { panic!("{name} is no text") };
        let is_cut = name.len() > 30_000;
        if is_cut {
            assert!(read.ends_with('…') && read.encode_utf16().count() <= 32_767);
        } else {
            let expected: String = name
                .chars()
                .map(|letter| match letter {
                    '\u{1}' | '\u{1b}' | '\u{b}' | '\u{ffff}' => '\u{fffd}',
                    other => other,
                })
                .collect();
            let lines = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n");
            assert_eq!(lines(read), lines(&expected), "{name:?}");
        }
        assert_eq!(cell(&rows, "Status", 1).to_string(), "In progress");
        assert_eq!(*cell(&rows, "Points", 1), Data::Empty);
        for style in [CsvStyle::Comma, CsvStyle::Semicolon] {
            let rows = table(&test_app, style).await;
            let read = cell(&rows, "Name", 1);
            let plain = read.strip_prefix('\'').unwrap_or(read);
            assert_eq!(plain, name);
            let first = read.trim_start().chars().next().unwrap();
            assert!(!"=+-@＝\t".contains(first), "{read:?}");
        }
    }
}

#[tokio::test]
async fn csv_follows_the_country_in_delimiter_and_decimals_and_says_outcome_and_status() {
    let test_app = TestApp::new().await;
    let instance = test_app.submit_candidate_a().await;
    let [points, german] =
        [table(&test_app, CsvStyle::Comma).await, table(&test_app, CsvStyle::Semicolon).await];
    let exact = cell(&points, "Numeracy, points", 1);
    assert!(exact.contains('.'), "{exact}");
    assert_eq!(*cell(&german, "Numeracy, points", 1), exact.replace('.', ","));
    let waiting = test_app.row(&instance).await.waiting;
    assert_eq!(cell(&points, "Status", 1) == "Waiting for grading", waiting > 0);
    test_app.sql("UPDATE instance SET waiting = 0, passed = FALSE, level = 'Low'").await;
    let settled = table(&test_app, CsvStyle::Comma).await;
    assert_eq!(cell(&settled, "Outcome", 1), "Not passed");
    assert_eq!(cell(&settled, "Level", 1), "Low");
    assert_eq!(cell(&settled, "Status", 1), "Completed");
    test_app.sql("UPDATE instance SET ignored = TRUE, passed = NULL").await;
    let excluded = table(&test_app, CsvStyle::Comma).await;
    assert_eq!(cell(&excluded, "Status", 1), "Excluded");
    assert_eq!(cell(&excluded, "Outcome", 1), "No pass mark");
    test_app.sql("UPDATE instance SET erased_at = 1").await;
    let erased = table(&test_app, CsvStyle::Comma).await;
    assert_eq!(
        (cell(&erased, "Name", 1).as_str(), cell(&erased, "E-mail", 1).as_str()),
        ("Erased person", "")
    );
}

#[tokio::test]
async fn questions_have_columns_for_points_and_for_answers_in_words() {
    let test_app = TestApp::with(SMALL).await;
    test_app.sql("UPDATE step SET attempt_limit = -1").await;
    for (token, choice) in [("one", r#"["a"]"#), ("two", r#"["b"]"#)] {
        let visitor = test_app.enter().await;
        let instance = test_app.start(&visitor, token).await.unwrap();
        test_app.go(&visitor, &instance, 1).await.unwrap();
        test_app.answer(&visitor, &instance, write(1, 1, choice)).await;
        test_app.complete(&visitor, &instance, token).await.unwrap();
    }
    let both =
        PeopleExportQuery { has_points: true, has_answers: true, ..query(PeopleFormat::Xlsx) };
    let rows = sheet(&test_app, both).await;
    let heads: Vec<_> = rows[0].iter().map(ToString::to_string).collect();
    let of = |ending: &str| {
        heads.iter().filter(|head| head.ends_with(ending)).cloned().collect::<Vec<_>>()
    };
    let answers = of(", answer");
    assert!(answers.len() == 3 && answers[0].starts_with("1. "), "{heads:?}");
    let points = answers[0].replace(", answer", ", points");
    assert_eq!(*cell(&rows, &points, 1), Data::Float(1.0));
    assert_eq!(*cell(&rows, &points, 2), Data::Float(0.0));
    let (first, second) = (cell(&rows, &answers[0], 1), cell(&rows, &answers[0], 2));
    assert!(
        matches!((first, second), (Data::String(first), Data::String(second))
        if first != second && !["a", "b"].contains(&first.as_str())),
        "{first:?} {second:?}"
    );
    assert_eq!(*cell(&rows, &answers[1], 1), Data::Empty);
    assert_eq!(
        [cell(&rows, "Attempt", 1).to_string(), cell(&rows, "Attempt", 2).to_string()],
        ["1", "2"]
    );
    let recorded = test_app.number(
        "SELECT count(*) FROM event WHERE kind = 'results.exported' AND detail LIKE '%\"answers\":true%'",
    );
    assert_eq!(recorded.await, 1);
}

#[tokio::test]
async fn a_file_of_a_filter_has_its_rows_only_and_one_of_nothing_has_its_head() {
    let test_app = TestApp::new().await;
    test_app.submit_candidate_a().await;
    call(&test_app, "İlker Yılmaz").await;
    let export = async |search: &str| {
        let filter = ResultFilter { text: PersonSearch::new(search), ..ResultFilter::default() };
        sheet(&test_app, PeopleExportQuery { filter, ..query(PeopleFormat::Xlsx) }).await.len()
    };
    assert_eq!(export("YILMAZ ilk").await, 2);
    assert_eq!(export("nobody").await, 1);
}
