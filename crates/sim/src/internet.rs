//! The world outside: who owns which public addresses, and the service tags of the cloud.
//!
//! Ordinary clients and services come from plausible public ranges. Whoever does harm, the scanners and the attackers,
//! comes only from ranges reserved for documentation and benchmarks (RFC 5737, RFC 2544, RFC 3849), so that no demo ever
//! accuses somebody's real address. The tables are fixed; nothing here depends on the seed.

use crate::cidr::Prefix;
use crate::prng::Prng;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What the addresses of a network do in this world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NetworkUse {
    /// People with browsers.
    Client,
    /// Mirrors, code hosting, time servers: what VMs call.
    Service,
    /// Sends single packets to any port of any public address.
    Scanner,
    /// Kept for the planted incidents; no other traffic uses it.
    Attacker,
    /// The company's own office.
    Office,
}

/// One network of the internet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// Its addresses.
    pub prefix: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Autonomous system number.
    pub asn: u32,
    /// Name of the autonomous system.
    pub name: String,
    /// What its addresses do here.
    pub network_use: NetworkUse,
}

/// A service tag and its prefixes.
// Not read back: the parsed prefixes would be missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServiceTag {
    /// `Storage.WestEurope`
    pub name: String,
    /// The service part: `AzureStorage`; empty for the whole cloud.
    pub system_service: String,
    /// The region; empty for a global tag.
    pub region: String,
    /// Prefixes as text.
    pub prefixes: Vec<String>,
    #[serde(skip)]
    parsed: Vec<Prefix>,
}

impl ServiceTag {
    /// Whether an address belongs to the tag.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.parsed.iter().any(|prefix| prefix.contains(address))
    }

    /// Some address of the tag.
    pub(crate) fn any_address(&self, prng: &mut Prng) -> Option<IpAddr> {
        let prefix = prng.pick(&self.parsed)?;
        Some(prefix.host(1 + prng.below(prefix.size().saturating_sub(2))))
    }
}

/// The host's virtual address: platform DNS, and the source of health probes (FORMATS.md 5.5).
pub const PLATFORM_ADDRESS: &str = "168.63.129.16";

#[rustfmt::skip]
const NETWORKS: [(&str, &str, u32, &str, NetworkUse); 32] = [
    ("87.128.0.0/16", "DE", 3320, "Deutsche Telekom AG", NetworkUse::Client),
    ("92.72.0.0/16", "DE", 3209, "Vodafone GmbH", NetworkUse::Client),
    ("77.160.0.0/16", "NL", 1136, "KPN B.V.", NetworkUse::Client),
    ("86.80.0.0/16", "NL", 1136, "KPN B.V.", NetworkUse::Client),
    ("90.0.0.0/16", "FR", 3215, "Orange S.A.", NetworkUse::Client),
    ("82.64.0.0/16", "FR", 12322, "Free SAS", NetworkUse::Client),
    ("86.128.0.0/16", "GB", 2856, "British Telecommunications PLC", NetworkUse::Client),
    ("79.32.0.0/16", "IT", 3269, "Telecom Italia S.p.A.", NetworkUse::Client),
    ("83.32.0.0/16", "ES", 3352, "Telefonica de Espana", NetworkUse::Client),
    ("73.32.0.0/16", "US", 7922, "Comcast Cable Communications", NetworkUse::Client),
    ("99.224.0.0/16", "CA", 812, "Rogers Communications Canada", NetworkUse::Client),
    ("177.32.0.0/16", "BR", 28573, "Claro NXT Telecomunicacoes", NetworkUse::Client),
    ("49.32.0.0/16", "IN", 55836, "Reliance Jio Infocomm", NetworkUse::Client),
    ("126.64.0.0/16", "JP", 17676, "SoftBank Corp.", NetworkUse::Client),
    ("2001:db8:100::/48", "DE", 64496, "Example v6 Access", NetworkUse::Client),
    ("2001:db8:200::/48", "NL", 64497, "Example v6 Mobile", NetworkUse::Client),
    ("185.125.188.0/22", "GB", 41231, "Canonical Group", NetworkUse::Service),
    ("140.82.112.0/20", "US", 36459, "GitHub", NetworkUse::Service),
    ("151.101.0.0/16", "US", 54113, "Fastly", NetworkUse::Service),
    ("104.16.0.0/13", "US", 13335, "Cloudflare", NetworkUse::Service),
    ("198.18.0.0/20", "CN", 64498, "Benchmark Net A", NetworkUse::Scanner),
    ("198.18.16.0/20", "RU", 64499, "Benchmark Net B", NetworkUse::Scanner),
    ("198.18.32.0/20", "US", 64500, "Benchmark Net C", NetworkUse::Scanner),
    ("198.18.48.0/20", "NL", 64501, "Benchmark Net D", NetworkUse::Scanner),
    ("198.18.64.0/20", "BR", 64502, "Benchmark Net E", NetworkUse::Scanner),
    ("198.18.80.0/20", "VN", 64503, "Benchmark Net F", NetworkUse::Scanner),
    ("198.18.96.0/20", "ID", 64504, "Benchmark Net G", NetworkUse::Scanner),
    ("198.19.0.0/16", "IN", 64505, "Benchmark Net H", NetworkUse::Scanner),
    ("203.0.113.0/25", "RU", 64506, "Documentation Hosting One", NetworkUse::Attacker),
    ("203.0.113.128/25", "KP", 64507, "Documentation Hosting Two", NetworkUse::Attacker),
    ("198.51.100.0/24", "SC", 64508, "Documentation Hosting Three", NetworkUse::Attacker),
    ("192.0.2.0/24", "NL", 64509, "Contoso Office Network", NetworkUse::Office),
];

const SERVICE_TAGS: [(&str, &str, &str, &str); 8] = [
    (
        "AzureActiveDirectory",
        "AzureAD",
        "",
        "20.190.128.0/18,40.126.0.0/18",
    ),
    (
        "AzureMonitor",
        "AzureMonitor",
        "",
        "20.50.65.64/26,20.42.65.64/26,51.144.56.96/28",
    ),
    (
        "Sql",
        "AzureSQL",
        "",
        "52.236.184.0/22,104.40.168.0/24,20.61.99.0/24",
    ),
    (
        "Sql.WestEurope",
        "AzureSQL",
        "westeurope",
        "52.236.184.0/22,104.40.168.0/24",
    ),
    (
        "Storage",
        "AzureStorage",
        "",
        "20.60.130.0/24,20.150.37.0/24,52.239.140.0/22,20.150.26.0/24",
    ),
    (
        "Storage.WestEurope",
        "AzureStorage",
        "westeurope",
        "20.60.130.0/24,20.150.37.0/24,52.239.140.0/22",
    ),
    (
        "AzureCloud.WestEurope",
        "",
        "westeurope",
        "20.50.0.0/16,20.60.130.0/24,20.61.0.0/16,20.150.37.0/24,52.236.128.0/17,52.239.140.0/22,104.40.128.0/17,40.87.164.0/22",
    ),
    (
        "AzureCloud",
        "",
        "",
        "20.42.0.0/16,20.50.0.0/16,20.60.0.0/16,20.61.0.0/16,20.150.0.0/16,20.190.128.0/18,40.126.0.0/18,40.87.164.0/22,51.144.0.0/16,52.236.128.0/17,52.239.128.0/17,104.40.128.0/17",
    ),
];

/// The networks of the internet.
#[must_use]
pub fn networks() -> Vec<Network> {
    NETWORKS
        .iter()
        .map(|(prefix, country, asn, name, network_use)| Network {
            prefix: (*prefix).to_owned(),
            country: (*country).to_owned(),
            asn: *asn,
            name: (*name).to_owned(),
            network_use: *network_use,
        })
        .collect()
}

/// The service tags. `VirtualNetwork`, `Internet` and `AzureLoadBalancer` are not among them: those depend on the NIC.
#[must_use]
pub fn service_tags() -> Vec<ServiceTag> {
    SERVICE_TAGS
        .iter()
        .map(|(name, system_service, region, prefixes)| ServiceTag {
            name: (*name).to_owned(),
            system_service: (*system_service).to_owned(),
            region: (*region).to_owned(),
            prefixes: prefixes.split(',').map(str::to_owned).collect(),
            parsed: prefixes.split(',').filter_map(Prefix::parse).collect(),
        })
        .collect()
}

/// Address pools, read once per world.
#[derive(Clone, Debug)]
pub(crate) struct Internet {
    clients_v4: Vec<Prefix>,
    clients_v6: Vec<Prefix>,
    services: Vec<Prefix>,
    scanners: Vec<Prefix>,
    attackers: Vec<Prefix>,
    office: Vec<Prefix>,
}

impl Internet {
    pub(crate) fn new() -> Self {
        let of = |wanted: NetworkUse, v4: bool| -> Vec<Prefix> {
            NETWORKS
                .iter()
                .filter(|network| network.4 == wanted)
                .filter_map(|network| Prefix::parse(network.0))
                .filter(|prefix| prefix.base.is_ipv4() == v4)
                .collect()
        };
        Self {
            clients_v4: of(NetworkUse::Client, true),
            clients_v6: of(NetworkUse::Client, false),
            services: of(NetworkUse::Service, true),
            scanners: of(NetworkUse::Scanner, true),
            attackers: of(NetworkUse::Attacker, true),
            office: of(NetworkUse::Office, true),
        }
    }

    pub(crate) fn client(&self, prng: &mut Prng) -> Option<IpAddr> {
        any(&self.clients_v4, prng)
    }

    pub(crate) fn client_v6(&self, prng: &mut Prng) -> Option<IpAddr> {
        any(&self.clients_v6, prng)
    }

    /// VMs call few addresses of a service and call them again, hence the narrow choice.
    pub(crate) fn service(&self, prng: &mut Prng) -> Option<IpAddr> {
        let prefix = *prng.pick(&self.services)?;
        Some(prefix.host(3 + 16 * prng.below(12)))
    }

    pub(crate) fn scanner(&self, prng: &mut Prng) -> Option<IpAddr> {
        any(&self.scanners, prng)
    }

    pub(crate) fn office(&self, prng: &mut Prng) -> Option<IpAddr> {
        let prefix = *prng.pick(&self.office)?;
        Some(prefix.host(10 + prng.below(20)))
    }

    /// The address of the n-th incident; different incidents never share one.
    pub(crate) fn attacker(&self, incident: u64, prng: &mut Prng) -> Option<IpAddr> {
        let networks = u64::try_from(self.attackers.len()).unwrap_or(1).max(1);
        let prefix = self
            .attackers
            .get(usize::try_from(incident % networks).unwrap_or(0))?;
        // Each incident has its own eight addresses of the network.
        Some(prefix.host(8 * (incident / networks + 1) + prng.below(8)))
    }
}

fn any(prefixes: &[Prefix], prng: &mut Prng) -> Option<IpAddr> {
    let prefix = prng.pick(prefixes)?;
    Some(prefix.host(2 + prng.below(prefix.size().saturating_sub(4))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prng::Purpose;

    #[test]
    fn every_prefix_parses_and_none_overlap() {
        let parsed: Vec<Prefix> = NETWORKS
            .iter()
            .map(|network| Prefix::parse(network.0).unwrap())
            .collect();
        for (at, prefix) in parsed.iter().enumerate() {
            for other in parsed.iter().skip(at + 1) {
                assert!(
                    !prefix.contains(other.base) && !other.contains(prefix.base),
                    "{prefix} {other}"
                );
            }
        }
        for tag in service_tags() {
            assert_eq!(tag.prefixes.len(), tag.parsed.len(), "{}", tag.name);
            for prefix in &tag.parsed {
                assert!(
                    !parsed.iter().any(|network| network.contains(prefix.base)),
                    "{prefix}"
                );
            }
        }
    }

    #[test]
    fn regional_tags_lie_in_their_global_ones() {
        let tags = service_tags();
        let tag = |name: &str| tags.iter().find(|tag| tag.name == name).unwrap();
        for (part, whole) in [
            ("Storage.WestEurope", "Storage"),
            ("Sql.WestEurope", "Sql"),
            ("AzureCloud.WestEurope", "AzureCloud"),
            ("Storage", "AzureCloud"),
        ] {
            assert!(
                tag(part)
                    .parsed
                    .iter()
                    .all(|prefix| tag(whole).contains(prefix.base)),
                "{part}"
            );
        }
    }

    #[test]
    fn incidents_have_addresses_of_their_own() {
        let internet = Internet::new();
        let mut prng = Prng::keyed(1, Purpose::Incidents, &[]);
        let mut seen = std::collections::BTreeSet::new();
        for incident in 0..20 {
            assert!(seen.insert(internet.attacker(incident, &mut prng).unwrap()));
        }
    }
}
