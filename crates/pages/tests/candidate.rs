//! The candidate's pages over the whole router, as a browser meets them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails may panic anywhere")]

extern crate assay_pages as pages;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, header};
use serde_json::Value;
use testkit::TestApp;
use testkit::fixtures::CODE;
use tower::ServiceExt;

/// The script and style of a candidate's page together, compressed.
const BUDGET: usize = 60 * 1024;

struct PageBrowser {
    router: Router,
    cookie: Option<String>,
}

struct BrowserReply {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl BrowserReply {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |line| line.to_str().unwrap())
    }
}

impl PageBrowser {
    fn of(test_app: &TestApp) -> Self {
        let settings = api::state::HttpSettings::default();
        let pages = |delivery| api::server::PageRoutes {
            routes: pages::routes(&test_app.app, delivery),
            not_found: Some(pages::not_found(&test_app.app)),
        };
        Self {
            router: api::server::router_with(&test_app.app, &settings, pages).unwrap(),
            cookie: None,
        }
    }

    async fn signed_in(test_app: &TestApp) -> (Self, String) {
        let mut browser = Self::of(test_app);
        browser.enter().await;
        let begun = browser.post("/t/Tk1/steps/St1/start", "token=t").await;
        assert_eq!(begun.status, 303, "{}", begun.text);
        (browser, begun.header("location").to_owned())
    }

    async fn enter(&mut self) {
        let entered = self.post("/t/Tk1/enter", &format!("code={CODE}")).await;
        assert_eq!((entered.status, entered.header("location")), (303, "/t/Tk1/steps"));
        self.cookie = entered.header("set-cookie").split(';').next().map(str::to_owned);
    }

    async fn get(&self, path: &str) -> BrowserReply {
        self.send("GET", path, &[], "").await
    }

    /// A form of our own page.
    async fn post(&self, path: &str, form: &str) -> BrowserReply {
        let own = [
            ("sec-fetch-site", "same-origin"),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        self.send("POST", path, &own, form).await
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> BrowserReply {
        let mut request =
            Request::builder().method(method).uri(path).header(header::HOST, "assess.example.org");
        request =
            headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request = self
            .cookie
            .iter()
            .fold(request, |request, cookie| request.header(header::COOKIE, cookie));
        let response = self
            .router
            .clone()
            .oneshot(request.body(Body::from(body.to_owned())).unwrap())
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 1 << 22).await.unwrap();
        BrowserReply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into(),
        }
    }
}

#[tokio::test]
async fn pages_forbid_everything_but_our_own_files_and_are_kept_nowhere() {
    let test_app = TestApp::new().await;
    let (browser, sitting) = PageBrowser::signed_in(&test_app).await;
    let paths =
        ["/enter", "/verify", "/t/Tk1", "/t/nothing", "/t/Tk1/steps", "/t/Tk1/steps/St1", &sitting];
    let mut nonces = std::collections::BTreeSet::new();
    for path in paths {
        let seen = browser.get(path).await;
        let policy = seen.header("content-security-policy");
        let nonce = policy.split_once("script-src 'nonce-").unwrap().1.split_once('\'').unwrap().0;
        assert!(
            nonce.len() >= 32 && nonces.insert(nonce.to_owned()),
            "{path}: a nonce of its own: {policy}"
        );
        assert!(
            policy.contains(&format!("style-src 'nonce-{nonce}';"))
                && !policy.contains("script-src 'self'")
        );
        for forbidden in
            ["frame-src 'none'", "object-src 'none'", "base-uri 'none'", "form-action 'self'"]
        {
            assert!(policy.contains(forbidden), "{path}: {policy}");
        }
        let tags = seen
            .text
            .split('<')
            .filter(|tag| tag.starts_with("script") || tag.contains("rel=\"stylesheet\""));
        // An address that only leads on has no text.
        let is_page = seen.status != 303;
        assert!(
            (!is_page || tags.clone().count() >= 3)
                && tags.clone().all(|tag| tag.contains(&format!("nonce=\"{nonce}\""))),
            "{path}"
        );
        assert!(
            !policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert_eq!(seen.header("cache-control"), "no-store", "{path}");
        assert_eq!(seen.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(seen.header("x-content-type-options"), "nosniff", "{path}");
        assert!(
            !seen.text.contains("<style")
                && !seen.text.contains(" style=")
                && !seen.text.contains(" onclick"),
            "{path}"
        );
        assert!(!seen.text.contains("<script>"), "{path}");
    }
}

#[tokio::test]
async fn an_address_that_does_not_exist_is_a_page_for_people_and_a_problem_for_programs() {
    let test_app = TestApp::new().await;
    let browser = PageBrowser::of(&test_app);
    let html = [("accept", "text/html,application/xhtml+xml,*/*;q=0.8")];
    let turkish = [html[0], ("accept-language", "tr")];
    for path in ["/x", "/staff/nothing", "/staff/", "/t/Tk1/x/y", "/healthz/", "/%00", "/a%2Fb"] {
        let seen = browser.send("GET", path, &html, "").await;
        if path == "/staff/" {
            assert_eq!(seen.status, 303, "it exists");
            continue;
        }
        assert_eq!(seen.status, 404, "{path}: {}", seen.text);
        assert!(seen.text.contains("<h1"), "{path}: {}", seen.text);
        assert!(seen.header("content-security-policy").contains("default-src 'none'"), "{path}");
    }
    let staff = browser.send("GET", "/staff/nothing", &html, "").await.text;
    assert!(staff.contains("Go to the home page"), "{staff}");
    assert!(browser.send("GET", "/x", &turkish, "").await.text.contains("lang=\"tr\""));

    let accepts = |line| [("accept", line)];
    for (method, path, accept) in [
        ("GET", "/x", "*/*"),
        ("GET", "/x", ""),
        ("POST", "/x", "text/html"),
        ("GET", "/api/nothing", "text/html"),
        ("GET", "/api/delivery/v1/nothing", "text/html"),
    ] {
        let seen = browser.send(method, path, &accepts(accept), "").await;
        assert_eq!(seen.status, 404, "{method} {path}");
        assert!(seen.text.contains("\"unknown_route\""), "{method} {path}: {}", seen.text);
    }
}

#[tokio::test]
async fn what_another_sites_page_sends_changes_nothing() {
    let test_app = TestApp::new().await;
    let (browser, sitting) = PageBrowser::signed_in(&test_app).await;
    let api = sitting.replace("/sit/", "/api/instances/");
    let foreign: [&[(&str, &str)]; 4] = [
        &[],
        &[("sec-fetch-site", "cross-site")],
        &[("origin", "https://evil.example")],
        &[("sec-fetch-site", "same-site"), ("origin", "https://assess.example.org")],
    ];
    for headers in foreign {
        let kinds = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("content-type", "application/json"),
        ];
        for (path, kind, body) in [
            ("/t/Tk1/enter", kinds[0], "code=7Q2M0KX4TB"),
            ("/enter", kinds[0], "code=7Q2M0KX4TB"),
            ("/t/Tk1/leave", kinds[0], ""),
            ("/t/Tk1/steps/St1/start", kinds[0], "token=x"),
            (&format!("{api}/complete"), kinds[1], r#"{"clientToken":"x","confirm":true}"#),
        ] {
            let headers: Vec<_> = headers.iter().copied().chain([kind]).collect();
            let seen = browser.send("POST", path, &headers, body).await;
            assert_eq!(seen.status, 403, "{path} {headers:?}");
            assert!(seen.headers.get("set-cookie").is_none());
        }
    }
    assert_eq!(browser.get(&sitting).await.status, 200, "still open and still logged in");
}

#[tokio::test]
async fn the_session_is_a_cookie_that_no_script_reads_and_only_its_task_gets() {
    let test_app = TestApp::new().await;
    let mut browser = PageBrowser::of(&test_app);
    let entered = browser.post("/t/Tk1/enter", "code=7q2m0-kx4tb").await;
    let cookie = entered.header("set-cookie");
    for part in ["assay-session=", "; Path=/t/Tk1;", "; HttpOnly", "; SameSite=Lax"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "the base URL is http: {cookie}");
    browser.cookie = cookie.split(';').next().map(str::to_owned);
    assert_eq!(browser.get("/t/Tk1").await.header("location"), "/t/Tk1/steps");
    let left = browser.post("/t/Tk1/leave", "").await;
    assert!(left.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(
        browser.get("/t/Tk1/steps").await.header("location"),
        "/t/Tk1",
        "the session itself has ended"
    );
}

#[tokio::test]
async fn without_a_session_every_page_leads_to_the_log_in_and_the_api_says_so() {
    let test_app = TestApp::new().await;
    let (_, sitting) = PageBrowser::signed_in(&test_app).await;
    let stranger = PageBrowser::of(&test_app);
    for path in [
        "/t/Tk1/steps",
        "/t/Tk1/form",
        "/t/Tk1/steps/St1",
        &sitting,
        &format!("{sitting}/receipt.json"),
    ] {
        let seen = stranger.get(path).await;
        assert_eq!((seen.status, seen.header("location")), (303, "/t/Tk1"), "{path}");
    }
    let api = sitting.replace("/sit/", "/api/instances/");
    assert_eq!(stranger.get(&api).await.status, 401);
    let token = [("authorization", "Bearer something")];
    assert_eq!(
        stranger.send("GET", &api, &token, "").await.status,
        401,
        "this door is for the cookie only"
    );
}

#[tokio::test]
async fn a_page_bypasses_no_rule() {
    let test_app = TestApp::new().await;
    let (browser, sitting) = PageBrowser::signed_in(&test_app).await;
    let seen = browser.get(&sitting).await;
    assert!(seen.text.contains("Which of these"), "it begins with its first question");
    assert!(!seen.text.contains("percentage"), "nothing of the key is on the page");
    test_app.sql("UPDATE step SET active = FALSE").await;
    let off = browser.get(&sitting).await;
    assert_eq!(off.status, 403);
    assert!(off.text.contains("switched off"), "{}", off.text);
    test_app.sql("UPDATE step SET active = TRUE").await;
    test_app.add_candidate(test_app.candidate("Ca2", Some("0000000001"))).await;
    let mut other = PageBrowser::of(&test_app);
    let entered = other.post("/t/Tk1/enter", "code=0000000001").await;
    other.cookie = entered.header("set-cookie").split(';').next().map(str::to_owned);
    assert_eq!(other.get(&sitting).await.status, 404, "another person's test is not there");
    assert_eq!(other.get(&sitting.replace("/sit/", "/api/instances/")).await.status, 404);
}

#[tokio::test]
async fn a_refused_entry_says_nothing_about_why_and_is_counted() {
    let test_app = TestApp::new().await;
    let browser = PageBrowser::of(&test_app);
    for _ in 0..10 {
        let refused = browser.post("/t/Tk1/enter", "code=0000000000").await;
        assert_eq!(refused.status, 403);
        assert!(refused.text.contains("do not match"));
    }
    // Codes are judged all the same, one after another; credentials wait until the time is over.
    test_app.sql("UPDATE task SET access_method = 'single-credential'").await;
    let stopped = browser.post("/t/Tk1/enter", "credential1=ali").await;
    assert_eq!((stopped.status, stopped.header("retry-after")), (429, "600"));
    test_app.sql("UPDATE task SET access_method = 'invitation-code'").await;
    assert_eq!(browser.post("/enter", &format!("code={CODE}")).await.status, 303);
}

#[tokio::test]
async fn the_script_saves_through_the_cookie_and_the_receipt_verifies() {
    let test_app = TestApp::new().await;
    let (browser, sitting) = PageBrowser::signed_in(&test_app).await;
    let api = sitting.replace("/sit/", "/api/instances/");
    let own = [("sec-fetch-site", "same-origin"), ("content-type", "application/json")];
    let post = async |path: &str, body: &str| {
        browser.send("POST", &format!("{api}{path}"), &own, body).await
    };
    assert_eq!(post("/page", r#"{"page":1}"#).await.status, 200);
    let page = browser.get(&sitting).await.text;
    assert!(page.contains("Which of these") && !page.contains("percentage"), "{page}");
    let saved = post("/answers", r#"{"writes":[{"slot":2,"seq":1,"response":"12.25"}]}"#).await;
    assert!(saved.text.contains(r#""outcome":"kept""#), "{}", saved.text);
    assert_eq!(post("/complete", r#"{"clientToken":"c","confirm":true}"#).await.status, 200);
    assert_eq!(browser.get(&sitting).await.header("location"), format!("{sitting}/receipt"));
    let file = browser.get(&format!("{sitting}/receipt.json")).await;
    assert!(file.header("content-disposition").starts_with("attachment"));
    let receipt: Value = serde_json::from_str(&file.text).unwrap();
    for (change, verdict) in
        [(None, "genuine</h2>"), (Some("n"), "not genuine"), (Some("digest"), "not genuine")]
    {
        let mut receipt = receipt.clone();
        match change {
            Some("n") => receipt["n"] = 7.into(),
            Some(_) => receipt["digest"] = "00".repeat(32).into(),
            None => {}
        }
        let encoded: String =
            receipt.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect();
        let checked =
            PageBrowser::of(&test_app).post("/verify", &format!("receipt={encoded}")).await;
        assert_eq!(checked.status, 200);
        assert!(checked.text.contains(verdict), "{change:?}: {}", checked.text);
    }
    assert_eq!(browser.post("/verify", "receipt=hello").await.status, 422);
    let part = |name: &str| match &receipt[name] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let parts = ["instanceId", "completedAt", "n", "digest", "signature"].map(part);
    let code = parts.join(".");
    let opened = browser.get(&format!("/verify/{code}")).await;
    assert!(opened.text.contains("genuine</h2>"), "{}", opened.text);
    assert!(opened.text.contains(&format!("/verify/{code}?lang=tr")), "{}", opened.text);
    let changed = browser.get(&format!("/verify/{}", code.replacen(".1.", ".2.", 1))).await;
    assert_eq!(changed.status, 200);
    assert!(changed.text.contains("not genuine"), "{}", changed.text);
    for cut in ["x", "%3Cscript%3E", &code[..code.len() - 1]] {
        let unread = browser.get(&format!("/verify/{cut}")).await;
        assert_eq!(unread.status, 422, "{cut}");
        assert!(!unread.text.contains("<script>"), "{}", unread.text);
    }
}

#[tokio::test]
async fn the_language_is_the_browsers_until_another_one_is_chosen() {
    let test_app = TestApp::new().await;
    let mut browser = PageBrowser::of(&test_app);
    let turkish =
        browser.send("GET", "/enter", &[("accept-language", "tr-TR,tr;q=0.9,en;q=0.5")], "").await;
    assert!(turkish.text.contains(r#"<html lang="tr" dir="ltr">"#));
    assert!(
        browser
            .send("GET", "/enter", &[("accept-language", "fi")], "")
            .await
            .text
            .contains(r#"<html lang="en""#)
    );
    let chosen = browser.get("/enter?lang=tr").await;
    assert_eq!((chosen.status, chosen.header("location")), (303, "/enter"));
    browser.cookie = chosen.header("set-cookie").split(';').next().map(str::to_owned);
    assert!(
        browser
            .send("GET", "/enter", &[("accept-language", "en")], "")
            .await
            .text
            .contains(r#"<html lang="tr""#)
    );
}

#[tokio::test]
async fn scripts_and_styles_are_kept_for_ever() {
    let test_app = TestApp::new().await;
    let browser = PageBrowser::of(&test_app);
    let page = browser.get("/enter").await.text;
    let start = page.find("/assets/").unwrap();
    let edition = page[start..].split('/').nth(2).unwrap();
    for path in pages::candidate_assets() {
        let address = format!("/assets/{edition}/{path}");
        let seen = browser.send("GET", &address, &[("accept-encoding", "gzip")], "").await;
        assert_eq!(seen.status, 200, "{address}");
        assert!(seen.header("cache-control").contains("immutable"), "{address}");
        let length = browser.send("HEAD", &address, &[("accept-encoding", "gzip")], "").await;
        assert_eq!(length.status, 200);
        let other = browser.get(&format!("/assets/0000000000000000/{path}")).await;
        assert_eq!((other.status, other.header("cache-control")), (200, "no-store"));
    }
    assert_eq!(browser.get(&format!("/assets/{edition}/../Cargo.toml")).await.status, 404);
}

#[tokio::test]
async fn a_page_of_questions_loads_at_most_60_kib_of_scripts_and_styles_compressed() {
    let test_app = TestApp::new().await;
    let (browser, sitting) = PageBrowser::signed_in(&test_app).await;
    let page = browser.get(&sitting).await.text;
    let addresses = page.split('"').filter(|part| part.starts_with("/assets/"));
    let mut bytes = 0;
    for address in addresses.collect::<std::collections::BTreeSet<_>>() {
        bytes += weight(&browser, address).await;
    }
    eprintln!("script and style: {bytes} bytes compressed");
    assert!(bytes > 1000 && bytes <= BUDGET, "{bytes}");
}

async fn weight(browser: &PageBrowser, address: &str) -> usize {
    let request =
        Request::get(address).header("accept-encoding", "gzip").body(Body::empty()).unwrap();
    let response = browser.router.clone().oneshot(request).await.unwrap();
    to_bytes(response.into_body(), 1 << 22).await.unwrap().len()
}

/// A tag without the page's nonce is dead: its style or script is refused by the browser.
#[test]
fn every_tag_of_a_template_that_brings_a_script_or_a_style_carries_the_nonce() {
    fn templates(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { templates(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    templates(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/templates")), &mut found);
    let mut tags = 0;
    for path in found {
        let text = std::fs::read_to_string(&path).unwrap();
        let brings = |tag: &&str| {
            tag.starts_with("script")
                || (tag.starts_with("link")
                    && (tag.contains("stylesheet") || tag.contains("modulepreload")))
        };
        for tag in text.split('<').filter(brings) {
            tags += 1;
            assert!(
                tag.contains("nonce=\"{{ crate::reply::nonce() }}\""),
                "{}: <{tag}",
                path.display()
            );
        }
    }
    assert!(tags > 40);
}

/// What the step of the task shares, and whether it is for practice.
async fn set_conduct(test_app: &TestApp, conduct: app::tasks::NewConduct) {
    use app::tasks::{StepUpdate, TaskUpdate};
    let step = StepUpdate { conduct, ..StepUpdate::default() };
    let steps = std::collections::BTreeMap::from([(test_app.step.clone(), step)]);
    let change = TaskUpdate { steps, ..TaskUpdate::default() };
    test_app.app.tasks().update_task(&test_app.operator(), &test_app.task, change).await.unwrap();
}

#[tokio::test]
async fn the_page_of_a_result_leads_back_while_the_test_is_open_and_says_why_nothing_is_shown() {
    use app::tasks::NewConduct;
    use domain::access::settings::{AnswerReview, ResultSharing, ShareWhen};
    let test_app = TestApp::new().await;
    let (browser, sitting) = PageBrowser::signed_in(&test_app).await;
    let result = format!("{sitting}/result");
    assert!(browser.get(&result).await.text.contains("The results of this test are not shown."));
    let conduct = NewConduct {
        sharing: Some(ResultSharing::Detailed),
        review: Some(AnswerReview::Solutions),
        share_when: Some(ShareWhen::Completed),
        ..NewConduct::default()
    };
    set_conduct(&test_app, conduct).await;
    let open = browser.get(&result).await;
    assert_eq!((open.status, open.header("location")), (303, sitting.as_str()));
    let instance = sitting.rsplit('/').next().unwrap().into();
    let visitor = test_app.enter().await;
    test_app.complete(&visitor, &instance, "c").await.unwrap();
    let shown = browser.get(&result).await;
    assert_eq!(shown.status, 200);
    assert!(
        shown.text.contains("Your profile") || shown.text.contains("By topic"),
        "{}",
        shown.text
    );
    let receipt = browser.get(&format!("{sitting}/receipt")).await;
    assert!(receipt.text.contains(&format!("href=\"{result}\"")), "the receipt links to it");
    assert!(browser.get("/t/Tk1/steps").await.text.contains(&format!("href=\"{result}\"")));
    let stranger = PageBrowser::of(&test_app);
    let sent_away = stranger.get(&result).await;
    assert_eq!((sent_away.status, sent_away.header("location")), (303, "/t/Tk1"));
    // Whoever comes back has nothing left to do but to read it.
    let entered = stranger.post("/t/Tk1/enter", &format!("code={CODE}")).await;
    assert_eq!((entered.status, entered.header("location")), (303, result.as_str()));
}

#[tokio::test]
async fn answers_are_checked_on_the_page_in_practice_mode_only_and_from_our_own_pages_only() {
    use app::tasks::NewConduct;
    use testkit::{fixtures::slot, write};
    let test_app = TestApp::new().await;
    let (browser, sitting) = PageBrowser::signed_in(&test_app).await;
    let visitor = test_app.enter().await;
    let instance = sitting.rsplit('/').next().unwrap().into();
    test_app.go(&visitor, &instance, 1).await.unwrap();
    let number = slot("q1");
    let check = format!("{sitting}/check/{number}");
    assert!(!browser.get(&sitting).await.text.contains("data-check"));
    assert_eq!(browser.post(&check, "").await.status, 409, "no practice");
    let practice = NewConduct { practice_mode: Some(true), ..NewConduct::default() };
    set_conduct(&test_app, practice).await;
    assert!(browser.get(&sitting).await.text.contains("data-check"));
    assert_eq!(browser.send("POST", &check, &[], "").await.status, 403, "from elsewhere");
    let blank = browser.post(&check, "").await;
    assert_eq!(blank.status, 200);
    assert!(blank.text.contains("Please answer the question first."), "{}", blank.text);
    test_app.answer(&visitor, &instance, write(number, 1, r#"["a","d"]"#)).await;
    let checked = browser.post(&check, "").await;
    assert!(checked.text.contains("class=\"outcome"), "{}", checked.text);
    assert!(!checked.text.contains("<html"), "a piece of a page");
}

#[tokio::test]
async fn what_is_recorded_is_said_before_the_start_with_who_sees_it_how_long_and_whom_to_ask() {
    use app::organization_profile::ProfileUpdate;
    use app::tasks::NewConduct;
    use domain::access::settings::WebcamRecording;
    let test_app = TestApp::new().await;
    let mut browser = PageBrowser::of(&test_app);
    browser.enter().await;
    let plain = browser.get("/t/Tk1/steps/St1").await.text;
    for absent in ["recorded-head", "device_check.js", "recording.css", "data-device-check"] {
        assert!(!plain.contains(absent), "a step that records nothing has no {absent}");
    }
    let conduct = NewConduct {
        webcam_recording: Some(WebcamRecording::Photo),
        documents: Some(vec!["<b>Passport</b>".into()]),
        ..NewConduct::default()
    };
    set_conduct(&test_app, conduct).await;
    let staff = test_app.operator();
    test_app.app.proctoring().set_evidence_days(&staff, 30).await.unwrap();
    test_app.app.tasks().set_task_retention(&staff, &test_app.task, Some(400)).await.unwrap();
    let profile = ProfileUpdate {
        contact: Some("Write to us.".into()),
        privacy_notice: Some("We keep little.".into()),
        ..ProfileUpdate::default()
    };
    test_app.app.organizations().update_organization_profile(&staff, profile).await.unwrap();
    let page = browser.get("/t/Tk1/steps/St1").await.text;
    let about = format!("/o/{}/about", test_app.organization);
    for present in [
        "Picture from your camera",
        "every 30 seconds",
        "&#60;b&#62;Passport&#60;/b&#62;",
        "Only staff of Example who are responsible for reviewing tests",
        "are deleted 30 days after you submit",
        "Everything about you is deleted 400 days after you were last active.",
        "You can ask Example to delete what is stored about you.",
        &format!("{about}#contact"),
        &format!("{about}#privacy"),
        "Without the photo and the documents the test cannot start.",
        "device_check.js",
    ] {
        assert!(page.contains(present), "{present} is not in {page}");
    }
}

#[tokio::test]
async fn a_trial_of_the_connection_counts_bytes_stores_nothing_and_is_for_candidates_only() {
    let test_app = TestApp::new().await;
    let mut browser = PageBrowser::of(&test_app);
    let path = "/t/Tk1/steps/St1/connection";
    let stranger = browser.post(path, "12345").await;
    assert_ne!(stranger.status, 200, "{}", stranger.text);
    browser.enter().await;
    assert_eq!(browser.send("POST", path, &[], "12345").await.status, 403, "from elsewhere");
    let events = "SELECT count(*) FROM event";
    let before = test_app.number(events).await;
    let trial = browser.post(path, "12345").await;
    assert_eq!(trial.status, 200, "{}", trial.text);
    let body: Value = serde_json::from_str(&trial.text).unwrap();
    assert_eq!(body["bytes"], 5);
    assert_eq!(body["serverTimeMillis"], test_app.now().0);
    assert_eq!(test_app.number(events).await, before);
    assert_eq!(browser.post(path, &"x".repeat((32 << 10) + 1)).await.status, 413);
    assert_eq!(browser.get(path).await.status, 405);
}

#[tokio::test]
async fn the_page_of_what_was_recorded_is_the_own_candidates_and_only_after_handing_in() {
    let test_app = TestApp::new().await;
    let (browser, sitting) = PageBrowser::signed_in(&test_app).await;
    let recorded = format!("{sitting}/recorded");
    let open = browser.get(&recorded).await;
    assert_eq!((open.status, open.header("location")), (303, sitting.as_str()));
    let instance = sitting.rsplit('/').next().unwrap().into();
    let visitor = test_app.enter().await;
    test_app.complete(&visitor, &instance, "c").await.unwrap();
    let shown = browser.get(&recorded).await;
    assert_eq!(shown.status, 200);
    assert!(shown.text.contains("No recordings and no files.") && shown.text.contains("Submitted"));
    let receipt = browser.get(&format!("{sitting}/receipt")).await.text;
    assert!(receipt.contains(&format!("href=\"{recorded}\"")), "the receipt leads there");
    let behind = browser.get(&format!("{recorded}?page=99")).await;
    assert_eq!(behind.status, 200);
    assert_eq!(browser.get(&format!("{recorded}?page=x")).await.status, 400);
    test_app.add_candidate(test_app.candidate("Ca2", Some("Z9Y8X7W6V5"))).await;
    let mut other = PageBrowser::of(&test_app);
    let entered = other.post("/t/Tk1/enter", "code=Z9Y8X7W6V5").await;
    other.cookie = entered.header("set-cookie").split(';').next().map(str::to_owned);
    assert_eq!(other.get(&recorded).await.status, 404);
    assert_eq!(PageBrowser::of(&test_app).get(&recorded).await.status, 303, "to the entrance");
}
