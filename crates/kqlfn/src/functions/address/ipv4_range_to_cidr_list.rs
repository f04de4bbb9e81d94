//! `ipv4_range_to_cidr_list`.

use std::net::Ipv4Addr;

use super::network::Version;
use crate::dynamic::Elements;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "ipv4_range_to_cidr_list",
    aliases: &[],
    signatures: &["(start_ip:string, end_ip:string) -> dynamic"],
    tuple: &[],
    summary: "The fewest networks that have all IPv4 addresses from one to another, and no more.",
    notes: "",
    examples: &[
        (
            "ipv4_range_to_cidr_list('1.1.128.0', '1.1.140.255')",
            "dynamic([\"1.1.128.0/21\", \"1.1.136.0/22\", \"1.1.140.0/24\"])",
        ),
        (
            "ipv4_range_to_cidr_list('10.0.0.1', '10.0.0.1')",
            "dynamic([\"10.0.0.1/32\"])",
        ),
        (
            "ipv4_range_to_cidr_list('0.0.0.0', '255.255.255.255')",
            "dynamic([\"0.0.0.0/0\"])",
        ),
        ("ipv4_range_to_cidr_list('10.0.0.2', '10.0.0.1')", "dynamic(null)"),
        ("ipv4_range_to_cidr_list('x', '10.0.0.1')", "dynamic(null)"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            let start = Version::Four.read(&call.text(0, row));
            let end = Version::Four.read(&call.text(1, row));
            if let (Some(start), Some(end)) = (start, end)
                && start.number() <= end.number()
            {
                writer.array(|elements| cover(start.number(), end.number(), elements));
            }
        })
    },
};

/// Takes the largest network that begins where the last one ended and does not go beyond the end: 62 at most.
fn cover(start: i64, end: i64, elements: &mut Elements<'_>) {
    let mut next = start;
    while next <= end {
        // Zero has no last bit, but there are no more than 32.
        let mut bits = next.trailing_zeros().min(32);
        while next + (1 << bits) - 1 > end {
            bits -= 1;
        }
        let first = Ipv4Addr::from(u32::try_from(next).unwrap_or_default());
        elements.push(|writer| writer.string(&format!("{first}/{}", 32 - bits)));
        next += 1 << bits;
    }
}
