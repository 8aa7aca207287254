//! Pictures, sound and film of authors as HTML: where a text names one, this is what is shown.
//!
//! Only phrasing elements, so that a medium may stand within a line, a choice or a cell. What a
//! script does with them (`assets/media.js`, `assets/candidate/plays.js`) is written in `data-`
//! attributes.

use crate::lang::Language;
use crate::page_error::PageError;
use crate::state::PagesState;
use app::caller::CandidateSession;
use app::delivery::media::DeliveredMedia;
use app::media::authored::{AuthorMediaView, LinkedMedia, MediaAudience, MediaLinks};
use domain::authored_media::{AuthoredMediaKind, AuthoredMediaType};
use domain::compile::model::CompiledTest;
use domain::id::{InstanceId, OrganizationId};
use domain::media_reference::{MediaReference, find_digests, place};
use markup::{EmbeddedMedia, MediaRenderer, escape_attribute};
use std::collections::HashMap;

/// What a medium is shown with.
struct ShownMedia<'m> {
    media: &'m AuthorMediaView,
    url: Option<&'m str>,
    captions: Option<&'m str>,
    description: &'m str,
    /// Where plays are counted: the place, how often it may be played yet.
    counted: Option<(&'m str, u32)>,
    /// Whether links to files lead to another origin.
    is_foreign: bool,
}

/// A signed link as an address of this server, under whichever name one reached it.
pub fn local_url(state: &PagesState, url: &str) -> String {
    url.strip_prefix(&state.app.settings().public_url).unwrap_or(url).to_owned()
}

/// The media that texts for staff, or texts around a test, name; none where they name none.
pub async fn linked_media(
    state: &PagesState,
    w: &'static Language,
    organization: &OrganizationId,
    texts: &str,
) -> Result<Option<MediaRenderer>, PageError> {
    let digests = find_digests(texts);
    if digests.is_empty() {
        return Ok(None);
    }
    let library = state.app.author_media();
    let links = library.media_links(organization, digests, &MediaAudience::Reader).await?;
    Ok(Some(of_links(state, w, links)))
}

/// The media of a text that a candidate reads beside the pages of a test.
pub async fn media_for_candidate(
    state: &PagesState,
    w: &'static Language,
    visitor: &CandidateSession,
    text: &str,
) -> Result<Option<MediaRenderer>, PageError> {
    let links = state.app.delivery().text_media(visitor, text).await?;
    Ok((!links.is_empty()).then(|| of_links(state, w, links)))
}

/// The media of a page that a candidate works on.
pub async fn media_of_attempt(
    state: &PagesState,
    w: &'static Language,
    visitor: &CandidateSession,
    instance: &InstanceId,
    (compiled, page): (&CompiledTest, usize),
) -> Result<Option<MediaRenderer>, PageError> {
    if domain::compile::media::media_of_page(compiled, page).is_empty() {
        return Ok(None);
    }
    let media = state.app.delivery().instance_media(visitor, instance, Some(page)).await?;
    let by_place: HashMap<String, DeliveredMedia> =
        media.into_iter().map(|media| (media.placed.place.clone(), media)).collect();
    let is_foreign = state.app.settings().media_url.is_some();
    Ok(Some(Box::new(move |embedded: &EmbeddedMedia<'_>| {
        let place = place(embedded.scope, embedded.text, embedded.nth);
        let delivered = by_place.get(&place)?;
        let plays = delivered.placed.media.plays;
        Some(html(
            w,
            &ShownMedia {
                media: &delivered.media,
                url: delivered.url.as_deref(),
                captions: delivered.captions.as_deref(),
                description: embedded.description,
                counted: plays.map(|most| (place.as_str(), most.saturating_sub(delivered.played))),
                is_foreign,
            },
        ))
    })))
}

fn of_links(state: &PagesState, w: &'static Language, links: MediaLinks) -> MediaRenderer {
    let is_foreign = state.app.settings().media_url.is_some();
    Box::new(move |embedded: &EmbeddedMedia<'_>| {
        let reference = MediaReference::parse(embedded.target)?;
        let LinkedMedia { media, url } = links.get(&reference.sha256)?;
        let captions = reference.captions.and_then(|digest| links.get(&digest));
        Some(html(
            w,
            &ShownMedia {
                media,
                url: Some(url),
                captions: captions.map(|captions| captions.url.as_str()),
                description: embedded.description,
                counted: None,
                is_foreign,
            },
        ))
    })
}

fn html(w: &Language, shown: &ShownMedia<'_>) -> String {
    match shown.media.media_type.kind() {
        AuthoredMediaKind::Picture => picture(w, shown),
        AuthoredMediaKind::Sound | AuthoredMediaKind::Film => match shown.counted {
            Some((place, left)) => counted_player(w, shown, place, left),
            None => player(shown, true),
        },
        AuthoredMediaKind::Captions | AuthoredMediaKind::Document => link(shown),
    }
}

fn picture(w: &Language, shown: &ShownMedia<'_>) -> String {
    let (url, description) = (attribute(shown.url), escape_attribute(shown.description));
    let size = match (shown.media.width, shown.media.height) {
        (Some(width), Some(height)) => format!(" width=\"{width}\" height=\"{height}\""),
        _ => String::new(),
    };
    let label = labelled(w.media_enlarge, shown.description);
    let is_vector = shown.media.media_type == AuthoredMediaType::Svg;
    let class = if is_vector { "medium picture vector" } else { "medium picture" };
    format!(
        "<span class=\"{class}\"><img src=\"{url}\" alt=\"{description}\"{size} loading=\"lazy\" decoding=\"async\">\
         <button type=\"button\" class=\"zoom\" data-zoom data-close=\"{}\" aria-label=\"{label}\" title=\"{}\">\
         <span aria-hidden=\"true\">\u{2922}</span></button></span>",
        escape_attribute(w.media_close),
        escape_attribute(w.media_enlarge),
    )
}

/// A sound with captions is a film without pictures: no player of sounds shows captions.
fn player(shown: &ShownMedia<'_>, has_controls: bool) -> String {
    let is_sound = shown.media.media_type.kind() == AuthoredMediaKind::Sound;
    let element = if is_sound && shown.captions.is_none() { "audio" } else { "video" };
    let class = if is_sound { "sound" } else { "film" };
    let label = escape_attribute(shown.description);
    let source = shown.url.map(|url| format!(" src=\"{}\"", escape_attribute(url)));
    let controls = if has_controls { " controls" } else { " data-player hidden" };
    let preload = if is_sound { "none" } else { "metadata" };
    // Captions of another origin are read as scripts would read them.
    let across = if shown.is_foreign { " crossorigin=\"anonymous\"" } else { "" };
    let captions = shown
        .captions
        .map(|url| format!("<track kind=\"captions\" src=\"{}\" default>", escape_attribute(url)));
    format!(
        "<span class=\"medium {class}\"><{element}{} aria-label=\"{label}\" preload=\"{preload}\" playsinline{across}{controls}>\
         {}</{element}></span>",
        source.unwrap_or_default(),
        captions.unwrap_or_default(),
    )
}

/// Played by a button that asks the server: there is nothing to wind back with.
fn counted_player(w: &Language, shown: &ShownMedia<'_>, place: &str, left: u32) -> String {
    let label = labelled(w.media_play, shown.description);
    let disabled = if left == 0 { " disabled" } else { "" };
    format!(
        "<span class=\"medium counted\" data-counted=\"{}\">{}\
         <button type=\"button\" data-play aria-label=\"{label}\"{disabled}><span aria-hidden=\"true\">\u{25b6}</span> {}</button> \
         <span class=\"help\" role=\"status\" data-plays-left>{}</span></span>",
        escape_attribute(place),
        player(shown, false),
        escape_attribute(w.media_play),
        escape_attribute(&words_of_left(w, left)),
    )
}

fn words_of_left(w: &Language, left: u32) -> String {
    if left == 0 { w.media_none_left.to_owned() } else { w.media_left(left) }
}

fn link(shown: &ShownMedia<'_>) -> String {
    let name = Some(shown.description).filter(|text| !text.trim().is_empty());
    format!(
        "<a class=\"medium\" href=\"{}\" target=\"_blank\" rel=\"noopener noreferrer\">{} ({})</a>",
        attribute(shown.url),
        escape_attribute(name.unwrap_or(&shown.media.name)),
        shown.media.media_type.extension().to_uppercase(),
    )
}

fn attribute(url: Option<&str>) -> String {
    escape_attribute(url.unwrap_or_default())
}

fn labelled(action: &str, description: &str) -> String {
    match description.trim() {
        "" => escape_attribute(action),
        description => escape_attribute(&format!("{action}: {description}")),
    }
}
