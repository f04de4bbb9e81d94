//! The summary for programs: the same figures as the page, exact and with no words made of them.

use model::{FlowState, LogFormat, protocols};

use super::filter::Filter;
use super::summary::{Matching, RuleKey, ServiceKey, Summary, Weight};
use super::tally::{Tally, Weighs};
use crate::instant;
use crate::json_text::Json;
use crate::words::decision::{group_name, rule_name};
use crate::words::endpoint::{Service, kind, service};

/// The summary as one object.
pub(crate) fn object(summary: &Summary, filter: &Filter, top: usize) -> Json {
    let (matching, counts, files) = (&summary.matching, &summary.counts, &summary.files);
    let time = |micros: Option<i64>| micros.map_or(Json::Null, |micros| Json::text(instant::iso(micros)));
    let names = FlowState::ALL
        .iter()
        .map(|state| state.as_str())
        .chain(["NotLogged"]);
    let states = names
        .zip(matching.states)
        .map(|(name, count)| (name, count.into()))
        .collect();
    let formats = LogFormat::ALL.iter().map(|format| format.as_str());
    let weight = &matching.weight;
    Json::Object(vec![
        (
            "files",
            Json::Object(vec![
                ("read", files.read.into()),
                ("failed", files.failed.into()),
                ("unrecognised", files.unrecognised.into()),
                ("empty", files.empty.into()),
                ("bytes", files.source_bytes.into()),
            ]),
        ),
        ("records", counts.records.into()),
        ("records_broken", counts.records_broken.into()),
        ("bytes_read", counts.bytes_read.into()),
        ("bytes_given_up", counts.bytes_given_up.into()),
        ("tuples_received", counts.tuples_received.into()),
        ("tuples_stored", counts.tuples_stored.into()),
        ("tuples_quarantined", counts.tuples_quarantined.into()),
        ("tuples_cut", counts.tuples_cut.into()),
        ("filter", Json::text(filter.text())),
        ("matching", weight.tuples.into()),
        ("first", time(matching.first)),
        ("last", time(matching.last)),
        ("allowed", (weight.tuples - weight.denied).into()),
        ("denied", weight.denied.into()),
        ("inbound", matching.inbound.into()),
        ("outbound", (weight.tuples - matching.inbound).into()),
        ("states", Json::Object(states)),
        (
            "formats",
            Json::Object(
                formats
                    .zip(matching.formats)
                    .map(|(name, count)| (name, count.into()))
                    .collect(),
            ),
        ),
        ("aggregated", aggregated(matching)),
        ("volume", volume(weight)),
        ("volume_counts", Json::text("each reporting interface")),
        ("counters_not_reported", (weight.tuples - weight.reported).into()),
        ("encrypted", matching.encrypted.into()),
        ("not_encrypted", matching.not_encrypted.into()),
        ("encryption_unknown", matching.encryption_unknown.into()),
        ("late_replies", matching.late_replies.into()),
        ("platform", matching.platform.into()),
        ("rules", rules(summary, top)),
        ("denied_pairs", denied(summary, top)),
        ("talkers", talkers(summary, top)),
        ("services", services(summary, top)),
        ("interfaces", nics(summary, top)),
        ("odd", codes(&summary.oddities)),
        ("quarantined", codes(&summary.quarantined)),
    ])
}

/// Rows that stand for several flows, and for how many. Null where there are none: tuples do not say how
/// many flows there were.
fn aggregated(matching: &Matching) -> Json {
    if matching.aggregated == 0 {
        return Json::Null;
    }
    Json::Object(vec![
        ("rows", matching.aggregated.into()),
        ("StartedFlows", matching.flows_started.into()),
        ("CompletedFlows", matching.flows_completed.into()),
    ])
}

/// Null where no tuple reported any counter, which is not 0.
fn volume(weight: &Weight) -> Json {
    let sum = |sum: u64| {
        if weight.reported == 0 {
            Json::Null
        } else {
            sum.into()
        }
    };
    Json::Object(vec![
        ("PacketsSrcToDest", sum(weight.volume.packets_sent)),
        ("BytesSrcToDest", sum(weight.volume.bytes_sent)),
        ("PacketsDestToSrc", sum(weight.volume.packets_received)),
        ("BytesDestToSrc", sum(weight.volume.bytes_received)),
    ])
}

/// How many keys there were, null where that is not known; tuples of those that were forgotten, without
/// which every figure is exact and with which each is a lower bound; and those that weigh most.
fn list<K: Copy + Eq + std::hash::Hash + Ord, V: Weighs>(tally: &Tally<K, V>, rows: Vec<Json>) -> Json {
    Json::Object(vec![
        ("distinct", tally.distinct().map_or(Json::Null, Json::from)),
        ("tuples_forgotten", tally.forgotten.into()),
        ("top", Json::List(rows)),
    ])
}

fn rule_fields(summary: &Summary, key: RuleKey) -> Vec<(&'static str, Json)> {
    let group = group_name(summary.names.text(key.acl));
    vec![
        (
            "rule",
            Json::from(rule_name(key.kind, summary.names.text(key.rule))),
        ),
        ("kind", Json::text(key.kind.as_str())),
        ("group", Json::from(group.as_deref())),
        ("AclIdLogged", Json::from(summary.names.text(key.acl))),
    ]
}

fn rules(summary: &Summary, top: usize) -> Json {
    let row = |(key, weight): (RuleKey, &Weight)| {
        let mut fields = rule_fields(summary, key);
        fields.push(("status", Json::text(key.status.as_str())));
        fields.push(("tuples", weight.tuples.into()));
        fields.push(("volume", volume(weight)));
        Json::Object(fields)
    };
    list(
        &summary.rules,
        summary.rules.top(top).into_iter().map(row).collect(),
    )
}

fn protocol(number: u8) -> Json {
    Json::text(protocols::protocol_keyword(number).map_or_else(|| number.to_string(), str::to_owned))
}

fn service_name(port: u16, protocol: u8) -> Json {
    match service(0, port, Some(protocol)) {
        Service::Named(label) => Json::text(label),
        Service::Nameless | Service::LateReply(_) => Json::Null,
    }
}

fn denied(summary: &Summary, top: usize) -> Json {
    let address = |ip: Option<std::net::IpAddr>| ip.map_or(Json::Null, |ip| Json::text(ip.to_string()));
    let top = summary.denied.top(top);
    let rows = top.into_iter().map(|(pair, denials)| {
        let mut fields = vec![
            ("SrcIp", address(pair.source)),
            ("DestIp", address(pair.destination)),
            ("DestPort", u64::from(pair.port).into()),
            ("L4Protocol", protocol(pair.protocol)),
            ("service", service_name(pair.port, pair.protocol)),
            ("tuples", denials.tuples.into()),
        ];
        fields.extend(
            denials
                .rule
                .into_iter()
                .flat_map(|rule| rule_fields(summary, rule)),
        );
        fields.push(("late_replies", denials.late_replies.into()));
        fields.push(("more_rules", Json::Bool(denials.more_rules)));
        Json::Object(fields)
    });
    list(&summary.denied, rows.collect())
}

fn talkers(summary: &Summary, top: usize) -> Json {
    let top = summary.talkers.top(top);
    let rows = top.into_iter().map(|(ip, talker)| {
        Json::Object(vec![
            ("address", Json::text(ip.to_string())),
            ("class", Json::text(kind(Some(ip)))),
            ("bytes_sent", talker.bytes_out.into()),
            ("bytes_received", talker.bytes_in.into()),
            ("tuples", talker.tuples.into()),
        ])
    });
    list(&summary.talkers, rows.collect())
}

fn services(summary: &Summary, top: usize) -> Json {
    let top = summary.services.top(top);
    let rows = top.into_iter().map(|(key, weight)| {
        let (late, port, number) = match key {
            ServiceKey::Port { protocol, port } => (false, port, protocol),
            ServiceKey::LateReplies { protocol, port } => (true, port, protocol),
        };
        Json::Object(vec![
            ("port", u64::from(port).into()),
            ("L4Protocol", protocol(number)),
            ("service", service_name(port, number)),
            ("late_replies", Json::Bool(late)),
            ("tuples", weight.tuples.into()),
            ("denied", weight.denied.into()),
            ("volume", volume(weight)),
        ])
    });
    list(&summary.services, rows.collect())
}

fn nics(summary: &Summary, top: usize) -> Json {
    let rows = summary.nics.top(top).into_iter().map(|(mac, nic)| {
        Json::Object(vec![
            ("MacAddress", Json::from(summary.names.text(mac))),
            ("tuples", nic.weight.tuples.into()),
            ("inbound", nic.inbound.into()),
            ("outbound", nic.outbound.into()),
            ("denied", nic.weight.denied.into()),
            ("volume", volume(&nic.weight)),
        ])
    });
    list(&summary.nics, rows.collect())
}

fn codes(tally: &formats::Tally) -> Json {
    let rows = tally.iter().map(|(code, count)| {
        let names = tally
            .names(code)
            .map(|(name, count)| Json::Object(vec![("name", Json::text(name)), ("count", count.into())]));
        Json::Object(vec![
            ("code", Json::text(code.to_string())),
            ("title", Json::text(code.title())),
            ("count", count.into()),
            ("names", Json::List(names.collect())),
        ])
    });
    Json::List(rows.collect())
}
