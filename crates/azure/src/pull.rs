//! Everything of networks that Azure Resource Manager lists: list by list, as it came, with what was listed whole.
//!
//! What a list that broke off, or that was refused, does not hold may exist all the same: only what was read to its end is
//! said to be whole. One list that fails keeps no other from being read.

mod kinds;
mod plan;
mod steps;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use futures::StreamExt as _;
use model::facts::Whole;
use model::limits::ARM_REQUESTS_AT_ONCE;
use serde_json::Value;

use crate::arm::{Arm, Listing};
use crate::error::AzureError;

use kinds::{BY_GROUP, Kind, ROOTS, SUBSCRIPTIONS_VERSION, TAGS};
use steps::{Place, Step};

pub use plan::plan;

/// What is wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Ids of subscriptions; none for all that can be seen.
    pub subscriptions: Vec<String>,
    /// Only what lies in this resource group.
    pub group: Option<String>,
}

/// A subscription that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Its id.
    pub id: String,
    /// What its owners call it, if that can be seen.
    pub name: Option<String>,
}

/// A list that was asked for.
#[derive(Debug)]
pub struct Document {
    /// Of which subscription.
    pub subscription: String,
    /// What is listed, such as `networkInterfaces` or `flowLogs of NetworkWatcher_westeurope`.
    pub name: String,
    /// What came of it; none where it only leads to other lists, and where nothing came.
    pub body: Option<Value>,
    /// Why there may be more.
    pub failure: Option<AzureError>,
}

/// Takes lists as they come.
pub type Seen<'a> = &'a mut (dyn FnMut(Document) + Send);

/// What was asked for in all.
#[derive(Debug, Default)]
pub struct Pulled {
    /// The subscriptions, in their order.
    pub subscriptions: Vec<Subscription>,
    /// What was listed to its end.
    pub whole: Vec<Whole>,
}

/// Lists everything, and hands over each list as soon as it and those before it are there.
///
/// # Errors
/// If nothing can be asked at all: no credential works, or Azure Resource Manager cannot be reached.
pub async fn pull(arm: &Arm, wanted: &Wanted, seen: Seen<'_>) -> Result<Pulled, AzureError> {
    let mut run = Run {
        arm,
        wanted,
        lost: Mutex::default(),
        complete: BTreeMap::new(),
        refused: BTreeSet::new(),
        regions: BTreeMap::new(),
    };
    let subscriptions = run.subscriptions(seen).await?;
    let mut steps = Vec::new();
    for subscription in &subscriptions {
        steps.extend(run.begin(&subscription.id));
    }
    while !steps.is_empty() {
        steps = run.level(steps, seen).await;
    }
    run.service_tags(&subscriptions, seen).await;
    Ok(Pulled {
        whole: run.whole(),
        subscriptions,
    })
}

struct Run<'a> {
    arm: &'a Arm,
    wanted: &'a Wanted,
    /// Why nothing more can be asked.
    lost: Mutex<Option<AzureError>>,
    /// By subscription and type, whether all lists of it were read to their end.
    complete: BTreeMap<(String, &'static str), bool>,
    /// Subscriptions of which a list was refused.
    refused: BTreeSet<String>,
    /// A region of each subscription that has one.
    regions: BTreeMap<String, String>,
}

impl Run<'_> {
    /// Those that are wanted, or all that can be seen.
    async fn subscriptions(&self, seen: Seen<'_>) -> Result<Vec<Subscription>, AzureError> {
        let place = Place::new(self.arm.cloud());
        let version = [("api-version", SUBSCRIPTIONS_VERSION)];
        if self.wanted.subscriptions.is_empty() {
            let listing = self.arm.list(place.url("/subscriptions", &version)).await;
            if let Some(failure) = listing.failure {
                return Err(failure);
            }
            let mut found: Vec<Subscription> = listing.elements.iter().filter_map(usable).collect();
            found.sort_by(|left, right| left.id.cmp(&right.id));
            return Ok(found);
        }
        let mut found: Vec<Subscription> = Vec::new();
        for id in &self.wanted.subscriptions {
            if found.iter().any(|held| held.id.eq_ignore_ascii_case(id)) {
                continue;
            }
            let url = place.url(&format!("/subscriptions/{id}"), &version);
            let name = match self.arm.get(&url).await {
                Ok((said, _)) => text(&said, "displayName"),
                // Its lists say by themselves what is refused.
                Err(AzureError::Refused { .. }) => None,
                Err(failure @ AzureError::Answered { .. }) => {
                    seen(Document {
                        subscription: id.clone(),
                        name: "subscription".to_owned(),
                        body: None,
                        failure: Some(failure),
                    });
                    continue;
                }
                Err(failure) => return Err(failure),
            };
            found.push(Subscription { id: id.clone(), name });
        }
        Ok(found)
    }

    /// The first lists of a subscription. What they speak of is whole until one of them fails.
    fn begin(&mut self, subscription: &str) -> Vec<Step> {
        for kind in ROOTS.iter().chain(&BY_GROUP) {
            for spoken in kind.spoken() {
                self.complete.insert((subscription.to_owned(), spoken), true);
            }
        }
        Place::new(self.arm.cloud()).roots(subscription, self.wanted.group.as_deref())
    }

    /// Reads lists, several at a time; gives those that they lead to.
    async fn level(&mut self, steps: Vec<Step>, seen: Seen<'_>) -> Vec<Step> {
        let (arm, lost) = (self.arm, &self.lost);
        let mut next = Vec::new();
        let mut broken: Vec<(String, &'static Kind)> = Vec::new();
        let mut reading = futures::stream::iter(steps)
            .map(|step| async move {
                let listing = read(arm, lost, &step).await;
                (step, listing)
            })
            .buffered(ARM_REQUESTS_AT_ONCE);
        while let Some((step, mut listing)) = reading.next().await {
            if let Some(only) = &step.only {
                listing.elements.retain(|element| {
                    text(element, "id").is_some_and(|id| only.contains(&id.to_ascii_lowercase()))
                });
            }
            if let Some(region) = listing
                .elements
                .iter()
                .find_map(|element| text(element, "location"))
            {
                self.regions.entry(step.subscription.clone()).or_insert(region);
            }
            let leads = Place::new(arm.cloud()).after(&step, &listing.elements);
            if listing.failure.is_some() || leads.has_unknown {
                broken.push((step.subscription.clone(), step.kind));
            }
            if listing.failure.as_ref().is_some_and(AzureError::is_refusal) {
                self.refused.insert(step.subscription.clone());
            }
            next.extend(leads.steps);
            let failure = listing.failure.take();
            let is_something = failure.is_none() || !listing.elements.is_empty();
            seen(Document {
                subscription: step.subscription,
                name: step.name,
                body: (step.is_kept && is_something).then(|| listing.document()),
                failure,
            });
        }
        drop(reading);
        for (subscription, kind) in broken {
            for spoken in kind.spoken() {
                self.complete.insert((subscription.clone(), spoken), false);
            }
        }
        next
    }

    /// The same for everybody in a cloud: the first subscription that may ask for them does. The region stands for the version
    /// of the list; all regions are in it.
    async fn service_tags(&self, subscriptions: &[Subscription], seen: Seen<'_>) {
        let place = Place::new(self.arm.cloud());
        let mut last = None;
        for Subscription { id, .. } in subscriptions {
            let Some(region) = self.regions.get(id) else {
                continue;
            };
            let url = place.url(
                &format!("/subscriptions/{id}/providers/Microsoft.Network/locations/{region}/serviceTags"),
                &[("api-version", TAGS.version)],
            );
            let step = Step::of_tags(id, url);
            let mut listing = read(self.arm, &self.lost, &step).await;
            let failure = listing.failure.take();
            let is_whole = failure.is_none();
            last = Some(Document {
                subscription: id.clone(),
                name: step.name,
                // A part of the tags would take the place of all of them.
                body: is_whole.then(|| listing.document()),
                failure,
            });
            if is_whole {
                break;
            }
        }
        if let Some(document) = last {
            seen(document);
        }
    }

    fn whole(self) -> Vec<Whole> {
        // Lists by which these are found leave out what may not be read, and do not say so.
        let by_group: BTreeSet<&str> = BY_GROUP.iter().flat_map(Kind::spoken).collect();
        let is_sure = |subscription: &String, kind: &str| {
            self.wanted.group.is_some() || !by_group.contains(kind) || !self.refused.contains(subscription)
        };
        let complete = self.complete.iter().filter(|(_, is_complete)| **is_complete);
        complete
            .filter(|((subscription, kind), _)| is_sure(subscription, kind))
            .map(|((subscription, kind), _)| Whole {
                kind: (*kind).to_owned(),
                subscription: subscription.clone(),
                group: self.wanted.group.clone(),
            })
            .collect()
    }
}

/// Reads a list, unless nothing can be asked any more: each would wait in vain for as long as the first.
async fn read(arm: &Arm, lost: &Mutex<Option<AzureError>>, step: &Step) -> Listing {
    let known = lost.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(failure) = known {
        return Listing::failed(failure);
    }
    let listing = arm.list(step.url.clone()).await;
    let is_lost = |failure: &&AzureError| {
        matches!(
            failure,
            AzureError::NoCredential { .. } | AzureError::Unknown { .. }
        ) || matches!(
            failure,
            AzureError::Net(
                net::NetError::Unreachable { .. }
                    | net::NetError::Untrusted { .. }
                    | net::NetError::Insecure { .. }
            )
        )
    };
    if let Some(failure) = listing.failure.as_ref().filter(is_lost) {
        *lost.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure.clone());
    }
    listing
}

/// A subscription in which something can be asked for.
fn usable(element: &Value) -> Option<Subscription> {
    let state = text(element, "state").unwrap_or_default();
    if ["Disabled", "Deleted"]
        .iter()
        .any(|gone| state.eq_ignore_ascii_case(gone))
    {
        return None;
    }
    Some(Subscription {
        id: text(element, "subscriptionId")?,
        name: text(element, "displayName"),
    })
}

fn text(element: &Value, name: &str) -> Option<String> {
    element.get(name)?.as_str().map(str::to_owned)
}
