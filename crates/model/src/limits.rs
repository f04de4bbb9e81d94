//! Everything has a limit, and every limit a reason.
//!
//! Limits are arguments: each crate takes the ones it holds to from its caller, and these are the
//! defaults. `docs/limits.md` is made from [`LIMITS`].

use std::fmt::Write as _;

/// A limit as its page shows it.
#[derive(Debug)]
pub struct Limit {
    /// Name, with the unit last.
    pub name: &'static str,
    /// Default.
    pub value: u64,
    /// Why this much and not more.
    pub reason: &'static str,
}

macro_rules! limits {
    ($($(#[$meta:meta])* $name:ident : $type:ty = $value:expr, $reason:literal;)+) => {
        $(#[doc = $reason] pub const $name: $type = $value;)+

        /// Every limit.
        pub const LIMITS: &[Limit] = &[$(Limit { name: stringify!($name), value: $name as u64, reason: $reason }),+];
    };
}

limits! {
    TUPLE_BYTES_MAX: usize = 1024, "A real tuple has fewer than 200 bytes; IPv6 and 20-digit counters fit three times over.";
    STRING_BYTES_MAX: usize = 4 * 1024, "The longest text in a record is an ARM id of a few hundred bytes.";
    DEPTH_MAX: usize = 64, "A flow log is eight levels deep; the parser needs no recursion beyond this to pass over unknown values.";
    WINDOW_BYTES: usize = 256 * 1024, "The parser's read buffer: fits the second-level cache, and is far larger than any token.";
    BATCH_ROWS: usize = 16 * 1024, "Rows handed on at once: large enough to amortise; 2.5 MB, so that the next batch finds the memory still in cache.";
    DETECT_HEADER_BYTES_MAX: usize = 256 * 1024, "What is looked at to tell the form of a source by its header: the widest of a Log Analytics table has 20 KB.";
    DETECT_BYTES_MAX: usize = 2 << 20, "What is looked at to tell the form of a source by its objects: a row as long as a row may be, or a message of an event hub that holds another table, and as much again.";
    DETECT_OBJECTS_MAX: usize = 1000, "Objects of no known form that are passed over to tell the form of a source: as many rows as a message of an event hub holds.";
    ROW_BYTES_MAX: usize = 1 << 20, "A row of a Log Analytics table with 30 of its columns filled to their limit of 32 KB; real ones have 2 KB.";
    ROW_CELL_BYTES_MAX: usize = 128 * 1024, "Log Analytics cuts a column at 32 KB; four bytes a character leave room for any script.";
    ROW_COLUMNS_MAX: usize = 1024, "A Log Analytics table has at most 500 columns, NTANetAnalytics 93.";
    ROW_DEPTH_MAX: usize = 8, "Objects inside a row are read as `outer.inner`; known envelopes are three levels deep.";
    ROW_SHAPES_MAX: usize = 256, "Sets of keys remembered for a source: rows without their empty keys have a few dozen.";
    ROWS_REMEMBERED_MAX: usize = 1_800_000, "Rows whose hash is remembered to tell repeats: 19 MB, and more than one export may hold.";
    ROWS_JUDGED: usize = 20, "Rows by which a source is refused if all of them contradict their layout: few enough to wait for, too many for chance.";
    ROW_TEXT_BYTES_MAX: usize = 16 << 20, "Further fields that one batch of rows carries as text: 8,000 rows of 2 KB.";
    BATCH_TEXT_BYTES_MAX: usize = 4 << 20, "Names and addresses that one batch refers to: ordinary batches hold a few hundred KB.";
    RECORD_ROWS_PENDING_MAX: usize = 1 << 16, "Tuples that may wait for a header that follows them: a hundred times Azure's largest record, about 10 MB.";
    RECORD_NAME_BYTES_PENDING_MAX: usize = 8 << 20, "Rule, group and interface names of one record that may wait for its end; ordinary records hold a few KB.";
    DECOMPRESSED_BYTES_MAX: u64 = 64 << 30, "A blob of one interface's hour has at most a few GB; beyond this it is a bomb.";
    DECOMPRESSED_RATIO_MAX: u64 = 2000, "Flow logs compress eight- to fiftyfold, gzip at best about a thousandfold.";
    QUARANTINE_RAW_BYTES_MAX: usize = 4096, "Enough to see what is wrong; the source keeps the rest.";
    QUARANTINE_ROWS_PER_SOURCE_MAX: usize = 10_000, "A hostile file of bad tuples must not fill the disk; beyond this only counts grow.";
    QUARANTINE_RAW_BYTES_PER_SOURCE_MAX: usize = 16 << 20, "Raw bytes of one source that quarantine keeps; beyond this it keeps the place, and the source has the bytes.";
    QUARANTINE_BYTES_PER_COMMIT_MAX: usize = 64 << 20, "What is put aside waits in memory for its commit; a group of sources ends early rather than hold more.";
    QUARANTINE_ROWS_PER_COMMIT_MAX: usize = 50_000, "What is put aside waits in memory for its commit; a group of sources ends early rather than hold more.";
    ODD_NAMES_MAX: usize = 64, "Distinct unknown keys or values remembered by name, so that a hostile file cannot grow memory.";
    CHART_POINTS_MAX: usize = 100_000, "Points of one drawing: a hundred for each of a page's thousand columns, and an SVG of 5 MB.";
    CHART_SERIES_MAX: usize = 40, "Series of one drawing: what a legend beside it can name.";
    CHART_SERIES_SEEN_MAX: usize = 10_000, "Series of an answer that is drawn, most of them left out and counted: rows that were not summarized have one each.";
    CHART_WORDS_MAX: usize = 60, "Words along an axis of one drawing: what a screen shows without turning the page.";
    TUPLE_SKEW_SECS_MAX: i64 = 86_400, "A tuple lies 2 to 65 seconds before its record; a day covers every time-zone mistake and no more.";
    TIME_MICROS_MIN: i64 = 1_420_070_400_000_000, "2015: flow logs did not exist before.";
    TIME_MICROS_MAX: i64 = 4_102_444_800_000_000, "2100: a later time has a wrong unit, and would make partitions that nobody asks for.";
    SKEW_NOTED_EARLY_SECS: i64 = 5, "Clocks differ by a second or two; a tuple dated later than this after its record is odd.";
    SKEW_NOTED_LATE_SECS: i64 = 600, "Ten times the flush interval; a tuple older than this before its record is odd.";
    LAST_ROW_QUIET_SECS: i64 = 60, "A last row without a line end is stored once nobody has written to its file for this long: a program that writes rows seldom stops inside one for a minute, and a person can wait as long.";
    RECORDS_PER_COMMIT_MAX: usize = 450_000, "Records whose hash is remembered until their commit: an hour of 7,500 interfaces in 20 MB; a group of sources ends early rather than hold more, and twice as many are kept for the groups after it.";
    PARTITIONS_PER_COMMIT_MAX: usize = 1000, "Azure keeps flow logs for at most 365 days; a source or commit of more than a thousand days has made-up times.";
    CHECK_ROWS_PER_PASS: usize = 8 << 20, "Rows that a deep check tells apart at once, at 24 bytes each: 192 MiB; of more rows, parts are looked at one after the other.";
    COMPACT_TARGET_BYTES: u64 = 128 << 20, "Size of a compacted file: 7 to 15 million rows in 55 to 120 row groups, each of which is passed over by itself; larger files save nothing, smaller ones cost an entry of the log and an open file each.";
    COMPACT_TARGET_BYTES_MIN: u64 = 1 << 20, "The footer of a data file has some 10 KB: below this size it would be a hundredth of the file.";
    COMPACT_TARGET_BYTES_MAX: u64 = 1 << 30, "A row is read and written again with its file when it is folded; a step must end in minutes.";
    COMPACT_GAIN_FILES_MIN: u64 = 3, "A step costs an entry of the log; it must take at least so many more files out of the table than it puts in.";
    COMPACT_MEMORY_BYTES: u64 = 192 << 20, "Row groups, dictionaries and batches of the files that are merged at once; with the file being written, a compaction stays below 512 MB.";
    COMPACT_RUNS_MAX: usize = 256, "Sorted runs merged at once: four hours of a file a minute; more are merged in several passes.";
    VACUUM_RETAIN_SECS: u64 = 7 * 86_400, "How long superseded files are kept: a week of `--version`, and what other Delta programs expect.";
    VACUUM_RETAIN_SECS_MIN: u64 = 3600, "A file that nothing names yet may belong to a commit that is being made; the longest reads 512 MB, in minutes, and a query may run for as long. Not even `--retain 0` goes below.";
    FACTS_BYTES_MAX: usize = 512 << 20, "A snapshot of facts, unpacked: 100,000 interfaces with all around them and the service tags of a cloud take about 120 MB.";
    HTTP_TRIES_MAX: u32 = 6, "Tries of one request: what is over within half a minute passes unseen, and who waits is told before long.";
    HTTP_ASKED_WAIT_SECS_MAX: u64 = 120, "So long a server may ask to wait: Azure Resource Manager asks for seconds to a minute; an hour is the caller's to decide.";
    HTTP_CONNECT_SECS_MAX: u64 = 10, "To reach a host: three tries of TCP; a host that takes longer is down.";
    HTTP_SILENCE_SECS_MAX: u64 = 60, "Without a byte from a server: Azure's own gateways give up after a minute.";
    HTTP_SECS_MAX: u64 = 300, "For one try of one request, to the last byte: a large page over a slow line.";
    ARM_PAGE_BYTES_MAX: usize = 64 << 20, "One answer of Azure Resource Manager: the service tags of a cloud have 5 MB, a page of a thousand interfaces 3 MB.";
    ARM_PAGES_MAX: usize = 10_000, "Pages of one list: a million resources in pages of a hundred; a list that goes on beyond goes in circles.";
    ARM_REQUESTS_AT_ONCE: usize = 8, "Requests under way: Azure refills 25 reads a second for each subscription, and an answer takes a third of one.";
    STORAGE_ANSWER_BYTES_MAX: usize = 1 << 20, "An answer of Azure Storage that is no blob and no list: an error has a few hundred bytes.";
    STORAGE_PAGE_BYTES_MAX: usize = 64 << 20, "One page of a list of blobs: 5,000 of them with 1,024 letters each, six bytes a letter where they are escaped, and a kilobyte around each.";
    BLOB_PAGE_ENTRIES_MAX: u32 = 5000, "Blobs in one page of a list: Azure gives no more.";
    BLOCK_LIST_BYTES_MAX: usize = 16 << 20, "The list of the blocks of a blob: 50,000 at most, each with an id of 88 letters.";
    BLOB_RANGE_BYTES_MAX: usize = 64 << 20, "Bytes of a blob that are read in one answer; a whole Parquet file's column chunk fits.";
    BLOCK_BYTES: usize = 8 << 20, "What is written at a time: a larger blob is sent as blocks of this size, each within a minute at 140 KB a second. 50,000 of them make 390 GB.";
    BLOCKS_AT_ONCE: usize = 4, "Blocks that are sent side by side: 32 MB in memory, and a line of a gigabit is full.";
    QUEUE_MESSAGES_AT_ONCE: u32 = 32, "Messages taken from a queue at a time: Azure gives no more.";
    TOKEN_BYTES_MAX: usize = 1 << 20, "An answer with a token: real ones have a few KB.";
    FOLLOWERS_MAX: usize = 1000, "Each is a file that every vacuum reads; there is one per detection run, sink and rollup.";
    SUMMARY_KEYS_MAX: usize = 100_000, "Addresses, pairs, rules, services or interfaces that one list of a summary counts at a time: a day of a busy network has some ten thousand pairs, and five full lists stay under 60 MB.";
    SUMMARY_NAME_BYTES_MAX: usize = 16 << 20, "Text of names that a summary holds; a hostile log could make every name as long as it may be.";
    FUNCTION_BYTES_MAX: u64 = 16 << 20, "What a function like `repeat` may make of one batch of rows, and a 64th of the query's memory at most: 2 KiB for each of 8,192 rows.";
    QUERY_MEMORY_BYTES: u64 = 4 << 30, "Memory of one query before it spills; a laptop keeps room for the rest.";
}

/// `docs/limits.md`.
#[must_use]
pub fn limits_page() -> String {
    let mut page = String::from(
        "# Limits\n\nGenerated from `crates/model/src/limits.rs` by `cargo xtask generate`; do not edit.\n\n| limit | default | why |\n|---|---|---|\n",
    );
    for limit in LIMITS {
        // Writing to a String cannot fail.
        let _ = writeln!(
            page,
            "| `{}` | {} | {} |",
            limit.name.to_lowercase(),
            limit.value,
            limit.reason
        );
    }
    page
}
