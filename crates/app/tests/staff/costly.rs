//! The costliest patterns an author may write, in everything that computes results: they are looked
//! for on threads for computing alone. The database's threads and those of the runtime demand a
//! budget here, and panic at a match without one.

use app::corrections::{CorrectionTarget, NewCorrection};
use app::evaluation::{EvaluationBatch, GradingCursor, NewScore};
use domain::id::{CorrectionId, InstanceId};
use domain::json::JsonNode;
use domain::pattern::{LONGEST_TEXT, QUESTION_BUDGET, authored_size, require_match_budget};
use domain::scoring::Correction;
use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;
use testkit::fixtures::{decimal, new_evaluation};
use testkit::{TestApp, write};
use tokio::runtime::Builder;

/// Letters that the largest pattern looks for between its ends: after every `a` it has to remember
/// so many.
fn letters() -> usize {
    let fits = |letters: &usize| authored_size(&pattern(*letters)).is_some();
    (1..2000).rev().find(fits).unwrap()
}

fn pattern(letters: usize) -> String {
    format!("a[ab]{{{letters}}}c")
}

/// How many of the largest patterns have room in a question.
fn rules() -> usize {
    let most =
        QUESTION_BUDGET / u64::from(LONGEST_TEXT) / authored_size(&pattern(letters())).unwrap();
    usize::try_from(most).unwrap()
}

/// One question with as many of the largest patterns as its budget allows in the longest text, and
/// one for an evaluator.
fn document() -> String {
    let last = rules() - 1;
    let rule = |less: usize| {
        let percentage = if less == last { 100 } else { 50 };
        format!(
            r#"{{"rule":"matches","pattern":"{}","percentage":{percentage}}}"#,
            pattern(letters() - less)
        )
    };
    let rules: Vec<String> = (0..=last).map(rule).collect();
    format!(
        r#"{{"assay":1,"key":"dear","title":"Dear","sections":[{{"key":"s","title":"S","pages":[{{"key":"p","questions":[
        {{"key":"q","kind":"input","type":"area","text":"Q","maxLength":{LONGEST_TEXT},"rules":[{}]}},
        {{"key":"e","kind":"input","type":"area","text":"E","rules":[]}}]}}]}}]}}"#,
        rules.join(",")
    )
}

/// As long as may be, in runs that are too short for any pattern; the last one fits the shortest of
/// them.
fn text() -> String {
    let end = format!("ca{}c", "b".repeat(letters() - (rules() - 1)));
    let run = "ab".repeat(50) + "c";
    let mut text = run.repeat(LONGEST_TEXT as usize / run.len());
    text.truncate(LONGEST_TEXT as usize - end.len());
    text + &end
}

/// Runs a test on a runtime all of whose threads, and this one, demand a budget.
fn watched(test: impl Future<Output = ()>) {
    require_match_budget();
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .on_thread_start(require_match_budget)
        .enable_all()
        .build();
    runtime.unwrap().block_on(test);
}

/// A test_app in which the text was handed in, after a restart: what was found is forgotten.
async fn handed_in() -> (TestApp, InstanceId) {
    let test_app = TestApp::with(&document()).await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    test_app.answer(&visitor, &instance, write(1, 1, &format!("\"{}\"", text()))).await;
    test_app.answer(&visitor, &instance, write(2, 1, r#""An essay.""#)).await;
    test_app.complete(&visitor, &instance, "c").await.unwrap();
    assert_eq!(points(&test_app, &instance).await, "1");
    (test_app.reopened().await, instance)
}

async fn points(test_app: &TestApp, instance: &InstanceId) -> String {
    let result = test_app.row(instance).await.result_basic.unwrap();
    let result: serde_json::Value = serde_json::from_str(&result).unwrap();
    result["scoreboard"]["pointsAchieved"].to_string()
}

/// Does something that computes a result while others write.
async fn beside<T>(test_app: &TestApp, act: impl Future<Output = T>) -> T {
    let (done, seen) = test_app.beside_writes("SELECT count(*) FROM task", act).await;
    assert!(!seen.is_empty(), "somebody else was served meanwhile");
    done
}

fn correction() -> NewCorrection {
    correction_of("q")
}

fn correction_of(question: &str) -> NewCorrection {
    let text = format!(r#"{{"question":"{question}","change":"replace","points":2}}"#);
    let correction = Correction::read(&JsonNode::parse(text.as_bytes(), 8).unwrap());
    NewCorrection { correction: correction.unwrap(), reason: "Too few.".into() }
}

#[test]
fn corrections_find_costly_patterns_on_threads_for_computing_only() {
    watched(async {
        let (test_app, instance) = handed_in().await;
        let (app, staff) = (&test_app.app, test_app.operator());
        let step = CorrectionTarget::Step(test_app.step.clone());
        let done = beside(
            &test_app,
            app.corrections().apply_correction(&staff, &test_app.task, step, correction()),
        )
        .await
        .unwrap();
        assert_eq!((done.versions.len(), points(&test_app, &instance).await.as_str()), (1, "2"));
        let test_app = test_app.reopened().await;
        let withdrawn =
            beside(&test_app, test_app.app.corrections().withdraw_correction(&staff, &done.id))
                .await
                .unwrap();
        assert_eq!(
            (withdrawn.versions.len(), points(&test_app, &instance).await.as_str()),
            (1, "1")
        );
        let test_app = test_app.reopened().await;
        test_app.clock.pass_seconds(1);
        let one = CorrectionTarget::Instance(instance.clone());
        beside(
            &test_app,
            test_app.app.corrections().apply_correction(&staff, &test_app.task, one, correction()),
        )
        .await
        .unwrap();
        assert_eq!(points(&test_app, &instance).await, "2");
    });
}

#[test]
fn a_correction_that_goes_on_in_the_background_finds_them_there_too() {
    watched(async {
        let (test_app, instance) = handed_in().await;
        let staff = test_app.operator();
        let step = CorrectionTarget::Step(test_app.step.clone());
        let done = test_app
            .app
            .corrections()
            .apply_correction(&staff, &test_app.task, step, correction())
            .await
            .unwrap();
        test_app
            .sql("UPDATE correction_job SET position = 0, finished_at = NULL, versions = 0")
            .await;
        test_app.sql("UPDATE correction SET change = replace(change, '2', '3')").await;
        let test_app = test_app.reopened().await;
        test_app.clock.pass_seconds(6);
        assert!(
            beside(&test_app, test_app.app.corrections().resume_corrections()).await.unwrap() > 0
        );
        assert!(
            test_app.app.corrections().correction_progress(&staff, &done.id).await.unwrap().is_done
        );
        assert_eq!(points(&test_app, &instance).await, "3");
    });
}

#[test]
fn rescoring_finds_costly_patterns_on_threads_for_computing_only() {
    watched(async {
        let (test_app, instance) = handed_in().await;
        let staff = test_app.operator();
        beside(
            &test_app,
            test_app.app.instances().rescore(&staff, &test_app.task, &instance, None),
        )
        .await
        .unwrap();
        let test_app = test_app.reopened().await;
        let batch = beside(
            &test_app,
            test_app.app.instances().rescore_batch(&staff, &test_app.task, None, 0),
        )
        .await
        .unwrap();
        assert_eq!((batch.looked_at, batch.versions, batch.repaired), (1, 0, 0), "nothing differs");
    });
}

#[test]
fn trying_a_test_out_finds_costly_patterns_on_threads_for_computing_only() {
    watched(async {
        let test_app = TestApp::with(&document()).await;
        let (app, staff) = (&test_app.app, test_app.operator());
        let responses = BTreeMap::from([(1, format!("\"{}\"", text()))]);
        let trial =
            beside(&test_app, app.test_library().try_test(&staff, &"Te1".into(), "one", responses))
                .await
                .unwrap();
        assert_eq!(trial.outcome.scoreboard.points, decimal("1"));
    });
}

#[test]
fn an_evaluators_desk_finds_costly_patterns_on_threads_for_computing_only() {
    watched(async {
        let (test_app, instance) = handed_in().await;
        let staff = test_app.operator();
        let half = || new_evaluation(2, 1, NewScore::Percentage(decimal("50")));
        let work = beside(
            &test_app,
            test_app.app.evaluation().grading_item(&staff, None, GradingCursor::First),
        )
        .await
        .unwrap()
        .unwrap();
        assert_eq!(work.instance, instance);
        let test_app = test_app.reopened().await;
        let foreseen = beside(
            &test_app,
            test_app.app.evaluation().preview_grade(&staff, &test_app.task, &instance, half()),
        )
        .await
        .unwrap();
        assert_eq!(foreseen.after.points, "1.5");
        let test_app = test_app.reopened().await;
        let request = EvaluationBatch { client_token: "e".into(), list: vec![half()], note: None };
        beside(
            &test_app,
            test_app.app.evaluation().evaluate(&staff, &test_app.task, &instance, request),
        )
        .await
        .unwrap();
        assert_eq!(points(&test_app, &instance).await, "1.5");
    });
}

/// As an older server took it: no automaton makes this pattern quick, and the text is long.
async fn handed_in_long_ago() -> TestApp {
    let document = r#"{"assay":1,"key":"old","title":"Old","sections":[{"key":"s","title":"S","pages":[{"key":"p",
        "questions":[{"key":"q","kind":"input","type":"area","text":"Q","maxLength":19999,
        "rules":[{"rule":"matches","pattern":"PATTERN","percentage":100}]}]}]}]}"#;
    let test_app = TestApp::with(document).await;
    let sql = "UPDATE document SET body = replace(replace(body, 'PATTERN', 'a[ab]{2000}c'), '19999', '900000')";
    test_app.write(move |tx| tx.execute(sql, &[])).await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    let mut state = 1_u32;
    let letter = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        if state >> 31 == 0 { 'a' } else { 'b' }
    };
    let text: String = (0..100_000).map(letter).collect();
    test_app.answer(&visitor, &instance, write(1, 1, &format!("\"{text}\""))).await;
    test_app.complete(&visitor, &instance, "c").await.unwrap();
    test_app
}

/// A correction of one organization that waited for costly patterns was awaited by the corrections
/// of all others.
#[test]
fn a_correction_that_waits_for_costly_patterns_keeps_no_other_organizations_waiting() {
    watched(async {
        let test_app = handed_in_long_ago().await;
        let mut corrections = Vec::new();
        let neighbour = test_app.neighbour(testkit::fixtures::DESK_SCREENING).await;
        for (test_app, question) in [(&test_app, "q"), (&neighbour, "q1")] {
            let step = CorrectionTarget::Step(test_app.step.clone());
            let done = test_app
                .app
                .corrections()
                .apply_correction(
                    &test_app.operator(),
                    &test_app.task,
                    step,
                    correction_of(question),
                )
                .await
                .unwrap();
            corrections.push(done.id);
            test_app.clock.pass_seconds(1);
        }
        test_app
            .sql("UPDATE correction_job SET position = 0, last_ordinal = 1, finished_at = NULL")
            .await;
        test_app.sql("UPDATE correction SET change = replace(change, '2', '3')").await;
        drop(neighbour);
        let test_app = test_app.reopened().await;
        test_app.clock.pass_seconds(6);
        let service = test_app.app.corrections();
        let mut going_on = Box::pin(service.resume_corrections());
        let done = loop {
            tokio::select! {
                biased;
                done = &mut going_on => break done,
                // The clock goes on, so that what is finished later is so by the clock.
                () = tokio::time::sleep(Duration::from_millis(1)) => test_app.clock.pass_millis(1),
            }
        };
        assert!(done.unwrap() >= 2);
        let at = "SELECT correction_id FROM correction_job WHERE finished_at IS NOT NULL ORDER BY finished_at";
        let order =
            test_app.write(move |tx| tx.list(at, &[], |row| row.get::<CorrectionId>(0))).await;
        corrections.reverse();
        assert_eq!(order, corrections, "the neighbour's was done while the other one waited");
    });
}
