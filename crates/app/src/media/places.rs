//! Places for files on their way: so many in all, of one organization and of one candidate. Whoever sends many at once,
//! or slowly, takes only from the own share.

use crate::failure::Failure;
use domain::id::{CandidateId, OrganizationId};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The places of one purpose on one server.
#[derive(Clone)]
pub(super) struct UploadPlaces {
    total: usize,
    per_candidate: usize,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Default)]
struct Taken {
    total: usize,
    by_organization: HashMap<OrganizationId, usize>,
    by_candidate: HashMap<CandidateId, usize>,
}

impl UploadPlaces {
    pub(super) fn new(total: usize, per_candidate: usize) -> Self {
        Self { total, per_candidate, taken: Arc::default() }
    }

    /// # Errors
    /// [`Failure::Busy`] when all places are taken, the candidate's own, or three quarters of all by the organization: a
    /// quarter stays for the others.
    pub(super) fn admit(&self, organization: &OrganizationId, candidate: &CandidateId) -> Result<UploadPlace, Failure> {
        let mut taken = self.taken();
        let of_organization = taken.by_organization.get(organization).copied().unwrap_or_default();
        let of_candidate = taken.by_candidate.get(candidate).copied().unwrap_or_default();
        let per_organization = (self.total * 3 / 4).max(1);
        if taken.total >= self.total || of_organization >= per_organization || of_candidate >= self.per_candidate {
            return Err(Failure::Busy);
        }
        taken.total += 1;
        *taken.by_organization.entry(organization.clone()).or_default() += 1;
        *taken.by_candidate.entry(candidate.clone()).or_default() += 1;
        Ok(UploadPlace { places: self.clone(), organization: organization.clone(), candidate: candidate.clone() })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place that is free again once it is dropped.
pub(super) struct UploadPlace {
    places: UploadPlaces,
    organization: OrganizationId,
    candidate: CandidateId,
}

impl Drop for UploadPlace {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.total = taken.total.saturating_sub(1);
        give_back(&mut taken.by_organization, &self.organization);
        give_back(&mut taken.by_candidate, &self.candidate);
    }
}

fn give_back<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            counts.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_takes_more_than_the_own_share_and_a_quarter_stays_for_other_organizations() {
        let places = UploadPlaces::new(8, 2);
        let admit = |organization: &str, candidate: &str| places.admit(&organization.into(), &candidate.into());
        let of_one: Vec<_> = (0..5).map_while(|_| admit("Og1", "Ca1").ok()).collect();
        assert_eq!(of_one.len(), 2);
        let of_others: Vec<_> = (2..20).filter_map(|number| admit("Og1", &format!("Ca{number}")).ok()).collect();
        assert_eq!(of_others.len(), 4);
        let foreign: Vec<_> = (30..40).filter_map(|number| admit("Og2", &format!("Ca{number}")).ok()).collect();
        assert_eq!(foreign.len(), 2);
        drop(of_one);
        assert!(admit("Og1", "Ca1").is_ok());
        drop((of_others, foreign));
        assert_eq!(places.taken().total, 0);
        assert!(places.taken().by_candidate.is_empty() && places.taken().by_organization.is_empty());
    }
}
