//! Pipes, colour, and output that cannot be written.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::golden::{flowglass, run};

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let vnet = std::fs::read(crate::golden::data().join("vnet.json")).unwrap();
    for number in 0..200 {
        std::fs::write(folder.path().join(format!("{number}.json")), &vnet).unwrap();
    }
    for format in ["ndjson", "json", "csv", "table"] {
        let mut child = flowglass()
            .current_dir(folder.path())
            .args(["read", ".", "--limit", "all", "--format", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut first)
            .unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{format}");
        assert!(
            output.stderr.is_empty(),
            "{format}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn colour_only_when_asked_in_a_pipe() {
    let denied = ["read", "vnet.json", "--denied", "--limit", "1"];
    assert!(!run(&denied).out.contains('\u{1b}'));
    let always = run(&[&denied[..], &["--color", "always"]].concat());
    assert!(
        always.out.contains("\u{1b}[31mdenied by rule DenyAllInBound"),
        "{}",
        always.out
    );
    let plain = always.out.replace("\u{1b}[31m", "").replace("\u{1b}[0m", "");
    assert_eq!(plain, run(&denied).out, "colour adds nothing but colour");
    let error = run(&["read", "missing.json", "--color", "always", "--format", "ndjson"]);
    assert!(
        error
            .err
            .starts_with("\u{1b}[1;31merror[FG2102]:\u{1b}[0m no file"),
        "{}",
        error.err
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said() {
    for arguments in [
        &["read", "vnet.json"][..],
        &["read", "vnet.json", "--format", "json"],
        &["config", "show"],
    ] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = flowglass().args(arguments).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(3));
        assert_eq!(
            String::from_utf8(output.stderr).unwrap(),
            "error: cannot write the output: the disk is full\n"
        );
    }
}
