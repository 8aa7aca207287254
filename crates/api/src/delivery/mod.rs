//! The delivery API: the candidate's side. A log-in session's token is sent as
//! `Authorization: Bearer`; entering needs none. Every other rule is the use cases'.

mod access_form;
mod answers;
mod check;
mod complete;
mod conduct;
mod enter_code;
mod enter_task;
mod instance;
mod leave;
mod me;
mod media;
mod open;
mod page;
mod read;
mod receipt;
mod recorded;
mod result;
mod result_review;
mod schema;
mod session;
mod start;
mod steps;
mod stored_answers;
mod test;
mod understanding;
mod uploads;
mod welcome;
mod writes;

use crate::state::ApiState;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Where the routes are mounted.
pub const PREFIX: &str = "/api/delivery/v1";

/// The routes, written without a prefix.
pub fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(welcome::welcome))
        .routes(routes!(enter_code::enter_by_code))
        .routes(routes!(enter_task::enter_task))
        .routes(routes!(me::me))
        .routes(routes!(leave::leave))
        .routes(routes!(steps::steps))
        .routes(routes!(access_form::fill_form))
        .routes(routes!(start::start))
        .routes(routes!(instance::instance))
        .routes(routes!(open::open))
        .routes(routes!(test::test))
        .routes(routes!(stored_answers::kept_answers, answers::save_answers))
        .routes(routes!(page::enter_page))
        .routes(routes!(complete::complete))
        .routes(routes!(media::list_media))
        .routes(routes!(media::play_media))
        .routes(routes!(receipt::receipt))
        .routes(routes!(recorded::recorded))
        .routes(routes!(result::result))
        .routes(routes!(check::check))
        .routes(routes!(conduct::conduct))
        .routes(routes!(conduct::report_fullscreen))
        .routes(routes!(uploads::upload))
        .routes(routes!(uploads::upload_evidence))
        .routes(routes!(uploads::upload_identity_photo))
        .routes(routes!(uploads::upload_document))
}
