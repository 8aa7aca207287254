//! Makes the demo: an organization, a key, and task by task the people with what becomes of their
//! tests.

use super::candidate::{DemoCandidate, enter_as_user, enter_by_code};
use super::clock::DemoClock;
use super::people::{CITIES, CandidateScript, DemoPlan, GROUPS, LABELS, PLANS, email, fullname};
use app::administration::Reinstatement;
use app::caller::{Caller, CandidateSession};
use app::candidates::{CandidateView, Invitation, NewCandidate, RegisteredPerson, TemporaryPerson};
use app::evaluation::{EvaluationBatch, NewEvaluation, NewScore, WaitingAnswersQuery};
use app::keys::NewKey;
use app::tasks::{EmailTemplate, NewStep, NewTask, TaskView};
use app::test_library::TestImportOptions;
use app::users::{NewUser, Role};
use app::{App, Failure};
use domain::access::settings::AttemptLimit;
use domain::decimal::Decimal;
use domain::document::DocumentFormat;
use domain::id::{InstanceId, StepId, TaskId, UserId};
use domain::instance::{CandidateKind, Scope};
use std::collections::BTreeMap;

/// Every fifth registration is of a user of the organization.
const USER_EACH: usize = 5;
/// The template by which those who have not come yet are invited.
const INVITATION: &str = "Invitation";
/// Longer than the longest time limit of the demo's tests.
const LIMIT_SECONDS: i64 = 3700;

/// The secrets of a demo.
pub struct DemoSecrets {
    pub key: String,
    /// Of [`STAFF`].
    pub password: String,
}

/// The manager of the demo.
pub const STAFF: &str = "demo";

/// Makes everything; `told` hears of each registration.
pub async fn build_demo(
    app: &App,
    clock: &DemoClock,
    progress: &mut dyn FnMut(),
) -> Result<DemoSecrets, Failure> {
    let organization = app.organizations().create_organization("Demo").await?.id;
    let caller = Caller::operator(organization, app.new_id(app.now()));
    let new = NewKey {
        name: "demo".to_owned(),
        scopes: vec![Scope::Manage],
        tasks: None,
        folders: None,
        expires_at: None,
    };
    let key = app.keys().create_key(&caller, new).await?.secret;
    let manager = NewUser {
        username: STAFF.to_owned(),
        fullname: Some("Demo Manager".to_owned()),
        roles: vec![Role::Manager],
        ..NewUser::default()
    };
    let manager = app.users().create_user(&caller, manager).await?;
    let password = app.staff().set_password(&caller, &manager.id, None).await?;
    let mut demo = DemoBuilder { app, clock, caller, number: 0 };
    let mut tasks = Vec::new();
    for plan in &PLANS {
        tasks.push(demo.task(plan).await?);
    }
    // Turn by turn, so that the tasks fill side by side.
    for turn in 0..PLANS.iter().map(|plan| plan.courses.len()).max().unwrap_or_default() {
        for (plan, task) in PLANS.iter().zip(&tasks) {
            if let Some(course) = plan.courses.get(turn) {
                demo.person(task, *course).await?;
                progress();
            }
        }
    }
    Ok(DemoSecrets { key, password })
}

struct DemoBuilder<'demo> {
    app: &'demo App,
    clock: &'demo DemoClock,
    caller: Caller,
    /// Of the person, over all tasks.
    number: usize,
}

impl DemoBuilder<'_> {
    async fn task(&self, plan: &DemoPlan) -> Result<TaskView, Failure> {
        let options = TestImportOptions {
            test: None,
            folder: Some(plan.folder.to_owned()),
            labels: None,
            based_on: None,
        };
        let bytes = plan.document.as_bytes();
        let test = self
            .app
            .test_library()
            .import_test(&self.caller, bytes, DocumentFormat::Yaml, options)
            .await?
            .test
            .id;
        let step =
            NewStep { attempt_limit: AttemptLimit::AtMost(plan.attempts), ..NewStep::of(test) };
        let template = EmailTemplate {
            name: INVITATION.to_owned(),
            subject: "Your invitation: {{task}}".to_owned(),
            body: None,
        };
        let email_templates = vec![template];
        let new = NewTask {
            folder: plan.folder.to_owned(),
            email_templates,
            ..NewTask::of(plan.title, vec![step])
        };
        self.clock.pass(60);
        self.app.tasks().create_task(&self.caller, new).await
    }

    async fn person(&mut self, task: &TaskView, course: CandidateScript) -> Result<(), Failure> {
        self.number += 1;
        self.clock.pass(600);
        let candidate = self.register(&task.id, course == CandidateScript::Absent).await?;
        self.clock.pass(1800);
        let Some(step) = task.steps.first() else { return Ok(()) };
        if course == CandidateScript::Absent {
            return Ok(());
        }
        let visitor = match candidate.kind {
            CandidateKind::Temp => enter_by_code(self.app, &candidate.invitation_code).await?,
            CandidateKind::User => {
                enter_as_user(self.app, &self.caller, &task.id, &candidate.id).await?
            }
        };
        self.follow(&task.id, &step.id, &visitor, course).await
    }

    async fn register(&self, task: &TaskId, is_invited: bool) -> Result<CandidateView, Failure> {
        let number = self.number;
        let person = if number.is_multiple_of(USER_EACH) {
            RegisteredPerson::User(self.user().await?)
        } else {
            let (fullname, email) = (Some(fullname(number)), Some(email(number)));
            RegisteredPerson::Temporary(TemporaryPerson {
                fullname,
                email,
                ..TemporaryPerson::default()
            })
        };
        let labels =
            LABELS.iter().enumerate().filter(|(index, _)| number.is_multiple_of(index + 2));
        let new = NewCandidate {
            group: Some(GROUPS[number % GROUPS.len()].to_owned()),
            labels: labels.map(|(_, label)| (*label).to_owned()).collect(),
            tags: BTreeMap::from([("City".to_owned(), CITIES[number % CITIES.len()].to_owned())]),
            external_id: (!number.is_multiple_of(4)).then(|| format!("EMP-{}", 1000 + number)),
            invitation: is_invited
                .then(|| Invitation { template: INVITATION.to_owned(), at: None }),
            ..NewCandidate::of(person)
        };
        self.app.candidates().create_candidate(&self.caller, task, new).await
    }

    async fn user(&self) -> Result<UserId, Failure> {
        let new = NewUser {
            username: email(self.number),
            fullname: Some(fullname(self.number)),
            email: Some(email(self.number)),
            ..NewUser::default()
        };
        Ok(self.app.users().create_user(&self.caller, new).await?.id)
    }

    async fn start(
        &self,
        step: &StepId,
        visitor: &CandidateSession,
        attempt: u64,
    ) -> Result<DemoCandidate<'_>, Failure> {
        DemoCandidate::start(self.app, self.clock, visitor, step, attempt, self.number as u64).await
    }

    async fn follow(
        &self,
        task: &TaskId,
        step: &StepId,
        visitor: &CandidateSession,
        course: CandidateScript,
    ) -> Result<(), Failure> {
        let mut sitter = self.start(step, visitor, 1).await?;
        if matches!(
            course,
            CandidateScript::LeavesOpen | CandidateScript::RunsOut | CandidateScript::IsClosed
        ) {
            let some = sitter.pages().div_ceil(2);
            let writes = sitter.answer_pages(some).await?;
            sitter.save(writes).await?;
            let instance = sitter.instance;
            return self.interrupt(task, &instance, course).await;
        }
        let instance = sitter.finish().await?;
        self.clock.pass(900);
        match course {
            CandidateScript::IsReopened => self.reopen(task, &instance).await,
            CandidateScript::IsIgnored => self.ignore(task, &instance).await,
            CandidateScript::IsEvaluated => self.evaluate(task, &instance).await,
            CandidateScript::ComesTwice => {
                self.start(step, visitor, 2).await?.finish().await.map(|_| ())
            }
            CandidateScript::ComesAgain => {
                self.ignore(task, &instance).await?;
                self.start(step, visitor, 2).await?.finish().await.map(|_| ())
            }
            _ => Ok(()),
        }
    }

    /// What becomes of a test that the person did not submit.
    async fn interrupt(
        &self,
        task: &TaskId,
        instance: &InstanceId,
        course: CandidateScript,
    ) -> Result<(), Failure> {
        match course {
            CandidateScript::RunsOut => {
                self.clock.pass(LIMIT_SECONDS);
                self.app.delivery().sweep_deadlines().await.map(|_| ())
            }
            CandidateScript::IsClosed => {
                self.app.instances().force_close(&self.caller, task, instance).await.map(|_| ())
            }
            _ => Ok(()),
        }
    }

    async fn ignore(&self, task: &TaskId, instance: &InstanceId) -> Result<(), Failure> {
        let reason = Some("fire_drill".to_owned());
        self.app.instances().ignore(&self.caller, task, instance, reason).await.map(|_| ())
    }

    async fn reopen(&self, task: &TaskId, instance: &InstanceId) -> Result<(), Failure> {
        let how = Reinstatement {
            client_token: format!("reopen-{instance}"),
            pages: None,
            start: None,
            time: BTreeMap::new(),
            reason: "technical_problem".to_owned(),
        };
        self.app.instances().reinstate(&self.caller, task, instance, how).await.map(|_| ())
    }

    /// A person reads what waits and gives percentages.
    async fn evaluate(&self, task: &TaskId, instance: &InstanceId) -> Result<(), Failure> {
        let query = WaitingAnswersQuery { task: Some(task.clone()), limit: 1000 };
        let waiting = self.app.evaluation().waiting_answers(&self.caller, query).await?;
        let percentage =
            Decimal::from(i64::try_from(30 + self.number * 7 % 65).unwrap_or_default());
        let judge = |slot, seq| NewEvaluation {
            slot,
            seq,
            score: NewScore::Percentage(percentage),
            method: None,
            comment: Some("Clear and friendly; the dates are missing.".to_owned()),
            feedback: None,
        };
        let own = waiting.into_iter().filter(|answer| answer.instance == *instance);
        let list: Vec<_> = own.map(|answer| judge(answer.slot, answer.seq)).collect();
        if list.is_empty() {
            return Ok(());
        }
        let request =
            EvaluationBatch { client_token: format!("evaluate-{instance}"), list, note: None };
        self.app.evaluation().evaluate(&self.caller, task, instance, request).await.map(|_| ())
    }
}
