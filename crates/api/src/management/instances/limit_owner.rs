//! Naming what a limit belongs to: the test, a section or a page, by published number from 1.

use crate::body::BodyObject;
use crate::request::value::{Integer, integer};
use crate::request::{request, request_union};
use app::administration::{LimitExtension, TimeLimitScope};

/// Seconds that may be given: a week.
pub(super) const MOST_SECONDS: i64 = 604_800;

/// Number of a section or page.
pub(super) const fn number() -> Integer<u32> {
    integer::<u32>(1..=100_000)
}

request_union! {
    /// How much more time there is, and for what.
    pub(in crate::management) struct ExtendTimeRequest as "TimeExtension" for LimitExtension, by one_of "of" {
        "test" => TestExtension,
        "section" => SectionExtension,
        "page" => PageExtension,
        _ => TestExtension,
    }
}

request! {
    /// More time for the whole test.
    struct TestExtension as "TestTimeExtension" into LimitExtension by of_test {
        /// Seconds more.
        seconds: u32 = integer::<u32>(1..=MOST_SECONDS),
    }
}

request! {
    /// More time for a section.
    struct SectionExtension as "SectionTimeExtension" into LimitExtension by of_section {
        /// Number of the section, from 1.
        number: u32 = number(),
        /// Seconds more.
        seconds: u32 = integer::<u32>(1..=MOST_SECONDS),
    }
}

request! {
    /// More time for a page.
    struct PageExtension as "PageTimeExtension" into LimitExtension by of_page {
        /// Number of the page, from 1.
        number: u32 = number(),
        /// Seconds more.
        seconds: u32 = integer::<u32>(1..=MOST_SECONDS),
    }
}

fn of_test(more: TestExtension, _: &BodyObject<'_>) -> Option<LimitExtension> {
    Some(LimitExtension { place: TimeLimitScope::Test, seconds: more.seconds })
}

fn of_section(more: SectionExtension, _: &BodyObject<'_>) -> Option<LimitExtension> {
    Some(LimitExtension { place: TimeLimitScope::Section(more.number), seconds: more.seconds })
}

fn of_page(more: PageExtension, _: &BodyObject<'_>) -> Option<LimitExtension> {
    Some(LimitExtension { place: TimeLimitScope::Page(more.number), seconds: more.seconds })
}
