//! The pages of the reference leave no name out: what the language takes is asked for, or is refused by a list.

#[allow(dead_code, reason = "its plugins have no list to be compared with")]
#[path = "../examples/reference/probes.rs"]
mod probes;

use kql::refused;
use probes::{AGGREGATES, OF_THE_QUERY, OPERATORS};

#[track_caller]
fn check(what: &str, known: &[&str], asked: &[(&str, &str)], refused: &[&str]) {
    let is_there = |name: &str| asked.iter().any(|(held, _)| *held == name) || refused.contains(&name);
    let missing: Vec<&&str> = known.iter().filter(|name| !is_there(name)).collect();
    assert!(missing.is_empty(), "{what} that are on no page: {missing:?}");
}

#[test]
fn no_name_is_missing() {
    check("aggregates", &kql::aggregate_names(), AGGREGATES, &[]);
    check("functions", &kql::functions_of_the_query(), OF_THE_QUERY, &[]);
    // What is written otherwise is on the page under its usual name.
    let operators: Vec<&str> = kql::OPERATORS
        .into_iter()
        .filter(|name| !matches!(*name, "__partitionby" | "graph"))
        .collect();
    check("operators", &operators, OPERATORS, refused::OPERATORS);
}
