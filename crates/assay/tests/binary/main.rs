//! The binary as a user meets it: a process with arguments, files and sockets.

#![allow(clippy::unwrap_used, reason = "this is all tests")]

mod commands;
mod demo;
mod keeping;
mod keeping_files;
mod restoring;
mod serving;
mod support;
mod verifying;
mod walk;
