//! Azure Storage, from its emulator on this machine, straight and through a proxy that fails.

mod blobs;
mod faults;
mod leases;
mod names;
mod queue;
mod refusals;
mod secrets;
mod store;
mod tokens;
mod writes;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use azure::storage::{Blobs, Credential, Place, Queue, Settings};
use azure::{Choice, Cloud, Identity};
use azurite::{ACCOUNT, Azurite, KEY, Plan, Proxy};
use net::{Client, Proxies, Retry, Secret};

/// The emulator; none, said aloud, where there is none.
fn emulator() -> Option<&'static Azurite> {
    Azurite::shared()
}

/// Runs to the end.
fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

/// Tries often and quickly.
fn client() -> Arc<Client> {
    let client = Client::new(&net::Settings {
        user_agent: "flowglass/test".to_owned(),
        proxies: Proxies::default(),
        retry: Retry {
            tries_max: 12,
            first: Duration::from_millis(5),
            longest: Duration::from_millis(100),
            asked_max: Duration::from_secs(1),
        },
        seed: 7,
    });
    Arc::new(client.unwrap())
}

fn settings(blob_endpoint: &str, queue_endpoint: &str) -> Settings {
    let cloud = Cloud::of(None, None, None).unwrap();
    Settings::of(&cloud, Some(blob_endpoint), |name| {
        (name == "AZURE_STORAGE_QUEUE_ENDPOINT").then(|| queue_endpoint.to_owned())
    })
    .unwrap()
}

fn key() -> Credential {
    Credential::key("the key", &Secret::new(KEY)).unwrap()
}

fn nobody() -> Arc<Identity> {
    let cloud = Cloud::of(None, None, None).unwrap();
    Arc::new(Identity::new(client(), cloud.authority, Choice::Auto, |_| None))
}

/// A container at an endpoint, under a client of its own.
fn at(endpoint: &str, container: &str, client: &Arc<Client>) -> Blobs {
    let settings = settings(endpoint, endpoint);
    let place = Place::blobs(&format!("az://{ACCOUNT}/{container}"), &settings).unwrap();
    Blobs::new(Arc::clone(client), place, key())
}

/// A new container of the emulator.
async fn fresh(azurite: &Azurite, container: &str) -> Blobs {
    let blobs = at(&azurite.blob_endpoint(), container, &client());
    assert_eq!(blobs.create().await, Ok(true));
    blobs
}

/// A new container, and the same seen through a proxy.
async fn behind(azurite: &Azurite, container: &str) -> (Blobs, Blobs, Proxy) {
    let straight = fresh(azurite, container).await;
    let proxy = Proxy::start(azurite.blob_port(), Plan::calm());
    let through = at(&proxy.endpoint(), container, &client());
    (straight, through, proxy)
}

fn queue(azurite: &Azurite, name: &str) -> Queue {
    let settings = settings(&azurite.blob_endpoint(), &azurite.queue_endpoint());
    let place = Place::queue(&format!("azq://{ACCOUNT}/{name}"), &settings).unwrap();
    Queue::new(client(), place, key())
}
