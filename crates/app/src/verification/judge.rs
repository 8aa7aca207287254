//! Comparing what an instance publishes with what its kept inputs give.

use super::gather::VerificationSubject;
use super::{Difference, DifferenceAspect, VerificationTally};
use crate::audit::AuditContext;
use crate::caller::Actor;
use crate::failure::Failure;
use crate::versions::{
    ScoringContext, altered_copies, compile_inputs, inputs, new_version, stored_slots,
};
use domain::compile::{ENGINE_VERSION, compile};
use domain::id::{OrganizationId, RequestId};
use domain::instance::{InstanceState, VersionReason};
use domain::scoring::score;
use serde::Deserialize;
use serde_json::Value;
use storage::version::ResultVersionRow;

/// Adds what is wrong with an instance.
pub(super) fn verify_instance(
    found: &VerificationSubject,
    tally: &mut VerificationTally,
    differences: &mut Vec<Difference>,
) {
    tally.instances += 1;
    tally.events += found.events.count.unsigned_abs();
    tally.receipts += found.receipts.count;
    let mut wrong = Vec::new();
    events(found, &mut wrong);
    start(found, &mut wrong);
    receipts(found, &mut wrong);
    if let Err(failure) = result(found, tally, &mut wrong) {
        wrong.push((DifferenceAspect::Unreadable, failure.to_string()));
    }
    differences.extend(wrong.into_iter().map(|(aspect, detail)| Difference {
        aspect,
        organization: found.row.organization_id.clone(),
        task: Some(found.row.task_id.clone()),
        id: found.row.id.to_string(),
        detail,
    }));
}

type SubjectDifferences = Vec<(DifferenceAspect, String)>;

/// The chain, and that its end is there: the row's revision and the versions are each told by an
/// event.
fn events(found: &VerificationSubject, wrong: &mut SubjectDifferences) {
    let (row, events) = (&found.row, &found.events);
    let mut tell = |detail: String| wrong.push((DifferenceAspect::Events, detail));
    if let Some(n) = events.broken {
        return tell(format!("the instance's chain breaks at event {n}"));
    }
    if events.revision != row.revision {
        tell(format!(
            "the last change is revision {}, the events tell of {}",
            row.revision, events.revision
        ));
    }
    if events.versions != row.result_number {
        tell(format!(
            "there are {} versions, the events tell of {}",
            row.result_number, events.versions
        ));
    }
    if row.state == InstanceState::Complete && events.closing.is_none() {
        tell("no event tells of the completion".to_owned());
    }
    if row.erased_at.is_some() && !events.is_erased {
        tell("no event tells of the erasure".to_owned());
    }
    if row.ignored != events.is_ignored {
        tell(format!("ignored is {}, the events tell otherwise", row.ignored));
    }
}

/// ExactCandidateFilter the instance is and what it was made of: nothing of it changes after the start.
fn start(found: &VerificationSubject, wrong: &mut SubjectDifferences) {
    let (row, Some(start)) = (&found.row, &found.events.start) else { return };
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap_or(Value::Null);
    let (subject, detail) = (read(&start.subject), read(&start.detail));
    let same = [
        ("organization", start.organization == row.organization_id),
        ("task", subject["taskId"] == row.task_id.as_str()),
        ("step", subject["stepId"] == row.step_id.as_str()),
        ("candidate", subject["candidateId"] == row.candidate_id.as_str()),
        ("seed", detail["seed"] == hex::encode(&row.seed)),
        ("frozen test", detail["frozen"] == hex::encode(row.document_digest)),
    ];
    let other: Vec<_> = same.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect();
    if !other.is_empty() {
        wrong.push((DifferenceAspect::Rows, format!("it began with another {}", other.join(", "))));
    }
}

/// A completion's event.
#[derive(Deserialize)]
struct CompletionEvent {
    n: Option<u64>,
    digest: Option<String>,
}

fn receipts(found: &VerificationSubject, wrong: &mut SubjectDifferences) {
    let (row, receipts) = (&found.row, &found.receipts);
    if let Some(n) = receipts.broken {
        wrong.push((DifferenceAspect::Receipts, format!("the chain of receipts breaks at {n}")));
    }
    if receipts.emptied > 0 && row.erased_at.is_none() {
        wrong.push((
            DifferenceAspect::Receipts,
            format!("{} receipts are empty, and nobody was erased", receipts.emptied),
        ));
    }
    if row.erased_at.is_some() && receipts.emptied < receipts.count {
        wrong.push((
            DifferenceAspect::Receipts,
            "responses of an erased person are kept".to_owned(),
        ));
    }
    if !receipts.astray.is_empty() {
        wrong.push((
            DifferenceAspect::Answers,
            format!("the answers of the slots {:?} go by no receipt", receipts.astray),
        ));
    }
    let closing = found.events.closing.as_ref().filter(|_| row.state == InstanceState::Complete);
    let Some(closing) =
        closing.and_then(|detail| serde_json::from_str::<CompletionEvent>(detail).ok())
    else {
        return;
    };
    let ends = receipts.count;
    if closing.n.is_some_and(|handed_in| handed_in != ends) {
        wrong.push((
            DifferenceAspect::Receipts,
            format!("{:?} receipts were handed in, {ends} are kept", closing.n),
        ));
    } else if let (Some(handed_in), Some(last)) = (&closing.digest, receipts.last)
        && *handed_in != hex::encode(last)
    {
        wrong.push((
            DifferenceAspect::Receipts,
            "the last receipt is not the one that was handed in".to_owned(),
        ));
    }
}

fn result(
    found: &VerificationSubject,
    tally: &mut VerificationTally,
    wrong: &mut SubjectDifferences,
) -> Result<(), Failure> {
    let row = &found.row;
    if found.document.is_none() {
        wrong.push((
            DifferenceAspect::Document,
            "the frozen test is missing, was altered or does not read".to_owned(),
        ));
    }
    let number = found.latest.as_ref().map_or(0, |latest| latest.number);
    if found.versions != number || row.result_number != number {
        let detail = format!(
            "version {} is published, {} are kept up to number {number}",
            row.result_number, found.versions
        );
        wrong.push((DifferenceAspect::Version, detail));
    }
    // An open instance publishes nothing, whether it was complete before or not.
    if row.state.is_open() {
        return Ok(());
    }
    let Some(latest) = &found.latest else {
        wrong.push((DifferenceAspect::Version, "a completed instance has no version".to_owned()));
        return Ok(());
    };
    let is_of_another_engine = latest.engine_version != ENGINE_VERSION.to_string();
    // Figures of an older engine are compared only, so nobody may pass others off as those of one
    // that never was.
    if !latest
        .engine_version
        .parse()
        .is_ok_and(|version: u32| (1..=ENGINE_VERSION).contains(&version))
    {
        let detail = format!(
            "version {} is of an engine {} that never was",
            latest.number, latest.engine_version
        );
        wrong.push((DifferenceAspect::Version, detail));
    }
    if row.erased_at.is_some() || is_of_another_engine || found.is_to_be_corrected {
        tally.compared_only += 1;
        return compare(found, latest, wrong);
    }
    if found.document.is_some() {
        compute(found, latest, wrong)
    } else {
        compare(found, latest, wrong)
    }
}

/// Computes the result and compares the version with it, and the row's copies with both.
fn compute(
    found: &VerificationSubject,
    latest: &ResultVersionRow,
    wrong: &mut SubjectDifferences,
) -> Result<(), Failure> {
    let (row, document) = (&found.row, found.document.as_ref());
    let document = document.ok_or_else(|| Failure::internal("computed without a document"))?;
    let made_from = compile_inputs(&row.document_digest, &row.seed, &row.time_factor)?;
    let compiled =
        compile(document, &made_from.seed, made_from.factor).map_err(Failure::internal)?;
    let answers = inputs::answers_from_receipts(found.counted.iter().cloned(), &compiled)?;
    let inputs = inputs::of_rows(answers, &found.evaluations, &found.corrections)?;
    let outcome = score(&compiled, &inputs);
    let act = ScoringContext {
        actor: &NoActor,
        now: latest.at,
        reason: VersionReason::Rescored,
        note: None,
    };
    let fresh = new_version(row, &inputs, &outcome, &act)?;
    if stored_slots::differs(latest, &fresh)? {
        wrong.push((
            DifferenceAspect::Version,
            format!("version {} is not what the kept inputs give", latest.number),
        ));
    } else if latest.inputs_digest != fresh.inputs_digest && !found.events.is_rescored {
        wrong.push((
            DifferenceAspect::Inputs,
            format!("the inputs of version {} have another digest", latest.number),
        ));
    }
    let altered = altered_copies(row, latest.number, &outcome);
    if !altered.is_empty() {
        wrong.push((
            DifferenceAspect::Published,
            format!("published otherwise than computed: {}", altered.join(", ")),
        ));
    }
    Ok(())
}

/// Compares the row's copies with the version they are of: for what cannot be computed any more.
fn compare(
    found: &VerificationSubject,
    latest: &ResultVersionRow,
    wrong: &mut SubjectDifferences,
) -> Result<(), Failure> {
    let row = &found.row;
    let read = |text: &str| serde_json::from_str::<Value>(text).map_err(Failure::internal);
    let detailed = read(&latest.detailed)?;
    let basic = read(row.result_basic.as_deref().unwrap_or("null"))?;
    let is_part = |basic: &Value| {
        let board = basic["scoreboard"].as_object();
        basic["completedAt"] == detailed["completedAt"]
            && board.is_some_and(|board| {
                board.iter().all(|(name, value)| detailed["scoreboard"][name] == *value)
            })
    };
    let ratio =
        domain::decimal::Decimal::parse(&detailed["scoreboard"]["achievementRatio"].to_string());
    let same = [
        ("detailed", row.result_detailed.as_deref() == Some(latest.detailed.as_str())),
        ("basic", is_part(&basic)),
        ("waiting", row.waiting == latest.waiting),
        ("ratio", row.ratio == ratio.and_then(domain::decimal::Decimal::millionths)),
    ];
    let altered: Vec<_> =
        same.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect();
    if !altered.is_empty() {
        wrong.push((
            DifferenceAspect::Published,
            format!("published otherwise than kept: {}", altered.join(", ")),
        ));
    }
    Ok(())
}

/// Whoever verifies does nothing that could be laid at somebody's door.
struct NoActor;

impl AuditContext for NoActor {
    fn organization(&self) -> &OrganizationId {
        unreachable!("nothing is recorded")
    }

    fn actor(&self) -> Actor {
        Actor::system()
    }

    fn request(&self) -> Option<&RequestId> {
        None
    }
}
