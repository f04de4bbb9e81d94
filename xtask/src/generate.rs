//! Files made from other files: reference pages from `model`, the bill of materials from the lock file.
//! `--check` writes nothing and fails when one is stale, so that a page cannot lie for long.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::{metadata, program, sbom};

/// Argument of model's example `generate`, and the page it prints. With a code as its argument it
/// prints that code's page, and with `code-list` one code a line.
const PAGES: [(&str, &str); 3] = [
    ("columns", "docs/columns.md"),
    ("limits", "docs/limits.md"),
    ("codes", "docs/codes/index.md"),
];

/// Argument of kqleval's example `reference`, and the page it prints.
const KQL_PAGES: [(&str, &str); 2] = [
    ("functions", "docs/kql/functions.md"),
    ("support", "docs/kql/support.md"),
];

/// True when every file is fresh, or was written.
pub(crate) fn run(root: &Path, check: bool) -> Result<bool> {
    let mut fresh = true;
    for (path, text) in files(root)? {
        fresh &= settle(root, &path, &text, check)?;
    }
    if !fresh {
        eprintln!("hint: run `cargo xtask generate` and commit what it changed");
    }
    Ok(fresh)
}

/// Every generated file and what should be in it.
fn files(root: &Path) -> Result<Vec<(String, String)>> {
    let mut files = reference_pages(root)?;
    let metadata = metadata::load(root, Some(sbom::PLATFORM))?;
    let lock = fs::read_to_string(root.join("Cargo.lock")).context("cannot read Cargo.lock")?;
    let checksums = sbom::checksums(&lock)?;
    files.push((
        "docs/licences/sbom.cdx.json".into(),
        sbom::cyclonedx(&metadata, &checksums)?,
    ));
    files.push((
        "docs/licences/THIRD-PARTY.md".into(),
        sbom::third_party(&metadata)?,
    ));
    Ok(files)
}

/// Built once and then run for each page: there are as many as there are codes.
fn reference_pages(root: &Path) -> Result<Vec<(String, String)>> {
    let of_model = built(root, "model", "generate")?;
    let of_kql = built(root, "kqleval", "reference")?;
    let print =
        |generator: &Path, what: &str| program::output(&mut program::command(root, generator, &[what]));
    let mut pages = Vec::new();
    for (what, path) in PAGES {
        pages.push((path.to_string(), print(&of_model, what)?));
    }
    for (what, path) in KQL_PAGES {
        pages.push((path.to_string(), print(&of_kql, what)?));
    }
    for code in print(&of_model, "code-list")?.split_whitespace() {
        pages.push((format!("docs/codes/{code}.md"), print(&of_model, code)?));
    }
    Ok(pages)
}

/// An example of a package, built.
fn built(root: &Path, package: &str, example: &str) -> Result<PathBuf> {
    let build = [
        "build",
        "--quiet",
        "--locked",
        "--package",
        package,
        "--example",
        example,
    ];
    program::must(&mut program::cargo(root, &build))?;
    let name = format!("debug/examples/{example}{}", std::env::consts::EXE_SUFFIX);
    Ok(metadata::target_directory(root)?.join(name))
}

/// Compares, or writes if it differs.
fn settle(root: &Path, path: &str, text: &str, check: bool) -> Result<bool> {
    let full = root.join(path);
    // A checkout on Windows may have turned the line ends.
    let held = fs::read_to_string(&full)
        .unwrap_or_default()
        .replace("\r\n", "\n");
    if held == text {
        return Ok(true);
    }
    if check {
        eprintln!("error: {path} is stale{}", first_difference(&held, text));
        return Ok(false);
    }
    if let Some(folder) = full.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&full, text).with_context(|| format!("cannot write {path}"))?;
    println!("wrote {path}");
    Ok(true)
}

fn first_difference(held: &str, wanted: &str) -> String {
    if held.is_empty() {
        return " (missing)".into();
    }
    let same = held
        .lines()
        .zip(wanted.lines())
        .take_while(|(a, b)| a == b)
        .count();
    let shown = |text: &str| text.lines().nth(same).unwrap_or("(end of file)").to_string();
    format!(
        " from line {}\n  held:   {}\n  wanted: {}",
        same + 1,
        shown(held),
        shown(wanted)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_shown() {
        assert_eq!(first_difference("", "a"), " (missing)");
        assert_eq!(
            first_difference("a\nb\n", "a\nc\n"),
            " from line 2\n  held:   b\n  wanted: c"
        );
        assert_eq!(
            first_difference("a\nb\n", "a\n"),
            " from line 2\n  held:   b\n  wanted: (end of file)"
        );
    }

    #[test]
    fn a_stale_file_fires_in_a_check_and_is_written_otherwise() {
        let root = std::env::temp_dir().join(format!("xtask-generate-{}", std::process::id()));
        assert!(!settle(&root, "docs/page.md", "new\n", true).unwrap());
        assert!(!root.join("docs/page.md").exists(), "a check writes nothing");
        assert!(settle(&root, "docs/page.md", "new\n", false).unwrap());
        assert!(settle(&root, "docs/page.md", "new\n", true).unwrap());
        assert!(!settle(&root, "docs/page.md", "newer\n", true).unwrap());
        fs::remove_dir_all(&root).unwrap();
    }
}
