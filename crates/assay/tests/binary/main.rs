//! The binary as a user meets it: a process with arguments, files and sockets.

mod commands;
mod demo;
mod serving;
mod support;
mod walk;
