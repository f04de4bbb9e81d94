//! Networks that are looked up one address at a time, each with its place.

use std::collections::{BTreeMap, HashMap};

use super::network::Version;

/// Networks by how many of their bits count, so that an address is looked up once for each length that there is.
#[derive(Debug)]
pub struct Networks {
    version: Version,
    by_prefix: BTreeMap<u32, HashMap<u128, Vec<usize>>>,
}

impl Networks {
    /// Networks of version 4, or of both versions. What is no network holds no address.
    pub fn new<'t>(are_of_version_6: bool, texts: impl Iterator<Item = &'t str>) -> Self {
        let version = if are_of_version_6 {
            Version::Six
        } else {
            Version::Four
        };
        let mut by_prefix: BTreeMap<u32, HashMap<u128, Vec<usize>>> = BTreeMap::new();
        for (place, text) in texts.enumerate() {
            if let Some(network) = version.read_to_compare(text) {
                let same = by_prefix.entry(network.prefix()).or_default();
                same.entry(network.first()).or_default().push(place);
            }
        }
        Self { version, by_prefix }
    }

    /// The places of the networks that an address is in, in order.
    #[must_use]
    pub fn holding(&self, address: &str) -> Vec<usize> {
        let Some(address) = self.version.read_to_compare(address) else {
            return Vec::new();
        };
        let address = address.first();
        let mut places = Vec::new();
        for (prefix, networks) in &self.by_prefix {
            let rest = u128::MAX.checked_shr(*prefix).unwrap_or(0);
            places.extend(networks.get(&(address & !rest)).into_iter().flatten().copied());
        }
        places.sort_unstable();
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_in_all_networks_that_hold_it() {
        let networks = Networks::new(
            false,
            [
                "10.0.0.0/8",
                "none",
                "10.1.0.0/16",
                "10.1.9.9/16",
                "0.0.0.0/0",
                "10.1.2.3",
            ]
            .into_iter(),
        );
        assert_eq!(networks.holding("10.1.2.3"), [0, 2, 3, 4, 5]);
        assert_eq!(networks.holding("10.2.2.3"), [0, 4]);
        assert_eq!(networks.holding("192.0.2.1"), [4]);
        assert_eq!(networks.holding("2001:db8::1"), [0; 0]);
        let networks = Networks::new(true, ["2001:db8::/32", "192.0.2.0/24"].into_iter());
        assert_eq!(networks.holding("2001:db8::1"), [0]);
        assert_eq!(networks.holding("::ffff:192.0.2.7"), [1]);
        assert_eq!(networks.holding(""), [0; 0]);
    }
}
