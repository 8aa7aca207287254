//! Verification and mending (finding numbers N4): each alteration of what is kept or published is
//! found, and nothing else.

use app::verification::{
    Difference, DifferenceAspect, HistoryVerifier, VerificationPosition, VerificationState,
};
use domain::id::InstanceId;
use storage::StorageError;
use testkit::TestApp;
use testkit::fixtures::CODE;

/// Everything that a verification finds, a slice after another.
pub async fn verify(test_app: &TestApp) -> Vec<Difference> {
    verify_from(test_app, VerificationPosition::BEGINNING, usize::MAX).await.0
}

/// The same from a position on and for so many slices; and where it was then.
async fn verify_from(
    test_app: &TestApp,
    begin: VerificationPosition,
    slices: usize,
) -> (Vec<Difference>, Option<VerificationPosition>) {
    let opener = test_app.storage.opener();
    let work = move || {
        let verifier = HistoryVerifier::new(opener.open().unwrap(), None, None);
        let (mut found, mut next) = (Vec::new(), Some(begin));
        for _ in 0..slices {
            let Some(position) = next else { break };
            let step = verifier.step(&position).unwrap();
            found.extend(step.differences);
            next = step.next;
        }
        (found, next)
    };
    tokio::task::spawn_blocking(work).await.unwrap()
}

async fn aspects(test_app: &TestApp) -> Vec<DifferenceAspect> {
    verify(test_app).await.into_iter().map(|found| found.aspect).collect()
}

/// A test_app with one result, which is what it should be.
async fn sound() -> (TestApp, InstanceId) {
    let test_app = TestApp::new().await;
    let instance = test_app.submit_candidate_a().await;
    assert_eq!(verify(&test_app).await, []);
    (test_app, instance)
}

async fn found_after(sql: &'static str) -> (TestApp, Vec<DifferenceAspect>) {
    let (test_app, _) = sound().await;
    test_app.sql(sql).await;
    let found = aspects(&test_app).await;
    (test_app, found)
}

#[tokio::test]
async fn an_altered_published_copy_is_found_and_mended_by_rescoring_n4() {
    let alterations = [
        "UPDATE instance SET result_basic = replace(result_basic, 'pointsAchieved\":', 'pointsAchieved\":7')",
        "UPDATE instance SET result_detailed = replace(result_detailed, 'pointsAchieved\":', 'pointsAchieved\":7')",
        "UPDATE instance SET ratio = 1000000",
        "UPDATE instance SET waiting = waiting + 1",
    ];
    for sql in alterations {
        let (test_app, found) = found_after(sql).await;
        assert_eq!(found, [DifferenceAspect::Published], "{sql}");
        let caller = test_app.operator();
        let before = test_app.number("SELECT revision FROM task").await;
        let batch =
            test_app.app.instances().rescore_batch(&caller, &test_app.task, None, 0).await.unwrap();
        assert_eq!(
            (batch.looked_at, batch.versions, batch.repaired, batch.next),
            (1, 0, 1, None),
            "{sql}"
        );
        assert_eq!(
            test_app.number("SELECT revision FROM task").await,
            before + 1,
            "readers of the feed are told"
        );
        assert_eq!(verify(&test_app).await, []);
        let again =
            test_app.app.instances().rescore_batch(&caller, &test_app.task, None, 0).await.unwrap();
        assert_eq!(again.repaired, 0);
    }
}

#[tokio::test]
async fn rescoring_one_instance_mends_its_published_copies_too_n4() {
    let (test_app, instance) = sound().await;
    let right = test_app.row(&instance).await.result_basic;
    test_app.sql("UPDATE instance SET result_basic = '{}', ratio = 7").await;
    test_app
        .app
        .instances()
        .rescore(&test_app.operator(), &test_app.task, &instance, None)
        .await
        .unwrap();
    assert_eq!(test_app.row(&instance).await.result_basic, right);
    assert_eq!(
        test_app.number("SELECT count(*) FROM result_version").await,
        1,
        "no figure differs, so no version is made"
    );
    assert_eq!(verify(&test_app).await, []);
}

#[tokio::test]
async fn an_altered_version_is_found_n4() {
    let alterations = [
        "UPDATE result_version SET detailed = replace(detailed, 'pointsAchieved\":', 'pointsAchieved\":7')",
        "UPDATE result_version SET waiting = waiting + 1",
        "UPDATE result_version SET slots = replace(slots, '\"rate\":', '\"rate\":null,\"was\":')",
    ];
    for sql in alterations {
        assert_eq!(found_after(sql).await.1, [DifferenceAspect::Version], "{sql}");
    }
    assert_eq!(
        found_after("UPDATE result_version SET inputs_digest = instance.seed FROM instance")
            .await
            .1,
        [DifferenceAspect::Inputs]
    );
}

#[tokio::test]
async fn an_altered_event_of_an_instance_is_found_n4() {
    let sql = "UPDATE event SET detail = replace(detail, 'completedAt', 'finishedAt') WHERE kind = 'instance.completed'";
    assert!(found_after(sql).await.1.contains(&DifferenceAspect::Events));
    let organization =
        "UPDATE event SET detail = '{}', at = at + 1 WHERE chain LIKE 'organization/%' AND n = 1";
    assert_eq!(found_after(organization).await.1, [DifferenceAspect::Events]);
}

#[tokio::test]
async fn a_chain_whose_last_event_was_deleted_is_found_n4() {
    let sql = "DELETE FROM event WHERE chain LIKE 'instance/%' AND n = (SELECT max(n) FROM event e WHERE e.chain LIKE \
        'instance/%')";
    assert!(found_after(sql).await.1.contains(&DifferenceAspect::Events));
}

#[tokio::test]
async fn altered_receipts_are_found_n4() {
    for sql in [
        "UPDATE receipt SET response = '\"forged\"'",
        "UPDATE receipt SET seq = seq + 1 WHERE n = 1",
    ] {
        assert!(found_after(sql).await.1.contains(&DifferenceAspect::Receipts), "{sql}");
    }
    let cut = "DELETE FROM receipt WHERE n = (SELECT max(n) FROM receipt)";
    let (test_app, instance) = sound().await;
    test_app.sql("DELETE FROM answer WHERE n = (SELECT max(n) FROM receipt)").await;
    test_app.sql(cut).await;
    let found = aspects(&test_app).await;
    assert!(found.contains(&DifferenceAspect::Receipts), "{instance}: {found:?}");
}

#[tokio::test]
async fn missing_rows_and_altered_documents_are_found() {
    let swapped = "UPDATE answer SET n = 1 WHERE slot = (SELECT max(slot) FROM answer)";
    assert!(found_after(swapped).await.1.contains(&DifferenceAspect::Answers));
    let document = "UPDATE document SET body = replace(body, 'Tokyo', 'Osaka') || ' '";
    assert!(found_after(document).await.1.contains(&DifferenceAspect::Document));
    assert_eq!(
        found_after("UPDATE task SET instance_count = instance_count + 1").await.1,
        [DifferenceAspect::Rows]
    );
    assert_eq!(found_after("UPDATE task SET revision = 1").await.1, [DifferenceAspect::Rows]);
}

/// What would publish one person's result as another's, or as an engine's that never was, is told
/// by the chained events.
#[tokio::test]
async fn whose_result_it_is_and_what_made_it_cannot_be_altered_unseen() {
    let rows = [
        "UPDATE instance SET candidate_id = 'CaOther'",
        "UPDATE instance SET seed = (SELECT digest FROM document LIMIT 1)",
    ];
    for sql in rows {
        let (test_app, _) = sound().await;
        test_app.add_candidate(test_app.candidate("CaOther", Some("7Q2M0KX999"))).await;
        test_app.sql(sql).await;
        assert!(aspects(&test_app).await.contains(&DifferenceAspect::Rows), "{sql}");
    }
    let ignored = "UPDATE instance SET ignored = NOT ignored";
    assert_eq!(found_after(ignored).await.1, [DifferenceAspect::Events]);
    for engine in ["0.0.1", "0", "2", ""] {
        let (test_app, _) = sound().await;
        test_app.sql(format!("UPDATE result_version SET engine_version = '{engine}'")).await;
        assert!(aspects(&test_app).await.contains(&DifferenceAspect::Version), "{engine}");
    }
}

#[tokio::test]
async fn a_verification_goes_on_from_any_position_and_finds_the_same() {
    let (test_app, _) = sound().await;
    test_app.sql("UPDATE instance SET ratio = 1").await;
    let whole = verify(&test_app).await;
    for cut in 1..8 {
        let (mut found, next) = verify_from(&test_app, VerificationPosition::BEGINNING, cut).await;
        let text = next.map(|position| position.to_string());
        if let Some(position) = text.and_then(|text| VerificationPosition::parse(&text)) {
            found.extend(verify_from(&test_app, position, usize::MAX).await.0);
        }
        assert_eq!(found, whole, "cut after {cut} slices");
    }
}

#[tokio::test]
async fn an_erased_persons_result_is_compared_and_sound() {
    let (test_app, _) = sound().await;
    let options = app::erasure::ErasureOptions { grouping: false, confirm: false };
    let candidate = test_app
        .write(|tx| Ok::<_, StorageError>(storage::candidate::find_by_code(tx, CODE)?.unwrap().id))
        .await;
    test_app
        .app
        .candidates()
        .erase_candidate(&test_app.operator(), &test_app.task, &candidate, options)
        .await
        .unwrap();
    assert_eq!(verify(&test_app).await, []);
    test_app.sql("UPDATE instance SET ratio = 1").await;
    assert_eq!(aspects(&test_app).await, [DifferenceAspect::Published]);
}

#[tokio::test]
async fn a_server_verifies_in_the_background_and_a_request_never_waits_for_it() {
    let (test_app, _) = sound().await;
    test_app.sql("UPDATE instance SET ratio = 1").await;
    let caller = test_app.operator();
    let app = test_app.app.clone();
    let request = app.audit().verification(&caller).unwrap();
    assert!(request.finished_at.is_none());
    let wait = move || loop {
        let run = app.audit().verification(&caller).unwrap();
        if run.finished_at.is_some() {
            return run;
        }
        std::thread::yield_now();
    };
    let run = tokio::task::spawn_blocking(wait).await.unwrap();
    assert_eq!(
        (run.state, run.difference_count, run.tally.instances, run.total),
        (VerificationState::Finished, 1, 1, 1)
    );
    assert_eq!(run.differences[0].aspect, DifferenceAspect::Published);
}
