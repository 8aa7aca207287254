//! Who may do what in the bank (domain rules, 8).

use crate::caller::{Actor, Caller};
use crate::failure::Failure;
use crate::users::Role;
use domain::instance::Scope;
use storage::bank::BankQuestion;

/// What somebody wants to do in the bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    Read,
    /// Put questions in that wait for approval, and mend them while they wait.
    Submit,
    /// Change any question, approve it, archive it.
    Write,
}

/// Which questions a right is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Those one has submitted.
    Own,
    All,
}

impl Reach {
    pub(super) fn includes(self, row: &BankQuestion, actor: &Actor) -> bool {
        let is_own = row.submitted_kind == actor.kind && row.submitted_by.as_deref().unwrap_or_default() == actor.id;
        self == Self::All || is_own
    }
}

/// What roles together allow in the bank; none is nothing. What a JOKER may is chosen elsewhere.
#[must_use]
pub fn reach_of_roles(roles: &[Role], right: Right) -> Option<Reach> {
    roles.iter().filter_map(|role| reach_of_role(*role, right)).max()
}

fn reach_of_role(role: Role, right: Right) -> Option<Reach> {
    match (role, right) {
        (Role::Manager | Role::Editor | Role::QuestionBankSupervisor, _) => Some(Reach::All),
        (Role::QuestionBankSubmitter, Right::Read | Right::Submit) => Some(Reach::Own),
        _ => None,
    }
}

impl Caller {
    /// How far a right of the caller reaches into the bank.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] when it is not the caller's at all.
    pub(super) fn bank(&self, right: Right) -> Result<Reach, Failure> {
        let scope = match right {
            Right::Read => Scope::TestsRead,
            Right::Submit | Right::Write => Scope::TestsWrite,
        };
        self.require(scope).map(|()| Reach::All)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_add_up_and_a_submitter_reaches_own_questions_only() {
        use Right::{Read, Submit, Write};
        let reach = |roles: &[Role]| [Read, Submit, Write].map(|right| reach_of_roles(roles, right));
        assert_eq!(reach(&[Role::QuestionBankSubmitter]), [Some(Reach::Own), Some(Reach::Own), None]);
        for role in [Role::Manager, Role::Editor, Role::QuestionBankSupervisor] {
            assert_eq!(reach(&[Role::QuestionBankSubmitter, role]), [Some(Reach::All); 3], "{role}");
        }
        assert_eq!(reach(&[Role::Operator, Role::User]), [None; 3]);
    }
}
