//! `query` as typed: where the text comes from, what CSV holds, what is said beside the rows.

use crate::golden::{compare, run};
use crate::table::{ingested, run_in};

#[test]
fn lists_are_json_text_in_csv() {
    let (folder, _) = ingested();
    let sql = "SELECT [1, 2] AS a, [['x\"y'], NULL] AS b, NULLIF([1], [1]) AS c, 7 AS e";
    let run = run_in(folder.path(), &["query", "--format", "csv", "--sql", sql]);
    assert_eq!(
        (run.exit, run.err.as_str(), run.out.as_str()),
        (0, "", "a,b,c,e\n\"[1,2]\",\"[[\"\"x\\\"\"y\"\"],null]\",,7\n")
    );
    let none = "SELECT array_agg(SrcIp) AS a FROM Flows WHERE DestPort = 1 GROUP BY SrcIp";
    let run = run_in(folder.path(), &["query", "--format", "csv", "--sql", none]);
    assert_eq!((run.exit, run.out.as_str()), (0, "a\n"));
}

#[test]
fn a_query_may_begin_with_a_comment_or_a_byte_order_mark() {
    let (folder, _) = ingested();
    let expected = (0, "", "n\n1\n");
    let text = "-- my report\nSELECT 1 AS n";
    let run = run_in(folder.path(), &["query", "--format", "csv", "--sql", text]);
    assert_eq!((run.exit, run.err.as_str(), run.out.as_str()), expected);
    std::fs::write(folder.path().join("bom.sql"), format!("\u{feff}{text}")).unwrap();
    let run = run_in(folder.path(), &["query", "--format", "csv", "--file", "bom.sql"]);
    assert_eq!((run.exit, run.err.as_str(), run.out.as_str()), expected);
}

#[test]
fn a_time_limit_beyond_all_clocks_is_none() {
    let (folder, _) = ingested();
    let arguments = [
        "query",
        "--sql",
        "SELECT 1 AS n",
        "--timeout",
        "9223372036854775807",
    ];
    let run = run_in(folder.path(), &arguments);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
}

#[test]
fn what_cannot_be_asked() {
    let (folder, _) = ingested();
    for (name, arguments) in [
        (
            "no-version",
            &["query", "--sql", "SELECT 1", "--version", "99"][..],
        ),
        ("no-file", &["query", "--file", "nope.sql"]),
        ("too-much", &["query", "--sql", "SELECT repeat('x', 1000000000)"]),
        (
            "text-and-number",
            &["query", "--sql", "SELECT * FROM Flows WHERE SrcIp = 5"],
        ),
    ] {
        let run = run_in(folder.path(), arguments);
        compare(&format!("query/{name}"), arguments, &run);
    }
}

/// Sizes of files differ from build to build; how many of what does not.
#[test]
fn what_was_read_is_told() {
    let (folder, _) = ingested();
    let sql = "SELECT count(*) AS n FROM Flows WHERE DestPort = 443";
    let arguments = ["query", "--explain", "--sql", sql];
    let mut run = run_in(folder.path(), &arguments);
    let (before, after) = run.err.split_once(" rows kept; ").unwrap();
    let (scanned, after) = after.split_once(" scanned").unwrap();
    assert!(scanned.ends_with('B'), "{scanned}");
    run.err = format!("{before} rows kept; SIZE scanned{after}");
    compare("query/explain", &arguments, &run);
}

#[test]
fn what_read_gives_as_csv_is_what_was_logged() {
    let json = run(&["read", "hostile.json", "--format", "ndjson"]).out;
    let logged: Vec<String> = json
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter_map(|row| row["AclRule"].as_str().map(str::to_owned))
        .collect();
    let hostile = |text: &&String| text.chars().any(char::is_control);
    assert!(logged.iter().any(|text| hostile(&text)), "{logged:?}");
    let csv = run(&["read", "hostile.json", "--format", "csv"]).out;
    for text in logged.iter().filter(hostile) {
        assert!(
            csv.contains(&text.replace('"', "\"\"")),
            "{text:?} is not in {csv}"
        );
    }
}
