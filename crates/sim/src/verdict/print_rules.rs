//! Prints groups, security admin rules and service tags.

use serde_json::{Value, json};

use super::estate::{Collection, EffectiveGroup, Estate, Group, Interface, Protocol, Rule, Side, Tag};
use super::spelling::{Members, Speller, member};
use crate::cidr::Prefix;
use crate::rules::{Access, Address, Direction, PortRange};

pub(super) fn group(speller: &mut Speller, estate: &Estate, group: &Group) -> Value {
    let mut rules = |is_default: bool, name: &str| -> Members {
        let rules = group.rules.iter().filter(|rule| rule.is_default == is_default);
        let rules: Vec<Value> = rules
            .map(|rule| {
                let members = rule_members(speller, rule, "*");
                let id = format!("{}/{name}/{}", group.id, rule.name);
                speller.resource(&id, None, members)
            })
            .collect();
        if rules.is_empty() {
            speller.nothing(name)
        } else {
            member(name, rules)
        }
    };
    let mut members = rules(false, "securityRules");
    members.extend(rules(true, "defaultSecurityRules"));
    let is_mine = |id: &Option<String>| id.as_ref() == Some(&group.id);
    let subnets = estate.subnets.iter().filter(|subnet| is_mine(&subnet.group));
    let subnets: Vec<String> = subnets.map(|subnet| subnet.id.clone()).collect();
    let interfaces = estate.interfaces.iter().filter(|held| is_mine(&held.group));
    let interfaces: Vec<String> = interfaces.map(|held| held.id.clone()).collect();
    if speller.is(500) {
        members.extend(speller.references("subnets", &subnets));
        members.extend(speller.references("networkInterfaces", &interfaces));
    }
    speller.resource(&group.id, Some("networkSecurityGroups"), members)
}

/// What a rule says beside its addresses.
fn head(speller: &mut Speller, rule: &Rule, any: &str) -> Members {
    let protocol = match rule.protocol {
        Protocol::Any => any,
        Protocol::Tcp => "Tcp",
        Protocol::Udp => "Udp",
        Protocol::Icmp => "Icmp",
        Protocol::Esp => "Esp",
        Protocol::Ah => "Ah",
    };
    let access = match rule.access {
        Access::Allow => "Allow",
        Access::Deny => "Deny",
        Access::AlwaysAllow => "AlwaysAllow",
    };
    let direction = match rule.direction {
        Direction::Inbound => "Inbound",
        Direction::Outbound => "Outbound",
    };
    let mut members = member("priority", rule.priority);
    members.extend(member("protocol", speller.word(protocol)));
    members.extend(member("access", speller.word(access)));
    members.extend(member("direction", speller.word(direction)));
    if speller.is(200) {
        members.extend(member("description", "Made up."));
    }
    members
}

/// A group as Azure says that it holds at an interface.
pub(super) fn effective(speller: &mut Speller, interface: &Interface, held: &EffectiveGroup) -> Value {
    let configurations = interface.configurations.iter();
    let subnet = configurations.map(|held| held.subnet.as_str()).next();
    let association = match held.is_of_subnet {
        true => json!({ "subnet": speller.reference(subnet.unwrap_or_default()) }),
        false => json!({ "networkInterface": speller.reference(&interface.id) }),
    };
    let rules: Vec<Value> = held
        .rules
        .iter()
        .map(|rule| {
            let kind = match rule.is_default {
                true => "defaultSecurityRules",
                false => "securityRules",
            };
            let mut members = member("name", format!("{kind}/{}", rule.name));
            members.extend(rule_members(speller, rule, "All"));
            for (name, side) in [("Source", &rule.source), ("Destination", &rule.destination)] {
                let prefixes: Vec<String> = side.expanded.iter().map(ToString::to_string).collect();
                let name = format!("expanded{name}AddressPrefix");
                members.extend(match prefixes.is_empty() {
                    true => speller.nothing(&name),
                    false => member(&name, prefixes),
                });
            }
            Value::Object(members.into_iter().collect())
        })
        .collect();
    json!({
        "association": association,
        "networkSecurityGroup": speller.reference(&held.id),
        "effectiveSecurityRules": rules,
    })
}

fn rule_members(speller: &mut Speller, rule: &Rule, any: &str) -> Members {
    let mut members = head(speller, rule, any);
    for (name, side) in [("source", &rule.source), ("destination", &rule.destination)] {
        let addresses = addresses(speller, side);
        let (one, many) = (format!("{name}AddressPrefix"), format!("{name}AddressPrefixes"));
        members.extend(speller.values(&one, &many, &addresses));
        let ports = ports(speller, &side.ports);
        let (one, many) = (format!("{name}PortRange"), format!("{name}PortRanges"));
        members.extend(speller.values(&one, &many, &ports));
        let groups = format!("{name}ApplicationSecurityGroups");
        members.extend(speller.references(&groups, &side.application_groups));
    }
    members
}

fn addresses(speller: &mut Speller, side: &Side) -> Vec<String> {
    let addresses = side.addresses.iter();
    addresses
        .map(|address| match address {
            Address::Any => "*".to_owned(),
            Address::Prefix(prefix) if is_single(*prefix) && speller.is(300) => {
                format!("{prefix}/{}", prefix.bits)
            }
            Address::Prefix(prefix) => prefix.to_string(),
            Address::Tag(name) => speller.word(name),
        })
        .collect()
}

/// Printed without its length otherwise.
fn is_single(prefix: Prefix) -> bool {
    prefix.size() == 1
}

fn ports(speller: &mut Speller, ports: &[PortRange]) -> Vec<String> {
    let ports = ports.iter();
    ports
        .map(|range| {
            let is_any = *range == PortRange::ANY;
            let is_long = (is_any || range.first == range.last) && speller.is(250);
            if is_long {
                format!("{}-{}", range.first, range.last)
            } else {
                range.to_string()
            }
        })
        .collect()
}

/// The collection itself, where it says which network groups it is for.
pub(super) fn collection(speller: &mut Speller, held: &Collection) -> Option<Value> {
    if held.network_groups.is_empty() {
        return None;
    }
    let groups = held.network_groups.iter();
    let groups: Vec<Value> = groups
        .map(|group| json!({ "networkGroupId": speller.word(group) }))
        .collect();
    let members = member("appliesToGroups", groups);
    let kind = "networkManagers/securityAdminConfigurations/ruleCollections";
    Some(speller.resource(&held.id, Some(kind), members))
}

/// The rules of a collection; each says for which networks they are.
pub(super) fn admin_rules(speller: &mut Speller, held: &Collection) -> Vec<Value> {
    let rules = held.rules.iter();
    rules
        .map(|rule| {
            let mut members = head(speller, rule, "Any");
            for (name, side) in [("source", &rule.source), ("destination", &rule.destination)] {
                members.extend(member(&format!("{name}s"), typed_addresses(speller, side)));
                let ports = ports(speller, &side.ports);
                members.extend(member(&format!("{name}PortRanges"), ports));
            }
            if !held.members.is_empty() {
                let networks = held.members.iter();
                let networks: Vec<Value> = networks
                    .map(|network| json!({ "resourceId": speller.word(network) }))
                    .collect();
                members.extend(member("ruleGroups", json!([{ "groupMembers": networks }])));
            }
            let id = format!("{}/rules/{}", held.id, rule.name);
            let kind = "networkManagers/securityAdminConfigurations/ruleCollections/rules";
            let mut written = speller.resource(&id, Some(kind), members);
            if let Some(written) = written.as_object_mut() {
                written.insert("kind".to_owned(), json!("Custom"));
            }
            written
        })
        .collect()
}

/// Security admin rules say of each address what it is.
fn typed_addresses(speller: &mut Speller, side: &Side) -> Vec<Value> {
    // Nothing at all is everything there, unlike in a group.
    if side.addresses == [Address::Any] && side.network_groups.is_empty() && speller.is(200) {
        return Vec::new();
    }
    let written = addresses(speller, side);
    let kinds = side.addresses.iter().map(|address| match address {
        Address::Any | Address::Prefix(_) => "IPPrefix",
        Address::Tag(_) => "ServiceTag",
    });
    let groups = side.network_groups.iter();
    let groups = groups.map(|group| (group.clone(), "NetworkGroup"));
    let all = written.into_iter().zip(kinds).chain(groups);
    all.map(|(address, kind)| json!({ "addressPrefix": address, "addressPrefixType": kind }))
        .collect()
}

/// The file of service tags, or what the API lists.
pub(super) fn tags(speller: &mut Speller, tags: &[Tag]) -> String {
    let is_api = speller.is(400);
    let number = |number: u32| {
        if is_api {
            json!(number.to_string())
        } else {
            json!(number)
        }
    };
    let values = tags.iter().map(|tag| {
        json!({
            "name": tag.name,
            "id": tag.name,
            "properties": {
                "changeNumber": number(7),
                "region": tag.region,
                "platform": "Azure",
                "systemService": tag.name.split('.').next().unwrap_or_default(),
                "addressPrefixes": tag.prefixes.iter().map(ToString::to_string).collect::<Vec<_>>(),
            },
        })
    });
    let values: Vec<Value> = values.collect();
    let mut file = json!({ "changeNumber": number(300), "cloud": "Public", "values": values });
    if let Some(file) = file.as_object_mut().filter(|_| is_api) {
        file.insert("name".to_owned(), json!("public"));
        file.insert("type".to_owned(), json!("Microsoft.Network/serviceTags"));
    }
    format!("{file:#}")
}
