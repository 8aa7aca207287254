//! Roles of users and what they permit (domain rules, 8).
//!
//! A permission is one row of that table. Programs hold scopes instead, which are coarser; both
//! meet in [`Permission::scope`] and [`Permission::of_scope`].

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

    /// The scope a program needs for the same.
    #[must_use]
    pub const fn scope(self) -> Scope {
        match self {
            Self::Manage => Scope::Manage,
            Self::ReadTests | Self::UseBank | Self::ReadStatistics => Scope::TestsRead,
            Self::WriteTests | Self::WriteBank => Scope::TestsWrite,
            Self::ReadTasks => Scope::TasksRead,
            Self::WriteTasks => Scope::TasksWrite,
            Self::Candidates => Scope::CandidatesWrite,
            Self::ReadResults => Scope::ResultsRead,
            Self::Administer | Self::Evaluate | Self::Correct => Scope::ResultsWrite,
            Self::Evidences => Scope::EvidencesRead,
            Self::Erase => Scope::PersonsErase,
            Self::ReadAudit => Scope::AuditRead,
        }
    }

    /// What a user needs where a program needs the scope.
    #[must_use]
    pub const fn of_scope(scope: Scope) -> Self {
        match scope {
            Scope::TasksRead => Self::ReadTasks,
            Scope::TasksWrite => Self::WriteTasks,
            Scope::CandidatesRead | Scope::CandidatesWrite => Self::Candidates,
            Scope::TestsRead => Self::ReadTests,
            Scope::TestsWrite => Self::WriteTests,
            Scope::ResultsRead | Scope::AnswersRead => Self::ReadResults,
            Scope::ResultsWrite => Self::Administer,
            Scope::EvidencesRead => Self::Evidences,
            Scope::PersonsErase => Self::Erase,
            Scope::AuditRead => Self::ReadAudit,
            Scope::UsersRead | Scope::Manage => Self::Manage,
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
    fn whoever_has_a_permission_passes_where_its_scope_is_asked_for_reading() {
        for scope in Scope::ALL {
            let wanted = Permission::of_scope(*scope);
            assert!(
                wanted.scope().includes(*scope)
                    || matches!(scope, Scope::AnswersRead | Scope::UsersRead)
            );
        }
    }
}
