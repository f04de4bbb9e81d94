//! The files of what is proposed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use inventory::{Gone, Reading};
use model::facts::{ArmId, Asset, FactSet, PortRange, Resource};
use nsg::Problem;
use why::replay::{Overlay, Proposal, ProposalKind};

use super::report::{Absent, Wrong};
use crate::commands::facts::{About, of_rules};
use crate::exit::Failure;
use crate::message::{Grade, Message};
use crate::session::Session;

/// What is replayed.
const HINT: &str = "what is replayed are groups, their rules, and who is guarded by them: `az network nsg list`, `terraform show -json PLAN`";

/// What was read.
pub(super) struct Proposed {
    pub(super) proposals: Vec<Proposal>,
    /// Where each of them stands.
    paths: Vec<PathBuf>,
    /// The groups that each of them lists; none where it is no list of groups.
    lists: Vec<BTreeSet<ArmId>>,
    /// What could not be used of them.
    wrong: Vec<Wrong>,
}

impl Proposed {
    /// Reads them. A file that is named and says nothing of rules is refused: it would break nothing, and that would be no answer. What
    /// else lies in a folder is passed over.
    pub(super) fn read(session: &Session, paths: &[PathBuf], about: &About) -> Result<Self, Failure> {
        let mut proposed = Self {
            proposals: Vec::new(),
            paths: Vec::new(),
            lists: Vec::new(),
            wrong: Vec::new(),
        };
        for (path, reading) in of_rules(session, paths, about)? {
            if reading.form == "parameters of a template" {
                continue;
            }
            let is_named = paths.contains(&path);
            proposed.take(session, path, reading, is_named)?;
        }
        match proposed.proposals.is_empty() {
            true => Err(Failure::usage("none of these files says anything of rules").hint(HINT)),
            false => Ok(proposed),
        }
    }

    fn take(
        &mut self,
        session: &Session,
        path: PathBuf,
        reading: Reading,
        is_named: bool,
    ) -> Result<(), Failure> {
        let shown = path.display().to_string();
        self.wrong.extend(reading.problems.iter().map(|problem| Wrong {
            file: Some(shown.clone()),
            resource: problem.resource.clone(),
            path: problem.path.clone(),
            message: problem.message.clone(),
        }));
        if !reading.is_whole {
            self.wrong.push(Wrong {
                file: Some(shown.clone()),
                resource: None,
                path: String::new(),
                message: "it was not read whole: what is missing of it stays as it is now".to_owned(),
            });
        }
        let is_list = !reading.is_alone && kind(&reading) == ProposalKind::List;
        let proposal = Proposal {
            kind: kind(&reading),
            facts: reading.facts,
            by_itself: reading.by_itself,
            gone: reading.gone,
        };
        if proposal.is_silent() {
            let text = format!("`{shown}` says nothing of rules");
            if is_named {
                return Err(Failure::usage(text).hint(HINT));
            }
            session.say(&Message::new(Grade::Note, text).hint("it is passed over"));
            return Ok(());
        }
        self.lists.push(match is_list {
            true => groups(&proposal.facts)
                .filter(|id| proposal.by_itself.contains(id))
                .cloned()
                .collect(),
            false => BTreeSet::new(),
        });
        self.proposals.push(proposal);
        self.paths.push(path);
        Ok(())
    }

    /// What is wrong: with the files, and with the rules that come of them.
    pub(super) fn problems<'p>(&self, of_rules: impl Iterator<Item = &'p Problem>) -> Vec<Wrong> {
        let mut wrong = self.wrong.clone();
        wrong.extend(of_rules.map(|problem| wrong_of(problem, self.file_of(problem))));
        wrong
    }

    /// Groups of the facts that a list leaves out, though it is a list of the resource group or the subscription that they are in: one of
    /// several resource groups is taken for one of the subscription.
    pub(super) fn absent(&self, facts: &FactSet) -> Vec<Absent> {
        let is_said = |id: &ArmId| {
            self.proposals.iter().any(|proposal| {
                let is_gone = |gone: &Gone| matches!(gone, Gone::Resource(gone) if gone == id);
                groups(&proposal.facts).any(|held| held == id) || proposal.gone.iter().any(is_gone)
            })
        };
        let left_out = groups(facts).filter(|id| !is_said(id));
        let absent = left_out.filter_map(|id| {
            let mut lists = self.lists.iter().zip(&self.paths);
            let (_, path) = lists.find(|(listed, _)| is_list_of(listed, id))?;
            Some(Absent {
                group: id.clone(),
                file: path.display().to_string(),
            })
        });
        absent.collect()
    }

    /// The last file that speaks of the resource.
    fn file_of(&self, problem: &Problem) -> Option<&Path> {
        let id = problem.resource.as_ref()?;
        let mut all = self.proposals.iter().zip(&self.paths).rev();
        let is_same = |held: &model::facts::ArmId| {
            let is_like = |left: Option<String>, right: Option<String>| left == right;
            held == id
                || (held.subscription() == Some("unknown")
                    && held.name().eq_ignore_ascii_case(id.name())
                    && is_like(held.kind(), id.kind()))
        };
        let is_gone = |gone: &Gone| matches!(gone, Gone::Resource(gone) if is_same(gone));
        let (_, path) = all.find(|(proposal, _)| {
            proposal.facts.resources.iter().any(|held| is_same(&held.id)) || proposal.gone.iter().any(is_gone)
        })?;
        Some(path)
    }
}

/// The groups of a set.
fn groups(facts: &FactSet) -> impl Iterator<Item = &ArmId> {
    let is_group = |held: &&Resource| matches!(held.asset, Asset::SecurityGroup(_));
    facts.resources.iter().filter(is_group).map(|held| &held.id)
}

/// True if a group would stand in a list of these.
fn is_list_of(listed: &BTreeSet<ArmId>, id: &ArmId) -> bool {
    let same = |left: Option<&str>, right: Option<&str>| {
        left.zip(right)
            .is_some_and(|(left, right)| left.eq_ignore_ascii_case(right))
    };
    let mut beside = listed
        .iter()
        .filter(|held| same(held.subscription(), id.subscription()));
    let Some(first) = beside.next() else {
        return false;
    };
    same(first.resource_group(), id.resource_group())
        || beside.any(|held| !same(held.resource_group(), first.resource_group()))
}

fn wrong_of(problem: &Problem, file: Option<&Path>) -> Wrong {
    Wrong {
        file: file.map(|path| path.display().to_string()),
        resource: problem.resource.as_ref().map(ToString::to_string),
        path: problem.path.clone(),
        message: problem.message.clone(),
    }
}

/// How a document is to be taken: one rule by itself is not all rules of its group.
fn kind(reading: &Reading) -> ProposalKind {
    match reading.form {
        "Terraform" => ProposalKind::Plan,
        "ARM template" | "what-if" => ProposalKind::Deployment,
        _ if reading.is_alone && reading.by_itself.is_empty() => ProposalKind::Plan,
        _ => ProposalKind::List,
    }
}

/// True if a rule, now or then, is for some source ports only. Rules that do not change stand beside those that do.
pub(super) fn names_source_ports(now: &FactSet, overlay: &Overlay) -> bool {
    let groups = now.resources.iter().chain(&overlay.facts.resources);
    let mut rules = groups.flat_map(|held| match &held.asset {
        Asset::SecurityGroup(group) => group.rules.as_slice(),
        Asset::AdminRules(rules) => rules.rules.as_slice(),
        _ => &[],
    });
    rules.any(|rule| !rule.source.ports.is_empty() && !rule.source.ports.contains(&PortRange::ALL))
}
