//! Confirming a submission by mail: when one is written, how often, and what it says.

use crate::mail_fixture::{mail_log, only_mail, send_due, set_templates, states, template};
use app::administration::Reinstatement;
use app::candidates::CandidateSource;
use app::delivery::receipt::read_code;
use app::erasure::ErasureOptions;
use app::organization_profile::ProfileUpdate;
use app::ports::OutgoingMail;
use app::settings::Settings;
use app::tasks::{NewConduct, StepUpdate, TaskUpdate};
use domain::access::settings::ConfirmationMail;
use domain::id::{CandidateId, InstanceId};
use domain::instance::ClosingReason;
use domain::mail::{MailKind, MailOutcome, MailState};
use std::collections::BTreeMap;
use testkit::fixtures::{CODE, DESK_SCREENING};
use testkit::{FakeMailer, TestApp, write};

/// A server with a mail server, and a task that invites by mail.
async fn app_with_mail_server() -> TestApp {
    let settings = Settings { has_mail_server: true, ..Settings::default() };
    let test_app = TestApp::with_settings(DESK_SCREENING, settings).await;
    set_templates(&test_app, vec![template("Welcome", "You are invited", None)]).await;
    set_candidate(&test_app, "email", "ada@example.org").await;
    test_app
}

async fn set_candidate(test_app: &TestApp, column: &'static str, value: &'static str) {
    let sql = format!("UPDATE candidate SET {column} = $1 WHERE invitation_code = $2");
    let values = move |tx: &mut dyn storage::Transaction| {
        tx.execute(&sql, &[storage::SqlValue::Text(value), storage::SqlValue::Text(CODE)])
    };
    test_app.write(values).await;
}

async fn set_confirmation(test_app: &TestApp, when: ConfirmationMail) {
    let conduct = NewConduct { confirmation_mail: Some(when), ..NewConduct::default() };
    let step = StepUpdate { conduct, ..StepUpdate::default() };
    let steps = BTreeMap::from([(test_app.step.clone(), step)]);
    let change = TaskUpdate { steps, ..TaskUpdate::default() };
    test_app.app.tasks().update_task(&test_app.operator(), &test_app.task, change).await.unwrap();
}

/// Ada answers one of the questions and submits.
async fn submitted(test_app: &TestApp) -> InstanceId {
    let (visitor, instance) = test_app.start_on_first_page().await;
    test_app.answer(&visitor, &instance, write(1, 1, r#"["a"]"#)).await;
    test_app.complete(&visitor, &instance, "end").await.unwrap();
    instance
}

async fn only_sent(test_app: &TestApp) -> OutgoingMail {
    let bag = FakeMailer::new();
    send_due(test_app, &bag).await;
    let mut mails = bag.mails();
    assert_eq!(mails.len(), 1, "{:?}", mails.iter().map(|mail| &mail.subject).collect::<Vec<_>>());
    mails.remove(0)
}

#[tokio::test]
async fn a_submission_is_confirmed_once_however_often_it_is_repeated() {
    let test_app = app_with_mail_server().await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    test_app.answer(&visitor, &instance, write(1, 1, r#"["a"]"#)).await;
    for token in ["end", "end", "other", "end"] {
        let _ = test_app.complete(&visitor, &instance, token).await;
    }
    let waiting = only_mail(&test_app).await.mail;
    assert_eq!((waiting.kind(), &waiting.instance_id), (MailKind::Confirmation, &Some(instance)));
    let mail = only_sent(&test_app).await;
    assert_eq!(mail.to, "ada@example.org");
    assert_eq!(send_due(&test_app, &FakeMailer::new()).await, 0);
    assert_eq!(states(&test_app).await, [MailState::Sent]);
}

#[tokio::test]
async fn it_says_who_has_what_since_when_and_how_to_prove_it() {
    let test_app = app_with_mail_server().await;
    let contact = "Exam office\r\n[help@example.org](mailto:help@example.org)\u{202e}";
    let update = ProfileUpdate { contact: Some(contact.into()), ..ProfileUpdate::default() };
    let organizations = test_app.app.organizations();
    organizations.update_organization_profile(&test_app.operator(), update).await.unwrap();
    let instance = submitted(&test_app).await;
    let mail = only_sent(&test_app).await;
    let title =
        test_app.app.tasks().task(&test_app.operator(), &test_app.task).await.unwrap().title;
    assert_eq!(mail.subject, format!("Submitted: {title}"));
    let text = &mail.text;
    for part in [
        "Hello Ada Example,\n\nExample has received your answers.\n",
        "The server has your answers to 1 of 5 questions.",
        &format!("Test number: {instance}\nSaved entries: 1\n"),
        " UTC\n",
        "contact Example:\nExam office\n[help@example.org](mailto:help@example.org)\n",
    ] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
    let address = text.lines().find(|line| line.starts_with("http")).unwrap();
    let code = address.strip_prefix("http://127.0.0.1:8080/verify/").unwrap();
    let (signed, signature) = read_code(code).unwrap();
    let vouched = test_app.app.delivery().verify_receipt(&signed, &signature).await.unwrap();
    assert_eq!(vouched.unwrap().instance, instance);
    assert!(mail.html.contains(&format!("<a href=\"{address}\">")), "{}", mail.html);
    assert!(!text.contains("{{"), "{text}");
}

#[tokio::test]
async fn time_that_is_over_and_staff_who_close_are_confirmed_in_their_own_words() {
    for (closing, words) in [
        (ClosingReason::TimeOver, "The time was up, so the test was closed."),
        (ClosingReason::ForceClosed, "The test was ended before you submitted it."),
    ] {
        let test_app = app_with_mail_server().await;
        let (_, instance) = test_app.start_on_first_page().await;
        let (staff, task) = (test_app.operator(), test_app.task.clone());
        if closing == ClosingReason::TimeOver {
            test_app.clock.pass_seconds(1803);
            test_app.app.delivery().sweep_deadlines().await.unwrap();
            test_app.app.delivery().sweep_deadlines().await.unwrap();
        } else {
            test_app.app.instances().force_close(&staff, &task, &instance).await.unwrap();
        }
        assert_eq!(test_app.row(&instance).await.closing, Some(closing));
        let text = only_sent(&test_app).await.text;
        assert!(text.contains(words), "{text}");
        assert!(text.contains("answers to 0 of 5 questions"), "{text}");
    }
}

#[tokio::test]
async fn a_task_that_does_not_invite_by_mail_confirms_only_where_staff_say_so() {
    let test_app = app_with_mail_server().await;
    set_templates(&test_app, Vec::new()).await;
    submitted(&test_app).await;
    assert_eq!(states(&test_app).await, []);
    let test_app = app_with_mail_server().await;
    set_templates(&test_app, Vec::new()).await;
    set_confirmation(&test_app, ConfirmationMail::Always).await;
    submitted(&test_app).await;
    assert_eq!(states(&test_app).await, [MailState::Waiting]);
}

#[tokio::test]
async fn nothing_is_written_where_it_is_off_or_there_is_no_address_or_no_mail_server() {
    let test_app = app_with_mail_server().await;
    set_confirmation(&test_app, ConfirmationMail::Never).await;
    submitted(&test_app).await;
    assert_eq!(states(&test_app).await, []);
    let test_app = app_with_mail_server().await;
    test_app.sql("UPDATE candidate SET email = NULL").await;
    submitted(&test_app).await;
    assert_eq!(states(&test_app).await, []);
    let test_app = TestApp::new().await;
    set_confirmation(&test_app, ConfirmationMail::Always).await;
    set_candidate(&test_app, "email", "ada@example.org").await;
    submitted(&test_app).await;
    assert_eq!(states(&test_app).await, []);
}

#[tokio::test]
async fn whoever_has_only_further_addresses_is_written_to_at_the_first_of_them() {
    let test_app = app_with_mail_server().await;
    test_app.sql("UPDATE candidate SET email = NULL").await;
    set_candidate(&test_app, "extra_emails", r#"["one@example.org","two@example.org"]"#).await;
    submitted(&test_app).await;
    assert_eq!(only_sent(&test_app).await.to, "one@example.org");
}

#[tokio::test]
async fn hostile_titles_and_names_add_no_header_no_line_and_no_direction() {
    let test_app = app_with_mail_server().await;
    set_candidate(&test_app, "fullname", "Ada\r\nBcc: eve@example.org\u{202e}{{check}}").await;
    let long = "\u{5d0}\u{202e}\r\nBcc: eve@example.org\r\n\r\n{{fullname}} <b>x</b> ".repeat(40);
    let set = move |tx: &mut dyn storage::Transaction| {
        let values = &[storage::SqlValue::Text(&long)];
        tx.execute("UPDATE task SET title = $1", values)?;
        tx.execute("UPDATE step SET title = $1", values)
    };
    test_app.write(set).await;
    submitted(&test_app).await;
    let mail = only_sent(&test_app).await;
    assert!(!mail.subject.contains(['\r', '\n', '\u{202e}']), "{}", mail.subject);
    assert!(mail.subject.chars().count() <= 300, "{}", mail.subject.chars().count());
    assert!(mail.text.starts_with("Hello Ada Bcc: eve@example.org {{check}},\n"), "{}", mail.text);
    assert!(!mail.text.contains("\nBcc:") && !mail.text.contains('\u{202e}'), "{}", mail.text);
    assert!(mail.html.contains("&lt;b&gt;") && !mail.html.contains("<b>"), "{}", mail.html);
}

#[tokio::test]
async fn a_visitor_who_registered_by_himself_has_no_words_of_his_own_sent() {
    let test_app = app_with_mail_server().await;
    set_candidate(&test_app, "fullname", "Win at https://evil.example").await;
    set_candidate(&test_app, "source", CandidateSource::SelfRegistration.as_str()).await;
    submitted(&test_app).await;
    let mail = only_sent(&test_app).await;
    assert!(mail.text.starts_with("Hello ada@example.org,"), "{}", mail.text);
    assert!(!mail.text.contains("evil") && !mail.subject.contains("evil"), "{}", mail.text);
}

#[tokio::test]
async fn it_is_written_in_the_candidates_language_with_its_dates_and_numbers() {
    for (lang, subject, part) in [
        ("de", "Abgegeben: ", "Ihre Antworten zu 1 von 5 Fragen"),
        ("tr", "Gönderildi: ", "Yanıtlarınız Example tarafından alındı."),
        ("ar", "تم التسليم: ", "استلمت Example إجاباتك."),
    ] {
        let test_app = app_with_mail_server().await;
        set_candidate(&test_app, "lang", lang).await;
        submitted(&test_app).await;
        let mail = only_sent(&test_app).await;
        assert!(mail.subject.starts_with(subject), "{}", mail.subject);
        assert!(mail.text.contains(part), "{}", mail.text);
        let language = texts::Language::of_tag(lang).unwrap();
        let at = language.date_time(test_app.app.now().seconds());
        assert!(mail.text.contains(&at), "{at} is not in {}", mail.text);
        assert!(mail.html.contains(&format!("<html lang=\"{lang}\"")), "{}", mail.html);
    }
}

#[tokio::test]
async fn nobody_who_was_erased_is_written_to() {
    let erase = async |test_app: &TestApp| {
        let (staff, options) =
            (test_app.operator(), ErasureOptions { grouping: false, confirm: true });
        let candidate = CandidateId::from("Ca1");
        let candidates = test_app.app.candidates();
        candidates.erase_candidate(&staff, &test_app.task, &candidate, options).await.unwrap();
    };
    let test_app = app_with_mail_server().await;
    submitted(&test_app).await;
    erase(&test_app).await;
    assert_eq!(send_due(&test_app, &FakeMailer::new()).await, 0);
    let view = only_mail(&test_app).await.mail;
    assert_eq!((view.state, view.recipient, view.body), (MailState::Cancelled, None, None));
    // Erasing closes what is open, which is nothing that a candidate did.
    let test_app = app_with_mail_server().await;
    test_app.start_on_first_page().await;
    erase(&test_app).await;
    assert_eq!(mail_log(&test_app).await.mails.len(), 0);
}

#[tokio::test]
async fn an_instance_that_is_opened_again_is_confirmed_anew_and_the_waiting_mail_is_called_off() {
    let test_app = app_with_mail_server().await;
    let instance = submitted(&test_app).await;
    let how = Reinstatement {
        client_token: "r".into(),
        pages: None,
        start: None,
        time: BTreeMap::new(),
        reason: "disturbed".into(),
    };
    let (staff, task) = (test_app.operator(), test_app.task.clone());
    test_app.app.instances().reinstate(&staff, &task, &instance, how).await.unwrap();
    assert_eq!(send_due(&test_app, &FakeMailer::new()).await, 0);
    let first = only_mail(&test_app).await.mail;
    assert_eq!(first.state, MailState::Cancelled);
    let visitor = test_app.enter().await;
    test_app.app.delivery().open_instance(&visitor, &instance).await.unwrap();
    // Sent again while the test is open it has nothing to say.
    test_app.app.mail().resend_mail(&staff, &first.id).await.unwrap();
    send_due(&test_app, &FakeMailer::new()).await;
    let view = only_mail(&test_app).await;
    assert_eq!(
        (view.mail.state, view.tries[0].outcome),
        (MailState::Failed, MailOutcome::Unsendable)
    );
    test_app.complete(&visitor, &instance, "second").await.unwrap();
    only_sent(&test_app).await;
    assert_eq!(states(&test_app).await, [MailState::Sent, MailState::Failed]);
}

#[tokio::test]
async fn a_confirmation_is_no_invitation_when_the_uninvited_are_looked_for() {
    let test_app = app_with_mail_server().await;
    let instance = submitted(&test_app).await;
    let invitation = || crate::mail_fixture::invitation("Welcome");
    let (mail, staff) = (test_app.app.mail(), test_app.operator());
    let invite =
        async || mail.invite_uninvited(&staff, &test_app.task, invitation()).await.unwrap();
    assert_eq!(invite().await, 0, "whoever has finished needs no invitation");
    test_app.app.instances().ignore(&staff, &test_app.task, &instance, None).await.unwrap();
    assert_eq!(invite().await, 1, "while the confirmation waits");
}

#[test]
fn a_code_that_is_cut_or_changed_is_none() {
    let digits = |count: usize| "0".repeat(count);
    let whole = format!("In1.1790000000.3.{}.{}", digits(64), digits(128));
    assert!(read_code(&whole).is_some());
    assert!(read_code(&format!("{} {}", &whole[..30], &whole[30..])).is_some(), "broken by mail");
    for wrong in ["", ".", "In1", "In1.1.2.3", &whole[..whole.len() - 2], &format!("{whole}.")] {
        assert!(read_code(wrong).is_none(), "{wrong}");
    }
    assert!(read_code(&whole.replacen(".3.", ".-3.", 1)).is_none());
    assert!(read_code(&whole.replacen("1790000000", "99999999999999999999", 1)).is_none());
}
