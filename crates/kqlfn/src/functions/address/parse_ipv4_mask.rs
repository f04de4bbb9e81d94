//! `parse_ipv4_mask`.

use super::network::{Network, Version};
use super::written::masked;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "parse_ipv4_mask",
    aliases: &[],
    signatures: &["(ip:string, prefix:long) -> long"],
    tuple: &[],
    summary: "An IPv4 address as a number of which no more than so many first bits are kept.",
    notes: "A prefix that the address carries counts if it is the smaller one.",
    examples: &[
        ("parse_ipv4_mask('127.0.0.1', 24)", "2130706432"),
        ("parse_ipv4_mask('192.1.168.2', 31)", "3221334018"),
        ("parse_ipv4_mask('192.1.168.3/24', 31)", "3221334016"),
        ("parse_ipv4_mask('127.2.3.4', 33)", "long(null)"),
        ("parse_ipv4_mask('127.2.3.4', long(null))", "long(null)"),
    ],
    kernel: |call| call.longs(|row| masked(call, row, Version::Four).map(Network::number)),
};
