//! How many rows a second one core gives names, countries and networks, with everything loaded: an inventory, service tags and
//! threat lists of real size, and a database of 500,000 networks.
//!
//! `cargo bench --manifest-path bench/enrich/Cargo.toml` prints a table; `BENCH_ROWS` and `BENCH_ROUNDS` change rows and rounds,
//! `BENCH_INTERFACES` the inventory. Rows come in batches of 8,192 as the query engine hands them over; what is measured is what
//! `flow_known` and `flow_origins` do with them, but for putting the answers into columns.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a bench prints, and may stop at the first surprise"
)]

use std::convert::Infallible;
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Instant;

use enrich::{Database, Databases, Index, Repeated, Talk, Threats};
use model::facts::{FactSet, Mac, ServiceTag, TagSet, ThreatEntry, ThreatList};
use sim::cidr::Prefix;
use sim::mmdb::address_file;
use sim::prng::{Prng, Purpose};
use sim::{Scale, World, WorldSpec};

const BATCH_ROWS: usize = 8192;
const TAG_PREFIXES: u64 = 100_000;
const THREATS: u64 = 50_000;
const NETWORKS: u64 = 500_000;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|value| value.parse().ok())
        .unwrap_or(default)
}

fn address(prng: &mut Prng) -> Ipv4Addr {
    // Of the ranges that are handed out; what is private among them is as rare as in logs of the internet's side.
    Ipv4Addr::from(u32::try_from(prng.between(0x0b00_0000, 0xdf00_0000)).unwrap())
}

/// The inventory of a seeded world, with tags and lists made up beside it.
fn facts(world: &World, prng: &mut Prng) -> FactSet {
    let read = world.exports().into_iter();
    let sets = read.map(|export| inventory::read(export.text.as_bytes()).unwrap().facts);
    let (mut facts, _) = inventory::together(sets);
    let prefix = |prng: &mut Prng, low: u64| {
        let length = u8::try_from(prng.between(low, 32)).unwrap();
        ipnet::IpNet::new(address(prng).into(), length).unwrap().trunc()
    };
    let tags = (0..TAG_PREFIXES / 33).map(|at| ServiceTag {
        name: if at % 3 == 0 {
            format!("Service{at}")
        } else {
            format!("Service{at}.region{}", at % 60)
        },
        region: None,
        service: None,
        prefixes: (0..33).map(|_| prefix(prng, 14)).collect(),
    });
    facts.tags = Some(TagSet {
        tags: tags.collect(),
        ..TagSet::default()
    });
    let entries = (0..THREATS).map(|_| ThreatEntry {
        prefix: prefix(prng, 24),
        kind: "Scanner".to_owned(),
        description: String::new(),
        from: None,
        until: None,
    });
    facts.threats = vec![ThreatList {
        name: "list".to_owned(),
        entries: entries.collect(),
    }];
    facts
}

/// Networks of the sizes that real databases have, each with one of 250 countries and 60,000 systems.
fn database(prng: &mut Prng) -> Vec<u8> {
    let networks: Vec<(Prefix, serde_json::Value)> = (0..NETWORKS)
        .map(|_| {
            let prefix = Prefix {
                base: IpAddr::V4(address(prng)),
                bits: u8::try_from(prng.between(16, 25)).unwrap(),
            };
            let letter = |number: u64| char::from(b'A' + u8::try_from(number % 26).unwrap());
            let (country, system) = (prng.below(250), prng.below(60_000));
            let record = serde_json::json!({
                "country": { "iso_code": format!("{}{}", letter(country), letter(country / 26)) },
                "autonomous_system_number": system + 1,
                "autonomous_system_organization": format!("Provider of many networks {system}"),
            });
            (prefix, record)
        })
        .collect();
    address_file("Bench-Country-ASN", 1, "made for a bench", &networks)
}

/// A row as its five texts: who reported, which way, from where, to where, and what its flow log is enabled on.
type Row = [String; 5];

/// Flows between machines and public addresses, half of them each way. Each pair of the first kind is the same again.
fn rows(world: &World, count: u64, pairs: Option<u64>, public: &mut dyn FnMut(u64) -> Ipv4Addr) -> Vec<Row> {
    let nics = world.nics.len() as u64;
    (0..count)
        .map(|at| {
            let pair = pairs.map_or(at, |pairs| at % pairs);
            let nic = &world.nics[usize::try_from(pair % nics).unwrap()];
            let (own, other) = (nic.ipv4.to_string(), public(pair).to_string());
            let target = world.vnets[nic.vnet].id.clone();
            match pair % 2 == 0 {
                true => [nic.mac.clone(), "Inbound".to_owned(), other, own, target],
                false => [nic.mac.clone(), "Outbound".to_owned(), own, other, target],
            }
        })
        .collect()
}

fn talk<'t>([mac, direction, source, destination, target]: [&'t str; 5]) -> Talk<'t> {
    Talk {
        mac: Mac::parse(mac),
        is_inbound: direction == "Inbound",
        source: source.parse().ok(),
        destination: destination.parse().ok(),
        target,
    }
}

/// Rows a second of the best round; every answer is made and dropped.
fn measure<A>(rows: &[Row], rounds: u64, answer: impl Fn(&Talk<'_>) -> A) -> (f64, usize) {
    let (mut best, mut answers) = (f64::MAX, 0);
    for _ in 0..rounds {
        let begun = Instant::now();
        answers = 0;
        for batch in rows.chunks(BATCH_ROWS) {
            let questions = batch
                .iter()
                .map(|row| [0, 1, 2, 3, 4].map(|at: usize| row[at].as_str()));
            let repeated =
                Repeated::of::<_, Infallible>(questions, |asked| Ok(answer(&talk(*asked)))).unwrap();
            answers += repeated.answers.len();
            black_box(&repeated);
        }
        best = best.min(begun.elapsed().as_secs_f64());
    }
    (rows.len() as f64 / best, answers)
}

fn main() {
    let (count, rounds) = (number("BENCH_ROWS", 2_000_000), number("BENCH_ROUNDS", 5));
    let nics = u32::try_from(number("BENCH_INTERFACES", 1_000)).unwrap();
    let world = World::generate(&WorldSpec {
        seed: 1,
        start_day: 20_514,
        hours: 1,
        scale: Scale::Large { nics },
    });
    let mut prng = Prng::keyed(1, Purpose::BigBlob, &[3]);
    let facts = facts(&world, &mut prng);
    let begun = Instant::now();
    let (index, threats) = (Index::of(&facts), Threats::of_lists(&facts.threats));
    let indexed = begun.elapsed();
    let bytes = database(&mut prng);
    let size = bytes.len();
    let begun = Instant::now();
    let about = Database::examined("bench.mmdb", "bench", &bytes).unwrap();
    let examined = begun.elapsed();
    let begun = Instant::now();
    let databases = Databases::new(vec![Arc::new(Database::open(&about, bytes).unwrap())]);
    let opened = begun.elapsed();

    println!(
        "{nics} interfaces, {TAG_PREFIXES} prefixes of service tags, {THREATS} known for harm, {} networks in {size} bytes",
        about.networks
    );
    println!(
        "arranged in {indexed:.2?}; the database is examined in {examined:.2?} and opened in {opened:.2?}"
    );
    println!("{count} rows in batches of {BATCH_ROWS}, one core, best of {rounds}\n");
    println!(
        "{:<34}{:>14}{:>16}{:>16}",
        "public addresses", "different", "names rows/s", "places rows/s"
    );
    let few: Vec<Ipv4Addr> = (0..500).map(|_| address(&mut prng)).collect();
    let many: Vec<Ipv4Addr> = (0..100_000).map(|_| address(&mut prng)).collect();
    let (mut chosen, mut all) = (prng.clone(), prng);
    let mut one_of_few = |pair: u64| few[usize::try_from(pair % 500).unwrap()];
    let mut one_of_many = |_| many[usize::try_from(chosen.below(100_000)).unwrap()];
    let mut another = |_| address(&mut all);
    let choices: [(&str, Option<u64>, &mut dyn FnMut(u64) -> Ipv4Addr); 3] = [
        ("500, in 500 pairs again and again", Some(500), &mut one_of_few),
        ("100,000, at random", None, &mut one_of_many),
        ("all different", None, &mut another),
    ];
    for (name, pairs, public) in choices {
        let rows = rows(&world, count, pairs, public);
        let (names, answers) = measure(&rows, rounds, |talk| index.ends(talk, &threats));
        let (places, _) = measure(&rows, rounds, |talk| index.origins(talk, &databases));
        println!(
            "{name:<34}{:>13.1}%{names:>16.0}{places:>16.0}",
            answers as f64 / count as f64 * 100.0
        );
    }
}
