//! The digest of everything a result version depends on.

use super::ScoringInputs;
use crate::compile::ENGINE_VERSION;
use crate::compile::random::Seed;
use crate::json::JsonNode;
use crate::time_factor::TimeFactor;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// SHA-256 of one canonical JSON text that names the frozen document (by the SHA-256 of its stored
/// form), seed, time factor, engine version, answers, evaluations and corrections. Equal inputs
/// give equal digests.
#[must_use]
pub fn inputs_digest(
    document: &[u8; 32],
    seed: &Seed,
    factor: TimeFactor,
    inputs: &ScoringInputs,
) -> [u8; 32] {
    let mut text = String::from("{\"answers\":[");
    for (index, (slot, answer)) in inputs.answers.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let _ = write!(text, "{comma}[{slot},{},{}]", answer.seq, answer.response.canonical());
    }
    let _ = write!(
        text,
        "],\"corrections\":{},\"document\":\"{}\"",
        canonical(&inputs.corrections),
        hex::encode(document)
    );
    let evaluations: Vec<_> = inputs.evaluations.iter().collect();
    let _ =
        write!(text, ",\"engine\":{ENGINE_VERSION},\"evaluations\":{}", canonical(&evaluations));
    let _ =
        write!(text, ",\"factor\":{},\"seed\":\"{}\"}}", factor.hundredths(), hex::encode(seed.0));
    Sha256::digest(text.as_bytes()).into()
}

fn canonical(value: &impl Serialize) -> String {
    let text = serde_json::to_string(value).expect("corrections and evaluations always serialise");
    JsonNode::parse(text.as_bytes(), 64).map_or(text, |node| node.canonical())
}
