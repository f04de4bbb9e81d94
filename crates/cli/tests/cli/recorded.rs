//! The queries that the real engine answered, through the program: a line in, a line out, as the set of them is judged.

#[path = "../../../kqlfn/tests/near/mod.rs"]
mod near;

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::golden::run_with_input;
use near::near;

/// How many are answered alike, at least. Two of the first take longer than may be waited for in a slow build.
const DOCS: usize = 307;
const EDGE: usize = 829;

fn cases(name: &str) -> Option<Vec<Value>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/kql");
    if !folder.exists() {
        println!("skipped: {name}: the recorded answers are not beside the project");
        return None;
    }
    let text = fs::read_to_string(folder.join(name)).unwrap();
    let cases: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|case| !matches!(case["family"].as_str(), Some("geo" | "graph")))
        .collect();
    assert!(!cases.is_empty(), "{name} holds nothing");
    Some(cases)
}

/// The answers, in the order of the cases.
fn answers(cases: &[Value]) -> Vec<Value> {
    let lines: Vec<String> = cases
        .iter()
        .map(|case| json!({"id": case["id"], "query": case["query"]}).to_string())
        .collect();
    let run = run_with_input(
        &["query", "--batch", "--query-timeout", "20"],
        lines.join("\n").as_bytes(),
    );
    assert_eq!(run.exit, 0, "{}", run.err);
    let answers: Vec<Value> = run
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), cases.len());
    for (case, answer) in cases.iter().zip(&answers) {
        assert_eq!(case["id"], answer["id"]);
    }
    answers
}

/// Each row of one is a row of the other.
fn same_rows(got: &[Value], expected: &[Value]) -> bool {
    let mut left: Vec<&Value> = expected.iter().collect();
    got.len() == expected.len()
        && got.iter().all(|row| {
            let at = left.iter().position(|held| near(row, held));
            at.map(|at| left.swap_remove(at)).is_some()
        })
}

fn of_columns(answer: &Value, what: &str) -> Value {
    let columns = answer["columns"].as_array().into_iter().flatten();
    columns.map(|column| column[what].clone()).collect()
}

/// What differs.
fn difference(case: &Value, answer: &Value) -> Option<String> {
    if case["kusto_error"].is_string() {
        return (answer["ok"] != json!(false)).then(|| "answers what the engine refuses".to_owned());
    }
    if answer["ok"] != json!(true) {
        return Some(answer["error"]["message"].to_string());
    }
    let (names, kinds) = (of_columns(answer, "name"), of_columns(answer, "type"));
    if names != case["expected_columns"] {
        return Some(format!("columns {names}, expected {}", case["expected_columns"]));
    }
    let rows = answer["rows"].as_array().unwrap();
    if let Some(count) = case["row_count"].as_u64() {
        return (rows.len() as u64 != count).then(|| format!("{} rows, expected {count}", rows.len()));
    }
    if kinds != case["expected_types"] {
        return Some(format!("types {kinds}, expected {}", case["expected_types"]));
    }
    let expected = case["expected_rows"].as_array().unwrap();
    let is_alike = case["nondeterministic"] == json!(true) || same_rows(rows, expected);
    (!is_alike).then(|| format!("rows {rows:?}, expected {expected:?}"))
}

fn check(name: &str, floor: usize) {
    let Some(cases) = cases(name) else {
        return;
    };
    let differences: Vec<String> = cases
        .iter()
        .zip(answers(&cases))
        .filter_map(|(case, answer)| Some(format!("{}: {}", case["id"], difference(case, &answer)?)))
        .collect();
    let alike = cases.len() - differences.len();
    println!("{name}: {alike} of {}", cases.len());
    assert!(alike >= floor, "{alike} of {floor}:\n{}", differences.join("\n"));
}

#[test]
fn examples_of_the_documentation_are_answered_through_the_program() {
    check("engine_docs.jsonl", DOCS);
}

#[test]
fn edge_cases_are_answered_through_the_program() {
    check("engine_edge.jsonl", EDGE);
}
