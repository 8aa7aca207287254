//! Files that candidates send: what they are for, what they may be, and how long a link to one
//! lives.

use crate::document::model::{Input, Question, QuestionBody};
use crate::response::accepts_media_type;
use crate::time::Timestamp;
use std::fmt;

/// Seconds a link works at least.
const LINK_SECONDS: i64 = 3600;
/// Bytes of a second of sound and of pictures with sound that a recording may have, generously.
const AUDIO_BYTES: u64 = 48 * 1024;
const VIDEO_BYTES: u64 = 640 * 1024;
/// What a recording may have beyond its seconds.
const RECORDING_BASE: u64 = 4 << 20;
/// Files that may be sent for one question: those that an answer was changed from stay.
pub const MOST_PER_SLOT: u64 = 40;

crate::string_enum! {
    /// What a file was sent for.
    pub enum MediaPurpose {
        Answer = "answer",
        Evidence = "evidence",
        IdentityPhoto = "identity-photo",
        /// One of the documents that a step demands before it starts.
        Document = "document",
    }

    /// What became of a file.
    pub enum MediaState {
        Kept = "kept",
        /// Its time was over; that it was there is still told.
        Expired = "expired",
        /// Its person was erased; nothing is told of it.
        Erased = "erased",
    }
}

/// What a file may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadRules {
    pub bytes: u64,
    /// Types such as `image/png` or `image/*`; none allows any.
    pub types: Vec<String>,
    /// What all files together may have, if that is limited.
    pub share: Option<UploadQuota>,
}

/// The bytes that all files of one instance for a purpose may have, and those they have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadQuota {
    pub most: u64,
    pub used: u64,
}

/// Why a file is not taken (`upload_not_allowed`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UploadRejection {
    /// No file is asked for here.
    NotExpected,
    Empty,
    /// It is of none of these types.
    Type(Vec<String>),
    /// It has more than so many bytes.
    Bytes(u64),
    /// There are so many files already.
    Files(u64),
    /// All files of the instance together would have more than so many bytes.
    Share(u64),
    /// All media of the authors of an organization would have more than so many bytes.
    OrganizationShare(u64),
    /// It came at less than so many bytes a second.
    TooSlow(u64),
}

/// One sentence that names the limit.
impl fmt::Display for UploadRejection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotExpected => formatter.write_str("No file is asked for here."),
            Self::Empty => formatter.write_str("The file is empty."),
            Self::Type(types) => {
                write!(formatter, "The file must be of one of the types {}.", types.join(", "))
            }
            Self::Bytes(most) => write!(formatter, "The file must have at most {most} bytes."),
            Self::Files(most) => write!(formatter, "At most {most} files can be sent for this."),
            Self::TooSlow(least) => {
                write!(
                    formatter,
                    "The file came too slowly: at least {least} bytes a second are needed."
                )
            }
            Self::OrganizationShare(most) => {
                write!(
                    formatter,
                    "All media of the organization together must have at most {most} bytes: remove some that are not used."
                )
            }
            Self::Share(most) => {
                write!(
                    formatter,
                    "All files of this test instance together must have at most {most} bytes."
                )
            }
        }
    }
}

impl UploadRules {
    /// Of a photo or recording of these types.
    #[must_use]
    pub fn of(bytes: u64, types: &[&str]) -> Self {
        Self { bytes, types: types.iter().map(|kind| (*kind).to_owned()).collect(), share: None }
    }

    /// What may be sent as an answer to a question; none when it is not answered by files. The
    /// number of files is judged with the response.
    #[must_use]
    pub fn of_question(question: &Question) -> Option<Self> {
        let input = match &question.kind {
            QuestionBody::Input(input) => input,
            QuestionBody::MultipleChoice(_) | QuestionBody::Match(_) => return None,
        };
        Some(match input {
            Input::Audio(the_input) => Self::of(
                RECORDING_BASE + AUDIO_BYTES * u64::from(the_input.max_seconds),
                &["audio/*"],
            ),
            Input::Video(the_input) => Self::of(
                RECORDING_BASE + VIDEO_BYTES * u64::from(the_input.max_seconds),
                &["video/*"],
            ),
            Input::Photo(the_input) if the_input.media_types.is_empty() => {
                Self::of(the_input.max_bytes, &["image/*"])
            }
            Input::File(the_input) | Input::Photo(the_input) => Self {
                bytes: the_input.max_bytes,
                types: the_input.media_types.clone(),
                share: None,
            },
            Input::Field(_)
            | Input::Area(_)
            | Input::Rich(_)
            | Input::Code(_)
            | Input::Numeric(_)
            | Input::Tabular(_) => return None,
        })
    }

    /// The same, as far as there is room beside the other files of the instance.
    ///
    /// # Errors
    /// When there is none.
    pub fn within_quota(self, share: UploadQuota) -> Result<Self, UploadRejection> {
        if share.used >= share.most {
            Err(UploadRejection::Share(share.most))
        } else {
            Ok(Self { share: Some(share), ..self })
        }
    }

    /// Demands that a file of this size may be sent. It may be asked again as the file grows.
    ///
    /// # Errors
    /// When it is too large, by itself or beside the others.
    pub fn check_size(&self, bytes: u64) -> Result<(), UploadRejection> {
        if bytes > self.bytes {
            return Err(UploadRejection::Bytes(self.bytes));
        }
        match self.share {
            Some(share) if bytes > share.most.saturating_sub(share.used) => {
                Err(UploadRejection::Share(share.most))
            }
            _ => Ok(()),
        }
    }

    /// Demands that a file of this type may be sent.
    ///
    /// # Errors
    /// When it is of another type than asked for.
    pub fn check_type(&self, media_type: &str) -> Result<(), UploadRejection> {
        let wanted: Vec<_> = self.types.iter().map(String::as_str).collect();
        if accepts_media_type(&wanted, media_type) {
            Ok(())
        } else {
            Err(UploadRejection::Type(self.types.clone()))
        }
    }
}

/// The type of a file, from what its sender says and what its first bytes look like. What is shown
/// inside a page (pictures, sound, film) is only believed when the bytes say so too.
#[must_use]
pub fn detect_media_type(declared: &str, seen: Option<&str>) -> String {
    let declared = essence(declared);
    match seen {
        Some(seen) if is_same_container(&declared, seen) => declared,
        Some(seen) => seen.to_owned(),
        None if ["image/", "audio/", "video/"].iter().any(|shown| declared.starts_with(shown)) => {
            unknown()
        }
        None if declared.is_empty() => unknown(),
        None => declared,
    }
}

/// The type a file is sent with, from what its row says and what its first bytes look like: one of
/// a list of pictures, sound, film and PDF when the bytes are of that kind, else bytes without
/// meaning. No type of the list can be a script or a style, and what a sender declared never
/// decides; it only tells sound from film where the container is the same.
#[must_use]
pub fn served_type(stored: &str, seen: Option<&str>) -> String {
    const SERVED: [&str; 38] = [
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "image/avif",
        "image/bmp",
        "image/heif",
        "image/heic",
        "image/tiff",
        "audio/mpeg",
        "audio/mp4",
        "audio/m4a",
        "audio/x-m4a",
        "audio/aac",
        "audio/ogg",
        "audio/opus",
        "audio/wav",
        "audio/x-wav",
        "audio/wave",
        "audio/vnd.wave",
        "audio/webm",
        "audio/flac",
        "audio/x-flac",
        "audio/amr",
        "audio/x-aiff",
        "audio/x-matroska",
        "application/ogg",
        "video/mp4",
        "video/x-m4v",
        "video/quicktime",
        "video/webm",
        "video/ogg",
        "video/x-matroska",
        "video/x-msvideo",
        "video/mpeg",
        "video/x-ms-wmv",
        "video/x-flv",
        "application/pdf",
    ];
    let served = seen.map(|seen| detect_media_type(stored, Some(seen)));
    served.filter(|served| SERVED.contains(&served.as_str())).unwrap_or_else(unknown)
}

/// Whether a browser may show a file of this type beside a page rather than keep it.
#[must_use]
pub fn is_shown_inline(media_type: &str) -> bool {
    let is_medium =
        ["image/", "audio/", "video/"].iter().any(|shown| media_type.starts_with(shown));
    // A picture of this kind can hold scripts.
    is_medium && media_type != "image/svg+xml"
}

fn unknown() -> String {
    "application/octet-stream".to_owned()
}

/// `type/subtype` in lower case, without parameters; empty when it has another form.
fn essence(declared: &str) -> String {
    let essence = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_token = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    match essence.split_once('/') {
        Some((kind, subtype)) if is_token(kind) && is_token(subtype) && essence.len() <= 100 => {
            essence
        }
        _ => String::new(),
    }
}

/// Containers hold sound alone or film, documents or archives: their first bytes do not tell which.
fn is_same_container(declared: &str, seen: &str) -> bool {
    const CONTAINERS: [&[&str]; 4] = [
        &["video/webm", "audio/webm", "video/x-matroska", "audio/x-matroska"],
        &[
            "video/mp4",
            "audio/mp4",
            "audio/m4a",
            "audio/x-m4a",
            "video/x-m4v",
            "video/quicktime",
            "audio/aac",
        ],
        &["audio/ogg", "video/ogg", "application/ogg"],
        &["audio/x-wav", "audio/wav", "audio/wave", "audio/vnd.wave"],
    ];
    let is_zip = |kind: &str| {
        kind == "application/zip"
            || kind.starts_with("application/vnd.openxmlformats")
            || kind.starts_with("application/vnd.oasis")
            || ["application/epub+zip", "application/x-zip-compressed"].contains(&kind)
    };
    let is_text = |kind: &str| {
        kind.starts_with("text/") || kind.ends_with("+xml") || kind == "application/xml"
    };
    declared == seen
        || CONTAINERS.iter().any(|family| family.contains(&declared) && family.contains(&seen))
        || (is_zip(declared) && is_zip(seen))
        // A page must not come along as some other text; the other way round nothing is lost.
        || (is_text(seen) && declared == "text/plain")
}

/// When a link made at this moment ends, in seconds: one to two hours later, the same for all
/// moments of an hour.
#[must_use]
pub const fn link_expiry(now: Timestamp) -> i64 {
    (now.seconds() / LINK_SECONDS + 2) * LINK_SECONDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_believed_only_where_the_bytes_do_not_say_otherwise() {
        for (declared, seen, settled) in [
            ("image/png", Some("image/jpeg"), "image/jpeg"),
            ("image/png", None, "application/octet-stream"),
            ("text/html", Some("image/png"), "image/png"),
            ("audio/webm;codecs=opus", Some("video/webm"), "audio/webm"),
            ("video/webm", Some("video/webm"), "video/webm"),
            (
                "application/vnd.oasis.opendocument.text",
                Some("application/zip"),
                "application/vnd.oasis.opendocument.text",
            ),
            ("text/csv", None, "text/csv"),
            ("TEXT/CSV; charset=utf-8", None, "text/csv"),
            ("nonsense", None, "application/octet-stream"),
            ("", Some("application/pdf"), "application/pdf"),
            ("image/svg+xml", Some("text/xml"), "text/xml"),
            ("text/plain", Some("text/html"), "text/plain"),
        ] {
            assert_eq!(detect_media_type(declared, seen), settled, "{declared} {seen:?}");
        }
    }

    /// Finding security A1, cause 2: a candidate's file was a script because its sender said so.
    #[test]
    fn a_file_is_served_as_its_bytes_say_or_as_bytes_without_meaning_a1() {
        for (stored, seen, served) in [
            ("text/javascript", None, "application/octet-stream"),
            ("application/javascript", None, "application/octet-stream"),
            ("text/css", None, "application/octet-stream"),
            ("text/html", Some("text/html"), "application/octet-stream"),
            ("text/xml", Some("text/xml"), "application/octet-stream"),
            ("image/svg+xml", Some("image/svg+xml"), "application/octet-stream"),
            ("image/png", None, "application/octet-stream"),
            ("application/pdf", None, "application/octet-stream"),
            ("text/javascript", Some("image/gif"), "image/gif"),
            ("image/png", Some("image/png"), "image/png"),
            ("audio/webm", Some("video/webm"), "audio/webm"),
            ("text/csv", Some("application/pdf"), "application/pdf"),
            ("application/zip", Some("application/zip"), "application/octet-stream"),
            ("text/plain", Some("application/x-sh"), "application/octet-stream"),
        ] {
            assert_eq!(served_type(stored, seen), served, "{stored} {seen:?}");
        }
    }

    #[test]
    fn a_file_is_taken_as_far_as_it_and_all_together_stay_within_their_bytes() {
        let alone = UploadRules::of(10, &["image/*"]);
        assert_eq!(
            (alone.check_size(10), alone.check_size(11)),
            (Ok(()), Err(UploadRejection::Bytes(10)))
        );
        let beside = alone.clone().within_quota(UploadQuota { most: 100, used: 95 }).unwrap();
        assert_eq!(
            (beside.check_size(5), beside.check_size(6)),
            (Ok(()), Err(UploadRejection::Share(100)))
        );
        assert_eq!(
            alone.clone().within_quota(UploadQuota { most: 100, used: 100 }),
            Err(UploadRejection::Share(100))
        );
        assert_eq!(alone.check_type("image/png"), Ok(()));
        let refused = alone.check_type("text/html").unwrap_err();
        assert_eq!(refused.to_string(), "The file must be of one of the types image/*.");
    }

    #[test]
    fn only_pictures_sound_and_film_are_shown() {
        assert!(["image/png", "audio/webm", "video/mp4"].into_iter().all(is_shown_inline));
        assert!(
            !["image/svg+xml", "text/html", "application/pdf", "application/octet-stream"]
                .into_iter()
                .any(is_shown_inline)
        );
    }

    #[test]
    fn a_link_works_for_one_to_two_hours_and_stays_the_same_within_an_hour() {
        let hour = 3_600_000;
        for millis in [0, 1, hour - 1] {
            assert_eq!(link_expiry(Timestamp(7 * hour + millis)), 9 * 3600);
        }
        assert_eq!(link_expiry(Timestamp(8 * hour)), 10 * 3600);
    }
}
