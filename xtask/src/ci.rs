//! `cargo xtask ci`: everything a merge needs, cheapest first. Runs on after a failure, so that one
//! look at the log shows all that is wrong, and closes with one line of counts.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::tests_ring::{self, Ring, Tally};
use crate::{azurite, generate, instructions, licences, peers, program, tidy};

/// What became of a step that is not the tests.
enum Outcome {
    Held,
    Failed,
    Skipped(&'static str),
}

type Step = (&'static str, fn(&Path) -> Result<Outcome>);

const CLIPPY: [&str; 7] = [
    "clippy",
    "--workspace",
    "--all-targets",
    "--locked",
    "--",
    "--deny",
    "warnings",
];

const STEPS: [Step; 7] = [
    ("fmt", |root| {
        held(program::holds(&mut program::cargo(
            root,
            &["fmt", "--all", "--check"],
        ))?)
    }),
    ("tidy", |root| held(tidy::run(root, false)?)),
    ("licences", |root| held(licences::run(root)?)),
    ("deny", |root| installed(root, "deny", &["deny", "check"])),
    ("machete", |root| installed(root, "machete", &["machete"])),
    ("generated", |root| held(generate::run(root, true)?)),
    ("clippy", |root| {
        held(program::holds(&mut program::cargo(root, &CLIPPY))?)
    }),
];

/// Every step counts as one check in the closing line, every test as one more.
pub(crate) fn run(root: &Path) -> Result<bool> {
    let mut report = Vec::new();
    let mut total = Tally::default();
    for (name, step) in STEPS {
        let started = begin(name);
        let outcome = step(root).unwrap_or_else(failed);
        let word = match outcome {
            Outcome::Held => {
                total.passed += 1;
                "ok".into()
            }
            Outcome::Failed => {
                total.failed += 1;
                "FAILED".into()
            }
            Outcome::Skipped(reason) => {
                total.skipped.push(format!("skipped: {name}: {reason}"));
                format!("skipped: {reason}")
            }
        };
        report.push(line(name, started.elapsed(), &word));
    }
    for (name, ring) in [
        ("azurite", azurite::install as fn(&Path) -> Result<Tally>),
        ("test", ordinary),
        ("test --peers", peers::run),
    ] {
        let started = begin(name);
        let tally = ring(root).unwrap_or_else(|error| {
            failed(error);
            Tally {
                failed: 1,
                ..Tally::default()
            }
        });
        let word = format!("{} passed, {} failed", tally.passed, tally.failed);
        report.push(line(name, started.elapsed(), &word));
        total.add(tally);
    }
    let started = begin("instructions");
    let word = counted(root, &mut total);
    report.push(line("instructions", started.elapsed(), &word));
    println!("\n{}", report.join("\n"));
    Ok(total.close())
}

/// After the tests, whose build it counts.
fn counted(root: &Path, total: &mut Tally) -> String {
    if !instructions::possible(root) {
        total
            .skipped
            .push("skipped: instructions: valgrind is not installed".into());
        return "skipped: valgrind is not installed".into();
    }
    let held = instructions::run(root, false).unwrap_or_else(|error| {
        failed(error);
        false
    });
    total.passed += u64::from(held);
    total.failed += u64::from(!held);
    if held { "ok".into() } else { "FAILED".into() }
}

fn begin(name: &str) -> Instant {
    println!("\n== {name}");
    Instant::now()
}

fn line(name: &str, took: Duration, word: &str) -> String {
    format!("{name:<14} {:>5} s  {word}", took.as_secs())
}

/// A step that could not be run at all has failed; the others still run.
#[allow(
    clippy::needless_pass_by_value,
    reason = "used as the argument of unwrap_or_else"
)]
fn failed(error: anyhow::Error) -> Outcome {
    eprintln!("error: {error:#}");
    Outcome::Failed
}

#[allow(clippy::unnecessary_wraps, reason = "each step returns the same type")]
fn held(held: bool) -> Result<Outcome> {
    Ok(if held { Outcome::Held } else { Outcome::Failed })
}

/// Tools that take minutes to compile are used where somebody installed them; the checks that must
/// always run have a small twin in `licences` and `tidy`.
fn installed(root: &Path, tool: &str, arguments: &[&str]) -> Result<Outcome> {
    if program::is_there(&mut program::cargo(root, &[tool, "--version"])) {
        return held(program::holds(&mut program::cargo(root, arguments))?);
    }
    Ok(Outcome::Skipped("not installed"))
}

fn ordinary(root: &Path) -> Result<Tally> {
    tests_ring::run(root, Ring::Ordinary)
}
