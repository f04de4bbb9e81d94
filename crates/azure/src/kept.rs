//! Secrets that are kept elsewhere than in a variable: in a file that `NAME_FILE` names, or in a Key Vault to which a variable
//! or such a file refers.
//!
//! What was read is held until somebody is refused with it: then it is read anew, for it may have been changed meanwhile.

use std::future::Future;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use net::{Client, Secret};
use tokio::sync::Mutex;

use crate::error::AzureError;
use crate::identity::Identity;
use crate::vault::Reference;

/// Variables of secrets, each with that of a file that holds the secret.
pub const SECRETS: [(&str, &str); 5] = [
    ("AZURE_CLIENT_SECRET", "AZURE_CLIENT_SECRET_FILE"),
    (
        "AZURE_STORAGE_CONNECTION_STRING",
        "AZURE_STORAGE_CONNECTION_STRING_FILE",
    ),
    ("AZURE_STORAGE_KEY", "AZURE_STORAGE_KEY_FILE"),
    ("AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_ACCOUNT_KEY_FILE"),
    ("AZURE_STORAGE_SAS_TOKEN", "AZURE_STORAGE_SAS_TOKEN_FILE"),
];

/// The longest secret is a connection string, of a few hundred bytes.
const BYTES_MAX: u64 = 64 << 10;
/// Keys, signatures and the secrets of applications are longer.
const SECRET_MIN: usize = 32;

/// Whoever is refused with what was just read anew, and is as it was, does not make everybody ask for it again at once.
const SAME: Duration = Duration::from_secs(60);

/// A future that can be awaited in itself: who reads a secret may need another one to prove who it is.
type Reading<'a> = Pin<Box<dyn Future<Output = Result<Secret, AzureError>> + Send + 'a>>;

/// Who asks vaults.
#[derive(Clone, Debug)]
pub(crate) struct Vaults {
    pub(crate) client: Arc<Client>,
    pub(crate) identity: Arc<Identity>,
    /// What hosts of vaults end with.
    pub(crate) suffix: String,
}

/// True for what is written as a reference to a secret of a Key Vault.
#[must_use]
pub fn refers_to_vault(text: &str) -> bool {
    Reference::is_one(text)
}

enum Origin {
    /// What the variable says: it refers to a vault.
    Text(Secret),
    /// A file with the secret, or with what refers to a vault.
    File(PathBuf),
}

/// A secret that is kept elsewhere.
pub(crate) struct Kept {
    name: &'static str,
    origin: Origin,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    secret: Option<Secret>,
    same_until: Option<Instant>,
}

impl Kept {
    /// Of a variable; none if that is not set, or is the secret itself.
    pub(crate) fn of(name: &'static str, variable: impl Fn(&str) -> Option<String>) -> Option<Arc<Self>> {
        let text = variable(name).filter(|text| !text.trim().is_empty());
        let origin = match text {
            Some(text) if Reference::is_one(&text) => Origin::Text(Secret::new(text.trim())),
            Some(_) => return None,
            None => {
                let (_, file) = SECRETS.iter().find(|(held, _)| *held == name)?;
                let path = variable(file).filter(|path| !path.is_empty())?;
                Origin::File(PathBuf::from(path))
            }
        };
        Some(Arc::new(Self {
            name,
            origin,
            held: Mutex::default(),
        }))
    }

    /// The variable that it is set by.
    pub(crate) const fn name(&self) -> &'static str {
        self.name
    }

    /// The secret. One that was just turned away is looked for anew.
    pub(crate) fn read<'a>(&'a self, vaults: &'a Vaults, stale: Option<&'a Secret>) -> Reading<'a> {
        Box::pin(async move {
            // Whoever else asks meanwhile waits, and gets the same one.
            let mut held = self.held.lock().await;
            if let Some(secret) = &held.secret {
                let is_same = held.same_until.is_some_and(|until| Instant::now() < until);
                if is_same || Some(secret) != stale {
                    return Ok(secret.clone());
                }
            }
            let secret = self.look(vaults).await?;
            let is_same = Some(&secret) == stale;
            held.same_until = is_same.then(|| Instant::now() + SAME);
            held.secret = Some(secret.clone());
            Ok(secret)
        })
    }

    async fn look(&self, vaults: &Vaults) -> Result<Secret, AzureError> {
        let text = match &self.origin {
            Origin::Text(text) => text.clone(),
            Origin::File(path) => self.of_file(path)?,
        };
        if !Reference::is_one(text.expose()) {
            return Ok(text);
        }
        let reference = Reference::parse(text.expose(), &vaults.suffix);
        let reference = reference.map_err(|why| AzureError::Setting {
            what: format!("{} refers to no secret of a Key Vault: {why}", self.name),
            hint: "write @Microsoft.KeyVault(SecretUri=https://VAULT.vault.azure.net/secrets/NAME) or @Microsoft.KeyVault(VaultName=VAULT;SecretName=NAME)".to_owned(),
        })?;
        reference.fetch(self.name, vaults).await
    }

    fn of_file(&self, path: &Path) -> Result<Secret, AzureError> {
        let failed = |why: String| {
            AzureError::Setting {
            what: format!("cannot read {}, which {}_FILE names: {why}", shown(path), self.name),
            hint: "it holds the secret alone, or @Microsoft.KeyVault(…), and this user must be allowed to read it"
                .to_owned(),
        }
        };
        let mut text = String::new();
        let file = std::fs::File::open(path).map_err(|error| failed(error.kind().to_string()))?;
        let read = file.take(BYTES_MAX + 1).read_to_string(&mut text);
        let read = read.map_err(|error| failed(error.kind().to_string()))?;
        match text.trim() {
            "" => Err(failed("it is empty".to_owned())),
            _ if read as u64 > BYTES_MAX => Err(failed("it is too long for a secret".to_owned())),
            text => Ok(Secret::new(text)),
        }
    }
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} [kept elsewhere]", self.name)
    }
}

/// A path as it may be shown. Who sets the secret itself where the name of its file belongs does not find it in a log.
fn shown(path: &Path) -> String {
    let is_in_folder = path
        .parent()
        .is_some_and(|folder| !folder.as_os_str().is_empty() && folder.is_dir());
    let name = path.to_string_lossy();
    match is_in_folder || name.len() < SECRET_MIN && !name.contains('=') {
        true => format!("`{name}`"),
        false => "the file (not shown, for it may be the secret itself)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(variables: &[(&str, &str)]) -> Option<Arc<Kept>> {
        Kept::of("AZURE_STORAGE_KEY", |name| {
            let held = variables.iter().find(|(held, _)| *held == name);
            held.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn what_is_kept_elsewhere() {
        assert!(kept(&[]).is_none());
        assert!(kept(&[("AZURE_STORAGE_KEY", "a2V5")]).is_none());
        // What is set itself comes before its file.
        let both = [("AZURE_STORAGE_KEY", "a2V5"), ("AZURE_STORAGE_KEY_FILE", "/key")];
        assert!(kept(&both).is_none());
        let file = kept(&[("AZURE_STORAGE_KEY_FILE", "/key")]).unwrap();
        assert!(matches!(file.origin, Origin::File(_)));
        let vault = kept(&[(
            "AZURE_STORAGE_KEY",
            " @microsoft.keyvault(VaultName=v;SecretName=s)",
        )])
        .unwrap();
        assert!(matches!(vault.origin, Origin::Text(_)));
        assert_eq!(format!("{vault:?}"), "AZURE_STORAGE_KEY [kept elsewhere]");
    }

    #[test]
    fn files_of_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let name = path.to_str().unwrap();
        let file = kept(&[("AZURE_STORAGE_KEY_FILE", name)]).unwrap();
        let failure = file.of_file(&path).unwrap_err();
        let text = format!("cannot read `{name}`, which AZURE_STORAGE_KEY_FILE names: entity not found");
        assert_eq!(failure.to_string(), text);
        for secret in [
            "bm8ga2V5IGF0IGFsbA/bm8ga2V5IGF0IGFsbCwgYnV0IGxpa2Ugb25l==",
            "se=2027&sig=abc",
        ] {
            let text = file.of_file(Path::new(secret)).unwrap_err().to_string();
            assert!(!text.contains(secret) && text.contains("not shown"), "{text}");
        }
        std::fs::write(&path, " \n").unwrap();
        assert!(
            file.of_file(&path)
                .unwrap_err()
                .to_string()
                .ends_with("it is empty")
        );
        std::fs::write(&path, "a2V5\n").unwrap();
        assert_eq!(file.of_file(&path), Ok(Secret::new("a2V5")));
        std::fs::write(&path, "x".repeat(70_000)).unwrap();
        assert!(file.of_file(&path).is_err());
    }
}
