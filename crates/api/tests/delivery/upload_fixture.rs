//! A candidate at a test whose questions are answered with files, a store that may run out of room,
//! and those who read.

use app::Settings;
use app::caller::Caller;
use app::ports::{MediaDraft, MediaReader, MediaStore};
use axum::body::Body;
use axum::http::{Request, header};
use courier::media_files::FileMediaStore;
use domain::id::{MediaId, OrganizationId};
use domain::instance::Scope;
use serde_json::{Value, json};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tempfile::TempDir;
use testkit::{DeliveryClient, DeliveryReply, TestApp};

pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";

/// Slot 1 takes two files of 100 bytes, slot 2 film, slot 3 words, slot 4 whatever there is.
pub const PAPER: &str = r#"{"assay": 1, "key": "files", "title": "Files", "sections": [{"key": "s", "title": "S", "pages": [
    {"key": "p", "questions": [
        {"key": "f", "kind": "input", "type": "file", "text": "Hand in.", "maxFiles": 2, "maxBytes": 100,
            "mediaTypes": ["image/png", "text/plain"]},
        {"key": "v", "kind": "input", "type": "video", "text": "Speak.", "maxSeconds": 60},
        {"key": "t", "kind": "input", "type": "field", "text": "Type."},
        {"key": "a", "kind": "input", "type": "file", "text": "Anything.", "maxFiles": 5}]}]}]}"#;

/// What a step records and asks for.
pub const RECORDED: &str =
    r#"UPDATE step SET settings = '{"webcamRecording":"PHOTO","screenRecording":"SCREENSHOT"}'"#;
pub const REQUIRED_EVIDENCE: &str =
    r#"UPDATE step SET settings = '{"identityPhoto":true,"documents":["Passport"]}'"#;

/// Files in a folder that takes so many bytes more.
pub struct LimitedMediaFiles {
    files: FileMediaStore,
    remaining_bytes: Arc<AtomicI64>,
}

struct LimitedMediaDraft {
    draft: Box<dyn MediaDraft>,
    remaining_bytes: Arc<AtomicI64>,
}

impl MediaStore for LimitedMediaFiles {
    fn begin(&self, id: &MediaId) -> io::Result<Box<dyn MediaDraft>> {
        Ok(Box::new(LimitedMediaDraft {
            draft: self.files.begin(id)?,
            remaining_bytes: self.remaining_bytes.clone(),
        }))
    }

    fn open(&self, id: &MediaId) -> io::Result<Box<dyn MediaReader>> {
        self.files.open(id)
    }

    fn remove(&self, id: &MediaId) -> io::Result<()> {
        self.files.remove(id)
    }

    fn older_than(&self, seconds: u64) -> Box<dyn Iterator<Item = MediaId> + Send> {
        self.files.older_than(seconds)
    }

    fn mark(&self) -> io::Result<Option<String>> {
        self.files.mark()
    }

    fn set_mark(&self, installation: &str) -> io::Result<String> {
        self.files.set_mark(installation)
    }

    fn set_aside(&self, id: &MediaId, day: &str) -> io::Result<()> {
        self.files.set_aside(id, day)
    }

    fn forget_set_aside(&self, before: &str) -> Vec<String> {
        self.files.forget_set_aside(before)
    }
}

impl MediaDraft for LimitedMediaDraft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let length = i64::try_from(bytes.len()).unwrap();
        if self.remaining_bytes.fetch_sub(length, Ordering::SeqCst) < length {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        self.draft.write(bytes)
    }

    fn keep(self: Box<Self>) -> io::Result<()> {
        self.draft.keep()
    }
}

pub struct UploadFixture {
    pub test_app: TestApp,
    pub browser: DeliveryClient,
    /// `/instances/{id}`.
    pub base: String,
    pub instance: String,
    /// Bytes the store takes yet.
    pub remaining_bytes: Arc<AtomicI64>,
    folder: TempDir,
}

impl UploadFixture {
    pub async fn new() -> Self {
        Self::with("UPDATE step SET title = title", Settings::default()).await
    }

    /// A candidate at the first page, where the step is as this statement leaves it.
    pub async fn with(step: &'static str, settings: Settings) -> Self {
        let mut fixture = Self::empty(step, settings).await;
        fixture.start_test().await;
        fixture
    }

    /// A candidate who has entered and not started.
    pub async fn empty(step: &'static str, settings: Settings) -> Self {
        let test_app = TestApp::with_settings(PAPER, settings).await;
        let folder = tempfile::tempdir().unwrap();
        let space_left = Arc::new(AtomicI64::new(i64::MAX / 2));
        let files = FileMediaStore::new(folder.path().to_owned());
        test_app.app.files().set_media_store(Arc::new(LimitedMediaFiles {
            files,
            remaining_bytes: space_left.clone(),
        }));
        test_app.sql(step).await;
        let browser = DeliveryClient::entered(&test_app).await;
        Self {
            test_app,
            browser,
            base: String::new(),
            instance: String::new(),
            remaining_bytes: space_left,
            folder,
        }
    }

    pub async fn start_test(&mut self) {
        let started = self.browser.post("/steps/St1/start", &json!({ "clientToken": "s" })).await;
        assert_eq!(started.status, 200, "{}", started.body);
        self.instance = started.body["instanceId"].as_str().unwrap().to_owned();
        self.base = format!("/instances/{}", self.instance);
        assert_eq!(
            self.browser.post(&format!("{}/page", self.base), &json!({ "page": 1 })).await.status,
            200
        );
    }

    /// Sends a file for a slot; `query` begins with `?` or is empty.
    pub async fn upload(
        &self,
        slot: u32,
        query: &str,
        kind: &str,
        body: impl Into<Body>,
    ) -> DeliveryReply {
        self.browser.file(&format!("{}/slots/{slot}/uploads{query}", self.base), kind, body).await
    }

    /// Sends a file and gives its id.
    pub async fn uploaded(
        &self,
        slot: u32,
        query: &str,
        kind: &str,
        body: &'static [u8],
    ) -> String {
        let answer = self.upload(slot, query, kind, body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["id"].as_str().unwrap().to_owned()
    }

    /// Sends an evidence of PNG bytes.
    pub async fn record(&self, kind: &str, number: u64) -> DeliveryReply {
        let path = format!("{}/evidences?kind={kind}&number={number}", self.base);
        self.browser.file(&path, "image/png", PNG).await
    }

    /// Answers a slot with files and gives what became of it.
    pub async fn answer(&self, slot: u32, seq: u64, ids: &[&str]) -> Value {
        let body = json!({ "writes": [{ "slot": slot, "seq": seq, "response": ids }] });
        let saved = self.browser.post(&format!("{}/answers", self.base), &body).await;
        assert_eq!(saved.status, 200, "{}", saved.body);
        saved.body["acknowledgements"][0].clone()
    }

    pub async fn complete(&self) {
        let body = json!({ "clientToken": "c", "confirm": true });
        assert_eq!(self.browser.post(&format!("{}/complete", self.base), &body).await.status, 200);
    }

    /// Files in the store, finished and not.
    pub fn files(&self) -> usize {
        let count = |folder: &Path| std::fs::read_dir(folder).unwrap().count();
        std::fs::read_dir(self.folder.path())
            .unwrap()
            .map(|folder| count(&folder.unwrap().path()))
            .sum()
    }

    /// Rows that tell of a file.
    pub async fn rows(&self) -> i64 {
        self.test_app.number("SELECT count(*) FROM media").await
    }

    pub fn operator(&self) -> Caller {
        self.test_app.operator()
    }

    /// A program of the organization with these scopes.
    pub async fn program(&self, scopes: &[Scope]) -> IntegrationClient {
        self.program_of(&self.test_app.organization, scopes).await
    }

    pub async fn program_of(
        &self,
        organization: &OrganizationId,
        scopes: &[Scope],
    ) -> IntegrationClient {
        let secret = self.test_app.create_key_of(organization, scopes).await;
        IntegrationClient { browser: self.browser.clone(), secret }
    }
}

/// A program with a key.
pub struct IntegrationClient {
    browser: DeliveryClient,
    secret: String,
}

impl IntegrationClient {
    pub async fn get(&self, path: &str) -> DeliveryReply {
        self.call("GET", path, &[], None).await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> DeliveryReply {
        self.call("GET", path, headers, None).await
    }

    pub async fn send(&self, method: &str, path: &str, body: &Value) -> DeliveryReply {
        self.call(method, path, &[], Some(body)).await
    }

    async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> DeliveryReply {
        let mut request = Request::builder().method(method).uri(format!("/api{path}"));
        request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.secret));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.browser.send(request.body(body).unwrap()).await
    }
}

/// Where the integration API has the instance.
pub fn integration_path(fixture: &UploadFixture, rest: &str) -> String {
    format!("/integration/rest/v1/tasks/Tk1/test-instances/{}{rest}", fixture.instance)
}

/// Where the management API has it.
pub fn management_path(fixture: &UploadFixture, rest: &str) -> String {
    format!("/management/v1/tasks/Tk1/instances/{}{rest}", fixture.instance)
}
