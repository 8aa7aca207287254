//! The binary as a process of its own, on a directory, at a free port.

use crate::fixture::DATABASE_URL;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// Longer than any start takes, however busy the machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that runs. Dropping it kills it.
pub struct KillableServer {
    child: Child,
    pub address: SocketAddr,
    log: CapturedLog,
}

/// A server that was told to start and may not listen yet.
pub struct StartingServer {
    child: Child,
    log: CapturedLog,
    address: oneshot::Receiver<SocketAddr>,
}

/// Its log lines so far, JSON.
type CapturedLog = Arc<Mutex<Vec<String>>>;

impl StartingServer {
    pub fn on(directory: &Path, environment: &[(&str, &str)]) -> Self {
        Self::spawn(Command::new(env!("CARGO_BIN_EXE_assay")), directory, environment)
    }

    /// A server that may have so many files and connections open and no more.
    pub fn with_descriptors(directory: &Path, descriptors: u32) -> Self {
        let mut command = Command::new("sh");
        let script = format!("ulimit -n {descriptors} && exec \"$0\" \"$@\"");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_assay")]);
        Self::spawn(command, directory, &[])
    }

    fn spawn(mut command: Command, directory: &Path, environment: &[(&str, &str)]) -> Self {
        if let Ok(url) = std::fs::read_to_string(directory.join(DATABASE_URL)) {
            command.env("ASSAY_DATABASE_URL", url);
        }
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0", "--log-format", "json"])
            .args(["--log-level", "warn,assay::commands=info", "--data-dir"])
            .arg(directory)
            // Its candidates are in more of a hurry than people, and all come from one address.
            .env("ASSAY_LIMITS_REQUESTS_PER_SECOND_PER_SESSION", "0")
            .env("ASSAY_LIMITS_REQUESTS_PER_SECOND_PER_ADDRESS", "0")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (log, (sender, address)) = (CapturedLog::default(), oneshot::channel());
        let stderr = child.stderr.take().unwrap();
        let stored = log.clone();
        std::thread::spawn(move || follow(stderr, sender, &stored));
        Self { child, log, address }
    }

    /// The server once it answers requests.
    pub async fn serving(self) -> KillableServer {
        let Self { child, log, address } = self;
        match timeout(PATIENCE, address).await {
            Ok(Ok(address)) => KillableServer { child, address, log },
            _ => panic!("the server does not start: {:#?}", log.lock().unwrap()),
        }
    }

    /// SIGKILL, wherever the start has come to.
    pub fn kill(mut self) {
        kill(&mut self.child);
    }
}

impl KillableServer {
    pub async fn on(directory: &Path) -> Self {
        StartingServer::on(directory, &[]).serving().await
    }

    /// SIGKILL: no destructor runs, nothing is flushed.
    pub fn kill(mut self) {
        kill(&mut self.child);
    }

    /// Whether the process has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// SIGTERM; the server must end well.
    pub fn stop(mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let status: ExitStatus = self.child.wait().unwrap();
        assert!(status.success(), "{status}: {:#?}", self.log.lock().unwrap());
    }

    /// Waits for a log line that contains a text; ten seconds at most.
    pub async fn until_logged(&self, text: &str) {
        for _ in 0..200 {
            if self.logged(text) > 0 {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("nothing was logged of {text:?}");
    }

    /// Where it serves its metrics, if it does.
    pub fn metrics(&self) -> Option<SocketAddr> {
        let log = self.log.lock().unwrap();
        let entries =
            log.iter().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let sender =
            entries.filter_map(|entry| entry["metrics"].as_str().map(str::to_owned)).next();
        sender.map(|address| address.parse().unwrap())
    }

    /// Files and connections that the process has open.
    pub fn descriptors(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count()
    }

    /// Log lines that contain a text.
    pub fn logged(&self, text: &str) -> usize {
        self.log.lock().unwrap().iter().filter(|line| line.contains(text)).count()
    }
}

impl Drop for KillableServer {
    fn drop(&mut self) {
        kill(&mut self.child);
    }
}

fn kill(child: &mut Child) {
    // It may have ended already.
    let _ = child.kill();
    let _ = child.wait();
}

/// Reads the log to its end; tells the address when the server does.
fn follow(stderr: ChildStderr, sender: oneshot::Sender<SocketAddr>, log: &CapturedLog) {
    let mut sender = Some(sender);
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        let entry: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
        if entry["message"] == "serving"
            && let Some(sender) = sender.take()
        {
            let address = entry["address"].as_str().unwrap().parse().unwrap();
            let _ = sender.send(address);
        }
        log.lock().unwrap().push(line);
    }
}
