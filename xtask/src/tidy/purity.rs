//! What code may reach for, by crate: the lower floors open nothing and read no clock, only `cli`
//! prints, only `server` listens. Tests are free, and so is what only they import.

use crate::tidy::layers::{is_of_tests, is_pure};
use crate::tidy::source::Source;
use crate::tidy::tree::{Finding, Tree};

/// Files, environment, sockets, clock, randomness: all of them arguments on floors 0 and 1.
const NOT_PURE: [&str; 9] = [
    "std::fs",
    "std::env",
    "std::process",
    "std::net::Tcp",
    "std::net::Udp",
    "SystemTime::now",
    "Instant::now",
    "Utc::now",
    "thread_rng",
];

/// Modules that may not come in through `use std::{...}` either.
const NOT_PURE_MODULES: [&str; 3] = ["fs", "env", "process"];

/// Floors 0 and 1, `net` aside.
pub(crate) fn pure_floors(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (_, path, source) in tree.shipped_sources().filter(|(name, ..)| is_pure(name)) {
        for (line, code) in source.shipped_code() {
            if let Some(word) = NOT_PURE.iter().find(|word| code.contains(**word)) {
                let message = format!("`{word}` on floor 0 or 1: take it as an argument");
                findings.push(Finding::at(path, line, message));
            }
        }
        for module in grouped_std_modules(source) {
            if NOT_PURE_MODULES.contains(&module.as_str()) {
                let message = format!("`use std::{{{module}}}` on floor 0 or 1: take it as an argument");
                findings.push(Finding::new(path, message));
            }
        }
    }
    findings
}

/// The modules named in `use std::{a, b::c}`, over as many lines as it takes.
fn grouped_std_modules(source: &Source) -> Vec<String> {
    let code: String = source
        .shipped_code()
        .map(|(_, code)| format!("{code}\n"))
        .collect();
    let mut modules = Vec::new();
    for (at, opening) in code.match_indices("std::{") {
        let mut depth = 0_i32;
        let mut word = String::new();
        for character in code.get(at + opening.len()..).unwrap_or_default().chars() {
            match character {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => modules.push(std::mem::take(&mut word)),
                other if depth == 0 => word.push(other),
                _ => {}
            }
        }
        modules.push(word);
    }
    let first = |path: String| path.split("::").next().unwrap_or_default().trim().to_string();
    modules.into_iter().map(first).collect()
}

/// Only `cli` and `xtask` print. Build scripts and examples lie outside `src`.
pub(crate) fn printing(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, path, source) in tree.shipped_sources() {
        if name == "cli" || name == "xtask" || is_of_tests(name) {
            continue;
        }
        for (line, code) in source.shipped_code() {
            // `eprintln!` ends in `println!`, so two needles find all four.
            if code.contains("println!") || code.contains("print!") {
                findings.push(Finding::at(
                    path,
                    line,
                    "only `cli` prints: return what is to be said",
                ));
            }
        }
    }
    findings
}

/// Only `server` opens a port.
pub(crate) fn listening(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (_, path, source) in tree
        .shipped_sources()
        .filter(|(name, ..)| *name != "server" && *name != "xtask" && !is_of_tests(name))
    {
        for (line, code) in source.shipped_code() {
            if code.contains("TcpListener") || code.contains("UnixListener") {
                findings.push(Finding::at(path, line, "only `server` listens"));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::tests::check;

    #[test]
    fn the_lower_floors_open_nothing() {
        check(
            pure_floors,
            &[(
                "crates/formats/src/lib.rs",
                "//! x\nlet a = std::fs::read(b);\nlet t = Instant::now();\n",
            )],
            &[
                "crates/formats/src/lib.rs:2: `std::fs` on floor 0 or 1: take it as an argument",
                "crates/formats/src/lib.rs:3: `Instant::now` on floor 0 or 1: take it as an argument",
            ],
        );
        check(
            pure_floors,
            &[(
                "crates/model/src/a.rs",
                "use std::{\n    collections::{BTreeMap, env},\n    fs,\n    io::Read,\n};\n",
            )],
            &["crates/model/src/a.rs: `use std::{fs}` on floor 0 or 1: take it as an argument"],
        );
    }

    #[test]
    fn comments_tests_and_other_floors_are_free() {
        let text = "// std::fs\nlet a = \"std::env\";\nlet v = env!(\"X\");\n#[cfg(test)]\nmod tests {\n  use std::fs;\n}\n";
        check(pure_floors, &[("crates/formats/src/lib.rs", text)], &[]);
        let reads = "let a = std::fs::read(b);";
        check(
            pure_floors,
            &[
                ("crates/table/src/lib.rs", reads),
                ("crates/net/src/lib.rs", reads),
            ],
            &[],
        );
        check(
            pure_floors,
            &[
                ("crates/formats/tests/all.rs", reads),
                ("xtask/src/main.rs", reads),
            ],
            &[],
        );
    }

    #[test]
    fn only_cli_prints() {
        check(
            printing,
            &[
                ("crates/table/src/lib.rs", "eprintln!(\"x\");"),
                ("crates/cli/src/main.rs", "println!(\"x\");"),
                ("crates/model/examples/generate.rs", "print!(\"x\");"),
                ("crates/model/src/lib.rs", "/// println!\nfn pretty_print() {}"),
            ],
            &["crates/table/src/lib.rs:1: only `cli` prints: return what is to be said"],
        );
    }

    #[test]
    fn only_server_listens() {
        let text = "let l = TcpListener::bind(a);";
        check(
            listening,
            &[
                ("crates/cli/src/main.rs", text),
                ("crates/server/src/lib.rs", text),
            ],
            &["crates/cli/src/main.rs:1: only `server` listens"],
        );
    }
}
