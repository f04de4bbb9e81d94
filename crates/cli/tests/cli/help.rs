//! Help, version, wrong use: every page fits a screen and every mistake is answered.

use crate::golden::{check, check_with, flowglass, run};

const COMMANDS: [&str; 34] = [
    "demo",
    "read",
    "blobs",
    "ingest",
    "collect",
    "query",
    "overview",
    "explain",
    "facts",
    "facts load",
    "facts pull",
    "facts show",
    "facts diff",
    "facts remove",
    "who",
    "replay",
    "rules",
    "rules tighten",
    "learn",
    "table",
    "table stats",
    "table check",
    "table compact",
    "table rollup",
    "table retain",
    "table vacuum",
    "table checkpoint",
    "table migrate",
    "table followers",
    "config",
    "config show",
    "doctor",
    "completions",
    "man",
];

#[test]
fn every_help_page() {
    check("help/flowglass", &["-h"]);
    for command in COMMANDS {
        let mut arguments: Vec<&str> = command.split(' ').collect();
        arguments.push("-h");
        check(&format!("help/{}", command.replace(' ', "-")), &arguments);
    }
}

#[test]
fn help_fits_a_screen_and_begins_with_examples() {
    for command in std::iter::once("").chain(COMMANDS) {
        let mut arguments: Vec<&str> = command.split_whitespace().collect();
        arguments.push("--help");
        let run = run(&arguments);
        assert_eq!(run.exit, 0);
        let narrow = flowglass()
            .env("COLUMNS", "80")
            .args(&arguments)
            .output()
            .unwrap();
        let narrow = String::from_utf8(narrow.stdout).unwrap();
        assert!(
            narrow.lines().count() <= 40,
            "`{command}` in 80 columns: {narrow}"
        );
        let lines: Vec<&str> = run.out.lines().collect();
        assert!(lines.len() <= 40, "`{command}`: {} lines", lines.len());
        assert!(lines.iter().all(|line| line.chars().count() <= 80), "`{command}`");
        assert_eq!(lines.get(2), Some(&"Examples:"), "`{command}`");
    }
}

#[test]
fn version() {
    check("help/version", &["--version"]);
    assert_eq!(
        run(&["-V"]).out,
        format!("flowglass {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn wrong_use() {
    for (name, arguments) in [
        ("nothing", &[][..]),
        ("config-nothing", &["config"]),
        ("unknown-command", &["reed", "vnet.json"]),
        ("unknown-command-far", &["frobnicate"]),
        ("unknown-flag", &["read", "--denyed", "vnet.json"]),
        ("unknown-flag-far", &["read", "--xyzzy", "vnet.json"]),
        ("extra-argument", &["doctor", "now"]),
        ("missing-value", &["read", "vnet.json", "--port"]),
        ("missing-argument", &["completions"]),
        ("wrong-shell", &["completions", "tcsh"]),
        ("wrong-color", &["read", "--color", "blue", "vnet.json"]),
        ("wrong-format", &["read", "--format", "jsno", "vnet.json"]),
        ("wrong-limit", &["read", "--limit", "some", "vnet.json"]),
        ("wrong-limit-below", &["read", "vnet.json", "--limit", "-1"]),
        ("wrong-hours", &["demo", "--hours", "1"]),
        ("wrong-seed", &["demo", "--seed", "abc"]),
        (
            "wrong-timeout",
            &["query", "--sql", "SELECT 1", "--timeout", "-1"],
        ),
        ("wrong-top", &["read", "--top", "-1", "vnet.json"]),
        ("conflict", &["read", "--denied", "--allowed", "vnet.json"]),
        (
            "conflict-direction",
            &["read", "--inbound", "--outbound", "vnet.json"],
        ),
        (
            "given-twice",
            &["read", "--limit", "1", "--limit", "2", "vnet.json"],
        ),
        (
            "summary-as-csv",
            &["read", "--summary", "--format", "csv", "vnet.json"],
        ),
        ("settings-as-csv", &["config", "show", "--format", "csv"]),
        ("checks-as-csv", &["doctor", "--format", "csv"]),
        ("wrong-target", &["table", "compact", "--target", "1kB"]),
        ("wrong-retain", &["table", "vacuum", "--retain", "7"]),
        ("wrong-days", &["table", "retain", "--days", "0"]),
        ("wrong-day", &["table", "compact", "--day", "yesterday"]),
    ] {
        assert_eq!(run(arguments).exit, 2, "{name}");
        check(&format!("usage/{name}"), arguments);
    }
}

#[test]
fn our_own_mistake() {
    if !cfg!(debug_assertions) {
        println!("skipped: our_own_mistake: only a debug build can be asked to panic");
        return;
    }
    let output = flowglass()
        .env("FLOWGLASS_TEST_PANIC", "1")
        .arg("doctor")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(70));
    let said = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<&str> = said.lines().collect();
    let begins = format!(
        "error: flowglass {} made a mistake: this was asked for (",
        env!("CARGO_PKG_VERSION")
    );
    assert!(lines.len() == 2 && lines[0].starts_with(&begins), "{said}");
    assert!(lines[1].starts_with("hint: please report this"), "{said}");
}

#[test]
fn completions_and_manual() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = run(&["completions", shell]);
        assert_eq!((run.exit, run.err.as_str()), (0, ""));
        assert!(
            run.out.contains("flowglass") && run.out.contains("src-port"),
            "{shell}"
        );
    }
    let page = run(&["man"]);
    assert!(
        page.exit == 0 && page.out.contains(".TH FLOWGLASS 1"),
        "{}",
        page.out
    );
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("man1");
    let output = flowglass().arg("man").arg("--out").arg(&inner).output().unwrap();
    assert!(output.status.success() && output.stdout.is_empty());
    let mut names: Vec<String> = std::fs::read_dir(&inner)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "flowglass-blobs.1",
            "flowglass-collect.1",
            "flowglass-completions.1",
            "flowglass-config-show.1",
            "flowglass-config.1",
            "flowglass-demo.1",
            "flowglass-doctor.1",
            "flowglass-explain.1",
            "flowglass-facts-diff.1",
            "flowglass-facts-load.1",
            "flowglass-facts-pull.1",
            "flowglass-facts-remove.1",
            "flowglass-facts-show.1",
            "flowglass-facts.1",
            "flowglass-ingest.1",
            "flowglass-learn.1",
            "flowglass-man.1",
            "flowglass-overview.1",
            "flowglass-query.1",
            "flowglass-read.1",
            "flowglass-replay.1",
            "flowglass-rules-tighten.1",
            "flowglass-rules.1",
            "flowglass-table-check.1",
            "flowglass-table-checkpoint.1",
            "flowglass-table-compact.1",
            "flowglass-table-followers.1",
            "flowglass-table-migrate.1",
            "flowglass-table-retain.1",
            "flowglass-table-rollup.1",
            "flowglass-table-stats.1",
            "flowglass-table-vacuum.1",
            "flowglass-table.1",
            "flowglass-who.1",
            "flowglass.1"
        ]
    );
    let read = std::fs::read_to_string(inner.join("flowglass-read.1")).unwrap();
    assert!(
        read.contains("who was denied on SSH and RDP"),
        "examples are in the manual"
    );
    check("usage/man-into-a-file", &["man", "--out", "vnet.json"]);
}

#[test]
fn language_and_terminal_change_nothing() {
    for variables in [
        [("TERM", "xterm-256color"), ("LANG", "de_DE.UTF-8")],
        [("TERM", "dumb"), ("LC_ALL", "C")],
    ] {
        check_with("help/read", &variables, &["read", "-h"]);
        check_with("read/nsg1", &variables, &["read", "nsg1.json"]);
    }
}
