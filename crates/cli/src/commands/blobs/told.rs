//! A list on its way out: for people in columns, flow log by flow log; for programs a row for each blob. Nothing is held but
//! the page that is written.

use std::io::{self, Write};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray, UInt64Array};
use model::printable;

use super::entry::{Entry, Standing};
use super::totals::{Totals, minutes};
use crate::config::settings::Format;
use crate::instant;
use crate::quantity::{bytes, grouped};
use crate::row_writer::RowWriter;
use crate::session::Session;

/// Which columns there are for people. Programs have all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    pub(super) blocks: bool,
    pub(super) read: bool,
    pub(super) interface: bool,
}

enum Form {
    /// The flow log of the last line.
    People(Option<String>),
    Programs(RowWriter),
}

/// A list on its way out.
pub(super) struct Told {
    out: Box<dyn Write>,
    form: Form,
    columns: Columns,
    shown: u64,
}

impl Told {
    pub(super) fn new(session: &Session, format: Format, columns: Columns) -> Self {
        let form = match format {
            Format::Table => Form::People(None),
            format => Form::Programs(RowWriter::new(format, &batch(&[]).schema())),
        };
        Self {
            out: session.out(),
            form,
            columns,
            shown: 0,
        }
    }

    /// Blobs that were shown so far.
    pub(super) const fn shown(&self) -> u64 {
        self.shown
    }

    pub(super) fn rows(&mut self, entries: &[Entry]) -> anyhow::Result<()> {
        self.shown += entries.len() as u64;
        match &mut self.form {
            Form::Programs(_) if entries.is_empty() => {}
            Form::Programs(writer) => writer.write(&mut self.out, &batch(entries))?,
            Form::People(last) => {
                for entry in entries {
                    if last.as_deref() != Some(entry.group()) {
                        head(&mut self.out, entry, self.columns, last.is_none())?;
                        *last = Some(entry.group().to_owned());
                    }
                    let line = line(entry, self.columns);
                    writeln!(self.out, "{}", line.trim_end())?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn end(mut self, session: &Session, totals: &Totals) -> anyhow::Result<()> {
        match self.form {
            Form::People(_) => totals.write(&mut self.out, self.shown)?,
            Form::Programs(writer) => writer.end(&mut self.out, session)?,
        }
        self.out.flush()?;
        Ok(())
    }
}

/// Where the blobs are that follow, and what their columns are.
fn head(out: &mut dyn Write, entry: &Entry, columns: Columns, is_first: bool) -> io::Result<()> {
    if !is_first {
        writeln!(out)?;
    }
    let group = match entry.group() {
        "" => ".".into(),
        group => printable::text(group),
    };
    writeln!(out, "{group}")?;
    let cells = Cells {
        hour: "hour",
        mac: "MAC",
        size: "size",
        blocks: "blocks",
        changed: "last change",
        state: "state",
        read: "table",
        name: match columns.interface {
            true => "interface",
            false => "",
        },
    };
    writeln!(out, "{}", cells.line(columns).trim_end())
}

/// The cells of a line.
struct Cells<'c> {
    hour: &'c str,
    mac: &'c str,
    size: &'c str,
    blocks: &'c str,
    changed: &'c str,
    state: &'c str,
    read: &'c str,
    name: &'c str,
}

impl Cells<'_> {
    /// The columns have their widths before the first line is known: none waits for another.
    fn line(&self, columns: Columns) -> String {
        let Self {
            hour,
            mac,
            size,
            blocks,
            changed,
            state,
            read,
            name,
        } = self;
        let mut line = format!("  {hour:<17}  {mac:<12}  {size:>8}");
        if columns.blocks {
            line.push_str(&format!("  {blocks:>6}"));
        }
        line.push_str(&format!("  {changed:<20}  {state:<8}"));
        if columns.read {
            line.push_str(&format!("  {read:<18}"));
        }
        line.push_str(&format!("  {name}"));
        line
    }
}

fn line(entry: &Entry, columns: Columns) -> String {
    let none = || "-".to_owned();
    // As the blob's own name has it.
    let mac = entry
        .mac
        .map_or_else(none, |mac| mac.to_string().replace('-', ""));
    let changed = entry.changed.map_or_else(none, |changed| {
        instant::words(changed - changed.rem_euclid(1_000_000), true)
    });
    let read = match entry.standing {
        None => none(),
        Some(Standing::Behind(more)) => format!("behind by {}", bytes(more)),
        Some(standing) => standing.word().to_owned(),
    };
    let name = entry
        .interface
        .as_deref()
        .or(entry.other_name())
        .unwrap_or_default();
    let cells = Cells {
        hour: &entry.hour.map_or_else(none, minutes),
        mac: &mac,
        size: &bytes(entry.source.bytes),
        blocks: &entry.blocks.map_or_else(none, grouped),
        changed: &changed,
        state: entry.state.word(),
        read: &read,
        name: &printable::text(name),
    };
    cells.line(columns)
}

/// Blobs as columns.
fn batch(entries: &[Entry]) -> RecordBatch {
    let texts = |text: &dyn Fn(&Entry) -> Option<String>| -> ArrayRef {
        Arc::new(entries.iter().map(text).collect::<StringArray>())
    };
    let times = |time: &dyn Fn(&Entry) -> Option<i64>| -> ArrayRef {
        let times = entries.iter().map(time).collect::<TimestampMicrosecondArray>();
        Arc::new(times.with_timezone("UTC"))
    };
    let numbers = |number: &dyn Fn(&Entry) -> Option<u64>| -> ArrayRef {
        Arc::new(entries.iter().map(number).collect::<UInt64Array>())
    };
    let behind = |entry: &Entry| match entry.standing? {
        Standing::Behind(more) => Some(more),
        Standing::Read => Some(0),
        Standing::Changed | Standing::NotRead => None,
    };
    let columns = [
        ("Hour", times(&|entry| entry.hour)),
        ("MacAddress", texts(&|entry| Some(entry.mac?.to_string()))),
        ("Interface", texts(&|entry| entry.interface.clone())),
        ("FlowLog", texts(&|entry| entry.flow_log().map(str::to_owned))),
        ("Bytes", numbers(&|entry| Some(entry.source.bytes))),
        ("Blocks", numbers(&|entry| entry.blocks)),
        ("LastChange", times(&|entry| entry.changed)),
        ("State", texts(&|entry| Some(entry.state.word().to_owned()))),
        ("Table", texts(&|entry| Some(entry.standing?.word().to_owned()))),
        ("BytesBehind", numbers(&behind)),
        ("Address", texts(&|entry| Some(entry.source.display.clone()))),
    ];
    let fields = columns
        .iter()
        .map(|(name, column)| arrow_schema::Field::new(*name, column.data_type().clone(), true));
    let schema = Arc::new(arrow_schema::Schema::new(fields.collect::<Vec<_>>()));
    let empty = RecordBatch::new_empty(Arc::clone(&schema));
    RecordBatch::try_new(schema, columns.map(|(_, column)| column).to_vec()).unwrap_or(empty)
}
