//! `format_ipv4`.

use super::network::{Network, Version};
use super::written::masked;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "format_ipv4",
    aliases: &[],
    signatures: &["(ip:Scalar, ?prefix:long) -> string"],
    tuple: &[],
    summary: "An IPv4 address written with no more than so many first bits kept.",
    notes: "The address is a text or a number. A prefix that it carries is applied too. What is no address or no prefix gives the empty text.",
    examples: &[
        ("format_ipv4('192.168.1.1', 24)", "'192.168.1.0'"),
        ("format_ipv4('192.168.1.1/24', 32)", "'192.168.1.0'"),
        ("format_ipv4(3232236031, 24)", "'192.168.1.0'"),
        ("format_ipv4(3232236031)", "'192.168.1.255'"),
        ("format_ipv4('192.168.1.1/24', -1)", "''"),
        ("format_ipv4(4294967296)", "''"),
    ],
    kernel: |call| {
        call.strings(|row| {
            masked(call, row, Version::Four)
                .map(Network::text_of_version_4)
                .unwrap_or_default()
        })
    },
};
