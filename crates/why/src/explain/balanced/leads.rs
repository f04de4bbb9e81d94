//! By which addresses what comes to a machine may have been sent: frontends of balancers, and public addresses of its own.

use std::net::IpAddr;

use enrich::Part;
use model::facts::{ArmId, Asset, BalancedProtocol, BalancingRule, LoadBalancer, PortRange};
use model::{AddressClass, IpClass};

use super::front::{Front, fronts, port_behind};

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

/// An address, with the IP configurations that have it. Balancers are many and pools are large, so each is asked for these only.
struct Machine {
    address: IpAddr,
    configurations: Vec<ArmId>,
    /// Pools that these say they are in.
    pools: Vec<ArmId>,
}

impl Machine {
    fn is_in(&self, balancer: &ArmId, held: &LoadBalancer) -> bool {
        let is_own = |id: &ArmId| self.configurations.contains(id);
        held.backends.iter().any(is_own)
            || held.backend_addresses.contains(&self.address)
            || self
                .pools
                .iter()
                .any(|pool| pool.parent().as_ref() == Some(balancer))
            || held
                .inbound_nat_rules
                .iter()
                .filter_map(|rule| rule.machine.as_ref())
                .any(is_own)
    }

    fn is_behind(&self, front: &Front<'_>, rule: &BalancingRule) -> bool {
        let is_own = |id: &ArmId| self.configurations.contains(id);
        let is_in = |pool: &ArmId| {
            let mut pools = front.held.backend_pools.iter();
            let known = pools.find(|held| held.name.eq_ignore_ascii_case(pool.name()));
            self.pools.contains(pool)
                || known.is_some_and(|held| {
                    held.configurations.iter().any(is_own) || held.addresses.contains(&self.address)
                })
        };
        rule.machine.as_ref().is_some_and(is_own) || rule.pools.iter().any(is_in)
    }
}

fn machines(part: &Part, addresses: &[IpAddr]) -> Vec<Machine> {
    let mut all: Vec<Machine> = Vec::new();
    for address in addresses {
        if !all.iter().any(|held| held.address == *address) {
            all.push(Machine {
                address: *address,
                configurations: Vec::new(),
                pools: Vec::new(),
            });
        }
    }
    for resource in &part.facts.resources {
        let Asset::Interface(interface) = &resource.asset else {
            continue;
        };
        for one in &interface.configurations {
            if let Some(held) = all.iter_mut().find(|held| Some(held.address) == one.address) {
                held.configurations
                    .push(resource.id.part("ipConfigurations", &one.name));
                held.pools.extend(one.pools.iter().cloned());
            }
        }
    }
    all
}

/// The ways to some machines, as one set of facts knows them.
#[derive(Debug, Default)]
pub(in crate::explain) struct Leads {
    all: Vec<Lead>,
    /// Public addresses of interfaces, each with the private one behind it.
    own: Vec<(IpAddr, IpAddr)>,
}

impl Leads {
    /// The ways to these addresses.
    pub(in crate::explain) fn of(part: &Part, addresses: &[IpAddr]) -> Self {
        let machines = machines(part, addresses);
        let mut all = Vec::new();
        let is_near = |id: &ArmId, held: &LoadBalancer| machines.iter().any(|one| one.is_in(id, held));
        for (frontend, front) in fronts(part, is_near) {
            let addresses = |is_it: &dyn Fn(&Machine) -> bool| -> Vec<IpAddr> {
                let of_family = machines
                    .iter()
                    .filter(|one| one.address.is_ipv4() == frontend.is_ipv4());
                of_family
                    .filter(|one| is_it(one))
                    .map(|one| one.address)
                    .collect()
            };
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
                    machines: addresses(&|one| one.is_behind(&front, rule)),
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
                    machines: addresses(&|one| one.is_in(&front.balancer, front.held)),
                });
            }
        }
        Self {
            all,
            own: own(part, &machines),
        }
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
fn own(part: &Part, machines: &[Machine]) -> Vec<(IpAddr, IpAddr)> {
    let facts = &part.facts;
    let mut all = Vec::new();
    for resource in &facts.resources {
        match &resource.asset {
            Asset::Interface(interface) => {
                let held = interface.configurations.iter().filter_map(|one| {
                    let private = one.address?;
                    machines.iter().find(|machine| machine.address == private)?;
                    match facts.asset(one.public_address.as_ref()?) {
                        Some(Asset::PublicAddress(public)) => Some((public.address?, private)),
                        _ => None,
                    }
                });
                all.extend(held);
            }
            Asset::PublicAddress(public) => {
                let (Some(address), Some(of)) = (public.address, &public.of) else {
                    continue;
                };
                let held = machines.iter().filter(|one| one.configurations.contains(of));
                all.extend(held.map(|one| (address, one.address)));
            }
            _ => {}
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}
