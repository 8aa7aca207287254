//! A candidate's page that saves answers one after another and remembers what was acknowledged.

use crate::acknowledgements::AcknowledgedWrite;
use crate::fixture::{SLOTS, SavingCandidate, is_choice};
use crate::http_client::{TestHttpClient, TestHttpReply};
use crate::test_rng::TestRng;
use serde_json::{Value, json};
use std::io;

/// One candidate at work.
pub struct Saver {
    pub seat: SavingCandidate,
    pub acknowledged: Vec<AcknowledgedWrite>,
    dice: TestRng,
    seq: u64,
    /// Sent, and what became of it is not known.
    pending: Option<Value>,
    /// The longest text it writes.
    longest: u64,
}

/// What became of a write.
pub enum SaveOutcome {
    Acknowledged,
    /// Nothing is known of it but that it was not promised.
    Refused(TestHttpReply),
}

impl Saver {
    pub fn new(seat: SavingCandidate, dice: TestRng, longest: u64) -> Self {
        Self { seat, acknowledged: Vec::new(), dice, seq: 0, pending: None, longest }
    }

    /// Sends a write and waits for its acknowledgement: the one that was interrupted again, or a
    /// new one.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn save(&mut self, line: &mut TestHttpClient) -> io::Result<SaveOutcome> {
        // A page may send the same again, or newer work that makes it needless.
        let again = self.pending.take().filter(|_| !self.dice.one_in(3));
        let write = again.unwrap_or_else(|| self.next_write());
        self.pending = Some(write.clone());
        let body = json!({ "writes": [write] });
        let reply = line.post(&self.seat.path("/answers"), &self.seat.token, &body).await?;
        if reply.status != 200 {
            return Ok(SaveOutcome::Refused(reply));
        }
        self.pending = None;
        self.note(&write, &reply.body["acknowledgements"][0]);
        Ok(SaveOutcome::Acknowledged)
    }

    fn note(&mut self, write: &Value, acknowledgement: &Value) {
        let (slot, seq) =
            (acknowledgement["slot"].as_u64().unwrap(), acknowledgement["seq"].as_u64().unwrap());
        let outcome = acknowledgement["outcome"]
            .as_str()
            .unwrap_or_else(|| panic!("{write} was refused: {acknowledgement}"));
        // One writer whose numbers rise is never overtaken.
        assert!(matches!(outcome, "kept" | "repeated"), "{write}: {acknowledgement}");
        assert_eq!((Some(slot), Some(seq)), (write["slot"].as_u64(), write["seq"].as_u64()));
        let digest = acknowledgement["digest"].as_str().unwrap().to_owned();
        self.acknowledged.push(AcknowledgedWrite {
            slot,
            seq,
            n: acknowledgement["n"].as_u64().unwrap(),
            digest,
        });
    }

    fn next_write(&mut self) -> Value {
        self.seq += 1 + self.dice.below(3);
        let slot = 1 + self.dice.below(SLOTS);
        let response = if is_choice(slot) {
            let choice = ["a", "b", "c"][usize::try_from(self.dice.below(3)).unwrap()];
            json!([choice])
        } else {
            let length = usize::try_from(self.dice.below(self.longest) + 1).unwrap();
            json!(format!("{} {}", self.seq, "é\"w\\".repeat(length / 4)))
        };
        json!({ "slot": slot, "seq": self.seq, "response": response })
    }

    /// After everything: the candidate comes back, finds every acknowledged answer, gives one more,
    /// and submits.
    pub async fn resume_and_submit(&mut self, line: &mut TestHttpClient) {
        let (seat, token) = (self.seat.clone(), self.seat.token.clone());
        let state = line.get(&seat.path(""), &token).await.unwrap().ok();
        assert_eq!(
            (state["state"].as_str(), state["currentPage"].as_u64()),
            (Some("STARTED"), Some(1)),
            "{state}"
        );
        for promised in &self.acknowledged {
            let stored = state["answers"]
                .as_array()
                .unwrap()
                .iter()
                .find(|stored| stored["slot"] == promised.slot)
                .unwrap();
            assert!(stored["seq"].as_u64().unwrap() >= promised.seq, "{promised:?}: {stored}");
        }
        while !matches!(self.save(line).await.unwrap(), SaveOutcome::Acknowledged) {}
        let submit = json!({ "clientToken": "submit", "confirm": true });
        let receipt =
            line.post(&seat.path("/complete"), &token, &submit).await.unwrap().ok()["receipt"]
                .clone();
        let last = self.acknowledged.last().unwrap();
        assert_eq!(
            (receipt["n"].as_u64(), receipt["digest"].as_str()),
            (Some(last.n), Some(last.digest.as_str()))
        );
    }
}
