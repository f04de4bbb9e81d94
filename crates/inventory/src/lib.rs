//! What Azure's tools print about a network, read as facts: `az … list`, REST, PowerShell, Resource Graph, Terraform, ARM
//! templates, what-if, service tags, effective rules and routes, in all the spellings that they have.
//!
//! Pure: bytes in, facts and problems out. Reading does not give up: what cannot be used is told with its place, and the
//! rest is used. What was not said is left open, never guessed. What a document does not say of itself, the caller may
//! (`Beside`).

mod around;
mod balancer;
mod document;
mod effective;
mod gone;
mod interface;
mod listed;
mod machine;
mod merge;
mod network;
mod node;
mod problem;
mod resource;
mod rule;
mod rule_properties;
mod tags;
mod template;
mod terraform;
mod text;
mod threats;
mod to_come;
mod unknown;
mod whatif;

use std::collections::{BTreeMap, BTreeSet};

use model::facts::{ArmId, FactSet, Partial, Resource};

pub use gone::Gone;
pub use problem::Problem;

use merge::Merged;
use node::Node;
use problem::Report;
use resource::Found;

/// What one document says.
#[derive(Debug)]
pub struct Reading {
    /// The facts, each resource once.
    pub facts: FactSet,
    /// What the document is, in words.
    pub form: &'static str,
    /// How many resources of each type were used, by their types in lower case.
    pub counts: BTreeMap<String, usize>,
    /// How many there were of types that are not used.
    pub others: BTreeMap<String, usize>,
    /// The resources that stand here by themselves. Of others only something that belongs to them does: a rule, an association.
    pub by_itself: BTreeSet<ArmId>,
    /// What a plan or a what-if deletes.
    pub gone: Vec<Gone>,
    /// What could not be used.
    pub problems: Vec<Problem>,
    /// False where a resource could not be used, or where the document is only a part of a list: what does not stand in it may
    /// exist.
    pub is_whole: bool,
    /// True for one resource by itself, as `az … show` prints it: of others it says nothing.
    pub is_alone: bool,
}

/// Why a document cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// What is wrong with it.
    pub message: String,
    /// What to do next.
    pub hint: Option<&'static str>,
}

/// What is known of a document beside what stands in it.
#[derive(Clone, Debug, Default)]
pub struct Beside<'b> {
    /// The subscription that a template is for. Its resources' ids then are those that other exports have.
    pub subscription: Option<&'b str>,
    /// The resource group that a template is for.
    pub resource_group: Option<&'b str>,
    /// Where that group is: the location of most resources.
    pub location: Option<&'b str>,
    /// Files of parameters for a template; the later ones hold.
    pub parameters: &'b [&'b [u8]],
    /// The interface that effective rules or routes are of, where they do not name it: routes never do.
    pub interface: Option<ArmId>,
}

/// Reads a document that says all by itself.
pub fn read(bytes: &[u8]) -> Result<Reading, Unreadable> {
    read_beside(bytes, &Beside::default())
}

/// Reads a document of which something is known beside it.
pub fn read_beside(bytes: &[u8], beside: &Beside<'_>) -> Result<Reading, Unreadable> {
    let report = Report::default();
    let plain = text::text(bytes)?;
    let plain = text::stripped(&plain);
    if text::is_log(plain) {
        return Err(Unreadable {
            message: "these are records of a flow log, and no export of what there is".to_owned(),
            hint: Some(
                "`flowglass ingest` puts flow logs into the table; `flowglass read` tells what stands in one",
            ),
        });
    }
    if let Some(list) = text::is_lines(plain)
        .then(|| threats::of_lines(plain, &report))
        .flatten()
    {
        return Ok(Reading {
            facts: FactSet {
                threats: vec![list],
                ..FactSet::default()
            },
            form: "addresses known for harm",
            counts: BTreeMap::new(),
            others: BTreeMap::new(),
            by_itself: BTreeSet::new(),
            gone: Vec::new(),
            is_whole: true,
            is_alone: false,
            problems: report.told(),
        });
    }
    let value = text::value(plain)?;
    let mut contents = document::contents(&Node::root(&value, &report), beside);
    let is_terraform = contents.form == document::TERRAFORM;
    if !report.is_whole() {
        contents.found.lose_lists();
    }
    let partial = contents.found.partials(is_terraform);
    let resources = merged(&mut contents.found, is_terraform, &report);
    let mut facts = contents.facts;
    facts.resources = resources;
    facts.partial = partial;
    Ok(Reading {
        facts,
        form: contents.form,
        counts: contents.found.counts,
        others: contents.found.others,
        by_itself: contents.found.by_itself,
        gone: contents.found.gone,
        is_whole: report.is_whole(),
        is_alone: contents.is_alone,
        problems: report.told(),
    })
}

/// Each resource once, with what stands of it by itself; what contradicts itself is told.
fn merged(found: &mut Found, is_terraform: bool, report: &Report) -> Vec<Resource> {
    let said_twice = |id: String, contradictions: Vec<String>| {
        report.resource(Some(id));
        for contradiction in contradictions {
            report.add(
                "",
                &format!("it is said twice, and not the same: {contradiction}"),
            );
        }
    };
    let (mut merged, mut parts) = (Merged::default(), Merged::default());
    for resource in std::mem::take(&mut found.resources) {
        said_twice(resource.id.to_string(), merged.take(resource));
    }
    // A list is said by all of its elements; what Terraform joins, one after the other.
    for part in std::mem::take(&mut found.parts) {
        let how = found.partial(&part.id, is_terraform);
        let id = part.id.to_string();
        said_twice(
            id,
            match is_terraform {
                true => merged.take_part(part, &how),
                false => parts.take(part),
            },
        );
    }
    for part in parts.resources() {
        let how = found.partial(&part.id, is_terraform);
        said_twice(part.id.to_string(), merged.take_part(part, &how));
    }
    report.resource(None);
    merged.resources()
}

/// Puts the facts of several documents together, the later ones last; gives what contradicts itself. Parts of resources come after all
/// that is whole: a rule by itself is meant to be looked at before its group.
#[must_use]
pub fn together(sets: impl IntoIterator<Item = FactSet>) -> (FactSet, Vec<Problem>) {
    let mut all = FactSet::default();
    let mut merged = Merged::default();
    let mut problems = Vec::new();
    let told = |id: String, messages: Vec<String>| {
        let messages = messages.into_iter();
        messages.map(move |message| Problem {
            path: String::new(),
            resource: Some(id.clone()),
            message,
        })
    };
    let (mut parts, mut partial) = (Merged::default(), Vec::<Partial>::new());
    for set in sets {
        let said: BTreeMap<&ArmId, &Partial> = set.partial.iter().map(|held| (&held.id, held)).collect();
        for resource in set.resources {
            let id = resource.id.to_string();
            let Some(how) = said.get(&resource.id) else {
                problems.extend(told(id, merged.take(resource)));
                continue;
            };
            match partial.iter_mut().find(|held| held.id == resource.id) {
                Some(held) => held.take(how),
                None => partial.push((*how).clone()),
            }
            problems.extend(told(
                id,
                match how.adds {
                    true => parts.take_part(resource, how),
                    false => parts.take(resource),
                },
            ));
        }
        all.effective.extend(set.effective);
        all.effective_routes.extend(set.effective_routes);
        all.threats.extend(set.threats);
        for database in set.databases {
            problems.extend(merge::take_database(&mut all.databases, database));
        }
        let number = |tags: &Option<model::facts::TagSet>| tags.as_ref().and_then(|tags| tags.change_number);
        if set.tags.is_some() && (all.tags.is_none() || number(&set.tags) >= number(&all.tags)) {
            all.tags = set.tags;
        }
    }
    for part in parts.resources() {
        let Some(how) = partial.iter().find(|held| held.id == part.id) else {
            continue;
        };
        if !merged.has(&part.id) {
            all.partial.push(how.clone());
        }
        problems.extend(told(part.id.to_string(), merged.take_part(part, how)));
    }
    all.resources = merged.resources();
    (all, problems)
}
