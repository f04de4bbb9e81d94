//! `format_ipv4_mask`.

use super::network::Version;
use super::written::masked;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "format_ipv4_mask",
    aliases: &[],
    signatures: &["(ip:Scalar, prefix:long) -> string"],
    tuple: &[],
    summary: "An IPv4 address written as a network, with its prefix.",
    notes: "The address is a text or a number. A prefix that it carries is applied too. What is no address or no prefix gives the empty text.",
    examples: &[
        ("format_ipv4_mask('192.168.1.1', 24)", "'192.168.1.0/24'"),
        ("format_ipv4_mask(3232236031, 24)", "'192.168.1.0/24'"),
        ("format_ipv4_mask('192.168.1.1/24', 32)", "'192.168.1.0/24'"),
        ("format_ipv4_mask('192.168.1.1', 32)", "'192.168.1.1/32'"),
        ("format_ipv4_mask('192.168.1.1/24', -1)", "''"),
    ],
    kernel: |call| {
        call.strings(|row| {
            masked(call, row, Version::Four)
                .map(|network| {
                    format!(
                        "{}/{}",
                        network.text_of_version_4(),
                        network.prefix_of_version_4()
                    )
                })
                .unwrap_or_default()
        })
    },
};
