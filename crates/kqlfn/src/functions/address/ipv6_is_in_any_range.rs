//! `ipv6_is_in_any_range`.

use super::network::Version;
use super::ranges::is_in_any;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "ipv6_is_in_any_range",
    aliases: &[],
    signatures: &[
        "(ip:StringOrDynamic, ranges:string*) -> bool",
        "(ip:StringOrDynamic, ranges:DynamicArray) -> bool",
    ],
    tuple: &[],
    summary: "Whether an address, IPv6 or IPv4, is in any of some networks.",
    notes: "A range that cannot be read makes the result null, but where another one has the address.",
    examples: &[
        (
            "ipv6_is_in_any_range('a5e:f127:8a9d:146d:e102:b5d3:c755:f6cd', dynamic(['a5e:f127:8a9d:146d:e102:b5d3:c755:f6cd/112', '0:0:0:0:0:ffff:c0a8:ac/60']))",
            "true",
        ),
        (
            "ipv6_is_in_any_range('a5e:f127:8a9d:146d:e102:b5d3:c756:abd1', 'a5e:f127:8a9d:146d:e102:b5d3:c755:f6cd/112', '0:0:0:0:0:ffff:c0a8:ac/60')",
            "false",
        ),
        (
            "ipv6_is_in_any_range('10.1.2.3', 'fe80::/10', '10.0.0.0/8')",
            "true",
        ),
        ("ipv6_is_in_any_range('10.1.2.3', dynamic(null))", "bool(null)"),
    ],
    kernel: |call| is_in_any(call, Version::Six),
};
