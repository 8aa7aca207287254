//! Media in authored texts: Markdown images with the target `asset:<sha256>`, with
//! `?captions=<sha256>` and `?plays=<n>` behind it where it is a sound or film.

use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;

pub(crate) const SCHEME: &str = "asset:";
/// Most plays that can be asked for.
pub const MOST_PLAYS: u32 = 100;
/// Letters of a SHA-256.
const DIGEST: usize = 64;
/// Bytes of a place that tell texts apart.
const PLACE_BYTES: usize = 6;

/// What one target asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaReference {
    /// Lower-case hexadecimal.
    pub sha256: String,
    pub captions: Option<String>,
    /// How often it may be played; none is as often as one likes.
    pub plays: Option<u32>,
}

/// Whether a target is meant to name an asset.
#[must_use]
pub fn is_asset(target: &str) -> bool {
    target.starts_with(SCHEME)
}

impl MediaReference {
    /// A target as it stands in a text; none when it names no asset, or asks for what there is not.
    #[must_use]
    pub fn parse(target: &str) -> Option<Self> {
        let rest = target.strip_prefix(SCHEME)?;
        let (sha256, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut media = Self { sha256: digest_of(sha256)?, captions: None, plays: None };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=')? {
                ("captions", sha256) if media.captions.is_none() => {
                    media.captions = Some(digest_of(sha256)?);
                }
                ("plays", number) if media.plays.is_none() => {
                    let number = number.parse().ok()?;
                    media.plays = (1..=MOST_PLAYS).contains(&number).then_some(number);
                    media.plays?;
                }
                _ => return None,
            }
        }
        Some(media)
    }

    /// All digests that it names.
    pub fn digests(&self) -> impl Iterator<Item = &str> {
        [Some(self.sha256.as_str()), self.captions.as_deref()].into_iter().flatten()
    }
}

fn digest_of(text: &str) -> Option<String> {
    is_digest(text).then(|| text.to_owned())
}

/// Whether a text is a SHA-256 in lower-case hexadecimal.
#[must_use]
pub fn is_digest(text: &str) -> bool {
    text.len() == DIGEST
        && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// The bytes of a digest.
#[must_use]
pub fn digest_bytes(text: &str) -> Option<[u8; 32]> {
    hex::decode(text).ok()?.try_into().ok()
}

/// All digests that a text may name as assets or captions, whatever the text is: one authored text,
/// or a whole document in JSON or YAML. Some may stand where they name nothing; none is left out.
#[must_use]
pub fn find_digests(text: &str) -> BTreeSet<[u8; 32]> {
    let mut found = BTreeSet::new();
    for mark in [SCHEME, "captions="] {
        for (start, _) in text.match_indices(mark) {
            let digest = text.get(start + mark.len()..start + mark.len() + DIGEST);
            found.extend(digest.filter(|digest| is_digest(digest)).and_then(digest_bytes));
        }
    }
    found
}

/// Where a medium stands in a test: in which scope (a slot or a page), in which text and as which
/// picture of that text. It stays the same when the page is made anew.
#[must_use]
pub fn place(scope: &str, text: &str, nth: usize) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let start = digest.get(..PLACE_BYTES).unwrap_or_default();
    format!("{scope}-{}-{nth}", hex::encode(start))
}

/// The scope of a slot, from 1.
#[must_use]
pub fn slot_scope(slot: usize) -> String {
    format!("s{slot}")
}

/// The scope of a page's own words, by its index from 0.
#[must_use]
pub fn page_scope(page: usize) -> String {
    format!("p{}", page + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    #[test]
    fn what_asks_for_more_than_there_is_names_no_asset() {
        for target in [
            format!("asset:{}", A.to_uppercase()),
            format!("asset:{A}0"),
            format!("asset:{A}?plays=0"),
            format!("asset:{A}?plays=101"),
            format!("asset:{A}?plays=1&plays=2"),
            format!("asset:{A}?plays"),
            format!("asset:{A}?captions=1"),
            format!("asset:{A}?volume=1"),
            format!("https://example.org/{A}"),
            "asset:".to_owned(),
        ] {
            assert_eq!(MediaReference::parse(&target), None, "{target}");
        }
    }

    #[test]
    fn captions_and_plays_stand_behind_the_digest_in_any_order() {
        let read = |query: &str| MediaReference::parse(&format!("asset:{A}{query}")).unwrap();
        let both =
            MediaReference { sha256: A.to_owned(), captions: Some(B.to_owned()), plays: Some(2) };
        assert_eq!(read(&format!("?captions={B}&plays=2")), both);
        assert_eq!(read(&format!("?plays=2&captions={B}")), both);
        assert_eq!(read(""), MediaReference { captions: None, plays: None, ..both.clone() });
        assert_eq!(both.digests().collect::<Vec<_>>(), [A, B]);
    }

    #[test]
    fn all_digests_of_a_document_are_found_and_nothing_that_is_too_short() {
        let text = format!("\"![a](asset:{A}?captions={B})\" asset:{} ö asset:", &A[1..]);
        let wanted = [A, B].map(|text| digest_bytes(text).unwrap());
        assert_eq!(find_digests(&text), BTreeSet::from(wanted));
        assert_eq!(find_digests("asset:ööööööööööööööööööööööööööööööööööööööö"), BTreeSet::new());
    }

    #[test]
    fn places_differ_by_scope_text_and_number() {
        let places =
            [place("s1", "a", 0), place("s2", "a", 0), place("s1", "b", 0), place("s1", "a", 1)];
        assert_eq!(places.iter().collect::<BTreeSet<_>>().len(), 4);
        assert_eq!(place("s1", "a", 0), "s1-ca978112ca1b-0");
    }
}
