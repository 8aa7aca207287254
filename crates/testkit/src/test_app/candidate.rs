//! What a candidate does.

use super::TestApp;
use crate::fixtures::{CODE, NEIGHBOURS_CODE};
use app::Failure;
use app::caller::CandidateSession;
use app::delivery::answers::{SentWrite, WriteResult};
use app::delivery::complete::{SubmitRequest, SubmittedInstance};
use app::delivery::enter::{ClientContext, EntryCredentials, NewCandidateSession};
use app::delivery::page::{EnterPage, PageEntered};
use app::delivery::session_hash;
use domain::id::{InstanceId, RequestId};
use domain::json::JsonNode;
use std::net::IpAddr;

impl TestApp {
    pub async fn enter(&self) -> CandidateSession {
        let code = if self.task.as_str() == "Tk1" { CODE } else { NEIGHBOURS_CODE };
        candidate_session(
            &self.app.delivery().enter_by_code(&client_context(1), code).await.unwrap(),
        )
    }

    pub async fn enter_with(
        &self,
        from: u8,
        one: &str,
        two: Option<&str>,
    ) -> Result<NewCandidateSession, Failure> {
        let credentials =
            EntryCredentials { credential1: Some(one.into()), credential2: two.map(Into::into) };
        self.app.delivery().enter_task(&client_context(from), &self.task, credentials).await
    }

    pub async fn start(
        &self,
        visitor: &CandidateSession,
        token: &str,
    ) -> Result<InstanceId, Failure> {
        self.app
            .delivery()
            .start(visitor, &self.step, token)
            .await
            .map(|started| started.instance_id)
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
            .delivery()
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
        self.app.delivery().save_answers(visitor, instance, vec![write]).await.unwrap().remove(0)
    }

    pub async fn complete(
        &self,
        visitor: &CandidateSession,
        instance: &InstanceId,
        token: &str,
    ) -> Result<SubmittedInstance, Failure> {
        let request = SubmitRequest {
            client_token: token.into(),
            confirm: true,
            without_uploads: false,
            writes: Vec::new(),
        };
        self.app.delivery().submit_instance(visitor, instance, request).await
    }

    /// The slot of a question, wherever it was put.
    pub async fn slot(
        &self,
        visitor: &CandidateSession,
        instance: &InstanceId,
        question: &str,
    ) -> u32 {
        let view = self.app.delivery().test_view(visitor, instance).await.unwrap();
        let slot = view
            .compiled
            .slots
            .iter()
            .position(|slot| slot.question.key.as_str() == question)
            .unwrap();
        u32::try_from(slot).unwrap() + 1
    }
}

/// Where a request came from: an address that ends in this number.
pub fn client_context(last: u8) -> ClientContext {
    ClientContext {
        address: Some(IpAddr::from([192, 0, 2, last])),
        request: RequestId::from("Rq1"),
    }
}

/// The session of a candidate who has entered.
pub fn candidate_session(entered: &NewCandidateSession) -> CandidateSession {
    CandidateSession {
        token_hash: session_hash(&entered.token),
        address: None,
        request: RequestId::from("Rq1"),
    }
}

/// An answer to a slot; `response` is JSON.
pub fn write(slot: u32, seq: u64, response: &str) -> SentWrite {
    SentWrite { slot, seq, response: JsonNode::parse(response.as_bytes(), 8).unwrap() }
}
