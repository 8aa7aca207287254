//! What every area of staff's pages is made with: who is signed in, what stands around a page, and
//! forms with their faults. Knows no area.

mod form_errors;
pub mod form_values;
pub mod layout;
pub mod session;

pub use form_errors::FormErrors;
pub use form_values::FormValues;
pub use layout::{StaffArea, StaffLayout};
pub use session::{ROOT, SignedInStaff};

use crate::state::PagesState;
use axum::routing::MethodRouter;

/// The routes of one area: the template of a route, and what answers there.
pub type AreaRoutes = Vec<(&'static str, MethodRouter<PagesState>)>;
