//! What would turn a decision around, tried on the last facts that are known.

use std::rc::Rc;

use enrich::Part;
use model::{Direction, FlowStatus};
use nsg::Decision;

use super::agreement::Agreement;
use super::case::Case;
use super::change::{Change, Place, to_allow, to_deny, to_deny_each};
use super::unasked::Unasked;
use super::{Judged, Outcome, Vantage};

const OTHERWISE: &str = "the log says otherwise than the rules that are known: load them as they are now, then a change can be tried";

impl Case<'_> {
    /// What would turn the decision around. Rules can only be changed as they are now, so it is tried on the last facts.
    pub(super) fn change(
        &self,
        outcome: Outcome,
        judged: &[Judged],
        vantages: &[Vantage],
        unasked: &[Unasked],
    ) -> Option<Change> {
        let is_denied = |held: &Judged| held.proof.verdict.decision == Decision::Denied;
        let allows = match outcome {
            Outcome::DroppedForEncryption => return None,
            Outcome::DeniedByRule => true,
            Outcome::NotInTheLog => judged.iter().any(is_denied) || unasked.iter().any(|held| held.is_denied),
            _ => false,
        };
        if judged.is_empty() {
            return None;
        }
        let (now, _) = self.past.at(i64::MAX)?;
        let is_later = now.taken > self.part.taken;
        let trusted = match is_later {
            true => Some(judged.iter().collect()),
            false => trusted(judged, vantages, allows),
        };
        let Some(trusted) = trusted else {
            return Some(Change {
                allows,
                obstacles: vec![OTHERWISE.to_owned()],
                ..Change::default()
            });
        };
        let mut change = self.tried(&now, &trusted, allows)?;
        if allows {
            change
                .obstacles
                .extend(unasked.iter().map(|held| held.says.clone()));
        }
        change.as_of = is_later.then_some(now.taken);
        Some(change)
    }

    fn tried(&self, now: &Rc<Part>, judged: &[&Judged], allows: bool) -> Option<Change> {
        let places: Vec<Place<'_>> = judged
            .iter()
            .filter_map(|held| {
                let flow = self.flow(Direction::from_text(&held.direction)?)?;
                Some(Place {
                    interface: &held.interface,
                    flow: nsg::Flow {
                        destination: held.destination,
                        destination_port: held.destination_port,
                        ..flow
                    },
                })
            })
            .collect();
        if places.is_empty() {
            return None;
        }
        let is_inbound = |place: &&Place<'_>| place.flow.direction == Direction::Inbound;
        let is_spread = places.iter().filter(is_inbound).count() > 1 && self.at_front().is_some();
        Some(match (allows, is_spread) {
            (true, _) => to_allow(&now.facts, &places),
            (false, false) => to_deny(&now.facts, &places),
            // Each machine behind a balancer may get it.
            (false, true) => {
                let each: Vec<Place<'_>> = places.iter().filter(is_inbound).copied().collect();
                to_deny_each(&now.facts, &each)
            }
        })
    }
}

/// The places whose rules are known well enough to be changed; none where the log says that they are others.
///
/// What the log and the rules both let through is no hindrance, whatever rule the log names. Of what is let through one end is enough
/// to deny it, so where one end's log says otherwise those count of which it says the same.
fn trusted<'j>(judged: &'j [Judged], vantages: &[Vantage], allows: bool) -> Option<Vec<&'j Judged>> {
    let is_let_through = |held: &Judged| {
        let mut all = vantages.iter();
        let logged = all
            .find(|one| one.interface.as_ref() == Some(&held.interface) && one.direction == held.direction);
        held.proof.verdict.decision == Decision::Allowed
            && logged.is_some_and(|one| one.status == FlowStatus::Allowed.as_str())
    };
    let is_doubtful = |held: &Judged| match held.agreement {
        Agreement::Differs(_) => true,
        Agreement::NamesAnother(_) => !(allows && is_let_through(held)),
        _ => false,
    };
    if !judged.iter().any(is_doubtful) {
        return Some(judged.iter().collect());
    }
    let is_confirmed =
        |held: &&Judged| matches!(held.agreement, Agreement::Agrees | Agreement::AgreesOnDecision(_));
    let confirmed: Vec<&Judged> = judged.iter().filter(is_confirmed).collect();
    (!allows && !confirmed.is_empty()).then_some(confirmed)
}
