//! A file as it is listed.

use crate::openapi::EnumWord;
use app::media::authored::AuthorMediaView;
use domain::authored_media::AuthoredMediaType;
use serde::Serialize;
use utoipa::ToSchema;

type MediaTypeWord = EnumWord<AuthoredMediaType>;

/// A picture, sound, film, captions or PDF of the library.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuthorMedia)]
pub(in crate::management) struct ManagedMedia {
    /// SHA-256 of the file, in lower-case hexadecimal: `![description](asset:<mediaId>)` shows it.
    media_id: String,
    /// What the file is, as its bytes say.
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
    /// The name it was first uploaded with.
    name: String,
    /// When it was first uploaded, in seconds since the epoch.
    created_at: i64,
}

impl From<AuthorMediaView> for ManagedMedia {
    fn from(media: AuthorMediaView) -> Self {
        Self {
            media_id: media.digest(),
            seconds: media.seconds(),
            media_type: media.media_type.into(),
            bytes: media.bytes,
            width: media.width,
            height: media.height,
            name: media.name,
            created_at: media.created_at.seconds(),
        }
    }
}
