//! What files are called and what they say: purpose first, nothing left half done, nothing of the
//! machine it was written on.

use crate::tidy::tree::{Finding, Tree, has_extension};

/// The first line of each module says what it is for.
pub(crate) fn module_docs(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (_, path, source) in tree.shipped_sources() {
        let first = source
            .lines
            .iter()
            .find(|line| !line.trim().is_empty() && !line.starts_with("#!["));
        if !first.is_some_and(|line| {
            line.strip_prefix("//!")
                .is_some_and(|text| !text.trim().is_empty())
        }) {
            findings.push(Finding::new(path, "does not open with `//!` and its purpose"));
        }
    }
    findings
}

/// Names that say nothing, and so collect everything.
const NAMELESS: [&str; 6] = ["common", "utils", "util", "helpers", "helper", "misc"];

/// A file is named by what is in it.
pub(crate) fn file_names(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for path in tree
        .paths()
        .filter(|path| has_extension(path, "rs") || has_extension(path, "py"))
    {
        let parts = path.split('/').map(|part| part.split('.').next().unwrap_or(part));
        for part in parts.filter(|part| NAMELESS.contains(part)) {
            findings.push(Finding::new(
                path,
                format!("`{part}` says nothing: name what is in it"),
            ));
        }
    }
    findings
}

// Put together here, or these lines would find themselves.
const UNFINISHED: [&str; 5] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X:"),
    concat!("todo", "!("),
    concat!("unimplemented", "!("),
];

/// Work left over is an issue, not a comment.
pub(crate) fn unfinished(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.texts().filter(|(path, _)| is_code(path)) {
        for (number, line) in text.lines().enumerate() {
            if let Some(word) = UNFINISHED.iter().find(|word| stands_alone(line, word)) {
                let word = word.trim_end_matches(['(', ':']);
                findings.push(Finding::at(
                    path,
                    number,
                    format!("`{word}`: finish it, or open an issue"),
                ));
            }
        }
    }
    findings
}

fn is_code(path: &str) -> bool {
    ["rs", "py", "sh", "sql", "toml", "yml", "yaml"]
        .iter()
        .any(|ext| has_extension(path, ext))
        || path.starts_with(".ci/")
}

fn stands_alone(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|text| text.chars().next());
        let open_end = word.ends_with(['(', ':']);
        !before.is_some_and(char::is_alphanumeric) && (open_end || !after.is_some_and(char::is_alphanumeric))
    })
}

const MACHINE_PATHS: [&str; 2] = [concat!("/wo", "rk/"), concat!("/ro", "ot/")];

/// No file names a folder of the machine it was made on.
pub(crate) fn machine_paths(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.texts() {
        for (number, line) in text.lines().enumerate() {
            if let Some(folder) = MACHINE_PATHS.iter().find(|folder| starts_a_path(line, folder)) {
                findings.push(Finding::at(
                    path,
                    number,
                    format!("`{folder}` is a folder of one machine"),
                ));
            }
        }
    }
    findings
}

/// True where the folder begins an absolute path, not inside a longer one or a web address.
fn starts_a_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        !before.is_some_and(|c| c.is_alphanumeric() || "._-~*}$".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::tests::check;

    #[test]
    fn modules_open_with_their_purpose() {
        check(
            module_docs,
            &[
                ("crates/model/src/a.rs", "//! Purpose.\n"),
                ("crates/model/src/b.rs", "#![allow(x)]\n\n//! Purpose.\n"),
                ("crates/model/src/c.rs", "use a;\n//! late\n"),
                ("crates/model/src/d.rs", "//!\n"),
                ("crates/model/tests/e.rs", "fn main() {}\n"),
            ],
            &[
                "crates/model/src/c.rs: does not open with `//!` and its purpose",
                "crates/model/src/d.rs: does not open with `//!` and its purpose",
            ],
        );
    }

    #[test]
    fn names_that_say_nothing_fire() {
        check(
            file_names,
            &[
                ("crates/a/src/utils.rs", ""),
                ("crates/a/src/helpers/b.rs", ""),
                ("crates/a/src/common_log.rs", ""),
            ],
            &[
                "crates/a/src/helpers/b.rs: `helpers` says nothing: name what is in it",
                "crates/a/src/utils.rs: `utils` says nothing: name what is in it",
            ],
        );
    }

    #[test]
    fn unfinished_work_fires() {
        let text = format!(
            "// {}: later\nlet a = {}\"x\");\nlet {}S = 1;\n",
            UNFINISHED[0], UNFINISHED[3], UNFINISHED[0]
        );
        check(
            unfinished,
            &[("crates/a/src/b.rs", &text), ("docs/a.md", &text)],
            &[
                &format!(
                    "crates/a/src/b.rs:1: `{}`: finish it, or open an issue",
                    UNFINISHED[0]
                ),
                &format!(
                    "crates/a/src/b.rs:2: `{}`: finish it, or open an issue",
                    UNFINISHED[3].trim_end_matches('(')
                ),
            ],
        );
    }

    #[test]
    fn folders_of_one_machine_fire() {
        let [first, second] = MACHINE_PATHS;
        let text = format!("see `{first}main`\n# {second}x\nhttps://a.example{first}b and net{first}c\n");
        check(
            machine_paths,
            &[("docs/a.md", &text)],
            &[
                &format!("docs/a.md:1: `{first}` is a folder of one machine"),
                &format!("docs/a.md:2: `{second}` is a folder of one machine"),
            ],
        );
    }
}
