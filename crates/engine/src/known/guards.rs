//! The evaluators of the interfaces that report, made when they are first asked for and kept within a bound of memory.

use std::sync::{Arc, Mutex, PoisonError};

use ahash::AHashMap;
use kqlfn::Refusal;
use model::facts::{ArmId, Asset, FactSet, Mac};
use nsg::{Estate, Guard};

use super::Epochs;

/// So many bytes of evaluators are kept; most take some tens of kilobytes, those with rules about service tags some megabytes. They are not
/// of a query's memory, for the next query asks the same ones.
const BYTES_KEPT: usize = 256 << 20;

/// Who reports under which MAC address, and which of the interfaces have the same rules: one evaluator serves all of these.
#[derive(Debug, Default)]
pub(super) struct Reporters {
    /// The evaluator by its place; none where several interfaces have the address: it is not guessed which.
    places: AHashMap<Mac, Option<u32>>,
    /// For each evaluator one of the interfaces that it serves.
    interfaces: Vec<ArmId>,
    /// What logs call the owner of rules, where that is not its own id.
    pub(super) called: AHashMap<ArmId, String>,
}

impl Reporters {
    fn of(facts: &FactSet) -> Self {
        let mut reporters = Self::default();
        let estate = Estate::of(facts);
        let mut alike: AHashMap<(Vec<ArmId>, Vec<ArmId>), u32> = AHashMap::new();
        let mut known: AHashMap<Mac, &ArmId> = AHashMap::new();
        for resource in &facts.resources {
            let mac = match &resource.asset {
                Asset::Interface(interface) => interface.mac,
                Asset::AdminRules(_) => {
                    let called = facts.called_by_logs(&resource.id);
                    reporters.called.insert(resource.id.clone(), called);
                    continue;
                }
                _ => continue,
            };
            let Some(mac) = mac else { continue };
            if let Some(other) = known.insert(mac, &resource.id) {
                if *other != resource.id {
                    reporters.places.insert(mac, None);
                }
                continue;
            }
            let next = u32::try_from(reporters.interfaces.len()).unwrap_or(u32::MAX);
            let place = match estate.alike(&resource.id) {
                Some(same) => *alike.entry(same).or_insert(next),
                None => next,
            };
            if place == next {
                reporters.interfaces.push(resource.id.clone());
            }
            reporters.places.insert(mac, Some(place));
        }
        reporters
    }
}

/// An evaluator: the place of its time, and its own among those of that time.
pub(super) type Key = (usize, u32);

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
            let Some(key) = oldest.map(|(key, _)| *key) else {
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

    /// Who reports at a time.
    pub(super) fn reporters(&self, place: usize) -> Result<Option<&'e Reporters>, Refusal> {
        let epochs = self.epochs;
        let Some(epoch) = epochs.held.get(place) else {
            return Ok(None);
        };
        let part = epochs.part(place).map_err(super::rules::refusal)?;
        Ok(Some(epoch.reporters.get_or_init(|| Reporters::of(&part.facts))))
    }

    /// Which evaluator is that of the interface with a MAC address; none where it is not known which interface that is.
    pub(super) fn key(&self, place: usize, mac: &str) -> Result<Option<Key>, Refusal> {
        let (Some(mac), Some(reporters)) = (Mac::parse(mac), self.reporters(place)?) else {
            return Ok(None);
        };
        let held = reporters.places.get(&mac).copied().flatten();
        Ok(held.map(|held| (place, held)))
    }

    /// An evaluator.
    pub(super) fn guard(&mut self, key: Key) -> Result<Option<Arc<Guard>>, Refusal> {
        let epochs = self.epochs;
        let (place, at) = key;
        if let Some(guard) = epochs.guards.get(&key) {
            return Ok(Some(guard));
        }
        let reporters = self.reporters(place)?;
        let Some(interface) = reporters.and_then(|held| held.interfaces.get(at as usize)) else {
            return Ok(None);
        };
        let part = epochs.part(place).map_err(super::rules::refusal)?;
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

    fn facts(text: &str) -> FactSet {
        let around = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network";
        inventory::read(text.replace("AROUND", around).as_bytes())
            .unwrap()
            .facts
    }

    #[test]
    fn interfaces_with_the_same_rules_have_one_evaluator() {
        let interface = |name: &str, mac: &str, group: &str, subnet: &str| {
            format!(
                r#"{{"id":"AROUND/networkInterfaces/{name}","macAddress":"{mac}"{group},"ipConfigurations":[
                {{"privateIPAddress":"10.0.0.{}","subnet":{{"id":"AROUND/virtualNetworks/v/subnets/{subnet}"}}}}]}}"#,
                mac.len() + usize::from(mac.as_bytes()[mac.len() - 1])
            )
        };
        let group = r#","networkSecurityGroup":{"id":"AROUND/networkSecurityGroups/own"}"#;
        let text = [
            interface("a", "00-0D-3A-00-00-01", "", "s"),
            interface("b", "00-0D-3A-00-00-02", "", "S"),
            interface("c", "00-0D-3A-00-00-03", group, "s"),
            interface("d", "00-0D-3A-00-00-04", group, "s"),
            interface("e", "00-0D-3A-00-00-05", "", "t"),
            interface(
                "endpoint",
                "00-0D-3A-00-00-06",
                r#","privateEndpoint":{"id":"AROUND/privateEndpoints/p"}"#,
                "s",
            ),
            // Two with one address.
            interface("x", "00-0D-3A-00-00-07", "", "s"),
            interface("y", "00-0D-3A-00-00-07", "", "s"),
        ];
        let reporters = Reporters::of(&facts(&format!("[{}]", text.join(","))));
        let place = |last: u8| {
            let mac = Mac::parse(&format!("00-0D-3A-00-00-0{last}")).unwrap();
            reporters.places[&mac]
        };
        assert_eq!((place(1), place(2)), (Some(0), Some(0)));
        assert_eq!((place(3), place(4)), (Some(1), Some(1)));
        assert_eq!((place(5), place(6), place(7)), (Some(2), Some(3), None));
    }

    #[test]
    fn security_admin_rules_are_called_as_logs_call_them() {
        let configuration = "AROUND/networkManagers/m/securityAdminConfigurations/C";
        let rule = format!(
            r#"{{"id":"{configuration}/ruleCollections/rc/rules/r","kind":"Custom","priority":1,"protocol":"Any","direction":"Inbound","access":"Deny"}}"#
        );
        let own = format!(r#"{{"id":"{configuration}","name":"C","resourceGuid":"AB-12"}}"#);
        for (text, called) in [
            (format!("[{own},{rule}]"), "ab-12"),
            (
                format!("[{rule}]"),
                "/subscriptions/s/resourcegroups/g/providers/microsoft.network/networkmanagers/m/securityadminconfigurations/c",
            ),
        ] {
            let reporters = Reporters::of(&facts(&text));
            assert_eq!(reporters.called.values().collect::<Vec<_>>(), [called]);
        }
    }

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
        assert!(guard.bytes() > 0);
        held.put((0, 0), &guard, room);
        held.put((0, 1), &guard, room);
        held.put((0, 0), &guard, room);
        held.put((1, 0), &guard, room);
        let mut keys: Vec<Key> = held.guards.keys().copied().collect();
        keys.sort_unstable();
        assert_eq!((keys, held.bytes), (vec![(0, 0), (1, 0)], room));
    }
}
