//! The report held against the truth: every sum in the table, and every planted incident.

use std::collections::BTreeMap;
use std::io::Write;

use sim::{Incident, IncidentKind, Sums, Truth};

use super::findings::{Asking, Finding, Kind};
use crate::quantity::{counted, grouped};

/// Sums by format, interface, rule, direction, state and decision: the finest the truth is kept in.
const SUMS: &str = "\
SELECT LogFormat, coalesce(replace(MacAddress, '-', ''), ''), coalesce(AclIdLogged, ''), coalesce(AclRuleLogged, ''),
       substr(FlowDirection, 1, 1), coalesce(FlowState, ''), FlowStatus,
       count(*), count(*) FILTER (WHERE BytesSrcToDest IS NULL),
       coalesce(sum(PacketsSrcToDest), 0), coalesce(sum(BytesSrcToDest), 0),
       coalesce(sum(PacketsDestToSrc), 0), coalesce(sum(BytesDestToSrc), 0)
FROM Flows GROUP BY 1, 2, 3, 4, 5, 6, 7";

/// Each flow once, while all interfaces are logged.
const ONCE: &str = "\
FlowsOnce
| where TimeGenerated >= FROM and TimeGenerated < BEFORE
| summarize Attempts = sum(Attempts), Denials = sum(Denials), Sent = sum(PacketsSrcToDest), SentBytes = sum(BytesSrcToDest),
    Received = sum(PacketsDestToSrc), ReceivedBytes = sum(BytesDestToSrc)";

/// What belongs together.
const SESSIONS: &str = "\
Sessions
| summarize Sessions = count(), Whole = countif(HasStart and HasEnd), Tuples = sum(Tuples), Sent = sum(PacketsSrcToDest),
    SentBytes = sum(BytesSrcToDest), Received = sum(PacketsDestToSrc), ReceivedBytes = sum(BytesDestToSrc)";

type Key = (String, String, String, String, String, String, bool);

/// Prints what was compared; true if everything agrees.
pub(super) async fn against(
    out: &mut Box<dyn Write>,
    asking: &Asking<'_>,
    truth: &Truth,
    logged_by_all_ms: (i64, i64),
    found: &[Finding],
) -> anyhow::Result<bool> {
    writeln!(out, "\nAgainst the truth")?;
    let sums = compare_sums(out, asking, truth).await?;
    let mut agreed = sums;
    agreed &= compare_views(out, asking, truth, logged_by_all_ms).await?;
    for incident in &truth.incidents {
        let (matches, words) = compare_incident(incident, found);
        agreed &= matches;
        writeln!(out, "  {} {words}", if matches { "ok   " } else { "WRONG" })?;
    }
    let extra = found
        .iter()
        .filter(|finding| !truth.incidents.iter().any(|incident| same(incident, finding)));
    for finding in extra {
        agreed = false;
        writeln!(
            out,
            "  WRONG {} from {} was never planted",
            finding.question.title, finding.source
        )?;
    }
    writeln!(
        out,
        "  {}",
        if agreed {
            "everything agrees"
        } else {
            "something differs: that is a mistake of ours"
        }
    )?;
    Ok(agreed)
}

async fn compare_sums(out: &mut Box<dyn Write>, asking: &Asking<'_>, truth: &Truth) -> anyhow::Result<bool> {
    let mut table: BTreeMap<Key, Sums> = BTreeMap::new();
    for row in asking.rows(SUMS).await? {
        if let [format, mac, acl, rule, direction, state, status, numbers @ ..] = row.as_slice() {
            let number = |index: usize| numbers.get(index).and_then(|text| text.parse().ok()).unwrap_or(0);
            let key = (
                format.clone(),
                mac.clone(),
                acl.clone(),
                rule.clone(),
                direction.clone(),
                state.clone(),
                status == "Allowed",
            );
            let sums = Sums {
                tuples: number(0),
                unreported: number(1),
                packets_sent: number(2),
                bytes_sent: number(3),
                packets_received: number(4),
                bytes_received: number(5),
            };
            table.insert(key, sums);
        }
    }
    let mut planted: BTreeMap<Key, Sums> = BTreeMap::new();
    for (key, sums) in &truth.rows {
        let state = key.state.map(String::from).unwrap_or_default();
        let format = match key.format {
            sim::LogFormat::Vnet4 => "vnet-4",
            sim::LogFormat::Nsg2 => "nsg-2",
            sim::LogFormat::Nsg1 => "nsg-1",
        };
        let key = (
            format.to_owned(),
            key.mac.to_uppercase(),
            key.acl_id.clone(),
            key.rule.clone(),
            key.direction.to_string(),
            state,
            key.allowed,
        );
        planted.entry(key).or_default().add(sums);
    }
    let differing = planted
        .iter()
        .filter(|(key, sums)| table.get(*key) != Some(*sums))
        .count()
        + table.keys().filter(|key| !planted.contains_key(*key)).count();
    let word = if differing == 0 { "ok   " } else { "WRONG" };
    writeln!(
        out,
        "  {word} {} sums of {} by format, interface, group, rule, direction, state and decision: {} differ",
        grouped(planted.len() as u64),
        counted(truth.total.tuples, "tuple"),
        grouped(differing as u64)
    )?;
    if let Some((key, sums)) = planted.iter().find(|(key, sums)| table.get(*key) != Some(*sums)) {
        writeln!(
            out,
            "        for example {key:?}: planted {sums:?}, table {:?}",
            table.get(key)
        )?;
    }
    Ok(differing == 0)
}

/// `FlowsOnce` and `Sessions` against what was written.
async fn compare_views(
    out: &mut Box<dyn Write>,
    asking: &Asking<'_>,
    truth: &Truth,
    logged_by_all_ms: (i64, i64),
) -> anyhow::Result<bool> {
    let moved = |sums: &Sums| {
        vec![
            sums.packets_sent,
            sums.bytes_sent,
            sums.packets_received,
            sums.bytes_received,
        ]
    };
    let (from, before) = logged_by_all_ms;
    let moment = |ms: i64| format!("unixtime_milliseconds_todatetime({ms})");
    let once = [vec![truth.attempts, truth.denials], moved(&truth.once)].concat();
    let sessions = vec![truth.sessions, truth.whole_sessions, truth.total.tuples];
    let mut agreed = true;
    for (name, query, columns, planted) in [
        (
            "FlowsOnce",
            ONCE.replace("FROM", &moment(from))
                .replace("BEFORE", &moment(before)),
            "attempts, denials, packets and bytes each way",
            once,
        ),
        (
            "Sessions",
            SESSIONS.to_owned(),
            "sessions, whole ones, tuples, packets and bytes each way",
            [sessions, moved(&truth.total)].concat(),
        ),
    ] {
        let found = asking.numbers(&query).await?;
        let matches = found == planted;
        agreed &= matches;
        let word = if matches { "ok   " } else { "WRONG" };
        let shown = |numbers: &[u64]| numbers.iter().map(|number| grouped(*number)).collect::<Vec<_>>();
        let found = shown(&found).join(" ");
        writeln!(out, "  {word} {name}, {columns}: {found}")?;
        if !matches {
            writeln!(out, "        planted {}", shown(&planted).join(" "))?;
        }
    }
    Ok(agreed)
}

fn kind_of(incident: &Incident) -> Kind {
    match incident.kind {
        IncidentKind::SshBruteForceDenied => Kind::SshDenied,
        IncidentKind::SshBruteForceAllowed => Kind::SshAllowed,
        IncidentKind::VerticalPortScan => Kind::PortScan,
        IncidentKind::HorizontalScan => Kind::HostScan,
        IncidentKind::Exfiltration => Kind::Exfiltration,
        IncidentKind::Beacon => Kind::Beacon,
        IncidentKind::DeniedDatabaseAccess => Kind::DatabaseDenied,
    }
}

fn same(incident: &Incident, finding: &Finding) -> bool {
    let mut targets = incident.targets.clone();
    targets.sort();
    finding.question.kind == kind_of(incident)
        && finding.source == incident.source
        && finding.targets == targets
}

/// What the finding should have counted.
fn expected(incident: &Incident) -> u64 {
    let direction = |letter: char| incident.directions.get(&letter).copied().unwrap_or_default();
    match incident.kind {
        IncidentKind::SshBruteForceDenied | IncidentKind::DeniedDatabaseAccess => incident
            .decided_by
            .iter()
            .filter(|decided| !decided.allowed)
            .map(|decided| decided.tuples)
            .sum(),
        IncidentKind::SshBruteForceAllowed => incident.states.get(&'B').copied().unwrap_or(0),
        IncidentKind::VerticalPortScan => incident.ports.len() as u64,
        IncidentKind::HorizontalScan => incident.targets.len() as u64,
        IncidentKind::Exfiltration => direction('O').bytes_sent,
        IncidentKind::Beacon => incident.attempts,
    }
}

fn compare_incident(incident: &Incident, found: &[Finding]) -> (bool, String) {
    let expected = expected(incident);
    match found.iter().find(|finding| same(incident, finding)) {
        // In the smallest world the scan meets two machines; the query asks for three, because less
        // cannot be told from the noise of the internet.
        None if incident.kind == IncidentKind::HorizontalScan && incident.targets.len() < 3 => (
            true,
            format!(
                "{}: too few machines to tell from noise, not looked for",
                incident.summary
            ),
        ),
        None => (false, format!("not found: {}", incident.summary)),
        Some(finding) => {
            let what = finding.question.amount;
            let port = incident.port.is_none_or(|port| finding.port == port.to_string());
            let rules = incident
                .decided_by
                .iter()
                .filter(|decided| finding.rule.contains(&decided.rule))
                .count();
            let matches = finding.amount == expected && port && rules > 0;
            let words = format!(
                "{}: {} {what}, planted {}",
                incident.summary,
                grouped(finding.amount),
                grouped(expected)
            );
            (matches, words)
        }
    }
}
