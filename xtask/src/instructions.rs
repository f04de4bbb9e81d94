//! Instructions of the way in, counted by valgrind on a fixed input: a number that no busy machine moves.
//!
//! Each case is run with its input read once and three times; what two readings cost is compared with
//! `bench/instructions.tsv`. The default build is counted, as the tests leave it on a build server: it is at
//! hand, and its hot crates are optimised. An incremental build splits the crates otherwise, and counts to
//! 5 % more or less: it is always made without.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::{metadata, program};

/// What is counted: package, example, case.
const CASES: [(&str, &str, &str); 4] = [
    ("formats", "instructions", "vnet"),
    ("formats", "instructions", "nsg"),
    ("formats", "instructions", "rows"),
    ("table", "row_groups", "flows"),
];
/// More than this above what is written down, in a thousand, is a regression.
const TOLERANCE: u64 = 30;
const FILE: &str = "bench/instructions.tsv";

/// True if valgrind can be started.
pub(crate) fn possible(root: &Path) -> bool {
    program::is_there(&mut program::command(root, "valgrind", &["--version"]))
}

/// Counts, and compares with what is written down, or writes that anew.
pub(crate) fn run(root: &Path, update: bool) -> Result<bool> {
    if !possible(root) {
        bail!("valgrind is not installed");
    }
    let known = read(root)?;
    let mut text = String::from("# case\tinstructions; made by `cargo xtask instructions --update`\n");
    let mut held = true;
    build(root)?;
    for (package, example, case) in CASES {
        let name = format!("{package}/{case}");
        let count = count(root, example, case)?;
        text.push_str(&format!("{name}\t{count}\n"));
        if update {
            println!("{name}: {count} instructions");
        } else {
            held &= said(&name, count, known.get(&name).copied());
        }
    }
    if update {
        fs::write(root.join(FILE), text).with_context(|| format!("cannot write {FILE}"))?;
    }
    Ok(held)
}

/// True if the count is no regression.
fn said(name: &str, count: u64, known: Option<u64>) -> bool {
    let Some(known) = known else {
        println!("{name}: {count} instructions; not in {FILE}: run `cargo xtask instructions --update`");
        return false;
    };
    let change = (count as f64 / known as f64 - 1.0) * 100.0;
    let regressed = count > known + known * TOLERANCE / 1000;
    let word = if regressed { "REGRESSION" } else { "ok" };
    println!("{name}: {count} instructions, {change:+.1} % of {known}  {word}");
    if regressed {
        println!("hint: `--update` writes the new number down; say in the commit what it buys");
    } else if count + known * TOLERANCE / 1000 < known {
        println!("hint: less than is written down: `cargo xtask instructions --update` keeps it so");
    }
    !regressed
}

fn read(root: &Path) -> Result<BTreeMap<String, u64>> {
    let text = fs::read_to_string(root.join(FILE)).unwrap_or_default();
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (name, count) = line
                .split_once('\t')
                .with_context(|| format!("{FILE}: `{line}` is no name and number"))?;
            Ok((name.to_owned(), count.parse()?))
        })
        .collect()
}

/// The examples of all cases, with the features the tests have: nothing is built twice.
fn build(root: &Path) -> Result<()> {
    let mut wanted = vec!["build", "--locked", "--workspace"];
    let examples: BTreeSet<&str> = CASES.iter().map(|(_, example, _)| *example).collect();
    for example in examples {
        wanted.extend(["--example", example]);
    }
    program::must(program::cargo(root, &wanted).env("CARGO_INCREMENTAL", "0"))
}

fn count(root: &Path, example: &str, case: &str) -> Result<u64> {
    let target = metadata::target_directory(root)?;
    let binary = target.join("debug/examples").join(example);
    let of = |times: &str| -> Result<u64> {
        let mut valgrind = program::command(
            root,
            "valgrind",
            &["--tool=callgrind", "--callgrind-out-file=/dev/null"],
        );
        let out = valgrind.arg(&binary).args([case, times]).output()?;
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        if !out.status.success() {
            bail!("`{example} {case} {times}` failed under valgrind: {said}");
        }
        collected(&said).with_context(|| format!("valgrind named no count: {said}"))
    };
    Ok((of("3")? - of("1")?) / 2)
}

/// The number in a line `==123== Collected : 456`.
fn collected(text: &str) -> Option<u64> {
    let line = text.lines().find(|line| line.contains("Collected :"))?;
    line.rsplit(' ').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_found() {
        assert_eq!(
            collected("==1== \n==1== Collected : 146627167\n==1=="),
            Some(146_627_167)
        );
        assert_eq!(collected("==1== nothing"), None);
    }

    #[test]
    fn three_in_a_hundred_are_told() {
        assert!(said("a", 1_029, Some(1_000)));
        assert!(said("a", 900, Some(1_000)));
        assert!(!said("a", 1_031, Some(1_000)));
        assert!(!said("a", 5, None));
    }
}
