//! Network interfaces, of machines, of scale sets and of private endpoints.

use model::facts::{Interface, IpConfiguration, Mac};

use crate::node::Node;

pub(crate) fn interface(node: &Node<'_>) -> Interface {
    let configurations = node.all(&["ipConfigurations", "ipConfiguration"]);
    Interface {
        mac: mac(node),
        configurations: configurations.iter().map(configuration).collect(),
        security_group: node.id("networkSecurityGroup"),
        machine: node.id("virtualMachine"),
        private_endpoint: node.id("privateEndpoint"),
        forwards: node.flag(&["enableIPForwarding", "ipForwardingEnabled"]),
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

fn configuration(node: &Node<'_>) -> IpConfiguration {
    IpConfiguration {
        name: node.text(&["name"]).unwrap_or_default(),
        address: node.address(&["privateIPAddress"]),
        subnet: node.id("subnet"),
        public_address: node.id("publicIPAddress"),
        application_groups: node.ids("applicationSecurityGroups"),
        pools: node.ids("loadBalancerBackendAddressPools"),
        is_primary: node.flag(&["primary"]),
    }
}
