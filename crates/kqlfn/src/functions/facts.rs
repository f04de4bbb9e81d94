//! Functions that ask for what is known beside the rows. Their kernels here answer as where nothing is known; who has facts
//! answers in their place ([`crate::registry::asks_facts`]).

mod nothing;
mod nsg_rule;
mod nsg_verdict;

use crate::function::Function;

/// The argument that names a version of the facts.
pub(crate) const VERSION: usize = 8;

pub(super) const FUNCTIONS: &[&Function] = &[&nsg_rule::FUNCTION, &nsg_verdict::FUNCTION];
