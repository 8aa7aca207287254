//! Taking the bytes of a body in: content type, encoding and size (REST specification, 1.3). Must
//! never hold more of a body than its limit.

use crate::problem::Problem;
use axum::body::{Body, Bytes, HttpBody as _};
use axum::http::{HeaderMap, header};
use domain::fault::{ErrorCode, Fault, FaultLocation};
use domain::json::JsonPointer;
use http_body_util::{BodyExt as _, Limited};

/// Bytes a body may have unless the route takes documents.
pub const ONE_MEBIBYTE: usize = 1024 * 1024;
/// Bytes a test document may have.
pub const FOUR_MEBIBYTES: usize = 4 * ONE_MEBIBYTE;

/// The bytes of a JSON body.
///
/// # Errors
/// 415 unless the body is sent as plain `application/json`; 413 when it has more than `limit`
/// bytes; 400 when it breaks off.
pub async fn json_bytes(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, Problem> {
    if !is_plain_json(headers) {
        return Err(ErrorCode::UnsupportedMediaType.into());
    }
    all_bytes(body, limit).await
}

/// The bytes of a body of whatever type.
///
/// # Errors
/// 413 when it has more than `limit` bytes; 400 when it breaks off.
pub async fn all_bytes(body: Body, limit: usize) -> Result<Bytes, Problem> {
    if body.size_hint().lower() > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Err(ErrorCode::BodyTooLarge.into());
    }
    let collected = Limited::new(body, limit).collect().await;
    collected.map(http_body_util::Collected::to_bytes).map_err(|error| {
        if error.is::<http_body_util::LengthLimitError>() {
            return Problem::new(ErrorCode::BodyTooLarge);
        }
        Fault::new(
            FaultLocation::Body(JsonPointer::root()),
            ErrorCode::MalformedJson,
            "must arrive as a whole",
        )
        .into()
    })
}

/// A fault when a request that takes no body has one that is not empty.
pub async fn unexpected(body: Body) -> Option<Fault> {
    let mut body = body;
    while !body.is_end_stream() {
        match body.frame().await {
            Some(Ok(frame)) if frame.data_ref().is_none_or(Bytes::is_empty) => {}
            Some(_) => {
                let place = FaultLocation::Body(JsonPointer::root());
                return Some(Fault::new(
                    place,
                    ErrorCode::UnexpectedBody,
                    "must be empty for this method",
                ));
            }
            None => break,
        }
    }
    None
}

fn is_plain_json(headers: &HeaderMap) -> bool {
    plain_type(headers).is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"))
}

/// The content type without its parameters; none unless it is sent once, with no parameter but
/// `charset=utf-8`, and without an encoding.
#[must_use]
pub fn plain_type(headers: &HeaderMap) -> Option<&str> {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(line), None) = (types.next(), types.next()) else { return None };
    let mut pieces = line.to_str().ok()?.split(';').map(str::trim);
    let essence = pieces.next()?;
    (pieces.all(is_utf8_charset) && !headers.contains_key(header::CONTENT_ENCODING))
        .then_some(essence)
}

fn is_utf8_charset(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return parameter.is_empty() };
    let value = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
    name.eq_ignore_ascii_case("charset") && value.eq_ignore_ascii_case("utf-8")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderValue, StatusCode};
    use std::convert::Infallible;

    fn headers(pairs: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name, HeaderValue::from_static(value));
        }
        headers
    }

    fn typed(content_type: &'static str) -> HeaderMap {
        headers(&[(header::CONTENT_TYPE, content_type)])
    }

    #[tokio::test]
    async fn other_content_types_and_any_encoding_are_unsupported() {
        let encoded =
            [(header::CONTENT_TYPE, "application/json"), (header::CONTENT_ENCODING, "identity")];
        let doubled = [
            (header::CONTENT_TYPE, "application/json"),
            (header::CONTENT_TYPE, "application/json"),
        ];
        let mut refused = vec![HeaderMap::new(), headers(&encoded), headers(&doubled)];
        refused.extend(
            [
                "text/plain",
                "application/json; charset=latin1",
                "application/json; x=1",
                "application/json5",
                "",
            ]
            .map(typed),
        );
        for headers in refused {
            let problem = json_bytes(&headers, Body::from("{}"), 10).await.unwrap_err();
            assert_eq!(problem.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{headers:?}");
        }
    }

    #[tokio::test]
    async fn plain_json_is_taken_with_or_without_its_charset() {
        for content_type in [
            "application/json",
            "Application/JSON; Charset=\"UTF-8\"",
            "application/json;charset=utf-8",
        ] {
            assert_eq!(json_bytes(&typed(content_type), Body::from("{}"), 2).await.unwrap(), "{}");
        }
    }

    #[tokio::test]
    async fn a_body_above_the_limit_is_too_large_whether_or_not_it_says_so() {
        let reported = Body::from("123");
        let untold = pieces(&["12", "3"]);
        for body in [reported, untold] {
            let problem = json_bytes(&typed("application/json"), body, 2).await.unwrap_err();
            assert_eq!(problem.status(), StatusCode::PAYLOAD_TOO_LARGE);
        }
    }

    #[tokio::test]
    async fn only_bytes_make_a_body_unexpected() {
        assert!(unexpected(Body::empty()).await.is_none());
        assert!(unexpected(Body::from("")).await.is_none());
        assert_eq!(unexpected(Body::from("{}")).await.unwrap().code, ErrorCode::UnexpectedBody);
        let hidden = pieces(&["", "x"]);
        assert_eq!(unexpected(hidden).await.unwrap().code, ErrorCode::UnexpectedBody);
        let nothing = pieces(&["", ""]);
        assert!(unexpected(nothing).await.is_none());
    }

    /// A body that arrives in pieces and does not tell its length.
    fn pieces(pieces: &'static [&'static str]) -> Body {
        Body::from_stream(futures_util::stream::iter(
            pieces.iter().map(|piece| Ok::<_, Infallible>(*piece)),
        ))
    }
}
