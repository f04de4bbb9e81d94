//! Rows: Traffic Analytics, flat records, and tuples in the envelopes of other programs.
//!
//! A row is a record of its own, with its own hash, and fills one row of the table for each address it
//! lists, normally one. Which form a source has is told by its content (`detect`), what its names mean
//! by a table (`layouts`); values are verified and never guessed (`meaning`, `tuples`). Azure's own
//! records are not read here.

mod cells;
mod csv;
mod detect;
mod elastic;
mod enter;
mod entries;
mod judged;
mod layouts;
mod meaning;
mod named;
mod object;
mod options;
mod reader;
mod role;
mod shape;
mod time;
mod tuples;
mod values;
mod zone;

#[cfg(test)]
mod tests;

pub(crate) use csv::separator;
pub(crate) use detect::{Form, detect, going_on};
pub use options::{FormatIn, Mapping, MappingError, RowOptions};
pub(crate) use reader::Reader;
pub use zone::Zone;
