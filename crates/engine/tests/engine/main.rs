//! Queries over a small table of known rows. Every plan goes through its wire form and back first.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the fixture is test code outside of a test function: a failed unwrap is a failed test"
)]

mod advice;
mod catalog;
mod columns;
mod errors;
mod fixture;
mod functions;
mod judged;
mod known;
mod kql;
mod limits;
mod names;
mod pipelines;
mod pruning;
mod row_filter;
mod shapes;
mod time;
mod views;
