//! `punycode_domain_from_string`.

use std::borrow::Cow;

use idna::punycode::decode_to_string;

use crate::function::Function;

const PREFIX: &str = "xn--";

pub(super) const FUNCTION: Function = Function {
    name: "punycode_domain_from_string",
    aliases: &[],
    signatures: &["(string:string) -> string"],
    tuple: &[],
    summary: "The name of a domain with its labels in Punycode decoded.",
    notes: "The case of letters stays as it is, and nothing is mapped or checked as IDNA would.",
    examples: &[
        (
            "punycode_domain_from_string('xn--Ge-mia.Bulg.edu')",
            "'Gáe.Bulg.edu'",
        ),
        (
            "punycode_domain_from_string('xn--Ry-lja8c.xn--Jng-uta63a.xn--Bng-9ka.com')",
            "'Rúyì.Jīngū.Bàng.com'",
        ),
        ("punycode_domain_from_string('a.b')", "'a.b'"),
        ("punycode_domain_from_string('xn--é.com')", "''"),
    ],
    kernel: |call| {
        call.strings(|row| {
            let text = call.text(0, row);
            let labels = text
                .split('.')
                .map(|label| match label.split_at_checked(PREFIX.len()) {
                    Some((prefix, encoded)) if prefix.eq_ignore_ascii_case(PREFIX) => {
                        decode_to_string(encoded).map(Cow::Owned)
                    }
                    _ => Some(Cow::Borrowed(label)),
                });
            let labels: Option<Vec<Cow<'_, str>>> = labels.collect();
            labels.unwrap_or_default().join(".")
        })
    },
};
