//! The two shapes in which most resources are printed (REST specification, 1.7).

domain::string_enum! {
    /// How much of a resource is printed; detailed contains everything basic has.
    #[derive(Default)]
    pub enum DetailLevel {
        #[default]
        Basic = "basic",
        Detailed = "detailed",
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
