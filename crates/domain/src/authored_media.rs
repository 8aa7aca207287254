//! Media of authors: which files may stand in the texts of a test, judged by their bytes, and how
//! large they may be.

use crate::media::UploadRejection;

/// Bytes of a picture, sound, captions or PDF.
pub const LARGEST_FILE: u64 = 20 << 20;
/// Bytes of a film.
pub const LARGEST_FILM: u64 = 500 << 20;
/// Bytes that tell what a file is, and how large a picture is shown.
pub const HEAD_BYTES: usize = 256 << 10;
/// Days that a file stays which nobody uses, since it was uploaded or last became used.
pub const UNUSED_DAYS: i64 = 90;
/// Days that an archived test or question still needs its files: it may be put back.
pub const ARCHIVED_DAYS: i64 = 30;
/// Letters of a name.
pub const LONGEST_NAME: usize = 255;

crate::string_enum! {
    /// What an author's file is.
    pub enum AuthoredMediaType {
        Png = "image/png",
        Jpeg = "image/jpeg",
        Gif = "image/gif",
        WebP = "image/webp",
        Avif = "image/avif",
        Svg = "image/svg+xml",
        Mp3 = "audio/mpeg",
        M4a = "audio/mp4",
        Ogg = "audio/ogg",
        Wav = "audio/wav",
        Mp4 = "video/mp4",
        WebM = "video/webm",
        Vtt = "text/vtt",
        Pdf = "application/pdf",
    }

    /// How a file is shown.
    pub enum AuthoredMediaKind {
        Picture = "picture",
        Sound = "sound",
        Film = "film",
        /// Of a sound or film; never shown by itself.
        Captions = "captions",
        Document = "document",
    }
}

impl AuthoredMediaType {
    /// The type of a file by its first bytes (up to [`HEAD_BYTES`]), and by what a library of
    /// signatures sees in them. None is taken on the word of its sender.
    #[must_use]
    pub fn detect(head: &[u8], seen: Option<&str>) -> Option<Self> {
        match seen {
            Some("image/png") => Some(Self::Png),
            Some("image/jpeg") => Some(Self::Jpeg),
            Some("image/gif") => Some(Self::Gif),
            Some("image/webp") => Some(Self::WebP),
            Some("image/avif") => Some(Self::Avif),
            Some("audio/mpeg") => Some(Self::Mp3),
            Some("audio/m4a" | "audio/mp4") => Some(Self::M4a),
            Some("audio/ogg" | "audio/opus" | "video/ogg" | "application/ogg") => Some(Self::Ogg),
            Some("audio/x-wav" | "audio/wav") => Some(Self::Wav),
            Some("video/mp4" | "video/x-m4v") => Some(Self::Mp4),
            Some("video/webm") => Some(Self::WebM),
            Some("application/pdf") => Some(Self::Pdf),
            // An ISO file that is of another brand than the library knows.
            _ if has_brand(head, b"avif") => Some(Self::Avif),
            _ if has_brand(head, b"M4A ") => Some(Self::M4a),
            _ if has_brand(head, b"mp42") || has_brand(head, b"isom") => Some(Self::Mp4),
            _ => Self::detect_text(head),
        }
    }

    fn detect_text(head: &[u8]) -> Option<Self> {
        // A letter may be cut at the end of the head.
        let text = match std::str::from_utf8(head) {
            Ok(text) => text,
            Err(error) if head.len() - error.valid_up_to() < 4 => {
                std::str::from_utf8(head.get(..error.valid_up_to())?).ok()?
            }
            Err(_) => return None,
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let behind = text.strip_prefix("WEBVTT");
        if behind.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r'])) {
            return Some(Self::Vtt);
        }
        is_svg(text).then_some(Self::Svg)
    }

    #[must_use]
    pub const fn kind(self) -> AuthoredMediaKind {
        match self {
            Self::Png | Self::Jpeg | Self::Gif | Self::WebP | Self::Avif | Self::Svg => {
                AuthoredMediaKind::Picture
            }
            Self::Mp3 | Self::M4a | Self::Ogg | Self::Wav => AuthoredMediaKind::Sound,
            Self::Mp4 | Self::WebM => AuthoredMediaKind::Film,
            Self::Vtt => AuthoredMediaKind::Captions,
            Self::Pdf => AuthoredMediaKind::Document,
        }
    }

    /// Bytes that a file of this type may have.
    #[must_use]
    pub const fn largest(self) -> u64 {
        match self.kind() {
            AuthoredMediaKind::Film => LARGEST_FILM,
            _ => LARGEST_FILE,
        }
    }

    /// How a file of this type is called at the end of its name.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Gif => "gif",
            Self::WebP => "webp",
            Self::Avif => "avif",
            Self::Svg => "svg",
            Self::Mp3 => "mp3",
            Self::M4a => "m4a",
            Self::Ogg => "ogg",
            Self::Wav => "wav",
            Self::Mp4 => "mp4",
            Self::WebM => "webm",
            Self::Vtt => "vtt",
            Self::Pdf => "pdf",
        }
    }

    /// Demands that a file of this type may have so many bytes.
    ///
    /// # Errors
    /// When it is too large.
    pub const fn check_size(self, bytes: u64) -> Result<(), UploadRejection> {
        if bytes > self.largest() { Err(UploadRejection::Bytes(self.largest())) } else { Ok(()) }
    }
}

/// The types in words, for whoever sent another.
#[must_use]
pub fn taken_types() -> Vec<String> {
    AuthoredMediaType::ALL.iter().map(ToString::to_string).collect()
}

/// Whether the first box of an ISO media file names a brand, as its own or among those that it is
/// compatible with.
fn has_brand(head: &[u8], brand: &[u8; 4]) -> bool {
    let Some((length, rest)) = head.split_first_chunk::<4>() else { return false };
    let Some(brands) = rest.strip_prefix(b"ftyp") else { return false };
    let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(0).min(256);
    let brands = brands.get(..length.saturating_sub(8)).unwrap_or(brands);
    // Behind the first brand stands its version.
    brands.chunks_exact(4).enumerate().any(|(place, found)| place != 1 && found == brand)
}

/// Whether a text begins as an SVG picture: behind white space, a declaration, comments and a
/// document type stands its element.
fn is_svg(text: &str) -> bool {
    let mut rest = text.trim_start();
    loop {
        let end = if rest.starts_with("<?") {
            "?>"
        } else if rest.starts_with("<!--") {
            "-->"
        } else if rest.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype")) {
            // One that declares entities is no picture that anybody needs.
            ">"
        } else {
            break;
        };
        let Some((skipped, behind)) = rest.split_once(end) else { return false };
        if skipped.contains('[') && end == ">" {
            return false;
        }
        rest = behind.trim_start();
    }
    let behind = rest.strip_prefix("<svg");
    behind.is_some_and(|rest| {
        rest.starts_with(|letter: char| letter.is_whitespace() || letter == '>')
    })
}

/// Milliseconds that a sound or film lasts, where its first bytes tell.
#[must_use]
pub fn duration_millis(media_type: AuthoredMediaType, head: &[u8], bytes: u64) -> Option<u64> {
    match media_type {
        AuthoredMediaType::Wav => wav_millis(head, bytes),
        AuthoredMediaType::Mp4 | AuthoredMediaType::M4a => mp4_millis(head),
        _ => None,
    }
}

/// By the bytes a second that its format says.
fn wav_millis(head: &[u8], bytes: u64) -> Option<u64> {
    let format = find(head.get(..4096).unwrap_or(head), b"fmt ")?;
    let rate = u64::from(u32::from_le_bytes(*head.get(format + 16..)?.first_chunk()?));
    bytes.saturating_sub(44).checked_mul(1000)?.checked_div(rate)
}

/// By the header of the whole film.
fn mp4_millis(head: &[u8]) -> Option<u64> {
    let header = head.get(find(head, b"mvhd")? + 4..)?;
    let (scale, length) = match header.first()? {
        0 => (12, u64::from(u32::from_be_bytes(*header.get(16..)?.first_chunk()?))),
        1 => (20, u64::from_be_bytes(*header.get(24..)?.first_chunk()?)),
        _ => return None,
    };
    let scale = u64::from(u32::from_be_bytes(*header.get(scale..)?.first_chunk()?));
    // A stream of unknown length has all bits set.
    let millis = length.checked_mul(1000)?.checked_div(scale)?;
    (millis < 1000 * 3600 * 24).then_some(millis)
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(head: &[u8], seen: Option<&str>) -> Option<&'static str> {
        AuthoredMediaType::detect(head, seen).map(AuthoredMediaType::as_str)
    }

    #[test]
    fn a_page_a_script_and_what_only_looks_like_a_picture_are_no_media() {
        for head in [
            "<!doctype html><html><svg></svg></html>",
            "<html><svg xmlns='http://www.w3.org/2000/svg'/></html>",
            "<svgfoo/>",
            "<!DOCTYPE svg [<!ENTITY a 'b'>]><svg/>",
            "<!-- never closed",
            "alert(1)",
            "WEBVTTX",
            "",
        ] {
            assert_eq!(seen(head.as_bytes(), None), None, "{head}");
        }
        assert_eq!(seen(b"PK\x03\x04", Some("application/zip")), None);
        assert_eq!(seen(b"\xff\xfe<\0s\0v\0g\0", None), None);
    }

    #[test]
    fn pictures_in_letters_and_captions_are_known_by_how_they_begin() {
        for head in [
            "<svg xmlns='http://www.w3.org/2000/svg'>",
            "\u{feff}<?xml version=\"1.0\"?>\n<!-- by hand --><!DOCTYPE svg PUBLIC \"a\" \"b\">\n<svg\nwidth='1'>",
        ] {
            assert_eq!(seen(head.as_bytes(), None), Some("image/svg+xml"), "{head}");
        }
        assert_eq!(seen(b"WEBVTT", None), Some("text/vtt"));
        assert_eq!(seen("\u{feff}WEBVTT\n\n00:00".as_bytes(), None), Some("text/vtt"));
        let mut cut = b"<svg ".to_vec();
        cut.extend_from_slice(&"\u{20ac}".as_bytes()[..2]);
        assert_eq!(seen(&cut, None), Some("image/svg+xml"), "a letter cut by the end of the head");
    }

    #[test]
    fn a_brand_is_found_where_it_stands_and_nowhere_else() {
        assert_eq!(seen(b"\0\0\0\x18ftypmif1\0\0\0\0avifmiaf", None), Some("image/avif"));
        assert_eq!(seen(b"\0\0\0\x10ftypM4A \0\0\0\0", None), Some("audio/mp4"));
        assert_eq!(seen(b"\0\0\0\x14ftypqt  avif", None), None, "a version is no brand");
        assert_eq!(seen(b"\0\0\0\x10ftypqt  \0\0\0\0avif", None), None, "behind the box");
        assert_eq!(seen(b"\xff\xff\xff\xffftyp", None), None);
    }

    #[test]
    fn only_a_film_may_be_as_large_as_a_film() {
        for media_type in AuthoredMediaType::ALL {
            let largest = media_type.largest();
            assert_eq!(media_type.check_size(largest), Ok(()));
            assert_eq!(media_type.check_size(largest + 1), Err(UploadRejection::Bytes(largest)));
            let is_film = media_type.kind() == AuthoredMediaKind::Film;
            assert_eq!(largest == LARGEST_FILM, is_film, "{media_type}");
        }
    }

    #[test]
    fn a_length_that_is_nonsense_is_none() {
        let wav = |rate: u32| {
            let mut head = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
            head.extend(8000_u32.to_le_bytes());
            head.extend(rate.to_le_bytes());
            head
        };
        let length = |head: &[u8], bytes| duration_millis(AuthoredMediaType::Wav, head, bytes);
        assert_eq!(length(&wav(8000), 16_044), Some(2000));
        assert_eq!(length(&wav(0), 16_044), None);
        assert_eq!(length(b"RIFF\0\0\0\0WAVEfmt ", 100), None);
        let film = |scale: u32, length: u32| {
            let mut head = b"\0\0\0\0mvhd\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
            head.extend(scale.to_be_bytes());
            head.extend(length.to_be_bytes());
            duration_millis(AuthoredMediaType::Mp4, &head, 100)
        };
        assert_eq!((film(1000, 2500), film(0, 5), film(1, u32::MAX)), (Some(2500), None, None));
        assert_eq!(duration_millis(AuthoredMediaType::Mp4, b"mvhd\x07", 9), None);
    }
}
