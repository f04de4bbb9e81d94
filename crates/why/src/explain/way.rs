//! In which order interfaces saw a flow: it leaves, comes in and leaves again at what it passes, and comes in.

use model::facts::{ArmId, Asset, FactSet};

use super::Vantage;

/// Puts what interfaces logged in the order of the flow's way. Clocks differ by more than a flow needs from one interface to the other, so
/// of one appliance the earliest time is that of both its ways.
pub(super) fn on_its_way(vantages: &mut [Vantage], facts: &FactSet) {
    let mut passed: Vec<(Option<ArmId>, i64)> = Vec::new();
    for vantage in vantages.iter().filter(|vantage| vantage.is_hop) {
        let appliance = appliance(vantage, facts);
        match passed.iter_mut().find(|(known, _)| *known == appliance) {
            Some((_, first)) => *first = vantage.sums.first.min(*first),
            None => passed.push((appliance, vantage.sums.first)),
        }
    }
    vantages.sort_by_cached_key(
        |vantage| match (vantage.direction == "Outbound", vantage.is_hop) {
            (true, false) => (0, 0, None, false),
            (is_out, true) => {
                let appliance = appliance(vantage, facts);
                let known = passed.iter().find(|(known, _)| *known == appliance);
                let first = known.map_or(vantage.sums.first, |(_, first)| *first);
                (1, first, appliance, is_out)
            }
            (false, false) => (2, 0, None, false),
        },
    );
}

/// The machine that logged; its interface where none is known.
fn appliance(vantage: &Vantage, facts: &FactSet) -> Option<ArmId> {
    let interface = vantage.interface.as_ref()?;
    let machine = match facts.asset(interface) {
        Some(Asset::Interface(held)) => held.machine.clone(),
        _ => None,
    };
    machine.or_else(|| Some(interface.clone()))
}
