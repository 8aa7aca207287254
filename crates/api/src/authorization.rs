//! Reading the `Authorization` header (REST specification, 1.2). Whether a key is any good is
//! decided elsewhere; a key must never be looked for in the URL nor printed.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::fmt;

/// Padding may be left out, as some clients do.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a caller shows: a private key and, with the Basic scheme, the organization it must belong
/// to.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub organization: Option<String>,
    pub secret: String,
}

/// Without the secret.
impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credentials")
            .field("organization", &self.organization)
            .finish_non_exhaustive()
    }
}

/// The credentials of a request; none when they are missing or malformed, which a caller cannot
/// tell apart.
#[must_use]
pub fn read(headers: &HeaderMap) -> Option<Credentials> {
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else { return None };
    let (scheme, parameter) = line.to_str().ok()?.trim().split_once(' ')?;
    let parameter = parameter.trim_start();
    if parameter.is_empty() || parameter.contains(char::is_whitespace) {
        return None;
    }
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" => Some(Credentials { organization: None, secret: parameter.to_owned() }),
        "basic" => basic(parameter),
        _ => None,
    }
}

fn basic(parameter: &str) -> Option<Credentials> {
    let decoded = String::from_utf8(BASE64.decode(parameter).ok()?).ok()?;
    let (organization, secret) = decoded.split_once(':')?;
    let complete = !organization.is_empty() && !secret.is_empty();
    complete.then(|| Credentials {
        organization: Some(organization.to_owned()),
        secret: secret.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn read_lines(lines: &[&str]) -> Option<Credentials> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::AUTHORIZATION, HeaderValue::from_str(line).unwrap());
        }
        read(&headers)
    }

    #[test]
    fn missing_malformed_and_foreign_credentials_are_none() {
        for line in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer a b",
            "Digest abc",
            "abc",
            "Basic !!!",
            "Basic bm9jb2xvbg==",
            "Basic Og==",
        ] {
            assert_eq!(read_lines(&[line]), None, "{line}");
        }
        assert_eq!(read_lines(&[]), None);
        assert_eq!(read_lines(&["Basic /zo="]), None);
    }

    #[test]
    fn more_than_one_header_is_malformed_even_if_they_are_equal() {
        assert_eq!(read_lines(&["Bearer k", "Bearer k"]), None);
    }

    #[test]
    fn both_schemes_are_read_whatever_their_case() {
        let key = Credentials { organization: None, secret: "k1".into() };
        assert_eq!(read_lines(&["bEARER  k1"]), Some(key));
        let pair = Credentials { organization: Some("O1".into()), secret: "K1:x".into() };
        for line in ["Basic TzE6SzE6eA==", "BASIC TzE6SzE6eA"] {
            assert_eq!(read_lines(&[line]).as_ref(), Some(&pair));
        }
    }

    #[test]
    fn the_secret_is_never_printed() {
        let credentials = Credentials { organization: Some("O1".into()), secret: "hidden".into() };
        assert!(!format!("{credentials:?}").contains("hidden"));
    }
}
