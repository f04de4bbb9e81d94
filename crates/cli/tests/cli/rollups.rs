//! Sums by the hour: what is kept is what the rows come to, to the last byte, whatever happened since.

use std::path::{Path, PathBuf};

use serde_json::Value;
use sim::{Scale, World, WorldSpec};

use crate::golden::{Run, flowglass};

/// The rollups, each with what makes it of rows.
const ROLLUPS: [(&str, &str); 6] = [
    ("FlowsHourly", ""),
    ("TrafficHourly", "| invoke TrafficOf()"),
    ("RulesHourly", "| invoke RulesOf()"),
    ("ServicesHourly", "| invoke ServicesOf()"),
    ("TalkersHourly", "| invoke TalkersOf()"),
    ("PlacesHourly", "| invoke PlacesOf()"),
];

/// A world whose blobs come when they are asked for.
struct Growing {
    folder: tempfile::TempDir,
    blobs: Vec<(PathBuf, Vec<u8>)>,
    exports: Vec<(&'static str, String)>,
}

impl Growing {
    fn new(seed: u64) -> Self {
        let spec = WorldSpec {
            seed,
            start_day: 20_514,
            hours: 3,
            scale: Scale::Tiny,
        };
        let world = World::generate(&spec);
        let mut blobs = Vec::new();
        world.write(&mut |blob| blobs.push((PathBuf::from(&blob.path), blob.bytes().to_vec())));
        let exports = world.exports().into_iter();
        Self {
            folder: tempfile::tempdir().unwrap(),
            blobs,
            exports: exports.map(|export| (export.name, export.text)).collect(),
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn run(&self, arguments: &[&str]) -> String {
        let run = self.run_to(arguments);
        assert_eq!(run.exit, 0, "{arguments:?}: {}", run.err);
        run.out
    }

    /// As `run`, whatever comes of it.
    fn run_to(&self, arguments: &[&str]) -> Run {
        let command = flowglass()
            .current_dir(self.path())
            .args(arguments)
            .args(["--table", "table"])
            .output();
        command.unwrap().into()
    }

    /// Brings those blobs whose number leaves this rest when divided by three.
    fn ingest(&self, rest: usize) {
        for (number, (path, bytes)) in self.blobs.iter().enumerate() {
            if number % 3 == rest {
                let path = self.path().join("logs").join(path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, bytes).unwrap();
            }
        }
        self.run(&["ingest", "logs"]);
    }

    fn load(&self, at: &str, change: impl Fn(&str) -> String) {
        let facts = self.path().join("facts");
        std::fs::create_dir_all(&facts).unwrap();
        for (name, text) in &self.exports {
            std::fs::write(facts.join(name), change(text)).unwrap();
        }
        self.run(&["facts", "load", "facts", "--at", at]);
    }

    /// The hours that `table rollup` would keep.
    fn missing(&self) -> u64 {
        let told = self.run(&["table", "rollup", "--dry-run", "--format", "json"]);
        let told: Value = serde_json::from_str(&told).unwrap();
        told["hoursMissing"].as_u64().unwrap()
    }

    fn keep(&self) {
        self.run(&["table", "rollup"]);
        assert_eq!(self.missing(), 0);
    }

    /// What the others are made of is what the rows come to. Gives how many rows it has.
    fn is_true(&self, when: &str) -> usize {
        self.are_true(when, &ROLLUPS[..1])
    }

    /// These rollups are what the rows come to.
    fn are_true(&self, when: &str, rollups: &[(&str, &str)]) -> usize {
        let from_rows = "FlowsHourlyOf(datetime(2026-03-01), datetime(2026-03-03))";
        let mut queries = String::new();
        for (rollup, maker) in rollups {
            for query in [(*rollup).to_owned(), format!("{from_rows} {maker}")] {
                queries.push_str(&serde_json::json!({"id": rollup, "query": query}).to_string());
                queries.push('\n');
            }
        }
        std::fs::write(self.path().join("queries"), queries).unwrap();
        let command = flowglass()
            .current_dir(self.path())
            .args(["query", "--batch", "--table", "table"])
            .stdin(std::fs::File::open(self.path().join("queries")).unwrap())
            .output();
        let run: Run = command.unwrap().into();
        assert_eq!((run.exit, run.err.as_str()), (0, ""), "{when}");
        let answers: Vec<Value> = run
            .out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(answers.len(), 2 * rollups.len());
        let rows = |answer: &Value| -> Vec<String> {
            assert_eq!(answer["ok"], true, "{when}: {answer}");
            let rows = answer["rows"].as_array().unwrap().iter();
            let mut rows: Vec<String> = rows.map(ToString::to_string).collect();
            rows.sort();
            rows
        };
        let mut count = 0;
        for pair in answers.chunks(2) {
            assert_eq!(pair[0]["columns"], pair[1]["columns"], "{when}");
            let (kept, computed) = (rows(&pair[0]), rows(&pair[1]));
            assert!(!kept.is_empty(), "{when}");
            let differs = kept
                .iter()
                .zip(&computed)
                .find(|(kept, computed)| kept != computed);
            assert_eq!(differs, None, "{when}: {}", pair[0]["id"]);
            assert_eq!(kept.len(), computed.len(), "{when}: {}", pair[0]["id"]);
            count += kept.len();
        }
        count
    }
}

#[test]
fn kept_sums_are_those_of_the_rows_whatever_came_since() {
    let world = Growing::new(5);
    world.ingest(0);
    let all = world.missing();
    assert!(all >= 3, "{all}");
    let few = world.is_true("nothing is kept");
    world.keep();
    assert_eq!(world.is_true("all is kept"), few);

    world.ingest(1);
    assert!(world.missing() > 0);
    world.are_true("rows came late", &ROLLUPS[1..]);
    let more = world.is_true("rows came late");
    assert!(more > few);
    world.keep();
    assert_eq!(world.is_true("late rows are kept"), more);

    // The first facts hold for the time before as well: all is different.
    world.load("2026-03-02T00:50", str::to_owned);
    assert_eq!(world.missing(), all);
    let named = world.is_true("facts came");
    world.keep();
    assert_eq!(world.is_true("with names"), named);
    // Later facts leave what was before as it is.
    world.load("2026-03-02T01:40", |text| {
        text.replace("vm-web-01", "vm-web-01-renamed")
    });
    let after = world.missing();
    assert!(0 < after && after < all, "{after} of {all}");
    world.is_true("a machine has another name");
    world.keep();

    world.ingest(2);
    world.is_true("the rest came");
    world.keep();
    world.run(&["table", "compact"]);
    assert_eq!(world.missing(), 0, "a compaction changes no row");
    world.are_true("compacted", &ROLLUPS);
    // What only old versions needed goes, and with it the log's entries: everything is still told right.
    crate::care::age(world.path(), 90_000);
    world.run(&["table", "checkpoint"]);
    world.run(&["table", "vacuum", "--retain", "1h"]);
    world.is_true("cleaned up");
}

/// The first database of countries holds before its own time, so sums of before it are made anew; the next edition does not.
#[test]
fn kept_sums_get_countries_that_are_first_loaded_later() {
    let world = Growing::new(5);
    world.ingest(0);
    world.load("2026-03-02T00:50", str::to_owned);
    let all = world.missing();
    world.keep();
    let countries = || {
        let query = "FlowsHourly | where isnotempty(SrcCountry) or isnotempty(DestCountry) | count";
        world.run(&["query", query, "--format", "csv"])
    };
    let none = countries();
    for (at, code, missing) in [("2026-03-05", "NL", all), ("2026-03-06", "DE", 0)] {
        let record = serde_json::json!({ "country": { "iso_code": code } });
        let networks: Vec<_> = (0..=255_u32)
            .map(|first| sim::cidr::Prefix::parse(&format!("{first}.0.0.0/8")).unwrap())
            .map(|prefix| (prefix, record.clone()))
            .collect();
        let bytes = sim::mmdb::address_file("GeoLite2-Country", 1_772_600_000, "made for a test", &networks);
        std::fs::write(world.path().join("country.mmdb"), bytes).unwrap();
        world.run(&["facts", "load", "country.mmdb", "--at", at]);
        assert_eq!(world.missing(), missing, "{code}");
        world.is_true(code);
        world.keep();
        assert_ne!(countries(), none, "{code}");
    }
    // What is taken back governs nothing any more.
    world.run(&["facts", "remove", "3"]);
    assert_eq!(world.missing(), 0);
    world.run(&["facts", "remove", "2"]);
    assert_eq!(world.missing(), all);
    world.keep();
    assert_eq!(countries(), none);
}

#[test]
fn times_that_are_asked_for_alone_are_those_of_all() {
    let world = Growing::new(6);
    world.ingest(0);
    world.keep();
    world.ingest(1);
    let ask = |arguments: &[&str]| {
        let overview = ["overview", "--format", "json", "--most", "1000"];
        world.run(&[&overview[..], arguments].concat())
    };
    let times = ["--timespan", "2026-03-02T00:30/PT1H"];
    let computed = ask(&["--no-rollups", times[0], times[1]]);
    assert_eq!(ask(&times), computed);
    // What was kept on the way is what was asked for.
    assert!(world.missing() > 0);
    ask(&[]);
    assert_eq!(world.missing(), 0);
}

#[test]
fn a_list_that_is_damaged_or_of_another_program_counts_for_nothing() {
    let world = Growing::new(7);
    world.ingest(0);
    let all = world.missing();
    world.keep();
    let list = world.path().join("table/_rollups/00000000000000000999.json");
    for text in ["{", r#"{"format":9,"flows_version":0,"parts":[]}"#] {
        std::fs::write(&list, text).unwrap();
        assert_eq!(world.missing(), all, "{text:?}");
        world.is_true(text);
    }
    world.keep();
}

/// Files of one rollup, below a table's folder.
fn files_of(world: &Growing, rollup: &str) -> Vec<PathBuf> {
    let days = std::fs::read_dir(world.path().join("table/_rollups").join(rollup)).unwrap();
    let files = days.flat_map(|day| std::fs::read_dir(day.unwrap().path()).unwrap());
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn what_is_cut_off_or_gone_is_computed_and_made_anew() {
    let world = Growing::new(9);
    world.ingest(0);
    world.keep();
    let check = || world.run_to(&["table", "check"]);
    assert!(!check().out.contains("interrupted"), "{}", check().out);
    let files = files_of(&world, "TalkersHourly");
    let whole = std::fs::read(&files[0]).unwrap();
    std::fs::write(&files[0], &whole[..whole.len() / 2]).unwrap();
    assert!(world.missing() > 0);
    world.are_true("a file is cut off", &ROLLUPS[4..5]);
    let found = check();
    assert_eq!(found.exit, 1, "{}", found.out);
    assert!(found.out.contains("were written; remove it"), "{}", found.out);
    std::fs::remove_file(&files[0]).unwrap();
    assert!(check().out.contains("is not there"));
    world.keep();
    assert_eq!(check().exit, 0);
    world.are_true("made anew", &ROLLUPS[4..5]);

    // Bytes that are others in the same length show only when they are read.
    let file = files_of(&world, "TalkersHourly").pop().unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    for byte in &mut bytes[4..200] {
        *byte ^= 0x55;
    }
    std::fs::write(&file, bytes).unwrap();
    assert_eq!(check().exit, 0);
    let deep = world.run_to(&["table", "check", "--deep"]);
    assert_eq!(deep.exit, 1, "{}", deep.out);
    assert!(deep.out.contains("SHA-256 differs; remove it"), "{}", deep.out);
    let asked = world.run_to(&["query", "TalkersHourly | summarize sum(Attempts) by Ip, Vm"]);
    assert_eq!(asked.exit, 3, "{}", asked.out);
    assert!(asked.err.contains("table check --deep"), "{}", asked.err);
}

#[test]
fn facts_that_do_not_hold_what_they_say_are_found() {
    let world = Growing::new(9);
    world.ingest(0);
    world.load("2026-03-02T00:50", str::to_owned);
    assert_eq!(world.run_to(&["table", "check"]).exit, 0);
    let folder = world.path().join("table/_facts");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let file = files.filter(|path| path.is_file()).min().unwrap();
    std::fs::write(&file, "no facts").unwrap();
    let found = world.run_to(&["table", "check"]);
    assert_eq!(found.exit, 1, "{}", found.out);
    assert!(found.out.contains("cannot be unpacked"), "{}", found.out);
}

#[test]
fn an_overview_says_what_it_cannot_show() {
    let world = Growing::new(10);
    world.ingest(0);
    let ask = |times: &str| world.run_to(&["overview", "--most", "1", "--timespan", times]);
    let part = ask("2026-03-02T00:30/PT1H");
    assert_eq!(part.exit, 0, "{}", part.err);
    let hours = "this is 2026-03-02 00:00:00Z to 2026-03-02 02:00:00Z";
    assert!(part.err.contains(hours), "{}", part.err);
    assert!(part.err.contains("have no names"), "{}", part.err);
    assert!(
        part.out.contains("(the first 1; more with `--most`)"),
        "{}",
        part.out
    );
    let whole = ask("2026-03-02T00:00/PT2H");
    assert_eq!(whole.out, part.out);
    assert!(!whole.err.contains("this is"), "{}", whole.err);
    // What has no tag is a row: a table of tags comes to what all comes to.
    assert!(part.out.contains("(none)"), "{}", part.out);
    let never = ask("2025-03-02T00:00/PT2H");
    assert_eq!(never.exit, 0);
    let has = "no flows in these times; the table has those of 2026-03-0";
    assert!(never.err.contains(has), "{}", never.err);
    let query = world.run(&[
        "overview",
        "--kql",
        "--most",
        "3",
        "--timespan",
        "2026-03-02T00:30/PT1H",
    ]);
    let asked = "--timespan 2026-03-02T00:00:00Z/2026-03-02T02:00:00Z --param most=3\n";
    assert!(
        query.lines().next().unwrap().ends_with(asked.trim_end()),
        "{query}"
    );
}

#[test]
fn where_nothing_can_be_kept_it_is_computed() {
    let world = Growing::new(8);
    world.ingest(0);
    // A file where the folder would be.
    std::fs::write(world.path().join("table/_rollups"), "").unwrap();
    let command = flowglass()
        .current_dir(world.path())
        .args([
            "overview",
            "--table",
            "table",
            "--timespan",
            "2026-03-02T01:00/PT1H",
        ])
        .output();
    let run: Run = command.unwrap().into();
    assert_eq!(run.exit, 0, "{}", run.err);
    assert!(run.out.contains("By service:"), "{}", run.out);
    assert!(run.err.contains("not kept"), "{}", run.err);
}
