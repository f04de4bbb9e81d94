//! `in (T)` looks at the first column of `T`: where that is hardly meant, it is told, and the query runs.

mod answers;

use kql::bound::Column;
use kql::{ScalarType, Severity};
use kqleval::{Evaluator, Names};

#[track_caller]
fn check_warning(condition: &str, expected: &str) {
    let text = format!("T | where {condition}");
    let columns = [
        ("Time", ScalarType::Datetime),
        ("Ip", ScalarType::String),
        ("Port", ScalarType::Long),
        ("Bag", ScalarType::Dynamic),
    ];
    let columns = columns.map(|(name, kind)| Column::new(name, kind)).to_vec();
    let evaluator = Evaluator::new(&answers::Nothing, 1);
    let names = Names::new(vec![("T".to_owned(), columns)], 0, &evaluator);
    let (query, mut diagnostics) = kql::parse(&text);
    diagnostics.extend(kql::bind(&query, &text, &names, &[]).1);
    assert!(
        diagnostics.iter().all(|held| held.severity == Severity::Warning),
        "{text}"
    );
    let hint = diagnostics.first().and_then(|held| held.hint.clone());
    assert_eq!(hint.unwrap_or_default(), expected, "{text}");
}

#[test]
fn another_column_may_be_meant() {
    let first = "looks at the first column, `Time`: datetime; add `| project";
    check_warning("Ip in (T)", &format!("`in` {first} Ip`"));
    check_warning("Ip !in (T | take 5)", &format!("`!in` {first} Ip`"));
    check_warning("Port in (T)", &format!("`in` {first} Port`"));
    check_warning("strcat(Ip, '') in (T)", &format!("`in` {first} ...`"));
    check_warning("Ip in (T | project Time)", &format!("`in` {first} ...`"));
    check_warning(
        "Ip in (T | project Port, Ip)",
        "`in` looks at the first column, `Port`: long; add `| project Ip`",
    );
    for fits in [
        "Ip in (T | project Ip, Port)",
        "Ip in (T | project Port)",
        "Port in (T | project Ip)",
        "Port in (T | project r = 1.5)",
        "Bag in (T)",
        "Ip in (T | project Bag)",
        "Time in (T)",
    ] {
        check_warning(fits, "");
    }
    answers::check(
        "print a = 'x' | where a in (print b = 'x', c = 1) | count",
        "Count:long\n1",
    );
}
