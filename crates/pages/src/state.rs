//! What the handlers of pages are given.

use crate::rendering::RenderPool;
use app::App;
use axum::Router;

/// The use cases, the delivery API for scripts, and how cookies are sent.
#[derive(Clone)]
pub struct PagesState {
    pub app: App,
    /// The delivery API without its prefix.
    pub delivery: Router,
    /// The server is reached over https, so cookies must never travel otherwise.
    pub is_secure: bool,
    /// Where authored texts become HTML.
    pub rendering: RenderPool,
}

impl PagesState {
    pub(crate) fn new(app: App, delivery: Router) -> Self {
        let is_secure = app.settings().public_url.starts_with("https://");
        Self { app, delivery, is_secure, rendering: RenderPool::default() }
    }
}
