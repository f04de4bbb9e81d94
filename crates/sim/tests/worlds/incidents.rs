//! The planted incidents, found again by what a query can see.

use crate::read::{Row, rows, spec, sums, write};
use sim::{IncidentKind, Scale, World, WorldSpec};
use std::collections::BTreeMap;

#[test]
fn every_incident_is_found_by_addresses_and_ports_alone() {
    for (seed, scale, hours) in [(1, Scale::Tiny, 24), (2, Scale::Tiny, 2), (3, Scale::Small, 24)] {
        let (world, blobs, truth) = write(&WorldSpec {
            hours,
            scale,
            ..spec(seed)
        });
        let rows = rows(&blobs);
        assert_eq!(truth.incidents.len(), 7);
        for incident in &truth.incidents {
            let name = format!("{:?}, seed {seed}", incident.kind);
            let found: Vec<&Row> = rows
                .iter()
                .filter(|row| row.source == incident.source && incident.targets.contains(&row.destination))
                .filter(|row| incident.port.is_none_or(|port| row.destination_port == port))
                .collect();
            for direction in ['I', 'O'] {
                let expected = incident.directions.get(&direction).copied().unwrap_or_default();
                assert_eq!(
                    sums(found.iter().copied().filter(|row| row.direction == direction)),
                    expected,
                    "{name}"
                );
            }
            let mut ports: BTreeMap<u16, u64> = BTreeMap::new();
            let mut states: BTreeMap<char, u64> = BTreeMap::new();
            for row in &found {
                *ports.entry(row.destination_port).or_default() += 1;
                *states.entry(row.state.unwrap()).or_default() += 1;
            }
            assert_eq!(ports, incident.ports, "{name}");
            assert_eq!(states, incident.states, "{name}");
            assert_eq!(
                incident.first_ms,
                found.iter().map(|row| row.time_ms).min(),
                "{name}"
            );
            assert_eq!(
                incident.last_ms,
                found.iter().map(|row| row.time_ms).max(),
                "{name}"
            );
            for by in &incident.decided_by {
                let tuples = found.iter().filter(|row| {
                    row.acl_id == by.acl_id && row.rule == by.rule && row.direction == by.direction
                });
                assert_eq!(tuples.count() as u64, by.tuples, "{name}");
            }
            assert_eq!(
                incident.decided_by.iter().map(|by| by.tuples).sum::<u64>(),
                found.len() as u64,
                "{name}"
            );
            check_story(&world, incident, hours, scale);
        }
    }
}

/// That an incident is what its kind says, in numbers that a detection would need.
fn check_story(world: &World, incident: &sim::Incident, hours: u32, scale: Scale) {
    let states = |letter: char| incident.states.get(&letter).copied().unwrap_or(0);
    let minutes = (incident.last_ms.unwrap() - incident.first_ms.unwrap()) / 60_000;
    let mut rules: Vec<&str> = incident.decided_by.iter().map(|by| by.rule.as_str()).collect();
    rules.sort_unstable();
    match incident.kind {
        IncidentKind::SshBruteForceDenied => {
            assert!(
                incident.attempts >= 400 && states('D') > incident.attempts && (15..=20).contains(&minutes)
            );
            assert_eq!(rules, ["DefaultRule_DenyAllInBound"]);
        }
        IncidentKind::SshBruteForceAllowed => {
            assert!(incident.attempts >= 150 && states('B') == states('E') && states('D') == 0);
            assert_eq!(rules, ["UserRule_AllowSshFromAnywhere"]);
        }
        IncidentKind::VerticalPortScan => {
            assert!(incident.ports.len() >= 200 && states('D') == incident.attempts);
            assert!(rules.contains(&"BlockHighRiskTCPPortsFromInternet") && rules.len() == 2);
        }
        IncidentKind::HorizontalScan => {
            let web = world
                .nics
                .iter()
                .filter(|nic| nic.vm.starts_with("vm-web"))
                .count();
            assert_eq!((incident.vms.len(), states('D')), (web, 2 * web as u64));
            assert_eq!(web, if scale == Scale::Tiny { 2 } else { 8 });
        }
        IncidentKind::Exfiltration => {
            let out = incident.directions[&'O'];
            assert!((40_000_000_000..44_000_000_000).contains(&out.bytes_sent) && states('C') > 10);
        }
        IncidentKind::Beacon => {
            let expected = u64::from(hours) * 12;
            assert!(
                (expected - 2..=expected).contains(&incident.attempts),
                "{}",
                incident.attempts
            );
        }
        IncidentKind::DeniedDatabaseAccess => {
            assert_eq!(
                rules,
                ["DefaultRule_AllowVnetOutBound", "UserRule_DenySqlFromDev"]
            );
            assert!(states('D') > incident.attempts && incident.directions[&'O'].packets_received == 0);
        }
    }
}
