//! Service tags of the size that the real file has, beside a slow twin that looks at every prefix.

#![cfg(test)]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use enrich::Tags;
use inventory::read;
use model::facts::{FactSet, TagSet};
use serde_json::json;
use sim::prng::{Prng, Purpose};

/// As many tags as the real file has, in its form, with 100,000 prefixes.
fn service_tags(prng: &mut Prng) -> String {
    let values = (0..3_000_u64).map(|tag| {
        let prefixes: Vec<String> = (0..34)
            .map(|_| match prng.below(5) {
                0 => format!(
                    "2603:10{:02x}:{:x}::/{}",
                    prng.below(64),
                    prng.below(0x10000),
                    40 + prng.below(25)
                ),
                _ => {
                    // Few ranges, so that they lie in one another as Azure's do.
                    let first = [13, 20, 40, 51, 52, 104][usize::try_from(prng.below(6)).unwrap()];
                    let address = Ipv4Addr::new(first, byte(prng), byte(prng), byte(prng));
                    format!("{address}/{}", 14 + prng.below(19))
                }
            })
            .collect();
        let name = if tag % 3 == 0 {
            format!("Service{tag}")
        } else {
            format!("Service{tag}.region{}", tag % 60)
        };
        json!({ "name": name, "properties": { "addressPrefixes": prefixes } })
    });
    json!({ "changeNumber": 1, "cloud": "Public", "values": values.collect::<Vec<_>>() }).to_string()
}

fn byte(prng: &mut Prng) -> u8 {
    u8::try_from(prng.below(256)).unwrap()
}

/// Every tag that has a prefix with the address, by the length of its longest one.
fn slow(tags: &TagSet, address: IpAddr) -> Vec<(u8, &str)> {
    let mut found: Vec<(u8, &str)> = Vec::new();
    for tag in &tags.tags {
        let having = tag
            .prefixes
            .iter()
            .filter(|prefix| prefix.trunc().contains(&address));
        if let Some(length) = having.map(|prefix| prefix.prefix_len()).max() {
            found.push((length, &tag.name));
        }
    }
    found
}

#[test]
fn a_file_of_the_real_size_is_looked_up_as_by_looking_at_all() {
    let mut prng = Prng::keyed(1, Purpose::Incidents, &[7]);
    let text = service_tags(&mut prng);
    let reading = read(text.as_bytes()).unwrap();
    assert_eq!(reading.problems, []);
    // As it is kept beside a table, and taken from there.
    let kept = serde_json::to_vec(&reading.facts).unwrap();
    let facts: FactSet = serde_json::from_slice(&kept).unwrap();
    let set = facts.tags.unwrap();
    let count: usize = set.tags.iter().map(|tag| tag.prefixes.len()).sum();
    assert!(count > 100_000, "{count}");
    let tags = Tags::of(&set);
    let mut hits = 0;
    for at in 0..600 {
        let address: IpAddr = match at % 3 {
            0 => Ipv4Addr::from(u32::try_from(prng.below(1 << 32)).unwrap()).into(),
            1 => Ipv4Addr::new(20, byte(&mut prng), byte(&mut prng), byte(&mut prng)).into(),
            _ => Ipv6Addr::new(
                0x2603,
                0x1000 + u16::try_from(prng.below(64)).unwrap(),
                u16::try_from(prng.below(0x10000)).unwrap(),
                0,
                0,
                0,
                0,
                1,
            )
            .into(),
        };
        let expected = slow(&set, address);
        let found = tags.all(address);
        let length = |name: &str| {
            expected
                .iter()
                .find(|(_, held)| *held == name)
                .map(|(length, _)| *length)
        };
        let lengths: Vec<u8> = found.iter().map(|name| length(name).unwrap()).collect();
        assert!(
            lengths.is_sorted_by(|left, right| left >= right),
            "{address}: {found:?}"
        );
        let mut names: Vec<&str> = expected.iter().map(|(_, name)| *name).collect();
        let mut found = found.clone();
        names.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, names, "{address}");
        hits += usize::from(!names.is_empty());
    }
    assert!((150..600).contains(&hits), "{hits}");
}
