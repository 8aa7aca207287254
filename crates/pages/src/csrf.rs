//! Whether a request that changes something came from one of our own pages.
//!
//! A cookie travels with whatever makes the browser send a request; what a page of another host can
//! never do is to look like one of ours in `Sec-Fetch-Site` and `Origin`, which browsers write
//! themselves.

use axum::http::{HeaderMap, header};

/// Whether the browser says that one of our own pages sent this. Who says nothing at all is no
/// browser, or one that is too old to be told apart from an attacker's page: no.
pub fn is_same_origin(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|line| line.to_str().ok());
    let origin =
        text(header::ORIGIN.as_str()).map(|origin| is_own_origin(origin, text("host"), public_url));
    match (text("sec-fetch-site"), origin) {
        (Some(site), origin) => site == "same-origin" && origin != Some(false),
        // Browsers send `Sec-Fetch-Site` only over https or to their own machine. Over plain http
        // in a local network `Origin` is all there is.
        (None, origin) => origin == Some(true),
    }
}

/// The public address's origin, or the host the request was sent to.
fn is_own_origin(origin: &str, host: Option<&str>, public_url: &str) -> bool {
    let authority = |url: &str| {
        url.split_once("://").map(|(_, rest)| rest.split('/').next().unwrap_or(rest).to_owned())
    };
    let own = authority(origin);
    own.is_some()
        && (own.as_deref() == host
            || (own == authority(public_url) && scheme(origin) == scheme(public_url)))
}

fn scheme(url: &str) -> Option<&str> {
    url.split_once("://").map(|(scheme, _)| scheme)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(lines: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert("host", "10.0.0.5:8080".parse().unwrap());
        for (name, value) in lines {
            headers.insert(*name, value.parse().unwrap());
        }
        is_same_origin(&headers, "https://assess.example.org")
    }

    #[test]
    fn other_sites_and_whoever_says_nothing_are_refused() {
        assert!(!own(&[]));
        for site in ["cross-site", "same-site", "none"] {
            assert!(!own(&[("sec-fetch-site", site)]), "{site}");
            assert!(
                !own(&[("sec-fetch-site", site), ("origin", "https://assess.example.org")]),
                "{site}"
            );
        }
        for origin in [
            "null",
            "https://evil.example",
            "http://assess.example.org",
            "https://assess.example.org.evil.example",
        ] {
            assert!(!own(&[("origin", origin)]), "{origin}");
            assert!(!own(&[("sec-fetch-site", "same-origin"), ("origin", origin)]), "{origin}");
        }
    }

    #[test]
    fn our_own_pages_are_known_by_either_header() {
        assert!(own(&[("sec-fetch-site", "same-origin")]));
        assert!(own(&[("origin", "https://assess.example.org")]));
        assert!(
            own(&[("origin", "http://10.0.0.5:8080")]),
            "a server without a proxy, by its address"
        );
        assert!(own(&[("sec-fetch-site", "same-origin"), ("origin", "http://10.0.0.5:8080")]));
    }
}
