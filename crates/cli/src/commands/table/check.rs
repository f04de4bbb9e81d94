//! `table check` in words and as JSON.

use std::io::Write;

use table::CheckReport;

use super::retain;
use crate::json_text::Json;
use crate::quantity::{bytes, counted};
use model::printable;

/// Orphans that are named; of the rest the number is told.
const ORPHANS_NAMED: usize = 10;

pub(super) fn check_text(out: &mut dyn Write, report: &CheckReport) -> std::io::Result<()> {
    let seen = format!(
        "{}, {}",
        counted(report.files, "file"),
        counted(report.rows, "row")
    );
    if report.problems.is_empty() {
        let word = if report.deep {
            "whole"
        } else {
            "nothing wrong found"
        };
        writeln!(out, "{word}: version {}, {seen}", report.version)?;
    } else {
        writeln!(
            out,
            "damaged: version {}, {seen}; {}:",
            report.version,
            counted(report.problems.len() as u64, "problem")
        )?;
        for problem in &report.problems {
            writeln!(out, "  {}", printable::text(problem))?;
        }
    }
    beside(out, report)?;
    if let Some(retained) = report.retained {
        writeln!(
            out,
            "{}, which the sums were compared with",
            retain::so_far(retained)
        )?;
    }
    looked_at(out, report)?;
    if report.superseded.0 > 0 {
        let how = match report.retained {
            Some(_) => "dropped, or replaced by larger ones",
            None => "replaced by larger ones",
        };
        writeln!(
            out,
            "{} ({}) {how}, kept for earlier versions until `table vacuum`",
            counted(report.superseded.0, "file"),
            bytes(report.superseded.1)
        )?;
    }
    if report.rollups_unneeded.0 > 0 {
        writeln!(
            out,
            "{} ({}) of earlier sums by the hour: `table rollup` removes those older than an hour",
            counted(report.rollups_unneeded.0, "file"),
            bytes(report.rollups_unneeded.1)
        )?;
    }
    orphans_text(out, report)
}

/// What stands beside the data.
fn beside(out: &mut dyn Write, report: &CheckReport) -> std::io::Result<()> {
    let mut beside = Vec::new();
    if report.facts > 0 {
        beside.push(format!("{} of facts", counted(report.facts, "file")));
    }
    if report.rollups.0 > 0 {
        let (files, size) = report.rollups;
        beside.push(format!(
            "{} ({}) of sums by the hour",
            counted(files, "file"),
            bytes(size)
        ));
    }
    match beside.is_empty() {
        true => Ok(()),
        false => writeln!(out, "beside it: {}", beside.join(", ")),
    }
}

/// What the check looked at, so that its answer is not taken for more than it is.
fn looked_at(out: &mut dyn Write, report: &CheckReport) -> std::io::Result<()> {
    if !report.deep {
        writeln!(
            out,
            "looked at: size and footer of every data file, every position file, the sums of `IngestLog`,"
        )?;
        writeln!(out, "  every file of facts, sizes of what is kept by the hour")?;
        return writeln!(out, "not looked at: the data itself; `--deep` reads all of it");
    }
    writeln!(
        out,
        "looked at: all {} of data, value by value: statistics, days, every row there once,",
        bytes(report.bytes)
    )?;
    writeln!(
        out,
        "  rows of every source as `IngestLog` says, every position file, every file of facts,"
    )?;
    writeln!(out, "  bytes of what is kept by the hour")?;
    let unsummed = report.files.saturating_sub(report.files_summed);
    if unsummed == 0 {
        return writeln!(out, "  every byte as it was written, by SHA-256");
    }
    writeln!(
        out,
        "not looked at: single bytes of {}, from before checksums; a damaged value may look like a whole one",
        counted(unsummed, "file")
    )
}

fn orphans_text(out: &mut dyn Write, report: &CheckReport) -> std::io::Result<()> {
    if report.orphans.is_empty() {
        return Ok(());
    }
    let size = report.orphans.iter().map(|orphan| orphan.bytes).sum();
    writeln!(
        out,
        "{} ({}) left by writers that were interrupted; queries pass over them:",
        counted(report.orphans.len() as u64, "file"),
        bytes(size)
    )?;
    for orphan in report.orphans.iter().take(ORPHANS_NAMED) {
        let path = printable::text(&orphan.path);
        writeln!(out, "  {path}, {}", bytes(orphan.bytes))?;
    }
    match report.orphans.len().saturating_sub(ORPHANS_NAMED) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more; `--format json` names all"),
    }
}

pub(super) fn check_json(report: &CheckReport) -> Json {
    let problems = report.problems.iter().map(|problem| Json::text(problem.clone()));
    let orphans = report.orphans.iter().map(|orphan| {
        Json::Object(vec![
            ("path", Json::text(orphan.path.clone())),
            ("bytes", Json::from(orphan.bytes)),
        ])
    });
    let [retained_from, dropped_rows] = retain::so_far_json(report.retained);
    Json::Object(vec![
        ("version", Json::from(u64::try_from(report.version).unwrap_or(0))),
        ("deep", Json::Bool(report.deep)),
        ("files", Json::from(report.files)),
        ("files_summed", Json::from(report.files_summed)),
        ("bytes", Json::from(report.bytes)),
        ("rows", Json::from(report.rows)),
        retained_from,
        dropped_rows,
        ("superseded_files", Json::from(report.superseded.0)),
        ("superseded_bytes", Json::from(report.superseded.1)),
        ("facts_files", Json::from(report.facts)),
        ("rollup_files", Json::from(report.rollups.0)),
        ("rollup_bytes", Json::from(report.rollups.1)),
        ("rollup_unneeded_files", Json::from(report.rollups_unneeded.0)),
        ("rollup_unneeded_bytes", Json::from(report.rollups_unneeded.1)),
        ("problems", Json::List(problems.collect())),
        ("orphans", Json::List(orphans.collect())),
    ])
}
