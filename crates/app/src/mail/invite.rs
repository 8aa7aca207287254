//! Inviting: one mail for each address of a candidate.

use super::MailRow;
use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::Caller;
use crate::candidates::roster::{RollFilter, RosterQuery, RosterStart};
use crate::candidates::{Invitation, distinct};
use crate::failure::Failure;
use crate::json::from_json;
use crate::services::MailService;
use crate::tasks::EmailTemplate;
use crate::validation::FieldValidator;
use domain::fault::ErrorCode;
use domain::id::{CandidateId, TaskId};
use domain::json::JsonPointer;
use domain::mail::MailState;
use domain::role::Right;
use domain::time::Timestamp;
use storage::Transaction;
use storage::candidate::CandidateRow;

/// Candidates of one transaction.
const AT_ONCE: usize = 500;

/// An invitation of candidates who are registered already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InviteRequest {
    pub candidates: Vec<CandidateId>,
    pub invitation: Invitation,
}

impl MailService {
    /// Invites candidates of a task by e-mail, all or none: a mail to each of their addresses. What
    /// they were sent before does not matter.
    ///
    /// # Errors
    /// `unknown_reference` for a template or candidate that is not the task's, `required` for a
    /// candidate without an address, all at once; [`Failure::InsufficientScope`],
    /// [`Failure::NotFound`].
    pub async fn invite_candidates(
        &self,
        caller: &Caller,
        task: &TaskId,
        invite: InviteRequest,
    ) -> Result<Vec<MailRow>, Failure> {
        let task = task.clone();
        self.write_as(caller, Right::WriteCandidates, move |work| {
            let row = work.lock_task(&task)?;
            let mut checks = FieldValidator::below(JsonPointer::root());
            let templates: Vec<EmailTemplate> = from_json(&row.email_templates)?;
            if !templates.iter().any(|template| template.name == invite.invitation.template) {
                let at = checks.at("emailTemplateName");
                checks.refuse(
                    at,
                    ErrorCode::UnknownReference,
                    "must be an e-mail template of the task",
                );
            }
            let candidates =
                invited(work.tx, work.caller, &task, &distinct(&invite.candidates), &mut checks)?;
            checks.finish()?;
            let mut mails = Vec::with_capacity(candidates.len());
            for candidate in &candidates {
                mails.extend(work.app.mail().queue_invitation(
                    work.tx,
                    work.caller,
                    candidate,
                    &invite.invitation,
                    work.now,
                )?);
            }
            Ok(mails)
        })
        .await
    }

    /// Invites everybody of a task who was not invited yet, has an address, is let in and has not
    /// finished, so many at a time. Gives how many were invited. Whoever was invited stays so when a later part
    /// fails, and is left out of the next try.
    ///
    /// # Errors
    /// As [`MailService::invite_candidates`].
    pub async fn invite_uninvited(
        &self,
        caller: &Caller,
        task: &TaskId,
        invitation: Invitation,
    ) -> Result<usize, Failure> {
        let (mut invited, mut from) = (0, RosterStart::Above(0));
        loop {
            let filter = RollFilter { is_uninvited: true, ..RollFilter::default() };
            let query = RosterQuery { filter, text: None, label: None, from, limit: AT_ONCE };
            let roll = self.candidates().roster(caller, task, query).await?;
            let candidates: Vec<_> =
                roll.entries.into_iter().map(|entry| entry.candidate.id).collect();
            invited += candidates.len();
            self.invite_candidates(
                caller,
                task,
                InviteRequest { candidates, invitation: invitation.clone() },
            )
            .await?;
            match roll.newer {
                Some(ordinal) => from = RosterStart::Above(ordinal),
                None => return Ok(invited),
            }
        }
    }

    /// Writes an invitation to each of a candidate's addresses, to be sent at its date.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub(crate) fn queue_invitation(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        candidate: &CandidateRow,
        invitation: &Invitation,
        now: Timestamp,
    ) -> Result<Vec<MailRow>, Failure> {
        let send_at = invitation.at.map_or(now, |at| at.max(now));
        let mail = |recipient: String| MailRow {
            id: self.new_id(now),
            organization_id: candidate.organization_id.clone(),
            task_id: candidate.task_id.clone(),
            candidate_id: candidate.id.clone(),
            template: invitation.template.clone(),
            recipient: Some(recipient),
            state: MailState::Waiting,
            created_at: now,
            send_at,
            tries: 0,
            tries_before: 0,
            due_at: Some(send_at),
            finished_at: None,
            subject: None,
            body: None,
            lang: None,
            instance_id: None,
        };
        let mails: Vec<MailRow> = addresses(candidate.email.as_ref(), &candidate.extra_emails)?
            .into_iter()
            .map(mail)
            .collect();
        mails.iter().try_for_each(|mail| storage::mail::insert(tx, mail))?;
        let invited = AuditEvent::of_organization(AuditEventKind::CandidateInvited)
            .about("candidateId", &candidate.id)
            .about("taskId", &candidate.task_id)
            .with("mailIds", mails.iter().map(|mail| mail.id.as_str()).collect::<Vec<_>>())
            .with("sendAt", send_at.seconds());
        self.record_event(tx, now, caller, invited)?;
        Ok(mails)
    }
}

/// The candidates of these ids, each with an address.
fn invited(
    tx: &mut dyn Transaction,
    caller: &Caller,
    task: &TaskId,
    ids: &[CandidateId],
    checks: &mut FieldValidator,
) -> Result<Vec<CandidateRow>, Failure> {
    let mut found = Vec::with_capacity(ids.len());
    for (index, id) in ids.iter().enumerate() {
        let at = checks.at("candidateIds").at(index);
        let row = storage::candidate::find(tx, &caller.organization, task, id)?;
        match row.filter(|row| row.erased_at.is_none()) {
            None => {
                checks.refuse(at, ErrorCode::UnknownReference, "must be a candidate of the task")
            }
            Some(row) if addresses(row.email.as_ref(), &row.extra_emails)?.is_empty() => {
                checks.refuse(
                    at,
                    ErrorCode::Required,
                    "must be a candidate with an e-mail address; give it one first",
                );
            }
            Some(row) => found.push(row),
        }
    }
    Ok(found)
}

/// A candidate's own address and the further ones, none twice.
pub(super) fn addresses(own: Option<&String>, further: &str) -> Result<Vec<String>, Failure> {
    let further: Vec<String> = from_json(further)?;
    Ok(distinct(&own.cloned().into_iter().chain(further).collect::<Vec<_>>()))
}
