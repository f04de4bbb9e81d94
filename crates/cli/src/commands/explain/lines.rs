//! What the table has of a flow: its tuples, others like it, and what its interfaces logged around it.

use std::net::IpAddr;

use arrow_array::cast::AsArray as _;
use arrow_array::types::TimestampMicrosecondType;
use engine::{Engine, KqlFailure, QueryContext};
use kql::values::{TICKS_PER_MICROSECOND, UNIX_EPOCH_TICKS};
use kqleval::Table as Rows;
use kqlfn::Cell;
use model::facts::Mac;
use model::protocols::{protocol_keyword, protocol_number};
use model::vocabulary::RuleKind;
use model::{Direction, FlowState, FlowStatus};
use why::explain::{Alike, Case, Counters, Coverage, FlowKey, Line, Tried};

use crate::asking::Trouble;
use crate::exit::Failure;
use crate::instant::{Micros, iso};
use crate::working::engine_failure;

/// A flow is looked for half an hour around the time that is asked about.
const AROUND: Micros = 30 * 60 * 1_000_000;
/// Tuples that are read of two addresses, the last ones.
const LINES_MAX: usize = 5_000;

/// What is asked about.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) sources: Vec<IpAddr>,
    pub(super) source_port: Option<u16>,
    pub(super) destinations: Vec<IpAddr>,
    pub(super) destination_port: Option<u16>,
    /// The destinations and ports that rows of it may have, where these are known to be others; no port stands for any.
    pub(super) logged_at: Vec<(IpAddr, Option<u16>)>,
    pub(super) protocol: Option<u8>,
    pub(super) at: Option<Micros>,
    pub(super) flow_id: Option<String>,
    pub(super) public: [Option<IpAddr>; 2],
    pub(super) window: Option<Window>,
}

/// Which of what came in is counted.
#[derive(Clone, Copy, Debug)]
enum Came {
    /// What was sent to a frontend.
    ByFront,
    /// What was not.
    Otherwise,
}

/// Times, both included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    from: Micros,
    to: Micros,
}

impl Window {
    /// Around a time.
    pub(super) fn of(at: Option<Micros>) -> Option<Self> {
        at.map(|at| Self {
            from: at.saturating_sub(AROUND),
            to: at.saturating_add(AROUND),
        })
    }

    fn text(self) -> String {
        format!(
            "\n| where TimeGenerated between (datetime({}) .. datetime({}))",
            iso(self.from),
            iso(self.to)
        )
    }
}

impl Asked {
    /// Rows between the two ends. All that is put into it are addresses and numbers.
    fn rows(&self, window: Option<Window>) -> String {
        let list = |all: &[IpAddr]| {
            let all: Vec<String> = all.iter().map(|address| format!("'{address}'")).collect();
            all.join(", ")
        };
        let own = self
            .destinations
            .iter()
            .map(|address| (*address, self.destination_port));
        let at: Vec<(IpAddr, Option<u16>)> = match self.logged_at.as_slice() {
            [] => own.collect(),
            some => some.to_vec(),
        };
        let mut addresses: Vec<IpAddr> = at.iter().map(|(address, _)| *address).collect();
        addresses.dedup();
        let mut text = format!(
            "Flows\n| where LogFormat !startswith 'ta-'{}\n| where SrcIp in ({}) and DestIp in ({})",
            window.map(Window::text).unwrap_or_default(),
            list(&self.sources),
            list(&addresses)
        );
        text.push_str(&ports(&at));
        if let Some(protocol) = self.protocol {
            let keyword = protocol_keyword(protocol).map_or_else(|| protocol.to_string(), str::to_owned);
            text.push_str(&format!(" and L4Protocol == '{keyword}'"));
        }
        text
    }

    /// What came in, counted, told apart by whether its sender logged it to one of some frontends: with the same source port and at about
    /// the same time.
    fn came(&self, fronts: &[(IpAddr, Option<u16>)], machines: &[(IpAddr, Option<u16>)], by: Came) -> String {
        let at = |logged_at: &[(IpAddr, Option<u16>)]| Self {
            logged_at: logged_at.to_vec(),
            ..self.clone()
        };
        let join = match by {
            Came::ByFront => "inner",
            Came::Otherwise => "leftanti",
        };
        format!(
            "let Sent = {}\n| where FlowDirection == 'Outbound'\n| project SrcPort, Sent = TimeGenerated;
let Got = {}\n| where IsFlowCapturedAtUdrHop != true and FlowDirection == 'Inbound' and (FlowStatus == 'Denied' or FlowState !in ('C', 'E'))
| project SrcPort, FlowId, FlowStatus, TimeGenerated;
let ByFront = Got
| join kind=inner Sent on SrcPort
| where Sent between (TimeGenerated - 90s .. TimeGenerated + 90s)
| distinct FlowId;
Got
| join kind={join} ByFront on FlowId
| summarize count(), countif(FlowStatus == 'Denied'), min(TimeGenerated), max(TimeGenerated) by FlowDirection = 'Inbound'",
            at(fronts).rows(None),
            at(machines).rows(None)
        )
    }
}

/// The condition for ports: one for all, or one for each address.
fn ports(at: &[(IpAddr, Option<u16>)]) -> String {
    let same = at.first().map(|(_, port)| *port);
    match same.filter(|same| at.iter().all(|(_, port)| port == same)) {
        Some(None) => String::new(),
        Some(Some(port)) => format!(" and DestPort == {port}"),
        None => {
            let each = at.iter().map(|(address, port)| match port {
                Some(port) => format!("(DestIp == '{address}' and DestPort == {port})"),
                None => format!("DestIp == '{address}'"),
            });
            let each: Vec<String> = each.collect();
            format!(" and ({})", each.join(" or "))
        }
    }
}

const COLUMNS: &str = "TimeGenerated, MacAddress, FlowDirection, SrcIp, SrcPort, DestIp, DestPort, L4Protocol, FlowState,
    FlowStatus, FlowEncryption, PacketsSrcToDest, BytesSrcToDest, PacketsDestToSrc, BytesDestToSrc, AclRuleKind, AclRuleLogged,
    AclIdLogged, TargetResourceId, LogFormat, FlowId";

async fn ask(engine: &Engine, context: &QueryContext, text: &str) -> Result<Rows, Failure> {
    let failed = |failure: KqlFailure| Trouble::of(failure, None).failure;
    let (answers, _) = engine.kql(context, text, Vec::new()).await.map_err(failed)?;
    let rows = answers.into_iter().next().map(|answer| answer.rows);
    rows.ok_or_else(|| Failure::bug("a query without an answer"))
}

/// The tuples between the two ends, the last ones.
pub(super) async fn of_flow(
    engine: &Engine,
    context: &QueryContext,
    asked: &Asked,
) -> Result<Vec<Line>, Failure> {
    let port = asked.source_port.map(|port| format!(" and SrcPort == {port}"));
    let text = format!(
        "{}{}\n| top {LINES_MAX} by TimeGenerated desc\n| project {COLUMNS}",
        asked.rows(asked.window),
        port.unwrap_or_default()
    );
    let rows = ask(engine, context, &text).await?;
    Ok((0..rows.rows).filter_map(|row| line(&rows, row)).collect())
}

/// How often the same was tried.
pub(super) async fn alike(
    engine: &Engine,
    context: &QueryContext,
    asked: &Asked,
    case: &Case<'_>,
) -> Result<Option<Alike>, Failure> {
    let key = case.key();
    let (behind, fronts) = (case.logged_behind_front(), case.fronts_of_machine());
    let [_, public] = asked.public;
    let mut destinations = asked.destinations.clone();
    destinations.retain(|address| Some(*address) != public);
    if behind.is_some() || !destinations.contains(&key.destination) {
        destinations = vec![key.destination];
    }
    let own: Vec<(IpAddr, Option<u16>)> = destinations
        .iter()
        .map(|address| (*address, key.destination_port))
        .collect();
    let asked = Asked {
        destinations,
        destination_port: key.destination_port,
        logged_at: Vec::new(),
        protocol: key.protocol,
        ..asked.clone()
    };
    // What came by a balancer is logged at its machine as what was sent there is.
    let came = match (&behind, fronts.as_slice()) {
        (Some(machines), _) => Some(asked.came(&own, machines, Came::ByFront)),
        (None, []) => None,
        (None, fronts) => Some(asked.came(fronts, &own, Came::Otherwise)),
    };
    let leaving = came.is_some().then_some("\n| where FlowDirection == 'Outbound'");
    let text = format!(
        "{}\n| where IsFlowCapturedAtUdrHop != true{}\n| summarize countif(FlowStatus == 'Denied' or FlowState !in ('C', 'E')), countif(FlowStatus == 'Denied'),
    min(TimeGenerated), max(TimeGenerated) by FlowDirection",
        asked.rows(None),
        leaving.unwrap_or_default()
    );
    let mut all: Option<Alike> = None;
    for text in [Some(text), came].into_iter().flatten() {
        let rows = ask(engine, context, &text).await?;
        for row in 0..rows.rows {
            add(&mut all, &rows, row);
        }
    }
    Ok(all)
}

/// Adds a line of direction, attempts, denials, first and last time.
fn add(all: &mut Option<Alike>, rows: &Rows, row: usize) {
    let number = |column| rows.cell(column, row).long().unwrap_or_default();
    let Some((first, last)) = instant(rows, 3, row).zip(instant(rows, 4, row)) else {
        return;
    };
    let alike = all.get_or_insert(Alike {
        first,
        last,
        ..Alike::default()
    });
    alike.first = alike.first.min(first);
    alike.last = alike.last.max(last);
    let tried = match Direction::from_text(&rows.cell(0, row).text()) {
        Some(Direction::Outbound) => &mut alike.leaving,
        _ => &mut alike.coming_in,
    };
    *tried = Tried {
        attempts: tried.attempts + number(1),
        denied: tried.denied + number(2),
    };
}

/// How many tuples there are the other way round: of these ports and this protocol, as far as they were asked for.
pub(super) async fn reversed(engine: &Engine, context: &QueryContext, asked: &Asked) -> Result<i64, Failure> {
    let turned = Asked {
        sources: asked.destinations.clone(),
        destinations: asked.sources.clone(),
        destination_port: asked.source_port,
        logged_at: Vec::new(),
        ..asked.clone()
    };
    let port = asked
        .destination_port
        .map(|port| format!(" and SrcPort == {port}"));
    let rows = ask(
        engine,
        context,
        &format!(
            "{}{}\n| count",
            turned.rows(asked.window),
            port.unwrap_or_default()
        ),
    )
    .await?;
    Ok(rows.cell(0, 0).long().unwrap_or_default())
}

/// What the interfaces of a flow logged around its time.
pub(super) async fn coverage(
    engine: &Engine,
    context: &QueryContext,
    case: &Case<'_>,
) -> Result<Vec<Coverage>, Failure> {
    let macs: Vec<String> = case.macs().iter().map(|mac| format!("'{mac}'")).collect();
    if macs.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "Flows\n| where LogFormat !startswith 'ta-' and MacAddress in ({}){}\n| summarize count(), max(TimeGenerated) by MacAddress",
        macs.join(", "),
        Window::of(case.time()).map(Window::text).unwrap_or_default()
    );
    let rows = ask(engine, context, &text).await?;
    let all = (0..rows.rows).filter_map(|row| {
        Some(Coverage {
            mac: Mac::parse(&rows.cell(0, row).text())?,
            tuples: rows.cell(1, row).long()?,
            last: instant(&rows, 2, row)?,
        })
    });
    Ok(all.collect())
}

/// True for the identity of a row.
pub(super) fn is_flow_id(typed: &str) -> bool {
    let mut parts = typed.split('-');
    let is_hash = parts
        .next()
        .is_some_and(|hash| hash.len() == 32 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let is_number = |part: Option<&str>| {
        part.is_some_and(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    is_hash && is_number(parts.next()) && is_number(parts.next()) && parts.next().is_none()
}

/// The flow of a row. Its record is found by its hash, which takes a tenth of the time that looking at every identity would.
pub(super) async fn of_flow_id(engine: &Engine, context: &QueryContext, id: &str) -> Result<Asked, Failure> {
    let id = id.to_ascii_lowercase();
    let none = || {
        Failure::usage(format!("no row has the FlowId `{id}`")).hint(
            "`flowglass query \"Flows | project FlowId\"` shows them; the table or the times may be others",
        )
    };
    let Some(at) = time_of(engine, context, &id).await? else {
        return Err(none());
    };
    let window = Window { from: at, to: at };
    let text = format!(
        "Flows{}\n| where FlowId == '{id}'\n| take 1\n| project {COLUMNS}",
        window.text()
    );
    let rows = ask(engine, context, &text).await?;
    let found = (0..rows.rows).find_map(|row| line(&rows, row));
    found.map(|line| of_line(&line)).ok_or_else(none)
}

/// When the row of an identity was logged.
async fn time_of(engine: &Engine, context: &QueryContext, id: &str) -> Result<Option<Micros>, Failure> {
    let mut parts = id.split('-');
    let (Some(hash), Some(occurrence), Some(index)) = (parts.next(), parts.next(), parts.next()) else {
        return Ok(None);
    };
    let text = format!(
        "SELECT \"TimeGenerated\" FROM \"Flows\" WHERE \"RecordHash\" = X'{hash}' AND \"RecordOccurrence\" = {occurrence} \
         AND \"TupleIndex\" = {index} LIMIT 1"
    );
    let failed = |error: engine::EngineError| engine_failure(&error);
    let batches = engine
        .sql(context, &text)
        .await
        .map_err(failed)?
        .collect()
        .await
        .map_err(failed)?;
    let times = batches.iter().filter_map(|batch| {
        let times = batch.column(0).as_primitive_opt::<TimestampMicrosecondType>()?;
        times.iter().flatten().next()
    });
    Ok({ times }.next())
}

fn of_line(line: &Line) -> Asked {
    Asked {
        sources: vec![line.key.source],
        source_port: line.key.source_port,
        destinations: vec![line.key.destination],
        destination_port: line.key.destination_port,
        logged_at: Vec::new(),
        protocol: line.key.protocol,
        at: Some(line.at),
        flow_id: Some(line.flow_id.clone()),
        public: [None, None],
        window: Window::of(Some(line.at)),
    }
}

/// The flows of the first rows of a query.
pub(super) async fn of_query(
    engine: &Engine,
    context: &QueryContext,
    query: &str,
    top: usize,
) -> Result<Vec<Asked>, Failure> {
    let rows = ask(engine, context, query).await?;
    let column = |name: &str| rows.schema.iter().position(|column| *column.name == *name);
    let (Some(source), Some(destination)) = (column("SrcIp"), column("DestIp")) else {
        let names: Vec<&str> = rows.schema.iter().map(|column| &*column.name).collect();
        return Err(Failure::usage(format!(
            "the query's rows have no columns `SrcIp` and `DestIp`, but {}",
            names.join(", ")
        ))
        .hint("keep them, and `DestPort` and `TimeGenerated`, in `project` or `summarize … by`"));
    };
    let (source_port, destination_port) = (column("SrcPort"), column("DestPort"));
    let (protocol, time) = (column("L4Protocol"), column("TimeGenerated"));
    let flow_id = column("FlowId");
    let mut all = Vec::new();
    for row in 0..rows.rows.min(top) {
        let address = |at: usize| rows.cell(at, row).text().parse::<IpAddr>().ok();
        let (Some(source), Some(destination)) = (address(source), address(destination)) else {
            continue;
        };
        let port = |at: Option<usize>| {
            let number = rows.cell(at?, row).long()?;
            u16::try_from(number).ok()
        };
        let at = time.and_then(|at| instant(&rows, at, row));
        all.push(Asked {
            sources: vec![source],
            source_port: port(source_port),
            destinations: vec![destination],
            destination_port: port(destination_port),
            logged_at: Vec::new(),
            protocol: protocol.and_then(|at| protocol_number(&rows.cell(at, row).text())),
            at,
            flow_id: flow_id.map(|at| rows.cell(at, row).text().into_owned()),
            public: [None, None],
            window: Window::of(at),
        });
    }
    Ok(all)
}

fn instant(rows: &Rows, column: usize, row: usize) -> Option<Micros> {
    match rows.cell(column, row) {
        Cell::Datetime(ticks) => Some((ticks - UNIX_EPOCH_TICKS) / TICKS_PER_MICROSECOND),
        _ => None,
    }
}

/// A tuple; none of what has no addresses.
fn line(rows: &Rows, row: usize) -> Option<Line> {
    let text = |at: usize| rows.cell(at, row).text().into_owned();
    let number = |at: usize| match rows.cell(at, row) {
        Cell::Null => None,
        cell => cell.long(),
    };
    let port = |at: usize| number(at).and_then(|number| u16::try_from(number).ok());
    let protocol = text(7);
    Some(Line {
        at: instant(rows, 0, row)?,
        mac: Mac::parse(&text(1)),
        direction: Direction::from_text(&text(2))?,
        key: FlowKey {
            source: text(3).parse().ok()?,
            source_port: port(4),
            destination: text(5).parse().ok()?,
            destination_port: port(6),
            protocol: protocol_number(&protocol).or_else(|| protocol.parse().ok()),
        },
        state: FlowState::from_text(&text(8)),
        status: FlowStatus::from_text(&text(9))?,
        encryption: text(10),
        counters: Counters {
            packets_sent: number(11),
            bytes_sent: number(12),
            packets_received: number(13),
            bytes_received: number(14),
        },
        rule_kind: RuleKind::from_text(&text(15)).unwrap_or(RuleKind::Unknown),
        rule: text(16),
        group: text(17),
        target: text(18),
        format: text(19),
        flow_id: text(20),
    })
}
