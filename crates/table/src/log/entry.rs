//! A data file as an entry of the Delta log, and back: path, day, statistics, checksum.
//!
//! What an entry does not say is unknown, and never 0. Nothing is read or written here.

use std::collections::{BTreeMap, HashMap};

use deltalake_core::kernel::{Add, Remove};
use model::{Sequence, Shard, TableDef, ValueType};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Result, TableError};
use crate::snapshot::{ColumnStats, DataFile, StatValue, WrittenFile};

/// The tag of an entry that holds the SHA-256 of its file, in hexadecimal.
const TAG_SHA256: &str = "flowglass.sha256";

/// Text columns longer than this have no bounds in the log: no query prunes by an ARM id.
const BOUND_CHARS_MAX: usize = 64;

/// The tag of an entry whose file compaction made of others.
const TAG_FOLD: &str = "flowglass.fold";

/// What is said of a file that compaction made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FoldTag {
    /// A version of this log that still lists the files it was made of.
    pub(crate) from: i64,
    /// True if only the row groups are sorted, each by itself, and not the file from its first row to its
    /// last.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) by_group: bool,
    /// Of a side table: the last transaction of each shard whose rows are in it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) shards: BTreeMap<u16, i64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

impl FoldTag {
    /// Notes that rows of a transaction are in the file.
    pub(crate) fn holds(&mut self, shard: Shard, sequence: Sequence) {
        let last = self.shards.entry(shard.0).or_insert(sequence.0);
        *last = (*last).max(sequence.0);
    }

    /// Notes what another such file, which is folded into this one, holds.
    pub(crate) fn holds_all_of(&mut self, other: &Self) {
        for (shard, sequence) in &other.shards {
            self.holds(Shard(*shard), Sequence(*sequence));
        }
    }
}

pub(super) fn add(table: &TableDef, written: &WrittenFile, fold: Option<&FoldTag>) -> Add {
    let file = &written.file;
    let mut min = serde_json::Map::new();
    let mut max = serde_json::Map::new();
    let mut nulls = serde_json::Map::new();
    for (name, stats) in &file.columns {
        let short = |value: &&StatValue| !matches!(value, StatValue::Text(text) if text.chars().count() > BOUND_CHARS_MAX);
        if let Some(value) = stats.min.as_ref().filter(short) {
            min.insert(name.clone(), stat_json(value));
        }
        if let Some(value) = stats.max.as_ref().filter(short) {
            max.insert(name.clone(), stat_json(value));
        }
        if let Some(count) = stats.nulls {
            nulls.insert(name.clone(), count.into());
        }
    }
    let mut stats = serde_json::json!({"minValues": min, "maxValues": max, "nullCount": nulls});
    if let (Some(rows), Some(stats)) = (file.rows, stats.as_object_mut()) {
        stats.insert("numRecords".to_owned(), rows.into());
    }
    let mut tags = HashMap::from([(TAG_SHA256.to_owned(), Some(written.sha256.clone()))]);
    if let Some(text) = fold.and_then(|fold| serde_json::to_string(fold).ok()) {
        tags.insert(TAG_FOLD.to_owned(), Some(text));
    }
    Add {
        path: file.path.clone(),
        partition_values: HashMap::from([(table.partition.to_owned(), Some(day_text(file.day)))]),
        size: i64::try_from(file.bytes).unwrap_or(i64::MAX),
        modification_time: file.modified_millis,
        data_change: fold.is_none(),
        stats: Some(stats.to_string()),
        tags: Some(tags),
        ..Add::default()
    }
}

fn stat_json(value: &StatValue) -> Value {
    match value {
        StatValue::Text(text) => text.as_str().into(),
        StatValue::Int(number) => (*number).into(),
        StatValue::Long(number) => (*number).into(),
        StatValue::Day(day) => day_text(*day).into(),
        StatValue::Instant(micros) => chrono::DateTime::from_timestamp_micros(*micros)
            .map(|time| time.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string())
            .into(),
    }
}

/// `2024-03-14` of a day since 1970.
#[must_use]
pub fn day_text(day: i32) -> String {
    chrono::DateTime::from_timestamp(i64::from(day) * 86_400, 0)
        .map_or_else(|| day.to_string(), |time| time.format("%Y-%m-%d").to_string())
}

fn day_number(text: &str) -> Option<i32> {
    let date = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    i32::try_from(
        date.signed_duration_since(chrono::NaiveDate::default())
            .num_days(),
    )
    .ok()
}

/// The SHA-256 of the file, if the entry has one.
pub(super) fn checksum(entry: &Add) -> Option<&str> {
    entry.tags.as_ref()?.get(TAG_SHA256)?.as_deref()
}

/// What is said of a file that compaction made; none of any other.
pub(super) fn fold_tag(entry: &Add) -> Option<FoldTag> {
    let text = entry.tags.as_ref()?.get(TAG_FOLD)?.as_deref()?;
    serde_json::from_str(text).ok()
}

/// The removal of a file from the log; `data_change` is false if its rows are in other files now.
pub(super) fn remove(entry: &Add, data_change: bool, now_millis: i64) -> Remove {
    Remove {
        path: entry.path.clone(),
        data_change,
        deletion_timestamp: Some(now_millis),
        extended_file_metadata: Some(true),
        partition_values: Some(entry.partition_values.clone()),
        size: Some(entry.size),
        tags: entry.tags.clone(),
        deletion_vector: None,
        base_row_id: None,
        default_row_commit_version: None,
    }
}

/// The entry that a removal takes back, as far as it says so.
pub(super) fn added(remove: Remove) -> Add {
    Add {
        path: remove.path,
        partition_values: remove.partition_values.unwrap_or_default(),
        size: remove.size.unwrap_or(0),
        tags: remove.tags,
        ..Add::default()
    }
}

pub(super) fn data_file(table: &TableDef, entry: Add) -> Result<DataFile> {
    let day = entry.partition_values.get(table.partition).cloned().flatten();
    let Some(day) = day.as_deref().and_then(day_number) else {
        return Err(TableError::Damaged {
            what: format!("`{}` has no partition day", entry.path),
        });
    };
    let stats: Value = entry
        .stats
        .and_then(|stats| serde_json::from_str(&stats).ok())
        .unwrap_or(Value::Null);
    let part = |name: &str, column: &str| stats.get(name).and_then(|values| values.get(column));
    let mut columns = BTreeMap::new();
    for column in table.stored_columns() {
        let found = ColumnStats {
            min: part("minValues", column.name).and_then(|value| stat_value(column.value_type, value)),
            max: part("maxValues", column.name).and_then(|value| stat_value(column.value_type, value)),
            nulls: part("nullCount", column.name).and_then(Value::as_u64),
        };
        if found != ColumnStats::default() {
            columns.insert(column.name.to_owned(), found);
        }
    }
    Ok(DataFile {
        path: entry.path,
        bytes: u64::try_from(entry.size).unwrap_or(0),
        modified_millis: entry.modification_time,
        day,
        rows: stats.get("numRecords").and_then(Value::as_u64),
        columns,
    })
}

fn stat_value(value_type: ValueType, value: &Value) -> Option<StatValue> {
    match value_type {
        ValueType::Text => value.as_str().map(|text| StatValue::Text(text.to_owned())),
        ValueType::Int => value
            .as_i64()
            .and_then(|number| i32::try_from(number).ok())
            .map(StatValue::Int),
        ValueType::Long => value.as_i64().map(StatValue::Long),
        ValueType::Day => value.as_str().and_then(day_number).map(StatValue::Day),
        ValueType::Instant => chrono::DateTime::parse_from_rfc3339(value.as_str()?)
            .ok()
            .map(|time| StatValue::Instant(time.timestamp_micros())),
        ValueType::Bytes | ValueType::Bool => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_read_back() {
        for day in [-1, 0, 19_796, 40_000] {
            assert_eq!(day_number(&day_text(day)), Some(day));
        }
        assert_eq!(day_number("yesterday"), None);
    }

    #[test]
    fn statistics_read_back() {
        let stats = |min, max| ColumnStats {
            min: Some(min),
            max: Some(max),
            nulls: Some(2),
        };
        let file = DataFile {
            path: "FlowDate=2024-03-14/a.parquet".into(),
            bytes: 10,
            modified_millis: 5,
            day: 19_796,
            rows: Some(7),
            columns: BTreeMap::from([
                (
                    "SrcIp".to_owned(),
                    stats(
                        StatValue::Text("10.0.0.1".into()),
                        StatValue::Text("9.9.9.9".into()),
                    ),
                ),
                (
                    "TimeGenerated".to_owned(),
                    stats(StatValue::Instant(-1), StatValue::Instant(1_710_413_935_827_001)),
                ),
                (
                    "DestPort".to_owned(),
                    stats(StatValue::Int(1), StatValue::Int(65_535)),
                ),
            ]),
        };
        let written = WrittenFile {
            file: file.clone(),
            sha256: "00ab".to_owned(),
        };
        let added = add(&model::FLOWS, &written, None);
        assert_eq!(checksum(&added), Some("00ab"));
        assert!(added.data_change && fold_tag(&added).is_none());
        assert_eq!(data_file(&model::FLOWS, added).unwrap(), file);
        let mut fold = FoldTag {
            from: 7,
            ..FoldTag::default()
        };
        fold.holds(Shard(3), Sequence(9));
        fold.holds(Shard(3), Sequence(4));
        let folded = add(&model::FLOWS, &written, Some(&fold));
        assert_eq!(fold_tag(&folded), Some(fold));
        assert!(!folded.data_change && checksum(&folded) == Some("00ab"));
    }

    #[test]
    fn what_an_entry_does_not_say_is_unknown() {
        let entry = |stats: Option<&str>| Add {
            path: "FlowDate=2024-03-14/a.parquet".into(),
            partition_values: HashMap::from([("FlowDate".to_owned(), Some("2024-03-14".to_owned()))]),
            stats: stats.map(str::to_owned),
            ..Add::default()
        };
        let read = |stats| data_file(&model::FLOWS, entry(stats)).unwrap();
        for nothing in [
            None,
            Some(""),
            Some("{}"),
            Some("not JSON"),
            Some(r#"{"numRecords":-1}"#),
        ] {
            let file = read(nothing);
            assert_eq!((file.rows, file.columns.len()), (None, 0), "{nothing:?}");
        }
        let partial = read(Some(r#"{"numRecords":0,"nullCount":{"SrcIp":3}}"#));
        assert_eq!(partial.rows, Some(0));
        let expected = ColumnStats {
            nulls: Some(3),
            ..ColumnStats::default()
        };
        assert_eq!(partial.columns, BTreeMap::from([("SrcIp".to_owned(), expected)]));
        assert_eq!(checksum(&entry(None)), None);
        let nowhere = Add::default();
        assert!(data_file(&model::FLOWS, nowhere).is_err());
    }
}
