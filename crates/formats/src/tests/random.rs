//! Random well-formed inputs against the twin, and the same inputs with random damage.

use super::*;

/// A small generator of numbers; the seed is printed by a failing assertion's message.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below.max(1)
    }

    pub(crate) fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.next(choices.len() as u64) as usize]
    }

    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.next(100) < percent
    }
}

fn tuple(random: &mut Random, nsg: bool) -> String {
    if random.chance(3) {
        return random
            .pick(&["null", "17", "\"\"", "\"a,b\"", "{\"x\":[\"]\"]}", "true"])
            .to_owned();
    }
    let stamp = 1_710_413_900_000 + random.next(80_000);
    let stamp = if nsg != random.chance(3) {
        stamp / 1000
    } else {
        stamp
    };
    let address = |random: &mut Random| match random.next(20) {
        0 => "2603:1030::1".to_owned(),
        1 => random
            .pick(&["10.1.1", "10.1.1.256", "010.1.1.1", "x", "::"])
            .to_owned(),
        _ => format!("10.{}.{}.{}", random.next(3), random.next(256), random.next(256)),
    };
    let (source, destination) = (address(random), address(random));
    let (from, to) = (random.next(65_540), random.next(1000));
    let protocol = if nsg {
        random.pick(&["T", "U", "T", "6"])
    } else {
        random.pick(&["6", "17", "1", "250", "T", "300"])
    };
    let direction = random.pick(&["I", "O", "I", "O", "I", "O", "X"]);
    let counter = |random: &mut Random| match random.next(12) {
        0 => String::new(),
        1 => random
            .pick(&["x", "-1", "9223372036854775807", "9223372036854775808", "007"])
            .to_owned(),
        _ => random.next(1_000_000).to_string(),
    };
    let mut text = format!("{stamp},{source},{destination},{from},{to},{protocol},{direction}");
    if nsg {
        text += random.pick(&[",A", ",D", ",A", ",B"]);
        if random.chance(20) {
            return format!("\"{text}\"");
        }
        text += random.pick(&[",B", ",C", ",E", ",D"]);
    } else {
        text += random.pick(&[",B", ",C", ",E", ",D", ",A", ",D"]);
        text += random.pick(&[",NX", ",X", ",NX", ",NX_LOCAL_DST", ",B", ",NEW", ","]);
    }
    for _ in 0..4 {
        text += ",";
        text += &counter(random);
    }
    if random.chance(3) {
        text += ",";
    }
    format!("\"{text}\"")
}

fn list(random: &mut Random, max: u64, mut item: impl FnMut(&mut Random) -> String) -> String {
    let count = random.next(max + 1);
    let items: Vec<String> = (0..count).map(|_| item(random)).collect();
    let glue = random.pick(&[",", ", ", ",\n  "]);
    format!("[{}]", items.join(glue))
}

/// An object with its members in random order.
fn object(random: &mut Random, mut members: Vec<(&str, String)>) -> String {
    for index in (1..members.len()).rev() {
        members.swap(index, random.next(index as u64 + 1) as usize);
    }
    let members: Vec<String> = members
        .into_iter()
        .map(|(key, value)| format!("\"{key}\":{value}"))
        .collect();
    format!("{{{}}}", members.join(random.pick(&[",", " , ", ",\r\n"])))
}

fn optional<'k>(random: &mut Random, members: &mut Vec<(&'k str, String)>, key: &'k str, values: &[&str]) {
    if random.chance(85) {
        members.push((key, random.pick(values).to_owned()));
    }
}

fn record(random: &mut Random) -> String {
    let nsg = random.chance(40);
    let mut members = Vec::new();
    optional(
        random,
        &mut members,
        "time",
        &[
            "\"2024-03-14T10:59:41.5119837Z\"",
            "\"2024-03-14T10:59:00Z\"",
            "\"2025-03-14T10:59:00Z\"",
            "\"no\"",
            "null",
        ],
    );
    optional(
        random,
        &mut members,
        "macAddress",
        &["\"6045BDBA5272\"", "\"0022487bC205\"", "\"\""],
    );
    optional(random, &mut members, "operationName", &["\"FlowLogFlowEvent\""]);
    let rules = [
        "\"UserRule_a_b\"",
        "\"DefaultRule_DenyAllInBound\"",
        "\"UserRule\"",
        "\"PlatformRule\"",
        "\"plain\"",
        "\"Unspecified\"",
        "\"\"",
        "null",
    ];
    if nsg {
        optional(
            random,
            &mut members,
            "resourceId",
            &["\"/SUB/NSG\"", "\"/SUB/\\u004eSG2\""],
        );
        optional(random, &mut members, "systemId", &["\"s\""]);
        let flows = list(random, 3, |random| {
            let inner = list(random, 3, |random| {
                let mut members = vec![("flowTuples", list(random, 6, |random| tuple(random, true)))];
                optional(random, &mut members, "mac", &["\"000D3A18077E\"", "null"]);
                object(random, members)
            });
            let mut members = vec![("flows", inner)];
            optional(random, &mut members, "rule", &rules);
            object(random, members)
        });
        let mut properties = vec![("flows", flows)];
        optional(random, &mut properties, "Version", &["1", "2", "3"]);
        let properties = object(random, properties);
        members.push(("properties", properties));
    } else {
        optional(random, &mut members, "flowLogGUID", &["\"g\"", "\"h\""]);
        optional(random, &mut members, "flowLogVersion", &["4", "5", "\"4\""]);
        optional(random, &mut members, "flowLogResourceID", &["\"/F\""]);
        optional(random, &mut members, "targetResourceID", &["\"/t\""]);
        optional(
            random,
            &mut members,
            "unheardOf",
            &["{\"flowTuples\":[\"x\"]}", "1e9", "[[]]"],
        );
        let flows = list(random, 3, |random| {
            let groups = list(random, 3, |random| {
                let mut members = vec![("flowTuples", list(random, 6, |random| tuple(random, false)))];
                optional(random, &mut members, "rule", &rules);
                object(random, members)
            });
            let mut members = vec![("flowGroups", groups)];
            optional(
                random,
                &mut members,
                "aclID",
                &[
                    "\"/Sub/Nsg\"",
                    "\"00000000-0000-0000-0000-000000000000\"",
                    "\"unspecified\"",
                    "null",
                ],
            );
            object(random, members)
        });
        let body = object(random, vec![("flows", flows)]);
        members.push(("flowRecords", body));
    }
    object(random, members)
}

fn document(random: &mut Random) -> String {
    let records = list(random, 5, record);
    match random.next(5) {
        0 => records,
        1 => record(random),
        2 => format!("{}\n{}", record(random), record(random)),
        3 => format!("\u{feff}{{\"records\":{records}}}"),
        _ => format!("{{\"records\":{records}}}"),
    }
}

#[test]
fn parser_and_twin_say_the_same() {
    same_for(0..3000);
}

#[test]
fn any_damage_is_survived() {
    survived_for(0..1500);
}

/// Seeds of a long run: from the one asked for, as many as fit the time.
fn long_run(mut some: impl FnMut(std::ops::Range<u64>)) -> u64 {
    let variable = |name: &str, default: u64| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    };
    let first = variable("FLOWGLASS_LONG_SEED", 1) << 32;
    let budget = variable("FLOWGLASS_LONG_BUDGET_SECS", 60).min(300);
    let end = std::time::Instant::now() + std::time::Duration::from_secs(budget);
    let mut next = first;
    while std::time::Instant::now() < end {
        some(next..next + 1000);
        next += 1000;
    }
    next - first
}

#[test]
#[ignore = "long: cargo xtask long"]
fn parser_and_twin_say_the_same_for_long() {
    println!("figures: parser_and_twin: {} documents", long_run(same_for));
}

#[test]
#[ignore = "long: cargo xtask long"]
fn any_damage_is_survived_for_long() {
    println!("figures: any_damage: {} documents", long_run(survived_for));
}

fn same_for(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let text = document(&mut Random(seed));
        assert!(
            crate::twin::read(text.as_bytes()).is_some(),
            "seed {seed}: {text}"
        );
        let outcome = std::panic::catch_unwind(|| fuzz::same_as_twin(text.as_bytes()));
        assert!(outcome.is_ok(), "seed {seed}: {text}");
    }
}

/// One to five wounds of any kind.
fn damage(random: &mut Random, bytes: &mut Vec<u8>) {
    for _ in 0..=random.next(4) {
        let place = random.next(bytes.len() as u64) as usize;
        match random.next(6) {
            5 => {
                let end = (place + random.next(400) as usize).min(bytes.len());
                bytes[place..end].fill(0);
            }
            0 => bytes[place] = random.next(256) as u8,
            1 => bytes.truncate(place.max(1)),
            2 => drop(bytes.drain(place..(place + random.next(40) as usize).min(bytes.len()))),
            3 => bytes.insert(place, b"{}[]\",:\\"[random.next(8) as usize]),
            _ => {
                let piece: Vec<u8> = bytes[place..(place + 60).min(bytes.len())].to_vec();
                bytes.splice(place..place, piece);
            }
        }
        if bytes.is_empty() {
            bytes.push(b'{');
        }
    }
}

fn survived_for(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let mut random = Random(1 << 40 | seed);
        let mut bytes = document(&mut random).into_bytes();
        damage(&mut random, &mut bytes);
        let outcome = std::panic::catch_unwind(|| fuzz::any_input(&bytes));
        assert!(
            outcome.is_ok(),
            "seed {seed}: {}",
            String::from_utf8_lossy(&bytes)
        );
    }
}

/// Inputs that once failed, and random documents, every second one damaged: they replay for ever.
#[test]
fn the_corpus_replays() {
    let folder = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty());
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        println!("{}", file.display());
        fuzz::any_input(&bytes);
        fuzz::same_as_twin(&bytes);
        fuzz::decompress(&bytes);
        for way in 0..fuzz::ROWS_WAYS {
            fuzz::rows(&[&[way], bytes.as_slice()].concat());
        }
    }
}
