//! Formats of datetimes and timespans: runs of letters that stand for parts, and signs between them.

use std::fmt::Write;

use kql::values::{TICKS_PER_HOUR, TICKS_PER_MINUTE, TICKS_PER_SECOND};
use kql::{Code, Fault};

use super::clock::since_midnight;
use crate::function::Refusal;

/// A format that was read.
pub(super) type Format = Vec<Piece>;

/// A piece of a format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Piece {
    /// A letter that stands for a part, and how many of it there are.
    Part(char, usize),
    /// A sign that stands for itself.
    Sign(char),
}

/// The digits of a second's fraction: a tick is the seventh.
const FRACTION_DIGITS: usize = 7;

/// The longest runs that a letter has a meaning for, longest first. A longer run is several.
fn runs_of_datetime(letter: char) -> &'static [usize] {
    match letter {
        'd' | 'h' | 'H' | 'm' | 'M' | 's' => &[2, 1],
        'f' | 'F' => &[7, 6, 5, 4, 3, 2, 1],
        'y' => &[4, 2, 1],
        't' => &[2],
        _ => &[],
    }
}

fn runs_of_timespan(letter: char) -> &'static [usize] {
    match letter {
        'd' => &[8, 7, 6, 5, 4, 3, 2, 1],
        'h' | 'H' | 'm' | 's' => &[2, 1],
        'f' | 'F' => &[7, 6, 5, 4, 3, 2, 1],
        _ => &[],
    }
}

/// Reads a format of datetimes.
pub(super) fn of_datetime(text: &str) -> Result<Format, Refusal> {
    read(text, runs_of_datetime)
}

/// Reads a format of timespans.
pub(super) fn of_timespan(text: &str) -> Result<Format, Refusal> {
    read(text, runs_of_timespan)
}

/// What is wrong with a text as such a format.
pub(crate) fn no_datetime_format(text: &str) -> Option<Fault> {
    of_datetime(text).err().map(|refusal| Fault {
        code: Code::SEM0219,
        message: refusal.message,
        hint:
            "the letters are y, M, d, H, h, m, s, f, F and tt, with / - : , . _ [ ] and blanks between them"
                .to_owned(),
    })
}

/// What is wrong with a text as such a format.
pub(crate) fn no_timespan_format(text: &str) -> Option<Fault> {
    of_timespan(text).err().map(|refusal| Fault {
        code: Code::SEM0219,
        message: refusal.message,
        hint: "the letters are d, H, h, m, s, f and F, with / - : , . _ [ ] and blanks between them"
            .to_owned(),
    })
}

fn read(text: &str, runs: fn(char) -> &'static [usize]) -> Result<Format, Refusal> {
    let mut pieces = Format::new();
    let mut rest = text.chars();
    while let Some(first) = rest.clone().next() {
        if " /-:,._[]".contains(first) {
            pieces.push(Piece::Sign(first));
            rest.next();
            continue;
        }
        let length = rest.clone().take_while(|&letter| letter == first).count();
        let run = runs(first).iter().find(|&&run| run <= length);
        let Some(&run) = run else {
            return Err(Refusal::new(format!(
                "`{first}` has no meaning in the format `{text}`"
            )));
        };
        pieces.push(Piece::Part(first, run));
        rest.nth(run - 1);
    }
    Ok(pieces)
}

/// Writes a number with at least so many digits.
pub(super) fn number(out: &mut String, value: i64, digits: usize) {
    // Writing to a text cannot fail.
    let _ = write!(out, "{value:0digits$}");
}

/// Writes a part of the day, if the letter is one that stands for it. Negative ticks must come without their sign.
pub(super) fn time_of_day(out: &mut String, letter: char, digits: usize, ticks: i64) {
    let count = |unit: i64| since_midnight(ticks, unit);
    match letter {
        'H' => number(out, count(TICKS_PER_HOUR), digits),
        'm' => number(out, count(TICKS_PER_MINUTE) % 60, digits),
        's' => number(out, count(TICKS_PER_SECOND) % 60, digits),
        'f' | 'F' => fraction(out, ticks.rem_euclid(TICKS_PER_SECOND), digits, letter == 'F'),
        _ => {}
    }
}

/// The first digits of a second's fraction; without the zeros at its end if it is trimmed.
fn fraction(out: &mut String, of_second: i64, digits: usize, is_trimmed: bool) {
    let mut value = of_second;
    for _ in digits..FRACTION_DIGITS {
        value /= 10;
    }
    let mut digits = digits;
    while is_trimmed && digits > 0 && value % 10 == 0 {
        value /= 10;
        digits -= 1;
    }
    if digits > 0 {
        number(out, value, digits);
    }
}
