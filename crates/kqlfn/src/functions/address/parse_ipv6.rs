//! `parse_ipv6`.

use super::network::{Network, Version};
use super::written::masked;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "parse_ipv6",
    aliases: &[],
    signatures: &["(ip:string) -> string"],
    tuple: &[],
    summary: "An address, IPv6 or IPv4, as an IPv6 address with all its zeros.",
    notes: "A prefix that the address carries is applied.",
    examples: &[
        (
            "parse_ipv6('127.0.0.1')",
            "'0000:0000:0000:0000:0000:ffff:7f00:0001'",
        ),
        (
            "parse_ipv6('192.168.255.255/24')",
            "'0000:0000:0000:0000:0000:ffff:c0a8:ff00'",
        ),
        (
            "parse_ipv6('fe80::85d:e82c:9446:7994')",
            "'fe80:0000:0000:0000:085d:e82c:9446:7994'",
        ),
        (
            "parse_ipv6('::192.168.255.255')",
            "'0000:0000:0000:0000:0000:0000:c0a8:ffff'",
        ),
        ("parse_ipv6('fe80:')", "''"),
    ],
    kernel: |call| {
        call.strings(|row| {
            masked(call, row, Version::Six)
                .map(Network::text)
                .unwrap_or_default()
        })
    },
};
