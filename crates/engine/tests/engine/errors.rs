//! What a failed query says: code, message, hint.

use super::fixture::{block_on, check, check_error, context, engine_of, flow_files, run, snapshot};
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

#[test]
fn long_chains_are_refused_before_they_cost_the_stack() {
    let chain = |terms: usize| format!("SELECT 1{} AS n", " + 1".repeat(terms));
    check_error(
        &chain(100_000),
        "FG3001: 100000 arithmetic operators in one query; 200 is the limit
         hint: a query reads like `SELECT SrcIp FROM Flows WHERE DestPort = 22`",
    );
    // What is let through must fit the stack of a program's first thread, in the slowest build.
    let longest = chain(200);
    let stack = std::thread::Builder::new().stack_size(8 << 20);
    let answered = stack
        .spawn(move || {
            check(
                &longest, "n
201",
            )
        })
        .unwrap();
    answered.join().unwrap();
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
         hint: look at the values of the columns that this step is given",
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
        assert_eq!(error.code().to_string(), "FG3006");

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
