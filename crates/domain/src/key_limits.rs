//! How far an API key reaches, and in what another one would reach further (domain rules, 8;
//! amendment A8).

use crate::id::TaskId;
use crate::instance::Scope;
use crate::time::Timestamp;

/// What a key may do, on what, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyLimits {
    pub scopes: Vec<Scope>,
    /// None: all tasks.
    pub tasks: Option<Vec<TaskId>>,
    /// None: all folders.
    pub folders: Option<Vec<String>>,
    /// None: without end.
    pub expires_at: Option<Timestamp>,
}

/// In what a key is wider than another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyExcess {
    Scopes(Vec<Scope>),
    Tasks,
    Folders,
    End(Timestamp),
}

impl KeyLimits {
    /// In what `other` is wider than these limits; empty when it is no wider in anything.
    ///
    /// Tasks and folders are compared each by itself: a task that lies in a folder today may be
    /// moved tomorrow, so a limit to tasks never stands for a limit to folders.
    #[must_use]
    pub fn excess_of(&self, other: &Self) -> Vec<KeyExcess> {
        let is_held = |wanted: &Scope| self.scopes.iter().any(|scope| scope.includes(*wanted));
        let scopes: Vec<Scope> =
            other.scopes.iter().copied().filter(|scope| !is_held(scope)).collect();
        let end = self.expires_at.filter(|end| other.expires_at.is_none_or(|other| other > *end));
        [
            (!scopes.is_empty()).then_some(KeyExcess::Scopes(scopes)),
            is_wider(self.tasks.as_deref(), other.tasks.as_deref()).then_some(KeyExcess::Tasks),
            is_wider(self.folders.as_deref(), other.folders.as_deref())
                .then_some(KeyExcess::Folders),
            end.map(KeyExcess::End),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Whether `other` is no wider in anything.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.excess_of(other).is_empty()
    }
}

fn is_wider<T: PartialEq>(own: Option<&[T]>, other: Option<&[T]>) -> bool {
    own.is_some_and(|own| other.is_none_or(|other| other.iter().any(|one| !own.contains(one))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn limits() -> impl Strategy<Value = KeyLimits> {
        let scopes = proptest::sample::subsequence(Scope::ALL.to_vec(), 1..5);
        let tasks =
            proptest::option::of(proptest::sample::subsequence(vec!["Tk1", "Tk2", "Tk3"], 1..3));
        let folders =
            proptest::option::of(proptest::sample::subsequence(vec!["", "north", "south"], 1..3));
        let end = proptest::option::of(0..4_i64);
        (scopes, tasks, folders, end).prop_map(|(scopes, tasks, folders, end)| KeyLimits {
            scopes,
            tasks: tasks.map(|tasks| tasks.into_iter().map(TaskId::from).collect()),
            folders: folders.map(|folders| folders.into_iter().map(str::to_owned).collect()),
            expires_at: end.map(Timestamp::from_seconds),
        })
    }

    /// Whether a key with these limits may do something, on a task in a folder, at a moment.
    fn allows(
        limits: &KeyLimits,
        wanted: Scope,
        task: &TaskId,
        folder: &str,
        at: Timestamp,
    ) -> bool {
        limits.scopes.iter().any(|scope| scope.includes(wanted))
            && limits.tasks.as_ref().is_none_or(|tasks| tasks.contains(task))
            && limits
                .folders
                .as_ref()
                .is_none_or(|folders| folders.iter().any(|entry| entry == folder))
            && limits.expires_at.is_none_or(|end| at < end)
    }

    proptest! {
        #[test]
        fn what_a_covered_key_may_do_the_covering_one_may_do_as_well(wide in limits(), narrow in limits()) {
            prop_assert!(wide.covers(&wide));
            if wide.covers(&narrow) {
                for scope in Scope::ALL {
                    for task in ["Tk1", "Tk2", "Tk3"].map(TaskId::from) {
                        for folder in ["", "north", "south"] {
                            for at in (0..4).map(Timestamp::from_seconds) {
                                let narrow_may = allows(&narrow, *scope, &task, folder, at);
                                prop_assert!(!narrow_may || allows(&wide, *scope, &task, folder, at));
                            }
                        }
                    }
                }
            }
        }

        #[test]
        fn covering_is_handed_down(first in limits(), second in limits(), third in limits()) {
            if first.covers(&second) && second.covers(&third) {
                prop_assert!(first.covers(&third));
            }
        }
    }

    #[test]
    fn every_way_of_being_wider_is_named() {
        let own = KeyLimits {
            scopes: vec![Scope::TasksWrite],
            tasks: Some(vec!["Tk1".into()]),
            folders: Some(vec!["north".to_owned()]),
            expires_at: Some(Timestamp::from_seconds(9)),
        };
        let open = KeyLimits {
            scopes: vec![Scope::TasksRead, Scope::Manage],
            tasks: None,
            folders: None,
            expires_at: None,
        };
        let end = KeyExcess::End(Timestamp::from_seconds(9));
        assert_eq!(
            own.excess_of(&open),
            [KeyExcess::Scopes(vec![Scope::Manage]), KeyExcess::Tasks, KeyExcess::Folders, end]
        );
        assert!(open.covers(&KeyLimits { scopes: vec![Scope::Manage], ..own }));
    }
}
