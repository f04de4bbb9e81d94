//! Small random estates and what their rules decide of a flow: the independent twin of the rule evaluator.
//!
//! Slow and obvious on purpose. It follows FORMATS.md 5.4 and 5.5 by the plainest walk, and knows only what
//! [`Case::exports`] prints. It must not import the evaluator nor the reader of exports: a test puts the exports through
//! both and compares, for ever.
//!
//! # Readings
//!
//! Whether a part of a rule matches is yes, no or unknown. A rule whose parts are all yes matches; one with a part that
//! is no does not; any other may match, and then both outcomes are followed to their ends. One decision at all ends is the
//! decision, else it is `Unknown`; `decided_by` is there only if all ends name the same rule. Where the text leaves room:
//!
//! 1. Unknowns are not carried from rule to rule, nor from one value of a list to another: `VirtualNetwork` may match in
//!    one rule and not in the next, and `VirtualNetwork` beside `Internet` may match neither.
//! 2. 168.63.129.16 and 169.254.169.254, as source or as destination, in either direction, are matched by `AzurePlatformDNS`,
//!    `AzurePlatformIMDS` and `AzurePlatformLKM` only: no `*`, prefix, other tag or group, in groups and in security admin rules
//!    alike. So `AzureLoadBalancer` decides nothing. If no rule of a group matches, it is `NotGoverned`. Through these tags traffic
//!    may also be allowed: then that rule decides, and a level where none matches lets it pass.
//! 3. `AzurePlatformIMDS` is 169.254.169.254. `AzurePlatformDNS` is 168.63.129.16 at port 53 of that side; at another port it is
//!    unknown. `AzurePlatformLKM` is unknown at port 1688 of that side, whatever the address, else no.
//! 4. No group at a level lets pass and decides nothing: without any rule met it is `Allowed` by nobody. `Allowed` is decided
//!    by the rule of the last group passed; a security admin rule with `Allow` decides nothing, even if no group follows.
//! 5. A group without default rules in the export has those of FORMATS.md 5.2, under its own id. They count as missing only
//!    if there is none of a direction.
//! 6. A group that is not in the export may allow and may deny, and by an unknown rule; of platform traffic it may also say
//!    nothing. A subnet that is not in the export may have a group or none.
//! 7. `VirtualNetwork` is seen from the subnet of the reporter's own address (of its first one, if the flow's is not its own):
//!    its network's space; the space of peers whose peering on this side is `Connected` and whose access is not switched off;
//!    every prefix of the routes of that subnet's table, whatever the next hop, the default route included, other subnets' tables
//!    not; prefixes behind local network gateways that a connection binds to a gateway in reach. In reach are gateways of the network, and
//!    those of a peer whose gateway is used (`useRemoteGateways`). With a gateway in reach any other private address is unknown; a public
//!    one is not of it. A used gateway that is not in the export is a gateway. Private is 10/8, 172.16/12, 192.168/16, 100.64/10, fc00::/7.
//! 8. A peer's space is that of the network in the export, else the one that the peering states. If neither is known, or the network or the
//!    route table of the reporter is not in the export, an address that is not known to belong is unknown.
//! 9. `Internet` is whatever is not `VirtualNetwork`: private addresses too; unknown where that is unknown.
//! 10. A tag that the file does not have, or without a file, is unknown for every address. Tags are compared whatever their case; a
//!     region's tag is not made of the global one.
//! 11. A v4 prefix holds no v6 address: `0.0.0.0/0` is not `*`. Both hold for routes too.
//! 12. Membership in an application security group is by IP configuration, seen from the reporter's network: its own interfaces first, then
//!     those of connected peers. An address of a known interface is a member or not. An address of none of them may be a member if it is, or
//!     may be, in the space of the network or of such a peer; else it is none.
//! 13. A side of a group's rule of which nothing is said, or of whose ports nothing is said, is open: Azure has no such rule, so what was
//!     said got lost. In security admin rules no addresses are all addresses. Lists and groups of one side are alternatives.
//! 14. Protocols other than TCP and UDP have no ports: a list of ports with a full range matches, any other is unknown. `Icmp` is 1, and
//!     unknown for 58; `Esp` is 50, `Ah` is 51.
//! 15. Security admin rules hold for networks and subscriptions that their collection names as members. If it names network groups, or
//!     nothing at all, it is unknown for all other networks. A network group as an address is unknown for every address. All collections are one
//!     list by priority.
//! 16. Of rules of one priority any may come first.
//! 17. Rules are judged the same for an address that is not the interface's own, as a router forwards it.
//!
//! 18. Effective rules of an interface take the place of the group at the level that they are of, whatever the export of the group says. What
//!     they list for a side's tags takes the place of these, in the families of which something is listed. What they list for
//!     `VirtualNetwork` alone is `VirtualNetwork` at that interface, in those families, whatever networks, peerings, routes and gateways say.
//! 19. A connection joins both its gateways, in whichever of the two it stands: the space of the network of the one is behind the other.
//!     The addresses of a gateway's point-to-site clients are behind it. More than the network's own space, such as that of its peers, is
//!     not known to be.
//! 20. For the interface of a private endpoint rules hold if its subnet's policies are `Enabled` or `NetworkSecurityGroupEnabled`; else it is
//!     `NotGoverned`, and unknown where its subnet does not say it. For other interfaces these policies mean nothing.
//!
//! Not in the cases: effective routes, networks with intent policies.

mod draw;
mod draw_more;
mod draw_rules;
mod estate;
mod flows;
mod known;
mod matching;
mod print;
mod print_rules;
mod spelling;
mod walk;

#[cfg(test)]
mod tests;

use std::net::IpAddr;

use crate::rules::Direction;
use estate::Estate;

/// A small random estate.
#[derive(Clone, Debug)]
pub struct Case {
    seed: u64,
    estate: Estate,
}

/// A flow that an interface reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFlow {
    /// The ARM id of the interface.
    pub interface: String,
    /// Seen from the interface.
    pub direction: Direction,
    /// IANA number.
    pub protocol: u8,
    /// Who opened it.
    pub source: IpAddr,
    /// Its port; 0 for protocols without ports.
    pub source_port: u16,
    /// Who was called.
    pub destination: IpAddr,
    /// The port that was called.
    pub destination_port: u16,
}

/// What becomes of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decision {
    /// It passes.
    Allowed,
    /// A rule turns it away.
    Denied,
    /// Traffic of the platform, to which no rule applies.
    NotGoverned,
    /// The exports do not say enough.
    Unknown,
}

/// What becomes of a flow, and because of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The decision.
    pub decision: Decision,
    /// The ARM id of the group or of the rule collection, and the name of the rule; only if one rule decides in every case.
    pub decided_by: Option<(String, String)>,
}

impl Case {
    /// The estate of a seed.
    #[must_use]
    pub fn random(seed: u64) -> Self {
        Self {
            seed,
            estate: draw::estate(seed),
        }
    }

    /// What Azure's tools would print about it: names of files and their texts.
    #[must_use]
    pub fn exports(&self) -> Vec<(String, String)> {
        print::exports(self.seed, &self.estate)
    }

    /// So many flows of its interfaces, the same ones each time.
    #[must_use]
    pub fn flows(&self, count: usize) -> Vec<CaseFlow> {
        flows::flows(self.seed, &self.estate, count)
    }

    /// What becomes of a flow, as far as the exports say it.
    #[must_use]
    pub fn judge(&self, flow: &CaseFlow) -> Judgement {
        walk::judge(&self.estate, flow)
    }

    /// The groups that the exports have, by ARM id, with the number of their rules there.
    #[must_use]
    pub fn groups(&self) -> Vec<(&str, usize)> {
        let groups = self.estate.groups.iter();
        groups
            .map(|group| (group.id.as_str(), group.rules.len()))
            .collect()
    }

    /// How many security admin rules the exports have.
    #[must_use]
    pub fn admin_rules(&self) -> usize {
        let collections = self.estate.collections.iter();
        collections.map(|collection| collection.rules.len()).sum()
    }
}
