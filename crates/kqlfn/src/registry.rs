//! All functions by name.

use std::collections::HashMap;
use std::sync::LazyLock;

use kql::FunctionDeclaration;

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

static DECLARATIONS: LazyLock<HashMap<&'static str, FunctionDeclaration>> = LazyLock::new(|| {
    let declared = BY_NAME.iter().map(|(name, function)| {
        let declaration = FunctionDeclaration {
            name: function.name,
            signatures: function.parsed_signatures(),
            tuple: function.tuple,
        };
        (*name, declaration)
    });
    declared.collect()
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

/// What a binder needs to know of the function of a name or alias.
#[must_use]
pub fn declaration(name: &str) -> Option<&'static FunctionDeclaration> {
    DECLARATIONS.get(name)
}

/// All names and aliases.
#[must_use]
pub fn names() -> Vec<&'static str> {
    DECLARATIONS.keys().copied().collect()
}
