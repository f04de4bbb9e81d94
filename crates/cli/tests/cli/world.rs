//! A seeded world, written as Azure would, read back and compared with the truth about it.

use std::collections::BTreeMap;

use serde_json::Value;
use sim::{Scale, Sums, Truth, World, WorldSpec};

use crate::golden::{Run, flowglass};

fn written(seed: u64, folder: &std::path::Path) -> Truth {
    let spec = WorldSpec {
        seed,
        start_day: 20_514,
        hours: 3,
        scale: Scale::Tiny,
    };
    World::generate(&spec).write(&mut |blob| {
        let path = folder.join(&blob.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, blob.bytes()).unwrap();
    })
}

fn read(folder: &std::path::Path, arguments: &[&str]) -> Run {
    flowglass()
        .current_dir(folder)
        .args(["read", "."])
        .args(arguments)
        .output()
        .unwrap()
        .into()
}

#[test]
fn the_summary_equals_the_truth() {
    for seed in 1..=3 {
        let folder = tempfile::tempdir().unwrap();
        let truth = written(seed, folder.path());
        let run = read(folder.path(), &["--summary", "--format", "json", "--top", "1000"]);
        assert_eq!((run.exit, run.err.as_str()), (0, ""), "seed {seed}");
        let summary: Value = serde_json::from_str(&run.out).unwrap();
        assert_eq!(summary["files"]["read"], truth.blobs);
        assert_eq!(summary["files"]["bytes"], truth.bytes);
        assert_eq!(summary["records"], truth.records);
        assert_eq!(summary["tuples_stored"], truth.total.tuples);
        assert_eq!(summary["tuples_quarantined"], 0);
        assert_eq!(summary["counters_not_reported"], truth.total.unreported);
        same_volume(&summary["volume"], &truth.total);
        let denied: u64 = truth
            .rows
            .iter()
            .filter(|(key, _)| !key.allowed)
            .map(|(_, sums)| sums.tuples)
            .sum();
        let inbound: u64 = truth
            .rows
            .iter()
            .filter(|(key, _)| key.direction == 'I')
            .map(|(_, sums)| sums.tuples)
            .sum();
        assert_eq!(
            (&summary["denied"], &summary["inbound"]),
            (&denied.into(), &inbound.into())
        );
        rules(&summary, &truth);
        interfaces(&summary, &truth);
    }
}

fn same_volume(volume: &Value, sums: &Sums) {
    if sums.unreported == sums.tuples {
        assert!(volume["BytesSrcToDest"].is_null() && volume["PacketsDestToSrc"].is_null());
        return;
    }
    assert_eq!(volume["PacketsSrcToDest"], sums.packets_sent);
    assert_eq!(volume["BytesSrcToDest"], sums.bytes_sent);
    assert_eq!(volume["PacketsDestToSrc"], sums.packets_received);
    assert_eq!(volume["BytesDestToSrc"], sums.bytes_received);
}

fn rules(summary: &Value, truth: &Truth) {
    let mut expected: BTreeMap<(String, String, bool), Sums> = BTreeMap::new();
    for (key, sums) in &truth.rows {
        let name = key
            .rule
            .split_once('_')
            .map_or(key.rule.clone(), |(_, name)| name.to_owned());
        expected
            .entry((name, key.acl_id.clone(), key.allowed))
            .or_default()
            .add(sums);
    }
    let rows = summary["rules"]["top"].as_array().unwrap();
    assert_eq!(rows.len(), expected.len());
    for row in rows {
        let text = |name: &str| row[name].as_str().unwrap().to_owned();
        let key = (text("rule"), text("AclIdLogged"), row["status"] == "Allowed");
        let sums = expected
            .get(&key)
            .unwrap_or_else(|| panic!("{key:?} is not in the truth"));
        assert_eq!(row["tuples"], sums.tuples, "{key:?}");
        same_volume(&row["volume"], sums);
    }
}

fn interfaces(summary: &Value, truth: &Truth) {
    let mut expected: BTreeMap<&str, u64> = BTreeMap::new();
    for (key, sums) in &truth.rows {
        *expected.entry(&key.mac).or_default() += sums.tuples;
    }
    let rows = summary["interfaces"]["top"].as_array().unwrap();
    assert_eq!(rows.len(), expected.len());
    for row in rows {
        let mac = row["MacAddress"].as_str().unwrap().replace('-', "");
        assert_eq!(row["tuples"], expected[mac.as_str()], "{mac}");
    }
}

#[test]
fn an_incident_is_found_by_its_filter() {
    let folder = tempfile::tempdir().unwrap();
    let truth = written(1, folder.path());
    let mut found = 0;
    for incident in truth
        .incidents
        .iter()
        .filter(|incident| !incident.ports.is_empty())
    {
        let Some(port) = incident.port else { continue };
        let port = port.to_string();
        let out = read(
            folder.path(),
            &["--format", "ndjson", "--ip", &incident.source, "--port", &port],
        )
        .out;
        let rows = out
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        let matching = rows.filter(|row| {
            row["SrcIp"] == incident.source.as_str()
                && incident
                    .targets
                    .iter()
                    .any(|target| row["DestIp"] == target.as_str())
        });
        assert_eq!(
            matching.count() as u64,
            incident.ports.values().sum::<u64>(),
            "{}",
            incident.summary
        );
        found += 1;
    }
    assert!(found > 0, "no incident in these hours");
}
