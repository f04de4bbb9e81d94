//! Our crates' `Cargo.toml` files, cut down to who depends on whom.

use toml::{Table, Value};

use crate::tidy::tree::{Tree, crate_of};

/// How a dependency is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// In the program itself, or in its build script.
    Shipped,
    /// In tests, examples and benches.
    Tests,
}

/// One line of a dependency table.
#[derive(Debug)]
pub(crate) struct Dependency {
    /// The package's own name.
    pub(crate) package: String,
    /// The name the crate's code uses, with `_` for `-`.
    pub(crate) code_name: String,
    pub(crate) kind: Kind,
}

/// One crate of the workspace.
#[derive(Debug)]
pub(crate) struct Manifest {
    pub(crate) path: String,
    pub(crate) name: String,
    pub(crate) folder: String,
    pub(crate) dependencies: Vec<Dependency>,
    /// `[lints] workspace = true`
    pub(crate) workspace_lints: bool,
}

impl Manifest {
    pub(crate) fn shipped(&self) -> impl Iterator<Item = &Dependency> {
        self.dependencies
            .iter()
            .filter(|dependency| dependency.kind == Kind::Shipped)
    }
}

/// Every crate's manifest. One that is not TOML is left out: cargo will say so itself.
pub(crate) fn manifests(tree: &Tree) -> Vec<Manifest> {
    let root: Table = tree
        .text("Cargo.toml")
        .and_then(|text| text.parse().ok())
        .unwrap_or_default();
    let shared = root
        .get("workspace")
        .and_then(|workspace| workspace.get("dependencies"));
    let paths = tree.paths().filter(|path| is_crate_manifest(path));
    paths
        .filter_map(|path| read(path, tree.text(path)?, shared))
        .collect()
}

fn is_crate_manifest(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    matches!(
        parts.as_slice(),
        ["crates", _, "Cargo.toml"] | ["xtask", "Cargo.toml"]
    )
}

fn read(path: &str, text: &str, shared: Option<&Value>) -> Option<Manifest> {
    let table: Table = text.parse().ok()?;
    let name = table.get("package")?.get("name")?.as_str()?.to_string();
    let mut dependencies = Vec::new();
    let targets = table
        .get("target")
        .and_then(Value::as_table)
        .into_iter()
        .flat_map(Table::values);
    for place in std::iter::once(&Value::Table(table.clone())).chain(targets) {
        for (key, kind) in [
            ("dependencies", Kind::Shipped),
            ("build-dependencies", Kind::Shipped),
            ("dev-dependencies", Kind::Tests),
        ] {
            let listed = place.get(key).and_then(Value::as_table).into_iter().flatten();
            dependencies.extend(listed.map(|(alias, value)| dependency(alias, value, shared, kind)));
        }
    }
    let lints = table.get("lints").and_then(|lints| lints.get("workspace"));
    Some(Manifest {
        path: path.to_string(),
        name,
        folder: crate_of(path).to_string(),
        dependencies,
        workspace_lints: lints.and_then(Value::as_bool) == Some(true),
    })
}

fn dependency(alias: &str, value: &Value, shared: Option<&Value>, kind: Kind) -> Dependency {
    // The workspace's table may rename a package, too.
    let own = value.get("package");
    let package = own
        .or_else(|| shared?.get(alias)?.get("package"))
        .and_then(Value::as_str);
    Dependency {
        package: package.unwrap_or(alias).to_string(),
        code_name: alias.replace('-', "_"),
        kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::tests::tree;

    #[test]
    fn every_table_and_renaming_is_seen() {
        let tree = tree(&[
            (
                "Cargo.toml",
                "[workspace.dependencies]\nshort = { version = \"1\", package = \"long-name\" }",
            ),
            (
                "crates/a/Cargo.toml",
                "[package]\nname = \"a\"\n[lints]\nworkspace = true\n[dependencies]\nshort.workspace = true\n\
                 [dev-dependencies]\nb-c = \"1\"\n[target.'cfg(unix)'.dependencies]\nd = { package = \"e\", version = \"1\" }",
            ),
        ]);
        let manifests = manifests(&tree);
        let a = manifests.first().unwrap();
        assert!(a.workspace_lints && a.name == "a" && a.folder == "a");
        let seen: Vec<_> = a
            .dependencies
            .iter()
            .map(|d| (d.package.as_str(), d.code_name.as_str(), d.kind))
            .collect();
        assert_eq!(
            seen,
            [
                ("long-name", "short", Kind::Shipped),
                ("b-c", "b_c", Kind::Tests),
                ("e", "d", Kind::Shipped)
            ]
        );
    }
}
