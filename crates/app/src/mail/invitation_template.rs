//! What a mail says: its template with the candidate's values, as they are at this moment.

use super::MailRow;
use crate::failure::Failure;
use crate::json::from_json;
use crate::ports::OutgoingMail;
use crate::services::MailService;
use crate::tasks::EmailTemplate;
use domain::instance::{AccessMethod, CandidateKind};
use domain::mail::html;
use domain::mail::template::{Placeholder, fill, one_line};
use domain::time::Timestamp;
use storage::Transaction;
use storage::candidate::CandidateRow;
use storage::task::TaskRow;
use texts::Language;

/// A subject is not longer than this in characters, whatever was put in.
const LONGEST_SUBJECT: usize = 300;

/// The words of one mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MailText {
    pub subject: String,
    pub body: String,
    /// The tag of its language.
    pub lang: String,
}

/// The language of a mail; English where the browser was to decide, which no mail knows.
#[must_use]
pub fn mail_language(tag: &str) -> &'static Language {
    Language::of_tag(tag).unwrap_or_else(Language::english)
}

/// What an invitation says when its template says nothing.
#[must_use]
pub const fn invitation(language: &'static Language, access: AccessMethod) -> &'static str {
    match access {
        AccessMethod::SingleCredential | AccessMethod::DoubleCredential => {
            language.mail.invitation_with_credentials
        }
        AccessMethod::InvitationCode | AccessMethod::NoAuth => language.mail.invitation_with_code,
    }
}

/// A subject on one line and no longer than a mail may have it.
pub(super) fn clipped_subject(subject: &str) -> String {
    one_line(subject).chars().take(LONGEST_SUBJECT).collect()
}

/// Why nothing can be said.
pub(super) type SkipReason = String;

impl MailService {
    /// What a mail says at this moment, or why it cannot be said.
    pub(super) fn render_mail(
        &self,
        tx: &mut dyn Transaction,
        mail: &MailRow,
    ) -> Result<Result<MailText, SkipReason>, Failure> {
        let MailRow { organization_id, task_id, candidate_id, .. } = mail;
        let candidate = storage::candidate::find(tx, organization_id, task_id, candidate_id)?;
        let Some(candidate) = candidate.filter(|row| row.erased_at.is_none()) else {
            return Ok(Err("the candidate is not there any more".to_owned()));
        };
        let task = storage::task::find(tx, organization_id, task_id)?.ok_or(Failure::NotFound)?;
        if let Some(instance) = &mail.instance_id {
            return self.render_confirmation(tx, instance, &candidate, &task);
        }
        let organization =
            storage::organization::find(tx, organization_id)?.ok_or(Failure::NotFound)?;
        let templates: Vec<EmailTemplate> = from_json(&task.email_templates)?;
        let Some(template) = templates.into_iter().find(|template| template.name == mail.template)
        else {
            return Ok(Err(format!(
                "the task has no e-mail template named {} any more",
                mail.template
            )));
        };
        let value_of =
            |placeholder| self.value_of(placeholder, mail, &candidate, &task, &organization.name);
        let language = mail_language(candidate.lang.as_deref().unwrap_or(&task.lang));
        let default_body = invitation(language, task.access_method);
        let body = template.body.as_deref().unwrap_or(default_body);
        Ok(Ok(MailText {
            subject: clipped_subject(&fill(&template.subject, value_of)),
            body: fill(body, value_of),
            lang: language.locale.to_owned(),
        }))
    }

    fn value_of(
        &self,
        placeholder: Placeholder,
        mail: &MailRow,
        candidate: &CandidateRow,
        task: &TaskRow,
        organization_name: &str,
    ) -> String {
        let base = &self.settings().public_url;
        let task_link = || format!("{base}/t/{}", task.id);
        let code = candidate.invitation_code.clone().unwrap_or_default();
        match placeholder {
            Placeholder::Fullname => {
                let address = candidate.email.as_ref().or(mail.recipient.as_ref());
                candidate.fullname.as_ref().or(address).cloned().unwrap_or_default()
            }
            Placeholder::Task => task.title.clone(),
            Placeholder::Organization => organization_name.to_owned(),
            // Users of the organization have no direct link.
            Placeholder::Link if candidate.kind == CandidateKind::User => task_link(),
            Placeholder::Link => format!("{base}/enter/{code}"),
            Placeholder::Code => code,
            Placeholder::TaskLink => task_link(),
            Placeholder::Credential1 => candidate.credential1.clone().unwrap_or_default(),
        }
    }

    /// A mail as it is handed over. Its name stays the same however often a try is repeated, and is
    /// another one when staff have it sent again.
    pub(super) fn outgoing_mail(
        &self,
        mail: &MailRow,
        words: &MailText,
        now: Timestamp,
    ) -> OutgoingMail {
        let id = match mail.tries_before {
            0 => mail.id.to_string(),
            before => format!("{}.{before}", mail.id),
        };
        OutgoingMail {
            id: mail.id.clone(),
            message_id: format!("<{id}@{}>", host(&self.settings().public_url)),
            to: mail.recipient.clone().unwrap_or_default(),
            subject: words.subject.clone(),
            html: html::page(&words.body, &words.lang, &words.subject),
            text: words.body.clone(),
            at: now,
        }
    }
}

/// The host of an address, as the right side of a message's name.
fn host(url: &str) -> &str {
    let authority =
        url.split_once("://").map_or(url, |(_, rest)| rest).split('/').next().unwrap_or_default();
    let host = authority.split(':').next().unwrap_or_default();
    let is_name = !host.is_empty()
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
    if is_name { host } else { "localhost" }
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn a_message_is_named_after_the_host_of_the_public_address() {
        assert_eq!(host("https://exams.example.org:8443/assess"), "exams.example.org");
        assert_eq!(host("http://[::1]:8080"), "localhost");
        assert_eq!(host("https://pr\u{fc}fung.example"), "localhost");
    }
}
