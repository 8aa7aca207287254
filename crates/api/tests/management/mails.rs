//! Mail over HTTP: inviting, the log, texts, sending again and calling off.

use app::settings::Settings;
use domain::instance::Scope;
use serde_json::{Value, json};
use testkit::fixtures::DESK_SCREENING;
use testkit::{ManagementClient, TestApp, faults_of};

/// A task with one template, and a candidate to invite; their ids.
async fn create_task_and_candidate(program: &ManagementClient) -> (String, String) {
    let (_, test) =
        program.send("POST", "/tests", Some("application/json"), DESK_SCREENING.into()).await;
    let template = json!({"name": "Welcome", "subject": "{{task}}", "body": "Code {{code}}"});
    let new =
        json!({"title": "Walk", "emailTemplates": [template], "steps": [{"test": test["testId"]}]});
    let (status, task) = program.post("/tasks", &new).await;
    assert_eq!((status, &task["emailTemplates"][0]), (200, &template), "{task}");
    let task = task["taskId"].as_str().unwrap().to_owned();
    let ada = json!({"kind": "temporary-candidate", "fullname": "Ada", "email": "ada@example.org"});
    let (_, made) = program.post(&format!("/tasks/{task}/candidates"), &ada).await;
    (task, made["candidateId"].as_str().unwrap().to_owned())
}

async fn invite(program: &ManagementClient, task: &str, body: &Value) -> (u16, Value) {
    program.post(&format!("/tasks/{task}/candidates/invite"), body).await
}

#[tokio::test]
async fn every_fault_of_a_template_and_of_an_invitation_is_told() {
    let test_app = TestApp::empty().await;
    let program = ManagementClient::with(&test_app, &[Scope::Manage]).await;
    let (task, _) = create_task_and_candidate(&program).await;
    let wrong =
        json!({"fields": {"emailTemplates": [{"name": "A", "subject": "{{who}}", "body": null}]}});
    let path = format!("/tasks/{task}");
    let (status, problem) =
        program.send("PATCH", &path, Some("application/json"), wrong.to_string()).await;
    assert_eq!(
        (status, faults_of(&problem)),
        (400, vec!["/fields/emailTemplates/0/subject invalid_format".to_owned()])
    );
    assert!(problem.to_string().contains("{{fullname}}"), "{problem}");
    let (status, problem) =
        invite(&program, &task, &json!({"candidateIds": [], "dateToSend": -1})).await;
    let reported =
        ["/candidateIds invalid_length", "/dateToSend out_of_range", "/emailTemplateName required"];
    assert_eq!((status, faults_of(&problem)), (400, reported.map(str::to_owned).to_vec()));
}

#[tokio::test]
async fn a_dated_mail_is_shown_called_off_and_sent_again() {
    let test_app = TestApp::empty().await;
    let program = ManagementClient::with(&test_app, &[Scope::Manage]).await;
    let (task, candidate) = create_task_and_candidate(&program).await;
    let date = test_app.app.now().seconds() + 3600;
    let body =
        json!({"candidateIds": [candidate], "emailTemplateName": "Welcome", "dateToSend": date});
    let (status, invited) = invite(&program, &task, &body).await;
    assert_eq!((status, invited["mails"].as_array().unwrap().len()), (200, 1), "{invited}");
    let mail = &invited["mails"][0];
    assert_eq!(
        (&mail["state"], &mail["sendAt"], &mail["recipient"]),
        (&json!("waiting"), &json!(date), &json!("ada@example.org"))
    );
    let path = format!("/mails/{}", mail["mailId"].as_str().unwrap());
    let (_, shown) = program.get(&path).await;
    assert_eq!((&shown["mail"], &shown["subject"]), (mail, &json!("Walk")));
    assert!(shown["text"].as_str().unwrap().starts_with("Code "), "{shown}");

    let (_, off) = program.post(&format!("{path}/cancel"), &json!({})).await;
    assert_eq!(off["mail"]["state"], "cancelled");
    let filter = format!("/mails?taskId={task}&candidateId={candidate}&limit=1");
    let (_, log) = program.get(&format!("{filter}&state=cancelled")).await;
    assert_eq!(
        (log["mails"][0]["mailId"] == mail["mailId"], &log["hasMore"]),
        (true, &json!(false)),
        "{log}"
    );
    let (_, again) = program.post(&format!("{path}/send"), &json!({})).await;
    assert_eq!(again["mail"]["state"], "waiting");
    assert_eq!(program.get(&format!("{filter}&state=cancelled")).await.1["mails"], json!([]));
    assert_eq!(program.get("/mails/Ma9").await.0, 404);
    let (status, problem) = program.get("/mails?state=lost&before=Ma9&limit=0").await;
    assert_eq!((status, problem["errors"].as_array().unwrap().len()), (400, 2), "{problem}");
}

#[tokio::test]
async fn a_confirmation_stands_in_the_log_with_what_it_confirms() {
    let settings = Settings { has_mail_server: true, ..Settings::default() };
    let test_app = TestApp::with_settings(DESK_SCREENING, settings).await;
    let program = ManagementClient::with(&test_app, &[Scope::Manage]).await;
    test_app.sql("UPDATE candidate SET email = 'ada@example.org'").await;
    let path = format!("/tasks/{}", test_app.task);
    let confirm = |word: &str| {
        json!({"fields": {}, "steps": {test_app.step.as_str(): {"confirmationMail": word}}})
            .to_string()
    };
    let patch = async |body| program.send("PATCH", &path, Some("application/json"), body).await;
    let (status, problem) = patch(confirm("sometimes")).await;
    assert_eq!(
        (status, faults_of(&problem)),
        (400, vec![format!("/steps/{}/confirmationMail invalid_enum", test_app.step)])
    );
    let (status, task) = patch(confirm("always")).await;
    assert_eq!((status, &task["steps"][0]["conduct"]["confirmationMail"]), (200, &json!("always")));
    let (visitor, instance) = test_app.start_on_first_page().await;
    test_app.complete(&visitor, &instance, "end").await.unwrap();
    let (_, log) = program.get("/mails").await;
    let mail = &log["mails"][0];
    assert_eq!(
        (&mail["kind"], &mail["emailTemplateName"], &mail["testInstanceId"]),
        (&json!("confirmation"), &Value::Null, &json!(instance.as_str()))
    );
    let (_, whole) = program.get(&format!("/mails/{}", mail["mailId"].as_str().unwrap())).await;
    assert!(whole["text"].as_str().unwrap().contains("/verify/"), "{whole}");
}
