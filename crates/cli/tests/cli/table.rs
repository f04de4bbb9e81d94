//! `ingest`, `query` and `table` as a user meets them.

use std::path::Path;

use serde_json::Value;

use crate::golden::{Run, check, compare, data, flowglass};

pub(crate) fn run_in(folder: &Path, arguments: &[&str]) -> Run {
    flowglass()
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap()
        .into()
}

/// A folder with the two small blobs of the tests, ingested into `./flowglass-data`.
pub(crate) fn ingested() -> (tempfile::TempDir, Run) {
    let folder = tempfile::tempdir().unwrap();
    for name in ["vnet.json", "nsg2.json"] {
        std::fs::copy(data().join(name), folder.path().join(name)).unwrap();
    }
    let run = run_in(folder.path(), &["ingest", "vnet.json", "nsg2.json"]);
    (folder, run)
}

fn query(folder: &Path, sql: &str) -> Value {
    let run = run_in(folder, &["query", "--format", "json", "--sql", sql]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""), "{sql}");
    serde_json::from_str(&run.out).unwrap()
}

#[test]
fn ingest_says_what_it_did() {
    let (folder, run) = ingested();
    compare("table/ingest", &["ingest", "vnet.json", "nsg2.json"], &run);
    let again = run_in(folder.path(), &["ingest", "vnet.json", "nsg2.json"]);
    compare(
        "table/ingest-again",
        &["ingest", "vnet.json", "nsg2.json"],
        &again,
    );
    let json = run_in(
        folder.path(),
        &["ingest", "vnet.json", "--format", "json", "--verify"],
    );
    let json: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((&json["stored"], &json["unchanged"]), (&0.into(), &1.into()));
}

#[test]
fn json_is_one_array_of_objects_with_columns_in_order() {
    let (folder, _) = ingested();
    let sql = "SELECT SrcIp, DestPort, BytesSrcToDest, TimeGenerated FROM Flows ORDER BY TimeGenerated, SrcPort LIMIT 2";
    let run = run_in(folder.path(), &["query", "--format", "json", "--sql", sql]);
    compare(
        "table/query-json",
        &["query", "--format", "json", "--sql", "SELECT ..."],
        &run,
    );
    for format in ["ndjson", "csv", "table"] {
        let run = run_in(folder.path(), &["query", "--format", format, "--sql", sql]);
        compare(
            &format!("table/query-{format}"),
            &["query", "--format", format, "--sql", "SELECT ..."],
            &run,
        );
    }
    assert_eq!(
        query(folder.path(), "SELECT * FROM Flows WHERE DestPort = 1"),
        Value::Array(Vec::new())
    );
    let all = query(folder.path(), "SELECT * FROM Flows LIMIT 1");
    let columns: Vec<&str> = all[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(columns.len(), model::FLOWS.columns.len());
}

#[test]
fn what_was_read_equals_what_is_in_the_table() {
    let (folder, _) = ingested();
    let rows = query(
        folder.path(),
        "SELECT count(*) AS n, sum(BytesSrcToDest) AS b FROM Flows",
    );
    let read = run_in(
        folder.path(),
        &["read", "vnet.json", "nsg2.json", "--summary", "--format", "json"],
    );
    let summary: Value = serde_json::from_str(&read.out).unwrap();
    assert_eq!(rows[0]["n"], summary["tuples_stored"]);
    let quarantined = query(folder.path(), "SELECT count(*) AS n FROM Quarantine");
    assert_eq!(quarantined[0]["n"], summary["tuples_quarantined"]);
    let log = query(
        folder.path(),
        "SELECT Sha256, RangeStart, RangeEnd FROM IngestLog ORDER BY Source",
    );
    assert_eq!(log.as_array().unwrap().len(), 2);
    assert_eq!(log[0]["Sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn a_query_without_rows_has_an_answer() {
    let (folder, _) = ingested();
    for format in ["table", "json", "ndjson", "csv"] {
        let sql = "SELECT SrcIp, DestPort FROM Flows WHERE DestPort = 1";
        let arguments = ["query", "--format", format, "--sql", sql];
        compare(
            &format!("table/query-none-{format}"),
            &arguments,
            &run_in(folder.path(), &arguments),
        );
    }
}

#[test]
fn a_plan_is_shown_whole() {
    let (folder, _) = ingested();
    let sql = "EXPLAIN SELECT SrcIp, count(*) AS n FROM Flows WHERE DestPort = 22 GROUP BY SrcIp";
    let run = run_in(folder.path(), &["query", "--sql", sql]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    let lines: Vec<&str> = run.out.lines().collect();
    assert!(lines[2].starts_with("logical_plan   Projection: "), "{}", run.out);
    assert!(
        lines
            .iter()
            .any(|line| line.contains("DataSourceExec") && line.contains("predicate=DestPort")),
        "{}",
        run.out
    );
    assert!(!run.out.contains("..."), "{}", run.out);
}

#[test]
fn queries_that_are_refused() {
    let (folder, _) = ingested();
    for (name, sql) in [
        ("syntax", "SELEC SrcIp FROM Flows"),
        ("column", "SELECT SrcIP FROM Flows"),
        ("table", "SELECT * FROM Flow"),
        ("write", "DELETE FROM Flows"),
    ] {
        let arguments = ["query", "--sql", sql];
        compare(
            &format!("table/refused-{name}"),
            &arguments,
            &run_in(folder.path(), &arguments),
        );
    }
    check(
        "table/query-no-table",
        &["query", "--sql", "SELECT 1", "--table", "nowhere"],
    );
    check(
        "table/ingest-missing",
        &["ingest", "no-such-file.json", "--table", "nowhere"],
    );
    check(
        "table/ingest-pattern",
        &["ingest", "no-such-*.json", "--table", "nowhere"],
    );
    check(
        "table/ingest-format",
        &["ingest", "vnet.json", "--format", "csv", "--table", "nowhere"],
    );
    check("table/check-no-table", &["table", "check", "--table", "nowhere"]);
    assert!(!data().join("nowhere").exists());
}

#[test]
fn a_file_that_is_no_flow_log_is_named_and_the_others_are_stored() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(data().join("vnet.json"), folder.path().join("vnet.json")).unwrap();
    std::fs::write(folder.path().join("notes.txt"), "hello").unwrap();
    std::fs::write(folder.path().join("empty.json"), "").unwrap();
    let arguments = ["ingest", "notes.txt", "vnet.json", "empty.json"];
    compare(
        "table/ingest-other",
        &arguments,
        &run_in(folder.path(), &arguments),
    );
    // In a folder, other files are nothing to fail for.
    let run = run_in(folder.path(), &["ingest", "."]);
    assert_eq!(run.exit, 0, "{}{}", run.out, run.err);
}

/// A data file of the table `./flowglass-data`.
fn data_file(folder: &Path) -> std::path::PathBuf {
    let day = std::fs::read_dir(folder.join("flowglass-data/Flows"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_string_lossy().contains("FlowDate="))
        .unwrap();
    std::fs::read_dir(day).unwrap().next().unwrap().unwrap().path()
}

#[test]
fn stats_and_check() {
    let (folder, _) = ingested();
    let check = run_in(folder.path(), &["table", "check"]);
    compare("table/check", &["table", "check"], &check);
    let stats = run_in(folder.path(), &["table", "stats", "--format", "json"]);
    let stats: Value = serde_json::from_str(&stats.out).unwrap();
    assert_eq!(
        stats["received"],
        stats["stored"].as_u64().unwrap() + stats["quarantined"].as_u64().unwrap()
    );
    assert_eq!(stats["rows"], stats["stored"]);
    assert!(
        run_in(folder.path(), &["table", "stats"])
            .out
            .contains("bytes a row")
    );

    let file = data_file(folder.path());
    std::fs::write(&file, b"PAR1").unwrap();
    let damaged = run_in(folder.path(), &["table", "check"]);
    assert_eq!(damaged.exit, 1);
    assert!(
        damaged.out.starts_with("damaged: ") && damaged.out.contains("has 4 bytes, the log says"),
        "{}",
        damaged.out
    );
}

#[test]
fn a_deep_check_reads_what_a_quick_one_does_not() {
    let (folder, _) = ingested();
    let arguments = ["table", "check", "--deep"];
    let whole = run_in(folder.path(), &arguments);
    let first = whole.out.lines().next().unwrap();
    assert_eq!((whole.exit, first), (0, "whole: version 1, 2 files, 24 rows"));
    assert!(whole.out.ends_with("every byte as it was written, by SHA-256\n"));

    let file = data_file(folder.path());
    let day = file.parent().unwrap().file_name().unwrap().to_str().unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, &bytes).unwrap();
    for name in 0..12 {
        std::fs::write(file.with_file_name(format!(".tmp-{name:02}")), "left").unwrap();
    }
    let quick = run_in(folder.path(), &["table", "check"]);
    assert_eq!(quick.exit, 0);
    assert!(
        quick.out.starts_with("nothing wrong found: ")
            && quick.out.contains("\nnot looked at: the data itself")
            && quick.out.contains("\n12 files (48 B) left by writers")
            && quick
                .out
                .contains(&format!("\n  Flows/{day}/.tmp-09, 4 B\n  and 2 more;")),
        "{}",
        quick.out
    );
    let deep = run_in(folder.path(), &arguments);
    assert_eq!(deep.exit, 1);
    assert!(
        deep.out.starts_with("damaged: ")
            && deep.out.contains(file.file_name().unwrap().to_str().unwrap())
            && deep.out.contains("its SHA-256 differs"),
        "{}",
        deep.out
    );
    let json = run_in(folder.path(), &["table", "check", "--deep", "--format", "json"]);
    let json: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((&json["deep"], &json["files_summed"]), (&true.into(), &2.into()));
    assert_eq!(json["orphans"].as_array().unwrap().len(), 12);
    assert_eq!(json["orphans"][0]["bytes"], 4);
}

/// The Parquet reader panics at this bit; that is the file's fault and not the program's.
#[test]
fn damage_that_breaks_the_reader_is_no_mistake_of_the_program() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../table/tests/data/format-1");
    let folder = tempfile::tempdir().unwrap();
    for entry in walkdir::WalkDir::new(&kept) {
        let entry = entry.unwrap();
        let target = folder.path().join(entry.path().strip_prefix(&kept).unwrap());
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(target).unwrap();
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
    let deep = ["table", "check", "--deep", "--table", "."];
    let whole = run_in(folder.path(), &deep);
    assert_eq!(whole.exit, 0, "{}{}", whole.out, whole.err);
    assert!(
        whole
            .out
            .contains("single bytes of 9 files, from before checksums")
    );
    let file = "Flows/FlowDate=2026-03-02/part-3bc21718-4a5b-4eec-8b31-2f3977bd3dea.parquet";
    let file = folder.path().join(file);
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[131] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let damaged = run_in(folder.path(), &deep);
    assert_eq!((damaged.exit, damaged.err.as_str()), (1, ""), "{}", damaged.out);
    assert!(damaged.out.contains("breaks the Parquet reader"));
}

#[test]
fn standard_input_is_stored_once() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = std::fs::read(data().join("vnet.json")).unwrap();
    let pipe = || {
        let mut child = flowglass()
            .current_dir(folder.path())
            .args(["ingest", "-", "--format", "json"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), &bytes).unwrap();
        let output = child.wait_with_output().unwrap();
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let (first, second) = (pipe(), pipe());
    assert!(first["stored"].as_u64().unwrap() > 0);
    assert_eq!(
        (&second["stored"], &second["skipped"]),
        (&0.into(), &first["stored"])
    );
}

#[test]
fn an_earlier_version_can_be_asked() {
    let (folder, _) = ingested();
    let arguments = [
        "query",
        "--version",
        "0",
        "--format",
        "json",
        "--sql",
        "SELECT count(*) AS n FROM Flows",
    ];
    let run = run_in(folder.path(), &arguments);
    assert_eq!(run.out, "[\n{\"n\":0}\n]\n", "{}", run.err);
}

#[test]
fn a_version_that_is_not_there_is_named_with_the_newest() {
    let (folder, _) = ingested();
    for version in ["99", "-1"] {
        let run = run_in(
            folder.path(),
            &["query", "--version", version, "--sql", "SELECT 1"],
        );
        let said = format!("error: there is no version {version} of `Flows`; the newest is 1\n");
        assert!(run.exit == 2 && run.err.starts_with(&said), "{}", run.err);
    }
}

#[test]
fn shortened_cells_are_told_apart_and_counted() {
    let folder = ingested().0;
    let sql =
        "SELECT repeat('x', 60) || n AS id FROM (VALUES ('-web'), ('-db')) AS t(n) UNION SELECT 'short'";
    let run = run_in(folder.path(), &["query", "--sql", sql]);
    assert!(
        run.out.contains("x-web\n") && run.out.contains("x-db\n"),
        "{}",
        run.out
    );
    assert_eq!(
        run.err,
        "note: 2 cells shortened; `--format json` shows them whole\n"
    );
    let run = run_in(folder.path(), &["query", "--sql", "SELECT 'short' AS id"]);
    assert_eq!(run.err, "");
}

#[test]
fn a_compressed_file_cut_before_its_first_record_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let whole = std::fs::read(data().join("vnet.json.gz")).unwrap();
    std::fs::write(folder.path().join("cut.json.gz"), &whole[..whole.len() / 3]).unwrap();
    let run = run_in(folder.path(), &["ingest", "cut.json.gz"]);
    compare("table/ingest-cut-gzip", &["ingest", "cut.json.gz"], &run);
}
