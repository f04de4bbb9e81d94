//! `has_any_ipv4`.

use super::occurrence::has_address;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "has_any_ipv4",
    aliases: &[],
    signatures: &[
        "(source:StringOrDynamic, ips:string*) -> bool",
        "(source:StringOrDynamic, ips:DynamicArray) -> bool",
    ],
    tuple: &[],
    summary: "Whether a text has any of some IPv4 addresses in it.",
    notes: "Neither a letter nor a digit may stand beside the address.",
    examples: &[
        (
            "has_any_ipv4('05:04:54 127.0.0.1 GET /favicon.ico 404', '127.0.0.1', '127.0.0.2')",
            "true",
        ),
        (
            "has_any_ipv4('05:04:54 127.0.0.1 GET /favicon.ico 404', dynamic(['127.0.0.1', '127.0.0.2']))",
            "true",
        ),
        (
            "has_any_ipv4('05:04:54127.0.0.1 GET /favicon.ico 404', '127.0.0.1', '192.168.1.1')",
            "false",
        ),
        (
            "has_any_ipv4('05:04:54 127.0.0.256', dynamic(['127.0.0.256', '192.168.1.1']))",
            "false",
        ),
        (
            "has_any_ipv4('05:04:54 127.0.0.1 GET /favicon.ico 404', dynamic([]))",
            "false",
        ),
    ],
    kernel: has_address,
};
