//! Several sayings about one resource, put together: what one of them leaves open, another may say. Where two contradict each
//! other the later one holds, and that is told.

use std::collections::BTreeMap;

use model::facts::{AddressDatabase, ArmId, Asset, Partial, Resource};
use serde_json::{Map, Value};

use crate::problem::Problem;

/// Resources, each once, in the order in which they first appear.
#[derive(Default)]
pub(crate) struct Merged {
    resources: Vec<Resource>,
    places: BTreeMap<ArmId, usize>,
}

impl Merged {
    /// Takes what is said of a resource; gives what contradicts what was said before.
    pub(crate) fn take(&mut self, resource: Resource) -> Vec<String> {
        let Some(place) = self.places.get(&resource.id) else {
            self.places.insert(resource.id.clone(), self.resources.len());
            self.resources.push(resource);
            return Vec::new();
        };
        let Some(held) = self.resources.get_mut(*place) else {
            return Vec::new();
        };
        if *held == resource {
            return Vec::new();
        }
        let mut contradictions = Vec::new();
        match merged(held, &resource, &mut contradictions) {
            Some(merged) => *held = merged,
            None => contradictions.push("it is two different things".to_owned()),
        }
        contradictions
    }

    /// True if something is said of it already.
    pub(crate) fn has(&self, id: &ArmId) -> bool {
        self.places.contains_key(id)
    }

    /// Takes a part of a resource. What it says of a rule or a route takes the place of what the resource says of it: two rules are not
    /// made one.
    pub(crate) fn take_part(&mut self, part: Resource, how: &Partial) -> Vec<String> {
        let place = self.places.get(&part.id).copied();
        let before = place.and_then(|place| self.resources.get(place)).cloned();
        let said = part.asset.clone();
        let mut contradictions = self.take(part);
        let (Some(before), Some(held)) = (before, place.and_then(|place| self.resources.get_mut(place)))
        else {
            return contradictions;
        };
        // What is joined to all IP configurations goes on to be for all, also for those that are said later.
        if how.adds && matches!(said, Asset::Interface(_)) {
            held.asset = before.asset;
            how.join(&mut held.asset, &said);
            return contradictions;
        }
        if how.adds && !matches!(said, Asset::SecurityGroup(_) | Asset::RouteTable(_)) {
            return contradictions;
        }
        how.join(&mut held.asset, &known_of(said, &before.asset));
        if contradictions.is_empty() {
            contradictions.extend(replaced(&before.asset, &held.asset));
        }
        contradictions
    }

    pub(crate) fn resources(self) -> Vec<Resource> {
        self.resources
    }
}

/// A part without names of rules that are known: what one document leaves open, another may say.
fn known_of(mut part: Asset, known: &Asset) -> Asset {
    if let (Asset::SecurityGroup(part), Asset::SecurityGroup(known)) = (&mut part, known) {
        let is_known = |name: &str| {
            known
                .rules
                .iter()
                .any(|rule| rule.name.eq_ignore_ascii_case(name))
        };
        part.left_out.retain(|name| !is_known(name));
    }
    part
}

/// What is another thing after a part was put to it, though nothing of it contradicts itself: two lists of ports.
fn replaced(before: &Asset, after: &Asset) -> Vec<String> {
    let (Asset::SecurityGroup(before), Asset::SecurityGroup(after)) = (before, after) else {
        return Vec::new();
    };
    let named = |name: &str| {
        after
            .rules
            .iter()
            .find(|rule| rule.name.eq_ignore_ascii_case(name))
    };
    let changed = before.rules.iter().filter_map(|rule| {
        let what = match named(&rule.name) {
            Some(now) if now == rule => return None,
            Some(_) => "is another rule where it stands by itself, and that one is used",
            None => "is not in the list of the rules by themselves, which is used",
        };
        Some(format!("`securityRules[{}]` {what}", rule.name))
    });
    changed.collect()
}

fn merged(left: &Resource, right: &Resource, contradictions: &mut Vec<String>) -> Option<Resource> {
    if std::mem::discriminant(&left.asset) != std::mem::discriminant(&right.asset) {
        return None;
    }
    let (mut both, other) = (
        serde_json::to_value(left).ok()?,
        serde_json::to_value(right).ok()?,
    );
    put_together(&mut both, other, "", contradictions);
    let mut both: Resource = serde_json::from_value(both).ok()?;
    // The same id in another spelling is no contradiction.
    both.id = left.id.clone();
    Some(both)
}

fn put_together(held: &mut Value, other: Value, path: &str, contradictions: &mut Vec<String>) {
    match (held, other) {
        (_, Value::Null) => {}
        (held @ Value::Null, other) => *held = other,
        (Value::Object(held), Value::Object(other)) => put_members(held, other, path, contradictions),
        (Value::Array(held), Value::Array(other)) => put_elements(held, other, path, contradictions),
        (held, other) => {
            if !is_same(held, &other) {
                if path != "id" {
                    let path = written(path);
                    contradictions.push(format!("`{path}` is {held} and then {other}, which is used"));
                }
                *held = other;
            }
        }
    }
}

fn put_members(
    held: &mut Map<String, Value>,
    other: Map<String, Value>,
    path: &str,
    contradictions: &mut Vec<String>,
) {
    for (name, value) in other {
        let dot = if path.is_empty() { "" } else { "." };
        let inside = format!("{path}{dot}{name}");
        put_together(
            held.entry(name).or_insert(Value::Null),
            value,
            &inside,
            contradictions,
        );
    }
}

/// Elements with a name are told apart by it; one without a name holds for all of them; others by what they are.
fn put_elements(held: &mut Vec<Value>, other: Vec<Value>, path: &str, contradictions: &mut Vec<String>) {
    if held.iter().any(|element| name_of(element) == Some("")) && !other.is_empty() {
        let general: Vec<Value> = held
            .extract_if(.., |element| name_of(element) == Some(""))
            .collect();
        for element in other {
            put_element(held, element, path, contradictions);
        }
        for element in general {
            put_element(held, element, path, contradictions);
        }
        return;
    }
    for element in other {
        put_element(held, element, path, contradictions);
    }
}

fn put_element(held: &mut Vec<Value>, element: Value, path: &str, contradictions: &mut Vec<String>) {
    match name_of(&element) {
        Some("") if !held.is_empty() => {
            for (at, known) in held.iter_mut().enumerate() {
                let mut element = element.clone();
                if let Some(members) = element.as_object_mut() {
                    members.remove("name");
                }
                let which = which(known, at);
                put_together(known, element, &format!("{path}[{which}]"), contradictions);
            }
        }
        Some(name) => {
            let known = held.iter().position(|known| {
                let direction = |value: &Value| value.get("direction").cloned();
                name_of(known).is_some_and(|known| known.eq_ignore_ascii_case(name))
                    && direction(known) == direction(&element)
            });
            match known.and_then(|at| held.get_mut(at).map(|known| (at, known))) {
                Some((at, known)) => {
                    let which = which(known, at);
                    put_together(known, element, &format!("{path}[{which}]"), contradictions);
                }
                None => held.push(element),
            }
        }
        None => {
            if !held.iter().any(|known| is_same(known, &element)) {
                held.push(element);
            }
        }
    }
}

/// What tells an element from others: its name, or where it stands.
fn which(element: &Value, at: usize) -> String {
    let name = name_of(element).filter(|name| !name.is_empty());
    name.map_or_else(|| at.to_string(), str::to_owned)
}

/// What Azure calls parts of a resource, where that is not what they are called here.
const WORDS: [(&str, &str); 18] = [
    ("configurations", "ipConfigurations"),
    ("frontends", "frontendIPConfigurations"),
    ("mac", "macAddress"),
    ("machine", "virtualMachine"),
    ("security_group", "networkSecurityGroup"),
    ("application_groups", "applicationSecurityGroups"),
    ("pools", "loadBalancerBackendAddressPools"),
    ("public_address", "publicIPAddress"),
    ("forwards", "enableIPForwarding"),
    ("is_primary", "primary"),
    ("prefixes", "addressPrefixes"),
    ("power", "powerState"),
    ("size", "vmSize"),
    ("scale_set", "virtualMachineScaleSet"),
    ("rules", "securityRules"),
    ("guid", "resourceGuid"),
    ("next_hop", "nextHopType"),
    ("next_hop_address", "nextHopIpAddress"),
];

/// A place in a resource as the user's export writes it: `ipConfigurations[ipconfig1].privateIPAddress`.
fn written(path: &str) -> String {
    let inside = path.strip_prefix("asset.");
    let path = inside
        .and_then(|inside| inside.split_once('.'))
        .map_or(path, |(_, inside)| inside);
    let is_private = path.starts_with("configurations") || path.starts_with("frontends");
    let parts = path.split('.').map(|part| {
        let (name, element) = part
            .split_once('[')
            .map_or((part, None), |(name, at)| (name, Some(at)));
        let known = WORDS.iter().find(|(ours, _)| *ours == name);
        let name = match (name, known) {
            ("address", _) if is_private => "privateIPAddress".to_owned(),
            ("address", _) => "ipAddress".to_owned(),
            (_, Some((_, azure))) => (*azure).to_owned(),
            (other, None) => in_camels(other),
        };
        element.map_or_else(|| name.clone(), |element| format!("{name}[{element}"))
    });
    parts.collect::<Vec<_>>().join(".")
}

/// `route_table` is `routeTable`.
fn in_camels(name: &str) -> String {
    let mut parts = name.split('_');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut letters = part.chars();
        text.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        text.push_str(letters.as_str());
    }
    text
}

fn name_of(element: &Value) -> Option<&str> {
    element.get("name")?.as_str()
}

/// Texts are the same whatever their case: ids are spelled in several.
fn is_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::String(left), Value::String(right)) => left.eq_ignore_ascii_case(right),
        (left, right) => left == right,
    }
}

/// Puts a database to the others: of two of one kind the one that was made later is used.
pub(crate) fn take_database(held: &mut Vec<AddressDatabase>, database: AddressDatabase) -> Option<Problem> {
    let Some(known) = held.iter_mut().find(|known| known.kind == database.kind) else {
        held.push(database);
        return None;
    };
    if known.hash == database.hash {
        return None;
    }
    let message = format!(
        "`{}` and `{}` are both {}: the one that was made later is used",
        known.file, database.file, known.kind
    );
    if database.built >= known.built {
        *known = database;
    }
    Some(Problem {
        path: String::new(),
        resource: None,
        message,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contradictions_are_told_in_the_words_of_exports() {
        for (path, expected) in [
            (
                "asset.Interface.configurations[ipconfig1].address",
                "ipConfigurations[ipconfig1].privateIPAddress",
            ),
            ("asset.Interface.configurations", "ipConfigurations"),
            ("asset.PublicAddress.address", "ipAddress"),
            ("asset.Subnet.route_table", "routeTable"),
            (
                "asset.SecurityGroup.rules[AllowSsh].priority",
                "securityRules[AllowSsh].priority",
            ),
            ("location", "location"),
            ("tags.owner", "tags.owner"),
        ] {
            assert_eq!(written(path), expected);
        }
    }

    #[test]
    fn of_two_databases_of_a_kind_the_newer_is_used() {
        let database = |file: &str, built: u64| AddressDatabase {
            kind: "Kind".to_owned(),
            file: file.to_owned(),
            built,
            description: String::new(),
            hash: file.to_owned(),
            bytes: 1,
            networks: 1,
            has_v6: false,
            country_at: None,
            asn_at: None,
            asn_name_at: None,
        };
        let mut held = Vec::new();
        assert_eq!(take_database(&mut held, database("new", 2)), None);
        let told = take_database(&mut held, database("old", 1)).unwrap();
        assert_eq!(
            told.message,
            "`new` and `old` are both Kind: the one that was made later is used"
        );
        assert_eq!(take_database(&mut held, database("new", 2)), None);
        assert_eq!(held, [database("new", 2)]);
    }
}
