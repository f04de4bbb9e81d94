//! Functions on texts.

mod strcat;
mod strlen;
mod substring;

use crate::function::Function;

pub(super) const FUNCTIONS: &[&Function] = &[&strcat::FUNCTION, &strlen::FUNCTION, &substring::FUNCTION];
