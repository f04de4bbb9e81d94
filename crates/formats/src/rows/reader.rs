//! A source of rows from its beginning, or from where an earlier reading stopped, to its end.
//!
//! Rows stand under a header, a line each, or are objects: one after another, one a line, in a list, in
//! a wrapper. What is wrong with a row costs that row; what stands between rows is put aside.

mod lines;

use std::io::Read;
use std::rc::Rc;

use model::codes::{Code, list as code};
use model::limits::{
    BATCH_ROWS, BATCH_TEXT_BYTES_MAX, QUARANTINE_RAW_BYTES_MAX, QUARANTINE_RAW_BYTES_PER_SOURCE_MAX,
    QUARANTINE_ROWS_PER_SOURCE_MAX, ROW_TEXT_BYTES_MAX,
};

use super::cells::Cells;
use super::detect::Form;
use super::enter::{Enter, Entered};
use super::judged::{Judged, Verdict};
use super::layouts::{self, Layout};
use super::meaning::Row;
use super::named::Named;
use super::object::{self, Object};
use super::options::RowOptions;
use super::shape::{Shape, Shapes};
use crate::batch::Rows;
use crate::report::{Counts, Quarantined, Report, Tally};
use crate::window::{Stop, Window};
use crate::{Options, Sink};

pub(crate) struct Reader<'s, R> {
    window: Window<R>,
    options: Options,
    sink: &'s mut dyn Sink,
    rows: &'s mut Rows,
    enter: Enter,
    report: Report,
    cells: Cells,
    shapes: Shapes,
    judged: Judged,
    named: Named,
    /// Rows have been handed on: too late to refuse them.
    handed_on: bool,
    /// How the row that is open began, for quarantine.
    beginning: Vec<u8>,
    quarantined_rows: usize,
    quarantined_bytes: usize,
}

/// Zero bytes in a row that are a hole in a file.
const HOLE: [u8; 16] = [0; 16];

impl<'s, R: Read> Reader<'s, R> {
    pub(crate) fn new(
        window: Window<R>,
        options: Options,
        sink: &'s mut dyn Sink,
        rows: &'s mut Rows,
    ) -> Self {
        let judged = if options.start == 0 {
            Judged::default()
        } else {
            Judged::settled()
        };
        let named = Named::new(&options.rows.mapping);
        Self {
            rows,
            report: Report {
                cursor: options.start,
                ..Report::default()
            },
            window,
            options,
            sink,
            enter: Enter::default(),
            cells: Cells::default(),
            shapes: Shapes::default(),
            judged,
            named,
            handed_on: false,
            beginning: Vec::new(),
            quarantined_rows: 0,
            quarantined_bytes: 0,
        }
    }

    /// What became of the source, and the window to use again. Batches are the source's own: it may be refused.
    pub(crate) fn run(mut self, form: Form) -> (Report, Window<R>) {
        self.skip_byte_order_mark();
        let begun = self.flush();
        self.handed_on = false;
        let mut stop = begun.and_then(|()| match form {
            Form::Lines { separator } => self.lines(separator),
            Form::Objects | Form::Azure => self.objects(),
        });
        if stop != Err(Stop::Cancelled) && self.report.refused.is_none() {
            stop = self.end();
        }
        if self.report.refused.is_some() {
            self.report.counts = Counts::default();
            self.report.oddities = Tally::default();
            self.report.quarantined = Tally::default();
            self.report.cursor = self.options.start;
            *self.rows = Rows::new(self.options.seed);
        } else if stop == Err(Stop::Cancelled) || self.flush().is_err() {
            self.report.cancelled = true;
        }
        self.report.counts.bytes_read = self.window.offset() - self.options.start;
        self.report.failure = self.report.failure.take().or_else(|| self.window.take_failure());
        (self.report, self.window)
    }

    /// All rows have been seen.
    fn end(&mut self) -> Result<(), Stop> {
        if self.judged.all_wrong() && !self.named.is_complete() {
            return self.refuse(code::ROW_MAPPED, self.named.say("none of its rows has"));
        }
        let verdict = self.judged.end();
        self.follow(verdict)?;
        self.look_for_slips()?;
        // Where reading goes on there may have been rows with the field before.
        if self.options.start == 0 && self.report.counts.records > 0 {
            for field in self.named.missing() {
                self.report.oddities.note_name(code::ODD_MAPPED, field);
            }
        }
        Ok(())
    }

    /// Refuses the source if a field that the caller named looks like a slip for one that rows have.
    fn look_for_slips(&mut self) -> Result<(), Stop> {
        if self.handed_on || self.options.start > 0 || !self.named.has_a_slip() {
            return Ok(());
        }
        self.refuse(code::ROW_MAPPED, self.named.say("none of its first rows has"))
    }

    /// Nothing of the source is read.
    fn refuse(&mut self, why: Code, said: String) -> Result<(), Stop> {
        self.report.refused = Some(why);
        self.report.refused_why = Some(said);
        Err(Stop::Cancelled)
    }

    fn skip_byte_order_mark(&mut self) {
        while self.window.at_hand().len() < 3 && self.window.fill() {}
        if self.options.start == 0 && self.window.at_hand().starts_with(b"\xef\xbb\xbf") {
            self.window.advance(3);
            self.report.oddities.note(code::ODD_BOM);
        }
    }

    fn remember_beginning(&mut self) {
        while self.window.at_hand().len() < QUARANTINE_RAW_BYTES_MAX && self.window.fill() {}
        let at_hand = self.window.at_hand();
        self.beginning.clear();
        self.beginning
            .extend_from_slice(at_hand.get(..QUARANTINE_RAW_BYTES_MAX).unwrap_or(at_hand));
    }

    /// Rows that are objects, in whatever lists and wrappers: their brackets are passed over.
    fn objects(&mut self) -> Result<(), Stop> {
        // Behind a list stands the rest of its wrapper; where reading goes on, the wrapper's beginning is not seen.
        let mut behind_list = false;
        loop {
            let Some(byte) = self.window.peek_token() else {
                return Ok(());
            };
            let offset = self.window.offset();
            let read = match byte {
                b'{' => {
                    behind_list = false;
                    self.object()
                }
                b',' | b'[' | b']' | b'}' => {
                    behind_list = byte == b']' || (behind_list && byte != b'[');
                    self.window.advance(1);
                    continue;
                }
                b'"' if behind_list => object::pass_member(&mut self.window),
                _ => Err(Stop::Syntax),
            };
            match read {
                Err(Stop::Syntax) => self.mend(offset)?,
                Err(Stop::End) => return self.cut_off(offset),
                other => other?,
            }
        }
    }

    /// A row, or the beginning of a wrapper up to its list.
    fn object(&mut self) -> Result<(), Stop> {
        let offset = self.window.offset();
        self.remember_beginning();
        self.window.advance(1);
        self.cells.clear();
        if object::read(&mut self.window, &mut self.cells)? == Object::Wrapper {
            return Ok(());
        }
        self.report.cursor = self.window.offset();
        let length = self.window.offset() - offset;
        if self.cells.too_long {
            self.report.counts.records += 1;
            return self.put_aside(code::ROW_LONG, offset, length);
        }
        let shape: Rc<Shape> = self.shapes.of(&self.cells, &self.options.rows);
        self.named.look(&shape);
        self.note_doubled(&shape);
        match self.enter(&shape, offset) {
            Ok(()) => self.flush_if_full(),
            Err(why) => {
                self.report.counts.records += 1;
                self.put_aside(why, offset, length)
            }
        }
    }

    /// Names given twice: the last counts, and that is to be known.
    fn note_doubled(&mut self, shape: &Shape) {
        for name in shape.doubled() {
            self.report.oddities.note_name(code::ODD_DUPLICATE_KEY, name);
        }
    }

    /// Enters the row in the cells, or says what is wrong with it.
    fn enter(&mut self, shape: &Shape, offset: u64) -> Result<(), Code> {
        let (row, layout) = meant(&self.cells, shape, &self.options.rows)?;
        let mut oddities = Tally::default();
        let entered = self.enter.row(self.rows, &row, layout, offset, &mut oddities)?;
        self.report.oddities.merge(&oddities);
        let counts = &mut self.report.counts;
        counts.records += 1;
        if let Entered::Rows(rows) = entered {
            let first = self.enter.entered.map(|hash| (offset, hash));
            self.report.first_row = self.report.first_row.or(first);
            counts.tuples_received += rows as u64;
            counts.tuples_stored += rows as u64;
            if let Verdict::Counts(held) = self.judged.good() {
                held.into_iter().for_each(|item| self.keep(item));
            }
        }
        Ok(())
    }

    fn put_aside(&mut self, why: Code, offset: u64, length: u64) -> Result<(), Stop> {
        let shown = usize::try_from(length)
            .unwrap_or(usize::MAX)
            .min(self.beginning.len());
        self.report.counts.tuples_received += 1;
        self.report.counts.tuples_quarantined += 1;
        let verdict = self.judged.bad(Quarantined {
            code: why,
            offset,
            length,
            record_offset: Some(offset),
            tuple_index: None,
            raw: self.beginning.get(..shown).unwrap_or(&[]).to_vec(),
        });
        self.report.quarantined.note(why);
        self.follow(verdict)
    }

    fn follow(&mut self, verdict: Verdict) -> Result<(), Stop> {
        match verdict {
            Verdict::Counts(items) => {
                items.into_iter().for_each(|item| self.keep(item));
                Ok(())
            }
            Verdict::Refused(_) if !self.named.is_complete() => {
                self.refuse(code::ROW_MAPPED, self.named.say("none of its first rows has"))
            }
            Verdict::Refused(why) => {
                let said = self.report.refused_why.take();
                self.report.refused_why = said.filter(|_| why == code::ROW_COLUMN);
                self.report.refused = Some(why);
                Err(Stop::Cancelled)
            }
        }
    }

    /// Hands on what was put aside, as far as there is room; the rest is counted.
    fn keep(&mut self, mut item: Quarantined) {
        if self.quarantined_rows >= QUARANTINE_ROWS_PER_SOURCE_MAX {
            self.report.quarantine_overflow += 1;
            return;
        }
        if self.quarantined_bytes > QUARANTINE_RAW_BYTES_PER_SOURCE_MAX {
            item.raw.clear();
        }
        self.quarantined_rows += 1;
        self.quarantined_bytes += item.raw.len();
        self.sink.quarantine(item);
    }

    /// The input ended inside a row.
    fn cut_off(&mut self, offset: u64) -> Result<(), Stop> {
        let rest = self.window.at_hand().len();
        self.window.advance(rest);
        self.report.truncated_at = Some(offset);
        self.report.counts.bytes_given_up += self.window.offset() - offset;
        Ok(())
    }

    /// A byte stood where the grammar has no place for it: go on at the next object.
    fn mend(&mut self, from: u64) -> Result<(), Stop> {
        let hole = self.window.hole();
        if self.window.offset() == from {
            self.remember_beginning();
        }
        let found = object::find_after_damage(&mut self.window, from);
        let length = self.window.offset() - from;
        self.report.counts.bytes_given_up += length;
        if found {
            self.report.cursor = self.window.offset();
        }
        let shown = usize::try_from(length)
            .unwrap_or(usize::MAX)
            .min(self.beginning.len());
        let why = if hole { code::HOLE } else { code::BYTES_BETWEEN };
        self.report.quarantined.note(why);
        let item = Quarantined {
            code: why,
            offset: from,
            length,
            record_offset: None,
            tuple_index: None,
            raw: self.beginning.get(..shown).unwrap_or(&[]).to_vec(),
        };
        self.keep(item);
        Ok(())
    }

    fn flush_if_full(&mut self) -> Result<(), Stop> {
        if self.rows.len() >= BATCH_ROWS
            || self.rows.text_bytes() >= BATCH_TEXT_BYTES_MAX
            || self.rows.extra_bytes() >= ROW_TEXT_BYTES_MAX
        {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn flush(&mut self) -> Result<(), Stop> {
        self.look_for_slips()?;
        self.handed_on = true;
        let handed_on = self.rows.hand_on(self.sink);
        self.report.follow(handed_on)
    }
}

/// The row in the cells, and the layout it is of.
fn meant<'c>(
    cells: &'c Cells,
    shape: &'c Shape,
    options: &RowOptions,
) -> Result<(Row<'c>, &'static Layout), Code> {
    if cells.too_long {
        return Err(code::ROW_LONG);
    }
    if !cells.is_utf8() {
        return Err(code::NOT_UTF8);
    }
    let Some(layout) = shape.layout else {
        let names: Vec<Vec<u8>> = shape.in_order().map(|(_, name)| name.to_vec()).collect();
        return Err(if layouts::is_elastic(&names) {
            code::ROW_ELASTIC
        } else {
            code::ROW_LAYOUT
        });
    };
    let zone = shape.zone(options);
    Ok((Row { cells, shape, zone }, layout))
}
