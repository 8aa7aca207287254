//! A person of the demo at a test, page by page, as a browser would do it.

use super::clock::DemoClock;
use crate::simulated_candidate::SimulatedCandidate;
use app::caller::{Caller, CandidateSession};
use app::delivery::answers::SentWrite;
use app::delivery::complete::SubmitRequest;
use app::delivery::enter::{ClientContext, NewCandidateSession};
use app::delivery::page::EnterPage;
use app::delivery::session_hash;
use app::{App, Failure};
use domain::compile::model::CompiledTest;
use domain::id::{CandidateId, InstanceId, StepId, TaskId};
use domain::json::JsonNode;
use std::sync::Arc;

/// Answers nest far less.
const DEEPEST: usize = 8;
/// How often an imitated person is asked what must be answered.
const INSISTENCE: usize = 20;

/// A person with an open instance.
pub struct DemoCandidate<'demo> {
    app: &'demo App,
    clock: &'demo DemoClock,
    visitor: CandidateSession,
    person: SimulatedCandidate,
    pub instance: InstanceId,
    compiled: Arc<CompiledTest>,
    /// The last sequence number used.
    seq: u64,
}

/// Lets somebody in with an invitation code.
pub async fn enter_by_code(app: &App, code: &str) -> Result<CandidateSession, Failure> {
    let knock = ClientContext { address: None, request: app.new_id(app.now()) };
    Ok(visitor(app, &app.delivery().enter_by_code(&knock, code).await?))
}

/// Lets a user of the organization in.
pub async fn enter_as_user(
    app: &App,
    caller: &Caller,
    task: &TaskId,
    candidate: &CandidateId,
) -> Result<CandidateSession, Failure> {
    Ok(visitor(app, &app.delivery().impersonate_candidate(caller, task, candidate).await?))
}

fn visitor(app: &App, entered: &NewCandidateSession) -> CandidateSession {
    CandidateSession {
        token_hash: session_hash(&entered.token),
        address: None,
        request: app.new_id(app.now()),
    }
}

impl<'demo> DemoCandidate<'demo> {
    /// Starts a step, or goes on with it.
    pub async fn start(
        app: &'demo App,
        clock: &'demo DemoClock,
        visitor: &CandidateSession,
        step: &StepId,
        attempt: u64,
        person: u64,
    ) -> Result<Self, Failure> {
        let started = app.delivery().start(visitor, step, &format!("attempt-{attempt}")).await?;
        let instance = started.instance_id;
        let compiled = app.delivery().test_view(visitor, &instance).await?.compiled;
        let person = SimulatedCandidate::new(person * 31 + attempt);
        Ok(Self { app, clock, visitor: visitor.clone(), person, instance, compiled, seq: 0 })
    }

    /// Goes through the first pages, answering each when leaving it. Gives the answers to the last
    /// of them, unsent.
    pub async fn answer_pages(&mut self, pages: usize) -> Result<Vec<SentWrite>, Failure> {
        let mut writes = Vec::new();
        for page in 0..self.pages().min(pages) {
            let request = EnterPage { page: page as u32 + 1, confirm: true, writes };
            self.app.delivery().enter_page(&self.visitor, &self.instance, request).await?;
            self.clock.pass(40 + 15 * page as i64);
            writes = self.answers(page)?;
        }
        Ok(writes)
    }

    /// Sends answers; single refusals are passed over.
    pub async fn save(&self, writes: Vec<SentWrite>) -> Result<(), Failure> {
        self.app.delivery().save_answers(&self.visitor, &self.instance, writes).await.map(|_| ())
    }

    /// Works through everything and submits.
    pub async fn finish(mut self) -> Result<InstanceId, Failure> {
        let writes = self.answer_pages(usize::MAX).await?;
        let submit = SubmitRequest {
            client_token: format!("submit-{}", self.instance),
            confirm: true,
            without_uploads: false,
            writes,
        };
        self.app.delivery().submit_instance(&self.visitor, &self.instance, submit).await?;
        Ok(self.instance)
    }

    /// How many pages this candidate's test has.
    pub fn pages(&self) -> usize {
        self.compiled.pages.len()
    }

    fn answers(&mut self, page: usize) -> Result<Vec<SentWrite>, Failure> {
        let mut writes = Vec::new();
        for index in self.compiled.pages[page].slots.clone() {
            let slot = &self.compiled.slots[index];
            let tries = if slot.required { INSISTENCE } else { 1 };
            let response = (0..tries)
                .find_map(|_| self.person.answer(&slot.question, self.compiled.test.lang));
            let Some(response) = response else { continue };
            self.seq += 1;
            let response = JsonNode::parse(response.canonical().as_bytes(), DEEPEST)
                .map_err(Failure::internal)?;
            writes.push(SentWrite { slot: index as u32 + 1, seq: self.seq, response });
        }
        Ok(writes)
    }
}
