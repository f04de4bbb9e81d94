//! `ipv4_is_in_range`.

use super::network::Version;
use super::ranges::is_in_any;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "ipv4_is_in_range",
    aliases: &[],
    signatures: &["(ip:string, ip_range:string) -> bool"],
    tuple: &[],
    summary: "Whether an IPv4 address is in a network.",
    notes: "",
    examples: &[
        ("ipv4_is_in_range('127.0.0.1', '127.0.0.1')", "true"),
        ("ipv4_is_in_range('192.168.1.6', '192.168.1.1/24')", "true"),
        ("ipv4_is_in_range('192.168.1.1', '192.168.2.1/24')", "false"),
        ("ipv4_is_in_range('10.0.0.1', '0.0.0.0/0')", "true"),
        ("ipv4_is_in_range('10.0.0.1', '10.0.0.0/33')", "bool(null)"),
    ],
    kernel: |call| is_in_any(call, Version::Four),
};
