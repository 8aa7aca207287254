//! A file as the body of a request: handed on piece by piece, so that no more than a piece of it is
//! ever held.

use crate::problem::Problem;
use app::media::FileReceiver;
use axum::body::{Body, HttpBody as _};
use axum::http::{HeaderMap, header};
use domain::fault::{ErrorCode, Fault, FaultLocation};
use domain::json::JsonPointer;
use http_body_util::BodyExt as _;
use tokio::time::timeout;
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

/// The bytes of a file; any content type is taken.
pub struct FileBytes;

impl PartialSchema for FileBytes {
    fn schema() -> RefOr<Schema> {
        let binary = SchemaFormat::KnownFormat(KnownFormat::Binary);
        let object = ObjectBuilder::new().schema_type(Type::String).format(Some(binary));
        object.description(Some("The bytes of a file.")).build().into()
    }
}

impl ToSchema for FileBytes {}

/// Hands the body on.
pub async fn pour<R: FileReceiver>(mut body: Body, mut receiving: R) -> Result<R::Stored, Problem> {
    receiving.check_declared_size(body.size_hint().lower())?;
    // A sender that stalls holds a place others wait for, so the wait for each piece has an end.
    while let Some(frame) = timeout(receiving.chunk_timeout(), body.frame())
        .await
        .map_err(|_| receiving.timeout_failure())?
    {
        let broken = |_| {
            Fault::new(
                FaultLocation::Body(JsonPointer::root()),
                ErrorCode::MalformedJson,
                "must arrive as a whole",
            )
        };
        if let Ok(bytes) = frame.map_err(broken)?.into_data() {
            receiving.write_chunk(&bytes).await?;
        }
    }
    Ok(receiving.finish().await?)
}

/// The name of a file by `Content-Disposition` (RFC 6266): `filename*` in UTF-8, else `filename`.
/// None where there is no readable one.
pub fn file_name(headers: &HeaderMap) -> Option<String> {
    // Some clients write UTF-8 as it is.
    let line = std::str::from_utf8(headers.get(header::CONTENT_DISPOSITION)?.as_bytes()).ok()?;
    extended_name(line).or_else(|| plain_name(line)).filter(|name| !name.is_empty())
}

/// `filename*=UTF-8''plan%20b.png`
fn extended_name(line: &str) -> Option<String> {
    let value = parameter(line, "filename*")?;
    let (charset, rest) = value.split_once('\'')?;
    let encoded = rest.split_once('\'')?.1;
    let is_utf8 = charset.eq_ignore_ascii_case("utf-8");
    let encoded = encoded.split(';').next().unwrap_or_default().trim();
    is_utf8.then(|| decoded(encoded)).flatten()
}

/// `filename="plan b.png"` or `filename=plan.png`
fn plain_name(line: &str) -> Option<String> {
    let value = parameter(line, "filename")?;
    let Some(quoted) = value.strip_prefix('"') else {
        return Some(value.split(';').next().unwrap_or_default().trim().to_owned());
    };
    let mut name = String::new();
    let mut letters = quoted.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => return Some(name),
            '\\' => name.extend(letters.next()),
            letter => name.push(letter),
        }
    }
    None
}

/// What stands behind a parameter's name and `=`.
fn parameter<'line>(line: &'line str, name: &str) -> Option<&'line str> {
    // Behind a semicolon that begins a parameter; one within quotes is part of a name.
    let mut is_quoted = false;
    let mut starts = Vec::new();
    let mut is_escaped = false;
    for (place, byte) in line.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            b';' if !is_quoted => starts.push(place + 1),
            _ => {}
        }
    }
    starts.into_iter().find_map(|start| {
        let (found, value) = line.get(start..)?.split_once('=')?;
        found.trim().eq_ignore_ascii_case(name).then(|| value.trim_start())
    })
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        if *first == b'%' {
            let digits = std::str::from_utf8(behind.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = behind.get(2..)?;
        } else {
            bytes.push(*first);
            rest = behind;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn name(line: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        let line = HeaderValue::from_bytes(line.as_bytes()).unwrap();
        headers.insert(header::CONTENT_DISPOSITION, line);
        file_name(&headers)
    }

    #[test]
    fn a_name_that_cannot_be_read_is_none() {
        for line in [
            "attachment",
            "attachment; filename=",
            "attachment; filename=\"never closed",
            "attachment; filename*=UTF-8''%GG",
            "attachment; filename*=UTF-8''%C3",
            "attachment; filename*=latin1''a.png",
            "attachment; filename*=UTF-8''%",
            "filename=a.png",
        ] {
            assert_eq!(name(line), None, "{line}");
        }
        assert_eq!(file_name(&HeaderMap::new()), None);
    }

    #[test]
    fn the_name_in_all_letters_goes_before_the_plain_one() {
        for (line, wanted) in [
            ("attachment; filename=plan.png", "plan.png"),
            ("attachment; filename=\"a; filename*=b.png\"", "a; filename*=b.png"),
            ("attachment; filename=\"a\\\"b.png\"; size=3", "a\"b.png"),
            ("form-data; FileName*=utf-8'de'Gr%C3%B6%C3%9Fe.png; filename=\"x.png\"", "Größe.png"),
            ("attachment; filename=\"çay.png\"", "çay.png"),
        ] {
            assert_eq!(name(line).as_deref(), Some(wanted), "{line}");
        }
    }
}
