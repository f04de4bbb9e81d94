//! The walk with its proof: rule by rule as they are written, without any index. What [`crate::Guard::judge`] says must be the same.

use std::net::IpAddr;

use ipnet::IpNet;
use model::facts::{AddressSpec, PortRange, RuleProtocol, Side};

use crate::guard::{Governed, Guard};
use crate::judge::{World, worlds};
use crate::level::{HeldRule, Level};
use crate::matching::{PlatformTag, portless_state, protocol_state};
use crate::outcome::{LevelOutcome, Outcome};
use crate::proof::{Because, LevelEnd, LevelProof, PartProof, Proof, Step};
use crate::ranges::State;
use crate::surroundings::{Surroundings, TagMeaning, is_range, speaks_of_platform};
use crate::verdict::{Flow, LevelKind, RulePlace, Verdict, is_platform};

/// Whether an address matches: if it is inside of `VirtualNetwork`, and if it is outside.
#[derive(Clone, Debug)]
struct Found {
    inside: State,
    outside: State,
    because: Because,
}

impl Found {
    const fn new(state: State, because: Because) -> Self {
        Self {
            inside: state,
            outside: state,
            because,
        }
    }

    const fn in_case(&self, is_inside: Option<bool>) -> State {
        match is_inside {
            Some(false) => self.outside,
            _ => self.inside,
        }
    }

    fn proof(&self) -> PartProof {
        let state = if self.inside == self.outside {
            self.inside
        } else {
            State::Unknown
        };
        PartProof {
            state,
            because: self.because.clone(),
        }
    }

    /// Of two alternatives what either gives; the reason is that of the better one.
    fn or(self, other: Self) -> Self {
        let worth = |found: &Self| (found.inside.min(found.outside), found.inside.max(found.outside));
        let because = if worth(&other) > worth(&self) {
            other.because
        } else {
            self.because
        };
        Self {
            inside: self.inside.max(other.inside),
            outside: self.outside.max(other.outside),
            because,
        }
    }
}

/// A rule, part by part.
struct Asked {
    protocol: PartProof,
    source_port: PartProof,
    destination_port: PartProof,
    source: Found,
    destination: Found,
    is_sure: State,
}

impl Asked {
    fn in_case(&self, world: World) -> State {
        let [source, destination] = world;
        self.is_sure
            .min(self.protocol.state)
            .min(self.source_port.state)
            .min(self.destination_port.state)
            .min(self.source.in_case(source))
            .min(self.destination.in_case(destination))
    }

    /// Whether it matches in some of the cases, if they agree.
    fn in_cases<'w>(&self, mut worlds: impl Iterator<Item = &'w World>) -> State {
        let first = worlds.next().map_or(State::No, |world| self.in_case(*world));
        if worlds.all(|world| self.in_case(*world) == first) {
            first
        } else {
            State::Unknown
        }
    }

    fn step(&self, held: &HeldRule, place: RulePlace, state: State) -> Step {
        Step {
            place,
            name: held.rule.name.clone(),
            owner: held.owner.clone(),
            priority: held.rule.priority,
            access: held.rule.access,
            state,
            applies: held.applies,
            unknown: held.rule.unknown.clone(),
            protocol: self.protocol.clone(),
            source: self.source.proof(),
            source_port: self.source_port.clone(),
            destination: self.destination.proof(),
            destination_port: self.destination_port.clone(),
        }
    }
}

/// A flow on its walk.
struct Walk<'w> {
    flow: &'w Flow,
    surroundings: &'w Surroundings,
    is_of_platform: bool,
    worlds: Vec<World>,
}

impl Guard {
    /// What happens to a flow, and why.
    #[must_use]
    pub fn prove(&self, flow: &Flow) -> Proof {
        let flow = &Flow {
            source: flow.source.to_canonical(),
            destination: flow.destination.to_canonical(),
            ..*flow
        };
        let walk = Walk {
            flow,
            surroundings: self.surroundings(),
            is_of_platform: flow.is_of_platform(),
            worlds: worlds(flow, self.surroundings()).collect(),
        };
        let mut unknowns = Vec::new();
        let (verdict, levels) = match self.governed {
            Governed::Yes => walk.levels(self, &mut unknowns),
            Governed::No => (Verdict::NOT_GOVERNED, Vec::new()),
            Governed::Unknown => {
                let reason = "whether rules hold for private endpoints in its subnet is not known";
                unknowns.push(reason.to_owned());
                (Verdict::UNKNOWN, Vec::new())
            }
        };
        Proof {
            verdict,
            is_of_platform: walk.is_of_platform,
            is_by_cases: walk.worlds.len() > 1,
            levels,
            unknowns,
        }
    }
}

impl Walk<'_> {
    fn levels(&self, guard: &Guard, unknowns: &mut Vec<String>) -> (Verdict, Vec<LevelProof>) {
        let mut proofs: Vec<LevelProof> = Vec::new();
        let mut ends: Vec<Vec<LevelOutcome>> = vec![Vec::new(); self.worlds.len()];
        for level in guard.levels().in_order(self.flow.direction) {
            let (outcomes, proof) = self.level(level);
            unknowns.extend(level.unknown.iter().cloned());
            note_unknowns(&proof, self.surroundings, unknowns);
            let passes = outcomes.iter().any(LevelOutcome::may_pass);
            for (all, outcome) in ends.iter_mut().zip(outcomes) {
                all.push(outcome);
            }
            proofs.push(proof);
            if !passes {
                break;
            }
        }
        let cases = ends
            .into_iter()
            .map(|levels| Outcome::of_levels(levels, self.is_of_platform));
        (cases.reduce(Outcome::or).unwrap_or_default().verdict(), proofs)
    }

    /// The walk through one level, in all cases side by side.
    fn level(&self, level: &Level) -> (Vec<LevelOutcome>, LevelProof) {
        let is_admin = level.kind == LevelKind::Admin;
        let mut outcomes = vec![LevelOutcome::default(); self.worlds.len()];
        let mut settled: Vec<Option<i32>> = vec![None; self.worlds.len()];
        let (mut steps, mut next) = (Vec::new(), None);
        for (at, held) in (0_u32..).zip(&level.rules) {
            let is_meant = held.rule.direction == self.flow.direction
                && (!self.is_of_platform || speaks_of_platform(&held.rule));
            if !is_meant {
                continue;
            }
            let place = RulePlace {
                level: level.kind,
                rule: at,
            };
            let asked = self.ask(held);
            let is_open = |settled: &Option<i32>| settled.is_none_or(|number| number == held.rule.priority);
            let open: Vec<bool> = settled.iter().map(is_open).collect();
            if !open.contains(&true) {
                let state = asked.in_cases(self.worlds.iter());
                if state != State::No {
                    next = Some(asked.step(held, place, state));
                    break;
                }
                continue;
            }
            let all = self.worlds.iter().zip(&open);
            let live = all.clone().filter(|(_, open)| **open).map(|(world, _)| world);
            steps.push(asked.step(held, place, asked.in_cases(live)));
            for (((world, _), outcome), settled) in all
                .zip(&mut outcomes)
                .zip(&mut settled)
                .filter(|(((_, open), _), _)| **open)
            {
                let state = asked.in_case(*world);
                if state != State::No {
                    for access in held.deeds() {
                        outcome.take_rule(access, place);
                    }
                }
                if state == State::Yes {
                    *settled = Some(held.rule.priority);
                }
            }
        }
        for (outcome, settled) in outcomes.iter_mut().zip(&settled) {
            self.close(level, outcome, settled.is_some(), is_admin);
        }
        let proof = LevelProof {
            kind: level.kind,
            group: level.group.clone(),
            ends: ends(&outcomes),
            steps,
            next,
        };
        (outcomes, proof)
    }

    /// What comes of a level whose rules have all been asked, or of which not all are known.
    fn close(&self, level: &Level, outcome: &mut LevelOutcome, is_settled: bool, is_admin: bool) {
        let is_unknown = !level.unknown.is_empty();
        if is_unknown {
            *outcome = LevelOutcome::default();
            outcome.take_anything(is_admin);
        }
        if self.is_of_platform {
            if is_unknown || !is_settled {
                outcome.pass_by_nobody();
            }
        } else if !is_unknown && !is_settled {
            if is_admin {
                outcome.pass_by_nobody();
            } else {
                outcome.take_anything(false);
            }
        }
    }

    fn ask(&self, held: &HeldRule) -> Asked {
        let (rule, flow) = (&held.rule, self.flow);
        Asked {
            protocol: protocol(rule.protocol, flow.protocol),
            source_port: self.port(&rule.source, flow.source_port),
            destination_port: self.port(&rule.destination, flow.destination_port),
            source: self.side(&rule.source, flow.source, flow.source_port),
            destination: self.side(&rule.destination, flow.destination, flow.destination_port),
            is_sure: if held.is_sure() {
                State::Yes
            } else {
                State::Unknown
            },
        }
    }

    fn port(&self, side: &Side, port: u16) -> PartProof {
        let part = |state, because| PartProof { state, because };
        if !self.flow.has_ports() {
            return match portless_state(side) {
                State::Yes => part(State::Yes, Because::Everything),
                State::No => part(State::No, Because::NothingMatches),
                State::Unknown => part(State::Unknown, Because::NoPorts),
            };
        }
        match side.ports.iter().find(|range| range.has(port)) {
            Some(&PortRange::ALL) => part(State::Yes, Because::Everything),
            Some(range) => part(State::Yes, Because::Ports(*range)),
            None => match side.unread_ports.first() {
                Some(text) => part(State::Unknown, Because::Unread(text.clone())),
                None => part(State::No, Because::NothingMatches),
            },
        }
    }

    fn side(&self, side: &Side, address: IpAddr, port: u16) -> Found {
        let is_host = is_platform(address);
        let mut found = side
            .addresses
            .iter()
            .map(|held| match held {
                AddressSpec::Tag(name) if PlatformTag::of(name).is_some() => {
                    self.host_tag(name, address, port)
                }
                // No other word of a rule is about the host.
                _ if is_host => Found::new(State::No, Because::NothingMatches),
                AddressSpec::Tag(name) => self.tag(name, side, address),
                held => written(held, address),
            })
            .fold(Found::new(State::No, Because::NothingMatches), Found::or);
        if is_host {
            return found;
        }
        for prefix in side.expanded.iter().filter(|prefix| contains(prefix, address)) {
            found = found.or(Found::new(State::Yes, Because::Expanded(*prefix)));
        }
        for group in &side.application_groups {
            found = found.or(match self.surroundings.members(group).state(address) {
                State::Yes => Found::new(State::Yes, Because::ApplicationGroup(group.clone())),
                State::No => Found::new(State::No, Because::NothingMatches),
                State::Unknown => Found::new(State::Unknown, Because::UnknownMembers(group.clone())),
            });
        }
        for text in &side.unread_addresses {
            found = found.or(Found::new(State::Unknown, Because::Unread(text.clone())));
        }
        for group in &side.network_groups {
            found = found.or(Found::new(
                State::Unknown,
                Because::UnknownNetworkGroup(group.clone()),
            ));
        }
        found
    }

    /// One of the tags of the host's services.
    fn host_tag(&self, name: &str, address: IpAddr, port: u16) -> Found {
        let port = self.flow.has_ports().then_some(port);
        let state = PlatformTag::of(name).map_or(State::No, |tag| tag.state(address, port));
        Found::new(state, self.reason(name, state))
    }

    fn reason(&self, name: &str, state: State) -> Because {
        match state {
            State::Yes => Because::Tag(name.to_owned()),
            State::Unknown => Because::UnknownTag(name.to_owned()),
            State::No => Because::NothingMatches,
        }
    }

    fn tag(&self, name: &str, side: &Side, address: IpAddr) -> Found {
        let known = |state| Found::new(state, self.reason(name, state));
        let surroundings = self.surroundings;
        let meaning = surroundings.tag(name);
        if matches!(meaning, TagMeaning::Any) {
            return Found::new(State::Yes, Because::Everything);
        }
        let is_v4 = matches!(crate::ranges::Number::of(address), crate::ranges::Number::V4(_));
        let is_expanded = side
            .expanded
            .iter()
            .any(|prefix| prefix.addr().is_ipv4() == is_v4);
        if is_expanded {
            return known(State::No);
        }
        let network = surroundings.network();
        let is_network = match meaning {
            TagMeaning::VirtualNetwork => true,
            TagMeaning::Internet => false,
            TagMeaning::LoadBalancer => {
                return known(match address == IpAddr::from(model::address::AZURE_WIRE_SERVER) {
                    true => State::Yes,
                    false => State::No,
                });
            }
            TagMeaning::Known(held) => return known(held.state(address)),
            _ => return known(State::Unknown),
        };
        let (inside, outside) = if is_network {
            (State::Yes, State::No)
        } else {
            (State::No, State::Yes)
        };
        match network.state(address) {
            State::Yes => known(inside),
            State::No => known(outside),
            // A list that Azure made of other tags says nothing of this one.
            State::Unknown if !side.expanded.is_empty() => {
                Found::new(State::Unknown, Because::UnknownNetwork(name.to_owned()))
            }
            State::Unknown => Found {
                inside,
                outside,
                because: Because::UnknownNetwork(name.to_owned()),
            },
        }
    }
}

fn protocol(rule: RuleProtocol, protocol: u8) -> PartProof {
    let because = match rule {
        RuleProtocol::Any => Because::Everything,
        rule => Because::Protocol(rule),
    };
    PartProof {
        state: protocol_state(rule, protocol),
        because,
    }
}

/// A prefix of IPv4 addresses may be written as one of IPv6; those of flows no longer are.
fn contains(prefix: &IpNet, address: IpAddr) -> bool {
    let (first, last) = (prefix.network().to_canonical(), prefix.broadcast().to_canonical());
    if first.is_ipv4() && last.is_ipv4() {
        address.is_ipv4() && first <= address && address <= last
    } else {
        prefix.contains(&address)
    }
}

fn written(held: &AddressSpec, address: IpAddr) -> Found {
    let yes = |is: bool, because: Because| match is {
        true => Found::new(State::Yes, because),
        false => Found::new(State::No, Because::NothingMatches),
    };
    match held {
        AddressSpec::Any => yes(true, Because::Everything),
        AddressSpec::Prefix(prefix) => yes(contains(prefix, address), Because::Prefix(*prefix)),
        AddressSpec::Range(first, last) if is_range(*first, *last) => {
            let (from, to) = (first.to_canonical(), last.to_canonical());
            let is = from.is_ipv4() == address.is_ipv4() && from <= address && address <= to;
            yes(is, Because::Range(*first, *last))
        }
        AddressSpec::Range(first, last) => Found::new(State::Unknown, Because::BadRange(*first, *last)),
        AddressSpec::Tag(_) => yes(false, Because::NothingMatches),
    }
}

fn ends(outcomes: &[LevelOutcome]) -> Vec<LevelEnd> {
    let any = |is: fn(&LevelOutcome) -> bool| outcomes.iter().any(is);
    let all = [
        (any(LevelOutcome::may_pass), LevelEnd::Passes),
        (any(|outcome| outcome.denied.is_some()), LevelEnd::Denied),
        (any(|outcome| outcome.delivered.is_some()), LevelEnd::Delivered),
    ];
    all.into_iter()
        .filter(|(is, _)| *is)
        .map(|(_, end)| end)
        .collect()
}

/// The reasons of the rules that may match.
fn note_unknowns(proof: &LevelProof, surroundings: &Surroundings, unknowns: &mut Vec<String>) {
    let mut note = |text: String| {
        if !unknowns.contains(&text) {
            unknowns.push(text);
        }
    };
    for step in proof.steps.iter().filter(|step| step.state == State::Unknown) {
        if !step.applies {
            note(format!(
                "whether security admin rule `{}` holds here is not known",
                step.name
            ));
        }
        for name in &step.unknown {
            note(format!(
                "rule `{}`: what its property `{name}` does is not known",
                step.name
            ));
        }
        let parts = [
            &step.protocol,
            &step.source,
            &step.source_port,
            &step.destination,
            &step.destination_port,
        ];
        for part in parts.into_iter().filter(|part| part.state == State::Unknown) {
            note(format!("rule `{}`: {}", step.name, part.because));
            if matches!(part.because, Because::UnknownNetwork(_)) {
                surroundings
                    .network_unknowns()
                    .iter()
                    .cloned()
                    .for_each(&mut note);
            }
        }
    }
}
