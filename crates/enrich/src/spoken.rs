//! What facts speak of. The first that speak of a matter hold before their own time, too: nobody had said anything else.
//! What they say of it stands in `timeline`.

use std::borrow::Cow;

use ahash::AHashSet;
use model::facts::{AddressDatabase, ArmId, FactSet, Whole};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Something that facts say all of, or nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Matter {
    /// Databases of countries.
    Countries,
    /// Databases of autonomous systems.
    Systems,
    Tags,
    /// A list of addresses known for harm, by its name.
    Threats(String),
    /// Effective rules of an interface.
    Rules(Option<ArmId>),
    /// Effective routes of an interface.
    Routes(Option<ArmId>),
    /// Resources of a type in a subscription, in lower case; of one resource group, or of all.
    Resources(String, String, Option<String>),
}

impl Matter {
    /// What a resource is of.
    pub(crate) fn of_resource(id: &ArmId) -> Self {
        let lower = |text: Option<&str>| text.map(str::to_ascii_lowercase);
        Self::Resources(
            lower(id.kind().as_deref()).unwrap_or_default(),
            lower(id.subscription()).unwrap_or_default(),
            lower(id.resource_group()),
        )
    }

    fn of_list(list: &Whole) -> Self {
        Self::Resources(
            list.kind.to_ascii_lowercase(),
            list.subscription.to_ascii_lowercase(),
            list.group.as_ref().map(|group| group.to_ascii_lowercase()),
        )
    }

    pub(crate) fn of_database(database: &AddressDatabase) -> Vec<Self> {
        of_parts(database.country_at.is_some(), database.asn_at.is_some())
    }

    /// The same in all resource groups.
    fn everywhere(self) -> Self {
        match self {
            Self::Resources(kind, subscription, _) => Self::Resources(kind, subscription, None),
            other => other,
        }
    }
}

fn of_parts(has_countries: bool, has_systems: bool) -> Vec<Matter> {
    let countries = has_countries.then_some(Matter::Countries);
    let systems = has_systems.then_some(Matter::Systems);
    countries.into_iter().chain(systems).collect()
}

/// Matters of which all was said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Covered(AHashSet<Matter>);

impl Covered {
    pub(crate) fn has(&self, matter: &Matter) -> bool {
        self.0.contains(matter)
            || (matches!(matter, Matter::Resources(_, _, Some(_)))
                && self.0.contains(&matter.clone().everywhere()))
    }

    pub(crate) fn add(&mut self, more: &Self) {
        self.0.extend(more.0.iter().cloned());
    }
}

/// What facts speak of, without what they say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spoken {
    /// What they say something of.
    said: AHashSet<Matter>,
    /// What they say all of, so that what does not stand in them is gone: what was listed whole, or else each type and
    /// subscription that they have a resource of. Where a list broke off or was refused nothing is gone.
    pub(crate) whole: Covered,
}

impl Spoken {
    /// Of facts.
    #[must_use]
    pub fn of(facts: &FactSet) -> Self {
        let mut spoken = Self::default();
        spoken.take_resources(
            facts.resources.iter().map(|held| &held.id),
            &facts.partial.iter().map(|held| &held.id).collect(),
            facts.whole.as_deref(),
        );
        let rules = facts.effective.iter();
        spoken.take(rules.map(|held| Matter::Rules(held.interface.clone())));
        let routes = facts.effective_routes.iter();
        spoken.take(routes.map(|held| Matter::Routes(held.interface.clone())));
        spoken.take(
            facts
                .threats
                .iter()
                .map(|list| Matter::Threats(list.name.clone())),
        );
        spoken.take(facts.databases.iter().flat_map(Matter::of_database));
        spoken.take(facts.tags.iter().map(|_| Matter::Tags));
        spoken
    }

    /// Of facts as they are kept, which are not decoded for it.
    ///
    /// # Errors
    /// If they are no facts.
    pub fn read(text: &[u8]) -> Result<Self, serde_json::Error> {
        let outline: Outline<'_> = serde_json::from_slice(text)?;
        let mut spoken = Self::default();
        let ids = outline.resources.iter().map(|held| ArmId::parse(&held.id));
        let ids: Vec<ArmId> = ids.flatten().collect();
        let partial = outline.partial.iter().map(|held| &held.id).collect();
        spoken.take_resources(ids.iter(), &partial, outline.whole.as_deref());
        spoken.take(
            outline
                .effective
                .into_iter()
                .map(|held| Matter::Rules(held.interface)),
        );
        let routes = outline.effective_routes.into_iter();
        spoken.take(routes.map(|held| Matter::Routes(held.interface)));
        let lists = outline.threats.into_iter();
        spoken.take(lists.map(|list| Matter::Threats(list.name.into_owned())));
        let databases = outline.databases.iter();
        spoken.take(databases.flat_map(|held| of_parts(held.country_at.is_some(), held.asn_at.is_some())));
        spoken.take(outline.tags.iter().map(|_| Matter::Tags));
        Ok(spoken)
    }

    /// Of snapshots in the order of their times, which ones hold before their own time: those that say first what there is
    /// of some matter. Those that speak of nothing new do not.
    #[must_use]
    pub fn early(snapshots: &[Self]) -> Vec<bool> {
        let mut before = Covered::default();
        let early = snapshots.iter().map(|spoken| {
            let mut matters = spoken.said.iter().chain(&spoken.whole.0);
            let is_early = matters.any(|matter| !before.has(matter));
            before.add(&spoken.whole);
            is_early
        });
        early.collect()
    }

    fn take(&mut self, matters: impl Iterator<Item = Matter>) {
        for matter in matters {
            self.said.insert(matter.clone());
            self.whole.0.insert(matter);
        }
    }

    /// Parts speak of nothing but what they are of.
    fn take_resources<'i>(
        &mut self,
        ids: impl Iterator<Item = &'i ArmId>,
        partial: &AHashSet<&ArmId>,
        lists: Option<&[Whole]>,
    ) {
        let (parts, wholes): (Vec<&ArmId>, Vec<&ArmId>) = ids.partition(|id| partial.contains(id));
        self.said.extend(parts.into_iter().map(Matter::of_resource));
        let matters = wholes.into_iter().map(Matter::of_resource);
        match lists {
            None => self.take(matters.map(Matter::everywhere)),
            Some(lists) => {
                self.said.extend(matters);
                self.whole.0.extend(lists.iter().map(Matter::of_list));
            }
        }
    }
}

/// As much of facts as tells what they speak of.
#[derive(Deserialize)]
struct Outline<'t> {
    #[serde(borrow)]
    resources: Vec<OfResource<'t>>,
    #[serde(default)]
    effective: Vec<OfInterface>,
    #[serde(default)]
    effective_routes: Vec<OfInterface>,
    #[serde(default)]
    tags: Option<IgnoredAny>,
    #[serde(default, borrow)]
    threats: Vec<OfList<'t>>,
    #[serde(default)]
    databases: Vec<OfDatabase>,
    #[serde(default)]
    whole: Option<Vec<Whole>>,
    #[serde(default)]
    partial: Vec<OfPartial>,
}

#[derive(Deserialize)]
struct OfResource<'t> {
    #[serde(borrow)]
    id: Cow<'t, str>,
}

#[derive(Deserialize)]
struct OfPartial {
    id: ArmId,
}

#[derive(Deserialize)]
struct OfInterface {
    interface: Option<ArmId>,
}

#[derive(Deserialize)]
struct OfList<'t> {
    #[serde(borrow)]
    name: Cow<'t, str>,
}

#[derive(Deserialize)]
struct OfDatabase {
    #[serde(default)]
    country_at: Option<IgnoredAny>,
    #[serde(default)]
    asn_at: Option<IgnoredAny>,
}
