//! The two shapes in which most resources are printed (REST specification, 1.7).

use crate::openapi::word_schema;
use crate::query::Query;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

domain::words! {
    /// How much of a resource is printed; detailed contains everything basic has.
    #[derive(Default)]
    pub enum Mode {
        #[default]
        Basic = "basic",
        Detailed = "detailed",
    }
}

impl Mode {
    /// The parameter `mode`; basic when it was not sent.
    pub fn read(query: &mut Query<'_>) -> Self {
        query.word("mode", Self::ALL, Self::as_str).unwrap_or_default()
    }
}

impl From<Mode> for app::results::Mode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Basic => Self::Basic,
            Mode::Detailed => Self::Detailed,
        }
    }
}

impl PartialSchema for Mode {
    fn schema() -> RefOr<Schema> {
        word_schema("`basic` prints what identifies a resource, `detailed` everything.", Self::ALL, Self::as_str)
    }
}

impl ToSchema for Mode {}
