//! Network interfaces, of machines, of scale sets and of private endpoints.

use model::facts::{Interface, IpConfiguration, Mac};

use crate::node::Node;

/// Where IP configurations stand.
const NAMES: [&str; 2] = ["ipConfigurations", "ipConfiguration"];

const ADDRESS: [&str; 1] = ["privateIPAddress"];

pub(crate) fn interface(node: &Node<'_>) -> Interface {
    let configurations = node.all(&NAMES);
    Interface {
        mac: mac(node),
        configurations: configurations.iter().map(configuration).collect(),
        security_group: node.guard("networkSecurityGroup"),
        machine: node.id("virtualMachine"),
        private_endpoint: node.id("privateEndpoint"),
        forwards: node.flag(&["enableIPForwarding", "ipForwardingEnabled"]),
    }
}

/// Says of an interface as it is, not as it is planned, what keeps it from being found by its addresses.
pub(crate) fn say_without_address(node: &Node<'_>, interface: &Interface) {
    let written = node.all(&NAMES);
    if written.is_empty() && interface.configurations.is_empty() {
        node.say("an interface without IP configurations: nobody finds it by an address; export all of it");
    }
    let without = written.iter().filter(|written| written.get(&ADDRESS).is_none());
    for configuration in without {
        configuration
            .say("an IP configuration without a `privateIPAddress`: nobody finds the interface by it");
    }
}

fn mac(node: &Node<'_>) -> Option<Mac> {
    let held = node.get(&["macAddress"])?;
    let Some(text) = held.as_text() else {
        held.problem("the address of an interface was expected here");
        return None;
    };
    let mac = Mac::parse(&text);
    if mac.is_none() {
        held.problem(&format!("`{text}` is not the address of an interface"));
    }
    mac
}

pub(crate) fn configuration(node: &Node<'_>) -> IpConfiguration {
    if node.get(&["subnet", "subnetId"]).is_none() {
        node.say("an IP configuration without a `subnet`: which network its address is of is not known, so nobody finds the interface by it");
    }
    IpConfiguration {
        name: node.text(&["name"]).unwrap_or_default(),
        address: node.address(&ADDRESS),
        subnet: node.id("subnet"),
        public_address: node.id("publicIPAddress"),
        application_groups: node.ids("applicationSecurityGroups"),
        pools: node.ids("loadBalancerBackendAddressPools"),
        nat_rules: node.ids("loadBalancerInboundNatRules"),
        is_primary: node.flag(&["primary"]),
    }
}
