//! Licences and bans of `deny.toml`, held on every run without cargo-deny.
//!
//! Reads the same file as cargo-deny, so there is one list. Advisories are not checked here: they
//! need a database from outside.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};
use toml::{Table, Value};

use crate::metadata::{self, Metadata, Package};
use crate::spdx;

/// What `deny.toml` allows and forbids.
#[derive(Debug, Default)]
struct Policy {
    allow: BTreeSet<String>,
    /// Further licences, for one crate each.
    exceptions: BTreeMap<String, BTreeSet<String>>,
    banned: BTreeSet<String>,
    single_version: BTreeSet<String>,
}

/// Prints each offence; true when there is none.
pub(crate) fn run(root: &Path) -> Result<bool> {
    let text = std::fs::read_to_string(root.join("deny.toml")).context("cannot read deny.toml")?;
    let policy = policy(&text)?;
    let metadata = metadata::load(root, None)?;
    let offences = offences(&policy, &metadata);
    for offence in &offences {
        eprintln!("error: {offence}");
    }
    if !offences.is_empty() {
        eprintln!("hint: choose another crate, or change deny.toml and say why there");
    }
    println!(
        "licences: {} packages, {} offences",
        metadata.packages.len(),
        offences.len()
    );
    Ok(offences.is_empty())
}

fn policy(text: &str) -> Result<Policy> {
    let table: Table = text.parse().context("deny.toml is not TOML")?;
    let licences = table.get("licenses").context("deny.toml has no [licenses]")?;
    let mut policy = Policy {
        allow: strings(licences.get("allow")),
        ..Policy::default()
    };
    for exception in entries(licences.get("exceptions")) {
        let crate_name = crate_name(exception)?;
        policy
            .exceptions
            .insert(crate_name, strings(exception.get("allow")));
    }
    for ban in entries(table.get("bans").and_then(|bans| bans.get("deny"))) {
        let single = ban.get("deny-multiple-versions").and_then(Value::as_bool) == Some(true);
        let list = if single {
            &mut policy.single_version
        } else {
            &mut policy.banned
        };
        list.insert(crate_name(ban)?);
    }
    Ok(policy)
}

fn crate_name(entry: &Value) -> Result<String> {
    let name = entry.get("crate").and_then(Value::as_str);
    Ok(name
        .context("an entry of deny.toml names no `crate`")?
        .to_string())
}

fn entries(value: Option<&Value>) -> &[Value] {
    value
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

fn strings(value: Option<&Value>) -> BTreeSet<String> {
    entries(value)
        .iter()
        .filter_map(Value::as_str)
        .map(String::from)
        .collect()
}

fn offences(policy: &Policy, metadata: &Metadata) -> Vec<String> {
    let mut offences: Vec<String> = metadata
        .packages
        .values()
        .filter_map(|package| licence_offence(policy, package))
        .collect();
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in metadata.packages.values() {
        versions
            .entry(&package.name)
            .or_default()
            .insert(&package.version);
    }
    for name in &policy.banned {
        if versions.contains_key(name.as_str()) {
            offences.push(format!("`{name}` is banned by deny.toml"));
        }
    }
    for name in &policy.single_version {
        if let Some(several) = versions.get(name.as_str()).filter(|several| several.len() > 1) {
            let several = several.iter().copied().collect::<Vec<_>>().join(", ");
            offences.push(format!("`{name}` must have one version, not {several}"));
        }
    }
    offences
}

fn licence_offence(policy: &Policy, package: &Package) -> Option<String> {
    let Package {
        name,
        version,
        licence,
        ..
    } = package;
    let Some(expression) = licence else {
        return Some(format!("`{name}` {version} states no licence"));
    };
    let exception = policy.exceptions.get(name);
    let allowed = |id: &str| policy.allow.contains(id) || exception.is_some_and(|more| more.contains(id));
    match spdx::is_satisfied(expression, &allowed) {
        Ok(true) => None,
        Ok(false) => Some(format!(
            "`{name}` {version}: `{expression}` is not allowed by deny.toml"
        )),
        Err(reason) => Some(format!(
            "`{name}` {version}: cannot read licence `{expression}`: {reason}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DENY: &str = r#"
        [licenses]
        allow = ["MIT", "Apache-2.0"]
        exceptions = [{ crate = "odd", allow = ["MPL-2.0"] }]
        [bans]
        deny = [{ crate = "native-tls" }, { crate = "arrow", deny-multiple-versions = true }]
    "#;

    fn check(packages: &[(&str, &str, Option<&str>)], expected: &[&str]) {
        let mut metadata = Metadata::default();
        for &(name, version, licence) in packages {
            let package = Package {
                name: name.into(),
                version: version.into(),
                licence: licence.map(String::from),
                ours: false,
            };
            metadata.packages.insert(format!("{name}@{version}"), package);
        }
        assert_eq!(offences(&policy(DENY).unwrap(), &metadata), expected);
    }

    #[test]
    fn allowed_packages_pass() {
        check(
            &[
                ("a", "1.0.0", Some("MIT OR GPL-3.0")),
                ("arrow", "59.0.0", Some("Apache-2.0")),
            ],
            &[],
        );
        check(&[("odd", "1.0.0", Some("MPL-2.0"))], &[]);
    }

    #[test]
    fn licences_outside_the_list_fire() {
        check(
            &[("a", "1.0.0", Some("GPL-3.0"))],
            &["`a` 1.0.0: `GPL-3.0` is not allowed by deny.toml"],
        );
        check(
            &[("a", "1.0.0", Some("MPL-2.0"))],
            &["`a` 1.0.0: `MPL-2.0` is not allowed by deny.toml"],
        );
        check(&[("a", "1.0.0", None)], &["`a` 1.0.0 states no licence"]);
        check(
            &[("a", "1.0.0", Some("MIT AND"))],
            &["`a` 1.0.0: cannot read licence `MIT AND`: it ends too early"],
        );
    }

    #[test]
    fn bans_and_second_versions_fire() {
        check(
            &[("native-tls", "0.2.0", Some("MIT"))],
            &["`native-tls` is banned by deny.toml"],
        );
        check(
            &[
                ("arrow", "59.0.0", Some("Apache-2.0")),
                ("arrow", "60.0.0", Some("Apache-2.0")),
            ],
            &["`arrow` must have one version, not 59.0.0, 60.0.0"],
        );
    }

    #[test]
    fn the_real_policy_reads() {
        let policy = policy(include_str!("../../deny.toml")).unwrap();
        assert!(policy.allow.contains("Apache-2.0"));
        assert!(policy.banned.contains("openssl-sys"));
        assert!(policy.single_version.contains("datafusion"));
    }
}
