//! All functions by name.

use std::collections::HashMap;
use std::sync::LazyLock;

use kql::{CheckedArgument, Code, Fault, FunctionDeclaration};

use crate::function::Function;
use crate::functions::{self, FACTS_VERSION};
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
            checked: checked(function.name),
            constant: constant(function.name),
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

/// Functions of which some arguments must hold for all rows, and which ones, as Kusto asks.
const CONSTANT: [(&str, &[usize]); 21] = [
    ("array_sort_asc", &[1, 2, 3, 4]),
    ("array_sort_desc", &[1, 2, 3, 4]),
    ("bag_set_key", &[1]),
    ("countof", &[2]),
    ("datetime_add", &[0]),
    ("datetime_diff", &[0]),
    ("datetime_part", &[0]),
    ("extract", &[0]),
    ("extract_all", &[0]),
    ("extract_json", &[0]),
    ("format_bytes", &[1, 2]),
    ("format_datetime", &[1]),
    ("format_timespan", &[1]),
    ("indexof_regex", &[1]),
    ("nsg_rule", &[FACTS_VERSION]),
    ("nsg_verdict", &[FACTS_VERSION]),
    ("replace_regex", &[1, 2]),
    ("round", &[1]),
    ("trim", &[0]),
    ("trim_end", &[0]),
    ("trim_start", &[0]),
];

fn constant(name: &str) -> &'static [usize] {
    let held = CONSTANT.iter().find(|(held, _)| *held == name);
    held.map_or(&[], |(_, arguments)| arguments)
}

/// What is wrong with a text.
type Check = fn(&str) -> Option<Fault>;

/// Functions that take the name of something, and as which argument.
const NAMED: [(&str, usize, Check); 6] = [
    ("countof", 2, |text| {
        let others = ["normal", "regex"];
        (!others.contains(&text)).then(|| Fault {
            code: Code::SEM0219,
            message: format!("`countof` knows no kind `{text}`"),
            hint: "there are normal and regex".to_owned(),
        })
    }),
    ("datetime_add", 0, functions::no_length),
    ("datetime_diff", 0, functions::no_length),
    ("datetime_part", 0, functions::no_component),
    ("format_datetime", 1, functions::no_datetime_format),
    ("format_timespan", 1, functions::no_timespan_format),
];

fn checked(name: &str) -> Vec<CheckedArgument> {
    let patterns = PATTERNS.iter().filter(|(held, _)| *held == name);
    let patterns = patterns.map(|(_, argument)| CheckedArgument {
        argument: *argument,
        // What is counted is a plain text unless it is said to be more.
        only_if: (name == "countof").then_some((2, "regex")),
        fault: no_pattern,
    });
    let named = NAMED.iter().filter(|(held, ..)| *held == name);
    let named = named.map(|(_, argument, fault)| CheckedArgument {
        argument: *argument,
        only_if: None,
        fault: *fault,
    });
    patterns.chain(named).collect()
}

fn no_pattern(text: &str) -> Option<Fault> {
    let fault = regular::fault(text)?;
    Some(Fault {
        code: Code::SEM0420,
        message: format!("this is no regular expression: {fault}"),
        hint: "a sign that stands for itself has a backslash before it, as in @\"\\(\"; or `contains` looks for plain text"
            .to_owned(),
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

/// True for a function that asks for what is known beside the rows: who has facts answers in its kernel's place.
#[must_use]
pub fn asks_facts(name: &str) -> bool {
    matches!(name, "nsg_rule" | "nsg_verdict")
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
