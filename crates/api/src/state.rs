//! What handlers are given, and what the operator decides about HTTP. Knows no handler.

use crate::response_cache::ResponseCache;
use app::App;
use std::num::NonZeroU32;
use std::time::Duration;

/// The version of the server that prints bodies; part of every tag.
pub const BUILD: &str = env!("CARGO_PKG_VERSION");

/// What handlers are given.
#[derive(Clone)]
pub struct ApiState {
    pub app: App,
    /// Printed pages of test instances.
    pub pages: ResponseCache,
}

/// What the operator decides about HTTP.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// Requests a minute for each key; none lifts the limit.
    pub quota: Option<NonZeroU32>,
    /// How long an answer may take to begin.
    pub timeout: Duration,
    /// Bytes of memory for printed pages of test instances; 0 keeps none.
    pub page_cache_bytes: u64,
    /// Whether requests are counted for the metrics.
    pub are_metered: bool,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            quota: NonZeroU32::new(6000),
            timeout: Duration::from_secs(60),
            page_cache_bytes: 64 << 20,
            are_metered: false,
        }
    }
}
