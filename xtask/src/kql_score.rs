//! How many of the recorded queries are answered as the real engine answers them, family by family, and how many of
//! the public ones are read and understood. The tests hold the floors; this prints where they stand.

use std::path::Path;

use anyhow::Result;

use crate::program;

/// What is asked of each set, in a hundred.
const WANTED: [(&str, usize); 3] = [("engine_docs", 95), ("engine_edge", 95), ("flowlog_queries", 100)];

/// A line of a test's report: so many of so many, and of what.
#[derive(Debug, PartialEq, Eq)]
struct Score {
    held: usize,
    cases: usize,
    family: String,
}

/// Runs the two suites and prints their scores. True if every floor held and every set reaches what is asked.
pub(crate) fn run(root: &Path) -> Result<bool> {
    let mut held = true;
    let mut scores = Vec::new();
    let mut skipped = Vec::new();
    for (package, test) in [("kqleval", "engine_answers"), ("kqlfn", "binder")] {
        let arguments = [
            "test",
            "--locked",
            "--quiet",
            "-p",
            package,
            "--test",
            test,
            "--",
            "--nocapture",
        ];
        let mut command = program::cargo(root, &arguments);
        eprintln!("$ cargo {}", arguments.join(" "));
        let output = command.stderr(std::process::Stdio::inherit()).output()?;
        held &= output.status.success();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        for line in text.lines() {
            match score(line) {
                Some(score) => scores.push(score),
                None if line.starts_with("skipped") => {
                    println!("{line}");
                    skipped.push(line.to_owned());
                }
                None => {}
            }
        }
    }
    println!("answers and refusals of the real engine that are ours too, by family:");
    for score in scores.iter().filter(|score| score.family.contains(' ')) {
        println!("{}", shown(score));
    }
    println!("in all:");
    for (set, wanted) in WANTED {
        let (of_set, cases) = scores
            .iter()
            .filter(|score| score.family.split(' ').next() == Some(set))
            .fold((0, 0), |(held, cases), score| {
                (held + score.held, cases + score.cases)
            });
        let is_skipped = skipped.iter().any(|line| line.contains(set));
        let reached = reaches(of_set, cases, wanted, is_skipped);
        held &= reached;
        let total = Score {
            held: of_set,
            cases,
            family: format!(
                "{set}, at least {wanted} % asked{}",
                if reached { "" } else { ": MISSED" }
            ),
        };
        println!("{}", shown(&total));
    }
    Ok(held)
}

/// A set without a single case has not reached anything, unless its queries are not here and that was said.
const fn reaches(held: usize, cases: usize, wanted: usize, is_skipped: bool) -> bool {
    match cases {
        0 => is_skipped,
        _ => held * 100 >= cases * wanted,
    }
}

fn score(line: &str) -> Option<Score> {
    let mut words = line.split_whitespace();
    let held = words.next()?.parse().ok()?;
    if words.next()? != "of" {
        return None;
    }
    let cases = words.next()?.parse().ok()?;
    let family = words.collect::<Vec<_>>().join(" ");
    let is_of_a_set = WANTED
        .iter()
        .any(|(set, _)| family.split(' ').next() == Some(set));
    is_of_a_set.then_some(Score { held, cases, family })
}

fn shown(score: &Score) -> String {
    let thousandth = (score.held * 1000).checked_div(score.cases).unwrap_or(0);
    format!(
        "  {:5} of {:5}  {:3}.{} %  {}",
        score.held,
        score.cases,
        thousandth / 10,
        thousandth % 10,
        score.family
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_report_are_read() {
        let read = score("  258 of   270  engine_docs core");
        let expected = Score {
            held: 258,
            cases: 270,
            family: "engine_docs core".to_owned(),
        };
        assert_eq!(read, Some(expected));
        assert_eq!(score(" 1084 of  1099  in all"), None);
        assert_eq!(score("test the_engine_answers_the_same ... ok"), None);
    }

    #[test]
    fn nothing_to_score_is_no_success() {
        for (held, cases, is_skipped, expected) in [
            (95, 100, false, true),
            (94, 100, false, false),
            (0, 0, false, false),
            (0, 0, true, true),
        ] {
            assert_eq!(
                reaches(held, cases, 95, is_skipped),
                expected,
                "{held} of {cases}"
            );
        }
    }

    #[test]
    fn a_score_is_never_rounded_up() {
        let score = Score {
            held: 1998,
            cases: 2000,
            family: "x".to_owned(),
        };
        assert_eq!(shown(&score), "   1998 of  2000   99.9 %  x");
    }
}
