//! When two candidates of a task may not have the same uniqId (domain rules, 7.3).
//!
//! The rule is not symmetric: the scope of the one that is created or changed decides, whatever
//! scope the others were created with. Of two simultaneous creations one wins because storage asks
//! this under the task's lock.

use crate::refusal::Refusal;
use std::collections::BTreeSet;
use uuid::Uuid;

crate::string_enum! {
    /// Among which candidates of a task a uniqId is unique.
    pub enum UniqScope {
        Task = "task",
        Group = "group",
        Labels = "labels",
        Programs = "programs",
    }
}

/// What the rule asks of a candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UniqIdentity {
    pub uniq_id: Option<String>,
    pub group: String,
    pub labels: BTreeSet<String>,
    /// Uuids of the task's programs.
    pub programs: BTreeSet<Uuid>,
}

impl UniqIdentity {
    /// Whether this candidate, created or changed with this scope, may not stand beside another of
    /// the same task.
    #[must_use]
    pub fn clashes_with(&self, scope: UniqScope, other: &Self) -> bool {
        let is_same = self.uniq_id.is_some() && self.uniq_id == other.uniq_id;
        is_same
            && match scope {
                UniqScope::Task => true,
                UniqScope::Group => self.group == other.group,
                UniqScope::Labels => !self.labels.is_disjoint(&other.labels),
                UniqScope::Programs => !self.programs.is_disjoint(&other.programs),
            }
    }

    /// Checks this candidate against all others of its task.
    ///
    /// # Errors
    /// `duplicate_uniq_id`.
    pub fn check<'others>(
        &self,
        scope: UniqScope,
        others: impl IntoIterator<Item = &'others Self>,
    ) -> Result<(), Refusal> {
        let has_clash = others.into_iter().any(|other| self.clashes_with(scope, other));
        if has_clash { Err(Refusal::DuplicateUniqId) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tracked(
        uniq_id: Option<&str>,
        group: &str,
        labels: &[&str],
        programs: &[u128],
    ) -> UniqIdentity {
        UniqIdentity {
            uniq_id: uniq_id.map(str::to_owned),
            group: group.to_owned(),
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            programs: programs.iter().map(|program| Uuid::from_u128(*program)).collect(),
        }
    }

    #[test]
    fn the_same_value_clashes_within_the_scope_of_the_new_one() {
        let other = tracked(Some("E-7"), "a", &["x", "y"], &[1]);
        let far = tracked(Some("E-7"), "b", &["z"], &[2]);
        assert_eq!(far.check(UniqScope::Task, [&other]), Err(Refusal::DuplicateUniqId));
        for scope in [UniqScope::Group, UniqScope::Labels, UniqScope::Programs] {
            assert_eq!(far.check(scope, [&other]), Ok(()), "{scope}");
        }
        let near = tracked(Some("E-7"), "a", &["z", "y"], &[2, 1]);
        for scope in UniqScope::ALL {
            assert_eq!(near.check(*scope, [&other]), Err(Refusal::DuplicateUniqId), "{scope}");
        }
    }

    #[test]
    fn values_are_compared_exactly_and_no_value_or_empty_scope_never_clashes() {
        let other = tracked(Some("E-7"), "a", &[], &[]);
        assert_eq!(tracked(Some("e-7"), "a", &[], &[]).check(UniqScope::Task, [&other]), Ok(()));
        assert_eq!(
            tracked(None, "a", &[], &[]).check(UniqScope::Task, [&tracked(None, "a", &[], &[])]),
            Ok(())
        );
        assert_eq!(other.check(UniqScope::Labels, [&other.clone()]), Ok(()));
        assert_eq!(other.check(UniqScope::Programs, [&other.clone()]), Ok(()));
    }

    fn any_tracked() -> impl Strategy<Value = (UniqIdentity, UniqScope)> {
        let labels = proptest::sample::subsequence(vec!["x", "y", "z"], 0..=3);
        let programs = proptest::sample::subsequence(vec![1u128, 2, 3], 0..=3);
        let id = proptest::option::of(proptest::sample::select(vec!["1", "2"]));
        (
            id,
            proptest::sample::select(vec!["a", "b"]),
            labels,
            programs,
            proptest::sample::select(UniqScope::ALL),
        )
            .prop_map(|(id, group, labels, programs, scope)| {
                (tracked(id, group, &labels, &programs), scope)
            })
    }

    proptest! {
        /// Invariant 36: whoever was let in clashes with nobody who was there before.
        #[test]
        fn those_let_in_one_after_the_other_break_no_scope(arriving in proptest::collection::vec(any_tracked(), 0..12)) {
            let mut stored: Vec<UniqIdentity> = Vec::new();
            for (candidate, scope) in arriving {
                if candidate.check(scope, &stored).is_ok() {
                    prop_assert!(stored.iter().all(|other| !candidate.clashes_with(scope, other)));
                    stored.push(candidate);
                }
            }
        }
    }
}
