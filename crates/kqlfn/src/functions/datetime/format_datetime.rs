//! `format_datetime`.

use kql::values::TICKS_PER_HOUR;

use super::clock::{civil, since_midnight};
use super::format::{Format, Piece, number, of_datetime, time_of_day};
use crate::function::Function;
use crate::functions::prepared::Prepared;

pub(super) const FUNCTION: Function = Function {
    name: "format_datetime",
    aliases: &[],
    signatures: &["(date:datetime, format:string) -> string"],
    tuple: &[],
    summary: "A datetime written by a format.",
    notes: "Letters: `y` year, `M` month, `d` day, `H` hour of 24, `h` hour of 12, `tt` AM or PM, `m` minute, `s` second, `f` digits of the fraction, `F` the same without zeros at the end. Between them may stand blanks and `/-:,._[]`, nothing else: `T` is refused. There are no names of months and days: `MMM` is `MM` and `M`.",
    examples: &[
        (
            "format_datetime(datetime(2017-01-29 09:00:05), 'yy-MM-dd [HH:mm:ss]')",
            "'17-01-29 [09:00:05]'",
        ),
        (
            "format_datetime(datetime(2017-01-29 09:00:05), 'yyyy-M-dd [H:mm:ss]')",
            "'2017-1-29 [9:00:05]'",
        ),
        (
            "format_datetime(datetime(2017-01-29 00:00:05), 'yy-MM-dd [hh:mm:ss tt]')",
            "'17-01-29 [12:00:05 AM]'",
        ),
        (
            "format_datetime(datetime(2009-06-15 13:45:30.0001150), 'y h:s.FFFFFFF fff')",
            "'9 1:30.000115 000'",
        ),
        (
            "format_datetime(datetime(2007-03-09 05:04:03), 'ddd MMM')",
            "'099 033'",
        ),
        ("format_datetime(datetime(null), 'yyyy')", "''"),
    ],
    kernel: |call| {
        let format = Prepared::new(call, 1, of_datetime)?;
        call.strings(|row| {
            let ticks = call.ticks(0, row);
            ticks
                .and_then(|ticks| format.with(row, |format| written(format, ticks)))
                .unwrap_or_default()
        })
    },
};

fn written(format: &Format, ticks: i64) -> String {
    let mut out = String::with_capacity(format.len() * 2);
    let date = civil(ticks);
    let hour = since_midnight(ticks, TICKS_PER_HOUR);
    for &piece in format {
        match piece {
            Piece::Sign(sign) => out.push(sign),
            Piece::Part('y', digits @ (1 | 2)) => number(&mut out, date.year % 100, digits),
            Piece::Part('y', digits) => number(&mut out, date.year, digits),
            Piece::Part('M', digits) => number(&mut out, date.month, digits),
            Piece::Part('d', digits) => number(&mut out, date.day, digits),
            Piece::Part('h', digits) => number(&mut out, (hour + 11) % 12 + 1, digits),
            Piece::Part('t', _) => out.push_str(if hour < 12 { "AM" } else { "PM" }),
            Piece::Part(letter, digits) => time_of_day(&mut out, letter, digits, ticks),
        }
    }
    out
}
