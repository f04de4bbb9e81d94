//! `format_timespan`.

use kql::values::TICKS_PER_DAY;

use super::format::{Format, Piece, number, of_timespan, time_of_day};
use crate::function::Function;
use crate::functions::prepared::Prepared;

pub(super) const FUNCTION: Function = Function {
    name: "format_timespan",
    aliases: &[],
    signatures: &["(timespan:timespan, format:string) -> string"],
    tuple: &[],
    summary: "A timespan written by a format.",
    notes: "Letters: `d` days, `H` and `h` hours of the day, `m` minutes, `s` seconds, `f` digits of the fraction, `F` the same without zeros at the end. Between them may stand blanks and `/-:,._[]`, nothing else. What the format does not name is left out, also where it is not 0. A negative timespan begins with `-`.",
    examples: &[
        (
            "format_timespan(time(29.09:00:05.12345), 'dd.hh:mm:ss:FF')",
            "'29.09:00:05:12'",
        ),
        (
            "format_timespan(time(29.09:00:05.12345), 'ddd.h:mm:ss [fffffff]')",
            "'029.9:00:05 [1234500]'",
        ),
        ("format_timespan(time(15.13:45:30.05), 'H:m F')", "'13:45 '"),
        ("format_timespan(-90s, 'mm:ss')", "'-01:30'"),
        ("format_timespan(1d, 'dddd')", "'0001'"),
        ("format_timespan(timespan(null), 'd')", "''"),
    ],
    kernel: |call| {
        let format = Prepared::new(call, 1, of_timespan)?;
        call.strings(|row| {
            let ticks = call.ticks(0, row);
            ticks
                .and_then(|ticks| format.with(row, |format| written(format, ticks)))
                .unwrap_or_default()
        })
    },
};

fn written(format: &Format, ticks: i64) -> String {
    let mut out = String::with_capacity(format.len() * 2 + 1);
    if ticks < 0 {
        out.push('-');
    }
    // The size of the smallest timespan does not fit into its own type; its days and its rest do.
    let size = ticks.unsigned_abs();
    let days = i64::try_from(size / TICKS_PER_DAY.unsigned_abs()).unwrap_or(i64::MAX);
    let rest = i64::try_from(size % TICKS_PER_DAY.unsigned_abs()).unwrap_or(i64::MAX);
    for &piece in format {
        match piece {
            Piece::Sign(sign) => out.push(sign),
            Piece::Part('d', digits) => number(&mut out, days, digits),
            Piece::Part('h', digits) => time_of_day(&mut out, 'H', digits, rest),
            Piece::Part(letter, digits) => time_of_day(&mut out, letter, digits, rest),
        }
    }
    out
}
