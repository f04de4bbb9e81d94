//! All functions by name.

use std::collections::HashMap;
use std::sync::LazyLock;

use kql::{FunctionDeclaration, PatternArgument};

use crate::function::Function;
use crate::functions;
use crate::regular;

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
            pattern: pattern_of(function.name),
        };
        (*name, declaration)
    });
    declared.collect()
});

/// Functions that take a regular expression, and as which argument.
const PATTERNS: [(&str, usize); 10] = [
    ("countof", 1),
    ("extract", 0),
    ("extract_all", 0),
    ("indexof_regex", 1),
    ("matches regex", 1),
    ("replace", 0),
    ("replace_regex", 1),
    ("trim", 0),
    ("trim_end", 0),
    ("trim_start", 0),
];

fn pattern_of(name: &str) -> Option<PatternArgument> {
    let (_, argument) = PATTERNS.iter().find(|(held, _)| *held == name)?;
    Some(PatternArgument {
        argument: *argument,
        // What is counted is a plain text unless it is said to be more.
        only_if: (name == "countof").then_some((2, "regex")),
        fault: regular::fault,
    })
}

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
