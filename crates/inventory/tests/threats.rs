//! Lists of addresses that are known for harm.

#![allow(
    clippy::unwrap_used,
    reason = "a failing assumption should fail the test at once"
)]

use inventory::read;

/// Each entry in words, and what could not be used.
fn said(text: &str) -> (Vec<String>, Vec<String>) {
    let reading = read(text.as_bytes()).unwrap();
    let entries = reading.facts.threats.iter().flat_map(|list| &list.entries);
    let entries = entries.map(|entry| format!("{} [{}] {}", entry.prefix, entry.kind, entry.description));
    let problems = reading
        .problems
        .iter()
        .map(|problem| format!("{}: {}", problem.path, problem.message));
    (entries.collect(), problems.collect())
}

#[track_caller]
fn check(text: &str, entries: &[&str], problems: &[&str]) {
    assert_eq!(
        said(text),
        (
            entries.iter().map(ToString::to_string).collect(),
            problems.iter().map(ToString::to_string).collect()
        )
    );
}

#[test]
fn lines_with_and_without_words() {
    check(
        "# a list\n203.0.113.7\n198.51.100.0/24 C2 of somebody ; since May\n\nnonsense\n2001:db8::/32\n",
        &[
            "203.0.113.7/32 [] ",
            "198.51.100.0/24 [C2 of somebody] ",
            "2001:db8::/32 [] ",
        ],
        &["line 5: no address stands here"],
    );
    check(
        "203.0.113.7,Botnet\r\n203.0.113.8,Phishing\r\n",
        &["203.0.113.7/32 [Botnet] ", "203.0.113.8/32 [Phishing] "],
        &[],
    );
}

#[test]
fn tables_name_their_columns() {
    check(
        "first_seen,ip_address,port,category,description\n2024-01-01,203.0.113.7,443,C2,\"one, of two\"\n2024-01-02,,80,C2,none\n",
        &["203.0.113.7/32 [C2] one, of two"],
        &["line 3: no address stands here"],
    );
    // Columns of other names: the first address is taken.
    check("when,what\n2024,203.0.113.7\n", &["203.0.113.7/32 [] "], &[]);
}

#[test]
fn bundles_of_stix() {
    check(
        r#"{"type":"bundle","id":"bundle--1","objects":[
            {"type":"identity","name":"somebody"},
            {"type":"indicator","name":"a server","indicator_types":["malicious-activity","c2"],
             "pattern":"[ipv4-addr:value = '203.0.113.7'] OR [ipv6-addr:value IN ('2001:db8::1', '2001:db8::2')]"},
            {"type":"indicator","revoked":true,"pattern":"[ipv4-addr:value = '203.0.113.9']"},
            {"type":"indicator","description":"a network","labels":["scanner"],"pattern":"[ipv4-addr:value ISSUBSET '198.51.100.0/24']"},
            {"type":"indicator","pattern":"[file:hashes.MD5 = 'aa']"},
            {"type":"indicator","pattern":"[ipv4-addr:value = 'here']"},
            {"type":"indicator","indicator_types":["benign"],"pattern":"[ipv4-addr:value = '203.0.113.11']"},
            {"type":"indicator","pattern":"[ipv4-addr:value != '203.0.113.12']"},
            {"type":"indicator","pattern":"[ipv4-addr:value = '203.0.113.12' AND network-traffic:dst_port = 9]"},
            {"type":"ipv4-addr","value":"203.0.113.10"}]}"#,
        &[
            "203.0.113.7/32 [malicious-activity c2] a server",
            "2001:db8::1/128 [malicious-activity c2] a server",
            "2001:db8::2/128 [malicious-activity c2] a server",
            "198.51.100.0/24 [scanner] a network",
            "203.0.113.10/32 [] ",
        ],
        &[
            "objects[5]: `here` is no address",
            "objects[7]: `[ipv4-addr:value != '203.0.113.12']` says more than that an address is meant, and is not used",
            "objects[8]: `[ipv4-addr:value = '203.0.113.12' AND network-traffic:dst_port = 9]` says more than that an address is meant, and is not used",
        ],
    );
}

#[test]
fn tables_of_resources_are_none() {
    let unreadable = read(b"name,address\nvm,10.0.0\n").unwrap_err();
    assert!(
        unreadable.message.contains("neither JSON nor a table"),
        "{}",
        unreadable.message
    );
    let table = "id,type,address\n/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/publicIPAddresses/p,Microsoft.Network/publicIPAddresses,203.0.113.7\n";
    assert!(read(table.as_bytes()).unwrap().facts.threats.len() < 2);
}
