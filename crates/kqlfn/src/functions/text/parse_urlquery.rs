//! `parse_urlquery`.

use crate::dynamic::Writer;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "parse_urlquery",
    aliases: &["parseurlquery"],
    signatures: &["(query:string) -> dynamic"],
    tuple: &[],
    summary: "The parameters in the query of a URL.",
    notes: "Nothing is decoded; for that there is `url_decode`.",
    examples: &[
        (
            "parse_urlquery('k1=v1&k2=v2&k3=v3')",
            "dynamic({\"Query Parameters\":{\"k1\":\"v1\",\"k2\":\"v2\",\"k3\":\"v3\"}})",
        ),
        (
            "parse_urlquery('a=1=2&b&c=%20')",
            "dynamic({\"Query Parameters\":{\"a\":\"1=2\",\"b\":\"\",\"c\":\"%20\"}})",
        ),
        ("parse_urlquery('')", "dynamic({\"Query Parameters\":{}})"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            let query = call.text(0, row);
            writer.bag(|members| {
                members.push("Query Parameters", |writer| write_parameters(&query, writer));
            });
        })
    },
};

/// A bag of the parameters in a query.
pub(super) fn write_parameters(query: &str, writer: &mut Writer) {
    writer.bag(|members| {
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            members.push(name, |writer| writer.string(value));
        }
    });
}
