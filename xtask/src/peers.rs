//! Ring 2: other programs read what Flowglass wrote and have to agree with it.
//!
//! Contract with `tests/peers/*.py`: each is run from the repository as `python SCRIPT FLOWGLASS`,
//! with the binary's path also in `FLOWGLASS_BIN`, in an environment that has the packages of
//! `xtask/peers-requirements.txt`. It prints a line `ok: ...` for each check that held, may print
//! `skipped: ...`, may close with `N passed, N failed`, and ends with 0 only if everything held.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::metadata;
use crate::program::{self, End};
use crate::tests_ring::Tally;

const REQUIREMENTS: &str = include_str!("../peers-requirements.txt");

/// No script has business running longer; a hanging one must not hold a build server.
const SCRIPT_LIMIT: Duration = Duration::from_secs(15 * 60);

/// Skips aloud where there is no Python, or no script; on a build server either is a failure.
pub(crate) fn run(root: &Path) -> Result<Tally> {
    let scripts = scripts(root)?;
    if scripts.is_empty() {
        return Ok(missing("no scripts under tests/peers"));
    }
    if !program::is_there(&mut program::command(root, "python3", &["--version"])) {
        return Ok(missing("python3 is not installed"));
    }
    program::must(&mut program::cargo(
        root,
        &["build", "--locked", "--package", "cli"],
    ))?;
    let target = metadata::target_directory(root)?;
    let binary = target
        .join("debug")
        .join(format!("flowglass{}", std::env::consts::EXE_SUFFIX));
    let python = environment(root, &target.join("peers-venv"))?;
    let mut tally = Tally::default();
    for script in &scripts {
        tally.add(run_script(root, &python, script, &binary)?);
    }
    Ok(tally)
}

fn missing(reason: &str) -> Tally {
    let skipped = vec![format!("skipped: ring 2: {reason}")];
    Tally {
        failed: u64::from(program::on_ci()),
        skipped,
        ..Tally::default()
    }
}

fn scripts(root: &Path) -> Result<Vec<PathBuf>> {
    let folder = root.join("tests/peers");
    let mut scripts = Vec::new();
    if folder.is_dir() {
        for entry in fs::read_dir(&folder).context("cannot list tests/peers")? {
            let path = entry?.path();
            // A leading underscore marks what the scripts share.
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if name.ends_with(".py") && !name.starts_with('_') {
                scripts.push(path);
            }
        }
    }
    scripts.sort();
    Ok(scripts)
}

/// The Python of a virtual environment with the pinned packages; built once per set of pins.
fn environment(root: &Path, venv: &Path) -> Result<PathBuf> {
    let python = venv.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    let stamp = venv.join("requirements.txt");
    if python.exists() && fs::read_to_string(&stamp).is_ok_and(|held| held == REQUIREMENTS) {
        return Ok(python);
    }
    if venv.exists() {
        fs::remove_dir_all(venv).context("cannot remove the old Python environment")?;
    }
    let mut create = program::command(root, "python3", &["-m", "venv"]);
    program::must(create.arg(venv))
        .context("cannot make a Python environment\nhint: on Debian, `apt-get install python3-venv`")?;
    let wanted = venv.join("wanted.txt");
    fs::write(&wanted, REQUIREMENTS)?;
    let arguments = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--requirement",
    ];
    program::must(program::command(root, &python, &arguments).arg(&wanted))?;
    // The stamp comes last: an interrupted install is done again.
    fs::rename(&wanted, &stamp)?;
    Ok(python)
}

fn run_script(root: &Path, python: &Path, script: &Path, binary: &Path) -> Result<Tally> {
    let mut command = program::command(root, python, &[]);
    command
        .arg(script)
        .arg(binary)
        .env("FLOWGLASS_BIN", binary)
        .env("PYTHONUNBUFFERED", "1");
    // No `__pycache__` in the tree.
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    let mut lines = Vec::new();
    let end = program::watch(&mut command, Some(SCRIPT_LIMIT), |line| {
        println!("{line}");
        lines.push(line.to_string());
    })?;
    if end == End::TooLong {
        eprintln!(
            "error: {} took longer than {} s",
            script.display(),
            SCRIPT_LIMIT.as_secs()
        );
    }
    Ok(judge(&lines, &end))
}

/// The script's own count if it printed one, else its `ok: ` lines; a bad end is one failure more
/// than nothing, whatever the lines said.
fn judge(lines: &[String], end: &End) -> Tally {
    let mut tally = Tally::default();
    tally
        .skipped
        .extend(lines.iter().filter(|line| line.starts_with("skipped: ")).cloned());
    let counted = lines.iter().rev().find_map(|line| own_count(line));
    let held = lines.iter().filter(|line| line.starts_with("ok: ")).count() as u64;
    (tally.passed, tally.failed) = counted.unwrap_or((held, 0));
    if *end != End::Success && tally.failed == 0 {
        tally.failed = 1;
    }
    if *end == End::Success && tally.passed == 0 && tally.failed == 0 && tally.skipped.is_empty() {
        tally.passed = 1;
    }
    tally
}

/// `3 passed, 1 failed`
fn own_count(line: &str) -> Option<(u64, u64)> {
    let (passed, failed) = line.split_once(" passed, ")?;
    Some((
        passed.parse().ok()?,
        failed.strip_suffix(" failed")?.parse().ok()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &[&str], end: &End, passed: u64, failed: u64) {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_string()).collect();
        let tally = judge(&lines, end);
        assert_eq!((tally.passed, tally.failed), (passed, failed), "{lines:?}");
    }

    #[test]
    fn scripts_are_judged_by_their_count_and_their_end() {
        check(&["ok: sums agree", "ok: rows agree"], &End::Success, 2, 0);
        check(&["ok: a", "5 passed, 0 failed"], &End::Success, 5, 0);
        check(&["4 passed, 1 failed"], &End::Failure, 4, 1);
        check(&[], &End::Success, 1, 0);
        check(&["ok: a"], &End::Failure, 1, 1);
        check(&["5 passed, 0 failed"], &End::TooLong, 5, 1);
        check(&["skipped: no delta extension"], &End::Success, 0, 0);
    }

    #[test]
    fn every_requirement_is_pinned() {
        for line in REQUIREMENTS.lines().filter(|line| !line.starts_with('#')) {
            assert!(line.contains("=="), "{line}");
        }
    }
}
