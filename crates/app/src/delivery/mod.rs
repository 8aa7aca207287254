//! The candidate's side: getting in, starting, answering, moving, completing.
//!
//! Every use case but those of entering takes a [`crate::caller::Visitor`]: whether its log-in session still stands is
//! read inside the transaction. What the candidate may not see does not exist: `not_found`.

pub mod answers;
pub mod brief;
pub mod complete;
pub mod enter;
mod facts;
pub mod form;
pub mod fullscreen;
pub mod open;
pub mod own;
pub mod page;
pub mod receipt;
pub(crate) mod running;
mod self_registration;
pub(crate) mod sessions;
pub mod show;
mod sitting;
pub mod start;
pub mod steps;
pub mod upload;
mod visit;
mod vouch;
pub mod welcome;

pub(crate) use upload::Place;
pub use visit::hash_of as session_hash;

use crate::failure::{Failure, Refused};
use domain::delivery::required::Refused as RequiredRefused;

/// A refusal of delivery with the slots it is about, numbered from 1.
impl From<RequiredRefused> for Failure {
    fn from(refused: RequiredRefused) -> Self {
        let slots = refused.slots.iter().map(|slot| number(*slot)).collect();
        Self::Refused(Refused { code: refused.refusal, slots, retry_after: None })
    }
}

/// The published number of an index from 0.
pub(crate) fn number(index: usize) -> u32 {
    u32::try_from(index + 1).unwrap_or(u32::MAX)
}
