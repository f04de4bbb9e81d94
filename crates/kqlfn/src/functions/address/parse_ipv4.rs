//! `parse_ipv4`.

use super::network::{Network, Version};
use super::written::masked;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "parse_ipv4",
    aliases: &[],
    signatures: &["(ip:string) -> long"],
    tuple: &[],
    summary: "An IPv4 address as a number.",
    notes: "A prefix that the address carries is applied.",
    examples: &[
        ("parse_ipv4('192.168.1.1')", "3232235777"),
        ("parse_ipv4('192.168.1.1/24')", "3232235776"),
        ("parse_ipv4('255.255.255.255/31')", "4294967294"),
        ("parse_ipv4('127.0.0.1')", "2130706433"),
        ("parse_ipv4('127.0.0')", "long(null)"),
        ("parse_ipv4('127.0.0.256')", "long(null)"),
    ],
    kernel: |call| call.longs(|row| masked(call, row, Version::Four).map(Network::number)),
};
