//! Sizes that may only shrink. Files over 500 lines and functions over 70, tests not counted, fail
//! unless `xtask/ratchet.toml` lists them with their present size. A listed one may not grow, and when
//! it shrinks its entry has to follow: `cargo xtask tidy --bless` lowers and removes, it never adds.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use toml::{Table, Value};

use crate::tidy::tree::{Finding, Tree};

/// Where the exceptions are listed.
pub(crate) const LIST: &str = "xtask/ratchet.toml";

const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;

const HEADER: &str = "\
# What is larger than the rule allows (files 500 lines, functions 70, tests not counted), with its size.
# Entries are added by hand, with the reason in the commit; `cargo xtask tidy --bless` lowers and removes.
";

type Sizes = BTreeMap<String, usize>;

/// Files by path.
pub(crate) fn files(tree: &Tree) -> Vec<Finding> {
    compare("files", FILE_LINES_MAX, &file_sizes(tree), &listed(tree, "files"))
}

/// Functions by `path::name`; of several of one name the longest counts.
pub(crate) fn functions(tree: &Tree) -> Vec<Finding> {
    compare(
        "functions",
        FUNCTION_LINES_MAX,
        &function_sizes(tree),
        &listed(tree, "functions"),
    )
}

fn file_sizes(tree: &Tree) -> Sizes {
    tree.shipped_sources()
        .map(|(_, path, source)| (path.to_string(), source.shipped_line_count()))
        .collect()
}

fn function_sizes(tree: &Tree) -> Sizes {
    let mut sizes = Sizes::new();
    for (_, path, source) in tree.shipped_sources() {
        for function in source.functions() {
            let size = sizes.entry(format!("{path}::{}", function.name)).or_default();
            *size = (*size).max(function.line_count);
        }
    }
    sizes
}

fn listed(tree: &Tree, table: &str) -> Sizes {
    let list: Table = tree
        .text(LIST)
        .and_then(|text| text.parse().ok())
        .unwrap_or_default();
    let entries = list.get(table).and_then(Value::as_table).into_iter().flatten();
    entries
        .filter_map(|(key, size)| Some((key.clone(), usize::try_from(size.as_integer()?).ok()?)))
        .collect()
}

fn compare(table: &str, max: usize, sizes: &Sizes, listed: &Sizes) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (key, &size) in sizes.iter().filter(|(_, size)| **size > max) {
        match listed.get(key) {
            None => findings.push(Finding::new(
                key,
                format!("{size} lines, more than {max}: split it"),
            )),
            Some(&held) if size > held => {
                findings.push(Finding::new(
                    key,
                    format!("grew from {held} to {size} lines: split it"),
                ));
            }
            Some(_) => {}
        }
    }
    for (key, &held) in listed {
        let size = sizes.get(key).copied().unwrap_or_default();
        if size < held {
            let message =
                format!("`{key}` shrank from {held} to {size} lines: run `cargo xtask tidy --bless`");
            findings.push(Finding::new(format!("{LIST} [{table}]"), message));
        }
    }
    findings
}

/// Rewrites the list; true if that changed it.
pub(crate) fn bless(root: &Path, tree: &Tree) -> Result<bool> {
    let mut text = HEADER.to_string();
    for (table, max, sizes) in [
        ("files", FILE_LINES_MAX, file_sizes(tree)),
        ("functions", FUNCTION_LINES_MAX, function_sizes(tree)),
    ] {
        writeln!(text, "\n[{table}]")?;
        for (key, size) in lowered(max, &sizes, &listed(tree, table)) {
            writeln!(text, "\"{key}\" = {size}")?;
        }
    }
    if tree.text(LIST) == Some(text.as_str()) {
        return Ok(false);
    }
    std::fs::write(root.join(LIST), text).with_context(|| format!("cannot write {LIST}"))?;
    Ok(true)
}

/// Entries still needed, at their present size if that is smaller.
fn lowered(max: usize, sizes: &Sizes, listed: &Sizes) -> Sizes {
    let kept = listed.iter().filter_map(|(key, &held)| {
        let size = *sizes.get(key)?;
        (size > max).then(|| (key.clone(), size.min(held)))
    });
    kept.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::tests::{check, tree};

    const PATH: &str = "crates/a/src/b.rs";

    fn long_function(lines: usize) -> String {
        format!("fn long() {{\n{}}}\n", "    x();\n".repeat(lines - 2))
    }

    #[test]
    fn long_files_fire_but_their_tests_do_not_count() {
        check(files, &[(PATH, &"a\n".repeat(500))], &[]);
        check(
            files,
            &[(PATH, &"a\n".repeat(501))],
            &["crates/a/src/b.rs: 501 lines, more than 500: split it"],
        );
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "    a();\n".repeat(600));
        check(files, &[(PATH, &tests)], &[]);
    }

    #[test]
    fn long_functions_fire() {
        check(functions, &[(PATH, &long_function(70))], &[]);
        check(
            functions,
            &[(PATH, &long_function(71))],
            &["crates/a/src/b.rs::long: 71 lines, more than 70: split it"],
        );
    }

    #[test]
    fn a_listed_one_may_stay_but_neither_grow_nor_keep_a_stale_entry() {
        let list = "[functions]\n\"crates/a/src/b.rs::long\" = 80\n";
        check(functions, &[(PATH, &long_function(80)), (LIST, list)], &[]);
        check(
            functions,
            &[(PATH, &long_function(81)), (LIST, list)],
            &["crates/a/src/b.rs::long: grew from 80 to 81 lines: split it"],
        );
        let stale = "`crates/a/src/b.rs::long` shrank from 80 to 75 lines: run `cargo xtask tidy --bless`";
        check(
            functions,
            &[(PATH, &long_function(75)), (LIST, list)],
            &[&format!("{LIST} [functions]: {stale}")],
        );
    }

    #[test]
    fn blessing_lowers_and_removes_and_never_adds() {
        let sizes = Sizes::from([
            ("a".into(), 75),
            ("b".into(), 60),
            ("c".into(), 90),
            ("d".into(), 99),
        ]);
        let listed = Sizes::from([
            ("a".into(), 80),
            ("b".into(), 80),
            ("c".into(), 80),
            ("gone".into(), 80),
        ]);
        let expected = Sizes::from([("a".into(), 75), ("c".into(), 80)]);
        assert_eq!(lowered(FUNCTION_LINES_MAX, &sizes, &listed), expected);
    }

    #[test]
    fn the_list_is_written_once() {
        let root = std::env::temp_dir().join(format!("xtask-ratchet-{}", std::process::id()));
        std::fs::create_dir_all(root.join("xtask")).unwrap();
        let list = "[functions]\n\"crates/a/src/b.rs::long\" = 80\n";
        assert!(bless(&root, &tree(&[(PATH, &long_function(75)), (LIST, list)])).unwrap());
        let written = std::fs::read_to_string(root.join(LIST)).unwrap();
        assert!(written.ends_with("[files]\n\n[functions]\n\"crates/a/src/b.rs::long\" = 75\n"));
        assert!(!bless(&root, &tree(&[(PATH, &long_function(75)), (LIST, &written)])).unwrap());
        std::fs::remove_dir_all(&root).unwrap();
    }
}
