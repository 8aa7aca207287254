//! The lines of the table in 2.7, by their subject.

mod access;
mod faults;
mod filters;
mod pages;

use crate::case::ApiCase;

/// All lines that leave the data as it is, in the order of their numbers.
pub fn all() -> Vec<ApiCase> {
    let mut all: Vec<_> = [pages::cases(), filters::cases(), faults::cases(), access::cases()]
        .into_iter()
        .flatten()
        .collect();
    all.sort_by_key(|case| case.number);
    all
}
