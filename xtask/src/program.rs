//! Running other programs: found, started with a clean environment, waited for, and said aloud.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The workspace's folder: the parent of this crate's.
pub(crate) fn repository_root() -> Result<PathBuf> {
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    let root = folder.parent().context("this crate lies in no folder")?;
    Ok(root.to_path_buf())
}

/// True on a build server, where a missing peer is a failure and not a remark.
pub(crate) fn on_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}

/// A cargo command in the repository.
pub(crate) fn cargo(root: &Path, arguments: &[&str]) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    command(root, &cargo, arguments)
}

/// A command in the repository, without the variables `cargo run` set for this process: build
/// scripts watch some of them, and would be rebuilt each time the caller changes.
pub(crate) fn command(root: &Path, program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(set_by_cargo_run) {
            command.env_remove(name);
        }
    }
    command
}

fn set_by_cargo_run(name: &str) -> bool {
    name.starts_with("CARGO_PKG_")
        || name.starts_with("CARGO_MANIFEST_")
        || ["CARGO_CRATE_NAME", "CARGO_BIN_NAME", "CARGO_PRIMARY_PACKAGE"].contains(&name)
}

/// Runs to the end with both streams passed through. True when it ended with 0.
pub(crate) fn holds(command: &mut Command) -> Result<bool> {
    eprintln!("$ {}", spelled(command));
    let status = command
        .status()
        .with_context(|| format!("cannot start `{}`", spelled(command)))?;
    Ok(status.success())
}

/// Like [`holds`], but anything else than 0 is an error.
pub(crate) fn must(command: &mut Command) -> Result<()> {
    if !holds(command)? {
        bail!("`{}` failed", spelled(command));
    }
    Ok(())
}

/// Standard output of a program that has to succeed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let spelled = spelled(command);
    let out = command.stderr(Stdio::inherit()).output();
    let out = out.with_context(|| format!("cannot start `{spelled}`"))?;
    if !out.status.success() {
        bail!("`{spelled}` failed");
    }
    String::from_utf8(out.stdout).with_context(|| format!("`{spelled}` printed something else than text"))
}

/// True if the program can be started at all: `cargo deny --version` and the like.
pub(crate) fn is_there(command: &mut Command) -> bool {
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// How a program watched line by line came to its end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    Success,
    Failure,
    TooLong,
}

/// Runs a program and hands over each line of its standard output as it comes. With a limit it is
/// ended by force after that time, so that one hanging peer cannot hold a build server for hours.
pub(crate) fn watch(
    command: &mut Command,
    limit: Option<Duration>,
    mut line_seen: impl FnMut(&str),
) -> Result<End> {
    eprintln!("$ {}", spelled(command));
    let started = Instant::now();
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{}`", spelled(command)))?;
    let stdout = child.stdout.take().context("no standard output to read")?;
    let (sender, lines) = mpsc::channel();
    // Not joined: after a kill, a grandchild may hold the pipe open for longer than we want to wait.
    std::thread::spawn(move || {
        let mut stdout = BufReader::new(stdout);
        let mut line = Vec::new();
        // Bytes, not text: a test may print anything.
        while stdout.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            if sender
                .send(String::from_utf8_lossy(&line).trim_end().to_string())
                .is_err()
            {
                return;
            }
            line.clear();
        }
    });
    loop {
        match lines.recv_timeout(Duration::from_millis(100)) {
            Ok(line) => line_seen(&line),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                let status = child.wait()?;
                return Ok(if status.success() {
                    End::Success
                } else {
                    End::Failure
                });
            }
        }
        if limit.is_some_and(|limit| started.elapsed() > limit) {
            child.kill()?;
            child.wait()?;
            return Ok(End::TooLong);
        }
    }
}

fn spelled(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(command.get_program());
    let words = std::iter::once(name).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        command(Path::new("."), "sh", &["-c", script])
    }

    #[test]
    fn lines_and_the_end_are_reported() {
        let mut seen = Vec::new();
        let end = watch(&mut shell("echo a; echo b; exit 3"), None, |line| {
            seen.push(line.to_string());
        });
        assert_eq!(end.unwrap(), End::Failure);
        assert_eq!(seen, ["a", "b"]);
    }

    #[test]
    fn a_program_that_hangs_is_ended() {
        let end = watch(
            &mut shell("exec sleep 60"),
            Some(Duration::from_millis(100)),
            |_| (),
        );
        assert_eq!(end.unwrap(), End::TooLong);
    }

    #[test]
    fn variables_of_cargo_run_are_not_handed_on() {
        assert!(set_by_cargo_run("CARGO_PKG_VERSION"));
        assert!(set_by_cargo_run("CARGO_MANIFEST_DIR"));
        assert!(!set_by_cargo_run("CARGO_TARGET_DIR"));
        assert!(!set_by_cargo_run("CARGO_TERM_COLOR"));
    }
}
