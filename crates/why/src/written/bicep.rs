//! Bicep: <https://learn.microsoft.com/azure/azure-resource-manager/bicep/file>

use std::fmt::Write as _;

use model::facts::Side;

use super::{API_VERSION, Values, access, addresses, description, ports, protocol};
use crate::tighten::{Proposal, Proposed};

pub(super) fn written(proposal: &Proposal, remarks: &[String]) -> String {
    let mut out = String::new();
    for remark in remarks {
        line(&mut out, 0, &format!("// {}", one_line(remark)));
    }
    line(&mut out, 0, "");
    let kind = "Microsoft.Network/networkSecurityGroups";
    line(
        &mut out,
        0,
        &format!("resource group '{kind}@{API_VERSION}' = {{"),
    );
    line(&mut out, 1, &format!("name: {}", text(proposal.group.name())));
    let location = proposal.location.as_deref().map(text);
    let location = location.unwrap_or_else(|| "resourceGroup().location".to_owned());
    line(&mut out, 1, &format!("location: {location}"));
    if !proposal.tags.is_empty() {
        line(&mut out, 1, "tags: {");
        for (name, value) in &proposal.tags {
            line(&mut out, 2, &format!("{}: {}", text(name), text(value)));
        }
        line(&mut out, 1, "}");
    }
    line(&mut out, 1, "properties: {");
    line(&mut out, 2, "securityRules: [");
    for proposed in &proposal.rules {
        rule(&mut out, proposed);
    }
    line(&mut out, 2, "]");
    line(&mut out, 1, "}");
    line(&mut out, 0, "}");
    out
}

fn line(out: &mut String, depth: usize, text: &str) {
    // A text in memory takes all that is written into it.
    let _ = writeln!(out, "{:width$}{text}", "", width = depth * 2);
}

fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// A text in quotes.
fn text(plain: &str) -> String {
    let mut quoted = String::from("'");
    for letter in plain.chars() {
        match letter {
            '\'' => quoted.push_str("\\'"),
            '\\' => quoted.push_str("\\\\"),
            '$' => quoted.push_str("\\$"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            other => quoted.push(other),
        }
    }
    quoted.push('\'');
    quoted
}

fn rule(out: &mut String, proposed: &Proposed) {
    let held = &proposed.rule;
    line(out, 3, "{");
    line(out, 4, &format!("name: {}", text(&held.name)));
    line(out, 4, "properties: {");
    if let Some(words) = description(held, proposed.part_of.as_deref()) {
        line(out, 5, &format!("description: {}", text(&words)));
    }
    line(out, 5, &format!("protocol: '{}'", protocol(held.protocol)));
    line(out, 5, &format!("access: '{}'", access(held.access)));
    line(out, 5, &format!("priority: {}", held.priority));
    line(out, 5, &format!("direction: '{}'", held.direction));
    side(out, "source", &held.source);
    side(out, "destination", &held.destination);
    line(out, 4, "}");
    line(out, 3, "}");
}

fn side(out: &mut String, name: &str, side: &Side) {
    put(
        out,
        &format!("{name}PortRange"),
        &format!("{name}PortRanges"),
        Values::of(ports(&side.ports)),
    );
    put(
        out,
        &format!("{name}AddressPrefix"),
        &format!("{name}AddressPrefixes"),
        Values::of(addresses(side)),
    );
    if !side.application_groups.is_empty() {
        line(out, 5, &format!("{name}ApplicationSecurityGroups: ["));
        for id in &side.application_groups {
            line(out, 6, &format!("{{ id: {} }}", text(id.as_str())));
        }
        line(out, 5, "]");
    }
}

fn put(out: &mut String, one_name: &str, many_name: &str, values: Values) {
    match values {
        Values::One(one) => line(out, 5, &format!("{one_name}: {}", text(&one))),
        Values::Many(many) => {
            line(out, 5, &format!("{many_name}: ["));
            for value in many {
                line(out, 6, &text(&value));
            }
            line(out, 5, "]");
        }
        Values::None => {}
    }
}
