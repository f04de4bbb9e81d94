//! Query results for people: cells as text, in columns.
//!
//! Numbers keep to the right, text is made safe to print, a missing value is shown as `-`. It reads
//! Arrow and knows no column by name.

use std::io::{self, Write};

use arrow_array::{Array, RecordBatch};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{ArrowError, DataType, Schema};

use model::printable;

/// How times are printed: UTC, with `Z`.
const TIME: &str = "%Y-%m-%dT%H:%M:%S%.fZ";

/// Cells that are longer lose their middle: what is whole is asked for as JSON or CSV.
const CELL_CHARACTERS_MAX: usize = 60;

/// A table of text.
#[derive(Debug, Default)]
pub(crate) struct Cells {
    heads: Vec<String>,
    right: Vec<bool>,
    rows: Vec<Vec<String>>,
    /// What `EXPLAIN` answers.
    is_plan: bool,
    shortened: u64,
}

/// The columns of what `EXPLAIN` answers.
const PLAN: [&str; 2] = ["plan_type", "plan"];

/// The options by which every face prints values.
pub(crate) fn options<'o>() -> FormatOptions<'o> {
    FormatOptions::default()
        .with_timestamp_tz_format(Some(TIME))
        .with_timestamp_format(Some(TIME))
}

/// The word for a number without end, where Arrow writes `inf`: the one that JSON has.
pub(crate) fn infinite(text: &str) -> Option<&'static str> {
    match text {
        "inf" => Some("Infinity"),
        "-inf" => Some("-Infinity"),
        _ => None,
    }
}

impl Cells {
    pub(crate) fn new(schema: &Schema) -> Self {
        let mut shortened = 0;
        let heads = schema
            .fields()
            .iter()
            .map(|field| cut(printable::text(field.name()).into_owned(), &mut shortened))
            .collect();
        let right = schema
            .fields()
            .iter()
            .map(|field| is_number(field.data_type()))
            .collect();
        Self {
            heads,
            right,
            rows: Vec::new(),
            is_plan: schema.fields().iter().map(|field| field.name()).eq(PLAN),
            shortened,
        }
    }

    /// Cells that are not shown whole.
    pub(crate) const fn shortened(&self) -> u64 {
        self.shortened
    }

    /// Adds rows.
    pub(crate) fn add(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        let options = options();
        let formatters = batch
            .columns()
            .iter()
            .map(|column| ArrayFormatter::try_new(column.as_ref(), &options))
            .collect::<Result<Vec<_>, _>>()?;
        for row in 0..batch.num_rows() {
            let cells = formatters.iter().zip(batch.columns()).map(|(formatter, column)| {
                if column.is_null(row) {
                    return "-".to_owned();
                }
                let text = formatter.value(row).to_string();
                match infinite(&text).filter(|_| column.data_type().is_floating()) {
                    Some(word) => word.to_owned(),
                    None => text,
                }
            });
            if self.is_plan {
                self.plan(&cells.collect::<Vec<_>>());
            } else {
                let cells = cells.map(|text| cut(printable::text(&text).into_owned(), &mut self.shortened));
                self.rows.push(cells.collect());
            }
        }
        Ok(())
    }

    /// A plan keeps its lines, each a row of its own, and is not cut: its end says what is read.
    fn plan(&mut self, cells: &[String]) {
        let height = cells.iter().map(|cell| cell.lines().count()).max().unwrap_or(0);
        for line in 0..height {
            let cells = cells
                .iter()
                .map(|cell| cell.lines().nth(line).unwrap_or_default());
            self.rows
                .push(cells.map(|cell| printable::text(cell).into_owned()).collect());
        }
    }

    /// Writes heads, a line, and the rows.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let width = |index: usize, head: &str| {
            let cells = self
                .rows
                .iter()
                .filter_map(|row| row.get(index))
                .map(|cell| cell.chars().count());
            cells.max().unwrap_or(0).max(head.chars().count())
        };
        let widths: Vec<usize> = self
            .heads
            .iter()
            .enumerate()
            .map(|(index, head)| width(index, head))
            .collect();
        self.line(out, &self.heads, &widths)?;
        let rule = |width: &usize| "-".repeat((*width).min(CELL_CHARACTERS_MAX));
        let rule: Vec<String> = widths.iter().map(rule).collect();
        self.line(out, &rule, &widths)?;
        self.rows.iter().try_for_each(|row| self.line(out, row, &widths))
    }

    fn line(&self, out: &mut dyn Write, cells: &[String], widths: &[usize]) -> io::Result<()> {
        let mut line = String::new();
        for ((cell, width), right) in cells.iter().zip(widths).zip(&self.right) {
            if !line.is_empty() {
                line.push_str("  ");
            }
            let pad = " ".repeat(width.saturating_sub(cell.chars().count()));
            if *right {
                line.push_str(&pad);
                line.push_str(cell);
            } else {
                line.push_str(cell);
                line.push_str(&pad);
            }
        }
        writeln!(out, "{}", line.trim_end())
    }
}

/// Counts the cells that lose their middle.
fn cut(text: String, shortened: &mut u64) -> String {
    match printable::shortened(&text, CELL_CHARACTERS_MAX) {
        None => text,
        Some(short) => {
            *shortened += 1;
            short
        }
    }
}

fn is_number(data_type: &DataType) -> bool {
    data_type.is_numeric()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use arrow_array::{Int64Array, StringArray, TimestampMicrosecondArray};

    #[test]
    fn columns_line_up_and_text_is_safe() {
        let batch = RecordBatch::try_from_iter([
            (
                "Name",
                Arc::new(StringArray::from(vec![Some("a\u{1b}[2J"), None])) as Arc<dyn Array>,
            ),
            ("Count", Arc::new(Int64Array::from(vec![7, 1234]))),
            (
                "When",
                Arc::new(TimestampMicrosecondArray::from(vec![0, 1_500_000]).with_timezone("UTC")),
            ),
        ])
        .unwrap();
        let mut cells = Cells::new(&batch.schema());
        cells.add(&batch).unwrap();
        let mut out = Vec::new();
        cells.write(&mut out).unwrap();
        let expected = "\
Name           Count  When
-----------    -----  ----------------------
a\\u{1b}[2J        7  1970-01-01T00:00:00Z
-               1234  1970-01-01T00:00:01.500Z
";
        let got = String::from_utf8(out).unwrap();
        assert_eq!(got.lines().count(), expected.lines().count(), "{got}");
        assert!(got.contains("a\\u{1b}[2J      7  1970-01-01T00:00:00Z"), "{got}");
        assert!(
            got.contains("-            1234  1970-01-01T00:00:01.500Z"),
            "{got}"
        );
    }

    #[test]
    fn what_has_no_end_is_a_word() {
        let reals = arrow_array::Float64Array::from(vec![f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1.5]);
        let texts = StringArray::from(vec!["inf", "-inf", "NaN", "1.5"]);
        let batch =
            RecordBatch::try_from_iter([("r", Arc::new(reals) as Arc<dyn Array>), ("s", Arc::new(texts))])
                .unwrap();
        let mut cells = Cells::new(&batch.schema());
        cells.add(&batch).unwrap();
        let rows = [
            ["Infinity", "inf"],
            ["-Infinity", "-inf"],
            ["NaN", "NaN"],
            ["1.5", "1.5"],
        ];
        assert_eq!(cells.rows, rows);
    }

    fn written(columns: [(&str, &str); 2]) -> String {
        let column = |text: &str| Arc::new(StringArray::from(vec![text])) as Arc<dyn Array>;
        let batch = RecordBatch::try_from_iter(columns.map(|(name, text)| (name, column(text)))).unwrap();
        let mut cells = Cells::new(&batch.schema());
        cells.add(&batch).unwrap();
        let mut out = Vec::new();
        cells.write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn long_cells_are_cut_and_plans_are_not() {
        let long = "x".repeat(100);
        let plan = format!("Sort\n  Scan {long}\u{1b}\n");
        let got = written([("plan_type", "logical"), ("plan", &plan)]);
        let expected = format!(
            "plan_type  plan\n{}  {}\nlogical    Sort\n             Scan {long}\\u{{1b}}\n",
            "-".repeat(9),
            "-".repeat(60)
        );
        assert_eq!(got, expected);
        let got = written([("plan", "logical"), ("name", &plan)]);
        let (head, tail) = ("x".repeat(14), "x".repeat(18));
        let cell = format!("  Sort\\u{{a}}  Scan {head}…{tail}\\u{{1b}}\\u{{a}}\n");
        assert!(got.ends_with(&cell), "{got}");
    }

    #[test]
    fn a_shortened_cell_keeps_both_ends_and_is_counted() {
        let mut shortened = 0;
        let id = |name: &str| format!("/subscriptions/{}/networkSecurityGroups/{name}", "0".repeat(60));
        let (web, db) = (
            cut(id("nsg-web"), &mut shortened),
            cut(id("nsg-db"), &mut shortened),
        );
        assert_eq!(
            web,
            "/subscriptions/000000000000000…networkSecurityGroups/nsg-web"
        );
        assert!(db.ends_with("/nsg-db") && db.chars().count() == CELL_CHARACTERS_MAX);
        let exact = "y".repeat(CELL_CHARACTERS_MAX);
        assert_eq!((cut(exact.clone(), &mut shortened), shortened), (exact, 2));
    }
}
