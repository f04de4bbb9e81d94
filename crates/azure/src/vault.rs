//! A secret of a Key Vault, as App Service refers to one, and asked of the vault itself.
//! <https://learn.microsoft.com/azure/app-service/app-service-key-vault-references>
//! <https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret>

use model::limits::TOKEN_BYTES_MAX;
use net::{Request, Response, Secret};
use serde_json::Value;
use url::Url;

use crate::cloud::VAULTS;
use crate::error::AzureError;
use crate::kept::Vaults;

const BEGINS: &str = "@Microsoft.KeyVault(";
/// The version of the interface that is spoken.
const VERSION: &str = "7.4";
/// So much of what a vault says is told.
const SAID_MAX: usize = 300;

/// Where a secret is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    vault: Url,
    secret: String,
    /// This one; else the latest.
    version: Option<String>,
}

impl Reference {
    /// True for what is written as one, whether it is right or not.
    pub(crate) fn is_one(text: &str) -> bool {
        let begins = text.trim_start().get(..BEGINS.len());
        begins.is_some_and(|begins| begins.eq_ignore_ascii_case(BEGINS))
    }

    /// Of `@Microsoft.KeyVault(SecretUri=…)` or `@Microsoft.KeyVault(VaultName=…;SecretName=…)`; else why it is none.
    pub(crate) fn parse(text: &str, suffix: &str) -> Result<Self, String> {
        let inner = text
            .trim()
            .get(BEGINS.len()..)
            .and_then(|rest| rest.strip_suffix(')'))
            .ok_or("it does not end with `)`")?;
        let mut parts = Vec::new();
        for part in inner.split(';').filter(|part| !part.trim().is_empty()) {
            let (name, value) = part.split_once('=').ok_or("a part of it has no `=`")?;
            parts.push((name.trim().to_lowercase(), value.trim()));
        }
        let part = |wanted: &str| {
            let held = parts.iter().find(|(name, _)| name == wanted);
            held.map(|(_, value)| *value).filter(|value| !value.is_empty())
        };
        match (part("secreturi"), part("vaultname"), part("secretname")) {
            (Some(uri), None, None) => Self::of_uri(uri),
            (None, Some(vault), Some(secret)) => {
                if !is_name(vault) {
                    return Err(format!("`{vault}` is no name of a vault"));
                }
                let vault = Url::parse(&format!("https://{vault}.{suffix}"));
                Self::checked(
                    vault.map_err(|error| error.to_string())?,
                    secret,
                    part("secretversion"),
                )
            }
            _ => Err("it needs SecretUri, or VaultName and SecretName".to_owned()),
        }
    }

    fn of_uri(uri: &str) -> Result<Self, String> {
        let mut url = Url::parse(uri).map_err(|error| format!("SecretUri is not a URL: {error}"))?;
        if !url.username().is_empty() || url.password().is_some() || !url.has_host() {
            return Err("SecretUri is more than a host and a path".to_owned());
        }
        net::check(&url).map_err(|error| error.to_string())?;
        let path = url.path().trim_matches('/').to_owned();
        url.set_path("");
        url.set_query(None);
        url.set_fragment(None);
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            ["secrets", secret] => Self::checked(url, secret, None),
            ["secrets", secret, version] => Self::checked(url, secret, Some(version)),
            _ => Err("the path of SecretUri is not /secrets/NAME or /secrets/NAME/VERSION".to_owned()),
        }
    }

    fn checked(vault: Url, secret: &str, version: Option<&str>) -> Result<Self, String> {
        match [Some(secret), version]
            .into_iter()
            .flatten()
            .find(|name| !is_name(name))
        {
            Some(name) => Err(format!("`{name}` is no name of a secret or a version")),
            None => Ok(Self {
                vault,
                secret: secret.to_owned(),
                version: version.map(str::to_owned),
            }),
        }
    }

    /// The vault's name; of one that is none of Azure's its host.
    fn vault_name(&self) -> String {
        let host = self.vault.host_str().unwrap_or_default();
        match (azures_suffix(host), host.split_once('.')) {
            (Some(_), Some((name, _))) => name.to_owned(),
            _ => net::host(&self.vault),
        }
    }

    /// Whom tokens are for: vaults of that cloud. At a host that is none of Azure's a token is for that host alone.
    fn audience(&self) -> String {
        match azures_suffix(self.vault.host_str().unwrap_or_default()) {
            Some(suffix) => format!("https://{suffix}"),
            None => self.vault.origin().ascii_serialization(),
        }
    }

    fn url(&self) -> Url {
        let mut url = self.vault.clone();
        let version = self.version.as_deref();
        url.set_path(&format!(
            "secrets/{}/{}",
            self.secret,
            version.unwrap_or_default()
        ));
        url.query_pairs_mut().append_pair("api-version", VERSION);
        url
    }

    /// Asks the vault for it.
    pub(crate) async fn fetch(&self, name: &'static str, vaults: &Vaults) -> Result<Secret, AzureError> {
        self.asked(vaults).await.map_err(|why| AzureError::Vault {
            name,
            vault: self.vault_name(),
            secret: self.secret.clone(),
            why: Box::new(why),
        })
    }

    async fn asked(&self, vaults: &Vaults) -> Result<Secret, AzureError> {
        let audience = self.audience();
        let mut stale = None;
        loop {
            let token = vaults.identity.token(&audience, stale.as_ref()).await?;
            let request = Request::get(self.url(), TOKEN_BYTES_MAX)
                .header("accept", "application/json")
                .bearer(&token);
            let response = vaults.client.send(&request).await?;
            // It may have been revoked.
            if response.status == 401 && stale.is_none() {
                stale = Some(token);
                continue;
            }
            return self.answer(&response, &token);
        }
    }

    fn answer(&self, response: &Response, token: &Secret) -> Result<Secret, AzureError> {
        let (host, status) = (net::host(&self.vault), response.status);
        let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        if response.is_good() {
            let value = body
                .get("value")
                .and_then(Value::as_str)
                .filter(|value| !value.is_empty());
            return value
                .map(|value| Secret::new(value.trim()))
                .ok_or_else(|| AzureError::Unreadable {
                    host,
                    reason: "it has no `value`".to_owned(),
                });
        }
        let said = |name: &str| body.get("error").and_then(|error| error.get(name)?.as_str());
        let code = said("code").unwrap_or_default().to_owned();
        let line = said("message").and_then(|message| message.lines().next());
        let line: String = line
            .unwrap_or("without a reason")
            .chars()
            .take(SAID_MAX)
            .collect();
        let message = token.hidden_in(line.trim().trim_end_matches('.'));
        Err(match status {
            401 => AzureError::Unknown { host, message },
            403 => AzureError::Refused { message },
            408 | 429 | 500.. => AzureError::Busy {
                host,
                status,
                message,
                tries: response.tries,
                wait_secs: response.wait.map(|wait| wait.as_secs()).filter(|secs| *secs > 0),
            },
            _ => AzureError::Answered {
                host,
                status,
                code,
                message,
            },
        })
    }
}

/// What the host of a vault of Azure ends with.
fn azures_suffix(host: &str) -> Option<&'static str> {
    let host = host.to_lowercase();
    let is_its = |suffix: &&&str| host.ends_with(&format!(".{suffix}"));
    VAULTS.iter().find(is_its).copied()
}

/// Vaults, secrets and versions have names of letters, digits and dashes.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 127
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<[String; 3], String> {
        assert!(Reference::is_one(text), "{text}");
        let reference = Reference::parse(text, "vault.usgovcloudapi.net")?;
        Ok([
            reference.url().to_string(),
            reference.vault_name(),
            reference.audience(),
        ])
    }

    #[test]
    fn forms_of_references() {
        let check = |text: &str, url: &str, name: &str, audience: &str| {
            let expected = [url, name, audience].map(str::to_owned);
            assert_eq!(parsed(text), Ok(expected), "{text}");
        };
        check(
            "@Microsoft.KeyVault(SecretUri=https://logs.vault.azure.net/secrets/key)",
            "https://logs.vault.azure.net/secrets/key/?api-version=7.4",
            "logs",
            "https://vault.azure.net",
        );
        check(
            " @microsoft.keyvault(SecretUri=https://logs.vault.azure.net/secrets/key/0a1b/) ",
            "https://logs.vault.azure.net/secrets/key/0a1b?api-version=7.4",
            "logs",
            "https://vault.azure.net",
        );
        check(
            "@Microsoft.KeyVault(VaultName=logs;SecretName=key)",
            "https://logs.vault.usgovcloudapi.net/secrets/key/?api-version=7.4",
            "logs",
            "https://vault.usgovcloudapi.net",
        );
        check(
            "@Microsoft.KeyVault(VaultName=logs; SecretName=key; SecretVersion=7)",
            "https://logs.vault.usgovcloudapi.net/secrets/key/7?api-version=7.4",
            "logs",
            "https://vault.usgovcloudapi.net",
        );
        // A host that only looks like one of Azure's gets no token that is good there.
        check(
            "@Microsoft.KeyVault(SecretUri=https://vault.azure.net.evil.example/secrets/key)",
            "https://vault.azure.net.evil.example/secrets/key/?api-version=7.4",
            "vault.azure.net.evil.example",
            "https://vault.azure.net.evil.example",
        );
    }

    #[test]
    fn what_is_none() {
        for inner in [
            "",
            "SecretUri",
            "SecretUri=logs.vault.azure.net/secrets/key",
            "SecretUri=http://logs.vault.azure.net/secrets/key",
            "SecretUri=https://u:w@logs.vault.azure.net/secrets/key",
            "SecretUri=https://logs.vault.azure.net/keys/key",
            "SecretUri=https://logs.vault.azure.net/secrets/key/1/2",
            "SecretUri=https://logs.vault.azure.net/secrets/a%2Fb",
            "VaultName=logs",
            "VaultName=logs/x;SecretName=key",
            "VaultName=evil.example/;SecretName=key",
            "SecretUri=https://logs.vault.azure.net/secrets/key;VaultName=logs;SecretName=key",
        ] {
            let found = parsed(&format!("@Microsoft.KeyVault({inner})"));
            assert!(found.is_err(), "{inner}: {found:?}");
        }
        assert!(parsed("@Microsoft.KeyVault(VaultName=logs;SecretName=key").is_err());
        for text in ["", "key", "Microsoft.KeyVault(x)", "@Microsoft.KeyVaul€(x)"] {
            assert!(!Reference::is_one(text), "{text}");
        }
    }
}
