//! The end of a record: complete, broken off, or cut by the end of the input.

use std::io::Read;

use model::Code;
use model::codes::list as code;
use model::limits::{QUARANTINE_ROWS_PER_SOURCE_MAX, SKEW_NOTED_EARLY_SECS, SKEW_NOTED_LATE_SECS};

use super::{Parser, RECORDS_REMEMBERED_MAX, begins_record};
use crate::batch::RecordInfo;
use crate::names;
use crate::record::FAR_MICROS;
use crate::report::Quarantined;
use crate::tuple::Envelope;
use crate::window::Stop;

/// Bytes between records that quarantine shows.
const BETWEEN_SHOWN: usize = 256;

/// The categories of the two flow logs.
const VNET_CATEGORY: &[u8] = b"FlowLogFlowEvent";
const NSG_CATEGORY: &[u8] = b"NetworkSecurityGroupFlowEvent";

impl<R: Read> Parser<'_, R> {
    /// A record has ended where it should.
    pub(super) fn close_record(&mut self) -> Result<(), Stop> {
        if let Some(refusal) = self.refusal() {
            self.refuse_record(refusal);
        } else {
            self.note_header();
            self.close_part();
        }
        self.report.counts.records += 1;
        self.flush_if_full()
    }

    /// Why the record as a whole is no flow log record.
    fn refusal(&self) -> Option<Code> {
        let category = self.record.header.category.get().unwrap_or(&[]);
        let other = [
            b"NetworkSecurityGroupEvent".as_slice(),
            b"NetworkSecurityGroupRuleCounter",
        ];
        if other.iter().any(|name| category.eq_ignore_ascii_case(name)) {
            Some(code::RECORD_CATEGORY)
        } else if self.record.hybrid || self.record.envelope.is_some_and(|own| is_of_other(category, own)) {
            Some(code::RECORD_HYBRID)
        } else if self.record.envelope.is_none() && !self.record.split {
            Some(code::RECORD_UNKNOWN)
        } else {
            None
        }
    }

    fn refuse_record(&mut self, why: Code) {
        let length = self.window.offset() - self.record.offset;
        let beginning = self.record_beginning();
        let shown = usize::try_from(length).unwrap_or(usize::MAX).min(beginning.len());
        let raw = beginning.get(..shown).unwrap_or(&[]).to_vec();
        let offset = self.record.offset;
        if why == code::RECORD_HYBRID {
            // What is wrong with its tuples follows from that.
            self.record.forget_aside();
        }
        self.record.put_aside(Quarantined {
            code: why,
            offset,
            length,
            record_offset: Some(offset),
            tuple_index: None,
            raw,
        });
        if why == code::RECORD_CATEGORY {
            let category = self.record.header.category.get().unwrap_or(&[]);
            self.record.put_aside_codes.name(why, category);
        }
        self.record.tuples_put_aside = u64::from(self.record.received);
        self.rows.truncate(self.record.first_row);
        self.count_part();
    }

    fn note_header(&mut self) {
        let record = &mut self.record;
        if let Some(category) = record.header.category.get() {
            let known = [VNET_CATEGORY, NSG_CATEGORY];
            if !known.iter().any(|name| category.eq_ignore_ascii_case(name)) {
                record.oddities.note_name(code::ODD_CATEGORY, category);
            }
        }
        if record.envelope == Some(Envelope::Vnet)
            && let Some(version) = record.header.version.get()
            && version != b"4"
        {
            record.oddities.note_name(code::ODD_VERSION, version);
        }
    }

    /// Closes the rows entered since the record (or its last part) began.
    pub(super) fn close_part(&mut self) {
        self.put_far_rows_aside();
        let end = self.rows.len();
        self.settle_header(end);
        self.note_times();
        let stored = end - self.record.first_row;
        self.record.note_units(stored as u64);
        let hash = self.record.hash();
        let occurrence = self.occurrence(u128::from_be_bytes(hash.0));
        self.rows.close_record(RecordInfo {
            first_row: self.record.first_row,
            rows: stored,
            source: self.rows.source,
            offset: self.record.offset,
            hash,
            occurrence,
            time: self.record.time,
            tuples_put_aside: self.record.tuples_put_aside,
            put_aside: self.record.put_aside_codes.clone(),
        });
        self.count_part();
        self.record.split = true;
        self.record.part += 1;
        let rows = self.rows.len();
        self.record.begin_part(rows);
    }

    /// How many records with this content stood before.
    fn occurrence(&mut self, hash: u128) -> u32 {
        if self.record.received == 0 {
            return 0;
        }
        #[expect(clippy::cast_possible_truncation, reason = "either half of a hash is one")]
        let half = hash as u64;
        if self.seen.contains(&half) {
            self.record.oddities.note(code::ODD_REPEATED_RECORD);
            let count = self.repeated.entry(half).or_default();
            *count += 1;
            return *count;
        }
        if self.seen.len() < RECORDS_REMEMBERED_MAX {
            self.seen.insert(half);
        }
        0
    }

    /// Rows that came before their record's time was known, and lie far from it.
    fn put_far_rows_aside(&mut self) {
        let Some(time) = self.record.time else { return };
        let first = self.record.first_row;
        let far = |tuple: i64| time.abs_diff(tuple) > FAR_MICROS.unsigned_abs();
        if first == self.rows.len() || !(far(self.record.earliest) || far(self.record.latest)) {
            return;
        }
        let rows = first..self.rows.len();
        let keep: Vec<bool> = rows.clone().map(|row| !far(self.rows.time_at(row))).collect();
        for (row, _) in rows.zip(&keep).filter(|(_, keep)| !**keep) {
            // The text has left the window; what it said is in the row.
            let text = self.rows.render(row);
            let index = self.rows.tuple_index_at(row);
            let offset = self.record.offset;
            self.record
                .put_tuple_aside(code::TUPLE_TIME_FAR, text.as_bytes(), offset, index);
        }
        self.rows.retain(first, &keep);
    }

    fn settle_header(&mut self, end: usize) {
        let header = &self.record.header;
        let runs = &mut self.rows.runs;
        let nsg = self.record.envelope == Some(Envelope::Nsg);
        let mac = header.mac_address.get().map(|logged| {
            names::mac_address(logged, &mut self.name);
            self.name.as_slice()
        });
        runs.mac_address.settle(end, mac);
        // Rows whose group was still open when the record was handed on in part.
        runs.acl_rule.set(end, None);
        runs.acl_rule_kind
            .set(end, Some(model::RuleKind::Unknown.as_str().as_bytes()));
        runs.acl_rule_logged.set(end, None);
        if nsg {
            let lower = header.resource.get().map(<[u8]>::to_ascii_lowercase);
            runs.acl_group.set(end, lower.as_deref());
            runs.acl_id_logged.set(end, header.resource.get());
            runs.target_resource.set(end, header.resource.get());
            runs.flow_log_resource.set(end, None);
            runs.flow_log_guid.set(end, None);
            runs.system_id.set(end, header.system_id.get());
        } else {
            runs.acl_group.set(end, None);
            runs.acl_id_logged.set(end, None);
            runs.target_resource.set(end, header.target_resource.get());
            let flow_log = header.flow_log_resource.get().or(header.resource.get());
            runs.flow_log_resource.set(end, flow_log);
            runs.flow_log_guid.set(end, header.flow_log_guid.get());
            runs.system_id.set(end, None);
        }
        if mac.is_none() && end > self.record.first_row && !self.record.saw_inner_mac {
            self.record.oddities.note(code::ODD_MAC);
        }
    }

    fn note_times(&mut self) {
        let Some(time) = self.record.time else {
            return self.record.oddities.note(code::ODD_TIME);
        };
        let odd = |tuple: i64| {
            tuple > time + SKEW_NOTED_EARLY_SECS * 1_000_000
                || tuple < time - SKEW_NOTED_LATE_SECS * 1_000_000
        };
        let rows = self.record.first_row..self.rows.len();
        if !rows.is_empty() && (odd(self.record.earliest) || odd(self.record.latest)) {
            let count = rows.filter(|row| odd(self.rows.time_at(*row))).count();
            self.record.oddities.add(code::ODD_SKEW, count as u64);
        }
    }

    /// Lets what the part amounted to count.
    pub(super) fn count_part(&mut self) {
        let counts = &mut self.report.counts;
        let received = u64::from(self.record.received);
        counts.tuples_received += received;
        counts.tuples_quarantined += self.record.tuples_put_aside;
        counts.tuples_stored += (self.rows.len() - self.record.first_row) as u64;
        debug_assert!(counts.add_up(), "{counts:?}");
        self.report.oddities.merge(&self.record.oddities);
        self.report.quarantined.merge(&self.record.put_aside_codes);
        let all: u64 = self.record.put_aside_codes.iter().map(|(_, count)| count).sum();
        let mut kept = 0;
        for item in self.record.put_aside.drain(..) {
            if self.quarantined_rows < QUARANTINE_ROWS_PER_SOURCE_MAX {
                self.quarantined_rows += 1;
                kept += 1;
                self.sink.quarantine(item);
            }
        }
        self.report.quarantine_overflow += all.saturating_sub(kept);
    }

    /// The input ended inside a record: take the record back and say what was given up.
    pub(super) fn cut_off(&mut self) -> Result<(), Stop> {
        if std::mem::replace(&mut self.cut, true) {
            return Err(Stop::End);
        }
        let end = self.window.offset() + self.window.at_hand().len() as u64;
        let start = self.record.offset.max(self.report.cursor);
        self.rows.truncate(self.record.first_row);
        self.report.counts.tuples_cut += u64::from(self.record.received);
        if end > start {
            self.report.truncated_at = Some(start);
            self.report.counts.bytes_given_up += end - start;
        }
        Err(Stop::End)
    }

    /// A byte stood where the grammar has no place for it: keep what the record held, look for the
    /// next record, and say what lies between. `open`: a record, or a wrapper, was being read.
    pub(super) fn mend(&mut self, depth: usize, open: bool) -> Result<(), Stop> {
        let hole = self.window.hole();
        let mut from = self.window.offset();
        if hole && open {
            // Its bytes may yet come: then the record is read whole, and stored once.
            from = self.record.offset.max(self.report.cursor);
            self.rows.truncate(self.record.first_row);
            self.report.counts.tuples_cut += u64::from(self.record.received);
        } else if self.record.received > 0 {
            self.report.counts.records_broken += 1;
            self.note_header();
            self.close_part();
        }
        let raw = if hole && open {
            self.record_beginning().to_vec()
        } else {
            self.window.at_hand().to_vec()
        };
        let found = self.find_record();
        let length = self.window.offset() - from;
        self.report.counts.bytes_given_up += length;
        if hole && !found {
            self.cut = true;
            self.report.truncated_at = Some(from);
            return Err(Stop::End);
        }
        if found && depth <= 1 {
            // What stood before has been handed on, so reading never goes back there.
            self.report.cursor = self.window.offset();
        }
        let why = if hole { code::HOLE } else { code::BYTES_BETWEEN };
        self.put_between_aside(why, from, length, raw);
        self.flush_if_full()?;
        if found { Ok(()) } else { Err(Stop::End) }
    }

    /// Closing braces in a list that nothing has opened. Only they are damage: what follows is read as ever,
    /// as it is where reading goes on behind the last record.
    pub(super) fn stray_brackets(&mut self) -> Result<(), Stop> {
        let from = self.window.offset();
        let mut raw = Vec::new();
        while self.window.peek() == Some(b'}') {
            self.window.advance(1);
            if raw.len() < BETWEEN_SHOWN {
                raw.push(b'}');
            }
        }
        let length = self.window.offset() - from;
        self.report.counts.bytes_given_up += length;
        self.put_between_aside(code::BYTES_BETWEEN, from, length, raw);
        self.flush_if_full()
    }

    /// Puts bytes aside that belong to no record.
    fn put_between_aside(&mut self, why: Code, offset: u64, length: u64, mut raw: Vec<u8>) {
        raw.truncate(
            usize::try_from(length)
                .unwrap_or(BETWEEN_SHOWN)
                .min(BETWEEN_SHOWN),
        );
        self.window.unpin();
        self.record.begin(self.window.offset(), self.rows.len());
        self.record.put_aside(Quarantined {
            code: why,
            offset,
            length,
            record_offset: None,
            tuple_index: None,
            raw,
        });
        self.count_part();
    }

    /// Moves to the next `{` that is followed by a key records begin with. Only ever used after
    /// damage: whole input is never split by a pattern.
    fn find_record(&mut self) -> bool {
        // Longer than the longest key with generous white space.
        const LOOK_AHEAD: usize = 256;
        loop {
            while self.window.at_hand().len() < LOOK_AHEAD && self.window.fill() {}
            let at_hand = self.window.at_hand();
            let Some(brace) = memchr::memchr(b'{', at_hand) else {
                let all = at_hand.len();
                if all == 0 {
                    return false;
                }
                self.window.advance(all);
                continue;
            };
            let rest = at_hand.get(brace + 1..).unwrap_or(&[]);
            if rest.len() < LOOK_AHEAD && brace > 0 {
                self.window.advance(brace);
                continue;
            }
            if opens_record(rest) {
                self.window.advance(brace);
                return true;
            }
            self.window.advance(brace + 1);
        }
    }
}

/// True if a category is that of the other log than the flows of its record.
fn is_of_other(category: &[u8], envelope: Envelope) -> bool {
    let other = match envelope {
        Envelope::Vnet => NSG_CATEGORY,
        Envelope::Nsg => VNET_CATEGORY,
    };
    category.eq_ignore_ascii_case(other)
}

/// True if what follows a `{` is a key that records begin with.
pub(super) fn opens_record(rest: &[u8]) -> bool {
    let key = rest
        .trim_ascii_start()
        .strip_prefix(b"\"")
        .and_then(|rest| memchr::memchr(b'"', rest).and_then(|end| rest.get(..end)));
    key.is_some_and(begins_record)
}
