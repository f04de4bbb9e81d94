//! The document around the records: wrappers, lists, lines, fragments, damage.
//!
//! Accepted: `{"records":[…]}`, a bare record, records one after another or one a line, an array of
//! records, records inside records, and any piece of those that was cut at a block: a leading comma,
//! stray closing brackets, a cut end. What stands inside a record is `body`'s business.

mod body;
mod close;
mod header;

use std::collections::{HashMap, HashSet};
use std::io::Read;

use model::codes::list as code;
use model::limits::{DEPTH_MAX, QUARANTINE_RAW_BYTES_MAX, STRING_BYTES_MAX, WINDOW_BYTES};

use crate::batch::Rows;
use crate::json::Scalar;
use crate::looks::{LOOKED_AT_BYTES, Looks};
use crate::record::Record;
use crate::report::{Quarantined, Report};
use crate::window::{Stop, Window};
use crate::{Options, Sink};
use header::Repeats;

/// Records whose hash is remembered to find repeats: 14 GB of Azure's 32 KiB records, 5 MB of memory.
const RECORDS_REMEMBERED_MAX: usize = 450_000;

pub(crate) struct Parser<'s, R> {
    window: Window<R>,
    options: Options,
    sink: &'s mut dyn Sink,
    rows: &'s mut Rows,
    record: Record,
    report: Report,
    /// Half the hash of each record so far; a repeat that is none would only be told as one.
    seen: HashSet<u64>,
    /// How often those came again that did.
    repeated: HashMap<u64, u32>,
    repeats: Repeats,
    key: Vec<u8>,
    value: Vec<u8>,
    name: Vec<u8>,
    quarantined_rows: usize,
    /// The end of the input has been dealt with.
    cut: bool,
}

impl<'s, R: Read> Parser<'s, R> {
    pub(crate) fn new(
        window: Window<R>,
        options: Options,
        sink: &'s mut dyn Sink,
        rows: &'s mut Rows,
    ) -> Self {
        Self {
            rows,
            record: Record::new(),
            report: Report {
                cursor: options.start,
                ..Report::default()
            },
            window,
            options,
            sink,
            seen: HashSet::new(),
            repeated: HashMap::new(),
            repeats: Repeats::default(),
            key: Vec::new(),
            value: Vec::new(),
            name: Vec::new(),
            quarantined_rows: 0,
            cut: false,
        }
    }

    /// What became of the source, and the window to use again. The last rows are left to wait.
    pub(crate) fn run(mut self) -> (Report, Window<R>) {
        self.report.cancelled = self.document() == Err(Stop::Cancelled);
        let whole = !self.report.unrecognised && !self.report.cancelled;
        let cut = if whole {
            self.window.at_hand().len() as u64
        } else {
            0
        };
        self.report.counts.bytes_read = self.window.offset() + cut - self.options.start;
        let failure = self.window.take_failure();
        self.report.failure = self.report.failure.take().or(failure);
        (self.report, self.window)
    }

    fn document(&mut self) -> Result<(), Stop> {
        if self.window.peek() == Some(0xef) {
            while self.window.at_hand().len() < 3 && self.window.fill() {}
            if self.window.at_hand().starts_with(b"\xef\xbb\xbf") {
                self.window.advance(3);
                self.report.oddities.note(code::ODD_BOM);
            }
        }
        match self.window.peek_token() {
            Some(b',') if self.options.start == 0 => {
                self.report.oddities.note(code::ODD_LEADING_COMMA);
            }
            Some(b'{' | b'[' | b',' | b']' | b'}') | None => {}
            Some(_) if self.options.start == 0 => {
                if !self.window.hole() && !self.begins_inside_a_record() {
                    self.report.unrecognised = true;
                    self.report.looks = Some(self.looks());
                    return Ok(());
                }
                self.mend(0, false)?;
            }
            Some(_) => {}
        }
        self.items(0, None)
    }

    fn looks(&mut self) -> Looks {
        while self.window.at_hand().len() < LOOKED_AT_BYTES && self.window.fill() {}
        let at_hand = self.window.at_hand();
        Looks::of(at_hand.get(..LOOKED_AT_BYTES).unwrap_or(at_hand))
    }

    /// True if a record begins further on in the line: then the input is a piece of a blob, cut at any
    /// place, rather than a text in which a record is quoted.
    fn begins_inside_a_record(&mut self) -> bool {
        while self.window.at_hand().len() < WINDOW_BYTES && self.window.fill() {}
        let at_hand = self.window.at_hand();
        let at_hand = at_hand.get(..WINDOW_BYTES).unwrap_or(at_hand);
        let line = at_hand.split(|byte| *byte == b'\n').next().unwrap_or(&[]);
        memchr::memchr_iter(b'{', line).any(|brace| close::opens_record(line.get(brace + 1..).unwrap_or(&[])))
    }

    /// Records, one after another, up to the closing bracket of their list, or to the end of the
    /// input where there is no list.
    fn items(&mut self, depth: usize, closing: Option<u8>) -> Result<(), Stop> {
        // What follows a list, maybe one that began in an earlier piece, may be the rest of its wrapper.
        let mut behind_list = false;
        loop {
            let Some(byte) = self.window.peek_token() else {
                return if closing.is_some() { Err(Stop::End) } else { Ok(()) };
            };
            let read = match byte {
                b',' => {
                    self.window.advance(1);
                    continue;
                }
                b'{' => self.object(depth),
                b'"' if behind_list => self.rest_of_wrapper(depth),
                b'[' if depth < DEPTH_MAX => {
                    self.window.advance(1);
                    self.items(depth + 1, Some(b']'))?;
                    behind_list = closing.is_none();
                    continue;
                }
                _ if Some(byte) == closing => {
                    self.window.advance(1);
                    return Ok(());
                }
                // The closing brackets of a wrapper whose beginning lies in an earlier piece.
                b']' | b'}' if closing.is_none() => {
                    self.window.advance(1);
                    behind_list = byte == b']';
                    continue;
                }
                b'}' => {
                    self.stray_brackets()?;
                    continue;
                }
                _ => {
                    self.mend(depth, false)?;
                    Ok(())
                }
            };
            behind_list = false;
            match read {
                Err(Stop::Syntax) => self.mend(depth, true)?,
                Err(Stop::End) => return self.cut_off(),
                other => other?,
            }
        }
    }

    /// An object: a record, a wrapper around records, or both.
    fn object(&mut self, depth: usize) -> Result<(), Stop> {
        // So that quarantine can show how the record began.
        while self.window.at_hand().len() < QUARANTINE_RAW_BYTES_MAX && self.window.fill() {}
        self.window.pin();
        self.record.begin(self.window.offset(), self.rows.len());
        self.window.advance(1);
        self.members(depth, false)
    }

    /// What a wrapper says behind its list, which reading on has no beginning of.
    fn rest_of_wrapper(&mut self, depth: usize) -> Result<(), Stop> {
        self.window.unpin();
        self.record.begin(self.window.offset(), self.rows.len());
        self.members(depth, true)
    }

    /// The members of an object, up to its closing brace.
    fn members(&mut self, depth: usize, mut wrapper: bool) -> Result<(), Stop> {
        self.repeats.begin();
        loop {
            self.repeats.take(&mut self.window, &mut self.record.header);
            match self.next_key() {
                Ok(true) => {}
                Ok(false) => break,
                // Its list was closed too early; what follows are records still.
                Err(Stop::Syntax) if wrapper && matches!(self.window.peek(), Some(b'{' | b'[')) => break,
                Err(stop) => return Err(stop),
            }
            if self.key.eq_ignore_ascii_case(b"records") {
                wrapper = true;
                self.nested(depth)?;
            } else {
                self.record_key()?;
            }
        }
        let bare = self.record.envelope.is_none() && self.record.header.category.get().is_none();
        let is_record = !(wrapper && bare);
        if is_record {
            self.close_record()?;
        } else {
            // A new key in the wrapper is where a change on Azure's side would show first.
            self.count_part();
        }
        // The outermost wrapper's closing brackets are rewritten when a blob grows: never past them.
        if depth == 1 || (depth == 0 && is_record) {
            self.report.cursor = self.window.offset();
        }
        Ok(())
    }

    /// The value of `records`: a list of records, inside a wrapper or inside a record.
    fn nested(&mut self, depth: usize) -> Result<(), Stop> {
        if depth > 0 || self.record.envelope.is_some() || self.record.header.category.get().is_some() {
            self.report.oddities.note(code::ODD_NESTED);
        }
        if self.window.peek_token() != Some(b'[') || depth + 1 >= DEPTH_MAX {
            return self.misshapen(b"records");
        }
        if self.record.received > 0 {
            self.close_part();
        } else {
            self.count_part();
        }
        self.window.advance(1);
        self.record.beginning = self.record_beginning().to_vec();
        let outer = std::mem::replace(&mut self.record, Record::new());
        let inner = self.items(depth + 1, Some(b']'));
        self.record = outer;
        self.record.begin_part(self.rows.len());
        // A wrapper that is never closed has lost nothing of its own.
        self.cut |= inner == Err(Stop::End);
        inner
    }

    /// The open record's beginning as it stood.
    fn record_beginning(&self) -> &[u8] {
        if self.record.beginning.is_empty() {
            self.window.pinned()
        } else {
            &self.record.beginning
        }
    }

    fn next_key(&mut self) -> Result<bool, Stop> {
        self.window.next_key(&mut self.key, STRING_BYTES_MAX)
    }

    /// A key of a record, other than `records`.
    fn record_key(&mut self) -> Result<(), Stop> {
        let key = std::mem::take(&mut self.key);
        let done = if key.eq_ignore_ascii_case(b"flowRecords") {
            self.vnet_body()
        } else if key.eq_ignore_ascii_case(b"properties") {
            self.nsg_body()
        } else {
            self.header_field(&key)
        };
        self.key = key;
        done
    }

    fn header_field(&mut self, key: &[u8]) -> Result<(), Stop> {
        let Some(place) = header::of_key(key) else {
            return self.unknown_key(key);
        };
        let field = place(&mut self.record.header);
        let duplicate = field.mark_set();
        let mut text = std::mem::take(&mut field.text);
        let kind = self.window.scalar(&mut text, STRING_BYTES_MAX, DEPTH_MAX);
        let is_utf8 = std::str::from_utf8(&text).is_ok();
        if !is_utf8 {
            self.put_aside_here(code::NOT_UTF8, &text);
        }
        let field = place(&mut self.record.header);
        field.text = text;
        if !matches!(kind, Ok(Scalar::Text | Scalar::Literal)) {
            field.clear();
        }
        let kind = kind?;
        if kind == Scalar::Literal && !key.eq_ignore_ascii_case(b"flowLogVersion") {
            self.record.oddities.note_name(code::ODD_TYPE, key);
        }
        match kind {
            Scalar::TooLong => self.put_aside_here(code::RECORD_STRING, key),
            Scalar::Composite { .. } => self.put_aside_here(code::RECORD_SHAPE, key),
            Scalar::Text | Scalar::Literal if duplicate => {
                self.record.oddities.note_name(code::ODD_DUPLICATE_KEY, key)
            }
            Scalar::Text | Scalar::Literal | Scalar::Null => {}
        }
        if key.eq_ignore_ascii_case(b"time") {
            self.record.time = self.record.header.time.get().and_then(crate::names::time);
        } else if kind == Scalar::Text && !duplicate && is_utf8 {
            self.repeats.learn(&self.window, place, &mut self.record.header);
        }
        Ok(())
    }

    fn unknown_key(&mut self, key: &[u8]) -> Result<(), Stop> {
        self.record.oddities.note_name(code::ODD_KEY, key);
        if self.window.skip_value(STRING_BYTES_MAX, DEPTH_MAX)? {
            self.put_aside_here(code::RECORD_DEPTH, key);
        }
        Ok(())
    }

    /// A value that is not of the shape its key asks for: put aside, and passed over.
    fn misshapen(&mut self, key: &[u8]) -> Result<(), Stop> {
        if self.window.peek_token() == Some(b'n') {
            let mut value = std::mem::take(&mut self.value);
            let kind = self.window.scalar(&mut value, STRING_BYTES_MAX, DEPTH_MAX);
            self.value = value;
            if kind? == Scalar::Null {
                return Ok(());
            }
        } else if self.window.skip_value(STRING_BYTES_MAX, DEPTH_MAX)? {
            self.put_aside_here(code::RECORD_DEPTH, key);
        }
        self.put_aside_here(code::RECORD_SHAPE, key);
        Ok(())
    }

    fn put_aside_here(&mut self, why: model::Code, about: &[u8]) {
        let raw = about.get(..QUARANTINE_RAW_BYTES_MAX).unwrap_or(about).to_vec();
        self.record.put_aside(Quarantined {
            code: why,
            offset: self.window.offset(),
            length: about.len() as u64,
            record_offset: Some(self.record.offset),
            tuple_index: None,
            raw,
        });
    }

    /// Hands the rows on.
    fn flush(&mut self) -> Result<(), Stop> {
        let handed_on = self.rows.hand_on(self.sink);
        self.record.first_row = 0;
        self.report.follow(handed_on)
    }
}

/// True if a record may begin with this key. Used only to find the next record after damage.
fn begins_record(key: &[u8]) -> bool {
    key.eq_ignore_ascii_case(b"flowRecords")
        || key.eq_ignore_ascii_case(b"properties")
        || header::of_key(key).is_some()
}
