//! What stands around every page: its language, its title, who is logged in.

use super::brand::Brand;
use crate::assets;
use crate::lang::{LANGUAGES, Language};
use domain::id::TaskId;

/// What stands around every page of candidates.
pub struct CandidateLayout {
    pub w: &'static Language,
    /// The address to open again in another language; none when it cannot be opened.
    pub here: Option<String>,
    /// The task's title, when it is known.
    pub heading: Option<String>,
    /// Who is logged in, and in which task.
    pub who: Option<(String, TaskId)>,
    /// The organization that asks, when it is known.
    pub brand: Option<Brand>,
}

impl CandidateLayout {
    /// A page at an address that a change of language opens again.
    pub fn new(w: &'static Language, here: impl Into<String>) -> Self {
        Self { w, here: Some(here.into()), heading: None, who: None, brand: None }
    }

    /// The page of somebody who is logged in.
    pub fn for_candidate(
        w: &'static Language,
        here: impl Into<String>,
        me: &app::delivery::welcome::CandidateProfile,
    ) -> Self {
        let name = me.fullname.clone().unwrap_or_default();
        let welcome = &me.welcome;
        Self {
            heading: Some(welcome.title.clone()),
            who: Some((name, welcome.task.clone())),
            brand: Some(Brand::of(&welcome.organization)),
            ..Self::new(w, here)
        }
    }

    /// The address of an asset, with the edition that caches go by.
    pub fn asset(&self, path: &str) -> String {
        assets::address(path)
    }

    /// The other languages: tag, own name, address.
    pub fn others(&self) -> Vec<(&'static str, &'static str, String)> {
        let Some(here) = &self.here else { return Vec::new() };
        let others = LANGUAGES.into_iter().filter(|other| other.tag != self.w.tag);
        others
            .map(|other| (other.locale, other.name, format!("{here}?lang={}", other.tag)))
            .collect()
    }

    /// The address of the form that ends the session.
    pub fn leave(&self, task: &TaskId) -> String {
        crate::address::leave(task)
    }
}
