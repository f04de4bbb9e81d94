//! `ipv4_is_in_any_range`.

use super::network::Version;
use super::ranges::is_in_any;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "ipv4_is_in_any_range",
    aliases: &[],
    signatures: &[
        "(ip:StringOrDynamic, ranges:string*) -> bool",
        "(ip:StringOrDynamic, ranges:DynamicArray) -> bool",
    ],
    tuple: &[],
    summary: "Whether an IPv4 address is in any of some networks.",
    notes: "A range that cannot be read makes the result null, but where another one has the address.",
    examples: &[
        (
            "ipv4_is_in_any_range('192.168.1.6', '192.168.1.1/24', '10.0.0.1/8', '127.1.0.1/16')",
            "true",
        ),
        (
            "ipv4_is_in_any_range('127.0.0.1', dynamic(['127.0.0.1', '192.168.1.1']))",
            "true",
        ),
        (
            "ipv4_is_in_any_range('123.1.11.21', dynamic(['192.168.1.1/16', '127.0.0.1/8']))",
            "false",
        ),
        ("ipv4_is_in_any_range('1.1.1.1', dynamic([]))", "false"),
        ("ipv4_is_in_any_range('1.1.1.1', '2.2.2.2', 'x')", "bool(null)"),
        ("ipv4_is_in_any_range('x', '2.2.2.2')", "bool(null)"),
    ],
    kernel: |call| is_in_any(call, Version::Four),
};
