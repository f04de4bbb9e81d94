//! What a load balancer does with what is sent to one of its frontends: by which rule, to which machines, at which port.

mod front;
mod machines;

use std::net::IpAddr;

use enrich::{Part, Seen};
use model::facts::{ArmId, Asset, Mac, Resource};
use model::{AddressClass, Direction, IpClass};
use nsg::{Decision, Flow, Guard};
use serde::Serialize;

use super::case::Case;
use super::unasked::{Spot, Unasked};
use super::{Explanation, Judged};
use front::{Taking, front, is_gateway, port_behind};
use machines::{all_behind, behind};

pub(super) use front::{is_front, is_front_seen};

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
}

impl Balanced {
    /// `load balancer lb sends it by rule web to port 80 of vm-a (10.0.1.4) or vm-b (10.0.1.5)`
    #[must_use]
    pub fn told(&self) -> String {
        let name = self.balancer.name();
        match (&self.rule, self.port) {
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
                "no rule of load balancer {name} takes what is sent to port {} of {}, so it goes nowhere",
                self.frontend_port.unwrap_or_default(),
                self.frontend
            ),
            _ => format!("to which machine and port load balancer {name} sends it is not known"),
        }
    }

    /// The addresses that logs may have of it: that of the frontend where it is sent, and those of machines.
    #[must_use]
    pub fn destinations(&self) -> Vec<IpAddr> {
        let machines = self.machines.iter().filter(|_| !self.is_dropped);
        let mut all: Vec<IpAddr> = machines.filter_map(|machine| machine.address).collect();
        all.push(self.frontend);
        all
    }

    /// `vm-a (10.0.1.4) or vm-b (10.0.1.5)`
    fn machines(&self) -> String {
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
    };
    match front.taking(port, protocol) {
        Taking::By(rule) => {
            held.machines = behind(part, &front, rule, address);
            held.rule = Some(rule.name.clone());
            held.port = port_behind(rule, port);
            held.is_floating = rule.is_floating == Some(true);
            if held.port.is_none() {
                held.open = Some(format!("which port rule `{}` sends to is not known", rule.name));
            }
        }
        Taking::Nothing => held.is_dropped = true,
        Taking::NotKnown(why) => held.open = Some(why),
    }
    Some(held)
}

/// Rules there are not asked, and nothing of them is known.
const fn unasked(why: String, says: String) -> Unasked {
    Unasked {
        why,
        says,
        is_denied: false,
    }
}

impl Case<'_> {
    /// The balancer that the flow is sent to, where it has not got any further in what is known of it.
    pub(super) fn at_front(&self) -> Option<&Balanced> {
        self.balanced
            .as_ref()
            .filter(|held| held.frontend == self.key.destination)
    }

    /// What machines see of the source: who is inside has another address by the time that it gets to a public one.
    fn keeps_source(&self, held: &Balanced) -> bool {
        let is_inside = |address| AddressClass::of(address).ip_class() == IpClass::Internal;
        is_inside(held.frontend) || !is_inside(self.key.source)
    }

    /// Where rules are asked behind a balancer: at each machine, with the address and the port that it has there.
    pub(super) fn behind(&self) -> Vec<Spot> {
        let Some(held) = self.at_front().filter(|held| self.keeps_source(held)) else {
            return Vec::new();
        };
        let (Some(port), Some(flow)) = (held.port, self.flow(Direction::Inbound)) else {
            return Vec::new();
        };
        let spots = held.machines.iter().filter_map(|machine| {
            Some(Spot {
                interface: machine.interface.clone()?,
                flow: Flow {
                    destination: machine.address?,
                    destination_port: port,
                    ..flow
                },
            })
        });
        spots
            .filter(|spot| !held.is_floating || self.is_alike(spot, held))
            .collect()
    }

    /// With floating IP a machine sees the frontend's address. Which of both a group is asked for is documented nowhere.
    fn is_alike(&self, spot: &Spot, held: &Balanced) -> bool {
        let Ok(guard) = Guard::of(&self.part.facts, &spot.interface) else {
            return false;
        };
        let floating = Flow {
            destination: held.frontend,
            ..spot.flow
        };
        let decided = |flow: &Flow| guard.prove(flow).verdict.decision;
        decided(&spot.flow) == decided(&floating)
    }

    /// Why rules behind a balancer are not asked, where they are not.
    pub(super) fn unasked_behind(&self) -> Option<Unasked> {
        let held = self.at_front()?;
        let (name, told) = (held.balancer.name(), held.told());
        if held.is_dropped {
            return Some(unasked(told.clone(), told));
        }
        if let Some(open) = &held.open {
            let is_inside = AddressClass::of(held.frontend).ip_class() == IpClass::Internal;
            let kind = if is_inside { "an" } else { "a public" };
            let what = if is_gateway(&held.balancer) {
                "application gateway"
            } else {
                "load balancer"
            };
            return Some(unasked(
                format!(
                    "{} is {kind} address of {what} `{name}`, behind which are {}: {open}; which of them it comes to, and at which port, \
                     is not known, and what their rules say is not asked",
                    held.frontend,
                    held.machines().replace(" or ", ", ")
                ),
                format!(
                    "to which machine and port {what} {name} sends it is not known, nor what rules say there"
                ),
            ));
        }
        if !self.keeps_source(held) {
            return Some(unasked(
                format!(
                    "{told}; what machines there see of {} is the address that it was translated to, which is not known, so what their \
                     rules say is not asked",
                    self.key.source
                ),
                format!("{told}; what rules say there is not known"),
            ));
        }
        if held.machines.is_empty() {
            return Some(unasked(
                format!("{told}: {}", self.why_empty()),
                format!("{told}; what rules say there is not known"),
            ));
        }
        let asked = self.behind();
        let is_asked = |machine: &&super::Behind| {
            let mut asked = asked.iter();
            asked.any(|spot| Some(spot.flow.destination) == machine.address)
        };
        let mut missing = held
            .machines
            .iter()
            .filter(|machine| !is_asked(machine))
            .peekable();
        missing.peek()?;
        let names: Vec<&str> = missing.map(|machine| machine.name.as_str()).collect();
        let names = names.join(", ");
        let why = match held.is_floating {
            true => {
                "whether rules there are asked for its own address or for that of the frontend, which it sees with floating IP, is not known, and they say different things"
            }
            false => "no interface of it is known",
        };
        Some(unasked(
            format!("behind load balancer `{name}`, at {names}: {why}"),
            format!("what rules say at {names} is not known"),
        ))
    }

    /// Why nobody is known to be behind a balancer.
    fn why_empty(&self) -> &'static str {
        let is_interface = |held: &Resource| matches!(held.asset, Asset::Interface(_));
        match self.part.facts.resources.iter().any(is_interface) {
            true => "no interface among the facts is in its pool",
            false => "load `az network nic list`, and for pools of addresses what has them",
        }
    }

    /// Why what is sent from the public address of a balancer is not judged: any machine behind it may have sent it.
    pub(super) fn unasked_sender(&self) -> Option<Unasked> {
        let [source, _] = &self.ends;
        let held = balanced_at(&self.part, source.address, &source.seen, None, None)?;
        let name = held.balancer.name();
        let says = format!(
            "which machine behind load balancer {name} sends it is not known, nor what rules say there"
        );
        Some(Unasked {
            why: format!(
                "{} is an address of load balancer `{name}`, behind which are {}: each of them may have sent it, and what their rules say is \
                 not asked",
                source.address,
                held.machines().replace(" or ", ", ")
            ),
            says,
            is_denied: false,
        })
    }
}

impl Explanation {
    /// What rules say at each machine behind a balancer, of what no log has.
    pub(super) fn would_behind(&self) -> Option<String> {
        let balanced = self
            .balanced
            .as_ref()
            .filter(|held| held.frontend == self.flow.destination)?;
        let is_behind = |held: &&Judged| held.direction == Direction::Inbound.as_str();
        let all: Vec<&Judged> = self.judged.iter().filter(is_behind).collect();
        let told = |decision: Decision| -> Vec<String> {
            let those = all.iter().filter(|held| held.proof.verdict.decision == decision);
            let those = those.map(|held| {
                let rule = held.proof.deciding().filter(|_| decision == Decision::Denied);
                let rule = rule.map(|step| format!(" by rule {} (priority {})", step.name, step.priority));
                format!(
                    "{} at {}",
                    rule.unwrap_or_default(),
                    held.interface.name_in_group()
                )
            });
            those.collect()
        };
        let (denied, allowed) = (told(Decision::Denied), told(Decision::Allowed));
        let is_known = denied.len() + allowed.len() == all.len() && self.unasked.is_empty();
        let mut parts = Vec::new();
        if !denied.is_empty() {
            parts.push(format!("rules would deny it{}", denied.join(" and")));
        }
        match (denied.is_empty(), allowed.is_empty()) {
            (true, true) => {}
            (true, false) if is_known => parts.push("rules would let it through".to_owned()),
            (true, false) => parts.push(format!("rules would let it through{}", allowed.join(" and"))),
            (false, true) => {}
            (false, false) => parts.push(format!("let it through{}", allowed.join(" and"))),
        }
        if parts.is_empty() {
            return None;
        }
        let open = told(Decision::Unknown);
        if !open.is_empty() {
            parts.push(format!("what they say is not known{}", open.join(" and")));
        }
        let mut text = format!("; {}; {}", balanced.told(), parts.join(", and "));
        if let Some(unasked) = self.unasked.first() {
            text.push_str(&format!("; {unasked}"));
        }
        Some(text)
    }
}
