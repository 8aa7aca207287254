//! Media that stand on the pages of a compiled test.

use super::model::CompiledTest;
use super::view;
use crate::media_reference::{MediaReference, SCHEME, page_scope, place, slot_scope};

/// A reference and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedMedia {
    /// The same for every look at one instance; see [`place`].
    pub place: String,
    /// Index from 0.
    pub page: usize,
    /// From 1; none for one in the words of the page.
    pub slot: Option<usize>,
    pub description: String,
    pub media: MediaReference,
}

/// All media on a page, by its index from 0, in the order they stand.
#[must_use]
pub fn media_of_page(compiled: &CompiledTest, page: usize) -> Vec<PlacedMedia> {
    let Some(view) = view::page(compiled, page) else { return Vec::new() };
    let mut found = Vec::new();
    add(&mut found, page, None, view.text);
    for question in &view.questions {
        question.each_text(&mut |text| add(&mut found, page, Some(question.slot), text));
    }
    found
}

fn add(found: &mut Vec<PlacedMedia>, page: usize, slot: Option<usize>, text: &str) {
    if !text.contains(SCHEME) {
        return;
    }
    let scope = slot.map_or_else(|| page_scope(page), slot_scope);
    for (nth, image) in markup::images(text).into_iter().enumerate() {
        if let Some(media) = MediaReference::parse(&image.target) {
            let place = place(&scope, text, nth);
            found.push(PlacedMedia { place, page, slot, description: image.description, media });
        }
    }
}
