//! The files of what is proposed.

use std::path::{Path, PathBuf};

use inventory::Reading;
use model::facts::{Asset, FactSet, PortRange};
use nsg::Problem;
use why::replay::{Overlay, Proposal, ProposalKind};

use super::report::Wrong;
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
        self.proposals.push(proposal);
        self.paths.push(path);
        Ok(())
    }

    /// What is wrong: with the files, and with the rules that come of them.
    pub(super) fn problems(&self, of_rules: &[Problem]) -> Vec<Wrong> {
        let mut wrong = self.wrong.clone();
        wrong.extend(
            of_rules
                .iter()
                .map(|problem| wrong_of(problem, self.file_of(problem))),
        );
        wrong
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
        let (_, path) =
            all.find(|(proposal, _)| proposal.facts.resources.iter().any(|held| is_same(&held.id)))?;
        Some(path)
    }
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
