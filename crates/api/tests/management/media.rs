//! Media of authors over the API: sent as raw bodies, listed, read, removed.

use axum::body::Body;
use axum::http::{Request, header};
use courier::media_files::FileMediaStore;
use domain::instance::Scope;
use serde_json::{Value, json};
use std::sync::Arc;
use tempfile::TempDir;
use testkit::fixtures::DESK_SCREENING;
use testkit::media_files::{digest_of, png, svg};
use testkit::{ManagementClient, TestApp};
use tower::ServiceExt as _;

const AUTHOR: [Scope; 2] = [Scope::TestsRead, Scope::TestsWrite];

async fn library() -> (TestApp, ManagementClient, TempDir) {
    let test_app = TestApp::new().await;
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(FileMediaStore::new(folder.path().to_owned()));
    test_app.app.files().set_media_store(store);
    let program = ManagementClient::with(&test_app, &AUTHOR).await;
    (test_app, program, folder)
}

async fn upload(program: &ManagementClient, disposition: &str, bytes: Vec<u8>) -> (u16, Value) {
    let request = Request::post("/api/management/v1/media")
        .header(header::AUTHORIZATION, format!("Bearer {}", program.secret))
        .header(header::CONTENT_TYPE, "text/html")
        .header(header::CONTENT_DISPOSITION, disposition.as_bytes());
    let request = request.body(Body::from(bytes)).unwrap();
    let response = program.router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 22).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap())
}

#[tokio::test]
async fn what_is_no_medium_is_refused_with_what_would_be_taken() {
    let (_test_app, program, _folder) = library().await;
    let (status, problem) = upload(&program, "attachment", b"<script>".to_vec()).await;
    assert_eq!((status, &problem["code"]), (409, &json!("upload_not_allowed")));
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("image/png") && detail.contains("video/webm"), "{detail}");
    assert_eq!(upload(&program, "attachment", Vec::new()).await.0, 409);
}

#[tokio::test]
async fn a_file_has_its_name_by_its_disposition_and_its_type_by_its_bytes() {
    let (_test_app, program, _folder) = library().await;
    let bytes = png(640, 480, "");
    let (status, media) =
        upload(&program, "attachment; filename*=UTF-8''B%C3%BCro%20plan.html", bytes.clone()).await;
    assert_eq!(status, 200, "{media}");
    let wanted = json!({
        "mediaId": digest_of(&bytes), "mediaType": "image/png", "bytes": bytes.len(),
        "width": 640, "height": 480, "name": "Büro plan.html", "createdAt": media["createdAt"],
    });
    assert_eq!(media, wanted);
    let path = format!("/media/{}", digest_of(&bytes));
    assert_eq!(program.get(&path).await, (200, wanted.clone()));
    let (_, list) = program.get("/media?name=b%C3%BCro&kind=picture&limit=1").await;
    assert_eq!(list["media"], json!([wanted]));
    assert_eq!(list["pagination"]["totalItems"], 1);
    assert_eq!(program.get("/media?kind=sound").await.1["media"], json!([]));
    assert_eq!(program.get("/media?kind=smell").await.0, 400);
}

#[tokio::test]
async fn bytes_are_sent_whole_and_in_ranges_as_something_that_runs_nothing() {
    let (_test_app, program, _folder) = library().await;
    let bytes = svg("Plan");
    upload(&program, "attachment; filename=plan.svg", bytes.clone()).await;
    let fetch = |range: Option<&'static str>| {
        let mut request =
            Request::get(format!("/api/management/v1/media/{}/content", digest_of(&bytes)))
                .header(header::AUTHORIZATION, format!("Bearer {}", program.secret));
        if let Some(range) = range {
            request = request.header(header::RANGE, range);
        }
        program.router.clone().oneshot(request.body(Body::empty()).unwrap())
    };
    let response = fetch(None).await.unwrap();
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!((response.status().as_u16(), header("content-type")), (200, "image/svg+xml".into()));
    assert!(header("content-security-policy").starts_with("sandbox; default-src 'none'"));
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert!(header("content-disposition").starts_with("attachment"), "it is no page to go to");
    let whole = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    assert_eq!(whole, bytes);
    let part = fetch(Some("bytes=0-4")).await.unwrap();
    assert_eq!(part.status(), 206);
    assert_eq!(axum::body::to_bytes(part.into_body(), 99).await.unwrap(), "<?xml");
    assert_eq!(fetch(Some("bytes=99999-")).await.unwrap().status(), 416);
}

#[tokio::test]
async fn a_file_that_a_test_uses_is_kept_and_the_test_is_named() {
    let (_test_app, program, _folder) = library().await;
    let bytes = png(1, 1, "");
    upload(&program, "attachment", bytes.clone()).await;
    let digest = digest_of(&bytes);
    let mut document: Value = serde_json::from_str(DESK_SCREENING).unwrap();
    document["instructions"] =
        json!(format!("![](asset:{digest}) ![x](https://example.org/a.png)"));
    let (status, test) = program.post("/tests", &document).await;
    assert_eq!(status, 200, "{test}");
    let warned: Vec<_> = test["warnings"].as_array().unwrap().iter().map(|w| &w["code"]).collect();
    assert!(warned.contains(&&json!("warn_media_description")), "{warned:?}");
    assert!(warned.contains(&&json!("warn_external_media")), "{warned:?}");
    let path = format!("/media/{digest}");
    let (status, problem) = program.send("DELETE", &path, None, String::new()).await;
    assert_eq!((status, &problem["code"]), (409, &json!("media_in_use")));
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains(test["testId"].as_str().unwrap()), "{detail}");
    document["instructions"] = json!(format!("![a](asset:{})", digest_of(b"other")));
    let (status, problem) = program.post("/tests", &document).await;
    assert_eq!((status, &problem["errors"][0]["code"]), (400, &json!("asset_unknown")));
}

#[tokio::test]
async fn another_organization_and_other_scopes_do_not_reach_a_file() {
    let (test_app, program, _folder) = library().await;
    let bytes = png(1, 1, "");
    upload(&program, "attachment", bytes.clone()).await;
    let neighbour = test_app.neighbour(DESK_SCREENING).await;
    let secret = test_app.create_key_of(&neighbour.organization, &AUTHOR).await;
    let stranger = program.with_secret(secret);
    let path = format!("/media/{}", digest_of(&bytes));
    for path in [path.clone(), format!("{path}/content"), "/media/x".to_owned()] {
        assert_eq!(stranger.get(&path).await.0, 404, "{path}");
    }
    assert_eq!(stranger.send("DELETE", &path, None, String::new()).await.0, 404);
    assert_eq!(stranger.get("/media").await.1["media"], json!([]));
    let reader = ManagementClient::with(&test_app, &[Scope::TestsRead]).await;
    assert_eq!(upload(&reader, "attachment", bytes).await.0, 403);
    assert_eq!(reader.send("DELETE", &path, None, String::new()).await.0, 403);
    let other = ManagementClient::with(&test_app, &[Scope::ResultsRead]).await;
    assert_eq!(other.get(&path).await.0, 403);
    assert_eq!(program.send("DELETE", &path, None, String::new()).await, (200, json!({})));
    assert_eq!(program.get(&path).await.0, 404);
}

fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut writer, bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

async fn send_archive(program: &ManagementClient, kind: &str, bytes: Vec<u8>) -> (u16, Value) {
    let request = Request::post("/api/management/v1/tests/archive")
        .header(header::AUTHORIZATION, format!("Bearer {}", program.secret))
        .header(header::CONTENT_TYPE, kind);
    let request = request.body(Body::from(bytes)).unwrap();
    let response = program.router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 22).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap())
}

#[tokio::test]
async fn what_is_no_archive_of_a_document_is_refused_in_a_sentence_and_keeps_nothing() {
    let (_test_app, program, _folder) = library().await;
    let picture = png(1, 1, "");
    let document = DESK_SCREENING.as_bytes();
    for (parts, words) in [
        (vec![], "has not one document"),
        (vec![("document.json", document), ("document.yaml", document)], "has not one document"),
        (vec![("document.json", document), ("notes.txt", b"x")], "has notes.txt outside"),
        (vec![("document.json", document), ("../a.png", &picture)], "leads out of it"),
        (vec![("document.json", b"\xff".as_slice())], "is not UTF-8"),
    ] {
        let (status, problem) = send_archive(&program, "application/zip", archive(&parts)).await;
        let text = problem.to_string();
        assert!(
            status == 400 && (text.contains(words) || text.contains("syntax")),
            "{words}: {text}"
        );
    }
    let (status, problem) = send_archive(&program, "application/zip", b"nothing".to_vec()).await;
    assert!(status == 400 && problem.to_string().contains("is no zip archive"), "{problem}");
    let whole = archive(&[("document.json", document)]);
    assert_eq!(send_archive(&program, "application/json", whole.clone()).await.0, 415);
    let reader = program.with_secret(_test_app.create_key(&[Scope::TestsRead]).await);
    assert_eq!(send_archive(&reader, "application/zip", whole).await.0, 403);
    assert_eq!(program.get("/media").await.1["media"], json!([]));
    assert_eq!(program.get("/tests/TeNone/archive").await.0, 404);
}

#[tokio::test]
async fn a_document_and_its_media_go_out_as_they_came_in() {
    let (_test_app, program, _folder) = library().await;
    let picture = png(1, 1, "");
    let mut document: Value = serde_json::from_str(DESK_SCREENING).unwrap();
    document["instructions"] = json!("![A plan](media/plan.png)");
    let text = document.to_string();
    let sent = archive(&[("document.json", text.as_bytes()), ("media/plan.png", &picture)]);
    let (status, test) = send_archive(&program, "application/zip", sent).await;
    assert_eq!(status, 200, "{test}");
    let path = format!("/api/management/v1/tests/{}/archive", test["testId"].as_str().unwrap());
    let request =
        Request::get(path).header(header::AUTHORIZATION, format!("Bearer {}", program.secret));
    let response =
        program.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/zip");
    let length: usize =
        response.headers()[header::CONTENT_LENGTH].to_str().unwrap().parse().unwrap();
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 22).await.unwrap();
    assert_eq!(bytes.len(), length);
    let mut exported = zip::ZipArchive::new(std::io::Cursor::new(bytes.to_vec())).unwrap();
    let name = format!("media/{}.png", digest_of(&picture));
    let mut read = Vec::new();
    std::io::Read::read_to_end(&mut exported.by_name(&name).unwrap(), &mut read).unwrap();
    assert_eq!(read, picture);
    let (status, again) = send_archive(&program, "application/zip", bytes.to_vec()).await;
    assert_eq!(status, 200, "{again}");
    assert_eq!(again["digest"], test["digest"]);
}
