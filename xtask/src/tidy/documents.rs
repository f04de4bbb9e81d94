//! Documents keep their promises: every error code has its page, every decision its date, every link
//! its target.

use std::collections::BTreeSet;

use crate::tidy::tree::{Finding, Tree, has_extension};

/// Codes in `model`, written `FG1001` or `Code(1001)`, and pages under `docs/codes` are the same set.
pub(crate) fn code_pages(tree: &Tree) -> Vec<Finding> {
    let mut codes = BTreeSet::new();
    for (_, path, source) in tree.sources() {
        if path == "crates/model/src/codes.rs" || path.starts_with("crates/model/src/codes/") {
            for (_, line) in source.shipped_code_with_strings() {
                codes.extend(codes_in(line));
                codes.extend(codes_in(&line.replace("Code(", "FG")));
            }
        }
    }
    let pages: BTreeSet<String> = tree
        .paths()
        .filter_map(|path| path.strip_prefix("docs/codes/")?.strip_suffix(".md"))
        .filter(|name| codes_in(name).first().is_some_and(|code| code == name))
        .map(String::from)
        .collect();
    let no_page = codes.difference(&pages).map(|code| {
        Finding::new(
            "crates/model/src/codes.rs",
            format!("`{code}` has no page docs/codes/{code}.md"),
        )
    });
    let no_code = pages.difference(&codes).map(|code| {
        Finding::new(
            format!("docs/codes/{code}.md"),
            format!("`{code}` is not a code of `model`"),
        )
    });
    no_page.chain(no_code).collect()
}

/// Each `FG` with exactly four digits.
fn codes_in(line: &str) -> Vec<String> {
    let mut codes = Vec::new();
    for (at, _) in line.match_indices("FG") {
        let digits: String = line
            .get(at + 2..)
            .unwrap_or_default()
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        if digits.len() == 4 && !before.is_some_and(char::is_alphanumeric) {
            codes.push(format!("FG{digits}"));
        }
    }
    codes
}

/// A decision says when it was taken and what would reopen it.
pub(crate) fn decision_records(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.texts() {
        let Some(name) = path.strip_prefix("docs/adr/") else {
            continue;
        };
        if !has_extension(name, "md") || !name.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        for wanted in ["Date:", "Revisit when:"] {
            let held = text.lines().any(|line| {
                let line = line
                    .trim_start_matches(['-', '*', '_', '#', ' '])
                    .replace("**", "");
                line.strip_prefix(wanted)
                    .is_some_and(|rest| !rest.trim().is_empty())
            });
            if !held {
                findings.push(Finding::new(path, format!("lacks a line `{wanted} ...`")));
            }
        }
    }
    findings
}

/// Every relative link of a page leads to a file or folder of the tree.
pub(crate) fn links(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.texts().filter(|(path, _)| has_extension(path, "md")) {
        for (number, target) in relative_links(text) {
            let resolved = resolve(path, &target);
            if !resolved.as_deref().is_some_and(|resolved| tree.exists(resolved)) {
                findings.push(Finding::at(
                    path,
                    number,
                    format!("link to `{target}`, which is not there"),
                ));
            }
        }
    }
    findings
}

/// Line and target of each `[text](target)` outside code, without web addresses and anchors.
fn relative_links(text: &str) -> Vec<(usize, String)> {
    let mut links = Vec::new();
    let mut in_code = false;
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
            continue;
        }
        if in_code {
            continue;
        }
        // Every second piece between backticks is code.
        let prose: Vec<&str> = line.split('`').step_by(2).collect();
        for piece in prose.join("``").split("](").skip(1) {
            let target = piece
                .split([')', ' '])
                .next()
                .unwrap_or_default()
                .trim_matches(['<', '>']);
            let target = target.split(['#', '?']).next().unwrap_or_default();
            let elsewhere = target.contains("://") || target.starts_with("mailto:");
            if !target.is_empty() && !elsewhere {
                links.push((number, target.to_string()));
            }
        }
    }
    links
}

/// The path a link means, from the root; none if it leaves the tree.
fn resolve(page: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    if target.starts_with('/') {
        parts.clear();
    }
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::tests::check;

    #[test]
    fn codes_and_pages_are_the_same_set() {
        let codes = "//! FG0000 in words\nCode::new(\"FG1001\"), // FG9999\nconst A: Code = Code(1002);\n#[cfg(test)]\nmod tests {\n  \"FG7777\";\n}\n";
        check(
            code_pages,
            &[
                ("crates/model/src/codes.rs", codes),
                ("docs/codes/FG1001.md", ""),
                ("docs/codes/FG1003.md", ""),
                ("docs/codes/index.md", ""),
            ],
            &[
                "crates/model/src/codes.rs: `FG1002` has no page docs/codes/FG1002.md",
                "docs/codes/FG1003.md: `FG1003` is not a code of `model`",
            ],
        );
        check(
            code_pages,
            &[
                ("crates/model/src/codes/parse.rs", "\"FG1001\""),
                ("docs/codes/FG1001.md", ""),
            ],
            &[],
        );
    }

    #[test]
    fn decisions_have_a_date_and_an_end() {
        check(
            decision_records,
            &[
                (
                    "docs/adr/0001-a.md",
                    "# A\nDate: 2026-01-01\n\n- **Revisit when:** it rains\n",
                ),
                ("docs/adr/0002-b.md", "# B\nDate:\n"),
                ("docs/adr/README.md", ""),
            ],
            &[
                "docs/adr/0002-b.md: lacks a line `Date: ...`",
                "docs/adr/0002-b.md: lacks a line `Revisit when: ...`",
            ],
        );
    }

    #[test]
    fn links_lead_somewhere() {
        check(
            links,
            &[
                (
                    "docs/a.md",
                    "[b](b.md#x) [up](../README.md) [web](https://a.example/b) [here](#y) [dir](adr/)\n",
                ),
                (
                    "docs/b.md",
                    "see `[x](y.md)`\n```\n[x](z.md)\n```\n[`code`](../docs/a.md)\n",
                ),
                ("docs/adr/0001.md", "[gone](0002.md) and [out](../../../x.md)\n"),
                ("README.md", "![picture](docs/p.svg)"),
            ],
            &[
                "README.md:1: link to `docs/p.svg`, which is not there",
                "docs/adr/0001.md:1: link to `0002.md`, which is not there",
                "docs/adr/0001.md:1: link to `../../../x.md`, which is not there",
            ],
        );
    }
}
