//! `punycode_domain_to_string`.

use idna::punycode::encode_str;

use crate::function::Function;

/// What parts labels: the full stop and its relatives in scripts of East Asia.
const DOTS: [char; 4] = ['.', '\u{3002}', '\u{ff0e}', '\u{ff61}'];

pub(super) const FUNCTION: Function = Function {
    name: "punycode_domain_to_string",
    aliases: &[],
    signatures: &["(string:string) -> string"],
    tuple: &[],
    summary: "The name of a domain with its labels in Punycode where they need it.",
    notes: "The case of letters stays as it is, and nothing is mapped or checked as IDNA would.",
    examples: &[
        (
            "punycode_domain_to_string('Lê Lợi。Thuận Thiên。com')",
            "'xn--L Li-gpa4517b.xn--Thun Thin-s4a7194f.com'",
        ),
        (
            "punycode_domain_to_string('Riðill｡Skáldskaparmál｡org')",
            "'xn--Riill-jta.xn--Skldskaparml-dbbj.org'",
        ),
        (
            "punycode_domain_to_string(\"Kaledvoulc'h.Artorījos.edu\")",
            "\"Kaledvoulc'h.xn--Artorjos-ejb.edu\"",
        ),
        ("punycode_domain_to_string('')", "''"),
    ],
    kernel: |call| {
        call.strings(|row| {
            let text = call.text(0, row);
            let labels = text.split(DOTS).map(|label| {
                if label.is_ascii() {
                    return Some(label.to_owned());
                }
                encode_str(label).map(|encoded| format!("xn--{encoded}"))
            });
            let labels: Option<Vec<String>> = labels.collect();
            labels.unwrap_or_default().join(".")
        })
    },
};
