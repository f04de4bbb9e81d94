//! The functions, one file each, in families.

mod encoding;
mod text;

use crate::function::Function;

/// Each family's name and functions.
pub(crate) const FAMILIES: &[(&str, &[&Function])] =
    &[("encoding", encoding::FUNCTIONS), ("text", text::FUNCTIONS)];
