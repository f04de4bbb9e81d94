//! Followers: programs that read the table version by version, and so need versions to stay.
//!
//! A follower is a file `_followers/NAME.json`. It begins at the version that is the newest when it
//! registers, whose whole content it reads first; then it follows entry by entry, and says how far it has
//! come. `table vacuum` removes nothing that this version, or one after it, needs. A file belongs to one
//! follower, which is one program: nobody else moves it.

use futures::TryStreamExt;
use model::TableVersion;
use model::limits::FOLLOWERS_MAX;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use serde::{Deserialize, Serialize};

use crate::error::{Result, TableError};
use crate::store::TEMPORARY_PREFIX;
use crate::table::Table;

/// Folder of the followers' files.
pub(crate) const FOLDER: &str = "_followers";

/// Longest name.
const NAME_CHARS_MAX: usize = 64;

/// A follower as its file says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Follower {
    /// Its name.
    pub name: String,
    /// It has read `Flows` up to this version, and needs what comes after.
    pub version: i64,
    /// When it registered, epoch microseconds.
    pub registered_micros: i64,
    /// When it last moved.
    pub advanced_micros: i64,
}

fn refused(name: &str, what: impl Into<String>) -> TableError {
    TableError::Follower {
        name: name.to_owned(),
        what: what.into(),
    }
}

/// Where the file of a follower of this name lies, if there may be one.
fn path_of(name: &str) -> Result<Path> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
    if name.is_empty() || name.len() > NAME_CHARS_MAX || !name.chars().all(plain) {
        return Err(refused(
            name,
            format!("cannot be: a name has 1 to {NAME_CHARS_MAX} of a-z, 0-9, `-` and `_`"),
        ));
    }
    Ok(Path::from(format!("{FOLDER}/{name}.json")))
}

impl Table {
    /// Registers a follower at the newest version, or gives the one that is registered under this name.
    ///
    /// # Errors
    /// If the name cannot be one, there are too many, or the file cannot be written.
    pub async fn register_follower(&mut self, name: &str, now_micros: i64) -> Result<Follower> {
        let path = path_of(name)?;
        self.refresh().await?;
        self.flows.check_writable()?;
        if self.followers().await?.len() >= FOLLOWERS_MAX {
            return Err(refused(name, format!("would be one more than {FOLLOWERS_MAX}")));
        }
        let follower = Follower {
            name: name.to_owned(),
            version: self.version().0,
            registered_micros: now_micros,
            advanced_micros: now_micros,
        };
        match self.put_follower(&path, &follower, PutMode::Create).await {
            Ok(()) => Ok(follower),
            Err(object_store::Error::AlreadyExists { .. }) => self.follower(name).await,
            Err(error) => Err(TableError::io(format!("write `{path}`"), error)),
        }
    }

    /// Notes that a follower has read up to this version; it never goes back.
    ///
    /// # Errors
    /// If there is no such follower, it is further already, or the version is not there yet.
    pub async fn advance_follower(
        &mut self,
        name: &str,
        version: TableVersion,
        now_micros: i64,
    ) -> Result<Follower> {
        let path = path_of(name)?;
        let before = self.follower(name).await?;
        if version.0 < before.version {
            let what = format!(
                "is at version {} and does not go back to {version}",
                before.version
            );
            return Err(refused(name, what));
        }
        if version > self.version() {
            self.refresh().await?;
        }
        if version > self.version() {
            let what = format!("cannot be at version {version}: the newest is {}", self.version());
            return Err(refused(name, what));
        }
        let after = Follower {
            version: version.0,
            advanced_micros: now_micros,
            ..before
        };
        self.put_follower(&path, &after, PutMode::Overwrite)
            .await
            .map_err(|error| TableError::io(format!("write `{path}`"), error))?;
        Ok(after)
    }

    /// Forgets a follower: nothing is kept for it any more. One whose file is damaged goes too.
    ///
    /// # Errors
    /// If there is none of this name.
    pub async fn remove_follower(&self, name: &str) -> Result<()> {
        let path = path_of(name)?;
        // Deleting what is not there is no failure for some stores.
        self.store
            .head(&path)
            .await
            .map_err(|error| unread(name, error))?;
        self.store
            .delete(&path)
            .await
            .map_err(|error| TableError::io(format!("remove `{path}`"), error))
    }

    /// One follower.
    ///
    /// # Errors
    /// If there is none of this name, or its file cannot be read.
    pub async fn follower(&self, name: &str) -> Result<Follower> {
        let path = path_of(name)?;
        let found = self.store.get(&path).await.map_err(|error| unread(name, error))?;
        let bytes = found.bytes().await.map_err(|error| unread(name, error))?;
        match serde_json::from_slice::<Follower>(&bytes) {
            Ok(follower) if follower.name == name => Ok(follower),
            Ok(_) => Err(refused(name, format!("has the file of another: `{path}`"))),
            Err(error) => Err(refused(
                name,
                format!("has a file that cannot be read: `{path}`: {error}"),
            )),
        }
    }

    /// Every follower, by name.
    ///
    /// # Errors
    /// If a file cannot be read: nobody may act as if there were no such follower.
    pub async fn followers(&self) -> Result<Vec<Follower>> {
        let listed = |error| TableError::io(format!("list `{FOLDER}`"), error);
        let mut files = self.store.list(Some(&Path::from(FOLDER)));
        let mut names = Vec::new();
        while let Some(meta) = files.try_next().await.map_err(listed)? {
            let file = meta.location.filename().unwrap_or_default();
            if let Some(name) = file.strip_suffix(".json")
                && !file.starts_with(TEMPORARY_PREFIX)
            {
                names.push(name.to_owned());
            }
        }
        let mut followers = Vec::with_capacity(names.len());
        for name in names {
            followers.push(self.follower(&name).await?);
        }
        Ok(followers)
    }

    async fn put_follower(
        &self,
        path: &Path,
        follower: &Follower,
        mode: PutMode,
    ) -> object_store::Result<()> {
        let options = PutOptions {
            mode,
            ..PutOptions::default()
        };
        let text = serde_json::to_vec(follower).map_err(|error| object_store::Error::Generic {
            store: "followers",
            source: error.into(),
        })?;
        self.store.put_opts(path, text.into(), options).await.map(|_| ())
    }
}

fn unread(name: &str, error: object_store::Error) -> TableError {
    match error {
        object_store::Error::NotFound { .. } => refused(name, "is not registered"),
        error => TableError::io(format!("read `{FOLDER}/{name}.json`"), error),
    }
}
