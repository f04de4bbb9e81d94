//! Where rules are asked behind a balancer, and why they are not where they are not.

use std::net::IpAddr;

use enrich::HolderKind;
use model::Direction;
use model::facts::ArmId;
use nsg::{Flow, Guard};

use super::{Balanced, Behind, balanced_at, is_internet};
use crate::explain::case::Case;
use crate::explain::ends::End;
use crate::explain::legs::is_of_internet;
use crate::explain::line::Line;
use crate::explain::unasked::{Spot, Unasked};

/// Rules there are not asked, and nothing of them is known.
const fn unasked(why: String, says: String) -> Unasked {
    Unasked {
        why,
        says,
        is_denied: false,
        is_known: false,
    }
}

/// No rules are asked, for what becomes of it is known without.
const fn known(says: String) -> Unasked {
    Unasked {
        why: String::new(),
        says,
        is_denied: false,
        is_known: true,
    }
}

/// An internal balancer sends a machine's own flow to each machine of the pool in turn, itself among them, and what comes back so fails.
/// <https://learn.microsoft.com/azure/load-balancer/load-balancer-overview#limitations>
fn returned(machine: &Behind) -> String {
    format!(
        "what comes back to {}, which calls a frontend that it is behind itself, fails",
        machine.name
    )
}

impl Case<'_> {
    /// The balancer that the flow is sent to, where it has not got any further in what is known of it.
    pub(in crate::explain) fn at_front(&self) -> Option<&Balanced> {
        self.balanced
            .as_ref()
            .filter(|held| held.frontend == self.key.destination)
    }

    /// What machines see of the source: who is inside has another address by the time that it gets to a public one.
    fn keeps_source(&self, held: &Balanced) -> bool {
        is_internet(held.frontend) == is_of_internet(&self.part, self.key.source)
    }

    /// Nothing gets from the internet to a private frontend.
    fn is_out_of_reach(&self, held: &Balanced) -> bool {
        !is_internet(held.frontend) && is_of_internet(&self.part, self.key.source)
    }

    /// It comes back to who sent it: a machine that calls the frontend that it is behind itself.
    fn comes_back(&self, held: &Balanced, machine: &Behind) -> bool {
        machine.address == Some(self.key.source) && self.keeps_source(held)
    }

    /// What the balancer sends back to who sent it, in words.
    pub(in crate::explain) fn returned(&self) -> Option<String> {
        let held = self
            .at_front()
            .filter(|held| held.open.is_none() && !held.is_dropped)?;
        let mut machines = held.machines.iter();
        machines
            .find(|machine| self.comes_back(held, machine))
            .map(returned)
    }

    /// It gets nowhere, whatever rules of groups say.
    pub(in crate::explain) fn goes_nowhere(&self) -> bool {
        let is_lost = |held: &&Balanced| {
            let mut machines = held.machines.iter();
            let all_back = held.open.is_none()
                && !held.machines.is_empty()
                && machines.all(|machine| self.comes_back(held, machine));
            held.is_dropped || self.is_out_of_reach(held) || all_back
        };
        self.lines.is_empty() && self.balanced.as_ref().is_some_and(|held| is_lost(&held))
    }

    /// True for the interface of a machine behind the balancer, and for one that logged another address of the flow than its sender.
    pub(in crate::explain) fn is_behind(&self, interface: Option<&ArmId>, lines: &[&Line]) -> bool {
        let is_machine = |held: &Balanced| {
            let mut machines = held.machines.iter();
            machines.any(|machine| machine.interface.is_some() && machine.interface.as_ref() == interface)
        };
        self.balanced.as_ref().is_some_and(is_machine)
            || lines
                .iter()
                .any(|line| line.key.destination != self.key.destination)
    }

    /// Where rules are asked behind a balancer: at each machine, with the address and the port that it has there. Where one logged it the
    /// others stand behind it: what is sent next may come to them.
    pub(in crate::explain) fn behind(&self) -> Vec<Spot> {
        let Some(flow) = self.flow(Direction::Inbound) else {
            return Vec::new();
        };
        let mut spots = self.logged_behind(&flow);
        let held = self
            .balanced
            .as_ref()
            .filter(|held| self.keeps_source(held) && !held.is_gateway());
        let Some((held, port)) = held.and_then(|held| Some((held, held.port?))) else {
            return spots;
        };
        for machine in &held.machines {
            let (Some(interface), Some(address)) = (&machine.interface, machine.address) else {
                continue;
            };
            let spot = Spot {
                interface: interface.clone(),
                flow: Flow {
                    destination: address,
                    destination_port: port,
                    ..flow
                },
            };
            let is_new = address != self.key.destination && !spots.contains(&spot);
            if is_new && !self.comes_back(held, machine) && (!held.is_floating || self.is_alike(&spot, held))
            {
                spots.push(spot);
            }
        }
        spots
    }

    /// Machines that logged it under their own address.
    fn logged_behind(&self, flow: &Flow) -> Vec<Spot> {
        let mut spots = Vec::new();
        let inbound = self
            .lines
            .iter()
            .filter(|line| line.direction == Direction::Inbound);
        for line in inbound.filter(|line| line.key.destination != self.key.destination) {
            let seen = self
                .part
                .index
                .seen(None, line.key.destination, &self.part.threats);
            let reporter = line.mac.map(|mac| self.part.index.reporter(mac));
            let reporter = reporter.as_ref().and_then(|held| held.one());
            let holder = reporter.or_else(|| seen.holder.one());
            let Some(holder) = holder.filter(|held| held.kind == HolderKind::Interface) else {
                continue;
            };
            let spot = Spot {
                interface: holder.id.clone(),
                flow: Flow {
                    destination: line.key.destination,
                    destination_port: line.key.destination_port.unwrap_or_default(),
                    ..*flow
                },
            };
            if !spots.contains(&spot) {
                spots.push(spot);
            }
        }
        spots
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
    pub(in crate::explain) fn unasked_behind(&self) -> Option<Unasked> {
        let held = self.at_front()?;
        let (name, told) = (held.balancer.name(), held.told());
        if self.is_out_of_reach(held) && self.lines.is_empty() {
            return Some(known(format!(
                "nothing gets from the internet to {}, a private address of {} {name}",
                held.frontend,
                held.kind()
            )));
        }
        if held.is_dropped {
            return Some(known(told));
        }
        if !held.got.is_empty() {
            return None;
        }
        if let Some(open) = &held.open {
            let kind = if is_internet(held.frontend) {
                "a public"
            } else {
                "an"
            };
            let what = held.kind();
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
                format!(
                    "{told}: it is empty, or its machines are in exports that are not loaded (`az network nic list`, `az vmss nic list`)"
                ),
                format!("{told}; what rules say there is not known"),
            ));
        }
        self.unasked_machines(held)
    }

    /// Machines behind a balancer whose rules are not asked.
    fn unasked_machines(&self, held: &Balanced) -> Option<Unasked> {
        let asked = self.behind();
        let is_asked = |machine: &Behind| {
            let mut asked = asked.iter();
            asked.any(|spot| Some(spot.flow.destination) == machine.address)
        };
        let (back, missing): (Vec<&Behind>, Vec<&Behind>) = held
            .machines
            .iter()
            .filter(|machine| !is_asked(machine))
            .partition(|machine| self.comes_back(held, machine));
        let names = |all: &[&Behind]| -> String {
            let all: Vec<&str> = all.iter().map(|machine| machine.name.as_str()).collect();
            all.join(", ")
        };
        let told = match asked.is_empty() {
            true => format!("{}; ", held.told()),
            false => String::new(),
        };
        let back = back.first().map(|machine| returned(machine));
        if missing.is_empty() {
            return back.map(|back| known(format!("{told}{back}")));
        }
        let back = back.map(|back| format!("; {back}")).unwrap_or_default();
        let names = names(&missing);
        let why = match held.is_floating && missing.iter().all(|machine| machine.interface.is_some()) {
            true => {
                "whether rules there are asked for its own address or for that of the frontend, which it sees with floating IP, is not known, and they say different things"
            }
            false => "no interface of it is known (`az network nic list`, of a scale set `az vmss nic list`)",
        };
        Some(unasked(
            format!(
                "behind load balancer `{}`, at {names}: {why}",
                held.balancer.name()
            ),
            format!("{told}what rules say at {names} is not known{back}"),
        ))
    }

    /// Why what is sent from the public address of a balancer is not judged: any machine behind it may have sent it.
    pub(in crate::explain) fn unasked_sender(&self) -> Option<Unasked> {
        let [source, _] = &self.ends;
        let held = balanced_at(&self.part, source.address, &source.seen, None, None)?;
        let name = held.balancer.name();
        let says = format!(
            "which machine behind load balancer {name} sends it is not known, nor what rules say there"
        );
        let why = format!(
            "{} is an address of load balancer `{name}`, behind which are {}: each of them may have sent it, and what their rules say is \
             not asked",
            source.address,
            held.machines().replace(" or ", ", ")
        );
        Some(unasked(why, says))
    }

    /// Rules where it leaves are not asked where it may have been sent to a frontend, and they say of that something else.
    pub(in crate::explain) fn unasked_leaving(&self, end: &End) -> Option<Unasked> {
        let interface = end.interface.as_ref().filter(|_| self.leaves_otherwise())?;
        let to: Vec<String> = self.others_in_words();
        let name = interface.name_in_group();
        Some(unasked(
            format!(
                "{} logged nothing of it, and it may have been sent to {} instead of {}: what rules say leaving there is not the same, and \
                 is not told",
                name,
                to.join(" or "),
                self.key.destination
            ),
            format!("what rules say leaving {name} is not known"),
        ))
    }

    /// True if rules where it leaves decide by the address that it was sent to, and which that is nothing says.
    pub(in crate::explain) fn leaves_otherwise(&self) -> bool {
        let [source, _] = &self.ends;
        let Some(flow) = self.flow(Direction::Outbound).filter(|_| !self.others.is_empty()) else {
            return false;
        };
        let guard = source
            .interface
            .as_ref()
            .map(|id| Guard::of(&self.part.facts, id));
        let Some(Ok(guard)) = guard else { return false };
        let decided = |destination: IpAddr, destination_port: u16| {
            let flow = Flow {
                destination,
                destination_port,
                ..flow
            };
            guard.prove(&flow).verdict.decision
        };
        let own = decided(flow.destination, flow.destination_port);
        let got = self
            .lines
            .iter()
            .find(|line| line.direction == Direction::Inbound);
        got.is_some_and(|line| {
            self.others.iter().any(|way| match way.sent(&line.key) {
                Some(sent) => decided(sent.destination, sent.destination_port.unwrap_or_default()) != own,
                None => true,
            })
        })
    }
}
