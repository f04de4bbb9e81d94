//! Where blobs or messages are: what people write, read into an account, a container or queue, and the beginning of names.
//!
//! Spelled in many ways, a place has one address: `az://account/container/name`. Nothing is asked.

use std::fmt;

use net::Secret;
use url::{Host, Url};

use crate::storage::connection::{EMULATED, EMULATED_PORTS, Settings};
use crate::storage::error::{Problem, StorageError};
use crate::storage::text::{decoded, encoded_name};
use crate::storage::typed::{is_cut, is_sas, refuse_secret, shown, word};

/// What a host of Azure ends with, in its clouds; the last is that of accounts with a zone of their own.
/// <https://learn.microsoft.com/azure/storage/common/storage-account-overview#storage-account-endpoints>
const SUFFIXES: [&str; 4] = [
    "core.windows.net",
    "core.usgovcloudapi.net",
    "core.chinacloudapi.cn",
    "storage.azure.net",
];

/// What stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Service {
    Blob,
    Queue,
}

impl Service {
    pub(crate) const ALL: [Self; 2] = [Self::Blob, Self::Queue];

    /// As hosts have it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Blob => "blob",
            Self::Queue => "queue",
        }
    }

    /// What an address begins with.
    const fn scheme(self) -> &'static str {
        match self {
            Self::Blob => "az",
            Self::Queue => "azq",
        }
    }

    const fn example(self) -> &'static str {
        match self {
            Self::Blob => {
                "write az://ACCOUNT/CONTAINER/PREFIX, such as az://contosologs/insights-logs-flowlogflowevent, or the URL of the container with its SAS"
            }
            Self::Queue => {
                "write azq://ACCOUNT/QUEUE, such as azq://contosologs/flow-log-events, or the URL of the queue with its SAS"
            }
        }
    }
}

/// Where blobs or messages are.
#[derive(Clone, PartialEq, Eq)]
pub struct Place {
    pub(crate) service: Service,
    pub(crate) account: String,
    /// The container, or the queue.
    pub(crate) container: String,
    pub(crate) prefix: String,
    /// The account's own, without a slash at its end.
    pub(crate) endpoint: Url,
    pub(crate) sas: Option<Secret>,
}

impl Place {
    /// Of blobs: `az://account/container/prefix`, or a URL of a container or of what is in it, maybe with a SAS. In URLs
    /// names are encoded, in `az://` they are not.
    ///
    /// # Errors
    /// If the text names no such place.
    pub fn blobs(text: &str, settings: &Settings) -> Result<Self, StorageError> {
        Self::of(text, Service::Blob, settings)
    }

    /// Of messages: `azq://account/queue`, or a URL of a queue, maybe with a SAS.
    ///
    /// # Errors
    /// If the text names no such place.
    pub fn queue(text: &str, settings: &Settings) -> Result<Self, StorageError> {
        let place = Self::of(text, Service::Queue, settings)?;
        if place.prefix.is_empty() {
            return Ok(place);
        }
        Err(unusable(text, Service::Queue, "it names more than a queue"))
    }

    fn of(text: &str, service: Service, settings: &Settings) -> Result<Self, StorageError> {
        let text = text.trim();
        refuse_secret(text)?;
        let (scheme, rest) = text
            .split_once("://")
            .ok_or_else(|| unusable(text, service, "it has no `://`"))?;
        match scheme.to_lowercase().as_str() {
            "az" | "azq" | "azure" => Self::of_address(text, rest, service, settings),
            "abfs" | "abfss" | "wasb" | "wasbs" => Self::of_lake(text, rest, service, settings),
            "https" | "http" => Self::of_url(text, service),
            _ => {
                let named = named(scheme, "what stands before `://`");
                let why = format!("{named} is no scheme of Azure Storage");
                Err(unusable(text, service, &why))
            }
        }
    }

    /// `account/container/prefix`
    fn of_address(
        text: &str,
        rest: &str,
        service: Service,
        settings: &Settings,
    ) -> Result<Self, StorageError> {
        // Names may have question marks. A query is one only with a signature in it.
        let (rest, sas) = match rest.split_once('?') {
            Some((rest, query)) if is_sas(query) => (rest, Some(query)),
            Some((_, query)) if is_cut(query) => return Err(cut_off(text)),
            _ => (rest, None),
        };
        let (account, rest) = rest.split_once('/').unwrap_or((rest, ""));
        let (container, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let account = account.to_lowercase();
        check_account(&account, text, service)?;
        let endpoint = endpoint(text, &account, service, settings)?;
        Self {
            service,
            account,
            container: container.to_owned(),
            prefix: prefix.to_owned(),
            endpoint,
            sas: sas.map(Secret::new),
        }
        .checked(text)
    }

    /// `container@account.dfs.core.windows.net/prefix`, as Hadoop and Spark have it.
    fn of_lake(text: &str, rest: &str, service: Service, settings: &Settings) -> Result<Self, StorageError> {
        let (at, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let (container, host) = at.split_once('@').ok_or_else(|| {
            unusable(
                text,
                service,
                "it has no `@` between its container and its account",
            )
        })?;
        let account = host.split('.').next().unwrap_or_default();
        let address = format!("{account}/{container}/{prefix}");
        let mut place = Self::of_address(text, &address, service, settings)?;
        if settings.endpoint(service).is_none()
            && let Some((account, host)) = known_host(host, service)
            && let Ok(endpoint) = Url::parse(&format!("https://{host}"))
        {
            place.account = account;
            place.endpoint = endpoint;
        }
        Ok(place)
    }

    /// A URL, as the portal copies it.
    fn of_url(text: &str, service: Service) -> Result<Self, StorageError> {
        let failed = |why: &str| unusable(text, service, why);
        let mut url = Url::parse(text).map_err(|error| failed(&error.to_string()))?;
        if url.query().is_some_and(is_cut) {
            return Err(cut_off(text));
        }
        let sas = url.query().filter(|query| is_sas(query)).map(Secret::new);
        url.set_query(None);
        url.set_fragment(None);
        if !url.username().is_empty() || url.password().is_some() {
            return Err(failed("it has a user's name"));
        }
        let own = known_host(url.host_str().unwrap_or_default(), service);
        // Named by its path on this machine; else by its host.
        let (account, mut endpoint, path) = match own {
            Some((account, host)) => {
                let path = url.path().trim_start_matches('/').to_owned();
                url.set_host(Some(&host))
                    .map_err(|error| failed(&error.to_string()))?;
                url.set_path("");
                (account, url, path)
            }
            None if is_by_path(&url) => {
                let path = url.path().trim_start_matches('/').to_owned();
                let (account, path) = path.split_once('/').unwrap_or((&path, ""));
                let (account, path) = (account.to_owned(), path.to_owned());
                url.set_path(&account);
                (account, url, path)
            }
            None => {
                return Err(failed(
                    "its host is none of Azure Storage's; for a domain of your own set the endpoint (--blob-endpoint) and write az://",
                ));
            }
        };
        if endpoint.path().ends_with('/') {
            endpoint.set_path(endpoint.path().trim_end_matches('/').to_owned().as_str());
        }
        net::check(&endpoint).map_err(|error| StorageError::of(Problem::Net(error)))?;
        let (container, prefix) = path.split_once('/').unwrap_or((&path, ""));
        Self {
            service,
            account,
            container: decoded(container),
            prefix: decoded(prefix),
            endpoint,
            sas,
        }
        .checked(text)
    }

    fn checked(self, text: &str) -> Result<Self, StorageError> {
        let failed = |why: &str| Err(unusable(text, self.service, why));
        check_account(&self.account, text, self.service)?;
        let what = match self.service {
            Service::Blob => "container",
            Service::Queue => "queue",
        };
        if self.container.is_empty() {
            return failed(&format!("it names no {what}"));
        }
        if !is_container(&self.container) {
            let named = named(&self.container, "what it names");
            return failed(&format!(
                "{named} is no name of a {what}: those have 3 to 63 small letters and digits, with single `-` between them"
            ));
        }
        Ok(self)
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The container, or the queue.
    #[must_use]
    pub fn container(&self) -> &str {
        &self.container
    }

    /// What names of blobs there begin with; nothing for all of them.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The same account and container, with another beginning of names.
    #[must_use]
    pub fn with_prefix(&self, prefix: &str) -> Self {
        Self {
            prefix: prefix.to_owned(),
            ..self.clone()
        }
    }

    /// The address of a blob: the same however the place was spelled, and without what is secret.
    #[must_use]
    pub fn address(&self, name: &str) -> String {
        let scheme = self.service.scheme();
        format!("{scheme}://{}/{}/{name}", self.account, self.container)
    }

    /// The same for the container or queue itself.
    #[must_use]
    pub fn own_address(&self) -> String {
        let scheme = self.service.scheme();
        format!("{scheme}://{}/{}", self.account, self.container)
    }

    /// Whom tokens are for. At a host that is none of Azure's a token is for that host alone, and good nowhere else.
    pub(crate) fn audience(&self) -> String {
        let host = self.endpoint.host_str().unwrap_or_default();
        match known_host(host, self.service) {
            Some(_) => "https://storage.azure.com".to_owned(),
            None => self.endpoint.origin().ascii_serialization(),
        }
    }

    /// True if it is an emulator on this machine.
    pub(crate) fn is_emulated(&self) -> bool {
        self.account == EMULATED && self.endpoint.scheme() == "http"
    }

    /// The URL of what is there under an encoded path, such as `container/name`.
    pub(crate) fn url(&self, name: &str) -> Result<Url, StorageError> {
        let path = match name {
            "" => self.container.clone(),
            name => format!("{}/{}", self.container, encoded_name(name)),
        };
        let text = format!("{}/{path}", self.endpoint.as_str().trim_end_matches('/'));
        let url = Url::parse(&text).ok().filter(|url| {
            // Parts of dots would lead elsewhere.
            url.as_str() == text
        });
        url.ok_or_else(|| {
            StorageError::of(Problem::Setting {
                what: format!("`{}` cannot be asked for by a URL", self.address(name)),
                hint: "a part of a name may not be `.` or `..`".to_owned(),
            })
        })
    }
}

const fn is_plain(letter: char) -> bool {
    letter.is_ascii_lowercase() || letter.is_ascii_digit()
}

/// Containers and queues are named alike; some containers of Azure's own have a `$` before their names.
/// <https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata>
fn is_container(name: &str) -> bool {
    let name = match name.strip_prefix('$') {
        Some(own) => own,
        None if name.len() < 3 => return false,
        None => name,
    };
    let mut words = name.split('-');
    name.len() <= 63 && words.all(|word| !word.is_empty() && word.chars().all(is_plain))
}

fn check_account(account: &str, text: &str, service: Service) -> Result<(), StorageError> {
    if (3..=24).contains(&account.len()) && account.chars().all(is_plain) {
        return Ok(());
    }
    let named = named(account, "what it names");
    let why = format!("{named} is no name of an account: those have 3 to 24 small letters and digits");
    Err(unusable(text, service, &why))
}

/// The endpoint of an account: what is set, or else the cloud's.
fn endpoint(text: &str, account: &str, service: Service, settings: &Settings) -> Result<Url, StorageError> {
    let connected = settings
        .connection
        .as_ref()
        .filter(|connection| connection.account == account)
        .and_then(|connection| connection.endpoints.get(&service).map(String::as_str));
    let made = match account {
        EMULATED => EMULATED_PORTS
            .iter()
            .find(|(held, _)| *held == service)
            .map(|(_, port)| format!("http://127.0.0.1:{port}")),
        account => Some(format!(
            "https://{account}.{}.{}",
            service.name(),
            settings.suffix
        )),
    };
    let written = settings
        .endpoint(service)
        .or(connected)
        .or(made.as_deref())
        .unwrap_or_default();
    let failed = |why: &str| {
        StorageError::of(Problem::Setting {
            what: format!("cannot use the endpoint `{}`: {why}", shown(written)),
            hint: format!(
                "write it like https://ACCOUNT.{}.core.windows.net or http://127.0.0.1:10000/{EMULATED}",
                service.name()
            ),
        })
    };
    let mut url = Url::parse(written).map_err(|_| failed("it is not a URL"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(failed("it begins with neither `https://` nor `http://`"));
    }
    if !url.has_host() || url.query().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err(failed("it is more than a scheme, a host and a path"));
    }
    net::check(&url).map_err(|error| failed(&error.to_string()))?;
    let path = url.path().trim_matches('/').to_owned();
    let last = path.rsplit('/').next().unwrap_or_default().to_owned();
    if path.is_empty() && is_by_path(&url) {
        url.set_path(account);
    } else if !path.is_empty() && last != account {
        let (named, text) = (named(&last, "another account"), shown(text));
        return Err(failed(&format!("it is of {named}, and `{text}` is not")));
    } else {
        let own = known_host(url.host_str().unwrap_or_default(), service);
        if own.is_some_and(|(own, _)| own != account) {
            return Err(failed(&format!(
                "it is of another account than `{}`",
                shown(text)
            )));
        }
        url.set_path(&path);
    }
    Ok(url)
}

/// The account and the host of a host of Azure Storage. Data Lake's host is that of the same account, whose blobs are the
/// same too.
fn known_host(host: &str, service: Service) -> Option<(String, String)> {
    let host = host.to_lowercase();
    let suffix = SUFFIXES
        .iter()
        .find(|suffix| host.ends_with(&format!(".{suffix}")))?;
    let labels = host.strip_suffix(suffix)?.trim_end_matches('.');
    let (account, rest) = labels.split_once('.')?;
    let is_own = rest
        .split('.')
        .any(|label| label == service.name() || (label == "dfs" && service == Service::Blob));
    let host = host.replacen(".dfs.", ".blob.", 1);
    is_own.then(|| (account.trim_end_matches("-secondary").to_owned(), host))
}

/// True where the path and not the host names the account: on this machine.
fn is_by_path(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

/// A part of what was typed, in backticks; something else where it may not be shown.
fn named(part: &str, other: &str) -> String {
    word(part).map_or_else(|| other.to_owned(), |word| format!("`{word}`"))
}

fn cut_off(text: &str) -> StorageError {
    StorageError::of(Problem::Setting {
        what: format!(
            "the signature behind `{}` is cut off: it has no `sig=`",
            shown(text)
        ),
        hint: "write it in quotes: to a shell an `&` is the end of a command".to_owned(),
    })
}

fn unusable(text: &str, service: Service, why: &str) -> StorageError {
    StorageError::of(Problem::Setting {
        what: format!("`{}` is no place in Azure Storage: {why}", shown(text)),
        hint: service.example().to_owned(),
    })
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.prefix.as_str() {
            "" => f.write_str(&self.own_address()),
            prefix => f.write_str(&self.address(prefix)),
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} at {}", self.endpoint)
    }
}

#[cfg(test)]
mod tests;
