//! Shared access signatures, made of an account's key: what somebody else may do, and until when.

use chrono::{DateTime, Utc};
use net::Secret;

use crate::storage::VERSION;
use crate::storage::credential::{Credential, Kind};
use crate::storage::place::{Place, Service};
use crate::storage::text::encoded;

/// What may be done in a container, to a blob, or with a queue.
/// <https://learn.microsoft.com/rest/api/storageservices/create-service-sas>
#[derive(Clone, Debug)]
pub struct ServiceAccess<'a> {
    /// Letters, such as `rl` for reading and listing.
    pub permissions: &'a str,
    /// Only this blob; else everything in the container or queue.
    pub blob: Option<&'a str>,
    /// From then on, if not at once.
    pub from: Option<DateTime<Utc>>,
    /// Until then.
    pub until: DateTime<Utc>,
}

/// What may be done in an account.
/// <https://learn.microsoft.com/rest/api/storageservices/create-account-sas>
#[derive(Clone, Debug)]
pub struct AccountAccess<'a> {
    /// Letters, such as `rl` for reading and listing.
    pub permissions: &'a str,
    /// Letters: `b` for blobs, `q` for queues.
    pub services: &'a str,
    /// Letters: `s` for the service, `c` for containers and queues, `o` for blobs and messages.
    pub kinds: &'a str,
    /// From then on, if not at once.
    pub from: Option<DateTime<Utc>>,
    /// Until then.
    pub until: DateTime<Utc>,
}

/// Azure wants letters of permissions in its own order.
const ORDER: &str = "racwdxyltfmeopi";

fn ordered(permissions: &str) -> String {
    ORDER
        .chars()
        .filter(|letter| permissions.contains(*letter))
        .collect()
}

fn said(time: Option<DateTime<Utc>>) -> String {
    time.map_or_else(String::new, |time| time.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

impl ServiceAccess<'_> {
    /// The signature for a place, as the query of a URL. Only a key can make one.
    #[must_use]
    pub fn signed(&self, place: &Place, credential: &Credential) -> Option<Secret> {
        let Kind::Key(key) = &credential.0 else {
            return None;
        };
        // A queue's letters have an order of their own: reading, adding, updating, processing.
        let permissions = match place.service {
            Service::Blob => ordered(self.permissions),
            Service::Queue => "raup"
                .chars()
                .filter(|letter| self.permissions.contains(*letter))
                .collect(),
        };
        let (start, expiry) = (said(self.from), said(Some(self.until)));
        let protocol = if place.is_emulated() {
            "https,http"
        } else {
            "https"
        };
        let mut resource = format!("/{}/{}/{}", place.service.name(), place.account, place.container);
        if let Some(blob) = self.blob {
            resource.push_str(&format!("/{blob}"));
        }
        let what = if self.blob.is_some() { "b" } else { "c" };
        let text = match place.service {
            Service::Blob => format!(
                "{permissions}\n{start}\n{expiry}\n{resource}\n\n\n{protocol}\n{VERSION}\n{what}\n\n\n\n\n\n\n"
            ),
            Service::Queue => {
                format!("{permissions}\n{start}\n{expiry}\n{resource}\n\n\n{protocol}\n{VERSION}")
            }
        };
        let mut pairs = vec![
            ("sv", VERSION),
            ("sp", &permissions),
            ("st", &start),
            ("se", &expiry),
        ];
        pairs.push(("spr", protocol));
        if place.service == Service::Blob {
            pairs.push(("sr", what));
        }
        Some(query_of(&pairs, &key.signature(&text)))
    }
}

impl AccountAccess<'_> {
    /// The signature for a place's account, as the query of a URL. Only a key can make one.
    #[must_use]
    pub fn signed(&self, place: &Place, credential: &Credential) -> Option<Secret> {
        let Kind::Key(key) = &credential.0 else {
            return None;
        };
        let permissions = ordered_of_account(self.permissions);
        let (start, expiry) = (said(self.from), said(Some(self.until)));
        let protocol = if place.is_emulated() {
            "https,http"
        } else {
            "https"
        };
        let (services, kinds, account) = (self.services, self.kinds, &place.account);
        let text = format!(
            "{account}\n{permissions}\n{services}\n{kinds}\n{start}\n{expiry}\n\n{protocol}\n{VERSION}\n\n"
        );
        let pairs = [
            ("sv", VERSION),
            ("ss", services),
            ("srt", kinds),
            ("sp", &permissions),
            ("st", &start),
            ("se", &expiry),
            ("spr", protocol),
        ];
        Some(query_of(&pairs, &key.signature(&text)))
    }
}

fn ordered_of_account(permissions: &str) -> String {
    "rwdxylacuptfi"
        .chars()
        .filter(|letter| permissions.contains(*letter))
        .collect()
}

fn query_of(pairs: &[(&str, &str)], signature: &Secret) -> Secret {
    let mut query = String::new();
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        query.push_str(&format!("{name}={}&", encoded(value)));
    }
    Secret::new(&format!("{query}sig={}", encoded(signature.expose())))
}
