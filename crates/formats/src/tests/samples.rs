//! Real and documented samples, against counts that were written down by an independent script.

use std::path::PathBuf;

use super::*;

const EXPECTED: &str = include_str!("../../tests/data/expected-counts.tsv");

fn samples() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: samples: the folder of public samples is not beside the project");
    None
}

fn sum(kept: &Kept, name: &str) -> u64 {
    kept.rows()
        .iter()
        .filter_map(|row| row[name].as_ref()?.parse::<u64>().ok())
        .sum()
}

#[test]
fn every_sample_has_the_counts_written_down_beforehand() {
    let Some(folder) = samples() else { return };
    let mut files = 0;
    for line in EXPECTED.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let number = |index: usize| fields[index].parse::<u64>().unwrap();
        let bytes = std::fs::read(folder.join(fields[0])).unwrap();
        fuzz::any_input(&bytes);
        fuzz::same_as_twin(&bytes);
        let (kept, report) = fuzz::read(&bytes, 0, 1 << 16);
        let name = fields[0];
        assert_eq!(report.counts.records, number(1), "{name}: records");
        assert_eq!(report.counts.tuples_received, number(2), "{name}: tuples");
        assert_eq!(
            report.counts.tuples_stored,
            number(2),
            "{name}: nothing is quarantined"
        );
        let denied = column(&kept, "FlowStatus")
            .iter()
            .filter(|status| *status == "Denied")
            .count();
        assert_eq!(denied as u64, number(3), "{name}: denied");
        let unreported = column(&kept, "BytesSrcToDest")
            .iter()
            .filter(|bytes| *bytes == "null")
            .count();
        assert_eq!(unreported as u64, number(4), "{name}: unreported");
        for (index, counter) in [
            "PacketsSrcToDest",
            "BytesSrcToDest",
            "PacketsDestToSrc",
            "BytesDestToSrc",
        ]
        .iter()
        .enumerate()
        {
            assert_eq!(sum(&kept, counter), number(5 + index), "{name}: {counter}");
        }
        let times: Vec<u64> = column(&kept, "TimeGenerated")
            .iter()
            .map(|time| time.parse().unwrap())
            .collect();
        assert_eq!(times.iter().min().unwrap() / 1000, number(9), "{name}: first");
        assert_eq!(times.iter().max().unwrap() / 1000, number(10), "{name}: last");
        let mut hashes: Vec<_> = kept
            .batches
            .iter()
            .flat_map(|b| &b.records)
            .map(|r| r.hash)
            .collect();
        hashes.sort();
        hashes.dedup();
        assert_eq!(hashes.len() as u64, number(11), "{name}: distinct records");
        assert_eq!(report.counts.bytes_given_up, 0, "{name}");
        files += 1;
    }
    assert_eq!(files, 12);
}

#[test]
fn every_sample_cut_anywhere_keeps_its_complete_records() {
    let Some(folder) = samples() else { return };
    for name in [
        "vnet/sumologic-subnet-real.json",
        "nsg/docs-v1-nested-records.json",
        "vnet/erjosito-vnet-real.json",
    ] {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let whole = fuzz::read(&bytes, 0, 1 << 16).0.rows();
        for cut in (0..bytes.len()).step_by(37) {
            let (kept, report) = fuzz::read(&bytes[..cut], 0, 1 << 16);
            let rows = kept.rows();
            assert_eq!(rows, whole[..rows.len()], "{name} cut at {cut}");
            assert!(
                report.counts.add_up() && report.quarantined.is_empty(),
                "{name} cut at {cut}"
            );
        }
    }
}

#[test]
fn the_worked_example_of_the_documentation_adds_up() {
    let Some(folder) = samples() else { return };
    let text = std::fs::read_to_string(folder.join("vnet/docs-bandwidth-tuples.txt")).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    for group in lines[..6].chunks(3) {
        let tuples: Vec<String> = group.iter().map(|line| format!("\"{line}\"")).collect();
        let record = format!(
            r#"{{"flowRecords":{{"flows":[{{"flowGroups":[{{"flowTuples":[{}]}}]}}]}}}}"#,
            tuples.join(",")
        );
        let (kept, _) = read(&record);
        assert_eq!(
            sum(&kept, "PacketsSrcToDest") + sum(&kept, "PacketsDestToSrc"),
            9_125
        );
        assert_eq!(
            sum(&kept, "BytesSrcToDest") + sum(&kept, "BytesDestToSrc"),
            5_256_000
        );
    }
}
