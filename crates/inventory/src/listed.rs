//! The rules that a group lists: what Azure would refuse of them is told, and is left open. Which of two rules of one name holds, or
//! where one stands that has no place, nobody knows.

use model::Direction;
use model::facts::{Access, Rule};

use crate::node::Node;
use crate::rule::{name, put, put_more, rule};

/// The numbers that rules of a group may have.
const PRIORITIES: std::ops::RangeInclusive<i32> = 100..=4096;

#[rustfmt::skip]
const DEFAULTS: [(&str, Direction, i32, Access); 6] = [
    ("AllowVnetInBound", Direction::Inbound, 65_000, Access::Allow),
    ("AllowAzureLoadBalancerInBound", Direction::Inbound, 65_001, Access::Allow),
    ("DenyAllInBound", Direction::Inbound, 65_500, Access::Deny),
    ("AllowVnetOutBound", Direction::Outbound, 65_000, Access::Allow),
    ("AllowInternetOutBound", Direction::Outbound, 65_001, Access::Allow),
    ("DenyAllOutBound", Direction::Outbound, 65_500, Access::Deny),
];

/// Puts the rules that a group lists as its own. Of two of one name it is known what both do only where they are the same.
pub(crate) fn put_own(list: &[Node<'_>], rules: &mut Vec<Rule>, left_out: &mut Vec<String>) {
    for written in list {
        let held = rule(written, false);
        let known = held.as_ref().map(|held| held.name.clone());
        let Some(name) = known.or_else(|| name(written)) else {
            put_more(left_out);
            continue;
        };
        let is_meant = |other: &str| other.eq_ignore_ascii_case(&name);
        let is_left_out = left_out.iter().any(|other| is_meant(other));
        if is_left_out || rules.iter().any(|known| is_meant(&known.name)) {
            written.say(&format!(
                "the group has rule `{name}` twice, which Azure refuses: a name is there once, whatever its case"
            ));
            if held.is_some_and(|held| rules.contains(&held)) {
                continue;
            }
            rules.retain(|known| !is_meant(&known.name));
            if !is_left_out {
                left_out.push(name);
            }
            continue;
        }
        let held = held.filter(|held| has_place(written, held));
        put(written, held, rules, left_out);
    }
}

/// False, and told, for a number that Azure refuses.
pub(crate) fn has_place(written: &Node<'_>, held: &Rule) -> bool {
    let has_place = PRIORITIES.contains(&held.priority);
    if !has_place {
        let place = written.get(&["priority"]).unwrap_or_else(|| written.clone());
        place.say(&format!(
            "rule `{}` has priority {}, which Azure refuses: it takes {} to {}",
            held.name,
            held.priority,
            PRIORITIES.start(),
            PRIORITIES.end()
        ));
    }
    has_place
}

/// Puts the rules that are said to be Azure's own, which nobody can change.
pub(crate) fn put_default(list: &[Node<'_>], rules: &mut Vec<Rule>, left_out: &mut Vec<String>) {
    for written in list {
        let held = rule(written, true).and_then(|held| as_azure_has_it(written, held));
        put(written, held, rules, left_out);
    }
}

/// The rule, where Azure has it so. One that was edited may do anything in its place; one of another name is none.
pub(crate) fn as_azure_has_it(written: &Node<'_>, mut held: Rule) -> Option<Rule> {
    let known = DEFAULTS
        .iter()
        .find(|(name, ..)| held.name.eq_ignore_ascii_case(name));
    let Some((_, direction, priority, access)) = known else {
        written.say(&format!(
            "`{}` is none of the default rules that Azure gives to a group: what it does is not known",
            held.name
        ));
        return None;
    };
    let edited = [
        ("priority", held.priority != *priority),
        ("access", held.access != *access),
        ("direction", held.direction != *direction),
    ];
    for (property, _) in edited.iter().filter(|(_, is_edited)| *is_edited) {
        let place = written.get(&[property]).unwrap_or_else(|| written.clone());
        place.say(&format!(
            "default rule `{}` has another {property} here than Azure gives it, and nobody can change it: what becomes of flows that \
             reach it is not known",
            held.name
        ));
        held.unknown.push((*property).to_owned());
    }
    (held.priority, held.access, held.direction) = (*priority, *access, *direction);
    Some(held)
}
