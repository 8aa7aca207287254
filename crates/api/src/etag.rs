//! Strong entity tags and the answer 304 (REST specification, 1.4).
//!
//! A tag comes from whatever decides a body: revision, moment, request, build. Must never be made
//! of less than that: a tag that stays while its body changes hides the change from every reader.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// What a compressed body adds to the tag.
const SUFFIXES: [&str; 2] = ["-gzip", "-br"];

/// A strong entity tag, ready for its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityTag(HeaderValue);

/// Collects the parts a tag is made of; equal parts in equal order give equal tags.
#[derive(Clone, Default)]
pub struct EntityTagBuilder(Sha256);

impl EntityTagBuilder {
    /// A digest of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text. Its length goes in too, so that `ab`, `c` and `a`, `bc` differ.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.0.update(text.len().to_be_bytes());
        self.0.update(text);
        self
    }

    /// Adds a number, for example a revision or a moment in milliseconds.
    #[must_use]
    pub fn number(mut self, number: i64) -> Self {
        self.0.update(number.to_be_bytes());
        self
    }

    /// The tag of all that was added.
    #[must_use]
    pub fn finish(self) -> EntityTag {
        EntityTag::of_digest(&self.0.finalize())
    }
}

impl EntityTag {
    /// The tag of a list that stands at a revision. `request` is the request in canonical form,
    /// every parameter and default written out; `build` is the version of the server that prints
    /// the body.
    #[must_use]
    pub fn of_revision(revision: i64, revised_at_millis: i64, request: &str, build: &str) -> Self {
        EntityTagBuilder::new()
            .number(revision)
            .number(revised_at_millis)
            .text(request)
            .text(build)
            .finish()
    }

    /// The tag of ready bytes.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self::of_digest(&Sha256::digest(bytes))
    }

    fn of_digest(digest: &[u8]) -> Self {
        Self(quoted(&hex::encode(&digest[..16]), ""))
    }

    /// The value of the `ETag` header.
    #[must_use]
    pub fn header(&self) -> HeaderValue {
        self.0.clone()
    }

    /// Without its quotes.
    fn bare(&self) -> &str {
        self.0.to_str().map_or("", |text| text.trim_matches('"'))
    }

    /// 304, if `If-None-Match` names this tag in any of its forms or is `*`. The answer repeats the
    /// form that was sent.
    #[must_use]
    pub fn not_modified(&self, headers: &HeaderMap) -> Option<Response> {
        let sent = headers.get_all(header::IF_NONE_MATCH);
        let suffix = sent
            .iter()
            .filter_map(|line| line.to_str().ok())
            .find_map(|line| self.matching_suffix(line))?;
        Some(
            (StatusCode::NOT_MODIFIED, [(header::ETAG, quoted(self.bare(), suffix))])
                .into_response(),
        )
    }

    /// Puts the tag on a response.
    #[must_use]
    pub fn apply_to(&self, response: impl IntoResponse) -> Response {
        ([(header::ETAG, self.header())], response).into_response()
    }

    fn matching_suffix(&self, line: &str) -> Option<&'static str> {
        if line.trim() == "*" {
            return Some("");
        }
        listed(line).find_map(|opaque| {
            let suffix = opaque.strip_prefix(self.bare())?;
            [""].into_iter().chain(SUFFIXES).find(|entry| *entry == suffix)
        })
    }
}

fn quoted(bare: &str, suffix: &str) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{bare}{suffix}\""))
        .expect("hex digits and a suffix are visible ASCII")
}

/// The opaque parts of a list of tags, weak ones included. Reading stops where the list is
/// malformed.
fn listed(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        rest = rest.strip_prefix("W/").unwrap_or(rest);
        let (opaque, after) = rest.strip_prefix('"')?.split_once('"')?;
        rest = after;
        Some(opaque)
    })
}

/// Gives the tag of a body that was compressed on the way its own form.
pub fn mark_compressed(headers: &mut HeaderMap) {
    let suffix = match headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes) {
        Some(b"gzip") => "-gzip",
        Some(b"br") => "-br",
        _ => return,
    };
    let tag = headers
        .get(header::ETAG)
        .and_then(|tag| tag.to_str().ok())
        .and_then(|tag| tag.strip_suffix('"'));
    let Some(marked) = tag.and_then(|tag| HeaderValue::from_str(&format!("{tag}{suffix}\"")).ok())
    else {
        return;
    };
    headers.insert(header::ETAG, marked);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag() -> EntityTag {
        EntityTag::of_revision(7, 1_764_590_400_000, "/tasks/T1?limit=10", "0.1.0")
    }

    fn answer(lines: &[&str]) -> Option<Response> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::IF_NONE_MATCH, HeaderValue::from_str(line).unwrap());
        }
        tag().not_modified(&headers)
    }

    #[test]
    fn every_part_changes_the_tag() {
        let others = [
            EntityTag::of_revision(8, 1_764_590_400_000, "/tasks/T1?limit=10", "0.1.0"),
            EntityTag::of_revision(7, 1_764_590_400_001, "/tasks/T1?limit=10", "0.1.0"),
            EntityTag::of_revision(7, 1_764_590_400_000, "/tasks/T1?limit=1", "00.1.0"),
            EntityTag::of_revision(7, 1_764_590_400_000, "/tasks/T1?limit=10", "0.1.1"),
        ];
        assert!(others.iter().all(|other| *other != tag()));
        assert_ne!(
            EntityTagBuilder::new().text("ab").text("c").finish(),
            EntityTagBuilder::new().text("a").text("bc").finish()
        );
    }

    #[test]
    fn foreign_and_malformed_tags_do_not_match() {
        let tag = tag();
        let bare = tag.bare().to_owned();
        for line in [
            "",
            "\"\"",
            "\"other\"",
            &bare,
            &format!("\"{bare}"),
            &format!("\"{bare}-zstd\""),
            "\"*\"",
        ] {
            assert!(answer(&[line]).is_none(), "{line}");
        }
        assert!(answer(&[]).is_none());
    }

    #[test]
    fn the_tag_matches_in_any_form_and_the_answer_repeats_it() {
        let tag = tag();
        let bare = tag.bare().to_owned();
        for (line, form) in [
            (format!("\"{bare}\""), ""),
            (format!("W/\"{bare}\""), ""),
            (format!("\"a,b\", \"{bare}-gzip\""), "-gzip"),
            (format!("\"x\",W/\"{bare}-br\" , \"y\""), "-br"),
            ("*".to_owned(), ""),
        ] {
            let response = answer(&[&line]).unwrap();
            assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
            assert_eq!(response.headers()[header::ETAG], format!("\"{bare}{form}\""), "{line}");
        }
        assert!(answer(&["\"x\"", &format!("\"{bare}\"")]).is_some());
    }

    #[test]
    fn a_compressed_body_has_its_own_tag() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ETAG, HeaderValue::from_static("\"a\""));
        mark_compressed(&mut headers);
        assert_eq!(headers[header::ETAG], "\"a\"");
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
        mark_compressed(&mut headers);
        assert_eq!(headers[header::ETAG], "\"a-br\"");
    }
}
