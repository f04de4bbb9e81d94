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
}

/// A list of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreatList {
    /// Its name; one that is loaded later takes the place of one with the same name.
    pub name: String,
    /// What is in it.
    pub entries: Vec<ThreatEntry>,
}
