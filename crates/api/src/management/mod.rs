//! The management API: the staff's side. Callers are programs with API keys; every rule is the use
//! cases'.

mod candidates;
mod corrections;
mod erasure;
mod evaluations;
mod instances;
mod keys;
mod mails;
mod media;
mod organization;
mod proctoring;
mod questions;
mod read;
mod tasks;
mod test_library;
mod users;
mod verification;
mod webhooks;

use crate::state::ApiState;
use domain::fault::ErrorCode;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Where the routes are mounted.
pub const PREFIX: &str = "/api/management/v1";

/// `{}`.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EmptyResponse {}

/// A kept JSON text, to be sent as it is.
fn raw(text: String) -> Result<Box<RawValue>, ErrorCode> {
    RawValue::from_string(text).map_err(|_| ErrorCode::InternalError)
}

/// The routes, written without a prefix.
pub fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(organization::get_organization, organization::update_organization))
        .merge(library())
        .merge(bank())
        .merge(registration())
        .merge(results())
        .routes(routes!(keys::create::create_key, keys::list::list_keys))
        .routes(routes!(keys::revoke::revoke_key))
        .routes(routes!(keys::rotate::rotate_key))
        .merge(callbacks())
        .merge(mail())
}

fn callbacks() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(webhooks::create::create_webhook, webhooks::list::list_webhooks))
        .routes(routes!(
            webhooks::fetch::get_webhook,
            webhooks::update::update_webhook,
            webhooks::remove::delete_webhook
        ))
        .routes(routes!(webhooks::secret::get_webhook_secret))
        .routes(routes!(webhooks::rotate::rotate_webhook_secret))
        .routes(routes!(webhooks::deliveries::list_deliveries))
        .routes(routes!(webhooks::replay_one::replay_delivery))
        .routes(routes!(webhooks::replay::replay_deliveries))
}

fn mail() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(mails::invite::invite_candidates))
        .routes(routes!(mails::list::list_mails))
        .routes(routes!(mails::fetch::get_mail))
        .routes(routes!(mails::send::send_mail))
        .routes(routes!(mails::cancel::cancel_mail))
}

fn library() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(test_library::import::import_test, test_library::list::list_tests))
        .routes(routes!(test_library::archive_file::import_test_archive))
        .routes(routes!(test_library::archive_file::get_test_archive))
        .routes(routes!(test_library::check::check_test))
        .routes(routes!(test_library::schema::test_schema))
        .routes(routes!(test_library::fetch::get_test, test_library::archive::archive_test))
        .routes(routes!(media::create::upload_media, media::list::list_media))
        .routes(routes!(media::fetch::get_media, media::remove::delete_media))
        .routes(routes!(media::content::get_media_content))
        .routes(routes!(tasks::create::create_task, tasks::list::list_tasks))
        .routes(routes!(tasks::fetch::get_task, tasks::update::update_task))
        .routes(routes!(tasks::retention::get_retention, tasks::retention::set_retention))
        .routes(routes!(tasks::statistics::get_statistics))
}

fn bank() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(questions::submit::submit_questions, questions::list::list_questions))
        .routes(routes!(questions::search::search_questions))
        .routes(routes!(questions::fetch::get_question, questions::update::update_question))
        .routes(routes!(questions::document::get_question_document))
        .routes(routes!(questions::approve::approve_question))
}

fn registration() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(candidates::create::create_candidate, candidates::list::list_candidates))
        .routes(routes!(candidates::bulk::create_candidates))
        .routes(routes!(
            candidates::fetch::get_candidate,
            candidates::update::update_candidate,
            candidates::remove::delete_candidate
        ))
        .routes(routes!(candidates::renew::renew_access))
        .routes(routes!(candidates::erase::erase_candidate))
        .routes(routes!(users::erase::erase_user))
        .routes(routes!(users::update::update_user))
        .routes(routes!(users::create::create_user, users::list::list_users))
}

fn results() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(evaluations::waiting::list_waiting))
        .routes(routes!(evaluations::create::evaluate))
        .routes(routes!(evaluations::withdraw::withdraw_evaluation))
        .routes(routes!(instances::fetch::get_instance))
        .routes(routes!(instances::ignore::ignore))
        .routes(routes!(instances::reacknowledge::reacknowledge))
        .routes(routes!(instances::reinstate::reinstate))
        .routes(routes!(instances::force_close::force_close))
        .routes(routes!(instances::extend::extend))
        .routes(routes!(instances::extend_step::extend_step))
        .routes(routes!(instances::rescore::rescore))
        .routes(routes!(tasks::rescore::rescore_task))
        .routes(routes!(tasks::release::release_step))
        .routes(routes!(tasks::release::withdraw_step))
        .routes(routes!(instances::release::release_instance))
        .routes(routes!(instances::release::withdraw_instance))
        .routes(routes!(verification::get_verification, verification::begin_verification))
        .routes(routes!(corrections::instance::correct_instance))
        .routes(routes!(corrections::step::correct_step))
        .routes(routes!(
            corrections::withdraw::withdraw_correction,
            corrections::progress::correction_progress
        ))
        .routes(routes!(proctoring::show_proctoring, proctoring::set_proctoring))
        .routes(routes!(proctoring::show_identity))
        .routes(routes!(proctoring::set_evidence))
        .routes(routes!(proctoring::add_detection))
}
