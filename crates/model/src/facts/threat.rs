//! Addresses that are known for harm.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// An address or a prefix, and what it is known for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreatEntry {
    /// The addresses.
    pub prefix: IpNet,
    /// `Botnet`, `C2`, `Phishing` and so on; as the list spells it.
    pub kind: String,
    /// What the list says of it.
    pub description: String,
    /// Since when it is so, in microseconds since 1970, where the list says that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<i64>,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
}

impl ThreatEntry {
    /// True if it is so at a time.
    #[must_use]
    pub fn holds_at(&self, time: i64) -> bool {
        self.from.is_none_or(|from| from <= time) && self.until.is_none_or(|until| time < until)
    }
}

/// A list of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreatList {
    /// Its name; one that is loaded later takes the place of one with the same name.
    pub name: String,
    /// What is in it.
    pub entries: Vec<ThreatEntry>,
}
