//! Which Azure: the public one, a sovereign one, or one by its endpoint.

use url::Url;

use crate::error::AzureError;
use crate::storage::shown;

/// Names of clouds, as `az cloud list` has them.
pub const NAMES: [&str; 3] = ["AzureCloud", "AzureUSGovernment", "AzureChinaCloud"];

/// Where identities are proven, where resources are managed, and what hosts of storage and of vaults end with.
/// <https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure>
const KNOWN: [(&str, &str, &str, &str, &str); 3] = [
    (
        "AzureCloud",
        "https://login.microsoftonline.com",
        "https://management.azure.com",
        "core.windows.net",
        "vault.azure.net",
    ),
    (
        "AzureUSGovernment",
        "https://login.microsoftonline.us",
        "https://management.usgovcloudapi.net",
        "core.usgovcloudapi.net",
        "vault.usgovcloudapi.net",
    ),
    (
        "AzureChinaCloud",
        "https://login.partner.microsoftonline.cn",
        "https://management.chinacloudapi.cn",
        "core.chinacloudapi.cn",
        "vault.azure.cn",
    ),
];

/// What hosts of vaults end with, in all of them.
pub(crate) const VAULTS: [&str; 3] = ["vault.azure.net", "vault.usgovcloudapi.net", "vault.azure.cn"];

/// Names that an authority had before.
const FORMER: [(&str, &str); 1] = [("login.chinacloudapi.cn", "AzureChinaCloud")];

/// A cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cloud {
    /// Where tokens are given out.
    pub authority: Url,
    /// Azure Resource Manager.
    pub endpoint: Url,
    /// What hosts of Azure Storage end with.
    pub storage_suffix: String,
    /// What hosts of Key Vault end with.
    pub vault_suffix: String,
}

impl Cloud {
    /// The cloud that was named; else that of the authority, as `AZURE_AUTHORITY_HOST` has it; else the public one. An endpoint
    /// takes the place of the cloud's own.
    ///
    /// # Errors
    /// If a name is unknown, or a URL is none.
    pub fn of(
        name: Option<&str>,
        authority: Option<&str>,
        endpoint: Option<&str>,
    ) -> Result<Self, AzureError> {
        let authority = match (name, authority) {
            (None, Some(text)) => Some(url("AZURE_AUTHORITY_HOST", text)?),
            _ => None,
        };
        let named = name.unwrap_or_else(|| authority.as_ref().and_then(cloud_of).unwrap_or("AzureCloud"));
        let known = KNOWN.iter().find(|(known, ..)| known.eq_ignore_ascii_case(named));
        let Some((_, own_authority, own_endpoint, storage_suffix, vault_suffix)) = known else {
            return Err(AzureError::Setting {
                what: format!("`{}` is no cloud that is known", shown(named)),
                hint: format!(
                    "clouds are {}; others by `--arm-endpoint URL` and AZURE_AUTHORITY_HOST",
                    NAMES.join(", ")
                ),
            });
        };
        Ok(Self {
            authority: match authority {
                Some(authority) => authority,
                None => url("the authority", own_authority)?,
            },
            endpoint: url("--arm-endpoint", endpoint.unwrap_or(own_endpoint))?,
            storage_suffix: (*storage_suffix).to_owned(),
            vault_suffix: (*vault_suffix).to_owned(),
        })
    }

    /// Whom tokens are for: Azure Resource Manager there, and nobody else. So a wrong endpoint gets no token that is good
    /// elsewhere.
    #[must_use]
    pub fn audience(&self) -> String {
        self.endpoint.origin().ascii_serialization()
    }
}

fn cloud_of(authority: &Url) -> Option<&'static str> {
    let host = authority.host_str()?;
    let is_own = |text: &str| Url::parse(text).is_ok_and(|known| known.host_str() == Some(host));
    let known = KNOWN
        .iter()
        .find(|(_, own, ..)| is_own(own))
        .map(|(name, ..)| *name);
    known.or_else(|| {
        let former = FORMER.iter().find(|(former, _)| *former == host);
        former.map(|(_, name)| *name)
    })
}

/// What hosts of vaults end with where that authority proves identities.
pub(crate) fn vaults_of(authority: &Url) -> &'static str {
    let named = cloud_of(authority).unwrap_or("AzureCloud");
    let known = KNOWN.iter().find(|(known, ..)| *known == named);
    known.map_or("vault.azure.net", |(.., suffix)| *suffix)
}

/// A URL that leads to a host, and may be spoken to.
pub(crate) fn url(what: &str, text: &str) -> Result<Url, AzureError> {
    let url = Url::parse(text.trim()).ok();
    let url = url
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .filter(|url| url.has_host() && url.username().is_empty() && url.password().is_none())
        .ok_or_else(|| AzureError::Setting {
            what: format!("{what} `{}` is not a URL", shown(text)),
            hint: "write it like https://management.azure.com".to_owned(),
        })?;
    net::check(&url)?;
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_cloud() {
        let check = |name, authority, endpoint, expected: [&str; 2]| {
            let cloud = Cloud::of(name, authority, endpoint).unwrap();
            assert_eq!([cloud.authority.as_str(), &cloud.audience()], expected);
        };
        let public = [
            "https://login.microsoftonline.com/",
            "https://management.azure.com",
        ];
        check(None, None, None, public);
        check(
            Some("azurecloud"),
            Some("https://login.microsoftonline.us"),
            None,
            public,
        );
        let government = [
            "https://login.microsoftonline.us/",
            "https://management.usgovcloudapi.net",
        ];
        check(Some("AzureUSGovernment"), None, None, government);
        check(None, Some("https://login.microsoftonline.us/"), None, government);
        check(
            None,
            Some("https://login.chinacloudapi.cn/"),
            None,
            [
                "https://login.chinacloudapi.cn/",
                "https://management.chinacloudapi.cn",
            ],
        );
        check(
            None,
            Some("https://login.stack.example/adfs"),
            Some("https://management.stack.example:30005/"),
            [
                "https://login.stack.example/adfs",
                "https://management.stack.example:30005",
            ],
        );
    }

    #[test]
    fn what_is_no_cloud() {
        assert!(Cloud::of(Some("AzureGermanCloud"), None, None).is_err());
        for endpoint in [
            "management.azure.com",
            "",
            "https://",
            "http://management.azure.com",
            "https://user:word@management.azure.com",
        ] {
            assert!(Cloud::of(None, None, Some(endpoint)).is_err(), "{endpoint}");
        }
    }
}
