//! The columns of `Quarantine`: what could not be read, with its code and its place.

use super::{ColumnDef, Kind, Repr, TableDef, ValueType};

/// One row per tuple or stretch of bytes that could not be read. Nothing is thrown away.
pub static QUARANTINE: TableDef = TableDef {
    name: "Quarantine",
    row: "one tuple, record or stretch of bytes that could not be read. A copy, or a file read anew, brings its own only \
          of records that hold nothing readable, and of bytes between records",
    partition: "IngestDate",
    columns: COLUMNS,
};

const fn column(name: &'static str, value_type: ValueType, meaning: &'static str) -> ColumnDef {
    ColumnDef {
        name,
        value_type,
        repr: Repr::Plain,
        kind: Kind::Logged,
        nullable: false,
        unit: "",
        meaning,
        vnet: "ingest",
        nsg: "ingest",
        kql_aliases: &[],
    }
}

const COLUMNS: &[ColumnDef] = &[
    column(
        "IngestTime",
        ValueType::Instant,
        "When it was read, by the reader's clock.",
    ),
    column(
        "IngestDate",
        ValueType::Day,
        "UTC day of IngestTime; the partition.",
    ),
    column("Shard", ValueType::Int, "Shard of the source."),
    column(
        "Sequence",
        ValueType::Long,
        "Transaction of the shard; the row counts only if `Flows` committed it.",
    ),
    column("SourceId", ValueType::Long, "Code of the source, as in Flows."),
    column("Source", ValueType::Text, "Address of the source: path or URL."),
    column(
        "Code",
        ValueType::Text,
        "Why, as a stable code (`FG1001`); docs/codes has a page for each.",
    ),
    column(
        "Offset",
        ValueType::Long,
        "Byte offset in the uncompressed source.",
    ),
    column("Length", ValueType::Long, "Length in bytes; Raw may hold less."),
    ColumnDef {
        nullable: true,
        ..column(
            "RecordOffset",
            ValueType::Long,
            "Byte offset of the record around it.",
        )
    },
    ColumnDef {
        nullable: true,
        ..column(
            "TupleIndex",
            ValueType::Int,
            "Position in the record, for a tuple.",
        )
    },
    column(
        "Raw",
        ValueType::Bytes,
        "The bytes as they stood, at most 4 KiB; `TRY_CAST(Raw AS VARCHAR)` reads them as text.",
    ),
];
