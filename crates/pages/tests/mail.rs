//! From an invitation by the integration API to the candidate's seat: the mail is handed to a mail
//! server over a socket, and what stands in it lets the candidate in.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails may panic anywhere")]

extern crate assay_pages as pages;

use app::tasks::{EmailTemplate, TaskUpdate};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, header};
use courier::message::MailSender;
use courier::smtp::{MailServer, SmtpEncryption, SmtpMailer};
use domain::instance::Scope;
use serde_json::json;
use std::sync::Arc;
use testkit::{MailSink, ReceivedMail, TestApp};
use tower::ServiceExt;

const PUBLIC_URL: &str = "http://127.0.0.1:8080";

struct InvitationFixture {
    test_app: TestApp,
    router: Router,
    secret: String,
    sink: MailSink,
}

impl InvitationFixture {
    async fn new() -> Self {
        let test_app = TestApp::new().await;
        let caller = test_app.operator();
        let template = EmailTemplate {
            name: "Welcome".into(),
            subject: "{{task}}: davet \u{2709}".into(),
            body: None,
        };
        let change = TaskUpdate { email_templates: Some(vec![template]), ..TaskUpdate::default() };
        test_app.app.tasks().update_task(&caller, &test_app.task, change).await.unwrap();
        let secret = test_app.create_key(&[Scope::CandidatesWrite]).await;
        let settings = api::state::HttpSettings::default();
        let with_pages = |delivery| pages::routes(&test_app.app, delivery);
        let router = api::server::router_with(&test_app.app, &settings, with_pages).unwrap();
        Self { router, secret, sink: MailSink::new().await, test_app }
    }

    async fn send(&self, request: Request<Body>) -> (u16, HeaderMap, String) {
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = to_bytes(body, 1 << 22).await.unwrap();
        (parts.status.as_u16(), parts.headers, String::from_utf8_lossy(&bytes).into())
    }

    /// Registers and invites somebody; gives the answer.
    async fn invite(&self, idempotency: &str) -> (u16, String) {
        let body = json!({
            "kind": "temporary-candidate", "fullname": "Ada \u{130}nan", "email": "ada@example.org",
            "extraEmails": ["parent@example.org"], "inviteByEmail": {"emailTemplateName": "Welcome"},
        });
        let path = format!("/api/integration/rest/v1/tasks/{}/candidates", self.test_app.task);
        let request = Request::post(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.secret))
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", idempotency);
        let (status, _, text) =
            self.send(request.body(Body::from(body.to_string())).unwrap()).await;
        (status, text)
    }

    /// What the mail server got.
    async fn delivered(&self) -> Vec<ReceivedMail> {
        let server = MailServer {
            host: "127.0.0.1".into(),
            port: self.sink.port(),
            encryption: SmtpEncryption::None,
            login: None,
            own_name: None,
        };
        let smtp =
            SmtpMailer::new(&server, MailSender::new("Exams <exams@example.org>", None).unwrap())
                .unwrap();
        self.test_app.app.mail().send_due_mail(Arc::new(smtp)).await.unwrap();
        self.sink.received()
    }

    /// Sends a form of one of our own pages and gives where it led, with the cookie.
    async fn submit(&self, path: &str, form: String) -> (String, String) {
        let request = Request::post(path)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let (status, headers, text) = self.send(request.body(Body::from(form)).unwrap()).await;
        assert_eq!(status, 303, "{text}");
        let line = |name| headers[name].to_str().unwrap().to_owned();
        (line("location"), line("set-cookie").split(';').next().unwrap().to_owned())
    }

    /// The page of the task's steps, as whoever has this cookie sees it.
    async fn steps(&self, cookie: &str) -> (u16, String) {
        let request = Request::get("/t/Tk1/steps")
            .header(header::COOKIE, cookie)
            .body(Body::empty())
            .unwrap();
        let (status, _, text) = self.send(request).await;
        (status, text)
    }
}

/// The path of a link to this server that stands alone in its line and begins so.
fn path_in(text: &str, beginning: &str) -> String {
    let find = |word: &str| {
        word.strip_prefix(PUBLIC_URL).filter(|path| path.starts_with(beginning)).map(str::to_owned)
    };
    text.split_whitespace().find_map(find).unwrap()
}

#[tokio::test]
async fn the_link_and_the_code_of_a_mail_let_the_candidate_in() {
    let school = InvitationFixture::new().await;
    assert_eq!(school.invite("one").await.0, 200);
    let mails = school.delivered().await;
    let mail = mails.iter().find(|mail| mail.to == ["ada@example.org"]).unwrap();
    assert_eq!(mail.from, "exams@example.org");
    let text = mail.text();
    assert!(text.starts_with("Hello Ada \u{130}nan,"), "{text}");

    // The link: its page holds the form that lets in.
    let link = path_in(&text, "/enter/");
    let (status, _, page) = school.send(Request::get(&link).body(Body::empty()).unwrap()).await;
    let code = link.rsplit('/').next().unwrap();
    assert!(status == 200 && page.contains(code), "{page}");
    let (to, cookie) = school.submit("/enter", format!("code={code}")).await;
    assert_eq!((to.as_str(), school.steps(&cookie).await.0), ("/t/Tk1/steps", 200));

    // The code, typed into the task's page.
    let typed = text.trim_end().lines().last().unwrap();
    let task = path_in(&text, "/t/");
    let (to, cookie) =
        school.submit(&format!("{task}/enter"), format!("code={}", typed.to_lowercase())).await;
    assert_eq!(to, "/t/Tk1/steps");
    let (status, page) = school.steps(&cookie).await;
    assert!(status == 200 && page.contains("Ada \u{130}nan"), "{page}");
}

#[tokio::test]
async fn a_repeated_request_invites_nobody_twice() {
    let school = InvitationFixture::new().await;
    let first = school.invite("one").await;
    assert_eq!(school.invite("one").await, first);
    let mut to: Vec<_> = school.delivered().await.into_iter().flat_map(|mail| mail.to).collect();
    to.sort();
    assert_eq!(to, ["ada@example.org", "parent@example.org"]);
}
