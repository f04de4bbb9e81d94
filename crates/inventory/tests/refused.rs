//! What Azure would refuse of a group: it is told with its place and its rule, and what it does is left open.

#![cfg(test)]

use inventory::{Reading, read};
use model::Direction;
use model::facts::{Access, Asset, SecurityGroup};
use serde_json::{Value, json};

const GROUP: &str =
    "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/nsg";

fn rule(name: &str, priority: i32, access: &str, direction: &str) -> Value {
    json!({ "name": name, "priority": priority, "direction": direction, "access": access, "protocol": "Tcp",
        "sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": "443" })
}

fn group(own: &[Value], default: &[Value]) -> (Reading, SecurityGroup) {
    let text = json!([{ "id": GROUP, "name": "nsg", "securityRules": own, "defaultSecurityRules": default }])
        .to_string();
    let reading = read(text.as_bytes()).unwrap();
    let [held] = reading.facts.resources.as_slice() else {
        panic!("{text}");
    };
    let Asset::SecurityGroup(group) = held.asset.clone() else {
        panic!("{text}");
    };
    (reading, group)
}

fn told(reading: &Reading) -> Vec<(&str, &str)> {
    let problems = reading.problems.iter();
    problems
        .map(|problem| {
            assert_eq!(problem.resource.as_deref(), Some(GROUP));
            (problem.path.as_str(), problem.message.as_str())
        })
        .collect()
}

#[test]
fn of_two_rules_of_one_name_nobody_knows_which_holds() {
    let allow = |name: &str| rule(name, 100, "Allow", "Inbound");
    let deny = |name: &str| rule(name, 150, "Deny", "Inbound");
    for (first, second) in [
        (allow("a"), deny("a")),
        (deny("a"), allow("a")),
        (allow("A"), deny("a")),
        (allow("a"), rule("a", 100, "Allow", "Outbound")),
    ] {
        let (reading, held) = group(&[first, second, rule("b", 200, "Allow", "Inbound")], &[]);
        let message =
            "the group has rule `a` twice, which Azure refuses: a name is there once, whatever its case";
        assert_eq!(told(&reading), [("[0].securityRules[1]", message)]);
        let names: Vec<&str> = held.rules.iter().map(|rule| rule.name.as_str()).collect();
        assert_eq!((names, held.unknown_rules()), (vec!["b"], vec!["a"]));
    }
    // The same twice is told, and is the same.
    let (reading, held) = group(&[allow("a"), allow("a")], &[]);
    assert_eq!(told(&reading).len(), 1);
    assert_eq!((held.rules.len(), held.left_out.len()), (1, 0));
}

#[test]
fn a_number_that_azure_refuses_is_no_place() {
    for priority in [-5, 0, 99, 4097, 5000, 65_500] {
        let (reading, held) = group(&[rule("a", priority, "Allow", "Inbound")], &[]);
        let message = format!("rule `a` has priority {priority}, which Azure refuses: it takes 100 to 4096");
        assert_eq!(
            told(&reading),
            [("[0].securityRules[0].priority", message.as_str())]
        );
        assert_eq!((held.rules.len(), held.unknown_rules()), (0, vec!["a"]));
    }
    for priority in [100, 4096] {
        let (reading, held) = group(&[rule("a", priority, "Allow", "Inbound")], &[]);
        assert_eq!((told(&reading), held.rules.len()), (vec![], 1));
    }
    // A rule by itself as well.
    let mut alone = rule("a", 5000, "Allow", "Inbound");
    alone["id"] = json!(format!("{GROUP}/securityRules/a"));
    let reading = read(alone.to_string().as_bytes()).unwrap();
    assert_eq!(reading.problems.len(), 1);
    assert_eq!(reading.problems[0].path, "priority");
}

#[test]
fn a_default_rule_that_was_edited_may_do_anything() {
    let written = |name: &str, priority: i32, access: &str, direction: &str| {
        let mut rule = rule(name, priority, access, direction);
        rule["destinationPortRange"] = json!("*");
        rule
    };
    let name = "AllowInternetOutBound";
    for (property, edited) in [
        ("priority", written(name, 64_000, "Allow", "Outbound")),
        ("access", written(name, 65_001, "Deny", "Outbound")),
        ("direction", written(name, 65_001, "Allow", "Inbound")),
    ] {
        let (reading, held) = group(&[], &[edited]);
        let [(path, message)] = told(&reading)[..] else {
            panic!("{:?}", reading.problems);
        };
        assert_eq!(path, format!("[0].defaultSecurityRules[0].{property}"));
        assert!(
            message.starts_with("default rule `AllowInternetOutBound` has another"),
            "{message}"
        );
        let [rule] = held.rules.as_slice() else {
            panic!("{held:?}");
        };
        assert_eq!(
            (rule.priority, rule.direction, rule.access),
            (65_001, Direction::Outbound, Access::Allow)
        );
        assert!(rule.may_do_otherwise() && rule.is_default);
    }
    let (reading, held) = group(&[], &[written("AllowAll", 65_000, "Allow", "Inbound")]);
    assert_eq!(told(&reading).len(), 1);
    assert_eq!((held.rules.len(), held.unknown_rules()), (0, vec!["AllowAll"]));
    let (reading, held) = group(&[], &[written(name, 65_001, "Allow", "Outbound")]);
    assert_eq!((told(&reading), held.rules[0].unknown.len()), (vec![], 0));
}

#[test]
fn what_a_rule_lacks_is_named() {
    let mut permit = rule("a", 100, "Permit", "Inbound");
    let (reading, held) = group(&[permit.clone()], &[]);
    let message = "`Permit` is no access that a rule can have: what rule `a` does is not known";
    assert_eq!(told(&reading), [("[0].securityRules[0].access", message)]);
    assert_eq!(held.unknown_rules(), ["a"]);
    permit.as_object_mut().unwrap().remove("access");
    let (reading, _) = group(&[permit], &[]);
    let message = "rule `a` does not say its access: what it does is not known";
    assert_eq!(told(&reading), [("[0].securityRules[0]", message)]);
}
