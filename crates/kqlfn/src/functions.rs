//! The functions, one file each, in families.

mod address;
mod datetime;
mod dynamic;
mod prepared;
mod text;

use crate::function::Function;

/// Each family's name and functions.
pub(crate) const FAMILIES: &[(&str, &[&Function])] = &[
    ("address", address::FUNCTIONS),
    ("datetime", datetime::FUNCTIONS),
    ("dynamic", dynamic::FUNCTIONS),
    ("text", text::FUNCTIONS),
];
