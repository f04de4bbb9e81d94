//! The columns of `IngestLog`: what was read from where, and its SHA-256.

use super::{ColumnDef, Kind, Repr, TableDef, ValueType};

/// One row per byte range read from a source. Evidence needs it after the blob is gone.
pub static INGEST_LOG: TableDef = TableDef {
    name: "IngestLog",
    row: "one byte range read from one source. A replay adds rows that take back what a source had brought before: their counts are below \
          zero and their range is empty, so that sums hold",
    partition: "IngestDate",
    columns: COLUMNS,
};

const fn column(
    name: &'static str,
    value_type: ValueType,
    unit: &'static str,
    meaning: &'static str,
) -> ColumnDef {
    ColumnDef {
        name,
        value_type,
        repr: Repr::Plain,
        kind: Kind::Logged,
        nullable: false,
        unit,
        meaning,
        vnet: "ingest",
        nsg: "ingest",
        kql_aliases: &[],
    }
}

const fn nullable(name: &'static str, value_type: ValueType, meaning: &'static str) -> ColumnDef {
    ColumnDef {
        nullable: true,
        ..column(name, value_type, "", meaning)
    }
}

const COLUMNS: &[ColumnDef] = &[
    column(
        "IngestTime",
        ValueType::Instant,
        "",
        "When the range was read, by the reader's clock.",
    ),
    column(
        "IngestDate",
        ValueType::Day,
        "",
        "UTC day of IngestTime; the partition.",
    ),
    column("Shard", ValueType::Int, "", "Shard of the source."),
    column(
        "Sequence",
        ValueType::Long,
        "",
        "Transaction of the shard; the row counts only if `Flows` committed it.",
    ),
    column(
        "SourceId",
        ValueType::Long,
        "",
        "Code of the source, as in Flows.",
    ),
    column(
        "Source",
        ValueType::Text,
        "",
        "Address of the source: path or URL.",
    ),
    column(
        "Incarnation",
        ValueType::Int,
        "",
        "0 at first; one more each time the bytes already read had changed.",
    ),
    column(
        "RangeStart",
        ValueType::Long,
        "bytes",
        "First byte of the range, in the source as stored.",
    ),
    column(
        "RangeEnd",
        ValueType::Long,
        "bytes",
        "End of the range, exclusive.",
    ),
    column(
        "Sha256",
        ValueType::Text,
        "",
        "SHA-256 of the range's bytes as stored, in hexadecimal.",
    ),
    column(
        "SourceSha256",
        ValueType::Text,
        "",
        "SHA-256 of the source's bytes from 0 to RangeEnd.",
    ),
    column("Compression", ValueType::Text, "", "`none`, `gzip` or `zstd`."),
    column(
        "BytesDecoded",
        ValueType::Long,
        "bytes",
        "Bytes after decompression.",
    ),
    column(
        "BytesGivenUp",
        ValueType::Long,
        "bytes",
        "Bytes that held no complete record.",
    ),
    column("Records", ValueType::Long, "records", "Records read whole."),
    column(
        "TuplesReceived",
        ValueType::Long,
        "tuples",
        "Tuples seen: stored + skipped + quarantined.",
    ),
    column(
        "TuplesStored",
        ValueType::Long,
        "tuples",
        "Tuples stored in Flows.",
    ),
    column(
        "TuplesSkipped",
        ValueType::Long,
        "tuples",
        "Tuples of records that another source had brought already.",
    ),
    column(
        "TuplesQuarantined",
        ValueType::Long,
        "tuples",
        "Tuples that could not be read; see Quarantine.",
    ),
    column(
        "RecordsRepeated",
        ValueType::Long,
        "records",
        "Records that repeat an earlier one of the same source; stored.",
    ),
    nullable("TimeMin", ValueType::Instant, "Earliest TimeGenerated stored."),
    nullable("TimeMax", ValueType::Instant, "Latest TimeGenerated stored."),
    nullable(
        "Oddities",
        ValueType::Text,
        "Codes of odd things seen with their counts, as JSON.",
    ),
];
