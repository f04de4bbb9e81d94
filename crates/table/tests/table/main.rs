//! The table as its users see it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "the fixture is test code outside of a test function: a failed unwrap is a failed test"
)]

mod care;
mod check;
mod compact;
mod facts;
mod fixture;
mod format;
mod opening;
mod protocol;
mod retain;
mod stores;
mod turns;
mod vacuum;
