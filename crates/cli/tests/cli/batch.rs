//! `query --batch`: many queries in one process, a line each.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use crate::golden::{flowglass, run_with_input};
use crate::table::ingested;

/// Each line of answers, by the id of its question.
fn batch(lines: &[u8], more: &[&str]) -> Vec<Value> {
    let arguments = [&["query", "--batch"], more].concat();
    let run = run_with_input(&arguments, lines);
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
            "{\"id\": \"two\", \"query\": \"print x | where\"}\n",
            "no json\n",
            "{\"id\": 4, \"query\": \"declare query_parameters(n: long); print n + 1\", \"params\": {\"n\": 41}}\n",
            "{\"id\": 5, \"query\": \"print 1; print 2\"}\n",
            "{\"id\": 6, \"query\": \"print\\n  nope\"}\n",
            "{\"id\": 7, \"query\": \"datatable(s: string, b: bool)['', bool(null)]\"}",
        )
        .as_bytes(),
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
            "rows": [[1, "2026-02-16T00:00:00Z", "01:30:00", [1, "x"], "NaN", "1.5", "74be27de-1e4e-49d9-b579-fe0b331d3642"]],
            "error": null})
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
    let answers = batch(lines.as_bytes(), &["--query-timeout", "1"]);
    assert_eq!(answers[0]["ok"], false, "{}", answers[0]);
    assert_eq!(answers[1]["rows"], json!([[1]]));
    // Not a measure: without the limit it would be hours.
    assert!(started.elapsed() < Duration::from_secs(600));
}

/// The keys of a line in the order in which they stand there.
fn keys(line: &str) -> Vec<&str> {
    let all = [
        "id", "ok", "columns", "rows", "error", "code", "message", "line", "column", "hint",
    ];
    let mut found: Vec<(usize, &str)> = all
        .iter()
        .filter_map(|key| Some((line.find(&format!("\"{key}\":"))?, *key)))
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, key)| key).collect()
}

#[test]
fn lines_have_the_same_keys_in_the_same_order() {
    let run = run_with_input(
        &["query", "--batch"],
        b"{\"id\": 1, \"query\": \"print a = 1\"}\n{\"id\": 2, \"query\": \"prnt\"}\n",
    );
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!(
        lines[0],
        "{\"id\":1,\"ok\":true,\"columns\":[{\"name\":\"a\",\"type\":\"long\"}],\"rows\":[[1]],\"error\":null}"
    );
    assert_eq!(
        keys(lines[1]),
        [
            "id", "ok", "columns", "rows", "error", "code", "message", "line", "column", "hint"
        ]
    );
    assert!(lines[1].starts_with("{\"id\":2,\"ok\":false,\"columns\":null,\"rows\":null,\"error\":{"));
}

/// Whatever a line is, it is answered, and so is the next.
#[test]
fn lines_that_ask_nothing_are_answered_too() {
    let mut lines: Vec<Vec<u8>> = [
        &b""[..],
        b"   ",
        b"print 1",
        b"[1, 2]",
        b"{\"id\": \"\xff\", \"query\": \"print 1\"}",
        b"{\"query\": \"print 1\"}",
        b"{\"id\": {\"a\": 1}, \"query\": \"print 1\"}",
        b"{\"id\": 1}",
        b"{\"id\": 1, \"query\": \"print 1\", \"times\": \"P1D\"}",
        b"{\"id\": 1, \"query\": \"print 1\", \"timespan\": \"P1M\"}",
        b"{\"id\": 1, \"query\": \"print p\", \"parameters\": {\"p\": 1}}",
        b"\0",
    ]
    .map(<[u8]>::to_vec)
    .to_vec();
    lines.push(vec![b'x'; 100 << 20]);
    let asked = lines.len();
    lines.push(b"{\"id\": \"last\", \"query\": \"print 1\"}".to_vec());
    let answers = batch(&lines.join(&b'\n'), &[]);
    assert_eq!(answers.len(), asked + 1);
    for answer in answers.iter().take(asked) {
        assert_eq!(answer["ok"], false, "{answer}");
        let error = &answer["error"];
        assert!(
            error["message"].is_string() && error["hint"].is_string(),
            "{answer}"
        );
        assert_eq!(error["code"], "General_BadRequest");
    }
    assert_eq!(answers[asked]["rows"], json!([[1]]));
}

#[test]
fn times_and_parameters_of_a_line_and_of_all() {
    let (folder, _) = ingested();
    let line = |id: i32, query: &str, more: Value| {
        let mut line = json!({"id": id, "query": query});
        line.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        format!("{line}\n")
    };
    let declared =
        "declare query_parameters(p: long = 0, l: dynamic = dynamic([])); print p, array_length(l)";
    let lines = [
        line(1, "Flows | count", json!({})),
        line(2, "Flows | count", json!({"timespan": "2000-01-01/P100000D"})),
        line(3, declared, json!({})),
        line(4, declared, json!({"parameters": {"p": 7, "l": [1, 2]}})),
        line(5, "print 1", json!({})),
        line(6, "union isfuzzy=true (print a = 1), Nowhere", json!({})),
    ]
    .concat();
    let table = folder.path().join("flowglass-data");
    let run = run_with_input(
        &[
            "query",
            "--batch",
            "--table",
            table.to_str().unwrap(),
            "--timespan",
            "2001-01-01/P1D",
            "--param",
            "p=5",
            "--param",
            "nobody=1",
        ],
        lines.as_bytes(),
    );
    assert_eq!(
        (run.exit, run.err.as_str()),
        (0, "note: no query of the batch declares the parameter `nobody`\n")
    );
    let answers: Vec<Value> = run
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let rows: Vec<&Value> = answers.iter().map(|answer| &answer["rows"]).collect();
    assert_eq!(
        rows,
        [
            &json!([[0]]),
            &json!([[22]]),
            &json!([[5, 0]]),
            &json!([[7, 2]]),
            &json!([[1]]),
            &json!([[1]])
        ]
    );
    let notes = answers[5]["notes"].as_array().unwrap();
    assert!(notes[0].as_str().unwrap().contains("`Nowhere`"), "{notes:?}");
}

/// What a number is in its text, it stays.
#[test]
fn ids_come_back_as_they_were_sent() {
    for id in ["18446744073709551616", "1e3", "-0", "\"a\\u0041\""] {
        let line = format!("{{\"id\": {id}, \"query\": \"print 1\"}}\n");
        let run = run_with_input(&["query", "--batch"], line.as_bytes());
        assert!(
            run.out.starts_with(&format!("{{\"id\":{id},\"ok\":true,")),
            "{}",
            run.out
        );
    }
}

/// Tells a program to end.
#[cfg(unix)]
pub(crate) fn signal(signal: &str, child: &std::process::Child) {
    let sent = std::process::Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

/// Ctrl-C and SIGTERM are heard while nobody asks anything.
#[cfg(unix)]
#[test]
fn waiting_for_a_line_can_be_stopped() {
    for told in ["-INT", "-TERM"] {
        stopped_while_waiting(told);
    }
}

#[cfg(unix)]
fn stopped_while_waiting(told: &str) {
    let mut child = flowglass()
        .args(["query", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"{\"id\": 1, \"query\": \"print 1\"}\n").unwrap();
    stdin.flush().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    answers.read_line(&mut line).unwrap();
    assert!(line.contains("\"ok\":true"), "{line}");
    signal(told, &child);
    // Standard input stays open: only the signal can end it.
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.starts_with("error[FG3004]: the query was cancelled"),
        "{said}"
    );
}
