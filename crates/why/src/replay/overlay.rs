//! What is proposed, laid over what is known. A list of groups or rules says all of them anew; a plan, a template or a what-if says
//! what it changes and deletes, and what it does not speak of stays.

mod associations;
mod computed;
mod missing;
mod parts;

use std::collections::BTreeSet;

use ahash::AHashMap;
use enrich::{Change, difference};
use inventory::Gone;
use model::facts::{ArmId, Asset, FactSet, Partial, Resource};
use nsg::Problem;

/// What one document proposes.
#[derive(Clone, Debug, Default)]
pub struct Proposal {
    /// What it says.
    pub facts: FactSet,
    /// The resources that it says by themselves; of others it says parts.
    pub by_itself: BTreeSet<ArmId>,
    /// What it deletes.
    pub gone: Vec<Gone>,
    /// How it is to be taken.
    pub kind: ProposalKind,
}

/// How a document is to be taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProposalKind {
    /// A list, which says all there is of each of its resources; rules that stand in it are all of their group.
    #[default]
    List,
    /// Resources as they are to be after a deployment: what a resource does not say it does not have.
    Deployment,
    /// What Terraform plans: what a resource does not say, others may.
    Plan,
}

impl Proposal {
    /// True if it says nothing that rules are made of.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        let speaks = |resource: &Resource| match &resource.asset {
            Asset::SecurityGroup(_) | Asset::AdminRules(_) => true,
            Asset::Subnet(_) | Asset::Interface(_) => {
                self.by_itself.contains(&resource.id) || has_group(resource)
            }
            _ => false,
        };
        self.gone.is_empty() && !self.facts.resources.iter().any(speaks)
    }
}

fn has_group(resource: &Resource) -> bool {
    match &resource.asset {
        Asset::Subnet(held) => held.security_group.is_some(),
        Asset::Interface(held) => {
            let groups = held.configurations.iter().map(|one| &one.application_groups);
            held.security_group.is_some() || groups.flatten().next().is_some()
        }
        _ => false,
    }
}

/// The facts with what is proposed over them.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    /// The facts as they would be.
    pub facts: FactSet,
    /// What is different, in the order of the ids.
    pub changes: Vec<(ArmId, Change)>,
    /// Resources of a proposal that is of no subscription, which none or several of the facts may be: taken for new.
    pub unmatched: Vec<ArmId>,
    /// More changed than rules and who is guarded by them: what words mean may be different at any interface.
    pub is_wide: bool,
    /// What proposed rules name and is not there.
    pub problems: Vec<Problem>,
}

impl Overlay {
    /// Of facts and proposals, one after the other.
    #[must_use]
    pub fn of(now: &FactSet, proposals: &[Proposal]) -> Self {
        let mut over = Over {
            facts: now.clone(),
            unmatched: BTreeSet::new(),
            places: AHashMap::new(),
            whole: BTreeSet::new(),
            deleted: Vec::new(),
        };
        over.index();
        for proposal in proposals {
            over.take(proposal);
        }
        let changes = difference(now, &over.facts);
        let mut problems = missing::open_missing(now, &mut over.facts, &changes);
        over.deleted.retain(|id| !over.places.contains_key(id));
        problems.extend(missing::open_deleted(&mut over.facts, &over.deleted));
        computed::carry_over(now, &mut over.facts, &changes, &over.whole);
        let is_wide = over.facts.tags != now.tags
            || changes
                .iter()
                .any(|(id, change)| is_wide(now, &over.facts, id, change));
        Self {
            facts: over.facts,
            changes,
            unmatched: over.unmatched.into_iter().collect(),
            is_wide,
            problems,
        }
    }
}

/// True for a change that may alter what tags and groups mean elsewhere.
fn is_wide(now: &FactSet, then: &FactSet, id: &ArmId, change: &Change) -> bool {
    let held = |facts: &FactSet| {
        facts
            .resources
            .iter()
            .find(|held| held.id == *id)
            .map(|held| held.asset.clone())
    };
    let Some(asset) = held(then).or_else(|| held(now)) else {
        return true;
    };
    match (asset, change) {
        (Asset::SecurityGroup(_) | Asset::AdminRules(_), _) => false,
        (Asset::Subnet(_) | Asset::Interface(_), Change::Changed(parts)) => {
            parts.iter().any(|part| part.path != "security_group")
        }
        // The space of a network is said by the network.
        (Asset::Subnet(_), _) => false,
        (
            Asset::Machine(_)
            | Asset::FlowLog(_)
            | Asset::PublicAddress(_)
            | Asset::LoadBalancer(_)
            | Asset::NatGateway(_)
            | Asset::ApplicationGroup,
            _,
        ) => false,
        _ => true,
    }
}

/// Facts on their way.
struct Over {
    facts: FactSet,
    unmatched: BTreeSet<ArmId>,
    places: AHashMap<ArmId, usize>,
    /// Groups of which all rules are said.
    whole: BTreeSet<ArmId>,
    /// What is deleted.
    deleted: Vec<ArmId>,
}

impl Over {
    fn index(&mut self) {
        let resources = self.facts.resources.iter().enumerate();
        self.places = resources.map(|(at, held)| (held.id.clone(), at)).collect();
    }

    fn take(&mut self, proposal: &Proposal) {
        let ids = Matched::of(&self.facts, &mut self.unmatched, proposal);
        for resource in &proposal.facts.resources {
            let mut resource = resource.clone();
            let is_by_itself = proposal.by_itself.contains(&resource.id);
            let partial = proposal.facts.partial(&resource.id).cloned();
            ids.put(&mut resource);
            // Of a group that nobody knows one rule is not all rules.
            let has_rules = matches!(resource.asset, Asset::SecurityGroup(_) | Asset::AdminRules(_));
            let is_new = has_rules && !self.places.contains_key(&resource.id);
            if let Some(part) = partial.as_ref().filter(|_| is_new) {
                part.open(&mut resource.asset);
            }
            parts::put_unknowns(&mut resource.asset, proposal.kind);
            self.take_resource(&resource, is_by_itself, proposal.kind, partial.as_ref());
        }
        for gone in &proposal.gone {
            self.take_away(&ids.gone(gone));
        }
        if proposal.facts.tags.is_some() {
            self.facts.tags.clone_from(&proposal.facts.tags);
        }
    }

    fn held(&mut self, id: &ArmId) -> Option<&mut Asset> {
        let at = *self.places.get(id)?;
        self.facts.resources.get_mut(at).map(|held| &mut held.asset)
    }

    /// Who is said to be guarded, before and after: what the guarded says and what groups say is made to agree.
    fn take_resource(
        &mut self,
        resource: &Resource,
        is_by_itself: bool,
        kind: ProposalKind,
        partial: Option<&Partial>,
    ) {
        let id = resource.id.clone();
        let said = parts::Said { is_by_itself, kind };
        if said.says_all_rules() {
            self.whole.insert(id.clone());
        }
        let Some(held) = self.held(&id) else {
            self.places.insert(id.clone(), self.facts.resources.len());
            self.facts.resources.push(resource.clone());
            return self.associate(&id, &resource.asset, is_by_itself, kind);
        };
        match (held, &resource.asset) {
            (Asset::SecurityGroup(held), Asset::SecurityGroup(new)) => said.group(held, new),
            (Asset::AdminRules(held), Asset::AdminRules(new)) => said.admin_rules(held, new),
            (Asset::Subnet(held), Asset::Subnet(new)) => said.subnet(held, new),
            (Asset::Interface(held), Asset::Interface(new)) => said.interface(held, new),
            (Asset::VirtualNetwork(held), Asset::VirtualNetwork(new)) => said.network(held, new),
            // Of other resources a plan says less than exports do.
            (held, new) if kind == ProposalKind::List => match partial {
                Some(part) => part.join(held, new),
                None => *held = new.clone(),
            },
            _ => {}
        }
        self.associate(&id, &resource.asset, is_by_itself, kind);
    }

    fn take_away(&mut self, gone: &Gone) {
        match gone {
            Gone::Resource(id) => {
                if let Some(parent) = id.parent()
                    && let Some(held) = self.held(&parent)
                    && parts::without_rule(held, id.name())
                {
                    return;
                }
                self.facts.resources.retain(|held| held.id != *id);
                self.deleted.push(id.clone());
                self.index();
            }
            Gone::SecurityGroupOf(id) => self.guard(id, None),
            Gone::ApplicationGroupOf { interface, group } => {
                if let Some(Asset::Interface(held)) = self.held(interface) {
                    for one in &mut held.configurations {
                        one.application_groups.retain(|held| held != group);
                    }
                }
            }
        }
    }
}

/// Where a proposal does not say its subscription or group: the resources of the facts that are meant.
struct Matched {
    ids: AHashMap<ArmId, ArmId>,
}

/// What stands in an id where it is not said.
const NOT_SAID: &str = "unknown";

impl Matched {
    fn of(facts: &FactSet, unmatched: &mut BTreeSet<ArmId>, proposal: &Proposal) -> Self {
        let mut ids = AHashMap::new();
        let mut by_name: AHashMap<(String, String), Vec<&ArmId>> = AHashMap::new();
        for id in facts.resources.iter().map(|held| &held.id) {
            by_name.entry(key(id)).or_default().push(id);
        }
        for id in all_ids(proposal) {
            if id.subscription() != Some(NOT_SAID) || id.is_to_come() || ids.contains_key(&id) {
                continue;
            }
            let group = id.resource_group().unwrap_or(NOT_SAID).to_ascii_lowercase();
            let is_group = |held: &&&ArmId| {
                group == NOT_SAID
                    || held
                        .resource_group()
                        .is_some_and(|held| held.eq_ignore_ascii_case(&group))
            };
            let candidates = by_name.get(&key(&id)).map(Vec::as_slice).unwrap_or_default();
            match candidates.iter().filter(is_group).collect::<Vec<_>>().as_slice() {
                [one] => {
                    ids.insert(id, (**one).clone());
                }
                _ => {
                    unmatched.insert(id);
                }
            }
        }
        Self { ids }
    }

    fn id(&self, id: &mut ArmId) {
        if let Some(meant) = self.ids.get(id) {
            *id = meant.clone();
        }
    }

    fn put(&self, resource: &mut Resource) {
        self.id(&mut resource.id);
        associations::each_id(&mut resource.asset, &mut |id| self.id(id));
    }

    fn gone(&self, gone: &Gone) -> Gone {
        let mut gone = gone.clone();
        match &mut gone {
            Gone::Resource(id) | Gone::SecurityGroupOf(id) => self.id(id),
            Gone::ApplicationGroupOf { interface, group } => {
                self.id(interface);
                self.id(group);
            }
        }
        gone
    }
}

/// What an id says but for its subscription and group.
fn key(id: &ArmId) -> (String, String) {
    let kind = id.kind().unwrap_or_default().to_ascii_lowercase();
    let parent = id.parent().map(|parent| parent.name().to_ascii_lowercase());
    (
        kind,
        format!(
            "{}/{}",
            parent.unwrap_or_default(),
            id.name().to_ascii_lowercase()
        ),
    )
}

fn all_ids(proposal: &Proposal) -> Vec<ArmId> {
    let mut all = Vec::new();
    for resource in &proposal.facts.resources {
        all.push(resource.id.clone());
        let mut asset = resource.asset.clone();
        associations::each_id(&mut asset, &mut |id| all.push(id.clone()));
    }
    for gone in &proposal.gone {
        match gone {
            Gone::Resource(id) | Gone::SecurityGroupOf(id) => all.push(id.clone()),
            Gone::ApplicationGroupOf { interface, group } => all.extend([interface.clone(), group.clone()]),
        }
    }
    all
}
