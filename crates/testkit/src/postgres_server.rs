//! A PostgreSQL server of a test's own, to be stopped, promoted and started with other settings: a
//! few seconds each.

use std::ffi::OsStr;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const USER: &str = "assay";

/// A server on a free port of this machine. Dropping it ends it.
pub struct PostgresServer {
    folder: TempDir,
    port: u16,
    settings: Vec<String>,
}

impl PostgresServer {
    /// Makes and starts a server with these settings, as `fsync = off`. None where tests do not run
    /// on PostgreSQL, or its server programs are not installed on this machine.
    pub fn start(settings: &[&str]) -> Option<Self> {
        if !storage::testing::is_postgres() || !program("initdb").exists() {
            return None;
        }
        let server = Self::unmade(settings.iter().map(|setting| (*setting).to_owned()).collect());
        let auth = [
            "--username",
            USER,
            "--auth",
            "trust",
            "--encoding",
            "UTF8",
            "--locale",
            "C",
            "--no-sync",
        ];
        demand(server.command("initdb").arg("--pgdata").arg(server.data()).args(auth));
        server.configure();
        server.run();
        Some(server)
    }

    /// A copy of this server as it is now, which will follow it once it runs.
    pub fn standby(&self) -> Self {
        let standby = Self::unmade(self.settings.clone());
        let from = format!("host=127.0.0.1 port={} user={USER} dbname=replication", self.port);
        let how = [
            "--write-recovery-conf",
            "--checkpoint",
            "fast",
            "--wal-method",
            "stream",
            "--no-sync",
        ];
        demand(
            standby
                .command("pg_basebackup")
                .arg("--pgdata")
                .arg(standby.data())
                .args(["--dbname", &from])
                .args(how),
        );
        standby.configure();
        standby
    }

    /// Starts it, or starts it again.
    pub fn run(&self) {
        demand(self.control("start").arg("--log").arg(self.folder.path().join("server.log")));
    }

    /// Stops the process that writes the log behind everybody's back: what no commit has waited for
    /// stays in memory.
    pub fn stop_log_writer(&self) {
        let pid = self.query("SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'");
        demand(Command::new("kill").args(["-STOP", &pid]));
    }

    /// Ends it as a power cut does: nothing is finished.
    pub fn crash(&self) {
        demand(self.control("stop").args(["--mode", "immediate"]));
    }

    /// Makes a primary of a standby.
    pub fn promote(&self) {
        demand(&mut self.control("promote"));
    }

    /// Where it is, as `127.0.0.1:5432`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The address of the first of these servers that takes writes.
    pub fn url(servers: &[&Self]) -> String {
        let hosts: Vec<_> = servers.iter().map(|server| server.address()).collect();
        format!("postgres://{USER}@{}/postgres?sslmode=disable", hosts.join(","))
    }

    /// What a statement says, one row a line.
    pub fn query(&self, sql: &str) -> String {
        let url = Self::url(&[self]);
        let done = demand(self.command("psql").args([
            "--no-psqlrc",
            "--tuples-only",
            "--no-align",
            "--command",
            sql,
            &url,
        ]));
        String::from_utf8_lossy(&done.stdout).trim_end().to_owned()
    }

    fn unmade(settings: Vec<String>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))
            .expect("a folder of ours");
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|taken| taken.local_addr())
            .expect("a free port")
            .port();
        if is_root() {
            // The server refuses to run as root.
            demand(Command::new("chown").arg("postgres").arg(folder.path()));
        }
        Self { folder, port, settings }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What is set last holds.
    fn configure(&self) {
        let place = self.folder.path().display();
        let mut text = format!(
            "port = {}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{place}'\nmax_connections = 100\n",
            self.port
        );
        self.settings.iter().for_each(|setting| text += &format!("{setting}\n"));
        let script = "cat >> \"$0\"";
        let mut child = self
            .as_user("sh")
            .args(["-c", script])
            .arg(self.data().join("postgresql.conf"))
            .stdin(Stdio::piped())
            .spawn()
            .expect("a shell");
        let written = child
            .stdin
            .take()
            .map(|mut input| std::io::Write::write_all(&mut input, text.as_bytes()));
        assert!(
            written.is_some_and(|written| written.is_ok())
                && child.wait().is_ok_and(|status| status.success())
        );
    }

    fn control(&self, what: &str) -> Command {
        let mut command = self.command("pg_ctl");
        command.arg("--pgdata").arg(self.data()).args(["--wait", "--silent", what]);
        command
    }

    fn command(&self, name: &str) -> Command {
        self.as_user(program(name))
    }

    fn as_user(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        // A folder that the server's user may enter.
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        // It may not run.
        let _ = self.control("stop").args(["--mode", "immediate"]).output();
    }
}

/// One of PostgreSQL's programs, of the newest version installed.
fn program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<_> = versions.map(|version| version.path().join("bin").join(name)).collect();
    found.retain(|path| path.exists());
    found.sort();
    let in_path = || {
        let folders = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.exists())
    };
    found.pop().or_else(in_path).unwrap_or_else(|| Path::new(name).to_owned())
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|found| found.uid() == 0)
}

fn demand(command: &mut Command) -> Output {
    let done = command.output().expect("the program can be run");
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
    done
}
