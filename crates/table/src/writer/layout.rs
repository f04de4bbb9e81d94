//! How each column lies in a file. Decided by measurement: docs/adr/0005-layout.md.

use model::{ColumnDef, ValueType};

/// Higher levels take three to ten times as long for one part in a hundred.
pub(super) const ZSTD_LEVEL: i32 = 1;
/// Rows of one page: what a reader can pass over within a row group.
pub(super) const PAGE_ROWS: usize = 32 * 1024;
/// Of a hundred values that are not there, how many a bloom filter lets pass.
pub(super) const BLOOM_FALSE: f64 = 0.01;

/// A packing further back in a list must save more than one of so many parts, and than one byte for so many
/// rows: the earlier is the quicker.
pub(super) const WORTH_IT: usize = 16;

/// What the values of a column become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    /// Codes into the distinct values of the row group.
    Codes,
    /// Differences from the value before.
    Differences,
    /// As they are; compression does the rest.
    Plain,
    /// The first, unless a later one makes a file's first row group clearly smaller: how a column repeats itself
    /// differs from network to network.
    Smallest(&'static [Packing]),
}

pub(super) fn packing(column: &ColumnDef) -> Packing {
    match column.name {
        "TimeGenerated" => Packing::Differences,
        // Where a flow's begin and end stand together a port is repeated, else it is as good as random.
        "SrcPort" => Packing::Smallest(&[Packing::Differences, Packing::Plain]),
        "TupleIndex" => Packing::Smallest(&[Packing::Differences, Packing::Codes]),
        // Where records are small a code for each is dearer than what it stands for.
        "RecordOffset" | "RecordTime" | "RecordHash" => Packing::Smallest(&[Packing::Codes, Packing::Plain]),
        // There are few numbers of packets; sizes differ more.
        "PacketsSrcToDest" | "PacketsDestToSrc" => Packing::Smallest(&[Packing::Codes, Packing::Plain]),
        "BytesSrcToDest" | "BytesDestToSrc" => Packing::Smallest(&[Packing::Plain, Packing::Codes]),
        // Texts nobody looks up, each different from the others.
        "AdditionalFields" | "Raw" => Packing::Plain,
        _ if column.value_type == ValueType::Bool => Packing::Plain,
        _ => Packing::Codes,
    }
}

/// Columns that people look one value up in.
pub(super) fn has_bloom(column: &ColumnDef) -> bool {
    matches!(column.name, "SrcIp" | "DestIp")
}
