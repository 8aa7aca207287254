//! Places for files on their way: so many in all, of one organization, from one address and of one
//! candidate. Whoever sends many at once, or slowly, takes only from the own share, and many
//! visitors of one address only from that address's.

use crate::failure::{Failure, RefusalDetail};
use crate::throttle::ClientNetwork;
use domain::id::{CandidateId, OrganizationId};
use domain::refusal::Refusal;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// When asking again makes sense; nobody knows when a file has arrived.
const RETRY_SECONDS: u32 = 5;

/// The places of one purpose on one server.
#[derive(Clone)]
pub(super) struct UploadLimiter {
    total: usize,
    per_candidate: usize,
    taken: Arc<Mutex<UploadCounts>>,
}

#[derive(Default)]
struct UploadCounts {
    total: usize,
    by_organization: HashMap<OrganizationId, usize>,
    by_network: HashMap<ClientNetwork, usize>,
    by_candidate: HashMap<CandidateId, usize>,
}

impl UploadLimiter {
    pub(super) fn new(total: usize, per_candidate: usize) -> Self {
        Self { total, per_candidate, taken: Arc::default() }
    }

    /// # Errors
    /// `too_many_uploads` when the candidate's own places are taken, or half of all by the address.
    /// [`Failure::Busy`] when all are, or three quarters of all by the organization: a quarter
    /// stays for the others.
    pub(super) fn acquire(
        &self,
        organization: &OrganizationId,
        candidate: &CandidateId,
        network: ClientNetwork,
    ) -> Result<UploadPermit, Failure> {
        let mut taken = self.taken();
        let of_organization = taken.by_organization.get(organization).copied().unwrap_or_default();
        let of_network = taken.by_network.get(&network).copied().unwrap_or_default();
        let of_candidate = taken.by_candidate.get(candidate).copied().unwrap_or_default();
        if of_candidate >= self.per_candidate || of_network >= (self.total / 2).max(1) {
            let (code, retry_after) = (Refusal::TooManyUploads, Some(RETRY_SECONDS));
            return Err(Failure::Refused(RefusalDetail { code, slots: Vec::new(), retry_after }));
        }
        if taken.total >= self.total || of_organization >= (self.total * 3 / 4).max(1) {
            return Err(Failure::Busy);
        }
        taken.total += 1;
        *taken.by_organization.entry(organization.clone()).or_default() += 1;
        *taken.by_network.entry(network).or_default() += 1;
        *taken.by_candidate.entry(candidate.clone()).or_default() += 1;
        let (organization, candidate) = (organization.clone(), candidate.clone());
        Ok(UploadPermit { places: self.clone(), organization, network, candidate })
    }

    fn taken(&self) -> MutexGuard<'_, UploadCounts> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place that is free again once it is dropped.
pub(crate) struct UploadPermit {
    places: UploadLimiter,
    organization: OrganizationId,
    network: ClientNetwork,
    candidate: CandidateId,
}

impl Drop for UploadPermit {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.total = taken.total.saturating_sub(1);
        give_back(&mut taken.by_organization, &self.organization);
        give_back(&mut taken.by_network, &self.network);
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

    fn network(last: u8) -> ClientNetwork {
        ClientNetwork::of(Some([192, 0, 2, last].into()))
    }

    fn refusal_of(refused: Result<UploadPermit, Failure>) -> (bool, Option<u32>) {
        match refused {
            Err(Failure::Refused(RefusalDetail {
                code: Refusal::TooManyUploads,
                retry_after,
                ..
            })) => (true, retry_after),
            Err(Failure::Busy) => (false, None),
            other => panic!("admitted, or refused otherwise: {:?}", other.map(|_| ())),
        }
    }

    #[test]
    fn nobody_takes_more_than_the_own_share_and_a_quarter_stays_for_other_organizations() {
        let places = UploadLimiter::new(8, 2);
        let admit = |organization: &str, number: u8| {
            places.acquire(
                &organization.into(),
                &format!("Ca{number}").as_str().into(),
                network(number),
            )
        };
        let of_one: Vec<_> = (0..5).map_while(|_| admit("Og1", 1).ok()).collect();
        assert_eq!(of_one.len(), 2);
        assert_eq!(refusal_of(admit("Og1", 1)), (true, Some(RETRY_SECONDS)));
        let of_others: Vec<_> = (2..20).filter_map(|number| admit("Og1", number).ok()).collect();
        assert_eq!(of_others.len(), 4);
        assert_eq!(refusal_of(admit("Og1", 20)), (false, None));
        let foreign: Vec<_> = (30..40).filter_map(|number| admit("Og2", number).ok()).collect();
        assert_eq!(foreign.len(), 2);
        drop(of_one);
        assert!(admit("Og1", 1).is_ok());
        drop((of_others, foreign));
        let taken = places.taken();
        assert_eq!(taken.total, 0);
        assert!(
            taken.by_candidate.is_empty()
                && taken.by_organization.is_empty()
                && taken.by_network.is_empty()
        );
    }

    #[test]
    fn many_candidates_behind_one_address_take_half_of_the_places_and_one_elsewhere_goes_on() {
        let places = UploadLimiter::new(8, 2);
        let admit = |candidate: u8, from: u8| {
            places.acquire(&"Og1".into(), &format!("Ca{candidate}").as_str().into(), network(from))
        };
        let of_one: Vec<_> = (0..20).map_while(|candidate| admit(candidate, 1).ok()).collect();
        assert_eq!(of_one.len(), 4);
        assert_eq!(refusal_of(admit(30, 1)), (true, Some(RETRY_SECONDS)));
        let elsewhere = admit(30, 2);
        assert!(elsewhere.is_ok());
        drop(of_one);
        assert!(admit(31, 1).is_ok());
    }
}
