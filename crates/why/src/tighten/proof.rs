//! That nothing is widened: whatever the proposal lets through, the rules of now let through. Sets of flows are compared, not samples.

use std::fmt;

use model::Direction;
use model::facts::Access;
use nsg::{Flow, HeldRule, Region, RuleSpace, Space, Surroundings, TooMany, default_rules};

use super::Learner;
use super::propose::Proposal;

/// Why it is not proved that nothing is widened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Widening {
    /// A flow that a proposed rule lets through, and that may be turned away now.
    Flow {
        /// The proposed rule.
        rule: String,
        /// A flow; none where only a set of them is known.
        flow: Option<Flow>,
    },
    /// The rules overlap in more ways than are looked at.
    TooMany,
}

impl From<TooMany> for Widening {
    fn from(_: TooMany) -> Self {
        Self::TooMany
    }
}

impl fmt::Display for Widening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flow { rule, flow: None } => write!(
                f,
                "proposed rule `{rule}` lets through what may be turned away now"
            ),
            Self::Flow {
                rule,
                flow: Some(flow),
            } => write!(
                f,
                "proposed rule `{rule}` lets through what may be turned away now, such as protocol {} from {} port {} to {} port {}",
                flow.protocol, flow.source, flow.source_port, flow.destination, flow.destination_port
            ),
            Self::TooMany => f.write_str(
                "the rules overlap in more ways than are looked at, so nothing can be proved of them",
            ),
        }
    }
}

pub(super) fn never_widens(learner: &Learner<'_>, proposal: &Proposal) -> Result<(), Widening> {
    let held = |rule| HeldRule {
        rule,
        owner: Some(learner.group.clone()),
        applies: true,
    };
    let proposed = proposal.rules.iter().map(|proposed| proposed.rule.clone());
    let mut then: Vec<HeldRule> = proposed.chain(default_rules()).map(held).collect();
    then.sort_by_key(|held| held.rule.priority);
    for around in &learner.around {
        for direction in [Direction::Inbound, Direction::Outbound] {
            let of = |rules: &[HeldRule]| -> Vec<HeldRule> {
                let meant = rules.iter().filter(|held| held.rule.direction == direction);
                meant.cloned().collect()
            };
            widens(&of(&learner.rules), &of(&then), around, direction)?;
        }
    }
    Ok(())
}

/// Compares two lists of one direction: whatever the second lets through the first must.
pub fn widens(
    now: &[HeldRule],
    then: &[HeldRule],
    around: &Surroundings,
    direction: Direction,
) -> Result<(), Widening> {
    let all: Vec<HeldRule> = now.iter().chain(then).cloned().collect();
    let space = Space::of(&all, around)?;
    let (spaces_now, spaces_then) = space.rules().split_at_checked(now.len()).unwrap_or_default();
    let now: Vec<(&HeldRule, &RuleSpace)> = now.iter().zip(spaces_now).collect();
    let mut open = space.all().clone();
    for (held, own) in then.iter().zip(spaces_then) {
        if held.rule.access == Access::Deny {
            open = open.minus(&own.cover)?;
            continue;
        }
        let through = open.and(&own.subject)?;
        if let Some(wider) = turned_away(&now, through)? {
            return Err(Widening::Flow {
                rule: held.rule.name.clone(),
                flow: space.example(&wider, direction),
            });
        }
    }
    Ok(())
}

/// Of a set of flows those that rules may turn away; none if they let all of it through.
fn turned_away(now: &[(&HeldRule, &RuleSpace)], mut left: Region) -> Result<Option<Region>, TooMany> {
    for (held, own) in now {
        if left.is_empty() {
            return Ok(None);
        }
        if held.rule.access == Access::Deny {
            let denied = left.and(&own.subject)?;
            if !denied.is_empty() {
                return Ok(Some(denied));
            }
        } else {
            left = left.minus(&own.cover)?;
        }
    }
    Ok((!left.is_empty()).then_some(left))
}
