//! The walk of a flow through the rules of one guard that may match it, each with the questions on which that depends.

use std::net::IpAddr;

use model::facts::{Access, Side};

use super::open::{Called, Case, Open, Strange, Whose};
use crate::guard::Guard;
use crate::judge::worlds;
use crate::labels::{Label, address_parts};
use crate::lane::LaneLevel;
use crate::level::{HeldRule, deeds};
use crate::matching::{portless_state, protocol_state};
use crate::ranges::State;
use crate::verdict::{Flow, LevelKind, RulePlace};

/// The number of the first default rule: no other rule of a group has it, or one behind it.
const FIRST_DEFAULT: i32 = 65_000;

/// Answers of which one is wanted: each a question, and whether it is to be answered with yes.
type Alternatives = Vec<(usize, bool)>;

/// Takes a question; gives its number.
type Ask<'a> = dyn FnMut(Open) -> usize + 'a;

/// A rule that may match.
#[derive(Debug)]
struct Step {
    priority: i32,
    access: Access,
    called: Called,
    /// It matches if one of each holds.
    when: Vec<Alternatives>,
    /// Where it may do otherwise: the question.
    does: Option<usize>,
}

/// The rules of a level that may match, in the order in which they are asked.
#[derive(Debug)]
pub(super) struct LevelWalk {
    pub(super) kind: LevelKind,
    pub(super) unknown: Vec<String>,
    steps: Vec<Step>,
    /// Of two rules with one number that may both match.
    ties: Vec<(Called, Called, usize)>,
    is_settled: bool,
}

/// The levels of a guard.
#[derive(Debug, Default)]
pub(super) struct Walk {
    pub(super) is_governed: Option<usize>,
    pub(super) whose: Option<Whose>,
    pub(super) levels: Vec<LevelWalk>,
}

/// What comes of a level.
enum Passed {
    On,
    Through,
    Away,
}

/// The levels of a guard; none where a question cannot be put.
pub(super) fn levels(guard: &Guard, flow: &Flow, ask: &mut Ask<'_>) -> Option<Vec<LevelWalk>> {
    let lane = guard.lane(flow.direction);
    let mut levels = Vec::new();
    for level in &lane.levels {
        levels.push(walked(guard, level, flow, ask)?);
    }
    Some(levels)
}

fn walked(guard: &Guard, level: &LaneLevel, flow: &Flow, ask: &mut Ask<'_>) -> Option<LevelWalk> {
    let lane = guard.lane(flow.direction);
    let mut walk = LevelWalk {
        kind: level.kind,
        unknown: guard
            .levels()
            .of(level.kind)
            .map(|level| level.unknown.clone())
            .unwrap_or_default(),
        steps: Vec::new(),
        ties: Vec::new(),
        is_settled: false,
    };
    let hits = lane.hits(flow);
    // A rule may be several rows: what one of them surely matches it does.
    let mut found: Vec<(RulePlace, i32, State, State)> = Vec::new();
    let mut settled: Option<i32> = None;
    for row in lane.candidates(&hits, level) {
        if settled.is_some_and(|priority| priority != row.priority) {
            break;
        }
        let states =
            || worlds(flow, guard.surroundings()).map(|world| row.state(flow, world, guard.surroundings()));
        let least = states().min().unwrap_or(State::No);
        let most = states().max().unwrap_or(State::No);
        if least == State::Yes {
            settled = Some(row.priority);
        }
        match found.iter_mut().find(|(place, ..)| *place == row.place) {
            Some((_, _, held_least, held_most)) => {
                (*held_least, *held_most) = (least.max(*held_least), most.max(*held_most));
            }
            None => found.push((row.place, row.priority, least, most)),
        }
    }
    walk.is_settled = settled.is_some();
    for (place, _, least, _) in found.iter().filter(|(.., most)| *most != State::No) {
        let held = guard.rule(*place)?;
        let when = match least {
            State::Yes => Vec::new(),
            _ => condition(guard, held, flow, ask)?,
        };
        walk.add(held, when, ask);
    }
    Some(walk)
}

fn called(held: &HeldRule) -> Called {
    (held.owner.clone(), held.rule.name.to_ascii_lowercase())
}

/// On what it depends that a rule matches, where its parts are not known; none where that is no question.
fn condition(guard: &Guard, held: &HeldRule, flow: &Flow, ask: &mut Ask<'_>) -> Option<Vec<Alternatives>> {
    let rule = &held.rule;
    let mut when = Vec::new();
    if !held.applies {
        when.push(vec![(ask(Open::Holds(held.owner.clone())), true)]);
    }
    if !rule.unknown.is_empty() {
        when.push(vec![(
            ask(Open::Matches(called(held), rule.unknown.clone())),
            true,
        )]);
    }
    match protocol_state(rule.protocol, flow.protocol) {
        State::Yes => {}
        State::No => return None,
        State::Unknown => when.push(vec![(ask(Open::Label(Label::IcmpOfV6, None)), true)]),
    }
    for (is_source, address, port) in [
        (true, flow.source, flow.source_port),
        (false, flow.destination, flow.destination_port),
    ] {
        let port = flow.has_ports().then_some(port);
        for part in [
            of_ports(held, is_source, port, ask)?,
            of_addresses(guard, held, is_source, address, ask)?,
        ] {
            when.extend(part.filter(|alternatives| !alternatives.is_empty()));
        }
    }
    Some(when)
}

const fn side_of(held: &HeldRule, is_source: bool) -> &Side {
    match is_source {
        true => &held.rule.source,
        false => &held.rule.destination,
    }
}

/// On what it depends that the ports of a side match; nothing in it where they surely do, none where they surely do not.
fn of_ports(
    held: &HeldRule,
    is_source: bool,
    port: Option<u16>,
    ask: &mut Ask<'_>,
) -> Option<Option<Alternatives>> {
    let side = side_of(held, is_source);
    let mut alternatives = Alternatives::new();
    match port {
        Some(port) if side.ports.iter().any(|range| range.has(port)) => return Some(None),
        Some(_) => {}
        None => match portless_state(side) {
            State::Yes => return Some(None),
            State::No => return None,
            State::Unknown if side.ports.is_empty() => {}
            State::Unknown => {
                let mut listed = side.ports.clone();
                listed.sort_unstable_by_key(|range| (range.first, range.last));
                alternatives.push((ask(Open::Label(Label::Portless(listed), None)), true));
            }
        },
    }
    for text in &side.unread_ports {
        alternatives.push((ask(Open::Unread(called(held), is_source, text.clone())), true));
    }
    (!alternatives.is_empty()).then_some(Some(alternatives))
}

/// The same of its addresses.
fn of_addresses(
    guard: &Guard,
    held: &HeldRule,
    is_source: bool,
    address: IpAddr,
    ask: &mut Ask<'_>,
) -> Option<Option<Alternatives>> {
    let (mut alternatives, mut is_unread) = (Alternatives::new(), false);
    let side = side_of(held, is_source);
    for part in address_parts(guard.surroundings(), side) {
        match (part.held.state(address), part.label) {
            (State::Yes, _) => return Some(None),
            (State::Unknown, Some(label)) => {
                alternatives.push((ask(Open::Label(label, Some(address))), !part.is_negated));
            }
            // What could not be read has no label.
            (State::Unknown, None) => is_unread = true,
            (State::No, _) => {}
        }
    }
    if is_unread {
        let texts = format!("{:?}{:?}", side.addresses, side.unread_addresses);
        alternatives.push((ask(Open::Unread(called(held), is_source, texts)), true));
    }
    (!alternatives.is_empty()).then_some(Some(alternatives))
}

impl LevelWalk {
    fn add(&mut self, held: &HeldRule, when: Vec<Alternatives>, ask: &mut Ask<'_>) {
        let rule = &held.rule;
        let step = Step {
            priority: rule.priority,
            access: rule.access,
            called: called(held),
            when,
            does: rule
                .may_do_otherwise()
                .then(|| ask(Open::Does(called(held), rule.unknown.clone()))),
        };
        let beside = self.steps.iter().filter(|held| held.priority == step.priority);
        for other in beside.filter(|held| held.access != step.access || held.does.or(step.does).is_some()) {
            let (first, second) = match other.called <= step.called {
                true => (other.called.clone(), step.called.clone()),
                false => (step.called.clone(), other.called.clone()),
            };
            let question = ask(Open::IsFirst(first.clone(), second.clone()));
            self.ties.push((first, second, question));
        }
        self.steps.push(step);
    }

    fn is_before(&self, one: &Step, other: &Step, case: &Case<'_>) -> bool {
        self.ties.iter().any(|(first, second, question)| {
            let is = case.is(*question);
            (*first == one.called && *second == other.called && is)
                || (*first == other.called && *second == one.called && !is)
        })
    }

    /// What comes of it in a case; none where no rule of a group matches, which cannot be.
    fn pass(&self, case: &Case<'_>, whose: Option<Whose>) -> Option<Passed> {
        let is_admin = self.kind == LevelKind::Admin;
        let strange = match self.unknown.is_empty() {
            true => None,
            false => case.strange(self.kind, whose),
        };
        let mut first: Option<&Step> = None;
        for step in self.steps.iter().filter(|step| step.is_met(case)) {
            match first {
                None => first = Some(step),
                Some(held) if held.priority != step.priority => break,
                Some(held) if self.is_before(step, held, case) => first = Some(step),
                Some(_) => {}
            }
        }
        let is_strange = |before: i32| first.is_none_or(|step| before <= step.priority);
        let access = match (strange, first) {
            (
                Some(Strange {
                    before: Some(before),
                    access,
                }),
                _,
            ) if is_strange(before) => access,
            (_, Some(step)) => step.does(case),
            (_, None) => return is_admin.then_some(Passed::On),
        };
        Some(match access {
            Access::Allow => Passed::On,
            Access::AlwaysAllow => Passed::Through,
            Access::Deny => Passed::Away,
        })
    }
}

impl Step {
    fn is_met(&self, case: &Case<'_>) -> bool {
        let mut all = self.when.iter();
        all.all(|any| any.iter().any(|(question, wanted)| case.is(*question) == *wanted))
    }

    fn does(&self, case: &Case<'_>) -> Access {
        let is_as_said = self.does.is_none_or(|question| case.is(question));
        let mut may = deeds(self.access, true);
        may.nth(usize::from(!is_as_said)).unwrap_or(self.access)
    }
}

impl Walk {
    pub(super) fn level(&self, kind: LevelKind) -> Option<&LevelWalk> {
        self.levels.iter().find(|level| level.kind == kind)
    }

    /// Whether the flow is let through in a case.
    pub(super) fn end(&self, case: &Case<'_>) -> Option<bool> {
        if self.is_governed.is_some_and(|question| !case.is(question)) {
            return Some(true);
        }
        for level in &self.levels {
            match level.pass(case, self.whose)? {
                Passed::On => {}
                Passed::Through => return Some(true),
                Passed::Away => return Some(false),
            }
        }
        Some(true)
    }
}

/// Where a rule that is not known may stand among those that may match, and what it may do. Of several such rules it is the first that
/// matches.
pub(super) fn ways<'l>(kind: LevelKind, levels: impl Iterator<Item = &'l LevelWalk>) -> Vec<Strange> {
    let is_admin = kind == LevelKind::Admin;
    let (mut places, mut may_be_none) = (Vec::new(), true);
    for level in levels {
        places.extend(level.steps.iter().map(|step| step.priority));
        may_be_none &= is_admin || level.is_settled;
    }
    match is_admin {
        true => places.push(i32::MAX),
        false => {
            places.push(FIRST_DEFAULT);
            places.retain(|number| *number <= FIRST_DEFAULT);
        }
    }
    places.sort_unstable();
    places.dedup();
    let deeds: &[Access] = match is_admin {
        true => &[Access::Allow, Access::Deny, Access::AlwaysAllow],
        false => &[Access::Allow, Access::Deny],
    };
    let mut ways: Vec<Strange> = Vec::new();
    for before in places {
        ways.extend(deeds.iter().map(|access| Strange {
            before: Some(before),
            access: *access,
        }));
    }
    if may_be_none {
        ways.push(Strange {
            before: None,
            access: Access::Deny,
        });
    }
    ways
}
