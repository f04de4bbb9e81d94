//! A writer of MaxMind's file format of addresses, small and slow on purpose: version 2.0, records of 32 bits, a tree of IPv6 in
//! which addresses of IPv4 lie below `::/96`. It must not import the reader that it is compared with.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::{Value, json};

use crate::cidr::Prefix;
use crate::world::World;

/// A file of addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressFile {
    /// `demo-country-asn.mmdb`
    pub name: &'static str,
    /// What stands in it.
    pub bytes: Vec<u8>,
}

impl World {
    /// The networks of the internet as a file that says their countries and autonomous systems. They are as invented as the
    /// rest of the world, and so does the file call itself.
    #[must_use]
    pub fn address_file(&self) -> AddressFile {
        let networks = self.networks.iter().filter_map(|network| {
            let record = json!({
                "country": { "iso_code": network.country },
                "autonomous_system_number": network.asn,
                "autonomous_system_organization": network.name,
            });
            Some((Prefix::parse(&network.prefix)?, record))
        });
        let networks: Vec<(Prefix, Value)> = networks.collect();
        AddressFile {
            name: "demo-country-asn.mmdb",
            bytes: address_file(
                "Flowglass-Demo-Country-ASN",
                u64::try_from(self.start_ms() / 1000).unwrap_or(0),
                "made up for the demo of Flowglass; says nothing of real addresses",
                &networks,
            ),
        }
    }
}

/// A file of networks, each with a record of texts, numbers up to 2^32 and objects of such. Of networks in one another the
/// one that stands later holds.
#[must_use]
pub fn address_file(kind: &str, built: u64, description: &str, networks: &[(Prefix, Value)]) -> Vec<u8> {
    let mut tree = Tree::default();
    let mut data = Vec::new();
    let mut known: BTreeMap<String, u32> = BTreeMap::new();
    for (prefix, record) in networks {
        let offset = *known.entry(record.to_string()).or_insert_with(|| {
            let offset = u32::try_from(data.len()).unwrap_or(u32::MAX);
            push_value(&mut data, record);
            offset
        });
        tree.insert(*prefix, offset);
    }
    let mut file = tree.bytes();
    file.extend_from_slice(&[0; SEPARATOR_BYTES]);
    file.append(&mut data);
    file.extend_from_slice(b"\xab\xcd\xefMaxMind.com");
    push_metadata(&mut file, tree.count(), kind, built, description);
    file
}

/// What stands between the tree and the records.
const SEPARATOR_BYTES: usize = 16;

/// Where a bit leads.
#[derive(Clone, Copy)]
enum Slot {
    Nowhere,
    Node(usize),
    Record(u32),
}

/// A tree of bits; the first node is the root.
struct Tree(Vec<[Slot; 2]>);

impl Default for Tree {
    fn default() -> Self {
        Self(vec![[Slot::Nowhere; 2]])
    }
}

impl Tree {
    fn count(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    fn insert(&mut self, prefix: Prefix, record: u32) {
        let (bits, length) = match prefix.base {
            IpAddr::V4(address) => (u128::from(u32::from(address)), 96 + u32::from(prefix.bits)),
            IpAddr::V6(address) => (u128::from(address), u32::from(prefix.bits)),
        };
        let mut node = 0;
        for depth in 0..length {
            let side = usize::from((bits >> (127 - depth)) & 1 == 1);
            let next = self.0.len();
            let Some(slot) = self.0.get_mut(node).and_then(|slots| slots.get_mut(side)) else {
                return;
            };
            if depth + 1 == length {
                *slot = Slot::Record(record);
                return;
            }
            node = match *slot {
                Slot::Node(node) => node,
                // What held for all of it holds for both halves.
                before => {
                    *slot = Slot::Node(next);
                    self.0.push([before; 2]);
                    next
                }
            };
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let count = self.count();
        let behind = count.saturating_add(u32::try_from(SEPARATOR_BYTES).unwrap_or(0));
        let mut bytes = Vec::with_capacity(self.0.len() * 8);
        for slot in self.0.iter().flatten() {
            let number = match *slot {
                Slot::Nowhere => count,
                Slot::Node(node) => u32::try_from(node).unwrap_or(count),
                Slot::Record(offset) => behind.saturating_add(offset),
            };
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        bytes
    }
}

/// Types as the format numbers them.
const TEXT: u8 = 2;
const NUMBER_16: u8 = 5;
const NUMBER_32: u8 = 6;
const OBJECT: u8 = 7;
const NUMBER_64: u8 = 9;
const LIST: u8 = 11;

/// Types from here on stand in a byte of their own.
const EXTENDED: u8 = 7;

/// The byte or bytes before a value: its type and how much there is of it.
fn push_head(out: &mut Vec<u8>, kind: u8, size: usize) {
    let (direct, more) = match u16::try_from(size).unwrap_or(u16::MAX) {
        size @ 0..29 => (size, None),
        size @ 29..285 => (29, Some(vec![(size - 29).to_be_bytes()[1]])),
        size => (30, Some((size - 285).to_be_bytes().to_vec())),
    };
    let [_, direct] = direct.to_be_bytes();
    match kind > EXTENDED {
        true => out.extend_from_slice(&[direct, kind - EXTENDED]),
        false => out.push((kind << 5) | direct),
    }
    out.extend(more.into_iter().flatten());
}

fn push_text(out: &mut Vec<u8>, text: &str) {
    push_head(out, TEXT, text.len());
    out.extend_from_slice(text.as_bytes());
}

/// In as few bytes as it needs.
fn push_number(out: &mut Vec<u8>, kind: u8, number: u64) {
    let bytes = number.to_be_bytes();
    let needed: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
    push_head(out, kind, needed.len());
    out.extend_from_slice(&needed);
}

fn push_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Object(members) => {
            push_head(out, OBJECT, members.len());
            for (name, member) in members {
                push_text(out, name);
                push_value(out, member);
            }
        }
        Value::Number(number) => push_number(out, NUMBER_32, number.as_u64().unwrap_or(0)),
        Value::String(text) => push_text(out, text),
        other => push_text(out, &other.to_string()),
    }
}

fn push_metadata(out: &mut Vec<u8>, nodes: u32, kind: &str, built: u64, description: &str) {
    let numbers = [
        ("binary_format_major_version", NUMBER_16, 2),
        ("binary_format_minor_version", NUMBER_16, 0),
        ("build_epoch", NUMBER_64, built),
        ("ip_version", NUMBER_16, 6),
        ("node_count", NUMBER_32, u64::from(nodes)),
        ("record_size", NUMBER_16, 32),
    ];
    push_head(out, OBJECT, numbers.len() + 3);
    for (name, kind, number) in numbers {
        push_text(out, name);
        push_number(out, kind, number);
    }
    push_text(out, "database_type");
    push_text(out, kind);
    push_text(out, "description");
    push_head(out, OBJECT, 1);
    push_text(out, "en");
    push_text(out, description);
    push_text(out, "languages");
    push_head(out, LIST, 1);
    push_text(out, "en");
}
