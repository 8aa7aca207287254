//! Confirming a submission: one mail to the candidate, written in the transaction that completes
//! the instance, with the receipt and where it can be checked.
//!
//! A visitor who registered by himself typed both name and address and neither was looked at, so
//! the mail does not repeat the name: nobody can have words of his own sent to a stranger.

use super::MailRow;
use super::invitation_template::{MailText, SkipReason, clipped_subject, mail_language};
use super::invite::addresses;
use crate::candidates::CandidateSource;
use crate::failure::Failure;
use crate::json::from_json;
use crate::organization_view::load_profile;
use crate::services::MailService;
use crate::tasks::EmailTemplate;
use domain::access::settings::{ConfirmationMail, StepConduct};
use domain::id::InstanceId;
use domain::instance::ClosingReason;
use domain::mail::MailState;
use domain::mail::template::{fill_named, one_line};
use domain::time::Timestamp;
use storage::Transaction;
use storage::candidate::CandidateRow;
use storage::instance::InstanceRow;
use storage::mail::ConfirmationFacts;
use storage::task::TaskRow;
use texts::{Language, MailTexts};

impl MailService {
    /// Writes the confirmation of an instance that was just completed, where its step has one and
    /// its candidate an address. Costs nothing where there is no mail server.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub(crate) fn queue_confirmation(
        &self,
        tx: &mut dyn Transaction,
        row: &InstanceRow,
        now: Timestamp,
    ) -> Result<(), Failure> {
        if !self.settings().has_mail_server {
            return Ok(());
        }
        let facts = storage::mail::confirmation_facts(tx, &row.candidate_id, &row.step_id)?;
        let Some(recipient) = facts.map(|facts| recipient(&facts)).transpose()?.flatten() else {
            return Ok(());
        };
        let mail = MailRow {
            id: self.new_id(now),
            organization_id: row.organization_id.clone(),
            task_id: row.task_id.clone(),
            candidate_id: row.candidate_id.clone(),
            template: String::new(),
            recipient: Some(recipient),
            state: MailState::Waiting,
            created_at: now,
            send_at: now,
            tries: 0,
            tries_before: 0,
            due_at: Some(now),
            finished_at: None,
            subject: None,
            body: None,
            lang: None,
            instance_id: Some(row.id.clone()),
        };
        Ok(storage::mail::insert(tx, &mail)?)
    }

    /// What the confirmation of an instance says, or why it cannot be said.
    pub(super) fn render_confirmation(
        &self,
        tx: &mut dyn Transaction,
        instance: &InstanceId,
        candidate: &CandidateRow,
        task: &TaskRow,
    ) -> Result<Result<MailText, SkipReason>, Failure> {
        let row = storage::instance::find(tx, &task.organization_id, &task.id, instance)?;
        let Some(row) = row.filter(|row| row.erased_at.is_none()) else {
            return Ok(Err("the instance is not there any more".to_owned()));
        };
        if row.state.is_open() {
            return Ok(Err("the instance was opened again".to_owned()));
        }
        let organization = load_profile(tx, &row.organization_id)?;
        let step = storage::step::find(tx, &row.organization_id, &row.task_id, &row.step_id)?
            .ok_or(Failure::NotFound)?;
        let receipt = self.delivery().receipt_of(tx, &row)?;
        let count = self.delivery().answered_in(tx, &row)?;
        let language = mail_language(candidate.lang.as_deref().unwrap_or(&task.lang));
        let name = |text: &str| fill_named(text, |_| Some(organization.name.clone()));
        let value_of = |placeholder: &str| {
            Some(match placeholder {
                "fullname" => greeted(candidate),
                "closing" => name(closing_sentence(&language.mail, row.closing)),
                "answered" => language.receipt_answered(count.answered, count.questions),
                "task" => task.title.clone(),
                "step" => step.title.clone(),
                "time" => language.date_time(receipt.completed_at.seconds()),
                "number" => receipt.instance.to_string(),
                "entries" => language.number(receipt.n),
                "fingerprint" => hex::encode(receipt.digest),
                "check" => receipt.check_address(&self.settings().public_url),
                _ => return None,
            })
        };
        let template = without_repeated_title(language, &task.title, &step.title);
        let mut body = fill_named(&template, value_of);
        let contact = plain_lines(&organization.contact);
        if !contact.is_empty() {
            let before = name(language.mail.confirmation_contact);
            body.push_str(&format!("\n{before}\n{contact}\n"));
        }
        let subject = fill_named(language.mail.confirmation_subject, value_of);
        Ok(Ok(MailText {
            subject: clipped_subject(&subject),
            body,
            lang: language.locale.to_owned(),
        }))
    }
}

/// Where a confirmation goes: to the candidate's own address, else to the first further one.
fn recipient(facts: &ConfirmationFacts) -> Result<Option<String>, Failure> {
    let conduct: StepConduct = from_json(&facts.settings)?;
    let is_sent = match conduct.confirmation_mail {
        ConfirmationMail::Always => true,
        ConfirmationMail::Never => false,
        ConfirmationMail::Auto => {
            !from_json::<Vec<EmailTemplate>>(&facts.email_templates)?.is_empty()
        }
    };
    if !is_sent {
        return Ok(None);
    }
    Ok(addresses(facts.email.as_ref(), &facts.extra_emails)?.into_iter().next())
}

/// The name of whoever was registered by staff; the address of anybody else.
fn greeted(candidate: &CandidateRow) -> String {
    let is_visitor = candidate.source == CandidateSource::SelfRegistration.as_str();
    let name = candidate.fullname.as_ref().filter(|_| !is_visitor);
    name.or(candidate.email.as_ref()).cloned().unwrap_or_default()
}

const fn closing_sentence(texts: &MailTexts, closing: Option<ClosingReason>) -> &'static str {
    match closing {
        Some(ClosingReason::TimeOver) => texts.confirmation_time_over,
        Some(ClosingReason::ForceClosed | ClosingReason::Terminated) => texts.confirmation_closed,
        Some(ClosingReason::Submitted) | None => texts.confirmation_submitted,
    }
}

/// A step that is called as its task need not be named beside it.
fn without_repeated_title(language: &Language, task: &str, step: &str) -> String {
    let template = language.mail.confirmation;
    if one_line(task) == one_line(step) {
        template.replace("{{step}}\n", "")
    } else {
        template.to_owned()
    }
}

/// Each line cleaned as a value is; what staff wrote as Markdown is read well as it stands.
fn plain_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(one_line).collect();
    lines.join("\n").trim().to_owned()
}
