//! Tables in storage accounts: how they are opened, what they are called, and why they cannot be used.

use std::path::Path;
use std::sync::Arc;

use azure::storage::{Blobs, Place, Problem, StorageError, Store};
use model::codes::list as code;
use table::{Table, TableError};

use super::{AccountFlags, Accounts, is_address, is_misspelled, shown, storage_failure};
use crate::exit::Failure;
use crate::session::Session;
use crate::working::table_failure;

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
    use azure::Cloud;
    use azure::storage::Settings;

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
        check("az://own/con", "az://own/con", true);
        check("az://own/con", "az://own/con/logs/", true);
        check("az://own/con/t", "az://own/con/t", true);
        check("az://own/con/t", "az://own/con/t/", true);
        check("az://own/con/t", "az://own/con/t/logs", true);
        check("az://own/con/t", "az://own/con", false);
        check("az://own/con/t", "az://own/con/t2", false);
        check("az://own/con", "az://own/con2", false);
        check("az://own/con", "az://other/con", false);
    }
}
