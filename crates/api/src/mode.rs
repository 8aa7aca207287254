//! The two shapes in which most resources are printed (REST specification, 1.7).

use crate::query::Query;

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
