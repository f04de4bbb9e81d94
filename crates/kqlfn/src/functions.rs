//! The functions, one file each, in families.

mod conversion;
mod number;
mod text;

use crate::function::Function;

/// Each family's name and functions.
pub(crate) const FAMILIES: &[(&str, &[&Function])] = &[
    ("conversion", conversion::FUNCTIONS),
    ("number", number::FUNCTIONS),
    ("text", text::FUNCTIONS),
];
