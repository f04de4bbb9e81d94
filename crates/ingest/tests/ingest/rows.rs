//! Sources of rows: continued under their header, refused row by row where they overlap, refused by name.

use std::sync::Arc;

use formats::{RowOptions, Zone};
use ingest::{IngestOptions, Status};
use model::codes::list as code;

use crate::Fixture;

const HEADER: &str =
    "time,sourceIP,destinationIP,sourcePort,destinationPort,protocol,flowState,flowDirection,note\n";

/// Rows of a minute each; several of one minute are alike.
fn lines(minutes: impl IntoIterator<Item = u32>) -> String {
    minutes
        .into_iter()
        .map(|minute| {
            format!("2024-03-14T10:{minute:02}:00Z,10.0.0.4,20.1.2.3,1,443,TCP,Allow,Outbound,\"a, b\"\n")
        })
        .collect()
}

fn objects(minutes: impl IntoIterator<Item = u32>) -> String {
    minutes
        .into_iter()
        .map(|minute| format!("{{\"note\":\"a, b\",\"flowDirection\":\"Outbound\",\"flowState\":\"Allow\",\"protocol\":\"TCP\",\"destinationPort\":443,\"sourcePort\":1,\"destinationIP\":\"20.1.2.3\",\"sourceIP\":\"10.0.0.4\",\"time\":\"2024-03-14T10:{minute:02}:00Z\"}}\n"))
        .collect()
}

#[tokio::test]
async fn a_source_under_a_header_is_continued() {
    for (name, first, grown) in [
        (
            "a.csv",
            format!("{HEADER}{}", lines(0..3)),
            format!("{HEADER}{}", lines(0..8)),
        ),
        ("a.csv", HEADER.to_owned(), format!("{HEADER}{}", lines(0..8))),
        ("a.ndjson", objects(0..3), objects(0..8)),
        (
            "a.json",
            format!("[{}", objects(0..3).replace("}\n", "},")),
            format!("[{}]", objects(0..8).replace("}\n", "},")),
        ),
    ] {
        let mut fixture = Fixture::new().await;
        fixture.file(name, first.as_bytes());
        let before = fixture.run().await.stored;
        fixture.file(name, grown.as_bytes());
        let outcome = fixture.run().await;
        assert_eq!(fixture.status(), [Status::Continued], "{name}");
        assert_eq!(
            (before + outcome.stored, outcome.skipped, outcome.quarantined),
            (8, 0, 0),
            "{name}"
        );
        // Only what is new was read again.
        assert!(outcome.bytes <= (grown.len() - first.len()) as u64 + 1, "{name}");
        assert_eq!(fixture.rows().await, 8);
    }
}

#[tokio::test]
async fn overlapping_exports_bring_each_row_once_whatever_their_form() {
    for order in [["1.csv", "2.ndjson"], ["2.ndjson", "1.csv"]] {
        for together in [true, false] {
            let mut fixture = Fixture::new().await;
            for name in order {
                // Minute 5 stands twice in both: a real repeat, and no copy.
                let text = if name == "1.csv" {
                    format!("{HEADER}{}", lines([0, 1, 2, 5, 5]))
                } else {
                    objects([2, 5, 3, 5, 4])
                };
                fixture.file(name, text.as_bytes());
                if !together {
                    fixture.run().await;
                }
            }
            let outcome = fixture.run().await;
            assert_eq!(fixture.rows().await, 7, "{order:?}, together: {together}");
            if together {
                assert_eq!((outcome.stored, outcome.skipped), (7, 3));
                assert_eq!(outcome.oddities.count(code::RECORD_KNOWN), 3);
            }
        }
    }
}

#[tokio::test]
async fn a_last_row_without_a_line_end_is_stored_once() {
    let mut fixture = Fixture::new().await;
    let text = format!("{HEADER}{}", lines(0..3));
    fixture.file("a.csv", text.trim_end().as_bytes());
    assert_eq!(fixture.run().await.stored, 3);
    fixture.file("a.csv", format!("{text}{}", lines(3..4)).as_bytes());
    let outcome = fixture.run().await;
    assert_eq!((outcome.stored, outcome.skipped), (1, 1));
    assert_eq!(fixture.rows().await, 4);
}

/// The options with the clock of the machine, or so many seconds behind or ahead of it.
fn at(fixture: &Fixture, seconds: i64) -> IngestOptions {
    IngestOptions {
        clock: Arc::new(move || {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            now.unwrap().as_micros() as i64 + seconds * 1_000_000
        }),
        ..fixture.options()
    }
}

/// So many rows that end in a port, or in a direction.
fn ends_in(last: &str, count: usize) -> String {
    let (port, direction) = ("destinationPort", "flowDirection");
    let names = if last == port {
        [direction, port]
    } else {
        [port, direction]
    };
    let mut text = format!(
        "time,sourceIP,destinationIP,protocol,flowState,{}\n",
        names.join(",")
    );
    for n in 0..count {
        let (minute, second) = (n / 60, n % 60);
        let values = if last == port {
            "Inbound,4433"
        } else {
            "4433,Inbound"
        };
        text.push_str(&format!(
            "2024-03-14T10:{minute:02}:{second:02}Z,10.0.0.4,20.1.2.3,TCP,Allow,{values}\n"
        ));
    }
    text
}

#[tokio::test]
async fn a_growing_source_under_a_header_is_cut_at_every_byte_and_brings_each_row_once() {
    for (count, bytes) in [(3, usize::MAX), (300, 130)] {
        for last in ["destinationPort", "flowDirection"] {
            let whole = ends_in(last, count);
            let cuts = whole.len().saturating_sub(bytes)..=whole.len();
            let mut fixture = Fixture::new().await;
            // Each cut is a source of its own, and allowed to bring what the others bring.
            let now = IngestOptions {
                allow_duplicates: true,
                ..at(&fixture, 0)
            };
            let mut sources = 0;
            for cut in cuts.clone() {
                fixture.file(&format!("{cut}.csv"), &whole.as_bytes()[..cut]);
                sources += 1;
            }
            let first = fixture.run_with(&now).await;
            for cut in cuts {
                fixture.file(&format!("{cut}.csv"), whole.as_bytes());
            }
            let second = fixture.run_with(&now).await;
            assert_eq!((first.quarantined, second.quarantined), (0, 0), "{last}");
            assert_eq!((first.skipped, second.skipped), (0, 0), "{last}");
            assert_eq!(second.oddities.count(code::ODD_LAST_LINE), 0);
            assert_eq!(
                fixture.rows().await,
                sources * count as u64,
                "{count} rows, {last}"
            );
        }
    }
}

#[tokio::test]
async fn a_last_row_waits_until_its_file_has_been_left_alone() {
    let mut fixture = Fixture::new().await;
    let whole = ends_in("destinationPort", 3);
    fixture.file("a.csv", whole.trim_end().as_bytes());
    for _ in 0..2 {
        // A second look tells no more, as long as somebody may still be writing.
        fixture.run_with(&at(&fixture, 0)).await;
        assert_eq!(fixture.rows().await, 2);
    }
    let outcome = fixture.run_with(&at(&fixture, 70)).await;
    assert_eq!(
        (outcome.stored, outcome.oddities.count(code::ODD_LAST_LINE)),
        (1, 1)
    );
    let outcome = fixture.run_with(&at(&fixture, 140)).await;
    assert_eq!((outcome.stored, outcome.unchanged), (0, 1));
    fixture.file("a.csv", ends_in("destinationPort", 4).as_bytes());
    let outcome = fixture.run_with(&at(&fixture, 0)).await;
    assert_eq!((outcome.stored, outcome.skipped), (1, 1));
    assert_eq!(outcome.oddities.count(code::ODD_LAST_ROW), 0);
    assert_eq!(fixture.rows().await, 4);
}

#[tokio::test]
async fn a_row_that_grows_after_it_was_taken_for_whole_is_stored_again_and_said() {
    let mut fixture = Fixture::new().await;
    let whole = ends_in("destinationPort", 3);
    fixture.file("a.csv", whole.trim_end().strip_suffix("33").unwrap().as_bytes());
    assert_eq!(fixture.run_with(&at(&fixture, 70)).await.stored, 3);
    // Written to again, but no longer: what was stored is still known.
    fixture.file("a.csv", whole.trim_end().strip_suffix("33").unwrap().as_bytes());
    assert_eq!(fixture.run_with(&at(&fixture, 0)).await.stored, 0);
    fixture.file("a.csv", whole.as_bytes());
    let outcome = fixture.run_with(&at(&fixture, 0)).await;
    assert_eq!(
        (outcome.stored, outcome.oddities.count(code::ODD_LAST_ROW)),
        (1, 1)
    );
    assert_eq!(
        fixture
            .run_with(&at(&fixture, 0))
            .await
            .oddities
            .count(code::ODD_LAST_ROW),
        0
    );
    assert_eq!(fixture.rows().await, 4);
}

#[tokio::test]
async fn half_a_last_row_is_never_put_aside_and_a_single_row_waits_too() {
    let mut fixture = Fixture::new().await;
    let whole = ends_in("flowDirection", 1);
    fixture.file("a.csv", whole.trim_end().strip_suffix("ound").unwrap().as_bytes());
    let outcome = fixture.run_with(&at(&fixture, 3600)).await;
    assert_eq!((outcome.stored, outcome.quarantined), (0, 0));
    fixture.file("a.csv", whole.trim_end().as_bytes());
    let outcome = fixture.run_with(&at(&fixture, 0)).await;
    assert_eq!((outcome.stored, outcome.oddities.count(code::NO_RECORDS)), (0, 0));
    assert_eq!(fixture.run_with(&at(&fixture, 70)).await.stored, 1);
}

#[tokio::test]
async fn a_compressed_source_ends_for_good() {
    let mut fixture = Fixture::new().await;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut gzip, ends_in("destinationPort", 3).trim_end().as_bytes()).unwrap();
    fixture.file("a.csv.gz", &gzip.finish().unwrap());
    let outcome = fixture.run_with(&at(&fixture, 0)).await;
    assert_eq!(
        (outcome.stored, outcome.oddities.count(code::ODD_LAST_LINE)),
        (3, 1)
    );
}

#[tokio::test]
async fn rows_of_a_day_in_any_order_are_known_again() {
    // More hours than rows are remembered at a time, one row of each in turn.
    let rows: String = (0..600)
        .map(|n| {
            let (hour, minute) = (n % 24, n / 24);
            format!("2024-03-14T{hour:02}:{minute:02}:00Z,10.0.0.4,20.1.2.3,1,443,TCP,Allow,Outbound,x\n")
        })
        .collect();
    let mut fixture = Fixture::new().await;
    let few = IngestOptions {
        records_max: 50,
        ..fixture.options()
    };
    fixture.file("a.csv", format!("{HEADER}{rows}").as_bytes());
    assert_eq!(fixture.run_with(&few).await.stored, 600);
    fixture.file("b.csv", format!("{HEADER}{rows}{}", lines(59..60)).as_bytes());
    let outcome = fixture.run_with(&few).await;
    assert_eq!((outcome.stored, outcome.skipped), (1, 600));
}

#[tokio::test]
async fn a_source_whose_rows_are_all_wrong_leaves_nothing_behind() {
    let mut fixture = Fixture::new().await;
    let zoneless = format!("{HEADER}{}", lines(0..3)).replace(":00Z", ":00");
    fixture.file("a.csv", zoneless.as_bytes());
    let outcome = fixture.run().await;
    assert_eq!((outcome.failed, outcome.received), (1, 0));
    assert!(matches!(&fixture.status()[0], Status::Failed { code, .. } if *code == code::ROW_ZONE));
    // With a zone it is read, from the beginning.
    let zoned = IngestOptions {
        rows: Arc::new(RowOptions {
            zone: Zone::parse("Europe/Berlin"),
            ..RowOptions::default()
        }),
        ..fixture.options()
    };
    assert_eq!(fixture.run_with(&zoned).await.stored, 3);
    assert_eq!(fixture.run_with(&zoned).await.unchanged, 1);
}

#[tokio::test]
async fn what_could_not_be_read_is_read_when_the_options_are_right() {
    let mut fixture = Fixture::new().await;
    let zoneless = objects(1..2).replace(":00Z", ":00");
    fixture.file("a.ndjson", format!("{}{zoneless}", objects(0..1)).as_bytes());
    let outcome = fixture.run().await;
    assert_eq!((outcome.stored, outcome.quarantined), (1, 1));
    assert_eq!(fixture.run().await.unchanged, 1);
    let options = IngestOptions {
        rows: Arc::new(RowOptions {
            zone: Zone::parse("UTC"),
            ..RowOptions::default()
        }),
        ..fixture.options()
    };
    let outcome = fixture.run_with(&options).await;
    assert_eq!(fixture.status(), [Status::Anew(code::SOURCE_OTHERWISE)]);
    assert_eq!((outcome.stored, outcome.skipped, outcome.quarantined), (1, 1, 0));
    // Now that all of it is read, the options are of no account any more.
    assert_eq!(fixture.run_with(&options).await.unchanged, 1);
    assert_eq!(fixture.run().await.unchanged, 1);
    assert_eq!(fixture.rows().await, 2);
}

#[tokio::test]
async fn a_blob_that_was_read_as_rows_is_read_as_a_blob() {
    let mut fixture = Fixture::new().await;
    fixture.file("a.json", &crate::blob(0..3));
    let options = IngestOptions {
        rows: Arc::new(RowOptions {
            form: formats::FormatIn::Flat,
            ..RowOptions::default()
        }),
        ..fixture.options()
    };
    let outcome = fixture.run_with(&options).await;
    assert_eq!(outcome.stored, 0);
    let outcome = fixture.run().await;
    assert!(outcome.stored > 0 && outcome.quarantined == 0, "{outcome:?}");
    assert_eq!(fixture.run_with(&options).await.unchanged, 1);
}
