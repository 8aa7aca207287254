//! Roles of users and what they permit (domain rules, 8).
//!
//! A permission is one row of that table (role-based access control, RBAC). Programs hold scopes
//! instead, which are coarser; both meet in [`Right`], which is what use cases demand.

use crate::instance::Scope;

crate::string_enum! {
    /// A named set of permissions.
    pub enum Role {
        Manager = "MANAGER",
        Editor = "EDITOR",
        Operator = "OPERATOR",
        User = "USER",
        Joker = "JOKER",
        QuestionBankSupervisor = "QUESTIONBANKSUPERVISOR",
        QuestionBankSubmitter = "QUESTIONBANKSUBMITTER",
    }

    /// What staff may do.
    pub enum Permission {
        /// Settings of the organization, users, roles, API keys.
        Manage = "manage",
        ReadTests = "read-tests",
        /// Write, validate, preview, import and export tests.
        WriteTests = "write-tests",
        /// Read the question bank and submit questions; own ones only for whoever submits and
        /// nothing more.
        UseBank = "use-bank",
        /// Write and approve questions of the bank.
        WriteBank = "write-bank",
        ReadTasks = "read-tasks",
        WriteTasks = "write-tasks",
        /// Read, create, change, delete and invite candidates.
        Candidates = "candidates",
        /// Read results and answers.
        ReadResults = "read-results",
        /// Item statistics without persons.
        ReadStatistics = "read-statistics",
        /// Force-close, extend, ignore, reacknowledge, reinstate.
        Administer = "administer",
        Evaluate = "evaluate",
        /// Correct and re-score.
        Correct = "correct",
        /// Read evidences and set flags.
        Evidences = "evidences",
        Erase = "erase",
        ReadAudit = "read-audit",
    }
}

use Permission::{
    Administer, Candidates, Evaluate, Evidences, ReadResults, ReadStatistics, ReadTasks, ReadTests,
    UseBank, WriteBank, WriteTasks, WriteTests,
};

impl Role {
    /// What the role permits. A joker's permissions are chosen for each user.
    #[must_use]
    pub const fn permits(self) -> &'static [Permission] {
        match self {
            Self::Manager => Permission::ALL,
            Self::Editor => &[ReadTests, WriteTests, UseBank, WriteBank, ReadTasks, ReadStatistics],
            Self::Operator => &[
                ReadTests,
                ReadTasks,
                WriteTasks,
                Candidates,
                ReadResults,
                ReadStatistics,
                Administer,
                Evaluate,
                Evidences,
            ],
            Self::QuestionBankSupervisor => &[UseBank, WriteBank, ReadStatistics],
            Self::QuestionBankSubmitter => &[UseBank],
            Self::User | Self::Joker => &[],
        }
    }

    /// Whether it makes a user one of the staff.
    #[must_use]
    pub const fn is_staff(self) -> bool {
        !matches!(self, Self::User)
    }
}

impl Permission {
    /// Whether a joker may be given it.
    #[must_use]
    pub const fn may_be_chosen(self) -> bool {
        !matches!(self, Self::Manage)
    }
}

crate::string_enum! {
    /// What a use case demands of whoever asks: the one vocabulary of authorization. A program has
    /// it by a scope of its key, a person by a permission of a role.
    pub enum Right {
        /// Lists and reads tasks.
        ReadTasks = "read-tasks",
        /// Makes and changes tasks.
        WriteTasks = "write-tasks",
        /// Reads candidates.
        ReadCandidates = "read-candidates",
        /// Registers, changes, invites and deletes candidates.
        WriteCandidates = "write-candidates",
        /// Reads tests of the library.
        ReadTests = "read-tests",
        /// Writes, imports and archives tests.
        WriteTests = "write-tests",
        /// Reads the question bank and submits questions.
        UseBank = "use-bank",
        /// Writes and approves questions of the bank.
        WriteBank = "write-bank",
        /// Reads results.
        ReadResults = "read-results",
        /// Reads what candidates answered.
        ReadAnswers = "read-answers",
        /// Reads figures about questions, without persons.
        ReadStatistics = "read-statistics",
        /// Closes, extends, ignores, reinstates and re-scores attempts.
        Administer = "administer",
        /// Grades answers.
        Evaluate = "evaluate",
        /// Corrects how frozen questions are scored.
        Correct = "correct",
        /// Looks at recordings and flags them.
        ReadEvidences = "read-evidences",
        /// Erases persons.
        Erase = "erase",
        /// Reads and verifies the event log.
        ReadAudit = "read-audit",
        /// Reads users.
        ReadUsers = "read-users",
        /// Settings of the organization, users, roles, keys.
        Manage = "manage",
    }
}

impl Right {
    /// The scope that gives it to a program.
    #[must_use]
    pub const fn scope(self) -> Scope {
        match self {
            Self::ReadTasks => Scope::TasksRead,
            Self::WriteTasks => Scope::TasksWrite,
            Self::ReadCandidates => Scope::CandidatesRead,
            Self::WriteCandidates => Scope::CandidatesWrite,
            Self::ReadTests | Self::UseBank | Self::ReadStatistics => Scope::TestsRead,
            Self::WriteTests | Self::WriteBank => Scope::TestsWrite,
            Self::ReadResults => Scope::ResultsRead,
            Self::ReadAnswers => Scope::AnswersRead,
            Self::Administer | Self::Evaluate | Self::Correct => Scope::ResultsWrite,
            Self::ReadEvidences => Scope::EvidencesRead,
            Self::Erase => Scope::PersonsErase,
            Self::ReadAudit => Scope::AuditRead,
            Self::ReadUsers => Scope::UsersRead,
            Self::Manage => Scope::Manage,
        }
    }

    /// The permission that gives it to one of the staff.
    #[must_use]
    pub const fn permission(self) -> Permission {
        match self {
            Self::ReadTasks => Permission::ReadTasks,
            Self::WriteTasks => Permission::WriteTasks,
            Self::ReadCandidates | Self::WriteCandidates => Permission::Candidates,
            Self::ReadTests => Permission::ReadTests,
            Self::WriteTests => Permission::WriteTests,
            Self::UseBank => Permission::UseBank,
            Self::WriteBank => Permission::WriteBank,
            Self::ReadResults | Self::ReadAnswers => Permission::ReadResults,
            Self::ReadStatistics => Permission::ReadStatistics,
            Self::Administer => Permission::Administer,
            Self::Evaluate => Permission::Evaluate,
            Self::Correct => Permission::Correct,
            Self::ReadEvidences => Permission::Evidences,
            Self::Erase => Permission::Erase,
            Self::ReadAudit => Permission::ReadAudit,
            Self::ReadUsers | Self::Manage => Permission::Manage,
        }
    }

    /// What a scope stands for first, where several rights share it.
    #[must_use]
    pub const fn of_scope(scope: Scope) -> Self {
        match scope {
            Scope::TasksRead => Self::ReadTasks,
            Scope::TasksWrite => Self::WriteTasks,
            Scope::CandidatesRead => Self::ReadCandidates,
            Scope::CandidatesWrite => Self::WriteCandidates,
            Scope::TestsRead => Self::ReadTests,
            Scope::TestsWrite => Self::WriteTests,
            Scope::ResultsRead => Self::ReadResults,
            Scope::AnswersRead => Self::ReadAnswers,
            Scope::ResultsWrite => Self::Administer,
            Scope::EvidencesRead => Self::ReadEvidences,
            Scope::PersonsErase => Self::Erase,
            Scope::AuditRead => Self::ReadAudit,
            Scope::UsersRead => Self::ReadUsers,
            Scope::Manage => Self::Manage,
        }
    }
}

/// The permissions of several roles added up, a joker's chosen ones among them, without repeats.
#[must_use]
pub fn permissions(roles: &[Role], chosen: &[Permission]) -> Vec<Permission> {
    let has_joker = roles.contains(&Role::Joker);
    let by_role =
        |permission: &Permission| roles.iter().any(|role| role.permits().contains(permission));
    let by_choice = |permission: &Permission| {
        has_joker && permission.may_be_chosen() && chosen.contains(permission)
    };
    Permission::ALL
        .iter()
        .copied()
        .filter(|permission| by_role(permission) || by_choice(permission))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Permission::{Correct, Erase, Manage};
    use super::*;

    #[test]
    fn a_user_without_another_role_may_do_nothing_and_a_joker_never_manages() {
        assert_eq!(permissions(&[Role::User], &[Correct]), []);
        assert_eq!(permissions(&[Role::Joker], &[Manage, Correct]), [Correct]);
    }

    #[test]
    fn editors_see_no_persons_and_operators_change_no_tests() {
        let editor = permissions(&[Role::Editor], &[]);
        assert!(
            ![Candidates, ReadResults, Evaluate, Evidences].iter().any(|one| editor.contains(one))
        );
        assert!(editor.contains(&ReadTasks) && !editor.contains(&WriteTasks));
        let operator = permissions(&[Role::Operator], &[]);
        assert!(
            ![WriteTests, WriteBank, Correct, Manage, Erase]
                .iter()
                .any(|one| operator.contains(one))
        );
    }

    #[test]
    fn permissions_of_several_roles_add_up_once_each() {
        let both = permissions(&[Role::Editor, Role::Operator], &[]);
        assert_eq!(both.iter().filter(|one| **one == ReadTasks).count(), 1);
        assert!(both.contains(&WriteTests) && both.contains(&Candidates));
        assert_eq!(permissions(&[Role::Manager, Role::User], &[]), Permission::ALL);
    }

    #[test]
    fn a_scope_stands_for_a_right_that_needs_it() {
        for scope in Scope::ALL {
            assert_eq!(Right::of_scope(*scope).scope(), *scope);
        }
    }

    #[test]
    fn every_permission_and_every_scope_gives_a_right() {
        let rights = Right::ALL.iter().copied();
        let permissions: Vec<_> = rights.clone().map(Right::permission).collect();
        let scopes: Vec<_> = rights.map(Right::scope).collect();
        assert!(Permission::ALL.iter().all(|permission| permissions.contains(permission)));
        assert!(Scope::ALL.iter().all(|scope| scopes.contains(scope)));
    }
}
