//! `has_ipv4`.

use super::occurrence::has_address;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "has_ipv4",
    aliases: &[],
    signatures: &["(source:StringOrDynamic, ip:string) -> bool"],
    tuple: &[],
    summary: "Whether a text has an IPv4 address in it.",
    notes: "Neither a letter nor a digit may stand beside the address.",
    examples: &[
        (
            "has_ipv4('05:04:54 127.0.0.1 GET /favicon.ico 404', '127.0.0.1')",
            "true",
        ),
        (
            "has_ipv4('05:04:54 127.0.0.256 GET /favicon.ico 404', '127.0.0.256')",
            "false",
        ),
        (
            "has_ipv4('05:04:54127.0.0.1 GET /favicon.ico 404', '127.0.0.1')",
            "false",
        ),
        ("has_ipv4('from 192.168.1.1, 10.1.1.115.', '10.1.1.115')", "true"),
        ("has_ipv4('from 10.1.1.115', '10.1.1.11')", "false"),
        ("has_ipv4('', '127.0.0.1')", "false"),
    ],
    kernel: has_address,
};
