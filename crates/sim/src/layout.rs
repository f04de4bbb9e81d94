//! Lays out the company: subscriptions, VNets, subnets, VMs and the flow logs over them.
//!
//! A hub with a bastion, monitoring and DNS; a shop of web, app and data tiers; a development VNet; a payment VNet that
//! enforces encryption; and a legacy VNet that still has NSG flow logs only. Tables, then one function that numbers and
//! names. It must not decide anything about traffic.

use std::net::{IpAddr, Ipv4Addr};

use crate::cidr::Prefix;
use crate::internet::{Internet, networks, service_tags};
use crate::policy::{admin_configuration, encryption_decision, nsgs, platform_decision};
use crate::prng::{Prng, Purpose};
use crate::rules::Nsg;
use crate::world::{
    AclLayout, Encryption, FlowLog, KeyOrder, LogFormat, Nic, Role, Scale, Subnet, Subscription, Vnet, World,
    WorldSpec,
};

const SUBSCRIPTIONS: [&str; 3] = ["sub-connectivity", "sub-production", "sub-development"];

/// Name, subscription, resource group, v4, v6, peers, encryption.
type VnetLine = (
    &'static str,
    usize,
    &'static str,
    &'static str,
    &'static str,
    &'static [usize],
    Encryption,
);
const VNETS: [VnetLine; 5] = [
    (
        "vnet-hub",
        0,
        "rg-hub",
        "10.0.0.0/16",
        "",
        &[1, 2, 3, 4],
        Encryption::Off,
    ),
    (
        "vnet-shop",
        1,
        "rg-shop",
        "10.1.0.0/16",
        "fd00:10:1::/48",
        &[0, 2],
        Encryption::Off,
    ),
    (
        "vnet-dev",
        2,
        "rg-dev",
        "10.2.0.0/16",
        "",
        &[0, 1],
        Encryption::Off,
    ),
    (
        "vnet-pay",
        1,
        "rg-pay",
        "10.3.0.0/16",
        "",
        &[0],
        Encryption::Enforced,
    ),
    (
        "vnet-legacy",
        2,
        "rg-legacy",
        "10.4.0.0/16",
        "",
        &[0],
        Encryption::Off,
    ),
];

/// Name, VNet, v4, v6, NSG.
const SUBNETS: [(&str, usize, &str, &str, &str); 9] = [
    ("snet-bastion", 0, "10.0.16.0/20", "", "nsg-bastion"),
    ("snet-management", 0, "10.0.32.0/20", "", "nsg-management"),
    ("snet-web", 1, "10.1.0.0/20", "fd00:10:1:1::/64", "nsg-web"),
    ("snet-app", 1, "10.1.16.0/20", "fd00:10:1:2::/64", "nsg-app"),
    ("snet-data", 1, "10.1.32.0/20", "", "nsg-data"),
    ("snet-dev", 2, "10.2.0.0/20", "", "nsg-dev"),
    ("snet-pay", 3, "10.3.0.0/20", "", "nsg-pay"),
    ("snet-legacy", 4, "10.4.0.0/20", "", "nsg-legacy"),
    ("snet-old", 4, "10.4.16.0/20", "", "nsg-old"),
];

/// The frontend of the internal load balancer in front of the application tier, in `snet-app`.
pub(crate) const APP_FRONTEND: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 1, 31, 100));

/// Role, VM name, subnet, reachable from the internet, how many in `Tiny`, how many in `Small`.
const ROLES: [(Role, &str, usize, bool, u64, u64); 10] = [
    (Role::Jump, "vm-jump", 0, true, 1, 2),
    (Role::Monitor, "vm-mon", 1, false, 1, 1),
    (Role::Dns, "vm-dns", 1, false, 1, 2),
    (Role::Web, "vm-web", 2, true, 2, 8),
    (Role::App, "vm-app", 3, false, 1, 8),
    (Role::Database, "vm-db", 4, false, 1, 4),
    (Role::Developer, "vm-dev", 5, true, 1, 6),
    (Role::Payment, "vm-pay", 6, false, 2, 4),
    (Role::Legacy, "vm-legacy", 7, true, 1, 4),
    (Role::Old, "vm-old", 8, true, 1, 2),
];
const SMALL_NICS: u64 = 41;

/// Vendor parts of addresses that Azure gives to NICs.
const MAC_VENDORS: [&str; 3] = ["000D3A", "002248", "6045BD"];

pub(crate) fn lay_out(spec: &WorldSpec) -> World {
    let mut prng = Prng::keyed(spec.seed, Purpose::Identifiers, &[]);
    let subscriptions: Vec<Subscription> = SUBSCRIPTIONS
        .iter()
        .map(|name| Subscription {
            name: (*name).to_owned(),
            id: prng.guid(),
        })
        .collect();
    let provider = |subscription: &Subscription, group: &str, kind: &str| {
        format!(
            "/subscriptions/{}/resourceGroups/{group}/providers/Microsoft.Network/{kind}",
            subscription.id
        )
    };
    let mut next_id = 0;
    let nsg_id = |subscription: &str, group: &str, name: &str| {
        let found = subscriptions.iter().find(|one| one.name == subscription);
        found.map_or_else(String::new, |one| {
            provider(one, group, &format!("networkSecurityGroups/{name}"))
        })
    };
    let nsgs = nsgs(&mut next_id, &nsg_id, &mut || prng.guid());
    let admin = admin_configuration(&mut next_id, &mut || prng.guid());
    let vnets: Vec<Vnet> = VNETS
        .iter()
        .filter_map(|(name, subscription, group, v4, v6, peers, encryption)| {
            let owner = subscriptions.get(*subscription)?;
            Some(Vnet {
                name: (*name).to_owned(),
                id: provider(owner, group, &format!("virtualNetworks/{name}")),
                subscription: *subscription,
                resource_group: (*group).to_owned(),
                prefixes: [v4, v6]
                    .into_iter()
                    .filter_map(|text| Prefix::parse(text))
                    .collect(),
                peers: peers.to_vec(),
                encryption: *encryption,
            })
        })
        .collect();
    let subnets = lay_out_subnets(&vnets, &nsgs);
    let mut world = World {
        spec: spec.clone(),
        subscriptions,
        vnets,
        subnets,
        nics: Vec::new(),
        nsgs,
        admin,
        flow_logs: Vec::new(),
        service_tags: service_tags(),
        networks: networks(),
        incidents: Vec::new(),
        platform: platform_decision(next_id),
        encryption_drop: encryption_decision(next_id + 1),
        internet: Internet::new(),
    };
    world.nics = lay_out_nics(&world);
    lay_out_flow_logs(&mut world, &mut prng);
    world
}

fn lay_out_subnets(vnets: &[Vnet], nsgs: &[Nsg]) -> Vec<Subnet> {
    SUBNETS
        .iter()
        .filter_map(|(name, vnet, v4, v6, nsg)| {
            Some(Subnet {
                name: (*name).to_owned(),
                id: format!("{}/subnets/{name}", vnets.get(*vnet)?.id),
                vnet: *vnet,
                prefix: Prefix::parse(v4)?,
                prefix_v6: Prefix::parse(v6),
                nsg: nsgs.iter().position(|one| one.name == *nsg),
            })
        })
        .collect()
}

/// How many VMs of a role a scale has. `Large` keeps the proportions of `Small`; web servers take the remainder.
fn how_many(scale: Scale, role: Role, tiny: u64, small: u64) -> u64 {
    match scale {
        Scale::Tiny => tiny,
        Scale::Small => small,
        Scale::Large { nics } => {
            let nics = u64::from(nics).clamp(13, 20_000);
            let share = |small: u64| (small * nics / SMALL_NICS).max(1);
            let others: u64 = ROLES
                .iter()
                .filter(|line| line.0 != Role::Web)
                .map(|line| share(line.5))
                .sum();
            if role == Role::Web {
                nics.saturating_sub(others).max(1)
            } else {
                share(small)
            }
        }
    }
}

fn lay_out_nics(world: &World) -> Vec<Nic> {
    let mut nics: Vec<Nic> = Vec::new();
    for (role, vm_name, subnet_at, is_public, tiny, small) in ROLES {
        let Some(subnet) = world.subnets.get(subnet_at) else {
            continue;
        };
        let Some(vnet) = world.vnets.get(subnet.vnet) else {
            continue;
        };
        // Azure keeps the first four addresses of a subnet; two roles may share one.
        let taken = nics.iter().filter(|nic| nic.subnet == subnet_at).count();
        let first_host = 4 + u64::try_from(taken).unwrap_or(0);
        for ordinal in 0..how_many(world.spec.scale, role, tiny, small) {
            let index = nics.len();
            let key = u64::try_from(index).unwrap_or(0);
            let mut prng = Prng::keyed(world.spec.seed, Purpose::Identifiers, &[1, key]);
            let vendor = prng.pick(&MAC_VENDORS).copied().unwrap_or("000D3A");
            let vm = format!("{vm_name}-{:02}", ordinal + 1);
            nics.push(Nic {
                index,
                name: format!("nic-{vm}"),
                id: vnet.id.replace(
                    &format!("virtualNetworks/{}", vnet.name),
                    &format!("networkInterfaces/nic-{vm}"),
                ),
                // The low bits are the index, so that no two NICs of a world share an address.
                mac: format!("{vendor}{:06X}", (prng.below(256) << 16) | (key & 0xFFFF)),
                role,
                ordinal: usize::try_from(ordinal).unwrap_or(0),
                ipv4: subnet.prefix.host(first_host + ordinal),
                ipv6: subnet.prefix_v6.map(|prefix| prefix.host(first_host + ordinal)),
                is_public,
                subnet: subnet_at,
                vnet: subnet.vnet,
                nsg: world.nsgs.iter().position(|nsg| nsg.name == format!("nsg-{vm}")),
                flow_log: 0,
                flush_ms: Prng::keyed(world.spec.seed, Purpose::Flush, &[key]).millis(4_000, 57_000),
                vm,
            });
        }
    }
    nics
}

/// One flow log per VNet or subnet or NIC with VNet flow logs, one per NSG with NSG flow logs. Where two would cover a
/// NIC the narrower one wins, as in Azure, hence the order: VNet, then subnet, then NIC.
fn lay_out_flow_logs(world: &mut World, prng: &mut Prng) {
    use AclLayout::{EntryPerAcl, EntryPerRule};
    use KeyOrder::{Alphabetical, Documented, Observed};
    type Covers<'a> = &'a dyn Fn(&Nic) -> bool;
    let monitor_id = world
        .with_role(Role::Monitor)
        .first()
        .map_or_else(String::new, |nic| nic.id.clone());
    let vnet_id = |at: usize| {
        world
            .vnets
            .get(at)
            .map_or_else(String::new, |vnet| vnet.id.clone())
    };
    let dev_subnet = world
        .subnets
        .get(5)
        .map_or_else(String::new, |subnet| subnet.id.clone());
    let targets: [(usize, &str, String, KeyOrder, AclLayout, Covers<'_>); 5] = [
        (0, "vnet-hub", vnet_id(0), Observed, EntryPerRule, &|nic| {
            nic.vnet == 0
        }),
        (1, "vnet-shop", vnet_id(1), Documented, EntryPerRule, &|nic| {
            nic.vnet == 1
        }),
        (2, "snet-dev", dev_subnet, Alphabetical, EntryPerAcl, &|nic| {
            nic.vnet == 2
        }),
        (3, "vnet-pay", vnet_id(3), Alphabetical, EntryPerRule, &|nic| {
            nic.vnet == 3
        }),
        (0, "nic-vm-mon-01", monitor_id, Observed, EntryPerAcl, &|nic| {
            nic.role == Role::Monitor && nic.ordinal == 0
        }),
    ];
    let mut flow_logs = Vec::new();
    let mut nics = world.nics.clone();
    for (vnet, target, target_id, key_order, acl_layout, covers) in targets {
        let log = vnet_flow_log(world, vnet, target, &target_id, prng.guid());
        for nic in nics.iter_mut().filter(|nic| covers(nic)) {
            nic.flow_log = flow_logs.len();
        }
        flow_logs.push(FlowLog {
            key_order,
            acl_layout,
            ..log
        });
    }
    for (name, format, role) in [
        ("nsg-legacy", LogFormat::Nsg2, Role::Legacy),
        ("nsg-old", LogFormat::Nsg1, Role::Old),
    ] {
        let Some(nsg) = world.nsgs.iter().find(|nsg| nsg.name == name) else {
            continue;
        };
        for nic in nics.iter_mut().filter(|nic| nic.role == role) {
            nic.flow_log = flow_logs.len();
        }
        flow_logs.push(nsg_flow_log(nsg, format));
    }
    world.nics = nics;
    world.flow_logs = flow_logs;
}

fn vnet_flow_log(world: &World, vnet: usize, target: &str, target_id: &str, guid: String) -> FlowLog {
    let vnet = world.vnets.get(vnet);
    let group = vnet.map_or("", |vnet| vnet.resource_group.as_str());
    let subscription = vnet.and_then(|vnet| world.subscriptions.get(vnet.subscription));
    let subscription = subscription.map_or_else(String::new, |one| one.id.to_uppercase());
    let region = world.region().to_uppercase();
    let name = format!("{target}-{group}-flowlog");
    let upper = name.to_uppercase();
    FlowLog {
        format: LogFormat::Vnet4,
        guid,
        resource_id: format!(
            "/SUBSCRIPTIONS/{subscription}/RESOURCEGROUPS/NETWORKWATCHERRG/PROVIDERS/MICROSOFT.NETWORK/NETWORKWATCHERS/NETWORKWATCHER_{region}/FLOWLOGS/{upper}"
        ),
        target_id: target_id.to_owned(),
        path_prefix: format!(
            "insights-logs-flowlogflowevent/flowLogResourceID=/{subscription}_NETWORKWATCHERRG/NETWORKWATCHER_{region}_{upper}"
        ),
        name,
        key_order: KeyOrder::Documented,
        acl_layout: AclLayout::EntryPerRule,
    }
}

fn nsg_flow_log(nsg: &Nsg, format: LogFormat) -> FlowLog {
    let upper = nsg.id.to_uppercase();
    FlowLog {
        name: format!("{}-flowlog", nsg.name),
        format,
        guid: nsg.system_id.clone(),
        path_prefix: format!("insights-logs-networksecuritygroupflowevent/resourceId={upper}"),
        resource_id: upper,
        target_id: String::new(),
        key_order: KeyOrder::Observed,
        acl_layout: AclLayout::EntryPerRule,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn world(scale: Scale) -> World {
        lay_out(&WorldSpec {
            seed: 5,
            start_day: 20_000,
            hours: 1,
            scale,
        })
    }

    #[test]
    fn addresses_are_unique_and_lie_in_their_subnets() {
        for scale in [Scale::Tiny, Scale::Small, Scale::Large { nics: 20_000 }] {
            let world = world(scale);
            let mut seen = BTreeSet::new();
            for nic in &world.nics {
                assert!(
                    seen.insert(nic.mac.clone()) && seen.insert(nic.ipv4.to_string()),
                    "{}",
                    nic.vm
                );
                assert!(world.subnets[nic.subnet].prefix.contains(nic.ipv4), "{}", nic.vm);
                assert!(world.vnets[nic.vnet].prefixes[0].contains(nic.ipv4), "{}", nic.vm);
                assert_eq!(world.nics[nic.index].mac, nic.mac);
            }
        }
    }

    #[test]
    fn scales_have_the_sizes_they_promise() {
        assert_eq!(world(Scale::Tiny).nics.len(), 12);
        assert_eq!(world(Scale::Small).nics.len(), 41);
        assert_eq!(world(Scale::Large { nics: 500 }).nics.len(), 500);
        assert_eq!(world(Scale::Large { nics: 1 }).nics.len(), 13);
    }

    #[test]
    fn peerings_are_mutual_and_every_format_is_used() {
        let world = world(Scale::Small);
        for (at, vnet) in world.vnets.iter().enumerate() {
            assert!(
                vnet.peers
                    .iter()
                    .all(|peer| world.vnets[*peer].peers.contains(&at)),
                "{}",
                vnet.name
            );
        }
        let formats: BTreeSet<LogFormat> = world.nics.iter().map(|nic| world.format_of(nic)).collect();
        assert_eq!(formats.len(), 3);
        let monitor = world.with_role(Role::Monitor)[0];
        assert!(
            world.flow_logs[monitor.flow_log]
                .target_id
                .ends_with("networkInterfaces/nic-vm-mon-01")
        );
    }
}
