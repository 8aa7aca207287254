//! Words of a test instance's life and of who takes part.

crate::string_enum! {
    /// Where a test instance stands. *Open* is `Started` or `Resetup`.
    pub enum InstanceState {
        Started = "STARTED",
        Complete = "COMPLETE",
        Resetup = "RESETUP",
    }

    /// How an instance was closed.
    pub enum ClosingReason {
        Submitted = "submitted",
        TimeOver = "time-over",
        ForceClosed = "force-closed",
        Terminated = "terminated",
    }

    /// A change of an instance that raises its task's revision.
    pub enum InstanceChange {
        Started = "started",
        Completed = "completed",
        Rescored = "rescored",
        Reinstated = "reinstated",
        Ignored = "ignored",
        Reacknowledged = "reacknowledged",
        Erased = "erased",
    }

    /// Why a result version was made.
    pub enum VersionReason {
        Completed = "completed",
        Recompleted = "recompleted",
        Evaluated = "evaluated",
        EvaluationWithdrawn = "evaluation-withdrawn",
        Corrected = "corrected",
        Rescored = "rescored",
    }

    /// Whether a candidate is a user of the organization or known in one task only.
    pub enum CandidateKind {
        User = "user",
        Temp = "temp",
    }

    /// How candidates get into a task.
    pub enum AccessMethod {
        InvitationCode = "invitation-code",
        SingleCredential = "single-credential",
        DoubleCredential = "double-credential",
        NoAuth = "no-auth",
    }

    /// Who made an evaluation.
    pub enum EvaluationMethod {
        Manual = "manual",
        Rubric = "rubric",
        Ai = "ai",
    }

    /// Who did something.
    pub enum ActorKind {
        User = "user",
        Key = "key",
        Candidate = "candidate",
        System = "system",
    }

    /// What an API key may do. A write scope includes its read scope; `manage` includes all.
    pub enum Scope {
        TasksRead = "tasks:read",
        TasksWrite = "tasks:write",
        CandidatesRead = "candidates:read",
        CandidatesWrite = "candidates:write",
        TestsRead = "tests:read",
        TestsWrite = "tests:write",
        ResultsRead = "results:read",
        ResultsWrite = "results:write",
        AnswersRead = "answers:read",
        EvidencesRead = "evidences:read",
        UsersRead = "users:read",
        PersonsErase = "persons:erase",
        AuditRead = "audit:read",
        Manage = "manage",
    }
}

impl InstanceState {
    /// Whether answers may still come: started or reinstated.
    #[must_use]
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Complete)
    }
}

impl Scope {
    /// Those of the integration API (REST specification, 3): what a new key has unless others are
    /// named.
    pub const INTEGRATION: [Self; 8] = [
        Self::TasksRead,
        Self::TasksWrite,
        Self::CandidatesRead,
        Self::CandidatesWrite,
        Self::ResultsRead,
        Self::AnswersRead,
        Self::EvidencesRead,
        Self::UsersRead,
    ];

    /// Whether holding this scope allows what `wanted` guards.
    #[must_use]
    pub fn includes(self, wanted: Self) -> bool {
        let write_includes_read = self
            .as_str()
            .strip_suffix(":write")
            .is_some_and(|subject| wanted.as_str() == format!("{subject}:read"));
        self == wanted || self == Self::Manage || write_includes_read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_scope_includes_its_read_scope_only() {
        assert!(Scope::TasksWrite.includes(Scope::TasksRead));
        assert!(!Scope::TasksRead.includes(Scope::TasksWrite));
        assert!(!Scope::TasksWrite.includes(Scope::CandidatesRead));
        assert!(Scope::Manage.includes(Scope::PersonsErase));
    }

    #[test]
    fn words_read_back_and_case_matters() {
        for state in InstanceState::ALL {
            assert_eq!(InstanceState::parse(state.as_str()), Some(*state));
        }
        assert_eq!(InstanceState::parse("started"), None);
    }
}
