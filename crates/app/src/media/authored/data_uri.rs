//! Pictures that stand in a document as `data:` targets become files of the library, and their
//! targets name these.

use crate::caller::Caller;
use crate::failure::Failure;
use crate::services::AuthorMediaService;
use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use domain::authored_media::{AuthoredMediaKind, AuthoredMediaType};
use std::ops::Range;

/// Pictures of one document that are taken.
const MOST: usize = 1000;
const MARK: &[u8] = b"](data:image/";
/// Padding may be left out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A picture and the place of its target.
struct DataPicture {
    target: Range<usize>,
    bytes: Vec<u8>,
}

impl AuthorMediaService {
    /// A document with its `data:` pictures kept as files; none when it has none. One that is no
    /// picture of a kind that is taken stays as it is.
    ///
    /// # Errors
    /// As adding the files.
    pub(crate) async fn adopt_data_pictures(
        &self,
        caller: &Caller,
        document: &[u8],
    ) -> Result<Option<Vec<u8>>, Failure> {
        let pictures = find(document);
        if pictures.is_empty() {
            return Ok(None);
        }
        let mut adopted = Vec::with_capacity(document.len());
        let mut done = 0;
        for picture in pictures {
            let media = self.add_author_media(caller, None, &picture.bytes).await?;
            adopted.extend_from_slice(document.get(done..picture.target.start).unwrap_or_default());
            adopted.extend_from_slice(format!("asset:{}", media.digest()).as_bytes());
            done = picture.target.end;
        }
        adopted.extend_from_slice(document.get(done..).unwrap_or_default());
        Ok(Some(adopted))
    }
}

fn find(document: &[u8]) -> Vec<DataPicture> {
    let mut found = Vec::new();
    let mut place = 0;
    while let Some(start) = position(document.get(place..).unwrap_or_default(), MARK) {
        // Behind the bracket and the parenthesis.
        let start = place + start + 2;
        place = start + MARK.len();
        found.extend(picture_at(document, start));
        if found.len() == MOST {
            break;
        }
    }
    found
}

fn picture_at(document: &[u8], start: usize) -> Option<DataPicture> {
    let rest = document.get(start..)?;
    let length = rest.iter().position(|byte| b") \t\r\n\"\\".contains(byte))?;
    let target = rest.get(..length)?;
    let data = target.get(position(target.get(..64.min(length))?, b";base64,")? + 8..)?;
    let bytes = BASE64.decode(data).ok()?;
    let seen = infer::get(&bytes).map(|kind| kind.mime_type());
    let kind = AuthoredMediaType::detect(&bytes, seen)?.kind();
    (kind == AuthoredMediaKind::Picture)
        .then(|| DataPicture { target: start..start + length, bytes })
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOT: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    #[test]
    fn what_is_no_picture_stays_as_it_is() {
        for document in [
            "![a](data:text/html;base64,PGI+)",
            "![a](data:image/png;base64,PGI+)",
            "![a](data:image/png;base64,not base64)",
            "![a](data:image/png,plain)",
            "![a](data:image/",
            "](data:image/png;base64,",
        ] {
            assert!(find(document.as_bytes()).is_empty(), "{document}");
        }
    }

    #[test]
    fn pictures_are_found_with_the_places_of_their_targets() {
        let bare = DOT.trim_end_matches('=');
        let text =
            format!("![a](data:image/png;base64,{DOT}) b ![](data:image/png;base64,{bare} \"t\")");
        let found = find(text.as_bytes());
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].bytes, found[1].bytes);
        assert_eq!(&text[found[0].target.clone()], format!("data:image/png;base64,{DOT}"));
        assert_eq!(&text[found[1].target.clone()], format!("data:image/png;base64,{bare}"));
    }

    #[test]
    fn many_pictures_are_taken_up_to_a_number() {
        let text = format!("![a](data:image/png;base64,{DOT})").repeat(MOST + 5);
        assert_eq!(find(text.as_bytes()).len(), MOST);
    }
}
