//! What erasing a person removes beside the rows that have operations of their own (domain rules,
//! 7.5).

use crate::{StorageError, Transaction, values};
use domain::id::{CandidateId, InstanceId, OrganizationId, UserId};

/// Whether files of any instance of a user are held.
pub fn is_user_held(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    user: &UserId,
) -> Result<bool, StorageError> {
    let sql = "SELECT count(*) FROM candidate c JOIN instance i ON i.candidate_id = c.id \
        JOIN proctoring p ON p.instance_id = i.id AND p.held WHERE c.organization_id = $1 AND c.user_id = $2";
    Ok(tx.integer(sql, values![organization, user])? > 0)
}

/// Removes free text beside an instance's versions, and the reasons of corrections made for it
/// alone. Gives how many there were.
pub fn remarks(tx: &mut dyn Transaction, instance: &InstanceId) -> Result<u64, StorageError> {
    let notes = "UPDATE result_version SET note = NULL WHERE instance_id = $1 AND note IS NOT NULL";
    let reasons = "UPDATE correction SET reason = '' WHERE instance_id = $1 AND reason <> ''";
    Ok(tx.execute(notes, values![instance])? + tx.execute(reasons, values![instance])?)
}

/// Removes all log-in sessions of a candidate. Gives how many there were.
pub fn sessions(tx: &mut dyn Transaction, candidate: &CandidateId) -> Result<u64, StorageError> {
    tx.execute("DELETE FROM login_session WHERE candidate_id = $1", values![candidate])
}

/// Forgets first answers to repeated requests: of everything asked about the instances, of
/// starting, and of the registration, which is remembered for a day.
pub fn answers(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    candidate: &CandidateId,
    instances: &[InstanceId],
) -> Result<(), StorageError> {
    let of_scope = "DELETE FROM client_token WHERE organization_id = $1 AND scope = $2";
    for instance in instances {
        for act in ["complete", "reinstate", "evaluate"] {
            tx.execute(of_scope, values![organization, &format!("{act}/{instance}")])?;
        }
    }
    let of_start = "DELETE FROM client_token WHERE organization_id = $1 AND scope LIKE 'start/%' AND scope LIKE $2";
    tx.execute(of_start, values![organization, &format!("%/{candidate}")])?;
    let of_registration = "DELETE FROM client_token \
        WHERE organization_id = $1 AND request_digest IS NOT NULL AND response LIKE $2";
    tx.execute(of_registration, values![organization, &format!("%{candidate}%")])?;
    Ok(())
}
