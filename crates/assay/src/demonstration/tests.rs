//! The demo, made and opened again.
