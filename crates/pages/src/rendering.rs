//! Where the texts of authors become HTML: beside the async runtime, and not too many pages at
//! once.
//!
//! A page costs time in proportion to its texts, up to the budget of [`markup::Renderer`]. Small
//! pages, such as a candidate's, are made at once. Large ones (a whole test's preview, a report)
//! are made a few at a time, on threads that may be held up, so that other requests are answered
//! meanwhile.

use markup::{MediaRenderer, Renderer};
use std::sync::Arc;
use std::thread::available_parallelism;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Semaphore;
use tokio::task::block_in_place;

/// A title, a name or the head of a column as it is shown: one line of inline Markdown.
pub fn line(text: &str) -> String {
    Renderer::new().line(text)
}

/// The same without any markup, for titles of windows, lists to choose from and pictures.
pub fn plain(text: &str) -> String {
    markup::to_inline_text(text)
}

/// The direction of a text by its first letter that has one, for controls of which a browser does
/// not find it out.
pub fn direction_of(text: &str) -> &'static str {
    let is_rtl = |letter: char| matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}');
    match text.chars().find(|letter| letter.is_alphabetic()) {
        Some(letter) if is_rtl(letter) => "rtl",
        _ => "ltr",
    }
}

/// Bytes of texts up to which a page is made without waiting: at most some milliseconds of work.
const SMALL: usize = 32 * 1024;

/// The places of large pages.
#[derive(Clone)]
pub struct RenderPool {
    places: Arc<Semaphore>,
}

impl Default for RenderPool {
    /// Half of the cores, so that the other half is left for everything else.
    fn default() -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        Self { places: Arc::new(Semaphore::new((cores / 2).max(1))) }
    }
}

impl RenderPool {
    /// Makes something of texts of so many bytes.
    pub async fn render<T>(&self, bytes: usize, make: impl FnOnce(&Renderer) -> T) -> T {
        self.render_with(None, bytes, make).await
    }

    /// The same with the media that the texts name.
    pub async fn render_with<T>(
        &self,
        media: Option<MediaRenderer>,
        bytes: usize,
        make: impl FnOnce(&Renderer) -> T,
    ) -> T {
        let renderer = Renderer::with_media(media);
        if bytes <= SMALL {
            return make(&renderer);
        }
        // The pool is never closed; without a place the page is made all the same.
        let _place = self.places.acquire().await;
        match Handle::current().runtime_flavor() {
            // The runtime moves what else waits for this thread to another one.
            RuntimeFlavor::MultiThread => block_in_place(|| make(&renderer)),
            _ => make(&renderer),
        }
    }
}
