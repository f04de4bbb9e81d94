//! Rows that a principal may not see do not exist for them, whatever the query.

use super::fixture::{block_on, context, engine, run};
use engine::{EngineError, QueryContext, RowFilter};

fn filtered(condition: &str) -> QueryContext {
    QueryContext {
        row_filter: Some(RowFilter::new(condition)),
        ..context()
    }
}

#[track_caller]
fn check(condition: &str, sql: &str, expected: &[&str]) {
    let lines = block_on(async { run(&engine().await, &filtered(condition), sql).await })
        .unwrap()
        .0;
    assert_eq!(lines, expected, "{sql} under {condition}");
}

#[track_caller]
fn refused(condition: &str, sql: &str) -> EngineError {
    block_on(async { run(&engine().await, &filtered(condition), sql).await }).unwrap_err()
}

#[test]
fn every_scan_is_filtered() {
    let day = "FlowDate = '2024-01-02'";
    check(day, "SELECT count(*) AS n FROM Flows", &["n", "800"]);
    check(
        day,
        "SELECT count(*) AS n FROM Flows WHERE FlowDate = '2024-01-01'",
        &["n", "0"],
    );
    check(
        day,
        "SELECT min(FlowDate) AS a, max(FlowDate) AS b FROM Flows",
        &["a | b", "2024-01-02 | 2024-01-02"],
    );
    let ssh = "DestPort = 22 AND FlowStatus = 'Allowed'";
    check(ssh, "SELECT count(*) AS n FROM Flows", &["n", "600"]);
    check(
        ssh,
        "SELECT DISTINCT DestPort FROM Flows WHERE 1 = 1 OR DestPort = 53",
        &["DestPort", "22"],
    );
    check(
        ssh,
        "SELECT count(*) AS n FROM Flows a JOIN Flows b ON a.SrcPort = b.SrcPort AND b.DestPort = 53",
        &["n", "0"],
    );
    check(
        ssh,
        "WITH f AS (SELECT * FROM Flows) SELECT count(*) AS n FROM f WHERE SrcIp IN (SELECT SrcIp FROM Flows)",
        &["n", "600"],
    );
    check(
        ssh,
        "SELECT (SELECT count(*) FROM Flows) AS n, (SELECT max(DestPort) FROM public.Flows) AS m",
        &["n | m", "600 | 22"],
    );
    check(
        ssh,
        "SELECT count(*) AS n FROM (SELECT 1 FROM Flows UNION ALL SELECT 1 FROM flowglass.public.Flows)",
        &["n", "1200"],
    );
}

#[test]
fn a_filter_may_use_computed_columns_and_columns_that_are_not_shown() {
    check(
        "L7Protocol = 'domain'",
        "SELECT count(*) AS n, max(DestPort) AS m FROM Flows",
        &["n | m", "600 | 53"],
    );
    check(
        "SrcIpClass = 'Documentation'",
        "SELECT SrcIp FROM Flows",
        &["SrcIp", "198.51.100.7"],
    );
    check(
        "TimeGenerated > now() - INTERVAL '1 day' AND SrcPort = 40000",
        "SELECT count(*) AS n FROM Flows",
        &["n", "2"],
    );
}

#[test]
fn a_filter_prunes_like_any_condition() {
    block_on(async {
        let (_, counters) = run(
            &engine().await,
            &filtered("FlowDate = '2024-01-02'"),
            "SELECT max(SrcPort) FROM Flows",
        )
        .await
        .unwrap();
        assert_eq!((counters.files_total, counters.files_after_days), (6, 2));
    });
}

#[test]
fn tables_that_the_filter_does_not_speak_of_are_not_there() {
    let error = refused("DestPort = 22", "SELECT * FROM IngestLog");
    assert!(matches!(error, EngineError::Name { .. }), "{error}");
    check(
        "DestPort = 22",
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'",
        &["table_name", "Flows"],
    );
}

#[test]
fn a_filter_that_cannot_be_applied_refuses_the_query() {
    for (condition, message) in [
        ("Elephant = 1", "no column `Elephant` at line 1, column 1"),
        (
            "srcip = 'x'",
            "no column `srcip` at line 1, column 1; did you mean `SrcIp`?",
        ),
        (
            "DestPort = ",
            "expected an expression, found the end of the query",
        ),
        (
            "DestPort = 22) OR (1 = 1",
            "expected end of expression, found `)` at line 1, column 14",
        ),
        (
            "DestPort = 22; SELECT 1",
            "expected end of expression, found `;` at line 1, column 14",
        ),
        (
            "DestPort",
            "it must be a condition that is true or false of a row",
        ),
        (
            "random() < 0.5",
            "it must be a condition that is true or false of a row",
        ),
    ] {
        let error = block_on(async { run(&engine().await, &filtered(condition), "SELECT 1").await })
            .expect_err(condition);
        assert_eq!(
            error.to_string(),
            format!("the row filter of `test` cannot be applied: {message}")
        );
        assert_eq!(error.code().to_string(), "FG3006");
    }
    let error = refused("SrcIp IN (SELECT SrcIp FROM Flows)", "SELECT 1");
    assert!(matches!(error, EngineError::RowFilter { .. }), "{error}");
}
