//! Why nothing came, by what can be done about it.

use thiserror::Error;

/// The reason of [`NetError::Unreachable`] where a name leads nowhere.
pub const NO_ADDRESS: &str = "no address is known for that name";

/// The reason of [`NetError::Unreachable`] where nobody says where names lead.
pub(crate) const NO_NAMES: &str = "no name service answers";

/// Why nothing came.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NetError {
    /// Nobody answers there.
    #[error("cannot reach {host}: {reason}{}", tried(*tries))]
    #[expect(missing_docs, reason = "the names are the documentation")]
    Unreachable {
        host: String,
        reason: String,
        tries: u32,
    },
    /// It took too long.
    #[error("{host} did not answer in time{}", tried(*tries))]
    #[expect(missing_docs, reason = "the names are the documentation")]
    TimedOut { host: String, tries: u32 },
    /// The connection broke while the answer came.
    #[error("the connection to {host} broke off: {reason}{}", tried(*tries))]
    #[expect(missing_docs, reason = "the names are the documentation")]
    Cut {
        host: String,
        reason: String,
        tries: u32,
    },
    /// Who answers there cannot be trusted.
    #[error("cannot trust {host}: {reason}")]
    #[expect(missing_docs, reason = "the names are the documentation")]
    Untrusted { host: String, reason: String },
    /// It would be sent so that others can read it.
    #[error("will not send anything to {host} over `{scheme}`")]
    #[expect(missing_docs, reason = "the names are the documentation")]
    Insecure { host: String, scheme: String },
    /// The answer is larger than it may be.
    #[error("{host} sent more than {} MB", bytes_max >> 20)]
    #[expect(missing_docs, reason = "the names are the documentation")]
    TooLarge { host: String, bytes_max: usize },
    /// Something that was set cannot be used.
    #[error("cannot use {what}: {reason}")]
    #[expect(missing_docs, reason = "the names are the documentation")]
    Setting { what: String, reason: String },
}

impl NetError {
    /// What to do next.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } | Self::TimedOut { .. } => {
                "check the network and its name service; behind a proxy set HTTPS_PROXY"
            }
            Self::Cut { .. } => "run it again; if it happens again, look at the proxy or firewall between",
            Self::Untrusted { .. } => {
                "a proxy that opens TLS needs its certificate among the system's, or in the file that SSL_CERT_FILE names"
            }
            Self::Insecure { .. } => "use an https:// URL; plain http is for this machine only",
            Self::TooLarge { .. } => "ask for less at a time: one subscription, or one resource group",
            Self::Setting { .. } => "correct it, or unset it",
        }
    }

    /// The same, after so many tries.
    pub(crate) fn after(mut self, tried: u32) -> Self {
        match &mut self {
            Self::Unreachable { tries, .. } | Self::TimedOut { tries, .. } | Self::Cut { tries, .. } => {
                *tries = tried;
            }
            _ => {}
        }
        self
    }

    /// True for what may be over a moment later.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { reason, .. } => reason != NO_ADDRESS,
            Self::TimedOut { .. } | Self::Cut { .. } => true,
            _ => false,
        }
    }

    /// True if what was asked surely was not carried out: it never got there.
    pub(crate) const fn is_untouched(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }
}

fn tried(tries: u32) -> String {
    match tries {
        0 | 1 => String::new(),
        tries => format!(" (tried {tries} times)"),
    }
}
