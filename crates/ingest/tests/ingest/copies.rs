//! The same records from several sources: stored once each, whatever comes first.

use crate::{Fixture, record};

pub(crate) fn blob_of(records: &[String]) -> Vec<u8> {
    format!("{{\"records\":[{}]}}", records.join(",")).into_bytes()
}

/// Rows of `Quarantine`.
pub(crate) async fn put_aside(fixture: &Fixture) -> u64 {
    let snapshots = fixture.table.snapshots().await.unwrap();
    snapshots[2].rows()
}

#[tokio::test]
async fn a_source_that_repeats_records_brings_the_repeats_in_any_order() {
    let (one, two) = (record(1, 10), record(2, 10));
    let part = blob_of(&[one.clone(), two.clone()]);
    let whole = blob_of(&[one.clone(), two.clone(), one, two]);
    for order in [["a-part", "b-whole"], ["a-whole", "b-part"]] {
        for together in [true, false] {
            let mut fixture = Fixture::new().await;
            for name in order {
                fixture.file(
                    &format!("{name}.json"),
                    if name.ends_with("part") { &part } else { &whole },
                );
                if !together {
                    fixture.run().await;
                }
            }
            fixture.run().await;
            assert_eq!(fixture.rows().await, 40, "{order:?}, together: {together}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_read_of_a_known_record_is_put_aside_once() {
    let bad = record(1, 3).replacen("10.9.9.9", "10.9.9.999", 1);
    let mut fixture = Fixture::new().await;
    fixture.file("a.json", &blob_of(std::slice::from_ref(&bad)));
    let first = fixture.run().await;
    assert_eq!((first.stored, first.skipped, first.quarantined), (2, 0, 1));
    // A copy, and a copy with more in it.
    fixture.file("b.json", &blob_of(std::slice::from_ref(&bad)));
    let other = record(2, 3).replacen("10.9.9.9", "x", 2);
    fixture.file("c.json", &blob_of(&[bad, other]));
    let second = fixture.run().await;
    assert_eq!((second.stored, second.skipped, second.quarantined), (1, 6, 2));
    assert_eq!(second.quarantine.iter().map(|(_, count)| count).sum::<u64>(), 2);
    assert_eq!((fixture.rows().await, put_aside(&fixture).await), (3, 3));
}

#[tokio::test]
async fn more_than_quarantine_takes_of_a_source_is_counted_and_said() {
    let mut fixture = Fixture::new().await;
    let bad = record(1, 10_050).replace("10.9.9.9", "x");
    fixture.file("a.json", &blob_of(&[record(2, 1), bad]));
    let outcome = fixture.run().await;
    assert_eq!(
        (outcome.stored, outcome.quarantined, outcome.quarantine_overflow),
        (1, 10_050, 50)
    );
    assert_eq!(put_aside(&fixture).await, 10_000);
}
