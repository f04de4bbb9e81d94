//! `query` in KQL: where the text comes from, the forms of answers, and many queries in one process.

use std::time::Duration;

use serde_json::{Value, json};

use crate::golden::{compare, run_with_input};
use crate::table::{ingested, run_in};

#[test]
fn answers_and_refusals() {
    let (folder, _) = ingested();
    let by_rule =
        "Flows | summarize n = count(), latest = max(TimeGenerated) by FlowStatus | sort by FlowStatus asc";
    for (name, arguments) in [
        ("table", &["query", by_rule][..]),
        ("json", &["query", by_rule, "--format", "json"]),
        ("ndjson", &["query", by_rule, "--format", "ndjson"]),
        ("csv", &["query", by_rule, "--format", "csv"]),
        (
            "types",
            &[
                "query",
                "print a = 1, b = 2.5, c = 'x', d = dynamic({'k': [1, null]}), e = 1h, f = datetime(2026-02-16), g = true, h = long(null)",
            ],
        ),
        ("several", &["query", "print a = 1 | as one; print b = 'x'"]),
        (
            "no-rows",
            &["query", "Flows | where DestPort == 1 | project SrcIp"],
        ),
        (
            "parameter",
            &[
                "query",
                "declare query_parameters(port: int = 443); Flows | where DestPort == port | count",
                "--param",
                "port=1",
            ],
        ),
        (
            "timespan",
            &["query", "Flows | count", "--timespan", "2001-01-01/P1D"],
        ),
        ("wrong-timespan", &["query", "Flows | count", "--timespan", "P1M"]),
        ("wrong-name", &["query", "Flows\n| where Srcip == '10.0.0.4'"]),
        ("reserved", &["query", "print last = 1"]),
        ("sql-in-kql", &["query", "SELECT * FROM Flows"]),
        ("not-supported", &["query", "Flows | make-graph SrcIp --> DestIp"]),
        ("wrong-parameter", &["query", "print 1", "--param", "port"]),
        (
            "two-in-one-file",
            &["query", "print 1; print 2", "--format", "arrow"],
        ),
        (
            "no-kusto-of-sql",
            &["query", "--sql", "SELECT 1", "--format", "kusto"],
        ),
        (
            "fetched",
            &["query", "externaldata(a: string)['https://example.com/a.csv']"],
        ),
    ] {
        let run = run_in(folder.path(), arguments);
        compare(&format!("kql/{name}"), arguments, &run);
    }
}

#[test]
fn no_table_is_no_hindrance_for_what_needs_none() {
    let folder = tempfile::tempdir().unwrap();
    let run = run_in(
        folder.path(),
        &[
            "query",
            "range x from 1 to 3 step 1 | summarize sum(x)",
            "--format",
            "csv",
        ],
    );
    assert_eq!(
        (run.exit, run.out.as_str(), run.err.as_str()),
        (0, "sum_x\n6\n", "")
    );
    let arguments = ["query", "Flows | count"];
    compare("kql/no-table", &arguments, &run_in(folder.path(), &arguments));
}

#[test]
fn a_query_comes_from_a_file_or_from_standard_input() {
    let (folder, _) = ingested();
    std::fs::write(folder.path().join("q.kql"), "\u{feff}print n = 1 // one\n").unwrap();
    for option in ["-f", "--file"] {
        let run = run_in(folder.path(), &["query", option, "q.kql", "--format", "csv"]);
        assert_eq!((run.exit, run.out.as_str(), run.err.as_str()), (0, "n\n1\n", ""));
    }
    for arguments in [
        &["query", "--format", "csv"][..],
        &["query", "--format", "csv", "-f", "-"],
    ] {
        let run = run_with_input(arguments, b"print n = 2");
        assert_eq!((run.exit, run.out.as_str(), run.err.as_str()), (0, "n\n2\n", ""));
    }
    std::fs::write(folder.path().join("hosts.csv"), "ip,name\n10.0.0.4,dev\n").unwrap();
    let outside =
        "externaldata(ip: string, name: string)['hosts.csv'] with (format='csv', ignoreFirstRecord=true)";
    let run = run_in(folder.path(), &["query", outside, "--format", "csv"]);
    assert_eq!(
        (run.exit, run.out.as_str(), run.err.as_str()),
        (0, "ip,name\n10.0.0.4,dev\n", "")
    );
}

#[test]
fn an_answer_goes_into_a_file_in_the_form_of_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let drawn = "range x from 1 to 3 step 1 | extend y = x * x | render linechart with (title = 'Squares')";
    for (name, begins) in [
        ("a.svg", "<svg"),
        ("a.csv", "x,y\n1,1\n"),
        ("a.json", "[\n{\"x\":1,\"y\":1}"),
        ("a.ndjson", "{\"x\":1,\"y\":1}\n"),
        ("a.txt", "Squares\n"),
    ] {
        let run = run_in(folder.path(), &["query", drawn, "--out", name]);
        assert_eq!(
            (run.exit, run.out.as_str(), run.err.as_str()),
            (0, "", ""),
            "{name}"
        );
        let written = std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(written.starts_with(begins), "{name}: {written}");
    }
    let svg = run_in(folder.path(), &["query", drawn, "--format", "svg"]);
    assert_eq!(
        svg.out,
        std::fs::read_to_string(folder.path().join("a.svg")).unwrap()
    );
    for name in ["a.parquet", "a.arrow"] {
        let run = run_in(folder.path(), &["query", drawn, "--out", name]);
        assert_eq!((run.exit, run.err.as_str()), (0, ""), "{name}");
        assert!(std::fs::metadata(folder.path().join(name)).unwrap().len() > 100);
    }
    for (name, arguments) in [
        ("ending", &["query", drawn, "--out", "chart.doc"][..]),
        ("folder", &["query", drawn, "--out", "none/chart.svg"]),
        ("rows", &["query", "print a = 1", "--out", "rows.svg"]),
        ("sql", &["query", "--sql", "SELECT 1", "--out", "sql.svg"]),
        (
            "nothing",
            &["query", "print a = 'x' | render piechart", "--format", "svg"],
        ),
        (
            "many",
            &[
                "query",
                "range x from 1 to 70 step 1 | extend y = x | render barchart",
                "--format",
                "svg",
                "--out",
                "many.x",
            ],
        ),
    ] {
        compare(
            &format!("kql/out-{name}"),
            arguments,
            &run_in(folder.path(), arguments),
        );
    }
    // What failed left nothing behind.
    assert!(!folder.path().join("rows.svg").exists());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 8);
}

/// Each line of answers, by the id of its question.
fn batch(lines: &str, more: &[&str]) -> Vec<Value> {
    let arguments = [&["query", "--batch"], more].concat();
    let run = run_with_input(&arguments, lines.as_bytes());
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    run.out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_batch_answers_every_line() {
    let answers = batch(
        concat!(
            "{\"id\": 1, \"query\": \"print a = 1, b = datetime(2026-02-16), c = 1.5h, d = dynamic([1,'x']), e = real(nan), f = decimal(1.5), g = guid(74be27de-1e4e-49d9-b579-fe0b331d3642)\"}\n",
            "\n",
            "{\"id\": \"two\", \"query\": \"print x | where\"}\n",
            "no json\n",
            "{\"id\": 4, \"query\": \"declare query_parameters(n: long); print n + 1\", \"params\": {\"n\": 41}}\n",
            "{\"id\": 5, \"query\": \"print 1; print 2\"}\n",
            "{\"id\": 6, \"query\": \"print\\n  nope\"}\n",
            "{\"id\": 7, \"query\": \"datatable(s: string, b: bool)['', bool(null)]\"}",
        ),
        &[],
    );
    assert_eq!(answers.len(), 7);
    assert_eq!(
        answers[0],
        json!({"id": 1, "ok": true,
            "columns": [
                {"name": "a", "type": "long"}, {"name": "b", "type": "datetime"}, {"name": "c", "type": "timespan"},
                {"name": "d", "type": "dynamic"}, {"name": "e", "type": "real"}, {"name": "f", "type": "decimal"},
                {"name": "g", "type": "guid"},
            ],
            "rows": [[1, "2026-02-16T00:00:00Z", "01:30:00", [1, "x"], "NaN", "1.5", "74be27de-1e4e-49d9-b579-fe0b331d3642"]]})
    );
    let error = &answers[1]["error"];
    assert_eq!(
        (&answers[1]["id"], &answers[1]["ok"]),
        (&json!("two"), &json!(false))
    );
    assert_eq!((&error["code"], &error["line"]), (&json!("SYN0002"), &json!(1)));
    assert_eq!(answers[2]["error"]["code"], "General_BadRequest");
    assert_eq!(answers[3]["rows"], json!([[42]]));
    assert_eq!(answers[4]["more"][0]["rows"], json!([[2]]));
    let error = &answers[5]["error"];
    assert_eq!(
        (&error["line"], &error["column"]),
        (&json!(2), &json!(3)),
        "{error}"
    );
    assert_eq!(answers[6]["rows"], json!([["", null]]));
}

/// What takes too long is an answer too, and the next query is asked.
#[test]
fn a_batch_outlives_what_takes_too_long() {
    let endless = "range x from 1 to 4000000 step 1 | extend k = 1 | join kind=inner (range y from 1 to 4000000 step 1 | extend k = 1) on k | count";
    let lines = format!(
        "{}\n{}\n",
        json!({"id": 1, "query": endless}),
        json!({"id": 2, "query": "print 1"})
    );
    let started = std::time::Instant::now();
    let answers = batch(&lines, &["--query-timeout", "1"]);
    assert_eq!(answers[0]["ok"], false, "{}", answers[0]);
    assert_eq!(answers[1]["rows"], json!([[1]]));
    // Not a measure: without the limit it would be hours.
    assert!(started.elapsed() < Duration::from_secs(600));
}

#[test]
fn answers_for_programs() {
    let (folder, _) = ingested();
    let query = "Flows | summarize n = count() by FlowStatus | sort by FlowStatus asc | render piechart with (title='By status')";
    let run = run_in(folder.path(), &["query", query, "--format", "kusto"]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    let frames: Value = serde_json::from_str(&run.out).unwrap();
    let kinds: Vec<&Value> = frames
        .as_array()
        .unwrap()
        .iter()
        .map(|frame| &frame["FrameType"])
        .collect();
    assert_eq!(
        kinds,
        [
            "DataSetHeader",
            "DataTable",
            "DataTable",
            "DataTable",
            "DataSetCompletion"
        ]
    );
    let drawn: Value = serde_json::from_str(frames[1]["Rows"][0][2].as_str().unwrap()).unwrap();
    assert_eq!(drawn, json!({"Visualization": "piechart", "Title": "By status"}));
    assert_eq!(
        frames[2]["Columns"][1],
        json!({"ColumnName": "n", "ColumnType": "long"})
    );
    assert_eq!(frames[3]["TableKind"], "QueryCompletionInformation");
    let rows = frames[2]["Rows"].as_array().unwrap();
    assert!(!rows.is_empty());

    let query =
        "Flows | summarize n = count() by FlowStatus, t = startofday(TimeGenerated), b = dynamic([1])";
    assert_ne!(run_in(folder.path(), &["query", query]).exit, 0);
    let query = "Flows | project TimeGenerated, gap = TimeGenerated - datetime(2020-01-01), parts = split(SrcIp, '.')";
    for (format, magic) in [("parquet", &b"PAR1"[..]), ("arrow", &[0xff, 0xff, 0xff, 0xff])] {
        let output = crate::golden::flowglass()
            .current_dir(folder.path())
            .args(["query", query, "--format", format])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        assert!(output.stdout.starts_with(magic), "{format}");
    }
}
