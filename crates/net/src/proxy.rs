//! Which proxy what goes out goes through, as variables say it everywhere.

use reqwest::{ClientBuilder, NoProxy, Proxy};

use crate::error::NetError;

/// The variables that are looked at. The last two are for the system's certificates, and are looked at where these are
/// loaded.
pub const VARIABLES: &[&str] = &[
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// Proxies. What is near never goes through one.
#[derive(Clone, Default)]
pub struct Proxies {
    https: Option<(String, String)>,
    not_for: Option<String>,
}

impl Proxies {
    /// As the variables say.
    pub fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let first = |names: [&str; 4]| {
            let mut names = names.iter().filter(|name| !name.is_empty());
            names.find_map(|name| Some(((*name).to_owned(), variable(name)?)))
        };
        Self {
            https: first(["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]),
            not_for: first(["NO_PROXY", "no_proxy", "", ""]).map(|(_, hosts)| hosts),
        }
    }

    /// What to say where something behind it cannot be reached; without what it may hold of a password.
    pub(crate) fn said(&self) -> String {
        match &self.https {
            Some((name, _)) => format!(" through the proxy of {name}"),
            None => String::new(),
        }
    }

    pub(crate) fn put_into(&self, mut builder: ClientBuilder) -> Result<ClientBuilder, NetError> {
        // What a run depends on is read in one place, not here and there.
        builder = builder.no_proxy();
        let Some((name, text)) = &self.https else {
            return Ok(builder);
        };
        // The value may hold a password, so that it is not told.
        let proxy = Proxy::https(text.as_str()).map_err(|_| NetError::Setting {
            what: format!("the proxy of {name}"),
            reason: "it is not a URL such as http://proxy.example:3128".to_owned(),
        })?;
        let not_for = self.not_for.as_deref().and_then(NoProxy::from_string);
        Ok(builder.proxy(proxy.no_proxy(not_for)))
    }
}

impl std::fmt::Debug for Proxies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proxies").finish_non_exhaustive()
    }
}
