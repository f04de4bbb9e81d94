//! The report for people: as text, and as Markdown.

use std::io::{self, Write};

use model::printable;

use super::report::Report;
use crate::instant;
use crate::quantity::counted;

/// A rule's name is cut behind so many letters, for the columns behind it.
const NAME_MAX: usize = 44;

fn times(report: &Report) -> Option<String> {
    let (from, before) = report.times?;
    let (from, before) = (instant::words(from, true), instant::words(before, true));
    let lines = counted(report.lines, "line");
    Some(format!("{lines} of flow logs, {from} to {before}"))
}

/// As text, each list by itself.
pub(super) fn text(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    if let Some(times) = times(report) {
        writeln!(out, "{times}\n")?;
    }
    for (at, list) in report.lists.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}", printable::text(&report.title(list)))?;
        for reason in &list.unknown {
            writeln!(out, "  {}", printable::text(reason))?;
        }
        let heads = report.heads().into_iter().map(str::to_owned).collect();
        let rows = (0..list.rules.len()).map(|at| report.cells(list, at));
        let rows: Vec<Vec<String>> = std::iter::once(heads).chain(rows).map(shown).collect();
        columns(out, &rows)?;
    }
    Ok(())
}

/// Cells that are safe to print.
fn shown(cells: Vec<String>) -> Vec<String> {
    let last = cells.len().saturating_sub(1);
    let cells = cells.into_iter().enumerate();
    cells
        .map(|(at, cell)| {
            let cell = printable::text(&cell).into_owned();
            match at < last && cell.chars().count() > NAME_MAX {
                true => cell.chars().take(NAME_MAX - 1).chain(['…']).collect(),
                false => cell,
            }
        })
        .collect()
}

/// Numbers keep to the right, the last column is as long as it is.
fn columns(out: &mut dyn Write, rows: &[Vec<String>]) -> io::Result<()> {
    const RIGHT: [usize; 2] = [1, 4];
    let count = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |at: usize| {
        let cells = rows.iter().filter_map(|row| row.get(at));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..count).map(width).collect();
    let has_hits = count > 5;
    for row in rows {
        let mut line = String::from(" ");
        for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let padding = width.saturating_sub(cell.chars().count());
            let is_right = RIGHT.contains(&at) && (at != 4 || has_hits);
            let (before, after) = if is_right { (padding, 0) } else { (0, padding) };
            line.push(' ');
            line.extend(std::iter::repeat_n(' ', before));
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', after));
            line.push(' ');
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// As Markdown: what is found first, then all rules.
pub(super) fn markdown(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    writeln!(out, "## Rules\n")?;
    if let Some(times) = times(report) {
        writeln!(out, "{}\n", sentence(&times))?;
    }
    for list in &report.lists {
        writeln!(out, "### {}\n", cell(&report.title(list)))?;
        for reason in &list.unknown {
            writeln!(out, "- {}", cell(reason))?;
        }
        let heads = report.heads();
        writeln!(out, "| {} |", heads.join(" | "))?;
        writeln!(out, "|{}", "---|".repeat(heads.len()))?;
        for at in 0..list.rules.len() {
            let cells: Vec<String> = report.cells(list, at).iter().map(|text| cell(text)).collect();
            writeln!(out, "| {} |", cells.join(" | "))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

/// A text that cannot end its cell or begin anything else.
fn cell(text: &str) -> String {
    let mut safe = String::new();
    for letter in printable::text(text).chars() {
        if "\\|`*_<>[]#".contains(letter) {
            safe.push('\\');
        }
        safe.push(letter);
    }
    safe
}
