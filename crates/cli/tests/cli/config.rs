//! The configuration: where values come from, and every way a file can be wrong.

use crate::golden::{check, check_with, flowglass, run};

#[test]
fn shown() {
    check("config/defaults", &["config", "show"]);
    check("config/defaults-json", &["config", "show", "--format", "json"]);
    check("config/file", &["config", "show", "--config", "config/good.toml"]);
    check_with(
        "config/file-by-variable",
        &[("FLOWGLASS_CONFIG", "config/good.toml")],
        &["config", "show"],
    );
    check_with(
        "config/every-origin",
        &[
            ("FLOWGLASS_MEMORY", "2GiB"),
            ("FLOWGLASS_TABLE", "from-environment"),
            ("NO_COLOR", "1"),
        ],
        &[
            "config",
            "show",
            "--config",
            "config/good.toml",
            "--table",
            "from-flag",
        ],
    );
}

#[test]
fn what_is_shown_is_itself_a_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let shown = run(&["config", "show"]).out;
    std::fs::write(folder.path().join("flowglass.toml"), &shown).unwrap();
    let output = flowglass()
        .current_dir(folder.path())
        .args(["config", "show"])
        .output()
        .unwrap();
    let again = String::from_utf8(output.stdout).unwrap();
    let values = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        lines
            .map(|line| line.split('#').next().unwrap_or_default().trim().to_owned())
            .collect()
    };
    assert!(again.starts_with("# file in force: flowglass.toml\n"), "{again}");
    // A path in a file is meant from the file's folder.
    assert_eq!(values(&again), values(&shown));
}

#[test]
fn the_users_own_file() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("flowglass");
    std::fs::create_dir(&own).unwrap();
    std::fs::write(own.join("config.toml"), "version = 1\nthreads = 7\n").unwrap();
    let show = |variable: &str| {
        let output = flowglass()
            .env(variable, folder.path())
            .args(["config", "show"])
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(show("XDG_CONFIG_HOME").contains("threads = \"7\""));
    assert!(
        show("HOME").contains("threads = \"auto\""),
        "in HOME it lies under .config"
    );
}

#[test]
fn every_way_a_file_can_be_wrong() {
    for name in [
        "unknown-key",
        "strange-key",
        "no-version",
        "newer",
        "syntax",
        "wrong-type",
        "out-of-range",
        "wrong-memory",
        "wrong-color",
        "missing",
    ] {
        let path = format!("config/{name}.toml");
        let arguments = ["config", "show", "--config", &path];
        assert_eq!(run(&arguments).exit, 2, "{name}");
        check(&format!("config/wrong-{name}"), &arguments);
    }
    check(
        "config/wrong-not-utf8",
        &["config", "show", "--config", "vnet.json.gz"],
    );
    check("config/wrong-folder", &["config", "show", "--config", "tree"]);
}

#[test]
fn values_elsewhere_can_be_wrong_too() {
    check_with(
        "config/wrong-variable",
        &[("FLOWGLASS_THREADS", "many")],
        &["config", "show"],
    );
    check_with(
        "config/wrong-format-variable",
        &[("FLOWGLASS_FORMAT", "xml")],
        &["read", "vnet.json"],
    );
    check("config/wrong-flag", &["config", "show", "--memory", "1MiB"]);
}

#[test]
fn an_empty_variable_is_not_set() {
    check_with(
        "config/defaults",
        &[
            ("FLOWGLASS_TABLE", ""),
            ("FLOWGLASS_CONFIG", ""),
            ("NO_COLOR", ""),
        ],
        &["config", "show"],
    );
}

#[test]
fn a_setting_reaches_the_command() {
    let output = flowglass()
        .env("FLOWGLASS_FORMAT", "ndjson")
        .args(["read", "nsg1.json"])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 2);
}

#[test]
fn the_settings_in_force_make_a_file_to_begin_with() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flowglass.toml");
    // As a shell does: the file is there, and empty, before the program starts.
    let file = std::fs::File::create(&path).unwrap();
    let show = || {
        let mut command = flowglass();
        command.current_dir(folder.path()).args(["config", "show"]);
        command
    };
    assert!(show().stdout(file).status().unwrap().success());
    let written = std::fs::read_to_string(&path).unwrap();
    assert!(
        written.contains("\nversion = 1\ntable = \"./flowglass-data\""),
        "{written}"
    );
    let again = show().output().unwrap();
    assert!(again.status.success() && again.stderr.is_empty());
    let again = String::from_utf8(again.stdout).unwrap();
    assert!(again.contains("# flowglass.toml line 3"), "{again}");
}

#[test]
fn a_form_that_a_command_has_not_is_refused_only_if_it_was_typed() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("table");
    let said = |format: Option<&str>, arguments: &[&str]| {
        let mut command = flowglass();
        command.args(arguments).env("FLOWGLASS_TABLE", &table);
        command.env("FLOWGLASS_FORMAT", "csv");
        if let Some(format) = format {
            command.args(["--format", format]);
        }
        let output = command.output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.code(), said)
    };
    for arguments in [
        &["ingest", "vnet.json"][..],
        &["table", "stats"],
        &["table", "check"],
        &["config", "show"],
        &["doctor"],
        &["read", "--summary", "vnet.json"],
    ] {
        let (exit, text) = said(None, arguments);
        assert_eq!(exit, Some(0), "{arguments:?}: {text}");
        // Ingest changes what it is asked about.
        if arguments[0] != "ingest" && arguments[0] != "doctor" {
            assert_eq!(
                said(Some("table"), arguments).1.lines().count(),
                text.lines().count()
            );
        }
        let (exit, text) = said(Some("csv"), arguments);
        assert!(
            exit == Some(2) && text.contains(" only\n"),
            "{arguments:?}: {text}"
        );
    }
    let rows = said(None, &["query", "--sql", "SELECT 1 AS n"]).1;
    assert_eq!(rows, "n\n1\n", "a command that has the form uses it");
}
