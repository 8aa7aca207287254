//! One candidate's walk: the requests that the page in a browser would make, at the moments of the
//! timetable.
//!
//! Keeps a ledger of what the server acknowledged, to be held against what the server has
//! afterwards. A request that was not answered, or with 429 or a fault of the server, is sent again
//! with the same numbers, as a page does.

use crate::connection_pool::ServerConnection;
use crate::exam_schedule::CandidateAction;
use crate::http::{LoadReply, LoadRequest};
use crate::request_samples::{RequestKind, RequestSample};
use crate::rng::LoadRng;
use crate::test_document::{DeliveredDocument, DeliveredPage};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io;
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

const PAUSE_BEFORE_ANOTHER_TRY: Duration = Duration::from_secs(1);

/// What the server has acknowledged to one candidate.
#[derive(Debug, Default)]
pub struct AcknowledgedWrites {
    pub token: String,
    pub instance: Option<String>,
    /// Sequence number and response by slot.
    pub stored: BTreeMap<u32, (u64, Value)>,
    /// Number and digest of the last receipt.
    pub last: Option<(u64, String)>,
    /// A write went out whose fate is unknown: more may be kept than was acknowledged.
    pub is_uncertain: bool,
    pub completed: bool,
}

/// Why a candidate went no further.
#[derive(Debug)]
pub enum AbortReason {
    Refused { kind: RequestKind, status: u16, body: String },
    NoReply { kind: RequestKind, fault: io::Error },
    Strange { kind: RequestKind, what: String },
}

pub struct LoadCandidate {
    pub code: String,
    pub acts: Vec<(Duration, CandidateAction)>,
    pub line: ServerConnection,
    pub chance: LoadRng,
    pub begin: Instant,
    /// How long a request is tried again.
    pub patience: Duration,
    pub samples: Vec<RequestSample>,
    /// How late the generator itself was at each act.
    pub lags: Vec<Duration>,
    pub ledger: AcknowledgedWrites,
    sequence: u64,
    page: Option<DeliveredPage>,
    answered_on_page: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SessionReply {
    token: String,
}

#[derive(Deserialize)]
struct StepsReply {
    steps: Vec<StepReply>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StepReply {
    step_id: String,
    is_open: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StartReply {
    instance_id: String,
}

#[derive(Deserialize)]
struct SaveReply {
    acknowledgements: Vec<WriteReplyEntry>,
}

#[derive(Deserialize)]
struct WriteReplyEntry {
    slot: u32,
    seq: u64,
    outcome: Option<String>,
    n: Option<u64>,
    digest: Option<String>,
    refused: Option<Value>,
}

#[derive(Deserialize)]
struct CompleteReply {
    receipt: ReceiptReply,
}

#[derive(Deserialize)]
struct ReceiptReply {
    n: u64,
    digest: String,
}

impl LoadCandidate {
    pub fn new(
        code: String,
        acts: Vec<(Duration, CandidateAction)>,
        line: ServerConnection,
        chance: LoadRng,
        begin: Instant,
    ) -> Self {
        let samples = Vec::with_capacity(acts.len() + 8);
        let lags = Vec::with_capacity(acts.len());
        Self {
            code,
            acts,
            line,
            chance,
            begin,
            patience: Duration::from_secs(30),
            samples,
            lags,
            ledger: AcknowledgedWrites::default(),
            sequence: 0,
            page: None,
            answered_on_page: 0,
        }
    }

    /// Sits the whole exam.
    pub async fn take_exam(&mut self) -> Result<(), AbortReason> {
        // When the last reply came, and when the page was shown that is answered now.
        let (mut free, mut shown) = (self.begin, self.begin);
        for (moment, act) in std::mem::take(&mut self.acts) {
            let due = self.begin + moment;
            sleep_until(due).await;
            self.lags.push(due.max(free).elapsed());
            // An answer is wished on time, though the one before may still be on its way, but not
            // before its page is there.
            let wished = due.max(if act == CandidateAction::Answer { shown } else { free });
            match act {
                CandidateAction::Enter => self.enter(wished).await?,
                CandidateAction::Turn(page) => self.turn(page, wished).await?,
                CandidateAction::Answer => self.answer(wished).await?,
                CandidateAction::HandIn => self.hand_in(wished).await?,
            }
            free = Instant::now();
            if act != CandidateAction::Answer {
                shown = free;
            }
        }
        Ok(())
    }

    async fn enter(&mut self, wished: Instant) -> Result<(), AbortReason> {
        let body = json!({ "invitationCode": self.code }).to_string();
        let session: SessionReply =
            self.post(RequestKind::Enter, wished, "/api/delivery/v1/enter", &body).await?;
        self.ledger.token = session.token;
        let steps: StepsReply = self.get(RequestKind::Steps, "/api/delivery/v1/steps").await?;
        let open = steps.steps.into_iter().find(|step| step.is_open);
        let Some(step) = open else {
            return Err(AbortReason::Strange {
                kind: RequestKind::Steps,
                what: "no step is open".to_owned(),
            });
        };
        let path = format!("/api/delivery/v1/steps/{}/start", step.step_id);
        let started: StartReply = self
            .post(RequestKind::Start, Instant::now(), &path, r#"{"clientToken":"exam-start"}"#)
            .await?;
        self.ledger.instance = Some(started.instance_id);
        self.turn(1, Instant::now()).await
    }

    async fn turn(&mut self, page: u32, wished: Instant) -> Result<(), AbortReason> {
        let body = json!({ "page": page, "confirm": true }).to_string();
        let _: Value = self.post(RequestKind::Page, wished, &self.path("page"), &body).await?;
        let test: DeliveredDocument = self.get(RequestKind::Test, &self.path("test")).await?;
        self.page = test.pages.into_iter().find(|shown| shown.page_no == page);
        self.answered_on_page = 0;
        Ok(())
    }

    async fn answer(&mut self, wished: Instant) -> Result<(), AbortReason> {
        let strange =
            |what: &str| AbortReason::Strange { kind: RequestKind::Save, what: what.to_owned() };
        let page = self.page.as_ref().filter(|page| !page.questions.is_empty());
        let questions = &page.ok_or_else(|| strange("the page has no questions"))?.questions;
        // Who is through with the page goes over it again.
        let question = &questions[self.answered_on_page % questions.len()];
        let (slot, response) = (question.slot, question.response(&mut self.chance));
        self.answered_on_page += 1;
        self.sequence += 1;
        let seq = self.sequence;
        let body =
            json!({ "writes": [{ "slot": slot, "seq": seq, "response": response }] }).to_string();
        self.ledger.is_uncertain = true;
        let saved: SaveReply =
            self.post(RequestKind::Save, wished, &self.path("answers"), &body).await?;
        let [acknowledged] = &saved.acknowledgements[..] else {
            return Err(strange("not one acknowledgement for one write"));
        };
        let WriteReplyEntry { n: Some(n), digest: Some(digest), outcome: Some(outcome), .. } =
            acknowledged
        else {
            return Err(strange(&format!("a write was refused: {:?}", acknowledged.refused)));
        };
        let is_kept = matches!(outcome.as_str(), "kept" | "repeated");
        if !is_kept || (acknowledged.slot, acknowledged.seq) != (slot, seq) {
            return Err(strange("an acknowledgement of something else"));
        }
        self.ledger.is_uncertain = false;
        self.ledger.last = Some((*n, digest.clone()));
        self.ledger.stored.insert(slot, (seq, response));
        Ok(())
    }

    async fn hand_in(&mut self, wished: Instant) -> Result<(), AbortReason> {
        let body = r#"{"clientToken":"exam-complete","confirm":true}"#;
        let completed: CompleteReply =
            self.post(RequestKind::Complete, wished, &self.path("complete"), body).await?;
        self.ledger.completed = true;
        let receipt = completed.receipt;
        let last = self.ledger.last.as_ref();
        if last.is_some_and(|(n, digest)| (*n, digest) != (receipt.n, &receipt.digest)) {
            let what =
                format!("the receipt is not of the last acknowledged write: {} writes", receipt.n);
            return Err(AbortReason::Strange { kind: RequestKind::Complete, what });
        }
        Ok(())
    }

    fn path(&self, what: &str) -> String {
        format!(
            "/api/delivery/v1/instances/{}/{what}",
            self.ledger.instance.as_deref().unwrap_or_default()
        )
    }

    async fn get<T: serde::de::DeserializeOwned>(
        &mut self,
        kind: RequestKind,
        path: &str,
    ) -> Result<T, AbortReason> {
        let reply = self.ask(kind, Instant::now(), "GET", path, None).await?;
        reply.json().map_err(|fault| AbortReason::Strange { kind, what: fault.to_string() })
    }

    async fn post<T: serde::de::DeserializeOwned>(
        &mut self,
        kind: RequestKind,
        wished: Instant,
        path: &str,
        body: &str,
    ) -> Result<T, AbortReason> {
        let reply = self.ask(kind, wished, "POST", path, Some(body)).await?;
        reply.json().map_err(|fault| AbortReason::Strange { kind, what: fault.to_string() })
    }

    async fn ask(
        &mut self,
        kind: RequestKind,
        mut wished: Instant,
        method: &'static str,
        path: &str,
        body: Option<&str>,
    ) -> Result<LoadReply, AbortReason> {
        let until = Instant::now() + self.patience;
        loop {
            let token = Some(self.ledger.token.as_str()).filter(|token| !token.is_empty());
            let replied = self.line.exchange(&LoadRequest { method, path, token, body }).await;
            let status = replied.as_ref().map_or(0, |reply| reply.status);
            self.samples.push(RequestSample::of(kind, status, self.begin, wished));
            let pause = match replied {
                Ok(reply) if status == 200 => return Ok(reply),
                Ok(reply) if Instant::now() > until || !(status == 429 || status >= 500) => {
                    let body = String::from_utf8_lossy(&reply.body).into_owned();
                    return Err(AbortReason::Refused { kind, status, body });
                }
                Err(fault) if Instant::now() > until => {
                    return Err(AbortReason::NoReply { kind, fault });
                }
                Ok(reply) => {
                    reply.retry_after.map_or(PAUSE_BEFORE_ANOTHER_TRY, Duration::from_secs)
                }
                Err(_) => PAUSE_BEFORE_ANOTHER_TRY,
            };
            sleep(pause).await;
            wished = Instant::now();
        }
    }
}

impl std::fmt::Display for AbortReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused { kind, status, body } => write!(f, "{}: {status} {body}", kind.as_str()),
            Self::NoReply { kind, fault } => write!(f, "{}: {fault}", kind.as_str()),
            Self::Strange { kind, what } => write!(f, "{}: {what}", kind.as_str()),
        }
    }
}
