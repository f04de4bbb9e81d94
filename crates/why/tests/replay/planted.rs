//! Planted truth: one seed makes a world, a rule of it is changed, and what the changed world logs is what replay must have foretold.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use enrich::Index;
use model::Direction;
use model::address::AZURE_WIRE_SERVER;
use sim::{ChangeKind, RuleChange, Scale, World, WorldSpec};
use why::Sums;
use why::replay::{Impact, Overlay, Proposal, ProposalKind, Replay};

use crate::world::{Key, Logs, facts, logs};

/// 2026-03-02, a Monday.
const MONDAY: i32 = 20_514;

fn spec(seed: u64) -> WorldSpec {
    WorldSpec {
        seed,
        start_day: MONDAY,
        hours: 3,
        scale: Scale::Tiny,
    }
}

/// What the changed world would print of its rules and of who is guarded by them.
fn proposals(changed: &World) -> Vec<Proposal> {
    let exports = changed.exports();
    let told = exports
        .iter()
        .filter(|export| ["nsgs.json", "vnets.json"].contains(&export.name));
    told.map(|export| {
        let reading = inventory::read(export.text.as_bytes()).unwrap();
        Proposal {
            facts: reading.facts,
            by_itself: reading.by_itself,
            gone: reading.gone,
            kind: ProposalKind::List,
        }
    })
    .collect()
}

/// Traffic with the host is not governed by rules: the world's walk asks them all the same.
fn is_of_host(key: &Key) -> bool {
    let host = std::net::IpAddr::from(AZURE_WIRE_SERVER);
    key.source == host || key.destination == host
}

/// What the two worlds log of the same flows.
fn truth(before: &Logs, after: &Logs, was_allowed: bool, impact_is_allowed: bool) -> BTreeSet<Key> {
    let keys = before.iter().filter(|(key, held)| {
        held.is_allowed == was_allowed
            && !is_of_host(key)
            && after
                .get(key)
                .is_some_and(|held| held.is_allowed == impact_is_allowed)
    });
    keys.map(|(key, _)| *key).collect()
}

/// How many keys each of the two truths had.
fn check(world: &World, before: &Logs, change: &RuleChange) -> (usize, usize) {
    let changed = world.changed(change);
    let after = logs(&changed);
    let now = facts(world);
    let overlay = Overlay::of(&now, &proposals(&changed));
    assert!(overlay.changes.len() <= 1, "{change:?}: {:?}", overlay.changes);
    let index = Index::of(&now);
    let mut replay = Replay::new(&now, &index, &overlay);
    let (mut denied, mut permitted, mut stopped) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut sums = Sums::default();
    for (key, logged) in before {
        let impact = replay.take(&key.with(logged));
        match impact {
            Impact::NewlyDenied => {
                denied.insert(*key);
                sums += &logged.sums;
            }
            Impact::NewlyPermitted => {
                permitted.insert(*key);
            }
            Impact::StillDenied => {
                permitted.insert(*key);
                stopped.insert(*key);
            }
            Impact::NotImpacted => {}
            Impact::Indeterminate => panic!("{change:?}: {key:?} is not known"),
        }
    }
    let replayed = replay.finish(3);
    let counted = replayed.totals.get(&Impact::NewlyDenied).map(|tally| tally.sums);
    assert_eq!(counted.unwrap_or_default(), sums, "{change:?}");
    let of_rules: u64 = replayed
        .by_rule
        .largest()
        .iter()
        .map(|(_, tally)| tally.sums.lines)
        .sum();
    let of_workloads: u64 = replayed
        .by_workload
        .largest()
        .iter()
        .map(|(_, tally)| tally.sums.lines)
        .sum();
    let all: u64 = before.values().map(|held| held.sums.lines).sum();
    assert_eq!((of_rules, of_workloads), (all, all), "{change:?}");
    let otherwise = &replayed.logged_otherwise;
    assert!(
        otherwise.examples.iter().all(|held| held.flow.is_of_platform()),
        "{change:?}: {otherwise:?}"
    );
    assert_eq!(
        denied,
        truth(before, &after, true, false),
        "{change:?}: newly denied"
    );
    let truth = truth(before, &after, false, true);
    assert_eq!(permitted, truth, "{change:?}: newly permitted");
    // What gets out and is turned away at the other end is logged there, as denied.
    let seen = after
        .iter()
        .filter(|(key, held)| key.direction == Direction::Inbound && !held.is_allowed);
    let seen: BTreeSet<_> = seen
        .map(|(key, _)| (key.source, key.destination, key.port, key.protocol))
        .collect();
    let expected: BTreeSet<Key> = truth
        .iter()
        .filter(|key| key.direction == Direction::Outbound)
        .filter(|key| seen.contains(&(key.source, key.destination, key.port, key.protocol)))
        .copied()
        .collect();
    assert_eq!(stopped, expected, "{change:?}: turned away at the other end");
    (denied.len(), permitted.len())
}

fn compare(seeds: std::ops::Range<u64>, of_each: u64) -> u64 {
    let mut changes = 0;
    for kind in ChangeKind::ALL {
        let (mut denied, mut permitted) = (0, 0);
        for seed in seeds.clone() {
            let world = World::generate(&spec(seed));
            let before = logs(&world);
            for draw in 0..of_each {
                let Some(change) = world.draw_change(kind, draw) else {
                    continue;
                };
                let (newly_denied, newly_permitted) = check(&world, &before, &change);
                changes += 1;
                denied += newly_denied;
                permitted += newly_permitted;
            }
        }
        // A test that never sees what it is about holds nothing.
        let (denies, permits) = match kind {
            ChangeKind::RemoveAllow | ChangeKind::Narrow | ChangeKind::AddDeny => (true, false),
            ChangeKind::Widen | ChangeKind::Detach => (false, true),
            ChangeKind::Reprioritize => (true, false),
        };
        assert!(!denies || denied > 0, "{kind:?} denied nothing");
        assert!(!permits || permitted > 0, "{kind:?} permitted nothing");
    }
    changes
}

#[test]
fn planted_changes_are_foretold() {
    compare(1..4, 8);
}

#[test]
#[ignore = "long: twenty changes of each kind in world after world"]
fn many_planted_changes_are_foretold() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let mut seed = number("FLOWGLASS_LONG_SEED").unwrap_or(1) % 1_000_000;
    let budget = Duration::from_secs(number("FLOWGLASS_LONG_BUDGET_SECS").unwrap_or(60).min(600));
    let (begun, mut changes) = (Instant::now(), 0);
    while changes == 0 || begun.elapsed() < budget {
        changes += compare(seed..seed + 3, 20);
        seed += 3;
    }
    println!("{changes} planted changes were foretold, until seed {seed}");
}
