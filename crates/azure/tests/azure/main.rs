//! Azure's web APIs, from a server on this machine that answers what Microsoft's documents say that Azure answers.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed unwrap is a failed test"
)]

mod faults;
mod identity;
mod pull;
mod server;
mod storage;
mod world;
