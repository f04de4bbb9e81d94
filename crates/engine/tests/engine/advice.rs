//! Mistakes that are made often, and the next step that the hint names.

use std::sync::Arc;

use super::fixture::{block_on, check, check_error, context, engine_of, flow_files, run, snapshot};
use model::columns::{FLOWS, TABLES};

#[test]
fn an_instant_cut_short() {
    check_error(
        "SELECT SrcIp FROM Flows WHERE TimeGenerated > '2026-02-16T23:59'",
        "FG3001: `2026-02-16T23:59` is not an instant
         hint: write it as '2026-02-16T23:59:00Z'",
    );
    check_error(
        "SELECT SrcIp FROM Flows WHERE TimeGenerated > 'yesterday'",
        "FG3001: `yesterday` is not an instant
         hint: write an instant like '2026-02-16T23:59:00Z'",
    );
}

#[test]
fn text_compared_with_a_number() {
    for (condition, at, number) in [
        ("SrcIp = 5", 31, "5"),
        ("SrcIp = 10.5", 31, "10.5"),
        ("5 < SrcIp", 35, "5"),
        ("SrcIp IN ('a', 5)", 31, "5"),
        ("SrcIp NOT BETWEEN 'a' AND 5", 31, "5"),
        ("SrcPort = 1 OR NOT (SrcIp <> 5)", 51, "5"),
    ] {
        check_error(
            &format!("SELECT SrcPort FROM Flows WHERE {condition}"),
            &format!(
                "FG3001: text column `SrcIp` cannot be compared with the number `{number}` at line 1, column {}
                 hint: write the value in quotes: `'{number}'`; `TRY_CAST(SrcIp AS BIGINT)` reads numbers out of text",
                at + 2
            ),
        );
    }
    check_error(
        "SELECT count(*) FROM Flows a JOIN Flows b ON a.SrcIp = b.SrcPort",
        "FG3001: text column `SrcIp` cannot be compared with the number `SrcPort` at line 1, column 46
         hint: `TRY_CAST(SrcIp AS BIGINT)` reads numbers out of text",
    );
    check_error(
        "SELECT CASE WHEN left(SrcIp, 2) > 5 THEN 1 END AS a FROM Flows",
        "FG3001: text cannot be compared with the number `5`
         hint: write the value in quotes: `'5'`; `TRY_CAST(... AS BIGINT)` reads numbers out of text",
    );
    // A text that the query itself holds is read as what it is compared with.
    check(
        "SELECT count(*) AS n FROM Flows WHERE SrcPort = '40000' AND SrcPort IN ('40000', '1') AND TRY_CAST(left(SrcIp, 2) AS INT) = 10",
        "n
         6",
    );
}

#[test]
fn values_that_are_not_what_they_are_cast_to_are_blamed_on_no_file() {
    for sql in [
        "SELECT SrcPort FROM Flows WHERE CAST(SrcIp AS BIGINT) = 5",
        "SELECT CAST(SrcIp AS BIGINT) AS n FROM Flows",
    ] {
        check_error(
            sql,
            "FG3006: cannot cast string `10.0.0.0` to value of long type
             hint: `TRY_CAST` gives null for a value that does not fit",
        );
    }
    check_error(
        "SELECT SrcPort FROM Flows WHERE SrcPort = 'abc'",
        "FG3006: cannot cast string `abc` to value of int type
         hint: `TRY_CAST` gives null for a value that does not fit",
    );
    check_error(
        "SELECT SrcPort FROM Flows WHERE 1 / (SrcPort - 40000) = 5",
        "FG3006: divide by zero\nhint: divide by zero: use `nullif(x, 0)` as the divisor",
    );
    check_error(
        "SELECT SrcPort FROM Flows WHERE length(repeat(SrcIp, SrcPort * 100)) > 5",
        "FG3003: `repeat` would make more than 16 MiB at once
         hint: make shorter text: cut its parts with `left`, or ask for fewer of them",
    );
}

#[test]
fn division_by_zero() {
    let expected = "FG3006: divide by zero\nhint: divide by zero: use `nullif(x, 0)` as the divisor";
    check_error("SELECT 1/0", expected);
    check_error("SELECT 1 / (SrcPort - 40000) FROM Flows", expected);
    check("SELECT 1 / nullif(0, 0) IS NULL AS n", "n\ntrue");
}

#[test]
fn columns_named_by_a_word_of_sql() {
    check_error(
        "SELECT Code, Offset FROM Quarantine",
        "FG3001: `Offset` is a word of SQL at line 1, column 14
         hint: write \"Offset\" in double quotes",
    );
    // Every column either can be written as it is, or is named with its quotes.
    block_on(async {
        let mut snapshots = Vec::new();
        for &table in TABLES {
            snapshots.push(snapshot(table, 1, &[]).await);
        }
        let engine = engine_of(snapshots);
        for table in TABLES {
            for column in table.columns {
                let (name, table) = (column.name, table.name);
                for sql in [
                    format!("SELECT {name} FROM {table}"),
                    format!("SELECT 1 AS a, {name} FROM {table}"),
                    format!("SELECT 1 AS a FROM {table} WHERE {name} IS NOT NULL ORDER BY {name}"),
                    format!("SELECT {name}, count(*) AS n FROM {table} GROUP BY {name}"),
                ] {
                    let Err(error) = run(&engine, &context(), &sql).await else {
                        continue;
                    };
                    assert_eq!(
                        error.hint(),
                        Some(format!("write \"{name}\" in double quotes")),
                        "{sql}: {error}"
                    );
                    let quoted = sql.replace(name, &format!("\"{name}\""));
                    run(&engine, &context(), &quoted).await.unwrap();
                }
            }
        }
    });
}

#[test]
fn two_columns_of_one_name() {
    for (sql, name, another) in [
        ("SELECT SrcIp, SrcIp FROM Flows", "SrcIp", "SrcIp2"),
        ("SELECT 1 AS a, 2 AS a", "a", "a2"),
        (
            "SELECT a.SrcIp, b.SrcIp FROM Flows a JOIN Flows b ON a.SrcPort = b.SrcPort",
            "SrcIp",
            "SrcIp2",
        ),
        (
            "SELECT length(SrcIp), length(SrcIp) FROM Flows",
            "length(Flows.SrcIp)",
            "other",
        ),
    ] {
        check_error(
            sql,
            &format!(
                "FG3001: two columns of the result are named `{name}`
                 hint: give one of them another name with AS: `{name} AS {another}`"
            ),
        );
    }
}

#[test]
fn what_other_tools_call_a_column() {
    check_error(
        "SELECT SrcIP_s FROM Flows",
        "FG3002: no column `SrcIP_s` at line 1, column 8; did you mean `SrcIp`?
         hint: write `SrcIp`; `SrcIP_s` is what other tools call it",
    );
    check_error(
        "SELECT NSGList_s FROM Flows",
        "FG3002: no column `NSGList_s` at line 1, column 8; did you mean `AclGroup`?
         hint: write `AclGroup`; `NSGList_s` is what other tools call it",
    );
}

#[test]
fn a_missing_file_is_named_by_its_whole_path() {
    let folder = tempfile::tempdir().unwrap();
    let error = block_on(async {
        let mut gone = snapshot(&FLOWS, 1, flow_files()).await;
        gone.store = Arc::new(object_store::local::LocalFileSystem::new_with_prefix(folder.path()).unwrap());
        let sql = "SELECT max(SrcPort) FROM Flows";
        run(&engine_of(vec![gone]), &context(), sql).await.unwrap_err()
    });
    let start = format!(
        "file `{}/FlowDate=",
        folder.path().canonicalize().unwrap().display()
    );
    assert!(error.to_string().starts_with(&start), "{error}");
}

/// Bytes flipped one after the other: an answer or an error, and no query hangs.
#[test]
fn damaged_bytes_end_the_query_and_not_the_program() {
    let sql =
        "SELECT SrcIp, AclRule, count(*) AS n, max(BytesSrcToDest) AS b FROM Flows GROUP BY SrcIp, AclRule";
    let whole = &flow_files()[0];
    for at in (4..whole.1.len()).step_by(997) {
        let mut broken = whole.clone();
        broken.1[at] ^= 0xff;
        let answer = block_on(async {
            let engine = engine_of(vec![snapshot(&FLOWS, 1, &[broken]).await]);
            run(&engine, &context(), sql).await
        });
        let Err(error) = answer else { continue };
        assert_eq!(error.code().to_string(), "FG3006", "byte {at}: {error}");
    }
}
