//! Proposed rules as a file that deploys them.

mod arm;
mod bicep;
mod terraform;

use model::facts::{Access, AddressSpec, PortRange, Rule, RuleProtocol, Side};

use crate::tighten::Proposal;

/// What the file is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A template of Azure Resource Manager, in JSON.
    Arm,
    /// Bicep.
    Bicep,
    /// Terraform, with the provider `azurerm`.
    Terraform,
}

/// The rules of a proposal as a file, with remarks at its head. Each is one line.
#[must_use]
pub fn written(proposal: &Proposal, form: Form, remarks: &[String]) -> String {
    match form {
        Form::Arm => arm::written(proposal, remarks),
        Form::Bicep => bicep::written(proposal, remarks),
        Form::Terraform => terraform::written(proposal, remarks),
    }
}

/// The version of the interface by which groups are deployed.
const API_VERSION: &str = "2024-05-01";

const fn protocol(protocol: RuleProtocol) -> &'static str {
    match protocol {
        RuleProtocol::Any => "*",
        RuleProtocol::Tcp => "Tcp",
        RuleProtocol::Udp => "Udp",
        RuleProtocol::Icmp => "Icmp",
        RuleProtocol::Esp => "Esp",
        RuleProtocol::Ah => "Ah",
    }
}

/// Groups know allow and deny.
const fn access(access: Access) -> &'static str {
    match access {
        Access::Allow | Access::AlwaysAllow => "Allow",
        Access::Deny => "Deny",
    }
}

/// Addresses as they are written: one, or a list. Every address beside others is every address.
fn addresses(side: &Side) -> Vec<String> {
    if side.addresses.contains(&AddressSpec::Any) {
        return vec!["*".to_owned()];
    }
    let texts = side.addresses.iter().map(|address| match address {
        AddressSpec::Any => "*".to_owned(),
        AddressSpec::Prefix(prefix) if prefix.prefix_len() == prefix.max_prefix_len() => {
            prefix.addr().to_string()
        }
        AddressSpec::Prefix(prefix) => prefix.to_string(),
        AddressSpec::Range(first, last) => format!("{first}-{last}"),
        AddressSpec::Tag(name) => name.clone(),
    });
    each_once(texts)
}

/// Azure refuses what stands in a list twice.
fn each_once(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for text in texts {
        if !all.contains(&text) {
            all.push(text);
        }
    }
    all
}

fn ports(ports: &[PortRange]) -> Vec<String> {
    if ports.contains(&PortRange::ALL) {
        return vec!["*".to_owned()];
    }
    each_once(ports.iter().map(ToString::to_string))
}

/// A property that has one name for one value and another for several.
enum Values {
    One(String),
    Many(Vec<String>),
    None,
}

impl Values {
    fn of(mut texts: Vec<String>) -> Self {
        match (texts.len(), texts.pop()) {
            (1, Some(one)) => Self::One(one),
            (0, _) | (_, None) => Self::None,
            (_, Some(last)) => {
                texts.push(last);
                Self::Many(texts)
            }
        }
    }
}

/// The name of a rule that another file's rules are made of, or what somebody wrote about it, in at most 140 letters.
fn description(rule: &Rule, part_of: Option<&str>) -> Option<String> {
    const MOST: usize = 140;
    let text = match part_of {
        Some(name) => Some(format!("Part of {name}, by what flow logs show")),
        None => rule.description.clone(),
    };
    text.map(|text| text.chars().take(MOST).collect())
}
