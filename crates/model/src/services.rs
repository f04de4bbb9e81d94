//! Service names of TCP and UDP ports.
//!
//! Two answers on purpose: [`service_name`] is what IANA registered (`data/iana-services.tsv`,
//! rewritten by `scripts/refresh-iana.py`), [`well_known_label`] is what a reader of flow logs
//! expects to see where that name says little (1433 is `ms-sql-s` to IANA). Neither says what
//! really ran on the port.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::protocols::{TCP, UDP};

/// From here up systems take ports for their own end of a connection (Linux from 32768, Windows and
/// IANA from 49152), so a registered name there says nothing.
pub const EPHEMERAL_FROM: u16 = 32_768;

static REGISTRY: &str = include_str!("../data/iana-services.tsv");

/// Ports are looked up once per tuple printed, so each transport has a flat array of indexes into
/// one list of names: 128 KiB each, no hashing. Index 0 means "no name".
struct Names {
    listed: Vec<&'static str>,
    tcp: Box<[u16]>,
    udp: Box<[u16]>,
}

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let mut table = Names {
        listed: vec![""],
        tcp: vec![0; 65_536].into(),
        udp: vec![0; 65_536].into(),
    };
    let mut seen = HashMap::new();
    for (port, protocol, name) in rows(REGISTRY) {
        let fresh = table.listed.len();
        let index = *seen.entry(name).or_insert(fresh);
        if index == fresh {
            table.listed.push(name);
        }
        let ports = if protocol == TCP {
            &mut table.tcp
        } else {
            &mut table.udp
        };
        if let (Some(slot), Ok(index)) = (ports.get_mut(usize::from(port)), u16::try_from(index)) {
            *slot = index;
        }
    }
    table
});

/// The IANA service name of a port, first listing first. `protocol` is the IP protocol number;
/// only TCP (6) and UDP (17) have names here.
#[must_use]
pub fn service_name(port: u16, protocol: u8) -> Option<&'static str> {
    let ports = match protocol {
        TCP => &NAMES.tcp,
        UDP => &NAMES.udp,
        _ => return None,
    };
    let index = usize::from(*ports.get(usize::from(port))?);
    NAMES.listed.get(index).copied().filter(|name| !name.is_empty())
}

/// Port, protocol number and name of each row. A malformed row is passed over; a test holds that there is none.
fn rows(text: &'static str) -> impl Iterator<Item = (u16, u8, &'static str)> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut cells = line.split('\t');
            let port = cells.next()?.parse().ok()?;
            let protocol = match cells.next()? {
                "tcp" => TCP,
                "udp" => UDP,
                _ => return None,
            };
            Some((port, protocol, cells.next()?))
        })
}

/// The name people use for a port, where the IANA name is unhelpful or a product took the port
/// without registering it. Hand-kept and short; `None` means "use [`service_name`]".
#[must_use]
pub fn well_known_label(port: u16, protocol: u8) -> Option<&'static str> {
    let on = match protocol {
        TCP => On::Tcp,
        UDP => On::Udp,
        _ => return None,
    };
    let first = LABELS.partition_point(|&(held, ..)| held < port);
    LABELS
        .iter()
        .skip(first)
        .take_while(|&&(held, ..)| held == port)
        .find(|&&(_, transport, _)| transport == on || transport == On::Both)
        .map(|&(.., label)| label)
}

/// On which transport a label holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum On {
    Tcp,
    Udp,
    Both,
}
use On::{Both, Tcp, Udp};

/// Sorted by port (a test holds it). A label is added when a reader would otherwise have to look the port up.
static LABELS: &[(u16, On, &str)] = &[
    (20, Tcp, "FTP data"),
    (21, Tcp, "FTP"),
    (22, Tcp, "SSH"),
    (23, Tcp, "Telnet"),
    (25, Tcp, "SMTP"),
    (53, Both, "DNS"),
    (67, Udp, "DHCP server"),
    (68, Udp, "DHCP client"),
    (69, Udp, "TFTP"),
    (80, Tcp, "HTTP"),
    (88, Both, "Kerberos"),
    (110, Tcp, "POP3"),
    (111, Both, "RPC portmapper"),
    (123, Udp, "NTP"),
    (135, Tcp, "RPC endpoint mapper"),
    (137, Udp, "NetBIOS name"),
    (138, Udp, "NetBIOS datagram"),
    (139, Tcp, "NetBIOS session"),
    (143, Tcp, "IMAP"),
    (161, Udp, "SNMP"),
    (162, Udp, "SNMP trap"),
    (179, Tcp, "BGP"),
    (389, Both, "LDAP"),
    (443, Tcp, "HTTPS"),
    (443, Udp, "HTTPS (QUIC)"),
    (445, Tcp, "SMB"),
    (464, Both, "Kerberos password"),
    (465, Tcp, "SMTP submission (TLS)"),
    (500, Udp, "IKE"),
    (514, Tcp, "rsh or syslog"),
    (514, Udp, "Syslog"),
    (587, Tcp, "SMTP submission"),
    (593, Tcp, "RPC over HTTP"),
    (636, Tcp, "LDAPS"),
    (853, Tcp, "DNS over TLS"),
    (873, Tcp, "rsync"),
    (993, Tcp, "IMAPS"),
    (995, Tcp, "POP3S"),
    (1080, Tcp, "SOCKS proxy"),
    (1194, Both, "OpenVPN"),
    (1433, Tcp, "SQL Server"),
    (1434, Udp, "SQL Server Browser"),
    (1521, Tcp, "Oracle"),
    (1688, Tcp, "KMS activation"),
    (1701, Udp, "L2TP"),
    (1723, Tcp, "PPTP"),
    (1812, Udp, "RADIUS"),
    (1813, Udp, "RADIUS accounting"),
    (1883, Tcp, "MQTT"),
    (1900, Udp, "SSDP"),
    (2049, Both, "NFS"),
    (2181, Tcp, "ZooKeeper"),
    (2375, Tcp, "Docker API"),
    (2376, Tcp, "Docker API (TLS)"),
    (2379, Tcp, "etcd"),
    (2380, Tcp, "etcd peer"),
    (3128, Tcp, "HTTP proxy"),
    (3260, Tcp, "iSCSI"),
    (3268, Tcp, "Global Catalog"),
    (3269, Tcp, "Global Catalog (TLS)"),
    (3306, Tcp, "MySQL"),
    (3389, Both, "RDP"),
    (3478, Both, "STUN/TURN"),
    (4500, Udp, "IPsec NAT-T"),
    (4739, Both, "IPFIX"),
    (4789, Udp, "VXLAN"),
    (5022, Tcp, "SQL Server mirroring"),
    (5060, Both, "SIP"),
    (5061, Tcp, "SIP (TLS)"),
    (5353, Udp, "mDNS"),
    (5355, Udp, "LLMNR"),
    (5432, Tcp, "PostgreSQL"),
    (5601, Tcp, "Kibana"),
    (5671, Tcp, "AMQP (TLS)"),
    (5672, Tcp, "AMQP"),
    (5723, Tcp, "SCOM agent"),
    (5900, Tcp, "VNC"),
    (5985, Tcp, "WinRM"),
    (5986, Tcp, "WinRM (TLS)"),
    (6343, Udp, "sFlow"),
    (6379, Tcp, "Redis"),
    (6380, Tcp, "Redis (TLS)"),
    (6432, Tcp, "PgBouncer"),
    (6443, Tcp, "Kubernetes API"),
    (6514, Tcp, "Syslog (TLS)"),
    (7474, Tcp, "Neo4j HTTP"),
    (7680, Tcp, "Delivery Optimization"),
    (7687, Tcp, "Neo4j Bolt"),
    (8080, Tcp, "HTTP alternate"),
    (8086, Tcp, "InfluxDB"),
    (8088, Tcp, "Splunk HEC"),
    (8089, Tcp, "Splunk management"),
    (8123, Tcp, "ClickHouse HTTP"),
    (8200, Tcp, "Vault"),
    (8443, Tcp, "HTTPS alternate"),
    (8472, Udp, "VXLAN (flannel)"),
    (8500, Tcp, "Consul"),
    (8530, Tcp, "WSUS"),
    (8531, Tcp, "WSUS (TLS)"),
    (8883, Tcp, "MQTT (TLS)"),
    (9042, Tcp, "Cassandra"),
    (9090, Tcp, "Prometheus"),
    (9092, Tcp, "Kafka"),
    (9093, Tcp, "Kafka (TLS)"),
    (9200, Tcp, "Elasticsearch"),
    (9300, Tcp, "Elasticsearch peer"),
    (9389, Tcp, "AD Web Services"),
    (9997, Tcp, "Splunk forwarder"),
    (10250, Tcp, "kubelet"),
    (10255, Tcp, "Cosmos DB for MongoDB"),
    (11211, Both, "Memcached"),
    (15672, Tcp, "RabbitMQ management"),
    (27017, Tcp, "MongoDB"),
    (32526, Tcp, "Azure host plugin"),
    (33060, Tcp, "MySQL X"),
    (50000, Tcp, "Db2"),
    (51820, Udp, "WireGuard"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iana_names_are_found() {
        for (port, protocol, name) in [
            (443, TCP, "https"),
            (53, UDP, "domain"),
            (1433, TCP, "ms-sql-s"),
            (22, TCP, "ssh"),
            (3389, TCP, "ms-wbt-server"),
            (135, TCP, "epmap"),
            (109, TCP, "pop2"),
            (6000, TCP, "x11"),
            (6063, UDP, "x11"),
            (10_002, TCP, "documentum"),
            (5432, TCP, "postgresql"),
            (8080, TCP, "http-alt"),
            (161, UDP, "snmp"),
            (1688, TCP, "nsjtp-data"),
        ] {
            assert_eq!(service_name(port, protocol), Some(name), "{port}/{protocol}");
        }
    }

    #[test]
    fn the_first_listing_of_a_port_wins() {
        assert_eq!(service_name(80, TCP), Some("http"));
        assert_eq!(service_name(10_003, TCP), Some("documentum-s"));
    }

    #[test]
    fn ports_without_a_name_and_other_protocols_have_none() {
        assert_eq!(service_name(0, TCP), None);
        assert_eq!(service_name(4, TCP), None);
        assert_eq!(service_name(65_535, UDP), None);
        assert_eq!(service_name(443, 1), None);
        assert_eq!(well_known_label(443, 1), None);
        assert_eq!(well_known_label(65_535, TCP), None);
    }

    #[test]
    fn tcp_and_udp_are_kept_apart() {
        assert_eq!(service_name(514, TCP), Some("shell"));
        assert_eq!(service_name(514, UDP), Some("syslog"));
        assert_eq!(well_known_label(443, UDP), Some("HTTPS (QUIC)"));
        assert_eq!(well_known_label(1434, TCP), None);
    }

    #[test]
    fn labels_say_what_people_say() {
        for (port, label) in [
            (22, "SSH"),
            (53, "DNS"),
            (80, "HTTP"),
            (443, "HTTPS"),
            (445, "SMB"),
            (1433, "SQL Server"),
            (1688, "KMS activation"),
            (3389, "RDP"),
            (5985, "WinRM"),
            (27_017, "MongoDB"),
        ] {
            assert_eq!(well_known_label(port, TCP), Some(label));
        }
        assert_eq!(well_known_label(123, UDP), Some("NTP"));
        assert_eq!(well_known_label(53, UDP), Some("DNS"));
    }

    #[test]
    fn every_label_is_reachable_and_the_list_is_sorted() {
        assert!(LABELS.is_sorted_by_key(|&(port, ..)| port));
        for &(port, transport, label) in LABELS {
            let protocols: &[u8] = match transport {
                Tcp => &[TCP],
                Udp => &[UDP],
                Both => &[TCP, UDP],
            };
            for &protocol in protocols {
                assert_eq!(
                    well_known_label(port, protocol),
                    Some(label),
                    "{port} is listed twice"
                );
            }
        }
    }

    #[test]
    fn the_registry_is_whole_sorted_and_without_doubles() {
        let data_lines = REGISTRY.lines().filter(|line| !line.starts_with('#')).count();
        let parsed: Vec<_> = rows(REGISTRY).collect();
        assert_eq!(parsed.len(), data_lines, "a row did not parse");
        assert!(data_lines > 11_000);
        assert!(
            parsed.is_sorted_by(|a, b| (a.0, a.1) < (b.0, b.1)),
            "not sorted, or a port listed twice"
        );
        for (port, protocol, name) in parsed {
            assert_eq!(service_name(port, protocol), Some(name));
        }
    }
}
