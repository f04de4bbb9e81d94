//! A rule to be added, the commands that add it, and what it does beside.

use model::facts::{Access, AddressSpec, ArmId, PortRange, Rule, RuleProtocol, Side};
use serde::Serialize;

/// A rule to be added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Addition {
    /// The group that gets it.
    pub group: ArmId,
    /// Whose rules it then stands among.
    pub interface: ArmId,
    /// The rule.
    pub rule: Rule,
    /// The rule that it takes the decision from.
    pub before: String,
    /// Its number.
    pub before_priority: i32,
    /// Rules that have to make room for it, the last one first: each gets the next number.
    pub moved: Vec<Moved>,
    /// So many interfaces are guarded by the group.
    pub guarded: usize,
    /// A rule that lets others through already and would do with a little more: its name, and what would have to be added.
    pub or_widen: Option<(String, String)>,
}

/// A rule that gets another number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Moved {
    /// Its name.
    pub name: String,
    /// The number that it has.
    pub from: i32,
    /// The number that it gets.
    pub to: i32,
}

impl Addition {
    /// Makes it, among the rules of its group.
    pub fn put_into(&self, rules: &mut Vec<Rule>) {
        for rule in rules
            .iter_mut()
            .filter(|rule| rule.direction == self.rule.direction)
        {
            let moved = self.moved.iter().find(|moved| moved.from == rule.priority);
            rule.priority = moved.map_or(rule.priority, |moved| moved.to);
        }
        rules.push(self.rule.clone());
    }

    /// The commands that make it, in their order.
    #[must_use]
    pub fn commands(&self) -> Vec<String> {
        let place = self.place();
        let moved = self.moved.iter().map(|moved| {
            format!(
                "az network nsg rule update{place} --name {} --priority {}",
                moved.name, moved.to
            )
        });
        moved.chain([self.command()]).collect()
    }

    fn place(&self) -> String {
        let subscription = self
            .group
            .subscription()
            .map(|held| format!(" --subscription {held}"));
        format!(
            "{} --resource-group {} --nsg-name {}",
            subscription.unwrap_or_default(),
            self.group.resource_group().unwrap_or_default(),
            self.group.name()
        )
    }

    fn command(&self) -> String {
        let rule = &self.rule;
        let addresses = |side: &Side| -> String {
            let all = side.addresses.iter().map(|address| match address {
                AddressSpec::Prefix(prefix) if prefix.prefix_len() == prefix.max_prefix_len() => {
                    prefix.addr().to_string()
                }
                AddressSpec::Prefix(prefix) => prefix.to_string(),
                AddressSpec::Range(first, last) => format!("{first}-{last}"),
                AddressSpec::Tag(tag) => tag.clone(),
                AddressSpec::Any => "'*'".to_owned(),
            });
            all.collect::<Vec<_>>().join(" ")
        };
        let ports = rule.destination.ports.iter().map(|range| match *range {
            PortRange::ALL => "'*'".to_owned(),
            range => range.to_string(),
        });
        let ports: Vec<String> = ports.collect();
        let protocol = match rule.protocol {
            RuleProtocol::Any => "'*'".to_owned(),
            protocol => format!("{protocol:?}"),
        };
        format!(
            "az network nsg rule create{} --name {} --priority {} --direction {} --access {:?} \
             --protocol {protocol} --source-address-prefixes {} --destination-address-prefixes {} --destination-port-ranges {}",
            self.place(),
            rule.name,
            rule.priority,
            rule.direction,
            rule.access,
            addresses(&rule.source),
            addresses(&rule.destination),
            ports.join(" ")
        )
    }

    /// What it does beside, in words.
    #[must_use]
    pub fn effects(&self) -> Vec<String> {
        let rule = &self.rule;
        let effect = match rule.access {
            Access::Allow | Access::AlwaysAllow => "replies need no rule",
            Access::Deny => "connections that are open stay open",
        };
        // Rules of groups know TCP, UDP, ICMP, ESP and AH; anything else is written `*`.
        let mut all = vec![match (rule.protocol, rule.access) {
            (RuleProtocol::Any, Access::Deny) => format!(
                "rules cannot name this protocol: `*` closes every protocol and port from this source to this destination, TCP and UDP too; {effect}"
            ),
            (RuleProtocol::Any, _) => format!(
                "rules cannot name this protocol: `*` opens every protocol and port from this source to this destination, TCP and UDP too; {effect}"
            ),
            _ => format!("it is for this source, destination, protocol and port only; {effect}"),
        }];
        if !self.moved.is_empty() {
            let moved = self
                .moved
                .iter()
                .map(|moved| format!("{} from {} to {}", moved.name, moved.from, moved.to));
            all.push(format!(
                "no number is free before it: rules make room ({}), which changes no decision",
                moved.collect::<Vec<_>>().join(", ")
            ));
        }
        if self.guarded > 1 {
            all.push(format!(
                "group `{}` guards {} interfaces; at the others the rule matches nothing, unless they get this address",
                self.group.name(),
                self.guarded
            ));
        }
        if let Some((name, part)) = &self.or_widen {
            all.push(format!(
                "instead, {part} could be added to rule `{name}`, which then is for everything else that it names as well"
            ));
        }
        all
    }
}
