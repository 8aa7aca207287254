//! Real mail to a real socket, and into a folder.

use crate::mail_fixture::{ada, app_with_templates, only_mail, states};
use courier::file_mailer::FileMailer;
use courier::message::MailSender;
use courier::smtp::{MailServer, SmtpEncryption, SmtpMailer};
use domain::mail::{MailOutcome, MailState};
use std::sync::Arc;
use testkit::{MailBehaviour, MailSink, TestApp};

fn sender() -> MailSender {
    MailSender::new("Exams <exams@example.org>", Some("help@example.org")).unwrap()
}

fn server(port: u16, password: Option<&str>) -> MailServer {
    let login = password.map(|password| ("assay".to_owned(), password.to_owned()));
    MailServer {
        host: "127.0.0.1".into(),
        port,
        encryption: SmtpEncryption::None,
        login,
        own_name: None,
    }
}

fn smtp(sink: &MailSink, password: Option<&str>) -> Arc<SmtpMailer> {
    Arc::new(SmtpMailer::new(&server(sink.port(), password), sender()).unwrap())
}

async fn outcome(
    test_app: &TestApp,
    smtp: Arc<SmtpMailer>,
) -> (MailState, MailOutcome, Option<i64>) {
    test_app.app.mail().send_due_mail(smtp).await.unwrap();
    let view = only_mail(test_app).await;
    let last = view.tries.last().unwrap().clone();
    (view.mail.state, last.outcome, last.status)
}

#[tokio::test]
async fn a_server_takes_the_mail_as_it_was_written_in_plain_text_and_in_html() {
    let test_app = app_with_templates().await;
    let made = ada(&test_app, "Plain").await;
    let sink = MailSink::new().await;
    assert_eq!(
        outcome(&test_app, smtp(&sink, None)).await,
        (MailState::Sent, MailOutcome::Sent, Some(250))
    );
    let mail = sink.received().remove(0);
    assert_eq!(
        (mail.from.as_str(), mail.to.as_slice()),
        ("exams@example.org", &["ada@example.org".to_owned()][..])
    );
    assert_eq!(mail.text().trim_end(), only_mail(&test_app).await.mail.body.unwrap().trim_end());
    let link = format!("http://127.0.0.1:8080/enter/{}", made.invitation_code);
    assert!(
        mail.part("text/html").contains(&format!("<a href=\"{link}\">{link}</a>")),
        "{}",
        mail.part("text/html")
    );
    assert_eq!(mail.header("Subject"), "You are invited");
    assert_eq!(mail.header("Reply-To"), "help@example.org");
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
}

#[tokio::test]
async fn an_answer_for_now_is_waited_for_and_one_for_good_is_the_end() {
    for (answer, wanted) in [
        ("451 later", (MailState::Waiting, MailOutcome::Deferred, Some(451))),
        ("550 no such user", (MailState::Failed, MailOutcome::Refused, Some(550))),
        ("530 log in first", (MailState::Waiting, MailOutcome::Denied, Some(530))),
    ] {
        let test_app = app_with_templates().await;
        ada(&test_app, "All").await;
        let sink = MailSink::new().await;
        sink.respond_with([MailBehaviour::Answer(answer.into())]);
        assert_eq!(outcome(&test_app, smtp(&sink, None)).await, wanted);
        let said = only_mail(&test_app).await.tries[0].reply.clone().unwrap();
        assert!(said.contains(&answer[4..]), "{said}");
    }
}

#[tokio::test]
async fn a_mail_whose_answer_was_lost_goes_again_under_the_same_name() {
    let test_app = app_with_templates().await;
    ada(&test_app, "All").await;
    let sink = MailSink::new().await;
    sink.respond_with([MailBehaviour::HangUp]);
    let (state, outcome_of_first, _) = outcome(&test_app, smtp(&sink, None)).await;
    assert_eq!((state, outcome_of_first), (MailState::Waiting, MailOutcome::Unreachable));
    test_app.clock.pass_seconds(120);
    test_app.app.mail().send_due_mail(smtp(&sink, None)).await.unwrap();
    let names: Vec<_> = sink.received().iter().map(|mail| mail.header("Message-ID")).collect();
    assert_eq!(names.len(), 2);
    assert!(names[0] == names[1] && !names[0].is_empty(), "{names:?}");
}

#[tokio::test]
async fn a_wrong_password_is_told_and_waited_for_and_the_right_one_lets_mail_through() {
    let test_app = app_with_templates().await;
    ada(&test_app, "All").await;
    let sink = MailSink::with_password("right").await;
    assert!(smtp(&sink, Some("wrong")).check_connection().await.unwrap_err().contains("535"));
    let denied = (MailState::Waiting, MailOutcome::Denied, Some(535));
    assert_eq!(outcome(&test_app, smtp(&sink, Some("wrong"))).await, denied);
    smtp(&sink, Some("right")).check_connection().await.unwrap();
    test_app.clock.pass_seconds(120);
    assert_eq!(outcome(&test_app, smtp(&sink, Some("right"))).await.0, MailState::Sent);
}

#[tokio::test]
async fn a_server_without_tls_gets_nothing_when_tls_was_asked_for() {
    let test_app = app_with_templates().await;
    ada(&test_app, "All").await;
    let sink = MailSink::new().await;
    let server = MailServer { encryption: SmtpEncryption::Starttls, ..server(sink.port(), None) };
    let smtp = Arc::new(SmtpMailer::new(&server, sender()).unwrap());
    assert_eq!(outcome(&test_app, smtp).await.0, MailState::Waiting);
    assert!(sink.received().is_empty());
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unreachable() {
    let test_app = app_with_templates().await;
    ada(&test_app, "All").await;
    let gone = MailSink::new().await.port();
    let smtp = Arc::new(
        SmtpMailer::new(
            &MailServer { host: "localhost.invalid".into(), ..server(gone, None) },
            sender(),
        )
        .unwrap(),
    );
    assert_eq!(
        outcome(&test_app, smtp).await,
        (MailState::Waiting, MailOutcome::Unreachable, None)
    );
}

#[tokio::test]
async fn without_a_server_mail_is_kept_as_a_file_until_its_person_is_deleted() {
    let test_app = app_with_templates().await;
    let made = ada(&test_app, "All").await;
    let folder = tempfile::tempdir().unwrap();
    let letterbox = Arc::new(FileMailer::new(Some(folder.path().join("mail")), sender()));
    test_app.app.mail().send_due_mail(letterbox.clone()).await.unwrap();
    let view = only_mail(&test_app).await;
    assert_eq!(view.mail.state, MailState::Kept);
    assert!(view.mail.body.unwrap().contains(&made.invitation_code));
    let file = folder.path().join(format!("mail/{}.eml", view.mail.id));
    assert!(std::fs::read_to_string(&file).unwrap().contains("To: ada@example.org"));
    test_app.app.mail().prune_mail(letterbox.as_ref()).await.unwrap();
    assert!(file.exists());
    test_app
        .app
        .candidates()
        .delete_candidate(&test_app.operator(), &test_app.task, &made.id)
        .await
        .unwrap();
    test_app.app.mail().prune_mail(letterbox.as_ref()).await.unwrap();
    assert!(!file.exists());
    assert_eq!(states(&test_app).await, [MailState::Kept]);
}

/// Finding faults B1: nothing is deleted because a database does not know it.
#[tokio::test]
async fn the_file_of_a_mail_that_the_database_does_not_know_stays_b1() {
    let (existing, other) = (app_with_templates().await, app_with_templates().await);
    let folder = tempfile::tempdir().unwrap();
    let letterbox = Arc::new(FileMailer::new(Some(folder.path().join("mail")), sender()));
    ada(&existing, "All").await;
    existing.app.mail().send_due_mail(letterbox.clone()).await.unwrap();
    let file = folder.path().join(format!("mail/{}.eml", only_mail(&existing).await.mail.id));
    other.clock.pass_seconds(31 * 24 * 3600);
    other.app.mail().prune_mail(letterbox.as_ref()).await.unwrap();
    assert!(file.exists(), "another database says nothing about it");
    existing.clock.pass_seconds(31 * 24 * 3600);
    existing.app.mail().prune_mail(letterbox.as_ref()).await.unwrap();
    assert!(!file.exists(), "its own says that its time is over");
}
