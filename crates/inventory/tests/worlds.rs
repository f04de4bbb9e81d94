//! Seeded worlds as exports: all that a world is made of is found in what Azure's tools would print of it.

#![cfg(test)]

use std::collections::BTreeSet;

use inventory::{read, together};
use model::facts::{Asset, FactSet};
use sim::{Scale, World, WorldSpec};

fn facts(world: &World) -> FactSet {
    let sets = world.exports().into_iter().map(|export| {
        let reading = read(export.text.as_bytes()).unwrap();
        assert_eq!(reading.problems, [], "{}", export.name);
        assert!(reading.others.is_empty(), "{}: {:?}", export.name, reading.others);
        reading.facts
    });
    let (facts, contradictions) = together(sets);
    assert_eq!(contradictions, []);
    facts
}

#[test]
fn everything_of_a_world_is_found_in_its_exports() {
    for seed in 1..=5 {
        let world = World::generate(&WorldSpec {
            seed,
            start_day: 20_514,
            hours: 1,
            scale: Scale::Small,
        });
        let facts = facts(&world);
        let mut macs = BTreeSet::new();
        let (mut subnets, mut networks, mut groups, mut rules, mut logs, mut admin) = (0, 0, 0, 0, 0, 0);
        for resource in &facts.resources {
            match &resource.asset {
                Asset::Interface(interface) => {
                    let mac = interface.mac.unwrap().to_string().replace('-', "");
                    let nic = world.nics.iter().find(|nic| nic.mac == mac).unwrap();
                    assert_eq!(resource.id.name(), nic.name);
                    let addresses: Vec<_> = interface
                        .configurations
                        .iter()
                        .filter_map(|held| held.address)
                        .collect();
                    assert_eq!(
                        addresses,
                        [Some(nic.ipv4), nic.ipv6]
                            .into_iter()
                            .flatten()
                            .collect::<Vec<_>>()
                    );
                    let machine = interface.machine.as_ref().unwrap();
                    // Machines are listed under ids in another case.
                    assert!(facts.resources.iter().any(|held| held.id == *machine));
                    assert_eq!(
                        interface.configurations[0].public_address.is_some(),
                        nic.is_public
                    );
                    macs.insert(mac);
                }
                Asset::Subnet(subnet) => {
                    let held = world
                        .subnets
                        .iter()
                        .find(|held| held.name == resource.id.name())
                        .unwrap();
                    assert_eq!(subnet.security_group.is_some(), held.nsg.is_some());
                    subnets += 1;
                }
                Asset::VirtualNetwork(network) => {
                    let held = world
                        .vnets
                        .iter()
                        .find(|held| held.id == resource.id.as_str())
                        .unwrap();
                    assert_eq!(network.peerings.len(), held.peers.len());
                    assert_eq!(network.prefixes.len(), held.prefixes.len());
                    networks += 1;
                }
                Asset::SecurityGroup(group) => {
                    let held = world
                        .nsgs
                        .iter()
                        .find(|held| held.id == resource.id.as_str())
                        .unwrap();
                    assert_eq!(group.rules.len(), held.rules.len());
                    groups += 1;
                    rules += group.rules.len();
                }
                Asset::AdminRules(held) => {
                    admin += held.rules.len();
                    assert_eq!(held.scopes.len(), world.admin.vnets.len());
                    assert_eq!(held.network_groups, []);
                    assert_eq!(facts.called_by_logs(&resource.id), world.admin.id);
                }
                Asset::AdminConfiguration => {
                    assert_eq!(resource.guid.as_deref(), Some(world.admin.id.as_str()));
                }
                Asset::FlowLog(_) => logs += 1,
                Asset::Machine(_) | Asset::PublicAddress(_) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(macs.len(), world.nics.len());
        assert_eq!((subnets, networks), (world.subnets.len(), world.vnets.len()));
        assert_eq!(groups, world.nsgs.len());
        assert_eq!(rules, world.nsgs.iter().map(|nsg| nsg.rules.len()).sum::<usize>());
        assert_eq!(admin, world.admin.rules.len());
        assert_eq!(logs, world.flow_logs.len());
        assert_eq!(facts.tags.unwrap().tags.len(), world.service_tags.len());
    }
}
