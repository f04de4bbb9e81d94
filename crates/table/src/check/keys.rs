//! Whether any row is there twice, and whether each source has the rows that `IngestLog` says.
//!
//! A row is told by source, offset of its record and place in it. To know in bounded memory that no two
//! rows are alike, the rows are dealt into as many parts as are needed, by a hash of those three, and
//! the files are read once for each part: three columns, nothing else, and nothing is written.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array as _, ArrowPrimitiveType, RecordBatch, TimestampMicrosecondArray};

use crate::error::{Result, TableError};
use crate::object_reader::{Batches, open};
use crate::retain::DAY_MICROS;
use crate::snapshot::{DataFile, Snapshot};

/// How many sources are named; of the rest the number is told.
const NAMED_MAX: usize = 10;

/// How the rows are dealt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Passes {
    count: u64,
    rows_each: usize,
}

impl Passes {
    /// As few as keep each part within `rows_each`.
    pub(super) fn of(rows: u64, log: Option<&Snapshot>, rows_each: usize) -> Self {
        let rows_each = rows_each.max(1);
        let most = rows.max(log.map_or(0, Snapshot::rows));
        Self {
            count: most.div_ceil(rows_each as u64).max(1),
            rows_each,
        }
    }

    fn part_of(self, hash: u64) -> u64 {
        // Of a number below 2^64 the high part of the product is below `count`.
        u64::try_from((u128::from(hash) * u128::from(self.count)) >> 64).unwrap_or(0)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    source: i64,
    record: i64,
    tuple: i32,
}

impl Key {
    fn hash(self) -> u64 {
        let tuple = u64::from(self.tuple.cast_unsigned());
        mixed(mixed(mixed(self.source.cast_unsigned()) ^ self.record.cast_unsigned()) ^ tuple)
    }
}

/// SplitMix64's last step: every bit of the number moves about half of the bits of the answer.
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Rows that were met before.
#[derive(Default)]
struct Repeated {
    count: u64,
    first: Option<Key>,
}

/// One part of the rows.
#[derive(Default)]
struct Part {
    keys: Vec<Key>,
    /// By source.
    sources: BTreeMap<i64, Counts>,
}

/// Rows of a source on days that retention has left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    rows: u64,
    /// So many rows of these days are there at least, by `IngestLog`; what a replay takes back is below zero.
    least: i64,
    /// And so many at most. Where nothing was dropped it is the same number.
    most: i64,
}

impl Counts {
    /// Takes in what one range brought: `times` are those of its first and its last tuple.
    fn add_range(&mut self, stored: i64, times: Option<(i64, i64)>, from_micros: Option<i64>) {
        let (is_all, is_some) = match (from_micros, times) {
            (None, _) => (true, true),
            (Some(_), None) => (false, true),
            (Some(from), Some((first, last))) => (first >= from, last >= from),
        };
        // Of what is only in part of these days any number may be.
        let (least, most) = match (is_all, is_some) {
            (true, _) => (stored, stored),
            (false, true) => (stored.min(0), stored.max(0)),
            (false, false) => (0, 0),
        };
        self.least = self.least.saturating_add(least);
        self.most = self.most.saturating_add(most);
    }

    fn problem(self, source: i64) -> Option<String> {
        let Self { rows, least, most } = self;
        if i64::try_from(rows).is_ok_and(|rows| (least..=most).contains(&rows)) {
            return None;
        }
        let said = match least == most {
            true => most.to_string(),
            false => format!("{least} to {most} of the days that are kept"),
        };
        Some(format!(
            "source {source} has {rows} rows in `Flows`, `IngestLog` says {said}"
        ))
    }
}

impl Part {
    /// Puts the keys in order, each once, and counts the others.
    fn settle(&mut self, repeated: &mut Repeated) {
        self.keys.sort_unstable();
        let before = self.keys.len();
        let mut previous = None;
        let first = self
            .keys
            .iter()
            .find(|key| previous.replace(**key) == Some(**key));
        if repeated.first.is_none() {
            repeated.first = first.copied();
        }
        self.keys.dedup();
        repeated.count += (before - self.keys.len()) as u64;
    }
}

/// Reads the files once for each part. Days before `from_day` were dropped by retention: what a source should have of them is
/// not known.
pub(super) async fn check(
    flows: &Snapshot,
    files: &[DataFile],
    log: Option<&Snapshot>,
    passes: Passes,
    from_day: Option<i32>,
) -> Result<Vec<String>> {
    let mut repeated = Repeated::default();
    let mut differing = Vec::new();
    let mut differing_count = 0_u64;
    for number in 0..passes.count {
        let mut part = Part::default();
        for file in files {
            let counts = from_day.is_none_or(|from| file.day >= from);
            add_file(flows, file, (passes, number, counts), &mut part, &mut repeated).await?;
        }
        part.settle(&mut repeated);
        let Some(log) = log else {
            continue;
        };
        for file in log.files.iter() {
            let from_micros = from_day.map(|day| i64::from(day).saturating_mul(DAY_MICROS));
            add_log_file(log, file, (passes, number), from_micros, &mut part).await?;
        }
        for problem in part
            .sources
            .into_iter()
            .filter_map(|(source, counts)| counts.problem(source))
        {
            differing_count += 1;
            if differing.len() < NAMED_MAX {
                differing.push(problem);
            }
        }
    }
    let mut problems: Vec<String> = repeated.problem().into_iter().collect();
    let more = differing_count - differing.len() as u64;
    problems.extend(differing);
    if more > 0 {
        problems.push(format!(
            "{more} more sources differ between `Flows` and `IngestLog`"
        ));
    }
    Ok(problems)
}

impl Repeated {
    fn problem(&self) -> Option<String> {
        let Key {
            source,
            record,
            tuple,
        } = self.first?;
        Some(format!(
            "`Flows` holds {} rows that it holds already, one of them of source {source}, \
             record at {record}, tuple {tuple}",
            self.count
        ))
    }
}

async fn add_file(
    flows: &Snapshot,
    file: &DataFile,
    (passes, number, counts): (Passes, u64, bool),
    part: &mut Part,
    repeated: &mut Repeated,
) -> Result<()> {
    let names = ["SourceId", "RecordOffset", "TupleIndex"];
    let mut batches = Batches::of_columns(file, open(flows, file).await?, &names)?;
    while let Some(batch) = batches.next().await? {
        let sources = numbers::<Int64Type>(&batch, "SourceId", file)?;
        let records = numbers::<Int64Type>(&batch, "RecordOffset", file)?;
        let tuples = numbers::<Int32Type>(&batch, "TupleIndex", file)?;
        for ((source, record), tuple) in sources.iter().zip(records).zip(tuples) {
            let (source, record, tuple) = (*source, *record, *tuple);
            if counts && passes.part_of(mixed(source.cast_unsigned())) == number {
                part.sources.entry(source).or_default().rows += 1;
            }
            let key = Key {
                source,
                record,
                tuple,
            };
            if passes.part_of(key.hash()) == number {
                part.keys.push(key);
            }
        }
        // The hash deals different rows evenly; so many in one part are the same ones again.
        if part.keys.len() > passes.rows_each.saturating_mul(2).max(1 << 16) {
            part.settle(repeated);
        }
    }
    Ok(())
}

async fn add_log_file(
    log: &Snapshot,
    file: &DataFile,
    (passes, number): (Passes, u64),
    from_micros: Option<i64>,
    part: &mut Part,
) -> Result<()> {
    let names = ["SourceId", "TimeMax", "TimeMin", "TuplesStored"];
    let mut batches = Batches::of_columns(file, open(log, file).await?, &names)?;
    while let Some(batch) = batches.next().await? {
        let sources = numbers::<Int64Type>(&batch, "SourceId", file)?;
        let stored = numbers::<Int64Type>(&batch, "TuplesStored", file)?;
        let (first, last) = (instants(&batch, "TimeMin"), instants(&batch, "TimeMax"));
        for (row, (source, stored)) in sources.iter().zip(stored).enumerate() {
            if passes.part_of(mixed(source.cast_unsigned())) == number {
                let at = |times: Option<&TimestampMicrosecondArray>| {
                    times
                        .filter(|times| times.is_valid(row))
                        .map(|times| times.value(row))
                };
                let counts = part.sources.entry(*source).or_default();
                counts.add_range(*stored, at(first).zip(at(last)), from_micros);
            }
        }
    }
    Ok(())
}

/// A column of times; none if the file is without it.
fn instants<'b>(batch: &'b RecordBatch, name: &str) -> Option<&'b TimestampMicrosecondArray> {
    batch
        .column_by_name(name)?
        .as_primitive_opt::<TimestampMicrosecondType>()
}

/// A column of numbers without nulls.
fn numbers<'b, T: ArrowPrimitiveType>(
    batch: &'b RecordBatch,
    name: &str,
    file: &DataFile,
) -> Result<&'b [T::Native]> {
    let column = batch.column_by_name(name);
    let column = column.and_then(|column| column.as_primitive_opt::<T>());
    column
        .map(|column| &**column.values())
        .ok_or_else(|| TableError::Damaged {
            what: format!("`{}` has no column `{name}` of numbers", file.path),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_dealt_evenly_and_each_into_one_part() {
        let passes = Passes::of(1_000_000, None, 100_000);
        assert_eq!(passes.count, 10);
        let mut parts = [0_u32; 10];
        // Sources as they are: few, with records at growing offsets.
        for source in 0..10 {
            for record in 0..100 {
                for tuple in 0..10 {
                    let key = Key {
                        source,
                        record: record * 1000,
                        tuple,
                    };
                    parts[usize::try_from(passes.part_of(key.hash())).unwrap()] += 1;
                }
            }
        }
        assert!(parts.iter().all(|rows| (850..1150).contains(rows)), "{parts:?}");
        assert_eq!(Passes::of(0, None, 0).count, 1);
        assert_eq!(Passes::of(100_001, None, 100_000).count, 2);
    }

    #[test]
    fn of_dropped_days_nothing_is_asked_and_of_kept_ones_everything() {
        let counts = |rows, ranges: &[(i64, Option<(i64, i64)>)], from| {
            let mut counts = Counts {
                rows,
                ..Counts::default()
            };
            for (stored, times) in ranges {
                counts.add_range(*stored, *times, from);
            }
            counts.problem(7)
        };
        let ranges = [(5, Some((10, 20))), (3, Some((20, 40))), (2, Some((30, 50)))];
        assert_eq!(counts(10, &ranges, None), None);
        assert!(counts(9, &ranges, None).is_some());
        for (rows, is_well) in [(1, false), (2, true), (5, true), (6, false)] {
            assert_eq!(counts(rows, &ranges, Some(30)).is_none(), is_well, "{rows}");
        }
        // A replay took rows back, of which some may have been dropped before.
        let ranges = [
            (5, Some((30, 40))),
            (-4, Some((30, 40))),
            (-2, Some((20, 40))),
            (4, Some((30, 40))),
        ];
        assert_eq!(counts(3, &ranges, None), None);
        for (rows, is_well) in [(2, false), (3, true), (5, true), (6, false)] {
            assert_eq!(counts(rows, &ranges, Some(30)).is_none(), is_well, "{rows}");
        }
        assert_eq!(
            counts(0, &[(4, None), (1, Some((30, 31)))], Some(30)).unwrap(),
            "source 7 has 0 rows in `Flows`, `IngestLog` says 1 to 5 of the days that are kept"
        );
        assert_eq!(counts(0, &ranges, Some(51)), None);
    }

    #[test]
    fn what_comes_again_is_counted_and_kept_once() {
        let key = |tuple| Key {
            source: 1,
            record: 2,
            tuple,
        };
        let mut part = Part {
            keys: [3, 1, 3, 2, 3].map(key).to_vec(),
            ..Part::default()
        };
        let mut repeated = Repeated::default();
        part.settle(&mut repeated);
        assert_eq!((repeated.count, repeated.first), (2, Some(key(3))));
        assert_eq!(part.keys, [1, 2, 3].map(key));
        part.keys.push(key(1));
        part.settle(&mut repeated);
        assert_eq!((repeated.count, repeated.first), (3, Some(key(3))));
    }
}
