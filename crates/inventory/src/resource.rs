//! From a resource, as written, to what it is. What a resource is, its type says, or else its id.

use std::collections::{BTreeMap, BTreeSet};

use model::facts::{
    ArmId, Asset, Interface, PartList, Partial, Resource, RouteTable, SecurityGroup, VirtualNetwork,
};

use crate::gone::Gone;
use crate::node::Node;
use crate::rule::Missing;
use crate::{around, balancer, interface, listed, machine, network, rule};

/// What the elements of a document are.
#[derive(Default)]
pub(crate) struct Found {
    /// The resources that stand there by themselves, as often as they do.
    pub(crate) resources: Vec<Resource>,
    /// What belongs to resources and stands there by itself, such as a rule of a group: each as the resource with nothing else.
    pub(crate) parts: Vec<Resource>,
    /// What comes now are all elements of a list.
    pub(crate) is_list: bool,
    /// Of which lists of which resources the elements stood in a list.
    listed: BTreeMap<ArmId, BTreeSet<PartList>>,
    /// How many there were of each type.
    pub(crate) counts: BTreeMap<String, usize>,
    /// How many there were of types that say nothing about a network.
    pub(crate) others: BTreeMap<String, usize>,
    /// The resources that stand there by themselves, and not only by what belongs to them.
    pub(crate) by_itself: BTreeSet<ArmId>,
    /// What is deleted.
    pub(crate) gone: Vec<Gone>,
}

impl Found {
    /// Takes a resource and what stands inside of it.
    pub(crate) fn take(&mut self, node: &Node<'_>) {
        let Some(id) = node.get(&["id", "resourceId"]).and_then(|id| id.as_id()) else {
            node.lost("an object without an `id`: it cannot be known which resource it is of");
            return;
        };
        let named = node.text(&["type"]).filter(|named| named.contains('/'));
        let kind = named.or_else(|| id.kind()).unwrap_or_default();
        let before = self.resources.len();
        self.take_as(node, &id, &kind);
        if let Some(Resource {
            asset: Asset::Interface(held),
            ..
        }) = self.resources.get(before)
        {
            node.report.resource(Some(id.to_string()));
            interface::say_without_address(node, held);
            node.report.resource(None);
        }
    }

    /// Takes a resource whose id and type are known.
    pub(crate) fn take_as(&mut self, node: &Node<'_>, id: &ArmId, kind: &str) {
        node.report.resource(Some(id.to_string()));
        if !self.put(node, id, kind) {
            *self.others.entry(kind.to_ascii_lowercase()).or_default() += 1;
        }
        node.report.resource(None);
    }

    /// Of a group, or of a rule of one, it is not known what becomes of it: the group may have rules that nobody knows.
    pub(crate) fn open(&mut self, id: &ArmId) {
        let kind = id.kind().unwrap_or_default().to_ascii_lowercase();
        let open = match kind.as_str() {
            "microsoft.network/networksecuritygroups" => Some((id.clone(), SecurityGroup::NOT_KNOWN)),
            "microsoft.network/networksecuritygroups/securityrules" => {
                id.parent().map(|group| (group, id.name()))
            }
            _ => None,
        };
        self.parts.extend(open.map(|(id, rule)| {
            let group = SecurityGroup {
                left_out: vec![rule.to_owned()],
                ..SecurityGroup::default()
            };
            Resource::in_part(id, Asset::SecurityGroup(group))
        }));
    }

    /// How parts of a resource are to be taken: Terraform's are put to what is known, others take the place of what was known by their
    /// names.
    pub(crate) fn partial(&self, id: &ArmId, is_terraform: bool) -> Partial {
        // Where the resource stands there too, it is no list of its parts.
        let lists = self.listed.get(id).filter(|_| !self.by_itself.contains(id));
        let lists = lists.into_iter().flatten();
        Partial {
            id: id.clone(),
            lists: lists.copied().collect(),
            adds: is_terraform,
        }
    }

    /// The resources of which nothing but parts stand there.
    pub(crate) fn partials(&self, is_terraform: bool) -> Vec<Partial> {
        let ids = self.parts.iter().map(|part| &part.id);
        let ids: BTreeSet<&ArmId> = ids.filter(|id| !self.by_itself.contains(id)).collect();
        ids.into_iter().map(|id| self.partial(id, is_terraform)).collect()
    }

    /// What was read is not all of it.
    pub(crate) fn lose_lists(&mut self) {
        self.listed.clear();
    }

    /// False for types that say nothing about a network.
    fn put(&mut self, node: &Node<'_>, id: &ArmId, kind: &str) -> bool {
        let kind = kind.to_ascii_lowercase();
        if let Some(read) = part(&kind) {
            self.add_to_parent(node, id, &kind, read(node));
            return true;
        }
        let Some(asset) = whole(&kind).map(|read| read(node)) else {
            return false;
        };
        if matches!(asset, Asset::VirtualNetwork(_)) {
            for (subnet_id, subnet) in network::subnets(node, id) {
                let held = Asset::Subnet(network::inline_subnet(&subnet, &subnet_id));
                self.add(
                    &subnet,
                    subnet_id,
                    "microsoft.network/virtualnetworks/subnets",
                    held,
                );
            }
        }
        self.add(node, id.clone(), &kind, asset);
        true
    }

    /// A part that belongs to a resource without being one by itself.
    fn add_to_parent(&mut self, node: &Node<'_>, id: &ArmId, kind: &str, asset: Asset) {
        let Some(parent) = id.parent() else {
            node.problem("its id does not say what it is a part of");
            return;
        };
        *self.counts.entry(kind.to_owned()).or_default() += 1;
        if self.is_list {
            self.listed
                .entry(parent.clone())
                .or_default()
                .extend(list_of(kind));
            // Rules that are active or hold somewhere say of their collection what it is for.
            if node
                .get(&["ruleCollectionAppliesToGroups", "ruleGroups"])
                .is_some()
            {
                self.by_itself.insert(parent.clone());
            }
        }
        self.parts.push(Resource::in_part(parent, asset));
    }

    fn add(&mut self, node: &Node<'_>, id: ArmId, kind: &str, asset: Asset) {
        *self.counts.entry(kind.to_owned()).or_default() += 1;
        self.by_itself.insert(id.clone());
        self.resources.push(Resource {
            id,
            location: node.text(&["location"]).map(|location| region(&location)),
            guid: node.text(&["resourceGuid", "guid"]),
            tags: tags(node),
            asset,
        });
    }
}

/// What a resource is made of.
type Reader = fn(&Node<'_>) -> Asset;

/// True for a type that says something about a network.
pub(crate) fn is_used(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    whole(&kind).or_else(|| part(&kind)).is_some()
}

/// A resource of its own.
fn whole(kind: &str) -> Option<Reader> {
    Some(match kind {
        "microsoft.network/networkinterfaces"
        | "microsoft.compute/virtualmachinescalesets/virtualmachines/networkinterfaces" => {
            |node| Asset::Interface(interface::interface(node))
        }
        "microsoft.compute/virtualmachines" | "microsoft.compute/virtualmachinescalesets/virtualmachines" => {
            |node| Asset::Machine(machine::machine(node))
        }
        "microsoft.network/virtualnetworks" => |node| Asset::VirtualNetwork(network::network(node)),
        "microsoft.network/virtualnetworks/subnets" => |node| Asset::Subnet(network::subnet(node)),
        "microsoft.network/networksecuritygroups" => |node| Asset::SecurityGroup(rule::group(node)),
        "microsoft.network/applicationsecuritygroups" => |_| Asset::ApplicationGroup,
        "microsoft.network/routetables" => |node| Asset::RouteTable(around::route_table(node)),
        "microsoft.network/publicipaddresses" | "microsoft.network/publicipprefixes" => {
            |node| Asset::PublicAddress(around::public_address(node))
        }
        "microsoft.network/loadbalancers" | "microsoft.network/applicationgateways" => {
            |node| Asset::LoadBalancer(balancer::load_balancer(node))
        }
        "microsoft.network/natgateways" => |node| Asset::NatGateway(around::nat_gateway(node)),
        "microsoft.network/privateendpoints" => |node| Asset::PrivateEndpoint(around::private_endpoint(node)),
        "microsoft.network/networkwatchers/flowlogs" => |node| Asset::FlowLog(around::flow_log(node)),
        "microsoft.network/virtualnetworkgateways" => |node| Asset::Gateway(around::gateway(node)),
        "microsoft.network/localnetworkgateways" => |node| Asset::LocalGateway(around::local_gateway(node)),
        "microsoft.network/connections" => |node| Asset::Connection(around::connection(node)),
        "microsoft.network/networkmanagers/securityadminconfigurations" => |_| Asset::AdminConfiguration,
        "microsoft.network/networkmanagers/securityadminconfigurations/rulecollections" => {
            |node| Asset::AdminRules(rule::collection(node))
        }
        _ => return None,
    })
}

/// A resource that is a part of another: what it adds to that.
fn part(kind: &str) -> Option<Reader> {
    Some(match kind {
        "microsoft.network/networkinterfaces/ipconfigurations"
        | "microsoft.compute/virtualmachinescalesets/virtualmachines/networkinterfaces/ipconfigurations" => {
            |node| {
                Asset::Interface(Interface {
                    configurations: vec![interface::configuration(node)],
                    ..Interface::default()
                })
            }
        }
        "microsoft.network/virtualnetworks/virtualnetworkpeerings" => peered,
        "microsoft.network/networksecuritygroups/securityrules" => |node| ruled(node, false),
        "microsoft.network/networksecuritygroups/defaultsecurityrules" => |node| ruled(node, true),
        "microsoft.network/routetables/routes" => routed,
        "microsoft.network/networkmanagers/securityadminconfigurations/rulecollections/rules" => admin_ruled,
        _ => return balancer::part(kind),
    })
}

/// The list of its resource that a part stands in.
fn list_of(kind: &str) -> Option<PartList> {
    let (_, last) = kind.rsplit_once('/')?;
    Some(match last {
        "securityrules" | "rules" => PartList::Rules,
        "defaultsecurityrules" => PartList::DefaultRules,
        "routes" => PartList::Routes,
        "virtualnetworkpeerings" => PartList::Peerings,
        "ipconfigurations" => PartList::Configurations,
        "frontendipconfigurations" => PartList::Frontends,
        "backendaddresspools" => PartList::Pools,
        "loadbalancingrules" => PartList::BalancingRules,
        "inboundnatrules" => PartList::NatRules,
        "inboundnatpools" => PartList::NatPools,
        "outboundrules" => PartList::OutboundRules,
        _ => return None,
    })
}

/// A network with one peering.
pub(crate) fn peered(node: &Node<'_>) -> Asset {
    Asset::VirtualNetwork(VirtualNetwork {
        peerings: vec![network::peering(node)],
        ..VirtualNetwork::default()
    })
}

/// A group with one rule.
pub(crate) fn ruled(node: &Node<'_>, is_default: bool) -> Asset {
    let mut group = SecurityGroup::default();
    let held = rule::rule(node, is_default);
    let held = match is_default {
        true => held.and_then(|held| listed::as_azure_has_it(node, held)),
        false => held.filter(|held| listed::has_place(node, held)),
    };
    rule::put(node, held, &mut group.rules, &mut group.left_out);
    Asset::SecurityGroup(group)
}

/// A table with one route.
pub(crate) fn routed(node: &Node<'_>) -> Asset {
    Asset::RouteTable(RouteTable {
        routes: around::route(node).into_iter().collect(),
        ..RouteTable::default()
    })
}

/// Security admin rules, one of them, with the network groups that its collection is for where they stand beside it.
pub(crate) fn admin_ruled(node: &Node<'_>) -> Asset {
    let mut held = rule::collection(node);
    let rule = rule::named_rule(node, false, Missing::IsAny);
    rule::put(node, rule, &mut held.rules, &mut held.left_out);
    Asset::AdminRules(held)
}

/// `West Europe` and `westeurope` are one.
fn region(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_whitespace())
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}

fn tags(node: &Node<'_>) -> BTreeMap<String, String> {
    let held = node.get(&["tags", "tag"]);
    let members = held.as_ref().and_then(|held| held.value.as_object());
    let members = members.into_iter().flatten();
    members
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect()
}
