//! Inside a record: flows, groups, rules and their tuples, in either format.

use std::io::Read;

use model::codes::list as code;
use model::limits::{
    BATCH_ROWS, BATCH_TEXT_BYTES_MAX, DEPTH_MAX, QUARANTINE_RAW_BYTES_MAX, RECORD_NAME_BYTES_PENDING_MAX,
    RECORD_ROWS_PENDING_MAX, STRING_BYTES_MAX, TUPLE_BYTES_MAX,
};

use super::Parser;
use crate::batch::Rows;
use crate::hot::{self, SPAN, Span, Vectors, Work};
use crate::json::Scalar;
use crate::names;
use crate::record::{Field, Record};
use crate::tuple::{Envelope, fast};
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

    /// A list of objects, each read by the same function.
    fn objects(&mut self, key: &[u8], each: fn(&mut Self) -> Result<(), Stop>) -> Result<(), Stop> {
        if self.open(b'[', key)? {
            while self.next_object(key)? {
                each(self)?;
            }
        }
        Ok(())
    }

    fn key_is(&self, name: &str) -> bool {
        self.key.eq_ignore_ascii_case(name.as_bytes())
    }

    /// Reads a name into its place in the record.
    fn name_of(&mut self, place: fn(&mut Record) -> &mut Field) -> Result<(), Stop> {
        let mut text = std::mem::take(&mut place(&mut self.record).text);
        let known = self.name(&mut text);
        self.record.name_bytes += text.len();
        let field = place(&mut self.record);
        field.text = text;
        if known? {
            field.mark_set();
        } else {
            field.clear();
        }
        Ok(())
    }

    /// Reads a name (`rule`, `aclID`, `mac`) into a buffer; true if there was one.
    fn name(&mut self, buffer: &mut Vec<u8>) -> Result<bool, Stop> {
        let kind = self.window.scalar(buffer, STRING_BYTES_MAX, DEPTH_MAX)?;
        if kind == Scalar::Literal && !self.key_is("Version") {
            self.record.oddities.note_name(code::ODD_TYPE, &self.key);
        }
        match kind {
            Scalar::Text | Scalar::Literal => {
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

    /// Flows in the layout of the other log than those before, passed over. A record is of one format; what a
    /// second one would say of its tuples is nobody's guess. Null says nothing.
    fn other_half(&mut self, key: &[u8]) -> Result<(), Stop> {
        self.record.hybrid |= self.window.peek_token() != Some(b'n');
        if self.window.skip_value(STRING_BYTES_MAX, DEPTH_MAX)? {
            self.put_aside_here(code::RECORD_DEPTH, key);
        }
        Ok(())
    }

    /// `flowRecords: {flows: [{aclID, flowGroups: [{rule, flowTuples}]}]}`
    pub(super) fn vnet_body(&mut self) -> Result<(), Stop> {
        if self.record.envelope == Some(Envelope::Nsg) {
            return self.other_half(b"flowRecords");
        }
        if !self.open(b'{', b"flowRecords")? {
            return Ok(());
        }
        self.enter(Envelope::Vnet);
        while self.next_key()? {
            if self.key_is("flows") {
                self.objects(b"flows", Self::vnet_flow)?;
            } else {
                self.inner_unknown_key()?;
            }
        }
        Ok(())
    }

    fn vnet_flow(&mut self) -> Result<(), Stop> {
        self.record.acl.clear();
        while self.next_key()? {
            if self.key_is("aclID") {
                self.name_of(|record| &mut record.acl)?;
            } else if self.key_is("flowGroups") {
                self.objects(b"flowGroups", Self::vnet_group)?;
            } else {
                self.inner_unknown_key()?;
            }
        }
        self.close_acl();
        Ok(())
    }

    /// Gives the rows since the last group of rules this one.
    fn close_acl(&mut self) {
        let end = self.rows.len();
        let acl = &self.record.acl;
        self.name.clear();
        names::acl_group(&acl.text, &mut self.name);
        let runs = &mut self.rows.runs;
        runs.acl_group.set(end, acl.get().map(|_| self.name.as_slice()));
        runs.acl_id_logged.set(end, acl.get());
        self.record.close_groups(b'a', |record| &record.acl);
    }

    fn vnet_group(&mut self) -> Result<(), Stop> {
        self.record.rule.clear();
        while self.next_key()? {
            if self.key_is("rule") {
                self.name_of(|record| &mut record.rule)?;
            } else if self.key_is("flowTuples") {
                self.tuples(Envelope::Vnet)?;
            } else {
                self.inner_unknown_key()?;
            }
        }
        self.set_rule(true);
        self.record.close_tuples(b'r', |record| &record.rule);
        self.split_if_large()
    }

    /// Gives the rows since the last rule this one.
    fn set_rule(&mut self, vnet: bool) {
        let end = self.rows.len();
        let logged = self.record.rule.get();
        let (kind, name) = names::rule(logged.unwrap_or(&[]), vnet);
        self.name.clear();
        self.name
            .extend(name.unwrap_or(&[]).iter().map(u8::to_ascii_lowercase));
        let runs = &mut self.rows.runs;
        runs.acl_rule.set(end, name.map(|_| self.name.as_slice()));
        runs.acl_rule_kind.set(end, Some(kind.as_str().as_bytes()));
        runs.acl_rule_logged.set(end, logged);
        if let Some(logged) = logged
            && kind == model::RuleKind::Unknown
            && !vnet
            && !logged.is_empty()
        {
            self.record.oddities.note_name(code::ODD_RULE, logged);
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
            } else if self.key_is("flows") && self.record.envelope == Some(Envelope::Vnet) {
                self.other_half(b"properties.flows")?;
            } else if self.key_is("flows") {
                self.enter(Envelope::Nsg);
                self.objects(b"flows", Self::nsg_rule)?;
            } else {
                self.inner_unknown_key()?;
            }
        }
        Ok(())
    }

    fn nsg_rule(&mut self) -> Result<(), Stop> {
        self.record.rule.clear();
        while self.next_key()? {
            if self.key_is("rule") {
                self.name_of(|record| &mut record.rule)?;
            } else if self.key_is("flows") {
                self.objects(b"flows", Self::nsg_flow)?;
            } else {
                self.inner_unknown_key()?;
            }
        }
        self.set_rule(false);
        self.record.close_groups(b'n', |record| &record.rule);
        Ok(())
    }

    fn nsg_flow(&mut self) -> Result<(), Stop> {
        self.record.mac.clear();
        while self.next_key()? {
            if self.key_is("mac") {
                self.name_of(|record| &mut record.mac)?;
            } else if self.key_is("flowTuples") {
                self.tuples(Envelope::Nsg)?;
            } else {
                self.inner_unknown_key()?;
            }
        }
        self.close_mac();
        self.split_if_large()
    }

    /// Gives the rows since the last interface this one.
    fn close_mac(&mut self) {
        let end = self.rows.len();
        let mac = &mut self.record.mac;
        names::mac_address(&mac.text, &mut self.name);
        if mac.get().is_some() {
            // The hash is over the canonical spelling.
            mac.text.clone_from(&self.name);
            self.record.saw_inner_mac = true;
            self.rows.runs.mac_address.set(end, Some(&self.name));
        } else {
            self.rows.runs.mac_address.leave_open(end);
        }
        self.record.close_tuples(b'm', |record| &record.mac);
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
                Some(b'"') => {
                    if !self.ordinary_tuples(envelope)? {
                        self.tuple(envelope)?;
                    }
                }
                Some(b'}' | b':') => return Err(Stop::Syntax),
                Some(_) => self.not_a_tuple()?,
            }
        }
    }

    /// Reads ordinary tuples, as many as there are in a row and at hand. False if there was none.
    fn ordinary_tuples(&mut self, envelope: Envelope) -> Result<bool, Stop> {
        if !self.window.at_least(1 + size_of::<Span>()) {
            return Ok(false);
        }
        let room = (self.record.first_row + RECORD_ROWS_PENDING_MAX).saturating_sub(self.rows.len());
        let (bytes, read) = hot::run(OrdinaryTuples {
            at_hand: self.window.at_hand(),
            record: &mut self.record,
            rows: self.rows,
            envelope,
            room,
        });
        self.window.advance(bytes);
        if read == room {
            self.close_open_names(envelope);
            self.split()?;
        }
        Ok(read > 0)
    }

    #[inline]
    fn tuple(&mut self, envelope: Envelope) -> Result<(), Stop> {
        let offset = self.window.offset() + 1;
        match self.window.string(TUPLE_BYTES_MAX)? {
            Text::Plain { start, end } => {
                let text = self.window.bytes(start, end);
                self.record.accept(self.rows, text, offset, envelope);
            }
            escaped @ Text::Escaped { .. } => {
                let mut text = std::mem::take(&mut self.value);
                self.window.copy_text(escaped, &mut text);
                self.record.accept(self.rows, &text, offset, envelope);
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
            self.close_open_names(envelope);
            return self.split();
        }
        Ok(())
    }

    /// What is known so far of the rule and the group around the tuples is theirs.
    fn close_open_names(&mut self, envelope: Envelope) {
        match envelope {
            Envelope::Vnet => {
                self.set_rule(true);
                self.record.close_tuples(b'r', |record| &record.rule);
                self.close_acl();
            }
            Envelope::Nsg => {
                self.close_mac();
                self.set_rule(false);
                self.record.close_groups(b'n', |record| &record.rule);
            }
        }
    }

    /// Between groups: hands on what a record holds so far, where its names are more than may wait.
    fn split_if_large(&mut self) -> Result<(), Stop> {
        if self.record.name_bytes < RECORD_NAME_BYTES_PENDING_MAX {
            return Ok(());
        }
        match self.record.envelope {
            Some(Envelope::Vnet) => self.close_acl(),
            Some(Envelope::Nsg) => {
                self.set_rule(false);
                self.record.close_groups(b'n', |record| &record.rule);
            }
            None => {}
        }
        self.split()
    }

    /// Hands on what a record holds so far.
    fn split(&mut self) -> Result<(), Stop> {
        self.record.oddities.note(code::RECORD_SPLIT);
        self.close_part();
        self.flush()
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
        if self.rows.len() >= BATCH_ROWS
            || self.rows.records.len() >= BATCH_ROWS
            || self.rows.text_bytes() >= BATCH_TEXT_BYTES_MAX
        {
            self.flush()
        } else {
            Ok(())
        }
    }
}

/// Tuples in a row that are all ordinary.
struct OrdinaryTuples<'p> {
    /// Begins with the quote of a tuple.
    at_hand: &'p [u8],
    record: &'p mut Record,
    rows: &'p mut Rows,
    envelope: Envelope,
    /// Tuples at most.
    room: usize,
}

impl Work for OrdinaryTuples<'_> {
    /// Bytes and tuples read.
    type Output = (usize, usize);

    #[inline(always)]
    fn run<V: Vectors>(self) -> Self::Output {
        let mut bytes = 0;
        let mut end = 0;
        let mut read = 0;
        while read < self.room {
            let Some([b'"', rest @ ..]) = self.at_hand.get(bytes..) else {
                break;
            };
            let Some(span) = rest.first_chunk::<{ SPAN + 16 }>() else {
                break;
            };
            let Some(tuple) = fast::parse::<V>(span, self.envelope) else {
                break;
            };
            if !self.record.accept_fast(self.rows, &tuple, self.envelope) {
                break;
            }
            read += 1;
            end = bytes + 1 + tuple.text.len();
            bytes = end + 1;
            if self.at_hand.get(bytes) != Some(&b',') {
                break;
            }
            bytes += 1;
        }
        if let Some(texts) = self.at_hand.get(1..end) {
            self.record.tuples.push_texts(texts, read);
        }
        (bytes, read)
    }
}
