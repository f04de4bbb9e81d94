//! `ipv6_is_in_range`.

use super::network::Version;
use super::ranges::is_in_any;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "ipv6_is_in_range",
    aliases: &[],
    signatures: &["(ip:string, ip_range:string) -> bool"],
    tuple: &[],
    summary: "Whether an address, IPv6 or IPv4, is in a network.",
    notes: "",
    examples: &[
        (
            "ipv6_is_in_range('a5e:f127:8a9d:146d:e102:b5d3:c755:abcd', 'a5e:f127:8a9d:146d:e102:b5d3:c755:0000/112')",
            "true",
        ),
        (
            "ipv6_is_in_range('a5e:f127:8a9d:146d:e102:b5d3:c755:abcd', '0:0:0:0:0:ffff:c0a8:ac/60')",
            "false",
        ),
        ("ipv6_is_in_range('192.168.1.7', '192.168.1.0/24')", "true"),
        ("ipv6_is_in_range('10.0.0.1', 'x')", "bool(null)"),
    ],
    kernel: |call| is_in_any(call, Version::Six),
};
