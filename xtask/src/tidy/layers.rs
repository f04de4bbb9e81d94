//! Who may depend on whom. The floors are those of ARCHITECTURE.md: a crate imports only from floors
//! below its own, never sideways, so data goes one way and the lower floors build in a minute.

use crate::tidy::manifest::{Kind, Manifest, manifests};
use crate::tidy::tree::{Finding, Tree};

/// Every crate that there is or will be, with its floor.
const FLOORS: [(&str, u8); 24] = [
    ("model", 0),
    ("kql", 0),
    ("formats", 1),
    ("inventory", 1),
    ("nsg", 1),
    ("kqlfn", 1),
    ("net", 1),
    ("sim", 1),
    ("table", 2),
    ("enrich", 2),
    ("kqleval", 2),
    ("azure", 2),
    ("ingest", 3),
    ("why", 3),
    ("engine", 3),
    ("sinks", 3),
    ("chart", 3),
    ("detect", 4),
    ("audit", 4),
    ("rollup", 4),
    ("server", 5),
    ("cli", 6),
    // Of tests only: what is shipped cannot import it from up here.
    ("azurite", 6),
    // Imported by nothing and importing nothing of ours.
    ("xtask", 0),
];

/// The floor of one of our crates.
pub(crate) fn floor_of(name: &str) -> Option<u8> {
    FLOORS
        .iter()
        .find(|(held, _)| *held == name)
        .map(|&(_, floor)| floor)
}

/// Floors 0 and 1 open nothing and read no clock; `net` is the one door outward, `xtask` no product.
pub(crate) fn is_pure(name: &str) -> bool {
    floor_of(name).is_some_and(|floor| floor <= 1) && name != "net" && name != "xtask"
}

/// True for what only tests import: their floor lets nothing that is shipped do so.
pub(crate) fn is_of_tests(name: &str) -> bool {
    name == "azurite"
}

/// A package whose name starts so belongs to one crate alone.
const OWNERS: [(&str, &[&str], &str); 7] = [
    (
        "datafusion",
        &["engine"],
        "only `engine` names DataFusion's types",
    ),
    ("ballista", &["engine"], "only `engine` names Ballista's types"),
    ("deltalake", &["table"], "only `table` names Delta's types"),
    ("parquet", &["table"], "only `table` reads and writes Parquet"),
    ("reqwest", &["net"], "everything outgoing goes through `net`"),
    ("axum", &["server"], "only `server` listens"),
    (
        "anyhow",
        &["cli", "xtask"],
        "a library crate has one error enum of its own",
    ),
];

/// What pure crates may not have, whatever they would do with it.
const NOT_FOR_PURE: [&str; 5] = ["tokio", "reqwest", "hyper", "getrandom", "object_store"];

/// A crate depends only on crates on floors strictly below its own.
pub(crate) fn floors(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for manifest in manifests(tree) {
        let Manifest {
            path, name, folder, ..
        } = &manifest;
        if name != folder {
            findings.push(Finding::new(
                path,
                format!("`{name}` lies in a folder called `{folder}`"),
            ));
        }
        let Some(floor) = floor_of(name) else {
            findings.push(Finding::new(
                path,
                format!("`{name}` is not in the layer table of xtask"),
            ));
            continue;
        };
        for dependency in manifest.shipped() {
            let below = floor_of(&dependency.package).is_none_or(|other| other < floor && name != "xtask");
            if !below {
                let message = format!(
                    "`{name}` may not depend on `{}`: not below it",
                    dependency.package
                );
                findings.push(Finding::new(path, message));
            }
        }
        // Not even in tests: a twin that imports the original only proves that it agrees with itself.
        for dependency in &manifest.dependencies {
            if name == "sim" && ["formats", "nsg"].contains(&dependency.package.as_str()) {
                let message = format!(
                    "`sim` may not know `{}`: it is its independent twin",
                    dependency.package
                );
                findings.push(Finding::new(path, message));
            }
        }
    }
    findings
}

/// Some packages belong to one crate. Delta and Parquet may be read by anybody's tests, DataFusion not.
pub(crate) fn owners(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for manifest in manifests(tree) {
        for dependency in &manifest.dependencies {
            let owned = OWNERS.iter().find(|(prefix, ..)| {
                let rest = dependency.package.strip_prefix(prefix);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
            });
            let Some((prefix, crates, reason)) = owned else {
                continue;
            };
            let free = dependency.kind == Kind::Tests && *prefix != "datafusion" && *prefix != "ballista";
            if !free && !crates.contains(&manifest.name.as_str()) {
                let message = format!("may not depend on `{}`: {reason}", dependency.package);
                findings.push(Finding::new(&manifest.path, message));
            }
        }
    }
    findings
}

/// Pure crates have no runtime and no network among their dependencies.
pub(crate) fn strangers(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for manifest in manifests(tree)
        .into_iter()
        .filter(|manifest| is_pure(&manifest.name))
    {
        for dependency in manifest.shipped() {
            if NOT_FOR_PURE.contains(&dependency.package.as_str()) {
                let message = format!("floors 0 and 1 may not depend on `{}`", dependency.package);
                findings.push(Finding::new(&manifest.path, message));
            }
        }
    }
    findings
}

/// Every crate takes the workspace's lints, or they hold nowhere.
pub(crate) fn workspace_lints(tree: &Tree) -> Vec<Finding> {
    let without = manifests(tree)
        .into_iter()
        .filter(|manifest| !manifest.workspace_lints);
    without
        .map(|manifest| Finding::new(manifest.path, "lacks `[lints] workspace = true`"))
        .collect()
}

/// A dependency that no file of the crate names.
pub(crate) fn unused_dependencies(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for manifest in manifests(tree) {
        for dependency in &manifest.dependencies {
            let mut code = tree
                .sources()
                .filter(|(folder, ..)| *folder == manifest.folder)
                .flat_map(|(.., source)| source.all_code());
            if !code.any(|line| names(line, &dependency.code_name)) {
                let message = format!("`{}` is not used", dependency.package);
                findings.push(Finding::new(&manifest.path, message));
            }
        }
    }
    findings
}

/// True if the word stands in the line on its own.
fn names(line: &str, word: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::tests::check;

    fn manifest(name: &str, dependencies: &str) -> String {
        format!("[package]\nname = \"{name}\"\n[lints]\nworkspace = true\n{dependencies}")
    }

    #[test]
    fn imports_go_down() {
        let table = manifest(
            "table",
            "[dependencies]\nmodel = \"1\"\nserde = \"1\"\n[dev-dependencies]\nsim = \"1\"",
        );
        check(floors, &[("crates/table/Cargo.toml", &table)], &[]);
        let up = manifest("table", "[dependencies]\nengine = \"1\"");
        let place = "crates/table/Cargo.toml";
        check(
            floors,
            &[(place, &up)],
            &[&format!(
                "{place}: `table` may not depend on `engine`: not below it"
            )],
        );
        let sideways = manifest("engine", "[build-dependencies]\ningest = \"1\"");
        let place = "crates/engine/Cargo.toml";
        check(
            floors,
            &[(place, &sideways)],
            &[&format!(
                "{place}: `engine` may not depend on `ingest`: not below it"
            )],
        );
    }

    #[test]
    fn what_is_of_tests_is_not_shipped() {
        let place = "crates/cli/Cargo.toml";
        let cli = manifest("cli", "[dependencies]\nazurite = \"1\"");
        check(
            floors,
            &[(place, &cli)],
            &[&format!(
                "{place}: `cli` may not depend on `azurite`: not below it"
            )],
        );
        let cli = manifest("cli", "[dev-dependencies]\nazurite = \"1\"");
        check(floors, &[(place, &cli)], &[]);
    }

    #[test]
    fn unknown_and_misplaced_crates_fire() {
        let odd = manifest("odd", "");
        check(
            floors,
            &[("crates/even/Cargo.toml", &odd)],
            &[
                "crates/even/Cargo.toml: `odd` lies in a folder called `even`",
                "crates/even/Cargo.toml: `odd` is not in the layer table of xtask",
            ],
        );
    }

    #[test]
    fn xtask_imports_nothing_of_ours() {
        let xtask = manifest("xtask", "[dependencies]\nmodel = \"1\"");
        check(
            floors,
            &[("xtask/Cargo.toml", &xtask)],
            &["xtask/Cargo.toml: `xtask` may not depend on `model`: not below it"],
        );
    }

    #[test]
    fn the_twin_stays_independent_even_in_tests() {
        let sim = manifest(
            "sim",
            "[dependencies]\nmodel = \"1\"\n[dev-dependencies]\nformats = \"1\"",
        );
        check(
            floors,
            &[("crates/sim/Cargo.toml", &sim)],
            &["crates/sim/Cargo.toml: `sim` may not know `formats`: it is its independent twin"],
        );
    }

    #[test]
    fn owned_packages_stay_with_their_owner() {
        let engine = manifest(
            "engine",
            "[dependencies]\ndatafusion = \"1\"\ndatafusion-proto = \"1\"",
        );
        check(owners, &[("crates/engine/Cargo.toml", &engine)], &[]);
        let cli = manifest(
            "cli",
            "[dependencies]\nparquet = \"1\"\nanyhow = \"1\"\n[dev-dependencies]\ndeltalake-core = \"1\"",
        );
        check(
            owners,
            &[("crates/cli/Cargo.toml", &cli)],
            &["crates/cli/Cargo.toml: may not depend on `parquet`: only `table` reads and writes Parquet"],
        );
        let table = manifest("table", "[dev-dependencies]\ndatafusion-expr = \"1\"");
        check(
            owners,
            &[("crates/table/Cargo.toml", &table)],
            &[
                "crates/table/Cargo.toml: may not depend on `datafusion-expr`: only `engine` names DataFusion's types",
            ],
        );
        let model = manifest("model", "[dependencies]\nanyhow = \"1\"");
        check(
            owners,
            &[("crates/model/Cargo.toml", &model)],
            &[
                "crates/model/Cargo.toml: may not depend on `anyhow`: a library crate has one error enum of its own",
            ],
        );
    }

    #[test]
    fn pure_crates_have_no_runtime() {
        let formats = manifest("formats", "[dependencies]\ntokio = \"1\"");
        check(
            strangers,
            &[("crates/formats/Cargo.toml", &formats)],
            &["crates/formats/Cargo.toml: floors 0 and 1 may not depend on `tokio`"],
        );
        check(
            strangers,
            &[(
                "crates/net/Cargo.toml",
                &manifest("net", "[dependencies]\ntokio = \"1\""),
            )],
            &[],
        );
    }

    #[test]
    fn missing_lints_fire() {
        let bare = "[package]\nname = \"model\"\n";
        check(
            workspace_lints,
            &[("crates/model/Cargo.toml", bare)],
            &["crates/model/Cargo.toml: lacks `[lints] workspace = true`"],
        );
        check(
            workspace_lints,
            &[("crates/model/Cargo.toml", &manifest("model", ""))],
            &[],
        );
    }

    #[test]
    fn unused_dependencies_fire() {
        let model = manifest("model", "[dependencies]\narrow-schema = \"1\"\nserde = \"1\"");
        check(
            unused_dependencies,
            &[
                ("crates/model/Cargo.toml", &model),
                (
                    "crates/model/src/lib.rs",
                    "use arrow_schema::Schema;\n// serde\nuse serde_json;\n",
                ),
                ("crates/cli/src/main.rs", "use serde::Serialize;"),
            ],
            &["crates/model/Cargo.toml: `serde` is not used"],
        );
    }
}
