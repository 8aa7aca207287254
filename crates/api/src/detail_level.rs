//! The two shapes in which most resources are printed (REST specification, 1.7).

use crate::query::QueryReader;

domain::string_enum! {
    /// How much of a resource is printed; detailed contains everything basic has.
    #[derive(Default)]
    pub enum DetailLevel {
        #[default]
        Basic = "basic",
        Detailed = "detailed",
    }
}

impl DetailLevel {
    /// The parameter `mode`; basic when it was not sent.
    pub fn read(query: &mut QueryReader<'_>) -> Self {
        query.one_of("mode", Self::ALL, Self::as_str).unwrap_or_default()
    }
}

impl From<DetailLevel> for app::results::ListingDetail {
    fn from(mode: DetailLevel) -> Self {
        match mode {
            DetailLevel::Basic => Self::Basic,
            DetailLevel::Detailed => Self::Detailed,
        }
    }
}
