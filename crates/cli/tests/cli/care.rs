//! `table compact | vacuum | checkpoint | migrate | followers` as a user meets them.

use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::golden::{compare, data};
use crate::table::run_in;

/// A table of so many commits, each of the same record at another time.
pub(crate) fn filled(commits: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(data().join("vnet.json")).unwrap();
    for n in 0..commits {
        let changed = text.replace("T05:0", &format!("T05:{n}"));
        let name = format!("{n}.json");
        std::fs::write(folder.path().join(&name), &changed).unwrap();
        let run = run_in(folder.path(), &["ingest", &name]);
        assert_eq!(run.exit, 0, "{}", run.err);
    }
    folder
}

/// Makes every file below the folder so much older.
pub(crate) fn age(folder: &Path, seconds: u64) {
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let file = std::fs::OpenOptions::new()
                .append(true)
                .open(entry.path())
                .unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(seconds))
                .unwrap();
        }
    }
}

/// What is told without the numbers that are the machine's: sizes, days of today, versions of a library.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for line in text.lines() {
        // Which sources share a shard, and so supersede each other's positions, hangs on the folder's name.
        if line.starts_with("removed: ") && line.contains(" position file") {
            continue;
        }
        let words = line.split(' ').map(|word| {
            let bare = word.trim_matches(|c: char| "(),:".contains(c));
            let number = bare.chars().all(|c| c.is_ascii_digit() || ".,".contains(c)) && !bare.is_empty();
            let day = bare.len() == 10 && bare.matches('-').count() == 2 && !bare.starts_with("2025-03");
            if day {
                word.replace(bare, "TODAY")
            } else if number && bare.contains('.') {
                word.replace(bare, "N")
            } else {
                word.to_owned()
            }
        });
        plain.push_str(&words.collect::<Vec<_>>().join(" "));
        plain.push('\n');
    }
    plain
}

pub(crate) fn told(name: &str, folder: &Path, arguments: &[&str]) {
    let mut run = run_in(folder, arguments);
    run.out = plain(&run.out);
    compare(&format!("care/{name}"), arguments, &run);
}

fn count(folder: &Path, extra: &[&str]) -> crate::golden::Run {
    let sql = [
        "query",
        "--format",
        "csv",
        "--sql",
        "SELECT count(*) AS n, sum(BytesSrcToDest) AS b FROM Flows",
    ];
    run_in(folder, &[&sql[..], extra].concat())
}

#[test]
fn compact_says_what_it_would_do_and_what_it_did() {
    let folder = filled(5);
    let before = count(folder.path(), &[]).out;
    told(
        "compact-dry-run",
        folder.path(),
        &["table", "compact", "--dry-run"],
    );
    told(
        "compact-other-day",
        folder.path(),
        &["table", "compact", "--day", "2020-01-01..2020-02-01"],
    );
    let stats = run_in(folder.path(), &["table", "stats"]).out;
    assert!(
        stats.contains("5 files are small (") && stats.contains(" of all tables"),
        "{stats}"
    );
    told("compact", folder.path(), &["table", "compact"]);
    told("compact-again", folder.path(), &["table", "compact"]);
    assert_eq!(count(folder.path(), &[]).out, before);
    told(
        "check-after-compact",
        folder.path(),
        &["table", "check", "--deep"],
    );
    let json = run_in(folder.path(), &["table", "compact", "--format", "json"]);
    let json: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(
        (&json["dry_run"], json["folds"].as_array().unwrap().len()),
        (&false.into(), 0)
    );
}

#[test]
fn vacuum_says_what_goes_and_an_old_version_says_that_it_is_gone() {
    let folder = filled(5);
    assert_eq!(run_in(folder.path(), &["table", "compact"]).exit, 0);
    told(
        "vacuum-nothing",
        folder.path(),
        &["table", "vacuum", "--retain", "0"],
    );
    age(&folder.path().join("flowglass-data"), 8 * 86_400);
    let dry = run_in(folder.path(), &["table", "vacuum", "--dry-run"]);
    assert_eq!(dry.out.matches(".parquet, ").count(), 10, "{}", dry.out);
    told("vacuum", folder.path(), &["table", "vacuum"]);
    let sum = count(folder.path(), &[]);
    assert_eq!((sum.exit, sum.err.as_str()), (0, ""));
    // The log still tells of that version; its files are gone.
    let mut gone = count(folder.path(), &["--version", "5"]);
    assert_eq!(gone.exit, 3);
    let (start, rest) = gone.err.split_once("file `").unwrap();
    let (file, end) = rest.split_once("` is listed").unwrap();
    assert!(file.contains("FlowDate=2025-03-04"), "{file}");
    let said = format!("{start}file `FILE` is listed{end}");
    let whole = std::mem::replace(&mut gone.err, said);
    compare(
        "care/file-gone",
        &["query", "--version", "5", "--sql", "SELECT ..."],
        &gone,
    );
    gone.err = whole;
    assert!(
        gone.err.starts_with("error[FG3007]: file `")
            && gone.err.contains("is listed but not there\nhint: run it again: "),
        "{}",
        gone.err
    );
    told("checkpoint", folder.path(), &["table", "checkpoint"]);
    age(&folder.path().join("flowglass-data"), 8 * 86_400);
    let json = run_in(folder.path(), &["table", "vacuum", "--format", "json"]);
    let json: Value = serde_json::from_str(&json.out).unwrap();
    let kinds = json["gone"].as_array().unwrap().iter();
    assert!(kinds.filter(|gone| gone["kind"] == "log").count() > 10, "{json}");
    told(
        "version-gone",
        folder.path(),
        &["query", "--version", "2", "--sql", "SELECT 1"],
    );
}

#[test]
fn followers_are_listed_and_forgotten() {
    let folder = filled(1);
    told("followers-none", folder.path(), &["table", "followers"]);
    let followers = folder.path().join("flowglass-data/_followers");
    std::fs::create_dir(&followers).unwrap();
    let file = |name: &str| {
        let text = format!(
            r#"{{"name":"{name}","version":0,"registered_micros":1710410000000000,"advanced_micros":1710420000000000}}"#
        );
        std::fs::write(followers.join(format!("{name}.json")), text).unwrap();
    };
    file("sink");
    file("rollup");
    told("followers", folder.path(), &["table", "followers"]);
    age(&folder.path().join("flowglass-data"), 8 * 86_400);
    told(
        "vacuum-held-back",
        folder.path(),
        &["table", "vacuum", "--dry-run"],
    );
    let json = run_in(
        folder.path(),
        &["table", "followers", "--remove", "rollup", "--format", "json"],
    );
    let json: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["followers"].as_array().unwrap().len(), 1);
    told(
        "followers-unknown",
        folder.path(),
        &["table", "followers", "--remove", "rollup"],
    );
    std::fs::write(followers.join("sink.json"), "{").unwrap();
    told("followers-damaged", folder.path(), &["table", "vacuum"]);
}

/// The table of format 1 in the tree: whatever this program becomes, it queries it, checks it, brings it to
/// the present format, and ingests into it.
#[test]
fn a_table_of_format_1_is_queried_migrated_and_ingested_into() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../table/tests/data/format-1");
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("flowglass-data");
    for entry in walkdir::WalkDir::new(&kept) {
        let entry = entry.unwrap();
        let to = target.join(entry.path().strip_prefix(&kept).unwrap());
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(to).unwrap();
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
    let sum = |folder: &Path| -> Value {
        let sql = "SELECT count(*) AS n, count(SrcPort) AS ports FROM Flows";
        let run = run_in(folder, &["query", "--format", "json", "--sql", sql]);
        assert_eq!((run.exit, run.err.as_str()), (0, ""));
        serde_json::from_str(&run.out).unwrap()
    };
    assert_eq!(sum(folder.path())[0]["n"], 61);
    let all = run_in(
        folder.path(),
        &[
            "query",
            "--format",
            "json",
            "--sql",
            "SELECT * FROM Flows LIMIT 1",
        ],
    );
    let all: Value = serde_json::from_str(&all.out).unwrap();
    assert_eq!(all[0].as_object().unwrap().len(), model::FLOWS.columns.len());

    let migrate = |flags: &[&str]| -> (i32, Value) {
        let run = run_in(
            folder.path(),
            &[&["table", "migrate", "--format", "json"], flags].concat(),
        );
        (run.exit, serde_json::from_str(&run.out).unwrap())
    };
    let (exit, planned) = migrate(&["--dry-run"]);
    assert_eq!((exit, &planned["dry_run"]), (0, &true.into()));
    let (exit, done) = migrate(&[]);
    assert_eq!((exit, &done["tables"]), (0, &planned["tables"]));
    assert_eq!(migrate(&[]).1["tables"].as_array().unwrap().len(), 0);
    assert_eq!(sum(folder.path())[0]["n"], 61);

    std::fs::copy(data().join("vnet.json"), folder.path().join("vnet.json")).unwrap();
    let run = run_in(folder.path(), &["ingest", "vnet.json"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    let after = sum(folder.path())[0]["n"].as_u64().unwrap();
    assert!(after > 61);
    let check = run_in(folder.path(), &["table", "check", "--deep"]);
    assert_eq!(check.exit, 0, "{}", check.out);
    assert_eq!(run_in(folder.path(), &["table", "compact"]).exit, 0);
    assert_eq!(sum(folder.path())[0]["n"], after);
}

/// A table whose log lacks a column that this program has: as one of an earlier format would be.
#[test]
fn a_table_that_lacks_a_column_is_queried_as_it_is_and_gets_it_with_the_next_ingest() {
    let lacking = || {
        let folder = filled(1);
        let log = folder
            .path()
            .join("flowglass-data/Flows/_delta_log/00000000000000000000.json");
        let text = std::fs::read_to_string(&log).unwrap();
        let column = r#"{\"name\":\"SystemId\",\"type\":\"string\",\"nullable\":true,\"metadata\":{}},"#;
        assert!(text.contains(column), "{text}");
        std::fs::write(&log, text.replace(column, "")).unwrap();
        folder
    };
    let folder = lacking();
    assert_eq!(count(folder.path(), &[]).exit, 0);
    told(
        "migrate-dry-run",
        folder.path(),
        &["table", "migrate", "--dry-run"],
    );
    told("migrate", folder.path(), &["table", "migrate"]);
    told("migrate-again", folder.path(), &["table", "migrate"]);
    assert_eq!(run_in(folder.path(), &["table", "check", "--deep"]).exit, 0);

    // Another type is no step that can be taken.
    let folder = lacking();
    let log = folder
        .path()
        .join("flowglass-data/Flows/_delta_log/00000000000000000000.json");
    let text = std::fs::read_to_string(&log).unwrap();
    let (from, to) = (
        r#"\"TupleIndex\",\"type\":\"integer\""#,
        r#"\"TupleIndex\",\"type\":\"string\""#,
    );
    assert!(text.contains(from));
    std::fs::write(&log, text.replace(from, to)).unwrap();
    told("migrate-refused", folder.path(), &["table", "migrate"]);

    let folder = lacking();
    std::fs::copy(data().join("nsg2.json"), folder.path().join("nsg2.json")).unwrap();
    let run = run_in(folder.path(), &["ingest", "nsg2.json"]);
    let said = "note: table `Flows` was brought to the present format: column `SystemId` is added\n";
    assert!(run.exit == 0 && run.err.starts_with(said), "{}", run.err);
    assert_eq!(run_in(folder.path(), &["ingest", "nsg2.json"]).err, "");
}
