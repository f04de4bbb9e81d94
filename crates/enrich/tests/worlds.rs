//! Seeded worlds: whoever reports is known by MAC, whoever is talked to by address as seen from there.

#![cfg(test)]

use std::net::IpAddr;

use enrich::{End, FlowType, Index, Known, Place, Snapshot, Talk, Threats, Timeline};
use inventory::{read, together};
use model::facts::{ArmId, Asset, FactSet, Mac};
use sim::{Scale, World, WorldSpec};

fn world(seed: u64) -> (World, FactSet) {
    let world = World::generate(&WorldSpec {
        seed,
        start_day: 20_514,
        hours: 1,
        scale: Scale::Small,
    });
    let sets = world
        .exports()
        .into_iter()
        .map(|export| read(export.text.as_bytes()).unwrap().facts);
    let (facts, _) = together(sets);
    (world, facts)
}

#[test]
fn names_of_both_ends() {
    for seed in 1..=3 {
        let (world, facts) = world(seed);
        let index = Index::of(&facts);
        let none = Threats::default();
        let mut not_joined = 0;
        for nic in &world.nics {
            let reporter = index.reporter(Mac::parse(&nic.mac).unwrap());
            let reporter = reporter.one().unwrap();
            assert_eq!(reporter.name(), nic.vm);
            let network = reporter.network.clone().unwrap();
            assert_eq!(network.as_str(), world.vnets[nic.vnet].id);
            for other in &world.nics {
                let seen = index.seen(Some(&network), other.ipv4, &none);
                let kind = Index::flow_type(Some(&network), &seen.place);
                if other.vnet == nic.vnet {
                    assert_eq!(seen.holder.one().unwrap().name(), other.vm);
                    assert_eq!(kind, FlowType::IntraVNet);
                } else if world.vnets[nic.vnet].peers.contains(&other.vnet) {
                    assert_eq!(seen.holder.one().unwrap().name(), other.vm);
                    assert_eq!(kind, FlowType::InterVNet);
                    let Place::Peer { subnet, .. } = seen.place else {
                        panic!("{seen:?}");
                    };
                    assert_eq!(subnet.unwrap().name(), world.subnets[other.subnet].name);
                } else {
                    // Over a hub, or nowhere: no other network has such an address, so it is that one's.
                    assert_eq!(seen.holder.one().unwrap().name(), other.vm);
                    assert_eq!(kind, FlowType::InterVNet);
                    not_joined += 1;
                }
            }
            for tag in &world.service_tags {
                let address: IpAddr = tag.prefixes[0].split('/').next().unwrap().parse().unwrap();
                let seen = index.seen(Some(&network), address, &none);
                assert_eq!(
                    Index::flow_type(Some(&network), &seen.place),
                    FlowType::AzurePublic,
                    "{address}"
                );
            }
            let platform = index.seen(Some(&network), "168.63.129.16".parse().unwrap(), &none);
            assert_eq!(platform.place, Place::Platform);
            let nowhere = index.seen(Some(&network), "172.20.0.1".parse().unwrap(), &none);
            assert_eq!((nowhere.holder, nowhere.place), (Known::Nobody, Place::Private));
        }
        assert!(not_joined > 0);
    }
}

#[test]
fn own_public_addresses_lead_to_who_is_behind_them() {
    let (world, facts) = world(7);
    let index = Index::of(&facts);
    let mut found = 0;
    for resource in &facts.resources {
        let Asset::PublicAddress(public) = &resource.asset else {
            continue;
        };
        let seen = index.seen(None, public.address.unwrap(), &Threats::default());
        assert!(matches!(seen.place, Place::OwnPublic { .. }));
        let nic = world
            .nics
            .iter()
            .find(|nic| resource.id.name().ends_with(&nic.vm))
            .unwrap();
        assert_eq!(seen.holder.one().unwrap().name(), nic.vm);
        found += 1;
    }
    assert_eq!(found, world.nics.iter().filter(|nic| nic.is_public).count());
}

#[test]
fn harm_stands_before_whose_it_is() {
    let (_, facts) = world(1);
    let list = read(b"203.0.113.0/24,Botnet\n10.0.0.0/8,Odd\n")
        .unwrap()
        .facts
        .threats;
    let threats = Threats::of_lists(&list);
    let index = Index::of(&facts);
    let kind = |text: &str| {
        let seen = index.seen(None, text.parse().unwrap(), &threats);
        Index::flow_type(None, &seen.place)
    };
    assert_eq!(kind("203.0.113.9"), FlowType::MaliciousFlow);
    assert_eq!(kind("93.184.216.34"), FlowType::ExternalPublic);
    assert_eq!(kind("192.168.7.7"), FlowType::Unknown);
}

/// A machine is deleted and its address given to another: each flow gets the name of its time.
#[test]
fn names_are_those_of_the_time() {
    let (world, facts) = world(1);
    let nic = &world.nics[0];
    let mut later = facts.clone();
    for resource in &mut later.resources {
        if let Asset::Interface(interface) = &mut resource.asset
            && resource.id.name() == nic.name
        {
            resource.id = ArmId::parse(&resource.id.as_str().replace(&nic.name, "nic-new")).unwrap();
            interface.machine = interface
                .machine
                .as_ref()
                .and_then(|id| ArmId::parse(&id.as_str().replace(&nic.vm, "vm-new")));
        }
    }
    // The later one speaks of interfaces only: networks stay as they were.
    later
        .resources
        .retain(|resource| matches!(resource.asset, Asset::Interface(_)));
    later.tags = None;
    let timeline = Timeline::of(vec![
        Snapshot {
            taken: 2_000,
            facts: later,
        },
        Snapshot { taken: 1_000, facts },
    ]);
    let name = |time: i64| {
        let (part, is_later) = timeline.at(time).unwrap();
        let network = ArmId::parse(&world.vnets[nic.vnet].id).unwrap();
        let seen = part.index.seen(Some(&network), nic.ipv4, &Threats::default());
        (seen.holder.one().unwrap().name().into_owned(), is_later)
    };
    assert_eq!(name(500), (nic.vm.clone(), true));
    assert_eq!(name(1_000), (nic.vm.clone(), false));
    assert_eq!(name(1_999), (nic.vm.clone(), false));
    assert_eq!(name(2_000), ("vm-new".to_owned(), false));
}

#[test]
fn overlapping_networks_are_not_guessed_between() {
    let (world, mut facts) = world(1);
    // A copy of a network elsewhere, with the same addresses.
    let copied: Vec<_> = facts
        .resources
        .iter()
        .filter(|resource| !matches!(resource.asset, Asset::SecurityGroup(_)))
        .map(|resource| {
            let text = elsewhere(resource.id.as_str());
            let mut copy = resource.clone();
            copy.id = ArmId::parse(&text).unwrap();
            if let Asset::Interface(interface) = &mut copy.asset {
                interface.mac = None;
                for configuration in &mut interface.configurations {
                    configuration.subnet = configuration
                        .subnet
                        .as_ref()
                        .and_then(|id| ArmId::parse(&elsewhere(id.as_str())));
                }
            }
            copy
        })
        .collect();
    facts.resources.extend(copied);
    let index = Index::of(&facts);
    let nic = &world.nics[0];
    let seen = index.seen(None, nic.ipv4, &Threats::default());
    assert_eq!(seen.place, Place::Ambiguous);
    assert!(
        matches!(seen.holder, Known::Several(ref held) if held.len() == 2),
        "{seen:?}"
    );
    // Seen from its own network there is only one.
    let network = ArmId::parse(&world.vnets[nic.vnet].id).unwrap();
    let seen = index.seen(Some(&network), nic.ipv4, &Threats::default());
    assert_eq!(seen.holder.one().unwrap().name(), nic.vm);
}

/// The id in another subscription.
fn elsewhere(id: &str) -> String {
    let mut parts: Vec<&str> = id.split('/').collect();
    parts[2] = "00000000-0000-0000-0000-00000000cafe";
    parts.join("/")
}

#[test]
fn ends_have_the_names_of_traffic_analytics() {
    let (world, facts) = world(2);
    let index = Index::of(&facts);
    let none = Threats::default();
    let path = |id: &str, name: &str| {
        let group = ArmId::parse(id).unwrap().resource_group().unwrap().to_lowercase();
        format!("{group}/{}", name.to_lowercase())
    };
    let subnet = |at: usize| {
        let subnet = &world.subnets[at];
        let network = &world.vnets[subnet.vnet];
        let network_name = ArmId::parse(&network.id).unwrap().name().to_lowercase();
        path(&network.id, &format!("{network_name}/{}", subnet.name))
    };
    for nic in &world.nics {
        let peer = world
            .nics
            .iter()
            .find(|other| other.vnet == nic.vnet && other.index != nic.index);
        let Some(peer) = peer else { continue };
        let talk = |is_inbound: bool, source: IpAddr, destination: IpAddr| Talk {
            mac: Mac::parse(&nic.mac),
            is_inbound,
            source: Some(source),
            destination: Some(destination),
            target: "",
        };
        let inside = index.ends(&talk(false, nic.ipv4, peer.ipv4), &none);
        assert_eq!(inside.flow_type, FlowType::IntraVNet);
        assert_eq!(inside.source.machine, path(&nic.id, &nic.vm));
        assert_eq!(inside.source.interface, path(&nic.id, &nic.name));
        assert_eq!(inside.source.subnet, subnet(nic.subnet));
        assert_eq!(inside.destination.machine, path(&peer.id, &peer.vm));
        assert_eq!(inside.destination.subnet, subnet(peer.subnet));
        assert!(!inside.is_hop && !inside.source.region.is_empty());
        let subscription = ArmId::parse(&nic.id)
            .unwrap()
            .subscription()
            .unwrap()
            .to_lowercase();
        assert_eq!(inside.source.subscription, subscription);

        // The same flow where it arrives has the same ends.
        let there = Talk {
            mac: Mac::parse(&peer.mac),
            ..talk(true, nic.ipv4, peer.ipv4)
        };
        assert_eq!(index.ends(&there, &none), inside);

        let tag = &world.service_tags[0];
        let address: IpAddr = tag.prefixes[0].split('/').next().unwrap().parse().unwrap();
        let outside = index.ends(&talk(false, nic.ipv4, address), &none);
        assert_eq!(outside.flow_type, FlowType::AzurePublic);
        assert!(
            outside
                .destination
                .service_tags
                .split(' ')
                .any(|held| held == tag.name)
        );
        assert_eq!(outside.destination.machine, "");

        // Neither address is its own, and neither is known: a pod on a machine, or traffic that is passed on.
        let (pod, other) = ("10.244.4.2".parse().unwrap(), "10.244.3.12".parse().unwrap());
        let passed = index.ends(&talk(true, pod, other), &none);
        assert!(passed.is_hop);
        assert_eq!(passed.flow_type, FlowType::Unknown);
        assert_eq!(
            (passed.source, passed.destination),
            (End::default(), End::default())
        );
    }
}
