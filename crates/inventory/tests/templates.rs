//! ARM templates, as Bicep compiles them and `az group export` writes them.

#![cfg(test)]

use inventory::{Beside, Reading, read, read_beside};
use model::facts::{AddressSpec, ArmId, Asset, FactSet, PortRange, Resource, SecurityGroup, Subnet};

const SCHEMA: &str = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#";
const PARAMETERS: &str = "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#";
const UNKNOWN: &str = "/subscriptions/unknown/resourceGroups/unknown/providers/Microsoft.Network";
const KNOWN: &str = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";

/// A template of some resources, with what else stands in it.
fn template(beside: &str, resources: &str) -> String {
    format!(r#"{{"$schema":"{SCHEMA}","contentVersion":"1.0.0.0",{beside}"resources":{resources}}}"#)
}

#[track_caller]
fn reading(text: &str) -> Reading {
    let reading = read(text.as_bytes()).unwrap();
    assert_eq!(reading.problems, [], "{text}");
    assert_eq!(reading.form, "ARM template");
    reading
}

fn of_group() -> Beside<'static> {
    Beside {
        subscription: Some("s"),
        resource_group: Some("rg"),
        location: Some("westeurope"),
        ..Beside::default()
    }
}

#[track_caller]
fn find<'f>(facts: &'f FactSet, id: &str) -> &'f Resource {
    let id = ArmId::parse(id).unwrap();
    let found = facts.resources.iter().find(|held| held.id == id);
    found.unwrap_or_else(|| {
        let ids: Vec<&ArmId> = facts.resources.iter().map(|held| &held.id).collect();
        panic!("{id} is not among {ids:#?}")
    })
}

#[track_caller]
fn subnet<'f>(facts: &'f FactSet, id: &str) -> &'f Subnet {
    match &find(facts, id).asset {
        Asset::Subnet(subnet) => subnet,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn group<'f>(facts: &'f FactSet, id: &str) -> &'f SecurityGroup {
    match &find(facts, id).asset {
        Asset::SecurityGroup(group) => group,
        other => panic!("{other:?}"),
    }
}

fn told(reading: &Reading) -> Vec<(&str, &str)> {
    let problems = reading.problems.iter();
    problems
        .map(|problem| (problem.path.as_str(), problem.message.as_str()))
        .collect()
}

/// The names of all resources that one template makes, whose only resource is called by an expression.
#[track_caller]
fn check(beside: &str, expression: &str, expected: &str) {
    let text = template(
        beside,
        &format!(
            r#"[{{"type":"Microsoft.Network/applicationSecurityGroups","apiVersion":"2024-05-01","name":"{expression}"}}]"#
        ),
    );
    let reading = read_beside(text.as_bytes(), &of_group()).unwrap();
    let names: Vec<&str> = reading
        .facts
        .resources
        .iter()
        .map(|held| held.id.name())
        .collect();
    let shown = match reading.problems.first() {
        Some(problem) => problem.message.clone(),
        None => names.join(" "),
    };
    assert_eq!(shown, expected, "{expression}");
}

const NETWORK: &str = r#""parameters":{"prefix":{"type":"string","defaultValue":"shop"},"location":{"type":"string","defaultValue":"[resourceGroup().location]"},
    "space":{"type":"string","defaultValue":"10.1.0.0/16"}},
    "variables":{"vnet":"[format('vnet-{0}', parameters('prefix'))]","nsg":"[concat('nsg-', parameters('prefix'))]"},"#;

fn network_resources(is_symbolic: bool) -> String {
    let resources = [
        (
            "nsg",
            r#"{"type":"Microsoft.Network/networkSecurityGroups","apiVersion":"2024-05-01","name":"[variables('nsg')]","location":"[parameters('location')]",
            "properties":{"securityRules":[{"name":"web","properties":{"priority":100,"direction":"Inbound","access":"Allow","protocol":"Tcp",
            "sourceAddressPrefix":"Internet","sourcePortRange":"*","destinationAddressPrefix":"[parameters('space')]","destinationPortRange":"443"}}]}}"#,
        ),
        (
            "vnet",
            r#"{"type":"Microsoft.Network/virtualNetworks","apiVersion":"2024-05-01","name":"[variables('vnet')]","location":"[parameters('location')]",
            "tags":{"cost center":"shop"},"dependsOn":["nsg"],"properties":{"addressSpace":{"addressPrefixes":["[parameters('space')]"]},
            "subnets":[{"name":"web","properties":{"addressPrefix":"10.1.0.0/24",
            "networkSecurityGroup":{"id":"[resourceId('Microsoft.Network/networkSecurityGroups', variables('nsg'))]"}}}]}}"#,
        ),
        (
            "data",
            r#"{"type":"Microsoft.Network/virtualNetworks/subnets","apiVersion":"2024-05-01","name":"[format('{0}/{1}', variables('vnet'), 'data')]",
            "properties":{"addressPrefix":"[cidrSubnet(parameters('space'), 24, 2)]"}}"#,
        ),
        (
            "rule",
            r#"{"type":"Microsoft.Network/networkSecurityGroups/securityRules","apiVersion":"2024-05-01","name":"[concat(variables('nsg'), '/ssh')]",
            "properties":{"priority":200,"direction":"Inbound","access":"Deny","protocol":"*","sourceAddressPrefix":"*","sourcePortRange":"*",
            "destinationAddressPrefix":"*","destinationPortRange":"22"}}"#,
        ),
        (
            "other",
            r#"{"type":"Microsoft.Storage/storageAccounts","apiVersion":"2023-01-01","name":"[uniqueString(resourceGroup().id)]"}"#,
        ),
    ];
    let parts = resources.map(|(name, resource)| match is_symbolic {
        true => format!(r#""{name}":{resource}"#),
        false => resource.to_owned(),
    });
    match is_symbolic {
        true => format!("{{{}}}", parts.join(",")),
        false => format!("[{}]", parts.join(",")),
    }
}

#[track_caller]
fn check_network(text: &str) {
    let reading = read_beside(text.as_bytes(), &of_group()).unwrap();
    assert_eq!(reading.problems, []);
    let facts = &reading.facts;
    assert_eq!(facts.resources.len(), 4, "{facts:#?}");
    let vnet = find(facts, &format!("{KNOWN}/virtualNetworks/vnet-shop"));
    assert_eq!(vnet.location.as_deref(), Some("westeurope"));
    assert_eq!(vnet.tags["cost center"], "shop");
    let web = subnet(facts, &format!("{KNOWN}/virtualNetworks/vnet-shop/subnets/web"));
    assert_eq!(
        web.security_group.as_ref().unwrap().as_str(),
        format!("{KNOWN}/networkSecurityGroups/nsg-shop")
    );
    let data = subnet(facts, &format!("{KNOWN}/virtualNetworks/vnet-shop/subnets/data"));
    assert_eq!(data.prefixes, ["10.1.2.0/24".parse().unwrap()]);
    let nsg = group(facts, &format!("{KNOWN}/networkSecurityGroups/nsg-shop"));
    let rules: Vec<(&str, i32)> = nsg
        .rules
        .iter()
        .map(|rule| (rule.name.as_str(), rule.priority))
        .collect();
    assert_eq!(rules, [("web", 100), ("ssh", 200)]);
    assert_eq!(
        nsg.rules[0].destination.addresses,
        [AddressSpec::Prefix("10.1.0.0/16".parse().unwrap())]
    );
    assert_eq!(reading.counts["microsoft.network/virtualnetworks/subnets"], 2);
    assert_eq!(reading.others["microsoft.storage/storageaccounts"], 1);
}

#[test]
fn a_network_in_both_forms_of_templates() {
    check_network(&template(NETWORK, &network_resources(false)));
    let symbolic = format!(r#""languageVersion":"2.0",{NETWORK}"#);
    check_network(&template(&symbolic, &network_resources(true)));
}

#[test]
fn what_it_is_for_is_said_in_four_ways() {
    let own = template(
        r#""parameters":{"name":{"type":"string"}},"#,
        r#"[{"type":"Microsoft.Network/applicationSecurityGroups","name":"[parameters('name')]"}]"#,
    );
    let parameters = format!(r#"{{"$schema":"{PARAMETERS}","parameters":{{"NAME":{{"value":"web"}}}}}}"#);
    // Said by the caller, parameters and all.
    let files = [parameters.as_bytes()];
    let beside = Beside {
        parameters: &files,
        ..of_group()
    };
    let read_so = read_beside(own.as_bytes(), &beside).unwrap();
    assert_eq!(read_so.problems, []);
    find(&read_so.facts, &format!("{KNOWN}/applicationSecurityGroups/web"));
    // Not said: the ids have a word for it, and all else is read.
    let beside = Beside {
        parameters: &files,
        ..Beside::default()
    };
    let read_so = read_beside(own.as_bytes(), &beside).unwrap();
    find(
        &read_so.facts,
        &format!("{UNKNOWN}/applicationSecurityGroups/web"),
    );
    // Said by the deployment around it, as it is sent to Azure.
    let sent = format!(
        r#"{{"id":"/subscriptions/s/resourceGroups/rg/providers/Microsoft.Resources/deployments/d",
        "properties":{{"mode":"Incremental","template":{own},"parameters":{{"name":{{"value":"web"}}}}}}}}"#
    );
    find(
        &reading(&sent).facts,
        &format!("{KNOWN}/applicationSecurityGroups/web"),
    );
    // Bicep's own pair of a template and its parameters.
    let pair = serde_json::json!({"templateJson": own, "parametersJson": parameters, "templateSpecId": null});
    let pair = pair.to_string();
    find(
        &reading(&pair).facts,
        &format!("{UNKNOWN}/applicationSecurityGroups/web"),
    );
}

#[test]
fn parameters_alone_say_nothing_and_are_no_mistake() {
    let text = format!(
        r#"{{"$schema":"{PARAMETERS}","contentVersion":"1.0.0.0","parameters":{{"a":{{"value":1}}}}}}"#
    );
    let reading = read(text.as_bytes()).unwrap();
    assert_eq!(
        (reading.form, reading.problems),
        ("parameters of a template", vec![])
    );
    assert_eq!(reading.facts, FactSet::default());
}

#[test]
fn an_exported_group() {
    // As `az group export` writes it: names are parameters with defaults, ids of elsewhere too, parts stand twice.
    let text = template(
        r#""parameters":{"virtualNetworks_v_name":{"defaultValue":"v","type":"String"},"networkSecurityGroups_g_externalid":{"defaultValue":"/subscriptions/s/resourceGroups/other/providers/Microsoft.Network/networkSecurityGroups/g","type":"String"}},"variables":{},"#,
        r#"[{"type":"Microsoft.Network/virtualNetworks","apiVersion":"2024-05-01","name":"[parameters('virtualNetworks_v_name')]","location":"westeurope",
        "properties":{"addressSpace":{"addressPrefixes":["10.1.0.0/16"]},"subnets":[{"name":"web","id":"[resourceId('Microsoft.Network/virtualNetworks/subnets', parameters('virtualNetworks_v_name'), 'web')]",
        "properties":{"addressPrefixes":["10.1.0.0/24"],"networkSecurityGroup":{"id":"[parameters('networkSecurityGroups_g_externalid')]"},"delegations":[]},"type":"Microsoft.Network/virtualNetworks/subnets"}],
        "virtualNetworkPeerings":[]}},
        {"type":"Microsoft.Network/virtualNetworks/subnets","apiVersion":"2024-05-01","name":"[concat(parameters('virtualNetworks_v_name'), '/web')]",
        "dependsOn":["[resourceId('Microsoft.Network/virtualNetworks', parameters('virtualNetworks_v_name'))]"],
        "properties":{"addressPrefixes":["10.1.0.0/24"],"networkSecurityGroup":{"id":"[parameters('networkSecurityGroups_g_externalid')]"}}}]"#,
    );
    let facts = reading(&text).facts;
    assert_eq!(facts.resources.len(), 2);
    let web = subnet(&facts, &format!("{UNKNOWN}/virtualNetworks/v/subnets/web"));
    assert_eq!(web.prefixes.len(), 1);
    assert_eq!(
        web.security_group.as_ref().unwrap().resource_group(),
        Some("other")
    );
}

#[test]
fn parts_may_stand_inside_of_what_they_are_a_part_of() {
    let text = template(
        "",
        r#"[{"type":"Microsoft.Network/virtualNetworks","name":"v","properties":{"addressSpace":{"addressPrefixes":["10.1.0.0/16"]}},
        "resources":[{"type":"subnets","name":"web","properties":{"addressPrefix":"10.1.0.0/24"}},
        {"type":"Microsoft.Network/virtualNetworks/subnets","name":"v/data","properties":{"addressPrefix":"10.1.1.0/24"}},
        {"type":"providers/locks","name":"Microsoft.Authorization/keep"}]},
        {"type":"Microsoft.Network/routeTables","name":"r","resources":[{"type":"routes","name":"out","properties":{"addressPrefix":"0.0.0.0/0","nextHopType":"VirtualAppliance","nextHopIpAddress":"10.1.9.4"}}]}]"#,
    );
    let facts = reading(&text).facts;
    for name in ["web", "data"] {
        subnet(&facts, &format!("{UNKNOWN}/virtualNetworks/v/subnets/{name}"));
    }
    let Asset::RouteTable(table) = &find(&facts, &format!("{UNKNOWN}/routeTables/r")).asset else {
        panic!();
    };
    assert_eq!(
        table.routes[0].next_hop_address,
        Some("10.1.9.4".parse().unwrap())
    );
}

#[test]
fn loops_make_resources_and_parts_of_them() {
    let text = template(
        r#""parameters":{"subnets":{"type":"array","defaultValue":[{"name":"web","bits":24},{"name":"data","bits":26}]}},
        "variables":{"copy":[{"name":"ports","count":3,"input":"[string(add(8000, copyIndex('ports')))]"}]},"#,
        r#"[{"copy":{"name":"vnets","count":2},"type":"Microsoft.Network/virtualNetworks","name":"[format('v{0:D2}', copyIndex(1))]",
        "properties":{"addressSpace":{"addressPrefixes":["[format('10.{0}.0.0/16', copyIndex())]"]},
        "copy":[{"name":"subnets","count":"[length(parameters('subnets'))]","input":{"name":"[parameters('subnets')[copyIndex('subnets')].name]",
        "properties":{"addressPrefix":"[format('10.{0}.{1}.0/{2}', copyIndex('vnets'), copyIndex('subnets'), parameters('subnets')[copyIndex('subnets')].bits)]"}}}]}},
        {"type":"Microsoft.Network/networkSecurityGroups","name":"g","properties":{"securityRules":[{"name":"many","properties":{"priority":100,"direction":"Inbound","access":"Allow","protocol":"Tcp",
        "sourceAddressPrefix":"*","sourcePortRange":"*","destinationAddressPrefix":"*","destinationPortRanges":"[variables('ports')]"}}]}}]"#,
    );
    let facts = reading(&text).facts;
    let data = subnet(&facts, &format!("{UNKNOWN}/virtualNetworks/v02/subnets/data"));
    assert_eq!(data.prefixes, ["10.1.1.0/26".parse().unwrap()]);
    let rule = &group(&facts, &format!("{UNKNOWN}/networkSecurityGroups/g")).rules[0];
    let ports: Vec<u16> = rule.destination.ports.iter().map(|range| range.first).collect();
    assert_eq!(ports, [8000, 8001, 8002]);
}

#[test]
fn conditions_decide_what_there_is() {
    let text = template(
        r#""parameters":{"hub":{"type":"bool","defaultValue":false},"spoke":{"type":"bool"}},"#,
        r#"[{"type":"Microsoft.Network/virtualNetworks","condition":"[parameters('hub')]","name":"hub","properties":{}},
        {"type":"Microsoft.Network/virtualNetworks","condition":"[not(parameters('hub'))]","name":"alone","properties":{}},
        {"type":"Microsoft.Network/virtualNetworks","condition":"[parameters('spoke')]","name":"spoke","properties":{}}]"#,
    );
    let reading = read(text.as_bytes()).unwrap();
    assert_eq!(reading.facts.resources.len(), 1);
    assert_eq!(reading.facts.resources[0].id.name(), "alone");
    assert_eq!(
        told(&reading),
        [(
            "resources[2].condition",
            "this `Microsoft.Network/virtualNetworks` is left out: its condition is not known: parameter `spoke` has no value: give its parameters too"
        )]
    );
}

/// A group whose module gives its id back, and a network whose module takes it.
fn modules(reference: &str, is_symbolic: bool) -> String {
    let nsg = format!(
        r#"{{"type":"Microsoft.Resources/deployments","name":"nsgModule","properties":{{"mode":"Incremental","expressionEvaluationOptions":{{"scope":"inner"}},
        "parameters":{{"name":{{"value":"[format('nsg-{{0}}', parameters('name'))]"}}}},
        "template":{{"$schema":"{SCHEMA}","parameters":{{"name":{{"type":"string"}}}},"resources":[{{"type":"Microsoft.Network/networkSecurityGroups","name":"[parameters('name')]","properties":{{}}}}],
        "outputs":{{"id":{{"type":"string","value":"[resourceId('Microsoft.Network/networkSecurityGroups', parameters('name'))]"}}}}}}}}}}"#
    );
    let vnet = format!(
        r#"{{"type":"Microsoft.Resources/deployments","name":"vnetModule","resourceGroup":"net","properties":{{"mode":"Incremental","expressionEvaluationOptions":{{"scope":"inner"}},
        "parameters":{{"nsg":{{"value":"[{reference}.outputs.id.value]"}},"tags":{{"value":null}}}},
        "template":{{"$schema":"{SCHEMA}","parameters":{{"nsg":{{"type":"string"}},"tags":{{"type":"object","defaultValue":{{"a":"b"}}}},"extra":{{"type":"array","nullable":true}}}},
        "resources":[{{"type":"Microsoft.Network/virtualNetworks","name":"[resourceGroup().name]","tags":"[parameters('tags')]",
        "properties":{{"subnets":"[concat(createArray(createObject('name', 'web', 'properties', createObject('networkSecurityGroup', createObject('id', parameters('nsg'))))), coalesce(parameters('extra'), createArray()))]"}}}}]}}}}}}"#
    );
    let parameters = r#""parameters":{"name":{"type":"string","defaultValue":"shop"}},"#;
    match is_symbolic {
        true => template(
            &format!(r#""languageVersion":"2.0",{parameters}"#),
            &format!(r#"{{"nsg":{nsg},"vnet":{vnet}}}"#),
        ),
        false => template(parameters, &format!("[{nsg},{vnet}]")),
    }
}

#[test]
fn modules_hand_ids_to_one_another() {
    for text in [
        modules(
            "reference(resourceId('Microsoft.Resources/deployments', 'nsgModule'), '2022-09-01')",
            false,
        ),
        modules("reference('nsg')", true),
    ] {
        let read_so = read_beside(text.as_bytes(), &of_group()).unwrap();
        assert_eq!(read_so.problems, []);
        group(&read_so.facts, &format!("{KNOWN}/networkSecurityGroups/nsg-shop"));
        let net = "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/net";
        assert_eq!(find(&read_so.facts, net).tags["a"], "b");
        let web = subnet(&read_so.facts, &format!("{net}/subnets/web"));
        assert_eq!(
            web.security_group.as_ref().unwrap().as_str(),
            format!("{KNOWN}/networkSecurityGroups/nsg-shop")
        );
    }
}

#[test]
fn a_module_in_a_loop_as_verified_modules_have_it() {
    // Deployments are called by hashes, what is not set is null, and one of many is asked for by its number.
    let subnets = format!(
        r#"{{"copy":{{"name":"subnets","count":"[length(coalesce(parameters('subnets'), createArray()))]"}},"type":"Microsoft.Resources/deployments",
        "name":"[format('{{0}}-subnet-{{1}}', uniqueString(deployment().name), copyIndex())]","properties":{{"expressionEvaluationOptions":{{"scope":"inner"}},
        "parameters":{{"name":{{"value":"[coalesce(parameters('subnets'), createArray())[copyIndex()].name]"}},"table":{{"value":"[tryGet(parameters('subnets')[copyIndex()], 'table')]"}}}},
        "template":{{"$schema":"{SCHEMA}","languageVersion":"2.0","parameters":{{"name":{{"type":"string"}},"table":{{"type":"string","nullable":true}}}},
        "resources":{{"v":{{"existing":true,"type":"Microsoft.Network/virtualNetworks","name":"v"}},"subnet":{{"type":"Microsoft.Network/virtualNetworks/subnets","name":"[format('{{0}}/{{1}}', 'v', parameters('name'))]",
        "properties":{{"routeTable":"[if(not(empty(parameters('table'))), createObject('id', parameters('table')), null())]"}}}}}},
        "outputs":{{"id":{{"type":"string","value":"[resourceId('Microsoft.Network/virtualNetworks/subnets', 'v', parameters('name'))]"}}}}}}}}}}"#
    );
    let interface = r#"{"type":"Microsoft.Network/networkInterfaces","name":"n","properties":{"ipConfigurations":[{"name":"a","properties":{"subnet":{"id":"[reference(format('subnets[{0}]', 1)).outputs.id.value]"}}}]}}"#;
    let text = template(
        r#""languageVersion":"2.0","parameters":{"subnets":{"type":"array","nullable":true,"defaultValue":[{"name":"web"},{"name":"data","table":"/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/routeTables/r"}]}},"#,
        &format!(r#"{{"subnets":{subnets},"n":{interface}}}"#),
    );
    let facts = reading(&text).facts;
    assert_eq!(facts.resources.len(), 3);
    let data = format!("{UNKNOWN}/virtualNetworks/v/subnets/data");
    assert_eq!(subnet(&facts, &data).route_table.as_ref().unwrap().name(), "r");
    let Asset::Interface(held) = &find(&facts, &format!("{UNKNOWN}/networkInterfaces/n")).asset else {
        panic!();
    };
    assert_eq!(held.configurations[0].subnet.as_ref().unwrap().as_str(), data);
}

#[test]
fn a_template_inside_may_see_what_is_around_it() {
    let inside = format!(
        r#"[{{"type":"Microsoft.Resources/deployments","name":"d","resourceGroup":"other","properties":{{"template":{{"$schema":"{SCHEMA}","variables":{{"name":"no"}},
        "resources":[{{"type":"Microsoft.Network/virtualNetworks","name":"[variables('name')]","properties":{{}}}}]}}}}}},
        {{"type":"Microsoft.Resources/deployments","name":"linked","properties":{{"templateLink":{{"uri":"https://example.com/x.json"}}}}}}]"#
    );
    let text = template(r#""variables":{"name":"yes"},"#, &inside);
    let reading = read_beside(text.as_bytes(), &of_group()).unwrap();
    find(
        &reading.facts,
        "/subscriptions/s/resourceGroups/other/providers/Microsoft.Network/virtualNetworks/yes",
    );
    assert_eq!(
        told(&reading),
        [(
            "resources[1]",
            "this `Microsoft.Resources/deployments` is left out: its template stands elsewhere (`templateLink`): read that file by itself"
        )]
    );
}

#[test]
fn a_template_for_a_subscription_makes_groups_and_deploys_to_them() {
    let schema =
        "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#";
    let text = format!(
        r#"{{"$schema":"{schema}","resources":[{{"type":"Microsoft.Resources/resourceGroups","name":"net","location":"westeurope"}},
        {{"type":"Microsoft.Resources/deployments","name":"d","resourceGroup":"net","properties":{{"expressionEvaluationOptions":{{"scope":"inner"}},
        "template":{{"$schema":"{SCHEMA}","resources":[{{"type":"Microsoft.Network/routeTables","name":"[last(split(resourceGroup().id, '/'))]","properties":{{}}}}]}}}}}}]}}"#
    );
    let beside = Beside {
        subscription: Some("s"),
        ..Beside::default()
    };
    let reading = read_beside(text.as_bytes(), &beside).unwrap();
    assert_eq!(reading.problems, []);
    find(
        &reading.facts,
        "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/routeTables/net",
    );
}

#[test]
fn what_is_not_known_is_told_and_makes_no_rule_wider() {
    let text = template(
        r#""parameters":{"admins":{"type":"string"},"extra":{"type":"array","defaultValue":"no list"}},"#,
        r#"[{"type":"Microsoft.Network/networkSecurityGroups","name":"g","location":"[resourceGroup().location]","properties":{"securityRules":[
        {"name":"ssh","properties":{"priority":100,"direction":"Inbound","access":"Deny","protocol":"Tcp","sourceAddressPrefixes":["10.0.0.0/8","[parameters('admins')]"],"sourcePortRange":"*","destinationAddressPrefix":"*","destinationPortRange":"22"}},
        {"name":"web","properties":{"description":"[parameters('admins')]","priority":110,"direction":"Inbound","access":"Allow","protocol":"Tcp","sourceAddressPrefix":"*","sourcePortRange":"*","destinationAddressPrefix":"*","destinationPortRange":"443"}},
        {"name":"[uniqueString('x')]","properties":{"priority":120,"direction":"Inbound","access":"Allow","protocol":"Tcp","sourceAddressPrefix":"*","sourcePortRange":"*","destinationAddressPrefix":"*","destinationPortRange":"80"}}]}},
        {"type":"Microsoft.Network/routeTables","name":"r","location":"[resourceGroup().location]","properties":{"routes":[{"name":"out","properties":{"addressPrefix":"0.0.0.0/0","nextHopType":"VirtualAppliance","nextHopIpAddress":"[reference('fw').ip]"}}]}},
        {"type":"Microsoft.Network/virtualNetworks","name":"v","properties":{"addressSpace":{"addressPrefixes":["10.0.0.0/16","[parameters('extra')[0]]"]}}},
        {"type":"Microsoft.Network/virtualNetworks","name":"[concat('v-', parameters('admins'))]","properties":{}},
        {"type":"Microsoft.Network/networkInterfaces","name":"n","properties":{"ipConfigurations":[{"name":"a","properties":{"privateIPAddress":"[reference('x').ip]","subnet":{"id":"[resourceId('Microsoft.Network/virtualNetworks/subnets', 'v')]"}}}]}}]"#,
    );
    let reading = read(text.as_bytes()).unwrap();
    let admins = "parameter `admins` has no value: give its parameters too";
    let once_deployed = "`reference()` is known once it is deployed";
    assert_eq!(
        told(&reading),
        [
            (
                "resources[0].location",
                "the location of this and maybe of others is not known: the location of the resource group is not said"
            ),
            (
                "resources[0].properties.securityRules[2].name",
                "this is not known: function `uniquestring` is a hash that only Azure makes"
            ),
            (
                "resources[0].properties.securityRules[0].properties.sourceAddressPrefixes[1]",
                &format!("rule `ssh` is left out, for this is not known: {admins}")
            ),
            (
                "resources[0].properties.securityRules[1].properties.description",
                &format!("this is not known: {admins}")
            ),
            (
                "resources[1].properties.routes[0].properties.nextHopIpAddress",
                &format!("route `out` is left out, for this is not known: {once_deployed}")
            ),
            (
                "resources[2].properties.addressSpace.addressPrefixes[1]",
                "this is not known: parameter `extra` is to be a list, and its value is none"
            ),
            (
                "resources[3].name",
                &format!(
                    "this `Microsoft.Network/virtualNetworks` is left out: its name is not known: {admins}"
                )
            ),
            (
                "resources[4].properties.ipConfigurations[0].properties.privateIPAddress",
                &format!("this is not known: {once_deployed}")
            ),
            (
                "resources[4].properties.ipConfigurations[0].properties.subnet.id",
                "this is not known: `resourceid` of `Microsoft.Network/virtualNetworks/subnets` with 1 names"
            ),
        ]
    );
    assert_eq!(
        reading.problems[2].resource.as_deref(),
        Some(format!("{UNKNOWN}/networkSecurityGroups/g").as_str())
    );
    let held = group(&reading.facts, &format!("{UNKNOWN}/networkSecurityGroups/g"));
    assert_eq!(
        (held.rules.len(), held.left_out.as_slice()),
        (1, &["ssh".to_owned(), SecurityGroup::NOT_KNOWN.to_owned()][..])
    );
    assert_eq!(
        held.rules[0].destination.ports,
        [PortRange {
            first: 443,
            last: 443
        }]
    );
    let Asset::RouteTable(table) = &find(&reading.facts, &format!("{UNKNOWN}/routeTables/r")).asset else {
        panic!();
    };
    assert_eq!(table.routes, []);
}

#[test]
fn functions_of_texts_and_numbers() {
    for (expression, expected) in [
        ("[concat('a', 'b', 1)]", "ab1"),
        ("[[a]", "[a]"),
        ("[format('{0}{1}{2}', true(), null(), 'x')]", "Truex"),
        ("[format('{0}-{1:D3}-{{x}}', 'a', 7)]", "a-007-{x}"),
        ("[toLower(toUpper('aBc'))]", "abc"),
        ("[last(split('a/b/c', '/'))]", "c"),
        ("[first(split('a-b_c', createArray('-', '_')))]", "a"),
        ("[replace('a.b.c', '.', '-')]", "a-b-c"),
        ("[substring('network', 3, 2)]", "wo"),
        ("[padLeft('7', 3, '0')]", "007"),
        ("[string(add(sub(mul(6, 7), 2), mod(div(17, 2), 5)))]", "43"),
        ("[string(max(1, int('9'), 4))]", "9"),
        ("[join(skip(take(range(1, 5), 4), 2), '-')]", "3-4"),
        (
            "[string(length(union(createArray(1, 2), createArray(2, 3))))]",
            "3",
        ),
        (
            "[union(createObject('a', createObject('x', 'old', 'y', 'kept')), createObject('A', createObject('x', 'new'))).a.x]",
            "new",
        ),
        ("[string(empty(createArray()))]", "True"),
        (
            "[join(intersection(createArray('a', 'b'), createArray('b', 'c')), '')]",
            "b",
        ),
        ("[string(indexOf('abcABC', 'C'))]", "2"),
        ("[items(createObject('b', 2, 'a', 1))[0].key]", "a"),
        ("[json('{\\\"a\\\": [\\\"x\\\"]}').A[0]]", "x"),
        (
            "[join(map(range(0, 3), lambda('i', format('s{0}', lambdaVariables('i')))), '')]",
            "s0s1s2",
        ),
        (
            "[join(map(filter(createArray(1, 2, 3), lambda('i', greater(lambdaVariables('i'), 1))), lambda('i', string(lambdaVariables('i')))), '')]",
            "23",
        ),
        (
            "[replace(cidrSubnet('10.144.0.0/20', 24, 0), '/', '-')]",
            "10.144.0.0-24",
        ),
        ("[cidrHost('10.144.3.0/24', 0)]", "10.144.3.1"),
        ("[parseCidr('10.144.0.0/20').lastUsable]", "10.144.15.254"),
        ("[resourceGroup().name]", "rg"),
        ("[last(split(subscription().id, '/'))]", "s"),
        (
            "[replace(resourceGroup().id, '/', '-')]",
            "-subscriptions-s-resourceGroups-rg",
        ),
        (
            "[replace(subscriptionResourceId('A.B/c', 'd'), '/', '-')]",
            "-subscriptions-s-providers-A.B-c-d",
        ),
        (
            "[replace(extensionResourceId('/x', 'A.B/c', 'd'), '/', '-')]",
            "-x-providers-A.B-c-d",
        ),
        (
            "[replace(resourceId('t', 'g', 'A.B/c/d', 'e', 'f'), '/', '-')]",
            "-subscriptions-t-resourceGroups-g-providers-A.B-c-e-d-f",
        ),
    ] {
        check("", expression, expected);
    }
}

#[test]
fn conditions_look_at_what_they_need() {
    for (expression, expected) in [
        ("[if(equals('a', 'A'), 'same', 'other')]", "other"),
        ("[if(true(), 'a', reference('x').y)]", "a"),
        ("[if(or(true(), reference('x').y), 'a', 'b')]", "a"),
        ("[if(and(equals(1, 2), reference('x').y), 'a', 'b')]", "b"),
        ("[if(contains(createObject('A', 1), 'a'), 'has', 'not')]", "has"),
        ("[if(contains(createArray('A'), 'a'), 'has', 'not')]", "not"),
        ("[if(startsWith('Abc', 'aB'), 'yes', 'no')]", "yes"),
        ("[coalesce(null(), tryGet(createObject('a', 1), 'b'), 'c')]", "c"),
        ("[tryGet(createObject('a', createArray('x')), 'A', 0)]", "x"),
        ("[createObject('a', reference('x'), 'b', 'known').b]", "known"),
    ] {
        check("", expression, expected);
    }
}

#[test]
fn what_cannot_be_evaluated_says_why() {
    let out = |why: &str| {
        format!(
            "this `Microsoft.Network/applicationSecurityGroups` is left out: its name is not known: {why}"
        )
    };
    for (expression, why) in [
        (
            "[uniqueString(resourceGroup().id)]",
            "function `uniquestring` is a hash that only Azure makes",
        ),
        (
            "[concat('a', guid('x'))]",
            "function `guid` is a hash that only Azure makes",
        ),
        (
            "[utcNow()]",
            "function `utcnow` is another one for each deployment",
        ),
        (
            "[listKeys('x', 'y').z]",
            "function `listkeys` asks a resource that is there",
        ),
        ("[reference('x').y]", "`reference()` is known once it is deployed"),
        (
            "[subscription().tenantId]",
            "`subscription().tenantId` is known to Azure alone",
        ),
        ("[nothing('x')]", "function `nothing` is not evaluated here"),
        ("[parameters('x')]", "parameter `x` is not declared"),
        ("[variables('x')]", "variable `x` is not declared"),
        ("[copyIndex()]", "`copyIndex()` stands outside of a loop"),
        ("[createObject('a', 1).b]", "there is no member `b`"),
        ("[createArray('a')[1]]", "a list of 1 has no element 1"),
        ("[add('a', 1)]", "`add` takes a whole number as argument 1"),
        ("[div(1, 0)]", "`div` has no whole number as its result"),
        (
            "[string(createArray(reference('x')))]",
            "`reference()` is known once it is deployed",
        ),
        (
            "[cidrSubnet('10.0.0.0/24', 28, 16)]",
            "`cidrsubnet` has no prefix 16 of length 28 in `10.0.0.0/24`",
        ),
        ("[format('{0:N1}', 1)]", "`format` does not know `{0:N1}`"),
        ("[concat('a'", "is no expression"),
    ] {
        let expected = match why {
            "is no expression" => "[concat('a'".to_owned(),
            why => out(why),
        };
        check("", expression, &expected);
    }
}

#[test]
fn a_type_may_say_that_a_parameter_can_be_left_away() {
    let own = r##""definitions":{"names":{"type":"string","nullable":true}},"parameters":{"name":{"$ref":"#/definitions/names"}},"##;
    check(own, "[coalesce(parameters('name'), 'other')]", "other");
}

#[test]
fn functions_of_the_template_itself() {
    let functions = r#""functions":[{"namespace":"__bicep","members":{"named":{"parameters":[{"type":"string","name":"of"}],"output":{"type":"string","value":"[format('asg-{0}', parameters('of'))]"}}}}],"#;
    check(functions, "[__bicep.named('web')]", "asg-web");
    check(
        functions,
        "[__bicep.named(reference('x').y)]",
        "this `Microsoft.Network/applicationSecurityGroups` is left out: its name is not known: `reference()` is known once it is deployed",
    );
}

#[test]
fn ids_of_parts_join_though_it_is_not_said_what_it_is_for() {
    let text = template(
        "",
        r#"[{"type":"Microsoft.Network/networkInterfaces","name":"n","properties":{"networkSecurityGroup":{"id":"[resourceId(subscription().subscriptionId, resourceGroup().name, 'Microsoft.Network/networkSecurityGroups', 'g')]"}}},
        {"type":"Microsoft.Network/networkSecurityGroups","name":"g","properties":{}}]"#,
    );
    let facts = reading(&text).facts;
    let Asset::Interface(interface) = &find(&facts, &format!("{UNKNOWN}/networkInterfaces/n")).asset else {
        panic!();
    };
    assert_eq!(
        interface.security_group.as_ref(),
        Some(&find(&facts, &format!("{UNKNOWN}/networkSecurityGroups/g")).id)
    );
}
