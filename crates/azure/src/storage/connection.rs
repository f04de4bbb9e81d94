//! What is set of storage: variables, as Azure's own tools name them, and connection strings. It reads no variable itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use net::Secret;

use crate::cloud::Cloud;
use crate::identity::Identity;
use crate::kept::{Kept, Vaults};
use crate::storage::error::{Problem, StorageError};
use crate::storage::place::Service;

/// The variables that are looked at.
pub const VARIABLES: &[&str] = &[
    "AZURE_STORAGE_CONNECTION_STRING",
    "AZURE_STORAGE_ACCOUNT",
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_KEY",
    "AZURE_STORAGE_SAS_TOKEN",
    "AZURE_STORAGE_BLOB_ENDPOINT",
    "AZURE_STORAGE_QUEUE_ENDPOINT",
    "AZURE_STORAGE_CONNECTION_STRING_FILE",
    "AZURE_STORAGE_ACCOUNT_KEY_FILE",
    "AZURE_STORAGE_KEY_FILE",
    "AZURE_STORAGE_SAS_TOKEN_FILE",
];

const CONNECTION: &str = "AZURE_STORAGE_CONNECTION_STRING";
/// Those of them that are secrets.
const SECRETS: [&str; 4] = [
    CONNECTION,
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_KEY",
    "AZURE_STORAGE_SAS_TOKEN",
];

/// The account of every emulator, and its key, which is published and keeps nothing secret.
/// <https://learn.microsoft.com/azure/storage/common/storage-use-azurite#well-known-storage-account-and-key>
pub(crate) const EMULATED: &str = "devstoreaccount1";
pub(crate) const EMULATED_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
pub(crate) const EMULATED_PORTS: [(Service, u16); 2] = [(Service::Blob, 10_000), (Service::Queue, 10_001)];

/// What is set of storage.
#[derive(Clone, Debug)]
pub struct Settings {
    pub(crate) suffix: String,
    pub(crate) vault_suffix: String,
    endpoints: BTreeMap<Service, String>,
    pub(crate) connection: Option<Connection>,
    values: BTreeMap<&'static str, Secret>,
    /// Secrets that are kept in files and vaults.
    kept: BTreeMap<&'static str, Arc<Kept>>,
}

/// A secret that is set, or from where it is read.
#[derive(Clone, Debug)]
pub(crate) enum Set {
    Here(Secret),
    Elsewhere(Arc<Kept>),
}

impl Settings {
    /// Of a cloud, of an endpoint that was typed, and of variables.
    ///
    /// # Errors
    /// If the connection string is none.
    pub fn of(
        cloud: &Cloud,
        blob_endpoint: Option<&str>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, StorageError> {
        let kept = SECRETS.iter();
        let kept = kept.filter_map(|name| Some((*name, Kept::of(name, &variable)?)));
        let kept: BTreeMap<&'static str, Arc<Kept>> = kept.collect();
        let values: BTreeMap<&'static str, Secret> = VARIABLES
            .iter()
            .filter(|name| !kept.contains_key(*name))
            .filter_map(|name| Some((*name, Secret::new(variable(name)?.trim()))))
            .filter(|(_, value)| !value.expose().is_empty())
            .collect();
        let text = |name: &str| values.get(name).map(|value| value.expose().to_owned());
        let blob = blob_endpoint
            .map(str::to_owned)
            .or_else(|| text("AZURE_STORAGE_BLOB_ENDPOINT"));
        let queue = text("AZURE_STORAGE_QUEUE_ENDPOINT");
        let endpoints = [(Service::Blob, blob), (Service::Queue, queue)];
        let connection = values
            .get(CONNECTION)
            .map(|text| Connection::of(text, &cloud.storage_suffix))
            .transpose()?;
        Ok(Self {
            suffix: cloud.storage_suffix.clone(),
            vault_suffix: cloud.vault_suffix.clone(),
            endpoints: endpoints
                .into_iter()
                .filter_map(|(service, endpoint)| Some((service, endpoint?)))
                .collect(),
            connection,
            values,
            kept,
        })
    }

    /// True if the connection string is kept in a file or a vault: it says where accounts are, so that it must be read before
    /// anything is named ([`Settings::connect`]).
    #[must_use]
    pub fn is_to_connect(&self) -> bool {
        self.connection.is_none() && self.kept.contains_key(CONNECTION)
    }

    /// Reads the connection string from where it is kept.
    ///
    /// # Errors
    /// If it does not come, or is none.
    pub async fn connect(&mut self, identity: &Arc<Identity>) -> Result<(), StorageError> {
        if let Some(kept) = self.kept.get(CONNECTION) {
            let text = kept.read(&self.vaults(identity), None).await?;
            self.connection = Some(Connection::of(&text, &self.suffix)?);
        }
        Ok(())
    }

    /// Whence the connection string comes, where it is kept elsewhere.
    pub(crate) fn kept_connection(&self) -> Option<&Arc<Kept>> {
        self.kept.get(CONNECTION)
    }

    /// Who asks vaults.
    pub(crate) fn vaults(&self, identity: &Arc<Identity>) -> Vaults {
        Vaults {
            client: Arc::clone(identity.client()),
            identity: Arc::clone(identity),
            suffix: self.vault_suffix.clone(),
        }
    }

    /// An endpoint that takes the place of the cloud's own.
    pub(crate) fn endpoint(&self, service: Service) -> Option<&str> {
        self.endpoints.get(&service).map(String::as_str)
    }

    /// The first of the variables that is set. What is of one account stands only there, if `AZURE_STORAGE_ACCOUNT` names it.
    pub(crate) fn of_account(&self, account: &str, names: &[&'static str]) -> Option<(&'static str, Set)> {
        let named = self.values.get("AZURE_STORAGE_ACCOUNT");
        if named.is_some_and(|named| named.expose() != account) {
            return None;
        }
        names.iter().find_map(|name| {
            let here = self.values.get(name).map(|value| Set::Here(value.clone()));
            let elsewhere = || self.kept.get(name).map(|kept| Set::Elsewhere(Arc::clone(kept)));
            Some((*name, here.or_else(elsewhere)?))
        })
    }
}

/// A connection string, taken apart.
/// <https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string>
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pub(crate) account: String,
    pub(crate) key: Option<Secret>,
    pub(crate) sas: Option<Secret>,
    pub(crate) endpoints: BTreeMap<Service, String>,
}

impl Connection {
    pub(crate) fn of(text: &Secret, suffix: &str) -> Result<Self, StorageError> {
        let mut parts: BTreeMap<String, &str> = BTreeMap::new();
        for part in text.expose().split(';').filter(|part| !part.trim().is_empty()) {
            let (name, value) = part
                .split_once('=')
                .ok_or_else(|| unusable("a part of it has no `=`"))?;
            parts.insert(name.trim().to_lowercase(), value.trim());
        }
        let part = |name: &str| parts.get(name).copied().filter(|value| !value.is_empty());
        if part("usedevelopmentstorage").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            let local = |port| format!("http://127.0.0.1:{port}/{EMULATED}");
            return Ok(Self {
                account: EMULATED.to_owned(),
                key: Some(Secret::new(EMULATED_KEY)),
                sas: None,
                endpoints: EMULATED_PORTS
                    .iter()
                    .map(|(service, port)| (*service, local(port)))
                    .collect(),
            });
        }
        let mut endpoints = BTreeMap::new();
        let scheme = part("defaultendpointsprotocol").unwrap_or("https");
        let suffix = part("endpointsuffix").unwrap_or(suffix);
        for service in Service::ALL {
            let own = part(&format!("{}endpoint", service.name())).map(str::to_owned);
            let made = part("accountname")
                .map(|account| format!("{scheme}://{account}.{}.{suffix}", service.name()));
            if let Some(endpoint) = own.or(made) {
                endpoints.insert(service, endpoint);
            }
        }
        let account = match part("accountname") {
            Some(account) => account.to_owned(),
            None => endpoints
                .values()
                .find_map(|endpoint| account_of(endpoint))
                .ok_or_else(|| unusable("it names no account"))?,
        };
        let sas = part("sharedaccesssignature").map(|sas| sas.trim_start_matches('?'));
        Ok(Self {
            account,
            key: part("accountkey").map(Secret::new),
            sas: sas.map(Secret::new),
            endpoints,
        })
    }
}

/// The first label of an endpoint's host.
fn account_of(endpoint: &str) -> Option<String> {
    let url = url::Url::parse(endpoint).ok()?;
    let label = url.domain()?.split('.').next()?;
    Some(label.trim_end_matches("-secondary").to_owned())
}

fn unusable(why: &str) -> StorageError {
    // The value holds a key, so that it is not told.
    StorageError::of(Problem::Setting {
        what: format!("cannot use AZURE_STORAGE_CONNECTION_STRING: {why}"),
        hint: "copy it from the portal (the account's `Access keys`), or unset it".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Connection, StorageError> {
        Connection::of(&Secret::new(text), "core.windows.net")
    }

    #[test]
    fn forms_of_connection_strings() {
        let check = |text: &str, account: &str, blob: &str, has: [bool; 2]| {
            let found = parsed(text).unwrap();
            assert_eq!(found.account, account, "{text}");
            assert_eq!(found.endpoints[&Service::Blob], blob, "{text}");
            assert_eq!([found.key.is_some(), found.sas.is_some()], has, "{text}");
        };
        check(
            "DefaultEndpointsProtocol=https;AccountName=logs;AccountKey=a2V5PT0=;EndpointSuffix=core.usgovcloudapi.net",
            "logs",
            "https://logs.blob.core.usgovcloudapi.net",
            [true, false],
        );
        check(
            "BlobEndpoint=https://logs.blob.core.windows.net/;SharedAccessSignature=?sv=1&sig=a%3D",
            "logs",
            "https://logs.blob.core.windows.net/",
            [false, true],
        );
        check(
            "UseDevelopmentStorage=true",
            "devstoreaccount1",
            "http://127.0.0.1:10000/devstoreaccount1",
            [true, false],
        );
        let key = parsed("AccountName=logs;AccountKey=a2V5PT0=").unwrap().key;
        assert_eq!(key, Some(Secret::new("a2V5PT0=")));
    }

    #[test]
    fn what_is_none_is_told_without_it() {
        for text in ["hidden", "AccountKey=hidden", "AccountName=;AccountKey=hidden"] {
            let failure = parsed(text).unwrap_err();
            assert!(!format!("{failure} {failure:?} {}", failure.hint()).contains("hidden"));
            assert!(failure.to_string().contains("AZURE_STORAGE_CONNECTION_STRING"));
        }
    }
}
