//! Recorded flows under rules that are not deployed: what would be turned away, what let through, and what is not known.
//!
//! Keys come interface by interface. Each is judged by the rules of now and by those that are proposed. Where what is known of the rules
//! of now does not decide, what was logged does. Memory is bounded by rules and machines, not by flows: counts and a few examples
//! are kept. A flow that both its ends logged is a decision at each of them, and is counted at each.

mod blind;
mod estates;
mod foretold;
mod impact;
mod newcomers;
mod overlay;
mod reasons;
mod tally;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use ahash::AHashMap;
use enrich::{HolderKind, Index, Place, Threats};
use model::facts::{ArmId, FactSet, Mac};
use model::{Direction, RuleKind};
use nsg::{Comparison, Decision, Flow, Guard, Problem, Verdict};

pub use blind::{Blind, Silence};
pub use impact::{Decider, Impact};
pub use overlay::{Overlay, Proposal, ProposalKind};
pub use tally::{Example, Tallies, Tally};

use crate::guards::Guards;
use crate::logged::LoggedFlow;
use estates::Estates;
use foretold::{Foretold, Verdicts};
use impact::lets_through;
use reasons::{doubt, why_unknown};

/// What is counted together: what becomes of flows, and who decides it now, then, and at the other end.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleKey {
    /// What becomes of them.
    pub impact: Impact,
    /// Who decides now.
    pub before: Decider,
    /// Who would decide.
    pub after: Decider,
    /// Who would turn them away at the other end.
    pub beyond: Option<Decider>,
}

/// What a replay comes to.
#[derive(Clone, Debug, Default)]
pub struct Replayed {
    /// By what becomes of flows.
    pub totals: BTreeMap<Impact, Tally>,
    /// By rules.
    pub by_rule: Tallies<RuleKey>,
    /// By what becomes of flows, and the machine, interface or address whose rules decide.
    pub by_workload: Tallies<(Impact, Arc<str>)>,
    /// Why it is not known what becomes of flows.
    pub reasons: Tallies<String>,
    /// Flows that the rules of now decide otherwise than was logged: rules have changed since, or are not all known.
    pub logged_otherwise: Tally,
    /// Of the indeterminate those that were let through though the rules of now turn them away, where what decides would change.
    pub doubtful: Tally,
    /// Flows that something else than a rule decided: the platform, or a network that demands encryption.
    pub not_of_rules: Tally,
    /// What is wrong with what is proposed, and not with what is known now.
    pub problems: Vec<Problem>,
    /// Interfaces whose rules would change.
    pub affected: Vec<ArmId>,
    /// What no log shows.
    pub blind: Blind,
}

/// A replay that goes on.
pub struct Replay<'f> {
    index: &'f Index,
    overlay: &'f Overlay,
    estates: Estates<'f>,
    now: Guards<'f>,
    then: Guards<'f>,
    threats: Threats,
    open: Option<Interface>,
    heard: AHashMap<Mac, u64>,
    done: Replayed,
}

/// The interface whose flows come.
struct Interface {
    mac: Option<Mac>,
    workload: Option<Arc<str>>,
    held: Held,
    counted: AHashMap<Counted, Tally>,
    proofs: usize,
}

impl Interface {
    /// True for what the platform let through where facts know no group, and one is proposed: it comes before the platform then.
    fn is_newly_guarded(&self, logged: &LoggedFlow<'_>) -> bool {
        let is_guarded = |guard: &Guard| {
            let levels = guard.levels();
            levels.subnet.is_some() || levels.interface.is_some()
        };
        let Held::Known(judges) = &self.held else {
            return false;
        };
        let Some(Ok(comparison)) = &judges.then else {
            return false;
        };
        logged.is_allowed
            && logged.rule_kind == RuleKind::Platform
            && !is_guarded(&judges.now)
            && is_guarded(comparison.then())
    }
}

/// What judges its flows.
enum Held {
    Known(Box<Judges>),
    /// Why nothing does.
    Unknown(String),
}

struct Judges {
    network: Option<ArmId>,
    now: Arc<Guard>,
    /// None where nothing would change.
    then: Option<Result<Comparison, String>>,
    /// All rules of now hold then too: what is decided otherwise, new rules decide.
    keeps_all: bool,
}

/// What is counted together at one interface.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Counted {
    impact: Impact,
    now: Option<Verdict>,
    then: Option<Verdict>,
    logged: Option<Decider>,
    beyond: Option<Decider>,
}

/// What is found out about a key.
struct Found {
    counted: Counted,
    reason: Option<String>,
}

impl Found {
    /// Of a flow that no rules are asked about.
    fn unjudged(logged: &LoggedFlow<'_>, impact: Impact, reason: Option<String>) -> Self {
        let counted = Counted {
            impact,
            now: None,
            then: None,
            logged: Some(as_logged(logged)),
            beyond: None,
        };
        Self { counted, reason }
    }
}

impl<'f> Replay<'f> {
    /// Over the facts of now, the same as an index, and what is proposed over them.
    #[must_use]
    pub fn new(facts: &'f FactSet, index: &'f Index, overlay: &'f Overlay) -> Self {
        Self {
            index,
            overlay,
            estates: Estates::of(facts, overlay),
            now: Guards::of(facts),
            then: Guards::of(&overlay.facts),
            threats: Threats::default(),
            open: None,
            heard: AHashMap::new(),
            done: Replayed::default(),
        }
    }

    /// Notes that an interface logged in one more hour.
    pub fn hear(&mut self, mac: Mac) {
        *self.heard.entry(mac).or_default() += 1;
    }

    /// Takes a key; tells what becomes of it.
    pub fn take(&mut self, logged: &LoggedFlow<'_>) -> Impact {
        if self.open.as_ref().is_none_or(|open| open.mac != logged.mac) {
            self.close();
            self.open = Some(self.interface(logged.mac));
        }
        let Some(mut open) = self.open.take() else {
            return Impact::Indeterminate;
        };
        let found = self.judge(&mut open, logged);
        let impact = found.counted.impact;
        let workload = match &open.workload {
            Some(workload) => Arc::clone(workload),
            None => own_end(&logged.flow).to_string().into(),
        };
        let tally = open.counted.entry(found.counted).or_default();
        tally.add(&workload, &logged.flow, &logged.sums);
        if let Some(reason) = found.reason {
            let mut one = Tally::default();
            one.add(&workload, &logged.flow, &logged.sums);
            self.done.reasons.merge(reason, &one);
        }
        // Of an interface that no record names each address is counted by itself.
        if open.workload.is_none() {
            let mut one = Tally::default();
            one.add(&workload, &logged.flow, &logged.sums);
            self.done.by_workload.merge((impact, workload), &one);
        }
        self.open = Some(open);
        impact
    }

    /// Ends it. The hours are those of the times that were asked for.
    #[must_use]
    pub fn finish(mut self, hours: u64) -> Replayed {
        self.close();
        self.look_at_what_is_changed(hours);
        self.done
    }

    fn interface(&mut self, mac: Option<Mac>) -> Interface {
        let (workload, held) = match mac {
            None => (
                None,
                Held::Unknown("the records do not say which interface reported".to_owned()),
            ),
            Some(mac) => self.known(mac),
        };
        Interface {
            mac,
            workload,
            held,
            counted: AHashMap::new(),
            proofs: 0,
        }
    }

    fn known(&mut self, mac: Mac) -> (Option<Arc<str>>, Held) {
        let unknown = |reason: &str| (Some(mac.to_string().into()), Held::Unknown(reason.to_owned()));
        let id = match self.now.of_mac(mac) {
            crate::Reporter::One(id) => id.clone(),
            crate::Reporter::Several => {
                return unknown("several interfaces among the facts have the MAC address that reported");
            }
            crate::Reporter::Nobody => {
                return unknown(
                    "the interface that reported is not among the facts: load `az network nic list`",
                );
            }
        };
        let workload = Some(self.estates.workload(&id));
        let now = match self.now.guard(&id) {
            Ok(guard) => guard,
            Err(error) => return (workload, Held::Unknown(error.to_string())),
        };
        let then = self.guard_then(&id, &now);
        let network = self
            .index
            .reporter(mac)
            .one()
            .and_then(|holder| holder.network.clone());
        let keeps_all = match &then {
            Some(Ok(comparison)) => newcomers::keeps_all(&now, comparison.then()),
            _ => false,
        };
        let judges = Judges {
            network,
            now,
            then,
            keeps_all,
        };
        (workload, Held::Known(Box::new(judges)))
    }

    /// What would judge an interface, if that is something else than now.
    fn guard_then(&mut self, id: &ArmId, now: &Arc<Guard>) -> Option<Result<Comparison, String>> {
        if !self.estates.may_change(id) {
            return None;
        }
        match self.then.guard(id) {
            Ok(guard) if !self.overlay.is_wide && guard.levels() == now.levels() => None,
            Ok(guard) => Some(Ok(Comparison::of(now, &guard))),
            Err(_) => Some(Err(format!("`{}` is deleted by what is proposed", id.name()))),
        }
    }

    /// What becomes of a key.
    fn judge(&mut self, open: &mut Interface, logged: &LoggedFlow<'_>) -> Found {
        if is_not_of_rules(logged) && !open.is_newly_guarded(logged) {
            self.done
                .not_of_rules
                .add(&name_of(open, logged), &logged.flow, &logged.sums);
            return Found::unjudged(logged, Impact::NotImpacted, None);
        }
        let judges = match &open.held {
            Held::Known(judges) => judges,
            Held::Unknown(reason) => {
                return Found::unjudged(logged, Impact::Indeterminate, Some(reason.clone()));
            }
        };
        let now = judges.now.judge(&logged.flow);
        let is_let_now = lets_through(now.decision);
        let is_as_logged = is_let_now == Some(logged.is_allowed);
        if is_let_now.is_some() && !is_as_logged {
            self.done
                .logged_otherwise
                .add(&name_of(open, logged), &logged.flow, &logged.sums);
        }
        let mut found = Found {
            counted: Counted {
                impact: Impact::NotImpacted,
                now: Some(now),
                // Whoever decides now decides then; what was logged is what is now.
                then: is_as_logged.then_some(now),
                logged: (!is_as_logged).then(|| as_logged(logged)),
                beyond: None,
            },
            reason: None,
        };
        match &judges.then {
            None => {}
            Some(Err(reason)) => {
                (found.counted.impact, found.counted.then) = (Impact::Indeterminate, None);
                found.reason = Some(reason.clone());
            }
            Some(Ok(comparison)) => {
                let (comparison, held) = (comparison.clone(), Arc::clone(&judges.now));
                let network = judges.network.clone();
                let verdicts = Verdicts {
                    now: &held,
                    after: comparison.then().judge(&logged.flow),
                    comparison: &comparison,
                    before: now,
                    group: self.estates.group_of(logged.group),
                };
                found.counted.then = Some(verdicts.after);
                let foretold = verdicts.foretell(logged);
                if judges.keeps_all
                    && verdicts.after.by.is_none()
                    && matches!(foretold, Foretold::Sure(Impact::NewlyDenied))
                {
                    found.counted.then = newcomers::denier(&held, comparison.then(), &logged.flow);
                }
                self.put(&mut found, foretold, open, logged, &comparison, network.as_ref());
            }
        }
        found
    }

    /// Puts what is foretold of a flow to what is found out about it.
    fn put(
        &mut self,
        found: &mut Found,
        foretold: Foretold,
        open: &mut Interface,
        logged: &LoggedFlow<'_>,
        comparison: &Comparison,
        network: Option<&ArmId>,
    ) {
        let counted = &mut found.counted;
        match foretold {
            Foretold::Sure(impact) => {
                counted.impact = impact;
                let will = counted.then.and_then(|then| lets_through(then.decision));
                if impact == Impact::NotImpacted && will != Some(logged.is_allowed) {
                    counted.then = None;
                }
                if impact == Impact::NewlyPermitted {
                    counted.beyond = self.turned_away_beyond(network, &logged.flow);
                    if counted.beyond.is_some() {
                        counted.impact = Impact::StillDenied;
                    }
                }
            }
            Foretold::Open => {
                counted.impact = Impact::Indeterminate;
                found.reason = Some(why_unknown(comparison.then(), &logged.flow, &mut open.proofs));
            }
            Foretold::Doubtful => {
                counted.impact = Impact::Indeterminate;
                counted.logged = Some(as_logged(logged));
                found.reason = Some(doubt(logged, self.estates.group_of(logged.group)));
                if logged.is_allowed {
                    self.done
                        .doubtful
                        .add(&name_of(open, logged), &logged.flow, &logged.sums);
                }
            }
        }
    }

    /// Who would turn a flow away at its other end, which has never seen it: the walk through the rules that remain. Where the other
    /// end is not known, or what its rules do, nobody is named.
    fn turned_away_beyond(&mut self, network: Option<&ArmId>, flow: &Flow) -> Option<Decider> {
        if flow.direction == Direction::Inbound {
            // It came as far as here: the other end has let it go.
            return None;
        }
        let seen = self.index.seen(Some(network?), flow.destination, &self.threats);
        if !matches!(seen.place, Place::Here { .. } | Place::Peer { .. }) {
            return None;
        }
        let holder = seen
            .holder
            .one()
            .filter(|holder| holder.kind == HolderKind::Interface)?;
        let guard = self.then.guard(&holder.id).ok()?;
        let verdict = guard.judge(&Flow {
            direction: Direction::Inbound,
            ..*flow
        });
        (verdict.decision == Decision::Denied).then(|| Decider::of(&guard, verdict))
    }

    /// Puts what was counted at an interface to the rest.
    fn close(&mut self) {
        let Some(open) = self.open.take() else {
            return;
        };
        let judges = match &open.held {
            Held::Known(judges) => Some(judges),
            Held::Unknown(_) => None,
        };
        for (counted, tally) in &open.counted {
            let now = judges.map(|judges| &judges.now);
            let then = judges.and_then(|judges| match &judges.then {
                None => Some(&judges.now),
                Some(Ok(comparison)) => Some(comparison.then()),
                Some(Err(_)) => None,
            });
            let of = |guard: Option<&Arc<Guard>>, verdict: Option<Verdict>| {
                guard
                    .zip(verdict)
                    .map(|(guard, verdict)| Decider::of(guard, verdict))
            };
            let before = counted.logged.clone().or_else(|| of(now, counted.now));
            let after = of(then, counted.then);
            let after = match (after, counted.impact) {
                (Some(after), _) => after,
                (None, Impact::NotImpacted) => before.clone().unwrap_or(Decider::Open),
                (None, _) => Decider::Open,
            };
            let key = RuleKey {
                impact: counted.impact,
                before: before.unwrap_or(Decider::Open),
                after,
                beyond: counted.beyond.clone(),
            };
            self.done.by_rule.merge(key, tally);
            self.done.totals.entry(counted.impact).or_default().merge(tally);
            if let Some(workload) = &open.workload {
                self.done
                    .by_workload
                    .merge((counted.impact, Arc::clone(workload)), tally);
            }
        }
    }
}

/// The platform and encryption decide whatever the rules say; with the host's own addresses rules may have a say.
fn is_not_of_rules(logged: &LoggedFlow<'_>) -> bool {
    match logged.rule_kind {
        RuleKind::Unspecified => true,
        RuleKind::Platform => !logged.flow.is_of_platform(),
        _ => false,
    }
}

fn as_logged(logged: &LoggedFlow<'_>) -> Decider {
    Decider::Logged {
        group: logged.group.to_owned(),
        name: match logged.rule_kind {
            RuleKind::Platform | RuleKind::Unspecified if logged.rule.is_empty() => {
                logged.rule_kind.as_str().to_ascii_lowercase()
            }
            _ => logged.rule.to_owned(),
        },
    }
}

fn name_of(open: &Interface, logged: &LoggedFlow<'_>) -> Arc<str> {
    match &open.workload {
        Some(workload) => Arc::clone(workload),
        None => own_end(&logged.flow).to_string().into(),
    }
}

const fn own_end(flow: &Flow) -> IpAddr {
    match flow.direction {
        Direction::Inbound => flow.destination,
        Direction::Outbound => flow.source,
    }
}
