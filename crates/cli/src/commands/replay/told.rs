//! The report in words: on the terminal, and as Markdown for a pull request.

use std::io::{self, Write};

use model::printable;
use why::replay::Impact;

use super::report::Report;
use super::sections::{Section, sections};
use crate::instant::words;
use crate::quantity::{counted, grouped};

/// The verdict, in a sentence.
fn verdict(report: &Report) -> String {
    if report.lines == 0 {
        return "Nothing was recorded in these times: what the rules would do is not known.".to_owned();
    }
    let line = |impact| counted(report.lines_of(impact), "recorded line");
    let doubtful = (report.doubtful() > 0).then(|| {
        format!(
            "{} let through, which the rules that are known deny already, where what decides would change",
            counted(report.doubtful(), "recorded line")
        )
    });
    let mut parts = Vec::new();
    match (report.has(Impact::NewlyDenied), &doubtful) {
        (true, _) => parts.push(format!(
            "This breaks what was recorded: {} newly denied",
            line(Impact::NewlyDenied)
        )),
        (false, Some(doubtful)) => parts.push(format!("This may break what was recorded: {doubtful}")),
        (false, None) if report.has(Impact::Indeterminate) => {
            parts.push("Nothing that was recorded is known to break".to_owned());
        }
        (false, None) => parts.push("Nothing that was recorded breaks".to_owned()),
    }
    if let (true, Some(doubtful)) = (report.has(Impact::NewlyDenied), doubtful) {
        parts.push(format!("more may break: {doubtful}"));
    }
    if report.has(Impact::NewlyPermitted) {
        parts.push(format!("{} newly permitted", line(Impact::NewlyPermitted)));
    }
    if report.has(Impact::Indeterminate) {
        parts.push(format!("of {} it is not known", line(Impact::Indeterminate)));
    }
    if !report.problems.is_empty() {
        parts.push(format!(
            "{} with the rules",
            counted(report.problems.len() as u64, "problem")
        ));
    }
    format!("{}.", parts.join("; "))
}

fn times(report: &Report) -> String {
    let times = report
        .times
        .map(|(from, before)| format!(", {} to {}", words(from, true), words(before, true)));
    format!("{}{}", counted(report.lines, "line"), times.unwrap_or_default())
}

fn more(section: &Section) -> Option<String> {
    (section.more > 0).then(|| format!("{} more; `--most` shows them", grouped(section.more as u64)))
}

/// On the terminal.
pub(super) fn text(out: &mut dyn Write, report: &Report, most: usize) -> io::Result<()> {
    writeln!(out, "{}\n{}", verdict(report), times(report))?;
    for section in sections(report, most) {
        writeln!(out, "\n{}", section.title)?;
        let rows: Vec<Vec<String>> = section
            .rows
            .iter()
            .map(|row| {
                row.iter()
                    .map(|cell| printable::text(cell).into_owned())
                    .collect()
            })
            .collect();
        let heads: Vec<String> = section.heads.iter().map(|head| (*head).to_owned()).collect();
        let widths: Vec<usize> = (0..heads.len())
            .map(|at| {
                let cells = rows.iter().chain([&heads]).filter_map(|row| row.get(at));
                cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
            })
            .collect();
        let has_heads = heads.iter().any(|head| head.len() > 4);
        for row in has_heads.then_some(&heads).into_iter().chain(&rows) {
            let cells: Vec<String> = row
                .iter()
                .zip(&widths)
                .map(|(cell, width)| match is_number(cell) {
                    true => format!("{cell:>width$}"),
                    false => format!("{cell:<width$}"),
                })
                .collect();
            writeln!(out, "  {}", cells.join("  ").trim_end())?;
        }
        for line in more(&section).into_iter().chain(section.note) {
            writeln!(out, "  {line}")?;
        }
    }
    Ok(())
}

/// Digits keep to the right, with their units.
fn is_number(cell: &str) -> bool {
    cell.starts_with(|letter: char| letter.is_ascii_digit())
        && cell
            .chars()
            .all(|letter| letter.is_ascii_digit() || ",. kMGTPB".contains(letter))
}

/// For a pull request: the verdict, then tables.
pub(super) fn markdown(out: &mut dyn Write, report: &Report, most: usize) -> io::Result<()> {
    writeln!(out, "**{}**\n\n{}", verdict(report), times(report))?;
    for section in sections(report, most) {
        writeln!(out, "\n### {}\n", section.title)?;
        if !section.rows.is_empty() {
            let heads: Vec<String> = section.heads.iter().map(|head| cell(head)).collect();
            writeln!(out, "| {} |", heads.join(" | "))?;
            writeln!(out, "|{}", " --- |".repeat(heads.len()))?;
            for row in &section.rows {
                let cells: Vec<String> = row.iter().map(|text| cell(text)).collect();
                writeln!(out, "| {} |", cells.join(" | "))?;
            }
        }
        for line in more(&section).into_iter().chain(section.note) {
            writeln!(out, "\n{line}")?;
        }
    }
    Ok(())
}

/// What stands in a cell cannot end it, begin a link or be markup.
fn cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    for letter in printable::text(text).chars() {
        if "|\\`*_<[]&~".contains(letter) {
            cell.push('\\');
        }
        cell.push(letter);
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_cannot_leave_its_table() {
        assert_eq!(cell("a|b\n`c` <img>"), "a\\|b\\\\u{a}\\`c\\` \\<img>");
        assert_eq!(cell("nsg-web/AllowHttps"), "nsg-web/AllowHttps");
    }

    #[test]
    fn numbers_are_known() {
        for number in ["0", "1,234", "16.9 kB", "999 B"] {
            assert!(is_number(number), "{number}");
        }
        for text in ["", "10.0.0.4 -> 10.0.0.5", "-"] {
            assert!(!is_number(text), "{text}");
        }
    }
}
