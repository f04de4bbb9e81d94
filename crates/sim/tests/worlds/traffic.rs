//! What the traffic is like.

use crate::read::{MONDAY, Row, rows, spec, write};
use sim::{LogFormat, Scale, WorldSpec};
use std::collections::BTreeMap;

#[test]
fn deltas_of_closed_flows_are_positive_and_openings_are_zero() {
    let (_, blobs, _) = write(&spec(1));
    let mut open: BTreeMap<(String, String, String, u16, u16, char), u64> = BTreeMap::new();
    let mut closed = 0;
    for row in rows(&blobs)
        .into_iter()
        .filter(|row| row.format == LogFormat::Vnet4)
    {
        let counters = row.counters.unwrap();
        let key = (
            row.mac,
            row.source,
            row.destination,
            row.source_port,
            row.destination_port,
            row.direction,
        );
        match row.state.unwrap() {
            'B' => {
                assert_eq!(counters, [0; 4]);
                open.entry(key).or_default();
            }
            'D' => assert_eq!(counters, [0; 4]),
            'C' => *open.entry(key).or_default() += counters[0] + counters[2],
            _ => {
                closed += 1;
                assert!(
                    open.remove(&key).unwrap_or(0) + counters[0] + counters[2] > 0,
                    "{}",
                    row.text
                );
            }
        }
    }
    assert!(closed > 500);
}

/// The load balancer before the application tier: what callers' logs show instead of a backend.
const FRONTEND: &str = "10.1.31.100";

#[test]
fn inner_flows_are_seen_from_both_ends() {
    let (world, blobs, _) = write(&spec(1));
    let ours: BTreeMap<String, (&str, LogFormat)> = world
        .nics
        .iter()
        .map(|nic| {
            (
                nic.ipv4.to_string(),
                (nic.mac.as_str(), world.flow_logs[nic.flow_log].format),
            )
        })
        .collect();
    let rows: Vec<Row> = rows(&blobs)
        .into_iter()
        .filter(|row| row.format == LogFormat::Vnet4)
        .collect();
    let both = |row: &&Row| {
        let ends = (ours.get(&row.source), ours.get(&row.destination));
        matches!(ends, (Some((_, LogFormat::Vnet4)), Some((_, LogFormat::Vnet4))))
    };
    let (mut answered, mut refused, mut balanced) = (0, 0, 0);
    let last = rows.iter().map(|row| row.time_ms).max().unwrap();
    let first = rows.iter().map(|row| row.time_ms).min().unwrap();
    let away_from_the_ends = |row: &&Row| row.time_ms > first + 120_000 && row.time_ms < last - 120_000;
    for row in rows
        .iter()
        .filter(both)
        .filter(away_from_the_ends)
        .filter(|row| row.state == Some('B'))
    {
        assert_eq!(
            row.mac,
            ours[&if row.direction == 'O' {
                row.source.clone()
            } else {
                row.destination.clone()
            }]
                .0
        );
        let other = rows.iter().find(|other| {
            let same_place = other.destination == row.destination
                || (other.direction == 'O' && other.destination == FRONTEND);
            same_place
                && (&other.source, other.source_port, other.destination_port)
                    == (&row.source, row.source_port, row.destination_port)
                && other.direction != row.direction
                && (other.time_ms - row.time_ms).abs() < 10
        });
        let other = other.unwrap_or_else(|| panic!("only one end: {}", row.text));
        balanced += u32::from(other.destination == FRONTEND);
        match other.state.unwrap() {
            'B' => answered += 1,
            'D' => refused += 1,
            state => panic!("{state} at the other end of {}", row.text),
        }
    }
    assert!(answered > 100 && refused > 20, "{answered} {refused}");
    assert!(balanced > 20, "{balanced}");
}

#[test]
fn days_are_busier_than_nights() {
    let (_, _, truth) = write(&WorldSpec {
        scale: Scale::Small,
        ..spec(1)
    });
    let start = i64::from(MONDAY) * 86_400_000;
    let tuples = |hour: i64| truth.hours[&(start + hour * 3_600_000)].tuples;
    assert!(tuples(11) > 2 * tuples(4), "{} {}", tuples(11), tuples(4));
    assert!(
        (300_000..600_000).contains(&truth.total.tuples),
        "{}",
        truth.total.tuples
    );
}

#[test]
fn a_small_day_holds_everything_unusual() {
    let (world, blobs, _) = write(&WorldSpec {
        scale: Scale::Small,
        ..spec(7)
    });
    let rows = rows(&blobs);
    let has = |what: &str, found: &dyn Fn(&Row) -> bool| assert!(rows.iter().any(found), "no {what}");
    has("encrypted flow", &|row| row.encryption == "X");
    has("flow on one host", &|row| row.encryption == "NX_LOCAL_DST");
    has("encryption drop", &|row| {
        (row.encryption.as_str(), row.acl_id.as_str(), row.rule.as_str())
            == ("NX_NOT_ACCEPTED", "unspecified", "unspecified")
    });
    has("platform tuple", &|row| {
        row.rule == "PlatformRule" && row.acl_id.starts_with("00000000-0000")
    });
    has("v6 client", &|row| {
        row.source.starts_with("2001:db8:") && row.allowed
    });
    has("v6 flow inside", &|row| {
        row.source.starts_with("fd00:") && row.destination.starts_with("fd00:")
    });
    has("admin denial", &|row| {
        row.rule == "BlockHighRiskTCPPortsFromInternet" && row.state == Some('D')
    });
    has("admin allow", &|row| {
        row.rule == "AlwaysAllowMonitoring" && row.allowed && row.acl_id == world.admin.id
    });
    has("late reply", &|row| {
        row.source_port == 443 && row.destination_port >= 32_768 && row.state == Some('D')
    });
    has("health probe", &|row| {
        row.source == "168.63.129.16" && row.rule.ends_with("AllowAzureLoadBalancerInBound")
    });
    has("large counter", &|row| {
        row.state == Some('C') && row.counters.unwrap()[1] > 1 << 32
    });
    has("orphan", &|row| {
        row.state == Some('C') && row.time_ms < world.start_ms() + 200_000
    });
    has("outbound denial", &|row| {
        row.direction == 'O' && row.state == Some('D')
    });
    has("NSG denial", &|row| {
        row.format == LogFormat::Nsg2 && row.text.ends_with(",D,B,,,,")
    });
    has("NSG version 1", &|row| {
        row.format == LogFormat::Nsg1 && row.text.ends_with(",I,A")
    });
    let repeated = |pair: &[Row]| pair[0].text == pair[1].text && pair[0].state == Some('D');
    assert!(rows.windows(2).any(repeated), "no repeated denial");
    let restarts = |three: &[Row]| {
        let letters: Vec<Option<char>> = three.iter().map(|row| row.state).collect();
        letters == [Some('B'), Some('E'), Some('B')] && three[0].text == three[2].text
    };
    assert!(rows.windows(3).any(restarts), "no B, E, B");
}
