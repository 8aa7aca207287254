//! Putting questions into the bank, and new versions of them.

use super::{BankQuestionView, BankReach, BankRight};
use crate::App;
use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::Caller;
use crate::compute::BlockingBank;
use crate::failure::Failure;
use crate::json::to_json;
use crate::media::authored::{hold_media, is_known};
use crate::services::BankService;
use crate::unit_of_work::UnitOfWork;
use crate::validation::FieldValidator;
use domain::document::model::Question;
use domain::document::{self, DocumentFormat, ValidationContext};
use domain::fault::{ErrorCode, Fault, FaultLocation};
use domain::id::QuestionId;
use domain::json::JsonPointer;
use domain::media_reference::find_digests;
use domain::time::Timestamp;
use std::collections::HashSet;
use storage::asset::AssetHolder;
use storage::bank::{BankQuestionRow, BankQuestionVersionRow};
use storage::{Sha256Digest, Transaction};
use uuid::Uuid;

/// Somebody else kept another version of the question in the meantime.
pub const QUESTION_CHANGED: &str = "question_changed";

/// Where submitted questions go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuestionSubmitOptions {
    /// The question a document becomes the next version of; none makes new questions of all whose
    /// uuid is not known.
    pub question: Option<QuestionId>,
    /// The folder of new questions, or the one known ones move to.
    pub folder: Option<String>,
    pub labels: Option<Vec<String>>,
    /// Approves them at once, by whoever may.
    pub approve: bool,
    /// The latest version the writer of the one named question saw: if another is on top by now,
    /// nothing is kept. None writes over whatever is there.
    pub based_on: Option<Sha256Digest>,
}

/// A question as it is kept now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmittedQuestion {
    pub question: BankQuestionView,
    /// False when the question's latest version was this very document already.
    pub is_new_version: bool,
}

/// What one submission is made of.
struct Submission<'a> {
    app: &'a App,
    caller: &'a Caller,
    options: &'a QuestionSubmitOptions,
    /// Which known questions may be changed.
    reach: BankReach,
    /// Whether also approved ones.
    is_writer: bool,
    now: Timestamp,
}

impl BankService {
    /// Reads a question, or a list of questions, and keeps all or none. A question whose uuid the
    /// bank knows becomes the next version of that one; a document that equals the latest version
    /// makes none.
    ///
    /// # Errors
    /// [`Failure::Document`] with all errors of all questions; faults of the options;
    /// [`Failure::InsufficientScope`], also for approving by somebody who may only submit;
    /// [`Failure::NotFound`] for a question that is not the caller's to change; [`Failure::Unfit`]
    /// with [`QUESTION_CHANGED`].
    pub async fn submit_questions(
        &self,
        caller: &Caller,
        bytes: &[u8],
        format: DocumentFormat,
        options: QuestionSubmitOptions,
    ) -> Result<Vec<SubmittedQuestion>, Failure> {
        let reach = caller.bank_reach(BankRight::Submit)?;
        let is_writer = caller.bank_reach(BankRight::Write).is_ok();
        if options.approve {
            caller.bank_reach(BankRight::Write)?;
        }
        check_options(&options)?;
        caller.require_any_folder()?;
        if let Some(folder) = &options.folder {
            caller.require_folder_access(folder)?;
        }
        let (mut questions, mut media) = self.read_questions(caller, bytes, format).await?;
        if let Some(adopted) = self.author_media().adopt_data_pictures(caller, bytes).await? {
            (questions, media) = self.read_questions(caller, &adopted, format).await?;
        }
        if options.question.is_some() && questions.len() != 1 {
            let should = "must be one question when it becomes a version of another";
            return Err(Fault::new(
                FaultLocation::Body(JsonPointer::root()),
                ErrorCode::InvalidLength,
                should,
            )
            .into());
        }
        self.write_for(caller, move |work| {
            let UnitOfWork { app, caller, now, .. } = *work;
            let submission = Submission { app, caller, options: &options, reach, is_writer, now };
            let stored = questions
                .iter()
                .map(|(question, namespace)| submission.keep(work.tx, question, *namespace))
                .collect::<Result<Vec<_>, Failure>>()?;
            for ((question, _), submitted) in questions.iter().zip(&stored) {
                let named = find_digests(&document::question_to_stored(question));
                let of_question = media.iter().copied().filter(|media| named.contains(media));
                let holder = AssetHolder::Question(submitted.question.id.clone());
                hold_media(work, &of_question.collect(), &holder)?;
            }
            Ok(stored)
        })
        .await
    }

    /// Reads a question, or a list of them, and tells everything that is wrong; keeps nothing.
    ///
    /// # Errors
    /// [`Failure::Document`] with all errors of all questions; [`Failure::InsufficientScope`].
    pub async fn check_questions(
        &self,
        caller: &Caller,
        bytes: &[u8],
        format: DocumentFormat,
    ) -> Result<(), Failure> {
        caller.bank_reach(BankRight::Submit)?;
        caller.require_any_folder()?;
        self.read_questions(caller, bytes, format).await.map(|_| ())
    }

    /// The questions of a document, each with the namespace its uuid was derived in unless it
    /// brought its own; and the media that they may name.
    async fn read_questions(
        &self,
        caller: &Caller,
        bytes: &[u8],
        format: DocumentFormat,
    ) -> Result<(Vec<(Question, Uuid)>, HashSet<Sha256Digest>), Failure> {
        let usable = self.author_media().known_digests(caller, bytes).await?;
        let (app, caller_of_bank, bytes) = (self.clone(), caller.clone(), bytes.to_vec());
        let read = move || {
            let organization = caller_of_bank.organization.clone();
            let bank = BlockingBank::new(&app, &caller_of_bank);
            let has_asset = |digest: &str| is_known(&usable, digest);
            let surroundings =
                ValidationContext { bank: &bank, has_asset: &has_asset, organization };
            let mut namespaces = Vec::new();
            let mut fresh = || {
                namespaces.push(app.test_library().random_uuid());
                namespaces[namespaces.len() - 1]
            };
            let read = document::read_questions(&bytes, format, &mut fresh, &surroundings);
            bank.finish()?;
            let questions = read.map_err(Failure::Document)?.into_iter().zip(namespaces);
            Ok((questions.collect(), usable))
        };
        self.run_on_compute_thread(&caller.organization, read).await?
    }
}

impl Submission<'_> {
    fn keep(
        &self,
        tx: &mut dyn Transaction,
        question: &Question,
        namespace: Uuid,
    ) -> Result<SubmittedQuestion, Failure> {
        let organization = &self.caller.organization;
        let existing = match &self.options.question {
            Some(id) => Some(storage::bank::find(tx, organization, id)?.ok_or(Failure::NotFound)?),
            None => storage::bank::find_by_uuid(tx, organization, &question.uuid.to_string())?,
        };
        let (row, is_new_version) = match existing {
            None => (self.insert(tx, question)?, true),
            Some(row) => {
                let question = versioned(question, &row, namespace)?;
                self.renew(tx, row, &question)?
            }
        };
        Ok(SubmittedQuestion { question: BankQuestionView::of(row)?, is_new_version })
    }

    fn insert(
        &self,
        tx: &mut dyn Transaction,
        question: &Question,
    ) -> Result<BankQuestionRow, Failure> {
        let organization = &self.caller.organization;
        self.caller.require_folder_access(self.options.folder.as_deref().unwrap_or_default())?;
        let ordinal =
            storage::organization::next_ordinal(tx, organization)?.ok_or(Failure::NotFound)?;
        let actor = self.caller.actor();
        let blank = BankQuestionRow {
            id: self.app.new_id(self.now),
            organization_id: organization.clone(),
            ordinal,
            uuid: question.uuid.to_string(),
            key: String::new(),
            kind: String::new(),
            text: String::new(),
            folder: self.options.folder.clone().unwrap_or_default(),
            labels: to_json(self.options.labels.as_deref().unwrap_or_default())?,
            tags: String::new(),
            digest: Sha256Digest::default(),
            version: 1,
            submitted_kind: actor.kind,
            submitted_by: Some(actor.id).filter(|id| !id.is_empty()),
            created_at: self.now,
            updated_at: self.now,
            approved_at: self.options.approve.then_some(self.now),
            archived_at: None,
        };
        let row = with_document(tx, blank, question)?;
        storage::bank::insert(tx, &row)?;
        storage::bank::insert_version(tx, &self.version_of(&row))?;
        self.tell(tx, AuditEventKind::QuestionSubmitted, &row, None)?;
        if row.approved_at.is_some() {
            self.tell(tx, AuditEventKind::QuestionApproved, &row, None)?;
        }
        Ok(row)
    }

    fn renew(
        &self,
        tx: &mut dyn Transaction,
        before: BankQuestionRow,
        question: &Question,
    ) -> Result<(BankQuestionRow, bool), Failure> {
        let may_change = self.is_writer || before.approved_at.is_none();
        if !may_change || !self.reach.includes(&before, self.caller) {
            return Err(Failure::NotFound);
        }
        if self.options.based_on.is_some_and(|seen| seen != before.digest) {
            return Err(Failure::Unfit { code: QUESTION_CHANGED, slots: Vec::new() });
        }
        let mut row = with_document(tx, before.clone(), question)?;
        let is_new_version = row.digest != before.digest;
        row.version += i64::from(is_new_version);
        row.folder = self.options.folder.clone().unwrap_or(row.folder);
        row.labels = self.options.labels.as_ref().map(to_json).transpose()?.unwrap_or(row.labels);
        if self.options.approve {
            row.approved_at = row.approved_at.or(Some(self.now));
        }
        if row == before {
            return Ok((before, false));
        }
        let is_approved_now = row.approved_at != before.approved_at;
        row.updated_at = self.now;
        storage::bank::update(tx, &row)?;
        if is_new_version {
            storage::bank::insert_version(tx, &self.version_of(&row))?;
        }
        self.tell(tx, AuditEventKind::QuestionUpdated, &row, Some(&before))?;
        if is_approved_now {
            self.tell(tx, AuditEventKind::QuestionApproved, &row, None)?;
        }
        Ok((row, is_new_version))
    }

    fn version_of(&self, row: &BankQuestionRow) -> BankQuestionVersionRow {
        let actor = self.caller.actor();
        BankQuestionVersionRow {
            question_id: row.id.clone(),
            number: row.version,
            digest: row.digest,
            created_at: self.now,
            actor_kind: actor.kind,
            actor_id: Some(actor.id).filter(|id| !id.is_empty()),
        }
    }

    fn tell(
        &self,
        tx: &mut dyn Transaction,
        kind: AuditEventKind,
        row: &BankQuestionRow,
        before: Option<&BankQuestionRow>,
    ) -> Result<(), Failure> {
        let event = AuditEvent::of_organization(kind)
            .about("questionId", &row.id)
            .with("digest", hex::encode(row.digest));
        let event = match before {
            Some(before) => event.with("digestBefore", hex::encode(before.digest)),
            None => event,
        };
        self.app.record_event(tx, self.now, self.caller, event)
    }
}

/// The question under the uuid its predecessor has had from the beginning.
fn versioned(
    question: &Question,
    row: &BankQuestionRow,
    namespace: Uuid,
) -> Result<Question, Failure> {
    let own = Uuid::parse_str(&row.uuid).map_err(Failure::internal)?;
    let derived = Uuid::new_v5(&namespace, format!("question/{}", question.key).as_bytes());
    if question.uuid != own && question.uuid != derived {
        let should = "must be absent or the uuid of the question this becomes a version of";
        return Err(Fault::new(
            FaultLocation::Body(JsonPointer::root().at("uuid")),
            ErrorCode::ConflictingValues,
            should,
        )
        .into());
    }
    Ok(Question { uuid: own, ..question.clone() })
}

/// The row with what it repeats of the document.
fn with_document(
    tx: &mut dyn Transaction,
    row: BankQuestionRow,
    question: &Question,
) -> Result<BankQuestionRow, Failure> {
    let stored = document::question_to_stored(question);
    let digest = document::stored_digest(&stored);
    storage::document::insert_if_absent(tx, &digest, &stored)?;
    Ok(BankQuestionRow {
        key: question.key.to_string(),
        kind: super::QuestionKind::of(question).as_str().to_owned(),
        text: question.text.clone(),
        tags: to_json(&question.tags)?,
        digest,
        ..row
    })
}

fn check_options(options: &QuestionSubmitOptions) -> Result<(), Failure> {
    let mut checks = FieldValidator::below(JsonPointer::root());
    if let Some(folder) = options.folder.as_ref().filter(|folder| !folder.is_empty()) {
        checks.name(checks.at("folder"), folder);
    }
    checks.names(&checks.at("labels"), options.labels.as_deref().unwrap_or_default());
    checks.finish()
}
