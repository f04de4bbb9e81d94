//! Inside a record: flows, groups, rules and their tuples, in either format.

use std::io::Read;

use model::codes::list as code;
use model::limits::{
    BATCH_ROWS, DEPTH_MAX, QUARANTINE_RAW_BYTES_MAX, RECORD_ROWS_PENDING_MAX, STRING_BYTES_MAX,
    TUPLE_BYTES_MAX,
};

use super::Parser;
use crate::json::Scalar;
use crate::names;
use crate::tuple::Envelope;
use crate::window::{Stop, Text};

impl<R: Read> Parser<'_, R> {
    /// True, and inside, if the next value opens with this bracket; otherwise it is put aside.
    fn open(&mut self, bracket: u8, key: &[u8]) -> Result<bool, Stop> {
        match self.window.peek_token() {
            None => Err(Stop::End),
            Some(byte) if byte == bracket => {
                self.window.advance(1);
                Ok(true)
            }
            Some(_) => self.misshapen(key).map(|()| false),
        }
    }

    /// True at each element of a list of objects, inside it; false at the closing bracket.
    fn next_object(&mut self, key: &[u8]) -> Result<bool, Stop> {
        loop {
            match self.window.peek_token() {
                None => return Err(Stop::End),
                Some(b',') => self.window.advance(1),
                Some(b']') => {
                    self.window.advance(1);
                    return Ok(false);
                }
                Some(b'{') => {
                    self.window.advance(1);
                    return Ok(true);
                }
                Some(b'}') => return Err(Stop::Syntax),
                Some(_) => self.misshapen(key)?,
            }
        }
    }

    fn key_is(&self, name: &str) -> bool {
        self.key.eq_ignore_ascii_case(name.as_bytes())
    }

    /// Reads a name (`rule`, `aclID`, `mac`) into a buffer; true if there was one.
    fn name(&mut self, buffer: &mut Vec<u8>) -> Result<bool, Stop> {
        match self.window.scalar(buffer, STRING_BYTES_MAX, DEPTH_MAX)? {
            Scalar::Text => {
                if std::str::from_utf8(buffer).is_err() {
                    self.put_aside_here(code::NOT_UTF8, buffer);
                }
                Ok(true)
            }
            Scalar::Null => Ok(false),
            Scalar::TooLong => {
                self.put_aside_here(code::RECORD_STRING, b"");
                Ok(false)
            }
            Scalar::Composite { .. } => {
                self.put_aside_here(code::RECORD_SHAPE, b"");
                Ok(false)
            }
        }
    }

    fn inner_unknown_key(&mut self) -> Result<(), Stop> {
        let key = std::mem::take(&mut self.key);
        let done = self.unknown_key(&key);
        self.key = key;
        done
    }

    fn enter(&mut self, envelope: Envelope) {
        self.record.envelope = Some(envelope);
    }

    /// `flowRecords: {flows: [{aclID, flowGroups: [{rule, flowTuples}]}]}`
    pub(super) fn vnet_body(&mut self) -> Result<(), Stop> {
        if !self.open(b'{', b"flowRecords")? {
            return Ok(());
        }
        self.enter(Envelope::Vnet);
        while self.next_key()? {
            if self.key_is("flows") {
                if self.open(b'[', b"flows")? {
                    while self.next_object(b"flows")? {
                        self.vnet_flow()?;
                    }
                }
            } else {
                self.inner_unknown_key()?;
            }
        }
        Ok(())
    }

    fn vnet_flow(&mut self) -> Result<(), Stop> {
        let mut acl = Vec::new();
        let mut known = false;
        while self.next_key()? {
            if self.key_is("aclID") {
                known = self.name(&mut acl)?;
            } else if self.key_is("flowGroups") {
                if self.open(b'[', b"flowGroups")? {
                    while self.next_object(b"flowGroups")? {
                        self.vnet_group()?;
                    }
                }
            } else {
                self.inner_unknown_key()?;
            }
        }
        let end = self.rows.len();
        let logged = known.then_some(acl.as_slice());
        self.name.clear();
        names::acl_group(&acl, &mut self.name);
        let runs = &mut self.rows.runs;
        runs.acl_group.set(end, known.then_some(self.name.as_slice()));
        runs.acl_id_logged.set(end, logged);
        self.record.close_groups(b'a', &acl);
        Ok(())
    }

    fn vnet_group(&mut self) -> Result<(), Stop> {
        let mut rule = Vec::new();
        let mut known = false;
        while self.next_key()? {
            if self.key_is("rule") {
                known = self.name(&mut rule)?;
            } else if self.key_is("flowTuples") {
                self.tuples(Envelope::Vnet)?;
            } else {
                self.inner_unknown_key()?;
            }
        }
        self.set_rule(known.then_some(rule.as_slice()), true);
        self.record.close_tuples(b'r', &rule);
        Ok(())
    }

    /// Gives the rows since the last rule this one.
    fn set_rule(&mut self, logged: Option<&[u8]>, vnet: bool) {
        let end = self.rows.len();
        let (kind, name) = names::rule(logged.unwrap_or(&[]), vnet);
        let lower = name.map(<[u8]>::to_ascii_lowercase);
        let runs = &mut self.rows.runs;
        runs.acl_rule.set(end, lower.as_deref());
        runs.acl_rule_kind.set(end, Some(kind.as_str().as_bytes()));
        runs.acl_rule_logged.set(end, logged);
        if kind == model::RuleKind::Unknown && !vnet && logged.is_some_and(|text| !text.is_empty()) {
            self.record
                .oddities
                .note_name(code::ODD_RULE, logged.unwrap_or(&[]));
        }
    }

    /// `properties: {Version, flows: [{rule, flows: [{mac, flowTuples}]}]}`
    pub(super) fn nsg_body(&mut self) -> Result<(), Stop> {
        if !self.open(b'{', b"properties")? {
            return Ok(());
        }
        while self.next_key()? {
            if self.key_is("Version") {
                let mut version = std::mem::take(&mut self.record.header.version.text);
                let known = self.name(&mut version);
                let field = &mut self.record.header.version;
                field.text = version;
                if known? {
                    field.mark_set();
                }
            } else if self.key_is("flows") {
                self.enter(Envelope::Nsg);
                if self.open(b'[', b"flows")? {
                    while self.next_object(b"flows")? {
                        self.nsg_rule()?;
                    }
                }
            } else {
                self.inner_unknown_key()?;
            }
        }
        Ok(())
    }

    fn nsg_rule(&mut self) -> Result<(), Stop> {
        let mut rule = Vec::new();
        let mut known = false;
        while self.next_key()? {
            if self.key_is("rule") {
                known = self.name(&mut rule)?;
            } else if self.key_is("flows") {
                if self.open(b'[', b"flows")? {
                    while self.next_object(b"flows")? {
                        self.nsg_flow()?;
                    }
                }
            } else {
                self.inner_unknown_key()?;
            }
        }
        self.set_rule(known.then_some(rule.as_slice()), false);
        self.record.close_groups(b'n', &rule);
        Ok(())
    }

    fn nsg_flow(&mut self) -> Result<(), Stop> {
        let mut logged = Vec::new();
        let mut known = false;
        while self.next_key()? {
            if self.key_is("mac") {
                known = self.name(&mut logged)?;
            } else if self.key_is("flowTuples") {
                self.tuples(Envelope::Nsg)?;
            } else {
                self.inner_unknown_key()?;
            }
        }
        names::mac_address(&logged, &mut self.name);
        let end = self.rows.len();
        if known {
            self.record.saw_inner_mac = true;
            self.rows.runs.mac_address.set(end, Some(&self.name));
        } else {
            self.rows.runs.mac_address.leave_open(end);
        }
        self.record.close_tuples(b'm', &self.name);
        Ok(())
    }

    /// A list of tuples. The only loop that runs once per tuple.
    fn tuples(&mut self, envelope: Envelope) -> Result<(), Stop> {
        if !self.open(b'[', b"flowTuples")? {
            return Ok(());
        }
        loop {
            match self.window.peek_token() {
                None => return Err(Stop::End),
                Some(b',') => self.window.advance(1),
                Some(b']') => {
                    self.window.advance(1);
                    return Ok(());
                }
                Some(b'"') => self.tuple(envelope)?,
                Some(b'}' | b':') => return Err(Stop::Syntax),
                Some(_) => self.not_a_tuple()?,
            }
        }
    }

    #[inline]
    fn tuple(&mut self, envelope: Envelope) -> Result<(), Stop> {
        let offset = self.window.offset() + 1;
        match self.window.string(TUPLE_BYTES_MAX)? {
            Text::Plain { start, end } => {
                let text = self.window.bytes(start, end);
                self.record.accept(&mut self.rows, text, offset, envelope);
            }
            escaped @ Text::Escaped { .. } => {
                let mut text = std::mem::take(&mut self.value);
                self.window.copy_text(escaped, &mut text);
                self.record.accept(&mut self.rows, &text, offset, envelope);
                self.value = text;
            }
            Text::TooLong { length } => {
                let index = self.record.count_tuple();
                self.record.put_tuple_aside(code::TUPLE_LONG, b"", offset, index);
                if let Some(item) = self.record.put_aside.last_mut() {
                    item.length = length;
                }
            }
        }
        if self.rows.len() >= self.record.first_row + RECORD_ROWS_PENDING_MAX {
            self.record.oddities.note(code::RECORD_HEADER_LATE);
            self.close_part();
            return self.flush();
        }
        Ok(())
    }

    /// Something other than a string where a tuple should be.
    fn not_a_tuple(&mut self) -> Result<(), Stop> {
        let offset = self.window.offset();
        let at_hand = self.window.at_hand();
        let beginning = at_hand
            .get(..QUARANTINE_RAW_BYTES_MAX)
            .unwrap_or(at_hand)
            .to_vec();
        self.window.skip_value(STRING_BYTES_MAX, DEPTH_MAX)?;
        let length = usize::try_from(self.window.offset() - offset).unwrap_or(usize::MAX);
        let index = self.record.count_tuple();
        let raw = beginning.get(..length).unwrap_or(&beginning);
        self.record
            .put_tuple_aside(code::TUPLE_NOT_TEXT, raw, offset, index);
        Ok(())
    }

    /// Hands rows on once there are enough, between records.
    pub(super) fn flush_if_full(&mut self) -> Result<(), Stop> {
        if self.rows.len() >= BATCH_ROWS {
            self.flush()
        } else {
            Ok(())
        }
    }
}
