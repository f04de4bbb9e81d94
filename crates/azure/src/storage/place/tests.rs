//! Spellings of places.

use super::*;
use crate::cloud::Cloud;

fn settings(cloud: Option<&str>, endpoint: Option<&str>, connection: Option<&str>) -> Settings {
    let cloud = Cloud::of(cloud, None, None).unwrap();
    Settings::of(&cloud, endpoint, |name| match name {
        "AZURE_STORAGE_CONNECTION_STRING" => connection.map(str::to_owned),
        _ => None,
    })
    .unwrap()
}

fn check(text: &str, settings: &Settings, address: &str, endpoint: &str) {
    let place = Place::blobs(text, settings).unwrap();
    assert_eq!(place.to_string(), address, "{text}");
    assert_eq!(place.endpoint.as_str().trim_end_matches('/'), endpoint, "{text}");
}

#[test]
fn one_place_in_many_spellings() {
    let plain = settings(None, None, None);
    let (address, endpoint) = (
        "az://logs/flow/resourceId=/SUB/a b",
        "https://logs.blob.core.windows.net",
    );
    for text in [
        "az://logs/flow/resourceId=/SUB/a b",
        " az://LOGS/flow/resourceId=/SUB/a b",
        "https://logs.blob.core.windows.net/flow/resourceId%3D/SUB/a%20b",
        "https://LOGS.blob.core.windows.net:443/flow/resourceId=/SUB/a%20b?sv=1&sig=hidden",
        "https://logs.dfs.core.windows.net/flow/resourceId=/SUB/a%20b",
        "abfss://flow@logs.dfs.core.windows.net/resourceId=/SUB/a b",
        "wasbs://flow@logs.blob.core.windows.net/resourceId=/SUB/a b",
    ] {
        check(text, &plain, address, endpoint);
    }
    check(
        "https://logs-secondary.blob.core.windows.net/flow/x",
        &plain,
        "az://logs/flow/x",
        "https://logs-secondary.blob.core.windows.net",
    );
    check(
        "https://logs.z12.blob.storage.azure.net/$logs",
        &plain,
        "az://logs/$logs",
        "https://logs.z12.blob.storage.azure.net",
    );
    check(
        "https://logs.privatelink.blob.core.windows.net/flow",
        &plain,
        "az://logs/flow",
        "https://logs.privatelink.blob.core.windows.net",
    );
}

#[test]
fn other_clouds_and_endpoints() {
    let government = settings(Some("AzureUSGovernment"), None, None);
    check(
        "az://logs/flow",
        &government,
        "az://logs/flow",
        "https://logs.blob.core.usgovcloudapi.net",
    );
    check(
        "https://logs.blob.core.chinacloudapi.cn/flow",
        &government,
        "az://logs/flow",
        "https://logs.blob.core.chinacloudapi.cn",
    );
    let own = settings(None, Some("https://storage.contoso.example"), None);
    check(
        "az://logs/flow",
        &own,
        "az://logs/flow",
        "https://storage.contoso.example",
    );
    assert_eq!(
        Place::blobs("az://logs/flow", &own).unwrap().audience(),
        "https://storage.contoso.example"
    );
    assert_eq!(
        Place::blobs("az://logs/flow", &government).unwrap().audience(),
        "https://storage.azure.com"
    );
}

#[test]
fn emulators() {
    let address = "az://devstoreaccount1/flow/x";
    let endpoint = "http://127.0.0.1:4567/devstoreaccount1";
    for set in [
        "http://127.0.0.1:4567",
        "http://127.0.0.1:4567/devstoreaccount1",
        "http://127.0.0.1:4567/devstoreaccount1/",
    ] {
        let settings = settings(None, Some(set), None);
        check("az://devstoreaccount1/flow/x", &settings, address, endpoint);
    }
    let plain = settings(None, None, None);
    check(
        "http://127.0.0.1:4567/devstoreaccount1/flow/x",
        &plain,
        address,
        endpoint,
    );
    check(
        "az://devstoreaccount1/flow",
        &plain,
        "az://devstoreaccount1/flow",
        "http://127.0.0.1:10000/devstoreaccount1",
    );
    let connected = settings(
        None,
        None,
        Some("AccountName=logs;AccountKey=eA==;BlobEndpoint=http://127.0.0.1:9/logs"),
    );
    check(
        "az://logs/flow",
        &connected,
        "az://logs/flow",
        "http://127.0.0.1:9/logs",
    );
    check(
        "az://other/flow",
        &connected,
        "az://other/flow",
        "https://other.blob.core.windows.net",
    );
}

#[test]
fn what_is_no_place() {
    let plain = settings(None, None, None);
    let check = |text: &str, settings: &Settings, expected: &str| {
        let failure = Place::blobs(text, settings).unwrap_err();
        let told = format!("{failure}");
        assert!(told.contains(expected), "{text}: {told}");
        assert!(
            !format!("{told}{failure:?}{}", failure.hint()).contains("hidden"),
            "{told}"
        );
        assert!(!failure.hint().is_empty(), "{told}");
    };
    check(
        "logs",
        &plain,
        "`logs` is no place in Azure Storage: it has no `://`",
    );
    check("az://logs", &plain, "it names no container");
    check("az://logs/?sig=hidden", &plain, "it names no container");
    check("az:///flow", &plain, "`` is no name of an account");
    check(
        "az://con.toso/flow",
        &plain,
        "`con.toso` is no name of an account",
    );
    check("az://logs/Flow", &plain, "`Flow` is no name of a container");
    for container in ["fl", "-flow", "flow-", "flow--logs", "flow_logs", "$"] {
        let told = format!("{} is no name of a container", named(container, "x"));
        check(&format!("az://logs/{container}"), &plain, &told);
    }
    check("az://lo/flow", &plain, "`lo` is no name of an account");
    check(
        "az://logs/flow?sv=2026-02-06",
        &plain,
        "the signature behind `az://logs/flow` is cut off",
    );
    check(
        "https://logs.blob.core.windows.net/flow?sv=2026-02-06",
        &plain,
        "the signature behind `https://logs.blob.core.windows.net/flow` is cut off",
    );
    check("s3://logs/flow", &plain, "`s3` is no scheme of Azure Storage");
    check(
        "https://example.com/flow?sig=hidden",
        &plain,
        "its host is none of Azure Storage's",
    );
    check(
        "http://logs.blob.core.windows.net/flow?sig=hidden",
        &plain,
        "will not send anything to logs.blob.core.windows.net over `http`",
    );
    check(
        "https://user:hidden@logs.blob.core.windows.net/flow",
        &plain,
        "there is a name or a password in it",
    );
    check(
        "https://logs.queue.core.windows.net/flow",
        &plain,
        "its host is none",
    );
    let other = settings(None, Some("https://other.blob.core.windows.net"), None);
    check("az://logs/flow", &other, "it is of another account than");
    let other = settings(None, Some("http://127.0.0.1:1/other"), None);
    check("az://logs/flow", &other, "it is of `other`");
    assert!(plain.endpoint(Service::Blob).is_none());
}

#[test]
fn queues_have_places_too() {
    let plain = settings(None, None, None);
    let place = Place::queue("azq://logs/events", &plain).unwrap();
    assert_eq!(place.to_string(), "azq://logs/events");
    assert_eq!(place.endpoint.as_str(), "https://logs.queue.core.windows.net/");
    let place = Place::queue(
        "https://logs.queue.core.windows.net/events?sv=1&sig=hidden",
        &plain,
    )
    .unwrap();
    assert!(!format!("{place:?}").contains("hidden"));
    assert!(place.sas.is_some());
    assert!(Place::queue("azq://logs/events/more", &plain).is_err());
}

#[test]
fn urls_of_blobs() {
    let plain = settings(None, None, None);
    let place = Place::blobs("az://logs/flow", &plain).unwrap();
    let url = |name: &str| place.url(name).map(String::from);
    assert_eq!(url("").unwrap(), "https://logs.blob.core.windows.net/flow");
    assert_eq!(
        url("a=/b c/%3D/Z\u{fc}").unwrap(),
        "https://logs.blob.core.windows.net/flow/a%3D/b%20c/%253D/Z%C3%BC"
    );
    for name in ["../other/x", "a/./b", ".."] {
        assert!(url(name).is_err(), "{name}");
    }
    let emulated = Place::blobs("az://devstoreaccount1/flow", &plain).unwrap();
    assert_eq!(
        emulated.url("x").unwrap().as_str(),
        "http://127.0.0.1:10000/devstoreaccount1/flow/x"
    );
}
