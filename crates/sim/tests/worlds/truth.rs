//! The truth against an independent recount, and worlds against themselves.

use crate::read::{Row, read_record, records, recount, rows, spec, stamp_ms, sums, write};
use sim::{Truth, WorldSpec};
use std::collections::BTreeSet;

#[test]
fn a_seed_is_a_world() {
    let (_, blobs, truth) = write(&spec(1));
    let (_, again, truth_again) = write(&spec(1));
    assert_eq!(blobs, again);
    assert_eq!(truth, truth_again);
    let (_, other, truth_other) = write(&spec(2));
    assert_ne!(blobs, other);
    assert_ne!(truth.rows, truth_other.rows);
    let paths: BTreeSet<&str> = blobs.iter().map(|blob| blob.path.as_str()).collect();
    assert_eq!(paths.len(), blobs.len());
}

#[test]
fn the_truth_is_what_was_written() {
    for seed in [1, 2, 3] {
        let (world, blobs, truth) = write(&spec(seed));
        let rows = rows(&blobs);
        assert_eq!(recount(&rows), truth.rows, "seed {seed}");
        assert_eq!(sums(rows.iter()), truth.total);
        let ours: BTreeSet<&str> = truth
            .nics
            .iter()
            .flat_map(|nic| &nic.ips)
            .map(String::as_str)
            .collect();
        let (from, before) = world.logged_by_all_ms();
        let once = rows
            .iter()
            .filter(|row| (from..before).contains(&row.time_ms))
            .filter(|row| row.direction == 'O' || !ours.contains(row.source.as_str()));
        assert_eq!(sums(once), truth.once);
        assert_eq!(truth.min_tuple_ms, rows.iter().map(|row| row.time_ms).min());
        assert_eq!(truth.max_tuple_ms, rows.iter().map(|row| row.time_ms).max());
        assert_eq!(truth.blobs, blobs.len() as u64);
        assert_eq!(
            truth.bytes,
            blobs.iter().map(|blob| blob.bytes().len() as u64).sum::<u64>()
        );
        assert_eq!(
            truth.records,
            blobs
                .iter()
                .map(|blob| records(&blob.bytes()).len() as u64)
                .sum::<u64>()
        );
        for (hour, expected) in &truth.hours {
            let of_hour = rows
                .iter()
                .filter(|row| row.time_ms - row.time_ms.rem_euclid(3_600_000) == *hour);
            assert_eq!(&sums(of_hour), expected);
        }
        assert!(
            (3_000..12_000).contains(&truth.total.tuples),
            "{}",
            truth.total.tuples
        );
    }
}

/// A seed that anybody wrote down must mean the same world in the next version, too. When the traffic is changed on
/// purpose, change the numbers here and say so in the change log.
#[test]
fn a_known_seed_gives_a_known_world() {
    let (_, blobs, truth) = write(&spec(1));
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    for byte in blobs
        .iter()
        .flat_map(|blob| [blob.path.as_bytes().to_vec(), blob.bytes()])
        .flatten()
    {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    }
    assert_eq!(
        (truth.total.tuples, truth.bytes, hash),
        (5_977, 1_947_235, 18_055_087_884_726_607_701)
    );
}

#[test]
fn the_truth_survives_json() {
    let (_, _, truth) = write(&spec(4));
    let text = serde_json::to_string(&truth).unwrap();
    assert_eq!(serde_json::from_str::<Truth>(&text).unwrap(), truth);
}

#[test]
fn a_blob_alone_is_the_same_blob() {
    let (world, blobs, _) = write(&spec(1));
    for key in world.blob_keys().into_iter().filter(|key| key.hour % 11 == 3) {
        let expected = blobs.iter().find(|blob| blob.key == key);
        assert_eq!(
            world.blob(&key, &mut Truth::of(&world)).as_ref(),
            expected,
            "{key:?}"
        );
    }
}

#[test]
fn truths_of_parts_merge_to_the_truth_of_the_whole() {
    let (world, _, truth) = write(&WorldSpec { hours: 3, ..spec(5) });
    let mut merged = Truth::of(&world);
    for hour in 0..3 {
        let mut part = Truth::of(&world);
        for key in world.blob_keys().into_iter().filter(|key| key.hour == hour) {
            world.blob(&key, &mut part);
        }
        merged.merge(&part);
    }
    assert_eq!(merged, truth);
}

#[test]
fn a_big_blob_is_its_truth() {
    for target in [0_u64, 100_000, 5_000_000] {
        let mut bytes = Vec::new();
        let truth = sim::big_blob(1, target, &mut |chunk| bytes.extend_from_slice(chunk));
        let records = records(&bytes);
        let rows: Vec<Row> = records.iter().flat_map(read_record).collect();
        assert_eq!(recount(&rows), truth.rows);
        assert_eq!(sums(rows.iter()), truth.total);
        assert_eq!(
            (truth.bytes, truth.records),
            (bytes.len() as u64, records.len() as u64)
        );
        assert_eq!(truth.min_tuple_ms, rows.iter().map(|row| row.time_ms).min());
        assert_eq!(truth.max_tuple_ms, rows.iter().map(|row| row.time_ms).max());
        let counted: u64 = truth.hours.values().map(|sums| sums.tuples).sum();
        assert_eq!(counted, truth.total.tuples);
        for row in &rows {
            let stamp = stamp_ms(&row.record_time);
            assert!((stamp - 65_000..=stamp - 2_000).contains(&row.time_ms), "{row:?}");
        }
        if target == 5_000_000 {
            assert!(bytes.len().abs_diff(5_000_000) < 100_000, "{}", bytes.len());
            assert_eq!(
                rows.iter()
                    .map(|row| row.state.unwrap())
                    .collect::<BTreeSet<_>>()
                    .len(),
                4
            );
            assert!(records.iter().all(|record| record.to_string().len() < 33_500));
        }
    }
    assert!(sim::big_blob_path(1).contains("/y=2026/m=03/d=02/h=10/m=00/macAddress="));
}
