//! `ipv4_compare`.

use super::comparison::compare;
use super::network::Version;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "ipv4_compare",
    aliases: &[],
    signatures: &["(ip1:string, ip2:string, ?prefix:long) -> long"],
    tuple: &[],
    summary: "How two IPv4 addresses stand to each other: -1, 0 or 1.",
    notes: "An address may carry a prefix of its own, such as `/24`. The fewest bits count that either address or the last argument names.",
    examples: &[
        ("ipv4_compare('192.168.1.0', '192.168.1.0')", "0"),
        ("ipv4_compare('192.168.1.1/24', '192.168.1.255')", "0"),
        ("ipv4_compare('192.168.1.1', '192.168.2.255/24')", "-1"),
        ("ipv4_compare('192.168.1.1', '192.168.1.0', 31)", "0"),
        ("ipv4_compare('192.168.1.256', '192.168.1.0')", "long(null)"),
        ("ipv4_compare('192.168.1.1', '192.168.1.1', 33)", "long(null)"),
    ],
    kernel: |call| compare(call, Version::Four),
};
