//! Lists of addresses that are known for harm: plain lines, tables, STIX 2.1.

use model::facts::{ThreatEntry, ThreatList, prefix};

use crate::node::Node;
use crate::problem::Report;

/// Columns that hold an address, what it is known for, and what is said of it, as lists name them.
const ADDRESS: &[&str] = &[
    "ip",
    "ipaddress",
    "ip_address",
    "address",
    "indicator",
    "ioc",
    "ioc_value",
    "network",
    "cidr",
    "prefix",
    "dst_ip",
    "src_ip",
];
const KIND: &[&str] = &[
    "type",
    "kind",
    "category",
    "threattype",
    "threat_type",
    "threat",
    "malware",
];
const DESCRIPTION: &[&str] = &["description", "comment", "name", "tags", "reference"];

/// A list of lines or a table, if the text is one: an address or a prefix stands in its first or its second line.
pub(crate) fn of_lines(text: &str, report: &Report) -> Option<ThreatList> {
    let lines: Vec<(usize, &str)> = (1..)
        .zip(text.lines())
        .map(|(number, line)| (number, line.split(['#', ';']).next().unwrap_or_default().trim()))
        .filter(|(_, line)| !line.is_empty())
        .collect();
    let (_, first) = lines.first()?;
    let names = split(first);
    let has_names = !names.iter().any(|cell| prefix(cell).is_some());
    let column = |wanted: &[&str]| {
        let found = |name: &str| names.iter().position(|held| held.eq_ignore_ascii_case(name));
        let mut found = wanted.iter().filter_map(|name| found(name));
        found.next().filter(|_| has_names)
    };
    let (address, kind, description) = (column(ADDRESS), column(KIND), column(DESCRIPTION));
    // A table of resources has addresses too.
    if names.iter().any(|name| name.eq_ignore_ascii_case("id")) && address.is_none() {
        return None;
    }
    if has_names {
        let (_, second) = lines.get(1)?;
        split(second).iter().find_map(|cell| prefix(cell))?;
    }
    let mut entries = Vec::new();
    for (number, line) in lines.iter().skip(usize::from(has_names)) {
        let cells = split(line);
        let cell = |at: Option<usize>| at.and_then(|at| cells.get(at)).cloned().unwrap_or_default();
        let at = address.or_else(|| cells.iter().position(|cell| prefix(cell).is_some()));
        let Some(prefix) = at.and_then(|at| prefix(cells.get(at)?)) else {
            report.add(&format!("line {number}"), "no address stands here");
            continue;
        };
        // Without names of columns, what stands behind the address is what it is known for.
        let behind = || {
            let rest = cells.iter().skip(at.unwrap_or(0) + 1);
            rest.filter(|cell| !cell.is_empty())
                .cloned()
                .collect::<Vec<_>>()
                .join(" ")
        };
        entries.push(match has_names {
            true => ThreatEntry {
                prefix,
                kind: cell(kind),
                description: cell(description),
                from: None,
                until: None,
            },
            false => ThreatEntry {
                prefix,
                kind: behind(),
                description: String::new(),
                from: None,
                until: None,
            },
        });
    }
    Some(ThreatList {
        name: String::new(),
        entries,
    })
}

/// The cells of a line, by the sign that stands between them.
fn split(line: &str) -> Vec<String> {
    let separator = [',', '\t', ' ']
        .into_iter()
        .find(|sign| line.contains(*sign))
        .unwrap_or(',');
    let mut cells = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(u8::try_from(separator).unwrap_or(b','))
        .from_reader(line.as_bytes());
    let cells = cells.records().next().and_then(Result::ok).unwrap_or_default();
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

/// True for a bundle of STIX.
pub(crate) fn is_bundle(node: &Node<'_>) -> bool {
    node.text(&["type"]).as_deref() == Some("bundle")
}

/// The addresses of the indicators of a bundle. Those that are revoked are left out; patterns of other things than
/// addresses say nothing of traffic.
pub(crate) fn of_bundle(node: &Node<'_>) -> ThreatList {
    let mut entries = Vec::new();
    for object in node.all(&["objects"]) {
        let kind = object.text(&["type"]).unwrap_or_default();
        let is_revoked = object.value.get("revoked").and_then(serde_json::Value::as_bool) == Some(true);
        if is_revoked {
            continue;
        }
        let (texts, kind) = match kind.as_str() {
            "indicator" => {
                let Some(pattern) = object.text(&["pattern"]) else {
                    object.problem("an indicator without a pattern");
                    continue;
                };
                let kinds = object.all(&["indicator_types", "labels"]);
                let kinds: Vec<&str> = kinds.iter().filter_map(|kind| kind.value.as_str()).collect();
                if kinds.contains(&"benign") {
                    continue;
                }
                let Some(addresses) = addresses_in(&pattern) else {
                    object.problem(&format!(
                        "`{pattern}` says more than that an address is meant, and is not used"
                    ));
                    continue;
                };
                (addresses, kinds.join(" "))
            }
            "ipv4-addr" | "ipv6-addr" => (object.text(&["value"]).into_iter().collect(), String::new()),
            _ => continue,
        };
        let moment = |name: &str| {
            let text = object.text(&[name])?;
            let time = chrono::DateTime::parse_from_rfc3339(&text).ok()?;
            Some(time.timestamp_micros())
        };
        let description = object.text(&["description"]).or_else(|| object.text(&["name"]));
        for text in texts {
            match prefix(&text) {
                Some(prefix) => entries.push(ThreatEntry {
                    prefix,
                    kind: kind.clone(),
                    description: description.clone().unwrap_or_default(),
                    from: moment("valid_from"),
                    until: moment("valid_until"),
                }),
                None => object.problem(&format!("`{text}` is no address")),
            }
        }
    }
    ThreatList {
        name: String::new(),
        entries,
    }
}

/// The addresses that a pattern means: comparisons of an address with one, with some or with a network, and between them
/// nothing but `OR`. None if it says more of addresses than that; of other things it says nothing of traffic.
fn addresses_in(pattern: &str) -> Option<Vec<String>> {
    const KINDS: [&str; 4] = [
        "ipv4-addr:value",
        "ipv6-addr:value",
        "network-traffic:dst_ref.value",
        "network-traffic:src_ref.value",
    ];
    if !KINDS.iter().any(|kind| pattern.contains(kind)) {
        return Some(Vec::new());
    }
    let mut found = Vec::new();
    let mut rest = pattern;
    loop {
        rest = rest.trim_start_matches([' ', '[', ']', '\t', '\n', '\r']);
        let kind = KINDS.iter().find(|kind| rest.starts_with(**kind))?;
        rest = rest.strip_prefix(kind)?.trim_start();
        if let Some(list) = rest.strip_prefix("IN") {
            let (inside, behind) = list.trim_start().strip_prefix('(')?.split_once(')')?;
            found.extend(inside.split('\'').skip(1).step_by(2).map(str::to_owned));
            rest = behind;
        } else {
            let compared = rest.strip_prefix("ISSUBSET").or_else(|| rest.strip_prefix('='))?;
            let (text, behind) = compared.trim_start().strip_prefix('\'')?.split_once('\'')?;
            found.push(text.to_owned());
            rest = behind;
        }
        rest = rest.trim_start_matches([' ', ']', '\t', '\n', '\r']);
        if rest.is_empty() {
            return Some(found);
        }
        rest = rest.strip_prefix("OR")?;
    }
}
