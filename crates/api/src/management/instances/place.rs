//! Naming what a limit belongs to: the test, a section or a page, by published number from 1.

use crate::body::Object;
use app::administration::{Extension, Place};
use utoipa::ToSchema;

domain::words! {
    enum Kind {
        Test = "test",
        Section = "section",
        Page = "page",
    }
}

/// How much more time there is, and for what.
#[derive(ToSchema)]
#[schema(as = TimeExtension)]
#[allow(dead_code, reason = "only its schema is used")]
pub(in crate::management) struct Asked {
    /// `test`, `section` or `page`.
    of: String,
    /// Number of the section or page, from 1.
    number: Option<u32>,
    /// 1 to 604800.
    seconds: u32,
}

/// `of` and, for a section or page, `number`.
pub(super) fn place(object: &Object<'_>) -> Option<Place> {
    let number = || object.required("number").integer(1..=100_000).and_then(|number| u32::try_from(number).ok());
    match object.required("of").word(Kind::ALL, Kind::as_str) {
        None => {
            object.known(&["number"]);
            None
        }
        Some(Kind::Test) => Some(Place::Test),
        Some(Kind::Section) => Some(Place::Section(number()?)),
        Some(Kind::Page) => Some(Place::Page(number()?)),
    }
}

pub(in crate::management) fn extension(object: &Object<'_>) -> Option<Extension> {
    let place = place(object);
    let seconds = object.required("seconds").integer(1..=604_800).and_then(|seconds| u32::try_from(seconds).ok());
    Some(Extension { place: place?, seconds: seconds? })
}
