//! Which files of answers are on their way to this server at the moment, so that nobody hands in
//! without knowing of one that another device is still sending. Every server of a database knows of
//! its own only.

use domain::id::InstanceId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Slots of open instances that files are on their way to; a slot stands once for each file. Never
/// more entries than there are places for files on their way.
#[derive(Clone, Debug, Default)]
pub struct UploadsInProgress(Arc<Mutex<HashMap<InstanceId, Vec<u32>>>>);

/// One file on its way; when it is dropped, the file has arrived or was given up.
#[derive(Debug)]
pub struct UploadGuard {
    all: UploadsInProgress,
    instance: InstanceId,
    slot: u32,
}

impl UploadsInProgress {
    #[must_use]
    pub fn begin(&self, instance: &InstanceId, slot: u32) -> UploadGuard {
        self.lock().entry(instance.clone()).or_default().push(slot);
        UploadGuard { all: self.clone(), instance: instance.clone(), slot }
    }

    /// The slots of an instance, each once, in order.
    #[must_use]
    pub fn slots(&self, instance: &InstanceId) -> Vec<u32> {
        let mut slots = self.lock().get(instance).cloned().unwrap_or_default();
        slots.sort_unstable();
        slots.dedup();
        slots
    }

    /// Nothing can panic while the lock is held, so what a poisoned one guards is whole.
    fn lock(&self) -> MutexGuard<'_, HashMap<InstanceId, Vec<u32>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UploadGuard {
    fn drop(&mut self) {
        let mut all = self.all.lock();
        let Some(slots) = all.get_mut(&self.instance) else { return };
        if let Some(index) = slots.iter().position(|slot| *slot == self.slot) {
            slots.swap_remove(index);
        }
        if slots.is_empty() {
            all.remove(&self.instance);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_under_way_from_its_mark_until_that_is_dropped() {
        let (all, instance) = (UploadsInProgress::default(), InstanceId::from("Ti1"));
        let first = all.begin(&instance, 3);
        let (second, third) = (all.begin(&instance, 1), all.begin(&instance, 3));
        assert_eq!(all.slots(&instance), [1, 3]);
        assert_eq!(all.slots(&InstanceId::from("Ti2")), [0; 0]);
        drop(first);
        assert_eq!(all.slots(&instance), [1, 3]);
        drop((second, third));
        assert_eq!(all.slots(&instance), [0; 0]);
        assert!(all.lock().is_empty(), "nothing is remembered of what has arrived");
    }
}
