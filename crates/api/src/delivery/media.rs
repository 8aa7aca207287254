//! `GET /instances/{id}/media` and `POST /instances/{id}/plays`: pictures, sound and film of the
//! pages that were reached.

use super::read;
use crate::openapi::{BodyErrors, CommonErrors, EnumWord, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::text;
use crate::request::{RequestObject as _, request};
use crate::state::ApiState;
use app::delivery::media::DeliveredMedia as ReachedMedia;
use axum::{Json, extract};
use domain::authored_media::AuthoredMediaType;
use domain::fault::Faults;
use domain::id::InstanceId;
use serde::Serialize;
use utoipa::ToSchema;

type MediaTypeWord = EnumWord<AuthoredMediaType>;

/// Letters of a place.
const LONGEST_PLACE: usize = 64;
const LONGEST_TOKEN: usize = 255;

/// The media of the pages that were reached.
#[derive(Serialize, ToSchema)]
#[schema(as = InstanceMedia)]
pub(super) struct InstanceMediaResponse {
    /// In the order of the pages and of the texts on them; one that stands twice is listed twice.
    media: Vec<DeliveredMedia>,
}

/// A picture, sound or film where it stands in a text.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DeliveredMedia {
    /// Where it stands; the same for the whole test instance.
    place: String,
    /// Number of the page, from 1.
    page_no: usize,
    /// Number of the question, from 1; null in the words of the page itself.
    #[schema(required)]
    slot: Option<usize>,
    /// SHA-256 of the file, as the text names it.
    media_id: String,
    /// What the file is.
    #[schema(inline)]
    media_type: MediaTypeWord,
    /// The size.
    bytes: u64,
    /// Of a picture, in pixels; absent where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u64>,
    /// Of a picture, in pixels; absent where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u64>,
    /// How long a sound or film is, rounded up; absent where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<u64>,
    /// What it shows or says, for who cannot see or hear it.
    description: String,
    /// Where the file can be read for an hour at least, while the test instance is open; null where
    /// plays are counted.
    #[schema(required)]
    url: Option<String>,
    /// Where its captions (WebVTT) can be read; null without any.
    #[schema(required)]
    captions_url: Option<String>,
    /// How often it may be played; null without a limit.
    #[schema(required)]
    plays: Option<u32>,
    /// How often it was played, where that is limited.
    played: u32,
}

impl From<ReachedMedia> for DeliveredMedia {
    fn from(reached: ReachedMedia) -> Self {
        let ReachedMedia { placed, media, url, captions, played } = reached;
        Self {
            place: placed.place,
            page_no: placed.page + 1,
            slot: placed.slot,
            media_id: media.digest(),
            seconds: media.seconds(),
            media_type: media.media_type.into(),
            bytes: media.bytes,
            width: media.width,
            height: media.height,
            description: placed.description,
            url,
            captions_url: captions,
            plays: placed.media.plays,
            played,
        }
    }
}

request! {
    /// What is played.
    pub(super) struct PlayMediaRequest as "PlayMedia" {
        /// Where it stands, as the list of media says.
        place: String = text(1..=LONGEST_PLACE),
        /// Chosen by the client: the same token is counted once.
        client_token: String = text(1..=LONGEST_TOKEN),
    }
}

/// A play that was counted.
#[derive(Serialize, ToSchema)]
#[schema(as = MediaPlay)]
pub(super) struct PlayMediaResponse {
    /// Where the file can be read for this play.
    url: String,
    /// How often it may be played yet.
    left: u32,
}

/// Lists the media on the pages that the candidate has reached and may still see. Media of other
/// pages are not listed: nobody sees them before their time.
#[utoipa::path(
    get, path = "/instances/{id}/media", tag = "Taking a test", operation_id = "listInstanceMedia",
    params(("id" = String, Path)),
    responses((status = 200, body = InstanceMediaResponse), CommonErrors, PathErrors, StateErrors)
)]
pub async fn list_media(
    extract::State(state): extract::State<ApiState>,
    incoming: RawRequest,
) -> Result<Json<InstanceMediaResponse>, Problem> {
    let visitor = read::candidate_session(&state, &incoming.head)?;
    let instance: InstanceId = read::path_id_only(incoming, "id").await?;
    let media = state.app.delivery().instance_media(&visitor, &instance, None).await?;
    Ok(Json(InstanceMediaResponse { media: media.into_iter().map(DeliveredMedia::from).collect() }))
}

/// Counts a play of what may be played a few times only. The count is kept by the server: it stays
/// after a reload and on another device.
///
/// 409 `no_plays_left`: it was played as often as it may be.
#[utoipa::path(
    post, path = "/instances/{id}/plays", tag = "Taking a test", operation_id = "playMedia",
    params(("id" = String, Path)), request_body = PlayMediaRequest,
    responses(
        (status = 200, body = PlayMediaResponse), CommonErrors, PathErrors, BodyErrors, StateErrors
    )
)]
pub async fn play_media(
    extract::State(state): extract::State<ApiState>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<PlayMediaResponse>, Problem> {
    let visitor = read::candidate_session(&state, &head)?;
    let mut faults = Faults::new();
    let instance: InstanceId = read::id(&head, "id", &mut faults);
    let PlayMediaRequest { place, client_token } =
        read::body(&head, body, faults, PlayMediaRequest::read).await?;
    let delivery = state.app.delivery();
    let played = delivery.play_media(&visitor, &instance, &place, &client_token).await?;
    Ok(Json(PlayMediaResponse { url: played.url, left: played.left }))
}
