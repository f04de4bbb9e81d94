//! Service tags by address.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use model::facts::TagSet;
use prefix_trie::PrefixMap;

/// Which service tags an address is in.
#[derive(Clone, Debug, Default)]
pub struct Tags {
    names: Vec<Box<str>>,
    is_regional: Vec<bool>,
    v4: PrefixMap<Ipv4Net, Vec<u32>>,
    v6: PrefixMap<Ipv6Net, Vec<u32>>,
}

impl Tags {
    /// Of a set of tags.
    #[must_use]
    pub fn of(set: &TagSet) -> Self {
        let mut tags = Self::default();
        for (at, tag) in (0_u32..).zip(&set.tags) {
            tags.names.push(tag.name.as_str().into());
            tags.is_regional.push(tag.name.contains('.'));
            for prefix in &tag.prefixes {
                match prefix {
                    IpNet::V4(prefix) => tags.v4.entry(*prefix).or_default().push(at),
                    IpNet::V6(prefix) => tags.v6.entry(*prefix).or_default().push(at),
                }
            }
        }
        tags
    }

    /// All tags that an address is in: of the longest prefix first, of one prefix those of services before those of regions
    /// and of the whole cloud.
    #[must_use]
    pub fn all(&self, address: IpAddr) -> Vec<&str> {
        let mut held: Vec<(u8, u32)> = Vec::new();
        match address {
            IpAddr::V4(address) => {
                let own = Ipv4Net::from(address);
                for (prefix, tags) in self.v4.cover(&own) {
                    held.extend(tags.iter().map(|tag| (prefix.prefix_len(), *tag)));
                }
            }
            IpAddr::V6(address) => {
                let own = Ipv6Net::from(address);
                for (prefix, tags) in self.v6.cover(&own) {
                    held.extend(tags.iter().map(|tag| (prefix.prefix_len(), *tag)));
                }
            }
        }
        held.sort_by_key(|(length, tag)| (u8::MAX - length, self.rank(*tag), *tag));
        let mut names: Vec<&str> = Vec::new();
        for (_, tag) in held {
            if let Some(name) = usize::try_from(tag).ok().and_then(|at| self.names.get(at))
                && !names.contains(&&**name)
            {
                names.push(name);
            }
        }
        names
    }

    /// True if the address is of a tag that a name stands for, whatever its case.
    #[must_use]
    pub fn is_in(&self, address: IpAddr, name: &str) -> bool {
        self.all(address)
            .iter()
            .any(|held| held.eq_ignore_ascii_case(name))
    }

    /// True for a tag that is known.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.names.iter().any(|held| held.eq_ignore_ascii_case(name))
    }

    /// A service in a region says most, the whole cloud least.
    fn rank(&self, tag: u32) -> u8 {
        let at = usize::try_from(tag).unwrap_or(usize::MAX);
        let is_cloud = self
            .names
            .get(at)
            .is_some_and(|name| name.starts_with("AzureCloud"));
        let is_regional = self.is_regional.get(at).copied().unwrap_or(false);
        match (is_cloud, is_regional) {
            (false, true) => 0,
            (false, false) => 1,
            (true, true) => 2,
            (true, false) => 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::facts::ServiceTag;

    fn tags() -> Tags {
        let tag = |name: &str, prefixes: &[&str]| ServiceTag {
            name: name.to_owned(),
            region: None,
            service: None,
            prefixes: prefixes.iter().map(|prefix| prefix.parse().unwrap()).collect(),
        };
        Tags::of(&TagSet {
            tags: vec![
                tag("AzureCloud", &["20.0.0.0/8", "2603::/16"]),
                tag("AzureCloud.westeurope", &["20.38.0.0/16"]),
                tag("Storage", &["20.38.1.0/24", "2603:1020::/40"]),
                tag("Storage.WestEurope", &["20.38.1.0/24"]),
            ],
            ..TagSet::default()
        })
    }

    #[test]
    fn the_closest_tag_stands_first() {
        let of = |text: &str| tags().all(text.parse().unwrap()).join(" ");
        assert_eq!(
            of("20.38.1.7"),
            "Storage.WestEurope Storage AzureCloud.westeurope AzureCloud"
        );
        assert_eq!(of("20.38.2.7"), "AzureCloud.westeurope AzureCloud");
        assert_eq!(of("2603:1020::1"), "Storage AzureCloud");
        assert_eq!(of("8.8.8.8"), "");
        assert!(tags().is_in("20.38.1.7".parse().unwrap(), "storage.westeurope"));
        assert!(!tags().is_in("20.39.1.7".parse().unwrap(), "Storage"));
        assert!(tags().has("STORAGE") && !tags().has("Sql"));
    }
}
