//! The page of all scalar functions.

use std::fmt::Write as _;

use kqlfn::{Function, registry};

/// Each family, and in it each function: what it takes, what it does, what it gives.
pub(super) fn page() -> String {
    let mut text = String::from(
        "# KQL: scalar functions\n\nMade by `cargo xtask generate` from the functions themselves; the examples run as tests. \
         What is not here is in [what is answered](support.md).\n",
    );
    for (family, functions) in registry::families() {
        let _ = write!(text, "\n## {family}\n");
        for function in functions {
            one(function, &mut text);
        }
    }
    text
}

fn one(function: &Function, text: &mut String) {
    // Writing to a string does not fail.
    let _ = write!(text, "\n### `{}`\n\n{}\n", function.name, function.summary);
    if !function.notes.is_empty() {
        let _ = write!(text, "\n{}\n", function.notes);
    }
    if !function.aliases.is_empty() {
        let names: Vec<String> = function.aliases.iter().map(|name| format!("`{name}`")).collect();
        let _ = write!(text, "\nAlso: {}\n", names.join(", "));
    }
    let _ = write!(text, "\n```text\n");
    for signature in function.signatures {
        let _ = writeln!(text, "{}{signature}", function.name);
    }
    for (call, gives) in function.examples {
        let _ = writeln!(text, "{call}  =>  {gives}");
    }
    text.push_str("```\n");
}
