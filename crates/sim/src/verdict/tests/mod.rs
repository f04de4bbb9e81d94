//! The twin against the defaults and examples of FORMATS.md 5, and the cases against what they are to hold.

mod examples;
mod features;
