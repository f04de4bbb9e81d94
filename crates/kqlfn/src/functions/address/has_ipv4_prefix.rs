//! `has_ipv4_prefix`.

use super::occurrence::has_beginning;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "has_ipv4_prefix",
    aliases: &[],
    signatures: &["(source:StringOrDynamic, ip_prefix:string) -> bool"],
    tuple: &[],
    summary: "Whether a text has an IPv4 address in it that begins with a prefix.",
    notes: "A prefix ends with a point, such as `10.1.`, or is a whole address; any other is never found. Neither a letter nor a digit may stand beside the address.",
    examples: &[
        (
            "has_ipv4_prefix('05:04:54 127.0.0.1 GET /favicon.ico 404', '127.0.')",
            "true",
        ),
        (
            "has_ipv4_prefix('05:04:54 127.0.0.1 GET /favicon.ico 404', '127.0')",
            "false",
        ),
        (
            "has_ipv4_prefix('05:04:54 127.0.0.256 GET /favicon.ico 404', '127.0.')",
            "false",
        ),
        (
            "has_ipv4_prefix('05:04:54127.0.0.1 GET /favicon.ico 404', '127.0.')",
            "false",
        ),
        (
            "has_ipv4_prefix('05:04:54 127.0.0.1 GET /favicon.ico 404', '127.0.0.1')",
            "true",
        ),
    ],
    kernel: has_beginning,
};
