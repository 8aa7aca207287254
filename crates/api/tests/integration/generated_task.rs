//! Generated tasks: random candidates and instances written as rows, with all states, kinds,
//! external ids and several attempts. What was generated is known, so that every answer can be
//! compared with it.

use app::users::NewUser;
use domain::decimal::Decimal;
use domain::id::{CandidateId, InstanceId};
use domain::instance::{CandidateKind, InstanceChange, InstanceState};
use domain::scoring::ScoringResult;
use domain::scoring::outcome::{
    DimensionFigure, EffectFigure, SectionFigure, SubDimensionFigure, SubEffectFigure,
};
use domain::scoring::scoreboard::Scoreboard;
use domain::time::Timestamp;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use storage::candidate::CandidateRow;
use storage::instance::InstanceRow;
use storage::{StorageError, Transaction};
use testkit::{TaskWithSteps, TestServer, V1, temporary};
use tokio::runtime::Runtime;

const STEPS: usize = 3;
const USERS: usize = 3;
const PEOPLE: usize = 6;

/// A server with a runtime of its own, for properties.
pub struct PropertyServer {
    pub server: TestServer,
    pub runtime: Runtime,
    pub users: Vec<String>,
    rolls: AtomicUsize,
}

impl PropertyServer {
    pub fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (server, users) = runtime.block_on(async {
            let server = TestServer::new().await;
            let mut users = Vec::new();
            for number in 0..USERS {
                let new = NewUser { username: format!("user-{number}"), ..NewUser::default() };
                let user =
                    server.test_app.app.users().create_user(&server.operator(), new).await.unwrap();
                users.push(user.id.to_string());
            }
            (server, users)
        });
        Self { server, runtime, users, rolls: AtomicUsize::new(0) }
    }

    /// Writes a generated task into the server.
    pub fn write(&self, plan: &TaskPlan) -> GeneratedTask {
        let number = self.rolls.fetch_add(1, Ordering::SeqCst);
        self.runtime.block_on(plan.write(self, number))
    }
}

/// What a task is to hold.
#[derive(Clone, Debug)]
pub struct TaskPlan {
    folder: String,
    rows: Vec<InstancePlan>,
}

#[derive(Clone, Debug)]
struct InstancePlan {
    /// The first [`USERS`] are users, the others temporary.
    person: usize,
    step: usize,
    state: InstanceState,
    ignored: bool,
    external_id: Option<String>,
    group: String,
    labels: Vec<String>,
    tags: BTreeMap<String, String>,
    completed_at: i64,
    figures: PlannedFigures,
}

/// Points in units of 10^-12, maxima in units of 10^-6.
#[derive(Clone, Debug)]
struct PlannedFigures {
    sections: Vec<(i64, i64, u32)>,
    dimensions: Vec<(String, i64, i64, u32)>,
    effects: Vec<(String, i64)>,
}

/// A generated task in the server.
#[derive(Clone, Debug)]
pub struct GeneratedTask {
    pub task: String,
    pub rows: Vec<GeneratedInstance>,
    pub people: Vec<String>,
}

/// What is known of an instance, in creation order.
#[derive(Clone, Debug)]
pub struct GeneratedInstance {
    pub id: String,
    pub ticket: String,
    pub owner: String,
    pub external_id: Option<String>,
    pub state: InstanceState,
    pub ignored: bool,
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just("north".to_owned()), "[ -~]{1,12}", "[^\0]{1,8}"]
}

fn external_id() -> impl Strategy<Value = Option<String>> {
    let existing = ["EMP-1", "emp-1", "EMP-1 ", "A&B 1+1", "100%", "\u{1f600}=\"?#", "\u{130}"];
    prop_oneof![
        Just(None),
        prop::sample::select(existing.to_vec()).prop_map(|id| Some(id.to_owned()))
    ]
}

fn figures() -> impl Strategy<Value = PlannedFigures> {
    let points = prop_oneof![
        Just(0),
        -5_000_000..5_000_000_i64,
        -100_000_000_000_000_000..100_000_000_000_000_000_i64
    ];
    let points = (points, prop::sample::select(vec![1_i64, 1_000_000]))
        .prop_map(|(units, coarse)| units / coarse * coarse);
    let maximum = prop_oneof![Just(0), 0..50_000_000_i64, Just(8_000_000)];
    let section = (points.clone(), maximum.clone(), 0..40_u32);
    let dimension = (text(), points.clone(), maximum, 0..40_u32);
    let effect = (text(), points);
    (
        prop::collection::vec(section, 1..4),
        prop::collection::vec(dimension, 0..3),
        prop::collection::vec(effect, 0..3),
    )
        .prop_map(|(sections, dimensions, effects)| PlannedFigures {
            sections,
            dimensions,
            effects,
        })
}

fn row() -> impl Strategy<Value = InstancePlan> {
    let state = prop_oneof![
        Just(InstanceState::Started),
        Just(InstanceState::Resetup),
        Just(InstanceState::Complete),
        Just(InstanceState::Complete)
    ];
    let who = (0..PEOPLE, 0..STEPS, state, any::<bool>(), external_id());
    let copies = (
        text(),
        prop::collection::vec(text(), 0..3),
        prop::collection::btree_map(text(), text(), 0..3),
    );
    (who, copies, 0..253_402_300_800_i64, figures()).prop_map(
        |(
            (person, step, state, ignored, external_id),
            (group, labels, tags),
            completed_at,
            figures,
        )| InstancePlan {
            person,
            step,
            state,
            ignored,
            external_id,
            group,
            labels,
            tags,
            completed_at,
            figures,
        },
    )
}

/// A task of up to so many instances.
pub fn plan(most: usize) -> impl Strategy<Value = TaskPlan> {
    (text(), prop::collection::vec(row(), 0..=most))
        .prop_map(|(folder, rows)| TaskPlan { folder, rows }.settled())
}

impl TaskPlan {
    /// As the rules demand: one open instance of a step for each candidate, ignored ones complete.
    fn settled(mut self) -> Self {
        let mut open = BTreeSet::new();
        for row in &mut self.rows {
            if row.state.is_open() && !open.insert((row.person, row.step)) {
                row.state = InstanceState::Complete;
            }
            row.ignored &= !row.state.is_open();
        }
        self
    }

    async fn write(&self, hall: &PropertyServer, number: usize) -> GeneratedTask {
        let placed = hall.server.task(STEPS).await;
        let people = self.write_people(hall, &placed, number).await;
        let digest = hall
            .server
            .test_app
            .app
            .test_library()
            .list_tests(&hall.server.operator(), false)
            .await
            .unwrap()[0]
            .digest;
        let mut rows = Vec::new();
        for (index, planned) in self.rows.iter().enumerate() {
            let owner = hall.users.get(planned.person).unwrap_or(&people[planned.person]).clone();
            let row = planned.instance(
                &hall.server,
                &placed,
                number,
                index,
                (&people[planned.person], &owner),
            );
            rows.push(InstanceRow { folder: self.folder.clone(), document_digest: digest, ..row });
        }
        let existing = rows.iter().map(GeneratedInstance::of).collect();
        let task = placed.id.clone();
        let write = move |tx: &mut dyn Transaction| -> Result<(), StorageError> {
            for row in &rows {
                let ordinal = storage::task::next_ordinal(tx, &task)?.unwrap();
                let revision = storage::task::next_revision(tx, &task, row.changed_at)?.unwrap();
                storage::instance::insert(tx, &InstanceRow { ordinal, revision, ..row.clone() })?;
            }
            Ok(())
        };
        hall.server.test_app.storage.write(write).await.unwrap();
        GeneratedTask { task: placed.id.to_string(), rows: existing, people }
    }

    async fn write_people(
        &self,
        hall: &PropertyServer,
        placed: &TaskWithSteps,
        number: usize,
    ) -> Vec<String> {
        let server = &hall.server;
        let sample = server.candidate(&placed.id, temporary(None)).await.id;
        let (organization, task) = (server.test_app.organization.clone(), placed.id.clone());
        let users = hall.users.clone();
        let write = move |tx: &mut dyn Transaction| -> Result<Vec<String>, StorageError> {
            let sample = storage::candidate::find(tx, &organization, &task, &sample)?.unwrap();
            (0..PEOPLE)
                .map(|person| {
                    let user = users.get(person).map(|user| user.as_str().into());
                    let kind =
                        if user.is_some() { CandidateKind::User } else { CandidateKind::Temp };
                    let id = CandidateId::from(format!("Ca{number}-{person}"));
                    let ordinal = storage::task::next_candidate_ordinal(tx, &task)?.unwrap();
                    let row = CandidateRow {
                        id: id.clone(),
                        ordinal,
                        kind,
                        user_id: user,
                        invitation_code: Some(format!("{number}-{person}")),
                        ..sample.clone()
                    };
                    storage::candidate::insert(tx, &row).map(|()| id.to_string())
                })
                .collect()
        };
        server.test_app.storage.write(write).await.unwrap()
    }
}

impl InstancePlan {
    fn instance(
        &self,
        server: &TestServer,
        placed: &TaskWithSteps,
        roll: usize,
        index: usize,
        who: (&str, &str),
    ) -> InstanceRow {
        let completed_at =
            (!self.state.is_open()).then_some(Timestamp(self.completed_at * 1000 + 999));
        let outcome = self.figures.outcome();
        let (candidate, owner) = who;
        InstanceRow {
            // Ids that do not sort in creation order.
            id: InstanceId::from(format!("Ti{:05}-{roll}", index * 7919 % 10007)),
            organization_id: server.test_app.organization.clone(),
            task_id: placed.id.clone(),
            step_id: placed.steps[self.step].clone(),
            candidate_id: candidate.into(),
            ordinal: 0,
            revision: 0,
            change_kind: InstanceChange::Started,
            changed_at: server.test_app.app.now(),
            state: self.state,
            ignored: self.ignored,
            closing: None,
            candidate_kind: if self.person < USERS {
                CandidateKind::User
            } else {
                CandidateKind::Temp
            },
            owner_id: owner.to_owned(),
            started_at: server.test_app.app.now(),
            completed_at,
            due_at: None,
            erased_at: None,
            ratio: None,
            result_number: i64::from(completed_at.is_some()),
            waiting: 0,
            engine_version: "1".into(),
            result_basic: completed_at.map(|at| outcome.basic_json(at)),
            document_digest: [0; 32],
            seed: vec![7; 32],
            time_factor: "1".into(),
            external_id: self.external_id.clone(),
            folder: String::new(),
            group_name: self.group.clone(),
            labels: serde_json::to_string(&self.labels).unwrap(),
            tags: serde_json::to_string(&self.tags).unwrap(),
            delivery: "{}".into(),
            result_detailed: completed_at.map(|at| outcome.detailed_json(at)),
        }
    }
}

impl GeneratedInstance {
    fn of(row: &InstanceRow) -> Self {
        Self {
            id: row.id.to_string(),
            ticket: row.candidate_id.to_string(),
            owner: row.owner_id.clone(),
            external_id: row.external_id.clone(),
            state: row.state,
            ignored: row.ignored,
        }
    }
}

fn decimal(units: i64, decimals: u32) -> Decimal {
    let (sign, units) = (if units < 0 { "-" } else { "" }, units.unsigned_abs());
    let one = 10_u64.pow(decimals);
    let width = decimals as usize;
    Decimal::parse(&format!("{sign}{}.{:0width$}", units / one, units % one)).unwrap()
}

fn board(points: Decimal, maximum: Decimal, questions: u32) -> Scoreboard {
    Scoreboard { points, maximum, ratio: points.divide_round6(maximum), questions }
}

impl PlannedFigures {
    fn outcome(&self) -> ScoringResult {
        let scale = |(points, maximum, questions): (i64, i64, u32)| {
            board(decimal(points, 12), decimal(maximum, 6), questions)
        };
        let sections: Vec<_> = self.sections.iter().map(|section| scale(*section)).collect();
        let (mut points, mut maximum) = (Decimal::ZERO, Decimal::ZERO);
        for section in &sections {
            points += section.points;
            maximum += section.maximum;
        }
        let questions = sections.iter().map(|section| section.questions).sum();
        ScoringResult {
            scoreboard: board(points, maximum, questions),
            sections: sections.into_iter().enumerate().map(section).collect(),
            dimensions: self
                .dimensions
                .iter()
                .map(|(name, p, m, q)| dimension(name, scale((*p, *m, *q))))
                .collect(),
            effects: self
                .effects
                .iter()
                .map(|(name, score)| effect(name, decimal(*score, 12)))
                .collect(),
            slots: Vec::new(),
            waiting: 0,
            passed: None,
            level: None,
        }
    }
}

fn section((index, scoreboard): (usize, Scoreboard)) -> SectionFigure {
    SectionFigure { uuid: uuid::Uuid::from_u128(index as u128), scoreboard }
}

fn dimension(name: &str, scoreboard: Scoreboard) -> DimensionFigure {
    let subs = vec![SubDimensionFigure { name: name.to_owned(), scoreboard }];
    DimensionFigure { name: name.to_owned(), scoreboard, subs }
}

fn effect(name: &str, score: Decimal) -> EffectFigure {
    EffectFigure {
        name: name.to_owned(),
        score,
        subs: vec![SubEffectFigure { name: name.to_owned(), score }],
    }
}

impl GeneratedTask {
    /// The list's address, below which queries are put.
    pub fn list(&self) -> String {
        format!("{V1}/tasks/{}/test-instances", self.task)
    }

    pub fn ids(&self, fits: impl Fn(&GeneratedInstance) -> bool) -> Vec<String> {
        self.rows.iter().filter(|row| fits(row)).map(|row| row.id.clone()).collect()
    }
}
