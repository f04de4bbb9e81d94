//! Lists of addresses that are known for harm: plain lists, CSV with a column for what they are known for, STIX 2.1.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use model::facts::prefix;
use prefix_trie::PrefixMap;

/// What an address is known for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Threat {
    /// `Botnet`, `C2`, `Phishing` and so on; as the list spells it.
    pub kind: String,
    /// What the list says of it.
    pub description: String,
    /// The list.
    pub list: String,
}

/// Why a list cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ThreatError {
    /// Nothing in it is an address.
    #[error("there is no address in it")]
    NoAddress,
}

/// Addresses that are known for harm.
#[derive(Clone, Debug, Default)]
pub struct Threats {
    held: Vec<Threat>,
    v4: PrefixMap<Ipv4Net, u32>,
    v6: PrefixMap<Ipv6Net, u32>,
}

impl Threats {
    /// Takes the addresses of a list of lines: an address or a prefix, and behind it what it is known for. Comments begin with
    /// `#` or `;`. Gives the lines, from 1, that hold no address.
    pub fn take_lines(&mut self, list: &str, text: &str) -> Result<Vec<usize>, ThreatError> {
        let mut unread = Vec::new();
        let mut taken = 0_usize;
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.split(['#', ';']).next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let mut words = line.splitn(2, [',', '\t', ' ']);
            let prefix = words
                .next()
                .and_then(|word| prefix(word.trim_matches(['"', ' '])));
            let rest = words.next().unwrap_or_default().trim_matches([',', '"', ' ']);
            match prefix {
                Some(prefix) => {
                    self.take(prefix, list, rest, rest);
                    taken += 1;
                }
                // The first line may name the columns.
                None if number == 1 => {}
                None => unread.push(number),
            }
        }
        if taken == 0 {
            return Err(ThreatError::NoAddress);
        }
        Ok(unread)
    }

    /// Takes one address or prefix.
    pub fn take(&mut self, prefix: IpNet, list: &str, kind: &str, description: &str) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_with_and_without_words() {
        let mut threats = Threats::default();
        let text = "ip,kind\n203.0.113.7,Botnet\n# a comment\n198.51.100.0/24 C2 of somebody\nnonsense\n2001:db8::/32\n";
        assert_eq!(threats.take_lines("mine", text), Ok(vec![5]));
        let kind = |text: &str| {
            threats
                .of(text.parse().unwrap())
                .map(|threat| threat.kind.clone())
        };
        assert_eq!(kind("203.0.113.7").as_deref(), Some("Botnet"));
        assert_eq!(kind("198.51.100.200").as_deref(), Some("C2 of somebody"));
        assert_eq!(kind("2001:db8::9").as_deref(), Some(""));
        assert_eq!(kind("203.0.113.8"), None);
        assert_eq!(
            Threats::default().take_lines("x", "a\nb\n"),
            Err(ThreatError::NoAddress)
        );
    }
}
