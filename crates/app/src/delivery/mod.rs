//! The candidate's side: getting in, starting, answering, moving, completing.
//!
//! Every use case but those of entering takes a [`crate::caller::CandidateSession`]: whether its
//! log-in session still stands is read inside the transaction. What the candidate may not see does
//! not exist: `not_found`.

pub mod answers;
mod attempt_context;
mod candidate_facts;
mod candidate_session;
pub mod complete;
pub mod enter;
pub mod form;
pub mod fullscreen;
mod impersonation;
pub mod media;
pub mod open;
pub(crate) mod open_instance;
pub mod own;
pub mod page;
pub mod practice;
pub mod receipt;
pub mod recorded;
pub mod result;
mod self_registration;
pub(crate) mod sessions;
mod shared_figures;
pub mod show;
pub(crate) mod sitting_history;
pub mod start;
pub mod step_brief;
pub mod steps;
pub mod upload;
pub mod welcome;

pub use crate::caller::session_hash;
pub(crate) use upload::UploadOwner;

use crate::failure::{Failure, RefusalDetail};
use domain::delivery::required::RefusalWithSlots as RequiredRefused;

/// A refusal of delivery with the slots it is about, numbered from 1.
impl From<RequiredRefused> for Failure {
    fn from(refused: RequiredRefused) -> Self {
        let slots = refused.slots.iter().map(|slot| published_number(*slot)).collect();
        Self::Refused(RefusalDetail { code: refused.refusal, slots, retry_after: None })
    }
}

/// The published number of an index from 0.
pub(crate) fn published_number(index: usize) -> u32 {
    u32::try_from(index + 1).expect("a test has a few thousand of anything at most")
}
