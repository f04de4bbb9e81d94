//! What `cargo metadata` says of the packages, cut down to what licences and the SBOM need.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::program;

/// One resolved package.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// As the package states it; not yet understood.
    pub(crate) licence: Option<String>,
    /// A member of this workspace.
    pub(crate) ours: bool,
}

/// The resolved graph.
#[derive(Debug, Default)]
pub(crate) struct Metadata {
    /// By cargo's own package id.
    pub(crate) packages: BTreeMap<String, Package>,
    /// Normal dependencies only: what the program is made of, not what builds or tests it.
    pub(crate) needs: BTreeMap<String, BTreeSet<String>>,
    pub(crate) target_directory: PathBuf,
}

impl Metadata {
    /// Id of the workspace member of that name.
    pub(crate) fn member(&self, name: &str) -> Option<&str> {
        let found = self
            .packages
            .iter()
            .find(|(_, package)| package.ours && package.name == name);
        found.map(|(id, _)| id.as_str())
    }

    /// The ids reached from one package over normal dependencies, itself included.
    pub(crate) fn closure(&self, from: &str) -> BTreeSet<String> {
        let mut reached = BTreeSet::from([from.to_string()]);
        let mut open = vec![from];
        while let Some(id) = open.pop() {
            for next in self.needs.get(id).into_iter().flatten() {
                if reached.insert(next.clone()) {
                    open.push(next);
                }
            }
        }
        reached
    }
}

/// Every package of the lock file, for all platforms; or for one, when `platform` names its triple.
pub(crate) fn load(root: &Path, platform: Option<&str>) -> Result<Metadata> {
    let mut arguments = vec!["metadata", "--locked", "--format-version", "1"];
    if let Some(triple) = platform {
        arguments.extend(["--filter-platform", triple]);
    }
    let text = program::output(&mut program::cargo(root, &arguments))?;
    parse(&text)
}

/// Where cargo puts what it builds.
pub(crate) fn target_directory(root: &Path) -> Result<PathBuf> {
    let arguments = ["metadata", "--locked", "--format-version", "1", "--no-deps"];
    Ok(parse(&program::output(&mut program::cargo(root, &arguments))?)?.target_directory)
}

fn parse(text: &str) -> Result<Metadata> {
    let value: Value = serde_json::from_str(text).context("cargo metadata is not JSON")?;
    let mut metadata = Metadata {
        target_directory: PathBuf::from(string(&value, "target_directory")?),
        ..Metadata::default()
    };
    for package in list(&value, "packages") {
        let kept = Package {
            name: string(package, "name")?,
            version: string(package, "version")?,
            licence: package.get("license").and_then(Value::as_str).map(String::from),
            ours: package.get("source").is_none_or(Value::is_null),
        };
        metadata.packages.insert(string(package, "id")?, kept);
    }
    for node in value
        .get("resolve")
        .map(|resolve| list(resolve, "nodes"))
        .unwrap_or_default()
    {
        let needs = list(node, "deps")
            .iter()
            .filter(|dependency| is_normal(dependency));
        let needs = needs
            .map(|dependency| string(dependency, "pkg"))
            .collect::<Result<_>>()?;
        metadata.needs.insert(string(node, "id")?, needs);
    }
    Ok(metadata)
}

/// Cargo marks a normal dependency by a kind of null.
fn is_normal(dependency: &Value) -> bool {
    list(dependency, "dep_kinds")
        .iter()
        .any(|kind| kind.get("kind").is_none_or(Value::is_null))
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

fn string(value: &Value, key: &str) -> Result<String> {
    let found = value.get(key).and_then(Value::as_str);
    Ok(found
        .with_context(|| format!("cargo metadata has no `{key}`"))?
        .to_string())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Ours `cli` needs `a`; `a` needs `b`; `cli` tests itself with `only-tests`.
    pub(crate) const SAMPLE: &str = r#"{
      "target_directory": "/t",
      "packages": [
        {"name": "cli", "version": "0.1.0", "id": "path#cli", "license": "Apache-2.0", "source": null},
        {"name": "a", "version": "1.0.0", "id": "reg#a", "license": "MIT/Apache-2.0", "source": "registry"},
        {"name": "b", "version": "2.0.0", "id": "reg#b", "license": "MIT", "source": "registry"},
        {"name": "only-tests", "version": "3.0.0", "id": "reg#t", "license": null, "source": "registry"}],
      "resolve": {"nodes": [
        {"id": "path#cli", "deps": [
          {"pkg": "reg#a", "dep_kinds": [{"kind": "dev"}, {"kind": null}]},
          {"pkg": "reg#t", "dep_kinds": [{"kind": "dev"}]}]},
        {"id": "reg#a", "deps": [{"pkg": "reg#b", "dep_kinds": [{"kind": null}]}]}]}}"#;

    pub(crate) fn sample() -> Metadata {
        parse(SAMPLE).unwrap()
    }

    #[test]
    fn the_closure_follows_normal_dependencies_only() {
        let metadata = sample();
        let reached = metadata.closure(metadata.member("cli").unwrap());
        assert_eq!(
            reached.into_iter().collect::<Vec<_>>(),
            ["path#cli", "reg#a", "reg#b"]
        );
        assert_eq!(metadata.member("a"), None, "a stranger is no member");
    }

    #[test]
    fn a_missing_field_is_named() {
        let error = parse(r#"{"target_directory": "/t", "packages": [{"version": "1"}]}"#).unwrap_err();
        assert_eq!(error.to_string(), "cargo metadata has no `name`");
    }
}
