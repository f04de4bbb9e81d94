//! Terraform: a resource for each rule, as
//! <https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/network_security_rule> has them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use model::facts::Side;

use super::{Values, access, addresses, description, ports, protocol};
use crate::tighten::{Proposal, Proposed};

/// The widest name of an argument, for the signs to stand below each other.
const WIDTH: usize = 44;

pub(super) fn written(proposal: &Proposal, remarks: &[String]) -> String {
    let mut out = String::new();
    for remark in remarks {
        line(&mut out, &format!("# {}", one_line(remark)));
    }
    for gone in proposal.gone() {
        line(
            &mut out,
            &format!(
                "# Take away the resource of rule {}: its parts stand below.",
                one_line(&gone.name)
            ),
        );
    }
    let mut labels = BTreeSet::new();
    for proposed in &proposal.rules {
        line(&mut out, "");
        rule(&mut out, proposal, proposed, &mut labels);
    }
    out
}

fn line(out: &mut String, text: &str) {
    // A text in memory takes all that is written into it.
    let _ = writeln!(out, "{text}");
}

fn argument(out: &mut String, name: &str, value: &str) {
    let _ = writeln!(out, "  {name:WIDTH$} = {value}");
}

fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// A text in quotes.
fn text(plain: &str) -> String {
    let mut quoted = String::from("\"");
    let mut letters = plain.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            // Two of them before a brace are themselves.
            '$' | '%' if letters.peek() == Some(&'{') => {
                quoted.push(letter);
                quoted.push(letter);
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// A name for a resource: letters, digits, `_` and `-`, each once.
fn label(name: &str, known: &mut BTreeSet<String>) -> String {
    let plain = name.chars().map(|letter| match letter {
        letter if letter.is_ascii_alphanumeric() || letter == '-' => letter.to_ascii_lowercase(),
        _ => '_',
    });
    let mut base: String = plain.collect();
    if !base.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_') {
        base.insert(0, '_');
    }
    let mut label = base.clone();
    let mut again = 2;
    while !known.insert(label.clone()) {
        label = format!("{base}_{again}");
        again += 1;
    }
    label
}

fn rule(out: &mut String, proposal: &Proposal, proposed: &Proposed, labels: &mut BTreeSet<String>) {
    let held = &proposed.rule;
    let label = label(&held.name, labels);
    line(
        out,
        &format!("resource \"azurerm_network_security_rule\" \"{label}\" {{"),
    );
    argument(out, "name", &text(&held.name));
    if let Some(words) = description(held, proposed.part_of.as_deref()) {
        argument(out, "description", &text(&words));
    }
    argument(out, "priority", &held.priority.to_string());
    argument(out, "direction", &text(held.direction.as_str()));
    argument(out, "access", &text(access(held.access)));
    argument(out, "protocol", &text(protocol(held.protocol)));
    side(out, "source", &held.source);
    side(out, "destination", &held.destination);
    let group = proposal.group.resource_group().unwrap_or_default();
    argument(out, "resource_group_name", &text(group));
    argument(out, "network_security_group_name", &text(proposal.group.name()));
    line(out, "}");
}

fn side(out: &mut String, name: &str, side: &Side) {
    let port = format!("{name}_port_range");
    put(out, &port, &format!("{port}s"), Values::of(ports(&side.ports)));
    let prefix = format!("{name}_address_prefix");
    put(out, &prefix, &format!("{prefix}es"), Values::of(addresses(side)));
    if !side.application_groups.is_empty() {
        let groups = side.application_groups.iter().map(|id| text(id.as_str()));
        let groups: Vec<String> = groups.collect();
        argument(
            out,
            &format!("{name}_application_security_group_ids"),
            &format!("[{}]", groups.join(", ")),
        );
    }
}

fn put(out: &mut String, one_name: &str, many_name: &str, values: Values) {
    match values {
        Values::One(one) => argument(out, one_name, &text(&one)),
        Values::Many(many) => {
            let many: Vec<String> = many.iter().map(|value| text(value)).collect();
            argument(out, many_name, &format!("[{}]", many.join(", ")));
        }
        Values::None => {}
    }
}
