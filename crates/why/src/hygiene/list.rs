//! One list of rules of one direction: who leaves what to whom.

use ahash::AHashMap;
use model::facts::Access;
use nsg::{HeldRule, LevelKind, Region, RuleSpace, Space, Surroundings, TooMany};

use super::partly::{are_opposite, is_exception, is_last_word, loss, surely_meet};
use super::wide::{Internet, wide};
use super::{Finding, FindingKind, Loss};
use crate::usage::names_host;

/// Of so many causes it is looked which of them are needed.
const CAUSES_MAX: usize = 24;

/// A list with what each of its rules matches.
pub(super) struct List<'l> {
    pub(super) rules: &'l [HeldRule],
    pub(super) spaces: &'l [RuleSpace],
    space: &'l Space,
    kind: LevelKind,
    /// There may be rules that are not known.
    is_unknown: bool,
}

/// What is left of a rule by those before it, and who took something.
struct Left {
    region: Region,
    takers: Vec<usize>,
    /// What was lost to rules that do the opposite, and whether all of it surely was.
    losses: Vec<Loss>,
    surely_lost: bool,
}

/// What is found about the rules of one direction, in the order in which they are asked.
pub(super) fn findings(
    rules: &[HeldRule],
    kind: LevelKind,
    is_unknown: bool,
    around: &Surroundings,
) -> Result<Vec<Finding>, TooMany> {
    // What comes from the internet to ports of management is one more rule, which only measures.
    let internet = Internet::rule();
    let all: Vec<HeldRule> = rules.iter().cloned().chain(std::iter::once(internet)).collect();
    let space = Space::of(&all, around)?;
    let Some((internet, spaces)) = space.rules().split_last() else {
        return Ok(Vec::new());
    };
    let list = List {
        rules,
        spaces,
        space: &space,
        kind,
        is_unknown,
    };
    let mut found = list.conflicts();
    for (at, held) in rules.iter().enumerate() {
        if held.rule.is_default {
            continue;
        }
        let Some(own) = spaces.get(at) else {
            continue;
        };
        let is_of_host = names_host(&held.rule.source) || names_host(&held.rule.destination);
        if own.subject.is_empty() && is_of_host {
            continue;
        }
        let left = list.left(at, held, own)?;
        if left.region.is_empty() {
            if !own.speaks_of_platform {
                let causes = list.needed(own, left.takers)?;
                found.push(known(FindingKind::Shadowed, at, causes));
            }
            continue;
        }
        if let Some(causes) = list.may_shadow(at, own)? {
            found.push(Finding {
                is_known: false,
                ..known(FindingKind::Shadowed, at, causes)
            });
        }
        if !left.losses.is_empty() {
            found.push(Finding {
                is_known: left.surely_lost,
                causes: left.losses.iter().map(|loss| loss.to).collect(),
                losses: left.losses,
                ..known(FindingKind::PartlyConflicting, at, Vec::new())
            });
        }
        if let Some(causes) = list.redundant(at, held, own, left.region.clone())? {
            found.push(Finding {
                is_known: !list.is_unknown,
                ..known(FindingKind::Redundant, at, causes)
            });
        }
        let sure = list.surely_left(at, own)?;
        found.extend(wide(at, held, &left.region, &sure, internet));
    }
    Ok(found)
}

const fn known(kind: FindingKind, rule: usize, causes: Vec<usize>) -> Finding {
    Finding {
        kind,
        rule,
        causes,
        losses: Vec::new(),
        is_known: true,
    }
}

impl List<'_> {
    /// The rules with a lower number than one has, and their places.
    fn before(&self, at: usize) -> impl Iterator<Item = (usize, &RuleSpace)> {
        let own = self.rules.get(at).map(|held| held.rule.priority);
        let all = self.rules.iter().zip(self.spaces).enumerate();
        all.filter(move |(_, (held, _))| Some(held.rule.priority) < own)
            .map(|(at, (_, space))| (at, space))
    }

    fn left(&self, at: usize, held: &HeldRule, own: &RuleSpace) -> Result<Left, TooMany> {
        let mut left = Left {
            region: own.subject.clone(),
            takers: Vec::new(),
            losses: Vec::new(),
            surely_lost: true,
        };
        let is_told = !is_last_word(&held.rule) && held.applies;
        // Whether all that took something before is known exactly.
        let mut is_exact = own.subject == own.cover;
        for (place, before) in self.before(at) {
            if left.region.is_empty() {
                break;
            }
            let taker = self.rules.get(place).filter(|_| is_told);
            if let Some(taker) = taker.filter(|taker| are_opposite(&held.rule, &taker.rule)) {
                let fits = self.space.fits(at, place);
                if left.region.meets(&before.cover) && !is_exception(&fits) {
                    let parts = (&left.region, &before.cover);
                    let loss = loss(self.space, &held.rule, (place, &taker.rule), &fits, parts);
                    left.losses.push(loss);
                    left.surely_lost &= match is_exact && before.subject == before.cover {
                        true => surely_meet(&fits),
                        false => self.surely_left(place, own)?.meets(&before.lower),
                    };
                }
            }
            is_exact &= before.subject == before.cover || !left.region.meets(&before.upper);
            if left.region.meets(&before.cover) {
                left.region = left.region.minus(&before.cover)?;
                left.takers.push(place);
            }
        }
        Ok(left)
    }

    /// What surely reaches a rule.
    fn surely_left(&self, at: usize, own: &RuleSpace) -> Result<Region, TooMany> {
        let mut left = own.lower.clone();
        for (_, before) in self.before(at) {
            left = left.minus(&before.upper)?;
        }
        Ok(left)
    }

    /// Of the rules that together leave nothing those without which something would be left.
    fn needed(&self, own: &RuleSpace, mut takers: Vec<usize>) -> Result<Vec<usize>, TooMany> {
        if takers.len() > CAUSES_MAX {
            return Ok(takers);
        }
        for taker in takers.clone() {
            let mut left = own.subject.clone();
            for other in takers.iter().filter(|other| **other != taker) {
                if let Some(space) = self.spaces.get(*other) {
                    left = left.minus(&space.cover)?;
                }
            }
            if left.is_empty() {
                takers.retain(|held| *held != taker);
            }
        }
        Ok(takers)
    }

    /// The rules that leave nothing if what is not known is as they need it; none if something is left all the same.
    fn may_shadow(&self, at: usize, own: &RuleSpace) -> Result<Option<Vec<usize>>, TooMany> {
        let mut takers = Vec::new();
        let mut is_open = own.upper != own.lower;
        let (mut all, mut least) = (own.upper.clone(), own.lower.clone());
        for (place, before) in self.before(at) {
            if all.meets(&before.upper) {
                is_open |= before.upper != before.lower;
                all = all.minus(&before.upper)?;
                least = least.minus(&before.upper)?;
                takers.push(place);
            }
        }
        let is_gone = all.is_empty() || (!own.lower.is_empty() && least.is_empty());
        Ok((is_open && is_gone && !own.speaks_of_platform).then_some(takers))
    }

    /// The rules that would do the same for all that a rule is left with; none if some flow would fare otherwise.
    fn redundant(
        &self,
        at: usize,
        held: &HeldRule,
        own: &RuleSpace,
        mut left: Region,
    ) -> Result<Option<Vec<usize>>, TooMany> {
        if own.speaks_of_platform || !held.is_sure() {
            return Ok(None);
        }
        let number = held.rule.priority;
        let mut doers = Vec::new();
        for (place, (other, space)) in self.rules.iter().zip(self.spaces).enumerate() {
            if place == at || other.rule.priority < number || !left.meets(&space.subject) {
                continue;
            }
            // Of two with one number it is not known which is asked first.
            if other.rule.access != held.rule.access || other.rule.priority == number {
                return Ok(None);
            }
            if left.meets(&space.cover) {
                left = left.minus(&space.cover)?;
                doers.push(place);
            }
        }
        // What no security admin rule speaks of goes on, as if one of them allowed it.
        let goes_on = self.kind == LevelKind::Admin && held.rule.access == Access::Allow;
        Ok((left.is_empty() || goes_on).then_some(doers))
    }

    /// Rules that match the same as one before them and do something else.
    fn conflicts(&self) -> Vec<Finding> {
        let mut alike: AHashMap<&Region, Vec<usize>> = AHashMap::new();
        let mut found = Vec::new();
        for (at, (held, own)) in self.rules.iter().zip(self.spaces).enumerate() {
            let is_exact = own.subject == own.cover && !own.subject.is_empty() && !own.speaks_of_platform;
            if !is_exact {
                continue;
            }
            let same = alike.entry(&own.subject).or_default();
            let against = same.iter().copied().find(|other| {
                self.rules
                    .get(*other)
                    .is_some_and(|other| other.rule.access != held.rule.access)
            });
            same.push(at);
            if let Some(against) = against.filter(|_| !held.rule.is_default) {
                found.push(known(FindingKind::Conflicting, at, vec![against]));
            }
        }
        found
    }
}
