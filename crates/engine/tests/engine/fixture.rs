//! Three days of flows in two files each, with row groups of a hundred rows, and how to ask about them.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use arrow_array::builder::{BinaryBuilder, StringBuilder};
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Int32Array, Int64Array, RecordBatch, TimestampMicrosecondArray,
};
use arrow_cast::cast;
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{Schema, SchemaRef};
use engine::{Catalog, Counters, Engine, EngineError, EngineOptions, Principal, QueryContext};
use model::columns::{FLOWS, INGEST_LOG};
use model::{ColumnDef, TableDef, TableVersion, ValueType};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;
use table::snapshot::{ColumnStats, DataFile, Snapshot, StatValue};
use url::Url;

/// 2024-01-01, days since the epoch.
pub(crate) const FIRST_DAY: i32 = 19_723;
pub(crate) const DAY: i64 = 86_400_000_000;
pub(crate) const ROWS_PER_FILE: usize = 400;
/// 2024-01-03 12:00:00 UTC.
pub(crate) const NOW: i64 = (FIRST_DAY as i64 + 2) * DAY + DAY / 2;

/// A value of a row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Text(String),
    Number(i64),
    Bytes(Vec<u8>),
    Null,
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

pub(crate) type Row = BTreeMap<&'static str, Value>;

/// Row `index` of file `half` (0, 1) of day `day` (0, 1, 2).
///
/// The file's rows are a minute apart in half a day. Hosts `10.<day>.0.<0..40>` talk to four servers;
/// every tenth row is denied. `198.51.100.7` occurs once, on the second day.
pub(crate) fn row(day: i64, half: i64, index: i64) -> Row {
    let time = (i64::from(FIRST_DAY) + day) * DAY + half * (DAY / 2) + index * 60_000_000;
    let denied = index % 10 == 9;
    let needle = (day, half, index) == (1, 0, 250);
    let source = if needle {
        "198.51.100.7".to_owned()
    } else {
        format!("10.{day}.0.{}", (index * 7) % 40)
    };
    let (port, protocol) = [(443, "TCP"), (53, "UDP"), (22, "TCP"), (50_000, "TCP")][(index % 4) as usize];
    let counted = |value: i64| if denied { Value::Null } else { Value::Number(value) };
    let mut hash = vec![0u8; 16];
    hash[0] = day as u8;
    hash[1] = half as u8;
    hash[15] = (index / 8) as u8;
    Row::from([
        ("TimeGenerated", time.into()),
        ("FlowDate", (i64::from(FIRST_DAY) + day).into()),
        ("RecordTime", (time + 30_000_000).into()),
        ("MacAddress", "00-0D-3A-00-00-01".into()),
        ("SrcIp", Value::Text(source)),
        ("DestIp", Value::Text(format!("10.9.0.{}", index % 4))),
        ("SrcPort", (40_000 + index).into()),
        ("DestPort", i64::from(port).into()),
        ("L4Protocol", protocol.into()),
        (
            "FlowDirection",
            if index % 2 == 0 { "Inbound" } else { "Outbound" }.into(),
        ),
        ("FlowState", if denied { "D" } else { "E" }.into()),
        ("FlowStatus", if denied { "Denied" } else { "Allowed" }.into()),
        ("FlowEncryption", "NX".into()),
        ("PacketsSrcToDest", counted(2)),
        ("BytesSrcToDest", counted(100 + index)),
        ("PacketsDestToSrc", counted(3)),
        ("BytesDestToSrc", counted(1000)),
        ("AclRule", if denied { "denyall" } else { "allowweb" }.into()),
        ("AclRuleKind", "UserRule".into()),
        ("LogFormat", "vnet-4".into()),
        ("SourceId", (day * 2 + half).into()),
        ("RecordOffset", (index / 8 * 1000).into()),
        ("TupleIndex", (index % 8).into()),
        ("RecordHash", Value::Bytes(hash)),
        ("RecordOccurrence", 0.into()),
    ])
}

pub(crate) fn rows(day: i64, half: i64) -> Vec<Row> {
    (0..ROWS_PER_FILE as i64)
        .map(|index| row(day, half, index))
        .collect()
}

/// How a file is written.
#[derive(Clone, Copy, Default)]
pub(crate) struct Layout {
    /// Text as dictionaries, as batches come from the parser, with the Arrow schema in the footer.
    pub(crate) dictionaries: bool,
    /// A column that the file does not have.
    pub(crate) without: Option<&'static str>,
}

fn column(def: &ColumnDef, rows: &[Row]) -> ArrayRef {
    let cell = |row: &Row| row.get(def.name).cloned().unwrap_or(Value::Null);
    let number = |row: &Row| match cell(row) {
        Value::Number(number) => Some(number),
        _ => None,
    };
    let narrow = |row: &Row| number(row).map(|number| i32::try_from(number).unwrap());
    match def.value_type {
        ValueType::Text => {
            let mut text = StringBuilder::new();
            rows.iter().for_each(|row| match cell(row) {
                Value::Text(value) => text.append_value(value),
                _ => text.append_null(),
            });
            Arc::new(text.finish())
        }
        ValueType::Bytes => {
            let mut bytes = BinaryBuilder::new();
            rows.iter().for_each(|row| match cell(row) {
                Value::Bytes(value) => bytes.append_value(value),
                _ => bytes.append_null(),
            });
            Arc::new(bytes.finish())
        }
        ValueType::Int => Arc::new(rows.iter().map(narrow).collect::<Int32Array>()),
        ValueType::Day => Arc::new(rows.iter().map(narrow).collect::<Date32Array>()),
        ValueType::Long => Arc::new(rows.iter().map(number).collect::<Int64Array>()),
        ValueType::Instant => Arc::new(
            rows.iter()
                .map(number)
                .collect::<TimestampMicrosecondArray>()
                .with_timezone("UTC"),
        ),
        ValueType::Bool => Arc::new(
            rows.iter()
                .map(|row| number(row).map(|n| n != 0))
                .collect::<BooleanArray>(),
        ),
    }
}

fn parquet(table: &TableDef, rows: &[Row], layout: Layout) -> Vec<u8> {
    let columns: Vec<&ColumnDef> = table
        .stored_columns()
        .filter(|column| column.name != table.partition && Some(column.name) != layout.without)
        .collect();
    let fields: Vec<_> = columns
        .iter()
        .map(|column| {
            if layout.dictionaries {
                column.batch_field()
            } else {
                column.field()
            }
        })
        .collect();
    let schema: SchemaRef = Arc::new(Schema::new(fields));
    let arrays = columns
        .iter()
        .zip(schema.fields())
        .map(|(def, field)| cast(&column(def, rows), field.data_type()).unwrap())
        .collect();
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).unwrap();
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(100))
        .set_data_page_row_count_limit(25)
        .set_write_batch_size(25)
        .set_column_bloom_filter_enabled(ColumnPath::from("SrcIp"), true)
        .set_column_bloom_filter_enabled(ColumnPath::from("DestIp"), true)
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, schema, Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn stats(table: &TableDef, rows: &[Row], layout: Layout) -> BTreeMap<String, ColumnStats> {
    let bounded = [
        "TimeGenerated",
        "IngestTime",
        "SrcIp",
        "SrcPort",
        "DestPort",
        "BytesSrcToDest",
        "FlowEncryption",
    ];
    let mut stats = BTreeMap::new();
    for def in table.stored_columns().filter(|def| bounded.contains(&def.name)) {
        if Some(def.name) == layout.without {
            continue;
        }
        let mut values: Vec<StatValue> = rows
            .iter()
            .filter_map(|row| match (row.get(def.name)?, def.value_type) {
                (Value::Text(text), _) => Some(StatValue::Text(text.clone())),
                (Value::Number(n), ValueType::Int) => Some(StatValue::Int(i32::try_from(*n).unwrap())),
                (Value::Number(n), ValueType::Long) => Some(StatValue::Long(*n)),
                (Value::Number(n), ValueType::Instant) => Some(StatValue::Instant(*n)),
                _ => None,
            })
            .collect();
        values.sort();
        let nulls = Some((rows.len() - values.len()) as u64);
        stats.insert(
            def.name.to_owned(),
            ColumnStats {
                min: values.first().cloned(),
                max: values.last().cloned(),
                nulls,
            },
        );
    }
    stats
}

/// A file of the table, with its bytes.
pub(crate) fn file(
    table: &TableDef,
    name: &str,
    day: i32,
    rows: &[Row],
    layout: Layout,
) -> (DataFile, Vec<u8>) {
    let bytes = parquet(table, rows, layout);
    let date = chrono::DateTime::from_timestamp(i64::from(day) * 86_400, 0)
        .unwrap()
        .format("%Y-%m-%d");
    let file = DataFile {
        path: format!("{}={date}/part-{name}.zstd.parquet", table.partition),
        bytes: bytes.len() as u64,
        modified_millis: 1_704_000_000_000,
        day,
        rows: Some(rows.len() as u64),
        columns: stats(table, rows, layout),
    };
    (file, bytes)
}

/// A file of rows that are like one of the fixture but for what is said of each: milliseconds after the first midnight, and
/// columns as `name=value`; `Mac` is the end of the MAC address.
pub(crate) fn said_file(said: &[(i64, &str)]) -> (DataFile, Vec<u8>) {
    let made = said.iter().map(|(millis, said)| {
        let mut made = row(0, 0, 0);
        let time = i64::from(FIRST_DAY) * DAY + millis * 1000;
        made.insert("TimeGenerated", time.into());
        for word in said.split_whitespace() {
            let (name, value) = word.split_once('=').unwrap();
            if name == "Mac" {
                let mac = format!("00-0D-3A-00-00-{value}");
                made.insert("MacAddress", mac.as_str().into());
                continue;
            }
            let name = FLOWS.column(name).unwrap().name;
            let value = match value.parse::<i64>() {
                Ok(number) => Value::Number(number),
                Err(_) if value == "null" => Value::Null,
                Err(_) => value.into(),
            };
            made.insert(name, value);
        }
        made
    });
    let rows: Vec<Row> = made.collect();
    file(&FLOWS, "0", FIRST_DAY, &rows, Layout::default())
}

/// The six files of `Flows`. Those of the third day hold dictionaries.
pub(crate) fn flow_files() -> &'static [(DataFile, Vec<u8>)] {
    static FILES: OnceLock<Vec<(DataFile, Vec<u8>)>> = OnceLock::new();
    FILES.get_or_init(|| {
        (0..3i32)
            .flat_map(|day| (0..2i32).map(move |half| (day, half)))
            .map(|(day, half)| {
                let layout = Layout {
                    dictionaries: day == 2,
                    without: None,
                };
                let rows = rows(i64::from(day), i64::from(half));
                file(&FLOWS, &half.to_string(), FIRST_DAY + day, &rows, layout)
            })
            .collect()
    })
}

fn ingest_files() -> Vec<(DataFile, Vec<u8>)> {
    let time = i64::from(FIRST_DAY) * DAY;
    let rows: Vec<Row> = (0..6i64)
        .map(|source| {
            let mut row = Row::from([
                ("IngestTime", (time + source).into()),
                ("Source", Value::Text(format!("blob-{source}"))),
                ("Sha256", "00".into()),
                ("SourceSha256", "00".into()),
                ("Compression", "none".into()),
                ("SourceId", source.into()),
            ]);
            for column in INGEST_LOG.stored_columns().filter(|column| !column.nullable) {
                row.entry(column.name).or_insert(Value::Number(1));
            }
            row
        })
        .collect();
    // The same relative path as a file of `Flows` would have, were the partition named alike.
    vec![file(&INGEST_LOG, "0", FIRST_DAY, &rows, Layout::default())]
}

/// A snapshot of files held in memory.
pub(crate) async fn snapshot(
    table: &'static TableDef,
    version: i64,
    files: &[(DataFile, Vec<u8>)],
) -> Snapshot {
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    for (file, bytes) in files {
        store
            .put(&Path::from(file.path.as_str()), PutPayload::from(bytes.clone()))
            .await
            .unwrap();
    }
    Snapshot {
        table,
        version: TableVersion(version),
        root: Url::parse(&format!("memory:///data/{}/", table.name)).unwrap(),
        store,
        files: Arc::new(files.iter().map(|(file, _)| file.clone()).collect()),
    }
}

pub(crate) fn engine_of(snapshots: Vec<Snapshot>) -> Engine {
    let options = EngineOptions {
        roundtrip_plans: true,
        ..EngineOptions::default()
    };
    Engine::with_options(
        Catalog {
            snapshots,
            ..Catalog::default()
        },
        options,
    )
    .unwrap()
}

/// `Flows` at version 7 and `IngestLog` at version 3.
pub(crate) async fn engine() -> Engine {
    let flows = snapshot(&FLOWS, 7, flow_files()).await;
    let log = snapshot(&INGEST_LOG, 3, &ingest_files()).await;
    engine_of(vec![flows, log])
}

pub(crate) fn context() -> QueryContext {
    let mut context = QueryContext::new(Principal("test".to_owned()), NOW);
    context.limits.partitions = 2;
    context
}

/// Header and rows, cells joined by ` | `, null as nothing.
pub(crate) fn lines(schema: &Schema, batches: &[RecordBatch]) -> Vec<String> {
    let options = FormatOptions::default();
    let header: Vec<&str> = schema
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    let mut lines = vec![header.join(" | ")];
    for batch in batches {
        let columns: Vec<_> = batch
            .columns()
            .iter()
            .map(|column| ArrayFormatter::try_new(column, &options).unwrap())
            .collect();
        for row in 0..batch.num_rows() {
            let cells: Vec<String> = columns
                .iter()
                .map(|column| column.value(row).to_string())
                .collect();
            lines.push(cells.join(" | "));
        }
    }
    lines
}

/// Runs a query to its end.
pub(crate) async fn run(
    engine: &Engine,
    context: &QueryContext,
    sql: &str,
) -> Result<(Vec<String>, Counters), EngineError> {
    let result = engine.sql(context, sql).await?;
    let (schema, explain) = (result.schema(), result.explain());
    let batches = result.collect().await?;
    Ok((lines(&schema, &batches), explain.counters()))
}

/// The answer of a query, as a table of lines.
#[track_caller]
pub(crate) fn check(sql: &str, expected: &str) {
    let (lines, _) =
        block_on(async { run(&engine().await, &context(), sql).await }).unwrap_or_else(|error| {
            panic!("{sql}\n{error}");
        });
    assert_same(sql, &lines, expected);
}

/// The same, with what the query touched.
#[track_caller]
pub(crate) fn check_counted(sql: &str, expected: &str) -> Counters {
    let (lines, counters) = block_on(async { run(&engine().await, &context(), sql).await }).unwrap();
    assert_same(sql, &lines, expected);
    counters
}

/// The error of a query, with its code and hint.
#[track_caller]
pub(crate) fn check_error(sql: &str, expected: &str) {
    let error = block_on(async { run(&engine().await, &context(), sql).await }).unwrap_err();
    let text = format!(
        "{}: {error}\nhint: {}",
        error.code(),
        error.hint().unwrap_or_default()
    );
    assert_same(
        sql,
        &text.lines().map(str::to_owned).collect::<Vec<_>>(),
        expected,
    );
}

#[track_caller]
pub(crate) fn assert_same(sql: &str, lines: &[String], expected: &str) {
    let got: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    let expected: Vec<&str> = expected.trim().lines().map(str::trim).collect();
    assert!(
        got == expected,
        "{sql}\n--- got\n{}\n--- expected\n{}",
        got.join("\n"),
        expected.join("\n")
    );
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

/// The rows of a query, cell by cell.
pub(crate) async fn check_kql(engine: &Engine, query: &str, expected: &[&str]) {
    let (answers, _) = engine.kql(&context(), query, Vec::new()).await.unwrap();
    let rows = &answers[0].rows;
    let text: Vec<String> = (0..rows.rows)
        .map(|row| {
            let cells = rows.row(row).into_iter().map(|cell| cell.text().into_owned());
            cells.collect::<Vec<_>>().join(" ")
        })
        .collect();
    assert_eq!(text, expected, "{query}");
}
