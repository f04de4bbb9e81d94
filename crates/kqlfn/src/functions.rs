//! The functions, one file each, in families.

mod address;
mod datetime;
mod prepared;
mod text;

use crate::function::Function;

/// Each family's name and functions.
pub(crate) const FAMILIES: &[(&str, &[&Function])] = &[
    ("address", address::FUNCTIONS),
    ("datetime", datetime::FUNCTIONS),
    ("text", text::FUNCTIONS),
];
