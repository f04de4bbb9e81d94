//! The scalar functions of KQL: each in its own file, with what it takes and gives, its explanation, examples that
//! run as tests, and a kernel on Arrow arrays.
//!
//! This crate knows no query engine and no table. It opens nothing, reads no clock and no random source.

pub mod column;
pub mod decimal;
pub mod dynamic;
pub mod evaluate;
mod function;
mod functions;
pub mod real;
pub mod registry;
pub mod regular;
pub mod sketch;
pub mod wire;

pub use column::{Cell, Column, arrow_type};
pub use function::{Call, Computed, Function, Refusal};
pub use functions::Networks;
