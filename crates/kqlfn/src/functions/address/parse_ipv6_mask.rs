//! `parse_ipv6_mask`.

use super::network::{Network, Version};
use super::written::masked;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "parse_ipv6_mask",
    aliases: &[],
    signatures: &["(ip:string, prefix:long) -> string"],
    tuple: &[],
    summary: "An address, IPv6 or IPv4, as an IPv6 address of which no more than so many first bits are kept.",
    notes: "The prefix counts bits of version 6, for IPv4 too; one that an IPv4 address carries counts bits of version 4. The smaller one holds.",
    examples: &[
        (
            "parse_ipv6_mask('192.168.255.255', 120)",
            "'0000:0000:0000:0000:0000:ffff:c0a8:ff00'",
        ),
        (
            "parse_ipv6_mask('192.168.255.255/24', 124)",
            "'0000:0000:0000:0000:0000:ffff:c0a8:ff00'",
        ),
        (
            "parse_ipv6_mask('fe80::85d:e82c:9446:7994/120', 124)",
            "'fe80:0000:0000:0000:085d:e82c:9446:7900'",
        ),
        (
            "parse_ipv6_mask('::192.168.255.255/24', 128)",
            "'0000:0000:0000:0000:0000:0000:c0a8:ff00'",
        ),
        ("parse_ipv6_mask('fe80::1', 129)", "''"),
    ],
    kernel: |call| {
        call.strings(|row| {
            masked(call, row, Version::Six)
                .map(Network::text)
                .unwrap_or_default()
        })
    },
};
