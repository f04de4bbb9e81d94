//! What the flow logs say of an address.

use std::net::IpAddr;

use engine::{Engine, KqlFailure, QueryContext};
use kqlfn::Cell;

use kql::values::{TICKS_PER_MICROSECOND, UNIX_EPOCH_TICKS};

use crate::asking::Trouble;
use crate::exit::Failure;
use crate::instant::Micros;

/// What the logs say.
#[derive(Debug, Default)]
pub(super) struct Logged {
    pub(super) lines: i64,
    /// Lines that it is the source of.
    pub(super) opened: i64,
    pub(super) denied: i64,
    pub(super) first: Option<Micros>,
    pub(super) last: Option<Micros>,
    /// Interfaces that reported lines of which it is the inner end.
    pub(super) macs: Vec<String>,
    /// The peers of most lines: address, port, whether denied, lines.
    pub(super) peers: Vec<Peer>,
}

/// Who it talked with.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) address: String,
    /// The peer opened the flow.
    pub(super) is_opener: bool,
    pub(super) port: Option<i64>,
    pub(super) protocol: String,
    pub(super) status: String,
    pub(super) lines: i64,
}

const LINES: &str = "declare query_parameters(ip: string);
let lines = Flows | where SrcIp == ip or DestIp == ip;
lines
| extend is_inner = (FlowDirection == 'Outbound' and SrcIp == ip) or (FlowDirection == 'Inbound' and DestIp == ip)
| summarize lines = count(), opened = countif(SrcIp == ip), denied = countif(FlowStatus == 'Denied'),
    begun = min(TimeGenerated), ended = max(TimeGenerated), macs = make_set_if(MacAddress, is_inner, 5)
| extend macs = strcat_array(macs, ',')";

const PEERS: &str = "declare query_parameters(ip: string);
Flows | where SrcIp == ip or DestIp == ip
| extend peer = iff(SrcIp == ip, DestIp, SrcIp), is_opener = SrcIp != ip
| summarize lines = count() by peer, is_opener, DestPort, L4Protocol, FlowStatus
| top 8 by lines";

impl Logged {
    /// Asks the table.
    pub(super) async fn of(
        engine: &Engine,
        context: &QueryContext,
        address: IpAddr,
    ) -> Result<Self, Failure> {
        let parameters = vec![("ip".to_owned(), address.to_string())];
        let failed = |failure: KqlFailure| Trouble::of(failure, None).failure;
        let mut logged = Self::default();
        let (answers, _) = engine
            .kql(context, LINES, parameters.clone())
            .await
            .map_err(failed)?;
        for rows in answers.iter().map(|answer| &answer.rows) {
            for row in 0..rows.rows {
                let number = |column| rows.cell(column, row).long().unwrap_or_default();
                let instant = |column| match rows.cell(column, row) {
                    Cell::Datetime(ticks) => Some((ticks - UNIX_EPOCH_TICKS) / TICKS_PER_MICROSECOND),
                    _ => None,
                };
                (logged.lines, logged.opened, logged.denied) = (number(0), number(1), number(2));
                (logged.first, logged.last) = (instant(3), instant(4));
                let macs = rows.cell(5, row).text().into_owned();
                let macs = macs.split(',').filter(|mac| !mac.is_empty());
                logged.macs.extend(macs.map(str::to_owned));
            }
        }
        let (answers, _) = engine.kql(context, PEERS, parameters).await.map_err(failed)?;
        for rows in answers.iter().map(|answer| &answer.rows) {
            for row in 0..rows.rows {
                logged.peers.push(Peer {
                    address: rows.cell(0, row).text().into_owned(),
                    is_opener: rows.cell(1, row) == Cell::Bool(true),
                    port: rows.cell(2, row).long(),
                    protocol: rows.cell(3, row).text().into_owned(),
                    status: rows.cell(4, row).text().into_owned(),
                    lines: rows.cell(5, row).long().unwrap_or_default(),
                });
            }
        }
        Ok(logged)
    }
}
