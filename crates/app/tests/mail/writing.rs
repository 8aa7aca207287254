//! What a mail says.

use crate::mail_fixture::{
    ada, app_with_templates, invitation, only_mail, person, register, send_due,
};
use app::candidates::{NewCandidate, RegisteredPerson};
use app::users::NewUser;
use domain::access::settings::InterfaceLang;
use testkit::FakeMailer;

#[tokio::test]
async fn a_template_is_filled_with_the_candidates_values() {
    let test_app = app_with_templates().await;
    let made = ada(&test_app, "All").await;
    let bag = FakeMailer::new();
    send_due(&test_app, &bag).await;
    let mail = bag.mails().remove(0);
    let code = made.invitation_code;
    let title =
        test_app.app.tasks().task(&test_app.operator(), &test_app.task).await.unwrap().title;
    let base = "http://127.0.0.1:8080";
    assert_eq!(mail.subject, "To Ada");
    assert_eq!(mail.text, format!("Ada|{title}|Example|{base}/enter/{code}|{code}|{base}/t/Tk1|"));
    assert!(mail.message_id.ends_with("@127.0.0.1>"), "{}", mail.message_id);
}

#[tokio::test]
async fn a_code_that_was_renewed_meanwhile_is_the_one_that_is_told() {
    let test_app = app_with_templates().await;
    let made = ada(&test_app, "All").await;
    let renewed = test_app
        .app
        .candidates()
        .renew_access(&test_app.operator(), &test_app.task, &made.id)
        .await
        .unwrap();
    assert!(
        only_mail(&test_app).await.mail.body.unwrap().contains(&renewed.invitation_code),
        "shown before it is sent"
    );
    let bag = FakeMailer::new();
    send_due(&test_app, &bag).await;
    let text = bag.mails().remove(0).text;
    assert!(
        text.contains(&renewed.invitation_code) && !text.contains(&made.invitation_code),
        "{text}"
    );
}

#[tokio::test]
async fn a_name_with_line_breaks_stays_in_its_line() {
    let test_app = app_with_templates().await;
    let name = "Ada\r\nBcc: eve@example.org\r\n\r\n<b>{{code}}</b>";
    let new = NewCandidate {
        invitation: Some(invitation("All")),
        ..person(Some(name), Some("ada@example.org"))
    };
    register(&test_app, new).await;
    let bag = FakeMailer::new();
    send_due(&test_app, &bag).await;
    let mail = bag.mails().remove(0);
    assert_eq!(mail.subject, "To Ada Bcc: eve@example.org <b>{{code}}</b>");
    assert!(!mail.text.contains(['\r', '\n']) && !mail.html.contains("<b>"), "{mail:?}");
}

#[tokio::test]
async fn without_words_of_its_own_a_template_speaks_the_candidates_language() {
    let test_app = app_with_templates().await;
    let new = person(None, Some("ada@example.org"));
    for (lang, greeting) in [
        (None, "Hello ada@example.org,"),
        (Some(InterfaceLang::Tr), "Merhaba ada@example.org,"),
        (Some(InterfaceLang::De), "Guten Tag ada@example.org,"),
        (Some(InterfaceLang::Ru), "Здравствуйте, ada@example.org!"),
        (Some(InterfaceLang::Sr), "Poštovani/a ada@example.org,"),
        (Some(InterfaceLang::Ar), "مرحبًا ada@example.org،"),
    ] {
        register(
            &test_app,
            NewCandidate { invitation: Some(invitation("Plain")), lang, ..new.clone() },
        )
        .await;
        let bag = FakeMailer::new();
        send_due(&test_app, &bag).await;
        assert!(bag.mails()[0].text.starts_with(greeting), "{}", bag.mails()[0].text);
    }
}

#[tokio::test]
async fn a_user_of_the_organization_is_led_to_the_tasks_page() {
    let test_app = app_with_templates().await;
    let new = NewUser {
        username: "grace".into(),
        email: Some("grace@example.org".into()),
        ..NewUser::default()
    };
    let user = test_app.app.users().create_user(&test_app.operator(), new).await.unwrap();
    let new = NewCandidate {
        invitation: Some(invitation("All")),
        ..NewCandidate::of(RegisteredPerson::User(user.id))
    };
    register(&test_app, new).await;
    let bag = FakeMailer::new();
    send_due(&test_app, &bag).await;
    let mail = bag.mails().remove(0);
    assert!(mail.to == "grace@example.org" && !mail.text.contains("/enter/"), "{mail:?}");
    assert!(mail.text.ends_with("/t/Tk1|grace"), "{mail:?}");
}
