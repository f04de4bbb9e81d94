//! The lists of the summary: what weighs most first, lined up, and how much of it is shown.

use std::fmt::Write as _;

use model::protocols;

use super::columns::{
    Side::{self, Left, Right},
    lined_up,
};
use super::summary::{PairKey, RuleKey, ServiceKey, Summary, Weight};
use super::tally::{Name, Tally, Weighs};
use crate::quantity::{bytes, counted, grouped};
use crate::words::decision::{group_name, kind_words, rule_name, status_word};
use crate::words::endpoint::{Service, kind, service};
use model::printable;

/// Every list that has something in it.
pub(crate) fn write(text: &mut String, summary: &Summary, top: usize) {
    rules(text, summary, top);
    denied(text, summary, top);
    talkers(text, summary, top);
    services(text, summary, top);
    nics(text, summary, top);
}

/// A section: heading with how much of it is shown, then its rows.
fn section<K: Copy + Eq + std::hash::Hash + Ord, V: Weighs>(
    text: &mut String,
    title: &str,
    tally: &Tally<K, V>,
    heading: &[(&str, Side)],
    rows: &[Vec<String>],
) {
    if rows.is_empty() {
        return;
    }
    let shown = match tally.more_than() {
        Some(more) => format!(" (first {} of more than {})", rows.len(), grouped(more)),
        None if rows.len() < tally.len() => {
            format!(" (first {} of {})", rows.len(), grouped(tally.len() as u64))
        }
        None => String::new(),
    };
    let _ = writeln!(text, "\n{title}{shown}");
    text.push_str(&lined_up(heading, rows));
    if let Some(more) = tally.more_than() {
        let _ = writeln!(
            text,
            "  lower bounds: more than {} were seen; the lesser half was forgotten whenever the list was full, {} in all",
            grouped(more),
            counted(tally.forgotten, "tuple")
        );
    }
}

/// Name, kind and group of a rule.
fn rule_words(summary: &Summary, key: RuleKey) -> (String, String, String) {
    let logged = summary.names.text(key.rule);
    let name = rule_name(key.kind, logged).map_or("(not logged)".into(), printable::text);
    let group =
        group_name(summary.names.text(key.acl)).map_or_else(|| "-".to_owned(), std::borrow::Cow::into_owned);
    (name.into_owned(), kind_words(key.kind).to_owned(), group)
}

fn rules(text: &mut String, summary: &Summary, top: usize) {
    let rows: Vec<Vec<String>> = summary
        .rules
        .top(top)
        .into_iter()
        .map(|(key, weight)| {
            let (name, kind, group) = rule_words(summary, key);
            let decision = status_word(key.status).to_owned();
            vec![
                grouped(weight.tuples),
                volume(weight),
                decision,
                name,
                kind,
                group,
            ]
        })
        .collect();
    let heading = [
        ("tuples", Right),
        ("bytes", Right),
        ("decision", Left),
        ("rule", Left),
        ("kind", Left),
        ("of", Left),
    ];
    section(text, "Rules that decided", &summary.rules, &heading, &rows);
}

/// Bytes both ways; a dash where no tuple reported any, which is not 0.
fn volume(weight: &Weight) -> String {
    if weight.reported == 0 {
        return "-".to_owned();
    }
    bytes(weight.volume.bytes())
}

fn protocol_name(protocol: u8) -> String {
    protocols::protocol_keyword(protocol).map_or_else(|| format!("protocol {protocol}"), str::to_owned)
}

fn service_label(port: u16, protocol: u8) -> &'static str {
    match service(0, port, Some(protocol)) {
        Service::Named(label) => label,
        Service::Nameless | Service::LateReply(_) => "-",
    }
}

fn denied(text: &mut String, summary: &Summary, top: usize) {
    let address = |ip: Option<std::net::IpAddr>| ip.map_or_else(|| "-".to_owned(), |ip| ip.to_string());
    let rows: Vec<Vec<String>> = summary
        .denied
        .top(top)
        .into_iter()
        .map(
            |(
                PairKey {
                    source,
                    destination,
                    port,
                    protocol,
                },
                denials,
            )| {
                let (name, _, group) = denials
                    .rule
                    .map_or_else(Default::default, |rule| rule_words(summary, rule));
                let more = if denials.more_rules { " and others" } else { "" };
                let late = denials.late_replies == denials.tuples;
                let service = if late {
                    "likely late replies"
                } else {
                    service_label(port, protocol)
                };
                vec![
                    grouped(denials.tuples),
                    address(source),
                    kind(source).to_owned(),
                    address(destination),
                    format!("{port}/{}", protocol_name(protocol)),
                    service.to_owned(),
                    format!("{name}{more}"),
                    group,
                ]
            },
        )
        .collect();
    let heading = [
        ("tuples", Right),
        ("source", Left),
        ("which is", Left),
        ("destination", Left),
        ("port", Left),
        ("service", Left),
        ("rule", Left),
        ("of", Left),
    ];
    section(
        text,
        "Denied, source to destination",
        &summary.denied,
        &heading,
        &rows,
    );
}

fn talkers(text: &mut String, summary: &Summary, top: usize) {
    let rows: Vec<Vec<String>> = summary
        .talkers
        .top(top)
        .into_iter()
        .filter(|(_, talker)| talker.bytes_out > 0 || talker.bytes_in > 0)
        .map(|(ip, talker)| {
            vec![
                bytes(talker.bytes_out),
                bytes(talker.bytes_in),
                grouped(talker.tuples),
                ip.to_string(),
                kind(Some(ip)).to_owned(),
            ]
        })
        .collect();
    let heading = [
        ("sent", Right),
        ("received", Right),
        ("tuples", Right),
        ("address", Left),
        ("which is", Left),
    ];
    section(text, "Top talkers by bytes", &summary.talkers, &heading, &rows);
}

fn services(text: &mut String, summary: &Summary, top: usize) {
    let rows: Vec<Vec<String>> = summary
        .services
        .top(top)
        .into_iter()
        .map(|(key, weight)| {
            let (port, name) = match key {
                ServiceKey::Port { protocol, port } => (
                    format!("{port}/{}", protocol_name(protocol)),
                    service_label(port, protocol).to_owned(),
                ),
                ServiceKey::LateReplies { protocol, port } => {
                    let label = service_label(port, protocol);
                    (
                        format!("from {port}/{}", protocol_name(protocol)),
                        format!("likely late replies of {label}"),
                    )
                }
            };
            vec![
                grouped(weight.tuples),
                grouped(weight.denied),
                volume(weight),
                port,
                name,
            ]
        })
        .collect();
    let heading = [
        ("tuples", Right),
        ("denied", Right),
        ("bytes", Right),
        ("port", Left),
        ("service", Left),
    ];
    section(
        text,
        "Services, guessed from the destination port",
        &summary.services,
        &heading,
        &rows,
    );
}

fn nics(text: &mut String, summary: &Summary, top: usize) {
    let rows: Vec<Vec<String>> = summary
        .nics
        .top(top)
        .into_iter()
        .map(|(mac, nic): (Name, _)| {
            let mac = summary
                .names
                .text(mac)
                .map_or("(not logged)".into(), printable::text)
                .into_owned();
            vec![
                grouped(nic.weight.tuples),
                grouped(nic.inbound),
                grouped(nic.outbound),
                grouped(nic.weight.denied),
                volume(&nic.weight),
                mac,
            ]
        })
        .collect();
    let heading = [
        ("tuples", Right),
        ("inbound", Right),
        ("outbound", Right),
        ("denied", Right),
        ("bytes", Right),
        ("NIC", Left),
    ];
    section(
        text,
        "Network interfaces that reported",
        &summary.nics,
        &heading,
        &rows,
    );
}
