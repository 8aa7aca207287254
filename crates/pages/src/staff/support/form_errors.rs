//! Faults of a form, shown beside the fields they are about, with everything that was entered kept.

use crate::page_error::PageError;
use app::Failure;
use domain::fault::{Fault, FaultLocation};

/// What is wrong with a form that was sent; nothing at first.
#[derive(Clone, Debug, Default)]
pub struct FormErrors(Vec<(String, String)>);

impl FormErrors {
    /// The faults of a refused form. Whatever else went wrong is a page of its own.
    ///
    /// # Errors
    /// The failure, when it is not about what was entered.
    pub fn of(failure: Failure) -> Result<Self, PageError> {
        match failure {
            Failure::Faults(faults) => Ok(Self(faults.iter().map(location_and_message).collect())),
            other => Err(other.into()),
        }
    }

    /// Adds a sentence about a field, by its place in the form.
    pub fn add(&mut self, place: impl Into<String>, sentence: impl Into<String>) {
        self.0.push((place.into(), sentence.into()));
    }

    /// What is wrong with a field, by its pointer, such as `/title`.
    pub fn at(&self, place: impl AsRef<str>) -> Option<&str> {
        let place = place.as_ref();
        self.0.iter().find(|(entry, _)| entry == place).map(|(_, sentence)| sentence.as_str())
    }

    /// What is wrong with a field or anything in it.
    pub fn within(&self, place: impl AsRef<str>) -> Option<&str> {
        let place = place.as_ref();
        let is_in = |existing: &str| {
            existing
                .strip_prefix(place)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.0.iter().find(|(existing, _)| is_in(existing)).map(|(_, sentence)| sentence.as_str())
    }

    /// All faults, for the head of a form: place and sentence.
    pub fn all(&self) -> &[(String, String)] {
        &self.0
    }

    /// For a field that nothing can be wrong with.
    pub fn none(&self) -> Option<&str> {
        None
    }

    /// Whether nothing is wrong with the form.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The sentence says what a value must be; the page names the field beside it.
fn location_and_message(fault: &Fault) -> (String, String) {
    let place = match &fault.place {
        FaultLocation::Body(pointer) => pointer.to_string(),
        other => other.to_string(),
    };
    let mut letters = fault.should.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    (place, format!("{first}{}.", letters.as_str()))
}
