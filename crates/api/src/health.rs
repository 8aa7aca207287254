//! `GET /healthz`: whether the server can do its work, for whoever restarts it or sends it requests. Needs no key and
//! tells nothing but that.

use crate::problem::Problem;
use app::App;
use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

/// 200 once the database answers, otherwise a problem.
pub fn routes(app: App) -> Router {
    Router::new().route("/healthz", get(move || answer(app.clone())))
}

async fn answer(app: App) -> Result<impl IntoResponse, Problem> {
    app.answers().await?;
    Ok(([(header::CACHE_CONTROL, "no-store"), (header::CONTENT_TYPE, "application/json")], "{\"status\":\"ok\"}"))
}
