//! What a failed query says: code, message, hint.

use super::fixture::{block_on, check, check_error, context, engine_of, flow_files, run, snapshot};
use engine::{Catalog, Engine, EngineOptions};
use model::columns::FLOWS;

#[test]
fn syntax() {
    check_error(
        "SELEC 1",
        "FG3001: expected an SQL statement, found `SELEC` at line 1, column 1
         hint: look at line 1, column 1 of the query",
    );
    check_error(
        "SELECT * FROM Flows WHERE",
        "FG3001: expected an expression, found the end of the query
         hint: a query reads like `SELECT SrcIp FROM Flows WHERE DestPort = 22`",
    );
    check_error(
        "SELECT 'abc",
        "FG3001: unterminated string literal at line 1, column 8
         hint: look at line 1, column 8 of the query",
    );
    check_error(
        "",
        "FG3001: the query is empty\nhint: a query reads like `SELECT SrcIp FROM Flows WHERE DestPort = 22`",
    );
    check_error(
        "SELECT 1; SELECT 2",
        "FG3001: one statement at a time, not 2
         hint: a query reads like `SELECT SrcIp FROM Flows WHERE DestPort = 22`",
    );
}

/// A query of many parts: the first, and the others behind it.
fn chain(start: &str, part: &str, parts: usize) -> String {
    format!("{start}{}", part.repeat(parts))
}

#[test]
fn long_chains_are_refused_before_they_cost_the_stack() {
    check_error(
        &chain("SELECT 1", " + 1", 100_000),
        "FG3001: 100,000 operators such as `+`, `||` and `::` in one query; 200 is the limit
         hint: ask in several queries",
    );
    check_error(
        &chain("SELECT 1", "::int", 201),
        "FG3001: 201 operators such as `+`, `||` and `::` in one query; 200 is the limit
         hint: ask in several queries",
    );
    let many_values = "hint: where one column is compared with many values, write `SrcIp IN ('10.0.0.4', '10.0.0.5')`: it takes tens of thousands";
    for (start, part) in [
        ("SELECT count(*) FROM Flows WHERE SrcIp='a'", " OR SrcIp='b'"),
        ("SELECT 1 WHERE 1=1", " and 1=1"),
    ] {
        check_error(
            &chain(start, part, 20_000),
            &format!("FG3001: 20,000 AND and OR in one query; 1,000 is the limit\n{many_values}"),
        );
    }
    for part in ["=true", " IS NULL"] {
        check_error(
            &chain("SELECT true", part, 20_000),
            &format!("FG3001: 20,000 comparisons in one query; 2,000 is the limit\n{many_values}"),
        );
    }
    check_error(
        &chain("SELECT 1", " UNION ALL SELECT 1", 3000),
        "FG3001: 3,000 UNION, INTERSECT and EXCEPT in one query; 500 is the limit
         hint: rows of constants are written `VALUES (1), (2), (3)`",
    );
    check_error(
        &format!("{} END", chain("SELECT CASE", " WHEN false THEN 1", 501)),
        "FG3001: 501 WHEN in one query; 500 is the limit
         hint: join with a list: `JOIN (VALUES (22, 'ssh'), (443, 'https')) AS names(port, name) ON ...`",
    );
    check_error(
        &chain("SELECT count(*) FROM Flows", ", Flows", 100),
        "FG3001: 101 tables and subqueries in FROM in one query; 100 is the limit
         hint: ask in several queries",
    );
    let steps = (1..=100).map(|step| format!(", t{step} AS (SELECT a FROM t{})", step - 1));
    check_error(
        &format!(
            "WITH t0 AS (SELECT 1 AS a){} SELECT a FROM t100",
            steps.collect::<String>()
        ),
        "FG3001: 102 subqueries in one query; 100 is the limit
         hint: ask in several queries",
    );
    for (start, part) in [
        ("SELECT CAST(1 AS ", "Nullable("),
        ("SELECT ", "INTERVAL "),
        ("", "EXPLAIN "),
    ] {
        check_error(
            &chain(start, part, 100_000),
            "FG3001: the query is nested too deeply
             hint: a query reads like `SELECT SrcIp FROM Flows WHERE DestPort = 22`",
        );
    }
}

/// What is let through must fit the stack of a query thread, in the slowest build.
#[test]
fn chains_as_long_as_they_may_be_are_answered() {
    // Without the journey: the library's wire form refuses what is nested a hundred deep.
    let answer = |sql: &str, value: &str| {
        let flows = block_on(snapshot(&FLOWS, 7, flow_files()));
        let options = EngineOptions {
            roundtrip_plans: false,
            ..EngineOptions::default()
        };
        let catalog = Catalog {
            snapshots: vec![flows],
            facts: engine::Facts::default(),
            rollups: None,
        };
        let engine = Engine::with_options(catalog, options).unwrap();
        let (lines, _) = block_on(run(&engine, &context(), sql)).unwrap();
        assert_eq!(lines, ["n", value]);
    };
    answer(&format!("{} AS n", chain("SELECT 1", " + 1", 200)), "201");
    answer(
        &chain(
            "SELECT count(SrcIp) AS n FROM Flows WHERE SrcIp='a'",
            " OR SrcIp='b'",
            1000,
        ),
        "0",
    );
    answer(&chain("SELECT count(1) AS n WHERE 1=1", " AND 1=1", 1000), "1");
    answer(&format!("{} AS n", chain("SELECT true", " = true", 1000)), "true");
    let union = chain("SELECT 1 AS a", " UNION ALL SELECT 1", 500);
    answer(&format!("SELECT count(a) AS n FROM ({union})"), "501");
    let cases = chain("SELECT CASE", " WHEN SrcPort = 1 THEN 1", 500);
    answer(
        &format!("SELECT count(n) AS n FROM ({cases} END AS n FROM Flows)"),
        "0",
    );
}

#[test]
fn many_values_are_no_chain() {
    let values: Vec<String> = (0..30_000).map(|value| format!("'{value}'")).collect();
    check(
        &format!(
            "SELECT count(*) AS n FROM Flows WHERE SrcIp IN ({}, '10.0.0.0')",
            values.join(", ")
        ),
        "n
         20",
    );
}

#[test]
fn parts_that_do_not_fit() {
    check_error(
        "SELECT SrcIp, count(*) FROM Flows",
        "FG3001: column `SrcIp` must be in GROUP BY or inside an aggregate function at line 1, column 8
         hint: look at line 1, column 8 of the query",
    );
    check_error(
        "SELECT SrcIp + 1 FROM Flows WHERE SrcIp",
        "FG3001: cannot create filter with non-boolean predicate `Flows.SrcIp` returning text
         hint: a query reads like `SELECT SrcIp FROM Flows WHERE DestPort = 22`",
    );
    check_error(
        "SELECT SrcIp FROM Flows a JOIN Flows b ON a.SrcPort = b.SrcPort",
        "FG3001: column `SrcIp` is in several tables; write the table's name before it at line 1, column 8
         hint: look at line 1, column 8 of the query",
    );
    check_error(
        "SELECT ip_class(1, 2)",
        "FG3001: no function takes these arguments: `ip_class(long, long)`
         hint: a query reads like `SELECT SrcIp FROM Flows WHERE DestPort = 22`",
    );
}

#[test]
fn statements_that_write() {
    for (sql, word) in [
        ("DROP TABLE Flows", "DROP"),
        ("INSERT INTO Flows (SrcIp) VALUES ('x')", "INSERT"),
        ("COPY (SELECT 1) TO 'x.csv'", "COPY"),
        ("SET datafusion.execution.batch_size = 1", "SET"),
        ("SELECT * INTO Copy FROM Flows", "SELECT INTO"),
        ("EXPLAIN SELECT * INTO Copy FROM Flows", "SELECT INTO"),
        ("WITH x AS (SELECT 1) SELECT * INTO Copy FROM x", "SELECT INTO"),
    ] {
        check_error(
            sql,
            &format!(
                "FG3005: `{word}` is refused: queries only read\nhint: use `flowglass ingest` to add data"
            ),
        );
    }
}

#[test]
fn failures_while_running() {
    check_error(
        "SELECT CAST(SrcIp AS INT) FROM Flows",
        "FG3006: cannot cast string `10.0.0.0` to value of int type
         hint: `TRY_CAST` gives null for a value that does not fit",
    );
}

#[test]
fn a_file_that_is_gone_or_broken_is_named() {
    block_on(async {
        let mut gone = snapshot(&FLOWS, 1, flow_files()).await;
        gone.store = std::sync::Arc::new(object_store::memory::InMemory::new());
        let error = run(
            &engine_of(vec![gone]),
            &context(),
            "SELECT max(SrcPort) FROM Flows",
        )
        .await
        .unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with("file `FlowDate=2024-01-0") && text.ends_with("` is listed but not there"),
            "{text}"
        );
        assert_eq!(error.code().to_string(), "FG3007");

        let mut broken = flow_files()[0].clone();
        broken.1.fill(7);
        let engine = engine_of(vec![snapshot(&FLOWS, 1, &[broken]).await]);
        let error = run(&engine, &context(), "SELECT max(SrcPort) FROM Flows")
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "file `Flows/FlowDate=2024-01-01/part-0.zstd.parquet` cannot be read: invalid Parquet file. Corrupt footer"
        );
        assert_eq!(
            error.hint().unwrap(),
            "`flowglass table check --deep` tells whether the files are whole"
        );
    });
}
