//! What is listed, where, and what each list speaks of: a table.
//!
//! Paths and versions: <https://learn.microsoft.com/rest/api/azure/>. Versions are those that the public and the sovereign
//! clouds have.

/// Of `Microsoft.Network`.
const NETWORK: &str = "2024-05-01";
/// Of `Microsoft.Compute`.
const COMPUTE: &str = "2024-07-01";
/// Interfaces and addresses of scale sets are served by `Microsoft.Network` under the other's name, and only in this version.
const NETWORK_OF_SETS: &str = "2018-10-01";
/// Of `Microsoft.Resources`.
pub(super) const RESOURCES_VERSION: &str = "2021-04-01";
/// Of subscriptions.
pub(super) const SUBSCRIPTIONS_VERSION: &str = "2022-12-01";

/// Where a list stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// In the subscription, or in one resource group.
    Own,
    /// In each element of the list before.
    Each,
    /// In each element of the list before that is a scale set whose machines are no resources of their own.
    EachUniform,
    /// In the subscription once, if the list before has elements, and only about those.
    Same,
}

/// A list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    /// What is listed.
    pub(super) name: &'static str,
    pub(super) at: At,
    /// Behind `providers/`, or behind an element's id.
    pub(super) path: &'static str,
    pub(super) version: &'static str,
    pub(super) query: Option<(&'static str, &'static str)>,
    /// The types that it is complete for, as ids have them.
    pub(super) speaks: &'static [&'static str],
    /// False where it only leads to other lists.
    pub(super) is_kept: bool,
    /// The lists that it leads to.
    pub(super) parts: &'static [Kind],
}

impl Kind {
    /// The types that it and all that it leads to are complete for.
    pub(super) fn spoken(&self) -> Vec<&'static str> {
        let own = self.speaks.iter().copied();
        own.chain(self.parts.iter().flat_map(Self::spoken)).collect()
    }
}

const fn own(name: &'static str, path: &'static str, speaks: &'static [&'static str]) -> Kind {
    Kind {
        name,
        at: At::Own,
        path,
        version: NETWORK,
        query: None,
        speaks,
        is_kept: true,
        parts: &[],
    }
}

const fn part(path: &'static str, speaks: &'static [&'static str]) -> Kind {
    Kind {
        at: At::Each,
        ..own(path, path, speaks)
    }
}

const fn leading(kind: Kind, parts: &'static [Kind]) -> Kind {
    Kind {
        is_kept: false,
        parts,
        ..kind
    }
}

/// The plain list of machines does not say whether they run, and the list that does says nothing else.
const POWER: Kind = Kind {
    at: At::Same,
    version: COMPUTE,
    query: Some(("statusOnly", "true")),
    ..own("power states", "Microsoft.Compute/virtualMachines", &[])
};

const OF_SETS: [Kind; 2] = [
    Kind {
        at: At::EachUniform,
        version: COMPUTE,
        query: Some(("$expand", "instanceView")),
        ..part(
            "virtualMachines",
            &["Microsoft.Compute/virtualMachineScaleSets/virtualMachines"],
        )
    },
    Kind {
        at: At::EachUniform,
        version: NETWORK_OF_SETS,
        ..part(
            "networkInterfaces",
            &["Microsoft.Compute/virtualMachineScaleSets/virtualMachines/networkInterfaces"],
        )
    },
];

const CONFIGURATIONS: Kind = leading(
    part("securityAdminConfigurations", &[]),
    &[leading(
        part("ruleCollections", &[]),
        &[part(
            "rules",
            &["Microsoft.Network/networkManagers/securityAdminConfigurations/ruleCollections"],
        )],
    )],
);

/// The lists to begin with.
pub(super) static ROOTS: [Kind; 15] = [
    own(
        "networkInterfaces",
        "Microsoft.Network/networkInterfaces",
        &["Microsoft.Network/networkInterfaces"],
    ),
    own(
        "virtualNetworks",
        "Microsoft.Network/virtualNetworks",
        &[
            "Microsoft.Network/virtualNetworks",
            "Microsoft.Network/virtualNetworks/subnets",
        ],
    ),
    own(
        "networkSecurityGroups",
        "Microsoft.Network/networkSecurityGroups",
        &["Microsoft.Network/networkSecurityGroups"],
    ),
    own(
        "applicationSecurityGroups",
        "Microsoft.Network/applicationSecurityGroups",
        &["Microsoft.Network/applicationSecurityGroups"],
    ),
    own(
        "routeTables",
        "Microsoft.Network/routeTables",
        &["Microsoft.Network/routeTables"],
    ),
    own(
        "publicIPAddresses",
        "Microsoft.Network/publicIPAddresses",
        &["Microsoft.Network/publicIPAddresses"],
    ),
    own(
        "publicIPPrefixes",
        "Microsoft.Network/publicIPPrefixes",
        &["Microsoft.Network/publicIPPrefixes"],
    ),
    own(
        "loadBalancers",
        "Microsoft.Network/loadBalancers",
        &["Microsoft.Network/loadBalancers"],
    ),
    own(
        "applicationGateways",
        "Microsoft.Network/applicationGateways",
        &["Microsoft.Network/applicationGateways"],
    ),
    own(
        "natGateways",
        "Microsoft.Network/natGateways",
        &["Microsoft.Network/natGateways"],
    ),
    own(
        "privateEndpoints",
        "Microsoft.Network/privateEndpoints",
        &["Microsoft.Network/privateEndpoints"],
    ),
    leading(
        own("networkWatchers", "Microsoft.Network/networkWatchers", &[]),
        &[part("flowLogs", &["Microsoft.Network/networkWatchers/flowLogs"])],
    ),
    leading(
        own("networkManagers", "Microsoft.Network/networkManagers", &[]),
        &[CONFIGURATIONS],
    ),
    Kind {
        version: COMPUTE,
        parts: &[POWER],
        ..own(
            "virtualMachines",
            "Microsoft.Compute/virtualMachines",
            &["Microsoft.Compute/virtualMachines"],
        )
    },
    leading(
        Kind {
            version: COMPUTE,
            ..own(
                "virtualMachineScaleSets",
                "Microsoft.Compute/virtualMachineScaleSets",
                &[],
            )
        },
        &OF_SETS,
    ),
];

/// Tags stand by themselves: their path names a region.
pub(super) static TAGS: Kind = Kind {
    version: NETWORK,
    ..own("serviceTags", "", &[])
};

/// Lists that stand only in resource groups: which groups have any is asked first.
pub(super) static BY_GROUP: [Kind; 3] = [
    own(
        "virtualNetworkGateways",
        "Microsoft.Network/virtualNetworkGateways",
        &["Microsoft.Network/virtualNetworkGateways"],
    ),
    own(
        "localNetworkGateways",
        "Microsoft.Network/localNetworkGateways",
        &["Microsoft.Network/localNetworkGateways"],
    ),
    own(
        "connections",
        "Microsoft.Network/connections",
        &["Microsoft.Network/connections"],
    ),
];
