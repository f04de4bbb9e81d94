//! Why Azure did not give what was asked for, by what can be done about it.

use net::NetError;
use thiserror::Error;

use crate::identity::Method;

/// Why Azure did not give what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the names of fields are their documentation")]
pub enum AzureError {
    /// Nothing came from there.
    #[error(transparent)]
    Net(#[from] NetError),
    /// No way of proving who asks works.
    #[error("no credential works: {}", told(tried))]
    NoCredential { tried: Vec<(Method, String)> },
    /// Who asks may not.
    #[error("not permitted: {message}")]
    Refused { message: String },
    /// Who asks is not known there.
    #[error("{host} does not take the token: {message}")]
    Unknown { host: String, message: String },
    /// The server is busy or broken, and stayed so.
    #[error("{host} answers {status}{}: {message}{}", asked(*wait_secs), tried_so(*tries))]
    Busy {
        host: String,
        status: u16,
        message: String,
        tries: u32,
        wait_secs: Option<u64>,
    },
    /// An answer that says no for another reason.
    #[error("{host} answers {status}: {message}")]
    Answered {
        host: String,
        status: u16,
        code: String,
        message: String,
    },
    /// An answer that leads elsewhere.
    #[error("{host} answers {status}, which leads elsewhere; a token goes nowhere else")]
    Redirected { host: String, status: u16 },
    /// An answer that is not what it should be.
    #[error("cannot read what {host} answers: {reason}")]
    Unreadable { host: String, reason: String },
    /// A list that goes on elsewhere.
    #[error("the list goes on at {other} rather than at {host}, which would get the token")]
    Foreign { host: String, other: String },
    /// A list without an end.
    #[error("the list has no end: {reason}")]
    Endless { reason: String },
    /// A secret that is kept in a vault does not come.
    #[error("{name} is kept as the secret `{secret}` in the vault `{vault}`, which does not give it: {why}")]
    Vault {
        name: &'static str,
        vault: String,
        secret: String,
        why: Box<AzureError>,
    },
    /// Something that was typed or set cannot be used.
    #[error("{what}")]
    Setting { what: String, hint: String },
}

impl AzureError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Net(error) => error.hint(),
            Self::NoCredential { .. } => {
                "run `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET; `--credential` picks one way"
            }
            Self::Refused { .. } => "it needs the role `Reader` there; whoever is `Owner` can give it",
            Self::Unknown { .. } => {
                "sign in anew, to the tenant that the subscription is of; look at `--cloud` too"
            }
            Self::Busy { .. } => "run it again later",
            Self::Answered { code, .. } if code == "SubscriptionNotFound" => {
                "`az account list` shows the ids of subscriptions that can be seen"
            }
            Self::Answered { .. } => "look at what it says, and at `--cloud`",
            Self::Redirected { .. } | Self::Unreadable { .. } => {
                "look at `--arm-endpoint` and at the proxy between: Azure Resource Manager answers JSON"
            }
            Self::Foreign { .. } => "nobody but Azure Resource Manager should be answering; look at the proxy between",
            Self::Endless { .. } => "ask for less at a time: one subscription, or one resource group",
            Self::Setting { hint, .. } => return hint.clone(),
            Self::Vault { vault, secret, why, .. } => return vault_hint(vault, secret, why),
        }
        .to_owned()
    }

    /// True if it may be over a moment later.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Busy { .. } => true,
            Self::Net(error) => error.may_pass(),
            Self::Vault { why, .. } => why.may_pass(),
            _ => false,
        }
    }

    /// True if the role is missing.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }
}

fn vault_hint(vault: &str, secret: &str, why: &AzureError) -> String {
    match why {
        AzureError::Refused { .. } => format!(
            "give whoever asks the role `Key Vault Secrets User` on `{vault}`, or `get` of secrets in its access policy; its `Networking` must let this machine in"
        ),
        AzureError::Answered { status: 404, .. } => format!(
            "`az keyvault secret list --vault-name {vault}` shows the secrets there are; `{secret}` may be disabled or deleted"
        ),
        AzureError::Net(NetError::Unreachable { reason, .. }) if reason == net::NO_ADDRESS => format!(
            "look at the vault's name: no host is called so; `az keyvault list` shows those there are, and `--cloud` says in which cloud `{vault}` is"
        ),
        AzureError::Unknown { .. } => {
            format!("sign in to the tenant that `{vault}` is of; look at `--cloud` too")
        }
        why => why.hint(),
    }
}

fn told(tried: &[(Method, String)]) -> String {
    let told: Vec<String> = tried
        .iter()
        .map(|(method, why)| format!("{}: {why}", method.name()))
        .collect();
    told.join("; ")
}

fn asked(wait_secs: Option<u64>) -> String {
    wait_secs.map_or_else(String::new, |secs| format!(" and asks to wait {secs} s"))
}

fn tried_so(tries: u32) -> String {
    match tries {
        0 | 1 => String::new(),
        tries => format!(" (tried {tries} times)"),
    }
}
