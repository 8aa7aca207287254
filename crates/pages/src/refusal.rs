//! Refusals in the reader's language.

use crate::lang::Language;
use domain::refusal::Refusal;

/// Why something is closed, in a sentence.
pub fn reason(words: &'static Language, refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::AccessDenied => words.refused_entry,
        Refusal::TooManyTries => words.refused_tries,
        Refusal::TaskInactive | Refusal::CandidateInactive | Refusal::StepInactive => {
            words.refused_off
        }
        Refusal::TaskNotOpen | Refusal::CandidateNotOpen | Refusal::StepNotOpen => {
            words.refused_not_open
        }
        Refusal::TaskClosed | Refusal::CandidateClosed | Refusal::StepClosed => {
            words.refused_closed
        }
        Refusal::AccessFormRequired => words.refused_form,
        Refusal::AttemptLimit => words.refused_attempts,
        Refusal::PrerequisiteStage | Refusal::PrerequisiteProgram => words.refused_not_invited,
        Refusal::PrerequisiteCompletion => words.refused_order,
        Refusal::PrerequisiteScore => words.refused_score,
        Refusal::EvidenceRequired => words.refused_evidence,
        Refusal::TestNotCompilable => words.refused_test,
        Refusal::InstanceComplete => words.refused_complete,
        Refusal::TimeOver => words.refused_time,
        _ => words.refused_other,
    }
}
