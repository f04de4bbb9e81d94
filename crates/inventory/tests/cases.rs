//! Random cases of the rule evaluator's twin: their exports, in all spellings, are read without a problem, and whole.

#![cfg(test)]

use std::collections::BTreeMap;

use inventory::{read, together};
use model::facts::Asset;
use sim::verdict::Case;

#[test]
fn exports_of_random_cases_are_read_whole() {
    let (mut interfaces, mut rules) = (0, 0);
    for seed in 0..300 {
        let case = Case::random(seed);
        let sets = case.exports().into_iter().map(|(name, text)| {
            let reading = read(text.as_bytes()).unwrap();
            // What is left out on purpose is referred to, which is no problem of a document.
            // Some rules say nothing of a side, which is told.
            let other = |message: &str| !message.contains("` does not say its ");
            let problems: Vec<_> = reading
                .problems
                .iter()
                .filter(|problem| other(&problem.message))
                .collect();
            assert!(problems.is_empty(), "{seed} {name}: {problems:?}");
            assert!(reading.others.is_empty(), "{seed} {name}: {:?}", reading.others);
            reading.facts
        });
        let (facts, contradictions) = together(sets);
        assert_eq!(contradictions, [], "{seed}");
        let mut groups = BTreeMap::new();
        let mut admin_rules = 0;
        for resource in &facts.resources {
            match &resource.asset {
                Asset::SecurityGroup(group) => {
                    groups.insert(resource.id.as_str(), group.rules.len());
                }
                Asset::AdminRules(held) => admin_rules += held.rules.len(),
                Asset::Interface(_) => interfaces += 1,
                _ => {}
            }
        }
        assert_eq!(groups, case.groups().into_iter().collect(), "{seed}");
        assert_eq!(admin_rules, case.admin_rules(), "{seed}");
        rules += groups.values().sum::<usize>() + admin_rules;
        for flow in case.flows(10) {
            let is_reporter = facts
                .resources
                .iter()
                .any(|held| held.id.as_str() == flow.interface && matches!(held.asset, Asset::Interface(_)));
            assert!(is_reporter, "{seed} {flow:?}");
        }
    }
    assert!(
        interfaces > 600 && rules > 3_000,
        "{interfaces} interfaces, {rules} rules"
    );
}
