//! What people write and pages show: Markdown, formulas, and rich answers.
//!
//! Pure. Whatever comes out of here as HTML consists of elements and attributes of an allow-list,
//! formulas included, and of escaped text; nothing in it makes a browser run anything or ask
//! another host. Every text has a budget of length, nesting and size ([`budget`]): it is judged
//! when a text is stored, and again when it is shown, where a text beyond it is shown as plain
//! text. Time and memory grow in proportion to the text.

pub mod budget;
mod formula;
mod guard;
mod mathml;
mod parse;
mod plain;
mod render;
pub mod rich_text;
mod sanitize;
mod tags;

pub use budget::{MarkupFlaw, find_flaws};
pub use parse::{Image, images};
pub use plain::{
    is_inline_text_invisible, is_text_invisible, is_visible, look_of, to_inline_text, to_plain_text,
};
pub use render::{
    EmbeddedMedia, MediaRenderer, PAGE_BUDGET, Renderer, escape, escape_attribute, has_formula,
};
