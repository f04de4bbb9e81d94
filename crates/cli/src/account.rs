//! Storage accounts as the user names them: what is typed, who asks, and what is there.

mod table_place;

use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;

use azure::storage::{
    Blobs, Credential, Place, Problem, Queue, Settings, StorageError, refuse_secret as refuse,
};
use azure::{AzureError, Choice, Cloud, Identity, Method};
use clap::ValueEnum;
use ingest::{AzureContainer, BlobError, Container, Listed, Listing, Source};
use model::codes::list as code;
use net::{Client, NetError, Proxies, Retry};

use crate::exit::Failure;
use crate::message::{Grade, Message};
use crate::session::Session;

pub(crate) use table_place::{
    open_or_create, open_or_create_table, open_table, refuse_inside, shown_place, store_of, table_address,
    table_place_failure, try_table,
};

/// What an address of a storage account begins with.
const SCHEMES: [&str; 9] = [
    "az://", "azure://", "abfs://", "abfss://", "wasb://", "wasbs://", "https://", "http://", "azq://",
];

/// True if it is no path of this machine.
pub(crate) fn is_address(text: &OsStr) -> bool {
    let text = text.to_string_lossy().to_lowercase();
    SCHEMES.iter().any(|scheme| text.starts_with(scheme))
}

/// True for what is no path, and no address either: `az:/account`, or a place of another provider.
pub(crate) fn is_misspelled(text: &OsStr) -> bool {
    let lower = text.to_string_lossy().to_lowercase();
    let is_begun = || {
        let mut schemes = SCHEMES.iter().map(|scheme| scheme.trim_end_matches('/'));
        schemes.any(|scheme| lower.starts_with(scheme))
    };
    !is_address(text) && (lower.contains("://") || is_begun())
}

/// Refuses a path or an address with a secret in it that belongs elsewhere. What is there under that name is a path.
pub(crate) fn refuse_secret(typed: &OsStr) -> Result<(), Failure> {
    if !is_address(typed) && Path::new(typed).exists() {
        return Ok(());
    }
    refuse(&typed.to_string_lossy()).map_err(storage_failure)
}

/// A path or an address as it may be printed: without signatures and other secrets.
pub(crate) fn shown(typed: &OsStr) -> String {
    let text = typed.to_string_lossy();
    match is_address(typed) || is_misspelled(typed) || refuse_secret(typed).is_err() {
        true => azure::storage::shown(&text),
        false => text.into_owned(),
    }
}

/// How storage accounts are reached.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Storage accounts")]
pub(crate) struct AccountFlags {
    /// auto, az, managed-identity …: a wrong one lists all
    #[arg(long, value_name = "WAY", hide_possible_values = true)]
    credential: Option<Way>,
    /// AzureCloud, AzureUSGovernment or AzureChinaCloud
    #[arg(long, value_name = "NAME")]
    cloud: Option<String>,
    /// Where blobs are, if not where the cloud has them
    #[arg(long, value_name = "URL")]
    blob_endpoint: Option<String>,
}

/// How to prove who asks.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum Way {
    #[default]
    Auto,
    WorkloadIdentity,
    ManagedIdentity,
    ServicePrincipal,
    Az,
}

impl From<Way> for Choice {
    fn from(way: Way) -> Self {
        match way {
            Way::Auto => Self::Auto,
            Way::WorkloadIdentity => Self::Only(Method::WorkloadIdentity),
            Way::ManagedIdentity => Self::Only(Method::ManagedIdentity),
            Way::ServicePrincipal => Self::Only(Method::ServicePrincipal),
            Way::Az => Self::Only(Method::AzureCli),
        }
    }
}

/// A client of the web, as everything here uses it.
pub(crate) fn client(session: &Session) -> Result<Arc<Client>, Failure> {
    let variable = |name: &str| session.environment.text(name);
    let client = Client::new(&net::Settings {
        user_agent: concat!("flowglass/", env!("CARGO_PKG_VERSION")).to_owned(),
        proxies: Proxies::of(variable),
        retry: Retry::default(),
        seed: session.now.unsigned_abs() ^ u64::from(std::process::id()),
    });
    let client = client.map(|client| client.waiting_in(session.waiting.clone()));
    client.map(Arc::new).map_err(|error| azure_failure(error.into()))
}

/// Azure's failure as the user meets it.
#[expect(clippy::needless_pass_by_value, reason = "given to `map_err`")]
pub(crate) fn azure_failure(error: AzureError) -> Failure {
    let (message, hint) = (error.to_string(), error.hint());
    let failure = match error {
        AzureError::Setting { .. }
        | AzureError::Net(NetError::Setting { .. } | NetError::Insecure { .. }) => Failure::usage(message),
        _ => Failure::outside(message),
    };
    failure.hint(hint)
}

#[expect(clippy::needless_pass_by_value, reason = "given to `map_err`")]
fn storage_failure(error: StorageError) -> Failure {
    let (message, hint) = (error.to_string(), error.hint());
    let failure = match error.problem {
        Problem::Setting { .. } => Failure::usage(message),
        _ => Failure::outside(message),
    };
    failure.hint(hint)
}

/// The settings with the connection string that is kept elsewhere. It is read now, wherever that is: it names accounts.
fn connected(mut settings: Settings, identity: &Arc<Identity>) -> Result<Settings, Failure> {
    // A thread of its own: whoever calls may be a task, and those do not wait.
    let read = std::thread::scope(|scope| {
        let reading = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(|error| Failure::outside(format!("cannot start threads: {error}")))?;
            let done = runtime.block_on(settings.connect(identity));
            done.map(|()| settings).map_err(storage_failure)
        });
        reading.join()
    });
    read.unwrap_or_else(|_| Err(Failure::bug("the thread that reads the connection string ended")))
}

/// Of clouds of one's own storage is found by its endpoint; what else a cloud has is for `facts pull`.
fn unknown_cloud(error: AzureError) -> Failure {
    let known = azure::CLOUDS.join(", ");
    azure_failure(error).hint(format!(
        "clouds are {known}; for another leave `--cloud` away, and set `--blob-endpoint` and AZURE_AUTHORITY_HOST"
    ))
}

/// Whoever asks storage accounts.
#[derive(Clone)]
pub(crate) struct Accounts {
    client: Arc<Client>,
    identity: Arc<Identity>,
    settings: Settings,
}

impl Accounts {
    pub(crate) fn new(session: &Session, flags: &AccountFlags) -> Result<Self, Failure> {
        let variable = |name: &str| session.environment.text(name);
        let authority = variable("AZURE_AUTHORITY_HOST");
        let cloud = Cloud::of(flags.cloud.as_deref(), authority.as_deref(), None);
        let cloud = cloud.map_err(unknown_cloud)?;
        let client = client(session)?;
        let choice = flags.credential.unwrap_or_default().into();
        let identity = |client: &Arc<Client>| {
            let authority = cloud.authority.clone();
            Arc::new(Identity::new(Arc::clone(client), authority, choice, variable))
        };
        let settings = Settings::of(&cloud, flags.blob_endpoint.as_deref(), variable);
        let mut settings = settings.map_err(storage_failure)?;
        if settings.is_to_connect() {
            // Its connections end with the thread that has them, so that it is asked through a client of its own.
            settings = connected(settings, &identity(&self::client(session)?))?;
        }
        Ok(Self {
            identity: identity(&client),
            client,
            settings,
        })
    }

    /// A container by the names of both.
    pub(crate) fn container(&self, account: &str, container: &str) -> Result<Blobs, Failure> {
        self.blobs(&format!("az://{account}/{container}"))
    }

    /// What was named of a storage account.
    pub(crate) fn blobs(&self, text: &str) -> Result<Blobs, Failure> {
        let place = Place::blobs(text, &self.settings).map_err(storage_failure)?;
        let credential = Credential::of(&place, &self.settings, Arc::clone(&self.identity));
        let credential = credential.map_err(storage_failure)?;
        Ok(Blobs::new(Arc::clone(&self.client), place, credential))
    }

    /// A queue of a storage account.
    pub(crate) fn queue(&self, text: &str) -> Result<Queue, Failure> {
        let place = Place::queue(text, &self.settings).map_err(storage_failure)?;
        let credential = Credential::of(&place, &self.settings, Arc::clone(&self.identity));
        let credential = credential.map_err(storage_failure)?;
        Ok(Queue::new(Arc::clone(&self.client), place, credential))
    }

    /// What was named of storage accounts, each blob once.
    pub(crate) async fn named(&self, texts: &[String]) -> Result<Vec<Named>, Failure> {
        let mut named = Vec::new();
        for text in texts {
            let blobs = self.blobs(text)?;
            let prefix = blobs.place().prefix().to_owned();
            let listed = blob_called(&blobs, &prefix).await?;
            let container: Arc<dyn Container> = AzureContainer::new(blobs);
            let blob = listed.map(|listed| Source {
                named: true,
                ..Source::blob(&container, listed)
            });
            named.push(Named {
                container,
                prefix,
                blob,
            });
        }
        Ok(each_once(named, Named::has, |_, _| ()))
    }

    /// What all of them are asked through; it counts the requests.
    pub(crate) fn client(&self) -> Arc<Client> {
        Arc::clone(&self.client)
    }
}

/// A list of what is below a place.
pub(crate) fn listing(blobs: Blobs) -> Listing {
    let prefix = blobs.place().prefix().to_owned();
    let container: Arc<dyn Container> = AzureContainer::new(blobs);
    Listing::new(container, prefix)
}

/// The blob of just this name. A folder of an account with a hierarchy answers as an empty one; who may list but not read
/// is told by the list what there is.
async fn blob_called(blobs: &Blobs, name: &str) -> Result<Option<Listed>, Failure> {
    if name.is_empty() || name.ends_with('/') {
        return Ok(None);
    }
    match blobs.properties(name).await {
        Ok(known) if known.size == 0 => Ok(None),
        Ok(known) => Ok(Some(Listed {
            name: name.to_owned(),
            size: known.size,
            etag: known.etag,
            modified: known.modified_micros.saturating_mul(1000),
        })),
        Err(error) => match error.problem {
            Problem::NoBlob | Problem::Forbidden { .. } => Ok(None),
            _ => Err(storage_failure(error)),
        },
    }
}

/// What was named of a storage account.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) container: Arc<dyn Container>,
    pub(crate) prefix: String,
    /// The blob that has just this name; without one, all are meant whose names begin so.
    pub(crate) blob: Option<Source>,
}

impl Named {
    /// As it was named, however it was spelled.
    pub(crate) fn address(&self) -> String {
        format!("{}/{}", self.container.address(), self.prefix)
    }

    /// The blobs whose names begin so.
    pub(crate) fn listing(&self) -> Listing {
        Listing::new(Arc::clone(&self.container), self.prefix.as_str())
    }

    /// True if all that another one names is named by this one too.
    fn has(&self, other: &Self) -> bool {
        self.container.address() == other.container.address()
            && match self.blob {
                Some(_) => self.prefix == other.prefix,
                None => other.prefix.starts_with(&self.prefix),
            }
    }

    /// There is no blob with that name, nor one whose name begins so.
    pub(crate) fn nothing(&self) -> Message {
        let container = self.container.address();
        let (text, hint) = match self.prefix.as_str() {
            "" => (
                format!("`{container}` holds no blob that could be a flow log"),
                "flow logs make containers of their own: insights-logs-flowlogflowevent".to_owned(),
            ),
            _ => (
                format!(
                    "no blob is called `{}`, and no flow log's name begins so",
                    self.address()
                ),
                format!(
                    "`flowglass blobs {container}` lists those there are; names are told apart by capitals"
                ),
            ),
        };
        Message::new(Grade::Error, text)
            .code(code::SOURCE_NONE)
            .hint(hint)
    }
}

/// Without what others have in them; of each that goes is told what has it.
pub(crate) fn each_once<T>(all: Vec<T>, has: impl Fn(&T, &T) -> bool, goes: impl Fn(&T, &T)) -> Vec<T> {
    let mut once: Vec<T> = Vec::new();
    for one in all {
        if let Some(outer) = once.iter().find(|held| has(held, &one)) {
            goes(&one, outer);
            continue;
        }
        once.retain(|held| {
            let is_within = has(&one, held);
            if is_within {
                goes(held, &one);
            }
            !is_within
        });
        once.push(one);
    }
    once
}

/// The message for a blob or a list that does not come.
pub(crate) fn unavailable(address: &str, error: &BlobError) -> Message {
    let text = match error {
        // It names the place itself.
        BlobError::Failed { message, .. } if message.starts_with("`az://") => message.clone(),
        other => format!("cannot read `{address}`: {other}"),
    };
    let message = Message::new(Grade::Error, text).code(code::SOURCE_IO);
    match error.hint() {
        "" => message,
        hint => message.hint(hint),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_paths() {
        let check = |text: &str, expected: (bool, bool)| {
            let text = OsStr::new(text);
            assert_eq!(
                (is_address(text), is_misspelled(text)),
                expected,
                "{}",
                text.display()
            );
        };
        for address in [
            "az://a/b",
            "AZ://a/b",
            "https://a.blob.core.windows.net/b",
            "abfss://b@a.dfs.core.windows.net",
        ] {
            check(address, (true, false));
        }
        for wrong in ["az:/a/b", "az:a", "s3://b", "https:/a"] {
            check(wrong, (false, true));
        }
        for path in ["a", "./az:/a", "azure", "C:\\flows", "/data/flows"] {
            check(path, (false, false));
        }
    }
}
