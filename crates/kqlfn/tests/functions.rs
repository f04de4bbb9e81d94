//! Every function's examples, and what holds for all functions.

use std::collections::HashSet;
use std::fmt::Write;

use kql::signature::Signature;
use kqlfn::evaluate::evaluate;
use kqlfn::{Cell, registry};

/// A value as the test prints it: its type, and its text as the function `tostring` writes it.
fn shown(expression: &str) -> String {
    match evaluate(expression) {
        Ok(column) => match column.cell(0) {
            Cell::Null => format!("{} null", column.kind),
            Cell::Dynamic(value) => format!("dynamic {}", value.to_json()),
            cell => format!("{} {}", column.kind, cell.text()),
        },
        Err(refusal) => format!("refused: {refusal}"),
    }
}

#[test]
fn examples_hold() {
    let mut wrong = String::new();
    for function in registry::all() {
        for (call, expected) in function.examples {
            let (got, expected) = (shown(call), shown(expected));
            if got != expected || got.starts_with("refused") {
                let _ = writeln!(wrong, "{call}\n    gives    {got}\n    expected {expected}");
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn functions_are_complete_and_named_once() {
    let mut names = HashSet::new();
    for function in registry::all() {
        for name in std::iter::once(&function.name).chain(function.aliases) {
            assert!(names.insert(*name), "`{name}` is there twice");
            assert!(registry::find(name).is_some());
        }
        assert!(
            !function.examples.is_empty(),
            "`{}` has no example",
            function.name
        );
        assert!(
            function.summary.ends_with('.'),
            "`{}`: its summary is a sentence",
            function.name
        );
        for signature in function.signatures {
            assert!(
                Signature::parse(signature).is_some(),
                "`{}`: {signature}",
                function.name
            );
        }
    }
}
