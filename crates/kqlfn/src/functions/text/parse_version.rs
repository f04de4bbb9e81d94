//! `parse_version`.

use crate::function::Function;

const MOST_PARTS: u32 = 4;

/// Each part has eight digits.
const PART: u128 = 100_000_000;

pub(super) const FUNCTION: Function = Function {
    name: "parse_version",
    aliases: &[],
    signatures: &["(version:string) -> decimal"],
    tuple: &[],
    summary: "A version of up to four numbers as one decimal, so that versions can be compared.",
    notes: "Each number has 1 to 8 digits. Missing numbers count as 0.",
    examples: &[
        ("parse_version('0.0.0.5')", "decimal(5)"),
        ("parse_version('0.0.3')", "decimal(300000000)"),
        ("parse_version('1.2.3.4')", "decimal(1000000020000000300000004)"),
        ("parse_version('1')", "decimal(1000000000000000000000000)"),
        ("parse_version('1.2.3.4.5')", "decimal(null)"),
        ("parse_version('1.a')", "decimal(null)"),
    ],
    kernel: |call| {
        call.decimals(|row| {
            let text = call.text(0, row);
            let (mut number, mut parts) = (0_u128, 0);
            for part in text.split('.') {
                let is_number =
                    (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
                if !is_number {
                    return None;
                }
                number = number * PART + part.parse::<u128>().ok()?;
                parts += 1;
                if parts > MOST_PARTS {
                    return None;
                }
            }
            for _ in parts..MOST_PARTS {
                number *= PART;
            }
            Some(number.to_string())
        })
    },
};
