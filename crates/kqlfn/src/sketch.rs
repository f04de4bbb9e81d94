//! Sketches: what is kept of many values so that their number or their percentiles can be told later, and that can be
//! merged. They travel as values of type `dynamic`. Few values are kept as they are, and answers are exact then.

mod digest;
mod distinct;

pub use digest::Digest;
pub use distinct::{Distinct, bits_of};
