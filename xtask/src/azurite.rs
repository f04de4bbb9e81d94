//! Azurite, Microsoft's emulator of Azure Storage, for the tests that need one: installed by npm under `target/azurite`, in the
//! versions of the lock file that the repository keeps. Once installed it needs no network.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::metadata;
use crate::program;
use crate::tests_ring::Tally;

const MANIFEST: &str = include_str!("../../crates/azurite/package.json");
const LOCK: &str = include_str!("../../crates/azurite/package-lock.json");
/// What Azurite asks for.
const NODE_MIN: u32 = 18;

/// Skips aloud where there is no npm, or an old one; on a build server that is a failure.
pub(crate) fn install(root: &Path) -> Result<Tally> {
    let folder = metadata::target_directory(root)?.join("azurite");
    let stamp = folder.join("installed.json");
    if fs::read_to_string(&stamp).is_ok_and(|held| held == LOCK) {
        return Ok(Tally::default());
    }
    let mut version = program::command(root, "node", &["--version"]);
    let is_there = program::is_there(&mut program::command(root, "node", &["--version"]))
        && program::is_there(&mut program::command(root, "npm", &["--version"]));
    if !is_there {
        return Ok(missing(
            "node and npm are not installed (Debian: `apt-get install nodejs npm`)",
        ));
    }
    let version = program::output(&mut version)?;
    if major(&version).is_none_or(|major| major < NODE_MIN) {
        let found = version.trim();
        return Ok(missing(&format!(
            "node is {found}, and Azurite needs {NODE_MIN} or later"
        )));
    }
    fs::create_dir_all(&folder).context("cannot make the folder of Azurite")?;
    fs::write(folder.join("package.json"), MANIFEST)?;
    fs::write(folder.join("package-lock.json"), LOCK)?;
    // No script of any package is run.
    let arguments = [
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
        "--prefix",
    ];
    program::must(program::command(root, "npm", &arguments).arg(&folder))?;
    // The stamp comes last: an interrupted install is done again.
    fs::write(&stamp, LOCK)?;
    Ok(Tally::default())
}

fn missing(reason: &str) -> Tally {
    Tally {
        failed: u64::from(program::on_ci()),
        skipped: vec![format!("skipped: azurite: {reason}")],
        ..Tally::default()
    }
}

/// `v20.20.2`
fn major(version: &str) -> Option<u32> {
    let version = version.trim().trim_start_matches('v');
    version.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_node() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("18.19.0"), Some(18));
        assert_eq!(major("nothing"), None);
    }

    #[test]
    fn every_package_is_pinned_to_its_contents() {
        let lock: serde_json::Value = serde_json::from_str(LOCK).unwrap();
        let packages = lock["packages"].as_object().unwrap();
        for (name, package) in packages.iter().filter(|(name, _)| !name.is_empty()) {
            assert!(package["integrity"].is_string(), "{name}");
        }
        assert_eq!(packages["node_modules/azurite"]["version"], "3.35.0");
        assert!(MANIFEST.contains("\"azurite\": \"3.35.0\""));
    }
}
