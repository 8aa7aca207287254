//! What the delivery and the management API refuse with beside the codes of every API: when a rule
//! of the domain says no, when something does not fit what it is about, and what may be wrong with
//! a test document.
//!
//! The codes are the domain's; here are their statuses and the sentences that people read.

use app::evaluation::ALREADY_EVALUATED;
use app::test_library::TEST_CHANGED;
use axum::http::StatusCode;
use domain::document::DocumentFaultCode as DocumentCode;
use domain::fault::ErrorCode;
use domain::refusal::Refusal;
use domain::response::ResponseFault;
use domain::scoring::correction::CorrectionFault;
use domain::scoring::evaluation::EvaluationFault;

/// What is told of everything that does not fit.
pub const CONFLICT_DETAIL: &str = "What was asked does not fit what it is about.";

/// Of one of several writes of answers.
pub const MALFORMED_WRITE: &str = "malformed_write";

/// A file of authors that is still used is not removed.
pub const MEDIA_IN_USE: &str = "media_in_use";

/// A code with its status and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorCodeDoc {
    pub code: &'static str,
    pub status: u16,
    pub meaning: String,
}

/// All refusals of rules and of what does not fit.
#[must_use]
pub fn refusal_codes() -> Vec<ErrorCodeDoc> {
    let ruled = Refusal::ALL.iter().map(|code| ErrorCodeDoc {
        code: code.as_str(),
        status: status_of(*code).as_u16(),
        meaning: message(*code).to_owned(),
    });
    ruled
        .chain(conflict_codes())
        .filter(|existing| ErrorCode::parse(existing.code).is_none())
        .collect()
}

fn conflict_codes() -> impl Iterator<Item = ErrorCodeDoc> {
    let words = [
        (
            ResponseFault::UnknownKey.as_str(),
            "The response names a choice, item, option or cell that there is not.",
        ),
        (ResponseFault::TooMany.as_str(), "More was selected or matched than the question takes."),
        (ResponseFault::TooLong.as_str(), "The text is longer than the question takes."),
        (
            ResponseFault::WrongShape.as_str(),
            "The response has another shape than the question's kind.",
        ),
        (
            ResponseFault::UploadUnknown.as_str(),
            "The response names a file that was not sent for this question.",
        ),
        (
            ResponseFault::UploadNotAllowed.as_str(),
            "The file, its type or its size is not asked for; detail says why.",
        ),
        (
            MEDIA_IN_USE,
            "The file is used; detail names the tests, questions and tasks that use it.",
        ),
        (
            MALFORMED_WRITE,
            "One of several answers cannot be read; the others were judged by themselves.",
        ),
        (
            EvaluationFault::OutOfRange.as_str(),
            "The percentage or the points lie outside their bounds.",
        ),
        (EvaluationFault::NothingToEvaluate.as_str(), "There is no answer to be evaluated."),
        (EvaluationFault::AnswerChanged.as_str(), "The answer has changed since it was read."),
        (CorrectionFault::WrongShape.as_str(), "The correction is no object of its shape."),
        (CorrectionFault::Empty.as_str(), "The correction replaces nothing."),
        (
            CorrectionFault::NotApplicable.as_str(),
            "The question has nothing of what the correction replaces.",
        ),
        (
            CorrectionFault::UnknownKey.as_str(),
            "The correction names what the question does not have.",
        ),
        (
            CorrectionFault::OutOfRange.as_str(),
            "A number of the correction lies outside its bounds.",
        ),
        (CorrectionFault::Rule.as_str(), "A rule of the correction cannot be applied."),
        (
            CorrectionFault::PatternBudget.as_str(),
            "The correction's patterns would take too long to look for; write fewer or shorter ones.",
        ),
        (ALREADY_EVALUATED, "Somebody else has evaluated this answer meanwhile."),
        (TEST_CHANGED, "There is a newer version of the test than the one that was changed."),
    ];
    words.into_iter().map(|(code, meaning)| ErrorCodeDoc {
        code,
        status: 409,
        meaning: meaning.to_owned(),
    })
}

/// All faults of test documents; warnings refuse nothing.
#[must_use]
pub fn document_codes() -> Vec<ErrorCodeDoc> {
    let faults = DocumentCode::ALL.iter().filter(|code| !code.is_warning());
    faults
        .map(|code| ErrorCodeDoc {
            code: code.as_str(),
            status: 400,
            meaning: format!("Of a test document: {}.", code.message()),
        })
        .collect()
}

/// What a code means, whichever API refuses with it.
#[must_use]
pub fn find(code: &str) -> Option<ErrorCodeDoc> {
    let common = ErrorCode::parse(code).map(|code| ErrorCodeDoc {
        code: code.as_str(),
        status: code.status(),
        meaning: code.meaning().to_owned(),
    });
    common.or_else(|| {
        refusal_codes().into_iter().chain(document_codes()).find(|entry| entry.code == code)
    })
}

/// Whoever asks is told 401 or 403 when it is about them, 409 when it is about how things stand.
pub const fn status_of(code: Refusal) -> StatusCode {
    match code {
        Refusal::NotFound => StatusCode::NOT_FOUND,
        Refusal::NotAuthenticated => StatusCode::UNAUTHORIZED,
        Refusal::TooManyTries
        | Refusal::TooManyVersions
        | Refusal::TooManyUploads
        | Refusal::TooManyChecks => StatusCode::TOO_MANY_REQUESTS,
        Refusal::AccessDenied
        | Refusal::TaskInactive
        | Refusal::CandidateInactive
        | Refusal::StepInactive
        | Refusal::TaskNotOpen
        | Refusal::TaskClosed
        | Refusal::CandidateNotOpen
        | Refusal::CandidateClosed
        | Refusal::StepNotOpen
        | Refusal::StepClosed
        | Refusal::CandidateAlreadyParticipated => StatusCode::FORBIDDEN,
        _ => StatusCode::CONFLICT,
    }
}

/// What a person reads; programs go by the code.
pub const fn message(code: Refusal) -> &'static str {
    match code {
        Refusal::NotFound => ErrorCode::NotFound.meaning(),
        Refusal::NotAuthenticated => "The log-in session is missing or has ended; enter again.",
        Refusal::AccessDenied => "These entries let nobody in.",
        Refusal::TooManyTries => "There were too many tries; wait before the next one.",
        Refusal::TooManyVersions => {
            "So many versions of the answers are kept that no more are taken."
        }
        Refusal::TooManyUploads => {
            "So many files are on their way from here that this one has to wait for them."
        }
        Refusal::TooManyChecks => {
            "So many answers were checked in a short time that the next one has to wait."
        }
        Refusal::PracticeOff => "The step is not for practice, so answers are not checked.",
        Refusal::NothingShared => {
            "The step shares nothing of its results with candidates; set sharing or review first."
        }
        Refusal::NothingToCheck => "The question has no answer to check.",
        Refusal::AnswerNotValid => "The answer is not complete, so it is not checked.",
        Refusal::NotScoredAutomatically => {
            "Answers to this question are not scored automatically, so they are not checked."
        }
        Refusal::TaskInactive | Refusal::StepInactive | Refusal::CandidateInactive => {
            "This is switched off for now."
        }
        Refusal::TaskNotOpen | Refusal::CandidateNotOpen | Refusal::StepNotOpen => {
            "This has not opened yet."
        }
        Refusal::TaskClosed | Refusal::CandidateClosed | Refusal::StepClosed => "This has closed.",
        Refusal::AccessFormRequired => "The access form must be filled in first.",
        Refusal::AttemptLimit => "All attempts have been used.",
        Refusal::InstanceComplete => "The test has been handed in.",
        Refusal::InstanceOpen => "The test is still being taken.",
        Refusal::PageLocked => "The page takes no answers.",
        Refusal::TimeOver => "The time is over.",
        Refusal::NavigationNotAllowed => "The test does not allow going there.",
        Refusal::UploadsUnderWay => {
            "Files for answers are still being sent; wait for them, or hand in without them."
        }
        Refusal::ConfirmationNeeded => {
            "Required questions are unanswered; confirm to go on all the same."
        }
        Refusal::RequiredUnanswered => "Required questions must be answered first.",
        Refusal::NoPlaysLeft => "It was played as often as it may be.",
        Refusal::SeqConflict => "This sequence number was used for another response.",
        Refusal::InstanceHeld => {
            "Files of a test instance are held; confirm to erase all the same."
        }
        Refusal::LastManager => "One active manager must remain.",
        Refusal::PrerequisiteStage => "The candidate is in no stage that lets in.",
        Refusal::PrerequisiteProgram => "The candidate has no program that lets in.",
        Refusal::PrerequisiteCompletion => "Another step has to be completed first.",
        Refusal::PrerequisiteScore => "Another step has to be completed with a higher score first.",
        Refusal::EvidenceRequired => "An identity photo or a document has to be sent first.",
        Refusal::TestNotCompilable => {
            "The test cannot be put together now, as a pool is too small."
        }
        Refusal::InstanceIgnored => "The test instance is ignored; reacknowledge it first.",
        Refusal::InstanceErased => "The person of the test instance was erased.",
        Refusal::OtherInstanceOpen => "The candidate has another open test instance of this step.",
        Refusal::NothingUnlocked => "No page would be left to work on.",
        Refusal::NoTimeLimit => "There is no time limit here that could be extended.",
        Refusal::DuplicateUniqId => "The uniqId is taken within its scope.",
        Refusal::DuplicateCredentials => "The credentials are taken in this task.",
        Refusal::CandidateAlreadyParticipated => {
            "The candidate has taken part and cannot be deleted any more."
        }
    }
}
