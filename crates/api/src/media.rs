//! `GET /media/{id}`: a file of a candidate or an author, by a signed link that needs no key.
//!
//! Only pictures, sound and film are shown by browsers, everything else is kept; whatever it is, it
//! runs nothing.

use crate::etag::EntityTag;
use crate::layers::is_head;
use crate::problem::Problem;
use crate::raw_request::{RawRequest, RequestHead};
use app::App;
use app::media::{OpenMedia, SignedLink};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::fault::ErrorCode;
use domain::id::{InstanceId, MediaId};

const POLICY: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";
/// A link lives for an hour at least.
const CACHED: &str = "private, max-age=3600";

/// Files by signed links; no key and no session is asked for.
pub fn routes(app: App) -> Router {
    let show = move |incoming: RawRequest| {
        let app = app.clone();
        async move { show(&app, &incoming.head).await }
    };
    Router::new().route("/media/{id}", get(show))
}

/// What was signed. A link that was cut, or that something was put behind, is none: nobody is told
/// what is wrong with it.
fn link(head: &RequestHead) -> Option<SignedLink> {
    let media = MediaId::from(head.path().take_text("id"));
    let mut query = head.query();
    let (ends, signature) = (query.text("exp")?.parse().ok()?, query.text("sig")?);
    let instance = query.text("instance").map(InstanceId::from);
    Some(SignedLink { media, ends, instance, signature })
}

async fn show(app: &App, head: &RequestHead) -> Result<Response, Problem> {
    let link = link(head).ok_or(ErrorCode::NotFound)?;
    // The file of an id never changes, so its tag is made of that.
    let media = app.files().open_media(&link).await?;
    let settings = app.settings();
    // Captions of a player are read across origins.
    let reader = settings.media_url.as_ref().map(|_| settings.public_url.as_str());
    file_response(media, head, reader).await
}

/// A file, or the range of it that is asked for. `reader` is the origin whose pages may read it
/// where it is of another.
pub(crate) async fn file_response(
    mut media: OpenMedia,
    head: &RequestHead,
    reader: Option<&str>,
) -> Result<Response, Problem> {
    let tag = EntityTag::of_bytes(media.media.as_str().as_bytes());
    if let Some(mut unchanged) = tag.not_modified(head.headers()) {
        unchanged.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(CACHED));
        return Ok(unchanged);
    }
    let whole = media.bytes;
    let (from, to, is_part) = match parse_byte_range(range(head, &tag), whole) {
        ByteRange::Whole => (0, whole, false),
        ByteRange::Part(from, to) => (from, to, true),
        ByteRange::Outside => {
            let range = [(header::CONTENT_RANGE, format!("bytes */{whole}"))];
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, range).into_response());
        }
    };
    media.seek(from).await?;
    let described = media_headers(&media, reader);
    let mut response = tag.apply_to((described, body(media, to - from)));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(to - from));
    if is_part {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        let range = format!("bytes {from}-{}/{whole}", to.saturating_sub(1));
        response
            .headers_mut()
            .extend(HeaderValue::try_from(range).ok().map(|range| (header::CONTENT_RANGE, range)));
    }
    Ok(response)
}

/// The range that is to be answered: none for HEAD, and none when the client holds a part of
/// something else.
fn range<'head>(head: &'head RequestHead, tag: &EntityTag) -> Option<&'head str> {
    let is_same = head.headers().get(header::IF_RANGE).is_none_or(|held| *held == tag.header());
    let line = head.headers().get(header::RANGE)?.to_str().ok()?;
    (is_same && !is_head(head.extensions())).then_some(line)
}

fn media_headers(media: &OpenMedia, reader: Option<&str>) -> HeaderMap {
    let name = media.name.clone().unwrap_or_else(|| media.media.to_string());
    let placed = if media.is_shown { "inline" } else { "attachment" };
    let lines = [
        (header::CONTENT_TYPE, media.media_type.clone()),
        (header::CONTENT_DISPOSITION, format!("{placed}; filename*=UTF-8''{}", encoded(&name))),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
        (header::CACHE_CONTROL, CACHED.to_owned()),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
    ];
    let readers = reader
        .filter(|_| media.is_authored)
        .map(|origin| (header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.to_owned()));
    lines
        .into_iter()
        .chain(readers)
        .filter_map(|(name, line)| Some((name, HeaderValue::try_from(line).ok()?)))
        .collect()
}

/// RFC 5987: everything but letters, digits and a few marks as percent and two digits.
fn encoded(name: &str) -> String {
    let mut text = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// What of a file is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ByteRange {
    Whole,
    /// The first byte and the one behind the last.
    Part(u64, u64),
    /// A part that the file does not have.
    Outside,
}

/// What has another form is no range, and a server may send the whole for several.
fn parse_byte_range(line: Option<&str>, whole: u64) -> ByteRange {
    let ranges = line.and_then(|line| line.strip_prefix("bytes="));
    let Some((first, last)) = ranges.and_then(|range| range.split_once('-')) else {
        return ByteRange::Whole;
    };
    let (from, to) = match (parse_byte_position(first), parse_byte_position(last)) {
        (Some(first), Some(last)) if first <= last => (first, last.saturating_add(1).min(whole)),
        (Some(first), None) if last.is_empty() => (first, whole),
        (None, Some(length)) if first.is_empty() => (whole.saturating_sub(length), whole),
        _ => return ByteRange::Whole,
    };
    if from < to { ByteRange::Part(from, to) } else { ByteRange::Outside }
}

/// A number of any length; beyond what can be counted it is the highest there is.
fn parse_byte_position(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

fn body(media: OpenMedia, length: u64) -> Body {
    let pieces =
        futures_util::stream::try_unfold((media, length), |(mut media, left)| async move {
            if left == 0 {
                return Ok(None);
            }
            let piece = media.next_chunk(left).await?;
            if piece.is_empty() {
                return Err(app::Failure::internal("a file is shorter than its row says"));
            }
            let left = left.saturating_sub(piece.len() as u64);
            Ok(Some((piece, (media, left))))
        });
    Body::from_stream(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_as_far_as_the_file_goes() {
        for (line, expected) in [
            ("bytes=0-", ByteRange::Part(0, 10)),
            ("bytes=2-4", ByteRange::Part(2, 5)),
            ("bytes=2-99", ByteRange::Part(2, 10)),
            ("bytes=2-99999999999999999999", ByteRange::Part(2, 10)),
            ("bytes=-3", ByteRange::Part(7, 10)),
            ("bytes=-99", ByteRange::Part(0, 10)),
            ("bytes=10-", ByteRange::Outside),
            ("bytes=-0", ByteRange::Outside),
            ("bytes=4-2", ByteRange::Whole),
            ("bytes=+4-5", ByteRange::Whole),
            ("bytes=-", ByteRange::Whole),
            ("bytes=0-1,3-4", ByteRange::Whole),
            ("lines=1-2", ByteRange::Whole),
        ] {
            assert_eq!(parse_byte_range(Some(line), 10), expected, "{line}");
        }
        assert_eq!(parse_byte_range(None, 0), ByteRange::Whole);
    }

    #[test]
    fn a_name_cannot_leave_its_line() {
        assert_eq!(encoded("a\"b\r\nö.png"), "a%22b%0D%0A%C3%B6.png");
    }
}
