//! What Azure's tools would print about a world: the inventories that people export beside their flow logs.
//!
//! Each in the form in which it mostly comes: the command line's lists, an export of rules as the API gives them, the file of
//! service tags. It must not import the reader of such files: the two are compared with each other.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::incident::IncidentKind;
use crate::rules::{Access, Address, Direction, Nsg, Protocol, Rule, RuleKind};
use crate::world::{Encryption, LogFormat, Nic, World};

/// A file of an inventory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// `nics.json`
    pub name: &'static str,
    /// The command that would have printed it.
    pub command: &'static str,
    /// What stands in it.
    pub text: String,
}

impl World {
    /// The world as exports.
    #[must_use]
    pub fn exports(&self) -> Vec<Export> {
        let export = |name, command, value: Value| Export {
            name,
            command,
            text: format!("{value:#}"),
        };
        let of = |values: Vec<Value>| Value::Array(values);
        let exports = vec![
            export(
                "nics.json",
                "az network nic list",
                of(self.nics.iter().map(|nic| self.nic_export(nic)).collect()),
            ),
            export(
                "vms.json",
                "az vm list --show-details",
                of(self.nics.iter().map(|nic| self.machine_export(nic)).collect()),
            ),
            export(
                "vnets.json",
                "az network vnet list",
                of((0..self.vnets.len())
                    .filter_map(|at| self.network_export(at))
                    .collect()),
            ),
            export(
                "nsgs.json",
                "az rest --method get --url …/networkSecurityGroups",
                json!({ "value": self.nsgs.iter().map(|nsg| self.group_export(nsg)).collect::<Vec<_>>() }),
            ),
            export(
                "public-ips.json",
                "az network public-ip list",
                of(self
                    .nics
                    .iter()
                    .filter_map(|nic| self.public_address_export(nic))
                    .collect()),
            ),
            export(
                "flow-logs.json",
                "az network watcher flow-log list",
                of((0..self.flow_logs.len())
                    .filter_map(|at| self.flow_log_export(at))
                    .collect()),
            ),
            export(
                "admin-configurations.json",
                "az network manager security-admin-config list",
                self.admin_configuration_export(),
            ),
            export(
                "admin-rules.json",
                "az network manager list-active-security-admin-rule",
                json!({
                    "value": self.admin.rules.iter().map(|rule| self.admin_rule_export(rule)).collect::<Vec<_>>(),
                }),
            ),
            export(
                "ServiceTags_Public.json",
                "the file of service tags",
                self.tags_export(),
            ),
        ];
        exports.into_iter().chain(self.threats_export()).collect()
    }

    /// A list of addresses that are known for harm: those that try passwords, and whom beacons call. Scans and exfiltration
    /// are to be found without it.
    fn threats_export(&self) -> Option<Export> {
        let mut text = String::from("indicator,type,description\n");
        let header = text.len();
        for plan in &self.incidents {
            let (addresses, kind) = match plan.kind {
                IncidentKind::SshBruteForceDenied | IncidentKind::SshBruteForceAllowed => {
                    (vec![plan.source], "BruteForce")
                }
                IncidentKind::Beacon => (plan.targets.clone(), "C2"),
                _ => continue,
            };
            for address in addresses {
                // Writing to a String cannot fail.
                let _ = writeln!(text, "{address},{kind},made up for the demo of Flowglass");
            }
        }
        (text.len() > header).then_some(Export {
            name: "threats.csv",
            command: "a list of addresses known for harm",
            text,
        })
    }

    /// The resource group's part of an id.
    fn group_of(&self, vnet: usize) -> String {
        let vnet = self.vnets.get(vnet);
        vnet.and_then(|vnet| vnet.id.split("/providers/").next())
            .unwrap_or_default()
            .to_owned()
    }

    fn machine_id(&self, nic: &Nic) -> String {
        // The service that keeps machines writes groups in its own case.
        let group = self.group_of(nic.vnet);
        let (subscription, name) = group.rsplit_once('/').unwrap_or((&group, ""));
        format!(
            "{subscription}/{}/providers/Microsoft.Compute/virtualMachines/{}",
            name.to_uppercase(),
            nic.vm
        )
    }

    fn public_id(&self, nic: &Nic) -> String {
        format!(
            "{}/providers/Microsoft.Network/publicIPAddresses/pip-{}",
            self.group_of(nic.vnet),
            nic.vm
        )
    }

    fn nic_export(&self, nic: &Nic) -> Value {
        let subnet = self.subnets.get(nic.subnet);
        let subnet = json!({ "id": subnet.map_or("", |subnet| &subnet.id) });
        let configuration = |name: &str, address: std::net::IpAddr, version: &str, primary: bool| {
            let mut held = json!({
                "id": format!("{}/ipConfigurations/{name}", nic.id),
                "name": name,
                "primary": primary,
                "privateIPAddress": address.to_string(),
                "privateIPAddressVersion": version,
                "privateIPAllocationMethod": "Dynamic",
                "subnet": subnet,
            });
            if primary
                && nic.is_public
                && let Some(held) = held.as_object_mut()
            {
                held.insert("publicIPAddress".to_owned(), json!({ "id": self.public_id(nic) }));
            }
            held
        };
        let mut configurations = vec![configuration("ipconfig1", nic.ipv4, "IPv4", true)];
        configurations.extend(
            nic.ipv6
                .map(|address| configuration("ipconfig-v6", address, "IPv6", false)),
        );
        let mut held = json!({
            "id": nic.id,
            "name": nic.name,
            "type": "Microsoft.Network/networkInterfaces",
            "location": self.region(),
            "macAddress": dashed(&nic.mac),
            "primary": true,
            "enableIPForwarding": false,
            "ipConfigurations": configurations,
            "virtualMachine": { "id": self.machine_id(nic) },
        });
        if let (Some(nsg), Some(held)) = (nic.nsg.and_then(|at| self.nsgs.get(at)), held.as_object_mut()) {
            held.insert("networkSecurityGroup".to_owned(), json!({ "id": nsg.id }));
        }
        held
    }

    fn machine_export(&self, nic: &Nic) -> Value {
        json!({
            "id": self.machine_id(nic),
            "name": nic.vm,
            "type": "Microsoft.Compute/virtualMachines",
            "location": self.region(),
            "hardwareProfile": { "vmSize": "Standard_D2s_v5" },
            "osProfile": { "computerName": nic.vm },
            "networkProfile": { "networkInterfaces": [{ "id": nic.id, "primary": true }] },
            "powerState": "VM running",
            "privateIps": nic.ipv4.to_string(),
            "tags": { "role": format!("{:?}", nic.role).to_lowercase() },
        })
    }

    fn network_export(&self, at: usize) -> Option<Value> {
        let vnet = self.vnets.get(at)?;
        let subnets = self.subnets.iter().filter(|subnet| subnet.vnet == at);
        let subnets = subnets.map(|subnet| {
            let prefixes = [Some(subnet.prefix), subnet.prefix_v6];
            let prefixes: Vec<String> = prefixes
                .into_iter()
                .flatten()
                .map(|prefix| prefix.to_string())
                .collect();
            let nsg = subnet.nsg.and_then(|nsg| self.nsgs.get(nsg));
            let mut held = json!({ "id": subnet.id, "name": subnet.name });
            if let Some(members) = held.as_object_mut() {
                match prefixes.as_slice() {
                    [one] => members.insert("addressPrefix".to_owned(), json!(one)),
                    many => members.insert("addressPrefixes".to_owned(), json!(many)),
                };
                if let Some(nsg) = nsg {
                    members.insert("networkSecurityGroup".to_owned(), json!({ "id": nsg.id }));
                }
            }
            held
        });
        let peerings = vnet.peers.iter().filter_map(|peer| {
            let peer = self.vnets.get(*peer)?;
            let space = texts(&peer.prefixes);
            Some(json!({
                "id": format!("{}/virtualNetworkPeerings/to-{}", vnet.id, peer.name),
                "name": format!("to-{}", peer.name),
                "peeringState": "Connected",
                "remoteVirtualNetwork": { "id": peer.id },
                "remoteAddressSpace": { "addressPrefixes": space },
                "allowVirtualNetworkAccess": true,
                "allowForwardedTraffic": false,
                "allowGatewayTransit": false,
                "useRemoteGateways": false,
            }))
        });
        Some(json!({
            "id": vnet.id,
            "name": vnet.name,
            "type": "Microsoft.Network/virtualNetworks",
            "location": self.region(),
            "addressSpace": { "addressPrefixes": texts(&vnet.prefixes) },
            "encryption": {
                "enabled": vnet.encryption == Encryption::Enforced,
                "enforcement": "DropUnencrypted",
            },
            "subnets": subnets.collect::<Vec<_>>(),
            "virtualNetworkPeerings": peerings.collect::<Vec<_>>(),
        }))
    }

    fn group_export(&self, nsg: &Nsg) -> Value {
        let rules = |is_default: bool| -> Vec<Value> {
            let rules = nsg
                .rules
                .iter()
                .filter(|rule| (rule.kind == RuleKind::Default) == is_default);
            let kind = if is_default {
                "defaultSecurityRules"
            } else {
                "securityRules"
            };
            rules
                .map(|rule| json!({ "name": rule.name, "id": format!("{}/{kind}/{}", nsg.id, rule.name), "properties": properties(rule) }))
                .collect()
        };
        json!({
            "id": nsg.id,
            "name": nsg.name,
            "type": "Microsoft.Network/networkSecurityGroups",
            "location": self.region(),
            "properties": {
                "resourceGuid": nsg.system_id,
                "securityRules": rules(false),
                "defaultSecurityRules": rules(true),
            },
        })
    }

    /// Its address is of a range that belongs to nobody.
    fn public_address_export(&self, nic: &Nic) -> Option<Value> {
        nic.is_public.then(|| {
            let [high, low] = u16::try_from(nic.index).unwrap_or(u16::MAX).to_be_bytes();
            json!({
                "id": self.public_id(nic),
                "name": format!("pip-{}", nic.vm),
                "type": "Microsoft.Network/publicIPAddresses",
                "location": self.region(),
                "ipAddress": format!("100.127.{high}.{low}"),
                "publicIPAllocationMethod": "Static",
                "publicIPAddressVersion": "IPv4",
                "ipConfiguration": { "id": format!("{}/ipConfigurations/ipconfig1", nic.id) },
            })
        })
    }

    fn flow_log_export(&self, at: usize) -> Option<Value> {
        let log = self.flow_logs.get(at)?;
        let subscription = self.subscriptions.first()?;
        let target = if log.target_id.is_empty() {
            &log.resource_id
        } else {
            &log.target_id
        };
        Some(json!({
            "id": format!(
                "/subscriptions/{}/resourceGroups/NetworkWatcherRG/providers/Microsoft.Network/networkWatchers/NetworkWatcher_{}/flowLogs/{}",
                subscription.id, self.region(), log.name
            ),
            "name": log.name,
            "type": "Microsoft.Network/networkWatchers/flowLogs",
            "location": self.region(),
            "enabled": true,
            "targetResourceId": target,
            "storageId": format!("/subscriptions/{}/resourceGroups/rg-logs/providers/Microsoft.Storage/storageAccounts/flowlogs", subscription.id),
            "format": { "type": "JSON", "version": if log.format == LogFormat::Nsg1 { 1 } else { 2 } },
            "retentionPolicy": { "days": 30, "enabled": true },
        }))
    }

    /// The network manager's id.
    fn manager(&self) -> String {
        let subscription = self.subscriptions.first().map_or("", |held| held.id.as_str());
        format!(
            "/subscriptions/{subscription}/resourceGroups/rg-hub/providers/Microsoft.Network/networkManagers/avnm"
        )
    }

    /// The configuration, by whose GUID logs name who decided.
    fn admin_configuration_export(&self) -> Value {
        json!([{
            "id": format!("{}/securityAdminConfigurations/{}", self.manager(), self.admin.name),
            "name": self.admin.name,
            "type": "Microsoft.Network/networkManagers/securityAdminConfigurations",
            "resourceGuid": self.admin.id,
            "applyOnNetworkIntentPolicyBasedServices": ["None"],
            "provisioningState": "Succeeded",
        }])
    }

    fn admin_rule_export(&self, rule: &Rule) -> Value {
        let side = |addresses: &[Address]| -> Vec<Value> {
            let addresses = addresses.iter();
            addresses
                .map(|address| {
                    let kind = if matches!(address, Address::Tag(_)) {
                        "ServiceTag"
                    } else {
                        "IPPrefix"
                    };
                    json!({ "addressPrefix": address.to_string(), "addressPrefixType": kind })
                })
                .collect()
        };
        let group = format!("{}/networkGroups/ng-baseline", self.manager());
        let members = self
            .vnets
            .iter()
            .filter(|vnet| self.admin.vnets.contains(&vnet.name));
        let members: Vec<Value> = members.map(|vnet| json!({ "resourceId": vnet.id })).collect();
        json!({
            "id": format!(
                "{}/securityAdminConfigurations/{}/ruleCollections/baseline/rules/{}",
                self.manager(), self.admin.name, rule.name
            ),
            "name": rule.name,
            "kind": "Custom",
            "region": self.region(),
            "ruleCollectionAppliesToGroups": [{ "networkGroupId": group }],
            "ruleGroups": [{
                "id": group,
                "groupMembers": members,
                // No condition finds further members.
                "conditionalMembership": "",
            }],
            "priority": rule.priority,
            "direction": word(rule.direction),
            "access": access(rule.access),
            "protocol": match rule.protocol { Protocol::Any => "Any", Protocol::Tcp => "Tcp", Protocol::Udp => "Udp" },
            "sources": side(&rule.sources),
            "destinations": side(&rule.destinations),
            "sourcePortRanges": texts(&rule.source_ports),
            "destinationPortRanges": texts(&rule.destination_ports),
        })
    }

    fn tags_export(&self) -> Value {
        let values = self.service_tags.iter().map(|tag| {
            json!({
                "name": tag.name,
                "id": tag.name,
                "properties": {
                    "changeNumber": 1,
                    "region": tag.region,
                    "platform": "Azure",
                    "systemService": tag.system_service,
                    "addressPrefixes": tag.prefixes,
                },
            })
        });
        json!({ "changeNumber": 1, "cloud": "Public", "values": values.collect::<Vec<_>>() })
    }
}

/// A rule as the API gives it: one address or port under the singular name, several under the plural one.
fn properties(rule: &Rule) -> Value {
    let mut held = json!({
        "protocol": match rule.protocol { Protocol::Any => "*", Protocol::Tcp => "Tcp", Protocol::Udp => "Udp" },
        "access": access(rule.access),
        "priority": rule.priority,
        "direction": word(rule.direction),
    });
    let sides = [
        ("sourceAddressPrefix", "es", texts(&rule.sources)),
        ("destinationAddressPrefix", "es", texts(&rule.destinations)),
        ("sourcePortRange", "s", texts(&rule.source_ports)),
        ("destinationPortRange", "s", texts(&rule.destination_ports)),
    ];
    if let Some(held) = held.as_object_mut() {
        for (name, plural, values) in sides {
            let (one, many) = match values.as_slice() {
                [one] => (one.clone(), Vec::new()),
                many => (String::new(), many.to_vec()),
            };
            held.insert(name.to_owned(), json!(one));
            held.insert(format!("{name}{plural}"), json!(many));
        }
    }
    held
}

fn texts<T: ToString>(values: &[T]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "Inbound",
        Direction::Outbound => "Outbound",
    }
}

fn access(access: Access) -> &'static str {
    match access {
        Access::Allow => "Allow",
        Access::Deny => "Deny",
        Access::AlwaysAllow => "AlwaysAllow",
    }
}

/// `00-0D-3A-…`
fn dashed(mac: &str) -> String {
    let pairs = mac.as_bytes().chunks(2);
    let pairs: Vec<String> = pairs
        .map(|pair| String::from_utf8_lossy(pair).into_owned())
        .collect();
    pairs.join("-")
}
