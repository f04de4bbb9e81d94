//! Which rule a flow met at each level that it reached: a log names only the last one.

use model::facts::Access;

use crate::guard::Guard;
use crate::judge::{World, worlds};
use crate::lane::{Lane, LaneLevel};
use crate::level::deeds;
use crate::ranges::State;
use crate::verdict::{Flow, LevelKind, RulePlace, Verdict};

/// What a flow met at a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// This rule, whatever is not known.
    Rule(RulePlace),
    /// No rule, as only security admin rules let it be.
    Nobody,
    /// One of several, or one that is not known: see [`Guard::candidates`].
    Open,
}

/// A level that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelMet {
    /// Which.
    pub kind: LevelKind,
    /// What was met there.
    pub met: Met,
}

/// The way of a flow through the levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    /// What [`Guard::judge`] says.
    pub verdict: Verdict,
    levels: [Option<LevelMet>; 3],
}

impl Path {
    const fn new(verdict: Verdict) -> Self {
        Self {
            verdict,
            levels: [None; 3],
        }
    }

    fn add(&mut self, kind: LevelKind, met: Met) {
        if let Some(free) = self.levels.iter_mut().find(|level| level.is_none()) {
            *free = Some(LevelMet { kind, met });
        }
    }

    /// The levels that were surely reached, in their order. What lies behind one that is open is told only if all that it may be lets
    /// the flow pass.
    pub fn levels(&self) -> impl Iterator<Item = LevelMet> + '_ {
        self.levels.iter().flatten().copied()
    }

    /// The rules that surely matched, in the order in which they were asked.
    pub fn rules(&self) -> impl Iterator<Item = RulePlace> + '_ {
        self.levels().filter_map(|level| match level.met {
            Met::Rule(place) => Some(place),
            Met::Nobody | Met::Open => None,
        })
    }

    /// True if at each level that may be reached it is known what was met.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.levels().all(|level| level.met != Met::Open)
    }
}

/// The rules of a level that may match in one case, up to the first that does.
#[derive(Default)]
struct Matches {
    rules: Vec<(RulePlace, Access)>,
    is_settled: bool,
}

impl Matches {
    fn take(&mut self, place: RulePlace, may_do: impl Iterator<Item = Access>, state: State) {
        if state != State::No && !self.rules.iter().any(|(known, _)| *known == place) {
            self.rules.extend(may_do.map(|access| (place, access)));
        }
        self.is_settled |= state == State::Yes;
    }

    fn met(&self, level: &LaneLevel, is_of_platform: bool) -> Met {
        let may_be_nobody = level.kind == LevelKind::Admin || is_of_platform;
        match self.rules.as_slice() {
            _ if level.is_unknown => Met::Open,
            [(place, _)] if self.is_settled => Met::Rule(*place),
            [] if may_be_nobody => Met::Nobody,
            _ => Met::Open,
        }
    }

    /// True if the flow goes on to the next level, whatever is not known.
    fn surely_passes(&self, level: &LaneLevel, is_of_platform: bool) -> bool {
        let may_be_nobody = level.kind == LevelKind::Admin || is_of_platform;
        !level.is_unknown
            && (self.is_settled || may_be_nobody)
            && self.rules.iter().all(|(_, access)| *access == Access::Allow)
    }

    /// True if the flow may go on to the next level.
    fn may_pass(&self, level: &LaneLevel, is_of_platform: bool) -> bool {
        let may_be_nobody = level.kind == LevelKind::Admin || is_of_platform;
        level.is_unknown
            || (!self.is_settled && may_be_nobody)
            || self.rules.iter().any(|(_, access)| *access == Access::Allow)
    }
}

impl Guard {
    /// What happens to a flow, and which rule it met at each level.
    #[must_use]
    pub fn path(&self, flow: &Flow) -> Path {
        if let Some(verdict) = self.verdict_of_all() {
            return Path::new(verdict);
        }
        let lane = self.lane(flow.direction);
        if !flow.is_of_platform() {
            let mut path = Path::new(Verdict::UNKNOWN);
            let quick = lane.quick_by(flow, |kind, place| {
                path.add(kind, place.map_or(Met::Nobody, Met::Rule));
            });
            if let Some(verdict) = quick {
                return Path { verdict, ..path };
            }
        }
        let mut path = Path::new(self.judge(flow));
        for level in &lane.levels {
            let mut met: Option<Met> = None;
            let mut goes_on = true;
            for world in worlds(flow, self.surroundings()) {
                let matches = self.matches(lane, level, flow, world);
                let here = matches.met(level, flow.is_of_platform());
                met = Some(match met {
                    Some(known) if known != here => Met::Open,
                    _ => here,
                });
                goes_on &= matches.surely_passes(level, flow.is_of_platform());
            }
            let met = met.unwrap_or(Met::Open);
            path.add(level.kind, met);
            if !goes_on {
                break;
            }
        }
        path
    }

    /// The rules that may have matched a flow, at all levels that it may have reached.
    #[must_use]
    pub fn candidates(&self, flow: &Flow) -> Vec<RulePlace> {
        self.found(flow, true)
    }

    /// The rules that would decide about a flow at each level, had it come there: what turns it away before is not looked at.
    #[must_use]
    pub fn candidates_everywhere(&self, flow: &Flow) -> Vec<RulePlace> {
        self.found(flow, false)
    }

    fn found(&self, flow: &Flow, is_walk: bool) -> Vec<RulePlace> {
        let mut found: Vec<RulePlace> = Vec::new();
        if self
            .verdict_of_all()
            .is_some_and(|verdict| verdict == Verdict::NOT_GOVERNED)
        {
            return found;
        }
        let lane = self.lane(flow.direction);
        for world in worlds(flow, self.surroundings()) {
            for level in &lane.levels {
                let matches = self.matches(lane, level, flow, world);
                found.extend(matches.rules.iter().map(|(place, _)| *place));
                if is_walk && !matches.may_pass(level, flow.is_of_platform()) {
                    break;
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn matches(&self, lane: &Lane, level: &LaneLevel, flow: &Flow, world: World) -> Matches {
        let mut matches = Matches::default();
        let mut settled: Option<i32> = None;
        let mut take =
            |place: RulePlace, access: Access, is_open: bool, priority: i32, state: &dyn Fn() -> State| {
                if settled.is_some_and(|number| number != priority) {
                    return false;
                }
                let state = state();
                if state == State::Yes {
                    settled = Some(priority);
                }
                matches.take(place, deeds(access, is_open), state);
                true
            };
        if flow.is_of_platform() {
            for at in &level.of_platform {
                let place = RulePlace {
                    level: level.kind,
                    rule: *at,
                };
                let Some(held) = self.rule(place) else {
                    continue;
                };
                let state = || self.platform_state(held, flow, world);
                let rule = &held.rule;
                if !take(place, rule.access, rule.may_do_otherwise(), rule.priority, &state) {
                    break;
                }
            }
            return matches;
        }
        let hits = lane.hits(flow);
        for row in lane.candidates(&hits, level) {
            let state = || row.state(flow, world, self.surroundings());
            if !take(row.place, row.access, row.may_do_otherwise, row.priority, &state) {
                break;
            }
        }
        matches
    }
}
