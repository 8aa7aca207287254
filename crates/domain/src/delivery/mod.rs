//! How an instance runs: pages, locks, clocks, and which write of an answer is kept.

pub mod clock;
pub mod closing;
pub mod navigation;
pub mod page_set;
pub mod reinstate;
pub mod required;
pub mod state;
pub mod write;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
