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
