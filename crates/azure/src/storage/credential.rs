//! Who asks for blobs and messages.
//!
//! In this order, and the first that is there is taken: nobody, if that was said; the SAS of the place's own URL; what the
//! connection string holds, if it is of the account; `AZURE_STORAGE_KEY` or `AZURE_STORAGE_ACCOUNT_KEY`;
//! `AZURE_STORAGE_SAS_TOKEN`; the published key, at an emulator; else a token of the [`Identity`]. Where
//! `AZURE_STORAGE_ACCOUNT` names an account, variables of keys and SAS are of that account only. What a file or a vault holds is
//! read when it is first needed, and again when it is refused.

use std::fmt;
use std::sync::Arc;

use net::Secret;

use crate::identity::Identity;
use crate::kept::{Kept, Vaults};
use crate::storage::connection::{Connection, EMULATED_KEY, Set, Settings};
use crate::storage::error::{Problem, StorageError};
use crate::storage::place::Place;
use crate::storage::sign::Key;

/// Who asks.
#[derive(Clone)]
pub struct Credential(pub(crate) Kind);

#[derive(Clone)]
pub(crate) enum Kind {
    Key(Key),
    Sas(Secret),
    Token(Arc<Identity>),
    Nobody,
    Kept(Keeping),
}

/// A secret that is read when it is needed, and again when it is refused.
#[derive(Clone)]
pub(crate) struct Keeping {
    kept: Arc<Kept>,
    part: Part,
    vaults: Vaults,
    /// What hosts of storage end with: a connection string may leave that out.
    suffix: String,
}

/// What it is.
#[derive(Clone, Copy)]
enum Part {
    Key,
    Sas,
    Connection,
}

impl Keeping {
    /// What asks with the secret as it was read.
    fn credential(&self, secret: &Secret) -> Result<Credential, StorageError> {
        let name = self.kept.name();
        match self.part {
            Part::Key => Credential::key(name, secret),
            Part::Sas => Credential::sas(name, secret),
            Part::Connection => {
                let connection = Connection::of(secret, &self.suffix)?;
                Credential::of_connection(&connection).unwrap_or_else(|| {
                    Err(StorageError::of(Problem::Setting {
                        what: format!("{name} has neither a key nor a signature any more"),
                        hint: "copy it from the portal (the account's `Access keys`) into where it is kept"
                            .to_owned(),
                    }))
                })
            }
        }
    }
}

impl Credential {
    /// Of a place and what is set, in the order that the module tells.
    ///
    /// # Errors
    /// If what is set is no key or no SAS.
    pub fn of(place: &Place, settings: &Settings, identity: Arc<Identity>) -> Result<Self, StorageError> {
        if let Some(sas) = &place.sas {
            return Self::sas("the SAS of the URL", sas);
        }
        let connection = settings.connection.as_ref();
        let own = connection.filter(|connection| connection.account == place.account);
        if let Some(credential) = own.and_then(Self::of_connection) {
            let kept = settings.kept_connection();
            return match kept {
                Some(kept) => Ok(Self::kept(kept, Part::Connection, settings, &identity)),
                None => credential,
            };
        }
        let names = ["AZURE_STORAGE_KEY", "AZURE_STORAGE_ACCOUNT_KEY"];
        match settings.of_account(&place.account, &names) {
            Some((name, Set::Here(key))) => return Self::key(name, &key),
            Some((_, Set::Elsewhere(kept))) => {
                return Ok(Self::kept(&kept, Part::Key, settings, &identity));
            }
            None => {}
        }
        match settings.of_account(&place.account, &["AZURE_STORAGE_SAS_TOKEN"]) {
            Some((name, Set::Here(sas))) => return Self::sas(name, &sas),
            Some((_, Set::Elsewhere(kept))) => {
                return Ok(Self::kept(&kept, Part::Sas, settings, &identity));
            }
            None => {}
        }
        if place.is_emulated() {
            return Self::key("the key of the emulator", &Secret::new(EMULATED_KEY));
        }
        Ok(Self(Kind::Token(identity)))
    }

    /// Of a secret that is read when it is needed.
    fn kept(kept: &Arc<Kept>, part: Part, settings: &Settings, identity: &Arc<Identity>) -> Self {
        Self(Kind::Kept(Keeping {
            kept: Arc::clone(kept),
            part,
            vaults: settings.vaults(identity),
            suffix: settings.suffix.clone(),
        }))
    }

    /// Of what a connection string holds; none if it holds no secret.
    fn of_connection(connection: &Connection) -> Option<Result<Self, StorageError>> {
        let name = "AZURE_STORAGE_CONNECTION_STRING";
        let key = connection.key.as_ref();
        let key = key.map(|key| Self::key(&format!("the key in {name}"), key));
        let sas = || {
            let sas = connection.sas.as_ref();
            sas.map(|sas| Self::sas(&format!("the SAS in {name}"), sas))
        };
        key.or_else(sas)
    }

    /// Itself, or what is read from where it is kept, with the secret that was read. One that was just refused is looked for
    /// anew.
    pub(crate) async fn ready(&self, stale: Option<&Secret>) -> Result<(Self, Option<Secret>), StorageError> {
        let Kind::Kept(keeping) = &self.0 else {
            return Ok((self.clone(), None));
        };
        let secret = keeping.kept.read(&keeping.vaults, stale).await?;
        Ok((keeping.credential(&secret)?, Some(secret)))
    }

    /// An account's key, in base64; what it is called in messages comes first.
    ///
    /// # Errors
    /// If it is something else.
    pub fn key(name: &str, key: &Secret) -> Result<Self, StorageError> {
        let unusable = || {
            StorageError::of(Problem::Setting {
                what: format!("{name} is no key of a storage account: it is not base64"),
                hint: "copy it from the account's `Access keys` in the portal, or from `az storage account keys list`".to_owned(),
            })
        };
        Key::of(key).map(|key| Self(Kind::Key(key))).ok_or_else(unusable)
    }

    /// A shared access signature: the query of a URL, with or without its question mark.
    ///
    /// # Errors
    /// If it has no signature.
    pub fn sas(name: &str, sas: &Secret) -> Result<Self, StorageError> {
        let text = sas.expose().trim().trim_start_matches('?');
        let is_whole = text.split('&').any(|pair| pair.starts_with("sig="));
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
        if is_whole && is_plain {
            return Ok(Self(Kind::Sas(Secret::new(text))));
        }
        Err(StorageError::of(Problem::Setting {
            what: format!(
                "{name} is no shared access signature: it has no `sig=`, or letters that no URL has"
            ),
            hint: "it looks like sv=...&sp=rl&se=...&sig=...".to_owned(),
        }))
    }

    /// A token of whoever the identity proves to be.
    #[must_use]
    pub const fn token(identity: Arc<Identity>) -> Self {
        Self(Kind::Token(identity))
    }

    /// Nobody: for containers that everybody may read.
    #[must_use]
    pub const fn anonymous() -> Self {
        Self(Kind::Nobody)
    }

    /// In words, such as `account key`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match &self.0 {
            Kind::Key(_) => "account key",
            Kind::Sas(_) => "shared access signature",
            Kind::Token(_) => "token",
            Kind::Nobody => "nobody",
            Kind::Kept(Keeping { part, .. }) => match part {
                Part::Key => "account key",
                Part::Sas => "shared access signature",
                Part::Connection => "connection string",
            },
        }
    }

    /// A text of a server without what was sent to it.
    pub(crate) fn hidden_in(&self, text: &str) -> String {
        let Kind::Sas(sas) = &self.0 else {
            return text.to_owned();
        };
        let mut text = sas.hidden_in(text);
        for pair in sas.expose().split('&') {
            if let Some(signature) = pair.strip_prefix("sig=") {
                text = Secret::new(signature).hidden_in(&text);
                text = Secret::new(&crate::storage::text::decoded(signature)).hidden_in(&text);
            }
        }
        text
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::Cloud;
    use crate::identity::Choice;

    fn check(text: &str, variables: &[(&str, &str)], expected: &str) {
        let cloud = Cloud::of(None, None, None).unwrap();
        let settings = Settings::of(&cloud, None, |name| {
            let held = variables.iter().find(|(held, _)| *held == name);
            held.map(|(_, value)| (*value).to_owned())
        })
        .unwrap();
        let client = net::Client::new(&net::Settings {
            user_agent: "test".to_owned(),
            proxies: net::Proxies::default(),
            retry: net::Retry::default(),
            seed: 1,
        });
        let identity = Identity::new(Arc::new(client.unwrap()), cloud.authority, Choice::Auto, |_| None);
        let place = Place::blobs(text, &settings).unwrap();
        let found = Credential::of(&place, &settings, Arc::new(identity));
        let told = match &found {
            Ok(credential) => format!("{credential:?}"),
            Err(failure) => format!("{failure} {failure:?}"),
        };
        assert!(told.starts_with(expected), "{text} {variables:?}: {told}");
        assert!(!told.contains("aGlkZGVu") && !told.contains("hidden"), "{told}");
    }

    #[test]
    fn which_comes_first() {
        let (key, sas) = (
            ("AZURE_STORAGE_KEY", "aGlkZGVu"),
            ("AZURE_STORAGE_SAS_TOKEN", "?sv=1&sig=hidden"),
        );
        check("az://logs/flow?sv=1&sig=hidden", &[key, sas], "shared access");
        check("az://logs/flow", &[key, sas], "account key");
        check(
            "az://logs/flow",
            &[("AZURE_STORAGE_ACCOUNT_KEY", "aGlkZGVu"), sas],
            "account key",
        );
        check("az://logs/flow", &[sas], "shared access");
        check("az://logs/flow", &[], "token");
        check("az://devstoreaccount1/flow", &[], "account key");
        let own = ("AZURE_STORAGE_ACCOUNT", "logs");
        check("az://logs/flow", &[own, key], "account key");
        check("az://other/flow", &[own, key, sas], "token");
        let connection = (
            "AZURE_STORAGE_CONNECTION_STRING",
            "AccountName=logs;SharedAccessSignature=sv=1&sig=hidden",
        );
        check("az://logs/flow", &[connection, key], "shared access");
        check("az://other/flow", &[connection, key], "account key");
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        check(
            "az://logs/flow",
            &[("AZURE_STORAGE_KEY", "hidden!")],
            "AZURE_STORAGE_KEY is no key of a storage account",
        );
        check(
            "az://logs/flow",
            &[("AZURE_STORAGE_SAS_TOKEN", "hidden")],
            "AZURE_STORAGE_SAS_TOKEN is no shared access signature",
        );
    }

    #[test]
    fn servers_tell_what_was_sent() {
        let sas = Credential::sas("x", &Secret::new("?sv=1&sig=hid%2Fden")).unwrap();
        assert_eq!(
            sas.hidden_in("`sv=1&sig=hid%2Fden`, hid/den, hid%2Fden"),
            "`[secret]`, [secret], [secret]"
        );
    }
}
