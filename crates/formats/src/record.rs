//! The record being read: its header, its tuples' counts, its hash, and what it put aside.

use model::codes::{Code, list as code};
use model::limits::{
    QUARANTINE_RAW_BYTES_MAX, QUARANTINE_RAW_BYTES_PER_SOURCE_MAX, QUARANTINE_ROWS_PER_SOURCE_MAX,
    TIME_MICROS_MAX, TIME_MICROS_MIN, TUPLE_SKEW_SECS_MAX,
};
use model::{LogFormat, RecordHash};

use crate::batch::Rows;
use crate::hash::{Fold, Node};
use crate::names;
use crate::report::{Quarantined, Tally};
use crate::tuple::fast::Fast;
use crate::tuple::{self, Envelope};

/// A header field of a record: set or not, text kept in a buffer that is used again.
#[derive(Default)]
pub(crate) struct Field {
    set: bool,
    pub(crate) text: Vec<u8>,
}

impl Field {
    pub(crate) fn get(&self) -> Option<&[u8]> {
        self.set.then_some(self.text.as_slice())
    }

    /// True if the field had a value already.
    pub(crate) fn mark_set(&mut self) -> bool {
        std::mem::replace(&mut self.set, true)
    }

    pub(crate) fn clear(&mut self) {
        self.set = false;
        self.text.clear();
    }

    pub(crate) fn set(&mut self, text: &[u8]) {
        self.set = true;
        self.text.clear();
        self.text.extend_from_slice(text);
    }
}

/// The header fields of a record, of either format.
#[derive(Default)]
pub(crate) struct Header {
    pub(crate) time: Field,
    pub(crate) mac_address: Field,
    pub(crate) category: Field,
    pub(crate) version: Field,
    pub(crate) flow_log_guid: Field,
    pub(crate) flow_log_resource: Field,
    pub(crate) target_resource: Field,
    pub(crate) resource: Field,
    pub(crate) system_id: Field,
    pub(crate) operation: Field,
}

impl Header {
    fn clear(&mut self) {
        for field in [
            &mut self.time,
            &mut self.mac_address,
            &mut self.category,
            &mut self.version,
            &mut self.flow_log_guid,
            &mut self.flow_log_resource,
            &mut self.target_resource,
            &mut self.resource,
            &mut self.system_id,
            &mut self.operation,
        ] {
            field.clear();
        }
    }
}

pub(crate) const FAR_MICROS: i64 = TUPLE_SKEW_SECS_MAX * 1_000_000;

/// Everything about the record that is open.
pub(crate) struct Record {
    pub(crate) offset: u64,
    pub(crate) first_row: usize,
    /// The record's beginning as it stood, for quarantine; kept here only while another record is read inside it.
    pub(crate) beginning: Vec<u8>,
    pub(crate) header: Header,
    /// The group of rules, the rule and the interface that are open.
    pub(crate) acl: Field,
    pub(crate) rule: Field,
    pub(crate) mac: Field,
    /// Bytes of such names since the record, or its present part, began.
    pub(crate) name_bytes: usize,
    /// Flush time once it is known.
    pub(crate) time: Option<i64>,
    pub(crate) envelope: Option<Envelope>,
    /// It has flows in the layouts of both logs.
    pub(crate) hybrid: bool,
    /// Tuples seen since the record, or its present part, began.
    pub(crate) received: u32,
    /// Position in the record of the next tuple.
    next_index: u32,
    pub(crate) put_aside: Vec<Quarantined>,
    put_aside_bytes: usize,
    /// Every item put aside, by code, also those beyond the limit on items kept.
    pub(crate) put_aside_codes: Tally,
    pub(crate) tuples_put_aside: u64,
    pub(crate) oddities: Tally,
    pub(crate) earliest: i64,
    pub(crate) latest: i64,
    pub(crate) saw_short: bool,
    pub(crate) saw_long: bool,
    pub(crate) saw_inner_mac: bool,
    in_seconds: u64,
    letters: u64,
    /// Part of the record has been handed on already.
    pub(crate) split: bool,
    /// How many parts have been handed on.
    pub(crate) part: u32,
    pub(crate) tuples: Fold,
    groups: Fold,
    flows: Fold,
    scratch: Vec<u8>,
}

impl Record {
    pub(crate) fn new() -> Self {
        Self {
            offset: 0,
            first_row: 0,
            beginning: Vec::new(),
            header: Header::default(),
            acl: Field::default(),
            rule: Field::default(),
            mac: Field::default(),
            name_bytes: 0,
            time: None,
            envelope: None,
            hybrid: false,
            received: 0,
            next_index: 0,
            put_aside: Vec::new(),
            put_aside_bytes: 0,
            put_aside_codes: Tally::default(),
            tuples_put_aside: 0,
            oddities: Tally::default(),
            earliest: i64::MAX,
            latest: i64::MIN,
            saw_short: false,
            saw_long: false,
            saw_inner_mac: false,
            in_seconds: 0,
            letters: 0,
            split: false,
            part: 0,
            tuples: Fold::new(),
            groups: Fold::new(),
            flows: Fold::new(),
            scratch: Vec::new(),
        }
    }

    pub(crate) fn begin(&mut self, offset: u64, first_row: usize) {
        self.offset = offset;
        self.header.clear();
        self.beginning.clear();
        self.begin_part(first_row);
        self.next_index = 0;
        self.time = None;
        self.envelope = None;
        self.hybrid = false;
        self.split = false;
        self.part = 0;
    }

    /// Starts counting anew under the same header, after part of the record was handed on.
    pub(crate) fn begin_part(&mut self, first_row: usize) {
        self.first_row = first_row;
        self.received = 0;
        self.name_bytes = 0;
        self.forget_aside();
        self.tuples_put_aside = 0;
        self.earliest = i64::MAX;
        self.latest = i64::MIN;
        self.saw_short = false;
        self.saw_long = false;
        self.saw_inner_mac = false;
        self.in_seconds = 0;
        self.letters = 0;
        self.tuples.clear();
        self.groups.clear();
        self.flows.clear();
    }

    /// Counts a tuple and gives its position in the record.
    #[inline]
    pub(crate) fn count_tuple(&mut self) -> u32 {
        let index = self.next_index;
        self.received += 1;
        self.next_index = index.saturating_add(1);
        index
    }

    /// Takes one tuple in: into the rows, or aside.
    #[inline]
    pub(crate) fn accept(&mut self, rows: &mut Rows, text: &[u8], offset: u64, envelope: Envelope) {
        let index = self.count_tuple();
        self.tuples.push_texts(text, 1);
        let Some(tuple) = tuple::parse(text, envelope) else {
            return self.put_tuple_aside(tuple::diagnose(text, envelope), text, offset, index);
        };
        if !(TIME_MICROS_MIN..TIME_MICROS_MAX).contains(&tuple.time) {
            return self.put_tuple_aside(code::TUPLE_TIME_RANGE, text, offset, index);
        }
        if let Some(time) = self.time
            && time.abs_diff(tuple.time) > FAR_MICROS.unsigned_abs()
        {
            return self.put_tuple_aside(code::TUPLE_TIME_FAR, text, offset, index);
        }
        if !rows.days.admit(tuple.time) {
            return self.put_tuple_aside(code::TUPLE_DAYS, text, offset, index);
        }
        self.earliest = self.earliest.min(tuple.time);
        self.latest = self.latest.max(tuple.time);
        let format = match (envelope, tuple.short) {
            (Envelope::Vnet, _) => LogFormat::Vnet4,
            (Envelope::Nsg, true) => {
                self.saw_short = true;
                LogFormat::Nsg1
            }
            (Envelope::Nsg, false) => {
                self.saw_long = true;
                LogFormat::Nsg2
            }
        };
        self.in_seconds += u64::from(tuple.in_seconds);
        self.letters += u64::from(tuple.protocol_letter);
        if envelope == Envelope::Vnet && !known_encryption(tuple.encryption) {
            self.oddities.note_name(code::ODD_ENCRYPTION, tuple.encryption);
        }
        rows.push(&tuple, index, format);
    }

    /// Takes an ordinary tuple in, but for the hash. False, and nothing done, if it is out of the ordinary in any
    /// way.
    #[inline(always)]
    pub(crate) fn accept_fast(&mut self, rows: &mut Rows, tuple: &Fast<'_>, envelope: Envelope) -> bool {
        if !(TIME_MICROS_MIN..TIME_MICROS_MAX).contains(&tuple.time) {
            return false;
        }
        if let Some(time) = self.time
            && time.abs_diff(tuple.time) > FAR_MICROS.unsigned_abs()
        {
            return false;
        }
        let Some(addresses) = rows.address_codes(tuple) else {
            return false;
        };
        if !rows.days.admit(tuple.time) {
            return false;
        }
        let index = self.count_tuple();
        self.earliest = self.earliest.min(tuple.time);
        self.latest = self.latest.max(tuple.time);
        let format = match envelope {
            Envelope::Vnet => LogFormat::Vnet4,
            Envelope::Nsg => {
                self.saw_long = true;
                LogFormat::Nsg2
            }
        };
        self.in_seconds += u64::from(tuple.in_seconds);
        self.letters += u64::from(tuple.protocol_letter);
        rows.push_fast(tuple, addresses, index, format);
        true
    }

    pub(crate) fn put_tuple_aside(&mut self, code: Code, text: &[u8], offset: u64, index: u32) {
        self.put_aside(Quarantined {
            code,
            offset,
            length: text.len() as u64,
            record_offset: Some(self.offset),
            tuple_index: Some(index),
            raw: text.get(..QUARANTINE_RAW_BYTES_MAX).unwrap_or(text).to_vec(),
        });
        self.tuples_put_aside += 1;
    }

    /// Keeps an item until the record is known to count. Few are kept, all are counted.
    pub(crate) fn put_aside(&mut self, mut item: Quarantined) {
        self.put_aside_codes.note(item.code);
        if self.put_aside.len() < QUARANTINE_ROWS_PER_SOURCE_MAX {
            if self.put_aside_bytes > QUARANTINE_RAW_BYTES_PER_SOURCE_MAX {
                item.raw = Vec::new();
            }
            self.put_aside_bytes += item.raw.len();
            self.put_aside.push(item);
        }
    }

    /// Forgets what was put aside and noted: the record is put aside as a whole.
    pub(crate) fn forget_aside(&mut self) {
        self.put_aside.clear();
        self.put_aside_bytes = 0;
        self.put_aside_codes = Tally::default();
        self.oddities = Tally::default();
    }

    /// A group of tuples under a rule (VNet), or under an interface (NSG), is complete.
    pub(crate) fn close_tuples(&mut self, tag: u8, name: fn(&Self) -> &Field) {
        let tuples = self.tuples.finish();
        let hash = self.named_node(tag, name, tuples);
        self.groups.push(hash);
    }

    /// The groups under an ACL (VNet) or a rule (NSG) are complete.
    pub(crate) fn close_groups(&mut self, tag: u8, name: fn(&Self) -> &Field) {
        let groups = self.groups.finish();
        let hash = self.named_node(tag, name, groups);
        self.flows.push(hash);
    }

    fn named_node(&mut self, tag: u8, name: fn(&Self) -> &Field, children: u128) -> u128 {
        let mut scratch = std::mem::take(&mut self.scratch);
        let node = Node::new(&mut scratch, tag).field(|out| out.extend_from_slice(&name(self).text));
        let hash = node.hash(children);
        self.scratch = scratch;
        hash
    }

    /// The hash of the record's content (docs/adr/0004-identity.md).
    pub(crate) fn hash(&mut self) -> RecordHash {
        let flows = self.flows.finish();
        let mut scratch = std::mem::take(&mut self.scratch);
        let header = &self.header;
        let nsg = self.envelope == Some(Envelope::Nsg);
        let lower =
            |field: &Field, out: &mut Vec<u8>| out.extend(field.text.iter().map(u8::to_ascii_lowercase));
        let hash = Node::new(&mut scratch, b'R')
            .field(|out| match self.time {
                Some(micros) => out.extend_from_slice(micros.to_string().as_bytes()),
                None => out.extend_from_slice(&header.time.text),
            })
            .field(|out| names::append_mac_address(header.mac_address.get().unwrap_or(&[]), out))
            .field(|out| lower(&header.flow_log_guid, out))
            .field(|out| lower(&header.system_id, out))
            .field(|out| {
                if nsg {
                    lower(&header.resource, out);
                }
            })
            // Parts of one record differ even where their tuples are alike.
            .field(|out| {
                if self.part > 0 {
                    out.extend_from_slice(&self.part.to_le_bytes());
                }
            })
            .hash(flows);
        self.scratch = scratch;
        RecordHash(hash.to_be_bytes())
    }

    /// Notes what is odd about the tuples as a whole.
    pub(crate) fn note_units(&mut self, rows: u64) {
        match self.envelope {
            Some(Envelope::Vnet) => {
                self.oddities.add(code::ODD_SECONDS, self.in_seconds);
                self.oddities.add(code::ODD_PROTOCOL_LETTER, self.letters);
            }
            Some(Envelope::Nsg) => {
                self.oddities
                    .add(code::ODD_MILLISECONDS, rows.saturating_sub(self.in_seconds));
                let arity_odd = match self.header.version.get() {
                    Some(b"1") => self.saw_long,
                    Some(b"2") => self.saw_short,
                    Some(version) => {
                        self.oddities.note_name(code::ODD_VERSION, version);
                        false
                    }
                    None => false,
                };
                if arity_odd {
                    self.oddities.note(code::ODD_ARITY);
                }
            }
            None => {}
        }
    }
}

/// The values documented for VNet flow logs (`NX_ALL` is a filter keyword and never logged).
#[inline]
pub(crate) fn known_encryption(text: &[u8]) -> bool {
    matches!(
        text,
        b"NX"
            | b"X"
            | b"NX_HW_NOT_SUPPORTED"
            | b"NX_SW_NOT_READY"
            | b"NX_NOT_ACCEPTED"
            | b"NX_NOT_SUPPORTED"
            | b"NX_LOCAL_DST"
            | b"NX_FALLBACK"
    )
}
