//! Sentences, said in full: what is printed for each form an entry can take.

use model::RuleKind;

use super::*;
use crate::reading::row::{Address, Protocol};

const NSG: &str =
    "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/nsg-web";
const ZERO: &str = "00000000-0000-0000-0000-000000000000";
const NONE: Counters = Counters {
    packets_sent: None,
    bytes_sent: None,
    packets_received: None,
    bytes_received: None,
};

fn address(text: &'static str) -> Address<'static> {
    Address {
        text,
        ip: text.parse().ok(),
    }
}

fn counted_as(values: [i64; 4]) -> Counters {
    let [packets_sent, bytes_sent, packets_received, bytes_received] = values.map(Some);
    Counters {
        packets_sent,
        bytes_sent,
        packets_received,
        bytes_received,
    }
}

/// An ordinary flow: a VM opens HTTPS to the internet.
fn row() -> Row<'static> {
    Row {
        time: 1_710_413_935_827_000,
        source: address("10.0.0.4"),
        destination: address("20.50.2.1"),
        source_port: Some(55_490),
        destination_port: 443,
        protocol: Protocol {
            name: "TCP",
            number: Some(6),
        },
        direction: Direction::Outbound,
        state: Some(FlowState::Begin),
        status: FlowStatus::Allowed,
        encryption: Some("NX"),
        counters: counted_as([0, 0, 0, 0]),
        mac: Some("00-0D-3A-11-22-33"),
        target: None,
        acl: Some(NSG),
        rule: Some("DefaultRule_AllowInternetOutBound"),
        rule_kind: RuleKind::Default,
        format: LogFormat::Vnet4,
        started: None,
        completed: None,
        repeated: false,
    }
}

/// An ordinary denial: the internet tries SSH.
fn denied() -> Row<'static> {
    Row {
        source: address("203.0.113.9"),
        destination: address("10.0.0.4"),
        destination_port: 22,
        direction: Direction::Inbound,
        state: Some(FlowState::Denied),
        status: FlowStatus::Denied,
        rule: Some("DefaultRule_DenyAllInBound"),
        ..row()
    }
}

const WHEN: &str = "2024-03-14 10:58:55.827Z";
const OUT: &str = "outbound from NIC 00-0D-3A-11-22-33";
const IN: &str = "inbound to NIC 00-0D-3A-11-22-33";
const WHO: &str = "10.0.0.4:55490 (internal) -> 20.50.2.1:443 HTTPS/TCP (internet)";
const BY: &str = "allowed by rule AllowInternetOutBound (default rule) of NSG nsg-web";

#[track_caller]
fn check(row: &Row<'_>, parts: &[&str]) {
    assert_eq!(sentence(row, Marks::default(), None), parts.join("  "));
}

#[track_caller]
fn remarks(row: &Row<'_>, expected: &str) {
    check(row, &[WHEN, OUT, WHO, BY, expected]);
}

#[test]
fn states_and_counters() {
    remarks(&row(), "begin; not encrypted");
    remarks(
        &Row {
            counters: NONE,
            ..row()
        },
        "begin; not encrypted",
    );
    let end = Row {
        state: Some(FlowState::End),
        counters: counted_as([3, 406, 1, 614]),
        ..row()
    };
    remarks(
        &end,
        "end: 3 packets 406 B sent, 1 packet 614 B returned since the previous entry; not encrypted",
    );
    let goes_on = Row {
        state: Some(FlowState::Continue),
        counters: counted_as([1021, 588_096, 8005, 4_610_880]),
        ..row()
    };
    remarks(
        &goes_on,
        "continues: 1,021 packets 588,096 B sent, 8,005 packets 4,610,880 B returned since the previous entry; not encrypted",
    );
}

#[test]
fn not_reported_is_not_zero() {
    let end = |counters| Row {
        state: Some(FlowState::End),
        counters,
        ..row()
    };
    remarks(&end(NONE), "end: counters not reported; not encrypted");
    remarks(
        &end(counted_as([0, 0, 0, 0])),
        "end: 0 packets 0 B sent, 0 packets 0 B returned since the previous entry; not encrypted",
    );
    let one_way = Counters {
        packets_sent: Some(2),
        bytes_sent: Some(120),
        ..NONE
    };
    remarks(
        &end(one_way),
        "end: 2 packets 120 B sent, returned not reported since the previous entry; not encrypted",
    );
    let packets_only = Counters {
        packets_sent: Some(2),
        packets_received: Some(1),
        ..NONE
    };
    remarks(
        &end(packets_only),
        "end: 2 packets sent (bytes not reported), 1 packet returned (bytes not reported) since the previous entry; not encrypted",
    );
    let huge = counted_as([i64::MAX, i64::MAX, 0, 0]);
    let text = sentence(&end(huge), Marks::default(), None);
    assert!(text.contains("9,223,372,036,854,775,807 B sent"), "{text}");
}

#[test]
fn a_beginning_that_counts_says_so() {
    let odd = Row {
        counters: counted_as([1, 60, 0, 0]),
        ..row()
    };
    remarks(
        &odd,
        "begin: 1 packet 60 B sent, 0 packets 0 B returned since the previous entry; not encrypted",
    );
}

#[test]
fn denials() {
    let who = "203.0.113.9:55490 (internet, documentation range) -> 10.0.0.4:22 SSH/TCP (internal)";
    let by = "denied by rule DenyAllInBound (default rule) of NSG nsg-web";
    check(&denied(), &[WHEN, IN, who, by, "not encrypted"]);
    // NSG version 2 writes D and B, and has neither encryption nor milliseconds.
    let nsg = Row {
        time: 1_710_413_935_000_000,
        state: Some(FlowState::Begin),
        counters: NONE,
        encryption: None,
        format: LogFormat::Nsg2,
        ..denied()
    };
    check(&nsg, &["2024-03-14 10:58:55Z", IN, who, by]);
}

#[test]
fn denials_may_be_marked() {
    let text = sentence(&denied(), Marks::COLOR, None);
    assert!(
        text.contains("\x1b[31mdenied by rule DenyAllInBound (default rule) of NSG nsg-web\x1b[0m"),
        "{text}"
    );
    assert_eq!(
        sentence(&row(), Marks::COLOR, None),
        sentence(&row(), Marks::default(), None)
    );
}

#[test]
fn version_1_has_no_states() {
    let row = Row {
        state: None,
        counters: NONE,
        encryption: None,
        format: LogFormat::Nsg1,
        ..row()
    };
    check(
        &row,
        &[
            WHEN,
            OUT,
            WHO,
            BY,
            "state and counters are not in version 1 of the log",
        ],
    );
}

#[test]
fn every_encryption_value() {
    for (value, words) in [
        ("X", "encrypted"),
        ("NX", "not encrypted"),
        ("NX_HW_NOT_SUPPORTED", "not encrypted: the host's hardware cannot"),
        ("NX_SW_NOT_READY", "not encrypted: software not ready"),
        (
            "NX_NOT_ACCEPTED",
            "not encrypted, which the network does not accept",
        ),
        ("NX_NOT_SUPPORTED", "not encrypted: discovery not supported"),
        (
            "NX_LOCAL_DST",
            "not encrypted: the destination is on the same host",
        ),
        ("NX_FALLBACK", "not encrypted: fell back"),
        (
            "NX_NEW\x1b",
            "encryption `NX_NEW\\u{1b}`, which no documentation names",
        ),
    ] {
        remarks(
            &Row {
                encryption: Some(value),
                ..row()
            },
            &format!("begin; {words}"),
        );
    }
    remarks(
        &Row {
            encryption: Some(""),
            ..row()
        },
        "begin",
    );
}

#[test]
fn every_kind_of_rule() {
    let by = |rule, rule_kind, acl, expected: &str| {
        let row = Row {
            rule,
            rule_kind,
            acl,
            ..row()
        };
        check(&row, &[WHEN, OUT, WHO, expected, "begin; not encrypted"]);
    };
    by(
        Some("UserRule_allow_web-out"),
        RuleKind::User,
        Some(NSG),
        "allowed by rule allow_web-out (custom rule) of NSG nsg-web",
    );
    by(
        Some("UserRule"),
        RuleKind::User,
        Some(NSG),
        "allowed by a custom rule (name not logged) of NSG nsg-web",
    );
    by(
        Some("DefaultRule"),
        RuleKind::Default,
        None,
        "allowed by a default rule (name not logged) of a group that is not logged",
    );
    by(
        Some("Internet"),
        RuleKind::Admin,
        Some("01020304-abcd-ef00-1234-102030405060"),
        "allowed by security admin rule Internet of admin configuration 01020304-...",
    );
    by(
        Some("PlatformRule"),
        RuleKind::Platform,
        Some(ZERO),
        "allowed by PlatformRule: decided by the platform, not by a rule of yours",
    );
    by(
        None,
        RuleKind::Unknown,
        None,
        "allowed by a rule that is not logged of a group that is not logged",
    );
}

#[test]
fn encryption_drops() {
    let row = Row {
        rule: Some("unspecified"),
        rule_kind: RuleKind::Unspecified,
        acl: Some("unspecified"),
        encryption: Some("NX_NOT_ACCEPTED"),
        state: Some(FlowState::Denied),
        status: FlowStatus::Denied,
        ..row()
    };
    let by = "denied: dropped for want of encryption, no rule decided";
    check(
        &row,
        &[
            WHEN,
            OUT,
            WHO,
            by,
            "not encrypted, which the network does not accept",
        ],
    );
}

#[test]
fn late_replies_are_not_attacks() {
    let who = "20.50.2.1:443 (internet) -> 10.0.0.4:49876 TCP (internal)";
    let late = Row {
        source: address("20.50.2.1"),
        source_port: Some(443),
        destination: address("10.0.0.4"),
        destination_port: 49_876,
        direction: Direction::Inbound,
        ..denied()
    };
    check(
        &late,
        &[
            WHEN,
            IN,
            who,
            "denied by rule DenyAllInBound (default rule) of NSG nsg-web",
            "not encrypted; likely a late reply from HTTPS (port 443), not a connection the source opened",
        ],
    );
}

#[test]
fn platform_addresses_are_named() {
    let probe = Row {
        source: address("168.63.129.16"),
        destination: address("10.0.0.4"),
        destination_port: 80,
        direction: Direction::Inbound,
        rule: Some("DefaultRule_AllowAzureLoadBalancerInBound"),
        ..row()
    };
    let who =
        "168.63.129.16:55490 (Azure platform: DNS, DHCP, health probes) -> 10.0.0.4:80 HTTP/TCP (internal)";
    let by = "allowed by rule AllowAzureLoadBalancerInBound (default rule) of NSG nsg-web";
    check(&probe, &[WHEN, IN, who, by, "begin; not encrypted"]);
    let metadata = Row {
        destination: address("169.254.169.254"),
        destination_port: 80,
        ..row()
    };
    let who = "10.0.0.4:55490 (internal) -> 169.254.169.254:80 HTTP/TCP (Azure platform: instance metadata)";
    check(&metadata, &[WHEN, OUT, who, BY, "begin; not encrypted"]);
}

#[test]
fn other_addresses_and_protocols() {
    let v6 = Row {
        source: address("fd00::4"),
        destination: address("2606:4700::1111"),
        ..row()
    };
    let who = "[fd00::4]:55490 (internal) -> [2606:4700::1111]:443 HTTPS/TCP (internet)";
    check(&v6, &[WHEN, OUT, who, BY, "begin; not encrypted"]);
    let esp = Row {
        source_port: Some(0),
        destination_port: 0,
        protocol: Protocol {
            name: "ESP",
            number: Some(50),
        },
        ..row()
    };
    check(
        &esp,
        &[
            WHEN,
            OUT,
            "10.0.0.4 (internal) -> 20.50.2.1 ESP (internet)",
            BY,
            "begin; not encrypted",
        ],
    );
    let unassigned = Row {
        protocol: Protocol {
            name: "200",
            number: Some(200),
        },
        ..esp
    };
    check(
        &unassigned,
        &[
            WHEN,
            OUT,
            "10.0.0.4 (internal) -> 20.50.2.1 protocol 200 (internet)",
            BY,
            "begin; not encrypted",
        ],
    );
    let udp = Row {
        protocol: Protocol {
            name: "UDP",
            number: Some(17),
        },
        ..row()
    };
    let who = "10.0.0.4:55490 (internal) -> 20.50.2.1:443 HTTPS (QUIC)/UDP (internet)";
    check(&udp, &[WHEN, OUT, who, BY, "begin; not encrypted"]);
    let nameless = Row {
        destination_port: 4,
        ..row()
    };
    check(
        &nameless,
        &[
            WHEN,
            OUT,
            "10.0.0.4:55490 (internal) -> 20.50.2.1:4 TCP (internet)",
            BY,
            "begin; not encrypted",
        ],
    );
}

#[test]
fn what_is_missing_or_repeated_is_said() {
    let no_mac = Row {
        mac: None,
        repeated: true,
        ..row()
    };
    check(
        &no_mac,
        &[
            WHEN,
            "outbound, NIC not logged",
            WHO,
            BY,
            "begin; not encrypted; its record stood in the file before",
        ],
    );
}

#[test]
fn nothing_from_the_log_acts_on_the_terminal() {
    let hostile = Row {
        source: Address {
            text: "\x1b[2J",
            ip: None,
        },
        mac: Some("00\x1b]0;title\x07"),
        acl: Some("x/nsg\u{202e}gsn"),
        rule: Some("UserRule_\x1b[31mred\r\n"),
        rule_kind: RuleKind::User,
        protocol: Protocol {
            name: "\u{9b}1m",
            number: None,
        },
        ..row()
    };
    let text = sentence(&hostile, Marks::default(), None);
    assert!(!text.chars().any(printable::acts), "{text:?}");
    assert!(
        text.contains("rule \\u{1b}[31mred\\u{d}\\u{a} (custom rule) of NSG nsg\\u{202e}gsn"),
        "{text}"
    );
}

#[test]
fn rows_that_stand_for_several_flows() {
    let many = Row {
        source_port: None,
        state: None,
        rule: Some("allowinternetoutbound"),
        format: LogFormat::Ta3,
        started: Some(1_200),
        completed: Some(1_100),
        counters: counted_as([5, 500, 4, 400]),
        ..row()
    };
    let who = "10.0.0.4 (internal) -> 20.50.2.1:443 HTTPS/TCP (internet)";
    let by = "allowed by rule allowinternetoutbound (default rule) of NSG nsg-web";
    let what =
        "1,200 flows begun, 1,100 ended: 5 packets 500 B sent, 4 packets 400 B returned; not encrypted";
    check(&many, &[WHEN, OUT, who, by, what]);
    let denied = Row {
        status: FlowStatus::Denied,
        started: Some(1),
        completed: Some(0),
        counters: counted_as([0; 4]),
        ..many
    };
    let by = "denied by rule allowinternetoutbound (default rule) of NSG nsg-web";
    check(&denied, &[WHEN, OUT, who, by, "1 flow; not encrypted"]);
    let flat = Row {
        format: LogFormat::Flat,
        rule: None,
        acl: None,
        rule_kind: RuleKind::Unknown,
        counters: NONE,
        encryption: None,
        ..many
    };
    let by = "allowed by a rule that is not logged of a group that is not logged";
    check(&flat, &[WHEN, OUT, who, by]);
}
