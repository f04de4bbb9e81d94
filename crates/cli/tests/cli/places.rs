//! What `read` and `ingest` find is the same, and a pipe is as good as a file.

use std::path::Path;

use serde_json::Value;

use crate::golden::{Run, compare, data, flowglass};

fn run_in(folder: &Path, arguments: &[&str]) -> Run {
    let output = flowglass().current_dir(folder).args(arguments).output();
    output.unwrap().into()
}

/// A folder with a log, and what lies beside logs.
fn logs() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs");
    std::fs::create_dir(&logs).unwrap();
    std::fs::copy(data().join("nsg1.json"), logs.join("a.json")).unwrap();
    for name in ["README.md", "more.md", "rows.csv.gz"] {
        std::fs::write(logs.join(name), "not opened").unwrap();
    }
    std::fs::write(logs.join("package.json"), "npm").unwrap();
    folder
}

#[test]
fn other_files_in_a_folder_are_one_note_and_no_failure() {
    let folder = logs();
    for (name, arguments) in [
        ("read-folder", &["read", "logs", "--summary", "--top", "1"][..]),
        ("ingest-folder", &["ingest", "logs"]),
        (
            "read-nothing",
            &["read", "logs/README.md", "none", "logs/*.tmp", "--summary"],
        ),
        (
            "ingest-nothing",
            &["ingest", "logs/README.md", "none", "logs/*.tmp"],
        ),
    ] {
        compare(
            &format!("places/{name}"),
            arguments,
            &run_in(folder.path(), arguments),
        );
    }
}

#[test]
fn what_is_missing_does_not_keep_the_rest_out() {
    let folder = logs();
    let run = run_in(
        folder.path(),
        &["ingest", "none.json", "logs/a.json", "--format", "json"],
    );
    let outcome: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(
        (run.exit, &outcome["sources"], &outcome["stored"]),
        (3, &1.into(), &2.into())
    );
    let other = tempfile::tempdir().unwrap();
    assert_eq!(run_in(other.path(), &["ingest", "none.json"]).exit, 3);
    assert!(!other.path().join("flowglass-data").exists());
}

#[test]
fn a_table_beside_the_logs_is_not_read_as_one() {
    let folder = logs();
    assert_eq!(run_in(folder.path(), &["ingest", "logs"]).exit, 0);
    let rows = run_in(folder.path(), &["read", ".", "--format", "ndjson"]);
    assert_eq!((rows.exit, rows.out.lines().count()), (0, 2), "{}", rows.err);
    let arguments = ["read", "flowglass-data", "--summary"];
    compare(
        "places/read-table",
        &arguments,
        &run_in(folder.path(), &arguments),
    );
}

#[test]
fn utf16_is_called_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(data().join("nsg1.json")).unwrap();
    let bytes: Vec<u8> = format!("\u{feff}{text}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    std::fs::write(folder.path().join("a.json"), bytes).unwrap();
    for command in ["read", "ingest"] {
        let arguments = [command, "a.json"];
        compare(
            &format!("places/{command}-utf16"),
            &arguments,
            &run_in(folder.path(), &arguments),
        );
    }
}

/// As `flowglass read <(zcat ...)` does.
#[cfg(unix)]
#[test]
fn a_pipe_that_is_named_is_read_as_a_stream() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe.json");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    for (command, expected) in [("read", 18), ("ingest", 18)] {
        let writer = std::thread::spawn({
            let pipe = pipe.clone();
            move || std::fs::copy(data().join("vnet.json"), pipe)
        });
        let mut arguments = vec![command, "pipe.json", "--format", "json"];
        if command == "read" {
            arguments.push("--summary");
        }
        let run = run_in(folder.path(), &arguments);
        writer.join().unwrap().unwrap();
        assert_eq!((run.exit, run.err.as_str()), (0, ""), "{command}");
        let outcome: Value = serde_json::from_str(&run.out).unwrap();
        let stored = if command == "read" {
            "tuples_stored"
        } else {
            "stored"
        };
        assert_eq!(outcome[stored], expected, "{command}");
    }
    // In a folder nobody asked for it, and nobody writes to it.
    assert_eq!(run_in(folder.path(), &["read", ".", "--format", "json"]).exit, 3);
}

#[cfg(unix)]
#[test]
fn names_that_are_not_utf8() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = tempfile::tempdir().unwrap();
    let name = std::ffi::OsStr::from_bytes(b"a\xff.json");
    std::fs::copy(data().join("vnet.json"), folder.path().join(name)).unwrap();
    for command in ["read", "ingest"] {
        let output = flowglass()
            .current_dir(folder.path())
            .arg(command)
            .arg(name)
            .output();
        let run = Run::from(output.unwrap());
        assert_eq!((run.exit, run.err.as_str()), (0, ""), "{command}: {}", run.out);
    }
}
