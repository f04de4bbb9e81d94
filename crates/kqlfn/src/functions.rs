//! The functions, one file each, in families.

mod address;
mod conversion;
mod datetime;
mod dynamic;
mod encoding;
mod facts;
mod number;
mod operator;
mod prepared;
mod series;
mod sketch;
mod text;

use crate::function::Function;

pub use address::Networks;
pub(crate) use datetime::{no_component, no_datetime_format, no_length, no_timespan_format};
pub(crate) use encoding::hash_of;
pub(crate) use facts::VERSION as FACTS_VERSION;

/// Each family's name and functions.
pub(crate) const FAMILIES: &[(&str, &[&Function])] = &[
    ("address", address::FUNCTIONS),
    ("conversion", conversion::FUNCTIONS),
    ("datetime", datetime::FUNCTIONS),
    ("dynamic", dynamic::FUNCTIONS),
    ("encoding", encoding::FUNCTIONS),
    ("facts", facts::FUNCTIONS),
    ("number", number::FUNCTIONS),
    ("operator", operator::FUNCTIONS),
    ("series", series::FUNCTIONS),
    ("sketch", sketch::FUNCTIONS),
    ("text", text::FUNCTIONS),
];
