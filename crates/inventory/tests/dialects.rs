//! The same network, as five tools print it.

#![cfg(test)]

use inventory::{Reading, read};
use model::facts::{Access, AddressSpec, Asset, Interface, PortRange, Resource, RuleProtocol};

const NIC: &str = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/web1";
const SUBNET: &str =
    "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/web";
const GROUP: &str = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/g";
const VM: &str = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/web1";
const ASG: &str =
    "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/applicationSecurityGroups/web";

#[track_caller]
fn reading(text: &str) -> Reading {
    let reading = read(text.as_bytes()).unwrap();
    assert_eq!(reading.problems, [], "{text}");
    reading
}

#[track_caller]
fn one(text: &str) -> Resource {
    let facts = reading(text).facts;
    assert_eq!(facts.resources.len(), 1, "{facts:?}");
    facts.resources.into_iter().next().unwrap()
}

#[track_caller]
fn interface(text: &str) -> Interface {
    match one(text).asset {
        Asset::Interface(interface) => interface,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn check_interface(text: &str) {
    let held = interface(text);
    assert_eq!(held.mac.unwrap().to_string(), "00-22-48-0A-0B-0C", "{text}");
    assert_eq!(held.forwards, Some(true), "{text}");
    assert_eq!(held.security_group.unwrap().as_str(), GROUP, "{text}");
    assert_eq!(held.machine.unwrap().as_str(), VM, "{text}");
    let [configuration] = held.configurations.as_slice() else {
        panic!("{:?}", held.configurations);
    };
    assert_eq!(configuration.name, "ipconfig1");
    assert_eq!(configuration.address, Some("10.1.0.4".parse().unwrap()));
    assert_eq!(configuration.subnet.as_ref().unwrap().as_str(), SUBNET);
    assert_eq!(configuration.application_groups.len(), 1);
    assert_eq!(configuration.application_groups[0].as_str(), ASG);
}

#[test]
fn an_interface_in_five_dialects() {
    // REST.
    check_interface(&format!(
        r#"{{"value":[{{"name":"web1","id":"{NIC}","type":"Microsoft.Network/networkInterfaces","location":"westeurope",
        "properties":{{"macAddress":"00-22-48-0A-0B-0C","enableIPForwarding":true,"networkSecurityGroup":{{"id":"{GROUP}"}},
        "virtualMachine":{{"id":"{VM}"}},"ipConfigurations":[{{"name":"ipconfig1","properties":{{"privateIPAddress":"10.1.0.4",
        "subnet":{{"id":"{SUBNET}"}},"applicationSecurityGroups":[{{"id":"{ASG}"}}]}}}}]}}}}],"nextLink":""}}"#
    ));
    // The command line, as it is now.
    check_interface(&format!(
        r#"[{{"id":"{NIC}","name":"web1","resourceGroup":"rg","macAddress":"00-22-48-0A-0B-0C","enableIPForwarding":true,
        "networkSecurityGroup":{{"id":"{GROUP}","resourceGroup":"rg"}},"virtualMachine":{{"id":"{VM}"}},
        "ipConfigurations":[{{"name":"ipconfig1","privateIPAddress":"10.1.0.4","subnet":{{"id":"{SUBNET}"}},
        "applicationSecurityGroups":[{{"id":"{ASG}"}}]}}]}}]"#
    ));
    // And as it was, with everything that is not set.
    check_interface(&format!(
        r#"{{"NewNIC":{{"id":"{NIC}","name":"web1","type":"Microsoft.Network/networkInterfaces","tags":null,"macAddress":"00-22-48-0A-0B-0C",
        "enableIpForwarding":true,"networkSecurityGroup":{{"id":"{GROUP}","securityRules":null}},"virtualMachine":{{"id":"{VM}"}},
        "privateEndpoint":null,"ipConfigurations":[{{"name":"ipconfig1","privateIpAddress":"10.1.0.4","publicIpAddress":null,
        "subnet":{{"id":"{SUBNET}","addressPrefix":null}},"applicationSecurityGroups":[{{"id":"{ASG}","location":null}}]}}]}}}}"#
    ));
    // PowerShell, whose files begin with a byte order mark.
    check_interface(&format!(
        "\u{feff}{}",
        format_args!(
            r#"{{"Name":"web1","Id":"{NIC}","MacAddress":"00-22-48-0A-0B-0C","EnableIPForwarding":true,
            "NetworkSecurityGroup":{{"Id":"{GROUP}"}},"VirtualMachine":{{"Id":"{VM}"}},"IpConfigurations":[{{"Name":"ipconfig1",
            "PrivateIpAddress":"10.1.0.4","Subnet":{{"Id":"{SUBNET}"}},"ApplicationSecurityGroups":[{{"Id":"{ASG}"}}]}}]}}"#
        )
    ));
    // Terraform, which joins what Azure nests.
    check_interface(&format!(
        r#"{{"format_version":"1.0","terraform_version":"1.9.0","values":{{"root_module":{{"resources":[
        {{"type":"azurerm_network_interface_application_security_group_association","values":{{"id":"{NIC}|{ASG}","network_interface_id":"{NIC}","application_security_group_id":"{ASG}"}}}}],
        "child_modules":[{{"resources":[
        {{"type":"azurerm_network_interface_security_group_association","values":{{"id":"{NIC}|{GROUP}","network_interface_id":"{NIC}","network_security_group_id":"{GROUP}"}}}},
        {{"type":"azurerm_network_interface","values":{{"id":"{NIC}","name":"web1","mac_address":"00-22-48-0A-0B-0C","ip_forwarding_enabled":true,
        "virtual_machine_id":"{VM}","ip_configuration":[{{"name":"ipconfig1","private_ip_address":"10.1.0.4","subnet_id":"{SUBNET}"}}]}}}}]}}]}}}}}}"#
    ));
    // Resource Graph, whose rows are in lower case here and there.
    check_interface(&format!(
        r#"{{"count":1,"total_records":1,"skip_token":null,"data":[{{"id":"{NIC}","name":"web1","type":"microsoft.network/networkinterfaces",
        "resourceGroup":"rg","tags":null,"properties":{{"macAddress":"00-22-48-0A-0B-0C","enableIPForwarding":true,
        "networkSecurityGroup":{{"id":"{GROUP}"}},"virtualMachine":{{"id":"{VM}"}},"ipConfigurations":[{{"name":"ipconfig1",
        "properties":{{"privateIPAddress":"10.1.0.4","subnet":{{"id":"{SUBNET}"}},"applicationSecurityGroups":[{{"id":"{ASG}"}}]}}}}]}}}}]}}"#
    ));
}

#[test]
fn rows_of_a_table() {
    let properties = format!(
        r#"{{""macAddress"":""00-22-48-0A-0B-0C"",""virtualMachine"":{{""id"":""{VM}""}},""ipConfigurations"":[{{""privateIPAddress"":""10.1.0.4"",""subnet"":{{""id"":""{SUBNET}""}}}}]}}"#
    );
    let text = format!("id,type,properties\n{NIC},microsoft.network/networkinterfaces,\"{properties}\"\n");
    let held = interface(&text);
    assert_eq!(held.machine.unwrap().name(), "web1");
    let columns = format!(
        r#"{{"totalRecords":1,"data":{{"columns":[{{"name":"id"}},{{"name":"type"}},{{"name":"properties"}}],
        "rows":[["{NIC}","microsoft.network/networkinterfaces",{{"macAddress":"0022480A0B0C",
        "ipConfigurations":[{{"privateIPAddress":"10.1.0.4","subnet":{{"id":"{SUBNET}"}}}}]}}]]}}}}"#
    );
    assert_eq!(interface(&columns).mac.unwrap().to_string(), "00-22-48-0A-0B-0C");
}

#[track_caller]
fn check_group(text: &str) {
    let Asset::SecurityGroup(group) = one(text).asset else {
        panic!("{text}");
    };
    let [rule] = group.rules.as_slice() else {
        panic!("{:?}", group.rules);
    };
    assert_eq!((rule.name.as_str(), rule.priority), ("web", 100), "{text}");
    assert_eq!(
        (rule.access, rule.protocol),
        (Access::Allow, RuleProtocol::Tcp),
        "{text}"
    );
    assert_eq!(
        rule.source.addresses,
        [AddressSpec::Tag("Internet".to_owned())],
        "{text}"
    );
    assert_eq!(rule.source.ports, [PortRange::ALL], "{text}");
    let to = ["10.1.0.0/24", "10.1.1.7/32"].map(|text| AddressSpec::Prefix(text.parse().unwrap()));
    assert_eq!(rule.destination.addresses, to, "{text}");
    let ports = [(443, 443), (8000, 8080)].map(|(first, last)| PortRange { first, last });
    assert_eq!(rule.destination.ports, ports, "{text}");
}

#[test]
fn a_rule_in_its_spellings() {
    let many = r#""destinationAddressPrefixes":["10.1.0.0/24","10.1.1.7"],"destinationPortRanges":["443","8000-8080"]"#;
    check_group(&format!(
        r#"[{{"id":"{GROUP}","properties":{{"securityRules":[{{"name":"web","properties":{{"protocol":"TCP","sourcePortRange":"*",
        "sourceAddressPrefix":"Internet","sourceAddressPrefixes":[],"destinationAddressPrefix":"",{many},
        "access":"Allow","priority":100,"direction":"Inbound"}}}}],"subnets":[{{"id":"{SUBNET}"}}]}}}}]"#
    ));
    check_group(&format!(
        r#"{{"Id":"{GROUP}","SecurityRules":[{{"Name":"web","Protocol":"Tcp","SourcePortRange":["*"],"DestinationPortRange":["443","8000-8080"],
        "SourceAddressPrefix":["Internet"],"DestinationAddressPrefix":["10.1.0.0/24","10.1.1.7"],"Access":"Allow","Priority":100,"Direction":"Inbound"}}]}}"#
    ));
    // Twice: once inside of the group, once by itself.
    check_group(&format!(
        r#"{{"terraform_version":"1.9.0","version":4,"resources":[
        {{"type":"azurerm_network_security_group","instances":[{{"attributes":{{"id":"{GROUP}","name":"g","security_rule":[{{"name":"web","priority":100,
        "direction":"Inbound","access":"Allow","protocol":"Tcp","source_port_range":"*","source_port_ranges":[],"source_address_prefix":"Internet",
        "destination_port_range":"","destination_port_ranges":["443","8000-8080"],"destination_address_prefix":"","destination_address_prefixes":["10.1.0.0/24","10.1.1.7"]}}]}}}}]}},
        {{"type":"azurerm_network_security_rule","instances":[{{"attributes":{{"id":"{GROUP}/securityRules/web","name":"web","priority":100,
        "direction":"Inbound","access":"Allow","protocol":"Tcp","source_port_range":"*","source_address_prefix":"Internet",
        "destination_port_ranges":["443","8000-8080"],"destination_address_prefixes":["10.1.0.0/24","10.1.1.7"]}}}}]}}]}}"#
    ));
}

#[test]
fn effective_rules_name_their_group_and_interface() {
    let text = format!(
        r#"{{"value":[{{"networkSecurityGroup":{{"id":"{GROUP}"}},"association":{{"networkInterface":{{"id":"{NIC}"}}}},
        "effectiveSecurityRules":[{{"name":"defaultSecurityRules/AllowVnetInBound","protocol":"All","access":"Allow","priority":65000,
        "direction":"Inbound","sourcePortRange":"0-65535","sourcePortRanges":["0-65535"],"destinationPortRanges":["0-65535"],
        "sourceAddressPrefix":"VirtualNetwork","sourceAddressPrefixes":["VirtualNetwork"],"destinationAddressPrefixes":["VirtualNetwork"],
        "expandedSourceAddressPrefix":["10.0.0.0/16","168.63.129.16/32"],"expandedDestinationAddressPrefix":null}}]}}]}}"#
    );
    let facts = reading(&text).facts;
    let [effective] = facts.effective.as_slice() else {
        panic!("{facts:?}");
    };
    assert_eq!(effective.interface.as_ref().unwrap().name(), "web1");
    let [group] = effective.groups.as_slice() else {
        panic!("{effective:?}");
    };
    let rule = &group.rules[0];
    assert_eq!((rule.name.as_str(), rule.is_default), ("AllowVnetInBound", true));
    assert_eq!(rule.source.ports, [PortRange::ALL]);
    assert_eq!(rule.source.expanded.len(), 2);
}

#[test]
fn service_tags_with_numbers_and_with_texts() {
    for text in [
        r#"{"changeNumber":235,"cloud":"Public","values":[{"name":"Storage.WestEurope","properties":{"changeNumber":4,"region":"westeurope",
        "systemService":"AzureStorage","addressPrefixes":["20.38.0.0/24","2603:1020::/40"],"networkFeatures":null}}]}"#,
        r#"{"name":"Public","type":"Microsoft.Network/serviceTags","cloud":"Public","changeNumber":"235","nextLink":"","values":[{"id":"Storage.WestEurope",
        "name":"Storage.WestEurope","properties":{"changeNumber":"4","region":"westeurope","systemService":"AzureStorage","addressPrefixes":["20.38.0.0/24","2603:1020::/40"]}}]}"#,
    ] {
        let tags = reading(text).facts.tags.unwrap();
        assert_eq!(tags.change_number, Some(235));
        assert_eq!(tags.tags[0].name, "Storage.WestEurope");
        assert_eq!(tags.tags[0].prefixes.len(), 2);
    }
}

#[test]
fn what_cannot_be_used_is_told_with_its_place() {
    let text = format!(
        r#"[{{"id":"{NIC}","macAddress":"zz","ipConfigurations":[
            {{"name":"a","privateIPAddress":"10.1.0.400","subnet":{{"id":"{SUBNET}"}}}},{{"name":"b","privateIPAddress":"10.1.0.5","subnet":{{"id":"{SUBNET}"}}}}]}},
        {{"name":"nameless"}}, 7]"#
    );
    let reading = read(text.as_bytes()).unwrap();
    let told: Vec<(&str, &str)> = reading
        .problems
        .iter()
        .map(|problem| (problem.path.as_str(), problem.message.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("[0].macAddress", "`zz` is not the address of an interface"),
            (
                "[0].ipConfigurations[0].privateIPAddress",
                "`10.1.0.400` is not an address"
            ),
            (
                "[1]",
                "an object without an `id`: it cannot be known which resource it is of"
            ),
            ("[2]", "a resource was expected here"),
        ]
    );
    assert_eq!(reading.problems[0].resource.as_deref(), Some(NIC));
    // What was good is there.
    let Asset::Interface(interface) = &reading.facts.resources[0].asset else {
        panic!();
    };
    assert_eq!(
        interface.configurations[1].address,
        Some("10.1.0.5".parse().unwrap())
    );
    for (text, begins) in [
        ("", "the file is empty"),
        ("{", "this is not JSON"),
        ("a,b\n1,2\n", "this is neither JSON nor a table"),
    ] {
        assert!(
            read(text.as_bytes()).unwrap_err().message.starts_with(begins),
            "{text}"
        );
    }
    assert!(read(b"\xff\xfe[\0]\0").is_ok());
}

#[test]
fn a_list_that_goes_on_is_told() {
    for text in [
        r#"{"value":[],"nextLink":"https://x"}"#.to_owned(),
        format!(r#"{{"count":1,"total_records":200,"skip_token":null,"data":[{{"id":"{VM}"}}]}}"#),
    ] {
        let reading = read(text.as_bytes()).unwrap();
        assert!(
            reading.problems[0].message.starts_with("the list goes on"),
            "{:?}",
            reading.problems
        );
    }
}

/// An interface that cannot be found by its addresses is kept, and that is told.
#[test]
fn an_interface_without_addresses_is_told() {
    let other = NIC.replace("web1", "web2");
    let text = format!(
        r#"[{{"id":"{NIC}","macAddress":"00-22-48-0A-0B-0C","ipConfigurations":[
            {{"name":"a","privateIPAddress":"10.1.0.4"}},{{"name":"b","subnet":{{"id":"{SUBNET}"}}}}]}},
        {{"id":"{other}","macAddress":"00-22-48-0A-0B-0D"}}]"#
    );
    let reading = read(text.as_bytes()).unwrap();
    let told: Vec<(&str, &str, &str)> = reading
        .problems
        .iter()
        .map(|problem| {
            let (message, _) = problem.message.split_once(':').unwrap();
            (
                problem.path.as_str(),
                problem.resource.as_deref().unwrap_or_default(),
                message,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                "[0].ipConfigurations[0]",
                NIC,
                "an IP configuration without a `subnet`"
            ),
            (
                "[0].ipConfigurations[1]",
                NIC,
                "an IP configuration without a `privateIPAddress`"
            ),
            ("[1]", other.as_str(), "an interface without IP configurations"),
        ]
    );
    assert_eq!(reading.facts.resources.len(), 2);
    // They are there, with all that is known of them.
    assert!(reading.is_whole);
}

/// A document of which a resource could not be used does not say what there is.
#[test]
fn what_is_lost_is_known_to_be_missing() {
    let is_whole = |text: String| read(text.as_bytes()).unwrap().is_whole;
    let network = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v";
    let template =
        r#""$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#""#;
    let group = r#"{"type":"Microsoft.Network/networkSecurityGroups","apiVersion":"2024-05-01""#;
    for whole in [
        format!(r#"[{{"id":"{GROUP}"}}]"#),
        format!(r#"[{{"id":"{GROUP}","securityRules":[{{"name":"a"}}]}}]"#),
        format!(r#"[{{"id":"{network}","subnets":[{{"name":"a"}}]}}]"#),
        format!(r#"{{"value":[{{"id":"{GROUP}"}}],"nextLink":""}}"#),
        format!(r#"{{{template},"resources":[{group},"name":"g"}}]}}"#),
        "[]".to_owned(),
    ] {
        assert!(is_whole(whole.clone()), "{whole}");
    }
    for part in [
        format!(r#"[{{"id":"{GROUP}"}},{{"name":"nameless"}}]"#),
        format!(r#"[{{"id":"{GROUP}"}},7]"#),
        format!(r#"[{{"id":"{network}","subnets":[{{"name":"a"}},"System.Object"]}}]"#),
        format!(r#"[{{"id":"{network}","subnets":[{{"addressPrefix":"10.0.0.0/24"}}]}}]"#),
        format!(r#"{{"value":[{{"id":"{GROUP}"}}],"nextLink":"https://management.azure.com/more"}}"#),
        format!(r#"{{{template},"resources":[{group},"name":"[uniqueString('a')]"}}]}}"#),
        r#"{"terraform_version":"1.9.0","values":{"root_module":{"resources":[{"type":"azurerm_network_security_group","values":{}},
            {"type":"azurerm_network_security_group","values":{"id":"here"}}]}}}"#.to_owned(),
        r#"{"status":"Succeeded","changes":[{"resourceId":"/subscriptions/s/a","changeType":"Unsupported"}]}"#.to_owned(),
    ] {
        assert!(!is_whole(part.clone()), "{part}");
    }
}
