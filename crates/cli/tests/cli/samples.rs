//! Public samples, if they lie beside the project: read without a word of complaint, every tuple in words.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::golden::{Run, flowglass};

pub(crate) fn samples(test: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: {test}: the folder of public samples is not beside the project");
    None
}

/// File, tuples, denied: counted by an independent script.
const COUNTS: [(&str, u64, u64); 12] = [
    ("nsg/docs-v1-empty-rules.json", 4, 0),
    ("nsg/docs-v1-nested-records.json", 21, 6),
    ("nsg/elastic-nsg-bare-record.json", 1, 0),
    ("nsg/elastic-nsg-docs-blob.json", 11, 7),
    ("nsg/erjosito-nsg-v2-real.json", 173, 1),
    ("nsg/sebastus-v1-bom.json", 1758, 0),
    ("vnet/docs-admin-rules.json", 6, 4),
    ("vnet/docs-tutorial-odd-keys.json", 1, 0),
    ("vnet/elastic-vnet-bare-record.json", 2, 0),
    ("vnet/elastic-vnet-docs-blob.json", 19, 9),
    ("vnet/erjosito-vnet-real.json", 29, 0),
    ("vnet/sumologic-subnet-real.json", 68, 42),
];

fn read(folder: &Path, arguments: &[&str]) -> Run {
    flowglass()
        .current_dir(folder)
        .arg("read")
        .args(arguments)
        .output()
        .unwrap()
        .into()
}

#[test]
fn every_tuple_of_every_sample_has_a_sentence() {
    let Some(folder) = samples("every_tuple_of_every_sample_has_a_sentence") else {
        return;
    };
    for (name, tuples, denied) in COUNTS {
        let run = read(&folder, &[name, "--limit", "all"]);
        assert_eq!((run.exit, run.err.as_str()), (0, ""), "{name}");
        let sentences: Vec<&str> = run.out.lines().filter(|line| line.contains(") -> ")).collect();
        assert_eq!(sentences.len() as u64, tuples, "{name}");
        let says_denied = sentences.iter().filter(|line| line.contains("  denied")).count();
        assert_eq!(says_denied as u64, denied, "{name}");
        assert!(
            sentences
                .iter()
                .all(|line| line.contains("Z  inbound") || line.contains("Z  outbound")),
            "{name}"
        );
    }
}

#[test]
fn the_summary_of_all_samples_adds_up() {
    let Some(folder) = samples("the_summary_of_all_samples_adds_up") else {
        return;
    };
    let run = read(&folder, &["nsg", "vnet", "--summary", "--format", "json"]);
    let summary: Value = serde_json::from_str(&run.out).unwrap();
    let expected: u64 = COUNTS.iter().map(|(_, tuples, _)| tuples).sum();
    assert_eq!(summary["tuples_stored"], expected);
    assert_eq!(summary["matching"], expected);
    assert_eq!(
        summary["denied"],
        COUNTS.iter().map(|(.., denied)| denied).sum::<u64>()
    );
    assert!(run.err.contains("passed over (1 .txt)"), "{}", run.err);
}

#[test]
fn what_was_put_around_by_others_is_quarantined_not_guessed() {
    let Some(folder) = samples("what_was_put_around_by_others_is_quarantined_not_guessed") else {
        return;
    };
    let run = read(&folder, &["enveloped", "--summary", "--format", "json"]);
    let summary: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(run.exit, 1);
    assert_eq!(summary["quarantined"][0]["code"], "FG1103");
}
