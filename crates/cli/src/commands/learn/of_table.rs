//! What is asked about of somebody's own table: entries of some of its hours, and of its last day what simple rules find.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_cast::cast;
use arrow_schema::{DataType, Field, Schema};
use enrich::Timeline;
use futures::TryStreamExt as _;
use model::Direction;
use why::learn::{Chance, Material, Pattern};

use super::gather::{Gatherer, Wanted};
use super::telling::told;
use crate::account::try_table;
use crate::commands::demo::findings::{Asking, Finding, Kind, all, within};
use crate::commands::facts::timeline;
use crate::reading::row::Rows;
use crate::session::Session;
use crate::working::{self, engine_failure, table_failure};

const HOUR: i64 = 3_600_000_000;

/// So many of the table's hours are read.
const HOURS_READ: usize = 4;

/// So many findings of one kind are asked about.
const OF_A_KIND: usize = 3;

/// The hours that have tuples, and how many.
const HOURS: &str = "\
SELECT arrow_cast(date_trunc('hour', TimeGenerated), 'Int64') AS Hour, count(*)
FROM Flows WHERE LogFormat IN ('vnet-4', 'nsg-2', 'nsg-1') GROUP BY 1 ORDER BY 1";

/// What a row of an entry is read from.
const ROWS: &str = "\
SELECT TimeGenerated, SrcIp, DestIp, SrcPort, DestPort, L4Protocol, FlowDirection, FlowState, FlowStatus, FlowEncryption,
       PacketsSrcToDest, BytesSrcToDest, PacketsDestToSrc, BytesDestToSrc, MacAddress, TargetResourceId, AclIdLogged,
       AclRuleLogged, AclRuleKind, LogFormat, StartedFlows, CompletedFlows, RecordOccurrence
FROM Flows WHERE LogFormat IN ('vnet-4', 'nsg-2', 'nsg-1')";

/// What a table has to ask about.
pub(super) fn material(
    session: &Session,
    folder: &Path,
    seed: u64,
    wants_patterns: bool,
) -> anyhow::Result<Material> {
    working::run(session, |cancel| async move {
        let table = try_table(session, folder).await?.map_err(table_failure)?;
        let timeline = timeline(session, &table).await?;
        let engine = working::engine(&table, None).await?;
        let mut asking = Asking {
            engine: &engine,
            context: working::context(session, cancel),
        };
        let hours = hours(&asking).await?;
        let mut gatherer = Gatherer::new(seed, Vec::new());
        for hour in drawn(&hours, seed) {
            asking.context.timespan = Some((hour, hour + HOUR));
            take(&asking, ROWS, &mut gatherer).await?;
        }
        let mut gathered = gatherer.finish();
        if let Some(last) = hours.last().filter(|_| wants_patterns) {
            asking.context.timespan = Some((last + HOUR - 24 * HOUR, last + HOUR));
            gathered.wanted = patterns(&asking, &timeline, *last, seed).await?;
        }
        Ok(told(gathered, &timeline))
    })
}

async fn hours(asking: &Asking<'_>) -> anyhow::Result<Vec<i64>> {
    let rows = asking.rows(HOURS).await?;
    Ok(rows.iter().filter_map(|row| row.first()?.parse().ok()).collect())
}

/// Some of the hours, in their order.
fn drawn(hours: &[i64], seed: u64) -> Vec<i64> {
    let mut drawn = hours.to_vec();
    Chance::new(seed).shuffle(&mut drawn);
    drawn.truncate(HOURS_READ);
    drawn.sort_unstable();
    drawn
}

/// Reads rows as they come.
async fn take(asking: &Asking<'_>, sql: &str, gatherer: &mut Gatherer) -> anyhow::Result<()> {
    let result = asking.engine.sql(&asking.context, sql).await;
    let mut stream = result.map_err(|error| engine_failure(&error))?.into_stream();
    while let Some(batch) = stream.try_next().await.map_err(|error| engine_failure(&error))? {
        let batch = coded(&batch)?;
        for (_, row) in Rows::of(&batch)?.iter() {
            gatherer.take(&row);
        }
    }
    Ok(())
}

/// Texts as they are read from logs: each different one once.
fn coded(batch: &RecordBatch) -> anyhow::Result<RecordBatch> {
    let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let (mut fields, mut columns) = (Vec::new(), Vec::<ArrayRef>::new());
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let column = match column.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
                cast(&cast(column, &DataType::Utf8)?, &dictionary)?
            }
            _ => Arc::clone(column),
        };
        fields.push(Field::new(field.name(), column.data_type().clone(), true));
        columns.push(column);
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

/// What the queries of the demo find, which know nothing of what was planted, with its entries.
async fn patterns(
    asking: &Asking<'_>,
    timeline: &Timeline,
    time: i64,
    seed: u64,
) -> anyhow::Result<Vec<Wanted>> {
    let storage = within(&storage(timeline, time));
    let mut wanted: Vec<Wanted> = Vec::new();
    for finding in all(asking, &storage).await? {
        let Some(one) = wanted_of(&finding) else { continue };
        if wanted.iter().filter(|held| held.pattern == one.pattern).count() >= OF_A_KIND {
            continue;
        }
        let mut gatherer = Gatherer::new(seed, vec![one]);
        take(asking, &rows_of(&gatherer), &mut gatherer).await?;
        wanted.extend(gatherer.finish().wanted);
    }
    Ok(wanted)
}

/// The rows of what is wanted. Addresses were read as such, so nothing else gets into the text.
fn rows_of(gatherer: &Gatherer) -> String {
    let mut sql = ROWS.to_owned();
    for wanted in &gatherer.wanted {
        let targets: Vec<String> = wanted
            .targets
            .iter()
            .map(|target| format!("'{target}'"))
            .collect();
        sql.push_str(&format!(
            " AND SrcIp = '{}' AND DestIp IN ({})",
            wanted.source,
            targets.join(", ")
        ));
        if let Some(port) = wanted.port {
            sql.push_str(&format!(" AND DestPort = {port}"));
        }
    }
    sql
}

/// What belongs to Azure Storage, where much is sent to without harm.
fn storage(timeline: &Timeline, time: i64) -> Vec<String> {
    let part = timeline.at(time).map(|(part, _)| part).unwrap_or_default();
    let tags = part.facts.tags.iter().flat_map(|tags| &tags.tags);
    let storage = tags.filter(|tag| tag.name == "Storage");
    storage
        .flat_map(|tag| &tag.prefixes)
        .map(ToString::to_string)
        .collect()
}

fn wanted_of(finding: &Finding) -> Option<Wanted> {
    let (pattern, direction) = match finding.question.kind {
        Kind::SshDenied | Kind::SshAllowed => (Pattern::BruteForce, Some(Direction::Inbound)),
        Kind::PortScan => (Pattern::PortScan, Some(Direction::Inbound)),
        Kind::HostScan => (Pattern::HostScan, Some(Direction::Inbound)),
        Kind::Exfiltration => (Pattern::Exfiltration, Some(Direction::Outbound)),
        Kind::Beacon => (Pattern::Beacon, Some(Direction::Outbound)),
        Kind::DatabaseDenied => (Pattern::DeniedAccess, None),
    };
    Some(Wanted {
        pattern,
        summary: format!(
            "A query found it: {}; here {} {}.",
            finding.question.meaning,
            crate::quantity::grouped(finding.amount),
            finding.question.amount
        ),
        source: finding.source.parse().ok()?,
        targets: finding
            .targets
            .iter()
            .filter_map(|target| target.parse().ok())
            .collect(),
        port: finding.port.parse().ok(),
        direction,
        picked: Vec::new(),
        count: 0,
    })
}
