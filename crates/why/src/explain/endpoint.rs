//! An end of a flow as somebody types it: an address, a public address of ours, or a name.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use enrich::{Part, Place};
use model::facts::{ArmId, Asset, FactSet, Interface, LoadBalancer, Resource};

use super::balanced::balanced;

/// An end that was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The addresses that the log may have of it.
    pub addresses: Vec<IpAddr>,
    /// The address of ours that was typed and that others stand behind: a public one, or the frontend of a balancer.
    pub public: Option<IpAddr>,
    /// The port, if one was typed.
    pub port: Option<u16>,
}

/// Why what was typed is no end of a flow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// It has a port that is none.
    #[error("`{0}` is not a port: they go from 0 to 65535")]
    BadPort(String),
    /// It is no address, and nothing is called so.
    #[error("`{0}` is neither an address nor the name of a machine or an interface that facts know")]
    Nobody(String),
    /// Several are called so.
    #[error("`{name}` may be {}", .candidates.join(" or "))]
    Several {
        /// What was typed.
        name: String,
        /// Their names, with group and address.
        candidates: Vec<String>,
    },
    /// Something is called so, and has no address.
    #[error("no address of `{0}` is known")]
    NoAddress(String),
}

impl Endpoint {
    /// What was typed, by the facts of a time.
    pub fn read(typed: &str, part: &Part) -> Result<Self, EndpointError> {
        let typed = typed.trim();
        if let Ok(address) = typed.trim_matches(['[', ']']).parse::<IpAddr>() {
            return Ok(Self::of_address(address, None, part));
        }
        if let Ok(socket) = typed.parse::<SocketAddr>() {
            return Ok(Self::of_address(socket.ip(), Some(socket.port()), part));
        }
        let (name, port) = match typed.rsplit_once(':') {
            None => (typed, None),
            Some((name, port)) => {
                let port = port
                    .parse()
                    .map_err(|_| EndpointError::BadPort(port.to_owned()))?;
                (name, Some(port))
            }
        };
        if let Ok(address) = name.parse::<IpAddr>() {
            return Ok(Self::of_address(address, port, part));
        }
        match fronts(name, &part.facts).as_slice() {
            [] => Ok(Self {
                addresses: of_name(name, &part.facts)?,
                public: None,
                port,
            }),
            [one] => Ok(Self::of_address(*one, port, part)),
            several => Err(EndpointError::Several {
                name: name.to_owned(),
                candidates: several.iter().map(|address| format!("`{address}`")).collect(),
            }),
        }
    }

    /// An address and a port as they have to be written, where what was typed may be meant so and is an address of IPv6 as a whole:
    /// `[fd00::6]:8081` of `fd00::6:8081`.
    #[must_use]
    pub fn with_port(typed: &str) -> Option<String> {
        let typed = typed.trim();
        typed.parse::<Ipv6Addr>().ok()?;
        let (address, port) = typed.rsplit_once(':')?;
        let address: Ipv6Addr = address.parse().ok()?;
        let port: u16 = port.parse().ok()?;
        Some(format!("[{address}]:{port}"))
    }

    fn of_address(address: IpAddr, port: Option<u16>, part: &Part) -> Self {
        let address = address.to_canonical();
        let behind = behind(address, part);
        Self {
            public: (!behind.is_empty()).then_some(address),
            addresses: if behind.is_empty() { vec![address] } else { behind },
            port,
        }
    }
}

/// The private addresses behind a public one of ours or behind a balancer, which are those that flow logs have; none if it is another.
fn behind(address: IpAddr, part: &Part) -> Vec<IpAddr> {
    if let Some(balanced) = balanced(part, address, None, None) {
        return balanced
            .machines
            .iter()
            .filter_map(|machine| machine.address)
            .collect();
    }
    let seen = part.index.seen(None, address, &part.threats);
    let Place::OwnPublic { of: Some(of), .. } = seen.place else {
        return Vec::new();
    };
    // An IP configuration is a part of its interface.
    for id in [Some(of.clone()), of.parent()].into_iter().flatten() {
        if let Some(Asset::Interface(interface)) = part.facts.asset(&id) {
            let own = interface
                .configurations
                .iter()
                .filter(|one| one.name.eq_ignore_ascii_case(of.name()));
            let own: Vec<IpAddr> = own.filter_map(|one| one.address).collect();
            return if own.is_empty() { addresses(interface) } else { own };
        }
    }
    Vec::new()
}

/// Where a balancer answers, if nothing else is called so.
fn fronts(name: &str, facts: &FactSet) -> Vec<IpAddr> {
    let called = facts.resources.iter().filter(|held| is_called(held, name));
    let mut all = Vec::new();
    for resource in called {
        let balancer = match &resource.asset {
            Asset::LoadBalancer(balancer) => balancer,
            Asset::Machine(_) | Asset::Interface(_) | Asset::PrivateEndpoint(_) => return Vec::new(),
            _ => continue,
        };
        for frontend in &balancer.frontends {
            let public = frontend.public_address.as_ref().and_then(|id| facts.asset(id));
            all.extend(frontend.address);
            all.extend(match public {
                Some(Asset::PublicAddress(public)) => public.address,
                _ => None,
            });
        }
        // Either side may say where the other is.
        all.extend(facts.resources.iter().filter_map(|held| {
            match &held.asset {
                Asset::PublicAddress(public) => public
                    .address
                    .filter(|_| public.of.as_ref().and_then(ArmId::parent).as_ref() == Some(&resource.id)),
                _ => None,
            }
        }));
    }
    all.sort_unstable();
    all.dedup();
    all
}

fn backends(facts: &FactSet, balancer: &LoadBalancer) -> Vec<IpAddr> {
    let mut all = balancer.backend_addresses.clone();
    for id in &balancer.backends {
        let interface = id.parent().and_then(|id| facts.asset(&id));
        if let Some(Asset::Interface(interface)) = interface {
            let own = interface
                .configurations
                .iter()
                .filter(|one| one.name.eq_ignore_ascii_case(id.name()));
            all.extend(own.filter_map(|one| one.address));
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

fn addresses(interface: &Interface) -> Vec<IpAddr> {
    interface
        .configurations
        .iter()
        .filter_map(|one| one.address)
        .collect()
}

fn is_called(resource: &Resource, name: &str) -> bool {
    let id = &resource.id;
    let same = |held: &str| held.eq_ignore_ascii_case(name);
    let in_group = || {
        let group = id.resource_group().unwrap_or_default();
        format!("{group}/{}", id.name_in_group())
    };
    let computer = match &resource.asset {
        Asset::Machine(machine) => machine.computer_name.as_deref(),
        _ => None,
    };
    same(id.name()) || same(&id.name_in_group()) || same(&in_group()) || computer.is_some_and(same)
}

fn of_name(name: &str, facts: &FactSet) -> Result<Vec<IpAddr>, EndpointError> {
    let called = facts.resources.iter().filter(|held| is_called(held, name));
    let mut found: Vec<(&Resource, Vec<IpAddr>)> = Vec::new();
    for resource in called {
        let all = match &resource.asset {
            Asset::Machine(machine) => {
                let listed = machine.interfaces.iter().filter_map(|id| facts.asset(id));
                let claiming = facts.resources.iter().map(|held| &held.asset).filter(|held| {
                    matches!(held, Asset::Interface(interface) if interface.machine.as_ref() == Some(&resource.id))
                });
                let mut all: Vec<IpAddr> = listed
                    .chain(claiming)
                    .filter_map(|held| match held {
                        Asset::Interface(interface) => Some(addresses(interface)),
                        _ => None,
                    })
                    .flatten()
                    .collect();
                all.sort_unstable();
                all.dedup();
                all
            }
            Asset::Interface(interface) => addresses(interface),
            Asset::PrivateEndpoint(endpoint) => endpoint.addresses.clone(),
            Asset::LoadBalancer(balancer) => backends(facts, balancer),
            _ => continue,
        };
        found.push((resource, all));
    }
    // A machine and its interface may have one name.
    found.dedup_by(|right, left| right.1 == left.1);
    match found.as_slice() {
        [] => Err(EndpointError::Nobody(name.to_owned())),
        [(_, all)] if all.is_empty() => Err(EndpointError::NoAddress(name.to_owned())),
        [(_, all)] => Ok(all.clone()),
        many => Err(EndpointError::Several {
            name: name.to_owned(),
            candidates: many.iter().map(|(held, _)| told(held)).collect(),
        }),
    }
}

fn told(resource: &Resource) -> String {
    let group = resource.id.resource_group().unwrap_or_default();
    format!("`{group}/{}`", resource.id.name_in_group())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_ipv6_that_may_be_one_with_a_port() {
        for (typed, meant) in [
            ("fd00::6:8081", Some("[fd00::6]:8081")),
            (" fd00::6:443 ", Some("[fd00::6]:443")),
            ("2001:db8:1:2:3:4:5:443", None),
            ("fd00::6", None),
            ("fd00::6:ab", None),
            ("fd00:0:0::6:70000", None),
            ("[fd00::6]:8081", None),
            ("10.0.0.4:443", None),
            ("vm-web-01:443", None),
        ] {
            assert_eq!(Endpoint::with_port(typed).as_deref(), meant, "{typed}");
        }
    }
}
