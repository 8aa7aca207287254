//! Style sheets, scripts and pictures of the pages, inside the binary.
//!
//! Their address holds the digest of all of them together, so that modules find each other by relative names without a
//! build step, and a browser may keep each for ever.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct AssetFiles;

const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const NOT_AT_ALL: HeaderValue = HeaderValue::from_static("no-store");

/// The beginning of the digest over names and contents, in their order.
static EDITION: LazyLock<String> = LazyLock::new(|| {
    let mut names: Vec<_> = AssetFiles::iter().collect();
    names.sort();
    let digest = names.iter().fold(Sha256::new(), |digest, name| {
        let content = AssetFiles::get(name).map(|file| file.data).unwrap_or_default();
        digest.chain_update(name.as_bytes()).chain_update([0]).chain_update(Sha256::digest(&content))
    });
    hex::encode(&digest.finalize()[..8])
});

/// The address of a file, for example of `candidate/style.css`.
pub fn address(path: &str) -> String {
    format!("/assets/{}/{path}", *EDITION)
}

/// All files, as `address` takes them.
pub fn all() -> impl Iterator<Item = String> {
    AssetFiles::iter().map(std::borrow::Cow::into_owned)
}

pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{edition}/{*path}", get(show))
}

/// A page of another edition, for example from the other node of an update, gets what is here, which it must not keep.
async fn show(Path((edition, path)): Path<(String, String)>) -> Response {
    let Some((file, kind)) = AssetFiles::get(&path).zip(kind_of(&path)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let keeping = if edition == *EDITION { FOREVER } else { NOT_AT_ALL };
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(kind)), (header::CACHE_CONTROL, keeping)];
    (headers, file.data.into_owned()).into_response()
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
}
