//! What machines and interfaces are called.

#![cfg(test)]

mod estate;

use enrich::{Index, Snapshot, Talk, Threats, Timeline};
use estate::{facts, instance, network};
use model::facts::Mac;

/// Two scale sets of one group have machines of the same number, with interfaces of the same name.
#[test]
fn machines_of_two_scale_sets_are_told_apart() {
    let mut resources = vec![network("a", "10.1.0.0/16", &[])];
    resources.extend(instance("Blue", 3, "00-0D-3A-00-00-23", "10.1.0.23", "a"));
    resources.extend(instance("green", 3, "00-0D-3A-00-00-24", "10.1.0.24", "a"));
    let facts = facts(&resources);
    let talk = Talk {
        mac: Mac::parse("00-0D-3A-00-00-23"),
        is_inbound: false,
        source: "10.1.0.23".parse().ok(),
        destination: "10.1.0.24".parse().ok(),
        target: "",
    };
    let ends = Index::of(&facts).ends(&talk, &Threats::default());
    let names = [&ends.source, &ends.destination].map(|end| (end.machine.as_str(), end.interface.as_str()));
    assert_eq!(
        names,
        [("rg/blue_3", "rg/blue_3/nic1"), ("rg/green_3", "rg/green_3/nic1")]
    );

    let timeline = Timeline::of(vec![Snapshot { taken: 1, facts }]);
    let mut rows: Vec<_> = timeline.assets();
    rows.retain(|row| row.id.contains("scalesets"));
    let mut named: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row.kind,
                row.name.as_str(),
                row.machine.as_str(),
                row.scale_set.as_str(),
            )
        })
        .collect();
    named.sort_unstable();
    assert_eq!(
        named,
        [
            ("NetworkInterface", "rg/blue_3/nic1", "rg/blue_3", ""),
            ("NetworkInterface", "rg/green_3/nic1", "rg/green_3", ""),
            ("VirtualMachine", "rg/blue_3", "", "rg/blue"),
            ("VirtualMachine", "rg/green_3", "", "rg/green"),
        ]
    );
}
