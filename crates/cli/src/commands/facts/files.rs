//! Files of exports: found, read, and what cannot be used of them said.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use enrich::Database;
use inventory::{Beside, Problem, Reading};
use model::facts::{ArmId, Asset, FactSet, Resource, Whole};
use model::limits::FACTS_BYTES_MAX;

use super::{Bytes, Exports};
use crate::exit::Failure;
use crate::message::{Grade, Message};
use crate::quantity::counted;
use crate::session::Session;

/// How the names of exports end.
const ENDINGS: [&str; 4] = ["json", "csv", "txt", "mmdb"];

/// So many problems of a file are said one by one.
pub(super) const SAID_MAX: usize = 10;

/// What templates and lists of what holds at an interface do not say of themselves.
#[derive(Clone, Debug, Default, clap::Args)]
pub(in crate::commands) struct About {
    /// Subscription that a template is for
    #[arg(long, value_name = "ID", value_parser = subscription)]
    subscription: Option<String>,
    /// Resource group that a template is for
    #[arg(long, value_name = "NAME", value_parser = resource_group)]
    resource_group: Option<String>,
    /// Region of that group
    #[arg(long, value_name = "REGION")]
    location: Option<String>,
    /// Interface that effective rules or routes are of
    #[arg(long, value_name = "ID", value_parser = interface)]
    interface: Option<ArmId>,
}

impl About {
    /// Says which of the flags were of use for none of the files.
    pub(super) fn say_unused(&self, session: &Session, files: &[(PathBuf, Reading)]) {
        let is_one = |forms: &[&str]| files.iter().any(|(_, reading)| forms.contains(&reading.form));
        let mut unused = Vec::new();
        if !is_one(&["ARM template"]) {
            let flags = [
                ("--subscription", self.subscription.is_some()),
                ("--resource-group", self.resource_group.is_some()),
                ("--location", self.location.is_some()),
            ];
            let given = flags.into_iter().filter(|(_, is_given)| *is_given);
            unused.extend(given.map(|(flag, _)| (flag, "an ARM template")));
        }
        if self.interface.is_some()
            && !is_one(&["effective rules", "effective routes", "security group view"])
        {
            unused.push(("--interface", "a list of effective rules or routes"));
        }
        for (flag, what) in unused {
            let text = format!("`{flag}` is not used: none of these files is {what}");
            session
                .say(&Message::new(Grade::Note, text).hint("what other exports are of they say themselves"));
        }
    }
}

/// Letters as Azure writes the ids of subscriptions: 8, 4, 4, 4 and 12 of them.
fn subscription(typed: &str) -> Result<String, &'static str> {
    let parts: Vec<&str> = typed.split('-').collect();
    let is_hex = |part: &&str| part.bytes().all(|letter| letter.is_ascii_hexdigit());
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    match lengths == [8, 4, 4, 4, 12] && parts.iter().all(is_hex) {
        true => Ok(typed.to_owned()),
        false => Err("the id of a subscription: `az account list --output table` shows them"),
    }
}

fn resource_group(typed: &str) -> Result<String, &'static str> {
    match is_group_name(typed) {
        true => Ok(typed.to_owned()),
        false => Err("the name of a resource group: `az group list --output table` shows them"),
    }
}

/// <https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules>
pub(super) fn is_group_name(text: &str) -> bool {
    let may_be = |held: char| held.is_alphanumeric() || "-_.()".contains(held);
    !text.is_empty() && !text.ends_with('.') && text.chars().all(may_be)
}

fn interface(typed: &str) -> Result<ArmId, &'static str> {
    ArmId::parse(typed).ok_or("an id: `/subscriptions/…/networkInterfaces/NAME`")
}

/// What was read.
pub(super) struct Read {
    pub(super) exports: Exports,
    pub(super) files: Vec<(PathBuf, Reading)>,
    /// A file could not be read at all.
    pub(super) has_failed: bool,
    /// Files of which a resource may be missing.
    partial: Vec<PathBuf>,
}

impl Read {
    /// True if all that was read are parameters of templates.
    pub(super) fn has_only_parameters(&self) -> bool {
        let are_parameters = |(_, reading): &(PathBuf, Reading)| reading.form == "parameters of a template";
        !self.has_failed && !self.files.is_empty() && self.files.iter().all(are_parameters)
    }

    /// Where a file was not read whole, what does not stand in the others may exist: nothing is taken for deleted. Files of
    /// one resource say nothing of others, beside lists or not.
    pub(super) fn keep_what_is_missing(&mut self, session: &Session) {
        let Some(first) = self.partial.first() else {
            return self.keep_beside_single_ones(session);
        };
        if self.exports.facts.resources.is_empty() {
            return;
        }
        self.exports.facts.whole = Some(Vec::new());
        // The same holds of lists of parts.
        for part in &mut self.exports.facts.partial {
            part.lists.clear();
        }
        let which = match self.partial.len() {
            1 => format!("`{}` was", first.display()),
            many => format!(
                "`{}` and {} were",
                first.display(),
                counted(many as u64 - 1, "more file")
            ),
        };
        let text =
            format!("{which} not read whole: nothing that is missing in this load is taken for deleted");
        session.say(&Message::new(Grade::Note, text).hint("load all of it again when each file can be read"));
    }
}

impl Read {
    fn keep_beside_single_ones(&mut self, session: &Session) {
        let (alone, lists): (Vec<_>, Vec<_>) = self.files.iter().partition(|(_, reading)| reading.is_alone);
        let networks = of_networks(&lists);
        let lone: Vec<&PathBuf> = lists
            .iter()
            .filter(|(_, reading)| wholes(&reading.facts).any(|held| is_lone(held, &networks)))
            .map(|(path, _)| path)
            .collect();
        if alone.is_empty() && lone.is_empty() {
            return;
        }
        let resources = lists.iter().flat_map(|(_, reading)| wholes(&reading.facts));
        let listed = resources.filter(|held| !is_lone(held, &networks));
        let listed = listed.filter_map(|resource| {
            Some(Whole {
                kind: resource.id.kind()?,
                subscription: resource.id.subscription()?.to_owned(),
                group: None,
            })
        });
        let listed: BTreeSet<Whole> = listed.collect();
        self.exports.facts.whole = Some(listed.into_iter().collect());
        if let Some((path, reading)) = alone.first() {
            let text = match (alone.len(), reading.facts.partial.first()) {
                (1, Some(part)) => format!(
                    "`{}` is a part of `{}`: it is put to what is known of that",
                    path.display(),
                    part.id.name()
                ),
                (1, None) => format!(
                    "`{}` is one resource: it is added to what is known",
                    path.display()
                ),
                (many, _) => format!(
                    "`{}` and {} are one resource each: they are added to what is known",
                    path.display(),
                    counted(many as u64 - 1, "more file")
                ),
            };
            let hint = "a list, as of `az network nic list`, says which others are gone";
            session.say(&Message::new(Grade::Note, text).hint(hint));
        }
        if let Some(path) = lone.first() {
            let text = format!(
                "`{}` lists subnets and no network: they are added to what is known",
                path.display()
            );
            let hint = "`az network vnet list` says which others are gone";
            session.say(&Message::new(Grade::Note, text).hint(hint));
        }
    }
}

/// Resources that are said all of.
fn wholes(facts: &FactSet) -> impl Iterator<Item = &Resource> {
    let partial: BTreeSet<&ArmId> = facts.partial.iter().map(|part| &part.id).collect();
    facts
        .resources
        .iter()
        .filter(move |held| !partial.contains(&held.id))
}

/// The subscriptions of the networks in these lists.
fn of_networks(lists: &[&(PathBuf, Reading)]) -> BTreeSet<String> {
    let all = lists.iter().flat_map(|(_, reading)| wholes(&reading.facts));
    let networks = all.filter(|held| matches!(held.asset, Asset::VirtualNetwork(_)));
    networks
        .filter_map(|held| Some(held.id.subscription()?.to_ascii_lowercase()))
        .collect()
}

/// True for a subnet where nothing has networks of its subscription: subnets are listed by network, so that they say nothing of those of
/// others.
fn is_lone(resource: &Resource, networks: &BTreeSet<String>) -> bool {
    let own = resource.id.subscription().map(str::to_ascii_lowercase);
    matches!(resource.asset, Asset::Subnet(_)) && !own.is_some_and(|own| networks.contains(&own))
}

/// Reads all files; what is wrong with one of them does not keep the others from being read.
pub(super) fn read(session: &Session, paths: &[PathBuf], about: &About) -> Result<Read, Failure> {
    let mut files = Vec::new();
    let mut databases = Vec::new();
    let mut has_failed = false;
    let mut partial = Vec::new();
    for path in found(paths)? {
        match one(&path, about) {
            Ok((mut reading, database)) => {
                databases.extend(database);
                // A list is known by its file's name.
                let name = path.file_stem().unwrap_or_default().to_string_lossy();
                for list in &mut reading.facts.threats {
                    list.name = name.clone().into_owned();
                }
                say_of(session, &path, &reading);
                if !reading.is_whole {
                    partial.push(path.clone());
                }
                files.push((path, reading));
            }
            Err(failure) => {
                has_failed = true;
                session.say(&Message::from(&failure));
                if !is_database(&path) {
                    partial.push(path);
                }
            }
        }
    }
    let sets: Vec<FactSet> = files.iter().map(|(_, reading)| reading.facts.clone()).collect();
    let (facts, contradictions) = inventory::together(sets);
    say(session, "two files", &contradictions);
    // Of two of one kind only one is used.
    databases.retain(|(hash, _)| facts.databases.iter().any(|used| used.hash == *hash));
    Ok(Read {
        exports: Exports { facts, databases },
        files,
        has_failed,
        partial,
    })
}

/// The files of paths: those of a folder are its exports, by name.
fn found(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let failed = |path: &Path, error: &std::io::Error| {
        Failure::outside(format!(
            "cannot read `{}`: {}",
            path.display(),
            table::io_reason(error)
        ))
        .hint("check the path; `az network nic list > nics.json` makes an export")
    };
    let mut files = Vec::new();
    for path in paths {
        let about = fs::metadata(path).map_err(|error| failed(path, &error))?;
        if !about.is_dir() {
            files.push(path.clone());
            continue;
        }
        let entries = fs::read_dir(path).map_err(|error| failed(path, &error))?;
        let mut inside = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| failed(path, &error))?.path();
            let ending = entry.extension().map(|ending| ending.to_ascii_lowercase());
            if ending.is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known)) {
                inside.push(entry);
            }
        }
        if inside.is_empty() {
            return Err(Failure::outside(format!(
                "`{}` holds no .json, .csv, .txt or .mmdb file",
                path.display()
            ))
            .hint("name the folder that the exports lie in"));
        }
        inside.sort();
        files.extend(inside);
    }
    Ok(files)
}

fn one(path: &Path, about: &About) -> Result<(Reading, Option<Bytes>), Failure> {
    let shown = path.display();
    let failed = |error: std::io::Error| {
        Failure::outside(format!("cannot read `{shown}`: {}", table::io_reason(&error)))
            .hint("check the path")
    };
    let size = fs::metadata(path).map_err(failed)?.len();
    if size > FACTS_BYTES_MAX as u64 {
        return Err(Failure::outside(format!(
            "`{shown}` has {} MB; an export has at most {} MB",
            size >> 20,
            FACTS_BYTES_MAX >> 20
        ))
        .hint("export one subscription at a time"));
    }
    let bytes = fs::read(path).map_err(failed)?;
    if is_database(path) || Database::looks_so(&bytes) {
        let reading = database(path, &bytes)?;
        let hash = reading.facts.databases.first().map(|about| about.hash.clone());
        return Ok((reading, hash.map(|hash| (hash, bytes))));
    }
    let parameters = parameters(path).map_err(failed)?;
    let parameters: Vec<&[u8]> = parameters.iter().map(Vec::as_slice).collect();
    let beside = Beside {
        subscription: about.subscription.as_deref(),
        resource_group: about.resource_group.as_deref(),
        location: about.location.as_deref(),
        parameters: &parameters,
        interface: about.interface.clone(),
    };
    let reading = inventory::read_beside(&bytes, &beside).map_err(|unreadable| {
        let failure = Failure::outside(format!("cannot use `{shown}`: {}", unreadable.message));
        match unreadable.hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    })?;
    Ok((reading, None))
}

fn is_database(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("mmdb"))
}

/// The parameters that lie beside a template: `main.parameters.json` beside `main.json`.
fn parameters(path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    match fs::read(path.with_extension("parameters.json")) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// What a database of addresses is; what it says is asked when somebody needs it.
fn database(path: &Path, bytes: &[u8]) -> Result<Reading, Failure> {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let about = Database::examined(&file, &table::database_hash(bytes), bytes);
    let about = about.map_err(|error| {
        Failure::outside(format!("cannot use `{}`: {error}", path.display())).hint(error.hint())
    })?;
    Ok(Reading {
        facts: FactSet {
            databases: vec![about],
            ..FactSet::default()
        },
        form: "MaxMind DB",
        counts: BTreeMap::new(),
        others: BTreeMap::new(),
        by_itself: BTreeSet::new(),
        gone: Vec::new(),
        problems: Vec::new(),
        is_whole: true,
        is_alone: false,
    })
}

fn say_of(session: &Session, path: &Path, reading: &Reading) {
    say(session, &format!("`{}`", path.display()), &reading.problems);
}

pub(super) fn say(session: &Session, of: &str, problems: &[Problem]) {
    for problem in problems.iter().take(SAID_MAX) {
        let mut text = format!("{of}: ");
        if !problem.path.is_empty() {
            text.push_str(&format!("{}: ", problem.path));
        }
        text.push_str(&problem.message);
        if let Some(resource) = &problem.resource {
            text.push_str(&format!(" (of `{resource}`)"));
        }
        session.say(&Message::new(Grade::Warning, text));
    }
    if let Some(more) = problems.len().checked_sub(SAID_MAX).filter(|more| *more > 0) {
        let text = format!("{of}: {more} more of this kind; `--format json` lists them all");
        session.say(&Message::new(Grade::Warning, text));
    }
}
