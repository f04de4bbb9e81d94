//! Databases of addresses in words, and as JSON.

use model::facts::{AddressDatabase, FactSet};
use model::printable;

use crate::instant;
use crate::json_text::Json;
use crate::quantity::counted;

/// `2026-11-24`, when it was made.
pub(in crate::commands) fn day(database: &AddressDatabase) -> String {
    let days = i32::try_from(database.built / 86_400);
    days.map_or_else(|_| "an unknown day".to_owned(), instant::day)
}

/// `countries and autonomous systems`.
fn says(database: &AddressDatabase) -> &'static str {
    match (&database.country_at, &database.asn_at) {
        (Some(_), None) => "countries",
        (None, _) => "autonomous systems",
        (Some(_), Some(_)) => "countries and autonomous systems",
    }
}

/// What each database is, and what its makers ask for.
pub(super) fn lines(facts: &FactSet) -> Vec<String> {
    let databases = facts.databases.iter();
    let lines = databases.map(|database| {
        [
            format!(
                "{} of {}: {} of {}, {}",
                printable::text(&database.kind),
                day(database),
                says(database),
                counted(database.networks, "network"),
                if database.has_v6 { "IPv4 and IPv6" } else { "IPv4" }
            ),
            format!("  licence: {}", database.licence()),
        ]
    });
    lines.flatten().collect()
}

pub(super) fn json(facts: &FactSet) -> Json {
    let databases = facts.databases.iter().map(|database| {
        Json::Object(vec![
            ("kind", Json::text(&database.kind)),
            ("file", Json::text(&database.file)),
            ("built", Json::text(day(database))),
            ("description", Json::text(&database.description)),
            ("hash", Json::text(&database.hash)),
            ("bytes", database.bytes.into()),
            ("networks", database.networks.into()),
            ("hasIpv6", Json::Bool(database.has_v6)),
            ("hasCountry", Json::Bool(database.country_at.is_some())),
            ("hasAsn", Json::Bool(database.asn_at.is_some())),
            ("licence", Json::text(database.licence())),
        ])
    });
    Json::List(databases.collect())
}

/// A kind of database, and the days on which what was loaded of it was made.
pub(super) type DatabaseChange = (String, Option<String>, Option<String>);

/// The databases of which another edition is there, or none any more.
pub(super) fn changed(before: &FactSet, after: &FactSet) -> Vec<DatabaseChange> {
    let find = |facts: &FactSet, kind: &str| facts.databases.iter().find(|held| held.kind == kind).cloned();
    let all = before.databases.iter().chain(&after.databases);
    let mut kinds: Vec<String> = all.map(|database| database.kind.clone()).collect();
    kinds.sort();
    kinds.dedup();
    let changed = kinds.into_iter().filter_map(|kind| {
        let (old, new) = (find(before, &kind), find(after, &kind));
        let hash = |held: &Option<AddressDatabase>| held.as_ref().map(|held| held.hash.clone());
        (hash(&old) != hash(&new)).then(|| (kind, old.as_ref().map(day), new.as_ref().map(day)))
    });
    changed.collect()
}

pub(super) fn change_text((kind, before, after): &DatabaseChange) -> String {
    let kind = printable::text(kind);
    match (before, after) {
        (Some(before), Some(after)) => format!("~ database {kind}: of {before} -> of {after}"),
        (None, Some(after)) => format!("+ database {kind} of {after}"),
        _ => format!("- database {kind}"),
    }
}

pub(super) fn change_json((kind, before, after): &DatabaseChange) -> Json {
    Json::Object(vec![
        ("database", Json::text(kind)),
        ("before", before.as_deref().into()),
        ("after", after.as_deref().into()),
    ])
}
