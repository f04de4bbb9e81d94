//! Ring 1: `cargo test --workspace`, with its many results summed into one line, and skipped tests
//! said aloud. A test that cannot run prints a line `skipped: NAME: REASON` and passes; what a long test
//! counted it prints as `figures: NAME: WHAT`, and the closing lines repeat it.

use std::path::Path;

use anyhow::Result;

use crate::program::{self, End};

/// What was run, counted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) ignored: u64,
    /// The `skipped: ` lines, in order of appearance.
    pub(crate) skipped: Vec<String>,
    /// The `figures: ` lines: what a long test counted.
    pub(crate) figures: Vec<String>,
}

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
        self.skipped.extend(other.skipped);
        self.figures.extend(other.figures);
    }

    /// Prints the closing lines; true when nothing failed.
    pub(crate) fn close(&self) -> bool {
        for line in self.figures.iter().chain(&self.skipped) {
            println!("{line}");
        }
        println!("{} passed, {} failed", self.passed, self.failed);
        self.failed == 0
    }
}

/// Which tests to run.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ring {
    /// All but those marked `#[ignore]`.
    Ordinary,
    /// Only those marked `#[ignore]`, one at a time: each takes the whole machine.
    Long { seed: u64, budget_secs: u64 },
}

/// Runs to the end whatever fails on the way.
pub(crate) fn run(root: &Path, ring: Ring) -> Result<Tally> {
    // The harness swallows what passing tests print unless asked; `skipped: ` lines are among it.
    let mut arguments = vec![
        "test",
        "--workspace",
        "--locked",
        "--no-fail-fast",
        "--",
        "--show-output",
    ];
    if matches!(ring, Ring::Long { .. }) {
        arguments.extend(["--ignored", "--test-threads=1"]);
    }
    let mut command = program::cargo(root, &arguments);
    if let Ring::Long { seed, budget_secs } = ring {
        command.env("FLOWGLASS_LONG_SEED", seed.to_string());
        command.env("FLOWGLASS_LONG_BUDGET_SECS", budget_secs.to_string());
    }
    let mut reader = Reader::default();
    let end = program::watch(&mut command, None, |line| {
        if reader.read(line) {
            println!("{line}");
        }
    })?;
    let mut tally = reader.tally;
    if end != End::Success && tally.failed == 0 {
        // It did not compile, or a test binary died before it could report.
        eprintln!("error: cargo test failed without a failed test");
        tally.failed = 1;
    }
    Ok(tally)
}

/// Reads the harness's output line by line.
#[derive(Debug, Default)]
struct Reader {
    tally: Tally,
    in_passing_output: bool,
}

impl Reader {
    /// True if the line is worth showing: what passing tests print is not, except when they skip or count.
    fn read(&mut self, line: &str) -> bool {
        for (mark, kept) in [
            ("skipped: ", &mut self.tally.skipped),
            ("figures: ", &mut self.tally.figures),
        ] {
            let Some(at) = line.find(mark) else { continue };
            // A progress line `test name ... ` may stand before it when the output is not captured.
            if at == 0 || line.starts_with("test ") {
                kept.extend(line.get(at..).map(String::from));
                return false;
            }
        }
        if line == "successes:" {
            self.in_passing_output = true;
        } else if line == "failures:" {
            self.in_passing_output = false;
        } else if let Some(result) = line.strip_prefix("test result: ") {
            self.in_passing_output = false;
            self.tally.add(counts(result));
        }
        !self.in_passing_output
    }
}

/// `ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s`
fn counts(result: &str) -> Tally {
    let mut tally = Tally::default();
    let words: Vec<&str> = result.split_whitespace().collect();
    for pair in words.windows(2) {
        if let [number, what] = pair
            && let Ok(number) = number.parse::<u64>()
        {
            match *what {
                "passed;" => tally.passed = number,
                "failed;" => tally.failed = number,
                "ignored;" => tally.ignored = number,
                _ => {}
            }
        }
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Tally, Vec<&str>) {
        let mut reader = Reader::default();
        let shown = text.lines().filter(|line| reader.read(line)).collect();
        (reader.tally, shown)
    }

    #[test]
    fn results_are_summed_over_binaries() {
        let (tally, _) = read(
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\n\
             test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1s",
        );
        assert_eq!((tally.passed, tally.failed, tally.ignored), (13, 2, 1));
    }

    #[test]
    fn what_passing_tests_print_is_hidden_but_skips_are_kept() {
        let (tally, shown) = read(
            "test a ... ok\ntest b ... FAILED\n\nsuccesses:\n\n---- a stdout ----\nchatter\n\
             skipped: a: no database here\nfigures: a: 500 kills\n\nsuccesses:\n    a\n\nfailures:\n\n---- b stdout ----\nwrong sum\n\
             test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0s",
        );
        assert_eq!(tally.skipped, ["skipped: a: no database here"]);
        assert_eq!(tally.figures, ["figures: a: 500 kills"]);
        assert!(shown.contains(&"wrong sum"));
        assert!(!shown.contains(&"chatter"));
    }

    #[test]
    fn a_failure_makes_the_closing_false() {
        assert!(
            Tally {
                passed: 1,
                ..Tally::default()
            }
            .close()
        );
        assert!(
            !Tally {
                passed: 1,
                failed: 1,
                ..Tally::default()
            }
            .close()
        );
    }
}
