//! `read` in words: the summary, the sentences, and every way a source can be wrong.

use crate::golden::{check, compare, data, flowglass, run, run_with_input};

#[test]
fn every_format_in_words() {
    check("read/vnet", &["read", "vnet.json", "--limit", "all"]);
    check("read/nsg2", &["read", "nsg2.json"]);
    check("read/nsg1", &["read", "nsg1.json"]);
    check(
        "read/several",
        &["read", "nsg1.json", "nsg2.json", "--limit", "3", "--top", "2"],
    );
    check("read/summary", &["read", "vnet.json", "--summary", "--top", "1"]);
    check("read/no-tuples-shown", &["read", "nsg1.json", "--limit", "0"]);
}

#[test]
fn rows_in_words() {
    check("read/analytics", &["read", "analytics.csv"]);
    check(
        "read/analytics-ndjson",
        &["read", "analytics.csv", "--format", "ndjson"],
    );
    let mapped = [
        "read",
        "flat.ndjson",
        "--map",
        "SrcIp=client",
        "--map",
        "DestIp=server",
    ];
    check("read/flat", &[&mapped[..], &["--tz", "Europe/Berlin"]].concat());
    check("read/flat-no-zone", &mapped);
    check("read/flat-no-map", &["read", "flat.ndjson"]);
    check(
        "read/flat-wrong-map",
        &["read", "flat.ndjson", "--map", "Client=client"],
    );
    check("read/flat-wrong-zone", &["read", "flat.ndjson", "--tz", "Berlin"]);
}

#[test]
fn places() {
    check("read/folder", &["read", "tree", "--limit", "1", "--top", "1"]);
    check(
        "read/pattern",
        &["read", "tree/*/y=2025/**/PT1H.json", "--limit", "1", "--top", "1"],
    );
    check(
        "read/gzip",
        &["read", "vnet.json.gz", "--limit", "1", "--top", "1"],
    );
    let vnet = std::fs::read(data().join("vnet.json")).unwrap();
    let by_name = run(&["read", "vnet.json"]);
    for arguments in [&["read", "-"][..], &["read"]] {
        let piped = run_with_input(arguments, &vnet);
        assert_eq!(
            (piped.exit, piped.out == by_name.out, piped.err.as_str()),
            (0, true, "")
        );
    }
    let packed = std::fs::read(data().join("vnet.json.gz")).unwrap();
    assert_eq!(
        run_with_input(&["read", "--format", "ndjson"], &packed)
            .out
            .lines()
            .count(),
        18
    );
    compare("read/empty-pipe", &["read"], &run_with_input(&["read"], b""));
}

#[test]
fn every_way_a_source_can_be_wrong() {
    for (name, path, exit) in [
        ("missing", "missing.json", 3),
        ("no-match", "missing-*.json", 3),
        ("not-a-log", "notes.txt", 3),
        ("beyond-a-file", "vnet.json/x", 3),
        ("empty", "empty.json", 1),
        ("created", "created.json", 1),
        ("cut", "cut.json", 0),
        ("cut-gzip", "cut.json.gz", 0),
        ("between", "between.json", 0),
        ("damaged", "damaged.json", 0),
    ] {
        let arguments = ["read", path, "--limit", "2", "--top", "1"];
        assert_eq!(run(&arguments).exit, exit, "{name}");
        check(&format!("read/wrong-{name}"), &arguments);
    }
}

#[test]
fn the_other_sources_are_read_all_the_same() {
    check(
        "read/wrong-some",
        &[
            "read",
            "missing.json",
            "notes.txt",
            "nsg1.json",
            "also-missing.json",
            "--format",
            "ndjson",
            "--limit",
            "1",
        ],
    );
    let all = run(&[
        "read",
        "missing.json",
        "notes.txt",
        "nsg1.json",
        "empty.json",
        "cut.json",
        "--summary",
    ]);
    assert_eq!(all.exit, 3);
    assert!(
        all.out.contains("18 received = 18 stored + 0 quarantined"),
        "{}",
        all.out
    );
}

#[test]
fn many_of_a_kind_are_said_in_short() {
    let names: Vec<String> = (0..25)
        .map(|number| format!("missing-{number:02}.json"))
        .collect();
    let mut arguments = vec!["read", "--summary"];
    arguments.extend(names.iter().map(String::as_str));
    check("read/wrong-many", &arguments);
}

#[test]
fn nothing_to_do_with_the_log_acts_on_the_terminal() {
    for arguments in [
        &["read", "hostile.json"][..],
        &["read", "hostile.json", "--format", "json"],
        &["read", "hostile.json", "--format", "ndjson"],
        &["read", "hostile.json", "--summary", "--format", "json"],
        &["read", "damaged.json"],
        &["read", "missing\u{1b}[2J.json"],
        &["read", "--rule", "\u{1b}[2J", "vnet.json"],
        &["read", "--ip", "\u{1b}[2J", "vnet.json"],
        &["\u{1b}[2J"],
    ] {
        let run = run(arguments);
        for text in [&run.out, &run.err] {
            let acts = text
                .chars()
                .find(|letter| (letter.is_control() && *letter != '\n') || *letter == '\u{202e}');
            assert_eq!(acts, None, "{arguments:?}: {text}");
        }
    }
    check("read/hostile", &["read", "hostile.json"]);
    // JSON is faithful all the same.
    let json: serde_json::Value =
        serde_json::from_str(&run(&["read", "hostile.json", "--format", "json"]).out).unwrap();
    assert_eq!(json[0]["MacAddress"], "\u{1b}]0;owned\u{7}");
}

#[test]
fn many_tuples_come_after_the_summary_too() {
    let mut record = String::from(r#"{"records":["#);
    for minute in 0..200 {
        let time = 1_741_064_760_000_u64 + minute * 60_000;
        let tuples: Vec<String> = (0..100)
            .map(|port| {
                format!(
                    "\"{time},10.0.0.4,10.0.0.5,{},443,6,O,B,NX,0,0,0,0\"",
                    40_000 + port
                )
            })
            .collect();
        record.push_str(&format!(
            r#"{}{{"macAddress":"000D3A0000A1","flowLogVersion":4,"flowRecords":{{"flows":[{{"aclID":"x","flowGroups":[{{"rule":"UserRule_a","flowTuples":[{}]}}]}}]}}}}"#,
            if minute > 0 { "," } else { "" },
            tuples.join(",")
        ));
    }
    record.push_str("]}");
    let run = run_with_input(&["read", "-", "--limit", "all"], record.as_bytes());
    assert_eq!(run.exit, 0, "{}", run.err);
    assert!(run.out.starts_with("Summary\n") && run.out.ends_with("20,000 tuples in all\n"));
    assert_eq!(
        run.out
            .lines()
            .filter(|line| line.contains("-> 10.0.0.5:443 HTTPS/TCP"))
            .count(),
        20_000
    );
}

/// One address speaks early and late, 150,000 speak once.
#[test]
fn more_addresses_than_a_list_counts() {
    use std::fmt::Write as _;
    let mut log = String::from(
        r#"{"records":[{"macAddress":"000D3A0000A1","flowLogVersion":4,"flowRecords":{"flows":[{"aclID":"x","flowGroups":[{"rule":"UserRule_a","flowTuples":["#,
    );
    for number in 0..150_000_u32 {
        let once = std::net::Ipv4Addr::from(0x1400_0000 + number);
        let source = if number % 3 == 0 {
            [20, 255, 0, 1].into()
        } else {
            once
        };
        let comma = if number > 0 { "," } else { "" };
        write!(
            log,
            r#"{comma}"1741064760000,{source},10.0.0.5,40000,443,6,I,D,NX,1,100,0,0""#
        )
        .unwrap();
        if number % 3 == 0 {
            write!(
                log,
                r#","1741064760000,{once},10.0.0.5,40000,443,6,I,D,NX,1,100,0,0""#
            )
            .unwrap();
        }
    }
    log.push_str("]}]}]}}]}");
    let arguments = ["read", "-", "--summary", "--top", "2"];
    let run = run_with_input(&arguments, log.as_bytes());
    compare("read/many-addresses", &arguments, &run);
    let json = run_with_input(&[&arguments[..], &["--format", "json"]].concat(), log.as_bytes());
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["matching"], 200_000);
    assert_eq!(json["services"]["distinct"], 1);
    assert!(json["talkers"]["distinct"].is_null());
    assert!(json["talkers"]["tuples_forgotten"].as_u64().unwrap() >= 50_000);
    assert_eq!(json["denied_pairs"]["top"][0]["SrcIp"], "20.255.0.1");
    assert_eq!(json["denied_pairs"]["top"][0]["tuples"], 50_000);
}

#[cfg(unix)]
#[test]
fn links_in_a_circle() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(".", folder.path().join("again")).unwrap();
    std::fs::copy(data().join("nsg1.json"), folder.path().join("a.json")).unwrap();
    let output = flowglass()
        .current_dir(folder.path())
        .args(["read", ".", "a.json", "--format", "ndjson"])
        .output()
        .unwrap();
    let run = crate::golden::Run::from(output);
    assert_eq!((run.exit, run.out.lines().count(), run.err.as_str()), (0, 2, ""));
}
