//! Rows that are lines under a header. What a line end does not close may be half a row, and never moves
//! the cursor.

use std::io::Read;

use model::codes::{Code, list as code};

use super::super::csv::{self, Fields, Line};
use super::super::named;
use super::super::shape::Shape;
use super::{Enter, HOLE, Reader, meant};
use crate::Ending;
use crate::batch::Rows;
use crate::looks::Looks;
use crate::report::Tally;
use crate::window::{Stop, Window};

impl<R: Read> Reader<'_, R> {
    /// The header, and whether it has an end: the first line of the source, also where reading begins behind it.
    fn header(&mut self, separator: u8) -> Option<(Shape, bool)> {
        let mut fields = Fields::default();
        let mut whole = true;
        let header = if self.options.start == 0 {
            self.window.peek_token()?;
            let Line::Row { length, ended } = csv::next(&mut self.window, separator, &mut fields) else {
                return None;
            };
            let header = self.window.at_hand().get(..length)?.to_vec();
            self.window.advance(length);
            whole = ended;
            if ended {
                // Otherwise the rest of the header may be yet to come.
                self.report.cursor = self.window.offset();
            }
            header
        } else {
            let beginning = self.options.beginning.clone()?;
            let text = beginning
                .strip_prefix(b"\xef\xbb\xbf")
                .unwrap_or(&beginning)
                .trim_ascii_start();
            let mut window = Window::new(text, text.len() + 1, 0);
            let Line::Row { length, .. } = csv::next(&mut window, separator, &mut fields) else {
                return None;
            };
            text.get(..length)?.to_vec()
        };
        fields.copy_names(&header, &mut self.cells);
        Some((Shape::of(&self.cells, &self.options.rows), whole))
    }

    pub(super) fn lines(&mut self, separator: u8) -> Result<(), Stop> {
        let Some((shape, whole)) = self.header(separator) else {
            self.report.unrecognised = true;
            self.report.looks = Some(Looks::Lines);
            return Ok(());
        };
        if shape.is_of_other_table() {
            self.report.refused = Some(code::ROW_TABLE);
            return Err(Stop::Cancelled);
        }
        self.named.look(&shape);
        self.note_doubled(&shape);
        if whole && !self.named.is_complete() {
            return self.refuse(code::ROW_MAPPED, self.named.say("its header has"));
        }
        let mut fields = Fields::under(shape.len());
        loop {
            let offset = self.window.offset();
            match csv::next(&mut self.window, separator, &mut fields) {
                Line::End => return Ok(()),
                Line::Row { length, ended } => self.line(&shape, &mut fields, (offset, length), ended)?,
                Line::Quote { ended: false, .. } => return self.cut_off(offset),
                Line::Quote { length, .. } => self.bad_line(code::ROW_QUOTE, offset, length)?,
                Line::TooLong => self.long_line(offset)?,
            }
        }
    }

    /// A line past the limit.
    fn long_line(&mut self, offset: u64) -> Result<(), Stop> {
        self.remember_beginning();
        let (length, ended) = csv::skip_line(&mut self.window);
        if !ended && self.options.ending != Ending::Final {
            return self.cut_off(offset);
        }
        self.report.cursor = self.window.offset();
        self.report.counts.records += 1;
        self.put_aside(code::ROW_LONG, offset, length)
    }

    /// A line that stands at the window's position.
    fn line(
        &mut self,
        shape: &Shape,
        fields: &mut Fields,
        (offset, length): (u64, usize),
        ended: bool,
    ) -> Result<(), Stop> {
        let line = self.window.at_hand().get(..length).unwrap_or(&[]);
        if line.trim_ascii().is_empty() {
            self.window.advance(length);
            if ended {
                // Otherwise a row may yet begin with these blanks, which are empty fields between tabs.
                self.report.cursor = self.window.offset();
            }
            return Ok(());
        }
        if fields.len() != shape.len() {
            let more_may_come = self.options.ending != Ending::Final || fields.len() < shape.len();
            if !ended && more_may_come {
                return self.cut_off(offset);
            }
            // A mark that was never closed has swallowed the lines after its own.
            let first = memchr::memchr(b'\n', line).map_or(length, |end| end + 1);
            return if fields.lines > 1 {
                self.bad_line(code::ROW_QUOTE, offset, first)
            } else {
                self.bad_line(code::ROW_FIELDS, offset, length)
            };
        }
        self.cells.clear_values();
        fields.copy(line, &mut self.cells);
        if !ended && self.options.ending == Ending::Growing {
            return self.wait(shape, offset, length);
        }
        self.enter.entered = None;
        if shape.is_header(&self.cells) {
            self.report.oddities.note(code::ODD_HEADER_AGAIN);
        } else if let Err(why) = self.enter(shape, offset) {
            if !ended && self.options.ending == Ending::Quiet {
                return self.cut_off(offset);
            }
            let column = named::without_column(shape, why);
            if column.is_some() {
                self.report.refused_why = Some(named::say_columns(shape));
            }
            return self.bad_line(column.unwrap_or(why), offset, length);
        }
        self.window.advance(length);
        if ended {
            self.report.cursor = self.window.offset();
        } else {
            self.report.oddities.note(code::ODD_LAST_LINE);
            self.report.last_row = self.enter.entered;
        }
        self.flush_if_full()
    }

    /// The last row, in the cells, of a source that is being written: `44` may be `4433` in a moment. It is
    /// taken back whole, and it is said whether there is a row that a quiet source would have.
    fn wait(&mut self, shape: &Shape, offset: u64, length: usize) -> Result<(), Stop> {
        if !shape.is_header(&self.cells) {
            let mut rows = Rows::new(self.options.seed);
            let entered = meant(&self.cells, shape, &self.options.rows).and_then(|(row, layout)| {
                Enter::default().row(&mut rows, &row, layout, offset, &mut Tally::default())
            });
            if entered.is_err() {
                return self.cut_off(offset);
            }
            self.report.waits_at = Some(offset);
        }
        self.window.advance(length);
        self.report.counts.bytes_given_up += length as u64;
        Ok(())
    }

    /// Puts a line aside that is at hand.
    fn bad_line(&mut self, why: Code, offset: u64, length: usize) -> Result<(), Stop> {
        self.remember_beginning();
        let line = self.window.at_hand().get(..length).unwrap_or(&[]);
        let why = if memchr::memmem::find(line, &HOLE).is_some() {
            code::HOLE
        } else {
            why
        };
        self.window.advance(length);
        self.report.cursor = self.window.offset();
        self.report.counts.records += 1;
        self.put_aside(why, offset, length as u64)
    }
}
