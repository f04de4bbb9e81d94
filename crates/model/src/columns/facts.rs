//! The columns of `Assets` and `NsgRules`: what is known beside the logs, and when it was so.

use super::{ColumnDef, Kind, Repr, TableDef, ValueType};

const FROM: &str = "Since when it is known to be so, UTC. Null for what the first load of its type and subscription said, which holds before it too.";
const TO: &str = "Until when, UTC; null while it is so.";

/// One row per resource and time in which it was as it was.
pub static ASSETS: TableDef = TableDef {
    name: "Assets",
    row: "one resource, for as long as it was as it was; made of the facts beside the table",
    partition: "",
    columns: &[
        moment("ValidFrom", FROM),
        moment("ValidTo", TO),
        text("ResourceId", "ARM id, in lower case."),
        text(
            "AzureResourceType",
            "What it is, as Traffic Analytics names it: `NetworkInterface`, `VirtualSubnetwork` and so on.",
        ),
        text("Name", "`group/name`; of a subnet `group/network/subnet`."),
        text("Subscription", "Subscription."),
        text("Region", "Region."),
        text("MacAddress", "Of an interface, as in `Flows`."),
        text(
            "PrivateIpAddresses",
            "Private addresses, with blanks between them.",
        ),
        text(
            "PublicIpAddresses",
            "Public addresses, with blanks between them; those of an interface as they are known last.",
        ),
        text("VirtualMachine", "Machine of an interface: `group/machine`."),
        text("VmssName", "Scale set of a machine: `group/set`."),
        text("Subnetwork", "Subnet: `group/network/subnet`."),
        text(
            "Nsg",
            "Network security group of an interface or a subnet: `group/nsg`.",
        ),
        text("RouteTable", "Route table of a subnet: `group/table`."),
        text(
            "AddressPrefixes",
            "Addresses of a network or a subnet, with blanks between them.",
        ),
        text(
            "PowerState",
            "Of a machine, where the export says it: `Running`, `Deallocated` and so on.",
        ),
        text("Tags", "What its owners wrote about it, as JSON."),
        text("Details", "All that is known of it, as JSON."),
    ],
};

/// One row per rule and time in which its group was as it was.
pub static NSG_RULES: TableDef = TableDef {
    name: "NsgRules",
    row: "one rule of a network security group or of a network manager, for as long as its group was as it was; made of the facts beside the table",
    partition: "",
    columns: &[
        moment("ValidFrom", FROM),
        moment("ValidTo", TO),
        text(
            "AclGroup",
            "The group's ARM id, in lower case, as in `Flows`; of security admin rules the GUID of their configuration, or its id.",
        ),
        text("Nsg", "The group: `group/nsg`."),
        text("Rule", "The rule's name, as written."),
        text("AclRule", "The rule's name in lower case, as in `Flows`."),
        text("AclRuleKind", "`UserRule`, `DefaultRule` or `SecurityAdminRule`."),
        ColumnDef {
            value_type: ValueType::Int,
            nullable: true,
            ..text(
                "Priority",
                "Rules are asked from the lowest number on. Null where the rule is not known.",
            )
        },
        text("Direction", "`Inbound` or `Outbound`, seen from the interface."),
        text("Access", "`Allow`, `Deny` or `AlwaysAllow`."),
        text("Protocol", "`*`, `Tcp`, `Udp` and so on."),
        text(
            "SourceAddresses",
            "Addresses, service tags and groups, with blanks between them; `*` is any.",
        ),
        text("SourcePorts", "Ports, with commas between them; `*` is any."),
        text(
            "DestinationAddresses",
            "Addresses, service tags and groups, with blanks between them; `*` is any.",
        ),
        text("DestinationPorts", "Ports, with commas between them; `*` is any."),
        text("Description", "What somebody wrote about it."),
        text(
            "RuleStatus",
            "`Known`; or `NotKnown` where an export or a template leaves open what the rule does: of it only its name and group are said.",
        ),
    ],
};

const fn text(name: &'static str, meaning: &'static str) -> ColumnDef {
    ColumnDef {
        name,
        value_type: ValueType::Text,
        repr: Repr::Plain,
        kind: Kind::Computed,
        nullable: false,
        unit: "",
        meaning,
        vnet: "facts",
        nsg: "facts",
        kql_aliases: &[],
    }
}

const fn moment(name: &'static str, meaning: &'static str) -> ColumnDef {
    ColumnDef {
        value_type: ValueType::Instant,
        nullable: true,
        ..text(name, meaning)
    }
}
