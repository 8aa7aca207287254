//! What the outside world gives: the time and chance. Everything else here is decided from arguments.

use domain::id::{
    CandidateId, CorrectionId, EventId, InstanceId, KeyId, OrganizationId, RequestId, StepId, TaskId, TestId, UserId,
};
use domain::time::Timestamp;

/// The server's clock.
pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> Timestamp;
}

/// A cryptographically strong random source.
pub trait Chance: Send + Sync + 'static {
    fn fill(&self, bytes: &mut [u8]);
}

/// Values drawn from a random source.
pub trait Draw {
    /// As many random bytes as the array holds.
    fn bytes<const N: usize>(&self) -> [u8; N];

    /// 64 random bits.
    fn bits(&self) -> u64 {
        u64::from_be_bytes(self.bytes())
    }
}

impl Draw for dyn Chance {
    fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}

/// Kinds of id that can be made from the moment and chance.
pub trait Minted {
    fn mint(now: Timestamp, random: u64) -> Self;
}

macro_rules! minted {
    ($($id:ty)*) => {$(
        impl Minted for $id {
            fn mint(now: Timestamp, random: u64) -> Self {
                <$id>::mint(now, random)
            }
        }
    )*};
}

minted! { CandidateId CorrectionId EventId InstanceId KeyId OrganizationId RequestId StepId TaskId TestId UserId }
