//! The checks of `doctor`, each a look at one thing. Whatever cannot be found out is said to be unknown
//! and is never a failure.

use std::path::{Path, PathBuf};

use super::{Check, Finding, in_account};
use crate::account::{is_address, is_misspelled};
use crate::config::settings::Color;
use crate::instant;
use crate::quantity::{bytes, counted};
use crate::session::Session;
use table::io_reason;

/// In the order they are printed.
pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "version",
        look: version,
    },
    Check {
        name: "processor",
        look: processor,
    },
    Check {
        name: "cores",
        look: cores,
    },
    Check {
        name: "memory",
        look: memory,
    },
    Check {
        name: "configuration",
        look: configuration,
    },
    Check {
        name: "table",
        look: table,
    },
    Check {
        name: "retention",
        look: super::retention::retention,
    },
    Check {
        name: "disk",
        look: disk,
    },
    Check {
        name: "terminal",
        look: terminal,
    },
    Check {
        name: "clock",
        look: clock,
    },
];

fn version(_: &Session) -> Finding {
    let build = if cfg!(debug_assertions) {
        "debug"
    } else {
        "release"
    };
    let text = format!(
        "flowglass {} ({build} build) on {} {}",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::ARCH,
        std::env::consts::OS
    );
    if cfg!(debug_assertions) {
        Finding::warn(
            text,
            "a debug build reads several times slower; use `cargo build --release`",
        )
    } else {
        Finding::ok(text)
    }
}

#[cfg(target_arch = "x86_64")]
fn processor(_: &Session) -> Finding {
    let features = [
        ("sse4.2", std::arch::is_x86_feature_detected!("sse4.2")),
        ("avx2", std::arch::is_x86_feature_detected!("avx2")),
        ("avx512f", std::arch::is_x86_feature_detected!("avx512f")),
    ];
    let found: Vec<&str> = features
        .iter()
        .filter(|(_, there)| *there)
        .map(|(name, _)| *name)
        .collect();
    let text = format!(
        "x86_64 with {}",
        if found.is_empty() {
            "no vector extensions".to_owned()
        } else {
            found.join(", ")
        }
    );
    if found.contains(&"avx2") {
        Finding::ok(text)
    } else {
        Finding::warn(
            text,
            "without avx2 searching and hashing are slower; results are the same",
        )
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn processor(_: &Session) -> Finding {
    Finding::ok(std::env::consts::ARCH)
}

fn cores(session: &Session) -> Finding {
    match (
        std::thread::available_parallelism(),
        session.settings.threads.value,
    ) {
        (Ok(cores), Some(threads)) if threads > cores.get() => Finding::warn(
            format!(
                "{}, but {threads} threads are set",
                counted(cores.get() as u64, "core")
            ),
            "more threads than cores help nothing; set `threads = \"auto\"`",
        ),
        (Ok(cores), _) => Finding::ok(counted(cores.get() as u64, "core")),
        (Err(_), _) => Finding::ok("number of cores unknown"),
    }
}

fn memory(session: &Session) -> Finding {
    let Some(total) = memory_bytes() else {
        return Finding::ok("size unknown on this system");
    };
    let wanted = session.settings.memory_bytes.value;
    let text = format!(
        "{}, of which one query or ingest may use {}",
        bytes(total),
        bytes(wanted)
    );
    if wanted > total / 10 * 9 {
        Finding::warn(
            text,
            "set `memory` to at most half of what there is, in flowglass.toml or FLOWGLASS_MEMORY",
        )
    } else {
        Finding::ok(text)
    }
}

/// What the machine or its container has, on Linux.
fn memory_bytes() -> Option<u64> {
    let info = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = info.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let machine = line
        .split_whitespace()
        .next()?
        .parse::<u64>()
        .ok()?
        .checked_mul(1024)?;
    let container = [
        "/sys/fs/cgroup/memory.max",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
    ]
    .iter()
    .find_map(|path| std::fs::read_to_string(path).ok()?.trim().parse::<u64>().ok());
    Some(container.map_or(machine, |limit| limit.min(machine)))
}

fn configuration(session: &Session) -> Finding {
    if let Some(failure) = &session.misconfigured {
        let hint = failure
            .hint
            .as_deref()
            .unwrap_or("`flowglass config show` says the same");
        let text = format!("{failure}; the other lines are of the defaults");
        return Finding::fail(text, hint);
    }
    match &session.settings.file {
        Some(path) => Finding::ok(format!(
            "{} is in force; `flowglass config show` lists it",
            path.display()
        )),
        None => Finding::ok("no file, so defaults and the environment"),
    }
}

fn table(session: &Session) -> Finding {
    let place = &session.settings.table.value;
    if is_address(place.as_os_str()) || is_misspelled(place.as_os_str()) {
        return in_account::table(session);
    }
    folder(place)
}

/// Whether a table can be in a folder. What is written is removed again.
pub(super) fn folder(folder: &Path) -> Finding {
    let shown = folder.display();
    let Some(existing) = nearest_existing(folder) else {
        return Finding::fail(
            format!("`{shown}` cannot be made: no folder above it exists"),
            "choose another with `--table`",
        );
    };
    if !existing.is_dir() {
        return Finding::fail(
            format!("`{}` is a file, not a folder", existing.display()),
            "choose another with `--table`",
        );
    }
    if let Err(error) = tempfile::Builder::new()
        .prefix(".flowglass-doctor-")
        .tempfile_in(&existing)
    {
        let text = format!("cannot write to `{}`: {}", existing.display(), io_reason(&error));
        return Finding::fail(
            text,
            "allow this user to write there, or choose another folder with `--table`",
        );
    }
    if existing == *folder {
        Finding::ok(format!("`{shown}` is there and can be written to"))
    } else {
        Finding::ok(format!("`{shown}` is not there yet; it can be made"))
    }
}

/// The folder itself, or the nearest above it that exists.
fn nearest_existing(folder: &Path) -> Option<PathBuf> {
    folder
        .ancestors()
        .map(|path| {
            if path.as_os_str().is_empty() {
                Path::new(".")
            } else {
                path
            }
        })
        .find(|path| path.exists())
        .map(Path::to_path_buf)
}

/// A day of a middling network is a few hundred megabytes; a commit that finds the disk full is refused.
const DISK_WARN_BYTES: u64 = 5_000_000_000;
const DISK_FAIL_BYTES: u64 = 200_000_000;

fn disk(session: &Session) -> Finding {
    if is_address(session.settings.table.value.as_os_str()) {
        return Finding::ok("not needed: the table is in a storage account");
    }
    if is_misspelled(session.settings.table.value.as_os_str()) {
        return Finding::ok("not looked at: the place of the table is no folder");
    }
    let free = nearest_existing(&session.settings.table.value).and_then(|folder| free_bytes(&folder));
    match free {
        None => Finding::ok("free space unknown on this system"),
        Some(free) if free < DISK_FAIL_BYTES => Finding::fail(
            format!("{} free where the table is", bytes(free)),
            "make room, or choose another folder with `--table`",
        ),
        Some(free) if free < DISK_WARN_BYTES => Finding::warn(
            format!("{} free where the table is", bytes(free)),
            "that is soon full; make room",
        ),
        Some(free) => Finding::ok(format!("{} free where the table is", bytes(free))),
    }
}

#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(folder).ok()?;
    found.f_bavail.checked_mul(found.f_frsize)
}

#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}

fn terminal(session: &Session) -> Finding {
    let seen = session.terminal;
    let place = |terminal| if terminal { "a terminal" } else { "a file or pipe" };
    let color = match session.settings.color.value {
        Color::Auto if seen.color_stdout => "coloured",
        Color::Auto => "not coloured",
        Color::Always => "always coloured",
        Color::Never => "never coloured",
    };
    Finding::ok(format!(
        "output goes to {}, messages to {}; {color}",
        place(seen.stdout),
        place(seen.stderr)
    ))
}

/// Before this the program did not exist: 2025-01-01.
const EARLIEST: i64 = 1_735_689_600_000_000;
/// 2100-01-01, the end of what the tables accept.
const LATEST: i64 = 4_102_444_800_000_000;

fn clock(session: &Session) -> Finding {
    let text = instant::iso(session.now - session.now % 1_000_000);
    if (EARLIEST..LATEST).contains(&session.now) {
        Finding::ok(text)
    } else {
        Finding::fail(
            format!("{text} cannot be right"),
            "set the clock; `--since 2h` and coverage depend on it",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_folder_that_exists() {
        assert_eq!(
            nearest_existing(Path::new("no/such/folder")),
            Some(PathBuf::from("."))
        );
        assert_eq!(
            nearest_existing(Path::new("src/nothing")),
            Some(PathBuf::from("src"))
        );
        assert_eq!(nearest_existing(Path::new("/no/such")), Some(PathBuf::from("/")));
    }

    #[test]
    fn names_of_checks_are_distinct() {
        let mut names: Vec<&str> = CHECKS.iter().map(|check| check.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CHECKS.len());
    }
}
