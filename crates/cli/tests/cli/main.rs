//! The program as a user meets it: run as a process, its output compared with files that were read
//! before they were kept. `UPDATE_GOLDENS=1 cargo test -p cli` writes them anew.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a failed unwrap is a failed test, and a skipped test says so"
)]

mod asking;
mod balanced;
mod batch;
mod blobs;
mod care;
mod codes;
#[cfg(unix)]
mod collect;
mod config;
mod databases;
mod doctor;
mod explain;
mod facts;
mod filters;
mod formats;
mod golden;
mod help;
mod judged;
mod kills;
mod kql;
mod kql_and_sql;
mod learn;
mod parts;
mod places;
mod pull;
mod query;
mod read;
mod recorded;
mod replay;
mod retention;
mod rollups;
mod rules;
mod samples;
mod specs;
mod table;
mod terminal;
mod truth;
mod upkeep;
mod views;
mod who;
mod world;
