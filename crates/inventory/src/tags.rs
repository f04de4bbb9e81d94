//! Service tags: the file of each week, and what the API and the command line say.

use model::facts::{ServiceTag, TagSet};

use crate::node::Node;

/// True for a list of service tags.
pub(crate) fn is_tags(node: &Node<'_>) -> bool {
    let has_number = node.get(&["changeNumber"]).is_some();
    has_number
        && node
            .get(&["values"])
            .is_some_and(|values| values.value.is_array())
}

pub(crate) fn tags(node: &Node<'_>) -> TagSet {
    let mut tags = Vec::new();
    for written in node.all(&["values"]) {
        let Some(name) = written.text(&["name", "id"]) else {
            written.problem("a service tag without a name");
            continue;
        };
        node.report.resource(Some(name.clone()));
        tags.push(ServiceTag {
            region: written
                .text(&["region"])
                .map(|region| region.to_ascii_lowercase()),
            service: written.text(&["systemService"]),
            prefixes: written.prefixes(&["addressPrefixes"]),
            name,
        });
        node.report.resource(None);
    }
    TagSet {
        cloud: node.text(&["cloud"]),
        change_number: node
            .number(&["changeNumber"])
            .and_then(|number| u64::try_from(number).ok()),
        tags,
    }
}
