//! A data directory as the server finds it: one task without log-in, candidates who have begun its
//! test, an API key.

use app::caller::{Caller, CandidateSession};
use app::delivery::enter::{ClientContext, EntryCredentials};
use app::delivery::page::EnterPage;
use app::delivery::session_hash;
use app::keys::NewKey;
use app::ports::Rng;
use app::tasks::{NewStep, NewTask};
use app::test_library::TestImportOptions;
use app::{App, Settings};
use domain::document::DocumentFormat;
use domain::id::{InstanceId, RequestId, StepId, TaskId};
use domain::instance::{AccessMethod, Scope};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use storage::{Database, DatabaseUrl, Storage, StorageError, StorageOptions, Transaction};
use testkit::{ScratchDatabase, SystemClock};

/// Questions of the test; the first half are choices, the others texts.
pub const SLOTS: u64 = 10;

/// The directory and what is in it.
pub struct FaultFixture {
    pub directory: PathBuf,
    pub task: TaskId,
    pub step: StepId,
    /// The secret of a key of the REST API.
    pub key: String,
    options: StorageOptions,
    _scratch: ScratchDatabase,
}

/// The file in a server's directory that holds the address of its PostgreSQL, if it is on one.
pub const DATABASE_URL: &str = "database-url";

/// A candidate on the only page of a begun test.
#[derive(Clone, Debug)]
pub struct SavingCandidate {
    pub token: String,
    pub instance: InstanceId,
}

impl SavingCandidate {
    pub fn path(&self, rest: &str) -> String {
        format!("/api/delivery/v1/instances/{}{rest}", self.instance)
    }
}

impl FaultFixture {
    /// Makes the directory's database with so many candidates who have begun, at most 1,000. A
    /// limit of 0 seconds is none.
    pub async fn build(
        directory: &Path,
        seats: usize,
        time_limit: u32,
    ) -> (Self, Vec<SavingCandidate>) {
        let (scratch, options) = Self::scratch(directory);
        Self::build_on(options, scratch, directory, seats, time_limit, SystemClock::default()).await
    }

    /// As [`FaultFixture::build`], by a server whose clock was so many milliseconds ahead of this
    /// machine's, or behind. Its task keeps persons for so many days, and one more candidate has
    /// come in and not begun.
    pub async fn build_in_another_time(
        directory: &Path,
        seats: usize,
        time_limit: u32,
        ahead_millis: i64,
        days: u32,
    ) -> (Self, Vec<SavingCandidate>) {
        let (scratch, options) = Self::scratch(directory);
        let (fixture, seats) = Self::build_on(
            options.clone(),
            scratch,
            directory,
            seats,
            time_limit,
            SystemClock { ahead_millis },
        )
        .await;
        let storage = Storage::open(&options).unwrap();
        let app = App::open(
            storage,
            Arc::new(SystemClock { ahead_millis }),
            Arc::new(OsRng),
            Settings::default(),
        )
        .await
        .unwrap();
        app.watch_clock().await.unwrap();
        let organization = app.organizations().list_organizations().await.unwrap().remove(0).id;
        let caller = Caller::operator(organization, RequestId::from("Rq1"));
        app.tasks().set_task_retention(&caller, &fixture.task, Some(days)).await.unwrap();
        let knock = ClientContext { address: None, request: RequestId::from("Rq1") };
        app.delivery()
            .enter_task(&knock, &fixture.task, EntryCredentials::default())
            .await
            .unwrap();
        (fixture, seats)
    }

    /// As [`FaultFixture::build`], on the PostgreSQL with this address.
    pub async fn build_on_server(
        directory: &Path,
        seats: usize,
        url: String,
    ) -> (Self, Vec<SavingCandidate>) {
        std::fs::write(directory.join(DATABASE_URL), &url).unwrap();
        let options = StorageOptions::of(Database::Postgres(DatabaseUrl(url)));
        Self::build_on(
            options,
            ScratchDatabase::embedded(),
            directory,
            seats,
            0,
            SystemClock::default(),
        )
        .await
    }

    /// Servers that are started from now on are told this address.
    pub fn is_on_servers(&self, url: String) {
        std::fs::write(self.directory.join(DATABASE_URL), url).unwrap();
    }

    fn scratch(directory: &Path) -> (ScratchDatabase, StorageOptions) {
        let scratch = ScratchDatabase::new();
        let options = match scratch.options() {
            StorageOptions { database: Database::Postgres(url), .. } => {
                std::fs::write(directory.join(DATABASE_URL), &url.0).unwrap();
                StorageOptions::of(Database::Postgres(url))
            }
            StorageOptions { .. } => StorageOptions::new(directory.join("assay.sqlite")),
        };
        (scratch, options)
    }

    /// As [`FaultFixture::build`], on a file in the directory whatever the tests run on.
    pub async fn build_on_file(
        directory: &Path,
        seats: usize,
        time_limit: u32,
    ) -> (Self, Vec<SavingCandidate>) {
        let options = StorageOptions::new(directory.join("assay.sqlite"));
        Self::build_on(
            options,
            ScratchDatabase::embedded(),
            directory,
            seats,
            time_limit,
            SystemClock::default(),
        )
        .await
    }

    async fn build_on(
        options: StorageOptions,
        scratch: ScratchDatabase,
        directory: &Path,
        seats: usize,
        time_limit: u32,
        clock: SystemClock,
    ) -> (Self, Vec<SavingCandidate>) {
        let storage = Storage::open(&options).unwrap();
        let app = App::open(storage, Arc::new(clock), Arc::new(OsRng), Settings::default())
            .await
            .unwrap();
        let organization = app.organizations().create_organization("Example").await.unwrap().id;
        let caller = Caller::operator(organization, RequestId::from("Rq1"));
        let document = document(time_limit);
        let test = app
            .test_library()
            .import_test(
                &caller,
                document.as_bytes(),
                DocumentFormat::Json,
                TestImportOptions::default(),
            )
            .await;
        let steps = vec![NewStep::of(test.unwrap().test.id)];
        let new = NewTask { access_method: AccessMethod::NoAuth, ..NewTask::of("Faults", steps) };
        let task = app.tasks().create_task(&caller, new).await.unwrap();
        let key = NewKey {
            name: "test".into(),
            scopes: vec![Scope::ResultsRead, Scope::AnswersRead],
            tasks: None,
            folders: None,
            expires_at: None,
        };
        let key = app.keys().create_key(&caller, key).await.unwrap().secret;
        let step = task.steps[0].id.clone();
        let fixture = Self {
            directory: directory.to_owned(),
            step,
            task: task.id,
            key,
            options,
            _scratch: scratch,
        };
        let entering = (0..seats).map(|_| {
            tokio::spawn(begin_test(app.clone(), fixture.task.clone(), fixture.step.clone()))
        });
        let mut taken = Vec::with_capacity(seats);
        for entering in entering.collect::<Vec<_>>() {
            taken.push(entering.await.unwrap());
        }
        (fixture, taken)
    }

    pub fn list_path(&self) -> String {
        format!("/api/integration/rest/v1/tasks/{}/test-instances?limit=1000", self.task)
    }

    /// Runs a command of the binary on the directory; what it prints, when it succeeds.
    pub fn command(&self, arguments: &[&str], input: &str) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
        if let Ok(url) = std::fs::read_to_string(self.directory.join(DATABASE_URL)) {
            command.env("ASSAY_DATABASE_URL", url);
        }
        command.args(arguments).arg("--data-dir").arg(&self.directory);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let done = child.wait_with_output().unwrap();
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    }

    /// What the program itself thinks of everything in the end: every chain of events and receipts,
    /// every published result.
    pub fn demand_sound(&self) {
        let output = self.command(&["verify"], "");
        assert!(output.contains("0 differences"), "{output}");
    }

    /// Reads the database beside the server.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl Fn(&mut dyn Transaction) -> Result<T, StorageError> + Send + 'static,
    ) -> T {
        let options = StorageOptions { readers: 1, writers: 1, ..self.options.clone() };
        Storage::open(&options).unwrap().read(read).await.unwrap()
    }

    /// Writes into the database while no server runs.
    pub async fn write<T: Send + 'static>(
        &self,
        write: impl Fn(&mut dyn Transaction) -> Result<T, StorageError> + Send + 'static,
    ) -> T {
        Storage::open(&self.options).unwrap().write(write).await.unwrap()
    }
}

async fn begin_test(app: App, task: TaskId, step: StepId) -> SavingCandidate {
    let request = RequestId::from("Rq1");
    let knock = ClientContext { address: None, request: request.clone() };
    let entered =
        app.delivery().enter_task(&knock, &task, EntryCredentials::default()).await.unwrap();
    let visitor =
        CandidateSession { token_hash: session_hash(&entered.token), address: None, request };
    let instance = app.delivery().start(&visitor, &step, "start").await.unwrap().instance_id;
    let first = EnterPage { page: 1, confirm: false, writes: Vec::new() };
    app.delivery().enter_page(&visitor, &instance, first).await.unwrap();
    SavingCandidate { token: entered.token, instance }
}

fn document(time_limit: u32) -> String {
    let choices = r#"[{"key":"a","text":"Yes","percentage":100},{"key":"b","text":"No"},{"key":"c","text":"Both"}]"#;
    let question = |n: u64| match is_choice(n) {
        true => format!(
            r#"{{"key":"q{n}","kind":"multiplechoice","text":"Question {n}","choices":{choices}}}"#
        ),
        false => format!(
            r#"{{"key":"q{n}","kind":"input","type":"area","text":"Question {n}","maxLength":10000}}"#
        ),
    };
    let questions: Vec<_> = (1..=SLOTS).map(question).collect();
    format!(
        r#"{{"assay":1,"key":"faults","title":"Faults","timeLimit":{time_limit},"sections":[{{"key":"s","title":"Only",
        "pages":[{{"key":"p","questions":[{}]}}]}}]}}"#,
        questions.join(",")
    )
}

/// Whether a slot is answered by choosing, otherwise by a text.
pub const fn is_choice(slot: u64) -> bool {
    slot <= SLOTS / 2
}

struct OsRng;

impl Rng for OsRng {
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).unwrap();
    }
}
