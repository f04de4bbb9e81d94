//! All functions by name.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::function::Function;
use crate::functions;

static BY_NAME: LazyLock<HashMap<&'static str, &'static Function>> = LazyLock::new(|| {
    let mut by_name = HashMap::new();
    for function in all() {
        by_name.insert(function.name, function);
        for alias in function.aliases {
            by_name.insert(*alias, function);
        }
    }
    by_name
});

/// All functions, family after family.
pub fn all() -> impl Iterator<Item = &'static Function> {
    families().flat_map(|(_, functions)| functions.iter().copied())
}

/// The families and their functions.
pub fn families() -> impl Iterator<Item = (&'static str, &'static [&'static Function])> {
    functions::FAMILIES.iter().copied()
}

/// The function of a name or alias.
#[must_use]
pub fn find(name: &str) -> Option<&'static Function> {
    BY_NAME.get(name).copied()
}
