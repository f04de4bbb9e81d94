//! The summary as a page of text. Every figure says what it counts; it computes none itself.

use std::fmt::Write as _;

use model::{FlowState, LogFormat, RuleKind};

use super::filter::Filter;
use super::summary::Summary;
use super::summary_lists;
use crate::instant;
use crate::quantity::{bytes, counted, grouped, span};
use crate::reading::troubles::named;
use model::printable;

/// What no flow log holds: <https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-overview>
const BLIND_SPOTS: &str = "\
Not in any flow log
  ICMP (ping, traceroute); traffic of services that do not support flow logs; what a private endpoint
  sees; states and directions that a filter on the flow log leaves out. That something is not in the
  log does not prove that it did not happen.
";

/// Writes the summary.
pub(crate) fn page(summary: &Summary, filter: &Filter, top: usize) -> String {
    let mut text = String::from("Summary\n");
    facts(&mut text, summary, filter);
    if summary.matching.weight.tuples > 0 {
        summary_lists::write(&mut text, summary, top);
    }
    care(&mut text, summary);
    oddities(&mut text, summary);
    quarantine(&mut text, summary);
    if summary.counts.tuples_received > 0 {
        text.push('\n');
        text.push_str(BLIND_SPOTS);
    }
    text
}

fn fact(text: &mut String, name: &str, value: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "  {name:<10}  {value}");
}

fn facts(text: &mut String, summary: &Summary, filter: &Filter) {
    let (matching, counts, files) = (&summary.matching, &summary.counts, &summary.files);
    if let (Some(first), Some(last)) = (matching.first, matching.last) {
        let whole = matching.formats.first() == Some(&0);
        let [from, to] = [first, last].map(|time| instant::words(time, whole));
        fact(text, "time", &format!("{from} to {to} ({})", span(last - first)));
    }
    let mut read = format!("{}, {}", counted(files.read, "file"), bytes(files.source_bytes));
    if files.any_compressed {
        let _ = write!(read, " ({} uncompressed)", bytes(counts.bytes_read));
    }
    let _ = write!(read, ", {}", counted(counts.records, "record"));
    fact(text, "read", &read);
    for (count, what) in [
        (files.failed, "could not be read"),
        (files.unrecognised, "not a flow log"),
        (files.empty, "without records"),
    ] {
        if count > 0 {
            fact(text, "", &format!("{}: {what}", counted(count, "file")));
        }
    }
    fact(
        text,
        "tuples",
        &format!(
            "{} received = {} stored + {} quarantined",
            grouped(counts.tuples_received),
            grouped(counts.tuples_stored),
            grouped(counts.tuples_quarantined)
        ),
    );
    given_up(text, summary);
    if !filter.is_empty() {
        let shown = printable::text(&filter.text()).into_owned();
        let of = format!(
            "{} of {} stored",
            grouped(matching.weight.tuples),
            grouped(counts.tuples_stored)
        );
        fact(
            text,
            "matching",
            &format!("{of} ({shown}); the figures are about those"),
        );
    }
    if matching.weight.tuples > 0 {
        figures(text, summary);
    }
}

fn given_up(text: &mut String, summary: &Summary) {
    let counts = &summary.counts;
    let mut lost = Vec::new();
    if counts.bytes_given_up > 0 {
        lost.push(format!("{} that could not be used", bytes(counts.bytes_given_up)));
    }
    if counts.records_broken > 0 {
        lost.push(format!(
            "the rest of {}",
            counted(counts.records_broken, "broken record")
        ));
    }
    if counts.tuples_cut > 0 {
        let cut = counted(counts.tuples_cut, "tuple");
        lost.push(format!("{cut} of a record that was cut off, not counted above"));
    }
    if !lost.is_empty() {
        fact(text, "given up", &lost.join("; "));
    }
}

fn figures(text: &mut String, summary: &Summary) {
    let matching = &summary.matching;
    let weight = &matching.weight;
    fact(
        text,
        "decisions",
        &format!(
            "{} allowed, {} denied",
            grouped(weight.tuples - weight.denied),
            grouped(weight.denied)
        ),
    );
    let outbound = grouped(weight.tuples - matching.inbound);
    fact(
        text,
        "direction",
        &format!(
            "{} inbound, {outbound} outbound, as each NIC sees it",
            grouped(matching.inbound)
        ),
    );
    let words = ["begin", "continue", "end", "denied", "not logged"];
    let states: Vec<String> = words
        .iter()
        .zip(matching.states)
        .filter(|(_, count)| *count > 0)
        .map(|(word, count)| format!("{} {word}", grouped(count)))
        .collect();
    debug_assert_eq!(words.len(), FlowState::ALL.len() + 1);
    fact(text, "states", &states.join(", "));
    if weight.reported == 0 {
        fact(text, "volume", "not reported by any of these tuples");
    } else {
        let volume = &weight.volume;
        let way = |size, packets| format!("{} in {}", bytes(size), counted(packets, "packet"));
        let there = way(volume.bytes_sent, volume.packets_sent);
        fact(text, "volume", &format!("{there} from source to destination"));
        fact(
            text,
            "",
            &format!("{} back", way(volume.bytes_received, volume.packets_received)),
        );
        let twice = "each reporting NIC counted: a flow between two logged NICs is in here twice";
        fact(text, "", twice);
    }
    let (yes, no, unknown) = (
        matching.encrypted,
        matching.not_encrypted,
        matching.encryption_unknown,
    );
    if yes + no + unknown > 0 {
        let mut words = format!("{} encrypted, {} not", grouped(yes), grouped(no));
        if unknown > 0 {
            words.push_str(&format!(", {} unknown", grouped(unknown)));
        }
        fact(text, "encryption", &words);
    }
    flows(text, summary);
    let formats: Vec<String> = matching
        .formats_seen()
        .map(|(format, count)| format!("{} ({})", format_words(format), counted(count, "tuple")))
        .collect();
    fact(text, "format", &formats.join(", "));
}

/// How many flows the rows stand for that stand for several.
fn flows(text: &mut String, summary: &Summary) {
    let matching = &summary.matching;
    if matching.aggregated > 0 {
        let flows = format!(
            "{} begun or denied and {} ended, which {} of Traffic Analytics stand for",
            grouped(matching.flows_started),
            grouped(matching.flows_completed),
            counted(matching.aggregated, "row")
        );
        fact(text, "flows", &flows);
    }
}

const fn format_words(format: LogFormat) -> &'static str {
    match format {
        LogFormat::Vnet4 => "VNet flow log version 4",
        LogFormat::Nsg2 => "NSG flow log version 2",
        LogFormat::Nsg1 => "NSG flow log version 1",
        LogFormat::Ta3 => "Traffic Analytics (NTANetAnalytics)",
        LogFormat::Ta2 => "Traffic Analytics (AzureNetworkAnalytics_CL)",
        LogFormat::Flat => "flat record",
    }
}

/// What is easily misread.
fn care(text: &mut String, summary: &Summary) {
    let matching = &summary.matching;
    let unreported = matching.weight.tuples - matching.weight.reported;
    let mut lines = Vec::new();
    if matching.late_replies > 0 {
        lines.push(format!(
            "{}: likely late replies from a server's port to an ephemeral one, not connections to it",
            counted(matching.late_replies, "tuple")
        ));
    }
    if matching.aggregated > 0 {
        lines.push(format!(
            "{}: each stands for the flows of an interval; a count of rows is not one of flows",
            counted(matching.aggregated, "row")
        ));
    }
    if matching.platform > 0 {
        lines.push(format!(
            "{}: decided by the platform ({}), not by a rule of yours",
            counted(matching.platform, "tuple"),
            RuleKind::Platform
        ));
    }
    if unreported > 0 {
        let unreported = counted(unreported, "tuple");
        lines.push(format!(
            "{unreported}: counters not reported; they add nothing to the volume, which is not the same as 0"
        ));
    }
    if !lines.is_empty() {
        let _ = writeln!(text, "\nRead with care\n  {}", lines.join("\n  "));
    }
}

/// Names shown for a code.
const NAMES_MAX: usize = 5;

fn oddities(text: &mut String, summary: &Summary) {
    if summary.oddities.is_empty() {
        return;
    }
    text.push_str("\nOdd things seen (the data is kept)\n");
    for (code, count) in summary.oddities.iter() {
        let names: Vec<String> = summary
            .oddities
            .names(code)
            .take(NAMES_MAX)
            .map(|(name, count)| format!("`{}` {}", printable::text(name), grouped(count)))
            .collect();
        let names = if names.is_empty() {
            String::new()
        } else {
            format!(": {}", names.join(", "))
        };
        let _ = writeln!(text, "  {code}  {:>6}  {}{names}", grouped(count), code.title());
    }
}

/// Characters shown of a raw example.
const RAW_CHARACTERS_MAX: usize = 100;

fn quarantine(text: &mut String, summary: &Summary) {
    if summary.quarantined.is_empty() {
        return;
    }
    text.push_str("\nQuarantined\n");
    for (code, count) in summary.quarantined.iter() {
        let title = named(code, &summary.quarantined);
        let _ = writeln!(text, "  {code}  {:>6}  {title}", grouped(count));
        for example in summary.examples.get(&code).into_iter().flatten() {
            let _ = writeln!(
                text,
                "                  {} at byte {}: {}",
                printable::text(&example.source),
                example.offset,
                printable::bytes(&example.raw, RAW_CHARACTERS_MAX)
            );
        }
    }
}
