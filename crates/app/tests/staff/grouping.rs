//! The group's picture: the figures of four results computed by hand, and what is left out of it.

use app::Failure;
use app::caller::{Caller, UserGrant};
use app::corrections::{CorrectionTarget, NewCorrection};
use app::evaluation::NewScore;
use app::export::{ExportFormat, ExportQuery, ExportScope};
use app::results::ListingDetail;
use app::results::result_table::{InstanceMetaFilter, ResultFilter};
use app::statistics::{GroupOverview, GroupReport, ItemAnalysis, NoReliability};
use domain::id::InstanceId;
use domain::instance::{InstanceState, Scope};
use domain::json::JsonNode;
use domain::role::Permission;
use domain::scoring::Correction;
use std::sync::Arc;
use std::time::Duration;
use testkit::failures::is_not_found;
use testkit::fixtures::{SMALL, decimal, new_evaluation};
use testkit::{TestApp, write};

/// Longer than any picture of these tests takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A test_app whose candidate may come again and again.
async fn small_test_app() -> TestApp {
    let test_app = TestApp::with(SMALL).await;
    test_app.sql("UPDATE step SET attempt_limit = -1").await;
    test_app
}

/// An attempt with these responses by slot; a slot that is not named stays blank.
async fn attempt(test_app: &TestApp, token: &str, responses: &[(u32, &str)]) -> InstanceId {
    let visitor = test_app.enter().await;
    let instance = test_app.start(&visitor, token).await.unwrap();
    for page in 1..=2 {
        test_app.go(&visitor, &instance, page).await.unwrap();
    }
    for (slot, response) in responses {
        test_app.answer(&visitor, &instance, write(*slot, 1, response)).await;
    }
    test_app.complete(&visitor, &instance, token).await.unwrap();
    instance
}

/// Three, two, one and no point of three.
async fn ladder(test_app: &TestApp) -> [InstanceId; 4] {
    let (right, wrong) = (r#"["a"]"#, r#"["b"]"#);
    [
        attempt(test_app, "three", &[(1, right), (2, right), (3, r#""4""#)]).await,
        attempt(test_app, "two", &[(1, right), (2, right), (3, r#""5""#)]).await,
        attempt(test_app, "one", &[(1, right), (2, wrong)]).await,
        attempt(test_app, "none", &[(1, wrong), (2, wrong), (3, r#""3""#)]).await,
    ]
}

async fn group(test_app: &TestApp) -> GroupOverview {
    test_app
        .app
        .statistics()
        .group_overview(&test_app.operator(), &test_app.task, None, PATIENCE)
        .await
        .unwrap()
}

async fn picture(test_app: &TestApp) -> GroupReport {
    let group = group(test_app).await;
    assert!(group.is_current && group.progress.is_none());
    GroupReport::clone(&group.picture.unwrap())
}

fn inside(picture: &GroupReport) -> &ItemAnalysis {
    picture.inside.as_ref().unwrap()
}

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() < 1e-6
}

#[tokio::test]
async fn four_results_have_the_figures_computed_by_hand() {
    let test_app = small_test_app().await;
    ladder(&test_app).await;
    let picture = picture(&test_app).await;
    let ratios: Vec<_> = picture.ratios.value_counts().collect();
    assert_eq!(ratios, [(0, 1), (333_333, 1), (666_667, 1), (1_000_000, 1)]);
    let summary = picture.summary().unwrap();
    // Distances from a half: a half, a sixth, a sixth, a half; squares 5/9, by three.
    assert!(close(summary.mean / 1e6, 0.5) && close(summary.median / 1e6, 0.5));
    assert!(close(summary.standard_deviation.unwrap() / 1e6, (5.0_f64 / 27.0).sqrt()));
    assert_eq!(picture.histogram().iter().map(|bin| bin.count).sum::<u64>(), 4);
    let inside = inside(&picture);
    assert_eq!((inside.results, inside.passed, inside.maximum), (4, Some((2, 4)), Some(3.0)));
    assert!(!inside.is_sample(&picture));
    // Variances 1/4, 1/3, 1/4 of the questions and 5/3 of the points: 3/2 (1 - 5/6 * 3/5).
    let reliability = inside.reliability.unwrap();
    assert!(
        close(reliability.alpha, 0.75)
            && close(reliability.standard_error.unwrap(), (5.0_f64 / 12.0).sqrt())
    );
}

#[tokio::test]
async fn sections_and_questions_have_the_figures_computed_by_hand() {
    let test_app = small_test_app().await;
    ladder(&test_app).await;
    let picture = picture(&test_app).await;
    let inside = inside(&picture);
    let sections: Vec<_> = inside
        .sections
        .iter()
        .map(|it| (it.title.as_str(), it.ratios.summary().unwrap()))
        .collect();
    assert_eq!([sections[0].0, sections[1].0], ["One", "Two"]);
    // 2, 2, 1, 0 of two points, and 1, 0, 0, 0 of one.
    assert!(close(sections[0].1.mean / 1e6, 0.625) && close(sections[0].1.median / 1e6, 0.75));
    assert!(close(sections[1].1.mean / 1e6, 0.25) && close(sections[1].1.median, 0.0));
    let questions: Vec<_> =
        inside.questions.iter().map(|it| (it.key.as_str(), it.number, &it.figures)).collect();
    assert_eq!(
        questions.iter().map(|it| (it.0, it.1)).collect::<Vec<_>>(),
        [("q1", 1), ("q2", 2), ("q3", 3)]
    );
    for ((.., figures), difficulty) in questions.iter().zip([0.75, 0.5, 0.25]) {
        assert!(close(figures.difficulty.unwrap(), difficulty));
    }
    // q1: 1 1 1 0 beside the rests 2 1 0 0: products 3/4, squares 3/4 and 11/4. q3 likewise, beside
    // 2 2 1 0.
    for ((.., figures), square) in questions.iter().zip([3.0 / 11.0, 0.5, 3.0 / 11.0_f64]) {
        assert!(close(figures.discrimination.unwrap(), square.sqrt()), "{figures:?}");
    }
    assert!(close(questions[2].2.unanswered, 0.25) && close(questions[0].2.unanswered, 0.0));
    let choices = &inside.questions[0].choices;
    assert_eq!(
        choices.iter().map(|it| (it.text.as_str(), it.is_right)).collect::<Vec<_>>(),
        [("Right", true), ("Wrong", false)]
    );
    // Three took the right one, with 1, 2/3 and 1/3 of all points.
    assert!(
        close(choices[0].taken.share, 0.75)
            && close(choices[0].taken.mean_total.unwrap(), 2.0 / 3.0)
    );
    assert!(
        close(choices[1].taken.share, 0.25) && close(choices[1].taken.mean_total.unwrap(), 0.0)
    );
}

#[tokio::test]
async fn a_result_has_its_percentile_rank_with_and_without_a_picture_at_hand() {
    let test_app = small_test_app().await;
    let [_, second, ..] = ladder(&test_app).await;
    for _ in 0..2 {
        let rank = test_app
            .app
            .statistics()
            .rank_in_group(&test_app.operator(), &test_app.task, &second)
            .await
            .unwrap()
            .unwrap();
        // Two lie below it, and half of itself.
        assert!(close(rank.percentile, 62.5));
        assert_eq!(rank.count, 4);
        picture(&test_app).await;
    }
}

#[tokio::test]
async fn ignored_and_open_instances_are_left_out_and_a_change_is_seen_at_once() {
    let test_app = small_test_app().await;
    let [first, ..] = ladder(&test_app).await;
    assert_eq!(picture(&test_app).await.ratios.count(), 4);
    test_app
        .app
        .instances()
        .ignore(&test_app.operator(), &test_app.task, &first, None)
        .await
        .unwrap();
    test_app.start(&test_app.enter().await, "again").await.unwrap();
    let picture = picture(&test_app).await;
    assert_eq!((picture.ratios.count(), picture.open, inside(&picture).results), (3, 1, 3));
    assert_eq!(
        test_app
            .app
            .statistics()
            .rank_in_group(&test_app.operator(), &test_app.task, &first)
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn who_waits_for_an_evaluation_comes_in_once_it_is_given() {
    let test_app = TestApp::new().await;
    let instance = test_app.submit_candidate_a().await;
    let before = picture(&test_app).await;
    assert_eq!((before.ratios.count(), before.waiting, inside(&before).results), (0, 1, 0));
    assert_eq!(inside(&before).reliability, Err(NoReliability::FewResults));
    test_app
        .evaluate(&instance, "e", vec![new_evaluation(5, 1, NewScore::Percentage(decimal("62.5")))])
        .await
        .unwrap();
    let after = picture(&test_app).await;
    assert_eq!(
        (after.ratios.value_counts().collect::<Vec<_>>(), after.waiting),
        (vec![(338_095, 1)], 0)
    );
    let apart = inside(&after).questions.iter().find(|it| it.key == "q4").unwrap();
    assert_eq!((apart.counts, apart.figures.difficulty), (false, None));
}

#[tokio::test]
async fn a_question_taken_out_of_scoring_is_in_the_picture_no_more() {
    let test_app = small_test_app().await;
    ladder(&test_app).await;
    let text = r#"{"question":"q2","change":"ignore"}"#;
    let correction = Correction::read(&JsonNode::parse(text.as_bytes(), 8).unwrap()).unwrap();
    let new = NewCorrection { correction, reason: "The key was wrong.".into() };
    let place = CorrectionTarget::Step(test_app.step.clone());
    test_app
        .app
        .corrections()
        .apply_correction(&test_app.operator(), &test_app.task, place, new)
        .await
        .unwrap();
    let picture = picture(&test_app).await;
    let keys: Vec<_> = inside(&picture).questions.iter().map(|it| it.key.as_str()).collect();
    assert_eq!((keys, inside(&picture).maximum), (vec!["q1", "q3"], Some(2.0)));
    // 1 1 1 0 and 1 0 0 0: variances 1/4 and 1/4, of the sums 2 1 1 0 it is 2/3: 2 (1 - 3/4).
    assert!(close(inside(&picture).reliability.unwrap().alpha, 0.5));
}

#[tokio::test]
async fn an_impatient_asker_gets_what_there_is_and_is_told_when_that_is_not_all() {
    let test_app = small_test_app().await;
    ladder(&test_app).await;
    let group = test_app
        .app
        .statistics()
        .group_overview(&test_app.operator(), &test_app.task, None, Duration::ZERO)
        .await
        .unwrap();
    // On a quick machine they may be ready by then.
    let is_whole = group.picture.is_some_and(|picture| picture.inside.is_some());
    assert!(group.progress.is_some() || is_whole);
    assert_eq!(picture(&test_app).await.ratios.count(), 4);
}

#[tokio::test]
async fn statistics_are_for_who_reads_results_and_for_staff_who_read_statistics() {
    let test_app = small_test_app().await;
    ladder(&test_app).await;
    let ask = async |caller: &Caller| {
        test_app
            .app
            .statistics()
            .group_overview(caller, &test_app.task, None, PATIENCE)
            .await
            .map(|_| ())
    };
    let seat = |permissions: &[Permission]| {
        let seat = UserGrant {
            organization: test_app.organization.clone(),
            user: "Us1".into(),
            roles: Vec::new(),
            permissions: permissions.to_vec(),
            tasks: None,
            folders: None,
        };
        Caller::with_user(Arc::new(seat), "Rq1".into())
    };
    assert!(ask(&test_app.key(&[Scope::ResultsRead])).await.is_ok());
    assert!(ask(&seat(&[Permission::ReadStatistics])).await.is_ok());
    // Finding security M5: four results are too few for whoever sees no persons, five are enough.
    let editor = seat(&[Permission::ReadStatistics]);
    let group = test_app
        .app
        .statistics()
        .group_overview(&editor, &test_app.task, None, PATIENCE)
        .await
        .unwrap();
    assert!(group.is_withheld && group.picture.is_none());
    let group = test_app
        .app
        .statistics()
        .group_overview(&test_app.operator(), &test_app.task, None, PATIENCE)
        .await
        .unwrap();
    assert!(!group.is_withheld && group.picture.is_some_and(|picture| picture.ratios.count() == 4));
    attempt(&test_app, "fifth", &[(1, r#"["a"]"#)]).await;
    let group = test_app
        .app
        .statistics()
        .group_overview(&editor, &test_app.task, None, PATIENCE)
        .await
        .unwrap();
    let picture = group.picture.unwrap();
    let inside = picture.inside.as_ref().unwrap();
    assert!(!group.is_withheld && picture.ratios.count() == 5);
    assert!(inside.sections.iter().all(|section| section.ratios.count() >= 5));
    let choices = inside.questions.iter().flat_map(|question| &question.choices);
    assert!(
        choices.clone().all(|choice| choice.taken.count >= 5 || choice.taken.mean_total.is_none())
    );
    assert!(
        choices.clone().any(|choice| choice.taken.count > 0 && choice.taken.mean_total.is_none())
    );
    for refused in [
        test_app.key(&[Scope::TestsRead]),
        test_app.key(&[Scope::AnswersRead]),
        seat(&[Permission::ReadTests]),
    ] {
        assert!(matches!(ask(&refused).await, Err(Failure::InsufficientScope(_))));
    }
    let other = test_app.app.organizations().create_organization("Other").await.unwrap().id;
    assert!(is_not_found(&ask(&Caller::operator(other, "Rq2".into())).await));
    let nowhere = test_app
        .app
        .statistics()
        .group_overview(&test_app.operator(), &test_app.task, Some(&"St9".into()), PATIENCE)
        .await;
    assert!(is_not_found(&nowhere.map(|_| ())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_of_the_table_has_the_rows_that_fit_its_filter() {
    let test_app = small_test_app().await;
    let [.., last] = ladder(&test_app).await;
    test_app.start(&test_app.enter().await, "open").await.unwrap();
    let export = async |wanted: ResultFilter| {
        let query = ExportQuery {
            mode: ListingDetail::Basic,
            which: ExportScope::Browsed(Box::new(wanted)),
        };
        let caller = test_app.operator();
        let mut streamed = test_app
            .app
            .results()
            .stream_export(&caller, &test_app.task, ExportFormat::Csv, query, |_| false)
            .await
            .unwrap();
        let mut text = Vec::new();
        while let Some(piece) = streamed.next().await {
            text.extend(piece.unwrap());
        }
        test_app.app.results().wait_for_exports().await.unwrap();
        String::from_utf8(text).unwrap().lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    let complete = InstanceMetaFilter {
        state: Some(InstanceState::Complete),
        ..InstanceMetaFilter::default()
    };
    assert_eq!(export(ResultFilter { meta: complete, ..ResultFilter::default() }).await.len(), 4);
    let named = app::results::result_table::ExactCandidateFilter {
        fullname: Some("Nobody".into()),
        ..Default::default()
    };
    assert_eq!(
        export(ResultFilter { candidate: Some(named), ..ResultFilter::default() }).await,
        Vec::<String>::new()
    );
    let labelled =
        export(ResultFilter { label: Some("north".into()), ..ResultFilter::default() }).await;
    assert_eq!(labelled.len(), 5);
    assert!(
        labelled[3].starts_with(&format!("{last},")) && labelled[3].ends_with(",0,3,0"),
        "{labelled:?}"
    );
    assert_eq!(
        export(ResultFilter { label: Some("nort".into()), ..ResultFilter::default() }).await,
        Vec::<String>::new()
    );
    let detail = test_app.number(
        "SELECT count(*) FROM event WHERE kind = 'results.exported' AND detail LIKE '%\"label\"%'",
    );
    assert_eq!(detail.await, 2);
}
