//! Load balancers and application gateways: where they answer, by which rules they send on, and to which machines.

use model::facts::{
    ArmId, Asset, BackendPool, BalancedProtocol, BalancingRule, Frontend, LoadBalancer, OutboundRule,
    PortRange,
};

use crate::node::Node;
use crate::terraform::Meant;

pub(crate) fn load_balancer(node: &Node<'_>) -> LoadBalancer {
    let frontends = node.all(&["frontendIPConfigurations", "frontendIPConfiguration"]);
    let mut held = LoadBalancer {
        frontends: frontends.iter().map(frontend).collect(),
        ..LoadBalancer::default()
    };
    for written in node.all(&["backendAddressPools"]) {
        let pool = backend_pool(&written);
        held.backends.extend(pool.configurations.iter().cloned());
        held.backend_addresses.extend(pool.addresses.iter().copied());
        held.backend_pools.extend((!pool.name.is_empty()).then_some(pool));
    }
    let is_listed = node.is_listed("loadBalancingRules") && node.is_listed("inboundNatRules");
    let lists = ["loadBalancingRules", "inboundNatRules", "inboundNatPools"];
    let [balancing, nat, pools] = lists.map(|name| {
        let rules = node.all(&[name]);
        rules.iter().map(|rule| balancing_rule(rule, None)).collect()
    });
    held.load_balancing_rules = balancing;
    held.inbound_nat_rules = nat;
    held.inbound_nat_pools = pools;
    held.lists_rules = is_listed.then_some(true);
    let outbound = node.all(&["outboundRules"]);
    held.outbound_rules = outbound.iter().map(|rule| outbound_rule(rule, None)).collect();
    let configurations = node.all(&["gatewayIPConfigurations", "gatewayIPConfiguration"]);
    held.subnets = configurations.iter().filter_map(|one| one.id("subnet")).collect();
    held
}

/// A balancer with one rule or pool, as lists of these by themselves and templates have them; nothing of other types.
pub(crate) fn part(kind: &str) -> Option<fn(&Node<'_>) -> Asset> {
    Some(match kind {
        "microsoft.network/loadbalancers/loadbalancingrules" => |node| {
            Asset::LoadBalancer(LoadBalancer {
                load_balancing_rules: vec![balancing_rule(node, None)],
                ..LoadBalancer::default()
            })
        },
        "microsoft.network/loadbalancers/inboundnatrules" => |node| {
            Asset::LoadBalancer(LoadBalancer {
                inbound_nat_rules: vec![balancing_rule(node, None)],
                ..LoadBalancer::default()
            })
        },
        "microsoft.network/loadbalancers/inboundnatpools" => |node| {
            Asset::LoadBalancer(LoadBalancer {
                inbound_nat_pools: vec![balancing_rule(node, None)],
                ..LoadBalancer::default()
            })
        },
        "microsoft.network/loadbalancers/frontendipconfigurations" => |node| {
            Asset::LoadBalancer(LoadBalancer {
                frontends: vec![frontend(node)],
                ..LoadBalancer::default()
            })
        },
        "microsoft.network/loadbalancers/outboundrules" => |node| {
            Asset::LoadBalancer(LoadBalancer {
                outbound_rules: vec![outbound_rule(node, None)],
                ..LoadBalancer::default()
            })
        },
        "microsoft.network/loadbalancers/backendaddresspools" => |node| {
            let pool = backend_pool(node);
            Asset::LoadBalancer(LoadBalancer {
                backends: pool.configurations.clone(),
                backend_addresses: pool.addresses.clone(),
                backend_pools: vec![pool],
                ..LoadBalancer::default()
            })
        },
        _ => return None,
    })
}

/// What Terraform has as a resource of its own, and to which balancer it belongs; nothing of other types.
pub(crate) fn joined(kind: &str, values: &Node<'_>, meant: Meant<'_>) -> Option<(Option<ArmId>, Asset)> {
    if kind == "azurerm_lb_backend_address_pool_address" {
        return Some(address_of_pool(values, meant));
    }
    let balancer = meant.id(values, "loadbalancer");
    let mut held = LoadBalancer::default();
    let rule = || {
        let mut rule = balancing_rule(values, balancer.as_ref());
        if rule.pools.is_empty() {
            let pools = ["backend_address_pool_ids", "backend_address_pool_id"].iter();
            rule.pools = pools.flat_map(|property| meant.all(property)).collect();
        }
        rule
    };
    match kind {
        "azurerm_lb_backend_address_pool" => {
            let pool = backend_pool(values);
            held.backends.clone_from(&pool.configurations);
            held.backend_pools.extend((!pool.name.is_empty()).then_some(pool));
        }
        "azurerm_lb_rule" => held.load_balancing_rules.push(rule()),
        "azurerm_lb_nat_rule" => held.inbound_nat_rules.push(rule()),
        "azurerm_lb_nat_pool" => held.inbound_nat_pools.push(rule()),
        "azurerm_lb_outbound_rule" => {
            let mut rule = outbound_rule(values, balancer.as_ref());
            if rule.pools.is_empty() {
                rule.pools = meant.all("backend_address_pool_id");
            }
            held.outbound_rules.push(rule);
        }
        _ => return None,
    }
    Some((balancer, Asset::LoadBalancer(held)))
}

/// One address of a pool, or the frontend of another balancer.
fn address_of_pool(values: &Node<'_>, meant: Meant<'_>) -> (Option<ArmId>, Asset) {
    let Some(id) = meant.id(values, "backend_address_pool") else {
        return (None, Asset::LoadBalancer(LoadBalancer::default()));
    };
    let pool = BackendPool {
        name: id.name().to_owned(),
        addresses: values.address(&["ip_address"]).into_iter().collect(),
        frontends: values
            .id("backend_address_ip_configuration")
            .into_iter()
            .collect(),
        ..BackendPool::default()
    };
    let held = LoadBalancer {
        backend_addresses: pool.addresses.clone(),
        backend_pools: vec![pool],
        ..LoadBalancer::default()
    };
    (id.parent(), Asset::LoadBalancer(held))
}

/// The machine that a NAT rule sends to, where Terraform says it beside the rule.
pub(crate) fn associated(values: &Node<'_>, meant: Meant<'_>) -> (Option<ArmId>, Asset) {
    let interface = meant.id(values, "network_interface");
    let machine = interface.zip(values.text(&["ip_configuration_name"]));
    let (Some(rule), Some((interface, name))) = (meant.id(values, "nat_rule"), machine) else {
        return (None, Asset::LoadBalancer(LoadBalancer::default()));
    };
    let held = LoadBalancer {
        inbound_nat_rules: vec![BalancingRule {
            name: rule.name().to_owned(),
            machine: Some(interface.part("ipConfigurations", &name)),
            ..BalancingRule::default()
        }],
        ..LoadBalancer::default()
    };
    (rule.parent(), Asset::LoadBalancer(held))
}

fn frontend(node: &Node<'_>) -> Frontend {
    Frontend {
        name: name(node),
        address: node.address(&["privateIPAddress"]),
        subnet: node.id("subnet"),
        public_address: node.id("publicIPAddress").or_else(|| node.id("publicIPPrefix")),
    }
}

/// A pool; of an address in it either the address stands there, or the IP configuration that has it.
fn backend_pool(node: &Node<'_>) -> BackendPool {
    let mut pool = BackendPool {
        name: name(node),
        configurations: node.ids("backendIPConfigurations"),
        ..BackendPool::default()
    };
    for address in node.all(&["loadBalancerBackendAddresses", "backendAddresses"]) {
        pool.addresses.extend(address.address(&["ipAddress"]));
        // Of a balancer for several regions: the frontend of one that is for a region.
        pool.frontends
            .extend(address.id("loadBalancerFrontendIPConfiguration"));
        let configuration = address.id("networkInterfaceIPConfiguration");
        let is_new = |id: &ArmId| !pool.configurations.contains(id);
        let configuration = configuration.filter(is_new);
        pool.configurations.extend(configuration);
    }
    pool
}

/// A rule for what comes in. What could not be read of it is none, and leaves open what it takes.
fn balancing_rule(node: &Node<'_>, balancer: Option<&ArmId>) -> BalancingRule {
    let protocol = protocol(node);
    let is_for_all = protocol == Some(BalancedProtocol::All);
    BalancingRule {
        name: name(node),
        frontend: frontend_of(node, balancer),
        protocol,
        ports: ports(node, is_for_all),
        backend_port: port(node, &["backendPort"]),
        pools: pools(node),
        machine: node.id("backendIPConfiguration"),
        is_floating: node.flag(&["enableFloatingIP", "floatingIPEnabled"]),
    }
}

fn outbound_rule(node: &Node<'_>, balancer: Option<&ArmId>) -> OutboundRule {
    let written = node.all(&["frontendIPConfigurations", "frontendIPConfiguration"]);
    let frontends = written.iter().filter_map(|one| match one.get(&["id"]) {
        Some(id) => id.as_id(),
        None if one.value.is_string() => one.as_id(),
        None => named(balancer, &one.text(&["name"])?),
    });
    OutboundRule {
        name: name(node),
        frontends: frontends.collect(),
        pools: pools(node),
        protocol: protocol(node),
    }
}

/// Its own name: templates put that of the balancer before it.
fn name(node: &Node<'_>) -> String {
    let name = node.text(&["name"]).unwrap_or_default();
    name.rsplit('/').next().unwrap_or_default().to_owned()
}

/// The frontend by its id; what is only planned has none yet, and Terraform has its name.
fn frontend_of(node: &Node<'_>, balancer: Option<&ArmId>) -> Option<ArmId> {
    node.id("frontendIPConfiguration")
        .or_else(|| named(balancer, &node.text(&["frontendIPConfigurationName"])?))
}

fn named(balancer: Option<&ArmId>, frontend: &str) -> Option<ArmId> {
    ArmId::parse(&format!("{}/frontendIPConfigurations/{frontend}", balancer?))
}

/// A rule has one pool or several, and says one of several twice.
fn pools(node: &Node<'_>) -> Vec<ArmId> {
    let mut pools = node.ids("backendAddressPools");
    let one = node.id("backendAddressPool");
    let is_new = |id: &ArmId| !pools.contains(id);
    let one = one.filter(is_new);
    pools.extend(one);
    pools
}

fn protocol(node: &Node<'_>) -> Option<BalancedProtocol> {
    let text = node.text(&["protocol"])?;
    match text.to_ascii_lowercase().as_str() {
        "tcp" => Some(BalancedProtocol::Tcp),
        "udp" => Some(BalancedProtocol::Udp),
        "all" | "*" => Some(BalancedProtocol::All),
        _ => {
            node.say(&format!(
                "`{text}` is no protocol of a load balancer: what this rule takes is not known"
            ));
            None
        }
    }
}

fn ports(node: &Node<'_>, is_for_all: bool) -> Option<PortRange> {
    let range = |first: &str, last: &str| {
        let (first, last) = (port(node, &[first])?, port(node, &[last])?);
        (first > 0 && first <= last).then_some(PortRange { first, last })
    };
    let range = range("frontendPortRangeStart", "frontendPortRangeEnd")
        .or_else(|| range("frontendPortStart", "frontendPortEnd"));
    range.or_else(|| match port(node, &["frontendPort"])? {
        0 => is_for_all.then_some(PortRange::ALL),
        one => Some(PortRange {
            first: one,
            last: one,
        }),
    })
}

fn port(node: &Node<'_>, names: &[&str]) -> Option<u16> {
    let number = node.number(names)?;
    let port = u16::try_from(number).ok();
    if port.is_none() {
        node.say(&format!(
            "`{number}` is no port: what this rule takes is not known"
        ));
    }
    port
}
