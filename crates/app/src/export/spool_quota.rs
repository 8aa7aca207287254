//! How many bytes of exports may wait in temporary files: in all, and of one organization half of
//! that.

use domain::id::OrganizationId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The room of a server.
#[derive(Clone)]
pub(crate) struct SpoolQuota {
    limit: u64,
    used: Arc<Mutex<SpoolUsage>>,
}

#[derive(Default)]
struct SpoolUsage {
    in_all: u64,
    by_organization: HashMap<OrganizationId, u64>,
}

/// An organization's part of it.
#[derive(Clone)]
pub(super) struct OrganizationSpoolQuota {
    of: SpoolQuota,
    organization: OrganizationId,
}

impl SpoolQuota {
    pub(crate) fn new(limit: u64) -> Self {
        Self { limit, used: Arc::default() }
    }

    pub(super) fn for_organization(&self, organization: &OrganizationId) -> OrganizationSpoolQuota {
        OrganizationSpoolQuota { of: self.clone(), organization: organization.clone() }
    }
}

impl OrganizationSpoolQuota {
    /// Takes so many bytes, or nothing.
    pub(super) fn reserve(&self, bytes: u64) -> bool {
        let mut used = self.of.used.lock().unwrap_or_else(PoisonError::into_inner);
        let own = used.by_organization.get(&self.organization).copied().unwrap_or(0);
        // Half of the room for one: what it does not take slows its own exports, and leaves the
        // others theirs.
        if own + bytes > self.of.limit / 2 || used.in_all + bytes > self.of.limit {
            return false;
        }
        used.in_all += bytes;
        used.by_organization.insert(self.organization.clone(), own + bytes);
        true
    }

    pub(super) fn release(&self, bytes: u64) {
        if bytes == 0 {
            return;
        }
        let mut used = self.of.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.in_all = used.in_all.saturating_sub(bytes);
        if let Some(own) = used.by_organization.get_mut(&self.organization) {
            *own = own.saturating_sub(bytes);
            if *own == 0 {
                used.by_organization.remove(&self.organization);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_organization_takes_half_of_the_room_at_most_and_gives_all_of_it_back() {
        let quota = SpoolQuota::new(100);
        let [a, b, c] =
            ["a", "b", "c"].map(|name| quota.for_organization(&OrganizationId::from(name)));
        assert!(a.reserve(50) && !a.reserve(1));
        assert!(b.reserve(40) && c.reserve(10) && !c.reserve(1), "it is full");
        a.release(50);
        assert!(c.reserve(40));
        b.release(40);
        c.release(50);
        let used = quota.used.lock().unwrap();
        assert!(used.in_all == 0 && used.by_organization.is_empty());
    }
}
