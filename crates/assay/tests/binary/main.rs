//! The binary as a user meets it: a process with arguments, files and sockets.

#![allow(clippy::unwrap_used, reason = "this is all tests")]

mod author_media;
mod commands;
mod demo;
mod examining;
mod file_exam;
mod files_restored;
mod keeping;
mod keeping_files;
mod rescoring;
mod restoring;
mod serving;
mod support;
mod verifying;
mod walk;
mod wire;
