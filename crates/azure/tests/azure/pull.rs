//! A whole pull: what is asked, what comes of it, and what is known to be all there is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use azure::{Arm, AzureError, Choice, Cloud, Document, Identity, Pulled, Wanted};
use net::{Client, Proxies, Retry, Settings};

use super::server::{Answer, Asked, Server};
use super::world::{self, EMPTY, SHOP, TENANT};

/// A client that does not wait long.
pub(crate) fn client() -> Arc<Client> {
    client_through(Proxies::default())
}

pub(crate) fn client_through(proxies: Proxies) -> Arc<Client> {
    let settings = Settings {
        user_agent: "flowglass/test".to_owned(),
        proxies,
        retry: Retry {
            tries_max: 3,
            first: Duration::from_millis(5),
            ..Retry::default()
        },
        seed: 1,
    };
    Arc::new(Client::new(&settings).unwrap())
}

/// Azure at a server, asked as the application of the world.
pub(crate) fn arm(place: &str) -> Arm {
    let cloud = Cloud::of(None, Some(place), Some(place)).unwrap();
    let client = client();
    let variables = BTreeMap::from([
        ("AZURE_TENANT_ID", TENANT),
        ("AZURE_CLIENT_ID", "app"),
        ("AZURE_CLIENT_SECRET", "s3cret!"),
    ]);
    let identity = Identity::new(
        Arc::clone(&client),
        cloud.authority.clone(),
        Choice::Only(azure::Method::ServicePrincipal),
        |name| variables.get(name).map(|value| (*value).to_owned()),
    );
    Arm::new(client, identity, cloud)
}

pub(crate) fn block<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(work)
}

/// Pulls from a server that answers so; gives the documents by name too.
pub(crate) fn pulled(server: &Server, wanted: &Wanted) -> (Result<Pulled, AzureError>, Vec<Document>) {
    let mut documents = Vec::new();
    let mut seen = |document| documents.push(document);
    let arm = arm(&server.place);
    let pulled = block(azure::pull(&arm, wanted, &mut seen));
    (pulled, documents)
}

pub(crate) fn shop() -> Wanted {
    Wanted {
        subscriptions: vec![SHOP.to_owned()],
        group: None,
    }
}

/// Types that were listed whole in the shop, without their providers.
pub(crate) fn whole(pulled: &Pulled) -> BTreeSet<&str> {
    let own = pulled.whole.iter().filter(|whole| whole.subscription == SHOP);
    own.map(|whole| whole.kind.split_once('/').unwrap().1).collect()
}

pub(crate) fn failures(documents: &[Document]) -> Vec<String> {
    let failed = documents
        .iter()
        .filter_map(|document| Some((&document.name, document.failure.as_ref()?)));
    failed
        .map(|(name, failure)| format!("{name}: {failure}"))
        .collect()
}

const ALL: [&str; 20] = [
    "applicationGateways",
    "applicationSecurityGroups",
    "connections",
    "loadBalancers",
    "localNetworkGateways",
    "natGateways",
    "networkInterfaces",
    "networkManagers/securityAdminConfigurations/ruleCollections",
    "networkSecurityGroups",
    "networkWatchers/flowLogs",
    "privateEndpoints",
    "publicIPAddresses",
    "publicIPPrefixes",
    "routeTables",
    "virtualMachineScaleSets/virtualMachines",
    "virtualMachineScaleSets/virtualMachines/networkInterfaces",
    "virtualMachines",
    "virtualNetworkGateways",
    "virtualNetworks",
    "virtualNetworks/subnets",
];

#[test]
fn everything_is_listed_to_its_end() {
    let server = Server::start(world::azure);
    let (pulled, documents) = pulled(&server, &Wanted::default());
    let pulled = pulled.unwrap();
    assert_eq!(failures(&documents), Vec::<String>::new());
    let named: Vec<(&str, Option<&str>)> = pulled
        .subscriptions
        .iter()
        .map(|held| (held.id.as_str(), held.name.as_deref()))
        .collect();
    assert_eq!(named, [(SHOP, Some("shop-prod")), (EMPTY, Some("shop-test"))]);
    assert_eq!(whole(&pulled), BTreeSet::from(ALL));
    // Of the empty one it is known that there is nothing.
    assert_eq!(pulled.whole.len(), 2 * ALL.len());
    let count = |name: &str| {
        let mut own = documents.iter().filter(|document| document.name == name);
        let body = own.find_map(|document| document.body.clone()).unwrap();
        assert_eq!(body.get("nextLink"), None, "{name}");
        let held = body.get("value").or_else(|| body.get("values")).unwrap();
        held.as_array().unwrap().len()
    };
    let tags = count("serviceTags");
    assert_eq!(
        (count("flowLogs of nw-we"), count("rules of all"), tags),
        (1, 1, 1)
    );
    assert_eq!(count("networkInterfaces of vmss-api"), 1);
    let of_shop = documents.iter().filter(|document| document.subscription == SHOP);
    let pages = of_shop.filter(|document| document.name == "networkInterfaces");
    let bodies: Vec<_> = pages.filter_map(|document| document.body.clone()).collect();
    assert_eq!(bodies.len(), 1);
    assert_eq!(bodies[0]["value"].as_array().unwrap().len(), 2);
}

#[test]
fn each_request_is_as_it_should_be() {
    let server = Server::start(world::azure);
    let (pulled, documents) = pulled(&server, &shop());
    assert_eq!(whole(&pulled.unwrap()), BTreeSet::from(ALL));
    let asked = server.asked();
    // One token, for Azure Resource Manager there and nobody else.
    let (token, lists): (Vec<&Asked>, Vec<&Asked>) = asked.iter().partition(|asked| asked.method == "POST");
    assert_eq!(token.len(), 1);
    let audience = server.place.replace(':', "%3A").replace('/', "%2F");
    assert!(
        token[0].body.contains(&format!("scope={audience}%2F.default")) && token[0].bearer().is_empty(),
        "{}",
        token[0].body
    );
    for asked in &lists {
        assert_eq!(asked.bearer(), world::TOKEN);
        assert_eq!(asked.header("accept"), "application/json");
        assert_eq!(asked.header("user-agent"), "flowglass/test");
        assert!(asked.query().starts_with("api-version=20"), "{}", asked.target);
        assert_eq!(asked.before, 0, "{} was asked for twice", asked.target);
    }
    // Each of them is one of those that a dry run tells.
    let cloud = Cloud::of(None, Some(&server.place), Some(&server.place)).unwrap();
    let shape = |path: &str| -> String {
        let names = ["nw-we", "nm", "base", "all", "vmss-api", "westeurope", "rg-shop"];
        let parts = path.split('/').map(|part| match part {
            "{name}" | "{region}" | "{group}" => "*",
            part if names.contains(&part) => "*",
            part => part,
        });
        parts.collect::<Vec<_>>().join("/")
    };
    let planned: BTreeSet<String> = azure::plan(&cloud, &shop())
        .iter()
        .map(|request| {
            let path = request.strip_prefix(&server.place).unwrap();
            shape(path.split('?').next().unwrap())
                .replace("/*/providers/Microsoft.Network/networkWatchers", "/N/w")
        })
        .collect();
    for asked in &lists {
        // Ids are spelled with their groups, of which a plan knows nothing.
        let path = shape(asked.path()).replace("/resourceGroups/*/", "/");
        let path = shape(&path);
        let known = planned
            .iter()
            .any(|planned| planned.replace("/resourceGroups/*/", "/") == path);
        assert!(known, "{path} is not among {planned:#?}");
    }
    assert_eq!(
        documents.len(),
        lists.len() - 2,
        "the first page of two, and the subscription"
    );
}

#[test]
fn one_group_is_all_that_is_spoken_of() {
    let server = Server::start(|asked| match world::entra(asked) {
        Some(answer) => answer,
        None if asked.path().contains("/resourceGroups/rg-shop/providers/") => {
            Answer::new(200, r#"{"value":[]}"#)
        }
        None if asked.path() == format!("/subscriptions/{SHOP}") => Answer::new(200, "{}"),
        None => world::refused(asked),
    });
    let wanted = Wanted {
        group: Some("rg-shop".to_owned()),
        ..shop()
    };
    let (pulled, documents) = pulled(&server, &wanted);
    let pulled = pulled.unwrap();
    assert_eq!(failures(&documents), Vec::<String>::new());
    assert_eq!(whole(&pulled), BTreeSet::from(ALL));
    assert!(
        pulled
            .whole
            .iter()
            .all(|whole| whole.group.as_deref() == Some("rg-shop"))
    );
    let searched = server
        .asked()
        .iter()
        .any(|asked| asked.path().ends_with("/resources"));
    assert!(!searched);
}

#[test]
fn what_is_refused_is_not_taken_for_nothing() {
    let server = Server::start(|asked| match asked.path() {
        path if path.ends_with("Microsoft.Network/networkSecurityGroups") => world::refused(asked),
        path if path.ends_with("networkManagers/nm/securityAdminConfigurations") => world::refused(asked),
        _ => world::azure(asked),
    });
    let (pulled, documents) = pulled(&server, &shop());
    let pulled = pulled.unwrap();
    let refused = |name: &str, action: &str| {
        format!(
            "{name}: not permitted: AuthorizationFailed: The client 'reader@shop.example' with object id '1' does not have authorization to perform action '{action}/read' over scope '/subscriptions/{SHOP}' or the scope is invalid"
        )
    };
    assert_eq!(
        failures(&documents),
        [
            refused("networkSecurityGroups", "Microsoft.Network/networkSecurityGroups"),
            refused(
                "securityAdminConfigurations of nm",
                "Microsoft.Network/networkManagers/nm/securityAdminConfigurations"
            )
        ]
    );
    assert!(
        documents
            .iter()
            .filter_map(|held| held.failure.as_ref())
            .all(|failure| failure.is_refusal() && failure.hint().contains("`Reader`"))
    );
    let mut expected = BTreeSet::from(ALL);
    for missing in [
        "networkSecurityGroups",
        "networkManagers/securityAdminConfigurations/ruleCollections",
        // The list of ids leaves out what may not be read, and one who may not read all may not read these.
        "connections",
        "virtualNetworkGateways",
        "localNetworkGateways",
    ] {
        assert!(expected.remove(missing));
    }
    assert_eq!(whole(&pulled), expected);
}

#[test]
fn a_subscription_that_does_not_exist_is_named() {
    let server = Server::start(|asked| match world::entra(asked) {
        Some(answer) => answer,
        None if asked.path() == "/subscriptions/none" => Answer::new(
            404,
            r#"{"error":{"code":"SubscriptionNotFound","message":"The subscription 'none' could not be found."}}"#,
        ),
        None => world::arm(asked),
    });
    let wanted = Wanted {
        subscriptions: vec!["none".to_owned(), SHOP.to_owned(), SHOP.to_uppercase()],
        group: None,
    };
    let (pulled, documents) = pulled(&server, &wanted);
    assert_eq!(pulled.unwrap().subscriptions.len(), 1);
    let failed = failures(&documents);
    assert_eq!(failed.len(), 1);
    assert!(
        failed[0].ends_with("answers 404: SubscriptionNotFound: The subscription 'none' could not be found"),
        "{failed:?}"
    );
}

#[test]
fn a_provider_that_was_never_used_has_nothing() {
    let server = Server::start(|asked| match asked.path() {
        path if path.contains("/providers/Microsoft.Compute/") => Answer::new(
            409,
            r#"{"error":{"code":"MissingSubscriptionRegistration","message":"The subscription is not registered to use namespace 'Microsoft.Compute'."}}"#,
        ),
        _ => world::azure(asked),
    });
    let (pulled, documents) = pulled(&server, &shop());
    assert_eq!(failures(&documents), Vec::<String>::new());
    assert!(whole(&pulled.unwrap()).contains("virtualMachines"));
}
