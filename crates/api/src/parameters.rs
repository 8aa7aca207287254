//! Query parameters that several endpoints document in the same words. Reading them is the work of
//! `mode` and `pagination`; nothing here is ever filled.

use crate::detail_level::DetailLevel;
use utoipa::IntoParams;

/// `mode`, as [`DetailLevel::parse`] reads it.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "only its description is used")]
pub struct ModeParameter {
    /// How much of each resource is printed; `basic` when omitted.
    #[param(inline, nullable = false)]
    mode: Option<DetailLevel>,
}

/// `limit`, as [`crate::pagination::read_limit`] reads it.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "only its description is used")]
pub struct LimitParameter {
    /// The number of rows a page may have.
    #[param(nullable = false, minimum = 1, maximum = 1000, default = 10)]
    limit: Option<i64>,
}

/// `page`, as [`crate::pagination::PageQuery::read`] reads it beside `limit`.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "only its description is used")]
pub struct PageParameter {
    /// The number of the page, from 1.
    #[param(nullable = false, minimum = 1, maximum = 9_007_199_254_740_991_i64, default = 1)]
    page: Option<i64>,
}
