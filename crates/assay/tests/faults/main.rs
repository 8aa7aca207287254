//! What becomes of answers when the server is killed, the disk is full, or clients behave badly.
//!
//! These tests drive the real binary as its own process, over TCP, with the machine's clock:
//! nothing is simulated.

#![allow(clippy::disallowed_methods, reason = "here the clock and the waiting are the machine's")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that fails may panic anywhere"
)]

mod acknowledgements;
mod beside;
mod clock;
mod commits;
mod deadlines;
mod exports;
mod failover;
mod fixture;
mod full_disk;
mod half_open;
mod http_client;
mod lost_connections;
mod saver;
mod server;
mod sigkill;
mod test_rng;
