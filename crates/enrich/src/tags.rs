//! Service tags by address.

use std::net::IpAddr;

use ahash::AHashSet;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use model::facts::{ServiceTag, TagSet};
use prefix_trie::PrefixMap;

/// Which service tags an address is in.
#[derive(Clone, Debug, Default)]
pub struct Tags {
    names: Vec<Box<str>>,
    /// Of each tag its region, in lower case; empty for those of all regions.
    regions: Vec<Box<str>>,
    v4: PrefixMap<Ipv4Net, Vec<u32>>,
    v6: PrefixMap<Ipv6Net, Vec<u32>>,
}

impl Tags {
    /// Of a set of tags.
    #[must_use]
    pub fn of(set: &TagSet) -> Self {
        let mut tags = Self::default();
        let known = known_regions(set);
        for (at, tag) in (0_u32..).zip(&set.tags) {
            tags.names.push(tag.name.as_str().into());
            tags.regions.push(region(tag, &known).into());
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
        let mut names: Vec<&str> = Vec::new();
        for tag in self.places(address) {
            if let Some(name) = self.names.get(tag)
                && !names.contains(&&**name)
            {
                names.push(name);
            }
        }
        names
    }

    /// The region of an address, in lower case: that of the closest tag that has one.
    #[must_use]
    pub fn region(&self, address: IpAddr) -> Option<&str> {
        let tags = self.places(address).into_iter();
        let mut regions = tags.filter_map(|tag| self.regions.get(tag)).map(AsRef::as_ref);
        regions.find(|region: &&str| !region.is_empty())
    }

    /// The places of all tags that an address is in, the closest first.
    fn places(&self, address: IpAddr) -> Vec<usize> {
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
        let places = held.into_iter().map(|(_, tag)| usize::try_from(tag));
        places.filter_map(Result::ok).collect()
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

    /// A service in a region, or a part of one, says most, the whole cloud least.
    fn rank(&self, tag: u32) -> u8 {
        let at = usize::try_from(tag).unwrap_or(usize::MAX);
        let name = self.names.get(at).map(AsRef::as_ref).unwrap_or_default();
        let (is_cloud, is_part) = (name.starts_with("AzureCloud"), name.contains('.'));
        match (is_cloud, is_part) {
            (false, true) => 0,
            (false, false) => 1,
            (true, true) => 2,
            (true, false) => 3,
        }
    }
}

/// The regions of a set of tags: what its tags say, and the parts of the whole cloud.
fn known_regions(set: &TagSet) -> AHashSet<String> {
    let said = set.tags.iter().filter_map(|tag| tag.region.clone());
    let parts = set.tags.iter().filter_map(|tag| {
        let (cloud, region) = tag.name.split_once('.')?;
        cloud
            .eq_ignore_ascii_case("AzureCloud")
            .then(|| region.to_owned())
    });
    said.chain(parts)
        .map(|region| region.to_ascii_lowercase())
        .collect()
}

/// The region that a tag says, or else the one that its name ends with: not every dot stands before a region, as that of
/// `AzureFrontDoor.Frontend` does not.
fn region(tag: &ServiceTag, known: &AHashSet<String>) -> String {
    if let Some(region) = tag.region.as_deref().filter(|region| !region.is_empty()) {
        return region.to_ascii_lowercase();
    }
    let ending = tag
        .name
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase());
    ending.filter(|ending| known.contains(ending)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn the_region_is_that_of_the_closest_tag_that_has_one() {
        let tag = |name: &str, region: Option<&str>, prefix: &str| ServiceTag {
            name: name.to_owned(),
            region: region.map(str::to_owned),
            service: None,
            prefixes: vec![prefix.parse().unwrap()],
        };
        let tags = Tags::of(&TagSet {
            tags: vec![
                tag("AzureCloud", Some(""), "20.0.0.0/8"),
                tag("AzureCloud.westeurope", Some("westeurope"), "20.60.0.0/16"),
                tag("AzureCloud.northeurope", None, "20.61.0.0/16"),
                tag("Storage", Some(""), "20.60.1.0/24"),
                tag("Sql.EastUS", Some("EastUS"), "20.60.2.0/24"),
                tag("Sql.NorthEurope", None, "20.60.3.0/24"),
                tag("AzureFrontDoor.Frontend", Some(""), "20.60.4.0/24"),
                tag("AzureFrontDoor.Frontend", None, "20.70.4.0/24"),
            ],
            ..TagSet::default()
        });
        for (address, expected) in [
            ("20.60.1.7", Some("westeurope")),
            ("20.60.2.7", Some("eastus")),
            ("20.60.3.7", Some("northeurope")),
            ("20.60.4.7", Some("westeurope")),
            ("20.61.0.7", Some("northeurope")),
            ("20.70.4.7", None),
            ("20.0.0.7", None),
            ("8.8.8.8", None),
        ] {
            assert_eq!(tags.region(address.parse().unwrap()), expected, "{address}");
        }
        assert_eq!(
            tags.all("20.60.4.7".parse().unwrap()).join(" "),
            "AzureFrontDoor.Frontend AzureCloud.westeurope AzureCloud"
        );
    }
}
