//! Addresses that are known for harm.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use model::facts::ThreatList;
use prefix_trie::PrefixMap;

/// What an address is known for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Threat {
    /// `Botnet`, `C2`, `Phishing` and so on; as the list spells it.
    pub kind: String,
    /// What the list says of it.
    pub description: String,
    /// The list.
    pub list: String,
}

/// Addresses that are known for harm.
#[derive(Clone, Debug, Default)]
pub struct Threats {
    held: Vec<Threat>,
    v4: PrefixMap<Ipv4Net, u32>,
    v6: PrefixMap<Ipv6Net, u32>,
}

impl Threats {
    /// Those of some lists.
    #[must_use]
    pub fn of_lists(lists: &[ThreatList]) -> Self {
        let mut threats = Self::default();
        for list in lists {
            for entry in &list.entries {
                threats.take(entry.prefix, &list.name, &entry.kind, &entry.description);
            }
        }
        threats
    }

    /// Takes one address or prefix.
    pub fn take(&mut self, prefix: IpNet, list: &str, kind: &str, description: &str) {
        let held = match prefix {
            IpNet::V4(prefix) => self.v4.get(&prefix),
            IpNet::V6(prefix) => self.v6.get(&prefix),
        };
        let held = held
            .and_then(|at| usize::try_from(*at).ok())
            .and_then(|at| self.held.get_mut(at));
        // What several lists say of it stands side by side.
        if let Some(held) = held {
            for (text, more) in [
                (&mut held.list, list),
                (&mut held.kind, kind),
                (&mut held.description, description),
            ] {
                if !more.is_empty() && !text.split(", ").any(|said| said == more) {
                    text.push_str(if text.is_empty() { "" } else { ", " });
                    text.push_str(more);
                }
            }
            return;
        }
        let at = u32::try_from(self.held.len()).unwrap_or(u32::MAX);
        self.held.push(Threat {
            kind: kind.to_owned(),
            description: description.to_owned(),
            list: list.to_owned(),
        });
        match prefix {
            IpNet::V4(prefix) => self.v4.insert(prefix, at),
            IpNet::V6(prefix) => self.v6.insert(prefix, at),
        };
    }

    /// What an address is known for.
    #[must_use]
    pub fn of(&self, address: IpAddr) -> Option<&Threat> {
        let at = match address {
            IpAddr::V4(address) => *self.v4.get_lpm(&Ipv4Net::from(address))?.1,
            IpAddr::V6(address) => *self.v6.get_lpm(&Ipv6Net::from(address))?.1,
        };
        self.held.get(usize::try_from(at).ok()?)
    }

    /// True without any.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.held.is_empty()
    }
}
