//! `ipv6_compare`.

use super::comparison::compare;
use super::network::Version;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "ipv6_compare",
    aliases: &[],
    signatures: &["(ip1:string, ip2:string, ?prefix:long) -> long"],
    tuple: &[],
    summary: "How two addresses, IPv6 or IPv4, stand to each other: -1, 0 or 1.",
    notes: "An address of version 4 counts as the one of version 6 that it maps to, and a prefix beside it as so many bits more. The last argument counts bits of version 6. The fewest bits count that either address or the last argument names.",
    examples: &[
        ("ipv6_compare('192.168.1.1', '::ffff:c0a8:0101')", "0"),
        (
            "ipv6_compare('fe80::85d:e82c:9446:7994', 'fe80::85d:e82c:9446:7998')",
            "-1",
        ),
        (
            "ipv6_compare('fe80::85d:e82c:9446:7994/120', 'fe80::85d:e82c:9446:7998')",
            "0",
        ),
        ("ipv6_compare('::192.168.1.1/30', '192.168.1.255/24')", "0"),
        ("ipv6_compare('192.168.1.1', '192.168.1.0', 127)", "0"),
        ("ipv6_compare('fe80:', '::1')", "long(null)"),
    ],
    kernel: |call| compare(call, Version::Six),
};
