//! Storage accounts as the user names them: what is typed, who asks, and what is there.

use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;

use azure::storage::{
    Blobs, Credential, Place, Problem, Queue, Settings, StorageError, Store, refuse_secret as refuse,
};
use azure::{AzureError, Choice, Cloud, Identity, Method};
use clap::ValueEnum;
use ingest::{AzureContainer, BlobError, Container, Listed, Listing, Source};
use model::codes::list as code;
use net::{Client, NetError, Proxies, Retry};
use table::{Table, TableError};

use crate::exit::Failure;
use crate::message::{Grade, Message};
use crate::session::Session;
use crate::working::table_failure;

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
        Ok(each_once(named))
    }

    /// What all of them are asked through; it counts the requests.
    pub(crate) fn client(&self) -> Arc<Client> {
        Arc::clone(&self.client)
    }

    /// A list of what was named.
    pub(crate) fn listing(&self, text: &str) -> Result<Listing, Failure> {
        let blobs = self.blobs(text)?;
        let prefix = blobs.place().prefix().to_owned();
        let container: Arc<dyn Container> = AzureContainer::new(blobs);
        Ok(Listing::new(container, prefix))
    }
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

/// Without what another one names already.
fn each_once(named: Vec<Named>) -> Vec<Named> {
    let mut once: Vec<Named> = Vec::new();
    for one in named {
        if !once.iter().any(|held| held.has(&one)) {
            once.retain(|held| !one.has(held));
            once.push(one);
        }
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

/// Opens the table of the settings: a folder, or a place in a storage account.
pub(crate) async fn open_table(session: &Session) -> Result<Table, Failure> {
    let opened = try_table(session, &session.settings.table.value).await?;
    opened.map_err(table_failure)
}

/// Opens a table; who asks may have an answer where there is none.
pub(crate) async fn try_table(session: &Session, place: &Path) -> Result<Result<Table, TableError>, Failure> {
    let Some((blobs, address)) = store_of(session, place)? else {
        return Ok(Table::open(place).await);
    };
    let store = Arc::new(Store::new(blobs.clone()));
    match Table::open_in(store, Path::new(&address)).await {
        Ok(table) => Ok(Ok(table)),
        Err(error) => match why_not(&blobs, &error).await {
            Some(cause) => Err(table_place_failure(&blobs, cause)),
            None => Ok(Err(error)),
        },
    }
}

/// Opens a table, and makes it if there is none.
pub(crate) async fn open_or_create_table(session: &Session, place: &Path) -> Result<Table, Failure> {
    let opened = open_or_create(session, place).await;
    opened.map_err(|unopened| unopened.failure)
}

/// Why a table was not opened.
#[derive(Debug)]
pub(crate) struct Unopened {
    pub(crate) failure: Failure,
    /// True if it may be over a moment later: nobody answered, or too many asked.
    pub(crate) passes: bool,
}

impl From<Failure> for Unopened {
    fn from(failure: Failure) -> Self {
        Self {
            failure,
            passes: false,
        }
    }
}

/// Opens a table, and makes it if there is none; tells whether what keeps it from that may be over a moment later.
pub(crate) async fn open_or_create(session: &Session, place: &Path) -> Result<Table, Unopened> {
    let Some((blobs, address)) = store_of(session, place)? else {
        let opened = Table::open_or_create(place).await;
        return opened.map_err(|error| table_failure(error).into());
    };
    let store = Arc::new(Store::new(blobs.clone()));
    match Table::open_or_create_in(store, Path::new(&address)).await {
        Ok(table) => Ok(table),
        Err(error) => match why_not(&blobs, &error).await {
            // A name that leads nowhere may be a name service that is away, as it is where machines start.
            Some(cause) => Err(Unopened {
                passes: cause.may_pass() || cause.problem == Problem::NoAccount,
                failure: table_place_failure(&blobs, cause),
            }),
            None => Err(table_failure(error).into()),
        },
    }
}

/// Whether it is the account that keeps a table from being opened: it then says more than the table can, and what to do next.
async fn why_not(blobs: &Blobs, error: &TableError) -> Option<StorageError> {
    if let TableError::Io { source, .. } = error
        && let Some(cause) = storage_cause(source.as_ref())
        && cause.problem != Problem::NoContainer
        && !cause.is_missing()
    {
        return Some(cause.clone());
    }
    match error {
        // Without its container nothing of a table is there either.
        TableError::Io { .. } | TableError::Missing { .. } => {
            let listed = blobs.list(blobs.place().prefix(), None, None, 1).await;
            listed.err()
        }
        _ => None,
    }
}

/// The address of the table of the settings, without a slash at its end, if it is in a storage account.
pub(crate) fn table_address(session: &Session) -> Option<String> {
    // Why there is none is told by who opens it.
    let (_, address) = store_of(session, &session.settings.table.value).ok()??;
    Some(address.trim_end_matches('/').to_owned())
}

/// What a table's place is called, without secrets.
pub(crate) fn shown_place(session: &Session, place: &Path) -> String {
    match store_of(session, place) {
        Ok(Some((_, address))) => address,
        _ => shown(place.as_os_str()),
    }
}

/// Refuses logs at a place inside of the table: its files and the logs would lie among each other.
pub(crate) fn refuse_inside(table: &str, logs: &Place) -> Result<(), Failure> {
    let own = logs.address(logs.prefix());
    let own = own.trim_end_matches('/');
    let is_inside = own
        .strip_prefix(table)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if !is_inside {
        return Ok(());
    }
    let text = match own == table {
        true => format!("`{own}` is the table's own place: its files would lie among the logs"),
        false => format!("the logs at `{own}` lie inside of the table `{table}`"),
    };
    Err(Failure::usage(text).hint("choose a container of its own for the table with `--table`"))
}

/// The account's own word in a library's error.
fn storage_cause<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e StorageError> {
    let mut cause = error;
    loop {
        if let Some(found) = cause.downcast_ref::<StorageError>() {
            return Some(found);
        }
        let inner = cause
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        cause = match inner {
            Some(inner) => inner,
            None => cause.source()?,
        };
    }
}

/// Why a table's place cannot be used. A container is made by nobody but its owner.
pub(crate) fn table_place_failure(blobs: &Blobs, error: StorageError) -> Failure {
    if error.problem != Problem::NoContainer {
        return storage_failure(error);
    }
    let place = blobs.place();
    let text = format!(
        "the container `{}` of the table is not there",
        place.own_address()
    );
    Failure {
        code: Some(code::TABLE_MISSING),
        ..Failure::usage(text).hint(format!(
            "make it with `az storage container create --account-name {} --name {} --auth-mode login`, or look at the name",
            place.account(),
            place.container()
        ))
    }
}

/// What holds a table that is in a storage account, and its address without secrets.
pub(crate) fn store_of(session: &Session, path: &Path) -> Result<Option<(Blobs, String)>, Failure> {
    if is_misspelled(path.as_os_str()) {
        let shown = shown(path.as_os_str());
        let text = format!("`{shown}` is neither a folder nor an address of a storage account");
        return Err(Failure::usage(text).hint("write az://ACCOUNT/CONTAINER/PREFIX, or a path"));
    }
    if !is_address(path.as_os_str()) {
        return Ok(None);
    }
    let accounts = Accounts::new(session, &AccountFlags::default())?;
    let blobs = accounts.blobs(&path.to_string_lossy())?;
    let address = blobs
        .place()
        .address(blobs.place().prefix().trim_end_matches('/'));
    Ok(Some((blobs, address)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_inside_of_the_table() {
        let settings = Settings::of(&Cloud::of(None, None, None).unwrap(), None, |_| None).unwrap();
        let check = |table: &str, logs: &str, is_refused: bool| {
            let place = Place::blobs(logs, &settings).unwrap();
            assert_eq!(
                refuse_inside(table, &place).is_err(),
                is_refused,
                "{table} {logs}"
            );
        };
        check("az://a/c", "az://a/c", true);
        check("az://a/c", "az://a/c/logs/", true);
        check("az://a/c/t", "az://a/c/t", true);
        check("az://a/c/t", "az://a/c/t/", true);
        check("az://a/c/t", "az://a/c/t/logs", true);
        check("az://a/c/t", "az://a/c", false);
        check("az://a/c/t", "az://a/c/t2", false);
        check("az://a/c", "az://a/c2", false);
        check("az://a/c", "az://b/c", false);
    }

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
