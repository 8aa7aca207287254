//! Why a result is not shown, in the candidate's language.

use crate::html_time::HtmlTime;
use crate::lang::Language;
use domain::access::sharing::{Withheld, WithheldBecause};

/// A sentence that may hold a date.
pub struct WithheldNotice {
    pub before: String,
    pub at: Option<HtmlTime>,
    pub after: String,
}

impl WithheldNotice {
    /// What a candidate is told of a result that is withheld.
    pub fn of(words: &'static Language, withheld: Withheld) -> Self {
        // The date is an element of the page, so the sentence is cut where it goes.
        if let Some(at) = withheld.until
            && let Some((before, after)) = words.withheld_until("\0").split_once('\0')
        {
            return Self { before: before.into(), at: Some(at.into()), after: after.into() };
        }
        let before = match withheld.because {
            WithheldBecause::NotShared => words.withheld_not_shared,
            WithheldBecause::InstanceOpen => words.withheld_open,
            WithheldBecause::Excluded => words.withheld_excluded,
            WithheldBecause::Withdrawn => words.withheld_withdrawn,
            WithheldBecause::NotSettled => words.withheld_grading,
            WithheldBecause::NotClosed => words.withheld_closed,
            WithheldBecause::NotReleased => words.withheld_release,
        };
        Self { before: before.to_owned(), at: None, after: String::new() }
    }
}
