//! Who may do what in the bank (domain rules, 8).

use crate::caller::Caller;
use crate::failure::Failure;
use domain::role::Right;
use storage::bank::BankQuestionRow;

/// What somebody wants to do in the bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BankRight {
    Read,
    /// Put questions in that wait for approval, and mend them while they wait.
    Submit,
    /// Change any question, approve it, archive it.
    Write,
}

/// Which questions a right is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BankReach {
    /// Those one has submitted.
    Own,
    All,
}

impl BankReach {
    /// Whether a question is one the right is about, and lies within the caller's limits.
    pub(super) fn includes(self, row: &BankQuestionRow, caller: &Caller) -> bool {
        let actor = caller.actor();
        let is_own = row.submitted_kind == actor.kind
            && row.submitted_by.as_deref().unwrap_or_default() == actor.id;
        caller.can_access_folder(&row.folder) && (self == Self::All || is_own)
    }
}

impl Caller {
    /// How far a right of the caller reaches into the bank.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] when it is not the caller's at all.
    pub fn bank_reach(&self, right: BankRight) -> Result<BankReach, Failure> {
        if right == BankRight::Write {
            self.require(Right::WriteBank)?;
            return Ok(BankReach::All);
        }
        self.require(Right::UseBank)?;
        if self.user().is_some() {
            // Whoever may only submit sees what was submitted by that person.
            let is_writer = self.require(Right::WriteBank).is_ok();
            return Ok(if is_writer { BankReach::All } else { BankReach::Own });
        }
        if right == BankRight::Submit {
            self.require(Right::WriteTests)?;
        }
        Ok(BankReach::All)
    }
}

#[cfg(test)]
mod tests {
    use super::BankRight::{Read, Submit, Write};
    use super::*;
    use crate::caller::{KeyGrant, UserGrant};
    use domain::instance::Scope;
    use domain::role::{Role, permissions};
    use std::sync::Arc;

    fn user(roles: &[Role]) -> Caller {
        let seat = UserGrant {
            organization: "Og1".into(),
            user: "Us1".into(),
            roles: roles.to_vec(),
            permissions: permissions(roles, &[]),
            tasks: None,
            folders: None,
        };
        Caller::with_user(Arc::new(seat), "Rq1".into())
    }

    fn reach(caller: &Caller) -> [Option<BankReach>; 3] {
        [Read, Submit, Write].map(|right| caller.bank_reach(right).ok())
    }

    #[test]
    fn roles_add_up_and_a_submitter_reaches_own_questions_only() {
        let submitter = Role::QuestionBankSubmitter;
        assert_eq!(reach(&user(&[submitter])), [Some(BankReach::Own), Some(BankReach::Own), None]);
        for role in [Role::Manager, Role::Editor, Role::QuestionBankSupervisor] {
            assert_eq!(reach(&user(&[submitter, role])), [Some(BankReach::All); 3], "{role}");
        }
        assert_eq!(reach(&user(&[Role::Operator, Role::User])), [None; 3]);
    }

    #[test]
    fn a_key_reads_with_one_scope_and_writes_with_the_other() {
        let key = |scope| {
            let (organization, key) = ("Og1".into(), "Ky1".into());
            let grant = KeyGrant {
                organization,
                key,
                scopes: vec![scope],
                tasks: None,
                folders: None,
                expires_at: None,
            };
            Caller::with_key(Arc::new(grant), "Rq1".into())
        };
        assert_eq!(reach(&key(Scope::TestsRead)), [Some(BankReach::All), None, None]);
        assert_eq!(reach(&key(Scope::TestsWrite)), [Some(BankReach::All); 3]);
        assert_eq!(reach(&key(Scope::TasksWrite)), [None; 3]);
    }
}
