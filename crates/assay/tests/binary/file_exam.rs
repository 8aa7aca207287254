//! A task whose only question takes files, and candidates who hand some in, all over the binary's
//! own doors.

use crate::support::{ServerProcess, TestSandbox};
use serde_json::{Value, json};

const PAPER: &str = r#"{"assay": 1, "key": "files", "title": "Files", "sections": [{"key": "s", "title": "S", "pages": [
    {"key": "p", "questions": [
        {"key": "a", "kind": "input", "type": "file", "text": "Anything.", "maxFiles": 5},
        {"key": "t", "kind": "input", "type": "area", "text": "Why?", "maxLength": 1000}]}]}]}"#;

/// A place with the task, and a key that may do everything.
pub struct FileExam {
    pub place: TestSandbox,
    pub task: String,
    pub key: String,
}

/// What a candidate has handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmittedFile {
    pub instance: String,
    /// The id of her file.
    pub file: String,
    pub bytes: Vec<u8>,
}

impl FileExam {
    pub fn on(place: TestSandbox) -> Self {
        place.line(&["org", "create", "Example"]);
        let test = place.line(&["test", "import", &place.file("paper.json", PAPER)]);
        let task = place.line(&["task", "create", "--title", "Files", "--test", &test]);
        let key = place.line(&["key", "create", "--name", "all", "--scope", "manage"]);
        Self { place, task, key }
    }

    /// A candidate who enters, answers with a file and a text, and hands in.
    pub fn submit_as(&self, server: &ServerProcess, name: &str, bytes: &[u8]) -> SubmittedFile {
        let path = |rest: &str| format!("/api/delivery/v1{rest}");
        let added =
            self.place.json(&["candidate", "add", &self.task, "--fullname", name, "--json"]);
        let entered = server.post(
            &path("/enter"),
            "",
            &json!({ "invitationCode": added[0]["invitationCode"] }),
        );
        let token = text(&entered["token"]);
        let step = text(&server.json(&path("/steps"), &token)["steps"][0]["stepId"]);
        let begun = server.post(
            &path(&format!("/steps/{step}/start")),
            &token,
            &json!({ "clientToken": "s" }),
        );
        let instance = text(&begun["instanceId"]);
        let of = |rest: &str| path(&format!("/instances/{instance}{rest}"));
        server.post(&of("/page"), &token, &json!({ "page": 1, "confirm": true }));
        let stored =
            server.upload(&of("/slots/1/uploads?name=work.txt"), &token, "text/plain", bytes);
        let file = text(&stored["id"]);
        let writes = json!([{ "slot": 1, "seq": 1, "response": [file] }, { "slot": 2, "seq": 2, "response": name }]);
        let saved = server.post(&of("/answers"), &token, &json!({ "writes": writes }));
        let outcomes = saved["acknowledgements"]
            .as_array()
            .unwrap()
            .iter()
            .map(|reply| reply["outcome"].clone());
        assert_eq!(outcomes.collect::<Vec<_>>(), ["kept", "kept"], "{saved}");
        server.post(&of("/complete"), &token, &json!({ "clientToken": "c", "confirm": true }));
        SubmittedFile { instance, file, bytes: bytes.to_vec() }
    }

    pub fn path(&self, rest: &str) -> String {
        format!("/api/integration/rest/v1/tasks/{}/test-instances{rest}", self.task)
    }

    /// The file of a candidate as a server gives it to whoever reads her answers: status and bytes.
    pub fn file(&self, server: &ServerProcess, handed_in: &SubmittedFile) -> (u16, Vec<u8>) {
        let answers =
            server.json(&self.path(&format!("/{}/answers", handed_in.instance)), &self.key);
        let address = text(&answers["answers"][0]["question"]["answer"]["value"]);
        server.fetch(address.strip_prefix(server.url()).unwrap())
    }
}

/// A text of an answer, empty where there is none.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
