//! What listens. The only crate that does; one module per face.
//!
//! For now there is one face: what a program that runs for long says of itself, for those who watch it.

mod vitals;

pub use vitals::{Port, Vitals, serve_vitals};
