//! The integration API: what customers' systems read, wire-compatible with TestInvite's v1.

pub mod candidates;
mod read;
mod reply;
pub mod tasks;
pub mod test_instances;
pub mod users;
mod validate_then_run;

use crate::state::ApiState;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes, written without a prefix.
pub fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().merge(tasks()).merge(candidates()).merge(test_instances()).merge(users())
}

fn test_instances() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(test_instances::list::list))
        .routes(routes!(test_instances::fetch::fetch))
        .routes(routes!(test_instances::changes::changes))
        .routes(routes!(test_instances::search::search))
        .routes(routes!(test_instances::export::export))
        .routes(routes!(test_instances::expand::expand))
        .routes(routes!(test_instances::answers::answers))
        .routes(routes!(test_instances::evidences::evidences))
}

fn tasks() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(tasks::list::list))
        .routes(routes!(tasks::search::search))
        .routes(routes!(tasks::fetch::fetch, tasks::update::update))
}

fn candidates() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(candidates::list::list, candidates::create::create)).routes(
        routes!(candidates::fetch::fetch, candidates::update::update, candidates::delete::delete),
    )
}

fn users() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(users::list::list))
        .routes(routes!(users::search::search))
        .routes(routes!(users::fetch::fetch))
}
