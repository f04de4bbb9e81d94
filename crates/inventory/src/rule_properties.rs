//! The properties that a rule has in one dialect or another. One that none of them has is told: mistyped, it would leave the rule
//! another one than was meant.

use crate::node::Node;

/// Without underscores, in lower case.
const KNOWN: [&str; 57] = [
    // What a rule is.
    "name",
    "displayname",
    "priority",
    "direction",
    "access",
    "action",
    "protocol",
    "description",
    "source",
    "sources",
    "destination",
    "destinations",
    "sourceaddressprefix",
    "sourceaddressprefixes",
    "sourceportrange",
    "sourceportranges",
    "destinationaddressprefix",
    "destinationaddressprefixes",
    "destinationportrange",
    "destinationportranges",
    "sourceapplicationsecuritygroups",
    "sourceapplicationsecuritygroupids",
    "destinationapplicationsecuritygroups",
    "destinationapplicationsecuritygroupids",
    "expandedsourceaddressprefix",
    "expandeddestinationaddressprefix",
    // Where it is.
    "id",
    "type",
    "kind",
    "etag",
    "resourcegroup",
    "resourcegroupname",
    "networksecuritygroupname",
    "adminrulecollectionid",
    "location",
    "properties",
    "resourceguid",
    "systemdata",
    "provisioningstate",
    // What holds it, and for whom.
    "rulecollectionappliestogroups",
    "appliestogroups",
    "rulegroups",
    "rulecollectiondescription",
    "rulecollectiondisplayname",
    "configurationdescription",
    "configurationdisplayname",
    "region",
    "committime",
    "flag",
    "flags",
    // What templates and Terraform add.
    "apiversion",
    "dependson",
    "condition",
    "comments",
    "copy",
    "scope",
    "timeouts",
];

/// Columns that Resource Graph gives to everything.
const COLUMNS: [&str; 9] = [
    "subscriptionid",
    "tenantid",
    "managedby",
    "sku",
    "plan",
    "identity",
    "zones",
    "extendedlocation",
    "tags",
];

/// Says which properties of a rule are none; gives their names.
pub(crate) fn say_unknown(node: &Node<'_>, rule: &str) -> Vec<String> {
    let mut unknown: Vec<String> = Vec::new();
    let inside = node.member("properties").map(|inside| inside.members());
    for (name, held) in node.members().into_iter().chain(inside.into_iter().flatten()) {
        let plain = plain(name);
        // PowerShell repeats what it says as text; names with signs are notes of tools.
        let is_note =
            plain.ends_with("text") || !plain.starts_with(|first: char| first.is_ascii_alphabetic());
        if !is_note && !KNOWN.contains(&plain.as_str()) && !COLUMNS.contains(&plain.as_str()) {
            held.problem(&format!(
                "`{name}` is no property of a rule that is known: what rule `{rule}` is to do may be another thing"
            ));
            if !unknown.iter().any(|known| known == name) {
                unknown.push(name.to_owned());
            }
        }
    }
    unknown
}

/// Without underscores, in lower case.
fn plain(name: &str) -> String {
    let plain: String = name.chars().filter(|letter| *letter != '_').collect();
    plain.to_ascii_lowercase()
}

/// What says where a rule stands in its list, and about which flows it is at all.
const PLACES: [&str; 3] = ["priority", "direction", "protocol"];

/// True for a property that may be one of these, mistyped: of such a rule nothing but its name is known.
pub(crate) fn may_be_its_place(property: &str) -> bool {
    let plain = plain(property);
    PLACES.iter().any(|place| differ_little(&plain, place))
}

/// True if one becomes the other by at most two letters that are changed, left out or put in.
fn differ_little(left: &str, right: &str) -> bool {
    const MOST: usize = 2;
    if left.len().abs_diff(right.len()) > MOST {
        return false;
    }
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, letter) in left.chars().enumerate() {
        let mut next = vec![at + 1];
        for (other, above) in right.iter().zip(row.windows(2)) {
            let [corner, over] = above else { continue };
            let before = next.last().copied().unwrap_or_default();
            let changed = corner + usize::from(*other != letter);
            next.push(changed.min(before + 1).min(over + 1));
        }
        row = next;
    }
    row.last().is_some_and(|distance| *distance <= MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_mistyped_is_known_by_few_letters() {
        for (name, expected) in [
            ("priorty", true),
            ("Direktion", true),
            ("proto_cols", true),
            ("acces", false),
            ("sourceAddressPrefx", false),
            ("position", false),
        ] {
            assert_eq!(may_be_its_place(name), expected, "{name}");
        }
    }
}
