//! `parse_xml`.

use super::xml;
use crate::function::Function;

/// The longest text, in bytes; Kusto's own limit.
const TEXT_BYTES_MAX: usize = 1_048_576;

pub(super) const FUNCTION: Function = Function {
    name: "parse_xml",
    aliases: &[],
    signatures: &["(xml_text:StringOrDynamic) -> dynamic"],
    tuple: &[],
    summary: "Reads a text as XML and gives a bag of its elements, attributes and texts.",
    notes: "Attributes are members with an `@` before their name, texts beside them `#text`; an element with nothing \
            but a text is that text. Elements of the same name make an array. Values are texts, without blanks around \
            them. CDATA, comments and instructions are passed over. What is no XML, and a text of more than 1 MiB, \
            gives null.",
    examples: &[
        ("parse_xml('<e/>')", "dynamic({\"e\": null})"),
        ("parse_xml('<e> text </e>')", "dynamic({\"e\": \"text\"})"),
        (
            "parse_xml('<e name=\"value\">text</e>')",
            "dynamic({\"e\": {\"@name\": \"value\", \"#text\": \"text\"}})",
        ),
        (
            "parse_xml('<?xml version=\"1.0\"?><e><a>1</a><b/><a>2 &lt; 3</a></e>')",
            "dynamic({\"e\": {\"a\": [\"1\", \"2 < 3\"], \"b\": null}})",
        ),
        (
            "parse_xml('<e>text<a>1</a></e>')",
            "dynamic({\"e\": {\"#text\": \"text\", \"a\": \"1\"}})",
        ),
        ("parse_xml('<e><a></e>')", "dynamic(null)"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            let text = call.text(0, row);
            if text.len() <= TEXT_BYTES_MAX
                && let Some(value) = xml::read(&text)
            {
                writer.raw(&value);
            }
        })
    },
};
