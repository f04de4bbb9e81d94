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

/// Says which properties of a rule are none.
pub(crate) fn say_unknown(node: &Node<'_>, rule: &str) {
    let inside = node.member("properties").map(|inside| inside.members());
    for (name, held) in node.members().into_iter().chain(inside.into_iter().flatten()) {
        let plain: String = name.chars().filter(|letter| *letter != '_').collect();
        let plain = plain.to_ascii_lowercase();
        // PowerShell repeats what it says as text; names with signs are notes of tools.
        let is_note =
            plain.ends_with("text") || !plain.starts_with(|first: char| first.is_ascii_alphabetic());
        if !is_note && !KNOWN.contains(&plain.as_str()) && !COLUMNS.contains(&plain.as_str()) {
            held.problem(&format!(
                "`{name}` is no property of a rule that is known: what rule `{rule}` is to do may be another thing"
            ));
        }
    }
}
