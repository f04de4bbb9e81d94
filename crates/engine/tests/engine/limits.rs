//! Memory, time, rows and cancellation.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::fixture::{block_on, check, context, engine, run};
use engine::{Engine, EngineError, QueryContext};
use futures::StreamExt;

/// 2400 rows joined with themselves: 5.76 million rows, wide enough not to fit into a few megabytes.
const BIG_SORT: &str = "SELECT a.SrcIp, b.DestIp, a.TimeGenerated, b.SrcPort, concat(a.SrcIp, b.DestIp, '0123456789012345678901234567890123456789') AS t
    FROM Flows a CROSS JOIN (SELECT * FROM Flows WHERE SrcPort < 40050) b ORDER BY t, b.SrcPort, a.TimeGenerated";

fn limited(memory_bytes: usize) -> QueryContext {
    let mut context = context();
    context.limits.memory_bytes = memory_bytes;
    context
}

async fn count(engine: &Engine, context: &QueryContext, sql: &str) -> Result<(u64, u64), EngineError> {
    let result = engine.sql(context, sql).await?;
    let explain = result.explain();
    let mut stream = result.into_stream();
    let mut rows = 0;
    while let Some(batch) = stream.next().await {
        rows += batch?.num_rows() as u64;
    }
    Ok((rows, explain.counters().bytes_spilled))
}

#[test]
fn a_big_sort_spills_and_gives_every_row() {
    block_on(async {
        let engine = engine().await;
        let folder = tempfile::tempdir().unwrap();
        let mut context = limited(24 << 20);
        context.limits.spill_dir = Some(folder.path().to_owned());
        let (rows, spilled) = count(&engine, &context, BIG_SORT).await.unwrap();
        assert_eq!(rows, 2400 * 300);
        assert!(spilled > 10 << 20, "{spilled} bytes spilled");
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            0,
            "spilled files stay behind"
        );
    });
}

#[test]
fn spilled_rows_come_in_order() {
    block_on(async {
        let engine = engine().await;
        let sql = format!(
            "SELECT count(*) AS n FROM (SELECT t, lag(t) OVER (ORDER BY t) AS before FROM ({BIG_SORT})) WHERE before > t"
        );
        let (lines, _) = run(&engine, &limited(48 << 20), &sql).await.unwrap();
        assert_eq!(lines, ["n", "0"]);
    });
}

#[test]
fn what_cannot_spill_says_how_much_it_had() {
    block_on(async {
        let engine = engine().await;
        let sql = "SELECT count(*) AS n FROM Flows a JOIN Flows b ON a.SrcPort = b.SrcPort AND a.FlowId <> b.FlowId";
        let error = run(&engine, &limited(100_000), sql).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the query needs more than its 97 KiB of memory"
        );
        assert_eq!(error.code().to_string(), "FG3003");
    });
}

#[test]
fn a_cancelled_query_ends_at_once() {
    block_on(async {
        let engine = engine().await;
        let context = context();
        let mut stream = engine
            .sql(
                &context,
                "SELECT a.SrcIp, b.SrcIp AS SrcIp2 FROM Flows a CROSS JOIN Flows b CROSS JOIN Flows c",
            )
            .await
            .unwrap()
            .into_stream();
        assert!(stream.next().await.unwrap().is_ok());
        context.cancel.cancel();
        assert_eq!(stream.next().await.unwrap().unwrap_err(), EngineError::Cancelled);
        assert!(stream.next().await.is_none());
    });
}

#[test]
fn a_query_is_cancelled_while_it_waits_for_rows() {
    block_on(async {
        let engine = engine().await;
        let context = context();
        let token = context.cancel.clone();
        let started = Instant::now();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            token.cancel();
        });
        let sql = "SELECT count(*) FROM Flows a CROSS JOIN Flows b CROSS JOIN Flows c WHERE a.SrcPort + b.SrcPort + c.SrcPort = 1";
        let error = run(&engine, &context, sql).await.unwrap_err();
        assert_eq!(error, EngineError::Cancelled);
        assert_eq!(error.code().to_string(), "FG3004");
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "{:?}",
            started.elapsed()
        );
    });
}

#[test]
fn a_cancelled_token_stops_a_query_before_it_starts() {
    block_on(async {
        let context = context();
        context.cancel.cancel();
        let error = engine().await.sql(&context, "SELECT 1").await.unwrap_err();
        assert_eq!(error, EngineError::Cancelled);
    });
}

#[test]
fn time_that_is_up_stops_a_query() {
    block_on(async {
        let engine = engine().await;
        let mut context = context();
        context.limits.timeout = Some(Duration::from_millis(200));
        let sql = "SELECT count(*) FROM Flows a CROSS JOIN Flows b CROSS JOIN Flows c WHERE a.SrcPort + b.SrcPort + c.SrcPort = 1";
        let error = run(&engine, &context, sql).await.unwrap_err();
        assert_eq!(error.to_string(), "the query was stopped after 200 ms");
        assert_eq!(error.code().to_string(), "FG3004");
        // Enough time is enough.
        context.limits.timeout = Some(Duration::from_secs(60));
        assert!(run(&engine, &context, "SELECT count(*) FROM Flows").await.is_ok());
    });
}

/// A condition that takes long to plan, and nothing to run.
fn long_to_plan() -> String {
    let pairs: Vec<String> = (0..450)
        .map(|port| format!("(SrcPort = {port} AND abs(DestPort) <> {port})"))
        .collect();
    format!("SELECT count(*) FROM Flows WHERE {}", pairs.join(" OR "))
}

#[test]
fn planning_stops_when_its_time_is_up() {
    block_on(async {
        let engine = engine().await;
        let mut context = context();
        context.limits.timeout = Some(Duration::from_millis(50));
        let started = Instant::now();
        let error = engine.sql(&context, &long_to_plan()).await.unwrap_err();
        assert_eq!(error.to_string(), "the query was stopped after 50 ms");
        assert!(
            started.elapsed() < Duration::from_secs(1),
            "{:?}",
            started.elapsed()
        );
    });
}

#[test]
fn planning_stops_when_it_is_cancelled() {
    // One thread for everything of the caller's: planning must not hold it.
    let caller = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    caller.block_on(async {
        let engine = engine().await;
        let context = context();
        let token = context.cancel.clone();
        let started = Instant::now();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            token.cancel();
        });
        let error = engine.sql(&context, &long_to_plan()).await.unwrap_err();
        assert_eq!(error, EngineError::Cancelled);
        assert!(
            started.elapsed() < Duration::from_secs(1),
            "{:?}",
            started.elapsed()
        );
    });
}

#[test]
fn a_limit_beyond_all_clocks_is_none() {
    block_on(async {
        let engine = engine().await;
        let mut context = context();
        context.limits.timeout = Some(Duration::from_secs(u64::MAX));
        let (lines, _) = run(&engine, &context, "SELECT 1 AS n").await.unwrap();
        assert_eq!(lines, ["n", "1"]);
    });
}

#[test]
fn rows_are_cut_at_the_limit_and_it_is_said() {
    block_on(async {
        let engine = engine().await;
        for (limit, rows, cut) in [
            (0, 0, true),
            (10, 10, true),
            (2399, 2399, true),
            (2400, 2400, false),
            (9999, 2400, false),
        ] {
            let mut context = context();
            context.limits.rows_max = Some(limit);
            let mut stream = engine
                .sql(&context, "SELECT SrcIp FROM Flows")
                .await
                .unwrap()
                .into_stream();
            let truncated = stream.truncated();
            let mut got = 0;
            while let Some(batch) = stream.next().await {
                got += batch.unwrap().num_rows();
            }
            assert_eq!(
                (got, truncated.load(Ordering::Relaxed)),
                (rows, cut),
                "limit {limit}"
            );
        }
    });
}

#[test]
fn dropping_the_stream_ends_its_tasks() {
    block_on(async {
        let engine = engine().await;
        let before = engine.tasks_alive();
        let sql = "SELECT a.SrcIp, count(*) FROM Flows a CROSS JOIN Flows b CROSS JOIN Flows c GROUP BY 1";
        let mut context = context();
        context.limits.partitions = 4;
        let mut stream = engine.sql(&context, sql).await.unwrap().into_stream();
        let waited = tokio::time::timeout(Duration::from_millis(100), stream.next()).await;
        assert!(waited.is_err(), "the query is too quick for this test");
        assert!(engine.tasks_alive() > before);
        drop(stream);
        for _ in 0..100 {
            if engine.tasks_alive() == before {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{} tasks are alive, {before} were", engine.tasks_alive());
    });
}

/// `s` grown so many times, each time out of what the time before made of it.
fn grown(times: usize, more: &str) -> String {
    let steps = (0..times).map(|step| format!(", t{} AS (SELECT {more} AS s FROM t{step})", step + 1));
    format!(
        "WITH t0 AS (SELECT concat(SrcIp, repeat('0', 1000)) AS s FROM Flows){} SELECT max(s) AS m FROM t{times}",
        steps.collect::<String>()
    )
}

#[track_caller]
fn refused(sql: &str, function: &str) {
    let started = Instant::now();
    let error = block_on(async { run(&engine().await, &context(), sql).await }).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("`{function}` would make more than 16 MiB at once"),
        "{sql}"
    );
    assert_eq!(error.code().to_string(), "FG3003");
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "{sql}: {:?}",
        started.elapsed()
    );
}

#[test]
fn functions_that_make_much_out_of_little_are_refused_before_they_do() {
    for (sql, function) in [
        ("SELECT repeat('x', 1000000000)", "repeat"),
        ("SELECT max(repeat(SrcIp, 100000)) FROM Flows", "repeat"),
        ("SELECT max(repeat('x', SrcPort * 100)) FROM Flows", "repeat"),
        ("SELECT lpad('x', 1000000000)", "lpad"),
        ("SELECT max(lpad(SrcIp, 1000000)) FROM Flows", "lpad"),
        ("SELECT max(rpad(SrcIp, SrcPort * 100, 'ab')) FROM Flows", "rpad"),
        (
            "SELECT max(replace(SrcIp, '.', repeat('y', 300000))) FROM Flows",
            "replace",
        ),
        (
            "SELECT max(replace(SrcIp, '', repeat('y', 300000))) FROM Flows",
            "replace",
        ),
        (
            "SELECT max(regexp_replace(SrcIp, '.', repeat('y', 50000), 'g')) FROM Flows",
            "regexp_replace",
        ),
        (
            "SELECT max(overlay(SrcIp PLACING repeat('y', 300000) FROM 1)) FROM Flows",
            "overlay",
        ),
        (
            "SELECT max(concat(SrcIp, repeat('y', 300000))) FROM Flows",
            "concat",
        ),
        (
            "SELECT max(concat_ws(repeat('y', 200000), SrcIp, DestIp, SrcIp)) FROM Flows",
            "concat_ws",
        ),
        (
            "SELECT max(array_to_string([SrcIp, DestIp, SrcIp], repeat('y', 300000))) FROM Flows",
            "array_to_string",
        ),
        (
            "SELECT string_to_array(repeat('y', 2000000), NULL)",
            "string_to_array",
        ),
        (
            "SELECT max(to_char(TimeGenerated, repeat('%c', 20000))) FROM Flows",
            "to_char",
        ),
    ] {
        refused(sql, function);
    }
    refused(&grown(5, "concat(s, s, s, s)"), "concat");
    refused(&grown(5, "s || s || s || s"), "||");
    refused(&grown(5, "replace(s, '0', '0000')"), "replace");
    refused(&grown(5, "encode(encode(s, 'hex'), 'hex')"), "encode");
    refused(&grown(5, "array_to_string([s, s, s, s], '')"), "array_to_string");
}

#[test]
fn a_smaller_limit_of_memory_lets_functions_make_less() {
    block_on(async {
        let sql = "SELECT repeat('x', 2000000) AS r";
        let engine = engine().await;
        assert!(run(&engine, &context(), sql).await.is_ok());
        let error = run(&engine, &limited(64 << 20), sql).await.unwrap_err();
        assert_eq!(error.to_string(), "`repeat` would make more than 1 MiB at once");
    });
}

#[test]
fn ordinary_text_is_made_as_ever() {
    check(
        r"SELECT 'a' || SrcIp AS a, SrcPort || ':' || 'x' AS b, SrcIp || NULL AS c, repeat('=', 3) AS d,
                 lpad('7', 3, '0') AS e, replace(SrcIp, '.', '-') AS f, concat_ws('/', SrcIp, 'x') AS g,
                 overlay('abc' PLACING 'X' FROM 2) AS h, array_to_string(['a', 'b'] || ['c'], '+') AS i,
                 regexp_replace('abc', '(b)', '[\1]') AS j
          FROM Flows WHERE SrcPort = 40000 AND FlowDate = '2024-01-01' LIMIT 1",
        "a | b | c | d | e | f | g | h | i | j
         a10.0.0.0 | 40000:x |  | === | 007 | 10-0-0-0 | 10.0.0.0/x | aXc | a+b+c | a[b]c",
    );
    // Columns without a name of their own are called as they were written, and can be grouped by.
    check(
        "SELECT SrcIp || '!', count(*) FROM Flows WHERE SrcIp = '198.51.100.7' GROUP BY SrcIp || '!' HAVING SrcIp || '!' <> ''",
        "SrcIp || '!' | count(*)
         198.51.100.7! | 1",
    );
}

#[test]
fn functions_that_nobody_needs_are_not_there() {
    for sql in [
        "SELECT array_repeat('x', 1000000000)",
        "SELECT array_resize(['a'], 1000000000, 'x')",
        "SELECT range(1, 1000000000)",
        "SELECT {'a': SrcIp} FROM Flows",
        "SELECT MAP {'a': 1}",
    ] {
        let error = block_on(async { run(&engine().await, &context(), sql).await }).unwrap_err();
        assert!(error.to_string().starts_with("no function `"), "{sql}: {error}");
        assert_eq!(error.code().to_string(), "FG3002");
    }
}

#[test]
fn aggregates_that_gather_values_keep_to_the_limit() {
    let wide = "(SELECT concat(a.SrcIp, repeat('0123456789', 20)) AS t, a.SrcPort AS p, b.SrcPort AS q FROM Flows a CROSS JOIN (SELECT * FROM Flows LIMIT 400) b)";
    for aggregate in [
        "length(string_agg(t, ','))",
        "length(string_agg(t, ',' ORDER BY t))",
        "cardinality(array_agg(t))",
        "cardinality(array_agg(DISTINCT concat(t, p, q)))",
    ] {
        for grouped in ["", " GROUP BY p % 3"] {
            let sql = format!("SELECT {aggregate} FROM {wide}{grouped}");
            let answer = block_on(async { run(&engine().await, &limited(32 << 20), &sql).await });
            let error = match answer {
                Err(error) => error,
                Ok((lines, _)) => panic!("{sql}: {lines:?}"),
            };
            assert_eq!(error.code().to_string(), "FG3003", "{sql}: {error}");
        }
    }
}

#[test]
fn an_endless_series_is_cancelled() {
    for sql in [
        "SELECT count(*) FROM generate_series(1, 1000000000000)",
        "SELECT sum(value) FROM range(1, 1000000000000) WHERE value % 7 = 8",
    ] {
        block_on(async {
            let mut context = context();
            context.limits.timeout = Some(Duration::from_millis(300));
            let started = Instant::now();
            let error = run(&engine().await, &context, sql).await.unwrap_err();
            assert_eq!(error.to_string(), "the query was stopped after 300 ms", "{sql}");
            assert!(started.elapsed() < Duration::from_secs(5), "{sql}");
        });
    }
}

#[test]
fn groups_and_joins_of_numbers_need_no_room_for_all_rows() {
    let many =
        "Flows | extend k = 1 | join kind=inner (Flows | project r = SrcPort / 2.0, k = 1 | take 400) on k";
    for query in [
        format!("{many} | summarize n = count() by q = r / 3, AclRule | summarize sum(n)"),
        format!("{many} | summarize n = count() by d = todecimal(SrcPort) | summarize sum(n)"),
        format!(
            "{many} | project r = r * 1.0, SrcPort | join kind=inner (print r = 20000.5) on r | summarize count()"
        ),
    ] {
        let answers = block_on(async { engine().await.kql(&limited(32 << 20), &query, Vec::new()).await });
        assert!(answers.is_ok(), "{query}: {:?}", answers.err());
    }
}
