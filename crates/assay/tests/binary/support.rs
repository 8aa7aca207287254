//! A data directory of its own for each test, commands run in it, servers that end with the test.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use storage::{Database, DatabaseAccess, Storage, StorageOptions};
use tempfile::TempDir;
use testkit::ScratchDatabase;

/// A place where nothing of the machine's own settings counts.
pub struct TestSandbox {
    pub folder: TempDir,
    scratch: ScratchDatabase,
}

/// What a command left behind.
pub struct CommandOutcome {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl TestSandbox {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), scratch: ScratchDatabase::new() }
    }

    /// As [`Place::new`], on the file in the data directory whatever the tests run on.
    pub fn embedded() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), scratch: ScratchDatabase::embedded() }
    }

    /// The address of the place's PostgreSQL, if the tests run on one.
    pub fn url(&self) -> Option<String> {
        self.scratch.url().map(|url| url.0)
    }

    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn file(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("ASSAY_") {
                command.env_remove(name);
            }
        }
        command
            .current_dir(self.folder.path())
            .env("ASSAY_DATA_DIR", self.data_dir())
            .args(arguments);
        if let Database::Postgres(url) = self.scratch.options().database {
            command.env("ASSAY_DATABASE_URL", url.0);
        }
        command
    }

    pub fn run(&self, arguments: &[&str]) -> CommandOutcome {
        CommandOutcome::of(&self.command(arguments).stdin(Stdio::null()).output().unwrap())
    }

    /// The one line a command that succeeds prints.
    pub fn line(&self, arguments: &[&str]) -> String {
        let done = self.run(arguments);
        assert_eq!(done.code, 0, "{arguments:?}: {}", done.err);
        done.out.trim_end().to_owned()
    }

    /// The lines of JSON a command that succeeds prints.
    pub fn json(&self, arguments: &[&str]) -> Vec<Value> {
        self.line(arguments).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Alters rows behind the program's back. Gives how many.
    pub fn alter(&self, sql: &str) -> u64 {
        let database = match self.scratch.options().database {
            Database::Postgres(url) => Database::Postgres(url),
            Database::Sqlite(_) => Database::Sqlite(self.data_dir().join("assay.sqlite")),
        };
        let storage = Storage::open(&StorageOptions {
            access: DatabaseAccess::Beside,
            ..StorageOptions::of(database)
        })
        .unwrap();
        let sql = sql.to_owned();
        storage.write_blocking(move |tx| tx.execute(&sql, &[])).unwrap()
    }

    pub fn demo(&self) -> ServerProcess {
        ServerProcess::start(
            self.command(&["demo", "--listen", "127.0.0.1:0", "--format", "json"]),
            |line| serde_json::from_str(line).ok(),
        )
    }

    /// A server with the given settings in its environment. Its log tells the address.
    pub fn serve(&self, settings: &[(&str, &str)]) -> ServerProcess {
        let mut command =
            self.command(&["serve", "--listen", "127.0.0.1:0", "--log-format", "json"]);
        command.envs(settings.iter().copied());
        ServerProcess::start_logging(command)
    }
}

impl CommandOutcome {
    pub fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self {
            code: output.status.code().unwrap_or(-1),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }
}

/// A running server; dropping it ends it.
pub struct ServerProcess {
    child: Child,
    /// What it announced: at least `url`.
    pub announced: Value,
}

impl ServerProcess {
    fn start(mut command: Command, read: impl Fn(&str) -> Option<Value>) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let announced = lines
            .next()
            .and_then(Result::ok)
            .and_then(|line| read(&line))
            .expect("a server announces");
        Self { child, announced }
    }

    fn start_logging(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let read = |line: String| {
            serde_json::from_str::<Value>(&line).ok().filter(|line| line["url"].is_string())
        };
        let announced = lines.find_map(read).expect("a server logs its address");
        // Read on, so that the server never waits for somebody to read its log.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, announced }
    }

    pub fn url(&self) -> &str {
        self.announced["url"].as_str().unwrap()
    }

    /// Status and body of a GET.
    pub fn get(&self, path: &str, key: &str) -> (u16, String) {
        self.send("GET", path, key, None)
    }

    /// The body of a POST of JSON that succeeds.
    pub fn post(&self, path: &str, key: &str, body: &Value) -> Value {
        let (status, reply) = self.send("POST", path, key, Some(&body.to_string()));
        assert!((200..300).contains(&status), "{path}: {status} {reply}");
        serde_json::from_str(&reply).unwrap()
    }

    /// The body of a POST of a file that succeeds.
    pub fn upload(&self, path: &str, key: &str, media_type: &str, file: &[u8]) -> Value {
        let (status, reply) = self.exchange("POST", path, key, Some((media_type, file)));
        let reply = String::from_utf8(reply).unwrap();
        assert_eq!(status, 200, "{path}: {reply}");
        serde_json::from_str(&reply).unwrap()
    }

    /// Status and bytes of a GET without a key.
    pub fn fetch(&self, path: &str) -> (u16, Vec<u8>) {
        self.exchange("GET", path, "", None)
    }

    pub fn send(&self, method: &str, path: &str, key: &str, body: Option<&str>) -> (u16, String) {
        let (status, reply) = self.exchange(
            method,
            path,
            key,
            body.map(|body| ("application/json", body.as_bytes())),
        );
        (status, String::from_utf8(reply).unwrap())
    }

    fn exchange(
        &self,
        method: &str,
        path: &str,
        key: &str,
        body: Option<(&str, &[u8])>,
    ) -> (u16, Vec<u8>) {
        let address = self.url().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
        if !key.is_empty() {
            head += &format!("Authorization: Bearer {key}\r\n");
        }
        if let Some((media_type, body)) = body {
            head += &format!("Content-Type: {media_type}\r\nContent-Length: {}\r\n", body.len());
        }
        write!(stream, "{head}\r\n").unwrap();
        stream.write_all(body.map(|(_, body)| body).unwrap_or_default()).unwrap();
        let mut reply = Vec::new();
        stream.read_to_end(&mut reply).unwrap();
        let end = reply.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
        let status = std::str::from_utf8(&reply[9..12]).unwrap().parse().unwrap();
        (status, reply.split_off(end + 4))
    }

    pub fn json(&self, path: &str, key: &str) -> Value {
        let (status, body) = self.get(path, key);
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Asks it to stop, as a service manager does, and waits. Gives the exit code.
    pub fn stop(mut self) -> i32 {
        let output = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(output.success());
        self.child.wait().unwrap().code().unwrap_or(-1)
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a server until a line of its log contains a text, and ends it. Gives the lines so far.
pub fn log_until(mut command: Command, text: &str) -> Vec<String> {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut reply = Vec::new();
    for line in BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok) {
        let is_last = line.contains(text);
        reply.push(line);
        if is_last {
            break;
        }
    }
    // It may have ended by itself.
    let _ = child.kill();
    child.wait().unwrap();
    reply
}

/// Waits a little before something is asked again.
pub fn pause() {
    // Nobody sends: receiving is the wait.
    let (_quiet, wait) = std::sync::mpsc::channel::<()>();
    let _ = wait.recv_timeout(std::time::Duration::from_millis(50));
}
