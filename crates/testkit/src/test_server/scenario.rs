//! What happens on a server: tests, tasks and candidates are made, candidates start, answer and hand
//! in.

use super::TestServer;
use crate::fixtures::DESK_SCREENING;
use crate::test_app::operator_of;
use app::administration::Reinstatement;
use app::caller::CandidateSession;
use app::candidates::{CandidateView, NewCandidate, RegisteredPerson, TemporaryPerson};
use app::delivery::complete::SubmitRequest;
use app::delivery::enter::ClientContext;
use app::delivery::page::EnterPage;
use app::delivery::{answers::SentWrite, session_hash};
use app::evaluation::{EvaluationBatch, NewEvaluation, NewScore};
use app::tasks::{NewStep, NewTask};
use domain::access::settings::AttemptLimit;
use domain::decimal::Decimal;
use domain::document::DocumentFormat;
use domain::id::{CandidateId, InstanceId, OrganizationId, RequestId, StepId, TaskId};
use domain::instance::CandidateKind;
use domain::json::JsonNode;
use std::collections::BTreeMap;
use storage::{StorageError, Transaction};

/// The slot of the essay.
const ESSAY: u32 = 5;

/// A task with its steps.
#[derive(Clone, Debug)]
pub struct TaskWithSteps {
    pub id: TaskId,
    pub steps: Vec<StepId>,
}

impl TestServer {
    /// A task with so many steps of the desk screening, each with unlimited attempts.
    pub async fn task(&self, steps: usize) -> TaskWithSteps {
        self.task_of(&self.test_app.organization, steps).await
    }

    /// The same for another organization.
    pub async fn task_of(&self, organization: &OrganizationId, steps: usize) -> TaskWithSteps {
        let app = &self.test_app.app;
        let operator = operator_of(organization);
        let existing = app.test_library().list_tests(&operator, false).await.unwrap();
        let test = match existing.first() {
            Some(test) => test.id.clone(),
            None => {
                let options = app::test_library::TestImportOptions::default();
                app.test_library()
                    .import_test(
                        &operator,
                        DESK_SCREENING.as_bytes(),
                        DocumentFormat::Json,
                        options,
                    )
                    .await
                    .unwrap()
                    .test
                    .id
            }
        };
        let step = NewStep { attempt_limit: AttemptLimit::Unlimited, ..NewStep::of(test) };
        let new = NewTask {
            folder: "Hiring 2026".into(),
            ..NewTask::of("Autumn intake", vec![step; steps])
        };
        let view = app.tasks().create_task(&operator, new).await.unwrap();
        TaskWithSteps { id: view.id, steps: view.steps.into_iter().map(|step| step.id).collect() }
    }

    pub async fn candidate(&self, task: &TaskId, new: NewCandidate) -> CandidateView {
        self.test_app.app.candidates().create_candidate(&self.operator(), task, new).await.unwrap()
    }

    /// A candidate at the desk. Users enter with their log-in, which is not part of this server:
    /// their session is written down.
    pub async fn enter(&self, candidate: &CandidateView) -> CandidateSession {
        if candidate.kind == CandidateKind::User {
            return self.insert_user_session(candidate).await;
        }
        let knock = ClientContext { address: None, request: RequestId::from("Rq1") };
        let entered = self
            .test_app
            .app
            .delivery()
            .enter_by_code(&knock, &candidate.invitation_code)
            .await
            .unwrap();
        CandidateSession {
            token_hash: session_hash(&entered.token),
            address: None,
            request: RequestId::from("Rq1"),
        }
    }

    async fn insert_user_session(&self, candidate: &CandidateView) -> CandidateSession {
        let session = storage::session::SessionRow {
            token_hash: session_hash(candidate.id.as_str()),
            organization_id: candidate.organization.clone(),
            task_id: candidate.task.clone(),
            candidate_id: candidate.id.clone(),
            created_at: self.test_app.app.now(),
            ended_at: None,
            ends_at: domain::time::Timestamp(i64::MAX),
        };
        let visitor = CandidateSession {
            token_hash: session.token_hash,
            address: None,
            request: RequestId::from("Rq1"),
        };
        let write = move |tx: &mut dyn Transaction| match storage::session::find(
            tx,
            &session.token_hash,
        )? {
            Some(_) => Ok::<_, StorageError>(()),
            None => storage::session::insert(tx, &session),
        };
        self.test_app.storage.write(write).await.unwrap();
        visitor
    }

    /// Starts the step, or goes on with the instance that is open. `token` is new for every start.
    pub async fn start(
        &self,
        visitor: &CandidateSession,
        step: &StepId,
        token: &str,
    ) -> InstanceId {
        self.test_app.app.delivery().start(visitor, step, token).await.unwrap().instance_id
    }

    /// Enters all pages, chooses the first way of working and writes the essay.
    pub async fn answer(&self, visitor: &CandidateSession, instance: &InstanceId) {
        for page in 1..=3 {
            let request = EnterPage { page, confirm: true, writes: Vec::new() };
            self.test_app.app.delivery().enter_page(visitor, instance, request).await.unwrap();
        }
        let write = |slot, response: &str| SentWrite {
            slot,
            seq: 1,
            response: JsonNode::parse(response.as_bytes(), 8).unwrap(),
        };
        let writes = vec![write(ESSAY - 1, r#"["a"]"#), write(ESSAY, r#""Because it was due.""#)];
        self.test_app.app.delivery().save_answers(visitor, instance, writes).await.unwrap();
    }

    pub async fn complete(&self, visitor: &CandidateSession, instance: &InstanceId, token: &str) {
        let request = SubmitRequest {
            client_token: token.into(),
            confirm: true,
            without_uploads: false,
            writes: Vec::new(),
        };
        self.test_app.app.delivery().submit_instance(visitor, instance, request).await.unwrap();
    }

    pub async fn ignore(&self, task: &TaskId, instance: &InstanceId) {
        self.test_app.app.instances().ignore(&self.operator(), task, instance, None).await.unwrap();
    }

    pub async fn reinstate(&self, task: &TaskId, instance: &InstanceId, token: &str) {
        self.test_app
            .app
            .instances()
            .reinstate(&self.operator(), task, instance, reinstatement(token))
            .await
            .unwrap();
    }

    /// Gives the essay a percentage.
    pub async fn evaluate(
        &self,
        task: &TaskId,
        instance: &InstanceId,
        percentage: i64,
        token: &str,
    ) {
        let request = evaluation_of_essay(percentage, token);
        self.test_app
            .app
            .evaluation()
            .evaluate(&self.operator(), task, instance, request)
            .await
            .unwrap();
    }

    /// Puts a candidate into another group with another label.
    pub async fn regroup(&self, task: &TaskId, candidate: &CandidateId, group: &str) {
        let labels =
            app::candidates::LabelChange { add: vec![group.to_owned()], remove: Vec::new() };
        let change = app::candidates::CandidateUpdate {
            group: Some(group.to_owned()),
            labels,
            ..Default::default()
        };
        self.test_app
            .app
            .candidates()
            .update_candidate(&self.operator(), task, candidate, change)
            .await
            .unwrap();
    }
}

/// A temporary candidate.
pub fn temporary(external_id: Option<&str>) -> NewCandidate {
    let external_id = external_id.map(str::to_owned);
    NewCandidate {
        external_id,
        ..NewCandidate::of(RegisteredPerson::Temporary(TemporaryPerson::default()))
    }
}

/// All pages are unlocked.
pub fn reinstatement(token: &str) -> Reinstatement {
    let (client_token, reason) = (token.to_owned(), "test".to_owned());
    Reinstatement { client_token, pages: None, start: None, time: BTreeMap::new(), reason }
}

pub fn evaluation_of_essay(percentage: i64, token: &str) -> EvaluationBatch {
    let given_score = NewScore::Percentage(Decimal::from(percentage));
    let evaluation = NewEvaluation {
        slot: ESSAY,
        seq: 1,
        score: given_score,
        method: None,
        comment: None,
        feedback: None,
    };
    EvaluationBatch { client_token: token.into(), list: vec![evaluation], note: None }
}
