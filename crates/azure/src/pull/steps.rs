//! From one list to those that it leads to.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;
use url::Url;

use crate::cloud::Cloud;
use crate::pull::kinds::{At, BY_GROUP, Kind, RESOURCES_VERSION, ROOTS, TAGS};
use crate::pull::text;

/// A list to be read.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) subscription: String,
    pub(super) name: String,
    pub(super) url: Url,
    pub(super) kind: &'static Kind,
    pub(super) is_kept: bool,
    /// Only elements with these ids, in lower case, are meant.
    pub(super) only: Option<HashSet<String>>,
    /// It tells which resource groups have any of its kind.
    is_search: bool,
}

impl Step {
    fn new(subscription: &str, name: String, url: Url, kind: &'static Kind) -> Self {
        Self {
            subscription: subscription.to_owned(),
            name,
            url,
            kind,
            is_kept: kind.is_kept,
            only: None,
            is_search: false,
        }
    }

    pub(super) fn of_tags(subscription: &str, url: Url) -> Self {
        Self::new(subscription, TAGS.name.to_owned(), url, &TAGS)
    }
}

/// Where a list leads.
#[derive(Debug, Default)]
pub(super) struct Leads {
    pub(super) steps: Vec<Step>,
    /// An element does not say what it is.
    pub(super) has_unknown: bool,
}

/// Azure Resource Manager's URLs.
pub(super) struct Place<'a>(&'a Cloud);

impl<'a> Place<'a> {
    pub(super) const fn new(cloud: &'a Cloud) -> Self {
        Self(cloud)
    }

    /// A path and a query at the endpoint; the path cannot lead to another host.
    pub(super) fn url(&self, path: &str, query: &[(&str, &str)]) -> Url {
        let mut url = self.0.endpoint.clone();
        url.set_path(path);
        url.query_pairs_mut().clear().extend_pairs(query);
        // A blank in a filter is not read as one by everybody if it is a plus.
        let blanks = url.query().map(|query| query.replace('+', "%20"));
        url.set_query(blanks.as_deref());
        url
    }

    fn url_of(&self, path: &str, kind: &Kind) -> Url {
        let query: Vec<(&str, &str)> = kind.query.into_iter().collect();
        let version = [("api-version", kind.version)];
        self.url(path, &[version.as_slice(), &query].concat())
    }

    /// The first lists of a subscription, or of a group of it.
    pub(super) fn roots(&self, subscription: &str, group: Option<&str>) -> Vec<Step> {
        let mut scope = format!("/subscriptions/{subscription}");
        if let Some(group) = group {
            scope.push_str(&format!("/resourceGroups/{group}"));
        }
        let listed = |kind: &'static Kind| {
            let url = self.url_of(&format!("{scope}/providers/{}", kind.path), kind);
            Step::new(subscription, kind.name.to_owned(), url, kind)
        };
        let mut steps: Vec<Step> = ROOTS.iter().map(listed).collect();
        steps.extend(BY_GROUP.iter().map(|kind| match group {
            Some(_) => listed(kind),
            None => self.search(subscription, kind),
        }));
        steps
    }

    fn search(&self, subscription: &str, kind: &'static Kind) -> Step {
        let filter = format!("resourceType eq '{}'", kind.path);
        let url = self.url(
            &format!("/subscriptions/{subscription}/resources"),
            &[("api-version", RESOURCES_VERSION), ("$filter", &filter)],
        );
        Step {
            is_kept: false,
            is_search: true,
            ..Step::new(subscription, format!("groups with {}", kind.name), url, kind)
        }
    }

    /// The lists that a list leads to.
    pub(super) fn after(&self, step: &Step, elements: &[Value]) -> Leads {
        if step.is_search {
            return self.groups(step, elements);
        }
        let mut leads = Leads::default();
        for kind in step.kind.parts {
            if kind.at == At::Same {
                leads.steps.extend(self.same(step, kind, elements));
                continue;
            }
            for element in elements {
                if kind.at == At::EachUniform && !is_uniform(element) {
                    continue;
                }
                let id = text(element, "id").filter(|id| is_below(id, &step.subscription));
                let Some(id) = id else {
                    leads.has_unknown = true;
                    continue;
                };
                let of = id.rsplit('/').next().unwrap_or_default();
                let url = self.url_of(&format!("{id}/{}", kind.path), kind);
                let name = format!("{} of {of}", kind.name);
                leads.steps.push(Step::new(&step.subscription, name, url, kind));
            }
        }
        leads
    }

    /// The same elements once more, with something else said of them.
    fn same(&self, step: &Step, kind: &'static Kind, elements: &[Value]) -> Option<Step> {
        let ids = elements.iter().filter_map(|element| text(element, "id"));
        let ids: HashSet<String> = ids.map(|id| id.to_ascii_lowercase()).collect();
        if ids.is_empty() {
            return None;
        }
        let path = format!("/subscriptions/{}/providers/{}", step.subscription, kind.path);
        Some(Step {
            only: Some(ids),
            ..Step::new(
                &step.subscription,
                kind.name.to_owned(),
                self.url_of(&path, kind),
                kind,
            )
        })
    }

    fn groups(&self, step: &Step, elements: &[Value]) -> Leads {
        let mut leads = Leads::default();
        let mut groups = BTreeSet::new();
        for element in elements {
            let id = text(element, "id").filter(|id| is_below(id, &step.subscription));
            let id = id.as_deref().and_then(model::facts::ArmId::parse);
            match id.as_ref().and_then(|id| id.resource_group()) {
                Some(group) => {
                    groups.insert(group.to_ascii_lowercase());
                }
                None => leads.has_unknown = true,
            }
        }
        for group in groups {
            let scope = format!("/subscriptions/{}/resourceGroups/{group}", step.subscription);
            let url = self.url_of(&format!("{scope}/providers/{}", step.kind.path), step.kind);
            let name = format!("{} of {group}", step.kind.name);
            leads
                .steps
                .push(Step::new(&step.subscription, name, url, step.kind));
        }
        leads
    }
}

/// True for the id of something in the subscription: what comes back is asked for with our token.
fn is_below(id: &str, subscription: &str) -> bool {
    let own = model::facts::ArmId::parse(id);
    own.is_some_and(|id| {
        id.subscription()
            .is_some_and(|held| held.eq_ignore_ascii_case(subscription))
    })
}

/// Machines of a flexible scale set are ordinary ones, and stand in the ordinary lists.
fn is_uniform(element: &Value) -> bool {
    let properties = element.get("properties");
    let mode = properties.and_then(|held| text(held, "orchestrationMode"));
    !mode.is_some_and(|mode| mode.eq_ignore_ascii_case("Flexible"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn urls(steps: &[Step]) -> Vec<&str> {
        steps.iter().map(|step| step.url.as_str()).collect()
    }

    fn root(name: &str) -> Step {
        let cloud = Cloud::of(None, None, None).unwrap();
        let mut steps = Place::new(&cloud).roots("s", None).into_iter();
        steps.find(|step| step.name == name).unwrap()
    }

    #[test]
    fn only_uniform_scale_sets_have_machines_of_their_own() {
        let cloud = Cloud::of(None, None, None).unwrap();
        let id = |name: &str| {
            format!(
                "/subscriptions/S/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/{name}"
            )
        };
        let sets = [
            json!({"id": id("old")}),
            json!({"id": id("uniform"), "properties": {"orchestrationMode": "Uniform"}}),
            json!({"id": id("flexible"), "properties": {"orchestrationMode": "Flexible"}}),
        ];
        let leads = Place::new(&cloud).after(&root("virtualMachineScaleSets"), &sets);
        assert_eq!(
            leads
                .steps
                .iter()
                .map(|step| step.name.as_str())
                .collect::<Vec<_>>(),
            [
                "virtualMachines of old",
                "virtualMachines of uniform",
                "networkInterfaces of old",
                "networkInterfaces of uniform"
            ]
        );
        assert_eq!(
            urls(&leads.steps)[2],
            format!(
                "https://management.azure.com{}/networkInterfaces?api-version=2018-10-01",
                id("old")
            )
        );
    }

    #[test]
    fn an_id_leads_nowhere_else() {
        let cloud = Cloud::of(None, None, None).unwrap();
        let watchers = [
            json!({"id": "//evil.example/subscriptions/s/x"}),
            json!({"id": "https://evil.example/"}),
            json!({"id": "/subscriptions/other/resourceGroups/g/providers/a/b/c"}),
            json!({"name": "without"}),
        ];
        let leads = Place::new(&cloud).after(&root("networkWatchers"), &watchers);
        assert!(leads.has_unknown && leads.steps.is_empty(), "{:?}", leads.steps);
    }

    #[test]
    fn gateways_are_looked_for_group_by_group() {
        let cloud = Cloud::of(None, None, None).unwrap();
        let id = |group: &str, name: &str| json!({"id": format!("/subscriptions/s/resourceGroups/{group}/providers/Microsoft.Network/connections/{name}")});
        let found = [id("Hub", "a"), id("hub", "b"), id("spoke", "c")];
        let leads = Place::new(&cloud).after(&root("groups with connections"), &found);
        assert_eq!(
            urls(&leads.steps),
            [
                "https://management.azure.com/subscriptions/s/resourceGroups/hub/providers/Microsoft.Network/connections?api-version=2024-05-01",
                "https://management.azure.com/subscriptions/s/resourceGroups/spoke/providers/Microsoft.Network/connections?api-version=2024-05-01"
            ]
        );
    }
}
