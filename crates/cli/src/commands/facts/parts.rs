//! Parts of resources among exports, such as one rule of a group: what they are taken for is said, and where nothing but parts of a
//! resource is known.

use std::collections::BTreeSet;
use std::path::PathBuf;

use enrich::{Snapshot, Timeline};
use inventory::{Problem, Reading};
use model::facts::{ArmId, Asset, FactSet, PartList, Partial};

use super::{files, told};
use crate::account::try_table;
use crate::instant::Micros;
use crate::message::{Grade, Message};
use crate::quantity::counted;
use crate::session::Session;
use crate::working;

/// Says of files of parts what they say all of. Of one resource by itself that is said elsewhere, and admin rules are listed in no other
/// way.
pub(super) fn say_lists(session: &Session, files: &[(PathBuf, Reading)]) {
    for (path, reading) in files.iter().filter(|(_, reading)| !reading.is_alone) {
        let is_set = |part: &&Partial| reading.facts.resource(&part.id).is_some_and(told::is_set);
        let parts = reading.facts.partial.iter().filter(|part| !is_set(part));
        let (lists, others): (Vec<&Partial>, Vec<&Partial>) = parts.partition(|part| !part.lists.is_empty());
        let shown = path.display();
        if let Some(of) = of(&lists) {
            let kinds: BTreeSet<PartList> = lists.iter().flat_map(|part| &part.lists).copied().collect();
            let kinds: Vec<&str> = kinds.into_iter().map(PartList::words).collect();
            let text = format!(
                "`{shown}` lists {} of {of}: those that are not in it are gone, and nothing is said of others",
                kinds.join(" and ")
            );
            session.say(&Message::new(Grade::Note, text));
        }
        if let Some(of) = of(&others) {
            let text = format!("`{shown}` has only parts of {of}: they are put to what is known");
            session.say(&Message::new(Grade::Note, text));
        }
    }
}

/// `` `gs` and 2 more resources ``.
fn of(parts: &[&Partial]) -> Option<String> {
    let (first, more) = parts.split_first()?;
    let name = first.id.name();
    Some(match more.len() {
        0 => format!("`{name}`"),
        more => format!("`{name}` and {}", counted(more as u64, "more resource")),
    })
}

/// The resources of a load of which nothing but parts is known when it is loaded.
pub(super) fn open(session: &Session, taken: Micros, facts: &FactSet) -> anyhow::Result<Vec<ArmId>> {
    if facts.partial.is_empty() {
        return Ok(Vec::new());
    }
    let mut snapshots = working::run(session, |_| async move {
        let mut snapshots = Vec::new();
        // Where there is no table yet nothing is known.
        if let Ok(Ok(table)) = try_table(session, &session.settings.table.value).await {
            for (file, snapshot) in working::facts_files(&table).await? {
                // Who asks for names is told what cannot be read.
                if let Ok(facts) = serde_json::from_slice(&snapshot.text) {
                    let taken = file.taken_micros;
                    snapshots.push(Snapshot { taken, facts });
                }
            }
        }
        Ok(snapshots)
    })?;
    snapshots.push(Snapshot {
        taken,
        facts: facts.clone(),
    });
    let known = Timeline::of(snapshots).at(taken);
    let is_open = |id: &ArmId| {
        known
            .as_ref()
            .is_some_and(|(part, _)| part.facts.partial(id).is_some())
    };
    let ids = facts.partial.iter().map(|part| part.id.clone());
    Ok(ids.filter(is_open).collect())
}

/// Says of each of them what is not known.
pub(super) fn say_open(session: &Session, files: &[(PathBuf, Reading)], open: &[ArmId]) {
    for (path, reading) in files {
        let held = reading
            .facts
            .partial
            .iter()
            .filter(|part| open.contains(&part.id));
        let problems: Vec<Problem> = held.filter_map(|part| problem(part, &reading.facts)).collect();
        files::say(session, &format!("`{}`", path.display()), &problems);
    }
}

fn problem(part: &Partial, facts: &FactSet) -> Option<Problem> {
    let (what, rest, command) = match facts.asset(&part.id)? {
        // All that decides is known.
        Asset::SecurityGroup(_) | Asset::AdminRules(_) if part.lists.contains(&PartList::Rules) => {
            return None;
        }
        Asset::SecurityGroup(_) => (
            "network security group",
            "which other rules it has is not known, nor what becomes of flows that they may decide",
            "az network nsg list",
        ),
        Asset::AdminRules(_) => (
            "rule collection",
            "which other rules it has is not known, nor what becomes of flows that they may decide",
            "az network manager security-admin-config rule-collection rule list",
        ),
        Asset::LoadBalancer(_) => (
            "load balancer",
            "its other frontends, pools and rules are not known",
            "az network lb list",
        ),
        Asset::Interface(_) => (
            "interface",
            "which group guards it, and what else it has, is not known",
            "az network nic list",
        ),
        Asset::VirtualNetwork(_) => (
            "virtual network",
            "its address space is not known",
            "az network vnet list",
        ),
        Asset::Subnet(_) => (
            "subnet",
            "its addresses are not known, nor what else holds there",
            "az network vnet list",
        ),
        Asset::RouteTable(_) => (
            "route table",
            "which other routes it has is not known",
            "az network route-table list",
        ),
        _ => (
            "resource",
            "what else it has is not known",
            "az network nat gateway list",
        ),
    };
    Some(Problem {
        path: String::new(),
        resource: Some(part.id.to_string()),
        message: format!(
            "nothing but parts of {what} `{}` is known: {rest}. `{command}` prints all of it",
            part.id.name()
        ),
    })
}
