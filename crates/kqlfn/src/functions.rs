//! The functions, one file each, in families.

mod address;
mod conversion;
mod datetime;
mod dynamic;
mod encoding;
mod number;
mod operator;
mod prepared;
mod series;
mod text;

use crate::function::Function;

/// Each family's name and functions.
pub(crate) const FAMILIES: &[(&str, &[&Function])] = &[
    ("address", address::FUNCTIONS),
    ("conversion", conversion::FUNCTIONS),
    ("datetime", datetime::FUNCTIONS),
    ("dynamic", dynamic::FUNCTIONS),
    ("encoding", encoding::FUNCTIONS),
    ("number", number::FUNCTIONS),
    ("operator", operator::FUNCTIONS),
    ("series", series::FUNCTIONS),
    ("text", text::FUNCTIONS),
];
