//! Who asks: ways of proving it, tried in one order, and tokens kept while they are good.
//!
//! A way that is not set up is passed over. One that is set up by variables and fails ends the search: another identity must
//! not take over unseen.

mod command;
mod entra;
mod managed;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use net::{Client, Secret};
use tokio::sync::Mutex;
use url::Url;

use crate::cloud::vaults_of;
use crate::error::AzureError;
use crate::kept::{Kept, Vaults};
use crate::token::Token;

/// The variable of an application's secret.
const SECRET: &str = "AZURE_CLIENT_SECRET";

/// The variables that are looked at, as Azure's own libraries name them.
pub const VARIABLES: &[&str] = &[
    "AZURE_AUTHORITY_HOST",
    "AZURE_TENANT_ID",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_SECRET_FILE",
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_POD_IDENTITY_AUTHORITY_HOST",
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
    "IMDS_ENDPOINT",
];

/// A way of proving who asks, in the order in which they are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// A token of Kubernetes or another issuer, exchanged.
    WorkloadIdentity,
    /// What the machine or service is known as.
    ManagedIdentity,
    /// An application with its secret.
    ServicePrincipal,
    /// Whoever signed in with `az login`.
    AzureCli,
}

impl Method {
    /// In the order in which they are tried.
    pub const ALL: [Self; 4] = [
        Self::WorkloadIdentity,
        Self::ManagedIdentity,
        Self::ServicePrincipal,
        Self::AzureCli,
    ];

    /// In words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WorkloadIdentity => "workload identity",
            Self::ManagedIdentity => "managed identity",
            Self::ServicePrincipal => "service principal",
            Self::AzureCli => "Azure CLI",
        }
    }
}

/// Which ways may be tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// All of them, in order.
    #[default]
    Auto,
    /// One of them.
    Only(Method),
}

/// Why a way gave no token.
pub(crate) enum Why {
    /// It is not set up here.
    Absent(String),
    /// It is set up, and fails.
    Fails(String),
}

/// What the ways are set up with.
pub(crate) struct Setup {
    pub(crate) client: Arc<Client>,
    pub(crate) authority: Url,
    values: BTreeMap<&'static str, Secret>,
    /// The application's secret, if it is kept elsewhere, and who asks for it.
    pub(crate) kept: Option<(Arc<Kept>, Vaults)>,
}

impl Setup {
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(Secret::expose)
    }

    pub(crate) fn secret(&self, name: &str) -> Option<&Secret> {
        self.values.get(name)
    }

    /// Values of variables that are all needed; else which of them are missing.
    pub(crate) fn all<const N: usize>(&self, names: [&str; N]) -> Result<[&str; N], Why> {
        let missing: Vec<&str> = names
            .into_iter()
            .filter(|name| self.text(name).is_none())
            .collect();
        match missing.len() {
            0 => Ok(names.map(|name| self.text(name).unwrap_or_default())),
            1 => Err(Why::Absent(format!("{} is not set", missing.join("")))),
            _ => Err(Why::Absent(format!("{} are not set", missing.join(", ")))),
        }
    }
}

#[derive(Default)]
struct Tokens {
    method: Option<Method>,
    tokens: BTreeMap<String, Token>,
}

/// Who asks.
pub struct Identity {
    setup: Setup,
    choice: Choice,
    tokens: Mutex<Tokens>,
}

impl Identity {
    /// Of variables. Nothing is asked yet.
    pub fn new(
        client: Arc<Client>,
        authority: Url,
        choice: Choice,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let values = VARIABLES
            .iter()
            .filter_map(|name| Some((*name, Secret::new(&variable(name)?))));
        let mut values: BTreeMap<&'static str, Secret> = values.collect();
        let kept = Kept::of(SECRET, variable).map(|kept| {
            values.remove(SECRET);
            let vaults = Vaults {
                client: Arc::clone(&client),
                identity: Arc::new(Self::without_secret(&client, &authority, &values)),
                suffix: vaults_of(&authority).to_owned(),
            };
            (kept, vaults)
        });
        Self::of(client, authority, choice, values, kept)
    }

    fn of(
        client: Arc<Client>,
        authority: Url,
        choice: Choice,
        values: BTreeMap<&'static str, Secret>,
        kept: Option<(Arc<Kept>, Vaults)>,
    ) -> Self {
        Self {
            setup: Setup {
                client,
                authority,
                values,
                kept,
            },
            choice,
            tokens: Mutex::default(),
        }
    }

    /// Who asks a vault for the application's secret: whoever this machine is without it. The id is the application's, and no
    /// machine is known by it, unless a token of another issuer is exchanged for it.
    fn without_secret(
        client: &Arc<Client>,
        authority: &Url,
        values: &BTreeMap<&'static str, Secret>,
    ) -> Self {
        let is_federated = values.contains_key("AZURE_FEDERATED_TOKEN_FILE");
        let is_own = |name: &str| name.starts_with(SECRET) || (name == "AZURE_CLIENT_ID" && !is_federated);
        let values = values.iter().filter(|(name, _)| !is_own(name));
        let values = values.map(|(name, value)| (*name, value.clone())).collect();
        Self::of(Arc::clone(client), authority.clone(), Choice::Auto, values, None)
    }

    /// Through which it asks.
    pub(crate) const fn client(&self) -> &Arc<Client> {
        &self.setup.client
    }

    /// The way that worked, once one has.
    pub async fn method(&self) -> Option<Method> {
        self.tokens.lock().await.method
    }

    /// A token for an audience, such as `https://management.azure.com`. One that was just turned away is not given again.
    pub(crate) async fn token(&self, audience: &str, stale: Option<&Secret>) -> Result<Secret, AzureError> {
        // Whoever else asks meanwhile waits, and gets the same one.
        let mut kept = self.tokens.lock().await;
        let now = SystemTime::now();
        let held = kept.tokens.get(audience);
        if let Some(token) = held.filter(|token| token.is_good(now) && Some(&token.secret) != stale) {
            return Ok(token.secret.clone());
        }
        let (method, token) = self.prove(audience, kept.method).await?;
        let secret = token.secret.clone();
        kept.method = Some(method);
        kept.tokens.insert(audience.to_owned(), token);
        Ok(secret)
    }

    async fn prove(&self, audience: &str, known: Option<Method>) -> Result<(Method, Token), AzureError> {
        let only = match self.choice {
            Choice::Only(method) => Some(method),
            Choice::Auto => known,
        };
        let mut tried = Vec::new();
        for method in Method::ALL
            .into_iter()
            .filter(|method| only.is_none_or(|only| only == *method))
        {
            let setup = &self.setup;
            let outcome = match method {
                Method::WorkloadIdentity => entra::federated(setup, audience).await,
                Method::ManagedIdentity => managed::token(setup, audience).await,
                Method::ServicePrincipal => entra::with_secret(setup, audience).await,
                Method::AzureCli => command::token(audience).await,
            };
            match outcome {
                Ok(token) => return Ok((method, token)),
                Err(Why::Absent(why)) => tried.push((method, why)),
                Err(Why::Fails(why)) => {
                    tried.push((method, why));
                    break;
                }
            }
        }
        Err(AzureError::NoCredential { tried })
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity")
            .field("choice", &self.choice)
            .finish_non_exhaustive()
    }
}
