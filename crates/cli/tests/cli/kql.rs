//! `query` in KQL: where the text comes from, the forms of answers, and many queries in one process.

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
        &["query", "--format", "csv", "-"],
    ] {
        let run = run_with_input(arguments, b"print n = 2");
        assert_eq!((run.exit, run.out.as_str(), run.err.as_str()), (0, "n\n2\n", ""));
    }
    // As PowerShell writes it.
    let units = "\u{feff}print n = 3".encode_utf16();
    let wide: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
    std::fs::write(folder.path().join("wide.kql"), wide).unwrap();
    let run = run_in(folder.path(), &["query", "-f", "wide.kql", "--format", "csv"]);
    assert_eq!((run.exit, run.out.as_str(), run.err.as_str()), (0, "n\n3\n", ""));
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
    assert_eq!(drawn.as_object().unwrap().len(), 19);
    assert_eq!(
        (&drawn["Visualization"], &drawn["Title"], &drawn["Ymin"]),
        (&json!("piechart"), &json!("By status"), &json!("NaN"))
    );
    assert_eq!(
        frames[2]["Columns"][1],
        json!({"ColumnName": "n", "ColumnType": "long"})
    );
    assert_eq!(frames[3]["TableKind"], "QueryCompletionInformation");
    let events = frames[3]["Rows"].as_array().unwrap();
    let names: Vec<&Value> = events.iter().map(|event| &event[10]).collect();
    assert_eq!(names, ["QueryInfo", "QueryResourceConsumption"]);
    let used: Value = serde_json::from_str(events[1][11].as_str().unwrap()).unwrap();
    assert!(used["ExecutionTime"].as_f64().unwrap() > 0.0, "{used}");
    assert_eq!(used["dataset_statistics"][0]["table_row_count"], 2, "{used}");
    assert!(events.iter().all(|event| event[5].as_i64().unwrap() >= 4));
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
