//! The evaluators of the interfaces that report, made when they are first asked for and kept within a bound of memory.

use std::sync::{Arc, Mutex, PoisonError};

use ahash::AHashMap;
use kqlfn::Refusal;
use model::facts::{ArmId, Asset, FactSet, Mac};
use nsg::{Estate, Guard};

use super::Epochs;

/// So many bytes of evaluators are kept; the smallest takes two megabytes. They are not of a query's memory, for the next
/// query asks the same ones.
const BYTES_KEPT: usize = 256 << 20;

/// Which interfaces have which MAC addresses; none where several have one: it is not guessed which.
pub(super) type Reporters = AHashMap<Mac, Option<ArmId>>;

fn reporters(facts: &FactSet) -> Reporters {
    let mut reporters = Reporters::new();
    for resource in &facts.resources {
        let Asset::Interface(interface) = &resource.asset else {
            continue;
        };
        let Some(mac) = interface.mac else { continue };
        reporters
            .entry(mac)
            .and_modify(|held| {
                if held.as_ref() != Some(&resource.id) {
                    *held = None;
                }
            })
            .or_insert_with(|| Some(resource.id.clone()));
    }
    reporters
}

/// An interface at a time, by the time's place.
type Key = (usize, ArmId);

/// Evaluators that are kept; those that were asked longest ago go first.
#[derive(Debug, Default)]
pub(super) struct Kept(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    guards: AHashMap<Key, (Arc<Guard>, u64)>,
    bytes: usize,
    asked: u64,
}

impl Kept {
    fn get(&self, key: &Key) -> Option<Arc<Guard>> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.asked += 1;
        let asked = held.asked;
        let (guard, last) = held.guards.get_mut(key)?;
        *last = asked;
        Some(Arc::clone(guard))
    }

    fn put(&self, key: Key, guard: &Arc<Guard>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.put(key, guard, BYTES_KEPT);
    }
}

impl Held {
    fn put(&mut self, key: Key, guard: &Arc<Guard>, bytes_max: usize) {
        self.asked += 1;
        self.bytes += guard.bytes();
        if let Some((before, _)) = self.guards.insert(key, (Arc::clone(guard), self.asked)) {
            self.bytes -= before.bytes();
        }
        // The one that came last stays, however large it is: the next batch asks it again.
        while self.bytes > bytes_max && self.guards.len() > 1 {
            let oldest = self.guards.iter().min_by_key(|(_, (_, last))| *last);
            let Some(key) = oldest.map(|(key, _)| key.clone()) else {
                return;
            };
            if let Some((guard, _)) = self.guards.remove(&key) {
                self.bytes -= guard.bytes();
            }
        }
    }
}

/// Finds evaluators for one batch: facts are arranged once for all that are to be made.
pub(super) struct Finder<'e> {
    epochs: &'e Epochs,
    estates: AHashMap<usize, Estate<'e>>,
}

impl<'e> Finder<'e> {
    pub(super) fn new(epochs: &'e Epochs) -> Self {
        Self {
            epochs,
            estates: AHashMap::new(),
        }
    }

    /// The evaluator of the interface with a MAC address; none where it is not known which that is.
    pub(super) fn guard(&mut self, place: usize, mac: &str) -> Result<Option<Arc<Guard>>, Refusal> {
        let epochs = self.epochs;
        let Some(epoch) = epochs.held.get(place) else {
            return Ok(None);
        };
        let Some(mac) = Mac::parse(mac) else {
            return Ok(None);
        };
        let part = epochs.part(place).map_err(super::rules::refusal)?;
        let reporters = epoch.reporters.get_or_init(|| reporters(&part.facts));
        let Some(Some(interface)) = reporters.get(&mac) else {
            return Ok(None);
        };
        let key = (place, interface.clone());
        if let Some(guard) = epochs.guards.get(&key) {
            return Ok(Some(guard));
        }
        let estate = self.estates.entry(place);
        let estate = estate.or_insert_with(|| Estate::of(&part.facts));
        let guard = estate.guard(interface);
        let guard = Arc::new(guard.map_err(|error| Refusal::new(error.to_string()))?);
        epochs.guards.put(key, &guard);
        Ok(Some(guard))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_were_asked_longest_ago_go_when_there_is_no_room() {
        let id = |name: &str| {
            let id = format!(
                "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkInterfaces/{name}"
            );
            ArmId::parse(&id).unwrap()
        };
        let interface = inventory::read(
            format!(
                r#"[{{"id":"{}","type":"Microsoft.Network/networkInterfaces","ipConfigurations":[]}}]"#,
                id("a").as_str()
            )
            .as_bytes(),
        );
        let guard = Arc::new(Guard::of(&interface.unwrap().facts, &id("a")).unwrap());
        let mut held = Held::default();
        let room = guard.bytes() * 2;
        assert!(guard.bytes() > 1_000_000);
        held.put((0, id("a")), &guard, room);
        held.put((0, id("b")), &guard, room);
        held.put((0, id("a")), &guard, room);
        held.put((1, id("a")), &guard, room);
        let mut names: Vec<String> = held
            .guards
            .keys()
            .map(|(place, id)| format!("{place} {}", id.name()))
            .collect();
        names.sort();
        assert_eq!(
            (names, held.bytes),
            (vec!["0 a".to_owned(), "1 a".to_owned()], room)
        );
    }
}
