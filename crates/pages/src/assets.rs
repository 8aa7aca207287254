//! Style sheets, scripts and pictures of the pages, inside the binary.
//!
//! Their address holds the digest of all of them together, so that modules find each other by
//! relative names without a build step, and a browser may keep each for ever.
//!
//! Scripts and styles are sent without the comments that stand on lines of their own: the types in
//! them are for whoever changes the code, and a candidate's phone would pay for each.

use crate::descriptions;
use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::LazyLock;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct AssetFiles;

const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const NOT_AT_ALL: HeaderValue = HeaderValue::from_static("no-store");

/// What is sent, by path.
static SERVED: LazyLock<BTreeMap<String, Bytes>> = LazyLock::new(|| {
    let embedded = AssetFiles::iter().filter_map(|path| Some((AssetFiles::get(&path)?.data, path)));
    let embedded =
        embedded.map(|(content, path)| (path.to_string(), without_comments(&path, &content)));
    let made = (descriptions::PATH.to_owned(), Bytes::from_static(descriptions::SCRIPT.as_bytes()));
    embedded.chain([made]).collect()
});

/// The beginning of the digest over names and contents, in their order.
static EDITION: LazyLock<String> = LazyLock::new(|| {
    let digest = SERVED.iter().fold(Sha256::new(), |digest, (name, content)| {
        digest.chain_update(name.as_bytes()).chain_update([0]).chain_update(Sha256::digest(content))
    });
    hex::encode(&digest.finalize()[..8])
});

/// A script or style sheet without its lines of comment. Only whole lines go, so that nothing has
/// to be known of strings and expressions; no text of ours that goes over several lines holds such
/// a line.
fn without_comments(path: &str, content: &[u8]) -> Bytes {
    let (Ok(text), true) =
        (std::str::from_utf8(content), path.ends_with(".js") || path.ends_with(".css"))
    else {
        return Bytes::copy_from_slice(content);
    };
    let mut sent = String::with_capacity(text.len());
    let mut in_block = false;
    for line in text.lines() {
        let trimmed = line.trim();
        in_block |= trimmed.starts_with("/*");
        if in_block {
            // What stands behind the end of a comment stays.
            let Some((_, behind)) = trimmed.split_once("*/") else { continue };
            in_block = false;
            if !behind.trim().is_empty() {
                sent.push_str(behind);
                sent.push('\n');
            }
        } else if !(trimmed.is_empty() || path.ends_with(".js") && trimmed.starts_with("//")) {
            sent.push_str(line);
            sent.push('\n');
        }
    }
    Bytes::from(sent)
}

/// The address of a file, for example of `candidate/style.css`.
pub fn address(path: &str) -> String {
    format!("/assets/{}/{path}", *EDITION)
}

/// All files, as `address` takes them.
pub fn all() -> impl Iterator<Item = String> {
    SERVED.keys().cloned()
}

/// Serves what is built into the program; the edition in the path changes with its content.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{edition}/{*path}", get(show))
}

/// A page of another edition, for example from the other node of an update, gets what is here,
/// which it must not keep.
async fn show(Path((edition, path)): Path<(String, String)>) -> Response {
    let Some((content, kind)) = SERVED.get(&path).zip(kind_of(&path)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let keeping = if edition == *EDITION { FOREVER } else { NOT_AT_ALL };
    let headers =
        [(header::CONTENT_TYPE, HeaderValue::from_static(kind)), (header::CACHE_CONTROL, keeping)];
    (headers, content.clone()).into_response()
}

fn kind_of(path: &str) -> Option<&'static str> {
    Some(match path.rsplit_once('.')?.1 {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_a_kind_and_an_address_of_this_edition() {
        for path in all() {
            assert!(kind_of(&path).is_some(), "{path}");
            assert!(address(&path).starts_with(&format!("/assets/{}/", *EDITION)));
        }
    }
    #[test]
    fn lines_of_comment_are_not_sent_and_every_other_line_is() {
        let script = b"// @ts-check\n/**\n * @param {string} a\n */\nfn(a); // stays\n\n  // goes\n/* one */ b();\nc = \"// no\";\n";
        assert_eq!(&*without_comments("a.js", script), b"fn(a); // stays\n b();\nc = \"// no\";\n");
        let style = b"/* head\n   more */\na { color: red; } /* stays */\n//no comment\n";
        assert_eq!(
            &*without_comments("a.css", style),
            b"a { color: red; } /* stays */\n//no comment\n"
        );
        assert_eq!(&*without_comments("a.svg", b"<!-- a -->\n/* b"), b"<!-- a -->\n/* b");
    }
}
