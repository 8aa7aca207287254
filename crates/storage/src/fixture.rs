//! A database in a temporary folder and rows that fit each other, for tests.

use crate::candidate::CandidateRow;
use crate::instance::InstanceRow;
use crate::mail::MailRow;
use crate::organization::OrganizationRow;
use crate::step::StepRow;
use crate::task::TaskRow;
use crate::test::TestRow;
use crate::testing::ScratchDatabase;
use crate::user::UserRow;
use crate::{
    Storage, StorageError, StorageOptions, Transaction, candidate, document, organization, step,
    task, test,
};
use domain::instance::{AccessMethod, CandidateKind, InstanceChange, InstanceState};
use domain::mail::MailState;
use domain::time::Timestamp;

pub(crate) const NOW: Timestamp = Timestamp(1_767_225_600_000);

pub(crate) struct StorageFixture {
    pub(crate) storage: Storage,
    pub(crate) scratch: ScratchDatabase,
}

impl StorageFixture {
    /// Organizations Og1 and Og2 and nothing else.
    pub(crate) fn new() -> Self {
        Self::on(ScratchDatabase::new(), |_| {})
    }

    /// As [`Fixture::new`], on SQLite whatever the tests run on.
    pub(crate) fn embedded() -> Self {
        Self::embedded_with(|_| {})
    }

    pub(crate) fn embedded_with(adjust: impl FnOnce(&mut StorageOptions)) -> Self {
        Self::on(ScratchDatabase::embedded(), adjust)
    }

    fn on(scratch: ScratchDatabase, adjust: impl FnOnce(&mut StorageOptions)) -> Self {
        let mut options = scratch.options();
        adjust(&mut options);
        let fixture = Self { storage: Storage::open(&options).unwrap(), scratch };
        fixture.write(|tx| {
            ["Og1", "Og2"].into_iter().try_for_each(|id| organization::insert(tx, &tenant(id)))
        });
        fixture
    }

    /// Task Tk1 of Og1 with step St1 of test Te1.
    pub(crate) fn with_task() -> Self {
        Self::new().and_task()
    }

    pub(crate) fn and_task(self) -> Self {
        self.write(|tx| {
            document::insert_if_absent(tx, &[1; 32], "{}")?;
            test::insert(tx, &test("Te1", 1))?;
            task::insert(tx, &task("Tk1", 1))?;
            step::insert(tx, &step("St1", 1))
        });
        self
    }

    /// As [`Fixture::with_task`], with candidates Ca1 and Ca2.
    pub(crate) fn with_two_candidates() -> Self {
        Self::with_task().and_two_candidates()
    }

    fn and_two_candidates(self) -> Self {
        self.write(|tx| {
            candidate::insert(tx, &candidate("Ca1", 1))?;
            candidate::insert(tx, &candidate("Ca2", 2))
        });
        self
    }

    /// As [`Fixture::with_two_candidates`], with the open instance Ti1 of Ca1.
    pub(crate) fn with_instance() -> Self {
        Self::with_two_candidates().and_one_instance()
    }

    /// All of the above.
    pub(crate) fn and_instance(self) -> Self {
        self.and_task().and_two_candidates().and_one_instance()
    }

    fn and_one_instance(self) -> Self {
        self.write(|tx| crate::instance::insert(tx, &instance("Ti1", "Ca1", 1)));
        self
    }

    pub(crate) fn try_write<T: Send + 'static>(
        &self,
        operation: impl Fn(&mut dyn Transaction) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StorageError> {
        self.storage.write_blocking(operation)
    }

    pub(crate) fn write<T: Send + 'static>(
        &self,
        operation: impl Fn(&mut dyn Transaction) -> Result<T, StorageError> + Send + 'static,
    ) -> T {
        self.try_write(operation).unwrap()
    }

    pub(crate) fn try_read<T: Send + 'static>(
        &self,
        operation: impl Fn(&mut dyn Transaction) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StorageError> {
        self.storage.read_blocking(operation)
    }

    pub(crate) fn read<T: Send + 'static>(
        &self,
        operation: impl Fn(&mut dyn Transaction) -> Result<T, StorageError> + Send + 'static,
    ) -> T {
        self.try_read(operation).unwrap()
    }
}

impl StorageFixture {
    /// How SQLite would run a statement.
    pub(crate) fn query_plan(&self, sql: &str) -> String {
        let sql = format!("EXPLAIN QUERY PLAN {sql}");
        let values = || vec![crate::SqlValue::Integer(1); 9];
        self.read(move |tx| tx.list(&sql, &values(), |row| row.get::<String>(3))).join("; ")
    }
}

fn tenant(id: &str) -> OrganizationRow {
    OrganizationRow { id: id.into(), name: "Example".into(), last_ordinal: 0, created_at: NOW }
}

pub(crate) fn user(id: &str, ordinal: i64, username: &str) -> UserRow {
    UserRow {
        id: id.into(),
        organization_id: "Og1".into(),
        ordinal,
        username: username.into(),
        fullname: None,
        email: None,
        folder: String::new(),
        group_name: "default".into(),
        labels: "[]".into(),
        tags: "{}".into(),
        favorite: false,
        active: true,
        roles: "[\"USER\"]".into(),
        created_at: NOW,
        password_hash: None,
        chosen_permissions: None,
    }
}

pub(crate) fn test(id: &str, ordinal: i64) -> TestRow {
    TestRow {
        id: id.into(),
        organization_id: "Og1".into(),
        ordinal,
        uuid: "0f6d3c52-9a1b-4e7d-8c20-5b4a39281706".into(),
        key: "sample".into(),
        title: "Sample".into(),
        folder: String::new(),
        labels: "[]".into(),
        digest: [1; 32],
        version: 1,
        created_at: NOW,
        updated_at: NOW,
        archived_at: None,
    }
}

pub(crate) fn task(id: &str, ordinal: i64) -> TaskRow {
    TaskRow {
        id: id.into(),
        organization_id: "Og1".into(),
        ordinal,
        revision: 0,
        revised_at: NOW,
        instance_count: 0,
        candidate_count: 0,
        title: "Hiring".into(),
        active: true,
        active_after: None,
        active_before: None,
        access_method: AccessMethod::InvitationCode,
        lang: "default".into(),
        folder: String::new(),
        favorite: false,
        labels: "[]".into(),
        tags: "{}".into(),
        programs: "[]".into(),
        stages: "[]".into(),
        access_form: None,
        email_templates: "[]".into(),
        created_at: NOW,
    }
}

pub(crate) fn step(id: &str, position: i64) -> StepRow {
    StepRow {
        id: id.into(),
        organization_id: "Og1".into(),
        task_id: "Tk1".into(),
        position,
        test_id: "Te1".into(),
        title: "Sample".into(),
        active: true,
        active_after: None,
        active_before: None,
        attempt_limit: 1,
        settings: "{}".into(),
    }
}

pub(crate) fn candidate(id: &str, ordinal: i64) -> CandidateRow {
    CandidateRow {
        id: id.into(),
        organization_id: "Og1".into(),
        task_id: "Tk1".into(),
        ordinal,
        kind: CandidateKind::Temp,
        user_id: None,
        source: "pre-registration".into(),
        fullname: None,
        email: None,
        uniq_id: None,
        uniq_scope: None,
        credential1: None,
        credential1_exclusive: false,
        credential2_hash: None,
        invitation_code: Some(format!("CODE-{id}")),
        external_id: None,
        external_data: None,
        lang: None,
        active: true,
        active_after: None,
        active_before: None,
        time_factor: "1".into(),
        group_name: "default".into(),
        labels: "[]".into(),
        tags: "{}".into(),
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
        created_at: NOW,
        last_activity_at: None,
        erased_at: None,
    }
}

/// An open instance whose revision equals its ordinal.
pub(crate) fn instance(id: &str, candidate: &str, ordinal: i64) -> InstanceRow {
    InstanceRow {
        id: id.into(),
        organization_id: "Og1".into(),
        task_id: "Tk1".into(),
        step_id: "St1".into(),
        candidate_id: candidate.into(),
        ordinal,
        revision: ordinal,
        change_kind: InstanceChange::Started,
        changed_at: NOW,
        state: InstanceState::Started,
        ignored: false,
        closing: None,
        candidate_kind: CandidateKind::Temp,
        owner_id: candidate.into(),
        started_at: NOW,
        completed_at: None,
        due_at: None,
        erased_at: None,
        result_number: 0,
        waiting: 0,
        engine_version: "1".into(),
        result_basic: None,
        ratio: None,
        document_digest: [1; 32],
        seed: vec![4; 16],
        time_factor: "1".into(),
        external_id: None,
        folder: String::new(),
        group_name: "default".into(),
        labels: "[]".into(),
        tags: "{}".into(),
        delivery: "{}".into(),
        result_detailed: None,
    }
}

/// A mail to candidate Ca1 that waits.
pub(crate) fn mail(id: &str) -> MailRow {
    MailRow {
        id: id.into(),
        organization_id: "Og1".into(),
        task_id: "Tk1".into(),
        candidate_id: "Ca1".into(),
        template: "Welcome".into(),
        recipient: Some("ada@example.org".into()),
        state: MailState::Waiting,
        created_at: NOW,
        send_at: NOW,
        tries: 0,
        tries_before: 0,
        due_at: Some(NOW),
        finished_at: None,
        subject: None,
        body: None,
        lang: None,
        instance_id: None,
    }
}
