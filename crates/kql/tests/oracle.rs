//! All shared queries against what the reference parser said of them, frozen by id in `tests/oracle`. The texts
//! themselves stay outside of the project; without them the test says that it is skipped.

use std::collections::HashMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Where the reference parser accepts what the real engine refuses, as we do.
const ENGINE_REFUSES: [(&str, &str); 2] = [
    ("fz-0877", "a whole number larger than a long holds"),
    ("fz-1349", "a whole number larger than a long holds, in a dynamic"),
];

#[derive(Deserialize)]
struct Case {
    id: String,
    query: String,
}

#[derive(Deserialize)]
struct Answer {
    id: String,
    outcome: Outcome,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Accepted,
    Syntax,
    Meaning,
}

fn lines<T: for<'de> Deserialize<'de>>(path: &Path) -> Vec<T> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

/// Where the shared texts lie, if they are here.
fn shared(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/kql");
    folder.exists().then(|| folder.join(name))
}

#[test]
fn syntax_is_accepted_and_refused_as_the_reference_does() {
    for name in ["engine_docs.jsonl", "engine_edge.jsonl", "flowlog_queries.jsonl"] {
        let Some(path) = shared(name) else {
            println!("skipped: {name}: the shared queries are not here");
            continue;
        };
        let cases: Vec<Case> = lines(&path);
        let answers: Vec<Answer> = lines(
            &Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("tests/oracle")
                .join(name),
        );
        assert!(
            cases.len() > 100,
            "{name}: the folder is here and holds no queries"
        );
        let answers: HashMap<&str, Outcome> = answers
            .iter()
            .map(|answer| (answer.id.as_str(), answer.outcome))
            .collect();
        let mut differ = String::new();
        for case in &cases {
            let Some(&outcome) = answers.get(case.id.as_str()) else {
                panic!("{name}: nothing is known of {}", case.id);
            };
            if ENGINE_REFUSES.iter().any(|(id, _)| *id == case.id) {
                continue;
            }
            let (_, diagnostics) = kql::parse(&case.query);
            let refused = diagnostics
                .iter()
                .any(|held| held.severity == kql::Severity::Error);
            if refused != (outcome == Outcome::Syntax) {
                let _ = writeln!(
                    differ,
                    "{}: {:?}, here {diagnostics:?}\n{}\n",
                    case.id, outcome, case.query
                );
            }
        }
        assert!(differ.is_empty(), "{name}:\n{differ}");
    }
}
