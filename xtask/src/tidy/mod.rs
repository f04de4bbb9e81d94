//! Rules of the tree that a program can hold. One function per rule, each `fn(&Tree) -> Vec<Finding>`
//! with a case in its tests that must fire. Rules read; only the ratchet's `--bless` writes.

mod documents;
mod layers;
mod manifest;
mod purity;
mod ratchet;
mod source;
mod text;
mod tree;

use std::path::Path;

use anyhow::Result;
use tree::{Finding, Tree};

type Rule = (&'static str, fn(&Tree) -> Vec<Finding>);

const RULES: [Rule; 17] = [
    ("layers", layers::floors),
    ("layers", layers::owners),
    ("layers", layers::strangers),
    ("layers", layers::workspace_lints),
    ("layers", layers::unused_dependencies),
    ("purity", purity::pure_floors),
    ("purity", purity::printing),
    ("purity", purity::listening),
    ("text", text::module_docs),
    ("text", text::file_names),
    ("text", text::unfinished),
    ("text", text::machine_paths),
    ("documents", documents::code_pages),
    ("documents", documents::decision_records),
    ("documents", documents::links),
    ("ratchet", ratchet::files),
    ("ratchet", ratchet::functions),
];

/// Prints each finding; true when there is none.
pub(crate) fn run(root: &Path, bless: bool) -> Result<bool> {
    let mut tree = Tree::read(root)?;
    if bless && ratchet::bless(root, &tree)? {
        println!("wrote {}", ratchet::LIST);
        tree = Tree::read(root)?;
    }
    let mut findings: Vec<(&str, Finding)> = Vec::new();
    for (name, rule) in RULES {
        findings.extend(rule(&tree).into_iter().map(|finding| (name, finding)));
    }
    for (rule, Finding { place, message }) in &findings {
        eprintln!("error: {place}: {message} [{rule}]");
    }
    println!(
        "tidy: {} rules, {} files, {} findings",
        RULES.len(),
        tree.paths().count(),
        findings.len()
    );
    Ok(findings.is_empty())
}
