//! `GET /healthz`: whether the server can do its work, for whoever restarts it or sends it
//! requests. Needs no key and tells nothing but that.
//!
//! It is 200 as long as reading works: on a full disk candidates still see their answers, and a
//! restart would help nobody. Whether writing works stands beside it, and is what
//! `GET /healthz/writes` asks for.

use crate::problem::Problem;
use app::health::WriteHealth;
use app::{App, Failure};
use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

/// 200 once the database answers, otherwise a problem.
pub fn routes(app: App) -> Router {
    let writes = app.clone();
    Router::new()
        .route("/healthz", get(move || of_reads(app.clone())))
        .route("/healthz/writes", get(move || of_writes(writes.clone())))
}

async fn of_reads(app: App) -> Result<impl IntoResponse, Problem> {
    let (reads, writes) = tokio::join!(app.read_health(), app.write_health());
    reads?;
    let is_in_doubt = app.clock_status().is_some_and(|clock| !clock.may_destroy());
    Ok(answer(match (writes, is_in_doubt) {
        (WriteHealth::Ok, false) => r#"{"status":"ok","writes":"ok"}"#,
        (WriteHealth::Failing, false) => r#"{"status":"ok","writes":"failing"}"#,
        (WriteHealth::Ok, true) => r#"{"status":"ok","writes":"ok","clock":"in doubt"}"#,
        (WriteHealth::Failing, true) => r#"{"status":"ok","writes":"failing","clock":"in doubt"}"#,
    }))
}

async fn of_writes(app: App) -> Result<impl IntoResponse, Problem> {
    match app.write_health().await {
        WriteHealth::Ok => Ok(answer(r#"{"writes":"ok"}"#)),
        // Not told to the log once more: the storage has said why.
        WriteHealth::Failing => Err(Failure::Busy.into()),
    }
}

fn answer(body: &'static str) -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "no-store"), (header::CONTENT_TYPE, "application/json")], body)
}
