//! The stable codes with which the life of candidates and instances refuses.
//!
//! A refused request changes nothing at all. Codes are part of the contract: a new meaning gets a
//! new code, and no code is ever renamed. Codes of documents, responses and evaluations live beside
//! what they judge.

crate::string_enum! {
    /// Why something may not happen.
    pub enum Refusal {
        /// No such instance, slot, page or section.
        NotFound = "not_found",
        NotAuthenticated = "not_authenticated",
        /// Never says which part of an entry was wrong.
        AccessDenied = "access_denied",
        TooManyTries = "too_many_tries",
        /// No more versions of answers are kept of this instance.
        TooManyVersions = "too_many_versions",
        /// So many files of one candidate, or from one address, are on their way that no more are
        /// taken now.
        TooManyUploads = "too_many_uploads",
        /// So many answers of an instance were checked that none is checked now.
        TooManyChecks = "too_many_checks",
        TaskInactive = "task_inactive",
        CandidateInactive = "candidate_inactive",
        StepInactive = "step_inactive",
        TaskNotOpen = "task_not_open",
        TaskClosed = "task_closed",
        CandidateNotOpen = "candidate_not_open",
        CandidateClosed = "candidate_closed",
        StepNotOpen = "step_not_open",
        StepClosed = "step_closed",
        AccessFormRequired = "access_form_required",
        AttemptLimit = "attempt_limit",
        PrerequisiteStage = "prerequisite_stage",
        PrerequisiteProgram = "prerequisite_program",
        PrerequisiteCompletion = "prerequisite_completion",
        PrerequisiteScore = "prerequisite_score",
        EvidenceRequired = "evidence_required",
        TestNotCompilable = "test_not_compilable",
        /// The event needs an open instance; this one is COMPLETE.
        InstanceComplete = "instance_complete",
        /// The event needs a completed instance; this one is open.
        InstanceOpen = "instance_open",
        InstanceIgnored = "instance_ignored",
        InstanceErased = "instance_erased",
        /// Files of an instance are held; erasing its person has to be confirmed.
        InstanceHeld = "instance_held",
        /// Reinstating would give the candidate a second open instance of the step.
        OtherInstanceOpen = "other_instance_open",
        /// Reinstating would leave no page to work on.
        NothingUnlocked = "nothing_unlocked",
        /// The page was not entered, or was locked other than by time.
        PageLocked = "page_locked",
        /// A deadline and its grace have passed.
        TimeOver = "time_over",
        /// There is no limit here that could be extended.
        NoTimeLimit = "no_time_limit",
        NavigationNotAllowed = "navigation_not_allowed",
        /// Required slots lack a valid answer; the request may be repeated with its confirmation.
        ConfirmationNeeded = "confirmation_needed",
        /// Required slots lack a valid answer, and confirming does not help.
        RequiredUnanswered = "required_unanswered",
        /// Files for answers are still being sent; the request may be repeated once they have
        /// arrived, or without them.
        UploadsUnderWay = "uploads_under_way",
        /// A sound or film was played as often as it may be.
        NoPlaysLeft = "no_plays_left",
        /// The step is not for practice: answers are not checked.
        PracticeOff = "practice_off",
        /// The step shares nothing with candidates that could be released.
        NothingShared = "nothing_shared",
        /// The slot has no answer to check.
        NothingToCheck = "nothing_to_check",
        /// The answer is not complete, or cannot be read as what is asked for.
        AnswerNotValid = "answer_not_valid",
        /// A person judges the answer, or nothing about it is right or wrong.
        NotScoredAutomatically = "not_scored_automatically",
        /// A sequence number came twice with different responses.
        SeqConflict = "seq_conflict",
        DuplicateUniqId = "duplicate_uniq_id",
        DuplicateCredentials = "duplicate_credentials",
        CandidateAlreadyParticipated = "candidate_already_participated",
        /// No active manager of the organization would remain.
        LastManager = "last_manager",
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_distinct_snake_case_and_read_back() {
        let codes: BTreeSet<_> = Refusal::ALL.iter().map(|refusal| refusal.as_str()).collect();
        assert_eq!(codes.len(), Refusal::ALL.len());
        assert!(
            codes
                .iter()
                .all(|code| code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'))
        );
        assert!(
            Refusal::ALL.iter().all(|refusal| Refusal::parse(refusal.as_str()) == Some(*refusal))
        );
    }
}
