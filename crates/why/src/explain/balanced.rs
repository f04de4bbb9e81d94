//! What a load balancer does with what is sent to one of its frontends: by which rule, to which machines, at which port.

mod front;
mod leads;
mod machines;
mod places;
mod would;

use std::net::IpAddr;

use enrich::{Part, Seen};
use model::facts::{ArmId, Mac};
use serde::Serialize;

use front::{Taking, front, is_gateway, port_behind};
use machines::{all_behind, behind, empty_pools};

pub(super) use front::{is_front, is_front_seen};
pub(super) use leads::{Lead, Leads, is_internet};

/// A machine behind a balancer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Behind {
    /// What it is called, with its address where that is known.
    pub name: String,
    /// Its address.
    pub address: Option<IpAddr>,
    /// Its interface, where that is known.
    pub interface: Option<ArmId>,
    /// The interface's MAC address.
    #[serde(skip)]
    pub(super) mac: Option<Mac>,
}

/// What becomes of a flow at the frontend of a balancer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Balanced {
    /// The balancer.
    pub balancer: ArmId,
    /// The address of its frontend.
    pub frontend: IpAddr,
    /// The port there.
    pub frontend_port: Option<u16>,
    /// The rule that takes it, where that is known.
    pub rule: Option<String>,
    /// The port at each machine.
    pub port: Option<u16>,
    /// Machines see the frontend's address in place of their own.
    pub is_floating: bool,
    /// Each machine that it may come to; all that are behind the balancer where the rule is not known.
    pub machines: Vec<Behind>,
    /// No rule takes it, and all rules are known.
    pub is_dropped: bool,
    /// Why the rule, or what it does, is not known.
    pub open: Option<String>,
    /// Where it was logged behind the balancer: `vm-a (10.0.1.4), port 80`.
    pub got: Vec<String>,
    /// What is sent is UDP: a rule for the same port may be for TCP.
    #[serde(skip)]
    pub(super) is_udp: bool,
    /// Pools of the rule, where no machine of them is known.
    #[serde(skip)]
    pub(super) empty_pools: Vec<String>,
}

impl Balanced {
    /// `load balancer lb sends it by rule web to port 80 of vm-a (10.0.1.4) or vm-b (10.0.1.5)`
    #[must_use]
    pub fn told(&self) -> String {
        let name = self.balancer.name();
        match (&self.rule, self.port) {
            (Some(rule), Some(port)) if self.machines.is_empty() && !self.empty_pools.is_empty() => format!(
                "load balancer {name} sends it by rule {rule} to port {port} of pool {}, of which the exports name no machine",
                self.empty_pools.join(", ")
            ),
            (Some(rule), Some(port)) => {
                let way = if self.is_floating {
                    ", with floating IP,"
                } else {
                    ""
                };
                format!(
                    "load balancer {name} sends it by rule {rule}{way} to port {port} of {}",
                    self.machines()
                )
            }
            _ if self.is_dropped => format!(
                "no rule of load balancer {name} takes {} to port {} of {}, so it goes nowhere",
                if self.is_udp { "UDP" } else { "what is sent" },
                self.frontend_port.unwrap_or_default(),
                self.frontend
            ),
            _ => format!(
                "to which machine and port {} {name} sends it is not known",
                self.kind()
            ),
        }
    }

    /// An application gateway opens connections of its own.
    pub(super) fn is_gateway(&self) -> bool {
        is_gateway(&self.balancer)
    }

    pub(super) fn kind(&self) -> &'static str {
        match self.is_gateway() {
            true => "application gateway",
            false => "load balancer",
        }
    }

    /// What machines logged of it: their addresses and the ports there.
    pub(super) fn take_got(&mut self, got: impl Iterator<Item = (IpAddr, Option<u16>)>) {
        for (address, port) in got {
            let mut machines = self.machines.iter();
            let machine = machines.find(|held| held.address == Some(address));
            let name = machine.map_or_else(|| address.to_string(), |held| held.name.clone());
            let told = match port {
                Some(port) => format!("{name}, port {port}"),
                None => name,
            };
            if address != self.frontend && !self.got.contains(&told) {
                self.got.push(told);
            }
        }
    }

    /// `vm-a (10.0.1.4) or vm-b (10.0.1.5)`
    pub(super) fn machines(&self) -> String {
        let names: Vec<&str> = self.machines.iter().map(|held| held.name.as_str()).collect();
        match names.as_slice() {
            [] => "no machine that is known".to_owned(),
            some => some.join(" or "),
        }
    }
}

/// What becomes of what is sent to an address, if a balancer answers there.
#[must_use]
pub fn balanced(part: &Part, address: IpAddr, port: Option<u16>, protocol: Option<u8>) -> Option<Balanced> {
    let seen = part.index.seen(None, address, &part.threats);
    balanced_at(part, address, &seen, port, protocol)
}

/// The same of an address as it is seen from somewhere.
pub(super) fn balanced_at(
    part: &Part,
    address: IpAddr,
    seen: &Seen,
    port: Option<u16>,
    protocol: Option<u8>,
) -> Option<Balanced> {
    let front = front(part, address, seen)?;
    let mut held = Balanced {
        balancer: front.balancer.clone(),
        frontend: address,
        frontend_port: port,
        rule: None,
        port: None,
        is_floating: false,
        machines: all_behind(part, &front, address),
        is_dropped: false,
        open: None,
        got: Vec::new(),
        is_udp: protocol == Some(17),
        empty_pools: Vec::new(),
    };
    match front.taking(port, protocol) {
        Taking::By(rule) => {
            held.machines = behind(part, &front, rule, address);
            held.rule = Some(rule.name.clone());
            held.port = port_behind(rule, port);
            held.is_floating = rule.is_floating == Some(true);
            held.empty_pools = match held.machines.is_empty() {
                true => empty_pools(&front, rule),
                false => Vec::new(),
            };
            if held.port.is_none() {
                held.open = Some(format!("which port rule `{}` sends to is not known", rule.name));
            }
        }
        Taking::Nothing => held.is_dropped = true,
        Taking::NotKnown(why) => held.open = Some(why),
    }
    Some(held)
}
