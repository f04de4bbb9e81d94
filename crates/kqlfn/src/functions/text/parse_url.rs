//! `parse_url`.

use super::parse_urlquery::write_parameters;
use crate::dynamic::Writer;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "parse_url",
    aliases: &["parseurl"],
    signatures: &["(url:string) -> dynamic"],
    tuple: &[],
    summary: "The parts of a URL.",
    notes: "Without a scheme all before the query is the path. Nothing is decoded; for that there is `url_decode`.",
    examples: &[
        (
            "parse_url('scheme://username:password@host:1234/this/is/a/path?k1=v1&k2=v2#fragment')",
            "dynamic({\"Scheme\":\"scheme\",\"Host\":\"host\",\"Port\":\"1234\",\"Path\":\"/this/is/a/path\",\"Username\":\"username\",\"Password\":\"password\",\"Query Parameters\":{\"k1\":\"v1\",\"k2\":\"v2\"},\"Fragment\":\"fragment\"})",
        ),
        (
            "parse_url('https://[::1]/')",
            "dynamic({\"Scheme\":\"https\",\"Host\":\"[::1]\",\"Port\":\"\",\"Path\":\"/\",\"Username\":\"\",\"Password\":\"\",\"Query Parameters\":{},\"Fragment\":\"\"})",
        ),
        (
            "parse_url('bing.com')",
            "dynamic({\"Scheme\":\"\",\"Host\":\"\",\"Port\":\"\",\"Path\":\"bing.com\",\"Username\":\"\",\"Password\":\"\",\"Query Parameters\":{},\"Fragment\":\"\"})",
        ),
    ],
    kernel: |call| call.dynamics(|row, writer| write_parts(&call.text(0, row), writer)),
};

fn write_parts(url: &str, writer: &mut Writer) {
    let (rest, fragment) = url.split_once('#').unwrap_or((url, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (scheme, rest) = match rest.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) => (scheme, rest),
        _ => ("", rest),
    };
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        None => ("", rest),
    };
    let (user, place) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    // The colons of an address of IP version 6 stand in brackets.
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (place, ""),
    };
    writer.bag(|members| {
        for (key, value) in [
            ("Scheme", scheme),
            ("Host", host),
            ("Port", port),
            ("Path", path),
            ("Username", name),
            ("Password", password),
        ] {
            members.push(key, |writer| writer.string(value));
        }
        members.push("Query Parameters", |writer| write_parameters(query, writer));
        members.push("Fragment", |writer| writer.string(fragment));
    });
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}
