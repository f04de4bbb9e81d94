//! What would be asked, without asking: names stand in braces where only an answer tells them.

use crate::cloud::Cloud;
use crate::pull::Wanted;
use crate::pull::kinds::{At, BY_GROUP, Kind, RESOURCES_VERSION, ROOTS, SUBSCRIPTIONS_VERSION, TAGS};

/// The requests, in their order.
#[must_use]
pub fn plan(cloud: &Cloud, wanted: &Wanted) -> Vec<String> {
    let endpoint = cloud.audience();
    let mut requests = Vec::new();
    let mut subscriptions = wanted.subscriptions.clone();
    if subscriptions.is_empty() {
        requests.push(format!(
            "{endpoint}/subscriptions?api-version={SUBSCRIPTIONS_VERSION}"
        ));
        subscriptions.push("{subscription}".to_owned());
    } else {
        requests.extend(
            subscriptions
                .iter()
                .map(|id| format!("{endpoint}/subscriptions/{id}?api-version={SUBSCRIPTIONS_VERSION}")),
        );
    }
    for id in &subscriptions {
        let whole = format!("{endpoint}/subscriptions/{id}");
        let group = |name: &str| format!("{whole}/resourceGroups/{name}");
        let scope = wanted.group.as_deref().map_or_else(|| whole.clone(), group);
        for kind in &ROOTS {
            let path = format!("{scope}/providers/{}", kind.path);
            put(&mut requests, &whole, &path, kind);
        }
        for kind in &BY_GROUP {
            let named = wanted.group.as_deref().unwrap_or("{group}");
            if wanted.group.is_none() {
                requests.push(format!(
                    "{whole}/resources?api-version={RESOURCES_VERSION}&$filter=resourceType eq '{}'",
                    kind.path
                ));
            }
            let path = format!("{}/providers/{}", group(named), kind.path);
            put(&mut requests, &whole, &path, kind);
        }
    }
    let first = subscriptions.first().map_or("{subscription}", String::as_str);
    requests.push(format!(
        "{endpoint}/subscriptions/{first}/providers/Microsoft.Network/locations/{{region}}/serviceTags?api-version={}",
        TAGS.version
    ));
    requests
}

fn put(requests: &mut Vec<String>, whole: &str, path: &str, kind: &Kind) {
    let query = kind.query.map(|(name, value)| format!("&{name}={value}"));
    requests.push(format!(
        "{path}?api-version={}{}",
        kind.version,
        query.unwrap_or_default()
    ));
    for part in kind.parts {
        let inside = match part.at {
            At::Same => format!("{whole}/providers/{}", part.path),
            _ => format!("{path}/{{name}}/{}", part.path),
        };
        put(requests, whole, &inside, part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_asked() {
        let cloud = Cloud::of(Some("AzureUSGovernment"), None, None).unwrap();
        let requests = plan(&cloud, &Wanted::default());
        assert!(
            requests
                .iter()
                .all(|request| request.starts_with("https://management.usgovcloudapi.net/subscriptions"))
        );
        assert_eq!(requests.len(), 1 + 15 + 7 + 2 * 3 + 1);
        let wanted = Wanted {
            subscriptions: vec!["a".to_owned(), "b".to_owned()],
            group: Some("g".to_owned()),
        };
        let requests = plan(&cloud, &wanted);
        assert!(!requests.iter().any(|request| request.contains("/resources?")));
        let groups = requests
            .iter()
            .filter(|request| request.contains("/a/resourceGroups/g/providers/"));
        assert_eq!(groups.count(), 15 + 6 + 3);
    }
}
