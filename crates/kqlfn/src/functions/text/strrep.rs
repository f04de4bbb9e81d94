//! `strrep`.

use super::growth::MOST_BYTES;
use crate::function::Function;

/// As in Kusto.
const MOST_REPETITIONS: usize = 1024;

pub(super) const FUNCTION: Function = Function {
    name: "strrep",
    aliases: &[],
    signatures: &["(value:Scalar, multiplier:long, ?delimiter:Scalar) -> string"],
    tuple: &[],
    summary: "Repeats a value, with a text between the repetitions.",
    notes: "More than 1024 repetitions are cut to 1024, and what does not fit into 1 MiB as a whole repetition is left out.",
    examples: &[
        ("strrep('ABC', 2)", "'ABCABC'"),
        ("strrep(123, 3, '.')", "'123.123.123'"),
        ("strrep(3s, 2, ' ')", "'00:00:03 00:00:03'"),
        ("strrep('a', 0)", "''"),
        ("strrep('a', -1, ',')", "''"),
        ("strlen(strrep('ab', 5000))", "2048"),
    ],
    kernel: |call| {
        call.strings(|row| {
            let text = call.text(0, row);
            let times = usize::try_from(call.long(1, row).unwrap_or(0)).unwrap_or(0);
            let times = times.min(MOST_REPETITIONS);
            let delimiter = call.text(2, row);
            let all = (text.len() + delimiter.len()).saturating_mul(times);
            let mut repeated = String::with_capacity(all.min(MOST_BYTES));
            for repetition in 0..times {
                let between = if repetition == 0 { "" } else { &*delimiter };
                if repeated.len() + between.len() + text.len() > MOST_BYTES {
                    break;
                }
                repeated.push_str(between);
                repeated.push_str(&text);
            }
            repeated
        })
    },
};
