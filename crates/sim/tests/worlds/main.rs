//! Whole worlds: what was written, read back with a general JSON parser, against what the truth says.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a failing assumption should fail the test at once"
)]

mod incidents;
mod layout;
mod read;
mod traffic;
mod truth;
