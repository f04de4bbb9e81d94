//! Databases of addresses: read in the spellings of several makers, believed in their order, and refused with a reason.

#![cfg(test)]

mod estate;

use std::net::IpAddr;
use std::sync::Arc;

use enrich::{Database, DatabaseError, Databases, Index, Library, Origin, Snapshot, Talk, Timeline};
use model::facts::{AddressDatabase, FactSet, Mac};
use serde_json::{Value, json};
use sim::cidr::Prefix;
use sim::mmdb::address_file;
use sim::{Scale, World, WorldSpec};

fn file(kind: &str, built: u64, networks: &[(&str, Value)]) -> Vec<u8> {
    let networks: Vec<(Prefix, Value)> = networks
        .iter()
        .map(|(prefix, record)| (Prefix::parse(prefix).unwrap(), record.clone()))
        .collect();
    address_file(kind, built, "made for a test", &networks)
}

fn country(code: &str) -> Value {
    json!({ "continent": { "code": "EU" }, "country": { "iso_code": code, "names": { "en": "A country" } } })
}

fn system(number: u32, name: &str) -> Value {
    json!({ "autonomous_system_number": number, "autonomous_system_organization": name })
}

fn about(bytes: &[u8]) -> AddressDatabase {
    Database::examined("a.mmdb", "hash", bytes).unwrap()
}

fn databases(files: &[Vec<u8>]) -> Databases {
    let open = |bytes: &Vec<u8>| Arc::new(Database::open(&about(bytes), bytes.clone()).unwrap());
    Databases::new(files.iter().map(open).collect())
}

fn of(databases: &Databases, address: &str) -> String {
    databases.of(address.parse().unwrap()).to_string()
}

#[test]
fn addresses_of_both_families_are_found() {
    let bytes = file(
        "Test-Country-ASN",
        1_700_000_000,
        &[
            ("20.0.0.0/8", country("US")),
            ("20.38.0.0/16", country("NL")),
            ("20.38.7.9", country("DE")),
            ("2001:db8::/32", country("FR")),
            ("2001:db8:7::/48", json!({ "country": {} })),
        ],
    );
    let about = about(&bytes);
    assert_eq!(
        (about.kind.as_str(), about.built, about.has_v6, about.bytes),
        ("Test-Country-ASN", 1_700_000_000, true, bytes.len() as u64)
    );
    assert_eq!(
        (about.country_at.as_deref(), about.asn_at),
        (Some("country.iso_code"), None)
    );
    assert_eq!(about.description, "made for a test");
    let databases = databases(&[bytes]);
    for (address, expected) in [
        ("20.1.2.3", "US"),
        ("20.38.255.255", "NL"),
        ("20.38.7.9", "DE"),
        ("20.38.7.8", "NL"),
        ("21.0.0.1", ""),
        ("2001:db8::1", "FR"),
        ("2001:db8:7::1", ""),
        ("2001:db9::1", ""),
        ("::ffff:20.38.7.9", "DE"),
    ] {
        assert_eq!(of(&databases, address), expected, "{address}");
    }
}

#[test]
fn several_makers_spell_it_differently() {
    let maxmind = file("GeoLite2-ASN", 1, &[("9.0.0.0/8", system(64_500, "One Ltd"))]);
    assert_eq!(of(&databases(&[maxmind]), "9.9.9.9"), "AS64500 One Ltd");
    let both = json!({ "country": "Germany", "country_code": "DE", "asn": "AS64501", "as_name": "Two GmbH" });
    let ipinfo = file("ipinfo lite", 1, &[("9.0.0.0/8", both)]);
    assert_eq!(of(&databases(&[ipinfo]), "9.9.9.9"), "DE, AS64501 Two GmbH");
    let older =
        json!({ "country": "NL", "country_name": "Netherlands", "asn": "AS64502", "as_name": "Three" });
    let older = file("ipinfo country_asn", 1, &[("9.0.0.0/8", older)]);
    assert_eq!(of(&databases(&[older]), "9.9.9.9"), "NL, AS64502 Three");
    let nameless = file(
        "plain",
        1,
        &[("9.0.0.0/8", json!({ "country_code": "SE", "asn": 64_503 }))],
    );
    assert_eq!(of(&databases(&[nameless]), "9.9.9.9"), "SE, AS64503");
}

#[test]
fn the_first_that_knows_is_believed() {
    let first = file("First", 1, &[("9.1.0.0/16", country("DE"))]);
    let second = file(
        "Second",
        1,
        &[("9.0.0.0/8", country("US")), ("8.0.0.0/8", system(7, "Seven"))],
    );
    let databases = databases(&[first, second]);
    assert_eq!(of(&databases, "9.1.2.3"), "DE");
    assert_eq!(of(&databases, "9.2.2.3"), "US");
    assert_eq!(of(&databases, "8.2.2.3"), "AS7 Seven");
    assert!(Databases::default().of("9.1.2.3".parse().unwrap()).is_empty());
}

#[test]
fn what_is_none_or_damaged_or_of_another_kind_is_said_to_be_so() {
    let whole = file(
        "Test-Country",
        1,
        &[("9.0.0.0/8", country("DE")), ("11.0.0.0/8", country("NL"))],
    );
    assert!(Database::looks_so(&whole) && !Database::looks_so(b"[]"));
    let refused = |bytes: &[u8]| Database::examined("a.mmdb", "hash", bytes).unwrap_err();
    for cut in [0, 40, whole.len() / 2, whole.len() - 100] {
        let error = refused(&whole[..cut]);
        assert!(
            matches!(error, DatabaseError::Unreadable { .. }),
            "{cut}: {error}"
        );
    }
    // The root leads to itself on both sides.
    let mut looped = whole.clone();
    looped[..8].fill(0);
    let error = refused(&looped).to_string();
    assert!(error.starts_with("it is a damaged `Test-Country`: "), "{error}");
    // A branch leads behind the end of the records.
    let mut behind = whole.clone();
    behind[4..8].fill(0xff);
    assert!(matches!(refused(&behind), DatabaseError::Damaged { .. }));
    // A record is cut short: it says that it has more than there is.
    let mut broken = whole.clone();
    let at = broken
        .windows(8)
        .position(|window| window == b"iso_code")
        .unwrap();
    broken[at + 8] = 0x5f;
    assert!(matches!(refused(&broken), DatabaseError::Damaged { .. }));
    let other = file(
        "GeoIP2-Connection-Type",
        1,
        &[("9.0.0.0/8", json!({ "connection_type": "Cable" }))],
    );
    assert_eq!(
        refused(&other),
        DatabaseError::OtherKind {
            kind: "GeoIP2-Connection-Type".to_owned()
        }
    );
    // Whatever byte is another: it is refused or read, and never more than that.
    for at in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[at] ^= 0xff;
        if Database::examined("a.mmdb", "hash", &flipped).is_ok() {
            let found = databases(&[flipped]).of("9.9.9.9".parse().unwrap());
            assert!([0, 2].contains(&found.country.len()), "{at}: {found}");
        }
    }
}

fn facts(databases: &[AddressDatabase]) -> FactSet {
    FactSet {
        databases: databases.to_vec(),
        ..FactSet::default()
    }
}

#[test]
fn editions_hold_from_their_time_on_and_are_opened_once() {
    let named = |kind: &str, hash: &str, code: &str| {
        let bytes = file(kind, 1, &[("9.0.0.0/8", country(code))]);
        (Database::examined("a.mmdb", hash, &bytes).unwrap(), bytes)
    };
    let (old, old_bytes) = named("Country", "old", "DE");
    let (new, new_bytes) = named("Country", "new", "NL");
    let (other, other_bytes) = named("Other", "other", "FR");
    let opened = Arc::new(std::sync::Mutex::new(Vec::new()));
    let told = Arc::clone(&opened);
    let library = Library::new(move |about| {
        told.lock().unwrap().push(about.hash.clone());
        match about.hash.as_str() {
            "old" => Ok(old_bytes.clone()),
            "new" => Ok(new_bytes.clone()),
            "other" => Ok(other_bytes.clone()),
            _ => Err("no such file".to_owned()),
        }
    });
    let timeline = Timeline::of(vec![
        Snapshot {
            taken: 1_000,
            facts: facts(&[old.clone(), other.clone()]),
        },
        Snapshot {
            taken: 2_000,
            facts: FactSet::default(),
        },
        Snapshot {
            taken: 3_000,
            facts: facts(std::slice::from_ref(&new)),
        },
        Snapshot {
            taken: 4_000,
            facts: facts(std::slice::from_ref(&other)),
        },
    ]);
    let at = |time: i64| {
        let (part, _) = timeline.at(time).unwrap();
        of(&library.of(&part.facts).unwrap(), "9.9.9.9")
    };
    assert_eq!(at(500), "DE");
    assert_eq!(at(2_500), "DE");
    assert_eq!(at(3_000), "NL");
    // What was loaded last is believed first.
    assert_eq!(at(4_000), "FR");
    assert_eq!(*opened.lock().unwrap(), ["old", "other", "new"]);
    let gone = AddressDatabase {
        hash: "gone".to_owned(),
        ..old
    };
    let error = library.of(&facts(&[gone])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the database `Country` (`a.mmdb`), which the facts name, cannot be read: no such file"
    );
    assert_eq!(error.hint(), "load the file again with `flowglass facts load`");
}

/// The public address at each end has a place; private ones and own public ones have none, whatever a database says of them.
#[test]
fn only_public_addresses_of_others_are_somewhere() {
    let world = World::generate(&WorldSpec {
        seed: 3,
        start_day: 20_514,
        hours: 1,
        scale: Scale::Small,
    });
    let read = world.exports().into_iter();
    let (facts, _) =
        inventory::together(read.map(|export| inventory::read(export.text.as_bytes()).unwrap().facts));
    let index = Index::of(&facts);
    let everywhere = file(
        "Everywhere",
        1,
        &[
            ("0.0.0.0/0", country("ZZ")),
            ("::/1", country("ZZ")),
            ("8000::/1", country("ZZ")),
        ],
    );
    let files = [world.address_file().bytes, everywhere];
    let databases = databases(&files);
    let nic = world.nics.iter().find(|nic| nic.is_public).unwrap();
    let origins = |source: IpAddr, destination: IpAddr| {
        let talk = Talk {
            mac: Mac::parse(&nic.mac),
            is_inbound: true,
            source: Some(source),
            destination: Some(destination),
            target: "",
        };
        index.origins(&talk, &databases)
    };
    for network in &world.networks {
        let prefix = Prefix::parse(&network.prefix).unwrap();
        let origins = origins(prefix.host(3), nic.ipv4);
        let expected = Origin {
            country: network.country.to_lowercase(),
            asn: Some(network.asn),
            asn_name: network.name.clone(),
        };
        assert_eq!(
            (origins.source, origins.destination),
            (expected, Origin::default())
        );
    }
    let own = facts.resources.iter().find_map(|resource| match &resource.asset {
        model::facts::Asset::PublicAddress(public) => public.address,
        _ => None,
    });
    for none in ["10.0.0.1", "168.63.129.16", "224.0.0.1", "fd00::1", "127.0.0.1"] {
        assert!(
            origins(none.parse().unwrap(), own.unwrap()).source.is_empty(),
            "{none}"
        );
    }
    assert!(origins(own.unwrap(), nic.ipv4).source.is_empty());
    // And one that is of a prefix of our own.
    let of_prefix = {
        let mut facts = facts.clone();
        facts
            .resources
            .extend(estate::facts(&[estate::public("pfx", "87.128.0.0/28", None)]).resources);
        Index::of(&facts)
    };
    let foreign: [IpAddr; 2] = ["87.128.0.9", "87.128.0.19"].map(|text| text.parse().unwrap());
    let known = foreign.map(|address| of_prefix.origin(None, address, &databases).is_empty());
    assert_eq!(known, [true, false]);
    // A public range that a network uses inside is its own.
    let mut inside = facts.clone();
    for resource in &mut inside.resources {
        if let model::facts::Asset::VirtualNetwork(network) = &mut resource.asset {
            network.prefixes.push("87.128.0.0/16".parse().unwrap());
        }
    }
    let talk = Talk {
        mac: Mac::parse(&nic.mac),
        is_inbound: true,
        source: "87.128.0.9".parse().ok(),
        destination: None,
        target: "",
    };
    assert!(!index.origins(&talk, &databases).source.is_empty());
    assert!(Index::of(&inside).origins(&talk, &databases).source.is_empty());
}
