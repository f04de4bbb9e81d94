//! `table stats` in words and as JSON.

use std::io::Write;

use table::{TableStats, day_text};

use super::{care, retain};
use crate::instant;
use crate::json_text::Json;
use crate::quantity::{bytes, counted, grouped, rounded};

fn per_row(bytes: u64, rows: u64) -> String {
    let hundredths = rounded(bytes.saturating_mul(100), rows.max(1));
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

pub(super) fn stats_text(out: &mut dyn Write, stats: &TableStats) -> std::io::Result<()> {
    let flows = counted(stats.rows, "row");
    writeln!(
        out,
        "Flows at version {}: {flows} in {}, {}",
        stats.version,
        counted(stats.files, "file"),
        bytes(stats.bytes)
    )?;
    if let Some((first, last)) = stats.times {
        writeln!(
            out,
            "  from {} to {} (UTC)",
            instant::iso(first),
            instant::iso(last)
        )?;
    }
    writeln!(
        out,
        "  {} bytes a row, provenance included",
        per_row(stats.bytes, stats.rows)
    )?;
    let ingest = &stats.ingest;
    writeln!(
        out,
        "  {} tuples received = {} stored + {} skipped + {} quarantined, from {} read in {}",
        grouped(ingest.received),
        grouped(ingest.stored),
        grouped(ingest.skipped),
        grouped(ingest.quarantined),
        bytes(ingest.bytes),
        counted(ingest.ranges, "range")
    )?;
    writeln!(out, "  positions of {}", counted(stats.sources, "source"))?;
    if let Some(retained) = stats.retained {
        writeln!(out, "  {}", retain::so_far(retained))?;
    }
    small_files(out, stats)?;
    writeln!(out, "\nday              rows         bytes")?;
    for (day, (rows, size)) in &stats.days {
        writeln!(
            out,
            "{}  {:>11}  {:>12}",
            day_text(*day),
            grouped(*rows),
            grouped(*size)
        )?;
    }
    writeln!(out, "\ncolumn                     bytes   a row")?;
    for (name, size) in &stats.columns {
        writeln!(
            out,
            "{name:<20}  {:>10}  {:>6}",
            grouped(*size),
            per_row(*size, stats.rows)
        )?;
    }
    Ok(())
}

/// What compaction would find to do.
fn small_files(out: &mut dyn Write, stats: &TableStats) -> std::io::Result<()> {
    let (files, size) = stats.small;
    let (before, after) = stats.compact.iter().fold((0, 0), |(before, after), fold| {
        (before + fold.files.0, after + fold.files.1)
    });
    if before == 0 {
        return Ok(());
    }
    writeln!(
        out,
        "  {} {} small ({}); `flowglass table compact` would make {} of {} of all tables",
        counted(files, "file"),
        if files == 1 { "is" } else { "are" },
        bytes(size),
        counted(after, "file"),
        grouped(before)
    )
}

pub(super) fn stats_json(stats: &TableStats) -> Json {
    let number = |value: u64| Json::from(value);
    let time = |value: Option<i64>| value.map_or(Json::Null, |micros| Json::text(instant::iso(micros)));
    let days = stats.days.iter().map(|(day, (rows, size))| {
        Json::Object(vec![
            ("day", Json::text(day_text(*day))),
            ("rows", number(*rows)),
            ("bytes", number(*size)),
        ])
    });
    let columns = stats.columns.iter().map(|(name, size)| {
        Json::Object(vec![
            ("column", Json::text(name.clone())),
            ("bytes", number(*size)),
        ])
    });
    let [retained_from, dropped_rows] = retain::so_far_json(stats.retained);
    Json::Object(vec![
        ("version", number(u64::try_from(stats.version).unwrap_or(0))),
        ("rows", number(stats.rows)),
        ("files", number(stats.files)),
        ("bytes", number(stats.bytes)),
        ("first", time(stats.times.map(|(first, _)| first))),
        ("last", time(stats.times.map(|(_, last)| last))),
        ("received", number(stats.ingest.received)),
        ("stored", number(stats.ingest.stored)),
        ("skipped", number(stats.ingest.skipped)),
        ("quarantined", number(stats.ingest.quarantined)),
        ("sources", number(stats.sources)),
        retained_from,
        dropped_rows,
        ("small_files", number(stats.small.0)),
        ("small_bytes", number(stats.small.1)),
        (
            "compact",
            Json::List(stats.compact.iter().map(care::fold_json).collect()),
        ),
        ("days", Json::List(days.collect())),
        ("columns", Json::List(columns.collect())),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_a_row_are_rounded() {
        for (bytes, rows, text) in [
            (0, 0, "0.00"),
            (182_579, 10_000, "18.26"),
            (1, 3, "0.33"),
            (2, 3, "0.67"),
        ] {
            assert_eq!(per_row(bytes, rows), text);
        }
    }
}
