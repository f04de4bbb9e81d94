//! Ingesting files that grow, change, vanish, repeat and break.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test may stop at the first surprise"
)]

mod account;
mod blobs;
mod collect;
mod copies;
mod queues;
mod replay;
mod rows;
mod shared;
mod stopped;
mod upkeep;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ingest::{IngestOptions, Input, Outcome, Silent, Source, Status, find};
use model::codes::list as code;
use table::Table;
use tokio_util::sync::CancellationToken;

struct Fixture {
    folder: tempfile::TempDir,
    table: Table,
    threads: usize,
    statuses: Arc<Recorder>,
}

#[derive(Default)]
struct Recorder(std::sync::Mutex<Vec<Status>>);

impl ingest::Progress for Recorder {
    fn begin(&self, _: usize, _: u64) {}
    fn bytes(&self, _: u64) {}
    fn source(&self, outcome: &ingest::SourceOutcome) {
        self.0.lock().unwrap().push(outcome.status.clone());
    }
    fn committed(&self, _: i64) {}
}

impl Fixture {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let table = Table::open_or_create(&folder.path().join("table")).await.unwrap();
        Self {
            folder,
            table,
            threads: 2,
            statuses: Arc::default(),
        }
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join("in").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn options(&self) -> IngestOptions {
        IngestOptions {
            rows: Arc::default(),
            threads: self.threads,
            allow_duplicates: false,
            verify: false,
            commit_bytes: 1 << 20,
            records_max: 1000,
            partitions_max: 100,
            clock: Arc::new(|| 1_720_000_000_000_000),
            seed: 1,
        }
    }

    fn sources(&self) -> Vec<Source> {
        let input = Input::parse(self.folder.path().join("in").to_str().unwrap());
        find(&[input], 0).sources
    }

    async fn run_with(&mut self, options: &IngestOptions) -> Outcome {
        self.statuses.0.lock().unwrap().clear();
        let cancel = CancellationToken::new();
        let sources = self.sources();
        let progress: Arc<Recorder> = Arc::clone(&self.statuses);
        let outcome = ingest::ingest(&mut self.table, sources, options, &cancel, progress)
            .await
            .unwrap();
        assert_eq!(
            outcome.received,
            outcome.stored + outcome.skipped + outcome.quarantined
        );
        outcome
    }

    async fn run(&mut self) -> Outcome {
        let options = self.options();
        self.run_with(&options).await
    }

    fn status(&self) -> Vec<Status> {
        self.statuses.0.lock().unwrap().clone()
    }

    async fn rows(&self) -> u64 {
        let table = Table::open(&self.folder.path().join("table")).await.unwrap();
        let report = table.check().await.unwrap();
        assert!(report.problems.is_empty(), "{report:?}");
        table.stats().await.unwrap().rows
    }
}

fn record(minute: u32, tuples: u32) -> String {
    let tuples: Vec<String> = (0..tuples)
        .map(|n| {
            format!(
                "\"17104139{:05},10.0.0.{},10.9.9.9,4000,443,6,O,E,NX,1,100,2,200\"",
                35_827 + minute,
                n % 250
            )
        })
        .collect();
    format!(
        r#"{{"time":"2024-03-14T10:{minute:02}:41.5Z","macAddress":"6045BDBA5272","category":"FlowLogFlowEvent","flowRecords":{{"flows":[{{"aclID":"a","flowGroups":[{{"rule":"UserRule_x","flowTuples":[{}]}}]}}]}}}}"#,
        tuples.join(",")
    )
}

fn blob(records: std::ops::Range<u32>) -> Vec<u8> {
    let records: Vec<String> = records.map(|minute| record(minute, 10)).collect();
    format!("{{\"records\":[{}]}}", records.join(",")).into_bytes()
}

#[tokio::test]
async fn a_second_run_stores_nothing_twice() {
    let mut fixture = Fixture::new().await;
    fixture.file("a.json", &blob(0..3));
    fixture.file("b.json", &blob(3..5));
    assert_eq!(fixture.run().await.stored, 50);
    let again = fixture.run().await;
    assert_eq!((again.stored, again.unchanged, again.bytes), (0, 2, 0));
    let verified = IngestOptions {
        verify: true,
        ..fixture.options()
    };
    assert_eq!(fixture.run_with(&verified).await.unchanged, 2);
    assert_eq!(fixture.rows().await, 50);
}

#[tokio::test]
async fn a_growing_blob_is_continued() {
    let mut fixture = Fixture::new().await;
    for end in 1..8 {
        fixture.file("PT1H.json", &blob(0..end));
        let outcome = fixture.run().await;
        assert_eq!(outcome.stored, 10, "minute {end}");
        let expected = if end == 1 { Status::Read } else { Status::Continued };
        assert_eq!(fixture.status(), [expected]);
    }
    assert_eq!(fixture.rows().await, 70);
}

#[tokio::test]
async fn a_blob_caught_in_the_middle_of_a_record_loses_nothing() {
    let mut fixture = Fixture::new().await;
    let whole = blob(0..6);
    for end in (1..=whole.len()).step_by(97).chain([whole.len()]) {
        fixture.file("PT1H.json", &whole[..end]);
        fixture.run().await;
    }
    assert_eq!(fixture.rows().await, 60);
}

#[tokio::test]
async fn a_rewritten_source_is_read_anew_and_what_is_known_is_not_stored_again() {
    let mut fixture = Fixture::new().await;
    fixture.file("a.json", &blob(0..3));
    fixture.run().await;
    // Other bytes before the cursor, two of the old records, one new.
    let changed = format!(
        "{{ \"records\":[{},{},{}]}}",
        record(1, 10),
        record(2, 10),
        record(9, 10)
    );
    fixture.file("a.json", changed.as_bytes());
    let outcome = fixture.run().await;
    assert_eq!(fixture.status(), [Status::Anew(code::SOURCE_CHANGED)]);
    assert_eq!((outcome.stored, outcome.skipped), (10, 20));
    fixture.file("a.json", &blob(0..1));
    fixture.run().await;
    assert_eq!(fixture.status(), [Status::Anew(code::SOURCE_SHRUNK)]);
    assert_eq!(fixture.rows().await, 40);
}

#[tokio::test]
async fn what_was_handed_on_before_its_record_ended_is_not_stored_again() {
    let broken = record(2, 3).replacen("\"]}]}]}}", "\" ; oops", 1);
    let inner = record(4, 3);
    let outer = record(3, 3).replacen("\"flowRecords\"", "\"x\":0,\"flowRecords\"", 1);
    let outer = format!("{},\"records\":[{inner}]}}", outer.strip_suffix('}').unwrap());
    for (damaged, rows) in [(broken, 3 + 3 + 3), (outer, 3 + 6 + 3)] {
        let mut fixture = Fixture::new().await;
        let whole = format!("{{\"records\":[{},{damaged},{}]}}", record(1, 3), record(9, 3));
        for end in (20..whole.len()).step_by(61).chain([whole.len()]) {
            fixture.file("PT1H.json", &whole.as_bytes()[..end]);
            fixture.run().await;
        }
        assert_eq!(fixture.rows().await, rows, "{whole}");
    }
}

#[tokio::test]
async fn a_compressed_file_that_was_empty_at_first_is_read() {
    let mut fixture = Fixture::new().await;
    fixture.file("a.json.gz", b"");
    assert_eq!(fixture.run().await.stored, 0);
    assert_eq!(fixture.run().await.unchanged, 1);
    let mut encoder = flate2_gz();
    encoder.write_all(&blob(0..3)).unwrap();
    fixture.file("a.json.gz", &encoder.finish().unwrap());
    assert_eq!(fixture.run().await.stored, 30);
}

#[cfg(unix)]
#[tokio::test]
async fn names_that_are_not_utf8_stay_apart() {
    use std::os::unix::ffi::OsStrExt as _;
    let mut fixture = Fixture::new().await;
    fixture.file("a.json", &blob(0..1));
    for (byte, range) in [(0xfe, 1..2), (0xff, 2..3)] {
        let name = [&[b'a', byte][..], b".json"].concat();
        let path = fixture
            .folder
            .path()
            .join("in")
            .join(std::ffi::OsStr::from_bytes(&name));
        std::fs::write(path, blob(range)).unwrap();
    }
    assert_eq!(fixture.run().await.stored, 30);
}

#[tokio::test]
async fn a_copied_blob_is_refused_unless_asked_for() {
    let mut fixture = Fixture::new().await;
    fixture.file("a.json", &blob(0..3));
    fixture.file(
        "copy.json",
        format!(" {}", String::from_utf8(blob(1..4)).unwrap()).as_bytes(),
    );
    let outcome = fixture.run().await;
    assert_eq!((outcome.stored, outcome.skipped), (40, 20));
    fixture.file("later.json", &blob(0..4));
    let outcome = fixture.run().await;
    assert_eq!(
        (
            outcome.stored,
            outcome.skipped,
            outcome.oddities.count(code::RECORD_KNOWN)
        ),
        (0, 40, 4)
    );
    fixture.file("wanted.json", &blob(0..4));
    let options = IngestOptions {
        allow_duplicates: true,
        ..fixture.options()
    };
    assert_eq!(fixture.run_with(&options).await.stored, 40);
    assert_eq!(fixture.rows().await, 80);
}

#[tokio::test]
async fn records_repeated_in_their_source_are_stored_also_across_runs() {
    let mut fixture = Fixture::new().await;
    let twice = |more: &str| format!("{{\"records\":[{},{}{more}]}}", record(1, 10), record(1, 10));
    fixture.file("a.json", twice("").as_bytes());
    let outcome = fixture.run().await;
    assert_eq!(
        (outcome.stored, outcome.oddities.count(code::ODD_REPEATED_RECORD)),
        (20, 1)
    );
    fixture.file("a.json", twice(&format!(",{}", record(1, 10))).as_bytes());
    assert_eq!(fixture.run().await.stored, 10);
    let snapshot = fixture.table.snapshots().await.unwrap().remove(0);
    let known = table::Known::load(&snapshot, Some(0..i64::MAX)).await.unwrap();
    assert_eq!(known.len(), 3);
    let highest: Vec<u32> = snapshot
        .files
        .iter()
        .filter_map(|file| match file.columns.get("RecordOccurrence")?.max {
            Some(table::StatValue::Int(value)) => u32::try_from(value).ok(),
            _ => None,
        })
        .collect();
    assert_eq!(highest.iter().max(), Some(&2));
}

#[tokio::test]
async fn compressed_sources_are_read_and_remembered() {
    let mut fixture = Fixture::new().await;
    let mut encoder = flate2_gz();
    encoder.write_all(&blob(0..3)).unwrap();
    fixture.file("a.json.gz", &encoder.finish().unwrap());
    assert_eq!(fixture.run().await.stored, 30);
    assert_eq!(fixture.run().await.unchanged, 1);
    let verified = IngestOptions {
        verify: true,
        ..fixture.options()
    };
    assert_eq!(fixture.run_with(&verified).await.unchanged, 1);
    assert_eq!(fixture.rows().await, 30);
}

fn flate2_gz() -> flate2::write::GzEncoder<Vec<u8>> {
    flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default())
}

#[tokio::test]
async fn what_is_no_flow_log_fails_alone() {
    let mut fixture = Fixture::new().await;
    fixture.file("a.json", &blob(0..3));
    fixture.file("b.log", b"hello");
    fixture.file("empty.json", b"");
    let bad = format!("{{\"records\":[{}]}}", record(7, 2).replace("443,6", "443,six"));
    fixture.file("c.json", bad.as_bytes());
    let outcome = fixture.run().await;
    assert_eq!((outcome.stored, outcome.failed, outcome.quarantined), (30, 1, 2));
    assert_eq!(outcome.oddities.count(code::NO_RECORDS), 1);
    assert!(matches!(&fixture.status()[1], Status::Failed { code, .. } if *code == code::NOT_A_FLOW_LOG));
    assert_eq!(fixture.rows().await, 30);
    let snapshots = fixture.table.snapshots().await.unwrap();
    assert_eq!(snapshots[2].rows(), 2);
}

#[tokio::test]
async fn a_flood_of_records_is_committed_in_several_groups_and_copies_are_known_all_the_same() {
    let mut fixture = Fixture::new().await;
    for name in ["a", "b", "c", "d"] {
        fixture.file(&format!("{name}.json"), &blob(0..40));
    }
    fixture.file("e.json", &blob(20..60));
    let options = IngestOptions {
        records_max: 30,
        ..fixture.options()
    };
    let outcome = fixture.run_with(&options).await;
    assert_eq!((outcome.stored, outcome.skipped), (600, 1400));
    assert!(outcome.version >= 2, "{}", outcome.version);
    assert_eq!(fixture.rows().await, 600);
}

#[tokio::test]
async fn hours_that_were_forgotten_are_known_from_the_table() {
    let mut fixture = Fixture::new().await;
    let hour = |hour: u32| {
        let text = String::from_utf8(blob(0..40)).unwrap();
        text.replace("T10:", &format!("T{hour:02}:")).into_bytes()
    };
    for at in 8..14 {
        fixture.file(&format!("a-{at:02}.json"), &hour(at));
        // Read when this hour, and others, have had to give way to later ones.
        fixture.file(&format!("b-{at:02}.json"), &hour(at));
    }
    let options = IngestOptions {
        records_max: 30,
        ..fixture.options()
    };
    let outcome = fixture.run_with(&options).await;
    assert_eq!((outcome.stored, outcome.skipped), (6 * 400, 6 * 400));
    assert_eq!(fixture.rows().await, 6 * 400);
}

#[tokio::test]
async fn a_job_that_has_put_much_aside_leaves_its_other_sources_to_the_next() {
    let mut fixture = Fixture::new().await;
    let bad = vec![format!("\"{}\"", "x".repeat(1000)); 9_000].join(",");
    for name in 0..4 {
        // Small enough to be read together, but not what is in it.
        let text = record(name, 1).replace("\"flowTuples\":[", &format!("\"flowTuples\":[{bad},"));
        let mut gzip = flate2_gz();
        std::io::Write::write_all(&mut gzip, text.as_bytes()).unwrap();
        fixture.file(&format!("{name}.json.gz"), &gzip.finish().unwrap());
    }
    fixture.file("z.json", &blob(10..13));
    let outcome = fixture.run().await;
    assert_eq!((outcome.stored, outcome.quarantined), (34, 36_000));
    let again = fixture.run().await;
    assert_eq!((again.stored, again.unchanged), (0, 5));
}

#[tokio::test]
async fn a_flood_of_bad_tuples_is_committed_in_several_groups() {
    let mut fixture = Fixture::new().await;
    let bad = vec![format!("\"{}\"", "x".repeat(1000)); 10_000].join(",");
    for name in 0..16 {
        let text = record(name, 1).replace("\"flowTuples\":[", &format!("\"flowTuples\":[{bad},"));
        fixture.file(&format!("{name}.json"), text.as_bytes());
    }
    let options = IngestOptions {
        commit_bytes: 1 << 30,
        ..fixture.options()
    };
    let outcome = fixture.run_with(&options).await;
    assert_eq!(
        (outcome.stored, outcome.quarantined, outcome.sources),
        (16, 160_000, 16)
    );
    assert!(outcome.version >= 2, "{}", outcome.version);
    assert_eq!(fixture.rows().await, 16);
}

#[tokio::test]
async fn sources_that_spread_over_too_many_days_for_one_commit_get_one_each() {
    let mut fixture = Fixture::new().await;
    let days = |from: i64| {
        let days: Vec<String> = (from..from + 60)
            .map(|day| {
                let seconds = 1_430_000_000 + day * 86_400;
                format!(
                    r#"{{"flowRecords":{{"flows":[{{"flowGroups":[{{"flowTuples":["{seconds},10.0.0.1,10.0.0.2,1,2,6,I,B,NX,,,,"]}}]}}]}}}}"#
                )
            })
            .collect();
        days.join("\n")
    };
    fixture.file("a.json", days(0).as_bytes());
    fixture.file("b.json", days(60).as_bytes());
    let outcome = fixture.run().await;
    assert_eq!((outcome.stored, outcome.failed, outcome.version), (120, 0, 2));
    assert_eq!(fixture.rows().await, 120);
}

#[tokio::test]
async fn what_a_hole_hid_is_stored_once_when_the_file_is_whole() {
    let whole = blob(0..5);
    let one = (whole.len() - 14) / 5;
    for (start, length, before) in [
        (13 + one + 40, 100, 40),
        (13 + one + 40, one, 30),
        (13 + one + 40, whole.len(), 10),
        (5, 60, 40),
    ] {
        let mut fixture = Fixture::new().await;
        let mut holed = whole.clone();
        let end = (start + length).min(whole.len());
        holed[start..end].fill(0);
        fixture.file("a.json", &holed);
        assert_eq!(fixture.run().await.stored, before, "{start} {length}");
        fixture.file("a.json", &whole);
        let outcome = fixture.run().await;
        assert_eq!(outcome.stored, 50 - before, "{start} {length}");
        assert_eq!(outcome.oddities.count(code::RECORD_KNOWN), 0);
        assert_eq!(fixture.rows().await, 50, "{start} {length}");
    }
}

#[tokio::test]
async fn a_compressed_file_that_grew_says_so() {
    let mut fixture = Fixture::new().await;
    fixture.file("a.json.zst", &zstd::encode_all(&blob(0..2)[..], 1).unwrap());
    fixture.run().await;
    fixture.file("a.json.zst", &zstd::encode_all(&blob(0..5)[..], 1).unwrap());
    let outcome = fixture.run().await;
    assert_eq!((outcome.stored, outcome.skipped), (30, 20));
    assert_eq!(fixture.status(), [Status::Anew(code::SOURCE_COMPRESSED)]);
    assert_eq!(outcome.oddities.count(code::RECORD_KNOWN), 0);
}

/// A compressed file as long as what it holds looks like a plain one to whoever compares lengths.
#[tokio::test]
async fn a_compressed_file_as_long_as_its_content_is_still_compressed() {
    let member = |text: &str, extra: usize| {
        let mut bytes = Vec::new();
        let mut gzip = flate2::GzBuilder::new()
            .extra(vec![b'x'; extra])
            .write(&mut bytes, flate2::Compression::best());
        gzip.write_all(text.as_bytes()).unwrap();
        gzip.finish().unwrap();
        bytes
    };
    let mut fixture = Fixture::new().await;
    let text = record(1, 40);
    let short = member(&text, 1).len();
    let first = member(&text, 1 + text.len() - short);
    assert_eq!(first.len(), text.len());
    fixture.file("a.json.gz", &first);
    assert_eq!(fixture.run().await.stored, 40);
    let both = [first, member(&record(2, 7), 1)].concat();
    fixture.file("a.json.gz", &both);
    assert_eq!(fixture.run().await.stored, 7);
}

#[tokio::test]
async fn the_records_before_a_bomb_are_stored() {
    let mut fixture = Fixture::new().await;
    let mut bytes = blob(0..3);
    bytes.resize(150 << 20, b' ');
    fixture.file("a.json.zst", &zstd::encode_all(&bytes[..], 1).unwrap());
    let outcome = fixture.run().await;
    assert_eq!((outcome.stored, outcome.broken, outcome.failed), (30, 1, 0));
    assert_eq!(fixture.rows().await, 30);
    let again = fixture.run().await;
    assert_eq!((again.unchanged, again.stored), (1, 0));
}

#[tokio::test]
async fn a_world_is_stored_as_its_truth_says_at_any_thread_count() {
    let world = sim::World::generate(&sim::WorldSpec {
        seed: 5,
        start_day: 20_000,
        hours: 6,
        scale: sim::Scale::Tiny,
    });
    let mut sums = Vec::new();
    for threads in [1, 4] {
        let mut fixture = Fixture::new().await;
        fixture.threads = threads;
        let mut files: Vec<(String, Vec<u8>)> = Vec::new();
        let truth = world.write(&mut |blob| files.push((blob.path.clone(), blob.bytes())));
        for (path, bytes) in &files {
            fixture.file(path, bytes);
        }
        let outcome = fixture.run().await;
        assert_eq!(outcome.stored, truth.total.tuples);
        assert_eq!(outcome.records, truth.records);
        assert_eq!(
            (outcome.skipped, outcome.quarantined, outcome.bytes_given_up),
            (0, 0, 0)
        );
        assert_eq!(fixture.rows().await, truth.total.tuples);
        sums.push(outcome.stored);
    }
    assert_eq!(sums[0], sums[1]);
}

#[tokio::test]
async fn two_processes_share_the_work_and_store_nothing_twice() {
    let fixture = Fixture::new().await;
    for name in 0..40 {
        fixture.file(&format!("{name}.json"), &blob(name..name + 1));
    }
    let options = IngestOptions {
        commit_bytes: 3000,
        ..fixture.options()
    };
    let run = |seed: u64| {
        let (options, sources, path) = (
            IngestOptions {
                seed,
                ..options.clone()
            },
            fixture.sources(),
            table_path(&fixture),
        );
        async move {
            let mut table = Table::open(&path).await.unwrap();
            let cancel = CancellationToken::new();
            ingest::ingest(&mut table, sources, &options, &cancel, Arc::new(Silent))
                .await
                .unwrap()
                .stored
        }
    };
    let (one, two) = tokio::join!(run(1), run(2));
    assert_eq!(one + two, 400, "{one} + {two}");
    assert_eq!(fixture.rows().await, 400);
}

fn table_path(fixture: &Fixture) -> PathBuf {
    Path::new(fixture.folder.path()).join("table")
}
