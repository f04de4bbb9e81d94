//! Why: what rules did to flows that were logged, what other rules would do to them, and what should be changed about them.
//!
//! Pure: facts and rows of flows in, explanations out. Nothing here reads a table, a file or a clock. What is not known stays
//! unknown: no verdict is made up.

mod guards;
pub mod learn;

pub use guards::{Guards, Reporter};
