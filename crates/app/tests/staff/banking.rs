//! The question bank: submitting, approving, searching, and what tests take from it.

use app::Failure;
use app::bank::{
    BankFacets, BankQuestionView, BankUseKind, QuestionFilter, QuestionState,
    QuestionSubmitOptions, QuestionUpdate,
};
use app::caller::{Caller, UserGrant};
use app::candidates::LabelChange;
use app::test_library::TestImportOptions;
use domain::document::{DocumentFaultCode, DocumentFormat};
use domain::id::InstanceId;
use domain::instance::Scope;
use domain::refusal::Refusal;
use domain::role::{Role, permissions};
use domain::substring_search::SubstringSearch;
use std::sync::Arc;
use testkit::failures::{conflict_of, faults, is_not_found, refusal};
use testkit::{TestApp, candidate_session, client_context};

const TWO: &str = r#"[
    {"key":"sum","kind":"input","type":"numeric","text":"2 + 2?","tags":{"Level":"1"},
     "rules":[{"rule":"equal","value":4,"percentage":100}]},
    {"key":"why","kind":"input","type":"area","text":"Why?","tags":{"Level":"2"}}]"#;

const CODES: [&str; 3] = ["7Q2M0KX4TC", "7Q2M0KX4TD", "7Q2M0KX4TE"];

/// A user who may submit questions and nothing more.
fn submitter(test_app: &TestApp) -> Caller {
    with_role(test_app, Role::QuestionBankSubmitter)
}

fn with_role(test_app: &TestApp, role: Role) -> Caller {
    let roles = vec![role];
    let seat = UserGrant {
        organization: test_app.organization.clone(),
        user: "Us7".into(),
        permissions: permissions(&roles, &[]),
        roles,
        tasks: None,
        folders: None,
    };
    Caller::with_user(Arc::new(seat), "Rq1".into())
}

async fn submit(
    test_app: &TestApp,
    text: &str,
    options: QuestionSubmitOptions,
) -> Result<Vec<BankQuestionView>, Failure> {
    let stored = test_app
        .app
        .bank()
        .submit_questions(&test_app.operator(), text.as_bytes(), DocumentFormat::Json, options)
        .await?;
    Ok(stored.into_iter().map(|stored| stored.question).collect())
}

fn approved(folder: &str) -> QuestionSubmitOptions {
    QuestionSubmitOptions {
        folder: Some(folder.into()),
        approve: true,
        ..QuestionSubmitOptions::default()
    }
}

async fn keys_of(test_app: &TestApp, filter: QuestionFilter) -> Vec<String> {
    let (total, found) =
        test_app.app.bank().list_questions(&test_app.operator(), filter, 100, 0).await.unwrap();
    assert_eq!(total, found.len() as u64);
    found.into_iter().map(|question| question.key).collect()
}

/// A test with a page of these entries, as the next version of the test_app's.
async fn set_test(
    test_app: &TestApp,
    entries: &str,
) -> Result<Vec<(DocumentFaultCode, String)>, Failure> {
    let document = format!(
        r#"{{"assay":1,"key":"t","title":"T","sections":[{{"key":"s","title":"S","pages":[
            {{"key":"p","questions":{entries}}}]}}]}}"#
    );
    let next = TestImportOptions { test: Some("Te1".into()), ..TestImportOptions::default() };
    let stored = test_app
        .app
        .test_library()
        .import_test(&test_app.operator(), document.as_bytes(), DocumentFormat::Json, next)
        .await?;
    Ok(stored
        .warnings
        .into_iter()
        .map(|fault| (fault.code, fault.pointer.as_str().to_owned()))
        .collect())
}

fn document_faults<T>(result: Result<T, Failure>) -> Vec<(DocumentFaultCode, String)> {
    match result {
        Err(Failure::Document(found)) => {
            found.into_iter().map(|fault| (fault.code, fault.pointer.as_str().to_owned())).collect()
        }
        Err(other) => panic!("{other:?}"),
        Ok(_) => Vec::new(),
    }
}

/// What a candidate of this number is asked, and the instance.
async fn question_texts(
    test_app: &TestApp,
    number: usize,
) -> Result<(InstanceId, Vec<String>), Failure> {
    let code = CODES[number];
    if test_app.app.delivery().enter_by_code(&client_context(1), code).await.is_err() {
        test_app.add_candidate(test_app.candidate(&format!("Ca1{number}"), Some(code))).await;
    }
    let visitor = candidate_session(
        &test_app.app.delivery().enter_by_code(&client_context(1), code).await.unwrap(),
    );
    let instance = test_app.start(&visitor, "start").await?;
    let view = test_app.app.delivery().test_view(&visitor, &instance).await.unwrap();
    Ok((instance, view.compiled.slots.iter().map(|slot| slot.question.text.clone()).collect()))
}

#[tokio::test]
async fn all_faults_of_all_questions_are_told_with_their_places_and_none_is_kept() {
    let test_app = TestApp::new().await;
    let broken = TWO
        .replace(r#""key":"why""#, r#""key":"w y""#)
        .replace("\"text\":\"2 + 2?\"", "\"txt\":\"2 + 2?\"");
    let found = document_faults(submit(&test_app, &broken, QuestionSubmitOptions::default()).await);
    let expected = [
        (DocumentFaultCode::MissingField, "/0"),
        (DocumentFaultCode::UnknownField, "/0/txt"),
        (DocumentFaultCode::BadKey, "/1/key"),
    ];
    for (code, pointer) in expected {
        assert!(found.contains(&(code, pointer.to_owned())), "{pointer}: {found:?}");
    }
    assert_eq!(
        document_faults(submit(&test_app, "[]", QuestionSubmitOptions::default()).await),
        [(DocumentFaultCode::NoQuestions, String::new())]
    );
    assert_eq!(test_app.number("SELECT count(*) FROM bank_question").await, 0);
    let wrong = QuestionSubmitOptions {
        folder: Some("a/b".into()),
        labels: Some(vec!["x".into()]),
        ..approved("")
    };
    let faults = faults(
        submit(&test_app, TWO, QuestionSubmitOptions { folder: wrong.folder.clone(), ..wrong })
            .await,
    );
    assert_eq!(faults, ["/folder invalid_format", "/labels/0 invalid_length"]);
}

#[tokio::test]
async fn a_question_waits_is_approved_searched_and_archived_and_each_is_recorded() {
    let test_app = TestApp::new().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    let two = submit(
        &test_app,
        TWO,
        QuestionSubmitOptions { folder: Some("Maths".into()), ..QuestionSubmitOptions::default() },
    )
    .await;
    let [sum, why] = <[_; 2]>::try_from(two.unwrap()).unwrap();
    assert_eq!((sum.state, sum.version, sum.kind.as_str()), (QuestionState::Submitted, 1, "input"));
    let approved = app.bank().approve_question(&staff, &sum.id).await.unwrap();
    assert_eq!(approved.state, QuestionState::Approved);
    assert_eq!(app.bank().approve_question(&staff, &sum.id).await.unwrap(), approved);

    let labelled = LabelChange { add: vec!["easy".into(), "short".into()], remove: Vec::new() };
    let change = QuestionUpdate { labels: labelled, folder: Some(String::new()), archived: None };
    app.bank().update_question(&staff, &sum.id, change).await.unwrap();
    let of = |filter: QuestionFilter| keys_of(&test_app, filter);
    assert_eq!(of(QuestionFilter::default()).await, ["sum", "why"]);
    assert_eq!(
        of(QuestionFilter { folder: Some("Maths".into()), ..QuestionFilter::default() }).await,
        ["why"]
    );
    assert_eq!(
        of(QuestionFilter { folder: Some(String::new()), ..QuestionFilter::default() }).await,
        ["sum"]
    );
    let both =
        QuestionFilter { labels: vec!["short".into(), "easy".into()], ..QuestionFilter::default() };
    assert_eq!(of(both).await, ["sum"]);
    let level =
        QuestionFilter { tags: [("Level".into(), "2".into())].into(), ..QuestionFilter::default() };
    assert_eq!(of(level).await, ["why"]);
    assert_eq!(
        of(QuestionFilter { text: Some(SubstringSearch::new("WHY")), ..QuestionFilter::default() })
            .await,
        ["why"]
    );
    let waiting =
        QuestionFilter { state: Some(QuestionState::Submitted), ..QuestionFilter::default() };
    assert_eq!(of(waiting).await, ["why"]);

    let archive =
        |archived| QuestionUpdate { archived: Some(archived), ..QuestionUpdate::default() };
    app.bank().update_question(&staff, &why.id, archive(true)).await.unwrap();
    assert_eq!(of(QuestionFilter::default()).await, ["sum"]);
    app.bank().update_question(&staff, &why.id, archive(false)).await.unwrap();
    assert_eq!(app.bank().question(&staff, &why.id).await.unwrap().state, QuestionState::Submitted);
    let sql = "SELECT count(*) FROM event WHERE kind IN ('question.submitted', 'question.approved', 'question.updated')";
    assert_eq!(test_app.number(sql).await, 2 + 1 + 3);
}

#[tokio::test]
async fn a_question_that_comes_back_is_the_next_version_of_itself() {
    let test_app = TestApp::new().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    let sum = submit(&test_app, TWO, approved("")).await.unwrap().remove(0);
    let text = app.bank().question_text(&staff, &sum.id, None, DocumentFormat::Yaml).await.unwrap();
    let back = app
        .bank()
        .submit_questions(
            &staff,
            text.text.as_bytes(),
            DocumentFormat::Yaml,
            QuestionSubmitOptions::default(),
        )
        .await
        .unwrap();
    assert!(
        !back[0].is_new_version && back[0].question == sum,
        "storing a stored form changes nothing"
    );

    let edited = text.text.replace("2 + 2?", "4 + 0?");
    let next = app
        .bank()
        .submit_questions(
            &staff,
            edited.as_bytes(),
            DocumentFormat::Yaml,
            QuestionSubmitOptions::default(),
        )
        .await
        .unwrap();
    assert_eq!(
        (&next[0].question.id, next[0].question.version, next[0].question.state),
        (&sum.id, 2, sum.state)
    );
    let old =
        app.bank().question_text(&staff, &sum.id, Some(1), DocumentFormat::Json).await.unwrap();
    assert!(old.text.contains("2 + 2?"));
    assert!(is_not_found(
        &app.bank().question_text(&staff, &sum.id, Some(3), DocumentFormat::Json).await
    ));

    let named = QuestionSubmitOptions {
        question: Some(sum.id.clone()),
        ..QuestionSubmitOptions::default()
    };
    let one = r#"{"key":"sum","kind":"input","type":"area","text":"What is four?"}"#;
    let third = submit(&test_app, one, named.clone()).await.unwrap().remove(0);
    assert_eq!((third.version, &third.uuid), (3, &sum.uuid));
    let foreign = one.replace(r#""key""#, r#""uuid":"5f0c2a8e-6f0b-4c3e-9a51-0d6f3c1b7e20","key""#);
    assert_eq!(
        faults(submit(&test_app, &foreign, named.clone()).await),
        ["/uuid conflicting_values"]
    );
    assert_eq!(faults(submit(&test_app, TWO, named).await), ["The body invalid_length"]);
    let missing =
        QuestionSubmitOptions { question: Some("Qu9".into()), ..QuestionSubmitOptions::default() };
    assert!(is_not_found(&submit(&test_app, one, missing).await));
}

#[tokio::test]
async fn a_key_without_the_scope_neither_reads_nor_writes() {
    let test_app = TestApp::new().await;
    let sum = submit(&test_app, TWO, approved("")).await.unwrap().remove(0);
    let (reader, stranger) =
        (test_app.key(&[Scope::TestsRead]), test_app.key(&[Scope::TasksWrite]));
    let refused = |failure: Option<Failure>| matches!(failure, Some(Failure::InsufficientScope(_)));
    assert!(refused(test_app.app.bank().question(&stranger, &sum.id).await.err()));
    assert!(test_app.app.bank().question(&reader, &sum.id).await.is_ok());
    assert!(refused(test_app.app.bank().approve_question(&reader, &sum.id).await.err()));
    assert!(refused(
        test_app
            .app
            .bank()
            .update_question(&reader, &sum.id, QuestionUpdate::default())
            .await
            .err()
    ));
    let bank = test_app.app.bank();
    let request = bank.submit_questions(
        &reader,
        TWO.as_bytes(),
        DocumentFormat::Json,
        QuestionSubmitOptions::default(),
    );
    assert!(refused(request.await.err()));
}

#[tokio::test]
async fn a_test_names_approved_questions_only_and_is_told_of_a_small_bank() {
    let test_app = TestApp::new().await;
    let sum = submit(&test_app, TWO, QuestionSubmitOptions::default()).await.unwrap().remove(0);
    let entries = format!(r#"[{{"ref":{{"questionId":"{}"}}}}]"#, sum.id);
    let unknown = [(
        DocumentFaultCode::BankQuestionUnknown,
        "/sections/0/pages/0/questions/0/ref".to_owned(),
    )];
    assert_eq!(document_faults(set_test(&test_app, &entries).await), unknown);
    test_app.app.bank().approve_question(&test_app.operator(), &sum.id).await.unwrap();
    assert_eq!(set_test(&test_app, &entries).await.unwrap(), []);
    let elsewhere = format!(r#"[{{"ref":{{"questionId":"{}","organizationId":"Og2"}}}}]"#, sum.id);
    assert_eq!(document_faults(set_test(&test_app, &elsewhere).await), unknown);
    let pool = r#"[{"pool":{"key":"b","draw":2,"bank":{"tags":{"Level":"1"}}}}]"#;
    let warned = set_test(&test_app, pool).await.unwrap();
    assert_eq!(
        warned,
        [(DocumentFaultCode::WarnBankSmall, "/sections/0/pages/0/questions/0/pool".to_owned())]
    );
}

#[tokio::test]
async fn each_start_takes_the_banks_text_of_the_moment_and_no_question_twice() {
    let test_app = TestApp::new().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    let two = submit(&test_app, TWO, approved("Maths")).await.unwrap();
    let entries = format!(
        r#"[{{"pool":{{"key":"b","draw":1,"bank":{{"folder":"Maths"}}}}}},
            {{"ref":{{"questionId":"{}"}},"key":"first","points":3}}]"#,
        two[0].id
    );
    set_test(&test_app, &entries).await.unwrap();
    // The fixed reference goes first, so the pool has only the other one to draw from.
    let (first, texts) = question_texts(&test_app, 0).await.unwrap();
    assert_eq!(texts, ["Why?", "2 + 2?"]);

    let text = app
        .bank()
        .question_text(&staff, &two[0].id, None, DocumentFormat::Json)
        .await
        .unwrap()
        .text;
    submit(&test_app, &text.replace("2 + 2?", "4 + 0?"), QuestionSubmitOptions::default())
        .await
        .unwrap();
    assert_eq!(question_texts(&test_app, 1).await.unwrap().1, ["Why?", "4 + 0?"]);
    assert_eq!(
        question_texts(&test_app, 0).await.unwrap(),
        (first.clone(), texts),
        "what has started stays as it was"
    );

    let answers = app.results().instance_answers(&staff, &test_app.task, &first).await.unwrap();
    let origins =
        answers.compiled.slots.iter().map(|slot| slot.question.origin.clone().unwrap().question_id);
    assert_eq!(origins.collect::<Vec<_>>(), [two[1].id.clone(), two[0].id.clone()]);
    assert_eq!(answers.compiled.slots[1].question.key.as_str(), "first");
    assert_eq!(answers.compiled.slots[1].question.points.to_string(), "3");

    let archive = QuestionUpdate { archived: Some(true), ..QuestionUpdate::default() };
    app.bank().update_question(&staff, &two[1].id, archive.clone()).await.unwrap();
    assert_eq!(
        refusal(question_texts(&test_app, 2).await),
        Some(Refusal::TestNotCompilable),
        "the pool has nothing left"
    );
    set_test(&test_app, &format!(r#"[{{"ref":{{"questionId":"{}"}}}}]"#, two[0].id)).await.unwrap();
    app.bank().update_question(&staff, &two[0].id, archive).await.unwrap();
    assert_eq!(
        question_texts(&test_app, 2).await.unwrap().1,
        ["4 + 0?"],
        "a test that names an archived question goes on"
    );
    let named = format!(r#"[{{"ref":{{"questionId":"{}"}},"points":2}}]"#, two[0].id);
    assert_eq!(
        document_faults(set_test(&test_app, &named).await)[0].0,
        DocumentFaultCode::BankQuestionUnknown
    );
}

#[tokio::test]
async fn a_submitter_sees_and_mends_own_questions_and_only_while_they_wait() {
    let test_app = TestApp::new().await;
    let app = &test_app.app;
    submit(&test_app, TWO, approved("")).await.unwrap();
    let cem = submitter(&test_app);
    let mine = r#"{"key":"mine","kind":"input","type":"area","text":"Mine?"}"#;
    let submit_mine = async |text: &str, options| {
        app.bank().submit_questions(&cem, text.as_bytes(), DocumentFormat::Json, options).await
    };
    let stored =
        submit_mine(mine, QuestionSubmitOptions::default()).await.unwrap().remove(0).question;
    let (total, seen) =
        app.bank().list_questions(&cem, QuestionFilter::default(), 10, 0).await.unwrap();
    assert_eq!((total, &seen[0].id), (1, &stored.id));
    let others = app
        .bank()
        .list_questions(&test_app.operator(), QuestionFilter::default(), 10, 0)
        .await
        .unwrap()
        .1;
    assert!(is_not_found(&app.bank().question(&cem, &others[0].id).await));

    let again = QuestionSubmitOptions {
        question: Some(stored.id.clone()),
        ..QuestionSubmitOptions::default()
    };
    let mended = submit_mine(&mine.replace("Mine?", "Ours?"), again.clone()).await.unwrap();
    assert_eq!(mended[0].question.version, 2);
    assert!(matches!(
        app.bank().approve_question(&cem, &stored.id).await,
        Err(Failure::InsufficientScope(_))
    ));
    let at_once = submit_mine(mine, QuestionSubmitOptions { approve: true, ..again.clone() }).await;
    assert!(matches!(at_once, Err(Failure::InsufficientScope(_))));
    app.bank().approve_question(&test_app.operator(), &stored.id).await.unwrap();
    assert!(is_not_found(&submit_mine(mine, again).await));
}

#[tokio::test]
async fn the_history_names_whoever_made_a_version_and_an_old_one_comes_back_on_top() {
    let test_app = TestApp::new().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    let sum = submit(&test_app, TWO, approved("Maths")).await.unwrap().remove(0);
    let text = app.bank().question_text(&staff, &sum.id, None, DocumentFormat::Json).await.unwrap();
    let next = |based_on| QuestionSubmitOptions {
        question: Some(sum.id.clone()),
        based_on,
        ..QuestionSubmitOptions::default()
    };
    let edited = text.text.replace("2 + 2?", "3 + 1?");
    let second = submit(&test_app, &edited, next(Some(sum.digest))).await.unwrap().remove(0);
    assert_eq!((second.version, second.folder.as_str()), (2, "Maths"));
    let late =
        submit(&test_app, &text.text.replace("2 + 2?", "1 + 3?"), next(Some(sum.digest))).await;
    assert_eq!(conflict_of(late), ("question_changed", Vec::new()), "somebody else was quicker");

    let history = app.bank().question_history(&staff, &sum.id).await.unwrap();
    let reported: Vec<_> =
        history.iter().map(|version| (version.number, version.made_by_name.clone())).collect();
    assert_eq!(reported, [(2, None), (1, None)], "the latest first; the command line has no name");
    let stale = app.bank().restore_question(&staff, &sum.id, 1, Some(sum.digest)).await;
    assert_eq!(conflict_of(stale).0, "question_changed");
    let back = app.bank().restore_question(&staff, &sum.id, 1, Some(second.digest)).await.unwrap();
    assert_eq!(
        (back.question.version, back.question.digest, back.is_new_version),
        (3, sum.digest, true)
    );
    assert!(is_not_found(&app.bank().restore_question(&staff, &sum.id, 9, None).await));
    assert!(
        is_not_found(&app.bank().question_history(&submitter(&test_app), &sum.id).await),
        "nobody else's question"
    );
}

#[tokio::test]
async fn the_uses_of_a_question_are_the_tests_that_name_it_and_those_whose_pool_may_draw_it() {
    let test_app = TestApp::new().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    let [sum, why] =
        <[_; 2]>::try_from(submit(&test_app, TWO, approved("Maths")).await.unwrap()).unwrap();
    let uses = async |id| {
        let uses = app.bank().question_uses(&staff, id).await.unwrap();
        uses.into_iter().map(|used| (used.test.to_string(), used.by)).collect::<Vec<_>>()
    };
    assert_eq!(uses(&sum.id).await, []);
    let entries = format!(
        r#"[{{"ref":{{"questionId":"{}"}}}},{{"pool":{{"key":"b","draw":1,"bank":{{"folder":"Maths"}}}}}}]"#,
        sum.id
    );
    set_test(&test_app, &entries).await.unwrap();
    assert_eq!(
        uses(&sum.id).await,
        [("Te1".to_owned(), BankUseKind::Reference)],
        "the surest way is told"
    );
    assert_eq!(uses(&why.id).await, [("Te1".to_owned(), BankUseKind::Pool)]);
    let archive = QuestionUpdate { archived: Some(true), ..QuestionUpdate::default() };
    app.bank().update_question(&staff, &why.id, archive).await.unwrap();
    assert_eq!(uses(&why.id).await, [], "no pool draws an archived question");
    let supervisor = with_role(&test_app, Role::QuestionBankSupervisor);
    assert_eq!(
        app.bank().question_uses(&supervisor, &sum.id).await.unwrap(),
        [],
        "who may not read tests sees none"
    );
}

#[tokio::test]
async fn marks_are_those_of_questions_within_reach_and_an_export_comes_back_as_it_was() {
    let test_app = TestApp::new().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    let labelled = QuestionSubmitOptions { labels: Some(vec!["easy".into()]), ..approved("Maths") };
    let [sum, why] = <[_; 2]>::try_from(submit(&test_app, TWO, labelled).await.unwrap()).unwrap();
    let marks = app.bank().bank_facets(&staff).await.unwrap();
    assert_eq!(
        (marks.folders, marks.labels),
        (["Maths".to_owned()].into(), ["easy".to_owned()].into())
    );
    assert_eq!(marks.tags, [("Level".to_owned(), ["1".to_owned(), "2".to_owned()].into())].into());
    assert_eq!(app.bank().bank_facets(&submitter(&test_app)).await.unwrap(), BankFacets::default());

    for format in [DocumentFormat::Json, DocumentFormat::Yaml] {
        let all =
            app.bank().export_questions(&staff, QuestionFilter::default(), format).await.unwrap();
        let back = app
            .bank()
            .submit_questions(&staff, all.as_bytes(), format, QuestionSubmitOptions::default())
            .await
            .unwrap();
        assert!(
            back.iter().all(|stored| !stored.is_new_version),
            "an export holds the latest versions"
        );
        assert_eq!(back.iter().map(|stored| &stored.question).collect::<Vec<_>>(), [&sum, &why]);
    }
    let level =
        QuestionFilter { tags: [("Level".into(), "2".into())].into(), ..QuestionFilter::default() };
    let one = app.bank().export_questions(&staff, level, DocumentFormat::Json).await.unwrap();
    assert!(one.contains("Why?") && !one.contains("2 + 2?"));
    let none = QuestionFilter { folder: Some("Physics".into()), ..QuestionFilter::default() };
    assert_eq!(
        app.bank().export_questions(&staff, none, DocumentFormat::Yaml).await.unwrap().trim(),
        "[]"
    );
}

#[tokio::test]
async fn a_question_is_checked_without_being_kept_and_tried_out_alone() {
    let test_app = TestApp::new().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    app.bank().check_questions(&staff, TWO.as_bytes(), DocumentFormat::Json).await.unwrap();
    let broken = TWO.replace(r#""key":"why""#, r#""key":"w y""#);
    let faults = app.bank().check_questions(&staff, broken.as_bytes(), DocumentFormat::Json).await;
    assert_eq!(document_faults(faults), [(DocumentFaultCode::BadKey, "/1/key".to_owned())]);
    assert_eq!(test_app.number("SELECT count(*) FROM bank_question").await, 0);

    let dimension = r#""dimensions":[{"path":["Numeracy","Sums"],"points":3}],"rules""#;
    let waiting = submit(
        &test_app,
        &TWO.replacen(r#""rules""#, dimension, 1),
        QuestionSubmitOptions::default(),
    )
    .await
    .unwrap();
    let tried = async |answer: &str| {
        let answers = [(1, answer.to_owned())].into();
        app.bank().try_question(&staff, &waiting[0].id, "1", answers).await.unwrap().outcome
    };
    let right = tried(r#""4""#).await;
    assert_eq!(
        (right.scoreboard.points.to_string(), right.scoreboard.maximum.to_string()),
        ("1".into(), "1".into())
    );
    let numeracy = &right.dimensions[0];
    assert_eq!(
        (numeracy.name.as_str(), numeracy.scoreboard.points.to_string()),
        ("Numeracy", "3".to_owned())
    );
    assert_eq!(numeracy.subs[0].name, "Sums");
    assert_eq!(tried(r#""5""#).await.scoreboard.points.to_string(), "0");
    assert!(is_not_found(
        &app.bank().try_question(&submitter(&test_app), &waiting[0].id, "1", [].into()).await
    ));
}
