//! Memory, time, rows and cancellation.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::fixture::{block_on, context, engine, run};
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
                "SELECT a.SrcIp, b.SrcIp FROM Flows a CROSS JOIN Flows b CROSS JOIN Flows c",
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
