//! By which addresses what comes to a machine may have been sent: frontends of balancers, and public addresses of its own.

use std::net::IpAddr;

use enrich::Part;
use model::facts::{Asset, BalancedProtocol, PortRange};
use model::{AddressClass, IpClass};

use super::front::{fronts, is_gateway, port_behind};
use super::machines::{all_behind, behind};

/// A rule of a balancer, or a balancer whose rules are not known, as a way to machines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::explain) struct Lead {
    /// The frontend.
    pub(in crate::explain) frontend: IpAddr,
    /// The ports there; none where the rule, or its ports, are not known.
    pub(in crate::explain) ports: Option<PortRange>,
    balancer: String,
    rule: Option<String>,
    protocol: Option<BalancedProtocol>,
    /// The port at the machines; none where it is that of the frontend.
    behind: Option<u16>,
    machines: Vec<IpAddr>,
}

impl Lead {
    /// True if what is sent to that port of the frontend comes to this one of a machine; also where rules leave it open.
    pub(in crate::explain) fn leads(&self, sent: Option<u16>, got: Option<u16>) -> bool {
        let (Some(ports), Some(sent), Some(got)) = (self.ports, sent, got) else {
            return self.ports.is_none();
        };
        ports.has(sent) && self.behind.unwrap_or(sent) == got
    }

    /// The port that it was sent to, where that is one.
    pub(in crate::explain) fn port(&self, got: Option<u16>) -> Option<u16> {
        let ports = self.ports?;
        match self.behind {
            None => got,
            Some(_) => (ports.first == ports.last).then_some(ports.first),
        }
    }

    /// True if it may come to a machine's port.
    fn is_to(&self, machine: IpAddr, got: Option<u16>, protocol: Option<u8>) -> bool {
        let is_it = self.machines.contains(&machine);
        let is_taken = match (self.protocol, protocol) {
            (Some(held), Some(protocol)) => held.has(protocol),
            _ => true,
        };
        let has_port = match (self.ports, got) {
            (Some(ports), Some(got)) => self.behind.map_or_else(|| ports.has(got), |behind| behind == got),
            _ => true,
        };
        is_it && is_taken && has_port
    }

    /// `port 8080 of 52.9.9.9 (rule web of lb)`
    pub(in crate::explain) fn told(&self, got: Option<u16>) -> String {
        let balancer = &self.balancer;
        match (&self.rule, self.ports) {
            (Some(rule), Some(ports)) => {
                let port = match self.port(got) {
                    Some(port) => format!("port {port}"),
                    None => format!("one of ports {ports}"),
                };
                format!("{port} of {} (rule {rule} of {balancer})", self.frontend)
            }
            (Some(rule), None) => {
                format!(
                    "{} (by rule {rule} of {balancer}, of which not all is known)",
                    self.frontend
                )
            }
            (None, _) => format!("{} ({balancer}, of which not all rules are known)", self.frontend),
        }
    }
}

/// All ways to machines, as one set of facts knows them.
#[derive(Debug, Default)]
pub(in crate::explain) struct Leads {
    all: Vec<Lead>,
    /// Public addresses of interfaces, each with the private one behind it.
    own: Vec<(IpAddr, IpAddr)>,
}

impl Leads {
    /// Of facts.
    pub(in crate::explain) fn of(part: &Part) -> Self {
        let mut all = Vec::new();
        for (frontend, front) in fronts(part) {
            let addresses =
                |found: Vec<super::Behind>| found.into_iter().filter_map(|held| held.address).collect();
            let balancer = front.balancer.name().to_owned();
            for rule in front.rules() {
                // Of a port behind that is not known it is not known either whether it is this one.
                let ports = rule
                    .ports
                    .filter(|ports| port_behind(rule, Some(ports.first)).is_some());
                all.push(Lead {
                    frontend,
                    ports: ports.filter(|_| rule.frontend.is_some() && rule.protocol.is_some()),
                    balancer: balancer.clone(),
                    rule: Some(rule.name.clone()),
                    protocol: rule.protocol,
                    behind: port_behind(rule, None),
                    machines: addresses(behind(part, &front, rule, frontend)),
                });
            }
            if front.held.lists_rules != Some(true) {
                all.push(Lead {
                    frontend,
                    ports: None,
                    balancer,
                    rule: None,
                    protocol: None,
                    behind: None,
                    machines: addresses(all_behind(part, &front, frontend)),
                });
            }
        }
        Self { all, own: own(part) }
    }

    /// The frontends that may lead to a machine's port: public ones for who is in the internet, private ones for everybody else.
    pub(in crate::explain) fn to(
        &self,
        machine: IpAddr,
        got: Option<u16>,
        protocol: Option<u8>,
        is_public: bool,
    ) -> impl Iterator<Item = &Lead> {
        self.all
            .iter()
            .filter(move |lead| is_internet(lead.frontend) == is_public && lead.is_to(machine, got, protocol))
    }

    /// The public addresses that an interface has for itself.
    pub(in crate::explain) fn own(&self, machine: IpAddr) -> impl Iterator<Item = IpAddr> {
        let held = self.own.iter().filter(move |(_, private)| *private == machine);
        held.map(|(public, _)| *public)
    }
}

/// True for an address of the internet.
pub(in crate::explain) fn is_internet(address: IpAddr) -> bool {
    AddressClass::of(address).ip_class() == IpClass::Internet
}

/// Either side may say where the other is.
fn own(part: &Part) -> Vec<(IpAddr, IpAddr)> {
    let facts = &part.facts;
    let mut all = Vec::new();
    for resource in &facts.resources {
        match &resource.asset {
            Asset::Interface(interface) => {
                for one in &interface.configurations {
                    let public = one.public_address.as_ref().and_then(|id| facts.asset(id));
                    if let (Some(private), Some(Asset::PublicAddress(public))) = (one.address, public) {
                        all.extend(public.address.map(|public| (public, private)));
                    }
                }
            }
            Asset::PublicAddress(public) => {
                let (Some(address), Some(of)) = (public.address, &public.of) else {
                    continue;
                };
                let interface = of.parent().filter(|id| !is_gateway(id));
                if let Some(Asset::Interface(held)) = interface.and_then(|id| facts.asset(&id)) {
                    let own = held.configurations.iter();
                    let own = own.filter(|one| one.name.eq_ignore_ascii_case(of.name()));
                    all.extend(
                        own.filter_map(|one| one.address)
                            .map(|private| (address, private)),
                    );
                }
            }
            _ => {}
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}
