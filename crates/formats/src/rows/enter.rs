//! Rows that have been understood on their way into the batch: one for each entry of a list.

use std::collections::{HashMap, HashSet};

use model::codes::{Code, list as code};
use model::limits::{ROWS_REMEMBERED_MAX, SKEW_NOTED_EARLY_SECS, SKEW_NOTED_LATE_SECS};
use model::{LogFormat, RecordHash};

use super::layouts::{Kind, Layout};
use super::meaning::{Flow, Row, Side};
use super::role::Role;
use super::{elastic, time, tuples, values};
use crate::batch::{Extra, RecordInfo, Rows};
use crate::names;
use crate::record::known_encryption;
use crate::report::Tally;
use crate::tuple::{Envelope, Tuple};

/// What of a row went in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entered {
    /// So many rows of the table.
    Rows(usize),
    /// Nothing: it carries no flow.
    Status,
}

/// Enters rows, and knows which have come before.
#[derive(Default)]
pub(crate) struct Enter {
    /// Half the hash of each row so far; a repeat that is none would only be told as one.
    seen: HashSet<u64>,
    /// How often those came again that did.
    repeated: HashMap<u64, u32>,
    /// The hash of the row that was entered last.
    pub(crate) entered: Option<RecordHash>,
    scratch: Vec<u8>,
    further: Vec<u8>,
    name: Vec<u8>,
}

impl Enter {
    /// Enters a row that stands at this offset, or says what is wrong with it.
    pub(crate) fn row(
        &mut self,
        rows: &mut Rows,
        row: &Row<'_>,
        layout: &Layout,
        offset: u64,
        oddities: &mut Tally,
    ) -> Result<Entered, Code> {
        if row.is_status() && layout.kind == Kind::Aggregated {
            oddities.note(code::ODD_STATUS_ROW);
            return Ok(Entered::Status);
        }
        if layout.kind == Kind::Aggregated && row.is_of_other_table() {
            return Err(code::ROW_TABLE);
        }
        let first_row = rows.len();
        let record_time = match layout.kind {
            Kind::Tuple => self.tuples(rows, row, layout, oddities)?,
            Kind::Document => self.document(rows, row, oddities)?,
            Kind::Aggregated | Kind::Flat => {
                let flow = row.flow(oddities)?;
                self.flow(rows, row, &flow, layout.kind)?;
                flow.record_time
            }
        };
        let hash = row.cells.hash(row.shape, row.zone, &mut self.scratch);
        let record_hash = RecordHash(hash.to_be_bytes());
        self.entered = Some(record_hash);
        let entered = rows.len() - first_row;
        rows.close_record(RecordInfo {
            first_row,
            rows: entered,
            source: rows.source,
            offset,
            hash: record_hash,
            occurrence: self.occurrence(hash, oddities),
            time: Some(record_time),
            tuples_put_aside: 0,
            put_aside: Tally::default(),
        });
        Ok(Entered::Rows(entered))
    }

    /// How many rows with this content stood before.
    fn occurrence(&mut self, hash: u128, oddities: &mut Tally) -> u32 {
        #[expect(clippy::cast_possible_truncation, reason = "either half of a hash is one")]
        let half = hash as u64;
        if self.seen.contains(&half) {
            oddities.note(code::ODD_REPEATED_RECORD);
            // No more of them than rows are remembered.
            let count = self.repeated.entry(half).or_default();
            *count += 1;
            return *count;
        }
        if self.seen.len() < ROWS_REMEMBERED_MAX {
            self.seen.insert(half);
        }
        0
    }

    /// A row of Traffic Analytics or a flat record.
    fn flow(&mut self, rows: &mut Rows, row: &Row<'_>, flow: &Flow<'_>, kind: Kind) -> Result<(), Code> {
        if !rows.days.admit(flow.time) {
            return Err(code::TUPLE_DAYS);
        }
        let format = match kind {
            Kind::Aggregated if row.shape.suffixed => LogFormat::Ta2,
            Kind::Aggregated => LogFormat::Ta3,
            Kind::Flat | Kind::Tuple | Kind::Document => LogFormat::Flat,
        };
        row.cells.further(
            row.shape,
            |index| flow.holds(row.shape.role(index)),
            &mut self.further,
        );
        let further = (!self.further.is_empty()).then_some(self.further.as_slice());
        let one = [(
            flow.source,
            flow.destination,
            flow.started,
            flow.completed,
            flow.counters,
        )];
        match &flow.entries {
            None => push_all(rows, flow, format, further, one.into_iter())?,
            Some((side, entries)) => {
                let ends = entries.iter().map(|entry| {
                    let (source, destination) = match side {
                        Side::Source => (entry.address, flow.destination),
                        Side::Destination => (flow.source, entry.address),
                    };
                    let counters = entry.counters.map(Some);
                    (
                        source,
                        destination,
                        Some(entry.started),
                        Some(entry.ended),
                        counters,
                    )
                });
                push_all(rows, flow, format, further, ends)?;
            }
        }
        self.around_flow(rows, row, flow);
        Ok(())
    }

    /// What a row says of its rule, its interface and its resources.
    fn around_flow(&mut self, rows: &mut Rows, row: &Row<'_>, flow: &Flow<'_>) {
        let end = rows.len();
        let runs = &mut rows.runs;
        let group = row.get(Role::AclGroup);
        self.name.clear();
        names::acl_group(group.unwrap_or(&[]), &mut self.name);
        runs.acl_group.set(end, group.map(|_| self.name.as_slice()));
        runs.acl_id_logged.set(end, group);
        runs.acl_rule
            .set(end, flow.rule.map(<[u8]>::to_ascii_lowercase).as_deref());
        runs.acl_rule_kind.set(end, Some(flow.kind.as_str().as_bytes()));
        runs.acl_rule_logged.set(end, row.get(Role::AclRule));
        let mac = row.get(Role::Mac);
        names::mac_address(mac.unwrap_or(&[]), &mut self.name);
        runs.mac_address.set(end, mac.map(|_| self.name.as_slice()));
        runs.target_resource.set(end, row.get(Role::Target));
        runs.flow_log_resource.set(end, row.get(Role::FlowLog));
        runs.flow_log_guid.set(end, row.get(Role::FlowLogGuid));
        runs.system_id.set(end, row.get(Role::System));
    }

    /// Tuples in another program's envelope, all of them or none. Returns the time of their record: the
    /// envelope's, or, where it names none, the first tuple's own.
    fn tuples(
        &mut self,
        rows: &mut Rows,
        row: &Row<'_>,
        layout: &Layout,
        oddities: &mut Tally,
    ) -> Result<i64, Code> {
        let all = tuples::all(row, layout)?;
        let mut read = Vec::with_capacity(all.len());
        for found in &all {
            let tuple = found.read()?;
            if !rows.days.admit(tuple.time) {
                return Err(code::TUPLE_DAYS);
            }
            read.push((found.envelope, tuple));
        }
        let record_time = record_time(row);
        let first = read.first().map_or(0, |(_, tuple)| tuple.time);
        for (index, (envelope, tuple)) in (0..).zip(read) {
            note_skew(record_time, tuple.time, oddities);
            note_tuple(row, envelope, &tuple, oddities);
            rows.push(&tuple, index, format_of(envelope, &tuple));
            let resource = row.get(Role::Resource);
            let group = match envelope {
                Envelope::Vnet => row.get(Role::AclGroup),
                Envelope::Nsg => resource.or(row.get(Role::AclGroup)),
            };
            self.around_tuple(rows, row, envelope, (group, row.get(Role::AclRule)));
        }
        if layout.keeps_keys() {
            note_keys(row, layout, oddities);
        }
        Ok(record_time.unwrap_or(first))
    }

    /// A record whose tuples are objects: all of them, or none.
    fn document(&mut self, rows: &mut Rows, row: &Row<'_>, oddities: &mut Tally) -> Result<i64, Code> {
        let inner = elastic::tuples(row.get(Role::Tuple).ok_or(code::ROW_ELASTIC)?)?;
        let mut tuples = Vec::with_capacity(inner.len());
        for found in &inner {
            let tuple = found.tuple.read()?;
            if !rows.days.admit(tuple.time) {
                return Err(code::TUPLE_DAYS);
            }
            tuples.push((found, tuple));
        }
        let record_time = record_time(row);
        let first = tuples.first().map_or(0, |(_, tuple)| tuple.time);
        for (index, (found, tuple)) in (0..).zip(tuples) {
            note_skew(record_time, tuple.time, oddities);
            note_tuple(row, found.tuple.envelope, &tuple, oddities);
            rows.push(&tuple, index, format_of(found.tuple.envelope, &tuple));
            let names = (found.acl.as_deref(), found.rule.as_deref());
            self.around_tuple(rows, row, found.tuple.envelope, names);
        }
        Ok(record_time.unwrap_or(first))
    }

    /// The same columns as of a tuple in its own record.
    fn around_tuple(
        &mut self,
        rows: &mut Rows,
        row: &Row<'_>,
        envelope: Envelope,
        (group, logged): (Option<&[u8]>, Option<&[u8]>),
    ) {
        let end = rows.len();
        let runs = &mut rows.runs;
        let vnet = envelope == Envelope::Vnet;
        let resource = row.get(Role::Resource);
        self.name.clear();
        names::acl_group(group.unwrap_or(&[]), &mut self.name);
        runs.acl_group.set(end, group.map(|_| self.name.as_slice()));
        runs.acl_id_logged.set(end, group);
        let (kind, name) = names::rule(logged.unwrap_or(&[]), vnet);
        runs.acl_rule
            .set(end, name.map(<[u8]>::to_ascii_lowercase).as_deref());
        runs.acl_rule_kind.set(end, Some(kind.as_str().as_bytes()));
        runs.acl_rule_logged.set(end, logged);
        let mac = row.get(Role::Mac);
        names::mac_address(mac.unwrap_or(&[]), &mut self.name);
        runs.mac_address.set(end, mac.map(|_| self.name.as_slice()));
        let only = |when: bool, text| if when { text } else { None };
        runs.target_resource
            .set(end, if vnet { row.get(Role::Target) } else { resource });
        runs.flow_log_resource
            .set(end, only(vnet, row.get(Role::FlowLog).or(resource)));
        runs.flow_log_guid
            .set(end, only(vnet, row.get(Role::FlowLogGuid)));
        runs.system_id.set(end, only(!vnet, row.get(Role::System)));
    }
}

fn record_time(row: &Row<'_>) -> Option<i64> {
    let time = row.get(Role::RecordTime).map(|text| time::parse(text, row.zone));
    time?.ok().map(|time| time.micros)
}

fn note_skew(record: Option<i64>, tuple: i64, oddities: &mut Tally) {
    let skewed = record.is_some_and(|record| {
        tuple > record + SKEW_NOTED_EARLY_SECS * 1_000_000
            || tuple < record - SKEW_NOTED_LATE_SECS * 1_000_000
    });
    oddities.add(code::ODD_SKEW, u64::from(skewed));
}

/// What is odd about a tuple, as in a record of Azure's own.
fn note_tuple(row: &Row<'_>, envelope: Envelope, tuple: &Tuple<'_>, oddities: &mut Tally) {
    match envelope {
        Envelope::Vnet => {
            oddities.add(code::ODD_SECONDS, u64::from(tuple.in_seconds));
            oddities.add(code::ODD_PROTOCOL_LETTER, u64::from(tuple.protocol_letter));
            if !known_encryption(tuple.encryption) {
                oddities.note_name(code::ODD_ENCRYPTION, tuple.encryption);
            }
        }
        Envelope::Nsg => {
            oddities.add(code::ODD_MILLISECONDS, u64::from(!tuple.in_seconds));
            let arity_odd = match row.get(Role::Version) {
                Some(b"1" | b"1.0") => !tuple.short,
                Some(b"2" | b"2.0") => tuple.short,
                _ => false,
            };
            oddities.add(code::ODD_ARITY, u64::from(arity_odd));
        }
    }
}

/// Keys that the layout does not know: what they say is in no column.
fn note_keys(row: &Row<'_>, layout: &Layout, oddities: &mut Tally) {
    for (index, name) in row.shape.as_logged() {
        let further = row.shape.role(index) == Role::Further && row.cells.get(index).is_some();
        if further && !layout.has(&name.to_ascii_lowercase()) {
            oddities.note_name(code::ODD_KEY, name);
        }
    }
}

fn format_of(envelope: Envelope, tuple: &Tuple<'_>) -> LogFormat {
    match (envelope, tuple.short) {
        (Envelope::Vnet, _) => LogFormat::Vnet4,
        (Envelope::Nsg, true) => LogFormat::Nsg1,
        (Envelope::Nsg, false) => LogFormat::Nsg2,
    }
}

/// Ends, flows and counters of one row of the table.
type Ends<'a> = (&'a [u8], &'a [u8], Option<i64>, Option<i64>, [Option<i64>; 4]);

fn push_all<'a>(
    rows: &mut Rows,
    flow: &Flow<'_>,
    format: LogFormat,
    further: Option<&[u8]>,
    ends: impl Iterator<Item = Ends<'a>>,
) -> Result<(), Code> {
    for (index, (source, destination, started, completed, counters)) in (0..).zip(ends) {
        let tuple = Tuple {
            time: flow.time,
            in_seconds: false,
            source: values::address(source).ok_or(code::ROW_ADDRESS)?,
            destination: values::address(destination).ok_or(code::ROW_ADDRESS)?,
            source_port: flow.source_port.unwrap_or(0),
            destination_port: flow.destination_port,
            protocol: flow.protocol,
            protocol_letter: false,
            direction: flow.direction,
            state: flow.state,
            status: flow.status,
            encryption: flow.encryption,
            counters,
            short: false,
        };
        rows.push(&tuple, index, format);
        rows.extend_last(&Extra {
            end_time: flow.end_time,
            started,
            completed,
            additional: further,
            no_source_port: flow.source_port.is_none(),
        });
    }
    Ok(())
}
