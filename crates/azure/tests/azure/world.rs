//! A company's network as Azure Resource Manager tells it: bodies after the examples of Microsoft's REST documents
//! (<https://learn.microsoft.com/rest/api/virtualnetwork/>, <https://learn.microsoft.com/rest/api/compute/>), with two
//! subscriptions, of which the second is empty.

use super::server::{Answer, Asked};

pub(crate) const SHOP: &str = "0a1b2c3d-0000-4000-8000-000000000001";
pub(crate) const EMPTY: &str = "0a1b2c3d-0000-4000-8000-000000000002";
pub(crate) const TENANT: &str = "7e57ab1e-0000-4000-8000-00000000000f";
pub(crate) const TOKEN: &str = "eyJ-made-up-access-token";

const NETWORK: &str = "api-version=2024-05-01";
const COMPUTE: &str = "api-version=2024-07-01";

/// The lists of the shop: path behind the provider's subscription, query, elements. `S` stands for the subscription and its
/// group, `N` for the network's provider, `C` for that of machines.
const LISTS: [(&str, &str, &str); 24] = [
    (
        "P/N/networkInterfaces",
        NETWORK,
        r#"{"id":"G/N/networkInterfaces/nic-web","name":"nic-web","location":"westeurope","properties":{"resourceGuid":"5f1e7c1c-0000-4000-8000-0000000000aa",
            "macAddress":"00-0D-3A-00-00-01","enableIPForwarding":false,"networkSecurityGroup":{"id":"G/N/networkSecurityGroups/nsg-web"},
            "virtualMachine":{"id":"G/C/virtualMachines/vm-web"},"ipConfigurations":[{"name":"ipconfig1","properties":{"privateIPAddress":"10.0.1.4",
            "primary":true,"subnet":{"id":"G/N/virtualNetworks/vnet-shop/subnets/snet-web"},"publicIPAddress":{"id":"G/N/publicIPAddresses/pip-web"}}}]}}"#,
    ),
    (
        "P/N/virtualNetworks",
        NETWORK,
        r#"{"id":"G/N/virtualNetworks/vnet-shop","name":"vnet-shop","location":"westeurope","properties":{"addressSpace":{"addressPrefixes":["10.0.0.0/16"]},
            "subnets":[{"id":"G/N/virtualNetworks/vnet-shop/subnets/snet-web","name":"snet-web","properties":{"addressPrefix":"10.0.1.0/24",
            "networkSecurityGroup":{"id":"G/N/networkSecurityGroups/nsg-web"},"routeTable":{"id":"G/N/routeTables/rt-shop"}}}],
            "virtualNetworkPeerings":[{"id":"G/N/virtualNetworks/vnet-shop/virtualNetworkPeerings/to-hub","name":"to-hub","properties":{"peeringState":"Connected",
            "allowVirtualNetworkAccess":true,"remoteVirtualNetwork":{"id":"G/N/virtualNetworks/vnet-hub"},"remoteAddressSpace":{"addressPrefixes":["10.9.0.0/16"]}}}]}}"#,
    ),
    (
        "P/N/networkSecurityGroups",
        NETWORK,
        r#"{"id":"G/N/networkSecurityGroups/nsg-web","name":"nsg-web","location":"westeurope","properties":{"securityRules":[{"name":"AllowWeb","properties":{
            "priority":100,"direction":"Inbound","access":"Allow","protocol":"Tcp","sourceAddressPrefix":"Internet","sourcePortRange":"*",
            "destinationAddressPrefix":"*","destinationPortRanges":["80","443"]}}],"defaultSecurityRules":[{"name":"DenyAllInBound","properties":{
            "priority":65500,"direction":"Inbound","access":"Deny","protocol":"*","sourceAddressPrefix":"*","sourcePortRange":"*",
            "destinationAddressPrefix":"*","destinationPortRange":"*"}}]}}"#,
    ),
    (
        "P/N/applicationSecurityGroups",
        NETWORK,
        r#"{"id":"G/N/applicationSecurityGroups/asg-web","name":"asg-web","location":"westeurope","properties":{}}"#,
    ),
    (
        "P/N/routeTables",
        NETWORK,
        r#"{"id":"G/N/routeTables/rt-shop","name":"rt-shop","location":"westeurope","properties":{"routes":[{"name":"out","properties":{
            "addressPrefix":"0.0.0.0/0","nextHopType":"VirtualAppliance","nextHopIpAddress":"10.9.0.4"}}]}}"#,
    ),
    (
        "P/N/publicIPAddresses",
        NETWORK,
        r#"{"id":"G/N/publicIPAddresses/pip-web","name":"pip-web","location":"westeurope","properties":{"ipAddress":"203.0.113.10",
            "ipConfiguration":{"id":"G/N/networkInterfaces/nic-web/ipConfigurations/ipconfig1"}}}"#,
    ),
    (
        "P/N/publicIPPrefixes",
        NETWORK,
        r#"{"id":"G/N/publicIPPrefixes/ppfx","name":"ppfx","location":"westeurope","properties":{"ipPrefix":"203.0.113.64/28"}}"#,
    ),
    (
        "P/N/loadBalancers",
        NETWORK,
        r#"{"id":"G/N/loadBalancers/lb-shop","name":"lb-shop","location":"westeurope","properties":{"frontendIPConfigurations":[{"name":"front","properties":{
            "privateIPAddress":"10.0.1.100","subnet":{"id":"G/N/virtualNetworks/vnet-shop/subnets/snet-web"}}}],"backendAddressPools":[]}}"#,
    ),
    ("P/N/applicationGateways", NETWORK, ""),
    (
        "P/N/natGateways",
        NETWORK,
        r#"{"id":"G/N/natGateways/nat-shop","name":"nat-shop","location":"westeurope","properties":{"publicIpAddresses":[{"id":"G/N/publicIPAddresses/pip-web"}],"subnets":[]}}"#,
    ),
    (
        "P/N/privateEndpoints",
        NETWORK,
        r#"{"id":"G/N/privateEndpoints/pe-sql","name":"pe-sql","location":"westeurope","properties":{"subnet":{"id":"G/N/virtualNetworks/vnet-shop/subnets/snet-web"},
            "networkInterfaces":[{"id":"G/N/networkInterfaces/pe-sql.nic"}],"privateLinkServiceConnections":[{"name":"sql","properties":{
            "privateLinkServiceId":"G/Microsoft.Sql/servers/sql-shop","groupIds":["sqlServer"]}}],"customDnsConfigs":[{"fqdn":"sql-shop","ipAddresses":["10.0.1.50"]}]}}"#,
    ),
    (
        "P/N/networkWatchers",
        NETWORK,
        r#"{"id":"G/N/networkWatchers/nw-we","name":"nw-we","location":"westeurope","properties":{}}"#,
    ),
    (
        "G/N/networkWatchers/nw-we/flowLogs",
        NETWORK,
        r#"{"id":"G/N/networkWatchers/nw-we/flowLogs/fl-shop","name":"fl-shop","location":"westeurope","properties":{"targetResourceId":"G/N/virtualNetworks/vnet-shop",
            "storageId":"G/Microsoft.Storage/storageAccounts/stflow","enabled":true,"format":{"type":"JSON","version":2},"retentionPolicy":{"days":30,"enabled":true},
            "flowAnalyticsConfiguration":{"networkWatcherFlowAnalyticsConfiguration":{"enabled":true,"trafficAnalyticsInterval":10}}}}"#,
    ),
    (
        "P/N/networkManagers",
        NETWORK,
        r#"{"id":"G/N/networkManagers/nm","name":"nm","location":"westeurope","properties":{}}"#,
    ),
    (
        "G/N/networkManagers/nm/securityAdminConfigurations",
        NETWORK,
        r#"{"id":"G/N/networkManagers/nm/securityAdminConfigurations/base","name":"base","properties":{}}"#,
    ),
    (
        "G/N/networkManagers/nm/securityAdminConfigurations/base/ruleCollections",
        NETWORK,
        r#"{"id":"G/N/networkManagers/nm/securityAdminConfigurations/base/ruleCollections/all","name":"all","properties":{"appliesToGroups":[]}}"#,
    ),
    (
        "G/N/networkManagers/nm/securityAdminConfigurations/base/ruleCollections/all/rules",
        NETWORK,
        r#"{"id":"G/N/networkManagers/nm/securityAdminConfigurations/base/ruleCollections/all/rules/no-telnet","name":"no-telnet","kind":"Custom","properties":{
            "priority":10,"direction":"Inbound","access":"Deny","protocol":"Tcp","sources":[{"addressPrefix":"*","addressPrefixType":"IPPrefix"}],
            "destinations":[{"addressPrefix":"*","addressPrefixType":"IPPrefix"}],"destinationPortRanges":["23"]}}"#,
    ),
    (
        "P/C/virtualMachines",
        COMPUTE,
        r#"{"id":"G/C/virtualMachines/vm-web","name":"vm-web","location":"westeurope","properties":{"vmId":"1","hardwareProfile":{"vmSize":"Standard_D2s_v5"},
            "networkProfile":{"networkInterfaces":[{"id":"G/N/networkInterfaces/nic-web","properties":{"primary":true}}]}}}"#,
    ),
    (
        "P/C/virtualMachines",
        "api-version=2024-07-01&statusOnly=true",
        r#"{"id":"G/C/virtualMachines/vm-web","name":"vm-web","location":"westeurope","properties":{"vmId":"1","instanceView":{"statuses":[
            {"code":"ProvisioningState/succeeded"},{"code":"PowerState/running","displayStatus":"VM running"}]}}}"#,
    ),
    (
        "P/C/virtualMachineScaleSets",
        COMPUTE,
        r#"{"id":"G/C/virtualMachineScaleSets/vmss-api","name":"vmss-api","location":"westeurope","properties":{"orchestrationMode":"Uniform"}},
            {"id":"G/C/virtualMachineScaleSets/vmss-flex","name":"vmss-flex","location":"westeurope","properties":{"orchestrationMode":"Flexible"}}"#,
    ),
    (
        "G/C/virtualMachineScaleSets/vmss-api/virtualMachines",
        "api-version=2024-07-01&$expand=instanceView",
        r#"{"id":"G/C/virtualMachineScaleSets/vmss-api/virtualMachines/0","name":"vmss-api_0","instanceId":"0","location":"westeurope","properties":{
            "instanceView":{"statuses":[{"code":"PowerState/running"}]},"networkProfile":{"networkInterfaces":[
            {"id":"G/C/virtualMachineScaleSets/vmss-api/virtualMachines/0/networkInterfaces/api"}]}}}"#,
    ),
    (
        "G/C/virtualMachineScaleSets/vmss-api/networkInterfaces",
        "api-version=2018-10-01",
        r#"{"id":"G/C/virtualMachineScaleSets/vmss-api/virtualMachines/0/networkInterfaces/api","name":"api","properties":{"macAddress":"00-0D-3A-00-00-03","primary":true,
            "virtualMachine":{"id":"G/C/virtualMachineScaleSets/vmss-api/virtualMachines/0"},"ipConfigurations":[{"name":"ipconfig1","properties":{
            "privateIPAddress":"10.0.1.20","subnet":{"id":"G/N/virtualNetworks/vnet-shop/subnets/snet-web"}}}]}}"#,
    ),
    (
        "S/resources",
        "api-version=2021-04-01&$filter=resourceType eq 'Microsoft.Network/connections'",
        r#"{"id":"G/N/connections/to-office","name":"to-office","type":"Microsoft.Network/connections"},{"id":"G/N/connections/to-branch","name":"to-branch","type":"Microsoft.Network/connections"}"#,
    ),
    (
        "g/N/connections",
        NETWORK,
        r#"{"id":"G/N/connections/to-office","name":"to-office","location":"westeurope","properties":{"connectionType":"IPsec",
            "virtualNetworkGateway1":{"id":"G/N/virtualNetworkGateways/vgw"},"localNetworkGateway2":{"id":"G/N/localNetworkGateways/office"}}}"#,
    ),
];

/// The second page of the interfaces.
const SECOND: &str = r#"{"id":"G/N/networkInterfaces/pe-sql.nic","name":"pe-sql.nic","location":"westeurope","properties":{"macAddress":"00-0D-3A-00-00-02",
    "privateEndpoint":{"id":"G/N/privateEndpoints/pe-sql"},"ipConfigurations":[{"name":"c","properties":{"privateIPAddress":"10.0.1.50",
    "subnet":{"id":"G/N/virtualNetworks/vnet-shop/subnets/snet-web"}}}]}}"#;

const TAGS: &str = r#"{"name":"public","type":"Microsoft.Network/serviceTags","changeNumber":"63","cloud":"Public","values":[
    {"name":"Storage.WestEurope","id":"Storage.WestEurope","properties":{"changeNumber":"3","region":"westeurope","systemService":"AzureStorage",
    "addressPrefixes":["20.60.26.0/23"]}}],"nextLink":""}"#;

/// The same in full.
fn spelled(text: &str) -> String {
    let group = format!("/subscriptions/{SHOP}/resourceGroups/rg-shop/providers");
    text.replace("P/", &format!("/subscriptions/{SHOP}/providers/"))
        .replace("G/", &format!("{group}/"))
        .replace("g/N", &format!("{group}/N"))
        .replace("S/resources", &format!("/subscriptions/{SHOP}/resources"))
        .replace("/N/", "/Microsoft.Network/")
        .replace("/C/", "/Microsoft.Compute/")
}

/// A refusal as Azure words it.
pub(crate) fn refused(asked: &Asked) -> Answer {
    let action = asked
        .path()
        .split("/providers/")
        .nth(1)
        .unwrap_or("Microsoft.Resources/subscriptions");
    Answer::new(
        403,
        &format!(
            r#"{{"error":{{"code":"AuthorizationFailed","message":"The client 'reader@shop.example' with object id '1' does not have authorization to perform action '{action}/read' over scope '/subscriptions/{SHOP}' or the scope is invalid."}}}}"#
        ),
    )
}

/// What Azure Resource Manager answers.
pub(crate) fn arm(asked: &Asked) -> Answer {
    if asked.bearer() != TOKEN {
        return Answer::new(
            401,
            r#"{"error":{"code":"ExpiredAuthenticationToken","message":"The access token expiry UTC time is earlier than current UTC time."}}"#,
        );
    }
    let (path, query) = (asked.path(), asked.query());
    if path == "/subscriptions" {
        let one = |id: &str, name: &str, state: &str| {
            format!(
                r#"{{"id":"/subscriptions/{id}","subscriptionId":"{id}","displayName":"{name}","state":"{state}"}}"#
            )
        };
        let all = [
            one(EMPTY, "shop-test", "Enabled"),
            one(SHOP, "shop-prod", "Enabled"),
            one("0a1b2c3d-0000-4000-8000-000000000003", "gone", "Disabled"),
        ];
        return Answer::new(200, &format!(r#"{{"value":[{}]}}"#, all.join(",")));
    }
    if path == format!("/subscriptions/{SHOP}") {
        return Answer::new(200, r#"{"displayName":"shop-prod","state":"Enabled"}"#);
    }
    if path == format!("/subscriptions/{EMPTY}") {
        return Answer::new(200, r#"{"displayName":"shop-test","state":"Enabled"}"#);
    }
    if path == format!("/subscriptions/{SHOP}/providers/Microsoft.Network/locations/westeurope/serviceTags") {
        return Answer::new(200, TAGS);
    }
    if path.starts_with(&format!("/subscriptions/{EMPTY}/")) {
        return Answer::new(200, r#"{"value":[]}"#);
    }
    if query.contains("$filter=resourceType") && !query.contains("connections") {
        return Answer::new(200, r#"{"value":[]}"#);
    }
    if query.contains("$skiptoken=2") {
        return Answer::new(200, &spelled(&format!(r#"{{"value":[{SECOND}]}}"#)));
    }
    let found = LISTS
        .iter()
        .find(|(own, version, _)| spelled(own) == path && *version == query);
    let Some((own, _, elements)) = found else {
        return Answer::new(
            404,
            r#"{"error":{"code":"InvalidResourceType","message":"The resource type could not be found."}}"#,
        );
    };
    let next = match *own {
        "P/N/networkInterfaces" => format!(r#","nextLink":"{}{}&$skiptoken=2""#, asked.place, asked.target),
        _ => String::new(),
    };
    Answer::new(200, &format!(r#"{{"value":[{}]{next}}}"#, spelled(elements)))
}

/// What Entra ID answers who proves to be the application `app` with the secret `s3cret!`.
pub(crate) fn entra(asked: &Asked) -> Option<Answer> {
    if asked.path() != format!("/{TENANT}/oauth2/v2.0/token") {
        return None;
    }
    let is_known = asked.method == "POST"
        && asked.body.contains("client_id=app&")
        && asked.body.contains("client_secret=s3cret%21");
    Some(if is_known {
        Answer::new(
            200,
            &format!(
                r#"{{"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"access_token":"{TOKEN}"}}"#
            ),
        )
    } else {
        Answer::new(
            401,
            r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided. Trace ID: 1"}"#,
        )
    })
}

/// Both at one place.
pub(crate) fn azure(asked: &Asked) -> Answer {
    entra(asked).unwrap_or_else(|| arm(asked))
}
