//! `now()` is the context's, once for the whole query.

use super::fixture::{block_on, check, context, engine, run};

#[test]
fn now_is_the_instant_of_the_context() {
    check("SELECT now() AS n", "n\n2024-01-03T12:00:00Z");
    check(
        "SELECT current_date() AS d, date_trunc('hour', current_timestamp()) AS h",
        "d | h\n2024-01-03 | 2024-01-03T12:00:00Z",
    );
    check(
        "SELECT count(DISTINCT t) AS n FROM (SELECT now() AS t FROM Flows UNION ALL SELECT now() FROM IngestLog)",
        "n\n1",
    );
}

#[test]
fn another_context_has_another_now() {
    block_on(async {
        let engine = engine().await;
        let mut context = context();
        context.now = 1_234_567_890_123_456;
        let (lines, _) = run(&engine, &context, "SELECT now() AS n").await.unwrap();
        assert_eq!(lines, ["n", "2009-02-13T23:31:30.123456Z"]);
    });
}

#[test]
fn instants_compare_with_text_and_are_shown_in_utc() {
    check(
        "SELECT TimeGenerated FROM Flows WHERE TimeGenerated > '2024-01-03T18:38:00+00:00' ORDER BY 1",
        "TimeGenerated\n2024-01-03T18:39:00Z",
    );
    check(
        "SELECT date_trunc('hour', TimeGenerated) AS h, count(*) AS n FROM Flows WHERE FlowDate = '2024-01-01' GROUP BY h ORDER BY h LIMIT 2",
        "h | n\n2024-01-01T00:00:00Z | 60\n2024-01-01T01:00:00Z | 60",
    );
    check(
        "SELECT date_bin(INTERVAL '6 hours', TimeGenerated) AS h, count(*) AS n FROM Flows WHERE FlowDate = '2024-01-01' GROUP BY h ORDER BY h",
        "h | n\n2024-01-01T00:00:00Z | 360\n2024-01-01T06:00:00Z | 40\n2024-01-01T12:00:00Z | 360\n2024-01-01T18:00:00Z | 40",
    );
}
