//! A person of the demo at a test, page by page, as a browser would do it.

use super::clock::DemoClock;
use crate::imitation::Imitation;
use app::caller::{Caller, Visitor};
use app::delivery::answers::Write;
use app::delivery::complete::Submit;
use app::delivery::enter::{Entered, Knock};
use app::delivery::page::EnterPage;
use app::delivery::session_hash;
use app::{App, Failure};
use domain::compile::model::Compiled;
use domain::id::{CandidateId, InstanceId, StepId, TaskId};
use domain::json::Node;
use std::sync::Arc;

/// Answers nest far less.
const DEEPEST: usize = 8;
/// How often an imitated person is asked what must be answered.
const INSISTENCE: usize = 20;

/// A person with an open instance.
pub struct Sitter<'demo> {
    app: &'demo App,
    clock: &'demo DemoClock,
    visitor: Visitor,
    person: Imitation,
    pub instance: InstanceId,
    compiled: Arc<Compiled>,
    /// The last sequence number used.
    seq: u64,
}

/// Lets somebody in with an invitation code.
pub async fn enter_with(app: &App, code: &str) -> Result<Visitor, Failure> {
    let knock = Knock { address: None, request: app.mint(app.now()) };
    Ok(visitor(app, &app.enter_by_code(&knock, code).await?))
}

/// Lets a user of the organization in.
pub async fn enter_as(app: &App, caller: &Caller, task: &TaskId, candidate: &CandidateId) -> Result<Visitor, Failure> {
    Ok(visitor(app, &app.vouch_for(caller, task, candidate).await?))
}

fn visitor(app: &App, entered: &Entered) -> Visitor {
    Visitor { token_hash: session_hash(&entered.token), address: None, request: app.mint(app.now()) }
}

impl<'demo> Sitter<'demo> {
    /// Starts a step, or goes on with it.
    pub async fn start(
        app: &'demo App,
        clock: &'demo DemoClock,
        visitor: &Visitor,
        step: &StepId,
        attempt: u64,
        person: u64,
    ) -> Result<Self, Failure> {
        let started = app.start(visitor, step, &format!("attempt-{attempt}")).await?;
        let instance = started.instance_id;
        let compiled = app.test_view(visitor, &instance).await?.compiled;
        let person = Imitation::new(person * 31 + attempt);
        Ok(Self { app, clock, visitor: visitor.clone(), person, instance, compiled, seq: 0 })
    }

    /// Goes through the first pages, answering each when leaving it. Gives the answers to the last of them, unsent.
    pub async fn work(&mut self, pages: usize) -> Result<Vec<Write>, Failure> {
        let mut writes = Vec::new();
        for page in 0..self.pages().min(pages) {
            let asked = EnterPage { page: page as u32 + 1, confirm: true, writes };
            self.app.enter_page(&self.visitor, &self.instance, asked).await?;
            self.clock.pass(40 + 15 * page as i64);
            writes = self.answers(page)?;
        }
        Ok(writes)
    }

    pub async fn save(&self, writes: Vec<Write>) -> Result<(), Failure> {
        self.app.save_answers(&self.visitor, &self.instance, writes).await.map(|_| ())
    }

    /// Works through everything and submits.
    pub async fn finish(mut self) -> Result<InstanceId, Failure> {
        let writes = self.work(usize::MAX).await?;
        let submit =
            Submit { client_token: format!("submit-{}", self.instance), confirm: true, without_uploads: false, writes };
        self.app.complete(&self.visitor, &self.instance, submit).await?;
        Ok(self.instance)
    }

    pub fn pages(&self) -> usize {
        self.compiled.pages.len()
    }

    fn answers(&mut self, page: usize) -> Result<Vec<Write>, Failure> {
        let mut writes = Vec::new();
        for index in self.compiled.pages[page].slots.clone() {
            let slot = &self.compiled.slots[index];
            let tries = if slot.required { INSISTENCE } else { 1 };
            let response = (0..tries).find_map(|_| self.person.answer(&slot.question));
            let Some(response) = response else { continue };
            self.seq += 1;
            let response = Node::parse(response.canonical().as_bytes(), DEEPEST).map_err(Failure::internal)?;
            writes.push(Write { slot: index as u32 + 1, seq: self.seq, response });
        }
        Ok(writes)
    }
}
