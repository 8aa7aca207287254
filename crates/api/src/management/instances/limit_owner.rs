//! Naming what a limit belongs to: the test, a section or a page, by published number from 1.

use crate::body::BodyObject;
use app::administration::{LimitExtension, TimeLimitScope};
use utoipa::ToSchema;

domain::string_enum! {
    enum LimitOwnerKind {
        Test = "test",
        Section = "section",
        Page = "page",
    }
}

/// How much more time there is, and for what.
#[derive(ToSchema)]
#[schema(as = TimeExtension)]
#[allow(dead_code, reason = "only its schema is used")]
pub(in crate::management) struct ExtendTimeRequest {
    /// `test`, `section` or `page`.
    of: String,
    /// Number of the section or page, from 1.
    number: Option<u32>,
    /// 1 to 604800.
    seconds: u32,
}

/// `of` and, for a section or page, `number`.
pub(super) fn read_limit_owner(object: &BodyObject<'_>) -> Option<TimeLimitScope> {
    let number = || {
        object.required("number").integer(1..=100_000).and_then(|number| u32::try_from(number).ok())
    };
    match object.required("of").one_of(LimitOwnerKind::ALL, LimitOwnerKind::as_str) {
        None => {
            object.allow_keys(&["number"]);
            None
        }
        Some(LimitOwnerKind::Test) => Some(TimeLimitScope::Test),
        Some(LimitOwnerKind::Section) => Some(TimeLimitScope::Section(number()?)),
        Some(LimitOwnerKind::Page) => Some(TimeLimitScope::Page(number()?)),
    }
}

pub(in crate::management) fn read_extension(object: &BodyObject<'_>) -> Option<LimitExtension> {
    let place = read_limit_owner(object);
    let seconds = object
        .required("seconds")
        .integer(1..=604_800)
        .and_then(|seconds| u32::try_from(seconds).ok());
    Some(LimitExtension { place: place?, seconds: seconds? })
}
