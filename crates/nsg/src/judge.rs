//! Flow by flow, fast: what surely decides is found by bits; what may is looked at row by row.

use std::net::IpAddr;
use std::sync::Arc;

use model::facts::Access;

use crate::guard::Guard;
use crate::lane::{Hits, Lane, LaneLevel, Row, RowSide};
use crate::level::deeds;
use crate::matching::{PlatformTag, port_state, portless_state, protocol_state};
use crate::outcome::{LevelOutcome, Outcome};
use crate::ranges::State;
use crate::surroundings::Surroundings;
use crate::verdict::{Decision, Flow, LevelKind, RulePlace, Verdict, is_platform};

/// Whether each end of a flow is taken to be inside of `VirtualNetwork`; none where that is known.
pub(crate) type World = [Option<bool>; 2];

/// The cases to be told apart: an end that may be inside of `VirtualNetwork` is so for all rules, or for none.
pub(crate) fn worlds(flow: &Flow, surroundings: &Surroundings) -> impl Iterator<Item = World> {
    let cases = |address: IpAddr| -> &'static [Option<bool>] {
        if surroundings.network().perhaps.has(address) {
            &[Some(true), Some(false)]
        } else {
            &[None]
        }
    };
    let (sources, destinations) = (cases(flow.source), cases(flow.destination));
    sources.iter().flat_map(move |source| {
        destinations
            .iter()
            .map(move |destination| [*source, *destination])
    })
}

impl Lane {
    /// The verdict, where bits alone give it.
    pub(crate) fn quick(&self, flow: &Flow) -> Option<Verdict> {
        self.quick_by(flow, |_, _| ())
    }

    /// The same; tells of each level that is reached the rule that matches there.
    pub(crate) fn quick_by(
        &self,
        flow: &Flow,
        mut met: impl FnMut(LevelKind, Option<RulePlace>),
    ) -> Option<Verdict> {
        let hits = self.hits(flow);
        let mut by = None;
        for level in &self.levels {
            if level.is_unknown {
                return None;
            }
            let Some((row, is_sure)) = self.first(&hits, level) else {
                // Of a group some rule always matches; admin rules need not.
                if level.kind != LevelKind::Admin {
                    return None;
                }
                met(level.kind, None);
                continue;
            };
            if !is_sure || row.is_tied {
                return None;
            }
            let by_row = Some(row.place);
            met(level.kind, by_row);
            let decision = match row.access {
                Access::Allow if level.kind == LevelKind::Admin => continue,
                Access::Allow => {
                    by = by_row;
                    continue;
                }
                Access::Deny => Decision::Denied,
                Access::AlwaysAllow => Decision::Allowed,
            };
            return Some(Verdict { decision, by: by_row });
        }
        Some(Verdict {
            decision: Decision::Allowed,
            by,
        })
    }

    /// The first row of a level that can match, and whether it does.
    fn first(&self, hits: &Hits<'_>, level: &LaneLevel) -> Option<(&Row, bool)> {
        let words = level.first_word..level.last_word;
        let [a, b, c, d, e] = hits.map(|(can, _)| can.get(words.clone()).unwrap_or_default());
        let all = a.iter().zip(b).zip(c).zip(d).zip(e).enumerate();
        let mut found = all.map(|(at, ((((a, b), c), d), e))| (at, a & b & c & d & e));
        let (at, word) = found.find(|(_, word)| *word != 0)?;
        let bit = word.trailing_zeros();
        let row = self.rows.get(level.first_row + at * 64 + bit as usize)?;
        let is_sure = hits.iter().all(|(_, sure)| {
            sure.get(level.first_word + at)
                .is_some_and(|word| word >> bit & 1 == 1)
        });
        Some((row, is_sure))
    }

    /// What may come of a level in one case.
    fn weigh_level(
        &self,
        level: &LaneLevel,
        hits: &Hits<'_>,
        flow: &Flow,
        world: World,
        surroundings: &Surroundings,
    ) -> LevelOutcome {
        let mut outcome = LevelOutcome::default();
        let is_admin = level.kind == LevelKind::Admin;
        if level.is_unknown {
            outcome.take_anything(is_admin);
            return outcome;
        }
        let mut settled: Option<i32> = None;
        for row in self.candidates(hits, level) {
            if settled.is_some_and(|priority| priority != row.priority) {
                break;
            }
            let state = row.state(flow, world, surroundings);
            if state != State::No {
                for access in deeds(row.access, row.may_do_otherwise) {
                    outcome.take_rule(access, row.place);
                }
            }
            if state == State::Yes {
                settled = Some(row.priority);
            }
        }
        match (settled, is_admin) {
            (Some(_), _) => {}
            (None, true) => outcome.pass_by_nobody(),
            (None, false) => outcome.take_anything(false),
        }
        outcome
    }

    /// The rows of a level that can match, in their order.
    pub(crate) fn candidates<'l>(
        &'l self,
        hits: &'l Hits<'_>,
        level: &'l LaneLevel,
    ) -> impl Iterator<Item = &'l Row> + 'l {
        let words = level.first_word..level.last_word;
        words.enumerate().flat_map(move |(at, word)| {
            let mut bits = hits
                .iter()
                .map(|(can, _)| can.get(word).copied().unwrap_or_default())
                .fold(u64::MAX, |all, word| all & word);
            std::iter::from_fn(move || {
                let bit = (bits != 0).then(|| bits.trailing_zeros())?;
                bits &= bits - 1;
                self.rows.get(level.first_row + at * 64 + bit as usize)
            })
        })
    }
}

impl Row {
    /// Whether it matches in one case.
    pub(crate) fn state(&self, flow: &Flow, world: World, surroundings: &Surroundings) -> State {
        let [source, destination] = world;
        let is_sure = if self.is_sure { State::Yes } else { State::Unknown };
        let has_ports = flow.has_ports();
        let port = |side: &RowSide, port: u16| match has_ports {
            true => side.port_state(port),
            false => side.portless,
        };
        is_sure
            .min(protocol_state(self.protocol, flow.protocol))
            .min(port(&self.source, flow.source_port))
            .min(port(&self.destination, flow.destination_port))
            .min(self.source.state(flow.source, source, surroundings))
            .min(
                self.destination
                    .state(flow.destination, destination, surroundings),
            )
    }
}

impl RowSide {
    fn port_state(&self, port: u16) -> State {
        if self.ports.has(port) {
            State::Yes
        } else if self.perhaps_ports.has(port) {
            State::Unknown
        } else {
            State::No
        }
    }

    fn state(&self, address: IpAddr, is_inside: Option<bool>, surroundings: &Surroundings) -> State {
        let states = self.parts.iter().map(|part| {
            let is = |known: &Arc<_>| Arc::ptr_eq(part, known);
            let as_known = |is_yes: bool| if is_yes { State::Yes } else { State::No };
            match is_inside {
                Some(is_inside) if is(surroundings.network()) => as_known(is_inside),
                Some(is_inside) if is(surroundings.internet()) => as_known(!is_inside),
                _ => part.state(address),
            }
        });
        states.max().unwrap_or(State::No)
    }
}

impl Guard {
    /// What happens to a flow, and by which rule.
    #[must_use]
    pub fn judge(&self, flow: &Flow) -> Verdict {
        if let Some(verdict) = self.verdict_of_all() {
            return verdict;
        }
        let lane = self.lane(flow.direction);
        if flow.is_of_platform() {
            return self.judge_platform(lane, flow);
        }
        lane.quick(flow).unwrap_or_else(|| {
            let (hits, surroundings) = (lane.hits(flow), self.surroundings());
            let cases = worlds(flow, surroundings).map(|world| {
                let levels = lane.levels.iter();
                Outcome::of_levels(
                    levels.map(|level| lane.weigh_level(level, &hits, flow, world, surroundings)),
                    false,
                )
            });
            cases.reduce(Outcome::or).unwrap_or_default().verdict()
        })
    }

    /// What happens to many flows.
    pub fn judge_all<'f>(&self, flows: impl IntoIterator<Item = &'f Flow>, verdicts: &mut Vec<Verdict>) {
        verdicts.extend(flows.into_iter().map(|flow| self.judge(flow)));
    }

    fn judge_platform(&self, lane: &Lane, flow: &Flow) -> Verdict {
        let cases = worlds(flow, self.surroundings()).map(|world| {
            let levels = lane.levels.iter();
            Outcome::of_levels(levels.map(|level| self.platform_level(level, flow, world)), true)
        });
        cases.reduce(Outcome::or).unwrap_or_default().verdict()
    }

    fn platform_level(&self, level: &LaneLevel, flow: &Flow, world: World) -> LevelOutcome {
        let mut outcome = LevelOutcome::default();
        if level.is_unknown {
            outcome.take_anything(level.kind == LevelKind::Admin);
            outcome.pass_by_nobody();
            return outcome;
        }
        let mut settled: Option<i32> = None;
        for at in &level.of_platform {
            let place = RulePlace {
                level: level.kind,
                rule: *at,
            };
            let Some(held) = self.rule(place) else {
                continue;
            };
            if settled.is_some_and(|priority| priority != held.rule.priority) {
                break;
            }
            let state = self.platform_state(held, flow, world);
            if state != State::No {
                for access in held.deeds() {
                    outcome.take_rule(access, place);
                }
            }
            if state == State::Yes {
                settled = Some(held.rule.priority);
            }
        }
        if settled.is_none() {
            outcome.pass_by_nobody();
        }
        outcome
    }

    /// Whether a rule that speaks of the host's services matches a flow with the host.
    pub(crate) fn platform_state(&self, held: &crate::HeldRule, flow: &Flow, world: World) -> State {
        let rule = &held.rule;
        let surroundings = self.surroundings();
        let asked = |port: u16| flow.has_ports().then_some(port);
        let side = |side: &model::facts::Side, address: IpAddr, is_inside, port: u16| {
            if is_platform(address) {
                let tags = side.addresses.iter().filter_map(|address| match address {
                    model::facts::AddressSpec::Tag(name) => PlatformTag::of(name),
                    _ => None,
                });
                let states = tags.map(|tag| tag.state(address, asked(port)));
                return states.max().unwrap_or(State::No);
            }
            let parts = surroundings.parts(side);
            let licensing = match parts.licensing {
                Some(_) => PlatformTag::Licensing.state(address, asked(port)),
                None => State::No,
            };
            let row = RowSide {
                parts: parts.held,
                ports: crate::ranges::Ranges::default(),
                perhaps_ports: crate::ranges::Ranges::default(),
                portless: State::No,
            };
            licensing.max(row.state(address, is_inside, surroundings))
        };
        let has_ports = flow.has_ports();
        let port = |side: &model::facts::Side, port: u16| match has_ports {
            true => port_state(side, port),
            false => portless_state(side),
        };
        let [source, destination] = world;
        let is_sure = if held.is_sure() {
            State::Yes
        } else {
            State::Unknown
        };
        is_sure
            .min(protocol_state(rule.protocol, flow.protocol))
            .min(port(&rule.source, flow.source_port))
            .min(port(&rule.destination, flow.destination_port))
            .min(side(&rule.source, flow.source, source, flow.source_port))
            .min(side(
                &rule.destination,
                flow.destination,
                destination,
                flow.destination_port,
            ))
    }
}
