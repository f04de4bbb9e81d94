//! The report of the demo, in words.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

use ingest::Outcome;
use sim::Truth;

use super::Args;
use super::findings::{Asking, Finding, Kind};
use crate::quantity::{bytes, counted, grouped};
use crate::words::decision::group_name;
use model::printable;

type Out = Box<dyn Write>;

/// What was made and stored.
pub(super) fn header(
    out: &mut Out,
    args: &Args,
    truth: &Truth,
    outcome: &Outcome,
    folder: &Path,
) -> anyhow::Result<()> {
    writeln!(
        out,
        "A made-up company (seed {}): {} over {} hours",
        args.seed,
        counted(truth.nics.len() as u64, "machine"),
        args.hours
    )?;
    writeln!(
        out,
        "  logs    {} of {} in {}",
        counted(truth.blobs, "blob"),
        bytes(truth.bytes),
        folder.join("blobs").display()
    )?;
    let stored = if outcome.stored == 0 && outcome.unchanged > 0 {
        "nothing new since the last run".to_owned()
    } else {
        format!(
            "{} from {}",
            counted(outcome.stored, "tuple"),
            counted(outcome.records, "record")
        )
    };
    writeln!(
        out,
        "  table   {stored}, version {} in {}",
        outcome.version,
        folder.join("table").display()
    )?;
    Ok(())
}

/// The day at a glance.
pub(super) async fn overview(out: &mut Out, asking: &Asking<'_>) -> anyhow::Result<()> {
    let sql = "SELECT count(*), count(*) FILTER (WHERE FlowStatus = 'Denied'), min(TimeGenerated), \
               max(TimeGenerated), sum(BytesSrcToDest) + sum(BytesDestToSrc) FROM Flows";
    for row in asking.rows(sql).await? {
        if let [all, denied, first, last, volume] = row.as_slice() {
            let number = |text: &String| text.parse::<u64>().unwrap_or(0);
            writeln!(
                out,
                "  day     {first} to {last}: {} allowed, {} denied, {} both ways together",
                grouped(number(all) - number(denied)),
                grouped(number(denied)),
                bytes(number(volume))
            )?;
            writeln!(
                out,
                "          every reporting machine counted: a flow between two of them is in here twice"
            )?;
        }
    }
    let sql = "SELECT AclRuleLogged, FlowStatus, count(*) AS n FROM Flows GROUP BY AclRuleLogged, FlowStatus \
               ORDER BY n DESC, AclRuleLogged LIMIT 5";
    writeln!(out, "\nRules that decided most")?;
    for row in asking.rows(sql).await? {
        if let [rule, status, count] = row.as_slice() {
            let count = grouped(count.parse().unwrap_or(0));
            writeln!(
                out,
                "  {count:>9}  {:<8} {}",
                status.to_lowercase(),
                printable::text(rule)
            )?;
        }
    }
    let sql = "SELECT L7Protocol, DestPort, L4Protocol, count(*) AS n FROM Flows WHERE FlowStatus = 'Allowed' \
               GROUP BY L7Protocol, DestPort, L4Protocol ORDER BY n DESC, DestPort LIMIT 5";
    writeln!(
        out,
        "\nServices used most (allowed traffic; a guess from the port)"
    )?;
    for row in asking.rows(sql).await? {
        if let [service, port, protocol, count] = row.as_slice() {
            let count = grouped(count.parse().unwrap_or(0));
            writeln!(out, "  {count:>9}  {service} ({port}/{protocol})")?;
        }
    }
    Ok(())
}

/// Each finding in two or three lines.
pub(super) fn findings(
    out: &mut Out,
    found: &[Finding],
    names: &HashMap<String, String>,
    show_sql: Option<&str>,
) -> anyhow::Result<()> {
    writeln!(
        out,
        "\n{}, found by queries",
        counted(found.len() as u64, "finding")
    )?;
    let named = |address: &str| match names.get(address) {
        Some(name) => format!("{name} ({address})"),
        None => address.to_owned(),
    };
    for (number, finding) in (1..).zip(found) {
        let question = finding.question;
        writeln!(out, "\n  {number}. {}: {}", question.title, question.meaning)?;
        let port = if finding.port.is_empty() {
            String::new()
        } else {
            format!(", port {}", finding.port)
        };
        writeln!(
            out,
            "     {} -> {}{port}",
            named(&finding.source),
            targets(finding, &named)
        )?;
        let amount = match question.kind {
            Kind::Exfiltration => bytes(finding.amount),
            _ => grouped(finding.amount),
        };
        let what = match question.kind {
            Kind::Exfiltration => "sent",
            _ => question.amount,
        };
        writeln!(out, "     {amount} {what}, {} to {}", finding.first, finding.last)?;
        writeln!(out, "     decided by {}", decisions(&finding.decisions))?;
        if let Some(storage) = show_sql {
            question
                .sql(storage)
                .lines()
                .try_for_each(|line| writeln!(out, "       {line}"))?;
        }
    }
    Ok(())
}

/// Each rule with the group it stands in: a security group's id is a path, that of an admin
/// configuration is not.
fn decisions(logged: &str) -> String {
    let one = |decision: &str| {
        let Some((rule, group)) = decision.split_once(" of ") else {
            return printable::text(decision).into_owned();
        };
        let rule = printable::text(rule);
        match group_name(Some(group)) {
            Some(name) if group.contains('/') => format!("{rule} of {name}"),
            Some(name) => format!("{rule} of admin configuration {name}"),
            None => rule.into_owned(),
        }
    };
    logged.split(", ").map(one).collect::<Vec<_>>().join(", ")
}

fn targets(finding: &Finding, named: &impl Fn(&str) -> String) -> String {
    const SHOWN: usize = 3;
    let mut shown: Vec<String> = finding
        .targets
        .iter()
        .take(SHOWN)
        .map(|target| named(target))
        .collect();
    if finding.targets.len() > SHOWN {
        shown.push(format!("{} more", finding.targets.len() - SHOWN));
    }
    shown.join(", ")
}

/// What to try next.
pub(super) fn next_steps(out: &mut Out, folder: &Path) -> anyhow::Result<()> {
    let (blobs, table) = (folder.join("blobs"), folder.join("table"));
    writeln!(out, "\nLook around:")?;
    writeln!(out, "  flowglass read {} --denied --port 1433", blobs.display())?;
    for query in [
        "Flows | where FlowStatus == \"Denied\" | summarize n = count() by SrcIp, DestIp, DestPort | top 10 by n",
        "Flows | summarize count() by bin(TimeGenerated, 1h), FlowStatus | render timechart",
    ] {
        writeln!(out, "  flowglass query --table {} '{query}'", table.display())?;
    }
    writeln!(out, "  flowglass who 10.2.0.4 --table {}", table.display())?;
    writeln!(out, "  flowglass overview --table {}", table.display())?;
    writeln!(out, "  flowglass table stats --table {}", table.display())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_is_named_with_its_own_group() {
        let logged = "Block of cff6ea46-1f85-467f-a3f5-3827b7d95a44, Deny of /subscriptions/s/nsg-web, PlatformRule of unspecified";
        assert_eq!(
            decisions(logged),
            "Block of admin configuration cff6ea46-..., Deny of nsg-web, PlatformRule"
        );
    }
}
