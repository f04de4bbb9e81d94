//! `ipv6_is_match`.

use super::comparison::is_match;
use super::network::Version;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "ipv6_is_match",
    aliases: &[],
    signatures: &["(ip1:string, ip2:string, ?prefix:long) -> bool"],
    tuple: &[],
    summary: "Whether two addresses, IPv6 or IPv4, are the same.",
    notes: "An address of version 4 counts as the one of version 6 that it maps to, and a prefix beside it as so many bits more. The last argument counts bits of version 6. The fewest bits count that either address or the last argument names.",
    examples: &[
        ("ipv6_is_match('192.168.1.1/24', '::ffff:c0a8:01ff')", "true"),
        (
            "ipv6_is_match('fe80::85d:e82c:9446:7994', 'fe80::85d:e82c:9446:7995', 127)",
            "true",
        ),
        (
            "ipv6_is_match('fe80::85d:e82c:9446:7994', 'fe80::85d:e82c:9446:7998')",
            "false",
        ),
        ("ipv6_is_match('fe80::1', 'x')", "bool(null)"),
    ],
    kernel: |call| is_match(call, Version::Six),
};
