//! `blobs ADDRESS --blocks`: of what one blob is made, block by block, and what each holds. The whole blob is read for that,
//! piece by piece.

use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::ControlFlow;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray, UInt64Array};
use azure::storage::id_text;
use formats::{FlowBatch, Options, Quarantined, Sink};
use ingest::{Blob, BlobFile, Blocks};
use model::SourceId;
use model::codes::list as code;

use crate::account::{self, AccountFlags, Accounts};
use crate::config::settings::Format;
use crate::exit::{Exit, Failure};
use crate::instant::{self, Micros};
use crate::message::{Grade, Message};
use crate::quantity::{bytes, counted};
use crate::row_writer::RowWriter;
use crate::session::Session;
use table::io_reason;

/// A closing block has two bytes.
const CLOSING_BYTES_MAX: u64 = 64;
const OPENING: &str = r#"{"records":["#;
const CLOSING: &[u8] = b"]}";

/// Reads the blob and tells its blocks.
pub(super) async fn run(session: &Session, flags: &AccountFlags, address: &str) -> anyhow::Result<Exit> {
    let named = Accounts::new(session, flags)?
        .named(&[address.to_owned()])
        .await?;
    let Some((named, source)) = named.iter().find_map(|named| Some((named, named.blob.as_ref()?))) else {
        let container = named.first().map(|named| named.container.address());
        let shown = account::shown(address.as_ref());
        let text = format!("`{shown}` names no blob that holds anything");
        return Err(Failure {
            code: Some(code::SOURCE_NONE),
            ..Failure::outside(text).hint(format!(
                "write its whole name, up to `PT1H.json`; `flowglass blobs {}` lists those there are",
                container.unwrap_or_default()
            ))
        }
        .into());
    };
    let address = named.address();
    let Some(blob) = &source.blob else {
        return Err(Failure::bug("what was named has no blob").into());
    };
    let inside = inside(session, &address, blob).await?;
    let rows = rows(&inside);
    let mut out = session.out();
    let batch = batch(&rows);
    if inside.blocks.blocks.is_empty() {
        let text = format!(
            "`{address}` was written in one piece of {}: it has no blocks",
            bytes(inside.blocks.size)
        );
        session.say(&Message::new(Grade::Note, text).hint("`flowglass read` says what is in it"));
    }
    let format = session.settings.format.value;
    let mut writer = RowWriter::new(format, &batch.schema());
    if !rows.is_empty() {
        writer.write(&mut out, &batch)?;
    }
    if format != Format::Table || !rows.is_empty() {
        writer.end(&mut out, session)?;
    }
    if format == Format::Table && !rows.is_empty() {
        writeln!(out, "\n{}", summed(&inside))?;
    }
    out.flush()?;
    Ok(Exit::Done)
}

/// A record, by where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Record {
    place: u64,
    /// When it was written, as it says.
    time: Option<Micros>,
    tuples: u64,
}

/// What is in a blob.
#[derive(Debug, Default)]
struct Inside {
    blocks: Blocks,
    records: Vec<Record>,
    opens: bool,
    closes: bool,
}

async fn inside(session: &Session, address: &str, blob: &Blob) -> anyhow::Result<Inside> {
    let failed = |error: &ingest::BlobError| {
        let message = account::unavailable(address, error);
        Failure {
            code: message.code,
            hint: message.hint,
            ..Failure::outside(message.text)
        }
    };
    let file = ingest::open_blob(blob).await.map_err(|error| failed(&error))?;
    // Reading waits for the service.
    let read = tokio::task::spawn_blocking(move || Inside::read(file)).await;
    let (inside, broken) = read.map_err(|error| Failure::bug(error.to_string()))?;
    if let Some(why) = broken {
        let text = format!("reading `{address}` broke off: {why}; records behind that are not known");
        session.say(
            &Message::new(Grade::Warning, text)
                .code(code::SOURCE_IO)
                .hint("run it again"),
        );
    }
    Ok(inside)
}

impl Inside {
    fn read(mut file: BlobFile) -> (Self, Option<String>) {
        let mut records = Records::default();
        let report = formats::read(&mut file, Options::new(SourceId(0)), &mut records);
        // It may have grown while it was read; its records are of the blocks that it has now.
        let closes = closes(&mut file);
        let inside = Self {
            blocks: file.blocks().clone(),
            records: records.0,
            opens: file.opening().is_some_and(|text| text.trim() == OPENING),
            closes,
        };
        (inside, report.failure.as_ref().map(io_reason))
    }
}

/// True if the last block only ends what the first begins.
fn closes(file: &mut BlobFile) -> bool {
    let Some(last) = file.blocks().blocks.last() else {
        return false;
    };
    let (length, size) = (last.bytes, file.blocks().size);
    if length > CLOSING_BYTES_MAX {
        return false;
    }
    let mut text = Vec::new();
    let from = size.saturating_sub(length);
    let read = file.seek(SeekFrom::Start(from));
    let read = read.and_then(|_| file.take(length).read_to_end(&mut text));
    read.is_ok() && text.trim_ascii() == CLOSING
}

/// Keeps where records begin, and no more of them.
#[derive(Default)]
struct Records(Vec<Record>);

impl Sink for Records {
    fn batch(&mut self, batch: FlowBatch) -> ControlFlow<()> {
        self.0.extend(batch.records.iter().map(|record| Record {
            place: record.offset,
            time: record.time,
            tuples: record.rows as u64 + record.tuples_put_aside,
        }));
        ControlFlow::Continue(())
    }

    fn quarantine(&mut self, _: Quarantined) {}
}

/// A block, and what it holds.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    number: u64,
    id: String,
    offset: u64,
    bytes: u64,
    holds: &'static str,
    records: u64,
    tuples: u64,
    times: Option<(Micros, Micros)>,
}

fn rows(inside: &Inside) -> Vec<Row> {
    let blocks = &inside.blocks.blocks;
    let mut records = inside.records.iter().peekable();
    let mut end = 0_u64;
    let mut rows = Vec::with_capacity(blocks.len());
    for (at, block) in blocks.iter().enumerate() {
        let offset = end;
        end = end.saturating_add(block.bytes);
        let mut row = Row {
            number: at as u64 + 1,
            id: id_text(&block.id).unwrap_or_else(|| block.id.clone()),
            offset,
            bytes: block.bytes,
            holds: "other",
            records: 0,
            tuples: 0,
            times: None,
        };
        while let Some(record) = records.next_if(|record| record.place < end) {
            row.records += 1;
            row.tuples += record.tuples;
            if let Some(time) = record.time {
                let (first, last) = row.times.unwrap_or((time, time));
                row.times = Some((first.min(time), last.max(time)));
            }
        }
        row.holds = match row.records {
            0 if at == 0 && inside.opens => "opening",
            0 if at + 1 == blocks.len() && inside.closes => "closing",
            0 => "other",
            _ => "records",
        };
        rows.push(row);
    }
    rows
}

fn batch(rows: &[Row]) -> RecordBatch {
    let numbers = |number: &dyn Fn(&Row) -> Option<u64>| -> ArrayRef {
        Arc::new(rows.iter().map(number).collect::<UInt64Array>())
    };
    let times = |time: &dyn Fn(&Row) -> Option<i64>| -> ArrayRef {
        let times = rows.iter().map(time).collect::<TimestampMicrosecondArray>();
        Arc::new(times.with_timezone("UTC"))
    };
    let texts = |text: &dyn Fn(&Row) -> String| -> ArrayRef {
        Arc::new(rows.iter().map(|row| Some(text(row))).collect::<StringArray>())
    };
    let columns = [
        ("Block", numbers(&|row| Some(row.number))),
        ("Offset", numbers(&|row| Some(row.offset))),
        ("Bytes", numbers(&|row| Some(row.bytes))),
        ("Holds", texts(&|row| row.holds.to_owned())),
        ("Records", numbers(&|row| Some(row.records))),
        ("Tuples", numbers(&|row| Some(row.tuples))),
        ("FirstTime", times(&|row| row.times.map(|(first, _)| first))),
        ("LastTime", times(&|row| row.times.map(|(_, last)| last))),
        ("Id", texts(&|row| row.id.clone())),
    ];
    let fields = columns
        .iter()
        .map(|(name, column)| arrow_schema::Field::new(*name, column.data_type().clone(), true));
    let schema = Arc::new(arrow_schema::Schema::new(fields.collect::<Vec<_>>()));
    let empty = RecordBatch::new_empty(Arc::clone(&schema));
    RecordBatch::try_new(schema, columns.map(|(_, column)| column).to_vec()).unwrap_or(empty)
}

/// The last line of a table.
fn summed(inside: &Inside) -> String {
    let tuples = inside.records.iter().map(|record| record.tuples).sum();
    let changed = inside.blocks.modified.div_euclid(1000);
    format!(
        "{}, {}; {}, {}; last change {}",
        counted(inside.blocks.blocks.len() as u64, "block"),
        bytes(inside.blocks.size),
        counted(inside.records.len() as u64, "record"),
        counted(tuples, "tuple"),
        instant::words(changed - changed.rem_euclid(1_000_000), true)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use ingest::Block;

    fn inside(sizes: &[u64], records: &[(u64, i64, u64)]) -> Inside {
        let blocks: Vec<Block> = sizes
            .iter()
            .map(|bytes| Block {
                id: "WjAw".to_owned(),
                bytes: *bytes,
            })
            .collect();
        let record = |(place, time, tuples): &(u64, i64, u64)| Record {
            place: *place,
            time: Some(*time),
            tuples: *tuples,
        };
        Inside {
            blocks: Blocks {
                size: sizes.iter().sum(),
                blocks,
                ..Blocks::default()
            },
            records: records.iter().map(record).collect(),
            opens: true,
            closes: true,
        }
    }

    /// Where it begins, what it holds, how many records, and their times.
    type Told = (u64, &'static str, u64, Option<(i64, i64)>);

    fn told(inside: &Inside) -> Vec<Told> {
        let rows = rows(inside).into_iter();
        rows.map(|row| (row.offset, row.holds, row.records, row.times))
            .collect()
    }

    #[test]
    fn blocks_hold_what_begins_in_them() {
        // The second record reaches over a block's end; behind its comma, a record begins one byte into its block.
        let records = [(12, 5, 3), (40, 9, 1), (113, 7, 2)];
        let got = told(&inside(&[12, 50, 50, 30, 2], &records));
        let expected = [
            (0, "opening", 0, None),
            (12, "records", 2, Some((5, 9))),
            (62, "other", 0, None),
            (112, "records", 1, Some((7, 7))),
            (142, "closing", 0, None),
        ];
        assert_eq!(got, expected);
        // All in one block.
        let got = told(&inside(&[100], &[(12, 5, 3)]));
        assert_eq!(got, [(0, "records", 1, Some((5, 5)))]);
        assert_eq!(told(&inside(&[], &[])), []);
        assert_eq!(rows(&inside(&[12], &[]))[0].id, "Z00");
    }
}
