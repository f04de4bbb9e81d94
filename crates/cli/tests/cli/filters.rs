//! Filters: each alone, together, and as they must not be typed.

use crate::golden::{check, run};

/// How many of the tuples of `vnet.json` match, by counting lines and by the summary.
#[track_caller]
fn matches(filter: &[&str], expected: usize) {
    let rows = run(&[&["read", "vnet.json", "--format", "ndjson"], filter].concat());
    assert_eq!(rows.out.lines().count(), expected, "{filter:?}");
    assert_eq!(rows.exit, i32::from(expected == 0), "{filter:?}");
    let summary = run(&[&["read", "vnet.json", "--summary", "--format", "json"], filter].concat());
    let summary: serde_json::Value = serde_json::from_str(&summary.out).unwrap();
    assert_eq!(summary["matching"], expected, "{filter:?}");
    assert_eq!(summary["tuples_stored"], 18);
}

#[test]
fn each_alone() {
    matches(&[], 18);
    matches(&["--denied"], 7);
    matches(&["--allowed"], 11);
    matches(&["--inbound"], 13);
    matches(&["--outbound"], 5);
    matches(&["--ip", "203.0.113.66"], 4);
    matches(&["--ip", "203.0.113.0/24"], 6);
    matches(&["--ip", "2001:db8::/32"], 1);
    matches(&["--ip", "fd00:20:0:0::4"], 1);
    matches(&["--ip", "::/0"], 1);
    matches(&["--ip", "203.0.113.66,198.51.100.9"], 5);
    matches(&["--ip", "203.0.113.66", "--ip", "198.51.100.9"], 5);
    matches(&["--port", "22"], 3);
    matches(&["--port", "22,3389"], 4);
    matches(&["--port", "20-25"], 4);
    matches(&["--src-port", "443"], 1);
    matches(&["--rule", "denyall"], 5);
    matches(&["--rule", "PLATFORM"], 2);
    matches(&["--rule", "denyall", "--rule", "telnet"], 6);
    matches(&["--since", "2025-03-04T05:07"], 2);
    matches(&["--since", "2025-03-04T05:07:01Z"], 2);
    matches(&["--since", "2025-03-04T05:07:01.001Z"], 1);
    matches(&["--until", "2025-03-04 05:07"], 16);
    matches(&["--until", "2025-03-04"], 0);
    matches(&["--since", "2025-03-04", "--until", "2025-03-05"], 18);
    matches(&["--since", "1h"], 0);
}

#[test]
fn together_all_must_hold() {
    matches(&["--denied", "--port", "22"], 3);
    matches(&["--denied", "--port", "22", "--ip", "10.20.0.0/16"], 2);
    matches(&["--allowed", "--outbound", "--port", "443"], 2);
    matches(&["--denied", "--outbound"], 0);
}

#[test]
fn the_header_says_how_many() {
    check(
        "filters/some",
        &[
            "read",
            "vnet.json",
            "--denied",
            "--port",
            "22,3389",
            "--limit",
            "1",
        ],
    );
    check(
        "filters/none",
        &["read", "vnet.json", "--denied", "--ip", "192.0.2.99"],
    );
}

#[test]
fn values_that_cannot_be_understood() {
    for (name, arguments) in [
        ("ip", ["--ip", "10.0.0"]),
        ("ip-length", ["--ip", "10.0.0.0/33"]),
        ("port", ["--port", "https"]),
        ("port-range", ["--port", "9000-8000"]),
        ("src-port", ["--src-port", "65536"]),
        ("since", ["--since", "yesterday"]),
        ("until", ["--until", "14/03/2024"]),
    ] {
        let arguments = [&["read", "vnet.json"], &arguments[..]].concat();
        assert_eq!(run(&arguments).exit, 2, "{name}");
        check(&format!("filters/wrong-{name}"), &arguments);
    }
    check(
        "filters/wrong-order",
        &[
            "read",
            "vnet.json",
            "--since",
            "2025-03-05",
            "--until",
            "2025-03-04",
        ],
    );
}
