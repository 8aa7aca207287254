//! After the exam: is everything that was acknowledged there, and nothing twice?

use crate::candidate::AcknowledgedWrites;
use crate::connection_pool::{ConnectionPool, ServerConnection};
use crate::http::{LoadRequest, ServerAddress};
use crate::staff::{StaffClient, send};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::task::JoinSet;

const ROWS: usize = 1000;
const AT_ONCE: usize = 32;

/// What was found wrong, in words; and how much was looked at.
#[derive(Debug, Default)]
pub struct VerifyFindings {
    pub faults: Vec<String>,
    pub instances: usize,
    pub complete: usize,
    pub answers: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VerifyListPage {
    test_instances: Vec<VerifyListRow>,
    pagination: VerifyPagination,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VerifyListRow {
    test_instance_id: String,
    ticket_id: String,
    status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VerifyPagination {
    total_items: usize,
    total_pages: usize,
}

#[derive(Deserialize)]
struct StoredAnswersReply {
    answers: Vec<StoredAnswerReply>,
}

#[derive(Deserialize)]
struct StoredAnswerReply {
    slot: u32,
    seq: u64,
    response: Value,
}

/// Holds the ledgers against what the server lists and keeps.
pub async fn verify(
    staff: &mut StaffClient,
    task: &str,
    ledgers: Vec<AcknowledgedWrites>,
    address: &Arc<ServerAddress>,
) -> anyhow::Result<VerifyFindings> {
    let rows = rows(staff, task).await?;
    let mut findings = listing(&rows, &ledgers);
    let pool = ConnectionPool::of(AT_ONCE);
    let ledgers = Arc::new(ledgers);
    let mut workers = JoinSet::new();
    for worker in 0..AT_ONCE {
        let (ledgers, mut line) = (ledgers.clone(), ServerConnection::shared(address, &pool));
        workers.spawn(async move {
            let mut found = VerifyFindings::default();
            for ledger in ledgers.iter().skip(worker).step_by(AT_ONCE) {
                check_stored_answers(&mut line, ledger, &mut found).await?;
            }
            anyhow::Ok(found)
        });
    }
    while let Some(found) = workers.join_next().await {
        let found = found??;
        findings.answers += found.answers;
        findings.faults.extend(found.faults);
    }
    Ok(findings)
}

async fn rows(staff: &mut StaffClient, task: &str) -> anyhow::Result<Vec<VerifyListRow>> {
    let mut rows = Vec::new();
    let mut page = 1;
    loop {
        let path = format!(
            "/api/integration/rest/v1/tasks/{task}/test-instances?limit={ROWS}&page={page}"
        );
        let listed: VerifyListPage = staff.get(&path).await?;
        rows.extend(listed.test_instances);
        if page >= listed.pagination.total_pages {
            anyhow::ensure!(
                rows.len() == listed.pagination.total_items,
                "the list's total is not its length"
            );
            return Ok(rows);
        }
        page += 1;
    }
}

fn listing(rows: &[VerifyListRow], ledgers: &[AcknowledgedWrites]) -> VerifyFindings {
    let mut faults = Vec::new();
    let listed: BTreeMap<&str, &str> =
        rows.iter().map(|row| (row.test_instance_id.as_str(), row.status.as_str())).collect();
    let candidates: BTreeSet<&str> = rows.iter().map(|row| row.ticket_id.as_str()).collect();
    if listed.len() < rows.len() || candidates.len() < rows.len() {
        faults.push(format!(
            "{} rows of {} instances and {} candidates",
            rows.len(),
            listed.len(),
            candidates.len()
        ));
    }
    for ledger in ledgers {
        let Some(instance) = ledger.instance.as_deref() else { continue };
        match listed.get(instance) {
            None => faults.push(format!("{instance} was started and is not listed")),
            Some(status) if ledger.completed && *status != "COMPLETE" => {
                faults.push(format!("{instance} was handed in and is {status}"));
            }
            Some(_) => {}
        }
    }
    let started = ledgers.iter().filter(|ledger| ledger.instance.is_some()).count();
    // A start whose reply was lost may have happened.
    if rows.len() > ledgers.len() || (started == ledgers.len() && rows.len() != started) {
        faults.push(format!("{} instances are listed, {started} were started", rows.len()));
    }
    let complete = rows.iter().filter(|row| row.status == "COMPLETE").count();
    VerifyFindings { faults, instances: rows.len(), complete, answers: 0 }
}

/// Compares one candidate's acknowledged answers with the kept ones.
async fn check_stored_answers(
    line: &mut ServerConnection,
    ledger: &AcknowledgedWrites,
    found: &mut VerifyFindings,
) -> anyhow::Result<()> {
    let Some(instance) = ledger.instance.as_deref() else { return Ok(()) };
    let path = format!("/api/delivery/v1/instances/{instance}/answers");
    let request =
        LoadRequest { method: "GET", path: &path, token: Some(&ledger.token), body: None };
    let stored: StoredAnswersReply = send(line, &request).await?;
    let count = stored.answers.len();
    let stored: BTreeMap<u32, (u64, Value)> = stored
        .answers
        .into_iter()
        .map(|answer| (answer.slot, (answer.seq, answer.response)))
        .collect();
    found.answers += ledger.stored.len();
    if stored.len() < count {
        found.faults.push(format!("{instance}: a slot has two answers"));
    }
    for (slot, acknowledged) in &ledger.stored {
        // What was sent last may have been kept without our having heard of it.
        let is_there = stored.get(slot).is_some_and(|stored| {
            stored == acknowledged || (ledger.is_uncertain && stored.0 > acknowledged.0)
        });
        if !is_there {
            found.faults.push(format!("{instance}: slot {slot} was acknowledged and is not kept"));
        }
    }
    if stored.len() > ledger.stored.len() + usize::from(ledger.is_uncertain) {
        found.faults.push(format!(
            "{instance}: {} answers are kept, {} were sent",
            stored.len(),
            ledger.stored.len()
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(instance: &str, candidate: &str, status: &str) -> VerifyListRow {
        VerifyListRow {
            test_instance_id: instance.into(),
            ticket_id: candidate.into(),
            status: status.into(),
        }
    }

    fn ledger(instance: &str, completed: bool) -> AcknowledgedWrites {
        AcknowledgedWrites {
            instance: Some(instance.into()),
            completed,
            ..AcknowledgedWrites::default()
        }
    }

    #[test]
    fn what_is_missing_doubled_or_not_complete_is_found() {
        let missing = listing(&[], &[ledger("Ti1", true)]);
        assert_eq!(missing.faults.len(), 2);
        let doubled = listing(
            &[row("Ti1", "Ca1", "COMPLETE"), row("Ti2", "Ca1", "COMPLETE")],
            &[ledger("Ti1", true)],
        );
        assert_eq!(doubled.faults.len(), 2);
        let open = listing(&[row("Ti1", "Ca1", "STARTED")], &[ledger("Ti1", true)]);
        assert_eq!(open.faults, ["Ti1 was handed in and is STARTED"]);
    }

    #[test]
    fn a_faithful_list_has_no_fault() {
        let found = listing(&[row("Ti1", "Ca1", "COMPLETE")], &[ledger("Ti1", true)]);
        assert!(found.faults.is_empty() && found.complete == 1);
    }
}
