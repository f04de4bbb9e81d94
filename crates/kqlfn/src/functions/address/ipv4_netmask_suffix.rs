//! `ipv4_netmask_suffix`.

use super::network::Version;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "ipv4_netmask_suffix",
    aliases: &[],
    signatures: &["(ip:string) -> long"],
    tuple: &[],
    summary: "The prefix of an IPv4 address, 32 if it carries none.",
    notes: "",
    examples: &[
        ("ipv4_netmask_suffix('10.1.2.3')", "32"),
        ("ipv4_netmask_suffix('192.168.1.1/24')", "24"),
        ("ipv4_netmask_suffix('0.0.0.0/0')", "0"),
        ("ipv4_netmask_suffix('127.0.0.1/33')", "long(null)"),
    ],
    kernel: |call| {
        call.longs(|row| {
            let network = Version::Four.read(&call.text(0, row))?;
            Some(i64::from(network.prefix_of_version_4()))
        })
    },
};
