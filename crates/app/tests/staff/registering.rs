//! Candidates and users: uniqueness, references, all or none, access.

use app::Failure;
use app::candidates::{
    CandidateStepDates, CandidateStepUpdate, CandidateUpdate, NewCandidate, RegisteredPerson,
    TemporaryPerson, UniqIdTracking,
};
use app::users::NewUser;
use domain::access::settings::{AttemptLimit, Overridable};
use domain::candidate::uniqueness::UniqScope;
use domain::refusal::Refusal;
use domain::time::{TimeWindow, Timestamp};
use domain::time_factor::TimeFactor;
use std::collections::BTreeMap;
use testkit::failures::{assert_refused, faults, is_not_found};
use testkit::fixtures::CODE;
use testkit::{TestApp, client_context};

fn tracked(uniq_id: &str, scope: UniqScope, group: &str) -> NewCandidate {
    let tracking = Some(UniqIdTracking { uniq_id: uniq_id.into(), scope });
    let person =
        RegisteredPerson::Temporary(TemporaryPerson { tracking, ..TemporaryPerson::default() });
    NewCandidate { group: Some(group.into()), ..NewCandidate::of(person) }
}

fn with_credentials(one: &str, two: Option<&str>) -> NewCandidate {
    let person = TemporaryPerson {
        credential1: Some(one.into()),
        credential2: two.map(Into::into),
        ..TemporaryPerson::default()
    };
    NewCandidate::of(RegisteredPerson::Temporary(person))
}

#[tokio::test]
async fn every_fault_that_needs_the_task_is_told_at_once() {
    let test_app = TestApp::new().await;
    let new = NewCandidate {
        window: TimeWindow { after: Some(Timestamp(2)), before: Some(Timestamp(1)) },
        steps: vec![CandidateStepDates { step: "St99".into(), after: None, before: None }],
        programs: vec!["nothing".into()],
        stage: Some("Nowhere".into()),
        ..NewCandidate::of(RegisteredPerson::User("Us99".into()))
    };
    let expected = [
        "/dates/before invalid_range",
        "/customizedSteps/0/stepId unknown_reference",
        "/programIds/0 unknown_reference",
        "/stage unknown_reference",
        "/id unknown_reference",
    ];
    let (app, staff) = (&test_app.app, test_app.operator());
    assert_eq!(
        faults(app.candidates().create_candidate(&staff, &test_app.task, new.clone()).await),
        expected
    );
    assert!(is_not_found(&app.candidates().create_candidate(&staff, &"Tk99".into(), new).await));
}

#[tokio::test]
async fn a_uniq_id_clashes_by_the_scope_of_the_new_one() {
    let test_app = TestApp::new().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    app.candidates()
        .create_candidate(&staff, &test_app.task, tracked("7", UniqScope::Task, "north"))
        .await
        .unwrap();
    for scope in [UniqScope::Task, UniqScope::Group] {
        let clash = app
            .candidates()
            .create_candidate(&staff, &test_app.task, tracked("7", scope, "north"))
            .await;
        assert_eq!(faults(clash), ["/tracking/uniqId duplicate_uniq_id"]);
    }
    let beside = app
        .candidates()
        .create_candidate(&staff, &test_app.task, tracked("7", UniqScope::Group, "south"))
        .await
        .unwrap();
    let labels = tracked("7", UniqScope::Labels, "north");
    app.candidates().create_candidate(&staff, &test_app.task, labels).await.unwrap();
    let moving = CandidateUpdate { group: Some("north".into()), ..CandidateUpdate::default() };
    let refused =
        app.candidates().update_candidate(&staff, &test_app.task, &beside.id, moving).await;
    assert_eq!(faults(refused), ["/fields/group duplicate_uniq_id"]);
}

#[tokio::test]
async fn many_candidates_are_registered_all_or_none() {
    let test_app = TestApp::new().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    let unknown =
        NewCandidate { stage: Some("Nowhere".into()), ..tracked("3", UniqScope::Task, "north") };
    let bulk =
        vec![tracked("1", UniqScope::Task, "a"), unknown, tracked("1", UniqScope::Task, "b")];
    let before = test_app.number("SELECT count(*) FROM candidate").await;
    let expected = [
        "/candidates/1/stage unknown_reference",
        "/candidates/2/tracking/uniqId duplicate_uniq_id",
    ];
    assert_eq!(
        faults(app.candidates().create_candidates(&staff, &test_app.task, bulk).await),
        expected
    );
    assert_eq!(test_app.number("SELECT count(*) FROM candidate").await, before);
    assert_eq!(test_app.number("SELECT candidate_count FROM task").await, before);
    let good = vec![tracked("1", UniqScope::Task, "a"), tracked("2", UniqScope::Task, "b")];
    let made = app.candidates().create_candidates(&staff, &test_app.task, good).await.unwrap();
    assert_eq!(made.len(), 2);
    assert_ne!(made[0].invitation_code, made[1].invitation_code);
}

#[tokio::test]
async fn of_two_simultaneous_registrations_one_wins() {
    let test_app = TestApp::new().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    let candidates = app.candidates();
    let one = || {
        candidates.create_candidate(&staff, &test_app.task, tracked("7", UniqScope::Task, "north"))
    };
    let (left, right) = tokio::join!(one(), one());
    assert_eq!(u8::from(left.is_ok()) + u8::from(right.is_ok()), 1);
}

#[tokio::test]
async fn credentials_are_taken_once_where_they_let_in_and_the_second_is_hashed() {
    let test_app = TestApp::new().await;
    test_app.sql("UPDATE task SET access_method = 'double-credential'").await;
    let (app, staff) = (&test_app.app, test_app.operator());
    app.candidates()
        .create_candidate(&staff, &test_app.task, with_credentials("ada", Some("swordfish")))
        .await
        .unwrap();
    let clash = app
        .candidates()
        .create_candidate(&staff, &test_app.task, with_credentials("ada", None))
        .await;
    assert_eq!(faults(clash), ["/credential1 duplicate_credentials"]);
    assert!(test_app.enter_with(1, "ada", Some("wrong")).await.is_err());
    assert!(test_app.enter_with(2, "ada", Some("swordfish")).await.is_ok());
    let hashes = "SELECT count(*) FROM candidate WHERE credential2_hash LIKE '$argon2id$%'";
    assert_eq!(test_app.number(hashes).await, 1);
}

#[tokio::test]
async fn a_user_is_in_a_task_once_and_lends_name_and_tags() {
    let test_app = TestApp::new().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    let tags = BTreeMap::from([
        ("City".to_owned(), "Oslo".to_owned()),
        ("Team".to_owned(), "Red".to_owned()),
    ]);
    let new = NewUser {
        username: "ada.l".into(),
        fullname: Some("Ada".into()),
        tags,
        ..NewUser::default()
    };
    let user = app.users().create_user(&staff, new.clone()).await.unwrap();
    assert_eq!(
        faults(app.users().create_user(&staff, new).await),
        ["/username conflicting_values"]
    );
    let sent = NewCandidate {
        tags: BTreeMap::from([("City".to_owned(), "Tokyo".to_owned())]),
        ..NewCandidate::of(RegisteredPerson::User(user.id))
    };
    let made =
        app.candidates().create_candidate(&staff, &test_app.task, sent.clone()).await.unwrap();
    assert_eq!((made.fullname.as_deref(), made.direct_access_url.as_deref()), (Some("Ada"), None));
    assert_eq!((made.tags["City"].as_str(), made.tags["Team"].as_str()), ("Tokyo", "Red"));
    let again = app.candidates().create_candidate(&staff, &test_app.task, sent).await;
    assert_eq!(faults(again), ["/id duplicate_uniq_id"]);
}

#[tokio::test]
async fn who_took_part_is_not_deleted_and_who_did_not_frees_the_uniq_id() {
    let test_app = TestApp::new().await;
    test_app.submit_candidate_a().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    let refused = app.candidates().delete_candidate(&staff, &test_app.task, &"Ca1".into()).await;
    assert_refused(refused, Refusal::CandidateAlreadyParticipated);
    let made = app
        .candidates()
        .create_candidate(&staff, &test_app.task, tracked("7", UniqScope::Task, "a"))
        .await
        .unwrap();
    app.candidates().delete_candidate(&staff, &test_app.task, &made.id).await.unwrap();
    assert!(is_not_found(
        &app.candidates().delete_candidate(&staff, &test_app.task, &made.id).await
    ));
    app.candidates()
        .create_candidate(&staff, &test_app.task, tracked("7", UniqScope::Task, "a"))
        .await
        .unwrap();
}

#[tokio::test]
async fn renewed_access_kills_the_old_code_and_the_sessions() {
    let test_app = TestApp::new().await;
    let visitor = test_app.enter().await;
    let renewed = test_app
        .app
        .candidates()
        .renew_access(&test_app.operator(), &test_app.task, &"Ca1".into())
        .await
        .unwrap();
    assert_refused(
        test_app.app.delivery().enter_by_code(&client_context(1), CODE).await,
        Refusal::AccessDenied,
    );
    assert!(matches!(test_app.start(&visitor, "s").await, Err(Failure::Unauthenticated)));
    test_app
        .app
        .delivery()
        .enter_by_code(&client_context(1), &renewed.invitation_code)
        .await
        .unwrap();
}

#[tokio::test]
async fn own_values_are_set_and_taken_back() {
    let test_app = TestApp::new().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    let change = |limit| CandidateUpdate {
        time_factor: Some(TimeFactor::parse("1.5").unwrap()),
        steps: [(
            test_app.step.clone(),
            CandidateStepUpdate { limit: Some(limit), ..CandidateStepUpdate::default() },
        )]
        .into(),
        ..CandidateUpdate::default()
    };
    let id = "Ca1".into();
    let own = Overridable::Value(AttemptLimit::AtMost(2));
    let changed =
        app.candidates().update_candidate(&staff, &test_app.task, &id, change(own)).await.unwrap();
    assert_eq!(changed.steps[&test_app.step].attempt_limit, own);
    assert_eq!(changed.time_factor.to_string(), "1.5");
    let back = app
        .candidates()
        .update_candidate(&staff, &test_app.task, &id, change(Overridable::Default))
        .await
        .unwrap();
    assert!(back.steps.is_empty(), "nothing own is kept");
    let stranger = CandidateUpdate {
        steps: [("St99".into(), CandidateStepUpdate::default())].into(),
        ..change(own)
    };
    assert_eq!(
        faults(app.candidates().update_candidate(&staff, &test_app.task, &id, stranger).await),
        ["/steps/St99 unknown_reference"]
    );
}
