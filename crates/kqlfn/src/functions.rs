//! The functions, one file each, in families.

mod dynamic;
mod text;

use crate::function::Function;

/// Each family's name and functions.
pub(crate) const FAMILIES: &[(&str, &[&Function])] =
    &[("dynamic", dynamic::FUNCTIONS), ("text", text::FUNCTIONS)];
