//! Rows that a test writes or reads behind the use cases.

use super::TestApp;
use domain::document::model::Test;
use domain::document::{
    DocumentFormat, EmptyBank, ValidationContext, has_earlier_rules, parse_stored, read,
    stored_digest, to_stored,
};
use domain::id::{InstanceId, TestId};
use domain::instance::{AccessMethod, ActorKind, CandidateKind};
use storage::candidate::CandidateRow;
use storage::instance::InstanceRow;
use storage::{SqlValue, StorageError, Transaction};

impl TestApp {
    pub(super) async fn insert_rows(&self, document: &str) {
        let test = self.authored(document);
        let body = to_stored(&test);
        self.insert_stored(&test, body).await;
    }

    pub(super) async fn insert_rows_of_version_1(&self, document: &str) {
        let body = to_stored(&self.authored(document))
            .replace(",\"typography\":\"loose\"", "")
            .replace("\"decimalSeparator\":\"auto\"", "\"decimalSeparator\":\"either\"");
        let test = parse_stored(&body).unwrap();
        assert!(has_earlier_rules(&test), "nothing in this document is judged by earlier rules");
        self.insert_stored(&test, body).await;
    }

    fn authored(&self, document: &str) -> Test {
        let surroundings = ValidationContext {
            bank: &EmptyBank,
            has_asset: &|_| true,
            organization: self.organization.clone(),
        };
        let fresh = uuid::Uuid::from_u128(7);
        read(document.as_bytes(), DocumentFormat::Json, fresh, &surroundings).unwrap().test
    }

    /// The rows of a test whose stored form is this one.
    async fn insert_stored(&self, test: &Test, body: String) {
        let digest = stored_digest(&body);
        let (task, test, step) = (self.task_row(), self.test_row(test, digest), self.step_row());
        let version = storage::test::TestVersionRow {
            test_id: self.test_id(),
            number: 1,
            digest,
            created_at: self.now(),
            actor_kind: ActorKind::System,
            actor_id: None,
        };
        self.write(move |tx| {
            storage::document::insert_if_absent(tx, &digest, &body)?;
            storage::test::insert(tx, &test)?;
            storage::test::insert_version(tx, &version)?;
            storage::task::insert(tx, &task)?;
            storage::step::insert(tx, &step)?;
            // What use cases make gets the ordinals after those of these rows.
            let organization = [SqlValue::Text(task.organization_id.as_str())];
            tx.execute("UPDATE organization SET last_ordinal = 1 WHERE id = $1", &organization)?;
            Ok(())
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
}
