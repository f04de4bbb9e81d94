//! `query` as asked with flags: parameters, times, several answers, refusals as frames, files for output, and slips.

use serde_json::Value;

use crate::golden::{compare, flowglass};
use crate::table::{ingested, run_in};

const DECLARED: &str = "declare query_parameters(port: int = 443, rule: string); Flows | where DestPort == port and AclRule == rule | count";

#[test]
fn parameters_are_what_the_query_declares() {
    let (folder, _) = ingested();
    let list = "declare query_parameters(ports: dynamic); Flows | where DestPort in (ports) | count";
    for ports in ["[443, 22]", "dynamic([443, 22])", " dynamic ( [443,22] ) "] {
        let given = format!("ports={ports}");
        let run = run_in(
            folder.path(),
            &["query", list, "--format", "csv", "--param", &given],
        );
        assert_eq!(
            (run.exit, run.out.as_str(), run.err.as_str()),
            (0, "Count\n9\n", ""),
            "{ports}"
        );
    }
    let all = "declare query_parameters(a: bool, b: int, c: long, d: real, e: decimal, f: string, g: datetime, h: timespan, i: guid); \
               print a, b, c, d, e, f, g, h, i";
    for (values, expected) in [
        (
            [
                "true",
                "1",
                "-1",
                "0.5",
                "1.50",
                "it's \"x\"",
                "2026-02-16",
                "1h",
                "74be27de-1e4e-49d9-b579-fe0b331d3642",
            ],
            "true,1,-1,0.5,1.50,\"it's \"\"x\"\"\",2026-02-16T00:00:00Z,01:00:00,74be27de-1e4e-49d9-b579-fe0b331d3642\n",
        ),
        (
            [
                "bool(false)",
                "int(1)",
                "long(null)",
                "double(1e3)",
                "decimal(1)",
                "",
                "datetime(2026-02-16T09:30:00Z)",
                "time(1d)",
                "guid(74be27de-1e4e-49d9-b579-fe0b331d3642)",
            ],
            "false,1,,1000.0,1,,2026-02-16T09:30:00Z,1.00:00:00,74be27de-1e4e-49d9-b579-fe0b331d3642\n",
        ),
    ] {
        let given: Vec<String> = ["a", "b", "c", "d", "e", "f", "g", "h", "i"]
            .iter()
            .zip(values)
            .map(|(name, value)| format!("--param={name}={value}"))
            .collect();
        let given: Vec<&str> = given.iter().map(String::as_str).collect();
        let run = run_in(
            folder.path(),
            &[&["query", all, "--format", "csv"], given.as_slice()].concat(),
        );
        assert_eq!((run.exit, run.err.as_str()), (0, ""));
        assert_eq!(run.out.lines().nth(1).unwrap(), expected.trim_end());
    }
}

#[test]
fn what_is_asked_amiss() {
    let (folder, _) = ingested();
    std::fs::write(folder.path().join("report.kql"), "print 1").unwrap();
    let list = "declare query_parameters(ports: dynamic); print ports";
    for (name, arguments) in [
        (
            "parameter-misspelt",
            &["query", DECLARED, "--param", "prot=1"][..],
        ),
        ("parameter-unknown", &["query", DECLARED, "--param", "address=1"]),
        (
            "parameter-undeclared",
            &["query", "print p", "--param", "p=10.0.0.4"],
        ),
        (
            "parameter-twice",
            &["query", DECLARED, "--param", "port=1", "--param", "port=2"],
        ),
        ("parameter-missing", &["query", DECLARED]),
        (
            "parameter-of-sql",
            &["query", "--sql", "SELECT 1", "--param", "p=1"],
        ),
        ("parameter-no-json", &["query", list, "--param", "ports=[1"]),
        (
            "parameter-more-than-a-value",
            &["query", list, "--param", "ports=1); print (2"],
        ),
        (
            "parameter-no-int",
            &["query", DECLARED, "--param", "rule=x", "--param", "port=443.5"],
        ),
        ("timespan-months", &["query", "Flows", "--timespan", "P1Y2M"]),
        (
            "timespan-turned",
            &["query", "Flows", "--timespan", "2026-02-17/2026-02-16"],
        ),
        ("several-csv", &["query", "print 1; print 2", "--format", "csv"]),
        (
            "several-ndjson",
            &["query", "print 1; print 2", "--format", "ndjson"],
        ),
        ("batch-format", &["query", "--batch", "--format", "csv"]),
        ("batch-kusto", &["query", "--batch", "--format", "kusto"]),
        ("batch-limit", &["query", "--batch", "--limit", "5"]),
        ("batch-explain", &["query", "--batch", "--explain"]),
        ("batch-out", &["query", "--batch", "--out", "a.csv"]),
        (
            "limit-csv",
            &[
                "query",
                "range x from 1 to 3 step 1",
                "--limit",
                "1",
                "--format",
                "csv",
            ],
        ),
        (
            "limit-kusto",
            &["query", "print 1", "--limit", "1", "--format", "kusto"],
        ),
        ("file-as-query", &["query", "report.kql"]),
        ("file-as-sql", &["query", "--sql", "report.kql"]),
        ("kql-in-sql", &["query", "--sql", "Flows | count"]),
        ("svg-without-render", &["query", "print 1", "--format", "svg"]),
        (
            "union-without-a-table",
            &["query", "union isfuzzy=true Flows, Nowhere | count"],
        ),
        ("other-database", &["query", "database('hub').Flows | count"]),
        (
            "other-cluster",
            &["query", "cluster('hub').database('a').Flows | count"],
        ),
        (
            "column-of-traffic-analytics",
            &["query", "Flows | where NSGRule_s == 'x'"],
        ),
        (
            "column-with-suffix",
            &["query", "Flows | summarize sum(BytesSrcToDest_d)"],
        ),
        (
            "column-not-held",
            &["query", "Flows | where VMIP_s == '10.0.0.4'"],
        ),
        (
            "table-of-traffic-analytics",
            &["query", "--sql", "SELECT count(*) FROM NTATopologyDetails"],
        ),
        (
            "table-of-addresses",
            &[
                "query",
                "--sql",
                "SELECT count(*) FROM AzureNetworkAnalyticsIPDetails_CL",
            ],
        ),
        (
            "compressed",
            &["query", "externaldata(a: string)['hosts.csv.gz']"],
        ),
    ] {
        std::fs::write(folder.path().join("hosts.csv.gz"), b"\x1f\x8b\x08").unwrap();
        compare(
            &format!("asking/{name}"),
            arguments,
            &run_in(folder.path(), arguments),
        );
    }
}

#[test]
fn several_answers_are_one_document_of_json() {
    let folder = tempfile::tempdir().unwrap();
    let query = "print a = 1, b = dynamic([1]); range x from 1 to 3 step 1";
    let run = run_in(
        folder.path(),
        &["query", query, "--format", "json", "--limit", "2"],
    );
    assert_eq!(run.exit, 0);
    assert!(run.err.starts_with("note: 1 row more not shown"), "{}", run.err);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    let tables = document["tables"].as_array().unwrap();
    assert_eq!(
        tables[0]["columns"][1],
        serde_json::json!({"name": "b", "type": "dynamic"})
    );
    assert_eq!(tables[0]["rows"], serde_json::json!([[1, [1]]]));
    assert_eq!(tables[1]["rows"], serde_json::json!([[1], [2]]));
    // One answer stays a list of objects.
    let run = run_in(folder.path(), &["query", "print a = 1", "--format", "json"]);
    assert_eq!(run.out, "[\n{\"a\":1}\n]\n");
}

#[test]
fn refusals_are_frames_where_frames_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, code, inner) in [
        (&["query", "print x"][..], "General_BadRequest", "SEM0100"),
        (&["query", "print ("], "General_BadRequest", "SYN0002"),
        (
            &["query", "print p", "--param", "p=1"],
            "General_BadRequest",
            "General_BadRequest",
        ),
    ] {
        let run = run_in(folder.path(), &[arguments, &["--format", "kusto"]].concat());
        assert_eq!(run.exit, 2);
        assert!(run.err.starts_with("error: "), "{}", run.err);
        let frames: Value = serde_json::from_str(&run.out).unwrap();
        let end = frames.as_array().unwrap().last().unwrap();
        assert_eq!(
            (&end["FrameType"], &end["HasErrors"]),
            (&"DataSetCompletion".into(), &true.into())
        );
        assert_eq!(frames[1]["TableKind"], "QueryCompletionInformation");
        assert_eq!(frames[1]["Rows"][0][6], "Error");
        let error = &end["OneApiErrors"][0]["error"];
        assert_eq!(
            (&error["code"], &error["innererror"]["code"]),
            (&code.into(), &inner.into())
        );
    }
    // A file appears with an answer, or not at all.
    let arguments = ["query", "print x", "--format", "kusto", "--out", "a.json"];
    let run = run_in(folder.path(), &arguments);
    assert_eq!((run.exit, run.out.as_str()), (2, ""));
    assert!(!folder.path().join("a.json").exists());
}

/// What the shell has opened is written to, and not replaced.
#[cfg(unix)]
#[test]
fn standard_output_as_a_file_is_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.csv");
    std::fs::write(&path, "before\n").unwrap();
    let status = flowglass()
        .args(["query", "print a = 1", "--format", "csv", "--out", "/dev/stdout"])
        .stdout(std::fs::OpenOptions::new().append(true).open(&path).unwrap())
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "before\na\n1\n");
    let run = run_in(
        folder.path(),
        &["query", "print a = 1", "--format", "csv", "--out", "/dev/stdout"],
    );
    assert_eq!((run.exit, run.out.as_str(), run.err.as_str()), (0, "a\n1\n", ""));
    let mut permissions = std::fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&path, permissions).unwrap();
    let arguments = ["query", "print a = 1", "--out", "all.csv"];
    compare(
        "asking/out-readonly",
        &arguments,
        &run_in(folder.path(), &arguments),
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "before\na\n1\n");
}

/// What is told to end leaves nothing half written behind.
#[cfg(unix)]
#[test]
fn a_file_that_is_begun_is_cleared_away() {
    let endless = "range x from 1 to 4000000 step 1 | extend k = 1 | join kind=inner (range y from 1 to 4000000 step 1 | extend k = 1) on k | count";
    for told in ["-INT", "-TERM"] {
        let folder = tempfile::tempdir().unwrap();
        let held = || std::fs::read_dir(folder.path()).unwrap().count();
        let child = flowglass()
            .current_dir(folder.path())
            .args(["query", endless, "--out", "a.csv"])
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let begun = std::time::Instant::now();
        while held() == 0 && begun.elapsed().as_secs() < 60 {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        crate::batch::signal(told, &child);
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), held()), (Some(3), 0), "{told}");
    }
}

/// What a query put aside for want of memory is gone with it, however it ends; what one that was killed left, the next removes.
#[cfg(unix)]
#[test]
fn what_a_query_put_aside_is_gone_with_it() {
    let (folder, _) = crate::table::ingested();
    let aside = tempfile::tempdir().unwrap();
    let sql = "SELECT concat(a.SrcIp, b.DestIp, c.SrcIp, d.DestIp, e.SrcIp) AS t FROM Flows a CROSS JOIN Flows b CROSS JOIN Flows c CROSS JOIN Flows d CROSS JOIN Flows e CROSS JOIN Flows f CROSS JOIN Flows g ORDER BY t";
    let held = || std::fs::read_dir(aside.path()).unwrap().filter_map(Result::ok);
    let begun = |left: Option<&std::path::Path>| {
        let child = flowglass()
            .current_dir(folder.path())
            .env("TMPDIR", aside.path())
            .args(["query", "--sql", sql, "--memory", "64MiB"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let all = || {
            walkdir::WalkDir::new(aside.path())
                .into_iter()
                .filter_map(Result::ok)
        };
        let bytes = || {
            all()
                .filter_map(|file| file.metadata().ok())
                .map(|about| about.len())
                .sum::<u64>()
        };
        let since = std::time::Instant::now();
        let is_left = || left.is_some_and(std::path::Path::exists);
        while (is_left() || bytes() < 1 << 20) && since.elapsed().as_secs() < 60 {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        assert!(!is_left() && bytes() >= 1 << 20, "nothing was put aside");
        child
    };
    let mut killed = begun(None);
    killed.kill().unwrap();
    killed.wait().unwrap();
    let left = held().next().unwrap().path();
    for told in ["-INT", "-TERM"] {
        let child = begun(Some(&left));
        crate::batch::signal(told, &child);
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), held().count()), (Some(3), 0), "{told}");
    }
}

/// Numbers that are none of digits are the same words in every form.
#[test]
fn numbers_without_end_are_one_word() {
    let query = "print a = 1 / 0.0, b = -1 / 0.0, c = real(nan)";
    for (format, expected) in [
        ("csv", "a,b,c\nInfinity,-Infinity,NaN\n"),
        (
            "ndjson",
            "{\"a\":\"Infinity\",\"b\":\"-Infinity\",\"c\":\"NaN\"}\n",
        ),
        (
            "table",
            "       a          b    c\n--------  ---------  ---\nInfinity  -Infinity  NaN\n",
        ),
    ] {
        let run = run_in(&crate::golden::data(), &["query", query, "--format", format]);
        assert_eq!((run.exit, run.out.as_str()), (0, expected), "{format}");
    }
}

/// `externaldata` reads URLs of files as well.
#[test]
fn files_by_their_urls() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a b.csv"), "x,1\n").unwrap();
    let place = folder
        .path()
        .join("a b.csv")
        .display()
        .to_string()
        .replace(' ', "%20");
    let query = format!("externaldata(a: string, b: long)['file://{place}']");
    let run = run_in(folder.path(), &["query", &query, "--format", "csv"]);
    assert_eq!(
        (run.exit, run.out.as_str(), run.err.as_str()),
        (0, "a,b\nx,1\n", "")
    );
}
