//! `ipv4_is_private`.

use super::network::Version;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "ipv4_is_private",
    aliases: &[],
    signatures: &["(ip:string) -> bool"],
    tuple: &[],
    summary: "Whether an IPv4 address is in one of the private networks 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16.",
    notes: "The address of the machine itself, 127.0.0.1, is not private.",
    examples: &[
        ("ipv4_is_private('192.168.1.1/24')", "true"),
        ("ipv4_is_private('10.1.2.3/24')", "true"),
        ("ipv4_is_private('172.31.255.255')", "true"),
        ("ipv4_is_private('172.32.0.0')", "false"),
        ("ipv4_is_private('127.0.0.1')", "false"),
        ("ipv4_is_private('fe80::1')", "bool(null)"),
    ],
    kernel: |call| {
        call.bools(|row| {
            let address = Version::Four.read(&call.text(0, row))?.number();
            Some(matches!(
                address,
                0x0a00_0000..=0x0aff_ffff | 0xac10_0000..=0xac1f_ffff | 0xc0a8_0000..=0xc0a8_ffff
            ))
        })
    },
};
