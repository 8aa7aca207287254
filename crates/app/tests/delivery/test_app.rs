//! An examination test_app: one task with the desk-screening test and one candidate, written as
//! rows, and shorthands for what a candidate does.

use app::caller::CandidateSession;
use app::delivery::answers::{SentWrite, WriteResult};
use app::delivery::complete::{SubmitRequest, SubmittedInstance};
use app::delivery::enter::{ClientContext, EntryCredentials, NewCandidateSession};
use app::delivery::page::{EnterPage, PageEntered};
use app::delivery::session_hash;
use app::{App, Failure, Settings};
use domain::document::{
    DocumentFormat, EmptyBank, ValidationContext, read, stored_digest, to_stored,
};
use domain::id::{InstanceId, OrganizationId, RequestId, StepId, TaskId, TestId};
use domain::instance::{AccessMethod, CandidateKind};
use domain::json::JsonNode;
use domain::refusal::Refusal;
use domain::time::Timestamp;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use storage::candidate::CandidateRow;
use storage::instance::InstanceRow;
use storage::testing::ScratchDatabase;
use storage::{Storage, StorageError, StorageOptions, Transaction};
use testkit::app_fixture::epoch_source;
use testkit::{SeededRandom, TestClock};

pub const CODE: &str = "7Q2M0KX4TB";
const NEIGHBOURS_CODE: &str = "7Q2M0KX4TN";
pub const DESK_SCREENING: &str =
    include_str!("../../../domain/tests/documents/desk-screening.json");

pub struct TestApp {
    pub app: App,
    pub storage: Storage,
    pub clock: Arc<TestClock>,
    pub organization: OrganizationId,
    pub task: TaskId,
    pub step: StepId,
    scratch: ScratchDatabase,
}

impl TestApp {
    pub async fn new() -> Self {
        Self::with(DESK_SCREENING).await
    }

    /// A task with this test and one candidate with the invitation code.
    pub async fn with(document: &str) -> Self {
        Self::with_settings(document, Settings::default()).await
    }

    /// The same on a server with settings of its own.
    pub async fn with_settings(document: &str, settings: Settings) -> Self {
        let scratch = ScratchDatabase::new();
        let clock = Arc::new(TestClock::default());
        let (app, storage) = open_with(&scratch.options(), clock.clone(), 1, settings).await;
        let organization = app.create_organization("Example").await.unwrap().id;
        let test_app = Self {
            app,
            storage,
            clock,
            organization,
            task: "Tk1".into(),
            step: "St1".into(),
            scratch,
        };
        test_app.insert_rows(document).await;
        test_app.add_candidate(test_app.candidate("Ca1", Some(CODE))).await;
        test_app
    }

    /// Another organization on the same server, with a task of its own. Only the first one is to be
    /// reopened.
    #[allow(dead_code, reason = "not every binary of tests has neighbours")]
    pub async fn neighbour(&self, document: &str) -> Self {
        let organization = self.app.create_organization("Neighbour").await.unwrap().id;
        let (app, storage, clock) = (self.app.clone(), self.storage.clone(), self.clock.clone());
        let (task, step, scratch) = ("Tk2".into(), "St2".into(), ScratchDatabase::embedded());
        let test_app = Self { app, storage, clock, organization, task, step, scratch };
        test_app.insert_rows(document).await;
        test_app.add_candidate(test_app.candidate("CaN", Some(NEIGHBOURS_CODE))).await;
        test_app
    }

    /// Another server on the same database.
    pub async fn another_node(&self, seed: u64) -> App {
        open(&self.scratch, self.clock.clone(), seed).await.0
    }

    /// The same database after a restart; the clock has gone on meanwhile.
    pub async fn reopened(self) -> Self {
        self.reopened_with(Settings::default()).await
    }

    /// The same with settings of its own.
    pub async fn reopened_with(self, settings: Settings) -> Self {
        let Self { app, storage, clock, organization, task, step, scratch } = self;
        drop(app);
        drop(storage);
        let (app, storage) = open_with(&scratch.options(), clock.clone(), 2, settings).await;
        Self { app, storage, clock, organization, task, step, scratch }
    }

    /// The same database after a restart, and a copy of its present state that is read as its
    /// replica; none on a file.
    pub async fn with_replica(self) -> Option<(Self, ScratchDatabase)> {
        let Self { app, storage, clock, organization, task, step, scratch } = self;
        drop(app);
        drop(storage);
        let copy = scratch.copied()?;
        let options = StorageOptions { replica: copy.url(), ..scratch.options() };
        let (app, storage) = open_with(&options, clock.clone(), 2, Settings::default()).await;
        Some((Self { app, storage, clock, organization, task, step, scratch }, copy))
    }

    /// The same database after a restart, and a backup of the state before: a copy of the file as
    /// `assay backup` makes it, a copy of the database on a server.
    #[allow(dead_code, reason = "not every binary of tests restores")]
    pub async fn backed_up(self) -> (Self, ScratchDatabase) {
        let Self { app, storage, clock, organization, task, step, scratch } = self;
        let file = ScratchDatabase::embedded();
        if scratch.url().is_none() {
            storage.backup(&file.folder().join("assay.sqlite"), &mut |_| {}).unwrap();
        }
        drop(app);
        drop(storage);
        let copy = scratch.copied().unwrap_or(file);
        let (app, storage) = open(&scratch, clock.clone(), 2).await;
        (Self { app, storage, clock, organization, task, step, scratch }, copy)
    }

    /// The database is lost, and a backup of it is served instead.
    #[allow(dead_code, reason = "not every binary of tests restores")]
    pub async fn restored(self, backup: &ScratchDatabase) -> Self {
        let Self { app, storage, clock, organization, task, step, scratch } = self;
        drop(app);
        drop(storage);
        drop(scratch);
        let scratch = backup.copied().unwrap_or_else(|| {
            let fresh = ScratchDatabase::embedded();
            let name = "assay.sqlite";
            std::fs::copy(backup.folder().join(name), fresh.folder().join(name)).unwrap();
            fresh
        });
        let (app, storage) = open(&scratch, clock.clone(), 3).await;
        Self { app, storage, clock, organization, task, step, scratch }
    }

    async fn insert_rows(&self, document: &str) {
        let surroundings = ValidationContext {
            bank: &EmptyBank,
            has_asset: &|_| false,
            organization: self.organization.clone(),
        };
        let fresh = domain_uuid();
        let test =
            read(document.as_bytes(), DocumentFormat::Json, fresh, &surroundings).unwrap().test;
        let body = to_stored(&test);
        let digest = stored_digest(&body);
        let (task, test, step) = (self.task_row(), self.test_row(&test, digest), self.step_row());
        self.write(move |tx| {
            storage::document::insert_if_absent(tx, &digest, &body)?;
            storage::test::insert(tx, &test)?;
            storage::task::insert(tx, &task)?;
            storage::step::insert(tx, &step)
        })
        .await;
    }

    /// `Te1` of the task `Tk1`.
    fn test_id(&self) -> TestId {
        TestId::from(self.task.as_str().replace("Tk", "Te"))
    }

    fn test_row(
        &self,
        test: &domain::document::model::Test,
        digest: storage::Sha256Digest,
    ) -> storage::test::TestRow {
        storage::test::TestRow {
            id: self.test_id(),
            organization_id: self.organization.clone(),
            ordinal: 1,
            uuid: test.uuid.to_string(),
            key: test.key.to_string(),
            title: test.title.to_string(),
            folder: String::new(),
            labels: "[]".into(),
            digest,
            version: 1,
            created_at: self.now(),
            updated_at: self.now(),
            archived_at: None,
        }
    }

    pub fn task_row(&self) -> storage::task::TaskRow {
        storage::task::TaskRow {
            id: self.task.clone(),
            organization_id: self.organization.clone(),
            ordinal: 1,
            revision: 0,
            revised_at: self.now(),
            instance_count: 0,
            candidate_count: 0,
            title: "Autumn intake".into(),
            active: true,
            active_after: None,
            active_before: None,
            access_method: AccessMethod::InvitationCode,
            lang: "default".into(),
            folder: "Hiring".into(),
            favorite: false,
            labels: "[]".into(),
            tags: "{}".into(),
            programs: "[]".into(),
            stages: "[]".into(),
            access_form: None,
            email_templates: "[]".into(),
            created_at: self.now(),
        }
    }

    fn step_row(&self) -> storage::step::StepRow {
        storage::step::StepRow {
            id: self.step.clone(),
            organization_id: self.organization.clone(),
            task_id: self.task.clone(),
            position: 1,
            test_id: self.test_id(),
            title: "Screening".into(),
            active: true,
            active_after: None,
            active_before: None,
            attempt_limit: 1,
            settings: "{}".into(),
        }
    }

    pub fn candidate(&self, id: &str, code: Option<&str>) -> CandidateRow {
        CandidateRow {
            id: id.into(),
            organization_id: self.organization.clone(),
            task_id: self.task.clone(),
            ordinal: 0,
            kind: CandidateKind::Temp,
            user_id: None,
            source: "pre-registration".into(),
            fullname: Some("Ada Example".into()),
            email: None,
            uniq_id: None,
            uniq_scope: None,
            credential1: None,
            credential1_exclusive: false,
            credential2_hash: None,
            invitation_code: code.map(Into::into),
            external_id: Some("E-7".into()),
            external_data: None,
            lang: None,
            active: true,
            active_after: None,
            active_before: None,
            time_factor: "1".into(),
            group_name: "A".into(),
            labels: r#"["north"]"#.into(),
            tags: r#"{"City":"Tokyo"}"#.into(),
            stage: None,
            programs: "[]".into(),
            rating: None,
            favorite: false,
            notes: None,
            logged_in: false,
            extra_emails: "[]".into(),
            price: None,
            callback: None,
            room_form: None,
            step_overrides: "{}".into(),
            created_at: self.now(),
            last_activity_at: None,
            erased_at: None,
        }
    }

    pub async fn add_candidate(&self, candidate: CandidateRow) {
        self.write(move |tx| {
            let ordinal = storage::task::next_candidate_ordinal(tx, &candidate.task_id)?.unwrap();
            storage::candidate::insert(tx, &CandidateRow { ordinal, ..candidate.clone() })
        })
        .await;
    }

    pub fn now(&self) -> Timestamp {
        self.app.now()
    }

    pub async fn write<T: Send + 'static>(
        &self,
        write: impl Fn(&mut dyn Transaction) -> Result<T, StorageError> + Send + 'static,
    ) -> T {
        self.storage.write(write).await.unwrap()
    }

    pub async fn sql(&self, sql: impl AsRef<str>) {
        let sql = sql.as_ref().to_owned();
        self.write(move |tx| tx.execute(&sql, &[])).await;
    }

    pub async fn row(&self, instance: &InstanceId) -> InstanceRow {
        let instance = instance.clone();
        self.write(move |tx| storage::instance::find_any(tx, &instance)).await.unwrap()
    }

    /// A number out of the database.
    pub async fn number(&self, sql: &'static str) -> i64 {
        self.write(move |tx| tx.integer(sql, &[])).await
    }

    /// Runs an act while somebody else writes: between two steps of the act the other one is
    /// served. Gives what the act came to, and the numbers that the other one saw.
    #[allow(dead_code, reason = "not every binary of tests does large acts")]
    pub async fn beside_writes<T>(
        &self,
        counted: &'static str,
        act: impl Future<Output = T>,
    ) -> (T, BTreeSet<i64>) {
        let (mut act, mut seen) = (std::pin::pin!(act), BTreeSet::new());
        loop {
            if let Poll::Ready(done) = looked_at(act.as_mut()) {
                return (done, seen);
            }
            seen.insert(self.number(counted).await);
        }
    }

    /// Runs an act until at least so many are counted, and then no further, as when the server
    /// dies.
    #[allow(dead_code, reason = "not every binary of tests does large acts")]
    pub async fn until_killed<T>(
        &self,
        counted: &'static str,
        least: i64,
        act: impl Future<Output = T>,
    ) {
        let mut act = std::pin::pin!(act);
        while self.number(counted).await < least {
            assert!(looked_at(act.as_mut()).is_pending(), "it was done before it could be killed");
        }
    }

    /// Kinds of the events of an instance, in order; the chain is whole.
    pub async fn events(&self, instance: &InstanceId) -> Vec<String> {
        let (organization, chain) =
            (self.organization.clone(), storage::event::EventChain::Instance(instance.clone()));
        self.write(move |tx| {
            let verdict = storage::event::verify(tx, &chain)?;
            assert!(matches!(verdict, storage::event::ChainVerdict::Whole { .. }), "{verdict:?}");
            let events = storage::event::list(tx, &organization, &chain, 0, 1000)?;
            Ok(events.into_iter().map(|recorded| recorded.event.kind).collect())
        })
        .await
    }

    pub async fn enter(&self) -> CandidateSession {
        let code = if self.task.as_str() == "Tk1" { CODE } else { NEIGHBOURS_CODE };
        visitor(&self.app.enter_by_code(&client_context(1), code).await.unwrap())
    }

    pub async fn enter_with(
        &self,
        from: u8,
        one: &str,
        two: Option<&str>,
    ) -> Result<NewCandidateSession, Failure> {
        let given =
            EntryCredentials { credential1: Some(one.into()), credential2: two.map(Into::into) };
        self.app.enter_task(&client_context(from), &self.task, given).await
    }

    pub async fn start(
        &self,
        visitor: &CandidateSession,
        token: &str,
    ) -> Result<InstanceId, Failure> {
        self.app.start(visitor, &self.step, token).await.map(|started| started.instance_id)
    }

    /// A candidate in the first page of a new instance.
    pub async fn start_on_first_page(&self) -> (CandidateSession, InstanceId) {
        let visitor = self.enter().await;
        let instance = self.start(&visitor, "start").await.unwrap();
        self.go(&visitor, &instance, 1).await.unwrap();
        (visitor, instance)
    }

    pub async fn go(
        &self,
        visitor: &CandidateSession,
        instance: &InstanceId,
        page: u32,
    ) -> Result<PageEntered, Failure> {
        self.app
            .enter_page(visitor, instance, EnterPage { page, confirm: false, writes: Vec::new() })
            .await
    }

    /// Saves one answer and gives what became of it.
    pub async fn answer(
        &self,
        visitor: &CandidateSession,
        instance: &InstanceId,
        write: SentWrite,
    ) -> WriteResult {
        self.app.save_answers(visitor, instance, vec![write]).await.unwrap().remove(0)
    }

    pub async fn complete(
        &self,
        visitor: &CandidateSession,
        instance: &InstanceId,
        token: &str,
    ) -> Result<SubmittedInstance, Failure> {
        let asked = SubmitRequest {
            client_token: token.into(),
            confirm: true,
            without_uploads: false,
            writes: Vec::new(),
        };
        self.app.submit_instance(visitor, instance, asked).await
    }

    /// The slot of a question, wherever it was put.
    pub async fn slot(
        &self,
        visitor: &CandidateSession,
        instance: &InstanceId,
        question: &str,
    ) -> u32 {
        let view = self.app.test_view(visitor, instance).await.unwrap();
        let slot = view
            .compiled
            .slots
            .iter()
            .position(|slot| slot.question.key.as_str() == question)
            .unwrap();
        u32::try_from(slot).unwrap() + 1
    }
}

/// An act as far as it has got. Nothing wakes whoever looks: it is to be looked at again.
fn looked_at<T>(act: Pin<&mut impl Future<Output = T>>) -> Poll<T> {
    act.poll(&mut Context::from_waker(Waker::noop()))
}

async fn open(scratch: &ScratchDatabase, clock: Arc<TestClock>, seed: u64) -> (App, Storage) {
    open_with(&scratch.options(), clock, seed, Settings::default()).await
}

async fn open_with(
    options: &StorageOptions,
    clock: Arc<TestClock>,
    seed: u64,
    settings: Settings,
) -> (App, Storage) {
    let options = StorageOptions { epochs: Some(epoch_source(clock.clone())), ..options.clone() };
    let storage = Storage::open(&options).unwrap();
    let app = App::open(storage.clone(), clock, Arc::new(SeededRandom::new(seed)), settings)
        .await
        .unwrap();
    (app, storage)
}

fn domain_uuid() -> uuid::Uuid {
    uuid::Uuid::from_u128(7)
}

pub fn client_context(last: u8) -> ClientContext {
    ClientContext {
        address: Some(IpAddr::from([192, 0, 2, last])),
        request: RequestId::from("Rq1"),
    }
}

pub fn visitor(entered: &NewCandidateSession) -> CandidateSession {
    CandidateSession {
        token_hash: session_hash(&entered.token),
        address: None,
        request: RequestId::from("Rq1"),
    }
}

pub fn write(slot: u32, seq: u64, response: &str) -> SentWrite {
    SentWrite { slot, seq, response: JsonNode::parse(response.as_bytes(), 8).unwrap() }
}

/// The code a use case refused with.
pub fn refusal<T>(result: Result<T, Failure>) -> Option<Refusal> {
    match result {
        Err(Failure::Refused(refused)) => Some(refused.code),
        Err(other) => panic!("{other:?}"),
        Ok(_) => None,
    }
}

/// The outcome or refusal of a write.
pub fn word(written: &WriteResult) -> &'static str {
    match written {
        WriteResult::Acknowledged(kept) => kept.outcome.as_str(),
        WriteResult::Refused { code, .. } => code.as_str(),
    }
}
