//! The functions, one file each, in families.

mod series;
mod text;

use crate::function::Function;

/// Each family's name and functions.
pub(crate) const FAMILIES: &[(&str, &[&Function])] =
    &[("series", series::FUNCTIONS), ("text", text::FUNCTIONS)];
