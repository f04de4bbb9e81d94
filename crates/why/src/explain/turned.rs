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
        // What gets nowhere is let through by no rule, and what nothing is known of at its end need not be denied.
        let is_inbound = |held: &Judged| held.direction == Direction::Inbound.as_str();
        let is_open = outcome == Outcome::NotInTheLog
            && !allows
            && !unasked.is_empty()
            && !judged.iter().any(is_inbound);
        if judged.is_empty() || is_open || self.goes_nowhere() {
            return None;
        }
        let (now, _) = self.past.at(i64::MAX)?;
        let is_later = now.taken > self.part.taken;
        let trusted = match is_later {
            true => Some(judged.iter().collect()),
            false => trusted(judged, vantages, allows),
        };
        let otherwise = || {
            Some(Change {
                allows,
                obstacles: vec![OTHERWISE.to_owned()],
                ..Change::default()
            })
        };
        let Some(trusted) = trusted else {
            return otherwise();
        };
        let (before, behind) = self.sides(&trusted);
        let all_behind = self.sides(&judged.iter().collect::<Vec<_>>()).1;
        let is_spread = !all_behind.is_empty();
        let mut change = match (allows, is_spread) {
            (true, _) => to_allow(&now.facts, &[before, behind].concat()),
            (false, false) => to_deny(&now.facts, &before),
            (false, true) => {
                let is_whole = behind.len() == all_behind.len();
                match denied_before(&now, &before) {
                    Some(change) => change,
                    // One machine more that the balancer sends to, and the flow gets through.
                    None if !is_whole => return otherwise(),
                    None => to_deny_each(&now.facts, &behind),
                }
            }
        };
        change.is_spread = is_spread;
        let is_each = change
            .additions
            .iter()
            .any(|added| added.rule.direction == Direction::Inbound);
        if allows || (is_spread && is_each) {
            let open = unasked.iter().filter(|held| allows || !held.is_known);
            change.obstacles.extend(open.map(|held| held.says.clone()));
        }
        change.as_of = is_later.then_some(now.taken);
        Some(change)
    }

    /// Where it is judged on its way, and at the machines behind a balancer, each of which may get it.
    fn sides<'j>(&self, judged: &[&'j Judged]) -> (Vec<Place<'j>>, Vec<Place<'j>>) {
        let places = judged.iter().filter_map(|held| {
            let flow = self.flow(Direction::from_text(&held.direction)?)?;
            Some(Place {
                interface: &held.interface,
                flow: nsg::Flow {
                    destination: held.destination,
                    destination_port: held.destination_port,
                    ..flow
                },
            })
        });
        let is_machine = |place: &Place<'_>| {
            place.flow.direction == Direction::Inbound && self.is_behind(Some(place.interface), &[])
        };
        let (behind, before) = places.partition(is_machine);
        (before, behind)
    }
}

/// Where one rule before the balancer is enough: the sender's group guards what it sends.
fn denied_before(now: &Rc<Part>, before: &[Place<'_>]) -> Option<Change> {
    let is_leaving = |place: &&Place<'_>| place.flow.direction == Direction::Outbound;
    let leaving: Vec<Place<'_>> = before.iter().filter(is_leaving).copied().collect();
    if leaving.is_empty() {
        return None;
    }
    let change = to_deny(&now.facts, &leaving);
    change.obstacles.is_empty().then_some(change)
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
