//! What would change, in words: rule by rule, and who is guarded by whom.

use enrich::Change;
use model::facts::{AddressSpec, ArmId, Asset, EffectiveRules, FactSet, PortRange, Rule, Side};

/// So many addresses or ports of a side are shown.
const SHOWN_MAX: usize = 4;

/// Something that is different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Changed {
    pub(super) resource: String,
    pub(super) place: String,
    pub(super) now: String,
    pub(super) then: String,
}

/// What is different between two sets of facts.
pub(super) fn told(now: &FactSet, then: &FactSet, changes: &[(ArmId, Change)]) -> Vec<Changed> {
    let mut told = Vec::new();
    for (id, change) in changes {
        let mut add = |place: &str, now: Option<String>, then: Option<String>| {
            told.push(Changed {
                resource: id.name_in_group().into_owned(),
                place: place.to_owned(),
                now: now.unwrap_or_else(|| "-".to_owned()),
                then: then.unwrap_or_else(|| "-".to_owned()),
            });
        };
        let (before, after) = (asset(now, id), asset(then, id));
        match change {
            Change::Added => add("", None, Some("new".to_owned())),
            Change::Removed => add("", Some("there".to_owned()), Some("deleted".to_owned())),
            Change::Changed(parts) => {
                // It is not known now either, and may be another thing then.
                if parts.is_empty() {
                    add(
                        "left_out",
                        Some("not known".to_owned()),
                        Some("not known".to_owned()),
                    );
                }
                for part in parts.iter().filter(|part| !part.path.starts_with("rules")) {
                    add(
                        &part.path,
                        part.before.as_deref().map(short),
                        part.after.as_deref().map(short),
                    );
                }
            }
        }
        let (before, after) = (before.map_or(&[][..], rules), after.map_or(&[][..], rules));
        for rule in before {
            let now = after
                .iter()
                .find(|held| held.name.eq_ignore_ascii_case(&rule.name));
            if now != Some(rule) {
                add(&rule.name, Some(words(rule)), now.map(words));
            }
        }
        for rule in after {
            if !before
                .iter()
                .any(|held| held.name.eq_ignore_ascii_case(&rule.name))
            {
                add(&rule.name, None, Some(words(rule)));
            }
        }
    }
    told.extend(computed(now, then, changes));
    told
}

/// Rules of changed groups that only Azure's own list for an interface has: of those that are not proposed nothing stays.
fn computed(now: &FactSet, then: &FactSet, changes: &[(ArmId, Change)]) -> Vec<Changed> {
    let is_named = |all: &[Rule], rule: &Rule| {
        let mut all = all.iter();
        all.any(|held| held.name.eq_ignore_ascii_case(&rule.name) && held.direction == rule.direction)
    };
    let mut told = Vec::new();
    for held in &now.effective {
        let mut after = then.effective.iter();
        let after = after.find(|after| after.interface == held.interface && !after.groups.is_empty());
        let Some(after) = after.filter(|_| held.interface.is_some()) else {
            continue;
        };
        for group in &held.groups {
            let changed = group.group.as_ref();
            let changed = changed.filter(|id| changes.iter().any(|(changed, _)| changed == *id));
            let Some(id) = changed else { continue };
            let known = asset(now, id).map_or(&[][..], rules);
            for rule in group.rules.iter().filter(|rule| !rule.is_default) {
                let stays = after.groups.iter().any(|group| is_named(&group.rules, rule));
                if stays || is_named(known, rule) {
                    continue;
                }
                told.push(Changed {
                    resource: id.name_in_group().into_owned(),
                    place: rule.name.clone(),
                    now: format!("{}, by the effective rules of {}", words(rule), of(held)),
                    then: "-".to_owned(),
                });
            }
        }
    }
    told
}

fn of(held: &EffectiveRules) -> String {
    let interface = held.interface.as_ref();
    interface.map_or_else(String::new, |id| id.name_in_group().into_owned())
}

fn asset<'f>(facts: &'f FactSet, id: &ArmId) -> Option<&'f Asset> {
    facts
        .resources
        .iter()
        .find(|held| held.id == *id)
        .map(|held| &held.asset)
}

fn rules(asset: &Asset) -> &[Rule] {
    match asset {
        Asset::SecurityGroup(group) => &group.rules,
        Asset::AdminRules(rules) => &rules.rules,
        _ => &[],
    }
}

/// An id by its name, anything else as it is.
fn short(text: &str) -> String {
    ArmId::parse(text).map_or_else(|| text.to_owned(), |id| id.name().to_owned())
}

/// `inbound 100 allow tcp 10.0.0.0/8 -> *:443`, and behind it properties that are not known.
fn words(rule: &Rule) -> String {
    let from = match rule.source.ports.as_slice() {
        [] | [PortRange::ALL] if rule.source.unread_ports.is_empty() => addresses(&rule.source),
        _ => format!("{}:{}", addresses(&rule.source), ports(&rule.source)),
    };
    let unknown: Vec<String> = rule.unknown.iter().map(|name| format!(" ?{name}")).collect();
    format!(
        "{} {} {} {} {from} -> {}:{}{}",
        rule.direction.as_str().to_ascii_lowercase(),
        rule.priority,
        format!("{:?}", rule.access).to_ascii_lowercase(),
        format!("{:?}", rule.protocol).to_ascii_lowercase(),
        addresses(&rule.destination),
        ports(&rule.destination),
        unknown.concat()
    )
}

fn addresses(side: &Side) -> String {
    let written = side.addresses.iter().map(|address| match address {
        AddressSpec::Any => "*".to_owned(),
        AddressSpec::Prefix(prefix) => prefix.to_string(),
        AddressSpec::Range(first, last) => format!("{first}-{last}"),
        AddressSpec::Tag(name) => name.clone(),
    });
    let groups = side.application_groups.iter().chain(&side.network_groups);
    let groups = groups.map(|group| group.name().to_owned());
    listed(
        written
            .chain(groups)
            .chain(side.unread_addresses.iter().map(unread))
            .collect(),
    )
}

fn ports(side: &Side) -> String {
    let written = side.ports.iter().map(ToString::to_string);
    listed(written.chain(side.unread_ports.iter().map(unread)).collect())
}

fn unread(text: &String) -> String {
    format!("?{text}")
}

fn listed(all: Vec<String>) -> String {
    let more = all.len().saturating_sub(SHOWN_MAX);
    let shown: Vec<String> = all.into_iter().take(SHOWN_MAX).collect();
    match more {
        0 => shown.join(","),
        more => format!("{} and {more} more", shown.join(",")),
    }
}
