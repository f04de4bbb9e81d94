//! `ipv4_is_match`.

use super::comparison::is_match;
use super::network::Version;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "ipv4_is_match",
    aliases: &[],
    signatures: &["(ip1:string, ip2:string, ?prefix:long) -> bool"],
    tuple: &[],
    summary: "Whether two IPv4 addresses are the same.",
    notes: "An address may carry a prefix of its own, such as `/24`. The fewest bits count that either address or the last argument names.",
    examples: &[
        ("ipv4_is_match('127.0.0.1', '127.0.0.1')", "true"),
        ("ipv4_is_match('192.168.1.1', '192.168.1.255')", "false"),
        ("ipv4_is_match('192.168.1.1/24', '192.168.1.255/24')", "true"),
        ("ipv4_is_match('192.168.1.1', '192.168.1.255', 24)", "true"),
        ("ipv4_is_match('', '192.168.1.255')", "bool(null)"),
    ],
    kernel: |call| is_match(call, Version::Four),
};
