//! Replay: what it foretells of planted rule changes, and how what is proposed is laid over what is known.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a failed unwrap is a failed test, and a long test says how far it came"
)]

mod against;
mod judged;
mod open;
mod overlay;
mod planted;
mod world;
