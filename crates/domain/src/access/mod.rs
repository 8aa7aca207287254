//! Who may take a step, and when: the settings that say so and the checks that ask them.

pub mod admission;
pub mod form;
pub mod prerequisite;
pub mod settings;
pub mod sharing;
